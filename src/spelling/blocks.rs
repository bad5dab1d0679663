//! Imports that stand in blocks, which may not run, or may be left because an import fails.

use super::Speller;
use crate::imports::Place;
use crate::project::Analysis;
use crate::semantic::{Binding, BindingId, ScopeId};
use crate::syntax::suite;
use crate::text::TextRange;

impl Speller<'_> {
    /// The imports of a name, where no one place has all of them behind it: they stand in several
    /// blocks, or in blocks of the module. What comes instead of the name stands beside each, and
    /// beside the star imports in blocks that may bring the name, too.
    pub(super) fn in_blocks(
        &self,
        sources: &[BindingId],
        owner: ScopeId,
    ) -> Option<Vec<(BindingId, &Binding)>> {
        let names = &self.analysis.names;
        let is_at_module_level = owner == ScopeId::MODULE;
        let mut sources = sources.to_vec();
        if is_at_module_level && let Some(&first) = sources.first() {
            let name = names.text(names.binding(first).name);
            let stars = names.star_imports().iter().filter(|&&star| {
                let binding = names.binding(star);
                !binding.typing_only
                    && !is_at_top(self.analysis, binding.statement)
                    && self.resolver.star_may_bring(self.file, self.analysis, star, name)
            });
            sources.extend(stars);
            sources.sort_unstable();
            sources.dedup();
        }
        let sources: Vec<_> = sources.iter().map(|&id| (id, names.binding(id))).collect();
        let may_stand_there = sources.iter().all(|(_, source)| {
            let is_own = source.written_in == owner;
            let is_apart = !is_at_module_level || !is_at_top(self.analysis, source.statement);
            is_own && is_apart && source.kind.is_import() && !source.typing_only
        });
        let least = if is_at_module_level { 1 } else { 2 };
        (may_stand_there && sources.len() >= least).then_some(sources)
    }
}

/// In the block of an import.
pub(super) fn beside(source: &Binding) -> Place {
    Place::Beside { statement: source.statement, replaces_it: false }
}

/// Whether a statement stands at the top level of the module, in no block.
pub(crate) fn is_at_top(analysis: &Analysis, statement: TextRange) -> bool {
    suite::of_statement(&analysis.module, statement)
        .is_some_and(|suite| suite.parent.is_mod_module())
}
