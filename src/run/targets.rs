//! Transforms as targets: what their symbols are in this project.

use std::sync::Arc;

use super::Request;
use super::fitness::{Unfit, unfit};
use crate::config::{Document, Problem, Problems};
use crate::matching::{Access, Target, Targets, hazards};
use crate::project::{Absent, Analysis, FileId, ModuleLookup};
use crate::resolve::{Origin, Resolution, Resolver, SymbolId};
use crate::semantic::{Binding, BindingKind, ScopeId};
use crate::text::TextRange;
use crate::text::encoding::searchable;
use crate::transform::{self, ArgumentPolicy, Singleton, SymbolName, Transform};

/// A transform that does not fit the project.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The module is there and has no such name, or the package has no such module.
    #[error("transform `{transform}`: `{symbol}` is not there: {why}")]
    Missing {
        /// The transform.
        transform: String,
        /// The symbol.
        symbol: String,
        /// What was found instead.
        why: String,
    },
    /// Only running the module would tell.
    #[error("transform `{transform}`: what `{symbol}` is cannot be told: {why}")]
    Unclear {
        /// The transform.
        transform: String,
        /// The symbol.
        symbol: String,
        /// Why.
        why: String,
    },
    /// The symbol leads to more than one thing.
    #[error("transform `{transform}`: `{symbol}` is ambiguous: {why}")]
    Ambiguous {
        /// The transform.
        transform: String,
        /// The symbol.
        symbol: String,
        /// What it may be.
        why: String,
    },
    /// The class and the shared object are the same thing.
    #[error("transform `{transform}`: `{class}` and `{shared}` are the same object")]
    Same {
        /// The transform.
        transform: String,
        /// The class.
        class: String,
        /// The shared object.
        shared: String,
    },
    /// The shared object is `None` when modules import it.
    #[error(
        "transform `{transform}`: {path}:{line} sets `{symbol}` to `None`, and a module that \
         imports the name keeps that; give a `factory` instead"
    )]
    NoneWhenImported {
        /// The transform.
        transform: String,
        /// The shared object.
        symbol: String,
        /// The file that defines it.
        path: String,
        /// The line.
        line: u32,
    },
    /// The project has the symbol, and it gives no object in the way that the transform says.
    #[error("transform `{transform}`: `{symbol}` {}", unfit.why)]
    Unfit {
        /// The transform.
        transform: String,
        /// The shared object or the factory.
        symbol: String,
        /// Why not.
        unfit: Unfit,
    },
    /// No source root holds the module, and the configuration is strict.
    #[error("transform `{transform}`: no source root holds the module of `{symbol}`")]
    NoModule {
        /// The transform.
        transform: String,
        /// The symbol.
        symbol: String,
    },
}

impl TargetError {
    /// The error, shown at its place in the transform's file, with what to do about it.
    pub fn at(&self, document: &Arc<Document>, range: TextRange) -> Problem {
        self.helped(Problem::error(document, range, self.to_string()))
    }

    /// The same for an error whose place has been found.
    pub(super) fn helped(&self, problem: Problem) -> Problem {
        match self {
            Self::Missing { .. } => problem.help(
                "write it first, or name one that is there; a stub (`.pyi`) stands for a module \
                 that is built or generated",
            ),
            Self::Unclear { .. } => problem.help("name the module that defines it"),
            Self::Ambiguous { .. } => problem.help("name one that has a single definition"),
            Self::Same { .. } => problem.help("name two different objects"),
            Self::NoneWhenImported { .. } => problem,
            Self::Unfit { unfit, .. } => problem.help(unfit.help),
            Self::NoModule { .. } => problem.help(
                "list the folder that holds it in `source-roots`; for third-party code, take \
                 `strict` out of codemod.toml",
            ),
        }
    }

    /// The error for what a symbol leads to where that cannot be imported, or cannot be told.
    pub(super) fn of(transform: &str, symbol: &str, origin: &Origin) -> Option<Self> {
        let (transform, symbol) = (transform.to_owned(), symbol.to_owned());
        match origin {
            Origin::Broken(why) => Some(Self::Missing { transform, symbol, why: why.clone() }),
            Origin::Unknown(why) => Some(Self::Unclear { transform, symbol, why: why.clone() }),
            Origin::Local(what) => {
                Some(Self::Missing { transform, symbol, why: format!("it is {what}") })
            }
            Origin::Symbol(_) | Origin::Module(_) | Origin::External(_) => None,
        }
    }
}

