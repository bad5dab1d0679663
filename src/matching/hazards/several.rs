//! TM109: one function has two objects of the class, and both matter.
//!
//! Whoever builds another one where one is at hand wants another one. Two objects count that one
//! function keeps under two names, in two attributes or as elements of a container, or gets as a
//! fixture; two that one call gets, as arguments or as the object whose method it is; and a name that
//! surely gets a second one after the first. Objects that are used up where they are built, and those
//! that are given back together, do not; nor do the attributes in a class's body, which say what its
//! objects have, nor what alternatives of one branch build.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::arms;
use super::flow;
use super::follow::{Objects, Use};
use super::index::last_name;
use super::lazy;
use super::renewed;
use super::vocabulary;
use crate::semantic::BindingId;
use crate::syntax::ast::{AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange, slice};

/// An object that is built and kept.
struct Kept {
    /// The function or module.
    scope: NodeId,
    /// What builds it.
    node: NodeId,
    how: How,
    starts: Vec<usize>,
}

#[derive(PartialEq, Eq)]
enum How {
    /// Under a name or in an attribute, as it is written.
    Under(String),
    /// As an element of a container.
    Among,
}

/// An object that a call gets.
struct Given<'a> {
    /// The expression that it is.
    node: NodeId,
    is_fresh: bool,
    starts: &'a [usize],
}

/// How certain it is that an object stays its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stays {
    /// Only hazards are in the way of sharing it.
    No,
    /// Its arguments are in the way, unless they are accepted.
    ByArguments,
    /// A person says so.
    ByComment,
}

/// The starts of which two are kept in one function, with what is said of them.
///
/// None is in the way of another that stays its own with more certainty, as `stays` says: the two
/// remain two.
pub(super) fn find(
    objects: &Objects<'_>,
    targets: &[usize],
    stays: &dyn Fn(usize) -> Stays,
) -> BTreeMap<usize, String> {
    let mut all: Vec<Kept> = objects.fixtures_given().filter_map(|it| given(objects, it)).collect();
    let mut seen: FxHashSet<NodeId> = FxHashSet::default();
    for used in objects.carriers().flat_map(|(_, uses)| uses) {
        if used.builds() && seen.insert(used.node) {
            all.extend(kept(objects, used));
        }
    }
    all.sort_by_key(|one| one.node);
    let mut found = BTreeMap::new();
    let mut note = |first: &[usize], second: &[usize], said: &dyn Fn() -> Option<String>| {
        let is_known = |starts: &[usize]| starts.iter().all(|start| found.contains_key(start));
        if is_known(first) && is_known(second) {
            return;
        }
        let Some(said) = said() else { return };
        for (one, other) in [(first, second), (second, first)] {
            let stay = |starts: &[usize]| starts.iter().map(|&start| stays(start)).min();
            if stay(other) > stay(one) {
                continue;
            }
            let of = |start: &usize| targets.get(*start);
            let is_like = |start: &&usize| other.iter().any(|two| of(two) == of(start));
            for &start in one.iter().filter(is_like) {
                found.entry(start).or_insert_with(|| said.clone());
            }
        }
    };
    let mut by_scope: FxHashMap<NodeId, Vec<&Kept>> = FxHashMap::default();
    for one in &all {
        let before = by_scope.entry(one.scope).or_default();
        for first in before.iter().rev().take(MOST_NEIGHBOURS) {
            note(&first.starts, &one.starts, &|| said(objects, first, one));
        }
        before.push(one);
    }
    for one in renewed::find(objects) {
        let (first, second) = (objects.starts_of(one.first), objects.starts_of(one.second));
        note(first, second, &|| Some(one.said.clone()));
    }
    for given in by_call(objects).values() {
        for (at, second) in given.iter().enumerate() {
            let neighbours = given.iter().take(at.min(MOST_NEIGHBOURS));
            for first in neighbours.filter(|first| are_two(first, second)) {
                note(first.starts, second.starts, &|| Some(said_of_call(objects, first, second)));
            }
        }
    }
    found
}

/// The objects that each call gets, as arguments or as the object whose method it is.
fn by_call<'a>(objects: &'a Objects<'_>) -> BTreeMap<NodeId, Vec<Given<'a>>> {
    let mut found: BTreeMap<NodeId, Vec<Given<'a>>> = BTreeMap::new();
    for used in objects.carriers().flat_map(|(_, uses)| uses) {
        let Some(call) = call_that_gets(objects, used.node) else { continue };
        let given = found.entry(call).or_default();
        let starts = objects.starts_of(used.node);
        given.push(Given { node: used.node, is_fresh: used.is_fresh, starts });
    }
    for given in found.values_mut() {
        given.sort_by_key(|one| (one.node, !one.is_fresh));
        given.dedup_by_key(|one| one.node);
    }
    found
}

