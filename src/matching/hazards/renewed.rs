//! TM109: a place that one function gives an object gets another one in another function.
//!
//! `self.state = C()` in `__init__` and again in `reset`: whoever resets wants a fresh one. A build
//! that runs only where there is none yet is no second one, nor are two constructors of a class, two
//! tests, or a method and the one that replaces it in a derived class.

use rustc_hash::{FxHashMap, FxHashSet};

use super::arms;
use super::flow;
use super::follow::{How, Objects};
use super::index::{ClassId, Index, Place, Root};
use super::lazy;
use crate::semantic::{NameId, ScopeId};
use crate::syntax::ast::{AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, slice};

/// Two objects that one place gets.
pub(super) struct Renewed {
    /// What builds the earlier one in the text.
    pub(super) first: NodeId,
    /// What builds the other.
    pub(super) second: NodeId,
    pub(super) said: String,
}

/// What gets an object: an attribute, or a name that several functions share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    /// An attribute of objects of the file's classes, by its path.
    OfObjects(Vec<NameId>),
    OfName(Place),
    Name(ScopeId, NameId),
}

/// A place that a build gives its object.
struct Written<'a> {
    build: NodeId,
    target: &'a Expr,
    /// The class whose objects have the attribute.
    class: Option<ClassId>,
    by: Writer<'a>,
}

/// Whose code a build is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Writer<'a> {
    /// The function, class or module.
    node: NodeId,
    /// The function's name.
    name: &'a str,
    /// The class whose method it is, or whose body.
    class: Option<ClassId>,
}

/// With how many others each build is compared; a bound on what hostile files cost.
const MOST_NEIGHBOURS: usize = 32;

/// The places that get one object after another.
pub(super) fn find(objects: &Objects<'_>) -> Vec<Renewed> {
    let index = objects.index;
    let mut by_kind: FxHashMap<Kind, Vec<Written<'_>>> = FxHashMap::default();
    let mut seen: FxHashSet<NodeId> = FxHashSet::default();
    for used in objects.carriers().flat_map(|(_, uses)| uses) {
        if !used.builds() || !seen.insert(used.node) {
            continue;
        }
        for (kind, written) in written(objects, used.node) {
            by_kind.entry(kind).or_default().push(written);
        }
    }
    let mut found = Vec::new();
    let mut several: Vec<Vec<Written<'_>>> =
        by_kind.into_values().filter(|all| all.len() > 1).collect();
    for all in &mut several {
        all.retain(|one| !lazy::is_lazy(index, one.build, one.target));
        all.sort_by_key(|one| one.build);
        for (at, second) in all.iter().enumerate() {
            let before = all.iter().take(at).rev().take(MOST_NEIGHBOURS);
            let others = before.filter(|first| is_renewed(index, first, second));
            found.extend(others.map(|first| renewed(index, first, second)));
        }
    }
    found.sort_by_key(|one| (one.first, one.second));
    found
}

/// The builds whose objects an attribute gets that the same function has surely used before: the
/// attributes that hold an object, in which `is_method` knows a method of the class of a start.
///
/// Ex) `x.event.set(); x.event = C()`
pub(super) fn after_use(
    objects: &Objects<'_>,
    is_method: &dyn Fn(usize, &str) -> bool,
) -> Vec<(usize, String)> {
    let index = objects.index;
    let mut found = Vec::new();
    let mut read: FxHashMap<Place, Vec<NodeId>> = FxHashMap::default();
    let mut seen: FxHashSet<NodeId> = FxHashSet::default();
    for used in objects.carriers().flat_map(|(_, uses)| uses) {
        let starts = objects.starts_of(used.node);
        let (true, &[start]) = (used.builds() && seen.insert(used.node), starts) else { continue };
        let same = objects.flow(used.node).same.into_iter();
        let targets = same.flat_map(|node| flow::targets(index, node));
        for (target, _) in targets.filter(|(target, _)| target.is_attribute_expr()) {
            let Some(place) = index.place_of(target) else { continue };
            let read = read.entry(place).or_insert_with_key(|place| index.at_place(place));
            let first = used_before(index, used.node, read, &|name| is_method(start, name));
            if let Some(first) = first.filter(|_| !lazy::is_lazy(index, used.node, target)) {
                let line = |id| index.analysis.lines().position(index.tree.node(id).start()).line;
                let shown = slice(&index.analysis.source.text, target.range());
                let (first, second) = (line(first), line(used.node));
                let said = format!(
                    "`{shown}` is used on line {first} and then gets a fresh object on line \
                     {second}: the shared one would be the same again"
                );
                found.push((start, said));
            }
        }
    }
    found.sort_unstable();
    found
}

