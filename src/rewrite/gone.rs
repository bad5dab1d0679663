//! Which changes of a file take the place of a piece of it, and which uses are gone with them.

use super::decide::Decision;
use crate::text::{TextRange, TextSize};

/// The changes of a file, for asking after thousands of places.
#[derive(Debug)]
pub struct Gone<'d> {
    /// What is replaced, in the order in which it begins, by which decision, and how far this and
    /// all before it reach.
    changes: Vec<(TextRange, &'d Decision, TextSize)>,
}

impl<'d> Gone<'d> {
    /// What goes with these.
    pub fn new(decisions: &'d [Decision]) -> Self {
        let replaced = |decision: &'d Decision| {
            let range = decision.change.as_ref()?.replaced();
            Some((range, decision, range.end()))
        };
        let mut changes: Vec<_> = decisions.iter().filter_map(replaced).collect();
        changes.sort_by_key(|(range, ..)| range.start());
        let mut furthest = TextSize::default();
        for (.., reach) in &mut changes {
            furthest = furthest.max(*reach);
            *reach = furthest;
        }
        Self { changes }
    }

    /// Whether a use in this range is gone.
    pub fn takes(&self, range: TextRange) -> bool {
        self.around(range).any(|decision| decision.takes(range))
    }

    /// The decisions whose changes take the place of all of `range`.
    pub fn around(&self, range: TextRange) -> impl Iterator<Item = &'d Decision> {
        let begun = self.changes.partition_point(|(change, ..)| change.start() <= range.start());
        let begun = self.changes.get(..begun).unwrap_or_default().iter().rev();
        let near = begun.take_while(move |(.., reach)| *reach >= range.end());
        near.filter(move |(change, ..)| change.contains_range(range)).map(|(_, one, _)| *one)
    }
}
