//! TM108: the object's attributes are changed here.
//!
//! Calls of the object's own methods change it in the way that it is meant for, and are none.

use super::class::Content;
use super::detect::{Detected, Scene};
use super::follow::Use;
use super::index::last_name;
use super::parts;
use crate::site::Reason;
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprContext};
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// How the object is changed where it is used, if it is.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    let said = changed(scene, used.node, &Way::default()).or_else(|| {
        let way = Way { is_of_copy: true, ..Way::default() };
        parts::copies(scene, used.node).into_iter().find_map(|copy| changed(scene, copy, &way))
    })?;
    Some(Detected::new(Reason::Mutation, used, said))
}

/// How a part is reached from the object.
#[derive(Debug, Clone, Default)]
struct Way<'a> {
    attributes: Vec<&'a str>,
    /// Attributes and subscripts.
    steps: usize,
    /// Names of its own that it has been given.
    names: usize,
    /// The object is a shallow copy: its own attributes are nobody else's, what they hold is.
    is_of_copy: bool,
}

fn changed<'a>(scene: &Scene<'a>, part: NodeId, way: &Way<'a>) -> Option<String> {
    let tree = scene.tree();
    let mut node = part;
    let Way { mut attributes, mut steps, names, is_of_copy } = way.clone();
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
            // `r[key] = value` is the object's own `__setitem__`.
            AnyNodeRef::ExprSubscript(subscript)
                if subscript.value.range() == range && steps > 0 =>
            {
                subscript.ctx
            }
            AnyNodeRef::ExprCall(call) if call.func.range() == range => {
                if is_of_copy && steps == 1 {
                    return None;
                }
                return called(scene, parent, &attributes, steps);
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
                return elsewhere(scene, node, Way { attributes, steps, names, is_of_copy });
            }
            _ => return elsewhere(scene, node, Way { attributes, steps, names, is_of_copy }),
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
    if way.steps == 0 || way.names == parts::MOST_NAMES {
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
    if steps == 1 {
        return matches!(method, "__setattr__" | "__delattr__" | "__setstate__" | "__init__")
            .then(said)
            .flatten();
    }
    let always = matches!(
        method,
        "append"
            | "extend"
            | "insert"
            | "appendleft"
            | "extendleft"
            | "popleft"
            | "popitem"
            | "setdefault"
    );
    let of_containers = matches!(
        method,
        "add" | "clear" | "discard" | "pop" | "remove" | "reverse" | "sort" | "update"
    );
    let changes = match (attributes.first().copied(), attributes.len()) {
        (Some("__dict__"), _) => always || of_containers,
        (Some(first), 2) => match scene.target.facts.content(first) {
            Some(Content::Container) => always || of_containers,
            // Ex) `r.client.append(key, value)` is a command to a server.
            Some(Content::Other) => false,
            None => always,
        },
        _ => always,
    };
    changes.then(said).flatten()
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
