//! Puts a new statement among the imports of a run, line by line (rules 13 to 15, 18 and 20).

use crate::text::{TextRange, TextSize, slice};

use super::block::{self, Run};
use super::draft::Kind;
use super::existing::{Existing, Suite};
use super::gap::{self, Side};
use super::names::speaks_of;
use super::order::{Member, Order, Sortable};
use super::place::{module_of, top_level};
use super::pragma;
use super::render::Statement;
use super::request::{How, Placed};
use super::slot::{self, Entry, Slot};
use super::state::State;

impl<'a> State<'a> {
    /// Puts the new statement with this index into `run`, in the place of `instead_of` where the
    /// order permits.
    pub(super) fn place_in_run(
        &mut self,
        index: usize,
        import: &Sortable,
        run: &Run<'a>,
        instead_of: Option<TextRange>,
    ) -> Placed {
        if let Some(placed) = self.share(import, run) {
            return placed;
        }
        let (entries, is_separated) = self.entries(run);
        let section = self.ctx.sections.of(&module_of(import));
        let new = Entry {
            rows: (0, 0),
            import: import.clone(),
            side: slot::side(section, import, false),
            top_level: top_level(import),
            begins_paragraph: false,
        };
        let instead = instead_of.map(|range| {
            let row = self.draft.row_at(range.start());
            entries.partition_point(|entry| entry.rows.0 < row)
        });
        let mut slot = slot::find(&self.ctx, &entries, &new, instead);
        let binds_as_before = run.imports().any(|(_, old)| {
            Some(old.range) == instead_of && bound(&members(&old)) == bound(&import.members)
        });
        if run.suite.owner.is_none() && !binds_as_before {
            // What a star import brings must not hide the new name.
            let is_star = |entry: &Entry| entry.import.members.iter().any(|(name, _)| name == "*");
            if let Some(star) = entries.iter().rposition(is_star).filter(|at| *at >= slot.index) {
                slot = Slot::new(star + 1, "below the star import");
            }
        }
        let above = slot.index.checked_sub(1).and_then(|above| entries.get(above));
        let below = entries.get(slot.index);
        let (replaced, others) = self.replaceable(run, above, below, instead_of);
        let late = self.late_pragma(run, replaced.or(instead_of), above, below);
        let comment = run.comment.as_deref().or(late);
        let row = match replaced {
            Some(range) => self.take_lines(range, import),
            None => self.row_between(above.filter(|_| !slot.begins_paragraph), below, &new, run),
        };
        let indent = match run.suite.owner {
            Some(_) => self.draft.indent_at(run.suite.key()),
            None => String::new(),
        };
        let offset = self.write(index, row, import, &indent, comment);
        if let Some(fresh) = self.fresh.get_mut(index) {
            fresh.run = Some(run.start);
        }
        for other in others {
            self.remove_now(other);
        }
        // Blank lines stay where the new statement is what the old one was to its neighbours.
        let may_close = replaced.is_some_and(|range| {
            let mut old = run.imports().filter(|(_, old)| old.range == range);
            !old.any(|(_, old)| {
                let old = Sortable { from: old.from.clone(), members: members(&old) };
                let side = slot::side(self.ctx.sections.of(&module_of(&old)), &old, false);
                gap::are_together(self.ctx.style, &self.ctx.sections, &side, &new.side)
            })
        });
        let gap = |above: &Side, below: &Side| {
            gap::between(self.ctx.style, &self.ctx.sections, above, below, is_separated)
        };
        if let Some(above) = above {
            let (first, _) = self.rows_of_fresh(index);
            let top = self.draft.comments_above(first);
            let side = Side { has_comment: top != first, ..new.side.clone() };
            let wanted = gap(&above.side, &side).max(usize::from(slot.begins_paragraph));
            let last = self.last_row_above(top);
            let start = self.draft.row(top).map(|row| row.range.start()).unwrap_or_default();
            if self.ctx.pragmas.frozen_at(start).is_none() {
                gap::set(&mut self.draft, last, top, wanted, may_close);
            }
        }
        let (_, last) = self.rows_of_fresh(index);
        if let Some(below) = below
            && let Some(next) = self.first_row_below(last)
        {
            let has_comment = self.draft.kind(next) == Some(Kind::Comment);
            let wanted = gap(&new.side, &Side { has_comment, ..below.side.clone() });
            gap::set(&mut self.draft, last, next, wanted, may_close);
        }
        Placed { how: How::New, offset, why: format!("a statement of its own, {}", slot.why) }
    }

