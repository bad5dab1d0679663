//! What other files do with an object that gets there: as an argument of their functions and
//! classes, or as a fixture that their tests ask for.
//!
//! A receiving file is followed as the file of the object itself is, and what it hands on is
//! followed further. What an object does that is kept in an attribute is known of the receiving
//! file alone.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::class::{Lineage, methods, origin_of};
use super::detect::{Detected, Scene};
use super::flow::{function_around, is_super};
use super::follow::{CarrierId, Objects, Start, Use};
use super::index::Index;
use super::received::{self, Argument};
use super::{Hazard, identity, lifecycle, mutation, replaced};
use crate::matching::target::Target;
use crate::project::FileId;
use crate::resolve::members::has_decorator;
use crate::resolve::{Origin, Resolver, SymbolId};
use crate::site::Reason;
use crate::strings::Place;
use crate::syntax::ast::{self, Expr};
use crate::syntax::tree::{NodeId, Tree};
use crate::text::Ranged;

/// Names of one file that get the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrival {
    /// The file.
    pub(super) file: FileId,
    /// The parameters and fields.
    pub(super) starts: Vec<Start>,
}

/// An object gets to more places of other files than are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany;

/// More than most objects get to; a bound on what large projects cost.
const MOST_ARRIVALS: usize = 500;

/// The hazards of an object that gets to these names, each reason once.
pub(super) fn find(
    resolver: &Resolver<'_, '_>,
    target: &Target,
    arrivals: Result<Vec<Arrival>, TooMany>,
) -> Vec<Hazard> {
    let Ok(arrivals) = arrivals else { return vec![unseen()] };
    let mut queue = VecDeque::from(arrivals);
    let mut seen = FxHashSet::default();
    let mut found: Vec<Hazard> = Vec::new();
    while let Some(mut arrival) = queue.pop_front() {
        arrival.starts.retain(|start| seen.insert((arrival.file, start.range)));
        if arrival.starts.is_empty() {
            continue;
        }
        if seen.len() > MOST_ARRIVALS {
            if found.is_empty() {
                found.push(unseen());
            }
            break;
        }
        let Ok(analysis) = resolver.project().analysis(arrival.file) else { continue };
        let place = Place { resolver, file: arrival.file, analysis };
        let (hazards, handed_on) = in_file(&place, &arrival.starts, target);
        for hazard in hazards {
            if found.iter().all(|known| known.reason != hazard.reason) {
                found.push(hazard);
            }
        }
        queue.extend(handed_on);
    }
    found
}

/// What nobody has looked at may close the object.
fn unseen() -> Hazard {
    let message = "it gets to too many places of other files to be followed to all of them";
    Hazard { reason: Reason::Lifecycle, message: message.to_owned() }
}

/// What one file does with the object, and where it hands it on to.
fn in_file(place: &Place<'_>, starts: &[Start], target: &Target) -> (Vec<Hazard>, Vec<Arrival>) {
    let tree = Tree::new(&place.analysis.module);
    let index = Index::new(place.analysis, &tree).with_fluent(&target.facts.fluent);
    let objects = Objects::new(&index, starts);
    let targets = vec![0; starts.len()];
    let scene = Scene {
        place: *place,
        objects: &objects,
        target,
        targets: &targets,
        target_index: 0,
        starts,
        fresh: &FxHashSet::default(),
    };
    let path = place.resolver.project().path(place.file);
    let (mut found, mut arrivals) = (Vec::new(), Vec::new());
    for start in 0..starts.len() {
        for (carrier, step) in objects.reached(start) {
            let detected = objects.uses(*carrier).iter().flat_map(|&used| at(&scene, used));
            for one in detected.filter(|one| one.concerns(start)) {
                let subject = scene.subject(one.used, step.as_ref());
                let message = format!("in {path}: {subject} {}", one.said);
                found.push(Hazard { reason: one.reason, message });
            }
            arrivals.extend(handed_on(&scene, *carrier));
        }
    }
    (found, arrivals)
}

fn at(scene: &Scene<'_>, used: Use) -> Vec<Detected> {
    let detectors = [lifecycle::detect, mutation::detect, identity::told_apart, replaced::detect];
    detectors.iter().filter_map(|detect| detect(scene, used)).collect()
}

/// The names of other files to which the object of a carrier is handed.
pub(super) fn handed_on(scene: &Scene<'_>, carrier: CarrierId) -> Vec<Arrival> {
    let uses = scene.objects.uses(carrier).iter();
    uses.filter_map(|used| {
        let (id, call) = scene.call_of_argument(used.node)?;
        let argument = Argument::of(call, scene.tree().node(used.node).range())?;
        receiver(scene, (id, call), argument)
    })
    .collect()
}

/// What gets an argument of a call, where another file defines it.
fn receiver(
    scene: &Scene<'_>,
    (id, call): (NodeId, &ast::ExprCall),
    argument: Argument<'_>,
) -> Option<Arrival> {
    let Place { resolver, file, analysis } = scene.place;
    let (at, name) = match &*call.func {
        Expr::Attribute(method) if is_super(&method.value) => {
            let index = scene.objects.index;
            let (function, _) = function_around(index, id)?;
            let class = index.class(index.class_around(function)?)?;
            let origin = Origin::Symbol(SymbolId { file, name: class.name.to_string() });
            let lineage = Lineage::of(resolver, &origin);
            lineage.classes.iter().skip(1).find_map(|class| {
                let mut methods = methods(class.node);
                let method = methods.find(|one| one.name.as_str() == method.attr.as_str())?;
                Some((class.file, received::by_method(method, argument)?.name))
            })?
        }
        callee => {
            let origin = origin_of(resolver, file, analysis, callee)?;
            let Origin::Symbol(symbol) = &origin else { return None };
            match resolver.function(symbol) {
                Some((at, _, function)) if has_decorator(function, "classmethod") => {
                    (at, received::by_method(function, argument)?.name)
                }
                Some((at, _, function)) => (at, received::by_function(function, argument)?.name),
                None => {
                    let lineage = Lineage::of(resolver, &origin);
                    lineage.classes.iter().find_map(|class| {
                        let receiver = received::by_constructor(class.node, argument)?;
                        Some((class.file, receiver.name))
                    })?
                }
            }
        }
    };
    // What this file defines is followed in it.
    (at != file).then(|| Arrival { file: at, starts: vec![Start::received(name)] })
}
