//! What calling a function gives, wherever the function gets to: under its own name, as an argument,
//! in an attribute or container, as a lambda, as a mock.
//!
//! A function is a container of what it returns; who calls it takes that out.

use super::contained::{Slot, displayed, holders};
use super::flow::{self, is_decorated};
use super::follow::{How, Key, Step};
use super::index::{Index, Place, Root, last_name};
use super::protocol;
use super::vocabulary;
use crate::matching::fixtures::fixture_name;
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// The expressions that have the result of a function of the file; names that get it go into
/// `steps`, as fixtures give it to parameters.
pub(super) fn results(
    index: &Index<'_>,
    function: NodeId,
    steps: &mut Vec<(Key, Step)>,
) -> Vec<NodeId> {
    let AnyNodeRef::StmtFunctionDef(definition) = index.tree.node(function) else {
        return Vec::new();
    };
    if let Some(name) = fixture_name(definition) {
        for binding in index.fixture_parameters(name) {
            let line = index.analysis.lines().position(definition.name.start()).line;
            let step = Step { how: How::Fixture(name.to_owned()), line };
            steps.push((Key::Binding(binding), step));
        }
        return index.fixture_values(name);
    }
    if is_decorated(definition, &["property", "cached_property"]) {
        return members(index, function, definition.name.as_str());
    }
    let mut found = Vec::new();
    for named in named(index, function) {
        let flow = flow::of(index, None, named);
        let mut further = flow.steps;
        for same in flow.same {
            found.extend(called(index, same, steps));
            further.extend(holders(index, same));
        }
        steps.extend(further.into_iter().map(|one| inside(one, &Slot::Called)));
    }
    found.extend(protocol::results(index, function, definition.name.as_str(), steps));
    found
}

/// The calls of a function of the file by its name.
pub(super) fn calls(index: &Index<'_>, function: NodeId) -> Vec<NodeId> {
    named(index, function).into_iter().filter_map(|callee| call_of(index, callee)).collect()
}

/// The uses of a function of the file by its name.
pub(super) fn names(index: &Index<'_>, function: NodeId) -> Vec<NodeId> {
    let AnyNodeRef::StmtFunctionDef(definition) = index.tree.node(function) else {
        return Vec::new();
    };
    let binding = index.binding_at(definition.name.range);
    let uses = binding.map(|binding| index.uses(binding)).unwrap_or_default();
    uses.into_iter().filter_map(|id| index.name_node(id)).collect()
}

/// The expressions that have what calling the value of `node` gives; names and containers that get
/// it go into `steps`.
pub(super) fn called(index: &Index<'_>, node: NodeId, steps: &mut Vec<(Key, Step)>) -> Vec<NodeId> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let Some(parent) = tree.parent(node) else { return Vec::new() };
    match tree.node(parent) {
        AnyNodeRef::ExprCall(call) if call.func.range() == range => vec![parent],
        // Ex) `redis: C = field(default_factory=make)`
        AnyNodeRef::Keyword(keyword)
            if keyword.arg.as_ref().is_some_and(|name| {
                matches!(name.as_str(), "default_factory" | "factory" | "default")
            }) =>
        {
            steps.extend(flow::of_factory(index, node).steps);
            Vec::new()
        }
        // Ex) `Mock(side_effect=make)`
        AnyNodeRef::Keyword(keyword)
            if keyword.arg.as_ref().is_some_and(|name| name == "side_effect") =>
        {
            let mock = tree.ancestors(parent).nth(1);
            steps.extend(mock.into_iter().flat_map(|mock| displayed(index, mock, &Slot::Called)));
            Vec::new()
        }
        AnyNodeRef::Arguments(arguments) => {
            let Some(id) = tree.parent(parent) else { return Vec::new() };
            let AnyNodeRef::ExprCall(call) = tree.node(id) else { return Vec::new() };
            let at = arguments.args.iter().position(|argument| argument.range() == range);
            match (last_name(&call.func), at) {
                (Some("defaultdict"), Some(0)) => {
                    steps.extend(displayed(index, id, &Slot::Value(None)));
                    Vec::new()
                }
                // Ex) `executor.submit(make).result()`, `await loop.run_in_executor(None, make)`
                // Ex) `def route(manager=Depends(get_manager))`
                (Some(name), _) if vocabulary::is_injector(name) => vec![id],
                (Some("submit" | "to_thread" | "run_sync"), Some(0))
                | (Some("run_in_executor"), Some(1)) => vec![id],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// What `with` gives of a call of the value of `node` goes into `steps`.
pub(super) fn entered(index: &Index<'_>, node: NodeId, steps: &mut Vec<(Key, Step)>) {
    let call = call_of(index, node);
    steps.extend(call.into_iter().flat_map(|call| flow::entered(index, call)));
}

/// A step of something that has the object at a slot of it.
pub(super) fn inside((key, step): (Key, Step), slot: &Slot) -> (Key, Step) {
    let how = match slot {
        // Whoever reads how a call got its value reads of the function.
        Slot::Called | Slot::Answered | Slot::Entered => How::Returned(String::new()),
        _ => step.how,
    };
    (Key::Inside(Box::new(key), slot.clone()), Step { how, line: step.line })
}

/// The uses of a function of the file by its name, and where it is a method the reads of it.
fn named(index: &Index<'_>, function: NodeId) -> Vec<NodeId> {
    let AnyNodeRef::StmtFunctionDef(definition) = index.tree.node(function) else {
        return Vec::new();
    };
    let mut named = names(index, function);
    named.extend(members(index, function, definition.name.as_str()));
    named
}

/// The reads of a method, where the function is one.
fn members(index: &Index<'_>, function: NodeId, name: &str) -> Vec<NodeId> {
    let class = index.class_around(function);
    let class_name = class.and_then(|class| index.class(class)).map(|class| class.name.as_str());
    let name = index.member_id(class_name, name);
    let (Some(class), Some(name)) = (class, name) else { return Vec::new() };
    index.at_place(&Place { root: Root::Class(class), path: vec![name] })
}

/// The call whose callee is `callee`.
fn call_of(index: &Index<'_>, callee: NodeId) -> Option<NodeId> {
    let tree = index.tree;
    let parent = tree.parent(callee)?;
    match tree.node(parent) {
        AnyNodeRef::ExprCall(call) if call.func.range() == tree.node(callee).range() => {
            Some(parent)
        }
        _ => None,
    }
}
