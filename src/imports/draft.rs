//! The physical lines of a file while its import lines come and go.
//!
//! Whole lines are removed and inserted here; changes inside a line that stays are kept beside
//! them. Knows which lines are blank, comments or code, and nothing of imports. Invariant: lines
//! that are not removed keep their bytes and their order, so that the edits of [`Draft::finish`]
//! are disjoint and touch nothing else.

use crate::syntax::Module;
use crate::syntax::ast::token::TokenKind;
use crate::text::{Edit, Ranged, TextRange, TextSize, bytes, size, slice};

/// What stands on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Spaces and tabs, or nothing.
    Blank,
    /// Nothing but white space with a form feed, which somebody has put there to be kept.
    FormFeed,
    /// A comment and nothing else.
    Comment,
    /// Any part of a statement.
    Code,
}

/// One line, of the old text or a new one.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Where it is in the old text, its line ending included; empty for a new line at that place.
    pub(super) range: TextRange,
    /// What stands on it.
    pub(super) kind: Kind,
    /// The text of a new line without its ending; `None` for a line of the old text.
    pub(super) new: Option<String>,
    /// Which new statement it belongs to.
    tag: Option<usize>,
    /// It is not in the new text.
    pub(super) is_gone: bool,
}

/// The lines of one file, old and new.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    text: &'a str,
    rows: Vec<Row>,
}

impl<'a> Draft<'a> {
    /// Reads the lines of `text`, of which `module` is the parse.
    pub(super) fn new(text: &'a str, module: &Module) -> Self {
        let mut rows = split(text);
        // Tokens and rows are in the order of the text: each search goes on from the last.
        let mut at = 0;
        let mut open: Option<TextSize> = None;
        for token in module.tokens() {
            match token.kind() {
                TokenKind::Comment if open.is_none() => {
                    at = row_from(&rows, at, token.start());
                    if let Some(row) = rows.get_mut(at)
                        && is_white(slice(text, TextRange::new(row.range.start(), token.start())))
                    {
                        row.kind = Kind::Comment;
                    }
                }
                TokenKind::Comment
                | TokenKind::NonLogicalNewline
                | TokenKind::Indent
                | TokenKind::Dedent
                | TokenKind::EndOfFile => {}
                TokenKind::Newline => {
                    let start = open.take().unwrap_or(token.start());
                    at = mark_code(&mut rows, at, start, token.start());
                }
                _ => {
                    open.get_or_insert(token.start());
                }
            }
        }
        if let Some(start) = open {
            mark_code(&mut rows, at, start, size(text.len()));
        }
        Self { text, rows }
    }

    /// The row of the old text that holds `offset`; the last one where it is past the end.
    pub(super) fn row_at(&self, offset: TextSize) -> usize {
        let after = self.rows.partition_point(|row| row.range.start() <= offset);
        let mut index = after.saturating_sub(1);
        while index > 0 && self.rows.get(index).is_some_and(|row| row.new.is_some()) {
            index -= 1;
        }
        index
    }

    /// How many rows there are, removed ones included.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row `index`.
    pub(super) fn row(&self, index: usize) -> Option<&Row> {
        self.rows.get(index)
    }

    /// The text of a row without its line ending.
    pub(super) fn line(&self, index: usize) -> &str {
        match self.rows.get(index) {
            Some(Row { new: Some(new), .. }) => new,
            Some(row) => slice(self.text, row.range).trim_end_matches(['\r', '\n']),
            None => "",
        }
    }

    /// The nearest row above `index` that is in the new text.
    pub(super) fn above(&self, index: usize) -> Option<usize> {
        let rows = self.rows.get(..index.min(self.rows.len()))?;
        rows.iter().rposition(|row| !row.is_gone)
    }

    /// The nearest row below `index` that is in the new text.
    pub(super) fn below(&self, index: usize) -> Option<usize> {
        self.at_or_below(index + 1)
    }

    /// The row `index` or the nearest one below it that is in the new text.
    pub(super) fn at_or_below(&self, index: usize) -> Option<usize> {
        let rows = self.rows.get(index..)?;
        rows.iter().position(|row| !row.is_gone).map(|offset| index + offset)
    }

