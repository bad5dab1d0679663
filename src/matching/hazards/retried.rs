//! TM109: each attempt of a loop builds another one, as the last may be broken.
//!
//! `for _ in range(5): try: r = C(); r.ping(); return r`, `except ConnectionError: continue`. A loop
//! that only tries to build one is none: the shared one is there.

use super::detect::{Detected, Scene};
use super::follow::Use;
use crate::site::Reason;
use crate::syntax::ast::{AnyNodeRef, ExceptHandler, Stmt, StmtTry};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// The loop that builds another object where one has failed.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    if !used.builds() {
        return None;
    }
    let looped = scene.loop_around(used.node)?;
    let tree = scene.tree();
    let range = tree.node(used.node).range();
    let within = tree.ancestors(used.node).take_while(|&id| id != looped);
    let mut attempts = within.filter_map(|id| match tree.node(id) {
        AnyNodeRef::StmtTry(attempt) => Some((id, attempt)),
        _ => None,
    });
    attempts.find(|(id, attempt)| {
        attempt.body.iter().any(|statement| statement.range().contains_range(range))
            && ends_loop(attempt)
            && attempt.handlers.iter().any(goes_on)
            && is_used_in(scene, *id, attempt, used)
    })?;
    let said = format!(
        "is built anew by each attempt of the loop on line {}: the shared one would be the same \
         again",
        scene.line(looped)
    );
    Some(Detected::new(Reason::Identity, used, said))
}

/// Whether an attempt that succeeds is the last one.
fn ends_loop(attempt: &StmtTry) -> bool {
    let suites = [&attempt.body, &attempt.orelse].into_iter();
    suites
        .filter_map(|suite| suite.last())
        .any(|last| last.is_return_stmt() || last.is_break_stmt())
}

/// Whether the loop goes on after what this handles.
fn goes_on(handler: &ExceptHandler) -> bool {
    let ExceptHandler::ExceptHandler(handler) = handler;
    let last = handler.body.last();
    !last.is_some_and(|last| matches!(last, Stmt::Return(_) | Stmt::Raise(_) | Stmt::Break(_)))
}

/// Whether an attempt does something with the object that it has built.
fn is_used_in(scene: &Scene<'_>, id: NodeId, attempt: &StmtTry, used: Use) -> bool {
    let tree = scene.tree();
    let Some((first, last)) = attempt.body.first().zip(attempt.body.last()) else { return false };
    let body = TextRange::new(first.start(), last.end());
    let starts = scene.objects.starts_of(used.node);
    tree.inside(id).any(|(node, inside)| {
        body.contains_range(inside.range())
            && scene.objects.starts_of(node).iter().any(|start| starts.contains(start))
            && tree
                .parent(node)
                .is_some_and(|parent| matches!(tree.node(parent), AnyNodeRef::ExprAttribute(_)))
    })
}
