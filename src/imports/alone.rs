//! Puts a new statement where no imports are to join: at the top of a module or function, above
//! or in place of another statement, or into a suite on one line (rules 17 to 19).

use crate::syntax::ast::Stmt;
use crate::text::{Edit, Ranged, TextRange, TextSize, slice};

use super::block::{self, Run};
use super::draft::{Kind, trimmed};
use super::existing::{Existing, Suite};
use super::gap;
use super::order::Sortable;
use super::pragma;
use super::render::Statement;
use super::request::{How, Placed, PlanError};
use super::state::State;
use super::top;

impl<'a> State<'a> {
    /// At the top of the module, below at least `at_least` statements.
    pub(super) fn place_at_top(
        &mut self,
        index: usize,
        import: &Sortable,
        at_least: usize,
        first_use: Option<TextSize>,
    ) -> Result<Placed, PlanError> {
        let suite = Suite::of_module(self.ctx.module);
        let top = top::of_module(&self.ctx, &self.draft, at_least, first_use);
        let above = suite.body.get(..top.statements).unwrap_or_default();
        let is_late = |limit: TextSize| above.last().is_some_and(|stmt| stmt.end() > limit);
        if first_use.is_some_and(is_late) {
            return Err(PlanError::NoPlace(Statement::new(import, None).one_line()));
        }
        let next = suite.body.get(top.statements);
        let row = self.outside_frozen(top.row, suite);
        let wanted = next.map_or(0, |next| self.lines_after(row, next));
        // Blank lines that are more than an import needs below it stay above it.
        let blanks = self.draft.blanks_from(row);
        let row = match blanks.last() {
            Some(last) if blanks.len() > wanted && next.is_some() => last + 1,
            _ => row,
        };
        if let Some(placed) = self.join_new(index, row, import, suite, None) {
            return Ok(placed);
        }
        let offset = self.write(index, row, import, "", None);
        self.begin_run(index, row);
        let (first, _) = self.rows_of_fresh(index);
        if self.draft.above(first).is_some() {
            let above = self.last_row_above(first);
            gap::set(&mut self.draft, above, first, top.lines_above, false);
        }
        let (_, last) = self.rows_of_fresh(index);
        if next.is_some()
            && let Some(below) = self.first_row_below(last)
        {
            gap::set(&mut self.draft, last, below, wanted, false);
        }
        let why = "at the top, below what must come first, as there are no imports to join";
        Ok(Placed { how: How::New, offset, why: why.to_owned() })
    }

    /// Joins the new imports that were put directly above the row `row`, if there are any.
    fn join_new(
        &mut self,
        index: usize,
        row: usize,
        import: &Sortable,
        suite: Suite<'a>,
        comment: Option<&str>,
    ) -> Option<Placed> {
        let start = self.draft.row(row)?.range.start();
        let has_begun = self.fresh.iter().any(|fresh| fresh.run == Some(start));
        let run = Run::of_new(suite, start, comment.map(str::to_owned));
        has_begun.then(|| self.place_in_run(index, import, &run, None))
    }

    /// The new statement written above the row `row` begins a run of its own.
    fn begin_run(&mut self, index: usize, row: usize) {
        let start = self.draft.row(row).map(|row| row.range.start());
        if let Some(fresh) = self.fresh.get_mut(index) {
            fresh.run = start;
        }
    }

    /// Blank lines between imports at the row `row` and the code below them, which begins with
    /// `next`.
    pub(super) fn lines_after(&self, row: usize, next: &Stmt) -> usize {
        if let Some(lines) = self.ctx.style.lines_after_imports {
            return if self.ctx.is_stub { lines.min(1) } else { lines };
        }
        let is_definition = matches!(next, Stmt::FunctionDef(_) | Stmt::ClassDef(_));
        let first = self.draft.row_at(next.start());
        // Ex) A comment, a blank line, then the function: the comment counts as the next code.
        let is_apart = (row..first).any(|row| {
            self.draft.kind(row) == Some(Kind::Comment)
                && self.draft.kind(row + 1) == Some(Kind::Blank)
        });
        if is_definition && !is_apart && !self.ctx.is_stub { 2 } else { 1 }
    }

    /// Directly above a statement of a suite that has no imports there.
    pub(super) fn place_in_suite(
        &mut self,
        index: usize,
        import: &Sortable,
        suite: Suite<'a>,
        statement: usize,
    ) -> Placed {
        let why = "directly above the code that needs it".to_owned();
        if let Some(offset) = self.place_inline(import, suite, statement) {
            return Placed { how: How::New, offset, why };
        }
        let indent = self.draft.indent_at(suite.key());
        let next = suite.body.get(statement);
        let row = match (next, suite.body.last()) {
            (Some(next), _) => self.draft.attached(self.draft.row_at(next.start())),
            (None, Some(last)) => self.ctx.rows(&self.draft, last.range()).1 + 1,
            (None, None) => self.draft.len(),
        };
        let row = self.outside_frozen(row, suite);
        let comment = self.carried(suite, statement);
        if let Some(placed) = self.join_new(index, row, import, suite, comment.as_deref()) {
            return placed;
        }
        let offset = self.write(index, row, import, &indent, comment.as_deref());
        self.begin_run(index, row);
        let (_, last) = self.rows_of_fresh(index);
        if next.is_some()
            && let Some(below) = self.first_row_below(last)
        {
            // Among imports that isort skips, the new one is like them.
            let is_apart = comment.is_none() || self.draft.kind(below) == Some(Kind::Comment);
            gap::set(&mut self.draft, last, below, usize::from(is_apart), false);
        }
        Placed { how: How::New, offset, why }
    }

