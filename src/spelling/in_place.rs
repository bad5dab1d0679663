//! An import of one symbol that becomes the import of another, under the name that it has.

use super::blocks::is_at_top;
use super::{Speller, Wanted};
use crate::imports::{Import, ImportRequest, ModuleRef, Place};
use crate::semantic::{BindingId, BindingKind, ScopeId};

impl Speller<'_> {
    /// The imports that bring `wanted` as `local` where `binding` is; `None` where that would fail.
    ///
    /// The binding keeps its scope and its laziness; an import of the same module stays the same
    /// statement.
    pub fn in_place(
        &self,
        wanted: &Wanted<'_>,
        binding: BindingId,
        local: &str,
    ) -> Option<Vec<ImportRequest>> {
        let names = &self.analysis.names;
        let old = names.binding(binding);
        let BindingKind::ImportFrom { level, module, member, alias } = &old.kind else {
            return None;
        };
        if !old.typing_only && self.cycle(wanted, old.scope, None).is_some() {
            return None;
        }
        // `import C as C` says that the name is there for others.
        let is_explicit = member == names.text(old.name) && *alias != old.range;
        let alias_name = (is_explicit || local != wanted.name).then(|| local.to_owned());
        let from = self.resolver.project().imported_module(self.file, *level, module);
        let (module, place) = if self.offers(&from, module, *level, wanted) {
            let module = ModuleRef { level: *level, name: module.clone() };
            (module, Place::Statement { statement: old.statement, replaces: Some(*alias) })
        } else {
            let module = self.module_ref(wanted, &[binding]);
            let is_plain = old.scope == ScopeId::MODULE
                && old.written_in == ScopeId::MODULE
                && is_at_top(self.analysis, old.statement);
            let place = if is_plain {
                let instead_of = Some(old.statement);
                Place::Module { first_use: Some(old.statement.end()), instead_of }
            } else {
                Place::Beside { statement: old.statement, replaces_it: false }
            };
            (module, place)
        };
        let import = Import::From { module, member: wanted.name.to_owned(), alias: alias_name };
        Some(vec![ImportRequest { import, place }])
    }
}
