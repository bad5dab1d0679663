//! TM109: a function uses the shared object by its name and keeps one of its own beside it.
//!
//! `own = C(); own.add(1); manager.clear(); return own.items` wants two. One that is built only where
//! there is none, `x or C()`, or in another branch than the shared one is used in, is no second one.

use rustc_hash::FxHashMap;

use super::arms;
use super::flow;
use super::follow::Objects;
use super::lazy;
use super::several::{self, How, Kept};
use crate::matching::target::Target;
use crate::resolve::Origin;
use crate::resolve::members::Chain;
use crate::semantic::{BindingKind, NameId, Reference, Usage};
use crate::strings::Place;
use crate::syntax::ast::{AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, slice};

/// The uses of a shared object, by the functions that they stand in.
type Uses = FxHashMap<NodeId, Vec<NodeId>>;

/// The starts that are kept beside the shared object, with what is said of them; `target_of` knows
/// the target of each, and its place among all.
pub(super) fn find<'a>(
    place: &Place<'_>,
    objects: &Objects<'_>,
    target_of: &dyn Fn(usize) -> Option<(usize, &'a Target)>,
) -> Vec<(usize, String)> {
    let tree = objects.index.tree;
    let mut shared: FxHashMap<usize, Uses> = FxHashMap::default();
    let mut found = Vec::new();
    for used in objects.carriers().flat_map(|(_, uses)| uses).filter(|used| used.builds()) {
        let Some(kept) = several::kept(objects, used) else { continue };
        let How::Under(name) = &kept.how else { continue };
        if !tree.node(kept.scope).is_stmt_function_def() {
            continue;
        }
        for &start in &kept.starts {
            let Some((at, target)) = target_of(start) else { continue };
            let uses = shared.entry(at).or_insert_with(|| uses_of(place, objects, target));
            let beside = uses.get(&kept.scope).into_iter().flatten().take(MOST_USES).copied();
            let mut beside = beside.filter(|&id| are_both_wanted(objects, &kept, id));
            let Some(beside) = beside.next().filter(|_| is_wanted(objects, &kept)) else {
                continue;
            };
            let analysis = place.analysis;
            let line = |id| analysis.lines().position(tree.node(id).start()).line;
            let shown = slice(&analysis.source.text, tree.node(beside).range());
            let said = format!(
                "`{name}` of line {} is kept beside the shared object, `{shown}` on line {}, and \
                 would be that one",
                line(kept.node),
                line(beside)
            );
            found.push((start, said));
        }
    }
    found.sort_unstable();
    found
}

/// With how many uses each build is compared; a bound on what hostile functions cost.
const MOST_USES: usize = 32;

/// Whether an object is built for its own sake, and read.
fn is_wanted(objects: &Objects<'_>, kept: &Kept) -> bool {
    let index = objects.index;
    let tree = index.tree;
    let mut around = tree.ancestors(kept.node).map(|id| tree.node(id));
    let is_fallback = around
        .by_ref()
        .take_while(|node| !node.is_statement())
        .any(|node| matches!(node, AnyNodeRef::ExprBoolOp(_) | AnyNodeRef::ExprIf(_)));
    let targets = several::targets_of(objects, kept);
    let is_read = |target: &&Expr| match target {
        Expr::Name(name) => {
            index.binding_at(name.range).is_none_or(|id| !index.uses(id).is_empty())
        }
        _ => true,
    };
    !is_fallback
        && targets.iter().any(is_read)
        && !targets.iter().any(|target| lazy::is_lazy(index, kept.node, target))
}

/// Whether neither the use of the shared object nor the build is there in the other's stead.
fn are_both_wanted(objects: &Objects<'_>, kept: &Kept, used: NodeId) -> bool {
    let tree = objects.index.tree;
    let (first, second) = if used < kept.node { (used, kept.node) } else { (kept.node, used) };
    let range = tree.node(used).range();
    // Ex) `if manager.is_off(): own = C()`
    let is_condition = |id: NodeId| match tree.node(id) {
        AnyNodeRef::StmtIf(one) => {
            let more = one.elif_else_clauses.iter().filter_map(|clause| clause.test.as_ref());
            std::iter::once(&*one.test).chain(more).any(|test| test.range().contains_range(range))
        }
        _ => false,
    };
    !arms::exclude(tree, first, second) && !tree.ancestors(kept.node).any(is_condition)
}

/// Where the file uses the shared object by a name, imported or of its module.
fn uses_of(place: &Place<'_>, objects: &Objects<'_>, target: &Target) -> Uses {
    let index = objects.index;
    let Place { resolver, file, analysis } = *place;
    let names = &analysis.names;
    let facts = &target.shared_facts;
    let shared = || facts.objects.iter().chain(&facts.factories).chain([&target.shared]);
    let written: Vec<&str> = shared().filter_map(last_name).collect();
    let imported: Vec<NameId> = names
        .aliases()
        .filter_map(|(_, binding)| match &binding.kind {
            BindingKind::ImportFrom { member, .. } => {
                written.contains(&member.as_str()).then_some(binding.name)
            }
            _ => None,
        })
        .collect();
    let attributes: Vec<NameId> = written.iter().filter_map(|name| names.id(name)).collect();
    let depth = |reference: &Reference| {
        if imported.contains(&reference.name) {
            return Some(0);
        }
        let mut chain = reference.attributes.iter();
        chain.rposition(|name| attributes.contains(name)).map(|at| at + 1)
    };
    let mut found = Uses::default();
    for (id, reference) in names.references() {
        let is_code = !reference.in_string && reference.usage == Usage::Runtime;
        let Some(depth) = depth(reference).filter(|_| is_code) else { continue };
        let resolution = resolver.chain(file, analysis, Chain { reference, depth });
        let is_called = reference.called && reference.attributes.len() == depth;
        let is_shared = resolution.certain().is_some_and(|origin| {
            facts.objects.contains(origin) || is_called && facts.factories.contains(origin)
        });
        let tree = index.tree;
        let name = index.name_node(id).filter(|_| is_shared);
        let node = name.and_then(|name| match depth.checked_sub(1) {
            Some(outwards) => tree.ancestors(name).nth(outwards),
            None => Some(name),
        });
        if let Some(node) = node
            && let Some((function, _)) = flow::function_around(index, node)
        {
            found.entry(function).or_default().push(node);
        }
    }
    found
}

fn last_name(origin: &Origin) -> Option<&str> {
    match origin {
        Origin::Symbol(symbol) => Some(&symbol.name),
        Origin::External(path) => path.rsplit('.').next(),
        _ => None,
    }
}
