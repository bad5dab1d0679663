//! TM107: the object's life ends here.

use super::detect::{Detected, Says, Scene};
use super::follow::Use;
use super::index::last_name;
use super::parts;
use super::weak;
use crate::site::Reason;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// How the object's life ends where it is used, if it does.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    let said = ended(scene, used.node).or_else(|| {
        // A copy closes what both hold.
        parts::copies(scene, used.node).into_iter().find_map(|copy| ended(scene, copy))
    })?;
    Some(Detected::new(Reason::Lifecycle, used, said))
}

fn ended(scene: &Scene<'_>, node: NodeId) -> Option<String> {
    let tree = scene.tree();
    let parent = tree.parent(node)?;
    let range = tree.node(node).range();
    if let Some(said) = weak::watched(scene, node) {
        return Some(said);
    }
    match tree.node(parent) {
        AnyNodeRef::WithItem(item) if item.context_expr.range() == range => {
            Some(format!("is closed at the end of the `with` on line {}", scene.line(parent)))
        }
        AnyNodeRef::ExprAttribute(attribute) => member(scene, parent, attribute, 1),
        AnyNodeRef::Arguments(_) => {
            let (call_node, call) = scene.call_of_argument(node)?;
            if !call.arguments.args.first().is_some_and(|first| first.range() == range) {
                return called_later(scene, (call_node, call), range);
            }
            given(scene, call_node, call)
        }
        _ => None,
    }
}

/// `r.name`, or `r.held.name`, `depth` attributes away from the object.
fn member(
    scene: &Scene<'_>,
    node: NodeId,
    attribute: &ast::ExprAttribute,
    depth: usize,
) -> Option<String> {
    let tree = scene.tree();
    let name = attribute.attr.as_str();
    let parent = tree.parent(node)?;
    if let AnyNodeRef::ExprAttribute(outer) = tree.node(parent) {
        return member(scene, parent, outer, depth + 1);
    }
    if !attribute.ctx.is_load() {
        return None;
    }
    let why = match scene.closing(name) {
        Some(Says::Class(why)) if depth == 1 => format!(" (as by the class's `{why}`)"),
        // Ex) `await r.client.aclose()` closes what everybody's calls go through.
        Some(Says::Transform) if depth <= 2 => String::new(),
        // Ex) `thread.start()`, of which a second call fails
        Some(Says::Once) if depth == 1 => ", and can be only once".to_owned(),
        // Ex) `client = r.client; client.close()`
        _ if depth == 1 => {
            let mut uses = parts::named(scene, node).into_iter();
            return uses.find_map(|used| match tree.node(tree.parent(used)?) {
                AnyNodeRef::ExprAttribute(outer) => {
                    member(scene, tree.parent(used)?, outer, depth + 1)
                }
                _ => None,
            });
        }
        _ => return None,
    };
    let what = match scene.closing(name) {
        Some(Says::Once) => "is started",
        _ if depth == 1 => "is closed",
        _ => "loses what it holds",
    };
    match tree.node(parent) {
        AnyNodeRef::ExprCall(call) if call.func.range() == attribute.range => {
            let whole = scene.awaited(parent);
            Some(format!("{what} on line {}: {}{why}", scene.line(node), scene.quoted(whole)))
        }
        AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_) => {
            let (call_node, call) = scene.call_of_argument(node)?;
            let callee = last_name(&call.func).unwrap_or_default();
            if only_asks(callee) {
                return None;
            }
            let line = scene.line(call_node);
            Some(format!("{what} by whoever calls {} on line {line}", scene.quoted(node)))
        }
        AnyNodeRef::StmtReturn(_)
        | AnyNodeRef::StmtAssign(_)
        | AnyNodeRef::StmtAnnAssign(_)
        | AnyNodeRef::ExprLambda(_)
        | AnyNodeRef::ExprList(_)
        | AnyNodeRef::ExprTuple(_)
        | AnyNodeRef::ExprDict(_) => {
            let line = scene.line(node);
            Some(format!("{what} by whoever calls {} on line {line}", scene.quoted(node)))
        }
        _ => None,
    }
}

