//! TM108: the object's attributes are changed here.
//!
//! Calls of the object's own methods change it in the way that it is meant for, and are none; but all
//! that a list or dict is meant for is to be changed.

use super::attributes::Content;
use super::detect::{Detected, Scene};
use super::follow::{Key, Use};
use super::index::last_name;
use super::parts;
use super::vocabulary::{changes_container, changes_only_containers};
use crate::site::Reason;
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprContext, Operator};
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// How the object is changed where it is used, if it is.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    let of_copy = || {
        let way = Way { is_of_copy: true, ..Way::default() };
        parts::copies(scene, used.node).into_iter().find_map(|copy| changed(scene, copy, &way))
    };
    let said = changed(scene, used.node, &Way::default())
        .or_else(of_copy)
        .or_else(|| in_place(scene, used.node))
        .or_else(|| raised(scene, used.node))?;
    Some(Detected::new(Reason::Mutation, used, said))
}

/// How a part is reached from the object.
#[derive(Debug, Clone, Default)]
struct Way<'a> {
    /// `[]` where the object is asked for an item.
    attributes: Vec<&'a str>,
    /// Attributes and subscripts.
    steps: usize,
    /// Names of its own that it has been given.
    names: usize,
    /// Nobody knows whether it is a part, but for what is done with it at once: that would do nothing
    /// if it were none.
    is_guess: bool,
    /// The object is a shallow copy: its own attributes are nobody else's, what they hold is.
    is_of_copy: bool,
}

fn changed<'a>(scene: &Scene<'a>, part: NodeId, way: &Way<'a>) -> Option<String> {
    let tree = scene.tree();
    let mut node = part;
    let Way { mut attributes, mut steps, names, mut is_guess, is_of_copy } = way.clone();
    loop {
        let parent = tree.parent(node)?;
        let range = tree.node(node).range();
        let is_own = is_of_copy && steps == 0;
        let ctx = match tree.node(parent) {
            AnyNodeRef::ExprAttribute(attribute) => {
                if is_own && (!attribute.ctx.is_load() || attribute.attr.as_str() == "__dict__") {
                    return None;
                }
                attributes.push(attribute.attr.as_str());
                attribute.ctx
            }
            AnyNodeRef::ExprSubscript(subscript) if subscript.value.range() == range => {
                if steps == 0 && !is_item_part(scene, subscript.ctx) {
                    return None;
                }
                if steps == 0 {
                    attributes.push("[]");
                    is_guess = !scene.target.facts.gives_part("__getitem__");
                }
                subscript.ctx
            }
            AnyNodeRef::ExprCall(call) if call.func.range() == range => {
                if is_of_copy && steps == 1 {
                    return None;
                }
                let facts = &scene.target.facts;
                // Ex) `r.get("x").state = 1`
                let said = called(scene, parent, &attributes, steps);
                let method = attributes.last().filter(|_| steps == 1);
                let is_part = method.is_some_and(|name| facts.gives_part(name));
                is_guess = !is_part;
                if said.is_none()
                    && (is_part || method.is_some_and(|name| facts.may_give_part(name)))
                {
                    node = parent;
                    steps += 1;
                    continue;
                }
                return said;
            }
            AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_) if !is_own => {
                let (call_node, call) = scene.call_of_argument(node)?;
                let is_target = is_target(call, range);
                if is_target && steps == 0 && is_name(&call.func, "vars") {
                    attributes.push("__dict__");
                    steps += 1;
                    node = call_node;
                    continue;
                }
                // Ex) `C.__init__(r, "x")`
                if is_target
                    && steps == 0
                    && let Expr::Attribute(method) = &*call.func
                    && method.attr.as_str() == "__init__"
                    && scene.is_class(&method.value)
                {
                    let (line, quoted) = (scene.line(call_node), scene.quoted(call_node));
                    return Some(format!("is built again on line {line}: {quoted}"));
                }
                if is_target && is_patcher(call, steps) {
                    let (line, quoted) = (scene.line(call_node), scene.quoted(call_node));
                    return Some(format!("is patched on line {line}: {quoted}"));
                }
                if steps == 0 && sets_later(call, range) {
                    let (line, quoted) = (scene.line(call_node), scene.quoted(call_node));
                    return Some(format!("is changed by whoever does {quoted} on line {line}"));
                }
                // Ex) `getattr(r, "config")["x"] = 1`
                if let [first, name, ..] = &*call.arguments.args
                    && first.range() == range
                    && is_name(&call.func, "getattr")
                    && let Some(name) = name.as_string_literal_expr()
                {
                    attributes.push(name.value.to_str());
                    steps += 1;
                    node = call_node;
                    continue;
                }
                let way = Way { attributes, steps, names, is_guess, is_of_copy };
                return elsewhere(scene, node, way);
            }
            _ => {
                let way = Way { attributes, steps, names, is_guess, is_of_copy };
                return elsewhere(scene, node, way);
            }
        };
        steps += 1;
        node = parent;
        match ctx {
            ExprContext::Load | ExprContext::Invalid => {}
            ExprContext::Store | ExprContext::Del => {
                let quoted = scene.quoted(node);
                let line = scene.line(node);
                let verb = if ctx == ExprContext::Del { "deleted" } else { "assigned" };
                return Some(format!("is changed on line {line}: {quoted} is {verb}"));
            }
        }
    }
}

