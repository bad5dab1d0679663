//! Objects in containers of the file: which containers hold one, and which expressions take it out
//! again.
//!
//! A constant index or key says which element is meant; other elements of the same container are
//! then not the object. Containers in containers are not followed.

use super::flow;
use super::follow::{How, Key, Step};
use super::index::{Index, last_name};
use super::vocabulary;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, slice};

/// Where in a container an object is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Anywhere.
    Any,
    /// At this index of a list or tuple.
    Index(usize),
    /// The value of this key of a dict, as it is written; of any key where that is no constant.
    Value(Option<String>),
    /// The attribute of this name of a namespace that holds nothing else.
    Attribute(String),
}

/// The containers that hold the value of `node`.
pub(super) fn holders(index: &Index<'_>, node: NodeId) -> Vec<(Key, Step)> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let Some(parent) = tree.parent(node) else { return Vec::new() };
    match tree.node(parent) {
        AnyNodeRef::ExprList(list) => displayed(index, parent, &at(&list.elts, node, index)),
        AnyNodeRef::ExprTuple(tuple) => displayed(index, parent, &at(&tuple.elts, node, index)),
        AnyNodeRef::ExprSet(_) => displayed(index, parent, &Slot::Any),
        AnyNodeRef::ExprDict(dict) => {
            let item = dict.items.iter().find(|item| item.value.range() == range);
            let key = item.and_then(|item| item.key.as_ref());
            item.map_or(Vec::new(), |_| {
                displayed(index, parent, &Slot::Value(key.and_then(|key| constant(index, key))))
            })
        }
        AnyNodeRef::ExprListComp(comp) if comp.elt.range() == range => {
            displayed(index, parent, &Slot::Any)
        }
        AnyNodeRef::ExprSetComp(comp) if comp.elt.range() == range => {
            displayed(index, parent, &Slot::Any)
        }
        AnyNodeRef::ExprGenerator(comp) if comp.elt.range() == range => {
            displayed(index, parent, &Slot::Any)
        }
        AnyNodeRef::ExprDictComp(comp) if comp.value.range() == range => {
            displayed(index, parent, &Slot::Value(None))
        }
        AnyNodeRef::Keyword(keyword) => {
            let call = tree.ancestors(parent).nth(1).map(|id| (id, tree.node(id)));
            let (Some(name), Some((id, AnyNodeRef::ExprCall(call)))) = (&keyword.arg, call) else {
                return Vec::new();
            };
            named(index, (id, call), name.as_str(), node)
        }
        AnyNodeRef::Arguments(_) => {
            let around = tree.parent(parent).map(|id| (id, tree.node(id)));
            let Some((id, AnyNodeRef::ExprCall(call))) = around else { return Vec::new() };
            match &*call.func {
                callee if last_name(callee) == Some("gather") => {
                    gathered(index, id, &at(&call.arguments.args, node, index))
                }
                Expr::Attribute(method) if vocabulary::collects(method.attr.as_str()) => {
                    // Ex) `current.set(C())`, but `cache.set("r", C())`
                    let has_key = matches!(method.attr.as_str(), "set" | "setdefault");
                    let key =
                        call.arguments.args.first().filter(|key| has_key && key.range() != range);
                    let slot = key.map_or(Slot::Any, |key| Slot::Value(constant(index, key)));
                    kept_in(index, &method.value, &slot, node)
                }
                _ => Vec::new(),
            }
        }
        AnyNodeRef::StmtAssign(assign) if assign.value.range() == range => {
            let subscripts = assign.targets.iter().filter_map(Expr::as_subscript_expr);
            let held = subscripts.flat_map(|one| {
                // Only a dict has a text as its key.
                let is_text = one.slice.is_string_literal_expr();
                let key = constant(index, &one.slice).filter(|_| is_text);
                let slot = key.map_or(Slot::Any, |key| Slot::Value(Some(key)));
                kept_in(index, &one.value, &slot, node)
            });
            held.collect()
        }
        _ => Vec::new(),
    }
}

/// `dict(r=C())`, `ctx.update(r=C())`, `SimpleNamespace(r=C())`
///
/// What a class gets by a name is mostly kept under it.
fn named(
    index: &Index<'_>,
    (id, call): (NodeId, &ast::ExprCall),
    name: &str,
    node: NodeId,
) -> Vec<(Key, Step)> {
    let slot = Slot::Value(Some(key_text(name)));
    match (last_name(&call.func), &*call.func) {
        (Some("dict" | "OrderedDict"), _) => displayed(index, id, &slot),
        (Some("update"), Expr::Attribute(method)) => kept_in(index, &method.value, &slot, node),
        // PEP 8: "Class names should normally use the CapWords convention."
        (Some(class), _) if class.starts_with(char::is_uppercase) => {
            displayed(index, id, &Slot::Attribute(name.to_owned()))
        }
        _ => Vec::new(),
    }
}

