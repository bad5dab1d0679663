//! TM109: a `defaultdict` builds one object for each of its keys.

use super::detect::{Detected, Scene};
use super::follow::{CarrierId, Use};
use super::functions;
use super::index::last_name;
use super::start::{Start, What};
use crate::site::Reason;
use crate::syntax::ast::AnyNodeRef;
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// Ex) `defaultdict(lambda: C())`
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<String> {
    let parent = scene.tree().parent(used.node).filter(|_| used.is_fresh)?;
    let AnyNodeRef::ExprLambda(lambda) = scene.tree().node(parent) else { return None };
    let is_body = lambda.body.range() == scene.tree().node(used.node).range();
    said(scene, parent).filter(|_| is_body)
}

/// Ex) `defaultdict(make)`, where `make` returns a fresh one
pub(super) fn of_function(scene: &Scene<'_>, carrier: CarrierId) -> Vec<Detected> {
    let Some(function) = scene.objects.function(carrier) else { return Vec::new() };
    let detected = functions::names(scene.objects.index, function).into_iter().filter_map(|node| {
        let used = Use { node, source: node, is_fresh: false };
        Some(Detected::new(Reason::Identity, used, said(scene, node)?))
    });
    detected.collect()
}

/// Ex) `defaultdict(C)`
pub(super) fn of_factory(scene: &Scene<'_>, start: &Start) -> Option<String> {
    let node = scene.tree().expression_at(start.range);
    node.filter(|_| start.what == What::Factory).and_then(|node| said(scene, node))
}

/// What is said of the objects that `factory` makes, where that is given to a `defaultdict`.
fn said(scene: &Scene<'_>, factory: NodeId) -> Option<String> {
    let (node, call) = scene.call_of_argument(factory)?;
    let range = scene.tree().node(factory).range();
    let is_first = call.arguments.args.first().is_some_and(|first| first.range() == range);
    (is_first && last_name(&call.func) == Some("defaultdict")).then(|| {
        let (line, quoted) = (scene.line(node), scene.quoted(node));
        format!("is built anew for each key on line {line}: {quoted}")
    })
}