/// The object is the first argument of a call.
fn given(scene: &Scene<'_>, call_node: NodeId, call: &ast::ExprCall) -> Option<String> {
    let callee = last_name(&call.func)?;
    let line = scene.line(call_node);
    let quoted = scene.quoted(call_node);
    // Ex) `C.close(r)`
    if let Expr::Attribute(method) = &*call.func
        && scene.closing(method.attr.as_str()).is_some()
        && scene.is_class(&method.value)
    {
        return Some(format!("is closed on line {line}: {quoted}"));
    }
    // Ex) `methodcaller("close")(r)`
    if let Expr::Call(made) = &*call.func {
        scene.closing(method_called(made)?)?;
        return Some(format!("is closed on line {line}: {quoted}"));
    }
    match callee {
        "closing"
        | "aclosing"
        | "enter_context"
        | "enter_async_context"
        | "enterContext"
        | "enterAsyncContext"
        | "push_async_exit"
        | "enterClassContext"
        | "enterModuleContext" => Some(format!("is closed through `{callee}` on line {line}")),
        // Ex) `stack.push(r)`, and not `queue.push(r)`.
        "push" if is_stack(&call.func) => Some(format!("is closed through `push` on line {line}")),
        "finalize" | "ref"
            if matches!(&*call.func, Expr::Name(_)) || is_attribute_of(&call.func, "weakref") =>
        {
            Some(format!("has the end of its life watched on line {line}: {quoted}"))
        }
        "getattr" => {
            let names = names_of_attribute(scene, call.arguments.args.get(1)?);
            names.into_iter().find_map(|name| scene.closing(name))?;
            Some(format!("is closed on line {line}: {quoted}"))
        }
        _ => None,
    }
}

/// The name of the method that a `methodcaller("name")` calls.
fn method_called(made: &ast::ExprCall) -> Option<&str> {
    let is_it = last_name(&made.func) == Some("methodcaller") && !made.func.is_call_expr();
    let name = made.arguments.args.first().filter(|_| is_it)?;
    Some(name.as_string_literal_expr()?.value.to_str())
}

/// The names that an expression may be: itself, or the elements of what a loop goes through.
///
/// Ex) `name` of `for name in ("aclose", "close"): getattr(r, name)()`
fn names_of_attribute<'a>(scene: &Scene<'a>, expr: &'a Expr) -> Vec<&'a str> {
    let text = |expr: &'a Expr| Some(expr.as_string_literal_expr()?.value.to_str());
    let Expr::Name(name) = expr else { return text(expr).into_iter().collect() };
    let index = scene.objects.index;
    let names = &index.analysis.names;
    let Some(reference) = index.reference_at(name.range) else { return Vec::new() };
    let bindings = names.reach(names.reference(reference)).bindings.into_iter();
    let targets = bindings.filter_map(|id| index.tree.expression_at(names.binding(id).range));
    let values = targets.filter_map(|target| match index.tree.node(index.tree.parent(target)?) {
        AnyNodeRef::StmtFor(one) => Some(&*one.iter),
        AnyNodeRef::Comprehension(one) => Some(&one.iter),
        AnyNodeRef::StmtAssign(one) => Some(&*one.value),
        _ => None,
    });
    let elements = values.flat_map(|value| match value {
        Expr::Tuple(tuple) => &tuple.elts[..],
        Expr::List(list) => &list.elts,
        value => std::slice::from_ref(value),
    });
    elements.filter_map(text).collect()
}

/// Ex) `stack.callback(C.close, r)`, `map(C.close, rs)`, `map(methodcaller("close"), rs)`
fn called_later(
    scene: &Scene<'_>,
    (call_node, call): (NodeId, &ast::ExprCall),
    object: TextRange,
) -> Option<String> {
    let arguments = &call.arguments.args;
    let at = arguments.iter().position(|argument| argument.range() == object)?;
    match arguments.get(at.checked_sub(1)?)? {
        Expr::Attribute(method) if scene.is_class(&method.value) => scene.closing(&method.attr)?,
        Expr::Call(made) => scene.closing(method_called(made)?)?,
        _ => return None,
    };
    let (line, quoted) = (scene.line(call_node), scene.quoted(call_node));
    Some(format!("is closed by whoever does {quoted} on line {line}"))
}

fn is_stack(callee: &Expr) -> bool {
    let Expr::Attribute(attribute) = callee else { return false };
    last_name(&attribute.value).is_some_and(|name| name.to_lowercase().contains("stack"))
}

fn is_attribute_of(callee: &Expr, module: &str) -> bool {
    let Expr::Attribute(attribute) = callee else { return false };
    last_name(&attribute.value) == Some(module)
}

/// Functions that look at a method and do not call it.
fn only_asks(callee: &str) -> bool {
    matches!(
        callee,
        "callable"
            | "hasattr"
            | "iscoroutinefunction"
            | "isfunction"
            | "ismethod"
            | "signature"
            | "getsource"
            | "print"
            | "repr"
            | "str"
            | "id"
            | "isinstance"
            | "create_autospec"
            | "Mock"
            | "MagicMock"
            | "AsyncMock"
    ) || callee.starts_with("assert")
}
