//! Two sets of edits of one `from M import …`.
//!
//! What such a statement means is a set of names, so names that one side adds or removes and names
//! that the other side adds or removes never clash, however near they stand. Everything else is
//! merged as lines and words are. The statement is taken apart without a parser: one that has a
//! comment or a backslash in it is left to the lines.

use crate::patch::lines::lines;
use crate::patch::merge::{Grain, word_by_word};

/// Lines of Python, with a `from M import (…)` over several lines as one unit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Statements;

impl Grain for Statements {
    fn split<'a>(&self, text: &'a [u8]) -> Vec<&'a [u8]> {
        let mut units = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let length = statement_length(rest).unwrap_or_else(|| line_length(rest));
            let (unit, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            units.push(unit);
            rest = after;
        }
        units
    }

    fn is_ordered(&self) -> bool {
        false
    }

    fn settle(&self, base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
        merge_lists(base, ours, theirs).or_else(|| word_by_word(base, ours, theirs))
    }
}

fn line_length(text: &[u8]) -> usize {
    lines(text).first().map_or(text.len(), |line| line.len())
}

/// The length of the parenthesised import that `text` begins with, to the end of its last line.
fn statement_length(text: &[u8]) -> Option<usize> {
    let line = text.get(..line_length(text))?;
    let first = str::from_utf8(line).ok()?.trim_start();
    if !first.starts_with("from ") || !first.contains(" import (") {
        return None;
    }
    let close = memchr::memchr(b')', text)?;
    let inside = text.get(..close)?;
    // A list of names holds names, commas, spaces and comments; anything else is another text that
    // happens to begin like one.
    let only_names = inside.iter().all(|byte| {
        byte.is_ascii_alphanumeric() || b"_.,( \t\r\n".contains(byte) || !byte.is_ascii()
    });
    only_names.then(|| close + line_length(text.get(close..).unwrap_or_default()))
}

/// A `from M import …` taken apart, with the place of each name in its text.
struct Statement<'a> {
    text: &'a str,
    /// Indentation and module.
    module: (&'a str, &'a str),
    /// Each name with its `as`, and where it stands.
    names: Vec<(String, std::ops::Range<usize>)>,
}

impl<'a> Statement<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        if text.contains(['#', '\\', '*', ';', '"', '\'']) {
            return None;
        }
        let indent = text.get(..text.len() - text.trim_start().len())?;
        let (head, _) = text.split_once(" import ")?;
        let module = head.trim().strip_prefix("from ")?.trim();
        let start = head.len() + " import ".len();
        let list = text.get(start..)?.trim_end();
        let (inner, offset) = match list.trim_start().strip_prefix('(') {
            Some(inner) => {
                let inner = inner.strip_suffix(')')?;
                (inner, start + (list.len() - list.trim_start().len()) + 1)
            }
            None => (list, start),
        };
        let mut names = Vec::new();
        let mut at = offset;
        for part in inner.split(',') {
            let name = part.trim();
            let from = at + (part.len() - part.trim_start().len());
            at += part.len() + 1;
            if name.is_empty() {
                continue;
            }
            let words: Vec<&str> = name.split_whitespace().collect();
            let is_name = |word: &str| word.chars().all(|c| c.is_alphanumeric() || c == '_');
            match words.as_slice() {
                [one] if is_name(one) => {}
                [one, "as", other] if is_name(one) && is_name(other) => {}
                _ => return None,
            }
            names.push((words.join(" "), from..from + name.len()));
        }
        (!names.is_empty()).then_some(Self { text, module: (indent, module), names })
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|(have, _)| have == name)
    }

    /// The text between two names that follow each other.
    fn separator(&self) -> &str {
        match self.names.as_slice() {
            [(_, first), (_, second), ..] => self.text.get(first.end..second.start),
            _ => None,
        }
        .unwrap_or(", ")
    }

    /// The text with `name` put before the name at `position`, or after the last.
    fn with(&self, name: &str, position: usize) -> Option<String> {
        let (at, put) = match self.names.get(position) {
            Some((_, range)) => (range.start, format!("{name}{}", self.separator())),
            None => (self.names.last()?.1.end, format!("{}{name}", self.separator())),
        };
        let (before, after) = self.text.split_at_checked(at)?;
        Some(format!("{before}{put}{after}"))
    }

    /// The text without the name at `position`.
    fn without(&self, position: usize) -> Option<String> {
        let (_, range) = self.names.get(position)?;
        let (start, end) = match (self.names.get(position + 1), position.checked_sub(1)) {
            (Some((_, next)), _) => (range.start, next.start),
            (None, Some(before)) => (self.names.get(before)?.1.end, range.end),
            (None, None) => return None,
        };
        let (before, after) = (self.text.get(..start)?, self.text.get(end..)?);
        Some(format!("{before}{after}"))
    }
}

