//! Statements all of whose names change, and which then stand in the wrong place (rules 10 and
//! 14): sorted order wins over the place where there was sorted order.

use crate::text::{TextRange, TextSize};

use super::block::{self, Run};
use super::order::Member;
use super::request::Import;
use super::slot::{self, Entry};
use super::state::{Changed, Met, State, Target};

impl<'a> State<'a> {
    /// Moves names out of statements that would break the order of their imports.
    ///
    /// Gives, for each such statement, where its names went.
    pub(super) fn relocate(&mut self) -> Vec<(TextSize, Met)> {
        let mut moved = Vec::new();
        let starts: Vec<TextSize> = self.changed.keys().copied().collect();
        for start in starts {
            let Some(changed) = self.changed.get(&start).cloned() else { continue };
            if changed.kept().next().is_some()
                || changed.added.is_empty()
                || self.whole.contains_key(&start)
            {
                continue;
            }
            let runs = block::runs(&self.ctx, &self.draft, changed.suite);
            let Some(run) = runs.into_iter().find(|run| {
                run.units.iter().any(|unit| unit.is_single() && unit.first == changed.index)
            }) else {
                continue;
            };
            if let Some(other) = self.plain_twin(&changed, &run) {
                moved.push((start, self.join_twin(&changed, other)));
            } else if self.breaks_order(&run, start) {
                moved.push((start, self.detach(&changed, &run)));
            }
        }
        moved
    }

    /// Another statement of the run that imports plain names from the same module, where the two
    /// were apart only because one had names with `as`.
    fn plain_twin(&self, changed: &Changed<'a>, run: &Run<'a>) -> Option<TextRange> {
        let is_plain = |members: &[Member]| members.iter().all(|(_, alias)| alias.is_none());
        if self.ctx.style.force_single_line || !is_plain(&changed.members()) {
            return None;
        }
        let mut twins = run.imports().filter(|(_, other)| {
            other.range != changed.existing.range
                && other.from == changed.existing.from
                && (changed.existing.is_aliased() || other.is_aliased())
                && !other.is_star()
                && !self.is_gone(other.range.start())
        });
        twins.find_map(|(_, other)| {
            let current = self.current(other.range).ok()?;
            is_plain(&current.members()).then_some(other.range)
        })
    }

    fn join_twin(&mut self, changed: &Changed<'a>, other: TextRange) -> Met {
        let added = changed.added.clone();
        if let Some(changed) = self.changed.get_mut(&changed.existing.range.start()) {
            changed.added.clear();
        }
        if let Ok(twin) = self.changed(other) {
            for mut addition in added {
                addition.instead = None;
                if !twin.members().contains(&addition.member) {
                    twin.added.push(addition);
                }
            }
        }
        Met::Changed(other.start(), "the import of this module beside it")
    }

    /// The run was in order before the statement at `start` changed, and is not afterwards.
    fn breaks_order(&self, run: &Run<'a>, start: TextSize) -> bool {
        let row = self.draft.row_at(start);
        let old = self.old_entries(run);
        let Some(index) = old.iter().position(|entry| entry.rows.0 == row) else { return false };
        let (new, _) = self.entries(run);
        let section = |entries: &[Entry], index: usize| -> Vec<Entry> {
            let rank = |entry: &Entry| self.ctx.sections.rank(&entry.side.section);
            let own = entries.get(index).map(rank);
            entries.iter().filter(|entry| Some(rank(entry)) == own).cloned().collect()
        };
        let group = section(&old, index);
        let Some(order) = slot::convention(&self.ctx, &old, &group) else { return false };
        let Some(index) = new.iter().position(|entry| entry.rows.0 == row) else { return false };
        !slot::is_sorted(&order, &section(&new, index))
    }

    /// The statement goes, and its new names get one where they belong.
    fn detach(&mut self, changed: &Changed<'a>, run: &Run<'a>) -> Met {
        if let Some(changed) = self.changed.get_mut(&changed.existing.range.start()) {
            changed.added.clear();
        }
        let target = Target::Beside {
            suite: changed.suite,
            index: changed.index,
            replaces_it: true,
            run: run.start,
        };
        let mut index = 0;
        for addition in &changed.added {
            let (member, alias) = addition.member.clone();
            let import = match &changed.existing.from {
                Some(module) => Import::From { module: module.clone(), member, alias },
                None => Import::Module { name: member, alias },
            };
            index = self.into_fresh(&import, target, None);
        }
        Met::Fresh(index)
    }
}
