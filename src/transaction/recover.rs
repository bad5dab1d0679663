//! What an interrupted run left, dealt with before anything else happens.

use std::thread;
use std::time::Duration;

use super::commit::{find_commit, settle};
use super::error::{SetAside, TransactionError};
use super::journal::{CommittedFile, Journal, Kind, Progress};
use super::keep::file_away;
use super::put_back::{Foreign, put_back};
use super::workbench::{Patience, Workbench};
use super::write::forget;

/// How often the end of git's process is looked for.
const PAUSE: Duration = Duration::from_millis(20);

/// What was found, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The tier of the interrupted run.
    pub tier: String,
    /// What the run was for.
    pub kind: Kind,
    /// What became of it.
    pub end: End,
}

/// The end of an interrupted run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The tree is as before the run; what somebody wrote since over our lines is set aside.
    Undone(Vec<SetAside>),
    /// Its commit stands, or its record does.
    Finished(String),
}

pub(super) fn recover(
    bench: &Workbench<'_>,
    patience: Patience,
) -> Result<Option<Recovery>, TransactionError> {
    let Some(mut journal) = Journal::load(bench.fs, &bench.store)? else {
        if let Some(git) = &bench.git {
            git.release_index(&bench.store)?;
        }
        return Ok(None);
    };
    wait_for_git(bench, &journal, patience)?;
    if let Some(git) = &bench.git {
        git.release_index(&bench.store)?;
    }
    let end = match journal.progress.clone() {
        Progress::Kept => End::Finished(file_away(bench, &journal)?),
        Progress::Begun | Progress::Written => {
            End::Undone(put_back(bench, &journal, Foreign::Keep)?)
        }
        Progress::Committing(files) => finish_commit(bench, &mut journal, &files)?,
    };
    let (tier, kind) = (journal.header.tier.clone(), journal.header.kind);
    Ok(Some(Recovery { tier, kind, end }))
}

/// Waits for a git of the interrupted run that goes on without it.
fn wait_for_git(
    bench: &Workbench<'_>,
    journal: &Journal,
    patience: Patience,
) -> Result<(), TransactionError> {
    let Some(process) = &journal.process else { return Ok(()) };
    let still_runs = || {
        bench.processes.is_alive(process.id)
            && (process.started.is_none() || bench.process_start(process.id) == process.started)
    };
    while still_runs() {
        if patience == Patience::Fail || bench.stop.is_raised() {
            return Err(TransactionError::StillCommitting(process.id));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn finish_commit(
    bench: &Workbench<'_>,
    journal: &mut Journal,
    files: &[CommittedFile],
) -> Result<End, TransactionError> {
    let commit = match &bench.git {
        Some(git) => find_commit(git, &journal.header)?,
        None => None,
    };
    let Some(commit) = commit else {
        // What differs from ours now is a hook's doing, or somebody's since: none of it is lost.
        return Ok(End::Undone(put_back(bench, journal, Foreign::SetAside)?));
    };
    settle(bench, journal, files, &commit)?;
    forget(bench, journal)?;
    Ok(End::Finished(commit))
}
