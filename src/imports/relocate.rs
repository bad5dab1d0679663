//! Statements that stand in the wrong place once their names have changed (rules 10 and
//! 14): sorted order wins over the place where there was sorted order.

use crate::text::{TextEdit, TextRange, TextSize, slice};

use super::block::{self, Run, Unit};
use super::order::{Member, Sortable};
use super::slot::{self, Entry};
use super::state::{Changed, Fresh, Met, State, Target};

impl<'a> State<'a> {
    /// Moves names out of statements that would break the order of their imports.
    ///
    /// Gives, for each such statement, where its names went.
    pub(super) fn relocate(&mut self) -> Vec<(TextSize, Met)> {
        let mut moved = Vec::new();
        for start in self.changed.keys().copied().collect::<Vec<_>>() {
            if let Some((changed, run)) = self.moveable(start)
                && changed.kept().next().is_none()
                && let Some(other) = self.plain_twin(&changed, &run)
            {
                moved.push((start, self.join_twin(&changed, other)));
            }
        }
        for start in self.changed.keys().copied().collect::<Vec<_>>() {
            if let Some((changed, run)) = self.moveable(start)
                && self.breaks_order(&run, start)
            {
                moved.push((start, self.detach(&changed, &run)));
            }
        }
        moved
    }

    /// The statement that begins at `start` and its run, if it goes on with other names and has its
    /// lines for itself.
    fn moveable(&self, start: TextSize) -> Option<(Changed<'a>, Run<'a>)> {
        let changed = self.changed.get(&start)?;
        let is_other = !changed.added.is_empty() || !changed.gone.is_empty();
        if !is_other || self.whole.contains_key(&start) {
            return None;
        }
        let runs = block::runs(&self.ctx, &self.draft, changed.suite);
        let run = runs.into_iter().find(|run| {
            run.units.iter().any(|unit| unit.is_single() && unit.first == changed.index)
        })?;
        Some((changed.clone(), run))
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

    /// The statement moves, with its new names, to where it belongs.
    fn detach(&mut self, changed: &Changed<'a>, run: &Run<'a>) -> Met {
        let range = changed.existing.range;
        let target = Target::Beside {
            suite: changed.suite,
            index: changed.index,
            replaces_it: true,
            run: run.start,
        };
        let fresh = Fresh {
            import: Sortable { from: changed.existing.from.clone(), members: changed.members() },
            target,
            reason: None,
            lines: Some(self.lines_of(changed)),
            how: changed.how(),
            run: None,
            placed: None,
        };
        self.fresh.push(fresh);
        // The range is that of a statement that was found before.
        self.remove_whole(range, false).unwrap_or_default();
        Met::Fresh(self.fresh.len() - 1)
    }

    /// The lines of the statement with its new names, without the indentation of the first one,
    /// and with the comments above it that speak of it alone.
    fn lines_of(&self, changed: &Changed<'a>) -> Vec<String> {
        let range = changed.existing.range;
        let (first, last) = self.ctx.rows(&self.draft, range);
        let unit = Unit { first: changed.index, end: changed.index + 1 };
        let top = self.leaving(&changed.suite, unit, first, last);
        let start = self.draft.row(top).map_or(range.start(), |row| row.range.start());
        let end = self.draft.row(last).map_or(range.end(), |row| row.range.end());
        let old = slice(self.ctx.text, TextRange::new(start, end));
        let edit = self.rewritten(changed).map(|mut edit| {
            edit.range -= start;
            edit
        });
        let edit = TextEdit::new(edit.into_iter().collect()).unwrap_or_default();
        let text = edit.apply(old);
        let text = text.trim_start_matches([' ', '\t', '\x0c']).trim_end_matches(['\r', '\n']);
        // A lone carriage return ends a line as well.
        text.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(str::to_owned).collect()
    }
}
