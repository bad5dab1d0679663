//! Takes statements out of a file, and what belonged to them alone (rule 25).
//!
//! An import's comment leaves with the line that it is on; a comment above it leaves only if it
//! touches that import alone. The comments of any other statement stay.

use std::collections::BTreeSet;

use crate::syntax::ast::Stmt;
use crate::text::{Edit, Ranged, TextRange, TextSize, slice};

use super::block::{self, Unit};
use super::draft::Kind;
use super::existing::{Existing, Suite};
use super::gap::{self, Side};
use super::insert::subjects;
use super::names::speaks_of;
use super::pragma::indent;
use super::state::{State, Whole};

/// What becomes of the blank lines around lines that go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Those that nothing needs any more go as well.
    Closes,
    /// They stay.
    Stays,
}

impl<'a> State<'a> {
    /// Import statements without names left go as a whole.
    pub(super) fn settle(&mut self) {
        let empty: Vec<TextRange> = self
            .changed
            .values()
            .filter(|changed| changed.members().is_empty())
            .map(|changed| changed.existing.range)
            .collect();
        for range in empty {
            // The range is that of a statement that was found before.
            self.remove_whole(range, false).unwrap_or_default();
        }
    }

    /// Removes every statement that goes.
    pub(super) fn remove_all(&mut self) {
        self.empty_suites();
        let mut seen: BTreeSet<(TextSize, usize)> = BTreeSet::new();
        let whole: Vec<Whole> = self.whole.values().copied().collect();
        for gone in whole {
            if gone.is_replaced {
                continue;
            }
            let units = block::units(&gone.suite, &self.draft);
            let Some(unit) = units.iter().find(|unit| (unit.first..unit.end).contains(&gone.index))
            else {
                continue;
            };
            if seen.insert((gone.suite.key(), unit.first)) {
                self.remove_unit(&gone.suite, *unit);
            }
        }
    }

    /// Removes the lines of the import at `range`, which has them for itself, before its turn.
    pub(super) fn remove_now(&mut self, range: TextRange) {
        let Some((suite, index)) = Suite::holding(self.ctx.module, range) else { return };
        self.remove_rows(&suite, Unit { first: index, end: index + 1 }, Gap::Closes);
        if self.remove_whole(range, false).is_ok()
            && let Some(whole) = self.whole.get_mut(&range.start())
        {
            whole.is_replaced = true;
        }
    }

    fn is_whole(&self, stmt: &Stmt) -> bool {
        self.whole.contains_key(&stmt.start())
    }

    /// The statement goes and nothing takes its place.
    fn vanishes(&self, stmt: &Stmt) -> bool {
        self.whole.get(&stmt.start()).is_some_and(|whole| !whole.is_replaced)
    }

    /// Suites of which nothing is left get a `pass`; a typing block goes as a whole.
    fn empty_suites(&mut self) {
        loop {
            let suites: Vec<Suite<'a>> = self
                .whole
                .values()
                .filter(|whole| !whole.is_replaced && whole.suite.owner.is_some())
                .map(|whole| whole.suite)
                .collect();
            let Some(suite) = suites.into_iter().find(|suite| self.is_emptied(suite)) else {
                return;
            };
            match suite.owner {
                Some(owner) if suite.is_typing_block() && self.may_go(owner, &suite) => {
                    for stmt in suite.body {
                        self.whole.remove(&stmt.start());
                    }
                    self.emptied.push(owner.range());
                    if self.remove_whole(owner.range(), false).is_err() {
                        return;
                    }
                }
                _ => self.pass(&suite),
            }
        }
    }

    fn is_emptied(&self, suite: &Suite<'a>) -> bool {
        let has_new = self.fresh.iter().any(|fresh| {
            fresh.target.suite(&self.ctx).key() == suite.key() && fresh.placed.is_some()
        });
        !has_new && suite.body.iter().all(|stmt| self.vanishes(stmt))
    }

