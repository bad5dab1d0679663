//! Which expressions of a file are, or may be, the object that is built at a place of it.
//!
//! The answer is a graph: objects flow from where they are built to bindings, attributes and
//! results of functions, each of which is read somewhere. It is made once for all places of a
//! file, so that what many of them share is looked at once. Flow of control is that of
//! `semantic`; attributes are followed without regard to order.
//!
//! Invariant: every expression that is listed may have the object as its value. Objects that go to
//! other files are not followed.

mod sources;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::contained::{Slot, holders};
use super::flow::{self, Flow};
use super::functions;
use super::index::{FluentId, Index, Place, Root};
use super::start::{Start, What};
use crate::semantic::{BindingId, NameId};
use crate::syntax::tree::NodeId;

/// Something that an object may be had from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// The expression that builds it, by its place among those that are followed.
    Start(usize),
    /// A name, as one binding gives it.
    Binding(BindingId),
    /// An attribute.
    Place(Place),
    /// The result of a function of the file.
    Result(NodeId),
    /// What `with` gives of a context manager that is a function of the file.
    Entered(NodeId),
    /// A name of the module that no statement binds.
    Global(NameId),
    /// An expression.
    At(NodeId),
    /// What is unpacked into the names of this tuple or list.
    Unpacked(NodeId),
    /// What pytest gives a fixture of the file as `request.param`.
    Parametrized(NodeId),
    /// An element of a container that is had from there.
    Inside(Box<Key>, Slot),
}

impl Key {
    /// In how many containers the object is.
    fn depth(&self) -> usize {
        match self {
            Self::Inside(container, _) => 1 + container.depth(),
            _ => 0,
        }
    }

    /// Whether it is a mock that one function puts into what it is given: others are given things
    /// of the same name, and put in mocks of their own.
    fn is_mock_of_many(&self) -> bool {
        match self {
            Self::Inside(mock, Slot::Answered) => {
                matches!(**mock, Self::Place(Place { root: Root::Parameter(_), .. }))
            }
            _ => false,
        }
    }

    /// Whether each read of it is another object.
    fn is_fresh(&self) -> bool {
        matches!(self, Self::Start(_) | Self::Result(_) | Self::Inside(_, Slot::Called))
    }
}

/// How an object got somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By an assignment.
    Assigned,
    /// By `with … as`.
    Entered,
    /// As the default of a parameter.
    Default,
    /// As an element of what is made there.
    Held,
    /// By a loop over a display.
    Looped,
    /// As the result of this function.
    Returned(String),
    /// As an argument of this function.
    Passed(String),
    /// As this fixture.
    Fixture(String),
    /// As a fixture of another file.
    Asked,
    /// From a call in another file.
    Received,
    /// By an import of the name that another file gives it.
    Imported,
    /// As an attribute that a related class of another file sets.
    Inherited,
}

/// One step of an object, and the line on which it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How it got there.
    pub how: How,
    /// Where that is written.
    pub line: u32,
}

/// Something that the followed objects may be had from, by its place in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CarrierId(usize);

/// One expression that may be an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// The expression.
    pub node: NodeId,
    /// The name, attribute or call that it has its value from; itself, mostly.
    pub source: NodeId,
    /// Each time that it is evaluated it is another object.
    pub is_fresh: bool,
}

impl Use {
    /// Whether the object is built there: what has an object's value is not where it is built.
    pub fn builds(self) -> bool {
        self.is_fresh && self.node == self.source
    }
}

#[derive(Debug, Default)]
struct Carrier {
    uses: Vec<Use>,
    steps: Vec<(CarrierId, Step)>,
}

