//! Containers that are made of a container, and hold its elements: copies, joined ones, pairs with
//! other things.

use super::contained::{Slot, displayed, kept_in};
use super::follow::{Key, Step};
use super::functions::inside;
use super::index::{Index, last_name};
use super::vocabulary;
use crate::syntax::ast::{self, AnyNodeRef, Expr, Operator};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// The containers that hold the object of a slot of the container that `node` is, where it stands.
pub(super) fn containers(index: &Index<'_>, node: NodeId, slot: &Slot) -> Vec<(Key, Step)> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let Some(parent) = tree.parent(node) else { return Vec::new() };
    let is_value = matches!(slot, Slot::Value(_));
    match tree.node(parent) {
        // Ex) `rs += [C()]`
        AnyNodeRef::StmtAugAssign(assign) if assign.value.range() == range => {
            kept_in(index, &assign.target, &slot.moved(), node)
        }
        // Ex) `others + [C()]`, `[C()] * 3`, `defaults | {"r": C()}`
        AnyNodeRef::ExprBinOp(binary)
            if matches!(binary.op, Operator::Add | Operator::Mult | Operator::BitOr) =>
        {
            displayed(index, parent, &slot.moved())
        }
        // Ex) `rs[1:]`
        AnyNodeRef::ExprSubscript(one) if one.value.range() == range => {
            let is_part = one.slice.is_slice_expr() && !is_value;
            if is_part { displayed(index, parent, &Slot::Any) } else { Vec::new() }
        }
        // Ex) `[*rs, other]`
        AnyNodeRef::ExprStarred(_) if !is_value => match tree.parent(parent) {
            Some(display)
                if matches!(
                    tree.node(display),
                    AnyNodeRef::ExprList(_) | AnyNodeRef::ExprTuple(_) | AnyNodeRef::ExprSet(_)
                ) =>
            {
                displayed(index, display, &Slot::Any)
            }
            _ => Vec::new(),
        },
        // Ex) `{**by_name, "x": 1}`
        AnyNodeRef::ExprDict(dict) => {
            let is_part =
                dict.items.iter().any(|item| item.key.is_none() && item.value.range() == range);
            if is_part && is_value { displayed(index, parent, slot) } else { Vec::new() }
        }
        AnyNodeRef::Keyword(keyword) if keyword.arg.is_none() => match call_around(index, parent) {
            Some((id, call)) => match (last_name(&call.func), &*call.func) {
                (Some("dict" | "OrderedDict"), _) => displayed(index, id, slot),
                (Some("update"), Expr::Attribute(method)) => {
                    kept_in(index, &method.value, slot, node)
                }
                _ => Vec::new(),
            },
            None => Vec::new(),
        },
        AnyNodeRef::Arguments(_) => match call_around(index, node) {
            Some(call) => of_argument(index, call, node, slot),
            None => Vec::new(),
        },
        AnyNodeRef::ExprAttribute(method) => {
            let call = tree.parent(parent).map(|id| (id, tree.node(id)));
            let Some((id, AnyNodeRef::ExprCall(call))) = call else { return Vec::new() };
            if call.func.range() != method.range {
                return Vec::new();
            }
            match method.attr.as_str() {
                "values" => displayed(index, id, &Slot::Any),
                "items" => paired(index, id, 1),
                "copy" => displayed(index, id, slot),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// What a call makes of a container that it gets.
fn of_argument(
    index: &Index<'_>,
    (id, call): (NodeId, &ast::ExprCall),
    node: NodeId,
    slot: &Slot,
) -> Vec<(Key, Step)> {
    let range: TextRange = index.tree.node(node).range();
    let at = call.arguments.args.iter().position(|argument| argument.range() == range);
    let Some(at) = at else { return Vec::new() };
    let is_value = matches!(slot, Slot::Value(_));
    match (&*call.func, last_name(&call.func)) {
        // Ex) `rs.extend([C()])`
        (Expr::Attribute(method), Some(name)) if vocabulary::collects_all(name) => {
            kept_in(index, &method.value, &slot.moved(), node)
        }
        (_, Some("enumerate")) if at == 0 && !is_value => paired(index, id, 1),
        (_, Some("zip" | "zip_longest" | "product")) if !is_value => paired(index, id, at),
        (_, Some(name)) if vocabulary::copies(name, at) => displayed(index, id, &slot.moved()),
        _ => Vec::new(),
    }
}

/// A container of tuples that have the object at this index.
fn paired(index: &Index<'_>, container: NodeId, at: usize) -> Vec<(Key, Step)> {
    let pairs = displayed(index, container, &Slot::Any).into_iter();
    pairs.map(|pair| inside(pair, &Slot::Index(at))).collect()
}

/// The call that a node is an argument of, or the value of a keyword of.
fn call_around<'a>(index: &Index<'a>, node: NodeId) -> Option<(NodeId, &'a ast::ExprCall)> {
    let tree = index.tree;
    let id = tree.ancestors(node).nth(1)?;
    match tree.node(id) {
        AnyNodeRef::ExprCall(call) => Some((id, call)),
        _ => None,
    }
}
