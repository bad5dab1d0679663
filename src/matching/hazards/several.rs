//! TM109: one function builds two objects of the class and keeps both.
//!
//! Whoever builds another one where one is at hand wants another one. Two objects count that are
//! kept under two names, in two attributes, as elements of a container, or that one call gets; and
//! a name that surely gets a second one after the first. Objects that are used up where they are
//! built, and those that are given back together, do not; nor do the attributes in a class's body,
//! which say what its objects have, nor what alternatives of one branch build.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::arms;
use super::flow;
use super::follow::{Objects, Use};
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
    /// By a call that gets it.
    Given(NodeId),
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
    let mut all: Vec<Kept> = Vec::new();
    let mut seen: FxHashSet<NodeId> = FxHashSet::default();
    for used in objects.carriers().flat_map(|(_, uses)| uses) {
        if used.is_fresh && used.node == used.source && seen.insert(used.node) {
            all.extend(kept(objects, used));
        }
    }
    all.sort_by_key(|one| one.node);
    let mut found = BTreeMap::new();
    for (first, second) in pairs(objects, &all) {
        let is_known = |kept: &Kept| kept.starts.iter().all(|start| found.contains_key(start));
        if is_known(first) && is_known(second) {
            continue;
        }
        let Some(said) = said(objects, first, second) else { continue };
        for (one, other) in [(first, second), (second, first)] {
            let stay = |kept: &Kept| kept.starts.iter().map(|&start| stays(start)).min();
            if stay(other) > stay(one) {
                continue;
            }
            let of = |start: &usize| targets.get(*start);
            let is_like = |start: &&usize| other.starts.iter().any(|two| of(two) == of(start));
            for &start in one.starts.iter().filter(is_like) {
                found.entry(start).or_insert_with(|| said.clone());
            }
        }
    }
    found
}

/// Those that may be two: what is kept near each other in one function, and what one call gets.
fn pairs<'k>(objects: &Objects<'_>, all: &'k [Kept]) -> Vec<(&'k Kept, &'k Kept)> {
    let mut found = Vec::new();
    let mut by_scope: FxHashMap<NodeId, Vec<&Kept>> = FxHashMap::default();
    let mut by_start: FxHashMap<usize, Vec<&Kept>> = FxHashMap::default();
    for one in all {
        for &start in &one.starts {
            by_start.entry(start).or_default().push(one);
        }
    }
    for one in all {
        let How::Given(call) = one.how else {
            let before = by_scope.entry(one.scope).or_default();
            found.extend(before.iter().rev().take(MOST_NEIGHBOURS).map(|first| (*first, one)));
            before.push(one);
            continue;
        };
        let arguments = objects.index.tree.inside(call).skip(1).map(|(id, _)| id);
        let starts = arguments.flat_map(|id| objects.starts_of(id));
        let others = starts.flat_map(|start| by_start.get(start).into_iter().flatten());
        let is_other = |other: &&&Kept| other.node != one.node && other.scope == one.scope;
        let in_order = |other: &'k Kept| {
            if other.node < one.node { (other, one) } else { (one, other) }
        };
        let others = others.filter(is_other).take(MOST_NEIGHBOURS);
        found.extend(others.map(|other| in_order(other)));
    }
    found
}

/// More than any real function has; a bound on what hostile ones cost.
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
    let same = flow::of(index, used.node).same;
    let text = |range: TextRange| slice(&index.analysis.source.text, range).to_owned();
    let target = same.iter().find_map(|&node| {
        let targets = flow::targets(index, node);
        targets.into_iter().map(|(target, _)| text(target.range())).next()
    });
    let how = match target {
        Some(target) => How::Under(target),
        None => held(objects, *same.last()?)?,
    };
    let starts = objects.starts_of(used.node).to_vec();
    Some(Kept { scope: around, node: used.node, how, starts })
}

/// How an expression that no name gets is kept.
fn held(objects: &Objects<'_>, node: NodeId) -> Option<How> {
    let tree = objects.index.tree;
    let parent = tree.parent(node)?;
    let range = tree.node(node).range();
    match tree.node(parent) {
        AnyNodeRef::ExprList(_) | AnyNodeRef::ExprSet(_) | AnyNodeRef::ExprDict(_) => {
            Some(How::Among)
        }
        AnyNodeRef::ExprTuple(_) => match tree.node(tree.parent(parent)?) {
            AnyNodeRef::StmtAssign(_) | AnyNodeRef::StmtAnnAssign(_) | AnyNodeRef::Arguments(_) => {
                Some(How::Among)
            }
            _ => None,
        },
        AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_) => {
            let call = tree.ancestors(node).find(|&id| tree.node(id).is_expr_call())?;
            let AnyNodeRef::ExprCall(called) = tree.node(call) else { return None };
            let is_collecting = |callee: &Expr| {
                callee.as_attribute_expr().is_some_and(|method| {
                    matches!(method.attr.as_str(), "append" | "add" | "insert" | "appendleft")
                })
            };
            if called.func.range().contains_range(range) {
                return None;
            }
            Some(if is_collecting(&called.func) { How::Among } else { How::Given(call) })
        }
        _ => None,
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
        How::Among | How::Given(_) => format!("line {}", line(kept)),
    };
    let kept = || {
        let (first, second) = (shown(first), shown(second));
        Some(format!("two are kept side by side, of {first} and of {second}, and would be one"))
    };
    match (&first.how, &second.how) {
        (How::Under(one), How::Under(other)) if one == other => {
            let common = tree
                .ancestors(second.node)
                .find(|&id| tree.node(id).range().contains_range(tree.node(first.node).range()))?;
            let is_sure = !arms::may_be_passed(tree, first.node, common)
                && !arms::may_be_passed(tree, second.node, common);
            let (first, second) = (line(first), line(second));
            is_sure.then(|| {
                format!(
                    "`{one}` gets a fresh object on line {second}, after that of line {first}: the \
                     shared one would be the same again"
                )
            })
        }
        (How::Given(one), How::Given(other)) => (one == other).then(kept)?,
        // Ex) `merge(a, C())`
        (How::Given(call), _) | (_, How::Given(call)) => {
            let AnyNodeRef::ExprCall(call) = tree.node(*call) else { return None };
            let other = if matches!(first.how, How::Given(_)) { second } else { first };
            let values = call.arguments.keywords.iter().map(|keyword| &keyword.value);
            let mut values = call.arguments.args.iter().chain(values);
            let gets_other = values.any(|value| {
                let may_be = tree.id_of(value).map_or(&[][..], |node| objects.starts_of(node));
                may_be.iter().any(|start| other.starts.contains(start))
            });
            gets_other.then(kept)?
        }
        _ => kept(),
    }
}