/// `ours` with the names that `theirs` adds to `base` and without those that it removes.
fn merge_lists(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let (old, new) = (Statement::parse(base)?, Statement::parse(theirs)?);
    let mut text = str::from_utf8(ours).ok()?.to_owned();
    let module = Statement::parse(ours)?.module.1.to_owned();
    if old.module != new.module || old.module.1 != module {
        return None;
    }
    for (position, (name, _)) in new.names.iter().enumerate() {
        let now = Statement::parse(text.as_bytes())?;
        if old.has(name) || now.has(name) {
            continue;
        }
        // Where the other side has it: after a name that we have too, or else before one.
        let (before, after) = new.names.split_at_checked(position)?;
        let place = |(name, _): &(String, _)| now.names.iter().position(|(have, _)| have == name);
        let at = before
            .iter()
            .rev()
            .find_map(place)
            .map(|found| found + 1)
            .or_else(|| after.iter().skip(1).find_map(place))
            // Or in the place of the one that goes for it.
            .or_else(|| old.names.iter().filter(|(name, _)| !new.has(name)).find_map(place))
            .unwrap_or(now.names.len());
        text = now.with(name, at)?;
    }
    for (name, _) in old.names.iter().filter(|(name, _)| !new.has(name)) {
        let now = Statement::parse(text.as_bytes())?;
        if let Some(position) = now.names.iter().position(|(have, _)| have == name) {
            text = now.without(position)?;
        }
    }
    Some(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch::merge;

    fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
        let merged = merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), &Statements);
        merged.ok().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn names_of_one_import_are_a_set() {
        // Ex) two tiers each replaced a class by its instance; the first is taken back.
        assert_eq!(
            merged("from m import B, a\n", "from m import a, b\n", "from m import A, B\n")
                .as_deref(),
            Some("from m import A, b\n")
        );
        assert_eq!(
            merged(
                "from m import (\n    B,\n    a,\n)\nx\n",
                "from m import (\n    a,\n    b,\n)\nx\n",
                "from m import (\n    A,\n    B,\n)\nx\n",
            )
            .as_deref(),
            Some("from m import (\n    A,\n    b,\n)\nx\n")
        );
        assert_eq!(
            merged("from m import a\n", "from m import a, z\n", "from m import A as B\n")
                .as_deref(),
            Some("from m import A as B, z\n")
        );
    }

    #[test]
    fn an_import_whose_every_name_would_go_is_a_clash() {
        assert_eq!(merged("from m import a, b\n", "from m import a\n", "from m import b\n"), None);
    }

    #[test]
    fn another_module_or_a_comment_is_left_to_words() {
        assert_eq!(
            merged("from m import a\n", "from n import a\n", "from m import A\n").as_deref(),
            Some("from n import A\n")
        );
        assert_eq!(
            merged("from m import a\n", "from m import a  # why\n", "from m import A\n").as_deref(),
            Some("from m import A  # why\n")
        );
    }

    #[test]
    fn units_are_the_whole_text() {
        for text in [
            "",
            "x",
            "from m import (\n  a,\n)\n\ny",
            "from m import (a\n",
            "from m import (f(), \n)\n",
        ] {
            assert_eq!(Statements.split(text.as_bytes()).concat(), text.as_bytes());
        }
        assert_eq!(Statements.split(b"from m import (\n a,\n)  # c\nx\n").len(), 2);
    }
}
