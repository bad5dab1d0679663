//! What is read from an object, and the objects that an expression is or is read from.
//!
//! Looks outwards from an object and inwards from an expression, through attributes, items, results
//! of methods, `id(…)` and the like, and through the names that such a value gets.

use super::detect::Scene;
use super::follow::Use;
use super::parts;
use crate::resolve::members::expression_at;
use crate::semantic::BindingKind;
use crate::syntax::ast::{self, AnyNodeRef, ExprRef};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange, slice};

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    pub(super) node: NodeId,
    pub(super) range: TextRange,
    /// It is the object, or `id(…)` of it, and not something read from it.
    pub(super) is_whole: bool,
}

/// Outwards from an object, or from what is read from one, to the side of a comparison that it is,
/// or is read from.
pub(super) fn outwards(scene: &Scene<'_>, from: NodeId, is_whole: bool) -> Side {
    let tree = scene.tree();
    let mut side = Side { node: from, range: tree.node(from).range(), is_whole };
    while let Some(parent) = tree.parent(side.node) {
        let range = tree.node(parent).range();
        match tree.node(parent) {
            AnyNodeRef::ExprAttribute(_) => side.is_whole = false,
            AnyNodeRef::ExprCall(call) if call.func.range() == side.range && !side.is_whole => {}
            AnyNodeRef::ExprSubscript(subscript) if subscript.value.range() == side.range => {
                side.is_whole = false;
            }
            AnyNodeRef::Arguments(_) => {
                let Some((call_node, call)) = scene.call_of_argument(side.node) else {
                    return side;
                };
                if describes(call) {
                    side.is_whole = false;
                } else if !(side.is_whole && is_id(call)) {
                    return side;
                }
                side.node = call_node;
                side.range = call.range;
                continue;
            }
            _ => return side,
        }
        side.node = parent;
        side.range = range;
    }
    side
}

/// The names that get what is read from an object, where they are used.
pub(super) fn named(scene: &Scene<'_>, part: NodeId) -> Vec<NodeId> {
    let tree = scene.tree();
    let is_named = tree.parent(part).is_some_and(|parent| {
        matches!(
            tree.node(parent),
            AnyNodeRef::StmtAssign(_)
                | AnyNodeRef::StmtAnnAssign(_)
                | AnyNodeRef::ExprNamed(_)
                | AnyNodeRef::ExprTuple(_)
        )
    });
    if is_named { parts::named(scene, part) } else { Vec::new() }
}

fn is_id(call: &ast::ExprCall) -> bool {
    call.func.as_name_expr().is_some_and(|name| name.id.as_str() == "id")
}

/// Whether what a call gives is read from its argument.
fn describes(call: &ast::ExprCall) -> bool {
    call.func
        .as_name_expr()
        .is_some_and(|name| matches!(name.id.as_str(), "hash" | "vars" | "repr" | "str"))
}

