//! Objects in containers of the file: which containers hold one, and which expressions take it out
//! again.
//!
//! A constant index or key says which element is meant; other elements of the same container are
//! then not the object. Which containers are made of a container is for `made_of`.

use super::flow;
use super::follow::{How, Key, Step};
use super::functions;
use super::index::{Index, last_name};
use super::made_of;
use super::passed;
use super::vocabulary;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, slice};

/// Where in a container an object is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Anywhere.
    Any,
    /// At this index of a list or tuple.
    Index(usize),
    /// The value of this key of a dict, as it is written; of any key where that is no constant.
    Value(Option<String>),
    /// The attribute of this name of a namespace that holds nothing else.
    Attribute(String),
    /// What a call of it gives anew: the container is a function.
    Called,
    /// What each call of it gives: the container is a mock.
    Answered,
    /// What `with` gives of a call of it: the container is a context manager's function.
    Entered,
}

impl Slot {
    /// An index that was counted on from others, so that a function which calls itself may count
    /// on: it is not told apart beyond a bound.
    pub(super) fn index(at: usize) -> Self {
        if at < MOST_COUNTED { Self::Index(at) } else { Self::Any }
    }

    /// The key of a dict that is this text.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Value(Some(key)) => key.strip_prefix('"')?.strip_suffix('"'),
            _ => None,
        }
    }

    /// The slot where the elements of a container are moved, and values keep their keys.
    pub(super) fn moved(&self) -> Self {
        match self {
            Self::Index(_) => Self::Any,
            slot => slot.clone(),
        }
    }
}

/// More arguments than functions are given.
const MOST_COUNTED: usize = 16;

/// The containers that hold the value of `node`.
pub(super) fn holders(index: &Index<'_>, node: NodeId) -> Vec<(Key, Step)> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let Some(parent) = tree.parent(node) else { return Vec::new() };
    match tree.node(parent) {
        AnyNodeRef::ExprList(list) => displayed(index, parent, &at(&list.elts, node, index)),
        AnyNodeRef::ExprTuple(tuple) => displayed(index, parent, &at(&tuple.elts, node, index)),
        AnyNodeRef::ExprSet(_) => displayed(index, parent, &Slot::Any),
        AnyNodeRef::ExprDict(dict) => {
            let item = dict.items.iter().find(|item| item.value.range() == range);
            let key = item.and_then(|item| item.key.as_ref());
            item.map_or(Vec::new(), |_| {
                displayed(index, parent, &Slot::Value(key.and_then(|key| constant(index, key))))
            })
        }
        AnyNodeRef::ExprListComp(comp) if comp.elt.range() == range => {
            displayed(index, parent, &Slot::Any)
        }
        AnyNodeRef::ExprSetComp(comp) if comp.elt.range() == range => {
            displayed(index, parent, &Slot::Any)
        }
        AnyNodeRef::ExprGenerator(comp) if comp.elt.range() == range => {
            displayed(index, parent, &Slot::Any)
        }
        AnyNodeRef::ExprDictComp(comp) if comp.value.range() == range => {
            displayed(index, parent, &Slot::Value(None))
        }
        AnyNodeRef::Keyword(keyword) => {
            let call = tree.ancestors(parent).nth(1).map(|id| (id, tree.node(id)));
            let (Some(name), Some((id, AnyNodeRef::ExprCall(call)))) = (&keyword.arg, call) else {
                return Vec::new();
            };
            named(index, (id, call), name.as_str(), node)
        }
        AnyNodeRef::Arguments(_) => {
            let around = tree.parent(parent).map(|id| (id, tree.node(id)));
            let Some((id, AnyNodeRef::ExprCall(call))) = around else { return Vec::new() };
            match &*call.func {
                callee if last_name(callee) == Some("gather") => {
                    displayed(index, id, &at(&call.arguments.args, node, index))
                }
                Expr::Attribute(method) if vocabulary::collects(method.attr.as_str()) => {
                    // Ex) `current.set(C())`, but `cache.set("r", C())`
                    let has_key = matches!(method.attr.as_str(), "set" | "setdefault");
                    let key =
                        call.arguments.args.first().filter(|key| has_key && key.range() != range);
                    let slot = key.map_or(Slot::Any, |key| Slot::Value(constant(index, key)));
                    kept_in(index, &method.value, &slot, node)
                }
                _ => Vec::new(),
            }
        }
        AnyNodeRef::StmtAssign(assign) if assign.value.range() == range => {
            // Ex) `make.return_value = C()`; what tests do with attributes of what they all get
            // is not told apart, and is not followed.
            let mocks = assign.targets.iter().filter_map(Expr::as_attribute_expr);
            let mocks = mocks.filter(|one| one.attr.as_str() == "return_value");
            let mocks = mocks.filter(|one| one.value.is_name_expr());
            let answered = mocks.flat_map(|one| kept_in(index, &one.value, &Slot::Answered, node));
            let subscripts = assign.targets.iter().filter_map(Expr::as_subscript_expr);
            let held = subscripts.flat_map(|one| {
                // Only a dict has a text as its key.
                let is_text = one.slice.is_string_literal_expr();
                let key = constant(index, &one.slice).filter(|_| is_text);
                let slot = key.map_or(Slot::Any, |key| Slot::Value(Some(key)));
                kept_in(index, &one.value, &slot, node)
            });
            held.chain(answered).collect()
        }
        _ => Vec::new(),
    }
}

