//! Imports in functions, where one in the module would run too early.

use super::Held;
use super::spell::{Candidate, Speller, Wanted};
use crate::imports::Place;
use crate::semantic::{Binding, BindingId, ScopeId, ScopeKind};
use crate::site::Reason;

impl Speller<'_> {
    /// An import at the top of the function that the site is in.
    pub(super) fn in_function(
        &self,
        wanted: &Wanted<'_>,
        scope: ScopeId,
        sources: &[BindingId],
        today: Option<&str>,
        problem: String,
    ) -> Result<Candidate, Held> {
        let names = &self.analysis.names;
        let function = self.function_around(scope);
        // One that is called meanwhile is no way out.
        let function = function.filter(|&scope| self.cycle(wanted, scope, today).is_none());
        let Some(function) = function else {
            return Err(Held { reason: Reason::ImportCycle, message: problem });
        };
        let place = Place::Function { function: names.scope(function).node };
        Ok(Candidate {
            owner: function,
            places: vec![(self.module_ref(wanted, sources), place)],
            why: format!("in the function: {problem}"),
        })
    }

    /// The scope in which an import like this one gives code in `scope` its name: that in which it
    /// stands, whatever scope a `global` there gives its name to.
    pub(super) fn home(&self, import: &Binding, scope: ScopeId) -> ScopeId {
        if self.is_seen(import.written_in, scope) { import.written_in } else { import.scope }
    }

    /// The function around `scope`, where all imports of the old name run when functions are called
    /// that make it a name of the module, and in none that the scope is in.
    pub(super) fn lazy_function(&self, sources: &[BindingId], scope: ScopeId) -> Option<ScopeId> {
        let mut sources = sources.iter().map(|&id| self.analysis.names.binding(id)).peekable();
        sources.peek()?;
        let is_lazy = sources.all(|source| {
            source.written_in != source.scope && !self.is_seen(source.written_in, scope)
        });
        self.function_around(scope).filter(|_| is_lazy)
    }

    fn function_around(&self, scope: ScopeId) -> Option<ScopeId> {
        let names = &self.analysis.names;
        let mut around = names.scopes_around(scope);
        around.find(|&scope| names.scope(scope).kind == ScopeKind::Function)
    }
}