    /// The typing block can go without losing a comment or joining imports that are apart.
    fn may_go(&self, owner: &Stmt, suite: &Suite<'a>) -> bool {
        let is_of_import = |comment: &TextRange| {
            let row = self.draft.row_at(comment.start());
            let is_on_line = self.draft.kind(row) == Some(Kind::Code);
            is_on_line
                || suite.body.iter().any(|stmt| {
                    let first = self.draft.row_at(stmt.start());
                    (self.draft.attached(first)..first).contains(&row)
                })
        };
        if !self.ctx.module.comments_in(owner.range()).iter().all(is_of_import)
            || !self.ctx.begins_line(&self.draft, owner.start())
        {
            return false;
        }
        let Some((outer, index)) = Suite::holding(self.ctx.module, owner.range()) else {
            return false;
        };
        let is_import = |stmt: &Stmt| Existing::new(stmt).is_some() && !self.is_whole(stmt);
        let above = index.checked_sub(1).and_then(|above| outer.body.get(above));
        let below = outer.body.get(index + 1);
        !(above.is_some_and(is_import) && below.is_some_and(is_import))
    }

    /// Puts `pass` where the first statement of an emptied suite was.
    fn pass(&mut self, suite: &Suite<'a>) {
        let (Some(first), Some(last)) = (suite.body.first(), suite.body.last()) else { return };
        if self.ctx.begins_line(&self.draft, first.start()) {
            let indent = self.draft.indent_at(first.start());
            for unit in block::units(suite, &self.draft) {
                self.remove_rows(suite, unit, Gap::Stays);
            }
            let row = self.draft.row_at(first.start());
            let end = self.draft.row_at(last.end());
            for row in row..end {
                if self.draft.kind(row) == Some(Kind::Blank) {
                    self.draft.remove(row);
                }
            }
            self.draft.insert(row, Kind::Code, format!("{indent}pass"));
        } else {
            let range = TextRange::new(first.start(), last.end());
            self.inside.push(Edit::replace(range, "pass"));
        }
        for stmt in suite.body {
            if let Some(whole) = self.whole.get_mut(&stmt.start()) {
                whole.is_replaced = true;
            }
        }
    }

    /// Removes the statements of `unit` that go.
    fn remove_unit(&mut self, suite: &Suite<'a>, unit: Unit) {
        let statements = unit.statements(suite);
        let starts_line = statements
            .first()
            .is_some_and(|first| self.ctx.begins_line(&self.draft, first.start()));
        if starts_line && statements.iter().all(|stmt| self.vanishes(stmt)) {
            self.remove_rows(suite, unit, Gap::Closes);
        } else {
            self.remove_inside(suite, unit);
        }
    }

    /// Removes statements from a line on which others stay.
    fn remove_inside(&mut self, suite: &Suite<'a>, unit: Unit) {
        let statements = unit.statements(suite);
        let mut index = 0;
        while let Some(stmt) = statements.get(index) {
            if !self.vanishes(stmt) {
                index += 1;
                continue;
            }
            let count = statements
                .get(index..)
                .unwrap_or_default()
                .iter()
                .take_while(|stmt| self.vanishes(stmt))
                .count();
            let last = statements.get(index + count - 1).unwrap_or(stmt);
            let range = if let Some(next) = statements.get(index + count) {
                // Ex) `import a; x = 1` without the import.
                TextRange::new(stmt.start(), next.start())
            } else {
                // Ex) `x = 1; import a`.
                let above = index.checked_sub(1).and_then(|above| statements.get(above));
                TextRange::new(above.map_or(stmt.start(), Ranged::end), last.end())
            };
            self.keep_comments(stmt, suite, TextRange::new(stmt.start(), last.end()));
            self.inside.push(Edit::delete(range));
            index += count;
        }
    }

    /// The comments inside a statement that goes while its line stays get lines above that.
    fn keep_comments(&mut self, stmt: &Stmt, suite: &Suite<'a>, range: TextRange) {
        if !self.whole.get(&stmt.start()).is_some_and(|whole| whole.keeps_comments) {
            return;
        }
        let row = self.draft.row_at(suite.key().max(stmt.start()));
        let indent = indent(self.draft.line(row)).to_owned();
        for comment in self.ctx.module.comments_in(range).iter().rev() {
            let text = slice(self.ctx.text, *comment).trim_end();
            self.draft.insert(row, Kind::Comment, format!("{indent}{text}"));
        }
    }