/// `dict(r=C())`, `ctx.update(r=C())`, `SimpleNamespace(r=C())`
///
/// What a class gets by a name is mostly kept under it.
fn named(
    index: &Index<'_>,
    (id, call): (NodeId, &ast::ExprCall),
    name: &str,
    node: NodeId,
) -> Vec<(Key, Step)> {
    let slot = Slot::Value(Some(key_text(name)));
    match (last_name(&call.func), &*call.func) {
        (Some("dict" | "OrderedDict"), _) => displayed(index, id, &slot),
        (Some("update"), Expr::Attribute(method)) => kept_in(index, &method.value, &slot, node),
        (Some(mock), _) if name == "return_value" && mock.ends_with("Mock") => {
            displayed(index, id, &Slot::Answered)
        }
        // PEP 8: "Class names should normally use the CapWords convention."
        (Some(class), _) if class.starts_with(char::is_uppercase) => {
            displayed(index, id, &Slot::Attribute(name.to_owned()))
        }
        _ => Vec::new(),
    }
}

/// The place of an element in a display.
fn at(elements: &[Expr], node: NodeId, index: &Index<'_>) -> Slot {
    let range = index.tree.node(node).range();
    let before: Vec<&Expr> = elements.iter().take_while(|one| one.range() != range).collect();
    if before.iter().any(|one| one.is_starred_expr()) {
        Slot::Any
    } else {
        Slot::Index(before.len())
    }
}

/// The container that an expression makes, which has the object at a slot.
pub(super) fn displayed(index: &Index<'_>, display: NodeId, slot: &Slot) -> Vec<(Key, Step)> {
    let step = flow::step(index, How::Held, index.tree.node(display).range());
    vec![(Key::Inside(Box::new(Key::At(display)), slot.clone()), step)]
}

/// A container that is a name or an attribute.
pub(super) fn kept_in(
    index: &Index<'_>,
    container: &Expr,
    slot: &Slot,
    node: NodeId,
) -> Vec<(Key, Step)> {
    let step = flow::step(index, How::Assigned, index.tree.node(node).range());
    if let Some(name) = slot.name() {
        let mut steps = Vec::new();
        if let Some(place) = index.place_in_dict(container, name) {
            flow::kept(index, place, &step, &mut steps);
        } else if let Some(name) = index.name_in_globals(container, name) {
            steps.push((Key::Global(name), step.clone()));
        }
        if !steps.is_empty() {
            return steps;
        }
    }
    let keys: Vec<Key> = match container {
        Expr::Name(name) => {
            let names = &index.analysis.names;
            let reached = index.reference_at(name.range).map(|id| names.reach(names.reference(id)));
            let own = index.binding_at(name.range);
            let bindings: Vec<_> =
                reached.into_iter().flat_map(|reach| reach.bindings).chain(own).collect();
            // Ex) `app["r"] = C()` in one function of the framework's `app`, for another one
            let is_named = matches!(slot, Slot::Value(Some(_)));
            let others =
                bindings.iter().filter(|_| is_named).flat_map(|&id| index.parameters_like(id));
            let mut all: Vec<_> = bindings.iter().chain(others).copied().collect();
            all.sort_unstable();
            all.dedup();
            all.into_iter().map(Key::Binding).collect()
        }
        Expr::Attribute(_) | Expr::Call(_) => {
            index.place_of(container).map(Key::Place).into_iter().collect()
        }
        _ => Vec::new(),
    };
    keys.into_iter().map(|key| (Key::Inside(Box::new(key), slot.clone()), step.clone())).collect()
}