/// How a part is changed where it goes on to.
fn elsewhere<'a>(scene: &Scene<'a>, part: NodeId, mut way: Way<'a>) -> Option<String> {
    if way.steps == 0 || way.names == parts::MOST_NAMES || way.is_guess {
        return None;
    }
    way.names += 1;
    parts::named(scene, part).into_iter().find_map(|used| changed(scene, used, &way))
}

/// A call of the last of these attributes.
fn called(scene: &Scene<'_>, call: NodeId, attributes: &[&str], steps: usize) -> Option<String> {
    let method = *attributes.last()?;
    let line = scene.line(call);
    let said = || Some(format!("is changed on line {line}: {}", scene.quoted(call)));
    let facts = &scene.target.facts;
    if steps == 1 {
        let is_change = match method {
            "__setattr__" | "__delattr__" | "__setstate__" | "__init__" => true,
            "with_traceback" | "add_note" => facts.is_exception(),
            _ => facts.is_container() && changes_container(method),
        };
        return is_change.then(said).flatten();
    }
    let changes = match (attributes.first().copied(), attributes.len()) {
        (Some("__dict__"), _) => changes_container(method),
        (Some(first), 2) => match facts.content(first) {
            Some(Content::Container) => changes_container(method),
            // What an item of it is called with is an item's.
            Some(Content::Unknown) if steps == 2 => changes_container(method),
            // Ex) `r.client.append(key, value)` is a command to a server.
            Some(Content::Other) => false,
            Some(Content::Unknown | Content::Foreign) | None => changes_only_containers(method),
        },
        _ => changes_only_containers(method),
    };
    changes.then(said).flatten()
}

/// Whether `r[key]`, where the object is read or written so, is a part of it or changes it.
///
/// Of most classes, `r[key] = value` is the object's own `__setitem__`.
fn is_item_part(scene: &Scene<'_>, ctx: ExprContext) -> bool {
    let facts = &scene.target.facts;
    match ctx {
        ExprContext::Load | ExprContext::Invalid => {
            facts.gives_part("__getitem__") || facts.may_give_part("__getitem__")
        }
        ExprContext::Store | ExprContext::Del => facts.is_container(),
    }
}

/// Ex) `r += [1]`, `self.r |= other`, where the class says that these change the object
fn in_place(scene: &Scene<'_>, object: NodeId) -> Option<String> {
    let facts = &scene.target.facts;
    let may_be_in_place =
        |name: &String| name.starts_with("__i") && name != "__init__" && name != "__iter__";
    if !facts.is_container() && !facts.methods.iter().any(may_be_in_place) {
        return None;
    }
    let tree = scene.tree();
    let index = scene.objects.index;
    let places = scene.objects.flow(object).steps.into_iter().filter_map(|(key, _)| match key {
        Key::Place(place) => Some(place),
        _ => None,
    });
    // What is written to an attribute is no use of the object that it has.
    let written = places.flat_map(|place| index.at_place(&place));
    let mut there = std::iter::once(object).chain(written);
    there.find_map(|node| {
        let parent = tree.parent(node)?;
        let AnyNodeRef::StmtAugAssign(assign) = tree.node(parent) else { return None };
        let method = in_place_method(assign.op);
        let is_own = facts.is_container() || facts.methods.iter().any(|name| name == method);
        let is_target = assign.target.range() == tree.node(node).range();
        let (line, quoted) = (scene.line(parent), scene.quoted(parent));
        (is_own && is_target).then(|| format!("is changed in place on line {line}: {quoted}"))
    })
}

