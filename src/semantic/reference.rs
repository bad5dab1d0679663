//! A use of a name.

use super::{BindingList, NameId, ScopeId};
use crate::text::TextRange;

/// A reference of one module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReferenceId(pub(super) u32);

/// Who reads a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// The running program.
    Runtime,
    /// An annotation that is evaluated when somebody asks for it: under
    /// `from __future__ import annotations`, or of a variable in a function.
    Annotation,
    /// A type checker only: code under `if TYPE_CHECKING`, or a name in a string annotation.
    Typing,
}

/// One place where a name is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts of one place")]
pub struct Reference {
    /// The name.
    pub name: NameId,
    /// The scope in which it is written.
    pub scope: ScopeId,
    /// The scope whose name it is; `None` where no scope of the file binds the name, so that it
    /// is a builtin, comes from a star import, or is unbound.
    pub owner: Option<ScopeId>,
    /// The name's own characters; inside a string annotation, those characters of the string.
    pub range: TextRange,
    /// The attributes read from it: `b` and `c` for `a.b.c`.
    pub attributes: Box<[NameId]>,
    /// The whole chain, `a.b.c`; equal to `range` for a plain name.
    pub chain: TextRange,
    /// The chain is called: `a.b.c(…)`.
    pub called: bool,
    /// Who reads it.
    pub usage: Usage,
    /// It is text in a string, not code.
    pub in_string: bool,
    /// `x += …`, which reads the name as well as binding it.
    pub augmented: bool,
    /// No path leads here: it follows a `return`, `raise`, `continue` or `break`.
    pub unreachable: bool,
    /// The bindings that may reach it, by the flow of control of the owner's scope, sorted;
    /// `None` where the owner is another scope that is not running at this point, so that every
    /// binding may.
    pub(super) reach: Option<BindingList>,
}
