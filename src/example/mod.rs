//! The examples of a transform, run: each is a tiny project in memory.
//!
//! Touches no disk. An example passes when every file becomes what it says, byte for byte, and
//! the sites that are held are held for the reasons that it gives.

use std::collections::BTreeMap;

use crate::fs::{MemoryTree, ProjectPath};
use crate::run::prove::Reading;
use crate::run::{self, OneTier, Request, RunError, Suggestions};
use crate::site::{Reason, Verdict};
use crate::transform::{Example, Transform};

/// What became of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The files that changed, as they are now.
    pub changed: BTreeMap<ProjectPath, String>,
    /// The files that are not what the example says.
    pub wrong: Vec<WrongFile>,
    /// Reasons for which sites were held and which the example does not give.
    pub unexpected: Vec<Reason>,
    /// Reasons that the example gives and for which nothing was held or kept.
    pub missing: Vec<Reason>,
    /// Files whose result was not proven, and why.
    pub unproven: Vec<(ProjectPath, String)>,
}

/// A file that is not what the example says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongFile {
    /// The file.
    pub path: ProjectPath,
    /// As the example says.
    pub expected: String,
    /// As it is.
    pub actual: String,
}

impl Outcome {
    /// Everything is as the example says.
    pub fn passed(&self) -> bool {
        self.wrong.is_empty()
            && self.unexpected.is_empty()
            && self.missing.is_empty()
            && self.unproven.is_empty()
    }
}

/// Runs an example of `transform`.
///
/// # Errors
/// The transform does not fit the example's project.
pub fn run(transform: &Transform, example: &Example) -> Result<Outcome, RunError> {
    let files = example.before.iter().map(|(path, text)| (path.as_path(), text.as_bytes()));
    let tree = MemoryTree::new(files);
    let request = Request {
        tree: &tree,
        tiers: &OneTier::default(),
        source_roots: None,
        transforms: std::slice::from_ref(transform),
        strict: false,
        is_excerpt: true,
        threads: 1,
        suggestions: Suggestions::LeftOut,
        reading: Reading::Whole,
    };
    let plan = run::plan(&request)?;
    let changed: BTreeMap<ProjectPath, String> = plan
        .files
        .iter()
        .map(|file| (file.path().clone(), String::from_utf8_lossy(&file.new).into_owned()))
        .collect();
    let wrong = example
        .before
        .iter()
        .filter_map(|(path, before)| {
            let actual = changed.get(path).unwrap_or(before);
            let expected = example.expected(path)?;
            (actual != expected).then(|| WrongFile {
                path: path.clone(),
                expected: expected.to_owned(),
                actual: actual.clone(),
            })
        })
        .collect();
    let reasons = |verdicts: &[Verdict]| {
        let mut found: Vec<Reason> = plan
            .sites
            .iter()
            .filter(|site| verdicts.contains(&site.verdict))
            .map(|site| site.reason)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    let held = reasons(&[Verdict::Review]);
    let not_rewritten = reasons(&[Verdict::Review, Verdict::Keep]);
    Ok(Outcome {
        changed,
        wrong,
        unexpected: held.into_iter().filter(|reason| !example.reasons.contains(reason)).collect(),
        missing: example
            .reasons
            .iter()
            .copied()
            .filter(|reason| !not_rewritten.contains(reason))
            .collect(),
        unproven: plan.unproven.into_iter().map(|file| (file.path, file.message)).collect(),
    })
}
