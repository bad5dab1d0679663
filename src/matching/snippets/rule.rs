//! A rewrite, with what its names lead to in this project.

use std::sync::Arc;

use crate::pattern::{Key, Rewrite};
use crate::project::FileId;
use crate::resolve::{OldRoute, Origin};
use crate::transform::Within;

/// A rewrite whose names were followed.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The transform's name.
    pub transform: String,
    /// The place of the transform among those of the run.
    pub order: usize,
    /// What it is about, for reports.
    pub symbol: String,
    /// The snippets.
    pub rewrite: Arc<Rewrite>,
    /// Where it holds.
    pub within: Option<Within>,
    /// What its files have in their text.
    pub key: Key,
    /// The chains of `before`.
    pub before: Vec<Link>,
    /// The classes of each declared instance of `before`.
    pub instances: Vec<Vec<Link>>,
    /// The chains of `after`.
    pub after: Vec<Link>,
    /// The files that define one of them, or of a name that moves hand it on: what is done there is
    /// kept.
    pub definitions: Vec<FileId>,
}

/// What a chain of a snippet leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// For its root, and then with each of its attributes.
    pub origins: Vec<Origin>,
    /// By which names a use has to go. Set where the old and the new symbol are the same object
    /// under two names.
    pub via: Option<OldRoute>,
    /// The file of the module that the chain's root is in, where the project has it.
    pub file: Option<FileId>,
}

impl Link {
    /// What the whole chain leads to.
    pub fn whole(&self) -> Option<&Origin> {
        self.origins.last()
    }
}
