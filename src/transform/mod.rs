//! `transforms/*.toml`: what to find, what to put there, and the examples that prove it.
//!
//! Finds and changes nothing itself; what a snippet means in a project is for the module that
//! matches it. Invariant: the names, templates and paths of a
//! [`Transform`] are well formed, and no two transforms that were loaded together contradict each
//! other.

pub mod symbol;
pub mod schema;
mod read;
mod snippets;
mod load;
pub mod update;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::config::{Document, Problem, Template, builtin};
use crate::fs::ProjectPath;
use crate::pattern::Rewrite;
use crate::site::Reason;
use crate::text::{TextRange, TextSize};

pub use load::{Loaded, TransformError, load, load_builtin, load_file};
pub use symbol::{SymbolError, SymbolName};

/// One file of `transforms/`.
#[derive(Debug, Clone)]
pub struct Transform {
    /// Unique among the transforms of a run: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Where the name is in the file.
    pub name_range: TextRange,
    /// One line that says what it does.
    pub summary: String,
    /// Markdown; may be empty.
    pub docs: String,
    /// The file itself, for its path, its hash, and messages about places in it.
    pub document: Arc<Document>,
    /// Classes and their shared objects.
    pub singletons: Vec<Singleton>,
    /// Snippets and what takes their place.
    pub rewrites: Vec<RewriteSpec>,
    /// Audits.
    pub isolations: Vec<Isolation>,
    /// What proves it, in the order of the file.
    pub examples: Vec<Example>,
}

/// A class, and the shared object that takes the place of its instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Singleton {
    /// The class.
    pub class: SymbolName,
    /// Where the class is named in the transform.
    pub class_range: TextRange,
    /// How the shared object is reached.
    pub access: Access,
    /// Where that is named in the transform.
    pub access_range: TextRange,
    /// What is done where the shared object's own name is taken.
    pub alias: AliasPolicy,
    /// Methods that end the object's life; see [`DEFAULT_CLOSES`].
    pub closes: Vec<String>,
    /// Whether mock targets that certainly mean the class are rewritten.
    pub retarget_mocks: bool,
    /// What becomes of the constructor's arguments.
    pub arguments: ArgumentPolicy,
}

/// How a shared object is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// By this name.
    Instance(SymbolName),
    /// By calling this function with no arguments.
    Factory(SymbolName),
}

impl Access {
    /// The name that is imported.
    pub fn symbol(&self) -> &SymbolName {
        match self {
            Self::Instance(symbol) | Self::Factory(symbol) => symbol,
        }
    }
}

/// What is done where the shared object's own name is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasPolicy {
    /// It is imported under another name; the one hole is [`ALIAS_HOLE`].
    Template(Template),
    /// The site is held for review.
    Hold,
}

impl AliasPolicy {
    /// The alias of a shared object called `name`; `None` where the site is to be held.
    pub fn alias_of(&self, name: &str) -> Option<String> {
        match self {
            Self::Template(template) => Some(template.render(|_| name.to_owned())),
            Self::Hold => None,
        }
    }
}

/// The hole of an alias: the shared object's own name.
pub const ALIAS_HOLE: &str = "name";

/// The alias of a transform that gives none.
pub const DEFAULT_ALIAS: &str = "shared_{name}";

/// Methods that end an object's life, in a transform that lists none.
///
/// They are those by which the standard library and the common clients (databases, HTTP,
/// messages, pools, executors, servers) give up what they hold: after one of them the object is
/// of no use to anybody. Not among them are methods that end only a piece of work (`release`,
/// `cancel`, `flush`, `clear`), which a shared object takes as well as one of one's own. What a
/// class does in `__exit__`, `__aexit__` and `__del__` is found in the class itself.
pub const DEFAULT_CLOSES: [&str; 9] = [
    "close",
    "aclose",
    "disconnect",
    "shutdown",
    "stop",
    "terminate",
    "dispose",
    "cleanup",
    "quit",
];

/// Which arguments of a constructor do not matter, at a site and where the shared object is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgumentPolicy {
    /// A call that has any is held for review.
    Hold,
    /// Keyword arguments of these names are dropped; a call that has others is held.
    Drop(Vec<String>),
    /// Any are dropped.
    Ignore,
}

