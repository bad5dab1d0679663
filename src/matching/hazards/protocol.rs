//! What objects of the file's classes give without a call of the method's name: `with service as r`,
//! `for r in service`, `service()`, `service["r"]`.

use super::flow;
use super::follow::{How, Key, Step};
use super::index::{Index, last_name};
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// The expressions that have the result of `method`, of a class of the file, by what Python does
/// with the class's objects; names that get it go into `steps`.
pub(super) fn results(
    index: &Index<'_>,
    method: NodeId,
    name: &str,
    steps: &mut Vec<(Key, Step)>,
) -> Vec<NodeId> {
    let tree = index.tree;
    let is_there = matches!(
        name,
        "__enter__" | "__aenter__" | "__call__" | "__getitem__" | "__next__" | "__anext__"
    );
    let class = index.class_around(method).filter(|_| is_there);
    let Some(class) = class else { return Vec::new() };
    let mut found = Vec::new();
    for object in index.instances(class) {
        let range = tree.node(object).range();
        let Some(parent) = tree.parent(object) else { continue };
        match (name, tree.node(parent)) {
            ("__enter__" | "__aenter__", AnyNodeRef::WithItem(_)) => {
                steps.extend(flow::entered(index, object));
            }
            // Ex) `stack.enter_context(service)`
            ("__enter__" | "__aenter__", AnyNodeRef::Arguments(_)) => {
                let call = tree.parent(parent).map(|id| (id, tree.node(id)));
                if let Some((id, AnyNodeRef::ExprCall(call))) = call
                    && last_name(&call.func).is_some_and(|name| name.starts_with("enter_"))
                {
                    found.push(id);
                }
            }
            ("__call__", AnyNodeRef::ExprCall(call)) if call.func.range() == range => {
                found.push(parent);
            }
            ("__getitem__", AnyNodeRef::ExprSubscript(one))
                if one.value.range() == range && one.ctx.is_load() =>
            {
                found.push(parent);
            }
            ("__next__" | "__anext__", AnyNodeRef::StmtFor(one)) if one.iter.range() == range => {
                flow::target(index, &one.target, How::Looped, steps);
            }
            _ => {}
        }
    }
    found
}

/// The objects that a loop goes through with the `__iter__` of their class: containers of what the
/// method yields.
pub(super) fn containers(index: &Index<'_>, method: NodeId) -> Vec<NodeId> {
    let AnyNodeRef::StmtFunctionDef(definition) = index.tree.node(method) else {
        return Vec::new();
    };
    let is_it = matches!(definition.name.as_str(), "__iter__" | "__aiter__");
    let class = index.class_around(method).filter(|_| is_it);
    class.map(|class| index.instances(class)).unwrap_or_default()
}
