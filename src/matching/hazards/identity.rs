//! TM109: it matters here that objects are distinct.

use super::detect::{Detected, Scene};
use super::flow;
use super::follow::Use;
use super::index::last_name;
use super::keyed;
use super::owners;
use super::readings::{self, Side};
use super::vocabulary;
use crate::resolve::members::expression_at;
use crate::site::Reason;
use crate::syntax::ast::{self, AnyNodeRef, CmpOp, Expr, Stmt};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// Why the object's identity matters where it is used, if it does.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    let (said, against) = compared(scene, used)
        .map(|(_, found)| found)
        .or_else(|| gathered(scene, used))
        .or_else(|| described(scene, used).map(|said| (said, None)))
        .or_else(|| keyed::detect(scene, used).map(|said| (said, None)))
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

/// `a is not b`, `assertIsNot(a, b)`, `id(a) != id(b)`, `a.window is not b.window`; what is read
/// from the object may have got a name before: `a = C().uid`.
fn compared(scene: &Scene<'_>, used: Use) -> Option<(Asked, Found)> {
    let side = readings::outwards(scene, used.node, true);
    let found = compared_at(scene, used, side, &|_| true);
    if found.is_some() || side.is_whole {
        return found;
    }
    readings::named(scene, side.node).into_iter().find_map(|node| {
        let side = readings::outwards(scene, node, false);
        // Ex) not `a = C().get("x"); b = C().get("y"); a != b`
        let is_like = |other: &Expr| {
            let own = expression_at(scene.objects.index.analysis, side.range);
            own.is_some_and(|own| readings::reading(scene, own) == readings::reading(scene, other))
        };
        let found = compared_at(scene, used, side, &is_like);
        found.filter(|(asked, _)| *asked == Asked::Differ)
    })
}

/// What a comparison asks of one side that is the object, or is read from it, where the other side
/// is one that counts.
fn compared_at<'a>(
    scene: &Scene<'a>,
    used: Use,
    side: Side,
    counts: &dyn Fn(&'a Expr) -> bool,
) -> Option<(Asked, Found)> {
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
    if is_constant(other) || !counts(other) {
        return None;
    }
    let known = readings::objects_in(scene, other, side.is_whole);
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
        // Ex) `o = f([c]); assert o.items[0] is c`
        (Asked::Same, true) if is_asserted(scene, node) && readings::has(scene, other, used) => {
            return None;
        }
        // Nothing is known of the other side.
        (Asked::Differ | Asked::Same, true) if side.is_whole => (said, None),
        _ => return None,
    };
    Some((asked, found))
}

/// Whether a comparison is what an assertion says: then it holds for an object of its own.
fn is_asserted(scene: &Scene<'_>, comparison: NodeId) -> bool {
    let tree = scene.tree();
    tree.node(comparison).is_expr_call()
        || tree.parent(comparison).is_some_and(|id| tree.node(id).is_stmt_assert())
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
    let side = readings::outwards(scene, used.node, true);
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
        let objects = readings::objects_in(scene, element, true);
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
    let side = readings::outwards(scene, used.node, true);
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
    if !side.is_whole {
        let is_set = used.is_fresh && is_set_of_one(scene, parent, side);
        return is_set.then(|| said(parent)).flatten();
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

/// Whether a comprehension makes a set of what would be the same in each turn, but for the object.
///
/// Ex) `{C().uid for _ in range(10)}`, and not `{C().get(key) for key in keys}`
fn is_set_of_one(scene: &Scene<'_>, comprehension: NodeId, element: Side) -> bool {
    let tree = scene.tree();
    let (elt, generators) = match tree.node(comprehension) {
        AnyNodeRef::ExprSetComp(comp) => (&comp.elt, &comp.generators),
        AnyNodeRef::ExprListComp(comp) if is_argument_of_set(scene, comprehension) => {
            (&comp.elt, &comp.generators)
        }
        AnyNodeRef::ExprGenerator(comp) if is_argument_of_set(scene, comprehension) => {
            (&comp.elt, &comp.generators)
        }
        _ => return false,
    };
    let index = scene.objects.index;
    let names = &index.analysis.names;
    let is_of_turn = |node: AnyNodeRef<'_>| {
        let reach = index.reference_at(node.range()).map(|id| names.reach(names.reference(id)));
        reach.is_some_and(|reach| {
            reach.bindings.iter().any(|&id| {
                let bound = names.binding(id).range;
                generators.iter().any(|one| one.target.range().contains_range(bound))
            })
        })
    };
    let mut inside = tree.inside(element.node).chain([(element.node, tree.node(element.node))]);
    elt.range() == element.range && !inside.any(|(_, node)| node.is_expr_name() && is_of_turn(node))
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

/// A descriptor in the body of a class: it is told its name, or keeps its values under it.
///
/// Ex) `class Form: name = C()`, where `C` defines `__set_name__`
fn described(scene: &Scene<'_>, used: Use) -> Option<String> {
    let methods = &scene.target.facts.methods;
    let has = |name: &str| methods.iter().any(|method| method == name);
    let is_told = has("__set_name__") || has("__set__") || has("__delete__");
    if !used.builds() || !(is_told || has("__get__")) {
        return None;
    }
    let tree = scene.tree();
    let range = tree.node(used.node).range();
    let statement = tree.parent(used.node)?;
    let AnyNodeRef::StmtClassDef(class) = tree.node(tree.parent(statement)?) else { return None };
    value_of(tree.node(statement)).filter(|value| value.range() == range)?;
    let is_other = |statement: &Stmt| {
        let value = value_of(AnyNodeRef::from(statement)).filter(|value| value.range() != range);
        let objects = value.map(|value| readings::objects_in(scene, value, true));
        objects.unwrap_or_default().into_iter().any(|other| scene.is_of_target(other))
    };
    let line = scene.line(statement);
    (is_told || class.body.iter().any(is_other))
        .then(|| format!("is an attribute that `{}` has for itself, on line {line}", class.name))
}

fn value_of(statement: AnyNodeRef<'_>) -> Option<&Expr> {
    match statement {
        AnyNodeRef::StmtAssign(assign) => Some(&assign.value),
        AnyNodeRef::StmtAnnAssign(assign) => assign.value.as_deref(),
        _ => None,
    }
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
