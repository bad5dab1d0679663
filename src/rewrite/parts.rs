//! A replacement while it is put together.

use super::decide::Part;
use crate::text::TextRange;

/// Parts, of which neighbours of one kind are one.
#[derive(Debug, Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
}

impl Parts {
    pub(super) fn literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Literal(last)) => last.push_str(text),
            _ => self.parts.push(Part::Literal(text.to_owned())),
        }
    }

    pub(super) fn copy(&mut self, range: TextRange) {
        if range.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Copy(last)) if last.end() == range.start() => {
                *last = TextRange::new(last.start(), range.end());
            }
            _ => self.parts.push(Part::Copy(range)),
        }
    }

    pub(super) fn finish(self) -> Vec<Part> {
        self.parts
    }
}
