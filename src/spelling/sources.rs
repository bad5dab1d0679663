//! The imports of a file by which a use got its meaning.

use crate::project::Analysis;
use crate::semantic::{BindingId, BindingKind, Names, Reference, ScopeId};

/// The import bindings from which a reference's name comes: its own, or those of the names that
/// it is an alias of. Star imports count where nothing else binds the name.
pub fn of(analysis: &Analysis, reference: &Reference) -> Vec<BindingId> {
    let mut found = Vec::new();
    collect(&analysis.names, reference, &mut found, 0);
    found.sort_unstable();
    found.dedup();
    found
}

/// Aliases of aliases are followed this far; each is a statement of the same file.
const MAX_ALIASES: u32 = 50;

fn collect(names: &Names, reference: &Reference, found: &mut Vec<BindingId>, depth: u32) {
    if depth > MAX_ALIASES {
        return;
    }
    let reach = names.reach(reference);
    for &id in &reach.bindings {
        match &names.binding(id).kind {
            BindingKind::Import { .. } | BindingKind::ImportFrom { .. } => found.push(id),
            BindingKind::Assignment { alias_of: Some(other), .. } => {
                collect(names, names.reference(*other), found, depth + 1);
            }
            _ => {}
        }
    }
    let is_global = reference.owner.is_none_or(|owner| owner == ScopeId::MODULE);
    if reach.bindings.is_empty() && is_global {
        found.extend(names.star_imports());
    }
}
