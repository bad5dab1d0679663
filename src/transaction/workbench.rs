//! Where transactions happen: the project, its repository, the lock.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::fs::{FileSystem, Lock, TryLock, create_folders};
use crate::git::{Git, Processes, RepoPath};
use crate::patch::{Change, FilePatch, ObjectFormat};

use super::bytes::Bytes;
use super::error::TransactionError;
use super::interrupt::Interrupt;
use super::journal::{Journal, Kind};
use super::recover::{Recovery, recover};

/// How often a held lock is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// A project and what is needed to change it.
pub struct Workbench<'a> {
    pub(super) fs: &'a dyn FileSystem,
    pub(super) processes: &'a dyn Processes,
    pub(super) git: Option<Git<'a>>,
    pub(super) root: PathBuf,
    pub(super) store: PathBuf,
    pub(super) stop: Interrupt,
}

/// Who holds the lock, for whoever else wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub process: u32,
    /// The machine.
    pub host: String,
    /// Since when, as the caller's clock has it.
    pub since: String,
    /// The command line.
    pub command: String,
}

/// What to do while another run is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Say who it is.
    Fail,
    /// Wait for it to end.
    Wait,
}

/// The lock is ours; an interrupted run may still have to be dealt with.
pub struct Locked<'w> {
    bench: &'w Workbench<'w>,
    lock: Box<dyn Lock>,
}

/// The lock is ours and no run is unfinished.
pub struct Ready<'w> {
    pub(super) bench: &'w Workbench<'w>,
    _lock: Box<dyn Lock>,
}

impl<'a> Workbench<'a> {
    /// The project in `root`.
    ///
    /// # Errors
    /// The folder is not there, or git refuses to work in it.
    pub fn open(
        fs: &'a dyn FileSystem,
        processes: &'a dyn Processes,
        root: &Path,
        stop: Interrupt,
    ) -> Result<Self, TransactionError> {
        let root = fs.real_path(root).map_err(|source| TransactionError::disk(root, source))?;
        let git = Git::discover(fs, processes, &root)?;
        let store = match &git {
            Some(git) => git.git_dir().join("tiermod"),
            None => root.join(".codemod"),
        };
        Ok(Self { fs, processes, git, root, store, stop })
    }

