//! One transaction from its checks to its end, with what has to hold before and after.

use super::check::Request;
use super::commit::Done;
use super::error::{Failure, TransactionError};
use super::uncommitted::Uncommitted;
use super::workbench::Ready;

/// What has to hold for a tier to stand: gates, in short.
pub trait Checks {
    /// Runs before anything else where the commit is to hold other contents than the disk.
    ///
    /// # Errors
    /// What is wrong with them, as a person should read it. Nothing is written then.
    fn uncommitted(&mut self, _commit: &Uncommitted) -> Result<(), String> {
        Ok(())
    }

    /// Runs before anything is written: for what needs a figure to compare with.
    ///
    /// # Errors
    /// What failed, as a person should read it. Nothing is written then.
    fn before(&mut self) -> Result<(), String>;

    /// Runs when everything is written and nothing committed.
    ///
    /// # Errors
    /// What failed, as a person should read it. The tree is put back then.
    fn after(&mut self) -> Result<(), String>;
}

/// Nothing has to hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoChecks;

impl Checks for NoChecks {
    fn before(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn after(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing to change.
    Nothing,
    /// It stands.
    Done(Done),
}

/// Carries `request` out, or leaves the tree as it was.
///
/// # Errors
/// Why it does not stand, and what became of the tree.
pub fn apply(
    ready: &Ready<'_>,
    request: Request,
    checks: &mut dyn Checks,
) -> Result<Outcome, Failure> {
    let checked = ready.check(request)?;
    if checked.targets.is_empty() {
        return Ok(Outcome::Nothing);
    }
    if let Some(commit) = checked.uncommitted()? {
        checks.uncommitted(&commit).map_err(TransactionError::Unproven)?;
    }
    checks.before().map_err(TransactionError::Check)?;
    let written = checked.write()?;
    if let Err(said) = checks.after() {
        return Err(written.undo(TransactionError::Check(said)));
    }
    written.finish().map(Outcome::Done)
}
