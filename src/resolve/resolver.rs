//! Follows names from file to file.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::trail::{Hop, Trail};
use super::{Origin, Resolution, Step, SymbolId, imports_graph};
use crate::project::{Analysis, FileId, ModuleLookup, Project};
use crate::semantic::{Binding, BindingId, BindingKind, BindingList, Reference, ScopeId};

/// Follows names.
pub struct Resolver<'p, 't> {
    project: &'p Project<'t>,
    /// Names that others use by a star import of the module.
    star_readers: Arc<FxHashSet<(FileId, String)>>,
    pub(super) imports: Arc<imports_graph::Known>,
}

impl<'p, 't> Resolver<'p, 't> {
    /// A resolver for the files of `project`.
    pub fn new(project: &'p Project<'t>) -> Self {
        Self { project, star_readers: Arc::default(), imports: Arc::default() }
    }

    /// The same, with the names that others use by a star import of the modules that have them, or
    /// would if they had.
    #[must_use]
    pub fn with_star_readers(self, star_readers: FxHashSet<(FileId, String)>) -> Self {
        Self { star_readers: Arc::new(star_readers), ..self }
    }

    /// The same for a project that differs in what is in its files.
    #[must_use]
    pub fn over<'q>(&self, project: &'q Project<'t>) -> Resolver<'q, 't> {
        Resolver { project, star_readers: Arc::clone(&self.star_readers), imports: Arc::default() }
    }

    /// The same for a project that is the same, seen with an analysis that it does not keep.
    #[must_use]
    pub fn seen_from<'q>(&self, project: &'q Project<'t>) -> Resolver<'q, 't> {
        Resolver { imports: Arc::clone(&self.imports), ..self.over(project) }
    }

    /// Whether another file uses `name` and would get it from `file` by a star import.
    pub fn is_read_by_star(&self, file: FileId, name: &str) -> bool {
        !self.star_readers.is_empty() && self.star_readers.contains(&(file, name.to_owned()))
    }

    /// The project.
    pub fn project(&self) -> &'p Project<'t> {
        self.project
    }

    /// A module that can be read.
    pub(super) fn analysis(&self, file: FileId) -> Option<&'p Analysis> {
        self.project.analysis(file).ok().map(|analysis| &**analysis)
    }

    /// What `name` of the module `dotted` leads to, as an importer without a place of its own
    /// would find it.
    pub fn symbol(&self, dotted: &str, name: &str) -> Resolution {
        let module = self.project.module(dotted, None);
        let mut trail = Trail::default();
        self.member(&module, dotted, name, &mut trail)
    }

    /// What a binding of a file leads to, and the names of other modules that the chains went
    /// through.
    pub fn binding(
        &self,
        file: FileId,
        analysis: &Analysis,
        binding: BindingId,
    ) -> (Resolution, Vec<Hop>) {
        let mut trail = Trail::default();
        let resolution = self.follow_binding(file, analysis, binding, &mut trail);
        trail.hops.retain(|hop| hop.file != file);
        (resolution, trail.hops)
    }

    /// What a reference's name leads to, and then what each of its attributes leads to: one
    /// resolution for `a`, one for `a.b`, one for `a.b.c`.
    ///
    /// `hops` collects the names of other modules that the chains went through.
    pub fn reference(
        &self,
        file: FileId,
        analysis: &Analysis,
        reference: &Reference,
        hops: &mut Vec<Hop>,
    ) -> Vec<Resolution> {
        let mut trail = Trail::default();
        let prefixes = self.follow_reference(file, analysis, reference, &mut trail);
        hops.extend(trail.hops.into_iter().filter(|hop| hop.file != file));
        prefixes
    }

    /// What `name` of a module is.
    pub fn attribute_of(&self, module: &ModuleLookup, name: &str) -> Resolution {
        self.member(module, "", name, &mut Trail::default())
    }

    /// The same, with the names of modules that the chains went through.
    pub fn attribute_by(&self, module: &ModuleLookup, name: &str) -> (Resolution, Vec<Hop>) {
        let mut trail = Trail::default();
        let found = self.member(module, "", name, &mut trail);
        (found, trail.hops)
    }

    /// Whether `found` is `wanted`, or that and `None` where its own module may say `None`: whoever
    /// shares the object takes that for it.
    pub fn leads_to(&self, found: &Resolution, wanted: &Origin) -> bool {
        const NONE: Origin = Origin::Local("None");
        let others = found.origins.iter().map(|(origin, _)| origin).filter(|one| *one != wanted);
        let is_none_alone = || others.clone().all(|other| *other == NONE);
        let may_say_none = || match wanted {
            Origin::Symbol(SymbolId { file, name }) => {
                self.attribute_of(&ModuleLookup::File(*file), name).may_be(&NONE)
            }
            _ => false,
        };
        found.is(wanted) || found.may_be(wanted) && is_none_alone() && may_say_none()
    }

    /// What `name` of each thing that `of` may be is.
    pub fn attribute_of_each(&self, of: &Resolution, name: &str) -> Resolution {
        self.attribute(of, name, &mut Trail::default())
    }

    fn follow_reference(
        &self,
        file: FileId,
        analysis: &Analysis,
        reference: &Reference,
        trail: &mut Trail,
    ) -> Vec<Resolution> {
        let names = &analysis.names;
        let mut root = Resolution::default();
        let reach = names.reach(reference);
        for &binding in &reach.bindings {
            root.extend(self.follow_binding(file, analysis, binding, trail), None);
        }
        root.may_be_unbound |= reach.may_be_unbound;
        self.add_stars(file, analysis, reference, &mut root, trail);
        let mut prefixes = vec![root];
        // `import a.b` and `import a.c` both bind `a`: the submodules are found from there.
        for &attribute in &reference.attributes {
            let Some(before) = prefixes.last() else { break };
            let next = self.attribute(before, names.text(attribute), trail);
            prefixes.push(next);
        }
        prefixes
    }

    /// Adds what the file's star imports may give a name that nothing else surely gives.
    fn add_stars(
        &self,
        file: FileId,
        analysis: &Analysis,
        reference: &Reference,
        root: &mut Resolution,
        trail: &mut Trail,
    ) {
        let names = &analysis.names;
        let is_global = reference.owner.is_none_or(|owner| owner == ScopeId::MODULE);
        if !is_global || names.star_imports().is_empty() {
            return;
        }
        let name = names.text(reference.name);
        let last = names.symbol(ScopeId::MODULE, reference.name).and_then(|symbol| {
            symbol
                .bindings
                .iter()
                .map(|&id| names.binding(id).range)
                .max_by_key(|range| range.start())
        });
        for &star in names.star_imports() {
            let binding = names.binding(star);
            let BindingKind::StarImport { level, module } = &binding.kind else { continue };
            // A star import before the name's own last binding is overruled by it.
            let is_overruled = !root.may_be_unbound
                && last.is_some_and(|last| last.start() > binding.range.start());
            if is_overruled {
                continue;
            }
            let found = self.star(file, *level, module, name, trail);
            if !found.origins.is_empty() {
                root.may_be_unbound = false;
            }
            root.extend(found, Some(step(file, binding)));
        }
    }

    fn follow_binding(
        &self,
        file: FileId,
        analysis: &Analysis,
        id: BindingId,
        trail: &mut Trail,
    ) -> Resolution {
        let names = &analysis.names;
        let binding = names.binding(id);
        let step = step(file, binding);
        let mut resolution = Resolution::default();
        match &binding.kind {
            BindingKind::Import { module, renamed, .. } => {
                let found = self.import(file, module, *renamed);
                resolution.add(found, vec![step]);
            }
            BindingKind::ImportFrom { level, module, member, .. } => {
                let found = self.import_from(file, *level, module, member, trail);
                resolution.extend(found, Some(step));
            }
            BindingKind::Assignment { alias_of: Some(reference), .. } => {
                let hop = Hop { file, name: format!("#{id:?}") };
                if trail.is_loop(&hop) {
                    return resolution;
                }
                if trail.is_too_long() {
                    let name = names.text(binding.name);
                    let why = format!("there are too many aliases between it and `{name}`");
                    resolution.add(Origin::Unknown(why), vec![step]);
                    return resolution;
                }
                trail.visited.push(hop);
                let reference = names.reference(*reference);
                let prefixes = self.follow_reference(file, analysis, reference, trail);
                trail.visited.pop();
                let last = prefixes.into_iter().next_back().unwrap_or_default();
                // A name that no scope binds is one of Python's own.
                // Ex) `except ImportError: RedisManager = object`
                if reference.owner.is_none() && last.origins.is_empty() {
                    let builtin = names.text(reference.name);
                    let attributes = reference.attributes.iter().map(|&name| names.text(name));
                    let dotted: Vec<&str> =
                        ["builtins", builtin].into_iter().chain(attributes).collect();
                    resolution.add(Origin::External(dotted.join(".")), vec![step]);
                } else {
                    resolution.extend(last, Some(step));
                }
            }
            BindingKind::Assignment { is_none: true, .. } => {
                resolution.add(Origin::Local("None"), vec![step]);
            }
            kind if binding.scope == ScopeId::MODULE => {
                let name = names.text(binding.name).to_owned();
                let origin = match kind {
                    BindingKind::LoopTarget => Origin::Local("the target of a loop"),
                    _ => Origin::Symbol(SymbolId { file, name }),
                };
                resolution.add(origin, vec![step]);
            }
            kind => resolution.add(Origin::Local(described(kind)), vec![step]),
        }
        resolution
    }

    fn import(&self, file: FileId, module: &str, renamed: bool) -> Origin {
        let first = module.split('.').next().unwrap_or(module);
        let bound = if renamed { module } else { first };
        match self.project.module(bound, Some(file)) {
            ModuleLookup::Missing => Origin::External(bound.to_owned()),
            found => Origin::Module(found),
        }
    }

    fn import_from(
        &self,
        file: FileId,
        level: u32,
        module: &str,
        member: &str,
        trail: &mut Trail,
    ) -> Resolution {
        let found = self.project.imported_module(file, level, module);
        if found == ModuleLookup::Missing && level > 0 {
            let mut resolution = Resolution::default();
            let origin = match self.project.absolute_name(file, level, module) {
                Some(absolute) => Origin::External(format!("{absolute}.{member}")),
                None => Origin::Broken(format!("no module `{}{module}`", dots(level))),
            };
            resolution.add(origin, Vec::new());
            return resolution;
        }
        self.member(&found, module, member, trail)
    }

    /// `name` of a module, as `from module import name` finds it: the module's own name first,
    /// then a submodule (Python reference, section 7.11).
    fn member(
        &self,
        module: &ModuleLookup,
        dotted: &str,
        name: &str,
        trail: &mut Trail,
    ) -> Resolution {
        let mut resolution = Resolution::default();
        match module {
            ModuleLookup::File(file) => {
                return self.module_member(*file, name, trail);
            }
            ModuleLookup::Namespace(_) => match self.project.submodule(module, name) {
                ModuleLookup::Missing => {
                    let why = format!("`{dotted}` has no module `{name}`");
                    resolution.add(Origin::Broken(why), Vec::new());
                }
                found => resolution.add(Origin::Module(found), Vec::new()),
            },
            ModuleLookup::Ambiguous(one, two) => {
                let (one, two) = (self.project.path(*one), self.project.path(*two));
                let why = format!("both {one} and {two} are the module `{dotted}`");
                resolution.add(Origin::Unknown(why), Vec::new());
            }
            ModuleLookup::Missing => {
                resolution.add(Origin::External(format!("{dotted}.{name}")), Vec::new());
            }
        }
        resolution
    }

    pub(super) fn module_member(&self, file: FileId, name: &str, trail: &mut Trail) -> Resolution {
        let hop = Hop { file, name: name.to_owned() };
        if let Some(known) = trail.known.get(&hop) {
            return known.clone();
        }
        let mut resolution = Resolution::default();
        if trail.is_loop(&hop) {
            // A loop of re-exports gives the name no value, and an import that asks the package for
            // a name without one gets the submodule.
            // Ex) `from . import name` in the package's own `__init__`
            self.add_submodule(file, name, &mut resolution);
            return resolution;
        }
        if trail.is_too_long() {
            let why = format!("there are too many re-exports between it and `{name}`");
            resolution.add(Origin::Unknown(why), Vec::new());
            return resolution;
        }
        trail.followed += 1;
        trail.hops.push(hop.clone());
        let around = std::mem::take(&mut trail.depends_on);
        let depth = trail.visited.len();
        trail.visited.push(hop.clone());
        let found = self.found_in_module(file, name, trail);
        trail.visited.pop();
        // A loop back to what is above is another one, or none, on another way.
        let above = trail.depends_on.filter(|place| *place < depth);
        if above.is_none() {
            trail.known.insert(hop, found.clone());
        }
        trail.depends_on = around;
        trail.depend_on(above);
        found
    }

    /// What the module's own code and its star imports give the name.
    fn found_in_module(&self, file: FileId, name: &str, trail: &mut Trail) -> Resolution {
        let mut resolution = Resolution::default();
        let Some(analysis) = self.analysis(file) else {
            let why = format!("{} cannot be parsed", self.project.path(file));
            resolution.add(Origin::Unknown(why), Vec::new());
            return resolution;
        };
        let bindings = last_bindings(analysis, name);
        for &binding in &bindings {
            resolution.extend(self.follow_binding(file, analysis, binding, trail), None);
        }
        if bindings.is_empty() {
            self.add_submodule(file, name, &mut resolution);
        }
        if resolution.origins.is_empty() {
            let stars = analysis.names.stars().map(|(level, module)| (file, level, module));
            resolution = self.through_stars(stars.collect(), name, trail);
        }
        if resolution.origins.is_empty() {
            let path = self.project.path(file);
            // PEP 562
            let is_computed = !last_bindings(analysis, "__getattr__").is_empty();
            resolution.add(
                if is_computed {
                    Origin::Unknown(format!("`__getattr__` of {path} computes it"))
                } else {
                    Origin::Broken(format!("{path} does not define `{name}`"))
                },
                Vec::new(),
            );
        }
        resolution
    }

    fn add_submodule(&self, package: FileId, name: &str, resolution: &mut Resolution) {
        let found = self.project.submodule(&ModuleLookup::File(package), name);
        if found != ModuleLookup::Missing {
            resolution.add(Origin::Module(found), Vec::new());
        }
    }

    /// What `.name` of each origin is.
    fn attribute(&self, of: &Resolution, name: &str, trail: &mut Trail) -> Resolution {
        let mut resolution =
            Resolution { may_be_unbound: of.may_be_unbound, ..Resolution::default() };
        for (origin, steps) in &of.origins {
            let mut found = Resolution::default();
            match origin {
                Origin::Symbol(symbol) => {
                    let name = format!("{}.{name}", symbol.name);
                    let symbol = SymbolId { file: symbol.file, name };
                    found.add(Origin::Symbol(symbol), Vec::new());
                }
                Origin::Module(module) => found = self.member(module, "", name, trail),
                Origin::External(dotted) => {
                    found.add(Origin::External(format!("{dotted}.{name}")), Vec::new());
                }
                Origin::Local(_) => {
                    found.add(Origin::Local("an attribute of a value"), Vec::new());
                }
                Origin::Broken(_) | Origin::Unknown(_) => found.add(origin.clone(), Vec::new()),
            }
            for (origin, more) in found.origins {
                resolution.add(origin, steps.iter().copied().chain(more).collect());
            }
        }
        resolution
    }
}

/// The bindings that may give a module's name its value when the module has run.
pub(super) fn last_bindings(analysis: &Analysis, name: &str) -> BindingList {
    let names = &analysis.names;
    names.id(name).map(|name| names.at_exit(name).bindings).unwrap_or_default()
}

pub(super) fn dots(level: u32) -> String {
    ".".repeat(level as usize)
}

fn step(file: FileId, binding: &Binding) -> Step {
    Step { file, binding: binding.range, statement: binding.statement }
}

fn described(kind: &BindingKind) -> &'static str {
    match kind {
        BindingKind::LoopTarget => "the target of a loop",
        BindingKind::WithTarget => "the target of a `with`",
        BindingKind::ExceptTarget => "an exception",
        BindingKind::MatchCapture => "a capture of a pattern",
        BindingKind::Parameter => "a parameter",
        BindingKind::Function => "a function defined in a function or class",
        BindingKind::Class => "a class defined in a function or class",
        BindingKind::TypeAlias | BindingKind::TypeParameter => "a type",
        _ => "a value that the code computes",
    }
}