    /// Puts the names into a new statement that the run has got already, where they fit there.
    fn share(&mut self, import: &Sortable, run: &Run<'a>) -> Option<Placed> {
        let index = self.fresh.iter().position(|fresh| {
            fresh.run == Some(run.start)
                && fresh.lines.is_none()
                && (fresh.import == *import || self.may_share(&fresh.import, import))
        })?;
        let order = Order::configured(self.ctx.style);
        let fresh = self.fresh.get_mut(index)?;
        for member in &import.members {
            if !fresh.import.members.contains(member) {
                fresh.import.members.push(member.clone());
            }
        }
        let key = |(name, alias): &Member| order.member(name, alias.as_deref());
        fresh.import.members.sort_by_cached_key(key);
        let (import, placed) = (fresh.import.clone(), fresh.placed.clone());
        let (first, _) = self.draft.rows_of(index)?;
        let line = self.draft.line(first);
        let (indent, comment) = (pragma::indent(line).to_owned(), line.split_once("  #"));
        let comment = comment.map(|(_, comment)| format!("#{comment}"));
        let row = self.draft.retract(index)?;
        self.write(index, row, &import, &indent, comment.as_deref());
        placed
    }

    /// The imports of `run` as they stand in the plan, and whether its sections are kept apart by
    /// blank lines.
    pub(super) fn entries(&self, run: &Run<'a>) -> (Vec<Entry>, bool) {
        self.entries_as(run, true)
    }

    /// The imports of `run` as they stand in the old text.
    pub(super) fn old_entries(&self, run: &Run<'a>) -> Vec<Entry> {
        self.entries_as(run, false).0
    }

    fn entries_as(&self, run: &Run<'a>, is_planned: bool) -> (Vec<Entry>, bool) {
        let ctx = &self.ctx;
        let mut is_separated = true;
        let mut before: Option<(usize, usize)> = None;
        let mut gone: Vec<(usize, usize)> = Vec::new();
        let mut entries: Vec<Entry> = Vec::new();
        for (unit, existing) in run.imports() {
            let rows = ctx.rows(&self.draft, unit.range(&run.suite));
            let section = ctx.sections.of(&existing.module());
            let rank = ctx.sections.rank(&section);
            let first = self.draft.attached(rows.0);
            let is_apart = before.is_some_and(|(_, last)| last + 1 < rows.0);
            let is_other = before.is_some_and(|(other, _)| other != rank);
            is_separated &= is_apart || !is_other;
            before = Some((rank, rows.1));
            if is_planned && unit.is_single() && self.is_gone(existing.range.start()) {
                gone.push(rows);
                continue;
            }
            let changed = self.changed.get(&existing.range.start()).filter(|_| is_planned);
            let members = match changed {
                Some(changed) => changed.members(),
                None => members(&existing),
            };
            let import = Sortable { from: existing.from.clone(), members };
            entries.push(Entry {
                rows,
                side: slot::side(section, &import, first != rows.0),
                top_level: existing.top_level(),
                import,
                begins_paragraph: false,
            });
        }
        for (index, fresh) in self.fresh.iter().enumerate() {
            let Some(rows) = self.draft.rows_of(index) else { continue };
            if fresh.run != Some(run.start) || !is_planned {
                continue;
            }
            let section = ctx.sections.of(&module_of(&fresh.import));
            entries.push(Entry {
                rows,
                side: slot::side(section, &fresh.import, false),
                top_level: top_level(&fresh.import),
                import: fresh.import.clone(),
                begins_paragraph: false,
            });
        }
        entries.sort_by_key(|entry| entry.rows);
        begin_paragraphs(&mut entries, &gone);
        (entries, is_separated)
    }