/// What is said of a module that no source root holds, where that is no error.
pub(super) fn third_party(transform: &str, symbol: &str) -> String {
    format!(
        "transform `{transform}`: no source root holds the module of `{symbol}`; it is taken for \
         third-party code"
    )
}

/// Stops where the module of a symbol would have to be the project's, and is not there. Whether it
/// may be elsewhere, although the project has the package around it.
pub(super) fn may_be_elsewhere(
    resolver: &Resolver<'_, '_>,
    transform: &str,
    symbol: &str,
    module: &str,
) -> Result<bool, TargetError> {
    let project = resolver.project();
    if project.module(module, None) != ModuleLookup::Missing {
        return Ok(false);
    }
    let Absent::Nowhere { within, part } = project.absent(module) else {
        return Ok(project.absent(module) == Absent::Perhaps);
    };
    let path = project.path(within);
    let what = if path.is_init() { "the package of" } else { "the module" };
    let (transform, symbol) = (transform.to_owned(), symbol.to_owned());
    let why = format!("{what} {path} has no module `{part}`");
    Err(TargetError::Missing { transform, symbol, why })
}

/// The names that are searched for.
pub fn class_names(transforms: &[Transform]) -> Vec<String> {
    let mut names: Vec<String> = transforms
        .iter()
        .flat_map(|transform| &transform.singletons)
        .map(|singleton| singleton.class.name.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Finds what the transforms' symbols are, and what is odd about them.
///
/// # Errors
/// Every symbol that is not there, ambiguous, or cannot do what its transform wants of it.
pub fn resolve(
    resolver: &Resolver<'_, '_>,
    request: &Request<'_>,
) -> Result<(Targets, Vec<String>), Problems> {
    let mut targets = Targets::default();
    let (mut warnings, mut problems) = (Vec::new(), Vec::new());
    for transform in request.transforms {
        for singleton in &transform.singletons {
            let one = One { resolver, transform, request };
            match one.target(singleton, &mut warnings) {
                Ok(target) => targets.all.push(target),
                Err(problem) => problems.push(problem),
            }
        }
    }
    match super::rules::resolve(resolver, request, &mut warnings) {
        Ok(rules) => targets.rules = rules,
        Err(more) => problems.extend(more),
    }
    Problems::check(problems)?;
    Ok((targets, warnings))
}

struct One<'a> {
    resolver: &'a Resolver<'a, 'a>,
    transform: &'a Transform,
    request: &'a Request<'a>,
}

impl One<'_> {
    fn target(&self, singleton: &Singleton, warnings: &mut Vec<String>) -> Result<Target, Problem> {
        let at = |range| move |error: TargetError| error.at(&self.transform.document, range);
        let found = self.class(&singleton.class, warnings);
        let (class, class_alternatives) = found.map_err(at(singleton.class_range))?;
        let shared_name = singleton.access.symbol();
        let shared = self.shared(shared_name, warnings).map_err(at(singleton.access_range))?;
        if class == shared {
            let same = TargetError::Same {
                transform: self.transform.name.clone(),
                class: singleton.class.to_string(),
                shared: shared_name.to_string(),
            };
            return Err(at(singleton.access_range)(same));
        }
        let access = match &singleton.access {
            transform::Access::Instance(_) => Access::Instance,
            transform::Access::Factory(_) => Access::Factory,
        };
        if let Some(unfit) = unfit(self.resolver, &shared, access) {
            let (transform, symbol) = (self.transform.name.clone(), shared_name.to_string());
            return Err(at(singleton.access_range)(TargetError::Unfit {
                transform,
                symbol,
                unfit,
            }));
        }
        let shared_file = file_of(&shared);
        if access == Access::Instance {
            let checked = self.must_have_value(&shared, shared_name);
            checked.map_err(at(singleton.access_range))?;
            warnings.extend(self.may_be_missing(&shared));
            warnings.extend(self.may_be_none(&shared));
        }
        let module_file = self.resolver.project().module(&shared_name.module, None).file();
        let mut definitions: Vec<FileId> = file_of(&class).into_iter().chain(shared_file).collect();
        definitions.extend(module_file.filter(|_| shared_file.is_none()));
        definitions.sort_unstable();
        definitions.dedup();
        let (droppable_arguments, drops_all_arguments) = match &singleton.arguments {
            ArgumentPolicy::Hold => (Vec::new(), false),
            ArgumentPolicy::Drop(names) => (names.clone(), false),
            ArgumentPolicy::Ignore => (Vec::new(), true),
        };
        let facts = hazards::class::read(self.resolver, &class, &singleton.closes);
        let mut classes = vec![class.clone()];
        classes.extend(class_alternatives.iter().cloned());
        let shared_facts = hazards::shared::read(self.resolver, &classes, &shared);
        Ok(Target {
            facts,
            shared_facts,
            transform: self.transform.name.clone(),
            symbol: singleton.class.to_string(),
            class,
            class_alternatives,
            class_name: singleton.class.name.clone(),
            shared_module: shared_name.module.clone(),
            shared_name: shared_name.name.clone(),
            shared,
            shared_file: module_file,
            definitions,
            access,
            alias: singleton.alias.alias_of(&shared_name.name),
            closes: singleton.closes.clone(),
            droppable_arguments,
            drops_all_arguments,
            retargets_mocks: singleton.retarget_mocks,
        })
    }

    /// What names of the class lead to. A module may define it several times, for several
    /// circumstances; all of them are the class.
    fn class(
        &self,
        symbol: &SymbolName,
        warnings: &mut Vec<String>,
    ) -> Result<(Origin, Vec<Origin>), TargetError> {
        self.must_be_somewhere(symbol)?;
        let found = self.resolver.symbol(&symbol.module, &symbol.name);
        let is_class = |origin: &&Origin| matches!(origin, Origin::Symbol(_) | Origin::External(_));
        let all: Vec<Origin> =
            found.origins.iter().map(|(origin, _)| origin).filter(is_class).cloned().collect();
        match all.split_first() {
            Some((first, rest)) if !rest.is_empty() => Ok((first.clone(), rest.to_vec())),
            _ => Ok((self.origin(symbol, warnings)?, Vec::new())),
        }
    }

    /// What the shared object's name leads to.
    fn shared(
        &self,
        symbol: &SymbolName,
        warnings: &mut Vec<String>,
    ) -> Result<Origin, TargetError> {
        self.must_be_somewhere(symbol)?;
        self.origin(symbol, warnings)
    }

    /// Stops where the project would have to have the module of `symbol`, and has it not: the shared
    /// object's is going to be imported, and a class of which nothing is found is a slip of the pen.
    fn must_be_somewhere(&self, symbol: &SymbolName) -> Result<(), TargetError> {
        if !self.request.is_excerpt {
            let (transform, name) = (&self.transform.name, symbol.to_string());
            may_be_elsewhere(self.resolver, transform, &name, &symbol.module)?;
        }
        Ok(())
    }

    fn origin(
        &self,
        symbol: &SymbolName,
        warnings: &mut Vec<String>,
    ) -> Result<Origin, TargetError> {
        let transform = self.transform.name.clone();
        let found = self.resolver.symbol(&symbol.module, &symbol.name);
        let name = symbol.to_string();
        match found.certain() {
            Some(origin @ Origin::Symbol(_)) => Ok(origin.clone()),
            Some(origin @ Origin::External(_)) => {
                if self.request.strict {
                    return Err(TargetError::NoModule { transform, symbol: name });
                }
                warnings.push(third_party(&transform, &name));
                Ok(origin.clone())
            }
            Some(Origin::Local("None")) => Err(self.none(symbol)),
            Some(Origin::Module(_)) => {
                let why = "it is a module".to_owned();
                Err(TargetError::Missing { transform, symbol: name, why })
            }
            Some(other) => match TargetError::of(&transform, &name, other) {
                Some(error) => Err(error),
                None => Ok(other.clone()),
            },
            None => self.of_several(symbol, &found),
        }
    }

    fn of_several(&self, symbol: &SymbolName, found: &Resolution) -> Result<Origin, TargetError> {
        of_several(self.resolver, found, self.transform.name.clone(), &symbol.to_string())
    }

    /// Says so where the module gives the name a value on some paths only: to import it fails on the
    /// others.
    fn may_be_missing(&self, shared: &Origin) -> Option<String> {
        let Origin::Symbol(SymbolId { file, name }) = shared else { return None };
        let analysis = self.resolver.project().analysis(*file).ok()?;
        let first = analysis.names.on_some_paths_only(name)?;
        let start = analysis.names.binding(first).range.start();
        let (path, line) = (&analysis.source.path, analysis.lines().position(start).line);
        Some(format!(
            "transform `{}`: {path} gives `{name}` a value on some paths only, on line {line}; to \
             import it fails on the others",
            self.transform.name
        ))
    }

    /// Says so where the module leaves the name at `None` on some paths.
    fn may_be_none(&self, shared: &Origin) -> Option<String> {
        let Origin::Symbol(SymbolId { file, name }) = shared else { return None };
        let analysis = self.resolver.project().analysis(*file).ok()?;
        let none = left_by_module(analysis, name)?.into_iter().find(|left| is_none(left))?;
        let (path, line) =
            (&analysis.source.path, analysis.lines().position(none.range.start()).line);
        Some(format!(
            "transform `{}`: {path}:{line} leaves `{name}` at `None` on some paths; who imports it \
             then has no object",
            self.transform.name
        ))
    }

    /// `from module import name` takes the value that the name has when the module has run; one
    /// that is `None` until a function sets it stays `None` for the importer.
    fn must_have_value(&self, shared: &Origin, symbol: &SymbolName) -> Result<(), TargetError> {
        let Origin::Symbol(SymbolId { file, name }) = shared else { return Ok(()) };
        let Ok(analysis) = self.resolver.project().analysis(*file) else { return Ok(()) };
        let Some(left) = left_by_module(analysis, name) else { return Ok(()) };
        if left.into_iter().any(|left| !is_none(left)) { Ok(()) } else { Err(self.none(symbol)) }
    }

    fn none(&self, symbol: &SymbolName) -> TargetError {
        let (mut path, mut line) = (symbol.module.clone(), 1);
        if let ModuleLookup::File(file) = self.resolver.project().module(&symbol.module, None)
            && let Ok(analysis) = self.resolver.project().analysis(file)
        {
            path = analysis.source.path.to_slash();
            let names = &analysis.names;
            let first = names
                .id(&symbol.name)
                .and_then(|id| names.symbol(ScopeId::MODULE, id))
                .and_then(|symbol| symbol.bindings.first().copied());
            if let Some(first) = first {
                line = analysis.lines().position(names.binding(first).range.start()).line;
            }
        }
        TargetError::NoneWhenImported {
            transform: self.transform.name.clone(),
            symbol: symbol.to_string(),
            path,
            line,
        }
    }
}

