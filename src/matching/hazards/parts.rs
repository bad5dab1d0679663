//! Parts of an object where they go on to: under names of their own, as parameters of functions of
//! the file, and as what such functions return.

use super::detect::Scene;
use super::flow;
use super::follow::{How, Key};
use super::functions;
use super::index::last_name;
use crate::syntax::tree::NodeId;

/// The expressions that have a part of the object by another name, or by calling what returns it.
///
/// Ex) both uses of `client` in `client = r.client; client.get(); client.close()`, and that of
/// `config` in `def fill(config): config["x"] = 1`, where something calls `fill(r.config)`
pub(super) fn named(scene: &Scene<'_>, part: NodeId) -> Vec<NodeId> {
    let index = scene.objects.index;
    let mut steps = flow::of(index, None, part).steps;
    let mut found = Vec::new();
    let mut next = 0;
    while let Some((key, step)) = steps.get(next).cloned() {
        next += 1;
        match key {
            Key::Binding(binding) if step.how != How::Entered => {
                found.extend(index.uses(binding).into_iter().filter_map(|id| index.name_node(id)));
            }
            Key::Result(function) => found.extend(functions::results(index, function, &mut steps)),
            _ => {}
        }
    }
    found.truncate(MOST_USES);
    found
}

/// The expressions that have a shallow copy of the object, which holds what the object holds.
///
/// Ex) both uses of `m` in `m = copy.copy(r); m.get(); m.close()`
pub(super) fn copies(scene: &Scene<'_>, object: NodeId) -> Vec<NodeId> {
    let Some((call_node, call)) = scene.call_of_argument(object) else { return Vec::new() };
    let is_copied = last_name(&call.func) == Some("copy")
        && call.arguments.keywords.is_empty()
        && call.arguments.args.len() == 1;
    if !is_copied {
        return Vec::new();
    }
    let mut found = vec![call_node];
    found.extend(named(scene, call_node));
    found
}

/// A part of a part of a part is followed this far.
pub(super) const MOST_NAMES: usize = 3;

/// More than any part of a real file has; a bound on what hostile ones cost.
const MOST_USES: usize = 200;
