//! Modules as things that names lead to, and what their star imports may bring.

use super::{Origin, Resolver};
use crate::project::{Analysis, FileId, ModuleLookup};
use crate::semantic::{BindingId, BindingKind};

impl Resolver<'_, '_> {
    /// What the dotted name of a module leads to.
    pub fn module_origin(&self, dotted: &str) -> Origin {
        match self.project().module(dotted, None) {
            ModuleLookup::Missing => Origin::External(dotted.to_owned()),
            found => Origin::Module(found),
        }
    }

    /// Whether a star import of `file` may bring `name`.
    pub fn star_may_bring(
        &self,
        file: FileId,
        analysis: &Analysis,
        star: BindingId,
        name: &str,
    ) -> bool {
        let BindingKind::StarImport { level, module } = &analysis.names.binding(star).kind else {
            return false;
        };
        let found = self.project().imported_module(file, *level, module);
        let ModuleLookup::File(target) = found else { return true };
        let Ok(analysis) = self.project().analysis(target) else { return true };
        let names = &analysis.names;
        if names.dunder_all().exports(name) == Some(false) {
            return false;
        }
        let is_bound = names.id(name).is_some_and(|id| !names.at_exit(id).bindings.is_empty());
        is_bound || !names.star_imports().is_empty()
    }
}