    /// Removes whole lines, the comments that leave with them, and blank lines that nothing needs
    /// any more.
    fn remove_rows(&mut self, suite: &Suite<'a>, unit: Unit, gap: Gap) {
        let range = unit.range(suite);
        let (first, last) = self.ctx.rows(&self.draft, range);
        let keeps_comments = unit
            .statements(suite)
            .iter()
            .any(|stmt| self.whole.get(&stmt.start()).is_some_and(|whole| whole.keeps_comments));
        let has_form_feed = self.draft.line(first).starts_with('\x0c');
        let mut stays = Vec::new();
        let mut top = first;
        if keeps_comments {
            let end = self.ctx.logical_end(range.end());
            let indent = self.draft.indent_at(range.start());
            let comments = self.ctx.module.comments_in(TextRange::new(range.start(), end));
            stays.extend(
                comments.iter().map(|comment| {
                    format!("{indent}{}", slice(self.ctx.text, *comment).trim_end())
                }),
            );
        } else {
            top = self.leaving(suite, unit, first, last);
        }
        for row in top..=last {
            self.draft.remove(row);
        }
        if stays.is_empty() && gap == Gap::Closes {
            self.close_gap(suite, top, last, top < first);
        }
        for line in stays.into_iter().rev() {
            self.draft.insert(first, Kind::Comment, line);
        }
        if has_form_feed {
            self.draft.insert(first, Kind::FormFeed, "\x0c");
        }
    }

    /// The first row that leaves with the rows from `first` to `last`: `first`, or that of the
    /// comments which touch the import alone.
    pub(super) fn leaving(
        &self,
        suite: &Suite<'a>,
        unit: Unit,
        first: usize,
        last: usize,
    ) -> usize {
        let top = self.draft.attached(first);
        if top == first {
            return first;
        }
        // Imports below that go as well do not keep it.
        let (mut end, mut last) = (unit.end, last);
        while let Some(next) = suite.body.get(end).filter(|next| self.vanishes(next)) {
            let rows = self.ctx.rows(&self.draft, next.range());
            if rows.0 > last + 1 {
                break;
            }
            (end, last) = (end + 1, rows.1);
        }
        let is_touched_below =
            self.draft.below(last).is_some_and(|row| self.draft.kind(row) == Some(Kind::Code));
        if end >= suite.body.len() || !is_touched_below {
            return top;
        }
        let comment: Vec<&str> = (top..first).map(|row| self.draft.line(row)).collect();
        let subjects = |statements: &[Stmt]| {
            statements
                .iter()
                .filter_map(Existing::new)
                .flat_map(|import| subjects(&import))
                .collect::<Vec<_>>()
        };
        let mine = subjects(unit.statements(suite));
        let others: Vec<_> = subjects(suite.body.get(end..).unwrap_or_default())
            .into_iter()
            .filter(|other| !mine.contains(other))
            .collect();
        let leaves = speaks_of(&comment.join(" "), &mine, &others);
        if leaves { top } else { first }
    }

