//! Which modules have a symbol for those who ask them for it.
//!
//! A module that imports the symbol for its own code may stop doing so: what it does not offer is
//! taken from where it is defined. So each tier can be taken back without the others, whose files
//! lean on nothing that it put there.

use super::{Speller, Wanted};
use crate::project::{Analysis, FileId, ModuleLookup};
use crate::resolve::{Hop, Origin};
use crate::semantic::{BindingKind, ScopeId};

impl Speller<'_> {
    /// Whether `from module import name` gives the symbol.
    pub(super) fn offers(
        &self,
        from: &ModuleLookup,
        dotted: &str,
        level: u32,
        wanted: &Wanted<'_>,
    ) -> bool {
        match (from, wanted.origin) {
            (ModuleLookup::Missing, Origin::External(origin)) => {
                let absolute = self.resolver.project().absolute_name(self.file, level, dotted);
                absolute.is_some_and(|module| *origin == format!("{module}.{}", wanted.name))
            }
            (ModuleLookup::Missing, _) => false,
            _ => self.gives(from, wanted),
        }
    }

    /// Whether a module's attribute is the symbol, on every path through the modules that may only
    /// pass it on, and for others than themselves.
    pub(super) fn gives(&self, module: &ModuleLookup, wanted: &Wanted<'_>) -> bool {
        let may_be_missing = |file: FileId| {
            let analysis = self.resolver.project().analysis(file);
            analysis.is_ok_and(|it| it.names.on_some_paths_only(wanted.name).is_some())
        };
        let passed_on = module.file().filter(|&file| wanted.file != Some(file));
        let found = self.resolver.attribute_by(module, wanted.name);
        let is_its_own = |hop: &Hop| {
            let analysis = self.resolver.project().analysis(hop.file);
            wanted.file != Some(hop.file)
                && analysis.is_ok_and(|analysis| is_imported_for_itself(analysis, &hop.name))
        };
        wanted.is_met(self.resolver, &found)
            && !passed_on.is_some_and(may_be_missing)
            && !found.1.iter().any(is_its_own)
    }
}

/// Whether a module has a name by an import that its own code is in need of, and nothing says that
/// it is there for others, too.
fn is_imported_for_itself(analysis: &Analysis, text: &str) -> bool {
    let names = &analysis.names;
    let Some(name) = names.id(text) else { return false };
    if analysis.is_package() || names.dunder_all().lists(text) {
        return false;
    }
    let reach = names.at_exit(name).bindings;
    let is_quiet = |binding: &crate::semantic::Binding| match &binding.kind {
        // `import x as x` says that the name is there for others (PEP 484).
        BindingKind::ImportFrom { member, alias, .. } => member != text || *alias == binding.range,
        _ => false,
    };
    !reach.is_empty()
        && reach.iter().all(|&id| is_quiet(names.binding(id)))
        && !names.references_to(ScopeId::MODULE, name).is_empty()
}