    /// What stands on the row `index`, if that is in the new text.
    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.rows.get(index).filter(|row| !row.is_gone).map(|row| row.kind)
    }

    /// The blank rows directly above `index`, nearest first.
    pub(super) fn blanks_above(&self, index: usize) -> Vec<usize> {
        let next =
            |index: usize| self.above(index).filter(|above| self.kind(*above) == Some(Kind::Blank));
        std::iter::successors(next(index), |index| next(*index)).collect()
    }

    /// The blank rows from `index` on, nearest first.
    pub(super) fn blanks_from(&self, index: usize) -> Vec<usize> {
        let blank =
            |index: Option<usize>| index.filter(|index| self.kind(*index) == Some(Kind::Blank));
        std::iter::successors(blank(self.at_or_below(index)), |index| blank(self.below(*index)))
            .collect()
    }

    /// Takes the row `index` out of the new text.
    pub(super) fn remove(&mut self, index: usize) {
        if let Some(row) = self.rows.get_mut(index) {
            row.is_gone = true;
        }
    }

    /// Puts a new line above the row `index`, or at the end. `text` has no line ending.
    pub(super) fn insert(&mut self, index: usize, kind: Kind, text: impl Into<String>) {
        self.insert_row(index, kind, text.into(), None);
    }

    /// The same for a line of code of the new statement `tag`.
    pub(super) fn insert_tagged(&mut self, index: usize, text: impl Into<String>, tag: usize) {
        self.insert_row(index, Kind::Code, text.into(), Some(tag));
    }

    /// The first and the last row of the new statement `tag`.
    pub(super) fn rows_of(&self, tag: usize) -> Option<(usize, usize)> {
        let is_tagged = |row: &Row| row.tag == Some(tag);
        Some((self.rows.iter().position(is_tagged)?, self.rows.iter().rposition(is_tagged)?))
    }

    /// Takes the lines of the new statement `tag` out again, and gives the row where they were.
    pub(super) fn retract(&mut self, tag: usize) -> Option<usize> {
        let (first, _) = self.rows_of(tag)?;
        self.rows.retain(|row| row.tag != Some(tag));
        Some(first)
    }

    fn insert_row(&mut self, index: usize, kind: Kind, text: String, tag: Option<usize>) {
        let index = index.min(self.rows.len());
        let offset = match self.rows.get(index) {
            Some(row) => row.range.start(),
            None => size(self.text.len()),
        };
        let row =
            Row { range: TextRange::empty(offset), kind, new: Some(text), tag, is_gone: false };
        self.rows.insert(index, row);
    }

    /// The line ending that a line at the row `index` should have: its neighbour's.
    ///
    /// The line above decides, then the ones below; a text without any line ending gets `\n`.
    pub(super) fn line_ending(&self, index: usize) -> &'static str {
        let before = self.rows.get(..index.min(self.rows.len())).unwrap_or_default();
        let after = self.rows.get(index..).unwrap_or_default();
        before
            .iter()
            .rev()
            .chain(after)
            .find_map(|row| ending(slice(self.text, row.range)))
            .unwrap_or("\n")
    }

    /// The edits that make the new text, `inside` being those inside of lines that stay.
    pub(super) fn finish(&self, inside: Vec<Edit>) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut index = 0;
        while let Some(row) = self.rows.get(index) {
            if row.new.is_none() && !row.is_gone {
                index += 1;
                continue;
            }
            let rest = self.rows.get(index..).unwrap_or_default();
            let count =
                rest.iter().position(|row| row.new.is_none() && !row.is_gone).unwrap_or(rest.len());
            edits.extend(self.edit_of(index, index + count));
            index += count;
        }
        edits.retain(|edit| !(edit.range.is_empty() && edit.text.is_empty()));
        edits.extend(inside.into_iter().filter(|edit| {
            self.row(self.row_at(edit.range.start())).is_some_and(|row| !row.is_gone)
        }));
        edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        edits
    }

    /// The edit that the rows from `start` to `end` amount to, all of them new or removed.
    fn edit_of(&self, start: usize, end: usize) -> Option<Edit> {
        let rows = self.rows.get(start..end)?;
        let first = rows.first()?;
        let last = rows.last()?;
        let mut range = TextRange::new(first.range.start(), last.range.end());
        let mut text = String::new();
        for (i, row) in rows.iter().enumerate() {
            if let Some(new) = row.new.as_ref().filter(|_| !row.is_gone) {
                text.push_str(new);
                text.push_str(self.line_ending(start + i));
            }
        }
        if range.end() == size(self.text.len()) {
            self.keep_missing_final_newline(start, &mut range, &mut text);
        }
        Some(trimmed(self.text, range, &text))
    }

    /// A text that does not end in a line ending still does not, whatever its last line is.
    fn keep_missing_final_newline(&self, start: usize, range: &mut TextRange, text: &mut String) {
        if self.text.is_empty() || self.text.ends_with(['\r', '\n']) {
            return;
        }
        let without_ending = text.trim_end_matches(['\r', '\n']).len();
        if range.is_empty() {
            // Ex) `x = 1` and a line after it: the old last line gets an ending.
            text.truncate(without_ending);
            text.insert_str(0, self.line_ending(start));
        } else if !text.is_empty() {
            text.truncate(without_ending);
        } else if let Some(above) = self.above(start).and_then(|above| self.rows.get(above))
            && above.new.is_none()
        {
            // Ex) the last line goes: the one above it loses its ending.
            let line = slice(self.text, above.range);
            let kept = line.trim_end_matches(['\r', '\n']).len();
            *range = TextRange::new(above.range.start() + size(kept), range.end());
        }
    }
}

