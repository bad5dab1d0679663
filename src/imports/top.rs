//! Where a module's first import goes (rule 17): below everything that must stay on top.

use crate::syntax::ast::Stmt;
use crate::text::{Ranged, TextSize};

use super::block::is_dunder;
use super::context::Ctx;
use super::draft::{Draft, Kind};
use super::existing::{Existing, Suite};
use super::pragma;

/// The place for the first import of a module that has none to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Top {
    /// New lines go above this row.
    pub(super) row: usize,
    /// Blank lines above the import, where something stands there.
    pub(super) lines_above: usize,
    /// The statements of the module that stay above it.
    pub(super) statements: usize,
}

/// Below the docstring, `__future__` imports and dunders; below a header of comments; above the
/// comments that speak of the first statement.
///
/// At least the first `at_least` statements stay above it; dunders that end after `limit` do not.
pub(super) fn of_module(ctx: &Ctx, draft: &Draft, at_least: usize, limit: Option<TextSize>) -> Top {
    let suite = Suite::of_module(ctx.module);
    let is_future = |stmt: &Stmt| {
        Existing::new(stmt)
            .and_then(|import| import.from)
            .is_some_and(|from| from.level == 0 && from.name == "__future__")
    };
    let mut statements = suite.after_docstring().max(at_least);
    let is_early = |stmt: &Stmt| limit.is_none_or(|limit| stmt.end() <= limit);
    while suite
        .body
        .get(statements)
        .is_some_and(|stmt| is_future(stmt) || (is_dunder(stmt) && is_early(stmt)))
    {
        statements += 1;
    }
    // Ex) `"docs"; x = 1` is one line.
    let row_of = |index: usize| suite.body.get(index).map(|stmt| draft.row_at(stmt.start()));
    while statements > 0
        && row_of(statements).is_some_and(|row| row_of(statements - 1) == Some(row))
    {
        statements += 1;
    }
    let end = suite.body.get(..statements).and_then(<[Stmt]>::last).map(Ranged::end);
    let start = end.map_or(0, |end| draft.row_at(ctx.logical_end(end)) + 1);
    let stop = suite.body.get(statements).map(Ranged::start);
    let (row, lines_above) = below_headers(draft, start, stop);
    let lines_above = if row == start { 1 } else { lines_above };
    Top { row, lines_above, statements }
}

/// The row below the header comments that begin at the row `start`, and how many blank lines
/// belong between them and an import.
///
/// Ex) A licence, then a blank line; a script's metadata; an interpreter and an encoding.
fn below_headers(draft: &Draft, start: usize, stop: Option<TextSize>) -> (usize, usize) {
    let stop = stop.map_or(draft.len(), |offset| draft.row_at(offset));
    let stop = draft.attached(stop);
    let mut best = (start, 1);
    let mut row = start;
    while row < stop {
        match draft.kind(row) {
            Some(Kind::Comment) => {
                let end = block_end(draft, row, stop);
                let lines: Vec<&str> = (row..end).map(|row| draft.line(row).trim()).collect();
                let is_followed = draft.kind(end) == Some(Kind::Blank) || end == stop;
                let is_header = start == 0 || lines.iter().any(|line| pragma::is_header(line));
                if is_followed && is_header {
                    // Ex) `#!/usr/bin/env python3` needs no blank line below it.
                    let is_bare = lines.iter().all(|line| pragma::is_header(line))
                        && !lines.iter().any(|line| is_text(line));
                    best = (end, usize::from(!is_bare || draft.kind(end) == Some(Kind::Blank)));
                }
                row = end;
            }
            Some(Kind::Blank | Kind::FormFeed) => row += 1,
            // Imports that were put there before.
            Some(Kind::Code) if draft.row(row).is_some_and(|row| row.new.is_some()) => row += 1,
            Some(Kind::Code) | None => break,
        }
    }
    best
}

/// Part of a licence or of a script's metadata, which a blank line sets off from code.
fn is_text(line: &str) -> bool {
    !line.starts_with("#!") && !pragma::is_directive(line)
}

fn block_end(draft: &Draft, start: usize, stop: usize) -> usize {
    (start..stop).find(|row| draft.kind(*row) != Some(Kind::Comment)).unwrap_or(stop)
}
