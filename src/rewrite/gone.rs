//! Which uses are gone when the sites of a file are rewritten.

use super::decide::Decision;
use crate::text::{TextRange, TextSize};

/// The changes of a file, for asking after thousands of its uses.
#[derive(Debug)]
pub(super) struct Gone<'d> {
    /// What is replaced, in the order in which it begins, by which decision, and how far this and
    /// all before it reach.
    changes: Vec<(TextRange, &'d Decision, TextSize)>,
}

impl<'d> Gone<'d> {
    /// What goes with these.
    pub(super) fn new(decisions: &'d [Decision]) -> Self {
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
    pub(super) fn takes(&self, range: TextRange) -> bool {
        let begun = self.changes.partition_point(|(change, ..)| change.start() <= range.start());
        let begun = self.changes.get(..begun).unwrap_or_default().iter().rev();
        begun
            .take_while(|(.., reach)| *reach >= range.end())
            .any(|(_, decision, _)| decision.takes(range))
    }
}
