//! `diff`: a git patch in colour, as git itself would show it.
//!
//! For eyes only: control characters are made visible, so the result is no patch any more. Bytes
//! that are not UTF-8 are passed on as they are.

use anstyle::{AnsiColor, Effects, Style as Paint};

use super::visible;

// The defaults of `color.diff`.
const META: Paint = Paint::new().effects(Effects::BOLD);
const HUNK: Paint = AnsiColor::Cyan.on_default();
const OLD: Paint = AnsiColor::Red.on_default();
const NEW: Paint = AnsiColor::Green.on_default();

/// Colours a patch.
pub fn paint(patch: &[u8]) -> Vec<u8> {
    let mut painted = Vec::with_capacity(patch.len() + patch.len() / 4);
    let mut hunk = Remaining::default();
    for line in patch.split_inclusive(|&byte| byte == b'\n') {
        let (content, end) = match line.strip_suffix(b"\n") {
            Some(content) => (content, "\n"),
            None => (line, ""),
        };
        paint_line(content, &mut hunk, &mut painted);
        painted.extend_from_slice(end.as_bytes());
    }
    painted
}

/// How many lines of a hunk are still to come. Only this tells a removed line `-- a` from a
/// header.
#[derive(Debug, Default)]
struct Remaining {
    old: usize,
    new: usize,
}

impl Remaining {
    /// The sizes in `@@ -1,3 +1,4 @@ …`.
    fn of_header(header: &str) -> Option<Self> {
        let mut ranges = header.strip_prefix("@@ -")?.splitn(3, ' ');
        let size = |range: &str| match range.split_once(',') {
            Some((_, size)) => size.parse().ok(),
            None => Some(1),
        };
        let old = size(ranges.next()?)?;
        let new = size(ranges.next()?.strip_prefix('+')?)?;
        ranges.next()?.starts_with("@@").then_some(Self { old, new })
    }

    fn is_done(&self) -> bool {
        self.old == 0 && self.new == 0
    }
}

fn paint_line(line: &[u8], hunk: &mut Remaining, painted: &mut Vec<u8>) {
    let first = line.first().copied();
    if !hunk.is_done() {
        match first {
            Some(b'-') => {
                hunk.old = hunk.old.saturating_sub(1);
                return push(painted, OLD, line);
            }
            Some(b'+') => {
                hunk.new = hunk.new.saturating_sub(1);
                return push(painted, NEW, line);
            }
            Some(b'\\') => {}
            _ => {
                hunk.old = hunk.old.saturating_sub(1);
                hunk.new = hunk.new.saturating_sub(1);
            }
        }
        return push_context(painted, line);
    }
    let text = String::from_utf8_lossy(line);
    if let Some(sizes) = Remaining::of_header(&text) {
        *hunk = sizes;
        let end = text.get(2..).and_then(|rest| rest.find("@@")).map_or(line.len(), |at| at + 4);
        let (ranges, rest) = line.split_at_checked(end).unwrap_or((line, &[]));
        push(painted, HUNK, ranges);
        return push_safe(painted, rest);
    }
    match first {
        Some(b'\\') | None => push_context(painted, line),
        Some(_) => push(painted, META, line),
    }
}

fn push(painted: &mut Vec<u8>, paint: Paint, text: &[u8]) {
    painted.extend_from_slice(paint.render().to_string().as_bytes());
    push_safe(painted, text);
    painted.extend_from_slice(paint.render_reset().to_string().as_bytes());
}

/// A line that did not change: the carriage return of its line ending is nothing to look at.
fn push_context(painted: &mut Vec<u8>, line: &[u8]) {
    match line.strip_suffix(b"\r") {
        Some(line) => {
            push_safe(painted, line);
            painted.push(b'\r');
        }
        None => push_safe(painted, line),
    }
}

fn push_safe(painted: &mut Vec<u8>, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        painted.extend_from_slice(visible::line(chunk.valid()).as_bytes());
        painted.extend_from_slice(chunk.invalid());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(patch: &[u8]) -> String {
        let painted = String::from_utf8_lossy(&paint(patch)).into_owned();
        let names = [("\x1b[1m", "<b>"), ("\x1b[36m", "<c>"), ("\x1b[31m", "<r>")];
        let text = names.iter().fold(painted, |text, (code, name)| text.replace(code, name));
        text.replace("\x1b[32m", "<g>").replace("\x1b[0m", "</>")
    }

    #[test]
    fn a_patch_has_the_colours_of_git() {
        let patch = b"diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n\
            @@ -1,2 +1,2 @@ redis TM001 rewrite\n same\n-C()\n+c\n\\ No newline at end of file\n";
        assert_eq!(
            painted(patch),
            "<b>diff --git a/a.py b/a.py</>\n<b>index 1..2 100644</>\n<b>--- a/a.py</>\n\
             <b>+++ b/a.py</>\n<c>@@ -1,2 +1,2 @@</> redis TM001 rewrite\n same\n<r>-C()</>\n\
             <g>+c</>\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn a_changed_line_that_looks_like_a_header_is_a_changed_line() {
        let patch = b"@@ -1,2 +1 @@\n--- a\n-@@ -9,9 +9,9 @@\n+++ b\ndiff --git a/b b/b\n";
        assert_eq!(
            painted(patch),
            "<c>@@ -1,2 +1 @@</>\n<r>--- a</>\n<r>-@@ -9,9 +9,9 @@</>\n<g>+++ b</>\n\
             <b>diff --git a/b b/b</>\n"
        );
    }

    #[test]
    fn control_characters_are_shown_and_other_bytes_pass() {
        let patch = b"@@ -1,2 +1,2 @@ \x1b[2J\n a\x1b[31m\xe9\r\n-b\xff\r\n+b\x9b\n";
        let bytes = paint(patch);
        let expected: &[u8] = b"\x1b[36m@@ -1,2 +1,2 @@\x1b[0m \xe2\x90\x9b[2J\n \
            a\xe2\x90\x9b[31m\xe9\r\n\x1b[31m-b\xff\xe2\x90\x8d\x1b[0m\n\x1b[32m+b\x9b\x1b[0m\n";
        assert_eq!(bytes, expected, "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn anything_at_all_is_painted() {
        for text in ["", "\n", "@@", "@@ -1 +1 @@", "@@ -1,99999999999999999999 +1 @@\n-a", "a"] {
            let bare: String = painted(text.as_bytes());
            let bare = ["<b>", "<c>", "<r>", "<g>", "</>"]
                .iter()
                .fold(bare, |text, name| text.replace(name, ""));
            assert_eq!(bare, text);
        }
    }
}
