//! Parts of an object under names of their own.

use super::detect::Scene;
use crate::syntax::ast::{AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// The uses of the names that a part of the object is given.
///
/// Ex) both uses of `client` in `client = r.client; client.get(); client.close()`
pub(super) fn named(scene: &Scene<'_>, part: NodeId) -> Vec<NodeId> {
    let (tree, index) = (scene.tree(), scene.objects.index);
    let Some(parent) = tree.parent(part) else { return Vec::new() };
    let range = tree.node(part).range();
    let targets: Vec<&Expr> = match tree.node(parent) {
        AnyNodeRef::StmtAssign(assign) if assign.value.range() == range => {
            assign.targets.iter().collect()
        }
        AnyNodeRef::StmtAnnAssign(assign)
            if assign.value.as_ref().is_some_and(|value| value.range() == range) =>
        {
            vec![&assign.target]
        }
        AnyNodeRef::ExprNamed(named) if named.value.range() == range => vec![&named.target],
        _ => return Vec::new(),
    };
    let names = targets.into_iter().filter(|target| target.is_name_expr());
    let bindings = names.filter_map(|name| index.binding_at(name.range()));
    let uses = bindings.flat_map(|binding| index.uses(binding));
    uses.filter_map(|used| index.name_node(used)).collect()
}

/// A part of a part of a part is followed this far.
pub(super) const MOST_NAMES: usize = 3;