    /// After the rows from `top` to `last` have gone, leaves the blank lines that are needed.
    ///
    /// The larger of the two gaps stays; none stays at the start of a suite or of the file, and at
    /// the end of a suite only the one below. Where a comment left that had set the import off
    /// from its section, the smaller one stays.
    fn close_gap(&mut self, suite: &Suite<'a>, top: usize, last: usize, comment_left: bool) {
        let above = self.draft.blanks_above(top);
        let below = self.draft.blanks_from(last + 1);
        let upper = self.draft.above(above.last().copied().unwrap_or(top));
        let lower = match below.last() {
            Some(row) => self.draft.below(*row),
            None => self.draft.at_or_below(last + 1),
        };
        let opens = upper.is_none_or(|upper| {
            self.draft.row(upper).is_some_and(|row| {
                row.new.is_none()
                    && suite.owner.is_some_and(|owner| row.range.end() > owner.start())
                    && row.range.end() <= suite.key()
                    && row.kind == Kind::Code
            })
        });
        let end = suite.body.last().map(|stmt| self.ctx.logical_end(stmt.end()));
        let closes = lower.is_none_or(|lower| {
            self.draft.row(lower).is_some_and(|row| {
                row.new.is_none() && end.is_some_and(|end| row.range.start() > end)
            })
        }) && (suite.owner.is_some() || lower.is_none());
        let joins_section = comment_left && self.joins_section(suite, top, last);
        let after_imports = upper.zip(lower).and_then(|rows| self.lines_below(suite, rows));
        let rows: Vec<usize> = above.iter().chain(&below).copied().collect();
        let surplus: &[usize] = if opens {
            &below
        } else if closes {
            &above
        } else if let Some(wanted) = after_imports.filter(|wanted| *wanted <= rows.len()) {
            rows.get(wanted..).unwrap_or_default()
        } else if (above.len() >= below.len()) != joins_section {
            &below
        } else {
            &above
        };
        for row in surplus {
            self.draft.remove(*row);
        }
        if upper.is_none() {
            for row in above {
                self.draft.remove(row);
            }
        }
    }

    /// The blank lines that are due between a module's imports, which end in the row `upper`, and
    /// what begins in the row `lower`; `None` where no imports end there.
    fn lines_below(&self, suite: &Suite<'a>, (upper, lower): (usize, usize)) -> Option<usize> {
        if suite.owner.is_some() {
            return None;
        }
        let is_above = |stmt: &&Stmt| self.draft.row_at(stmt.start()) <= upper;
        let above = suite.body.iter().rev().find(is_above)?;
        let start = self.draft.row(lower)?.range.start();
        let is_below = |stmt: &&Stmt| stmt.start() >= start && !self.is_gone(stmt.start());
        let below = suite.body.iter().find(is_below)?;
        let ends_there = self.ctx.rows(&self.draft, above.range()).1 == upper;
        let above_import = Existing::new(above).filter(|_| ends_there)?;
        let is_sorted = |stmt: &Stmt| !self.ctx.pragmas.is_unsorted(stmt.range());
        match Existing::new(below).filter(|_| is_sorted(below) && is_sorted(above)) {
            Some(below_import) => {
                let side = |import: &Existing, has_comment| Side {
                    section: self.ctx.sections.of(&import.module()),
                    is_from: import.from.is_some(),
                    has_comment,
                };
                let has_comment = self.draft.kind(lower) == Some(Kind::Comment);
                let (above, below) = (side(&above_import, false), side(&below_import, has_comment));
                let was_apart = !self.share_run(suite, above_import.range, below_import.range);
                was_apart
                    .then(|| gap::between(self.ctx.style, &self.ctx.sections, &above, &below, true))
            }
            None => Some(self.lines_after(lower, below)),
        }
    }

    /// The imports were sorted together before anything went.
    fn share_run(&self, suite: &Suite<'a>, a: TextRange, b: TextRange) -> bool {
        let runs = block::runs(&self.ctx, &self.draft, *suite);
        runs.iter().any(|run| {
            let has = |range: TextRange| {
                run.units.iter().any(|unit| unit.range(suite).contains_range(range))
            };
            has(a) && has(b)
        })
    }

    /// The imports above and below the rows belong to one section, so that no blank line is due
    /// between them.
    fn joins_section(&self, suite: &Suite<'a>, top: usize, last: usize) -> bool {
        let runs = block::runs(&self.ctx, &self.draft, *suite);
        runs.iter().any(|run| {
            let (entries, _) = self.entries(run);
            let index = entries.partition_point(|entry| entry.rows.0 < top);
            let above = index.checked_sub(1).and_then(|above| entries.get(above));
            let below = entries.get(index).filter(|below| below.rows.0 > last);
            match (above, below) {
                (Some(above), Some(below)) => {
                    above.side.section == below.side.section && !below.side.has_comment
                }
                _ => false,
            }
        })
    }
}