/// The smallest edit that changes `range` of `old` to `new`.
pub(super) fn trimmed(old: &str, range: TextRange, new: &str) -> Edit {
    let before = old.get(bytes(range)).unwrap_or_default();
    let start: usize = before
        .chars()
        .zip(new.chars())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    let (old_rest, new_rest) =
        (before.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let end: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    let range = TextRange::new(range.start() + size(start), range.end() - size(end));
    Edit::replace(range, new_rest.get(..new_rest.len() - end).unwrap_or_default())
}

/// The line ending of `line`.
fn ending(line: &str) -> Option<&'static str> {
    if line.ends_with("\r\n") {
        Some("\r\n")
    } else if line.ends_with('\n') {
        Some("\n")
    } else if line.ends_with('\r') {
        Some("\r")
    } else {
        None
    }
}

/// Only what Python skips at the start of a line.
pub(super) fn is_white(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t' | '\x0c'))
}

fn split(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    while start < bytes.len() {
        let rest = bytes.get(start..).unwrap_or_default();
        let end = memchr::memchr2(b'\n', b'\r', rest);
        let length = match end {
            None => rest.len(),
            Some(at) if rest.get(at..at + 2) == Some(b"\r\n") => at + 2,
            Some(at) => at + 1,
        };
        let range = TextRange::new(size(start), size(start + length));
        let line = slice(text, TextRange::at(size(start), size(end.unwrap_or(rest.len()))));
        let kind = match line {
            line if !is_white(line) => Kind::Code,
            line if line.contains('\x0c') => Kind::FormFeed,
            _ => Kind::Blank,
        };
        rows.push(Row { range, kind, new: None, tag: None, is_gone: false });
        start += length;
    }
    rows
}

/// The row that holds `offset`, which is not before the row `at`.
fn row_from(rows: &[Row], at: usize, offset: TextSize) -> usize {
    let after = rows.iter().skip(at + 1);
    at + after.take_while(|row| row.range.start() <= offset).count()
}

/// Makes code of the rows from `start`, which is not before the row `at`, to `end`. Gives the last.
fn mark_code(rows: &mut [Row], at: usize, start: TextSize, end: TextSize) -> usize {
    let first = row_from(rows, at, start);
    let last = row_from(rows, first, end);
    for row in rows.get_mut(first..=last).unwrap_or_default() {
        row.kind = Kind::Code;
    }
    last
}
