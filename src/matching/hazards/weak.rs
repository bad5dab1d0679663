//! Containers that let their elements go: `WeakValueDictionary`, `WeakKeyDictionary`, `WeakSet`.
//!
//! An element of one is there as long as the object lives, and the shared one never dies.

use super::detect::Scene;
use super::index::{Index, last_name};
use crate::semantic::BindingKind;
use crate::syntax::ast::{AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// How the end of the object's life is watched by a container that gets it, if it is.
pub(super) fn watched(scene: &Scene<'_>, object: NodeId) -> Option<String> {
    let tree = scene.tree();
    let range = tree.node(object).range();
    let parent = tree.parent(object)?;
    let (node, container, kind) = match tree.node(parent) {
        // Ex) `weak["a"] = r`
        AnyNodeRef::StmtAssign(assign) if assign.value.range() == range => {
            let mut targets = assign.targets.iter().filter_map(Expr::as_subscript_expr);
            (parent, &*targets.next()?.value, "WeakValueDictionary")
        }
        // Ex) `weak[r] = "a"`
        AnyNodeRef::ExprSubscript(one) if one.ctx.is_store() && one.slice.range() == range => {
            (parent, &*one.value, "WeakKeyDictionary")
        }
        // Ex) `weak.add(r)`
        AnyNodeRef::Arguments(_) => {
            let (node, call) = scene.call_of_argument(object)?;
            let method = call.func.as_attribute_expr()?;
            let is_first = call.arguments.args.first().is_some_and(|one| one.range() == range);
            let kind = match (method.attr.as_str(), is_first) {
                ("add", true) => "WeakSet",
                ("setdefault", true) => "WeakKeyDictionary",
                ("setdefault", false) => "WeakValueDictionary",
                _ => return None,
            };
            (node, &*method.value, kind)
        }
        _ => return None,
    };
    if !is_a(scene.objects.index, container, kind) {
        return None;
    }
    let (line, quoted) = (scene.line(node), scene.quoted(node));
    Some(format!("has the end of its life watched on line {line}: {quoted}"))
}

/// Whether a container is of the class `kind`, by what it is assigned.
fn is_a(index: &Index<'_>, container: &Expr, kind: &str) -> bool {
    let tree = index.tree;
    let makes_it =
        |expr: &Expr| expr.as_call_expr().is_some_and(|call| last_name(&call.func) == Some(kind));
    let assigned = |id: NodeId| match tree.node(tree.parent(id)?) {
        AnyNodeRef::StmtAssign(assign) => Some(&*assign.value),
        AnyNodeRef::StmtAnnAssign(assign) => assign.value.as_deref(),
        _ => None,
    };
    match container {
        Expr::Name(name) => {
            let names = &index.analysis.names;
            let Some(reference) = index.reference_at(name.range) else { return false };
            let bindings = names.reach(names.reference(reference)).bindings.into_iter();
            let bindings = bindings.map(|id| names.binding(id));
            let mut assignments =
                bindings.filter(|one| matches!(one.kind, BindingKind::Assignment { .. }));
            assignments.any(|one| {
                let value = tree.expression_at(one.range).and_then(assigned);
                value.is_some_and(makes_it)
            })
        }
        Expr::Attribute(_) => {
            let place = index.place_of(container);
            let nodes = place.map(|place| index.at_place(&place)).unwrap_or_default();
            nodes.into_iter().filter_map(assigned).any(makes_it)
        }
        expr => makes_it(expr),
    }
}