fn call_that_gets(objects: &Objects<'_>, node: NodeId) -> Option<NodeId> {
    let tree = objects.index.tree;
    let parent = tree.parent(node)?;
    match tree.node(parent) {
        // Ex) `a.merge(…)`
        AnyNodeRef::ExprAttribute(method) => {
            let call = tree.parent(parent)?;
            let callee = &tree.node(call).as_expr_call()?.func;
            (callee.range() == method.range()).then_some(call)
        }
        AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_) => {
            tree.ancestors(parent).find(|&id| tree.node(id).is_expr_call())
        }
        _ => None,
    }
}

/// Whether what a call gets are two objects, and not one that may be had in two ways.
fn are_two(first: &Given<'_>, second: &Given<'_>) -> bool {
    let is_shared = |start: &usize| second.starts.contains(start);
    first.is_fresh || second.is_fresh || !first.starts.iter().any(is_shared)
}

fn said_of_call(objects: &Objects<'_>, first: &Given<'_>, second: &Given<'_>) -> String {
    let index = objects.index;
    let tree = index.tree;
    let built = |given: &Given<'_>| {
        let build = given.starts.first().and_then(|&start| objects.build(start));
        build.filter(|_| !given.is_fresh).unwrap_or(given.node)
    };
    let line = |node: NodeId| index.analysis.lines().position(tree.node(node).start()).line;
    let shown = |given: &Given<'_>| {
        let line = line(built(given));
        if given.is_fresh {
            return format!("line {line}");
        }
        let name = slice(&index.analysis.source.text, tree.node(given.node).range());
        format!("line {line} (`{name}`)")
    };
    let (first, second) =
        if built(second) < built(first) { (second, first) } else { (first, second) };
    side_by_side(&shown(first), &shown(second))
}

fn side_by_side(first: &str, second: &str) -> String {
    format!("two are kept side by side, of {first} and of {second}, and would be one")
}

/// How a test keeps what a fixture gives it: under the name of its parameter.
fn given(objects: &Objects<'_>, (parameter, starts): (BindingId, Vec<usize>)) -> Option<Kept> {
    let index = objects.index;
    let names = &index.analysis.names;
    let parameter = names.binding(parameter);
    let scope = index.function_at(names.scope(parameter.scope).node)?;
    let (node, _) = index.tree.inside(scope).find(
        |(_, node)| matches!(node, AnyNodeRef::Parameter(one) if one.name.range == parameter.range),
    )?;
    let how = How::Under(names.text(parameter.name).to_owned());
    Some(Kept { scope, node, how, starts })
}

/// With how many others each object is compared; a bound on what hostile functions cost.
const MOST_NEIGHBOURS: usize = 32;

/// How an object is kept that `used` builds, if it is.
fn kept(objects: &Objects<'_>, used: &Use) -> Option<Kept> {
    let index = objects.index;
    let tree = index.tree;
    let around = tree.ancestors(used.node).find(|&id| {
        matches!(
            tree.node(id),
            AnyNodeRef::ModModule(_)
                | AnyNodeRef::StmtFunctionDef(_)
                | AnyNodeRef::StmtClassDef(_)
                | AnyNodeRef::ExprLambda(_)
                | AnyNodeRef::ExprListComp(_)
                | AnyNodeRef::ExprSetComp(_)
                | AnyNodeRef::ExprDictComp(_)
                | AnyNodeRef::ExprGenerator(_)
        )
    })?;
    if !matches!(tree.node(around), AnyNodeRef::ModModule(_) | AnyNodeRef::StmtFunctionDef(_)) {
        return None;
    }
    let same = objects.flow(used.node).same;
    let text = |range: TextRange| slice(&index.analysis.source.text, range).to_owned();
    let target = same.iter().find_map(|&node| {
        let targets = flow::targets(index, node);
        targets.into_iter().map(|(target, _)| text(target.range())).next()
    });
    let how = match target {
        Some(target) => How::Under(target),
        None => same.iter().rev().find_map(|&node| held(objects, node))?,
    };
    let starts = objects.starts_of(used.node).to_vec();
    Some(Kept { scope: around, node: used.node, how, starts })
}