/// The objects of a file, followed.
#[derive(Debug)]
pub struct Objects<'a> {
    /// The file's names and nodes.
    pub index: &'a Index<'a>,
    ids: FxHashMap<(Key, FluentId), CarrierId>,
    /// The class of each start.
    classes: Vec<FluentId>,
    carriers: Vec<Carrier>,
    /// What each carrier is.
    keys: Vec<(Key, FluentId)>,
    /// For each start, what its object may be had from, and the step that led there.
    reached: Vec<Vec<(CarrierId, Option<Step>)>>,
    /// For each expression, the starts whose objects it may be.
    starts_of: FxHashMap<NodeId, SmallVec<[usize; 2]>>,
    /// Something is left that was not followed.
    is_cut_short: bool,
}

/// More than any real file has; a bound on what hostile ones cost. Who reaches it is told so.
const MOST_CARRIERS_OF_A_START: usize = 500;

/// Containers in containers are followed this far: `self.makers["r"]()` is two.
const MOST_DEPTH: usize = 3;

impl<'a> Objects<'a> {
    /// Follows the objects of one class that are built at `starts`.
    pub fn new(index: &'a Index<'a>, starts: &[Start]) -> Self {
        Self::of_classes(index, starts, vec![FluentId::default(); starts.len()])
    }

    /// Follows the objects that are built at `starts`, whose classes are `classes`.
    pub fn of_classes(index: &'a Index<'a>, starts: &[Start], classes: Vec<FluentId>) -> Self {
        let mut objects = Self {
            index,
            ids: FxHashMap::default(),
            classes,
            carriers: Vec::new(),
            keys: Vec::new(),
            reached: Vec::new(),
            starts_of: FxHashMap::default(),
            is_cut_short: false,
        };
        let mut queue: Vec<(Key, FluentId)> = Vec::new();
        for start in 0..starts.len() {
            let class = objects.classes.get(start).copied().unwrap_or_default();
            objects.intern((Key::Start(start), class), &mut queue);
        }
        let mut next = 0;
        let most = starts.len().saturating_mul(MOST_CARRIERS_OF_A_START);
        while let Some((key, class)) = queue.get(next).cloned() {
            if next >= most {
                objects.is_cut_short = true;
                break;
            }
            let made = objects.carrier((&key, class), starts, &mut queue);
            if let Some(carrier) = objects.carriers.get_mut(next) {
                *carrier = made;
            }
            next += 1;
        }
        objects.keys = queue;
        for start in 0..starts.len() {
            let reached = objects.reach(start);
            for (carrier, _) in &reached {
                for used in objects.carriers.get(carrier.0).map_or(&[][..], |one| &one.uses) {
                    let starts = objects.starts_of.entry(used.node).or_default();
                    if starts.last() != Some(&start) {
                        starts.push(start);
                    }
                }
            }
            objects.reached.push(reached);
        }
        objects
    }

    /// What the object of a start may be had from, nearest first, and the last step to each.
    pub fn reached(&self, start: usize) -> &[(CarrierId, Option<Step>)] {
        self.reached.get(start).map_or(&[][..], |reached| reached)
    }

    /// Whether the object of a start was not followed to the end: there is too much of it.
    pub fn is_cut_short(&self, start: usize) -> bool {
        self.is_cut_short || self.reached(start).len() >= MOST_CARRIERS_OF_A_START
    }

    /// All carriers of all objects.
    pub fn carriers(&self) -> impl Iterator<Item = (CarrierId, &[Use])> {
        (0..).map(CarrierId).zip(self.carriers.iter().map(|carrier| &carrier.uses[..]))
    }

    /// The expressions that read a carrier.
    pub fn uses(&self, carrier: CarrierId) -> &[Use] {
        self.carriers.get(carrier.0).map_or(&[][..], |carrier| &carrier.uses)
    }

    /// What a carrier is.
    pub fn key(&self, carrier: CarrierId) -> Option<&Key> {
        self.keys.get(carrier.0).map(|(key, _)| key)
    }

    /// The function of the file whose result a carrier is.
    pub fn function(&self, carrier: CarrierId) -> Option<NodeId> {
        match self.key(carrier)? {
            Key::Result(function) => Some(*function),
            _ => None,
        }
    }