    /// In the place of a statement that goes and has no imports beside it.
    pub(super) fn place_instead(
        &mut self,
        index: usize,
        import: &Sortable,
        range: TextRange,
    ) -> Placed {
        let why = "in the place of the statement that goes".to_owned();
        let placed = Placed { how: How::New, offset: range.start(), why };
        let Some((suite, at)) = Suite::holding(self.ctx.module, range) else { return placed };
        let unit = block::units(&suite, &self.draft)
            .into_iter()
            .find(|unit| (unit.first..unit.end).contains(&at));
        let is_single = unit.is_some_and(|unit| unit.is_single());
        if is_single && self.ctx.begins_line(&self.draft, range.start()) {
            let indent = self.draft.indent_at(range.start());
            let (row, _) = self.ctx.rows(&self.draft, range);
            let comment = self.carried(suite, at);
            self.write(index, row, import, &indent, comment.as_deref());
        } else {
            let text = Statement::new(import, None).one_line();
            self.inside.push(trimmed(self.ctx.text, range, &text));
            if let Some(whole) = self.whole.get_mut(&range.start()) {
                whole.is_replaced = true;
            }
        }
        placed
    }

    /// The comment that a new import beside the statement `index` needs so that tools treat both
    /// alike: one that isort skips, perhaps below other code.
    fn carried(&self, suite: Suite<'a>, index: usize) -> Option<String> {
        let import = suite.body.get(index).and_then(Existing::new)?;
        let comment = slice(self.ctx.text, self.statement_comment(import.range)?);
        let late = pragma::late_import_pragma(comment).filter(|_| block::is_late(&suite, index));
        let skip = pragma::skips_sorting(comment).then_some("# isort: skip");
        let parts: Vec<&str> = late.into_iter().chain(skip).collect();
        (!parts.is_empty()).then(|| parts.join("  "))
    }

    /// In a suite on its owner's line, or below a statement on the same line: both become lines
    /// of their own.
    ///
    /// `None` where the statement begins its line already, or a line above it will do.
    fn place_inline(
        &mut self,
        import: &Sortable,
        suite: Suite<'a>,
        statement: usize,
    ) -> Option<TextSize> {
        let next = suite.body.get(statement)?;
        if self.ctx.begins_line(&self.draft, next.start()) {
            return None;
        }
        let first = suite.body.first()?;
        let is_on_owners_line = !self.ctx.begins_line(&self.draft, first.start());
        if !is_on_owners_line && statement != suite.after_docstring() {
            return None;
        }
        let indent = match suite.owner {
            Some(owner) if is_on_owners_line => {
                format!("{}{}", self.draft.indent_at(owner.start()), self.ctx.unit())
            }
            _ => self.draft.indent_at(first.start()),
        };
        let ending = self.draft.line_ending(self.draft.row_at(first.start()) + 1);
        let line = format!("{ending}{indent}");
        let lines = Statement::new(import, None).lines(self.ctx.style, &indent, &self.ctx.unit());
        let text = lines.join(ending);
        let start = match statement.checked_sub(1).and_then(|above| suite.body.get(above)) {
            Some(above) => above.end(),
            None => self.ctx.token_before(next.start())?.end(),
        };
        let gap = TextRange::new(start, next.start());
        let blank = if Existing::new(next).is_some() { "" } else { ending };
        match self.inside.iter_mut().find(|edit| edit.range == gap) {
            Some(edit) => {
                let end = edit.text.len().saturating_sub(blank.len() + line.len());
                edit.text.insert_str(end, &format!("{line}{text}"));
            }
            None => self.inside.push(Edit::replace(gap, format!("{line}{text}{blank}{line}"))),
        }
        if is_on_owners_line && statement > 0 {
            // Ex) `def f(): "docs"; return C()`: the docstring gets a line as well.
            let colon = self.ctx.token_before(first.start())?;
            let gap = TextRange::new(colon.end(), first.start());
            if !self.inside.iter().any(|edit| edit.range == gap) {
                self.inside.push(Edit::replace(gap, line));
            }
        }
        Some(next.start())
    }

    /// `row`, or the row above the region around it that formatters leave alone.
    ///
    /// A region that begins outside of `suite` or deeper in it cannot be left.
    pub(super) fn outside_frozen(&self, row: usize, suite: Suite<'a>) -> usize {
        let at = self.draft.row(row).map(|row| row.range.start());
        let region = at.and_then(|at| self.ctx.pragmas.frozen_at(at));
        region
            .map(|region| self.draft.row_at(region.start()))
            .filter(|start| self.is_between_statements(*start, suite))
            .unwrap_or(row)
    }

    /// A line above the row `row` would be between two statements of `suite`, or above the first.
    pub(super) fn is_between_statements(&self, row: usize, suite: Suite<'a>) -> bool {
        let rows = |stmt: &Stmt| self.ctx.rows(&self.draft, stmt.range());
        let first = suite.body.first().map_or(0, |stmt| rows(stmt).0);
        let last = suite.body.last().map_or(0, |stmt| rows(stmt).1);
        let is_outside = suite.owner.is_some() && (row < first || row > last + 1);
        !is_outside
            && !suite.body.iter().any(|stmt| {
                let (first, last) = rows(stmt);
                first < row && row <= last
            })
    }
}
