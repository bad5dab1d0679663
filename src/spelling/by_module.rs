//! A symbol by the module through which the old one came: `module.Old` becomes `module.name`.
//!
//! No name is imported for it; at most the module is.

use super::blocks::beside;
use super::spell::{Speller, Wanted};
use super::{Spelling, reuse};
use crate::imports::{Import, ImportRequest, Place};
use crate::project::ModuleLookup;
use crate::resolve::{Origin, Resolution};
use crate::semantic::{BindingKind, Reference, ScopeId, ScopeKind};
use crate::text::{TextRange, slice};

impl Speller<'_> {
    /// `module.Old` becomes `module.name`, where the module offers it.
    pub(super) fn by_module(
        &self,
        wanted: &Wanted<'_>,
        reference: &Reference,
        depth: usize,
    ) -> Option<Spelling> {
        let names = &self.analysis.names;
        let prefixes =
            self.resolver.reference(self.file, self.analysis, reference, &mut Vec::new());
        let before = (0..depth).rev().find(|&before| {
            prefixes.get(before).and_then(Resolution::certain).is_some_and(|holder| match holder {
                Origin::Module(module) => {
                    self.gives(module, wanted)
                        && (before + 1 == depth || self.is_exported(module, wanted.name))
                }
                Origin::External(dotted) => {
                    *dotted == wanted.module
                        && *wanted.origin == Origin::External(format!("{dotted}.{}", wanted.name))
                }
                _ => false,
            })
        })?;
        if wanted.is_deferred && !self.is_settled(reference) {
            return None;
        }
        if let Some(Origin::Module(ModuleLookup::File(from))) =
            prefixes.get(before).and_then(Resolution::certain)
        {
            let today = reference.attributes.get(before).map(|&old| names.text(old));
            if self.cycle_of(Some(*from), wanted, reference.scope, today).is_some() {
                return None;
            }
        }
        let prefix = slice(&self.analysis.source.text, self.prefix(reference, before)?);
        Some(Spelling {
            name: format!("{prefix}.{}", wanted.name),
            requests: Vec::new(),
            replaces_statement: None,
            keeps_reference: true,
            uses: None,
            why: vec![format!("`{prefix}` offers the shared object as well: no import changes")],
        })
    }

    /// Whether a package around the old symbol's module has the name for others: one that it
    /// imports for itself may go with the code that needs it.
    fn is_exported(&self, package: &ModuleLookup, name: &str) -> bool {
        let ModuleLookup::File(file) = package else { return true };
        self.resolver.project().analysis(*file).is_ok_and(|analysis| {
            let listed = analysis.names.dunder_all();
            !listed.defined || listed.exports(name) != Some(false)
        })
    }

    /// Whether the name means later, in a function around which its scope is, what it means now.
    fn is_settled(&self, reference: &Reference) -> bool {
        let names = &self.analysis.names;
        reference.owner.is_some_and(|owner| {
            let all = names.all(owner, reference.name, true).bindings;
            names.scope(owner).kind != ScopeKind::Class
                && all.iter().all(|id| names.reach(reference).bindings.contains(id))
        })
    }

    /// `a.old.Old` becomes `a.new.name` where `import a.old` brought it: `import a.new` binds the
    /// same name.
    pub(super) fn by_root(
        &self,
        wanted: &Wanted<'_>,
        reference: &Reference,
        depth: usize,
        site: TextRange,
    ) -> Option<Spelling> {
        let names = &self.analysis.names;
        let root = names.text(reference.name);
        if depth == 0 || wanted.module.split('.').next() != Some(root) {
            return None;
        }
        let reach = names.reach(reference);
        let owner = reference.owner?;
        let is_plain = !reach.bindings.is_empty()
            && reach.bindings.iter().all(|&id| {
                let binding = names.binding(id);
                binding.scope == owner
                    && !binding.typing_only
                    && matches!(binding.kind, BindingKind::Import { renamed: false, .. })
            });
        if !is_plain
            || !self.is_reached_by_names(wanted)
            || self.cycle(wanted, owner, None).is_some()
        {
            return None;
        }
        let first = names.binding(*reach.bindings.first()?);
        let places: Vec<Place> = match self.in_blocks(&reach.bindings, owner) {
            Some(sources) => sources.into_iter().map(|(_, source)| beside(source)).collect(),
            None if owner != ScopeId::MODULE => vec![beside(first)],
            None => {
                let runs_now = reuse::runs_within(names, reference.scope, ScopeId::MODULE);
                let first_use = runs_now.then(|| site.start());
                vec![Place::Module { first_use, instead_of: None }]
            }
        };
        let import = Import::Module { name: wanted.module.to_owned(), alias: None };
        let requests =
            places.into_iter().map(|place| ImportRequest { import: import.clone(), place });
        Some(Spelling {
            name: format!("{}.{}", wanted.module, wanted.name),
            requests: requests.collect(),
            replaces_statement: None,
            keeps_reference: false,
            uses: None,
            why: vec![format!("`{root}` was imported as a module, and so is the new one")],
        })
    }

    /// Whether the symbol's module is what its dotted name gives, attribute by attribute: a package
    /// may have a class of the name of its module.
    fn is_reached_by_names(&self, wanted: &Wanted<'_>) -> bool {
        if wanted.file.is_none() {
            return true;
        }
        let mut parts = wanted.module.split('.');
        let first = parts.next().unwrap_or_default();
        let mut module = self.resolver.project().module(first, Some(self.file));
        parts.all(|part| match self.resolver.attribute_of(&module, part).certain() {
            Some(Origin::Module(next)) => {
                module = next.clone();
                true
            }
            _ => false,
        })
    }
}
