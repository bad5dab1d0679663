//! What a run found and decided: sites, their verdicts and reasons.
//!
//! Plain values that every later stage reads; nothing here finds or decides anything.

pub mod reason;

use crate::fs::ProjectPath;
use crate::text::{Edit, LineColumn, TextRange};

pub use reason::{Reason, Verdict};

/// One place in one file that a transform is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The file.
    pub path: ProjectPath,
    /// The expression, string or comment, in offsets of the decoded text.
    pub range: TextRange,
    /// Where it starts.
    pub start: LineColumn,
    /// Where it ends: the position after its last character.
    pub end: LineColumn,
    /// The line on which it starts, without its line ending, for people to read.
    pub source_line: String,
    /// The transform's name.
    pub transform: String,
    /// What the site is about, as `package.module:Name`.
    pub symbol: String,
    /// What kind of thing that is.
    pub kind: SiteKind,
    /// The tier that owns the file, as an index into the configuration's tiers.
    pub tier: Option<usize>,
    /// What happens to it. An ignored site is kept, under the reason that its pragma names.
    pub verdict: Verdict,
    /// Why: [`Reason::DirectInstantiation`] for a plain rewrite. A site that was accepted has
    /// [`Verdict::Rewrite`] and the reason for which it was held.
    pub reason: Reason,
    /// One sentence for a person, with what was found here; starts in lower case, no full stop.
    pub message: String,
    /// What a person would do to settle a held site.
    pub suggestion: Option<Suggestion>,
    /// How the name was followed, one step a line: `explain` prints it.
    pub chain: Vec<String>,
}

/// What a site is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SiteKind {
    /// A class that has a shared object.
    Class,
    /// Code that the pattern of a rewrite matches.
    Match,
    /// A name that moves.
    Name,
}

impl Site {
    /// The title of its reason, in words that fit what it is about.
    pub fn title(&self) -> &'static str {
        match (self.reason, self.kind) {
            (Reason::DirectInstantiation, SiteKind::Match) => "match",
            (Reason::DirectInstantiation, SiteKind::Name) => "moved name",
            (reason, _) => reason.title(),
        }
    }
}

/// A change that settles a held site as it is, offered and not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What it does, as an imperative sentence without a full stop.
    pub message: String,
    /// The edits of the site's file, its imports among them; empty where the change cannot be
    /// spelled out.
    pub edits: Vec<Edit>,
    /// Where each of them starts and ends.
    pub places: Vec<(LineColumn, LineColumn)>,
}
