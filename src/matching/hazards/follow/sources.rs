//! Which expressions of a file read what an object may be had from.

use super::{How, Key, Objects, Step};
use crate::matching::fixtures::fixture_name;
use crate::matching::hazards::contained::{holders, taken};
use crate::matching::hazards::flow::{self, is_decorated};
use crate::matching::hazards::index::{Place, Root};
use crate::matching::hazards::start::Start;
use crate::matching::hazards::vocabulary::is_injector;
use crate::matching::hazards::{parametrized, protocol};
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::chain::last_name;
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

impl Objects<'_> {
    /// The expressions that read what `key` is; further steps go into `steps`.
    pub(super) fn sources(
        &self,
        key: &Key,
        start: Option<&Start>,
        steps: &mut Vec<(Key, Step)>,
    ) -> Vec<NodeId> {
        let index = self.index;
        let tree = index.tree;
        match key {
            Key::Start(_) if let Some(how) = start.and_then(Start::arrival) => {
                steps.extend(start.into_iter().flat_map(|start| start.steps(index, &how)));
                Vec::new()
            }
            Key::Start(_) => {
                start.and_then(|start| tree.expression_at(start.range)).into_iter().collect()
            }
            Key::Binding(binding) => {
                index.uses(*binding).into_iter().filter_map(|id| index.name_node(id)).collect()
            }
            Key::Place(place) => {
                let mut read = index.at_place(place);
                read.retain(|&id| match tree.node(id) {
                    AnyNodeRef::ExprAttribute(attribute) => attribute.ctx.is_load(),
                    // Ex) `getattr(self, "redis", None)`
                    node => node.is_expr_call(),
                });
                read
            }
            Key::Inside(container, slot) => {
                let mut further = Vec::new();
                let mut containers = self.sources(container, None, &mut further);
                if let Key::Result(function) = **container {
                    containers.extend(protocol::containers(index, function));
                }
                let mut found = Vec::new();
                for node in containers {
                    let flow = flow::of(index, None, node);
                    further.extend(flow.steps);
                    for same in flow.same {
                        found.extend(taken(index, same, slot, steps));
                    }
                }
                let inside = |key| Key::Inside(Box::new(key), slot.clone());
                steps.extend(further.into_iter().map(|(key, step)| (inside(key), step)));
                found
            }
            Key::Result(function) => self.results(*function, steps),
            Key::Parametrized(fixture) => parametrized::reads(index, *fixture),
            Key::Entered(function) => {
                for call in self.calls(*function) {
                    steps.extend(flow::entered(index, call));
                }
                Vec::new()
            }
            Key::Called(of) => {
                let mut further = Vec::new();
                let mut found = Vec::new();
                for node in self.sources(of, None, &mut further) {
                    let flow = flow::of(index, None, node);
                    further.extend(flow.steps);
                    further.extend(flow.same.iter().flat_map(|&same| holders(index, same)));
                    found.extend(flow.same.iter().filter_map(|&same| self.call_of(same)));
                }
                let called = |(key, step)| (Key::Called(Box::new(key)), step);
                steps.extend(further.into_iter().map(called));
                found
            }
            Key::EnteredCall(of) => {
                let mut further = Vec::new();
                let sources = self.sources(of, None, &mut further).into_iter();
                for call in sources.filter_map(|callee| self.call_of(callee)) {
                    steps.extend(flow::entered(index, call));
                }
                let entered = |(key, step)| (Key::EnteredCall(Box::new(key)), step);
                steps.extend(further.into_iter().map(entered));
                Vec::new()
            }
            Key::At(node) => vec![*node],
        }
    }

    /// The expressions that are a function's result; fixtures give it to parameters.
    pub(in crate::matching::hazards) fn results(
        &self,
        function: NodeId,
        steps: &mut Vec<(Key, Step)>,
    ) -> Vec<NodeId> {
        let index = self.index;
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
            return self.members(function, definition.name.as_str());
        }
        let mut found = self.calls(function);
        found.extend(protocol::results(index, function, definition.name.as_str(), steps));
        steps.extend(self.given_away(function).into_iter().map(|(key, step)| {
            let how = How::Returned(definition.name.to_string());
            (Key::Called(Box::new(key)), Step { how, ..step })
        }));
        found
    }

    /// What gets a function of the file as a value.
    ///
    /// Ex) `return make`, `make = self.build`
    fn given_away(&self, function: NodeId) -> Vec<(Key, Step)> {
        let index = self.index;
        let values = self.callees(function).into_iter().filter(|&id| self.call_of(id).is_none());
        let given = values.flat_map(|value| {
            let flow = flow::of(index, None, value);
            let held = flow.same.iter().flat_map(|&same| holders(index, same));
            held.chain(flow.steps).collect::<Vec<_>>()
        });
        given.collect()
    }

    /// The calls of a function of the file.
    pub(in crate::matching::hazards) fn calls(&self, function: NodeId) -> Vec<NodeId> {
        self.callees(function).into_iter().filter_map(|callee| self.call_of(callee)).collect()
    }

    /// The expressions that are a function of the file.
    fn callees(&self, function: NodeId) -> Vec<NodeId> {
        let AnyNodeRef::StmtFunctionDef(definition) = self.index.tree.node(function) else {
            return Vec::new();
        };
        let mut callees = self.names_of(function);
        callees.extend(self.members(function, definition.name.as_str()));
        callees
    }

    /// The reads of a method, where the function is one.
    fn members(&self, function: NodeId, name: &str) -> Vec<NodeId> {
        let index = self.index;
        let class = index.class_around(function);
        let class_name =
            class.and_then(|class| index.class(class)).map(|class| class.name.as_str());
        let name = index.member_id(class_name, name);
        let (Some(class), Some(name)) = (class, name) else { return Vec::new() };
        index.at_place(&Place { root: Root::Class(class), path: vec![name] })
    }

    /// The call whose callee is `callee`, or what a framework is asked by to call it.
    fn call_of(&self, callee: NodeId) -> Option<NodeId> {
        let tree = self.index.tree;
        let parent = tree.parent(callee)?;
        match tree.node(parent) {
            AnyNodeRef::ExprCall(call) if call.func.range() == tree.node(callee).range() => {
                Some(parent)
            }
            // Ex) `def route(manager=Depends(get_manager))`
            AnyNodeRef::Arguments(_) => {
                let call = tree.parent(parent)?;
                let is_injector = matches!(tree.node(call), AnyNodeRef::ExprCall(call)
                    if last_name(&call.func).is_some_and(is_injector));
                is_injector.then_some(call)
            }
            _ => None,
        }
    }
}
