//! Offsets as the lines and columns that people see.

use std::borrow::Cow;

use ropey::str_utils::{byte_to_char_idx, byte_to_line_idx, line_to_byte_idx};

use super::{TextRange, TextSize, size, slice};

/// How many bytes are searched for line endings to answer a question, about.
const PIECE: usize = 4096;

/// The lines of a text, as Python counts them: ended by `\n`, `\r\n` or `\r`.
///
/// See "Physical lines" in the Python reference, section 2.1.2. Other line separators of Unicode,
/// form feeds among them, do not end a line.
#[derive(Debug, Clone)]
pub struct Lines<'t> {
    text: &'t str,
    marks: Cow<'t, [Mark]>,
}

/// Where a line begins. A text has a mark about every 4,096 bytes, so that nothing is searched
/// from its beginning.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    start: usize,
    /// Counted from 0.
    line: usize,
}

/// A place that a person can find in an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LineColumn {
    /// Counted from 1.
    pub line: u32,
    /// In characters (Unicode scalar values), counted from 1.
    pub column: u32,
}

impl Mark {
    /// The marks of `text`, sorted.
    pub fn all(text: &str) -> Vec<Self> {
        let mut last = Self { start: 0, line: 0 };
        let mut marks = vec![last];
        loop {
            let rest = last.rest(text);
            if rest.len() <= PIECE {
                return marks;
            }
            // A line that is longer than a piece has no mark inside.
            let lines = byte_to_line_idx(rest, PIECE).max(1);
            let start = last.start + line_to_byte_idx(rest, lines);
            if start >= text.len() {
                return marks;
            }
            last = Self { start, line: last.line + lines };
            marks.push(last);
        }
    }

    fn rest(self, text: &str) -> &str {
        text.get(self.start..).unwrap_or_default()
    }
}

impl<'t> Lines<'t> {
    /// Reads the lines of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, marks: Mark::all(text).into() }
    }

    /// The lines of `text`, whose marks are known.
    pub fn with_marks(text: &'t str, marks: &'t [Mark]) -> Self {
        Self { text, marks: marks.into() }
    }

    /// The line and column of `offset`; an offset past the end counts as the end.
    pub fn position(&self, offset: TextSize) -> LineColumn {
        let byte = usize::from(offset).min(self.text.len());
        let mark = self.last_mark(|mark| mark.start <= byte);
        let rest = mark.rest(self.text);
        let line = byte_to_line_idx(rest, byte - mark.start);
        let start = line_to_byte_idx(rest, line);
        let line_text = rest.get(start..).unwrap_or_default();
        let column = byte_to_char_idx(line_text, byte - mark.start - start);
        LineColumn { line: count(mark.line + line), column: count(column) }
    }

    /// The offset of the first character of a line, counted from 1; lines past the end give the
    /// end of the text.
    pub fn line_start(&self, line: u32) -> TextSize {
        let index = (line.max(1) - 1) as usize;
        let mark = self.last_mark(|mark| mark.line <= index);
        size(mark.start + line_to_byte_idx(mark.rest(self.text), index - mark.line))
    }

    /// The text of a line, counted from 1, without its line ending.
    pub fn line_text(&self, line: u32) -> &'t str {
        slice(self.text, self.line_range(line)).trim_end_matches(['\r', '\n'])
    }

    /// The range of a line, counted from 1, with its line ending.
    pub fn line_range(&self, line: u32) -> TextRange {
        TextRange::new(self.line_start(line), self.line_start(line.saturating_add(1)))
    }

    /// The last of the marks from the beginning for which `is_before` holds; the first one's does.
    fn last_mark(&self, is_before: impl Fn(&Mark) -> bool) -> Mark {
        let after = self.marks.partition_point(is_before);
        let last = self.marks.get(after.saturating_sub(1));
        last.copied().unwrap_or(Mark { start: 0, line: 0 })
    }
}

/// An index from 0 as a count from 1.
fn count(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX - 1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_ending_of_python_ends_a_line_and_nothing_else_does() {
        let lines = Lines::new("a\r\nb\rc\n\x0c\u{2028}\x0bd\n");
        assert_eq!(lines.position(0.into()), LineColumn { line: 1, column: 1 });
        assert_eq!(lines.position(3.into()), LineColumn { line: 2, column: 1 });
        assert_eq!(lines.position(5.into()), LineColumn { line: 3, column: 1 });
        assert_eq!(lines.line_text(4), "\x0c\u{2028}\x0bd");
        assert_eq!(lines.line_text(1), "a");
        assert_eq!(Lines::new("").position(0.into()), LineColumn { line: 1, column: 1 });
    }

    #[test]
    fn columns_count_characters() {
        let text = "é = C()";
        let at = u32::try_from(text.find('C').unwrap()).unwrap();
        assert_eq!(Lines::new(text).position(at.into()), LineColumn { line: 1, column: 5 });
        assert_eq!(Lines::new(text).position(900.into()), LineColumn { line: 1, column: 8 });
    }

    #[test]
    fn every_place_of_a_long_text_is_found() {
        let long = "é".repeat(PIECE);
        let endings = ["\n", "\r\n", "\r", "", "\n\n", "é\r\n"];
        let parts = (0..2000).map(|number: usize| {
            let words = "é = C() ".repeat(number % 7);
            format!("{words}{}", endings.get(number % endings.len()).unwrap())
        });
        let text = format!("{long}\n{}{long}{long}", parts.collect::<String>());
        let lines = Lines::new(&text);
        let (mut line, mut column, mut before) = (1, 1, ' ');
        let mut start = 0;
        for (offset, char) in text.char_indices() {
            if before == '\n' || before == '\r' && char != '\n' {
                assert_eq!(lines.line_range(line), TextRange::new(size(start), size(offset)));
                (line, column, start) = (line + 1, 1, offset);
            }
            assert_eq!(lines.position(size(offset)), LineColumn { line, column }, "{offset}");
            (column, before) = (column + 1, char);
        }
        assert_eq!(
            lines.line_text(line),
            slice(&text, TextRange::new(size(start), size(text.len())))
        );
        assert_eq!(lines.line_start(line + 1), size(text.len()));
        assert_eq!(lines.line_start(u32::MAX), size(text.len()));
    }
}
