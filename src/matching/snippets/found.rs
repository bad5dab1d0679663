//! A match, as plain values.

use crate::semantic::{BindingId, ReferenceId, ScopeId};
use crate::site::Reason;
use crate::syntax::ast::token::TokenKind;
use crate::syntax::slot::{Shape, Slot};
use crate::text::{TextRange, TextSize};

/// A site of a rewrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnippetSite {
    /// The rule, by its place in [`crate::matching::Targets::rules`].
    pub rule: usize,
    /// What is replaced.
    pub range: TextRange,
    /// What is there.
    pub snippet: Snippet,
    /// What can be said before imports are looked at.
    pub reason: Reason,
    /// One sentence for a person.
    pub message: String,
    /// How the names were followed.
    pub chain: Vec<String>,
}

/// What is at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Snippet {
    /// The pattern.
    Pattern(Box<Context>),
    /// An import of the symbol that nothing in the file uses.
    Import(BindingId),
}

/// The surroundings of a match, and where its parts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Where the code has the names of the pattern, by where they start in the pattern.
    pub located: Vec<(TextSize, Place)>,
    /// The references that lead to chains of the pattern: the chain, the reference, and how many
    /// of its attributes belong to the chain.
    pub references: Vec<(usize, ReferenceId, usize)>,
    /// What fits here without parentheses; `None` for a statement.
    pub slot: Option<Slot>,
    /// A line break here does not end the statement.
    pub in_brackets: bool,
    /// The code is in parentheses of its own.
    pub is_parenthesised: bool,
    /// The string that the code is in, as a type or inside an f-string.
    pub string: Option<InString>,
    /// The scope in which the code runs.
    pub scope: ScopeId,
    /// The words of the code.
    pub tokens: Vec<CodeToken>,
}

/// Code inside a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InString {
    /// A type in a string, whose characters are those of the code.
    Plain,
    /// A type in a string that is made of parts or has escapes: its characters cannot be told.
    Mixed,
    /// In the braces of an f-string.
    Interpolation,
}

/// What the code has in the place of a name of the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// One expression.
    One(Piece),
    /// Any number of arguments or elements, in the order of the code.
    Many(Vec<Argument>),
}

/// An expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Without parentheses around it.
    pub inner: TextRange,
    /// With them.
    pub outer: TextRange,
    /// What it looks like from outside.
    pub shape: Shape,
    /// It holds an `await`, `yield` or `:=`, which is bound to the function around it.
    pub is_bound: bool,
}

/// An argument or element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// All of it.
    pub range: TextRange,
    /// Its value.
    pub value: Piece,
    /// For a keyword its name, and none for `**`.
    pub keyword: Option<Option<String>>,
}

/// A word of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeToken {
    /// What it is.
    pub kind: TokenKind,
    /// Where.
    pub range: TextRange,
}

impl Context {
    /// What the code has for the name at `offset` of the pattern.
    pub fn place(&self, offset: TextSize) -> Option<&Place> {
        self.located.iter().find(|(at, _)| *at == offset).map(|(_, place)| place)
    }

    /// The references as anchors of a spelling.
    pub fn anchors(&self) -> Vec<(ReferenceId, usize)> {
        self.references.iter().map(|(_, id, depth)| (*id, *depth)).collect()
    }
}
