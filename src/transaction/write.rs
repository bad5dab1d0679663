//! New contents to their places, all of them or none.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::check::{Checked, Target};
use super::commit::Written;
use super::error::{Failure, TransactionError, TreeIs};
use super::journal::{Journal, Progress};
use super::put_back::{
    Foreign, draft_place, folders, old_folder, old_place, overwrite, put_back, remove, write_draft,
};
use super::workbench::Workbench;

impl<'r> Checked<'r> {
    /// Writes all files. On the disk when the call returns.
    ///
    /// # Errors
    /// A file cannot be written, or somebody changed one meanwhile; the tree is put back.
    pub fn write(self) -> Result<Written<'r>, Failure> {
        let bench = self.ready.bench;
        let files = self.journal_files();
        let mut journal = Journal::create(bench.fs, &bench.store, self.header, files)
            .map_err(TransactionError::from)?;
        match write_all(bench, &mut journal, &self.targets) {
            Ok(()) => Ok(Written {
                bench,
                journal,
                message: self.message,
                targets: self.targets,
                committed: self.committed,
                finish: self.finish,
            }),
            Err(why) => Err(undone(bench, &journal, why)),
        }
    }
}

/// Puts the tree back because of `why`.
pub(super) fn undone(bench: &Workbench<'_>, journal: &Journal, why: TransactionError) -> Failure {
    let tree = match put_back(bench, journal, Foreign::SetAside) {
        Ok(set_aside) => TreeIs::Back(set_aside),
        Err(error) => TreeIs::Unfinished(Box::new(error)),
    };
    Failure { why, tree }
}

fn write_all(
    bench: &Workbench<'_>,
    journal: &mut Journal,
    targets: &[Target],
) -> Result<(), TransactionError> {
    let fs = bench.fs;
    for (n, target) in targets.iter().enumerate().filter(|(_, target)| !target.in_place) {
        go_on(bench)?;
        let place = &target.file.place;
        let draft = draft_place(place, &journal.header.id, n);
        write_draft(fs, &draft, &target.new, place).map_err(at(place))?;
    }
    let old = old_folder(bench);
    fs.create_folder(&old).map_err(at(&old))?;
    fs.sync_folder(&bench.store).map_err(at(&bench.store))?;
    for (n, target) in targets.iter().enumerate().filter(|(_, target)| !target.in_place) {
        match fs.link(&target.file.place, &old_place(bench, n)) {
            Err(error) if !is_no_link(&error) => return Err(at(&target.file.place)(error)),
            _ => {}
        }
    }
    for (n, target) in targets.iter().enumerate() {
        go_on(bench)?;
        let place = &target.file.place;
        let now = fs.read(place).map_err(at(place))?;
        // Another name of a file that was written in place shows the new content already.
        if now != target.old && !(target.in_place && now == target.new) {
            return Err(TransactionError::ChangedMeanwhile(target.file.path.clone()));
        }
        if target.in_place && now == target.new {
            continue;
        }
        if target.in_place {
            overwrite(fs, place, &target.new).map_err(at(place))?;
        } else {
            let draft = draft_place(place, &journal.header.id, n);
            fs.rename(&draft, place).map_err(at(place))?;
        }
    }
    for folder in folders(bench, journal) {
        fs.sync_folder(&folder).map_err(at(&folder))?;
    }
    journal.note(fs, Progress::Written)?;
    Ok(())
}

/// Another disk, or one without links, or somebody else's file: the journal has the content too.
fn is_no_link(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::CrossesDevices
            | ErrorKind::Unsupported
            | ErrorKind::TooManyLinks
            | ErrorKind::PermissionDenied
    )
}

fn go_on(bench: &Workbench<'_>) -> Result<(), TransactionError> {
    if bench.stop.is_raised() { Err(TransactionError::Interrupted) } else { Ok(()) }
}

fn at(path: &Path) -> impl Fn(io::Error) -> TransactionError {
    |error| TransactionError::disk(path, error)
}

/// Ends a transaction that stands: removes what it kept beside the journal, and then the journal.
pub(super) fn forget(bench: &Workbench<'_>, journal: &Journal) -> Result<(), TransactionError> {
    super::put_back::clear(bench, journal)?;
    remove(bench, &journal.place)?;
    let synced = bench.fs.sync_folder(&bench.store);
    synced.map_err(|error| TransactionError::disk(&bench.store, error))
}
