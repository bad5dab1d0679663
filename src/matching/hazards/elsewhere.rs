//! What other files do with an object that gets there: as an argument of their functions and
//! classes, as a fixture that their tests ask for, or as an attribute that related classes share.
//!
//! A receiving file is followed as the file of the object itself is, and what it hands on is
//! followed further. What a class of the receiving file gets from a related one is followed in that
//! file alone.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::class::{Lineage, methods, origin_of};
use super::contained::Slot;
use super::detect::{Detected, Scene};
use super::flow::{function_around, is_decorated, is_super};
use super::follow::{CarrierId, Key, Objects, Use};
use super::index::{Index, Root};
use super::received::{self, Argument};
use super::start::{Shape, Start, What};
use super::{Hazard, askers, identity, importers, kin, lifecycle, mutation, replaced};
use crate::matching::fixtures::fixture_name;
use crate::matching::target::Target;
use crate::project::FileId;
use crate::resolve::members::has_decorator;
use crate::resolve::{Origin, Resolver, SymbolId};
use crate::semantic::{BindingId, ScopeId};
use crate::site::Reason;
use crate::strings::Place;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
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

/// What other files do with the object of a carrier, each reason once.
pub(super) fn of_carrier(scene: &Scene<'_>, carrier: CarrierId) -> Vec<Hazard> {
    match arrivals(scene, carrier, false) {
        Ok(arrivals) => find(scene.place.resolver, scene.target, arrivals),
        Err(TooMany) => vec![unseen()],
    }
}

/// The hazards of an object that gets to these names.
fn find(resolver: &Resolver<'_, '_>, target: &Target, arrivals: Vec<Arrival>) -> Vec<Hazard> {
    let mut queue = VecDeque::from(arrivals);
    let mut seen = FxHashSet::default();
    let mut found: Vec<Hazard> = Vec::new();
    while let Some(mut arrival) = queue.pop_front() {
        arrival.starts.retain(|start| seen.insert((arrival.file, start.clone())));
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
        let (hazards, further) = in_file(&place, &arrival.starts, target);
        let (further, unseen) = match further {
            Ok(further) => (further, None),
            Err(TooMany) => (Vec::new(), Some(unseen())),
        };
        for hazard in hazards.into_iter().chain(unseen) {
            if found.iter().all(|known| known.reason != hazard.reason) {
                found.push(hazard);
            }
        }
        queue.extend(further);
    }
    found
}

/// What nobody has looked at may close the object.
fn unseen() -> Hazard {
    let message = "it gets to too many places of other files to be followed to all of them";
    Hazard { reason: Reason::Lifecycle, message: message.to_owned() }
}

/// What one file does with the object, and where it gets to from there.
fn in_file(
    place: &Place<'_>,
    starts: &[Start],
    target: &Target,
) -> (Vec<Hazard>, Result<Vec<Arrival>, TooMany>) {
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
    // The classes that share an attribute with one of these share it with the first one.
    let is_shared = starts.iter().any(|start| matches!(start.what, What::Kept(_)));
    let (mut found, mut arrivals) = (Vec::new(), Ok(Vec::new()));
    for start in 0..starts.len() {
        for (carrier, step) in objects.reached(start) {
            let detected = objects.uses(*carrier).iter().flat_map(|&used| at(&scene, used));
            for one in detected.filter(|one| one.concerns(start)) {
                let subject = scene.subject(one.used, step.as_ref());
                let message = format!("in {path}: {subject} {}", one.said);
                found.push(Hazard { reason: one.reason, message });
            }
            arrivals = arrivals.and_then(|mut all: Vec<Arrival>| {
                all.extend(self::arrivals(&scene, *carrier, is_shared)?);
                Ok(all)
            });
        }
    }
    (found, arrivals)
}

fn at(scene: &Scene<'_>, used: Use) -> Vec<Detected> {
    let detectors = [lifecycle::detect, mutation::detect, identity::told_apart, replaced::detect];
    detectors.iter().filter_map(|detect| detect(scene, used)).collect()
}

