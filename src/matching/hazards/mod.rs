//! What is in the way of sharing an object: it is closed, changed, compared, or built for an
//! environment of its own.
//!
//! Looks at one file, at the definitions of the class and of the shared object, and at the functions,
//! classes and tests of other files that get an object from it. Decides nothing: a site gets the
//! hazards that were seen, and each says how it is known.

pub mod index;
mod flow;
mod received;
mod passed;
mod functions;
mod parametrized;
mod protocol;
mod tasks;
mod vocabulary;
pub mod contained;
mod made_of;
pub mod follow;
pub mod start;
pub mod attributes;
pub mod class;
pub mod constructor;
pub mod shared;
mod detect;
mod parts;
mod readings;
mod keyed;
mod weak;
mod lifecycle;
mod mutation;
mod identity;
mod owners;
mod arms;
mod lazy;
mod renewed;
mod replaced;
mod retried;
mod several;
mod askers;
mod elsewhere;
mod importers;
mod kin;
mod patches;
mod standing;
mod told;
mod matters;
mod environment;
mod expected;

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::class_use::ClassUse;
use super::pragma::{self, Pragma};
use super::singleton::Found;
use super::target::Targets;
use crate::project::{Analysis, FileId};
use crate::resolve::Resolver;
use crate::site::{Reason, Verdict};
use crate::strings::Place;
use crate::syntax::tree::{LazyTree, NodeId, Tree};
use crate::text::TextRange;
use detect::{Detected, Scene};
use follow::{CarrierId, Objects};
use index::{FluentId, Index};
use several::Stays;
use standing::Codes;
use start::{Start, What};

/// Something that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hazard {
    /// What.
    pub reason: Reason,
    /// One sentence for a person.
    pub message: String,
}

/// Gives each site of a file that builds an object the hazards of that object.
pub fn find(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    file: FileId,
    analysis: &Analysis,
    tree: &LazyTree<'_>,
    found: &mut [Found],
) {
    let places: Vec<usize> = found
        .iter()
        .enumerate()
        .filter(|(_, site)| site.reason.verdict() != Verdict::Keep && builds(site))
        .map(|(place, _)| place)
        .collect();
    if places.is_empty() {
        return;
    }
    let starts: Vec<Start> = places
        .iter()
        .filter_map(|&place| found.get(place))
        .map(|site| {
            let is_factory = site.usage == Some(ClassUse::Factory);
            let what = if is_factory { What::Factory } else { What::Object };
            Start::itself(site.range, what)
        })
        .collect();
    let targets_of: Vec<usize> =
        places.iter().filter_map(|&place| found.get(place)).map(|site| site.target).collect();
    let tree = tree.get();
    // Targets whose classes have the same such methods are followed together.
    let mut fluent: Vec<&[String]> = Vec::new();
    let mut classes: Vec<FluentId> = Vec::new();
    for &at in &targets_of {
        let own = targets.all.get(at).map_or(&[][..], |target| &target.facts.fluent);
        let known = fluent.iter().position(|known| *known == own);
        classes.push(FluentId(known.unwrap_or(fluent.len())));
        if known.is_none() {
            fluent.push(own);
        }
    }
    let index = fluent.into_iter().fold(Index::new(analysis, tree), Index::with_fluent);
    let objects = Objects::of_classes(&index, &starts, classes);
    let fresh: FxHashSet<NodeId> = objects
        .carriers()
        .flat_map(|(_, uses)| uses)
        .filter(|used| used.is_fresh)
        .map(|used| used.node)
        .collect();
    let codes = Codes::new(resolver, file, analysis, Rc::clone(tree));
    let place = Place { resolver, file, analysis };
    // The objects that others are compared with, and what is said of those.
    let mut compared: BTreeMap<usize, String> = BTreeMap::new();
    // What many sites share is looked at once for each target.
    let mut known: FxHashMap<(CarrierId, usize), Vec<Detected>> = FxHashMap::default();
    let mut away: FxHashMap<(CarrierId, usize), Vec<Hazard>> = FxHashMap::default();
    for (start, &at) in places.iter().enumerate() {
        let Some(site) = found.get_mut(at) else { continue };
        let Some(target) = targets.all.get(site.target) else { continue };
        let scene = Scene {
            place,
            objects: &objects,
            target,
            targets: &targets_of,
            target_index: site.target,
            starts: &starts,
            fresh: &fresh,
        };
        let keyed = starts.get(start).and_then(|start| keyed::of_factory(&scene, start));
        let keyed = keyed.map(|said| format!("it {said}"));
        let mut hazards: Vec<Hazard> =
            keyed.into_iter().map(|message| Hazard { reason: Reason::Identity, message }).collect();
        for (carrier, step) in objects.reached(start) {
            let detected = known
                .entry((*carrier, site.target))
                .or_insert_with(|| look(&scene, &codes, *carrier));
            for one in detected.iter().filter(|one| one.concerns(start)) {
                let message = || format!("{} {}", scene.subject(one.used, step.as_ref()), one.said);
                for &other in one.against.iter().flatten().filter(|&&other| other != start) {
                    compared.entry(other).or_insert_with(message);
                }
                if hazards.iter().all(|hazard| hazard.reason != one.reason) {
                    hazards.push(Hazard { reason: one.reason, message: message() });
                }
            }
        }
        for (carrier, _) in objects.reached(start) {
            let known = away
                .entry((*carrier, site.target))
                .or_insert_with(|| elsewhere::of_carrier(&scene, *carrier));
            let is_new = |hazard: &&Hazard| hazards.iter().all(|one| one.reason != hazard.reason);
            let new: Vec<Hazard> = known.iter().filter(is_new).cloned().collect();
            hazards.extend(new);
        }
        if hazards.is_empty() && objects.is_cut_short(start) {
            let message = "it goes through too many names to be followed to its end".to_owned();
            hazards.push(Hazard { reason: Reason::Lifecycle, message });
        }
        if hazards.is_empty() && is_dropped(tree, site.range) {
            let message = "nothing is done with the object: only what building one does is \
                           wanted, and a name alone does nothing";
            hazards.push(Hazard { reason: Reason::NotRewritableHere, message: message.to_owned() });
        }
        site.hazards = hazards;
    }
    spread(&places, compared, found);
    let settled = Settled::new(analysis);
    let site_of = |start: usize| places.get(start).and_then(|&place| found.get(place));
    let stays = |start| site_of(start).map_or(Stays::No, |site| settled.stays(site));
    let sought = |start: usize| targets_of.get(start).and_then(|&at| targets.all.get(at));
    let is_method = |start: usize, name: &str| {
        sought(start).is_some_and(|target| target.facts.is_use(name, &target.closes))
    };
    let renewed = renewed::after_use(&objects, &is_method);
    let several = several::find(&objects, &targets_of, &stays).into_iter();
    for (start, message) in several.chain(renewed) {
        let site = places.get(start).and_then(|&place| found.get_mut(place));
        if let Some(site) = site.filter(|site| !settled.is(site, Reason::DirectInstantiation)) {
            add_identity(site, message);
        }
    }
    for &place in &places {
        if let Some(site) = found.get_mut(place) {
            site.hazards.sort_by_key(|hazard| hazard.reason);
        }
    }
}

