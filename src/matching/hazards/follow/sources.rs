//! Which expressions of a file read what an object may be had from.

use super::{Key, Objects, Step};
use crate::matching::hazards::contained::{self, holders, taken};
use crate::matching::hazards::start::Start;
use crate::matching::hazards::{flow, functions, parametrized, protocol};
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::tree::NodeId;

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
                    AnyNodeRef::ExprSubscript(element) => element.ctx.is_load(),
                    // Ex) `getattr(self, "redis", None)`
                    node => node.is_expr_call(),
                });
                read
            }
            Key::Global(name) => index.globals_named(*name),
            Key::At(node) => vec![*node],
            Key::Unpacked(_) => Vec::new(),
            Key::Inside(container, slot) => {
                let mut further = Vec::new();
                let mut containers = self.sources(container, None, &mut further);
                match **container {
                    Key::Result(function) => {
                        containers.extend(protocol::containers(index, function));
                    }
                    Key::Unpacked(target) => contained::unpacked(index, target, slot, steps),
                    _ => {}
                }
                let mut found = Vec::new();
                for node in containers {
                    let flow = flow::of(index, None, node);
                    further.extend(flow.steps);
                    for same in flow.same {
                        further.extend(holders(index, same));
                        found.extend(taken(index, same, slot, steps));
                    }
                }
                steps.extend(further.into_iter().map(|step| functions::inside(step, slot)));
                found
            }
            Key::Result(function) => functions::results(index, *function, steps),
            Key::Parametrized(fixture) => parametrized::reads(index, *fixture),
            Key::Entered(function) => {
                for call in functions::calls(index, *function) {
                    steps.extend(flow::entered(index, call));
                }
                Vec::new()
            }
        }
    }
}
