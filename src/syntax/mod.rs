//! The Python front end: text to a syntax tree with tokens and comments.
//!
//! The only module that names the parser's crates; everything above says `syntax::ast`. It gives
//! no meaning to names. Invariant: a tree is never deeper than [`depth::LIMIT`] allows, so that
//! walks over it fit into [`STACK_BYTES`].

pub mod annotation;
pub mod depth;
pub mod parse;
pub mod suite;
pub mod slot;
pub mod tree;
pub mod chain;

/// The syntax tree's types.
pub use ruff_python_ast as ast;

pub use parse::{Module, SyntaxError};

/// The stack that a thread needs for parsing and walking any source that [`Module::parse`] takes.
///
/// Parsing descends once per nested construct. The memory is reserved, not used, until a source
/// really is that deep.
pub const STACK_BYTES: usize = 512 << 20;
