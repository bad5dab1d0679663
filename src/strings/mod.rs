//! The text that an expression makes, as far as the source says it.
//!
//! Follows names that are assigned once, constants of other modules and functions that only build
//! a text. Runs nothing and guesses nothing: what it cannot follow is a hole.

mod value;
mod compose;
mod given;
mod follow;
mod format;

pub use compose::{Place, constant, texts};
pub use follow::assigned_once;
pub use value::{Extent, Value, words};

use crate::project::FileId;
use crate::text::TextRange;

/// A text in pieces; neighbours are never both fixed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// From left to right.
    pub pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Always the same characters.
    Fixed(String),
    /// What an expression gives.
    Hole(Hole),
}

/// An expression whose value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The file in which it stands.
    pub file: FileId,
    /// The expression.
    pub range: TextRange,
    /// What is known of it all the same.
    pub value: Value,
}

impl Text {
    /// A text that is always the same.
    pub fn fixed(text: impl Into<String>) -> Self {
        let mut made = Self::default();
        made.push_fixed(&text.into());
        made
    }

    /// A text that is the value of one expression.
    pub fn hole(hole: Hole) -> Self {
        Self { pieces: vec![Piece::Hole(hole)] }
    }

    /// The characters, where they are always the same.
    pub fn as_fixed(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Fixed(text)] => Some(text),
            _ => None,
        }
    }

    /// Where it is one value: the value as what it is given to.
    fn given_to(&mut self, name: &str) {
        if let [Piece::Hole(hole)] = self.pieces.as_mut_slice() {
            hole.value = std::mem::take(&mut hole.value).given_to(name);
        }
    }

    /// Where it is one value: the place that a person looks at.
    fn show_at(&mut self, file: FileId, range: TextRange) {
        if let [Piece::Hole(hole)] = self.pieces.as_mut_slice() {
            (hole.file, hole.range) = (file, range);
        }
    }

    /// Where it is one value or else a false default: the value.
    fn without_default(&mut self) {
        if let [Piece::Hole(hole)] = self.pieces.as_mut_slice()
            && hole.value.name.is_some()
        {
            hole.value.extent = Extent::Whole;
        }
    }

    fn push_fixed(&mut self, text: &str) {
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Fixed(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Fixed(text.to_owned())),
        }
    }

    fn append(&mut self, other: Self) {
        for piece in other.pieces {
            match piece {
                Piece::Fixed(text) => self.push_fixed(&text),
                hole @ Piece::Hole(_) => self.pieces.push(hole),
            }
        }
    }
}