/// `a, b = await asyncio.gather(make(), …)`
fn gathered(index: &Index<'_>, call: NodeId, slot: &Slot) -> Vec<(Key, Step)> {
    let mut steps = displayed(index, call, slot);
    for same in flow::of(index, None, call).same {
        taken(index, same, slot, &mut steps);
    }
    steps
}

/// The place of an element in a display.
fn at(elements: &[Expr], node: NodeId, index: &Index<'_>) -> Slot {
    let range = index.tree.node(node).range();
    let before: Vec<&Expr> = elements.iter().take_while(|one| one.range() != range).collect();
    if before.iter().any(|one| one.is_starred_expr()) {
        Slot::Any
    } else {
        Slot::Index(before.len())
    }
}

/// What gets a display that holds an object.
fn displayed(index: &Index<'_>, display: NodeId, slot: &Slot) -> Vec<(Key, Step)> {
    let tree = index.tree;
    let parent = tree.parent(display).map(|id| (id, tree.node(id)));
    let moved = || match slot {
        Slot::Index(_) => Slot::Any,
        slot => slot.clone(),
    };
    match parent {
        // Ex) `rs += [C()]`
        Some((_, AnyNodeRef::StmtAugAssign(assign))) => {
            return kept_in(index, &assign.target, &moved(), display);
        }
        // Ex) `others + [C()]`, `[C()] * 3`
        Some((id, AnyNodeRef::ExprBinOp(_))) => return displayed(index, id, &moved()),
        Some((id, AnyNodeRef::Arguments(_))) => {
            let call = tree.parent(id).map(|id| (id, tree.node(id)));
            if let Some((id, AnyNodeRef::ExprCall(call))) = call {
                match &*call.func {
                    // Ex) `rs.extend([C()])`
                    Expr::Attribute(method) if vocabulary::collects_all(method.attr.as_str()) => {
                        return kept_in(index, &method.value, &moved(), display);
                    }
                    // Ex) `deque([C()])`
                    callee if last_name(callee).is_some_and(vocabulary::copies) => {
                        return displayed(index, id, &moved());
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    let steps = flow::of(index, None, display).steps;
    steps.into_iter().map(|(key, step)| (Key::Inside(Box::new(key), slot.clone()), step)).collect()
}

/// A container that is a name or an attribute.
fn kept_in(index: &Index<'_>, container: &Expr, slot: &Slot, node: NodeId) -> Vec<(Key, Step)> {
    let line = index.analysis.lines().position(index.tree.node(node).start()).line;
    let step = Step { how: How::Assigned, line };
    let keys: Vec<Key> = match container {
        Expr::Name(name) => {
            let names = &index.analysis.names;
            let reached = index.reference_at(name.range).map(|id| names.reach(names.reference(id)));
            let own = index.binding_at(name.range);
            let bindings: Vec<_> =
                reached.into_iter().flat_map(|reach| reach.bindings).chain(own).collect();
            // Ex) `app["r"] = C()` in one function of the framework's `app`, for another one
            let is_named = matches!(slot, Slot::Value(Some(_)));
            let others =
                bindings.iter().filter(|_| is_named).flat_map(|&id| index.parameters_like(id));
            let mut all: Vec<_> = bindings.iter().chain(others).copied().collect();
            all.sort_unstable();
            all.dedup();
            all.into_iter().map(Key::Binding).collect()
        }
        Expr::Attribute(_) | Expr::Call(_) => {
            index.place_of(container).map(Key::Place).into_iter().collect()
        }
        _ => Vec::new(),
    };
    keys.into_iter().map(|key| (Key::Inside(Box::new(key), slot.clone()), step.clone())).collect()
}

/// The expressions that take the object of `slot` out of the container that `node` is; names that
/// get it go into `steps`.
pub(super) fn taken(
    index: &Index<'_>,
    node: NodeId,
    slot: &Slot,
    steps: &mut Vec<(Key, Step)>,
) -> Vec<NodeId> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let Some(parent) = tree.parent(node) else { return Vec::new() };
    if let Slot::Attribute(name) = slot {
        let around = tree.node(parent);
        let read = around.as_expr_attribute().filter(|read| read.ctx.is_load());
        let is_it = read.is_some_and(|read| read.attr.as_str() == name);
        return is_it.then_some(parent).into_iter().collect();
    }
    let is_value = matches!(slot, Slot::Value(_));
    match tree.node(parent) {
        AnyNodeRef::StmtFor(one) if one.iter.range() == range && !is_value => {
            flow::target(index, &one.target, How::Looped, steps);
            Vec::new()
        }
        AnyNodeRef::Comprehension(one) if one.iter.range() == range && !is_value => {
            flow::target(index, &one.target, How::Looped, steps);
            Vec::new()
        }
        AnyNodeRef::StmtAssign(assign) if assign.value.range() == range && !is_value => {
            for elements in assign.targets.iter().filter_map(elements) {
                let plain = elements.iter().take_while(|one| !one.is_starred_expr());
                for (_, one) in plain.enumerate().filter(|(at, _)| is_at(slot, *at)) {
                    flow::target(index, one, How::Assigned, steps);
                }
            }
            Vec::new()
        }
        AnyNodeRef::ExprSubscript(one) if one.value.range() == range && one.ctx.is_load() => {
            let is_it = !one.slice.is_slice_expr() && may_be(index, slot, &one.slice);
            is_it.then_some(parent).into_iter().collect()
        }
        AnyNodeRef::ExprAttribute(method) => {
            by_method(index, parent, method.attr.as_str(), slot, steps)
        }
        AnyNodeRef::Arguments(_) => {
            let call = tree.parent(parent);
            let Some((id, AnyNodeRef::ExprCall(call))) = call.map(|id| (id, tree.node(id))) else {
                return Vec::new();
            };
            match (last_name(&call.func), &*call.func) {
                (Some("next"), Expr::Name(_)) => vec![id],
                (Some("enumerate"), Expr::Name(_)) if !is_value => {
                    second_of_loop(index, id, steps);
                    Vec::new()
                }
                (Some(function), _) if vocabulary::copies(function) => {
                    let slot = if is_value { slot } else { &Slot::Any };
                    taken(index, id, slot, steps)
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// `rs.pop()`, `d.get("k")`, `d.values()`, `d.items()`
fn by_method(
    index: &Index<'_>,
    attribute: NodeId,
    name: &str,
    slot: &Slot,
    steps: &mut Vec<(Key, Step)>,
) -> Vec<NodeId> {
    let tree = index.tree;
    let range = tree.node(attribute).range();
    let Some(parent) = tree.parent(attribute) else { return Vec::new() };
    let AnyNodeRef::ExprCall(call) = tree.node(parent) else { return Vec::new() };
    if call.func.range() != range {
        return Vec::new();
    }
    let first = call.arguments.args.first();
    match (name, slot) {
        ("pop", Slot::Any | Slot::Index(_)) | ("popleft" | "get_nowait", _) => {
            vec![parent]
        }
        // Ex) `queue.get()`
        ("get", Slot::Any) if first.is_none() => vec![parent],
        ("get" | "pop" | "setdefault", _) => {
            let is_it = first.is_some_and(|key| may_be(index, slot, key));
            is_it.then_some(parent).into_iter().collect()
        }
        ("values", _) => taken(index, parent, &Slot::Any, steps),
        ("items", _) => {
            second_of_loop(index, parent, steps);
            Vec::new()
        }
        ("copy", _) => taken(index, parent, slot, steps),
        _ => Vec::new(),
    }
}

/// Ex) `r` of `for i, r in enumerate(rs)`
fn second_of_loop(index: &Index<'_>, iter: NodeId, steps: &mut Vec<(Key, Step)>) {
    let tree = index.tree;
    let target = match tree.parent(iter).map(|id| tree.node(id)) {
        Some(AnyNodeRef::StmtFor(one)) => &*one.target,
        Some(AnyNodeRef::Comprehension(one)) => &one.target,
        _ => return,
    };
    if let Some(second) = elements(target).and_then(|all| all.get(1)) {
        flow::target(index, second, How::Looped, steps);
    }
}

fn elements(target: &Expr) -> Option<&[Expr]> {
    match target {
        Expr::Tuple(tuple) => Some(&tuple.elts),
        Expr::List(list) => Some(&list.elts),
        _ => None,
    }
}

fn is_at(slot: &Slot, at: usize) -> bool {
    !matches!(slot, Slot::Index(index) if *index != at)
}

/// Whether an index or key may mean a slot.
fn may_be(index: &Index<'_>, slot: &Slot, key: &Expr) -> bool {
    let Some(key) = constant(index, key) else { return true };
    match slot {
        Slot::Any | Slot::Value(None) => true,
        // An index from the end may be any.
        Slot::Index(at) => key.parse::<usize>().map_or(true, |key| key == *at),
        Slot::Value(Some(value)) => *value == key,
        Slot::Attribute(_) => false,
    }
}

/// A constant key, so that equal ones are the same text.
fn constant(index: &Index<'_>, key: &Expr) -> Option<String> {
    match key {
        Expr::StringLiteral(literal) => Some(key_text(literal.value.to_str())),
        Expr::NumberLiteral(_) => Some(slice(&index.analysis.source.text, key.range()).to_owned()),
        _ => None,
    }
}

fn key_text(key: &str) -> String {
    format!("{key:?}")
}