    /// The import of the run that goes and whose lines the new one takes, and the others that go
    /// between the same two imports.
    fn replaceable(
        &self,
        run: &Run<'a>,
        above: Option<&Entry>,
        below: Option<&Entry>,
        instead_of: Option<TextRange>,
    ) -> (Option<TextRange>, Vec<TextRange>) {
        let is_between = |range: &TextRange| {
            let (first, last) = self.ctx.rows(&self.draft, *range);
            above.is_none_or(|above| above.rows.1 < first)
                && below.is_none_or(|below| last < below.rows.0)
        };
        let free = |unit: &block::Unit| {
            let range = unit.range(&run.suite);
            let is_taken = self.whole.get(&range.start()).is_some_and(|whole| whole.is_replaced);
            (unit.is_single() && self.is_gone(range.start()) && !is_taken).then_some(range)
        };
        let mut gone: Vec<TextRange> =
            run.units.iter().filter_map(free).filter(is_between).collect();
        let taken =
            instead_of.filter(|range| gone.contains(range)).or_else(|| gone.first().copied());
        gone.retain(|range| Some(*range) != taken);
        (taken, gone)
    }

    /// Takes the lines of the import at `range` away, and gives the row where they were.
    ///
    /// A comment above it stays unless it speaks of the names that go.
    fn take_lines(&mut self, range: TextRange, import: &Sortable) -> usize {
        let (first, last) = self.ctx.rows(&self.draft, range);
        let top = self.draft.attached(first);
        let comment: Vec<&str> = (top..first).map(|row| self.draft.line(row)).collect();
        let leaves = Suite::holding(self.ctx.module, range).is_some_and(|(suite, index)| {
            let old = suite.body.get(index).and_then(Existing::new);
            let old = old.map(|old| subjects(&old)).unwrap_or_default();
            speaks_of(&comment.join(" "), &old, &import.members)
        });
        for row in if leaves { top } else { first }..=last {
            self.draft.remove(row);
        }
        if self.remove_whole(range, false).is_ok()
            && let Some(whole) = self.whole.get_mut(&range.start())
        {
            whole.is_replaced = true;
        }
        first
    }

    /// The row above which a new statement goes that takes nobody's lines.
    fn row_between(
        &self,
        above: Option<&Entry>,
        below: Option<&Entry>,
        new: &Entry,
        run: &Run<'a>,
    ) -> usize {
        // Between others there may be a blank line, and it stays where it is.
        let (style, sections) = (self.ctx.style, &self.ctx.sections);
        let is_like = |entry: Option<&Entry>| {
            entry.is_some_and(|entry| gap::are_together(style, sections, &entry.side, &new.side))
        };
        let after = above.map(|above| above.rows.1 + 1);
        let before = below.map(|below| self.draft.attached(below.rows.0));
        let row = match (after, before) {
            (Some(_), Some(before)) if !is_like(above) && is_like(below) => before,
            (Some(row), _) | (None, Some(row)) => row,
            (None, None) => self.draft.row_at(run.start),
        };
        let at = self.draft.row(row).map(|row| row.range.start()).unwrap_or_default();
        let Some(region) = self.ctx.pragmas.frozen_at(at) else { return row };
        let is_inside = |entry: &Entry| {
            self.draft.row(entry.rows.0).is_some_and(|row| region.contains(row.range.start()))
        };
        let end = self.draft.row_at(region.end());
        // Ex) the last import before `# fmt: on`: the new one goes below that.
        if above.is_some_and(is_inside)
            && !below.is_some_and(is_inside)
            && region.end() < TextSize::of(self.ctx.text)
            && self.is_between_statements(end, run.suite)
        {
            return end;
        }
        self.outside_frozen(row, run.suite)
    }