/// The method that Python calls for an operator of an augmented assignment.
fn in_place_method(op: Operator) -> &'static str {
    match op {
        Operator::Add => "__iadd__",
        Operator::Sub => "__isub__",
        Operator::Mult => "__imul__",
        Operator::MatMult => "__imatmul__",
        Operator::Div => "__itruediv__",
        Operator::Mod => "__imod__",
        Operator::Pow => "__ipow__",
        Operator::LShift => "__ilshift__",
        Operator::RShift => "__irshift__",
        Operator::BitOr => "__ior__",
        Operator::BitXor => "__ixor__",
        Operator::BitAnd => "__iand__",
        Operator::FloorDiv => "__ifloordiv__",
    }
}

/// An exception keeps where it was raised, and what was being handled: `raise r`,
/// `future.set_exception(r)`, `Mock(side_effect=r)`
fn raised(scene: &Scene<'_>, object: NodeId) -> Option<String> {
    let facts = &scene.target.facts;
    if facts.bases.is_empty() {
        return None;
    }
    let tree = scene.tree();
    let range = tree.node(object).range();
    let parent = tree.parent(object)?;
    let node = match tree.node(parent) {
        AnyNodeRef::StmtRaise(raise) => {
            raise.exc.as_ref().filter(|exc| exc.range() == range)?;
            parent
        }
        AnyNodeRef::StmtAssign(assign) => {
            let is_effect = |target: &Expr| {
                target.as_attribute_expr().is_some_and(|one| one.attr.as_str() == "side_effect")
            };
            (facts.is_exception() && assign.targets.iter().any(is_effect)).then_some(parent)?
        }
        AnyNodeRef::Keyword(keyword) => {
            let is_effect = keyword.arg.as_ref().is_some_and(|name| name == "side_effect");
            (is_effect && facts.is_exception()).then(|| scene.call_of_argument(object))??.0
        }
        AnyNodeRef::Arguments(_) => {
            let (node, call) = scene.call_of_argument(object)?;
            let raises = match call.func.as_attribute_expr()?.attr.as_str() {
                "set_exception" => true,
                "throw" | "athrow" => facts.is_exception(),
                _ => false,
            };
            raises.then_some(node)?
        }
        _ => return None,
    };
    let (line, quoted) = (scene.line(node), scene.quoted(node));
    Some(format!("is raised on line {line}, and keeps from where: {quoted}"))
}

/// Whether a call's target is the argument at `range`.
fn is_target(call: &ast::ExprCall, range: crate::text::TextRange) -> bool {
    let first = call.arguments.args.first();
    first.is_some_and(|first| first.range() == range)
        || call
            .arguments
            .find_keyword("target")
            .is_some_and(|keyword| keyword.value.range() == range)
}

/// Whether a call changes attributes of its target, or items where the target is `steps` away.
fn is_patcher(call: &ast::ExprCall, steps: usize) -> bool {
    let Some(name) = last_name(&call.func) else { return false };
    match name {
        "setattr" | "delattr" | "__setattr__" | "__delattr__" => true,
        // Ex) `patch.object(r, "get")`, `mocker.patch.multiple(r, get=…)`, `mocker.spy(r, "get")`
        "object" | "multiple" | "spy" => call.func.is_attribute_expr(),
        // Ex) `patch.dict(r.cache, …)`, `monkeypatch.setitem(r.cache, …)`
        "dict" | "setitem" | "delitem" => call.func.is_attribute_expr() && steps > 0,
        _ => false,
    }
}

/// Ex) `partial(setattr, r)`, `loop.call_soon(setattr, r, "url", "x")`
fn sets_later(call: &ast::ExprCall, object: crate::text::TextRange) -> bool {
    let arguments = &call.arguments.args;
    let at = arguments.iter().position(|argument| argument.range() == object);
    let function = at.and_then(|at| arguments.get(at.checked_sub(1)?));
    function.is_some_and(|one| is_name(one, "setattr") || is_name(one, "delattr"))
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    expr.as_name_expr().is_some_and(|name| name.id.as_str() == wanted)
}
