//! One change of a text.

use super::{TextRange, TextSize};

/// A range of a text and what stands there instead.
///
/// An empty range inserts, an empty `text` deletes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced, in offsets of the old text.
    pub range: TextRange,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Replaces `range` by `text`.
    pub fn replace(range: TextRange, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    /// Inserts `text` before the character at `offset`.
    pub fn insert(offset: TextSize, text: impl Into<String>) -> Self {
        Self { range: TextRange::empty(offset), text: text.into() }
    }

    /// Removes `range`.
    pub fn delete(range: TextRange) -> Self {
        Self { range, text: String::new() }
    }
}
