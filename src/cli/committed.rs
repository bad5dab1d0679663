//! What a commit holds, proven where it is not what is on the disk.
//!
//! With `--allow-dirty`, uncommitted changes stay out of the commit, and a plan that is right for the
//! files with them can be wrong without them: an import goes that a line of `HEAD` needs.

use super::failure;
use super::session::Session;
use super::taking_back::lost;
use crate::fs::overlay::Overlay;
use crate::run::Suggestions;
use crate::run::prove::Reading;
use crate::run::taken_back::still_works;
use crate::transaction::{Checks, Uncommitted, Workbench};

/// What is wrong with the texts that are to be committed, a line each.
type Proof<'a> = dyn Fn(&Uncommitted) -> anyhow::Result<Vec<String>> + 'a;

/// Checks, and a proof of what is committed.
pub struct Committed<'a> {
    checks: &'a mut dyn Checks,
    proof: &'a Proof<'a>,
}

impl<'a> Committed<'a> {
    /// `checks`, and `proof` before them.
    pub fn new(checks: &'a mut dyn Checks, proof: &'a Proof<'a>) -> Self {
        Self { checks, proof }
    }
}

impl Checks for Committed<'_> {
    fn uncommitted(&mut self, commit: &Uncommitted) -> Result<(), String> {
        match (self.proof)(commit) {
            Ok(problems) if problems.is_empty() => Ok(()),
            Ok(problems) => Err(problems.join("\n")),
            Err(error) => Err(failure::sentence(&error)),
        }
    }

    fn before(&mut self) -> Result<(), String> {
        self.checks.before()
    }

    fn after(&mut self) -> Result<(), String> {
        self.checks.after()
    }
}

/// What is wrong with what an apply of the tier at `index` would commit: it is proven where it is
/// what a plan makes of the files as `HEAD` has them.
///
/// # Errors
/// There is no such plan.
pub fn of_apply(
    session: &Session<'_>,
    index: usize,
    commit: &Uncommitted,
) -> anyhow::Result<Vec<String>> {
    let tree = session.tree();
    let tree = Overlay::new(&tree, commit.before.iter().cloned());
    let plan = session.plan_over(&tree, Suggestions::LeftOut, Reading::Whole)?;
    let mut problems = Vec::new();
    for change in &commit.changes {
        let path = &change.path;
        let is_mine = |tier: Option<usize>| tier == Some(index);
        if let Some(unproven) = plan.unproven.iter().find(|file| file.path == *path) {
            problems.push(format!("{path}: {}", unproven.message));
            continue;
        }
        let planned = plan.files.iter().find(|file| is_mine(file.tier) && file.path() == path);
        let wanted = planned.map_or(&change.old, |file| &file.new);
        if *wanted != change.new {
            problems
                .push(format!("{path}: the tier makes something else of it as it is without them"));
        }
    }
    Ok(problems)
}

/// What is wrong with what a rollback would commit: names that `HEAD` uses and that would have no
/// value any more, but for those that had none in the commit `before`.
///
/// # Errors
/// The project's files cannot be read.
pub fn of_rollback(
    session: &Session<'_>,
    bench: &Workbench<'_>,
    before: Option<&str>,
    commit: &Uncommitted,
) -> anyhow::Result<Vec<String>> {
    let tree = session.tree();
    let tree = Overlay::new(&tree, commit.before.iter().cloned());
    let mut problems = Vec::new();
    for change in &commit.changes {
        if let Err(why) = still_works(&change.path, &change.old, &change.new) {
            problems.push(format!("{}: would not work any more: {why}", change.path));
        }
    }
    let lost = lost(session, bench, before, &tree, &commit.changes)?;
    problems.extend(lost.iter().map(ToString::to_string));
    Ok(problems)
}
