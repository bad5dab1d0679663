//! Which name of which module code reads for the shared object.

use crate::imports::{Import, ImportRequest, ModuleRef, Place};
use crate::matching::Target;
use crate::project::{Analysis, FileId, ModuleLookup};
use crate::resolve::{Origin, Resolver};
use crate::rewrite::{Change, Decision, Draft};
use crate::semantic::{BindingId, BindingKind, ScopeId, ScopeKind};

/// A name of a module that code looks up when it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    /// The module's file, where the project has it.
    pub(super) file: Option<FileId>,
    /// Its dotted name.
    pub(super) module: String,
    /// The name in it.
    pub(super) name: String,
}

/// What a rewritten site reads; `None` where that is not certain.
pub(super) fn of_decision(
    resolver: &Resolver<'_, '_>,
    target: Option<&Target>,
    draft: &Draft,
    decision: &Decision,
) -> Option<Read> {
    let change = decision.change.as_ref()?;
    let reader = Reader { resolver, target, file: draft.file, analysis: &draft.analysis };
    match (change.requests.as_slice(), change.uses.as_slice()) {
        ([request, ..], _) => reader.requested(request),
        ([], [binding, ..]) => reader.bound(*binding),
        ([], []) => reader.by_module(decision, change),
    }
}

/// What the code of a file that runs when functions are called reads today, with the lines.
pub(super) fn present(
    resolver: &Resolver<'_, '_>,
    target: &Target,
    file: FileId,
    analysis: &Analysis,
) -> Vec<(u32, Read)> {
    let reader = Reader { resolver, target: Some(target), file, analysis };
    let names = &analysis.names;
    let mut found = Vec::new();
    for (_, reference) in names.references() {
        if reference.in_string || !super::readers::runs_late(analysis, reference) {
            continue;
        }
        let line = || analysis.lines().position(reference.range.start()).line;
        let reach = names.reach(reference);
        let by_name = reach.bindings.iter().copied().find(|&id| {
            matches!(&names.binding(id).kind, BindingKind::ImportFrom { member, .. }
                if *member == target.shared_name)
                && resolver.binding(file, analysis, id).0.is(&target.shared)
        });
        if let Some(id) = by_name {
            found.extend(reader.bound(id).map(|read| (line(), read)));
            continue;
        }
        let is_attribute =
            |attribute: &crate::semantic::NameId| names.text(*attribute) == target.shared_name;
        if !reference.attributes.iter().any(is_attribute) {
            continue;
        }
        let prefixes = resolver.reference(file, analysis, reference, &mut Vec::new());
        for (depth, prefix) in prefixes.iter().enumerate().skip(1) {
            if prefix.is(&target.shared) {
                let holder = prefixes.get(depth - 1).and_then(|holder| holder.certain());
                let read = holder.and_then(|holder| reader.of_module(holder));
                found.extend(read.map(|read| (line(), read)));
                break;
            }
        }
    }
    found
}

struct Reader<'a> {
    resolver: &'a Resolver<'a, 'a>,
    target: Option<&'a Target>,
    file: FileId,
    analysis: &'a Analysis,
}

impl Reader<'_> {
    fn requested(&self, request: &ImportRequest) -> Option<Read> {
        let names = &self.analysis.names;
        let (module, member, alias) = match &request.import {
            Import::Module { name, alias: None } => return self.of_dotted(name),
            Import::Module { .. } => return None,
            Import::From { module, member, alias } => (module, member, alias),
        };
        let scope = match request.place {
            Place::Module { .. } => ScopeId::MODULE,
            Place::Statement { statement, .. } | Place::Beside { statement, .. } => {
                names.scope_at(statement.start())
            }
            Place::Function { .. } => return self.imported(module, member),
        };
        match names.scope(scope).kind {
            ScopeKind::Module => self.global(alias.as_ref().unwrap_or(member)),
            ScopeKind::Function => self.imported(module, member),
            _ => None,
        }
    }

    /// What a use of a binding of the file reads.
    fn bound(&self, id: BindingId) -> Option<Read> {
        let names = &self.analysis.names;
        let binding = names.binding(id);
        match (&binding.kind, names.scope(binding.scope).kind) {
            (_, ScopeKind::Module) => self.global(names.text(binding.name)),
            (BindingKind::ImportFrom { level, module, member, .. }, ScopeKind::Function) => {
                let module = ModuleRef { level: *level, name: module.clone() };
                self.imported(&module, member)
            }
            _ => None,
        }
    }

    /// `module.Class` that becomes `module.name`.
    fn by_module(&self, decision: &Decision, change: &Change) -> Option<Read> {
        let (reference, depth) = decision.reference.filter(|_| change.kept_reference.is_some())?;
        let reference = self.analysis.names.reference(reference);
        let prefixes =
            self.resolver.reference(self.file, self.analysis, reference, &mut Vec::new());
        let mut holders = prefixes.iter().take(depth).rev();
        holders.find_map(|holder| {
            let holder = holder.certain()?;
            let Origin::Module(module) = holder else { return None };
            let offered = self.resolver.attribute_of(module, &self.target?.shared_name);
            offered.is(&self.target?.shared).then(|| self.of_module(holder))?
        })
    }

    /// A global name of the file.
    fn global(&self, name: &str) -> Option<Read> {
        let module = self.resolver.project().module_name(self.file)?;
        Some(Read { file: Some(self.file), module, name: name.to_owned() })
    }

    /// A name that a function imports each time that it runs.
    fn imported(&self, module: &ModuleRef, member: &str) -> Option<Read> {
        let project = self.resolver.project();
        let found = project.imported_module(self.file, module.level, &module.name);
        let dotted = project.absolute_name(self.file, module.level, &module.name)?;
        let file = found.file();
        Some(Read { file, module: dotted, name: member.to_owned() })
    }

    /// The shared object's name in a module.
    fn of_module(&self, origin: &Origin) -> Option<Read> {
        let name = self.target?.shared_name.clone();
        match origin {
            Origin::Module(ModuleLookup::File(file)) => {
                let module = self.resolver.project().module_name(*file)?;
                Some(Read { file: Some(*file), module, name })
            }
            Origin::External(module) => Some(Read { file: None, module: module.clone(), name }),
            _ => None,
        }
    }

    fn of_dotted(&self, module: &str) -> Option<Read> {
        let found = self.resolver.project().module(module, Some(self.file));
        let file = found.file();
        let name = self.target?.shared_name.clone();
        Some(Read { file, module: module.to_owned(), name })
    }
}