/// The expressions that take the object of `slot` out of the container that `node` is; names and
/// containers that get it go into `steps`.
pub(super) fn taken(
    index: &Index<'_>,
    node: NodeId,
    slot: &Slot,
    steps: &mut Vec<(Key, Step)>,
) -> Vec<NodeId> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let Some(parent) = tree.parent(node) else { return Vec::new() };
    match slot {
        Slot::Attribute(name) => {
            let around = tree.node(parent);
            let read = around.as_expr_attribute().filter(|read| read.ctx.is_load());
            let is_it = read.is_some_and(|read| read.attr.as_str() == name);
            return is_it.then_some(parent).into_iter().collect();
        }
        Slot::Called | Slot::Answered => return functions::called(index, node, steps),
        Slot::Entered => {
            functions::entered(index, node, steps);
            return Vec::new();
        }
        Slot::Any | Slot::Index(_) | Slot::Value(_) => {}
    }
    steps.extend(made_of::containers(index, node, slot));
    let is_value = matches!(slot, Slot::Value(_));
    match tree.node(parent) {
        AnyNodeRef::StmtFor(one) if one.iter.range() == range && !is_value => {
            flow::target(index, &one.target, How::Looped, steps);
            Vec::new()
        }
        AnyNodeRef::Comprehension(one) if one.iter.range() == range && !is_value => {
            flow::target(index, &one.target, How::Looped, steps);
            Vec::new()
        }
        AnyNodeRef::StmtMatch(matched) if matched.subject.range() == range => {
            for case in &matched.cases {
                captured(index, &case.pattern, slot, steps);
            }
            Vec::new()
        }
        AnyNodeRef::ExprSubscript(one) if one.value.range() == range && one.ctx.is_load() => {
            let is_it = !one.slice.is_slice_expr() && may_be(index, slot, &one.slice);
            is_it.then_some(parent).into_iter().collect()
        }
        AnyNodeRef::ExprAttribute(method) => by_method(index, parent, method.attr.as_str(), slot),
        AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_) | AnyNodeRef::ExprStarred(_) => {
            let around = tree.parent(parent).map(|id| (id, tree.node(id)));
            match around {
                Some((id, AnyNodeRef::ExprCall(call)))
                    if matches!(last_name(&call.func), Some("next" | "choice")) =>
                {
                    vec![id]
                }
                _ => passed::spread(index, node, slot, steps),
            }
        }
        _ => Vec::new(),
    }
}