/// Two Python snippets.
#[derive(Debug, Clone)]
pub struct RewriteSpec {
    /// What to find.
    pub before: Snippet,
    /// What to put there.
    pub after: Snippet,
    /// Both, parsed.
    pub rewrite: Arc<Rewrite>,
    /// Where it holds; a match elsewhere is held for review.
    pub within: Option<Within>,
}

/// The places to which a rewrite may be restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Code that runs as part of an `async def`, not in a function or lambda inside it.
    AsyncFunction,
}

impl Within {
    /// Every place.
    pub const ALL: &[Self] = &[Self::AsyncFunction];

    /// As the transform writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsyncFunction => "async function",
        }
    }
}

/// Python inside a transform.
#[derive(Debug, Clone)]
pub struct Snippet {
    /// The Python, without what TOML needed to hold it.
    pub text: String,
    /// Where it is in the transform, quotes included.
    pub range: TextRange,
    document: Arc<Document>,
}

impl Snippet {
    /// The place in the transform's file of an offset in [`Self::text`].
    pub fn place(&self, offset: TextSize) -> TextSize {
        self.document.place_in_string(self.range, offset.into())
    }

    /// An error at a range of [`Self::text`], shown where it is in the transform's file.
    pub fn problem(&self, range: TextRange, message: impl Into<String>) -> Problem {
        let (start, end) = (range.start().into(), range.end().into());
        let range = self.document.range_in_string(self.range, start, end);
        Problem::error(&self.document, range, message)
    }
}

/// An audit of the keys with which methods of a shared object are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// The shared object.
    pub on: SymbolName,
    /// Where it is named in the transform.
    pub on_range: TextRange,
    /// The methods whose first argument is a key; never empty.
    pub methods: Vec<String>,
    /// What a key has to look like; has at least one hole.
    pub key: Template,
    /// Whether a key that does not look so fails a check.
    pub deny: bool,
}

/// A tiny project before and after the transform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it shows; unique in its transform.
    pub name: String,
    /// Where the name is in the transform.
    pub range: TextRange,
    /// Every file of the project; never empty.
    pub before: BTreeMap<ProjectPath, String>,
    /// The files of which the transform says what becomes; all of them are in `before`.
    pub after: BTreeMap<ProjectPath, String>,
    /// The reasons of the sites that are not rewritten, in the order of the codes, each once.
    pub reasons: Vec<Reason>,
}

impl Example {
    /// What becomes of a file of [`Self::before`].
    pub fn expected(&self, file: &ProjectPath) -> Option<&str> {
        self.after.get(file).or_else(|| self.before.get(file)).map(String::as_str)
    }

    /// Whether it shows a change.
    pub fn is_changed(&self) -> bool {
        self.after.iter().any(|(file, text)| self.before.get(file) != Some(text))
    }
}

/// A kind of example that a transform lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingExample {
    /// One that changes something.
    Changed,
    /// One that must not.
    Unchanged,
}

impl fmt::Display for MissingExample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed => "no example changes anything",
            Self::Unchanged => "no example shows what must stay as it is",
        })
    }
}

impl Transform {
    /// Whether it comes with tiermod and has no file of its own.
    pub fn is_builtin(&self) -> bool {
        self.document.path().to_string_lossy().starts_with(builtin::PREFIX)
    }

    /// Whether it can rewrite anything; a transform of audits cannot.
    pub fn is_rewriting(&self) -> bool {
        !self.singletons.is_empty() || !self.rewrites.is_empty()
    }

    /// The kinds of example that it still needs before it counts as proven. An audit, which
    /// changes nothing, needs only one that stays as it is.
    pub fn missing_examples(&self) -> Vec<MissingExample> {
        let lacks = |changed: bool| !self.examples.iter().any(|one| one.is_changed() == changed);
        let mut missing = Vec::new();
        if self.is_rewriting() && lacks(true) {
            missing.push(MissingExample::Changed);
        }
        if lacks(false) {
            missing.push(MissingExample::Unchanged);
        }
        missing
    }
}
