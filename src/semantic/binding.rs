//! What makes a name mean something.

use smallvec::SmallVec;

use super::{NameId, ReferenceId, ScopeId};
use crate::text::TextRange;

/// A binding of one module; [`BindingId::UNBOUND`] stands for "no binding on this path".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingId(pub(super) u32);

impl BindingId {
    /// The path on which the name has no value yet, or no longer.
    pub const UNBOUND: Self = Self(0);
}

/// A few bindings; most names have one or two, which need no memory of their own.
pub type BindingList = SmallVec<[BindingId; 4]>;

/// One place where a name gets a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The name.
    pub name: NameId,
    /// The scope whose name it is, after `global` and `nonlocal`.
    pub scope: ScopeId,
    /// The scope in which it is written; another one than `scope` after `global`, `nonlocal`, or
    /// for `:=` in a comprehension.
    pub written_in: ScopeId,
    /// The name's own characters; for a star import the `*`.
    pub range: TextRange,
    /// The whole statement, or the node that stands for one: a parameter, a comprehension's
    /// target, an `except` clause.
    pub statement: TextRange,
    /// Only a type checker runs it: it stands under `if TYPE_CHECKING`.
    pub typing_only: bool,
    /// It is a direct statement of its scope's body, or nested only in blocks that always run to
    /// their end, such as `with`; so it runs whenever the scope does.
    pub unconditional: bool,
    /// What kind it is.
    pub kind: BindingKind,
}

/// The kinds of binding, with what following the name needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BindingKind {
    /// `import a.b.c`, which binds `a`, or `import a.b.c as x`, which binds the submodule.
    Import {
        /// The dotted name, `a.b.c`.
        module: String,
        /// Whether there is an `as`.
        renamed: bool,
        /// The alias node: `a.b.c as x`.
        alias: TextRange,
    },
    /// `from m import name`, with or without `as`.
    ImportFrom {
        /// How many dots.
        level: u32,
        /// The dotted name after the dots; empty for `from . import x`.
        module: String,
        /// The name in that module.
        member: String,
        /// The alias node: `name as x`.
        alias: TextRange,
    },
    /// `from m import *`: may bind any name.
    StarImport {
        /// How many dots.
        level: u32,
        /// The dotted name after the dots.
        module: String,
    },
    /// `x = value`, alone or as one of several targets, or `x: T = value`, or `(x := value)`.
    Assignment {
        /// The value, where this name gets all of it; not for unpacking.
        value: Option<TextRange>,
        /// The value is a name or attribute chain.
        alias_of: Option<ReferenceId>,
        /// The value is `None`.
        is_none: bool,
        /// The statement is `x = value` or `x: T = value`, with one target and nothing else.
        is_simple: bool,
    },
    /// `x += value`.
    Augmented,
    /// `for x in …`, in a statement or a comprehension.
    LoopTarget,
    /// `with … as x`.
    WithTarget,
    /// `except … as x`.
    ExceptTarget,
    /// A capture of a `match` pattern.
    MatchCapture,
    /// A parameter.
    Parameter,
    /// `def x`.
    Function,
    /// `class x`.
    Class,
    /// `type x = …`.
    TypeAlias,
    /// `[T]` of a generic function, class or type alias.
    TypeParameter,
    /// `x: T` without a value: makes the name local, gives it no value.
    Declaration,
    /// `del x`, or the end of the clause that `except … as x` opens.
    Deletion,
}

impl BindingKind {
    /// Whether the name has a value after it.
    pub fn gives_value(&self) -> bool {
        !matches!(self, Self::Declaration | Self::Deletion)
    }

    /// Whether it is one of the import forms.
    pub fn is_import(&self) -> bool {
        matches!(self, Self::Import { .. } | Self::ImportFrom { .. } | Self::StarImport { .. })
    }
}
