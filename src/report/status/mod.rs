//! `status`: the tiers as the tree and the history show them, one file per format.
//!
//! Reads neither: whoever calls brings the rows.

pub mod text;
pub mod json;
pub mod markdown;

use clap::ValueEnum;

use super::style::Style;

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The tier's name.
    pub tier: String,
    /// Its place in the order of the migration, counted from 1.
    pub number: usize,
    /// A few words; may be empty.
    pub summary: String,
    /// How many files have, or had, sites.
    pub files: usize,
    /// How many sites are migrated: rewritten by a commit of the tier that stands.
    pub done: usize,
    /// How many sites are left in the tree, those that are held among them.
    pub left: usize,
    /// How many of those that are left a person must decide.
    pub held: usize,
    /// Where it stands.
    pub state: State,
    /// When, by whom and as which commit it was last applied.
    pub applied: Option<Applied>,
    /// When it was last rolled back, as reports show it.
    pub rolled_back: Option<String>,
    /// Its gates, as they last ran.
    pub gates: Vec<GateRow>,
}

/// Where a tier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It was never applied.
    Pending,
    /// Something of it is applied, and something is left to rewrite.
    Partial,
    /// It is applied; what is left is held.
    Applied,
    /// It was applied and taken back.
    RolledBack,
}

/// An apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The time, as reports show it.
    pub when: String,
    /// Whoever did it.
    pub by: String,
    /// The commit's hash; empty outside git.
    pub commit: String,
}

/// A gate as it last ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRow {
    /// Its name.
    pub name: String,
    /// What came of it.
    pub status: GateState,
    /// The figure that it printed, as reports show it.
    pub figure: Option<String>,
}

/// What came of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GateState {
    /// It never ran.
    NotRun,
    /// It succeeded.
    Passed,
    /// It failed.
    Failed,
    /// It failed, as it did before the tier was applied.
    KnownFailing,
}

/// The formats of `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs; versioned, with a schema.
    Json,
    /// Markdown, for documents.
    Markdown,
}

/// Renders the tiers, in their order. The text ends with a line break.
pub fn render(rows: &[Row], format: Format, style: Style) -> String {
    match format {
        Format::Text => text::render(rows, style),
        Format::Json => json::render(rows),
        Format::Markdown => markdown::render(rows),
    }
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Partial, Self::Applied, Self::RolledBack];

    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Partial => "partial",
            Self::Applied => "applied",
            Self::RolledBack => "rolled back",
        }
    }
}

impl GateState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::NotRun, Self::Passed, Self::Failed, Self::KnownFailing];

    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotRun => "not run",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::KnownFailing => "known failing",
        }
    }
}

/// How far a migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Progress {
    done: usize,
    left: usize,
    held: usize,
}

impl Progress {
    fn of(rows: &[Row]) -> Self {
        Self {
            done: rows.iter().map(|row| row.done).sum(),
            left: rows.iter().map(|row| row.left).sum(),
            held: rows.iter().map(|row| row.held).sum(),
        }
    }

    fn total(self) -> usize {
        self.done + self.left
    }

    /// `part` of the whole in hundredths, rounded down, so that only all of it is 100; a
    /// migration without sites is complete.
    fn percent(self) -> usize {
        (self.done * 100).checked_div(self.total()).unwrap_or(100)
    }

    /// How many of `width` cells are full: none only where nothing is done, and all only where
    /// everything is.
    fn cells(self, width: usize) -> usize {
        match (self.done, self.left) {
            (_, 0) => width,
            (0, _) => 0,
            (done, _) => (done * width / self.total()).clamp(1, width.saturating_sub(1).max(1)),
        }
    }
}