/// Whether the object that is built at `site` is the whole of a statement.
///
/// Ex) `RedisManager()` on a line of its own
fn is_dropped(tree: &Tree<'_>, site: TextRange) -> bool {
    let around = tree.expression_at(site).and_then(|node| tree.parent(node));
    around.is_some_and(|around| tree.node(around).is_stmt_expr())
}

/// What one object is compared with is compared with it: both are held, or neither.
fn spread(places: &[usize], compared: BTreeMap<usize, String>, found: &mut [Found]) {
    for (other, message) in compared {
        let Some(site) = places.get(other).and_then(|&place| found.get_mut(place)) else {
            continue;
        };
        add_identity(site, format!("it is the other of two: {message}"));
    }
}

fn add_identity(site: &mut Found, message: String) {
    if site.hazards.iter().all(|hazard| hazard.reason != Reason::Identity) {
        site.hazards.push(Hazard { reason: Reason::Identity, message });
    }
}

/// What the comments of a file settle.
struct Settled<'a> {
    analysis: &'a Analysis,
    pragmas: Vec<Pragma>,
}

impl<'a> Settled<'a> {
    fn new(analysis: &'a Analysis) -> Self {
        let text = &analysis.source.text;
        Self { analysis, pragmas: pragma::pragmas(&analysis.module, text, &analysis.lines()) }
    }

    /// Whether a comment keeps a site for this reason.
    fn is(&self, site: &Found, reason: Reason) -> bool {
        let line = |offset| self.analysis.lines().position(offset).line;
        let (first, last) = (line(site.range.start()), line(site.range.end()));
        pragma::covering(&self.pragmas, reason, first, last).is_some()
    }

    fn stays(&self, site: &Found) -> Stays {
        let mut reasons = site.hazards.iter().map(|hazard| hazard.reason).chain([
            site.reason,
            Reason::DirectInstantiation,
            Reason::Identity,
        ]);
        match site.reason {
            _ if reasons.any(|reason| self.is(site, reason)) => Stays::ByComment,
            Reason::Arguments => Stays::ByArguments,
            _ => Stays::No,
        }
    }
}

fn builds(site: &Found) -> bool {
    matches!(site.usage, Some(ClassUse::Call { .. } | ClassUse::Factory))
}

/// The hazards at the uses of one carrier.
fn look(scene: &Scene<'_>, codes: &Codes<'_>, carrier: CarrierId) -> Vec<Detected> {
    let uses = scene.objects.uses(carrier);
    let detectors = [lifecycle::detect, mutation::detect, identity::detect, retried::detect];
    let by_use = |&used| {
        let detected = detectors.iter().filter_map(move |detect| detect(scene, used));
        let replaced = replaced::detect(scene, used);
        let around =
            environment::detect(scene, codes, used).or_else(|| expected::detect(scene, used));
        replaced.into_iter().chain(detected).chain(around)
    };
    let mut found: Vec<Detected> = uses.iter().flat_map(by_use).collect();
    found.extend(replaced::of_function(scene, carrier));
    found.extend(keyed::of_function(scene, carrier));
    found
}
