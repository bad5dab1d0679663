//! Code that does without what an import brings: a new import of the same must not stand outside
//! that care, nor in what is there for when it fails.
//!
//! Only names of other people's modules are asked about. What the project defines is there.

use super::{Held, Speller, Wanted};
use crate::semantic::{Binding, BindingId, BindingKind, ScopeId};
use crate::site::Reason;
use crate::syntax::ast::{AnyNodeRef, StmtTry};
use crate::text::{Ranged, slice};

impl Speller<'_> {
    /// Whether the file takes it for granted that the symbol can be imported.
    ///
    /// # Errors
    /// It imports the symbol under a `try`, or where a version is asked for, and goes on without it.
    pub(super) fn is_sure_to_be_there(&self, wanted: &Wanted<'_>) -> Result<(), Held> {
        let names = &self.analysis.names;
        if wanted.file.is_some() {
            return Ok(());
        }
        let is_guarded = |(id, binding): &(BindingId, &Binding)| {
            matches!(&binding.kind, BindingKind::ImportFrom { member, .. } if member == wanted.name)
                && self.resolver.binding(self.file, self.analysis, *id).0.is(wanted.origin)
                && !binding.typing_only
                && (self.is_tried(binding) || self.is_of_versions(binding))
                && self.has_another_way(binding)
        };
        let Some((_, binding)) = names.bindings().find(is_guarded) else { return Ok(()) };
        let line = self.analysis.lines().position(binding.range.start()).line;
        Err(Held {
            reason: Reason::NotRewritableHere,
            message: format!(
                "line {line} allows for `{}.{}` not being there",
                wanted.module, wanted.name
            ),
        })
    }

    /// Whether none of the imports is one of those for when another fails.
    ///
    /// # Errors
    /// One stands under an `except`.
    pub(super) fn is_no_fallback<'a>(
        &self,
        wanted: &Wanted<'_>,
        sources: impl IntoIterator<Item = &'a BindingId>,
    ) -> Result<(), Held> {
        if wanted.file.is_some() {
            return Ok(());
        }
        let mut sources = sources.into_iter().map(|&id| self.analysis.names.binding(id));
        let Some(source) = sources.find(|source| self.is_handler(source)) else { return Ok(()) };
        let line = self.analysis.lines().position(source.range.start()).line;
        Err(Held {
            reason: Reason::NotRewritableHere,
            message: format!(
                "the import on line {line} is there for when another fails, and `{}.{}` may not be \
                 there then",
                wanted.module, wanted.name
            ),
        })
    }

    /// Whether a statement stands in the body of a `try` that handles something.
    fn is_tried(&self, binding: &Binding) -> bool {
        let path = self.analysis.module.path_to(binding.statement);
        let in_body = |body: &StmtTry| {
            !body.handlers.is_empty()
                && body.body.iter().any(|one| one.range().contains_range(binding.statement))
        };
        path.iter().any(|node| matches!(node, AnyNodeRef::StmtTry(body) if in_body(body)))
    }

    /// Whether a statement runs with some versions only.
    ///
    /// Ex) `if sys.version_info >= (3, 11):`
    fn is_of_versions(&self, binding: &Binding) -> bool {
        let analysis = self.analysis;
        let path = analysis.module.path_to(binding.statement);
        let mut tests = path.iter().filter_map(|node| match node {
            AnyNodeRef::StmtIf(one) => Some(one.test.range()),
            AnyNodeRef::ElifElseClause(one) => one.test.as_ref().map(Ranged::range),
            _ => None,
        });
        tests.any(|test| slice(&analysis.source.text, test).contains("version"))
    }

    /// Whether a statement stands under an `except`.
    fn is_handler(&self, binding: &Binding) -> bool {
        let path = self.analysis.module.path_to(binding.statement);
        path.iter().any(|node| matches!(node, AnyNodeRef::ExceptHandlerExceptHandler(_)))
    }

    /// Whether the code goes on without the import.
    ///
    /// Ex) not where the handler raises something else
    fn has_another_way(&self, binding: &Binding) -> bool {
        let names = &self.analysis.names;
        let name = names.text(binding.name);
        binding.scope != ScopeId::MODULE
            || names.on_some_paths_only(name).is_some()
            || names.at_exit(binding.name).bindings.len() > 1
    }
}