    /// The repository, where there is one.
    pub fn git(&self) -> Option<&Git<'a>> {
        self.git.as_ref()
    }

    /// The project's folder, without links in its path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for the lock, the journal and what else belongs to this working tree alone.
    pub fn store(&self) -> &Path {
        &self.store
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// Another run has it and `patience` does not wait, or the wait is interrupted.
    pub fn lock(
        &self,
        holder: &Holder,
        patience: Patience,
    ) -> Result<Locked<'_>, TransactionError> {
        let disk = |path: &Path| {
            let path = path.to_path_buf();
            move |source| TransactionError::disk(&path, source)
        };
        create_folders(self.fs, &self.store).map_err(disk(&self.store))?;
        if let Some(above) = self.store.parent() {
            self.fs.sync_folder(above).map_err(disk(above))?;
        }
        let place = self.store.join("lock");
        let text = format!(
            "process {} on {}, since {}: {}\n",
            holder.process, holder.host, holder.since, holder.command
        );
        loop {
            let tried = self.fs.try_lock(&place, text.as_bytes()).map_err(disk(&place))?;
            match tried {
                TryLock::Acquired(lock) => return Ok(Locked { bench: self, lock }),
                TryLock::Held(_) if patience == Patience::Wait && !self.stop.is_raised() => {
                    thread::sleep(PAUSE);
                }
                TryLock::Held(_) if patience == Patience::Wait => {
                    return Err(TransactionError::Interrupted);
                }
                TryLock::Held(text) => {
                    let text = String::from_utf8_lossy(&text);
                    let holder = match text.trim() {
                        "" => "it has just begun".to_owned(),
                        text => text.to_owned(),
                    };
                    return Err(TransactionError::Held {
                        lock: place.display().to_string(),
                        holder,
                    });
                }
            }
        }
    }

    /// The patch of `changes`, in the form that git stores and with paths from the top of the
    /// working tree; without git, as the disk has them.
    ///
    /// # Errors
    /// Git fails, or a file cannot be looked at.
    pub fn patches(&self, changes: &[Change]) -> Result<Vec<FilePatch>, TransactionError> {
        let mut patches = Vec::with_capacity(changes.len());
        if let Some(git) = &self.git {
            let paths: Vec<RepoPath> =
                changes.iter().map(|change| git.repo_path(&change.path)).collect();
            let entries = git.index_entries(git.index(), &paths)?;
            let side = |content: fn(&Change) -> &[u8]| {
                let files: Vec<(RepoPath, &[u8])> =
                    paths.iter().cloned().zip(changes.iter().map(content)).collect();
                git.stored(&files)
            };
            let (old, new) = (side(|change| &change.old)?, side(|change| &change.new)?);
            for (((change, path), old), new) in changes.iter().zip(paths).zip(old).zip(new) {
                let mode = match entries.get(&path) {
                    Some(crate::git::Staged::Entry(entry)) => entry.mode,
                    _ => self.mode_on_disk(change)?,
                };
                let notes = change.notes.clone();
                let path = path.as_bytes().to_vec();
                patches.push(FilePatch { path, old: old.bytes, new: new.bytes, mode, notes });
            }
        } else {
            for change in changes {
                patches.push(FilePatch {
                    path: Bytes::of_path(&change.path).to_vec().unwrap_or_default(),
                    old: change.old.clone(),
                    new: change.new.clone(),
                    mode: self.mode_on_disk(change)?,
                    notes: change.notes.clone(),
                });
            }
        }
        Ok(patches)
    }

    /// What an interrupted run was for and its tier, where one waits for the next start. For
    /// commands that change nothing and do not recover it.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn unfinished(&self) -> Result<Option<(Kind, String)>, TransactionError> {
        let place = self.store.join("journal");
        match self.fs.node(&place) {
            Ok(None) => Ok(None),
            Ok(Some(_)) => {
                let header = Journal::read(self.fs, &place)?.header;
                Ok(Some((header.kind, header.tier)))
            }
            Err(error) => Err(TransactionError::disk(&place, error)),
        }
    }

    /// How a patch names objects here.
    pub fn object_format(&self) -> ObjectFormat {
        self.git.as_ref().map(Git::format).unwrap_or_default()
    }

    fn mode_on_disk(&self, change: &Change) -> Result<u32, TransactionError> {
        let place = change.path.under(&self.root);
        let node = self.fs.node(&place).map_err(|source| TransactionError::disk(&place, source))?;
        let runs = node.is_some_and(|node| node.mode & 0o100 != 0);
        Ok(if runs { 0o100_755 } else { 0o100_644 })
    }

    /// The start of a process that runs, where the system says it: a later process of the same id
    /// differs.
    pub(super) fn process_start(&self, id: u32) -> Option<String> {
        let bytes = self.fs.read(Path::new(&format!("/proc/{id}/stat"))).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        // The name in the second field may hold anything, but not in the last of its brackets.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let (state, start) = (fields.first()?, fields.get(19)?);
        // One that has ended and waits for somebody to notice does nothing any more.
        (!["Z", "X"].contains(state)).then(|| (*start).to_owned())
    }
}

impl<'w> Locked<'w> {
    /// Undoes what an interrupted run left, or finishes it where its commit stands.
    ///
    /// # Errors
    /// The journal is damaged, or the disk refuses; the next start tries again.
    pub fn recover(
        self,
        patience: Patience,
    ) -> Result<(Ready<'w>, Option<Recovery>), TransactionError> {
        let recovery = recover(self.bench, patience)?;
        Ok((Ready { bench: self.bench, _lock: self.lock }, recovery))
    }
}

impl Ready<'_> {
    /// The project.
    pub fn bench(&self) -> &Workbench<'_> {
        self.bench
    }
}

pub(super) fn not_found(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
