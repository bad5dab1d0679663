//! Two versions of a file as hunks of lines, with the words that changed.

use std::borrow::Cow;

use serde::Serialize;
use similar::{ChangeTag, DiffOp, InlineChange, TextDiff};

use crate::report::visible;
use crate::text::encoding;

/// Lines around a change, as git has them.
const CONTEXT: usize = 3;

/// Changed lines and a few around them.
#[derive(Debug, Serialize)]
pub(super) struct Hunk {
    /// `@@ -1,3 +1,4 @@`
    pub(super) header: String,
    /// The first and last line of the old file that it shows, counted from 1. Where it shows none,
    /// the last is before the first.
    #[serde(skip)]
    pub(super) old: (u32, u32),
    pub(super) lines: Vec<Line>,
}

/// A line of a hunk.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    /// `same`, `old` or `new`.
    kind: &'static str,
    /// The number in the old file, if it is there.
    pub(super) old: Option<u32>,
    /// The number in the new file, if it is there.
    new: Option<u32>,
    parts: Vec<Part>,
    /// It ends the file without a line ending.
    unended: bool,
}

/// A stretch of a line.
#[derive(Debug, Serialize)]
struct Part {
    text: String,
    /// It is what differs from the line's other version.
    differs: bool,
}

/// How many lines come and go.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Size {
    pub(super) added: usize,
    pub(super) removed: usize,
}

/// The hunks of a change.
pub(super) fn hunks(old: &[u8], new: &[u8]) -> Vec<Hunk> {
    let (old, new) = (text(old), text(new));
    let diff = TextDiff::from_lines(&*old, &*new);
    diff.grouped_ops(CONTEXT).iter().map(|ops| hunk(&diff, ops)).collect()
}

/// How many lines of the hunks come and go.
pub(super) fn size(hunks: &[Hunk]) -> Size {
    let mut size = Size::default();
    for line in hunks.iter().flat_map(|hunk| &hunk.lines) {
        match (line.old, line.new) {
            (Some(_), None) => size.removed += 1,
            (None, Some(_)) => size.added += 1,
            _ => {}
        }
    }
    size
}

/// A file's text; where it is none, what can be read of it.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match encoding::decode(bytes) {
        Ok((text, _)) => Cow::Owned(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

fn hunk<'a>(diff: &'a TextDiff<'a, 'a, 'a, str>, ops: &[DiffOp]) -> Hunk {
    let lines: Vec<Line> = ops
        .iter()
        // Without a deadline: what differs must not depend on how fast the machine is.
        .flat_map(|op| diff.iter_inline_changes_deadline(op, None))
        .map(|change| line(&change))
        .collect();
    let start = ops.first().map_or(0, |op| op.old_range().start);
    let end = ops.last().map_or(0, |op| op.old_range().end);
    Hunk {
        header: similar::udiff::UnifiedHunkHeader::new(ops).to_string(),
        old: (number(start), number(end).saturating_sub(1)),
        lines,
    }
}

fn line(change: &InlineChange<'_, str>) -> Line {
    let kind = match change.tag() {
        ChangeTag::Equal => "same",
        ChangeTag::Delete => "old",
        ChangeTag::Insert => "new",
    };
    let is_changed = change.tag() != ChangeTag::Equal;
    let mut parts: Vec<Part> = change
        .iter_strings_lossy()
        .map(|(differs, text)| Part { text: shown(&text, is_changed), differs })
        .filter(|part| !part.text.is_empty())
        .collect();
    // A line that differs as a whole needs no mark.
    if parts.iter().all(|part| part.differs) {
        for part in &mut parts {
            part.differs = false;
        }
    }
    Line {
        kind,
        old: change.old_index().map(number),
        new: change.new_index().map(number),
        parts,
        unended: change.missing_newline(),
    }
}

/// Without the line ending; of a changed line, a carriage return is shown.
fn shown(text: &str, is_changed: bool) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    visible::line(if is_changed { text } else { text.trim_end_matches('\r') })
}

/// A count from 0 as one from 1.
fn number(index: usize) -> u32 {
    u32::try_from(index).map_or(u32::MAX, |index| index.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(old: &[u8], new: &[u8]) -> Vec<String> {
        let lines = hunks(old, new).into_iter().flat_map(|hunk| hunk.lines);
        lines
            .map(|line| {
                let parts = line.parts.iter().map(|part| {
                    if part.differs { format!("[{}]", part.text) } else { part.text.clone() }
                });
                let unended = if line.unended { " (unended)" } else { "" };
                format!("{} {}{unended}", line.kind, parts.collect::<String>())
            })
            .collect()
    }

    #[test]
    fn the_words_that_changed_are_marked() {
        assert_eq!(
            shape(b"a\nself.r = C()\nb\n", b"a\nself.r = c\nb\n"),
            ["same a", "old self.r = [C()]", "new self.r = [c]", "same b"]
        );
    }

    #[test]
    fn line_endings_and_odd_bytes_are_shown() {
        assert_eq!(shape(b"a\r\nb\r\n", b"a\r\nb\n"), ["same a", "old b␍", "new b"]);
        assert_eq!(shape(b"a", b"b"), ["old a (unended)", "new b (unended)"]);
        assert_eq!(
            shape(b"# coding: latin-1\n\xe9\n", b"# coding: latin-1\n").last().unwrap(),
            "old é"
        );
        assert_eq!(shape(b"\xff\n", b"\x1b\n"), ["old \u{fffd}", "new ␛"]);
    }

    #[test]
    fn a_hunk_knows_its_lines() {
        let old = (1..=20).map(|line| line.to_string()).collect::<Vec<_>>().join("\n");
        let new = old.replace("10\n", "ten\n");
        let hunks = hunks(old.as_bytes(), new.as_bytes());
        assert_eq!(hunks[0].old, (7, 13));
        assert_eq!(hunks[0].header, "@@ -7,7 +7,7 @@");
        assert_eq!((size(&hunks).added, size(&hunks).removed), (1, 1));
    }
}
