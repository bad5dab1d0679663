//! Every site with its verdict and every edit, of a run.

pub mod verify;
pub mod file;

use std::sync::Arc;

use crate::config::Problem;
use crate::fs::ProjectPath;
use crate::isolation::Finding;
use crate::project::{Failure, Source};
use crate::site::{Site, Verdict};

pub use file::FilePlan;

/// What a run found and would change.
#[derive(Debug, Default)]
pub struct Plan {
    /// Every site, by path and position.
    pub sites: Vec<Site>,
    /// The files that change, by path.
    pub files: Vec<FilePlan>,
    /// Files whose result was not proven; they are left alone.
    pub unproven: Vec<Unproven>,
    /// Files that mention a target and could not be analysed.
    pub failures: Vec<(ProjectPath, Failure)>,
    /// Every file that was read for the plan, by path; without its text where it has none.
    pub inputs: Vec<(ProjectPath, Option<Arc<Source>>)>,
    /// What audits say, by path and position.
    pub findings: Vec<Finding>,
    /// How many files were searched.
    pub searched: usize,
    /// How many of them were parsed because they mention a target.
    pub parsed: usize,
    /// Remarks for a person.
    pub warnings: Vec<String>,
    /// What is odd about the configuration, given the project's files.
    pub problems: Vec<Problem>,
}

/// A file whose planned result did not stand the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    /// The file.
    pub path: ProjectPath,
    /// Its tier.
    pub tier: Option<usize>,
    /// What is wrong with the result.
    pub message: String,
}

impl Plan {
    /// How many sites have `verdict`.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.sites.iter().filter(|site| site.verdict == verdict).count()
    }

    /// Whether something is left to do or to decide.
    pub fn has_open_sites(&self) -> bool {
        self.sites.iter().any(|site| site.verdict != Verdict::Keep)
    }
}