/// How an expression that no name gets is kept.
fn held(objects: &Objects<'_>, node: NodeId) -> Option<How> {
    let tree = objects.index.tree;
    let parent = tree.parent(node)?;
    match tree.node(parent) {
        AnyNodeRef::ExprList(_) | AnyNodeRef::ExprSet(_) | AnyNodeRef::ExprDict(_) => {
            (!is_compared(objects, parent)).then_some(How::Among)
        }
        // Ex) `seen[C()] = 1`
        AnyNodeRef::ExprSubscript(one) if one.ctx.is_store() => Some(How::Among),
        AnyNodeRef::ExprTuple(_) => match tree.node(tree.parent(parent)?) {
            AnyNodeRef::StmtAssign(_) | AnyNodeRef::StmtAnnAssign(_) | AnyNodeRef::Arguments(_) => {
                Some(How::Among)
            }
            _ => None,
        },
        AnyNodeRef::Arguments(_) => {
            let call = tree.node(tree.ancestors(node).find(|&id| tree.node(id).is_expr_call())?);
            let method = call.as_expr_call()?.func.as_attribute_expr()?;
            vocabulary::collects(method.attr.as_str()).then_some(How::Among)
        }
        _ => None,
    }
}

/// Whether a container is only compared for its elements: `assert f() == [1, C()]`.
fn is_compared(objects: &Objects<'_>, container: NodeId) -> bool {
    let tree = objects.index.tree;
    let around = tree.ancestors(container).map(|id| tree.node(id)).find(|node| {
        !matches!(
            node,
            AnyNodeRef::ExprList(_)
                | AnyNodeRef::ExprSet(_)
                | AnyNodeRef::ExprDict(_)
                | AnyNodeRef::ExprTuple(_)
                | AnyNodeRef::Arguments(_)
        )
    });
    match around {
        Some(AnyNodeRef::ExprCompare(_)) => true,
        // Ex) `self.assertEqual(f(), [1, C()])`
        Some(AnyNodeRef::ExprCall(call)) => {
            matches!(last_name(&call.func), Some("assertEqual" | "assertEquals"))
        }
        _ => false,
    }
}

/// Why two objects of one function are two, if they are.
fn said(objects: &Objects<'_>, first: &Kept, second: &Kept) -> Option<String> {
    let index = objects.index;
    let tree = index.tree;
    if arms::exclude(tree, first.node, second.node) {
        return None;
    }
    let line = |kept: &Kept| {
        let start = tree.node(kept.node).start();
        index.analysis.lines().position(start).line
    };
    let shown = |kept: &Kept| match &kept.how {
        How::Under(name) => format!("line {} (`{name}`)", line(kept)),
        How::Among => format!("line {}", line(kept)),
    };
    match (&first.how, &second.how) {
        (How::Under(one), How::Under(other)) if one == other => {
            let common = tree
                .ancestors(second.node)
                .find(|&id| tree.node(id).range().contains_range(tree.node(first.node).range()))?;
            // Ex) `m = C(); send(m)`, and then `if more: m = C(); send(m)`
            let is_wanted = || is_used_between(objects, first, second) && !is_lazy(objects, second);
            let is_sure = !arms::may_be_passed(tree, first.node, common)
                && (!arms::may_be_passed(tree, second.node, common) || is_wanted());
            let (first, second) = (line(first), line(second));
            is_sure.then(|| {
                format!(
                    "`{one}` gets a fresh object on line {second}, after that of line {first}: the \
                     shared one would be the same again"
                )
            })
        }
        _ => Some(side_by_side(&shown(first), &shown(second))),
    }
}

/// Whether the object that `first` builds is used under its name before `second` is built.
fn is_used_between(objects: &Objects<'_>, first: &Kept, second: &Kept) -> bool {
    let index = objects.index;
    let tree = index.tree;
    let (after, before) = (tree.node(first.node).end(), tree.node(second.node).start());
    let is_between = |id: NodeId| {
        let node = tree.node(id);
        let is_written = node.as_expr_attribute().is_some_and(|one| !one.ctx.is_load());
        node.start() >= after && node.end() <= before && !is_written
    };
    targets_of(objects, first).into_iter().any(|target| match target {
        Expr::Name(name) => {
            let uses = index.binding_at(name.range).map(|id| index.uses(id)).unwrap_or_default();
            uses.into_iter().filter_map(|id| index.name_node(id)).any(is_between)
        }
        target => {
            let place = index.place_of(target);
            let mut read =
                place.map(|place| index.at_place(&place)).unwrap_or_default().into_iter();
            read.any(is_between)
        }
    })
}

/// Whether `kept` is built only where there is none.
fn is_lazy(objects: &Objects<'_>, kept: &Kept) -> bool {
    let mut targets = targets_of(objects, kept).into_iter();
    targets.any(|target| lazy::is_lazy(objects.index, kept.node, target))
}

/// What gets the object that is kept.
fn targets_of<'a>(objects: &Objects<'a>, kept: &Kept) -> Vec<&'a Expr> {
    let index = objects.index;
    let same = objects.flow(kept.node).same.into_iter();
    same.flat_map(|node| flow::targets(index, node)).map(|(target, _)| target).collect()
}
