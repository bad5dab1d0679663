//! Tasks of coroutines under names: `task = group.create_task(make())`, and then `task.result()`.

use super::index::{Index, last_name};
use crate::semantic::BindingKind;
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// The call of `task.result()`, where `attribute` reads that from a task that `node` is.
pub(super) fn result(index: &Index<'_>, node: NodeId, attribute: NodeId) -> Option<NodeId> {
    let tree = index.tree;
    let AnyNodeRef::ExprAttribute(read) = tree.node(attribute) else { return None };
    let call = tree.parent(attribute).filter(|_| read.attr.as_str() == "result")?;
    let is_called =
        tree.node(call).as_expr_call().is_some_and(|call| call.func.range() == read.range);
    let names = &index.analysis.names;
    let is_task = |range: TextRange| {
        let made = tree.expression_at(range).map(|id| tree.node(id));
        let made = made.as_ref().and_then(AnyNodeRef::as_expr_call);
        made.and_then(|call| last_name(&call.func)).is_some_and(makes_task)
    };
    let reference = index.reference_at(tree.node(node).range())?;
    let mut values =
        names.reach(names.reference(reference)).bindings.into_iter().filter_map(|binding| {
            match &names.binding(binding).kind {
                BindingKind::Assignment { value, .. } => *value,
                _ => None,
            }
        });
    (is_called && values.any(is_task)).then_some(call)
}

/// Whether a function or method makes a task of a coroutine, whose `result()` is what that returns.
fn makes_task(function: &str) -> bool {
    matches!(function, "create_task" | "ensure_future")
}