/// The nearest of these reads that surely runs before `build` in its function, and calls a method.
fn used_before(
    index: &Index<'_>,
    build: NodeId,
    read: &[NodeId],
    is_method: &dyn Fn(&str) -> bool,
) -> Option<NodeId> {
    let tree = index.tree;
    let (function, _) = flow::function_around(index, build)?;
    let before = read.partition_point(|&id| id < build);
    let inside = read.get(..before)?.iter().rev().take_while(|&&id| id > function);
    inside.take(MOST_NEIGHBOURS).copied().find(|&id| {
        let around = tree.parent(id).map(|parent| tree.node(parent));
        let method = around.as_ref().and_then(AnyNodeRef::as_expr_attribute);
        let range = tree.node(id).range();
        let mut around = tree.ancestors(build);
        let common = around.find(|&one| tree.node(one).range().contains_range(range));
        method.is_some_and(|method| method.ctx.is_load() && is_method(method.attr.as_str()))
            && flow::function_around(index, id).is_some_and(|(one, _)| one == function)
            && common.is_some_and(|common| !arms::may_be_passed(tree, id, common))
            && !arms::exclude(tree, id, build)
    })
}

fn renewed(index: &Index<'_>, first: &Written<'_>, second: &Written<'_>) -> Renewed {
    let line = |id: NodeId| index.analysis.lines().position(index.tree.node(id).start()).line;
    let target = slice(&index.analysis.source.text, second.target.range());
    let (one, other) = (line(first.build), line(second.build));
    let said = format!(
        "`{target}` is built anew on line {other}, after that of line {one}: the shared one would \
         be the same again"
    );
    Renewed { first: first.build, second: second.build, said }
}

/// The places that get what `build` builds.
fn written<'a>(objects: &Objects<'a>, build: NodeId) -> Vec<(Kind, Written<'a>)> {
    let index = objects.index;
    let tree = index.tree;
    let names = &index.analysis.names;
    let around = |id: &NodeId| {
        matches!(
            tree.node(*id),
            AnyNodeRef::ModModule(_)
                | AnyNodeRef::StmtFunctionDef(_)
                | AnyNodeRef::StmtClassDef(_)
                | AnyNodeRef::ExprLambda(_)
        )
    };
    let Some(node) = tree.ancestors(build).find(around) else { return Vec::new() };
    let by = match tree.node(node) {
        AnyNodeRef::StmtFunctionDef(function) => {
            Writer { node, name: &function.name, class: index.class_around(node) }
        }
        AnyNodeRef::StmtClassDef(class) => {
            Writer { node, name: "", class: index.class_at(class.range) }
        }
        AnyNodeRef::ModModule(_) => Writer { node, name: "", class: None },
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for same in objects.flow(build).same {
        for (target, how) in flow::targets(index, same) {
            let place = match target {
                _ if how != How::Assigned => None,
                Expr::Attribute(_) => index.place_of(target),
                Expr::Name(name) => index.binding_at(name.range).and_then(|id| {
                    let binding = names.binding(id);
                    let class = index.class_at(names.scope(binding.scope).node);
                    let place = class
                        .map(|class| Place { root: Root::Class(class), path: vec![binding.name] });
                    if place.is_none() {
                        let written = Written { build, target, class: None, by };
                        found.push((Kind::Name(binding.scope, binding.name), written));
                    }
                    place
                }),
                _ => None,
            };
            let (kind, class) = match place {
                Some(Place { root: Root::Class(class), path }) => {
                    (Kind::OfObjects(path), Some(class))
                }
                Some(place @ Place { root: Root::Name(..), .. }) => (Kind::OfName(place), None),
                // Parameters of one name may be different objects.
                Some(Place { root: Root::Parameter(_), .. }) | None => continue,
            };
            found.push((kind, Written { build, target, class, by }));
        }
    }
    found
}

/// Whether the second of two builds, or the first, is surely an object more where one was.
fn is_renewed(index: &Index<'_>, first: &Written<'_>, second: &Written<'_>) -> bool {
    if first.by.node == second.by.node || arms::exclude(index.tree, first.build, second.build) {
        return false;
    }
    let is_test = |one: &Written<'_>| one.by.name.starts_with("test");
    if is_test(first) && is_test(second) {
        return false;
    }
    let (Some(one), Some(other)) = (first.class, second.class) else { return true };
    let related = |one: ClassId, other: ClassId| index.family(other).any(|class| class == one);
    // A method of a class that has the attribute: it is its own object's.
    let is_own = |written: &Written<'_>, class| {
        written.by.class.is_some_and(|by| by == class || related(by, class))
    };
    let is_replaced = first.by.name == second.by.name && first.by.class != second.by.class;
    let (first_constructs, second_constructs) = (constructs(first), constructs(second));
    if !related(one, other) || is_replaced || first_constructs && second_constructs {
        return false;
    }
    match (is_own(first, one), is_own(second, other)) {
        (true, true) => true,
        // Ex) `service.state = C()`, where the class's `__init__` has built one
        (true, false) => first_constructs,
        (false, true) => second_constructs,
        (false, false) => false,
    }
}

/// Whether every object of the class begins with this build, or may.
fn constructs(written: &Written<'_>) -> bool {
    let name = written.by.name;
    written.by.class.is_some()
        && matches!(
            name,
            "" | "__init__" | "__new__" | "__post_init__" | "__attrs_post_init__" | "__setstate__"
        )
}
