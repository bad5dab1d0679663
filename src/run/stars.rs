//! Which names of a module others use by `from module import *`.
//!
//! An import that is added to such a module is a new name in files that mention no class: it must
//! not be one that they use for something else, or that others get from them as something else.

use rustc_hash::FxHashSet;

use crate::fs::ProjectPath;
use crate::project::{Analysis, FileId, ModuleLookup, Project};
use crate::semantic::{BindingKind, ScopeId, Symbol};
use crate::transform::Transform;

/// The names under which the transforms may import something.
pub fn new_names(transforms: &[Transform]) -> Vec<String> {
    let mut names = Vec::new();
    for transform in transforms {
        for singleton in &transform.singletons {
            let name = &singleton.access.symbol().name;
            names.push(name.clone());
            names.extend(singleton.alias.alias_of(name));
        }
        for spec in &transform.rewrites {
            names.extend(spec.rewrite.after.imported.iter().map(|one| one.local.clone()));
        }
    }
    names.sort();
    names.dedup();
    names
}

/// The modules whose objects the transforms share.
pub fn homes(project: &Project<'_>, transforms: &[Transform]) -> Vec<FileId> {
    let singletons = transforms.iter().flat_map(|transform| &transform.singletons);
    let modules = singletons.map(|singleton| &singleton.access.symbol().module);
    modules.filter_map(|module| project.module(module, None).file()).collect()
}

/// For each module from which `files` import everything, those of `names` that must not be new in
/// it: the files use them, or have something else under them.
///
/// `homes` are the modules whose own objects the names are to be.
pub fn readers(
    project: &Project<'_>,
    files: &[ProjectPath],
    names: &[String],
    homes: &[FileId],
) -> FxHashSet<(FileId, String)> {
    let mut found = FxHashSet::default();
    for file in files.iter().filter_map(|path| project.file(path)) {
        let Ok(analysis) = project.analysis(file) else { continue };
        for name in names {
            let start = first_star_that_gives(analysis, name)
                .or_else(|| Sought { project, homes, name }.first_star_that_hides(file, analysis));
            let Some(start) = start else { continue };
            let mut open: Vec<FileId> = imported(project, file, analysis, start).collect();
            while let Some(module) = open.pop() {
                let Ok(analysis) = project.analysis(module) else { continue };
                let is_listed = analysis.names.dunder_all().exports(name) != Some(false);
                if is_listed && found.insert((module, name.clone())) {
                    open.extend(imported(project, module, analysis, 0));
                }
            }
        }
    }
    found
}

/// What modules have under a name.
struct Sought<'a> {
    project: &'a Project<'a>,
    homes: &'a [FileId],
    name: &'a str,
}

impl Sought<'_> {
    /// The first of the file's star imports that would take the name away from what others get by
    /// it from this file; `None` where it has nothing else of that name.
    fn first_star_that_hides(&self, file: FileId, analysis: &Analysis) -> Option<usize> {
        let Self { project, name, .. } = *self;
        if self.is_other(file, &mut FxHashSet::default()) {
            return first_star_after_own(analysis, name);
        }
        if symbol(analysis, name).is_some_and(|symbol| !symbol.bindings.is_empty()) {
            return None;
        }
        // "the submodule is bound to its parent's namespace": Python reference, 5.4.2
        if self.is_submodule(&ModuleLookup::File(file)) {
            return Some(0);
        }
        let mut modules = analysis.names.stars();
        let gives_other = |(level, module): (u32, &str)| {
            let module = project.imported_module(file, level, module).file();
            module.is_some_and(|module| {
                project.mentions(module, name)
                    && project.analysis(module).is_ok_and(|analysis| {
                        analysis.names.dunder_all().exports(name) != Some(false)
                    })
                    && self.is_other(module, &mut FxHashSet::default())
            })
        };
        modules.position(gives_other).map(|at| at + 1)
    }

    /// Whether a module binds the name to anything but the object that the transforms share.
    fn is_other(&self, file: FileId, seen: &mut FxHashSet<FileId>) -> bool {
        let Self { project, homes, name } = *self;
        if homes.contains(&file) || !seen.insert(file) {
            return false;
        }
        let Ok(analysis) = project.analysis(file) else { return false };
        let bindings = symbol(analysis, name).map_or(&[][..], |symbol| &symbol.bindings);
        bindings.iter().any(|&id| match &analysis.names.binding(id).kind {
            BindingKind::ImportFrom { level, module, member, .. } if member == name => {
                let module = project.imported_module(file, *level, module);
                let from = module.file();
                self.is_submodule(&module) || from.is_none_or(|from| self.is_other(from, seen))
            }
            kind => kind.gives_value(),
        })
    }

    fn is_submodule(&self, package: &ModuleLookup) -> bool {
        self.project.submodule(package, self.name).file().is_some()
    }
}

fn symbol<'a>(analysis: &'a Analysis, name: &str) -> Option<&'a Symbol> {
    let names = &analysis.names;
    names.symbol(ScopeId::MODULE, names.id(name)?)
}

/// The first star import below the last statement that binds `name` on all paths.
fn first_star_after_own(analysis: &Analysis, name: &str) -> Option<usize> {
    let names = &analysis.names;
    let own = symbol(analysis, name).and_then(|symbol| {
        let own = symbol.bindings.iter().map(|&id| names.binding(id));
        own.filter(|own| own.unconditional).map(|own| own.range.start()).max()
    });
    let stars = names.star_imports();
    stars.iter().position(|&star| own.is_none_or(|own| names.binding(star).range.start() > own))
}

/// The first of the file's star imports from which `name` may get its value in it; `None` where no
/// use of it can.
fn first_star_that_gives(analysis: &Analysis, name: &str) -> Option<usize> {
    let names = &analysis.names;
    let id = names.id(name)?;
    let is_used = names.references().any(|(_, reference)| {
        reference.name == id && reference.owner.is_none_or(|owner| owner == ScopeId::MODULE)
    });
    if !is_used {
        return None;
    }
    first_star_after_own(analysis, name)
}

/// The project's modules from which a file imports everything, from its star import `from` on.
fn imported<'a>(
    project: &'a Project<'_>,
    file: FileId,
    analysis: &'a Analysis,
    from: usize,
) -> impl Iterator<Item = FileId> + 'a {
    let stars = analysis.names.stars().skip(from);
    stars.filter_map(move |(level, module)| project.imported_module(file, level, module).file())
}
