//! The way by which a name is followed.

use rustc_hash::FxHashMap;

use super::Resolution;
use crate::project::FileId;

/// A name of a module that a chain went through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// The module.
    pub file: FileId,
    /// The name in it.
    pub name: String,
}

/// One chain being followed: what it went through, for telling loops and for those who ask.
#[derive(Debug, Default)]
pub(super) struct Trail {
    pub(super) visited: Vec<Hop>,
    /// Every hop of every branch.
    pub(super) hops: Vec<Hop>,
    /// What was found of names of modules, where that is the same by whatever way they are reached.
    pub(super) known: FxHashMap<Hop, Resolution>,
    /// The first of the visited hops that what is being found depends on, as a loop led back there.
    pub(super) depends_on: Option<usize>,
    /// How many names of modules were followed.
    pub(super) followed: usize,
}

impl Trail {
    /// The way is at a hop that it went through.
    pub(super) fn is_loop(&mut self, hop: &Hop) -> bool {
        let place = self.visited.iter().position(|visited| visited == hop);
        self.depend_on(place);
        place.is_some()
    }

    /// There is more than anybody has written by hand.
    pub(super) fn is_too_long(&mut self) -> bool {
        let is_so = self.visited.len() >= MAX_HOPS || self.followed >= MOST_FOLLOWED;
        self.depend_on(is_so.then_some(0));
        is_so
    }

    pub(super) fn depend_on(&mut self, place: Option<usize>) {
        let all = self.depends_on.into_iter().chain(place);
        self.depends_on = all.min();
    }
}

/// The longest chain of re-exports and aliases that is followed.
const MAX_HOPS: usize = 1_000;

/// As many names of modules are followed for one question.
const MOST_FOLLOWED: usize = 20_000;