    /// The comment that a late import needs so that linters take it, as its neighbours have it.
    fn late_pragma(
        &self,
        run: &Run<'a>,
        replaced: Option<TextRange>,
        above: Option<&Entry>,
        below: Option<&Entry>,
    ) -> Option<&'static str> {
        // flake8 calls imports late where ruff knows the set-up above them for what it is.
        if !run.is_late && !run.is_after_barrier {
            return None;
        }
        let neighbours = [above, below].into_iter().flatten().filter_map(|entry| {
            let mut ranges = run.units.iter().map(|unit| unit.range(&run.suite));
            ranges.find(|range| self.ctx.rows(&self.draft, *range) == entry.rows)
        });
        replaced.into_iter().chain(neighbours).find_map(|range| {
            let comment = pragma::trailing_comment(self.ctx.module, &self.draft, range)?;
            pragma::late_import_pragma(slice(self.ctx.text, comment))
        })
    }

    /// Writes the statement's lines above the row `row`; gives the offset of the old text there.
    pub(super) fn write(
        &mut self,
        index: usize,
        row: usize,
        import: &Sortable,
        indent: &str,
        comment: Option<&str>,
    ) -> TextSize {
        let statement = Statement::new(import, comment);
        let moved = self.fresh.get(index).and_then(|fresh| fresh.lines.clone());
        let lines =
            moved.unwrap_or_else(|| statement.lines(self.ctx.style, indent, &self.ctx.unit()));
        for (i, line) in lines.iter().enumerate() {
            let indent = if i == 0 { indent } else { "" };
            self.draft.insert_tagged(row + i, format!("{indent}{line}"), index);
        }
        self.draft.row(row).map(|row| row.range.start()).unwrap_or_default()
    }

    /// The first and last row of a new statement that is written.
    pub(super) fn rows_of_fresh(&self, index: usize) -> (usize, usize) {
        self.draft.rows_of(index).unwrap_or_default()
    }

    /// The last row above `row` that is not blank.
    pub(super) fn last_row_above(&self, row: usize) -> usize {
        let top = self.draft.blanks_above(row).last().copied().unwrap_or(row);
        self.draft.above(top).unwrap_or(0)
    }

    /// The first row below `row` that is not blank.
    pub(super) fn first_row_below(&self, row: usize) -> Option<usize> {
        let below = self.draft.below(row)?;
        match self.draft.blanks_from(below).last() {
            Some(last) => self.draft.below(*last),
            None => Some(below),
        }
    }
}

/// The names of an import.
pub(super) fn members(existing: &Existing) -> Vec<Member> {
    existing
        .names
        .iter()
        .map(|alias| (alias.name.to_string(), alias.asname.as_ref().map(ToString::to_string)))
        .collect()
}

/// The names that these bind.
fn bound(members: &[Member]) -> Vec<&str> {
    members.iter().map(|(name, alias)| alias.as_deref().unwrap_or(name)).collect()
}

/// What a comment would call an import: its names and its module.
pub(super) fn subjects(existing: &Existing) -> Vec<Member> {
    let module = existing.from.iter().map(|from| (from.name.clone(), None));
    members(existing).into_iter().chain(module).filter(|(name, _)| !name.is_empty()).collect()
}

/// Finds the entries above which something else stands than an import, or one that goes.
fn begin_paragraphs(entries: &mut [Entry], gone: &[(usize, usize)]) {
    let is_gone = |row: usize| gone.iter().any(|rows| (rows.0..=rows.1).contains(&row));
    let mut above: Option<usize> = None;
    for entry in entries {
        let between = above.map_or(0..0, |above| above + 1..entry.rows.0);
        entry.begins_paragraph = between.into_iter().any(|row| !is_gone(row));
        above = Some(entry.rows.1);
    }
}
