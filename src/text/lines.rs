//! Offsets as the lines and columns that people see.

use ropey::Rope;

use super::{TextRange, TextSize, size};

/// The lines of a text, as Python counts them: ended by `\n`, `\r\n` or `\r`.
///
/// See "Physical lines" in the Python reference, section 2.1.2. Other line separators of Unicode,
/// form feeds among them, do not end a line.
#[derive(Debug, Clone)]
pub struct Lines {
    rope: Rope,
}

/// A place that a person can find in an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LineColumn {
    /// Counted from 1.
    pub line: u32,
    /// In characters (Unicode scalar values), counted from 1.
    pub column: u32,
}

impl Lines {
    /// Reads the lines of `text`.
    pub fn new(text: &str) -> Self {
        Self { rope: Rope::from_str(text) }
    }

    /// The line and column of `offset`; an offset past the end counts as the end.
    pub fn position(&self, offset: TextSize) -> LineColumn {
        let byte = usize::from(offset).min(self.rope.len_bytes());
        let char = self.rope.byte_to_char(byte);
        let line = self.rope.char_to_line(char);
        let column = char - self.rope.line_to_char(line);
        LineColumn { line: count(line), column: count(column) }
    }

    /// The offset of the first character of a line, counted from 1; lines past the end give the
    /// end of the text.
    pub fn line_start(&self, line: u32) -> TextSize {
        let index = (line.max(1) - 1) as usize;
        size(self.rope.line_to_byte(index.min(self.rope.len_lines())))
    }

    /// The text of a line, counted from 1, without its line ending.
    pub fn line_text(&self, line: u32) -> String {
        let index = (line.max(1) - 1) as usize;
        let Some(slice) = self.rope.get_line(index) else { return String::new() };
        slice.to_string().trim_end_matches(['\r', '\n']).to_owned()
    }

    /// The range of a line, counted from 1, with its line ending.
    pub fn line_range(&self, line: u32) -> TextRange {
        TextRange::new(self.line_start(line), self.line_start(line.saturating_add(1)))
    }

    /// How many lines there are; a text that ends in a line ending has no further, empty line.
    pub fn count(&self) -> u32 {
        let lines = self.rope.len_lines();
        let last_is_empty = self.rope.line(lines - 1).len_bytes() == 0;
        count(lines - usize::from(last_is_empty)) - 1
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
        assert_eq!(lines.count(), 4);
        assert_eq!(Lines::new("").count(), 0);
        assert_eq!(Lines::new("a").count(), 1);
    }

    #[test]
    fn columns_count_characters() {
        let text = "é = C()";
        let at = u32::try_from(text.find('C').unwrap()).unwrap();
        assert_eq!(Lines::new(text).position(at.into()), LineColumn { line: 1, column: 5 });
        assert_eq!(Lines::new(text).position(900.into()), LineColumn { line: 1, column: 8 });
    }
}