/// The names of other files that get the object of a carrier. What classes share is looked at but
/// once, if `is_shared` says that others have it from another class.
///
/// # Errors
/// They are more than are looked at.
fn arrivals(
    scene: &Scene<'_>,
    carrier: CarrierId,
    is_shared: bool,
) -> Result<Vec<Arrival>, TooMany> {
    let mut found = handed_on(scene, carrier);
    found.extend(asked(scene, carrier));
    if !is_shared {
        found.extend(inherited(scene, carrier)?);
    }
    found.extend(imported(scene, carrier)?);
    Ok(found)
}

/// The names of other files that are the object of a carrier by an import of what the module of the
/// file keeps it in, or of a function that makes it.
fn imported(scene: &Scene<'_>, carrier: CarrierId) -> Result<Vec<Arrival>, TooMany> {
    let Place { resolver, file, analysis } = scene.place;
    let Some((of, shape)) = scene.objects.key(carrier).map(Shape::of) else {
        return Ok(Vec::new());
    };
    let (binding, shape) = match (of, shape) {
        (Key::Binding(binding), shape) => (Some(*binding), shape),
        (Key::Result(function), Shape::Itself) => {
            (named(scene, *function), Shape::Inside(Slot::Called))
        }
        (Key::Entered(function), Shape::Itself) => {
            (named(scene, *function), Shape::Inside(Slot::Entered))
        }
        _ => (None, Shape::Itself),
    };
    let binding = binding.map(|binding| analysis.names.binding(binding));
    let of_module =
        binding.filter(|binding| binding.scope == ScopeId::MODULE && !binding.kind.is_import());
    of_module.map_or(Ok(Vec::new()), |binding| {
        importers::find(resolver, file, analysis.names.text(binding.name), &shape)
    })
}

/// The name of a function that whoever imports it calls; fixtures are asked for.
fn named(scene: &Scene<'_>, function: NodeId) -> Option<BindingId> {
    match scene.tree().node(function) {
        AnyNodeRef::StmtFunctionDef(function) if fixture_name(function).is_none() => {
            scene.objects.index.binding_at(function.name.range)
        }
        _ => None,
    }
}

/// The names of other files by which tests ask for the object of a carrier, as a fixture.
fn asked(scene: &Scene<'_>, carrier: CarrierId) -> Vec<Arrival> {
    let Some(key) = scene.objects.key(carrier) else { return Vec::new() };
    match Shape::of(key) {
        (Key::Result(function), shape) => match scene.tree().node(*function) {
            AnyNodeRef::StmtFunctionDef(function) => askers::find(&scene.place, function, &shape),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The classes of other files that have the object of a carrier in an attribute, or from a method,
/// as they are derived from a class that does, or the other way round.
fn inherited(scene: &Scene<'_>, carrier: CarrierId) -> Result<Vec<Arrival>, TooMany> {
    let index = scene.objects.index;
    let Some(key) = scene.objects.key(carrier) else { return Ok(Vec::new()) };
    let names = &index.analysis.names;
    let (class, path, shape) = match Shape::of(key) {
        (Key::Place(place), shape) => match place.root {
            Root::Class(class) => {
                let path = place.path.iter().map(|&name| names.text(name).to_owned());
                (class, path.collect(), shape)
            }
            _ => return Ok(Vec::new()),
        },
        (Key::Result(function), Shape::Itself) => {
            let AnyNodeRef::StmtFunctionDef(method) = index.tree.node(*function) else {
                return Ok(Vec::new());
            };
            let Some(class) = index.class_around(*function) else { return Ok(Vec::new()) };
            let is_read = is_decorated(method, &["property", "cached_property"]);
            let shape = if is_read { Shape::Itself } else { Shape::Inside(Slot::Called) };
            (class, vec![method.name.to_string()], shape)
        }
        _ => return Ok(Vec::new()),
    };
    let Some(class) = index.class(class) else { return Ok(Vec::new()) };
    kin::find(&scene.place, class, &path, &shape)
}

/// The names of other files to which the object of a carrier is handed.
fn handed_on(scene: &Scene<'_>, carrier: CarrierId) -> Vec<Arrival> {
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
    (at != file).then(|| Arrival { file: at, starts: vec![Start::itself(name, What::Received)] })
}
