//! Tasks and futures: `task = group.create_task(make())`, and then `task.result()`;
//! `executor.submit(make).result()`.

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
    let is_made = |id: NodeId| match tree.node(id) {
        AnyNodeRef::ExprCall(call) => last_name(&call.func).is_some_and(makes_task),
        _ => false,
    };
    if is_made(node) {
        return is_called.then_some(call);
    }
    let is_task = |range: TextRange| tree.expression_at(range).is_some_and(is_made);
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

/// Whether a function or method makes a task of a coroutine, or a future of a function, whose
/// `result()` is what that returns.
fn makes_task(function: &str) -> bool {
    matches!(function, "create_task" | "ensure_future" | "submit" | "run_in_executor")
}
