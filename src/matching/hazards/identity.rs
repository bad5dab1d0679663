//! TM109: it matters here that objects are distinct.

use super::detect::{Detected, Scene};
use super::flow;
use super::follow::Use;
use super::index::last_name;
use super::owners;
use super::vocabulary;
use crate::site::Reason;
use crate::syntax::ast::{self, AnyNodeRef, CmpOp, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// Why the object's identity matters where it is used, if it does.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    let (said, against) = compared(scene, used)
        .map(|(_, found)| found)
        .or_else(|| gathered(scene, used))
        .or_else(|| collected(scene, used).map(|said| (said, None)))?;
    let mut detected = Detected::new(Reason::Identity, used, said);
    detected.against = against;
    Some(detected)
}

/// Whether it is asked that the object is another one, where tests of other files use it. That a
/// service keeps what it is given, `Service(r).redis is r`, holds for a shared object as well.
pub(super) fn told_apart(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    let (asked, (said, against)) = compared(scene, used)?;
    let mut detected = Detected::new(Reason::Identity, used, said);
    detected.against = against;
    (asked == Asked::Differ).then_some(detected)
}

type Found = (String, Option<Vec<usize>>);

/// What a comparison asks of its two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// `is not`, `!=`: that they differ.
    Differ,
    /// `is`, `in`: that they are one.
    Same,
    /// `==`: that they are equal.
    Equal,
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
struct Side {
    node: NodeId,
    range: TextRange,
    /// It is the object, or `id(…)` of it, and not something read from it.
    is_whole: bool,
}

/// `a is not b`, `assertIsNot(a, b)`, `id(a) != id(b)`, `a.window is not b.window`.
fn compared(scene: &Scene<'_>, used: Use) -> Option<(Asked, Found)> {
    let side = side(scene, used.node);
    let searched = side.node;
    let side = among(scene, side);
    let tree = scene.tree();
    let (asked, other, node) = match tree.node(tree.parent(side.node)?) {
        AnyNodeRef::ExprCompare(compare) => {
            let (op, other) = other_operand(compare, side.range)?;
            // Ex) `path not in cache` asks what the object holds.
            let is_searched = side.node == searched && compare.left.range() != side.range;
            if is_searched && matches!(op, CmpOp::In | CmpOp::NotIn) {
                return None;
            }
            let is_written = side.node != searched || is_display(other);
            let asked = match op {
                // Ex) `a in pool`; but `a in (b, c)` says no more than `a == b or a == c`.
                CmpOp::In if is_written => Asked::Equal,
                CmpOp::Is | CmpOp::In => Asked::Same,
                CmpOp::IsNot | CmpOp::NotEq | CmpOp::NotIn => Asked::Differ,
                CmpOp::Eq => Asked::Equal,
                _ => return None,
            };
            (asked, other, tree.parent(side.node)?)
        }
        AnyNodeRef::Arguments(_) => {
            let (node, call) = scene.call_of_argument(side.node)?;
            let position = call.arguments.args.iter().position(|one| one.range() == side.range)?;
            let asked = match last_name(&call.func)? {
                "assertIs" => Asked::Same,
                "assertIn" if position == 0 => match call.arguments.args.get(1) {
                    Some(all) if is_display(all) => Asked::Equal,
                    _ => Asked::Same,
                },
                "assertIsNot" | "assertNotEqual" | "assertNotEquals" | "is_not" => Asked::Differ,
                "assertNotIn" if position == 0 => Asked::Differ,
                "assertEqual" | "assertEquals" => Asked::Equal,
                _ => return None,
            };
            let other = call.arguments.args.get(1_usize.checked_sub(position)?)?;
            (asked, other, node)
        }
        _ => return None,
    };
    if is_constant(other) {
        return None;
    }
    let known = objects_in(scene, other, side.is_whole);
    let others: Vec<usize> =
        known.iter().copied().filter(|&other| scene.is_of_target(other)).collect();
    if others.is_empty() && !known.is_empty() {
        // Objects of two classes stay two.
        return None;
    }
    let said = format!("is compared on line {}: {}", scene.line(node), scene.quoted(node));
    let is_told = side.is_whole || asked == Asked::Differ;
    let is_again = used.is_fresh && is_fresh_again(scene, other, used)
        || is_told && owners::are_two(scene, used.node, other);
    let found = match (asked, others.is_empty()) {
        _ if is_again => (said, None),
        (_, false) if is_told => (said, Some(others)),
        // Nothing is known of the other side.
        (Asked::Differ | Asked::Same, true) if side.is_whole => (said, None),
        _ => return None,
    };
    Some((asked, found))
}