/// `rs.pop()`, `d.get("k")`, `queue.get()`
fn by_method(index: &Index<'_>, attribute: NodeId, name: &str, slot: &Slot) -> Vec<NodeId> {
    let tree = index.tree;
    let range = tree.node(attribute).range();
    let Some(parent) = tree.parent(attribute) else { return Vec::new() };
    let AnyNodeRef::ExprCall(call) = tree.node(parent) else { return Vec::new() };
    if call.func.range() != range {
        return Vec::new();
    }
    let first = call.arguments.args.first();
    match (name, slot) {
        ("pop", Slot::Any | Slot::Index(_)) | ("popleft" | "get_nowait", _) => {
            vec![parent]
        }
        // Ex) `queue.get()`
        ("get", Slot::Any) if first.is_none() => vec![parent],
        ("get" | "pop" | "setdefault", _) => {
            let is_it = first.is_some_and(|key| may_be(index, slot, key));
            is_it.then_some(parent).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Notes the names that get the object of a container which is unpacked into `target`.
pub(super) fn unpacked(
    index: &Index<'_>,
    target: NodeId,
    slot: &Slot,
    steps: &mut Vec<(Key, Step)>,
) {
    let tree = index.tree;
    let elements: &[Expr] = match tree.node(target) {
        AnyNodeRef::ExprTuple(tuple) => &tuple.elts,
        AnyNodeRef::ExprList(list) => &list.elts,
        _ => return,
    };
    let how = || match tree.parent(target).map(|parent| tree.node(parent)) {
        Some(AnyNodeRef::StmtFor(_) | AnyNodeRef::Comprehension(_)) => How::Looped,
        _ => How::Assigned,
    };
    let mut rest = None;
    for (at, one) in elements.iter().enumerate() {
        if let Expr::Starred(starred) = one {
            rest = Some(at);
            if let Some(slot) = behind(slot, at) {
                let mut kept = Vec::new();
                flow::target(index, &starred.value, how(), &mut kept);
                steps.extend(kept.into_iter().map(|step| functions::inside(step, &slot)));
            }
        } else if is_at(slot, at, rest) {
            flow::target(index, one, how(), steps);
        }
    }
}

/// The slot of what stands at `slot` in the rest of a container from `first` on.
fn behind(slot: &Slot, first: usize) -> Option<Slot> {
    match slot {
        Slot::Any => Some(Slot::Any),
        Slot::Index(at) => at.checked_sub(first).map(Slot::Index),
        _ => None,
    }
}

/// Whether a slot may be that of the element `at` of what a container is unpacked into, of which
/// one at `rest` takes any number.
fn is_at(slot: &Slot, at: usize, rest: Option<usize>) -> bool {
    match (slot, rest) {
        (Slot::Any, _) => true,
        (Slot::Index(index), None) => *index == at,
        (Slot::Index(index), Some(rest)) => *index >= rest,
        _ => false,
    }
}

/// Notes the names that a pattern gives an element of the subject: `case [r, _]`, `case {"r": r}`.
fn captured(index: &Index<'_>, pattern: &ast::Pattern, slot: &Slot, steps: &mut Vec<(Key, Step)>) {
    match pattern {
        ast::Pattern::MatchAs(capture) => {
            if let Some(inner) = &capture.pattern {
                captured(index, inner, slot, steps);
            }
        }
        ast::Pattern::MatchOr(either) => {
            for one in &either.patterns {
                captured(index, one, slot, steps);
            }
        }
        ast::Pattern::MatchSequence(sequence) => {
            let mut rest = None;
            for (at, one) in sequence.patterns.iter().enumerate() {
                if one.is_match_star() {
                    rest = Some(at);
                } else if is_at(slot, at, rest) {
                    flow::captured(index, one, steps);
                }
            }
        }
        ast::Pattern::MatchMapping(mapping) if matches!(slot, Slot::Value(_)) => {
            for (key, one) in mapping.keys.iter().zip(&mapping.patterns) {
                if may_be(index, slot, key) {
                    flow::captured(index, one, steps);
                }
            }
        }
        _ => {}
    }
}

/// Whether an index or key may mean a slot.
fn may_be(index: &Index<'_>, slot: &Slot, key: &Expr) -> bool {
    let Some(key) = constant(index, key) else { return true };
    match slot {
        Slot::Any | Slot::Value(None) => true,
        // An index from the end may be any.
        Slot::Index(at) => key.parse::<usize>().map_or(true, |key| key == *at),
        Slot::Value(Some(value)) => *value == key,
        Slot::Attribute(_) | Slot::Called | Slot::Answered | Slot::Entered => false,
    }
}

/// A constant key, so that equal ones are the same text.
fn constant(index: &Index<'_>, key: &Expr) -> Option<String> {
    match key {
        Expr::StringLiteral(literal) => Some(key_text(literal.value.to_str())),
        Expr::NumberLiteral(_) => Some(slice(&index.analysis.source.text, key.range()).to_owned()),
        _ => None,
    }
}

/// The key of a slot that is a text.
pub(super) fn key_text(key: &str) -> String {
    format!("{key:?}")
}