/// What the module's own code leaves a name bound to, by one statement or another; `None` where it
/// has no such name.
fn left_by_module<'a>(analysis: &'a Analysis, name: &str) -> Option<Vec<&'a Binding>> {
    let names = &analysis.names;
    let left = names.at_exit(names.id(name)?).bindings;
    let left = left.iter().map(|&id| names.binding(id));
    Some(left.filter(|binding| binding.written_in == ScopeId::MODULE).collect())
}

fn is_none(binding: &Binding) -> bool {
    matches!(binding.kind, BindingKind::Assignment { is_none: true, .. })
}

fn file_of(origin: &Origin) -> Option<FileId> {
    match origin {
        Origin::Symbol(symbol) => Some(symbol.file),
        _ => None,
    }
}

/// A name that is `None` until it is set is what it is set to.
pub(super) fn of_several(
    resolver: &Resolver<'_, '_>,
    found: &Resolution,
    transform: String,
    symbol: &str,
) -> Result<Origin, TargetError> {
    let values: Vec<&Origin> = found
        .origins
        .iter()
        .map(|(origin, _)| origin)
        .filter(|origin| **origin != Origin::Local("None"))
        .collect();
    if let [origin] = values.as_slice() {
        return Ok((*origin).clone());
    }
    let last = found.origins.iter().filter_map(|(_, steps)| steps.last().copied());
    let steps = resolver.told(&last.collect::<Vec<_>>());
    let symbol = symbol.to_owned();
    if steps.is_empty() {
        let why = "its re-exports lead back to themselves".to_owned();
        return Err(TargetError::Missing { transform, symbol, why });
    }
    Err(TargetError::Ambiguous { transform, symbol, why: steps.join("; ") })
}

/// The transform and the symbol of the first target or rule whose name these bytes hold; of none
/// where there are no bytes. `None` where they hold the name of an audit's object only.
pub fn mentioned(targets: &Targets, bytes: &[u8]) -> Option<(String, String)> {
    let text = searchable(bytes);
    let holds = |name: &str| crate::text::contains(&text, name);
    let target = targets.all.iter().find(|target| holds(&target.class_name));
    let rule = || targets.rules.iter().find(|rule| holds(rule.key.text()));
    target
        .map(|target| (target.transform.clone(), target.symbol.clone()))
        .or_else(|| rule().map(|rule| (rule.transform.clone(), rule.symbol.clone())))
        .or_else(|| bytes.is_empty().then(Default::default))
}
