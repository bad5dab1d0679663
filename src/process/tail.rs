//! The end of an output of any length, and text that is safe to show.

use std::collections::VecDeque;

/// How much of the output is kept.
const KEPT_BYTES: usize = 64 * 1024;
/// How much of one line is shown.
const SHOWN_LETTERS: usize = 400;

/// Keeps the last 64 KiB of what it is given.
#[derive(Debug, Default)]
pub struct Tail {
    bytes: VecDeque<u8>,
    cut: bool,
}

impl Tail {
    /// Takes more output.
    pub fn push(&mut self, output: &[u8]) {
        let kept = output.get(output.len().saturating_sub(KEPT_BYTES)..).unwrap_or(output);
        let surplus = (self.bytes.len() + kept.len()).saturating_sub(KEPT_BYTES);
        self.cut |= surplus > 0 || kept.len() < output.len();
        self.bytes.drain(..surplus.min(self.bytes.len()));
        self.bytes.extend(kept);
    }

    /// The last `lines` lines that are not blank at the end, as [`clean`] text.
    pub fn text(&self, lines: usize) -> String {
        let (front, back) = self.bytes.as_slices();
        let all = clean(&[front, back].concat());
        let shown: Vec<&str> = all.trim_end().rsplit('\n').take(lines).collect();
        let mut text = shown.into_iter().rev().collect::<Vec<_>>().join("\n");
        if self.cut && text.len() == all.trim_end().len() {
            text.insert(0, '…');
        }
        text
    }

    /// The last line that is not blank, as [`clean`] text.
    pub fn last_line(&self) -> String {
        // A progress line wants little: the whole tail is not decoded ten times a second.
        let skipped = self.bytes.len().saturating_sub(4 * SHOWN_LETTERS);
        let end: Vec<u8> = self.bytes.range(skipped..).copied().collect();
        clean(&end).lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
    }
}

/// What of `output` can be shown to a person on any terminal: bytes that are not UTF-8 become
/// U+FFFD, escape sequences and control characters go, a carriage return starts its line anew,
/// and a very long line is cut.
pub fn clean(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let plain = anstream::adapter::strip_str(&text).to_string();
    let mut cleaned = String::with_capacity(plain.len());
    for (number, line) in plain.split('\n').enumerate() {
        if number > 0 {
            cleaned.push('\n');
        }
        let line = line.trim_end_matches('\r');
        let line = line.rsplit('\r').next().unwrap_or(line);
        let mut letters = line.chars().filter(|letter| *letter == '\t' || !letter.is_control());
        cleaned.extend(letters.by_ref().take(SHOWN_LETTERS));
        if letters.next().is_some() {
            cleaned.push('…');
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(output: &[u8], lines: usize) -> String {
        let mut tail = Tail::default();
        tail.push(output);
        tail.text(lines)
    }

    #[test]
    fn the_last_lines_are_kept() {
        assert_eq!(tail(b"a\nb\nc\n\n", 2), "b\nc");
        assert_eq!(tail(b"a\nb", 9), "a\nb");
        assert_eq!(tail(b"", 9), "");
    }

    #[test]
    fn memory_is_bounded_however_the_output_comes() {
        let mut tail = Tail::default();
        for _ in 0..100 {
            tail.push(&[b'x'; 10_000]);
        }
        tail.push(&vec![b'y'; 1_000_000]);
        assert_eq!(tail.bytes.len(), KEPT_BYTES);
        tail.push(b"\nend\n");
        assert_eq!(tail.bytes.len(), KEPT_BYTES);
        assert_eq!(tail.text(1), "end");
        assert!(tail.text(2).starts_with("…yyy"));
        assert_eq!(tail.last_line(), "end");
    }

    #[test]
    fn text_is_safe_to_show() {
        assert_eq!(clean(b"\xff\xfe ok"), "\u{fffd}\u{fffd} ok");
        assert_eq!(clean(b"\x1b[31mred\x1b[0m \x1b]0;title\x07x"), "red x");
        assert_eq!(clean(b"10%\r50%\r100%\r\ndone\x08\x00"), "100%\ndone");
        let long = clean(&[b'x'; 1000]);
        assert_eq!(long.chars().count(), SHOWN_LETTERS + 1);
    }

    #[test]
    fn the_last_line_is_the_last_that_says_something() {
        let mut tail = Tail::default();
        assert_eq!(tail.last_line(), "");
        tail.push(b"a\n1%\r2%\n  \n");
        assert_eq!(tail.last_line(), "2%");
    }
}