    /// The expression that builds the object of a start.
    pub fn build(&self, start: usize) -> Option<NodeId> {
        self.uses(CarrierId(start)).first().map(|used| used.node)
    }

    /// The parameters of tests and fixtures to which a fixture of the file gives objects, and the
    /// starts of those.
    pub fn fixtures_given(&self) -> impl Iterator<Item = (BindingId, Vec<usize>)> {
        let steps = self.carriers.iter().flat_map(|carrier| &carrier.steps);
        let mut given: FxHashMap<CarrierId, Vec<usize>> = steps
            .filter(|(_, step)| matches!(step.how, How::Fixture(_)))
            .map(|(carrier, _)| (*carrier, Vec::new()))
            .collect();
        for (start, reached) in self.reached.iter().enumerate() {
            for (carrier, _) in reached {
                if let Some(starts) = given.get_mut(carrier) {
                    starts.push(start);
                }
            }
        }
        self.ids.iter().filter_map(move |((key, _), carrier)| match key {
            Key::Binding(binding) => Some((*binding, given.remove(carrier)?)),
            _ => None,
        })
    }

    /// Where the value of an expression goes that may be a followed object.
    pub(super) fn flow(&self, node: NodeId) -> Flow {
        let start = self.starts_of(node).first();
        let class = start.and_then(|&start| self.classes.get(start)).copied();
        flow::of(self.index, class, node)
    }

    /// The starts whose objects an expression may be.
    pub fn starts_of(&self, node: NodeId) -> &[usize] {
        self.starts_of.get(&node).map_or(&[][..], |starts| starts)
    }

    fn intern(&mut self, key: (Key, FluentId), queue: &mut Vec<(Key, FluentId)>) -> CarrierId {
        let next = CarrierId(self.carriers.len());
        let id = *self.ids.entry(key.clone()).or_insert(next);
        if id == next {
            self.carriers.push(Carrier::default());
            queue.push(key);
        }
        id
    }

    fn carrier(
        &mut self,
        (key, class): (&Key, FluentId),
        starts: &[Start],
        queue: &mut Vec<(Key, FluentId)>,
    ) -> Carrier {
        let mut carrier = Carrier::default();
        let mut steps: Vec<(Key, Step)> = Vec::new();
        let index = self.index;
        let is_fresh = key.is_fresh();
        let start = match key {
            Key::Start(start) => starts.get(*start),
            _ => None,
        };
        if let Some(start) = start
            && start.what == What::Factory
        {
            if let Some(node) = index.tree.expression_at(start.range) {
                functions::called(index, node, &mut steps);
            }
        } else {
            for node in self.sources(key, start, &mut steps) {
                let flow = flow::of(index, Some(class), node);
                for &same in &flow.same {
                    carrier.uses.push(Use { node: same, source: node, is_fresh });
                }
                steps.extend(flow.steps);
                steps.extend(flow.same.iter().flat_map(|&same| holders(index, same)));
            }
        }
        steps.retain(|(key, _)| key.depth() <= MOST_DEPTH && !key.is_mock_of_many());
        for (key, step) in steps {
            let id = self.intern((key, class), queue);
            carrier.steps.push((id, step));
        }
        carrier
    }

    fn reach(&self, start: usize) -> Vec<(CarrierId, Option<Step>)> {
        let mut reached: Vec<(CarrierId, Option<Step>)> = vec![(CarrierId(start), None)];
        let mut seen: FxHashSet<CarrierId> = FxHashSet::default();
        seen.insert(CarrierId(start));
        let mut next = 0;
        while let Some((id, _)) = reached.get(next) {
            let steps = self.carriers.get(id.0).map_or(&[][..], |carrier| &carrier.steps);
            for (to, step) in steps {
                if reached.len() < MOST_CARRIERS_OF_A_START && seen.insert(*to) {
                    reached.push((*to, Some(step.clone())));
                }
            }
            next += 1;
        }
        reached
    }
}