/// The followed objects that an operand is, holds in a display, or, where `is_whole` is not set,
/// is read from.
pub(super) fn objects_in<'a>(
    scene: &Scene<'a>,
    operand: impl Into<ExprRef<'a>>,
    is_whole: bool,
) -> Vec<usize> {
    let tree = scene.tree();
    let mut found: Vec<usize> = Vec::new();
    let mut look: Vec<ExprRef<'a>> = vec![operand.into()];
    let mut names = 0;
    while let Some(expr) = look.pop() {
        let starts =
            tree.expression_at(expr.range()).map_or(&[][..], |node| scene.objects.starts_of(node));
        found.extend_from_slice(starts);
        match expr {
            ExprRef::List(list) => look.extend(list.elts.iter().map(ExprRef::from)),
            ExprRef::Tuple(tuple) => look.extend(tuple.elts.iter().map(ExprRef::from)),
            ExprRef::Set(set) => look.extend(set.elts.iter().map(ExprRef::from)),
            ExprRef::Call(call) if is_id(call) || !is_whole && describes(call) => {
                look.extend(call.arguments.args.iter().map(ExprRef::from));
            }
            ExprRef::Call(call) if !is_whole => look.push(ExprRef::from(&*call.func)),
            ExprRef::Attribute(attribute) if !is_whole => {
                look.push(ExprRef::from(&*attribute.value));
            }
            ExprRef::Subscript(subscript) if !is_whole => {
                look.push(ExprRef::from(&*subscript.value));
            }
            ExprRef::Name(name) if !is_whole && starts.is_empty() && names < MOST_NAMES => {
                names += 1;
                look.extend(values(scene, name));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What is read from an object that an expression is read from, as it is written; `None` where that
/// cannot be said.
///
/// Ex) `.window("x").uid` of `b` after `a = C(); w = a.window("x"); b = w.uid`
pub(super) fn reading<'a>(scene: &Scene<'a>, expr: impl Into<ExprRef<'a>>) -> Option<String> {
    let text = &scene.objects.index.analysis.source.text;
    let mut parts: Vec<String> = Vec::new();
    let mut expr: ExprRef<'a> = expr.into();
    for _ in 0..MOST_LINKS {
        let node = scene.tree().expression_at(expr.range())?;
        if !scene.objects.starts_of(node).is_empty() {
            parts.reverse();
            return Some(parts.concat());
        }
        let inner = match expr {
            ExprRef::Name(name) => match values(scene, name).as_slice() {
                [only] => {
                    expr = *only;
                    continue;
                }
                _ => return None,
            },
            ExprRef::Call(call) if is_id(call) || describes(call) => {
                parts.push(slice(text, call.func.range()).to_owned());
                expr = ExprRef::from(call.arguments.args.first()?);
                continue;
            }
            ExprRef::Call(call) => &*call.func,
            ExprRef::Attribute(attribute) => &*attribute.value,
            ExprRef::Subscript(subscript) => &*subscript.value,
            ExprRef::Await(awaited) => &*awaited.value,
            _ => return None,
        };
        let rest = TextRange::new(inner.end(), expr.end().max(inner.end()));
        parts.push(slice(text, rest).to_owned());
        expr = ExprRef::from(inner);
    }
    None
}

/// The values that a name may have been given.
fn values<'a>(scene: &Scene<'a>, name: &ast::ExprName) -> Vec<ExprRef<'a>> {
    let analysis = scene.objects.index.analysis;
    let names = &analysis.names;
    let Some(id) = names.reference_at(name.range) else { return Vec::new() };
    let reach = names.reach(names.reference(id));
    let given = reach.bindings.iter().filter_map(|&id| match names.binding(id).kind {
        BindingKind::Assignment { value: Some(value), .. } => expression_at(analysis, value),
        _ => None,
    });
    given.collect()
}

/// Whether an expression is read from what a call gave that had the object of `used` as an argument.
///
/// Ex) `o.items[0]` after `o = f([c])`
pub(super) fn has<'a>(scene: &Scene<'a>, expr: impl Into<ExprRef<'a>>, used: Use) -> bool {
    let tree = scene.tree();
    let own = scene.objects.starts_of(used.node);
    let mut look: Vec<ExprRef<'a>> = vec![expr.into()];
    let mut names = 0;
    while let Some(expr) = look.pop() {
        match expr {
            ExprRef::Attribute(attribute) => look.push(ExprRef::from(&*attribute.value)),
            ExprRef::Subscript(subscript) => look.push(ExprRef::from(&*subscript.value)),
            ExprRef::Await(awaited) => look.push(ExprRef::from(&*awaited.value)),
            ExprRef::Name(name) if names < MOST_NAMES => {
                names += 1;
                look.extend(values(scene, name));
            }
            ExprRef::Call(call) => {
                let is_given = |expr: &ast::Expr| {
                    let node = tree.id_of(expr);
                    let inside = node
                        .into_iter()
                        .flat_map(|node| tree.inside(node).map(|(node, _)| node).chain([node]));
                    inside
                        .flat_map(|node| scene.objects.starts_of(node))
                        .any(|one| own.contains(one))
                };
                let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
                if call.arguments.args.iter().chain(keywords).any(is_given) {
                    return true;
                }
                look.push(ExprRef::from(&*call.func));
            }
            _ => {}
        }
    }
    false
}

/// More names than any value has on its way; a bound on what hostile ones cost.
const MOST_NAMES: usize = 8;

/// More than are read one from the other in any real expression; a bound on what hostile ones cost.
const MOST_LINKS: usize = 32;
