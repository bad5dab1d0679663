//! What becomes of one file.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::fs::ProjectPath;
use crate::project::Source;
use crate::rewrite::LabelledEdit;

/// A changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlan {
    /// The file, as it is.
    pub source: Arc<Source>,
    /// Its tier, as an index into the configuration's.
    pub tier: Option<usize>,
    /// Its bytes as they will be.
    pub new: Vec<u8>,
    /// The edits, in offsets of the decoded text, with the decision that each carries out.
    pub edits: Vec<LabelledEdit>,
    /// What the patch says of its hunks: lines of the old file, counted from 1, and a remark.
    pub notes: Vec<(Range<u32>, String)>,
    /// Why the imports are where they are.
    pub why: Vec<String>,
}

impl FilePlan {
    /// The file.
    pub fn path(&self) -> &ProjectPath {
        &self.source.path
    }

    /// Its bytes as they are.
    pub fn old(&self) -> Cow<'_, [u8]> {
        self.source.bytes()
    }
}