/// Outwards from an object to the side of a comparison that it is, or is read from.
fn side(scene: &Scene<'_>, object: NodeId) -> Side {
    let tree = scene.tree();
    let mut side = Side { node: object, range: tree.node(object).range(), is_whole: true };
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
                if !(side.is_whole && is_id(call)) {
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

/// Ex) `b` of `a not in [b]`
fn among(scene: &Scene<'_>, side: Side) -> Side {
    let tree = scene.tree();
    let Some(display) = tree.parent(side.node) else { return side };
    let is_display = matches!(
        tree.node(display),
        AnyNodeRef::ExprList(_) | AnyNodeRef::ExprTuple(_) | AnyNodeRef::ExprSet(_)
    );
    match tree.parent(display).map(|parent| tree.node(parent)) {
        Some(AnyNodeRef::ExprCompare(compare)) if is_display && side.is_whole => {
            let range = tree.node(display).range();
            match other_operand(compare, range) {
                Some((CmpOp::In | CmpOp::NotIn, _)) => Side { node: display, range, ..side },
                _ => side,
            }
        }
        _ => side,
    }
}

fn is_display(expr: &Expr) -> bool {
    matches!(expr, Expr::List(_) | Expr::Tuple(_) | Expr::Set(_))
}

fn is_id(call: &ast::ExprCall) -> bool {
    call.func.as_name_expr().is_some_and(|name| name.id.as_str() == "id")
}

/// The operator and the operand beside the one at `range`.
fn other_operand(compare: &ast::ExprCompare, range: TextRange) -> Option<(CmpOp, &Expr)> {
    if compare.left.range() == range {
        return Some((*compare.ops.first()?, compare.comparators.first()?));
    }
    let at = compare.comparators.iter().position(|operand| operand.range() == range)?;
    let before = match at.checked_sub(1) {
        None => &*compare.left,
        Some(before) => compare.comparators.get(before)?,
    };
    Some((*compare.ops.get(at)?, before))
}

/// The followed objects that an operand is, holds in a display, or, where `is_whole` is not set,
/// is read from.
fn objects_in(scene: &Scene<'_>, operand: &Expr, is_whole: bool) -> Vec<usize> {
    let tree = scene.tree();
    let mut found: Vec<usize> = Vec::new();
    let mut look = vec![operand];
    while let Some(expr) = look.pop() {
        if let Some(node) = tree.id_of(expr) {
            found.extend_from_slice(scene.objects.starts_of(node));
        }
        match expr {
            Expr::List(list) => look.extend(&list.elts),
            Expr::Tuple(tuple) => look.extend(&tuple.elts),
            Expr::Set(set) => look.extend(&set.elts),
            Expr::Call(call) if is_id(call) => look.extend(&call.arguments.args),
            Expr::Call(call) if !is_whole => look.push(&call.func),
            Expr::Attribute(attribute) if !is_whole => look.push(&attribute.value),
            Expr::Subscript(subscript) if !is_whole => look.push(&subscript.value),
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether an operand builds one more object in the same way.
fn is_fresh_again(scene: &Scene<'_>, operand: &Expr, used: Use) -> bool {
    let Some(node) = scene.tree().id_of(operand) else { return false };
    node != used.node && scene.is_fresh(node) && {
        let mine = scene.objects.starts_of(used.node);
        scene.objects.starts_of(node).iter().any(|start| mine.contains(start))
    }
}

/// Values that no object is meant to be told from: `None`, and names that stand for "not given".
fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::NoneLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::EllipsisLiteral(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::FString(_) => true,
        _ => last_name(expr).is_some_and(|name| {
            !expr.is_call_expr()
                && name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
        }),
    }
}

/// A set or list of several of them, or a dict with several as keys: `{a, b}`, `[C(), C()]`.
fn gathered(scene: &Scene<'_>, used: Use) -> Option<Found> {
    let tree = scene.tree();
    let side = side(scene, used.node);
    if !side.is_whole {
        return None;
    }
    let parent = tree.parent(side.node)?;
    let (elements, what): (Vec<&Expr>, _) = match tree.node(parent) {
        AnyNodeRef::ExprSet(set) => (set.elts.iter().collect(), "a set"),
        AnyNodeRef::ExprList(list) => {
            if unpacks_or_loops(scene, parent) {
                return None;
            }
            (list.elts.iter().collect(), "a list")
        }
        AnyNodeRef::ExprDict(dict) => {
            let keys: Vec<&Expr> = dict.items.iter().filter_map(|item| item.key.as_ref()).collect();
            if !keys.iter().any(|key| key.range() == side.range) {
                return None;
            }
            (keys, "the keys of a dict")
        }
        AnyNodeRef::ExprTuple(tuple) if is_argument_of_set(scene, parent) => {
            (tuple.elts.iter().collect(), "a set")
        }
        _ => return None,
    };
    let mut others = Vec::new();
    let mut is_again = false;
    for element in elements.into_iter().filter(|element| element.range() != side.range) {
        let objects = objects_in(scene, element, true);
        others.extend(objects.into_iter().filter(|&other| scene.is_of_target(other)));
        is_again |= used.is_fresh && is_fresh_again(scene, element, used)
            || owners::are_two(scene, used.node, element);
    }
    if others.is_empty() {
        return None;
    }
    let said = format!(
        "is one of several in {what} on line {}: {}",
        scene.line(parent),
        scene.quoted(parent)
    );
    Some((said, (!is_again).then_some(others)))
}

/// Ex) `set((a, b))`
fn is_argument_of_set(scene: &Scene<'_>, node: NodeId) -> bool {
    scene
        .call_of_argument(node)
        .is_some_and(|(_, call)| matches!(last_name(&call.func), Some("set" | "frozenset")))
}

/// The list only gives its elements on: `[a, b] = [C(), C()]`, `for r in [C(), C()]`.
fn unpacks_or_loops(scene: &Scene<'_>, list: NodeId) -> bool {
    let tree = scene.tree();
    match tree.parent(list).map(|parent| tree.node(parent)) {
        Some(AnyNodeRef::StmtAssign(assign)) => {
            assign.targets.iter().all(|target| target.is_tuple_expr() || target.is_list_expr())
        }
        Some(
            AnyNodeRef::StmtFor(_) | AnyNodeRef::Comprehension(_) | AnyNodeRef::ExprStarred(_),
        ) => true,
        _ => false,
    }
}

/// One per turn of a loop or comprehension, kept.
fn collected(scene: &Scene<'_>, used: Use) -> Option<String> {
    let tree = scene.tree();
    let side = side(scene, used.node);
    if !side.is_whole {
        return None;
    }
    let parent = tree.parent(side.node)?;
    let said = |node: NodeId| {
        let line = scene.line(node);
        Some(format!(
            "is built anew for each turn on line {line}, and kept: {}",
            scene.quoted(node)
        ))
    };
    if is_idle(scene, parent) {
        return None;
    }
    match tree.node(parent) {
        AnyNodeRef::ExprListComp(comp) if used.is_fresh && comp.elt.range() == side.range => {
            said(parent)
        }
        AnyNodeRef::ExprSetComp(comp) if used.is_fresh && comp.elt.range() == side.range => {
            said(parent)
        }
        AnyNodeRef::ExprGenerator(comp) if used.is_fresh && comp.elt.range() == side.range => {
            said(parent)
        }
        AnyNodeRef::ExprDictComp(comp) if used.is_fresh && comp.value.range() == side.range => {
            said(parent)
        }
        AnyNodeRef::Arguments(_) => {
            let (call_node, call) = scene.call_of_argument(side.node)?;
            let Expr::Attribute(method) = &*call.func else { return None };
            let is_kept = vocabulary::collects(method.attr.as_str());
            (is_kept && is_per_turn(scene, used, &method.value)).then(|| said(call_node)).flatten()
        }
        // Ex) `seen[C()] = value`
        AnyNodeRef::ExprSubscript(one) if one.slice.range() == side.range && one.ctx.is_store() => {
            let is_kept = is_per_turn(scene, used, &one.value) || outlives(scene, parent, one);
            let (line, quoted) = (scene.line(parent), scene.quoted(parent));
            is_kept.then(|| format!("is one of the keys of a dict on line {line}: {quoted}"))
        }
        // Ex) `pool[i] = C()`
        AnyNodeRef::StmtAssign(assign) => {
            let container = assign.targets.iter().find_map(|target| match target {
                Expr::Subscript(subscript) => Some(&*subscript.value),
                _ => None,
            })?;
            is_per_turn(scene, used, container).then(|| said(parent)).flatten()
        }
        // Ex) `pool += [C()]`
        AnyNodeRef::ExprList(_) => match tree.node(tree.parent(parent)?) {
            AnyNodeRef::StmtAugAssign(assign) => {
                is_per_turn(scene, used, &assign.target).then(|| said(parent)).flatten()
            }
            _ => None,
        },
        AnyNodeRef::ExprYield(_) if used.is_fresh => {
            scene.loop_around(side.node).and_then(|_| said(parent))
        }
        _ => None,
    }
}

/// Whether a collection only gets a name that nothing in the file reads: then nothing tells its
/// elements from one another.
fn is_idle(scene: &Scene<'_>, collection: NodeId) -> bool {
    let tree = scene.tree();
    let index = scene.objects.index;
    let Some(AnyNodeRef::StmtAssign(assign)) = tree.parent(collection).map(|id| tree.node(id))
    else {
        return false;
    };
    assign.targets.iter().all(|target| {
        target.is_name_expr()
            && index.binding_at(target.range()).is_some_and(|id| index.uses(id).is_empty())
    })
}

/// Whether the loop around a use builds the object in each turn, and keeps it in a container that
/// outlives the turn.
fn is_per_turn(scene: &Scene<'_>, used: Use, container: &Expr) -> bool {
    let Some(loop_) = scene.loop_around(used.node) else { return false };
    let tree = scene.tree();
    let range = tree.node(loop_).range();
    let is_built_inside = used.is_fresh
        || scene.objects.starts_of(used.node).iter().any(|&start| {
            scene.start_range(start).is_some_and(|start| range.contains_range(start))
        });
    let index = scene.objects.index;
    let names = &index.analysis.names;
    let is_outside = match container {
        Expr::Name(name) => index.reference_at(name.range).is_none_or(|id| {
            let reach = names.reach(names.reference(id));
            reach
                .bindings
                .iter()
                .any(|&binding| !range.contains_range(names.binding(binding).range))
        }),
        _ => true,
    };
    is_built_inside && is_outside
}

/// Whether a container is there longer than the function that puts something into it.
fn outlives(scene: &Scene<'_>, node: NodeId, element: &ast::ExprSubscript) -> bool {
    let index = scene.objects.index;
    let Some((_, function)) = flow::function_around(index, node) else { return false };
    let Expr::Name(name) = &*element.value else { return true };
    let names = &index.analysis.names;
    index.reference_at(name.range).is_none_or(|id| {
        let bindings = names.reach(names.reference(id)).bindings;
        bindings.iter().any(|&id| !function.range.contains_range(names.binding(id).range))
    })
}
