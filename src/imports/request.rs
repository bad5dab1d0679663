//! What a caller asks of one file, and what it gets.
//!
//! Plain values. Which names are free and which module a name comes from is the caller's
//! knowledge; a [`Place`] says where that knowledge leads to.

use std::fmt;

use crate::text::{Edit, TextRange, TextSize};

/// A module as an import statement names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleRef {
    /// The number of leading dots; 0 for an absolute name.
    pub level: u32,
    /// The dotted name after the dots; empty in `from . import x`.
    pub name: String,
}

impl ModuleRef {
    /// The module `name`, absolutely.
    pub fn absolute(name: impl Into<String>) -> Self {
        Self { level: 0, name: name.into() }
    }
}

impl fmt::Display for ModuleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for _ in 0..self.level {
            f.write_str(".")?;
        }
        f.write_str(&self.name)
    }
}

/// What is imported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Import {
    /// `from module import member`, perhaps `as alias`.
    From {
        /// Where it comes from.
        module: ModuleRef,
        /// Its name there.
        member: String,
        /// Its name here, where that differs.
        alias: Option<String>,
    },
    /// `import name`, perhaps `as alias`.
    Module {
        /// The dotted name.
        name: String,
        /// Its name here.
        alias: Option<String>,
    },
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alias = match self {
            Self::From { module, member, alias } => {
                write!(f, "from {module} import {member}")?;
                alias
            }
            Self::Module { name, alias } => {
                write!(f, "import {name}")?;
                alias
            }
        };
        alias.as_ref().map_or(Ok(()), |alias| write!(f, " as {alias}"))
    }
}

/// One binding that a file needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImportRequest {
    /// What is imported.
    pub import: Import,
    /// Where it may go.
    pub place: Place,
}

/// Where a request may go. Statements are given by their ranges in the old text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Into this `from` statement, at any depth.
    ///
    /// A name that cannot share the statement (an alias where the project keeps aliases apart, a
    /// comment that would silence findings about the new name) gets a statement beside it.
    Statement {
        /// The statement.
        statement: TextRange,
        /// An alias that the same plan removes, whose position the name takes over in a list that
        /// is not sorted.
        replaces: Option<TextRange>,
    },
    /// At module level: into an import of the same module, or as a statement of its own.
    Module {
        /// The first use that runs when the module is loaded; the import comes before it.
        first_use: Option<TextSize>,
        /// An import statement that this plan removes entirely, whose place the new one takes
        /// where the order permits.
        instead_of: Option<TextRange>,
    },
    /// A statement in the same suite as this one, which may be anywhere.
    Beside {
        /// The statement.
        statement: TextRange,
        /// It goes, and the import takes its place.
        replaces_it: bool,
    },
    /// At the top of a function, below its docstring.
    Function {
        /// The function's definition.
        function: TextRange,
    },
}

impl Place {
    /// Places in a fixed order, so that a plan does not depend on the order of its requests.
    fn key(&self) -> (u8, [Option<u32>; 4]) {
        let ends = |range: Option<TextRange>| {
            [range.map(|range| range.start().into()), range.map(|range| range.end().into())]
        };
        let (kind, [a, b], [c, d]) = match *self {
            Self::Statement { statement, replaces } => (0, ends(Some(statement)), ends(replaces)),
            Self::Module { first_use, instead_of } => {
                (1, [first_use.map(u32::from), None], ends(instead_of))
            }
            Self::Beside { statement, replaces_it } => {
                (2, ends(Some(statement)), [Some(u32::from(replaces_it)), None])
            }
            Self::Function { function } => (3, ends(Some(function)), [None, None]),
        };
        (kind, [a, b, c, d])
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// One imported name that nothing uses any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Removal {
    /// The import statement.
    pub statement: TextRange,
    /// The name in it, with its `as`.
    pub alias: TextRange,
}

/// A statement that goes, such as `redis_manager = RedisManager()`; its comments stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatementRemoval {
    /// The statement.
    pub statement: TextRange,
}

/// The edits of one file's imports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportPlan {
    /// Sorted and disjoint.
    pub edits: Vec<Edit>,
    /// What became of each request, in the order in which they were given.
    pub placed: Vec<Placed>,
    /// `if TYPE_CHECKING:` statements that go as a whole because nothing is left in them. Whether
    /// `TYPE_CHECKING` itself is still used is the caller's question.
    pub emptied: Vec<TextRange>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// How the name is bound.
    pub how: How,
    /// Where in the old text the binding takes effect: code after it sees the name.
    pub offset: TextSize,
    /// Why there; a sentence for a person without its full stop, starting in lower case.
    pub why: String,
}

/// How a name is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It was imported already.
    Already,
    /// In a statement beside other names.
    Merged {
        /// The statement.
        statement: TextRange,
    },
    /// In a statement in place of the names that it had.
    Replaced {
        /// The statement.
        statement: TextRange,
    },
    /// By a statement of its own.
    New,
}

/// Why no plan can be made. Each is an error of the caller or of an assumption here; the file is
/// left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No statement has this range.
    #[error("no statement at bytes {0:?}")]
    NoStatement(TextRange),
    /// The statement is of another kind than the request needs.
    #[error("the statement at bytes {range:?} is not {expected}")]
    WrongStatement {
        /// The statement.
        range: TextRange,
        /// What it should be.
        expected: &'static str,
    },
    /// The import has no name with this range.
    #[error("no imported name at bytes {0:?}")]
    NoAlias(TextRange),
    /// An import would have to come before the docstring or a `__future__` import, or after its
    /// first use.
    #[error("no place for `{0}` before its first use")]
    NoPlace(String),
    /// Something that is imported is not a name.
    #[error("`{0}` cannot be imported")]
    BadName(String),
    /// Two parts of the plan want the same bytes.
    #[error(transparent)]
    Overlap(#[from] crate::text::OverlapError),
}
