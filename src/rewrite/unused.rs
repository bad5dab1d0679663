//! Local names that only replaced code read.
//!
//! The statement that gives such a name its value may do more than that, so it is not taken away;
//! left alone, linters find it (pyflakes: F841). A person has to look.

use rustc_hash::FxHashSet;

use super::decide::Decision;
use super::gone::Gone;
use crate::semantic::{BindingKind, NameId, Names, ScopeId, ScopeKind};
use crate::text::TextRange;

/// Holds the changes after which nobody would read a local name any more.
pub(super) fn hold(names: &Names, decisions: &mut [Decision]) {
    let gone = Gone::new(decisions);
    let mut seen: FxHashSet<(ScopeId, NameId)> = FxHashSet::default();
    let mut held: Vec<(TextRange, String)> = Vec::new();
    for (_, reference) in names.references() {
        let Some(owner) = reference.owner.filter(|&owner| is_function(names, owner)) else {
            continue;
        };
        if !gone.takes(reference.range) || !seen.insert((owner, reference.name)) {
            continue;
        }
        let all = names.references_to(owner, reference.name).iter();
        let ranges = all.map(|&id| names.reference(id).range);
        let is_read = ranges.clone().any(|range| !gone.takes(range));
        if is_assigned(names, owner, reference.name) && !is_read {
            let name = names.text(reference.name);
            let message =
                format!("nothing would read `{name}` any more: take it out of here by hand first");
            held.extend(ranges.map(|range| (range, message.clone())));
        }
    }
    for (range, message) in held {
        for decision in decisions.iter_mut().filter(|decision| decision.takes(range)) {
            decision.hold(message.clone());
        }
    }
}

fn is_function(names: &Names, scope: ScopeId) -> bool {
    matches!(names.scope(scope).kind, ScopeKind::Function | ScopeKind::Lambda)
}

/// Whether an assignment gives the name its value: nobody misses a parameter that is not read.
fn is_assigned(names: &Names, owner: ScopeId, name: NameId) -> bool {
    let bindings = names.symbol(owner, name).map_or(&[][..], |symbol| &symbol.bindings);
    let mut kinds = bindings.iter().map(|&id| &names.binding(id).kind);
    kinds.any(|kind| {
        matches!(
            kind,
            BindingKind::Assignment { .. } | BindingKind::WithTarget | BindingKind::ExceptTarget
        )
    })
}
