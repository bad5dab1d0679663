//! Where the object is had that a function makes: its calls, also those that a framework does for
//! whoever asks for the result.

use super::flow;
use super::follow::{How, Key, Start, Step, What};
use super::index::Index;
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::chain::last_name;
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// What is given a function and gives its result to the parameter whose default it is.
const INJECTORS: [&str; 3] = ["Depends", "Security", "Provide"];

/// The call whose callee is `callee`.
pub(super) fn call_of(index: &Index<'_>, callee: NodeId) -> Option<NodeId> {
    let tree = index.tree;
    let range = tree.node(callee).range();
    let parent = tree.parent(callee)?;
    match tree.node(parent) {
        AnyNodeRef::ExprCall(call) if call.func.range() == range => Some(parent),
        // Ex) `def route(manager=Depends(get_manager))`
        AnyNodeRef::Arguments(_) => {
            let call = tree.parent(parent)?;
            let is_injector = matches!(tree.node(call), AnyNodeRef::ExprCall(call)
                if last_name(&call.func).is_some_and(|name| INJECTORS.contains(&name)));
            is_injector.then_some(call)
        }
        _ => None,
    }
}

/// The expressions that are the object of a start which is a function of another file; what else
/// gets it goes into `steps`.
pub(super) fn made(index: &Index<'_>, start: &Start, steps: &mut Vec<(Key, Step)>) -> Vec<NodeId> {
    let binding = index.binding_at(start.range);
    let callees: Vec<NodeId> = match binding {
        Some(binding) => {
            index.uses(binding).into_iter().filter_map(|id| index.name_node(id)).collect()
        }
        None => index.tree.expression_at(start.range).into_iter().collect(),
    };
    let calls = callees.into_iter().filter_map(|callee| call_of(index, callee));
    if start.what == What::Entered {
        for call in calls {
            steps.extend(flow::entered(index, call));
        }
        return Vec::new();
    }
    match binding {
        Some(binding) => {
            let name = index.analysis.names.text(index.analysis.names.binding(binding).name);
            let line = index.analysis.lines().position(start.range.start()).line;
            let step = Step { how: How::Returned(name.to_owned()), line };
            steps.push((Key::Called(binding), step));
            Vec::new()
        }
        None => calls.collect(),
    }
}
