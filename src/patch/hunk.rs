//! The hunks of one file.

use std::ops::Range;

use super::HunkNote;
use super::lines::{Block, blocks, lines};

/// Lines that stay the same, shown before and after each change.
const CONTEXT: usize = 3;

/// Writes the hunks that lead from `old` to `new`.
pub(super) fn render(out: &mut Vec<u8>, old: &[u8], new: &[u8], notes: &[HunkNote]) {
    let (old, new) = (lines(old), lines(new));
    let blocks = blocks(&old, &new);
    for group in blocks.chunk_by(|a, b| b.old.start - a.old.end <= 2 * CONTEXT) {
        if let (Some(first), Some(last)) = (group.first(), group.last()) {
            let before = first.old.start.min(CONTEXT);
            let after = (old.len() - last.old.end).min(CONTEXT);
            let shown = Block {
                old: first.old.start - before..last.old.end + after,
                new: first.new.start - before..last.new.end + after,
            };
            head(out, &shown, notes);
            body(out, &shown, group, &old, &new);
        }
    }
}

fn head(out: &mut Vec<u8>, shown: &Block, notes: &[HunkNote]) {
    out.extend_from_slice(format!("@@ -{} +{} @@", span(&shown.old), span(&shown.new)).as_bytes());
    let mut texts: Vec<&str> = Vec::new();
    for note in notes {
        let (start, end) = (note.old_lines.start as usize, note.old_lines.end as usize);
        if start < shown.old.end
            && end.max(start + 1) > shown.old.start
            && !texts.contains(&note.text.as_str())
        {
            texts.push(&note.text);
        }
    }
    if !texts.is_empty() {
        let text = texts.join(", ").replace(['\n', '\r'], " ");
        out.extend_from_slice(b" ");
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'\n');
}

/// Lines in a hunk's head: counted from 1; an empty range names the line before it.
fn span(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        count => format!("{},{count}", range.start + 1),
    }
}

fn body(out: &mut Vec<u8>, shown: &Block, group: &[Block], old: &[&[u8]], new: &[&[u8]]) {
    let mut at = shown.old.start;
    for block in group {
        put(out, b' ', old, at..block.old.start);
        put(out, b'-', old, block.old.clone());
        put(out, b'+', new, block.new.clone());
        at = block.old.end;
    }
    put(out, b' ', old, at..shown.old.end);
}

fn put(out: &mut Vec<u8>, sign: u8, lines: &[&[u8]], range: Range<usize>) {
    for line in lines.get(range).unwrap_or_default() {
        out.push(sign);
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}
