//! The two snippets of a `[[rewrite]]`: parsed, checked, and taken apart.
//!
//! What a snippet's names lead to in a project, and where its pattern is found, is for later
//! stages. Invariant: a [`Rewrite`] can be carried out as far as it can be told from its snippets
//! alone: every metavariable and name of `after` comes from `before`, an import or Python.

pub mod builtins;
mod placeholder;
pub mod names;
mod support;
pub mod items;
pub mod code;
pub mod unify;
pub mod rewrite;
mod again;

use crate::text::TextRange;

pub use code::{Body, Code, Imported, Instance, Meta};
pub use items::{Item, ItemKind, Role};
pub use names::{Chain, NameUse, Root};
pub use rewrite::{Key, Kind, Rewrite};

/// One of the two snippets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What to find.
    Before,
    /// What to put there.
    After,
}

impl Side {
    /// As the transform's key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// What is wrong with a snippet, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SnippetError {
    /// Which snippet.
    pub side: Side,
    /// The part to blame, in the snippet's text.
    pub range: TextRange,
    /// What is wrong with it; starts in lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl SnippetError {
    fn new(side: Side, range: TextRange, message: impl Into<String>) -> Self {
        Self { side, range, message: message.into(), help: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}
