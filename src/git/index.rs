//! The real index, changed for some paths and for no others.
//!
//! It is changed as git changes it: a lock file that only one process can make, a new index beside
//! it, a rename. The lock file says that it is ours, so that one left by a killed run is
//! recognised and removed.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::fs::{remove_if_there, write_new};

use super::process::Started;
use super::repository::{Git, io_error};
use super::{Entry, GitError, RepoPath, Staged};

/// What stands in a lock file of ours.
const OURS: &[u8] = b"tiermod holds this lock\n";

/// How often, and how many times, a lock of somebody else's is tried.
const PAUSE: Duration = Duration::from_millis(20);
const TRIES: u32 = 500;

/// How many times before anything is begun: whoever waits then has lost nothing yet.
const FIRST_TRIES: u32 = 100;

/// One entry of the index that is to become another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexUpdate {
    /// The path.
    pub path: RepoPath,
    /// What it must be now; anything else is somebody's work and stays.
    pub before: Option<Entry>,
    /// What it becomes.
    pub after: Entry,
}

impl Git<'_> {
    /// Makes `updates` in the real index, with everything else in it kept. `store` is a folder for
    /// files on the way, on the same disk. The paths whose entries were left as they are, because
    /// they are neither what was expected nor what is wanted.
    ///
    /// # Errors
    /// Git or the disk fails, or somebody holds the index for ten seconds; it is as before then.
    pub fn update_index(
        &self,
        store: &Path,
        updates: &[IndexUpdate],
        started: Started<'_>,
    ) -> Result<Vec<RepoPath>, GitError> {
        self.lock_index(store)?;
        let result = self.update_locked(store, updates, started);
        let released = self.release_index(store);
        result.and_then(|left| released.map(|()| left))
    }

    /// Waits for whoever changes the index, so that nothing is begun that cannot be ended.
    ///
    /// # Errors
    /// Somebody holds the index for two seconds.
    pub fn wait_for_index(&self) -> Result<(), GitError> {
        let lock = self.index_lock();
        for _ in 0..FIRST_TRIES {
            if self.fs.node(&lock).map_err(|source| io_error(&lock, source))?.is_none() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        Err(GitError::IndexLocked { path: lock.display().to_string() })
    }

    /// Removes what a run that was killed left of [`update_index`](Self::update_index).
    ///
    /// # Errors
    /// The disk refuses.
    pub fn release_index(&self, store: &Path) -> Result<(), GitError> {
        let lock = self.index_lock();
        match self.fs.read(&lock) {
            Ok(content) if content == OURS => self.remove(&lock)?,
            _ => {}
        }
        for name in ["index-lock", "index-next", "index-next.lock"] {
            self.remove(&store.join(name))?;
        }
        Ok(())
    }

    /// The index of this working tree.
    pub fn index(&self) -> &Path {
        &self.index
    }

    fn index_lock(&self) -> PathBuf {
        let mut name = self.index.clone().into_os_string();
        name.push(".lock");
        name.into()
    }

    fn lock_index(&self, store: &Path) -> Result<(), GitError> {
        let (lock, mark) = (self.index_lock(), store.join("index-lock"));
        self.remove(&mark)?;
        write_new(self.fs, &mark, OURS).map_err(|source| io_error(&mark, source))?;
        for _ in 0..TRIES {
            // A link appears with its content, or not at all.
            match self.fs.link(&mark, &lock) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => thread::sleep(PAUSE),
                Err(source) => {
                    self.remove(&mark)?;
                    return Err(io_error(&lock, source));
                }
            }
        }
        self.remove(&mark)?;
        Err(GitError::IndexLocked { path: lock.display().to_string() })
    }

    fn update_locked(
        &self,
        store: &Path,
        updates: &[IndexUpdate],
        started: Started<'_>,
    ) -> Result<Vec<RepoPath>, GitError> {
        let paths: Vec<RepoPath> = updates.iter().map(|update| update.path.clone()).collect();
        let now = self.index_entries(&self.index, &paths)?;
        let (mut input, mut left) = (Vec::new(), Vec::new());
        for update in updates {
            let is = match now.get(&update.path) {
                Some(Staged::Entry(entry)) => Some(entry.clone()),
                Some(Staged::Unmerged) => {
                    left.push(update.path.clone());
                    continue;
                }
                None => None,
            };
            if is.as_ref() == Some(&update.after) {
                continue;
            }
            if is == update.before {
                input.extend(record(&update.path, &update.after));
            } else {
                left.push(update.path.clone());
            }
        }
        if input.is_empty() {
            return Ok(left);
        }
        let flagged = self.flagged(&paths)?;
        let next = store.join("index-next");
        self.copy_index(&next)?;
        let write = self.changes(["update-index", "-z", "--index-info"]).feed(input);
        self.change(&write.set("GIT_INDEX_FILE", &next), started)?;
        // Files that differ from the index make it end with an error, which is none here.
        let refresh = self.changes(["update-index", "-q", "--refresh"]);
        let refresh = refresh.set("GIT_INDEX_FILE", &next);
        self.processes.run_announced(&refresh, started).map_err(GitError::Start)?;
        // An entry that is set loses what the user said of it.
        for (flag, paths) in flagged.iter().filter(|(_, paths)| !paths.is_empty()) {
            let again = self.changes(["update-index", *flag, "-z", "--stdin"]).feed(paths.clone());
            self.change(&again.set("GIT_INDEX_FILE", &next), started)?;
        }
        let at = |source| io_error(&next, source);
        self.fs.sync_file(&next).map_err(at)?;
        self.fs.rename(&next, &self.index).map_err(at)?;
        if let Some(folder) = self.index.parent() {
            self.fs.sync_folder(folder).map_err(|source| io_error(folder, source))?;
        }
        Ok(left)
    }

    /// The options of `update-index` that hide edits of some of `paths`, with those paths.
    fn flagged(&self, paths: &[RepoPath]) -> Result<[(&'static str, Vec<u8>); 2], GitError> {
        let mut flagged = [("--assume-unchanged", Vec::new()), ("--skip-worktree", Vec::new())];
        for (tag, path) in self.index_tags(paths)? {
            let says = [tag.is_ascii_lowercase(), tag.eq_ignore_ascii_case(&b'S')];
            for ((_, list), says) in flagged.iter_mut().zip(says) {
                if says {
                    list.extend([path.as_bytes(), b"\0"].concat());
                }
            }
        }
        Ok(flagged)
    }

    /// Copies the real index to `to`, with its permissions; nothing where there is none.
    pub(super) fn copy_index(&self, to: &Path) -> Result<(), GitError> {
        self.remove(to)?;
        let bytes = match self.fs.read(&self.index) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(io_error(&self.index, source)),
        };
        let at = |source| io_error(to, source);
        self.fs.create_file(to).map_err(at)?;
        self.fs.append(to, &bytes).map_err(at)?;
        self.fs.copy_mode(&self.index, to).map_err(at)
    }

    pub(super) fn remove(&self, path: &Path) -> Result<(), GitError> {
        remove_if_there(self.fs, path).map(drop).map_err(|source| io_error(path, source))
    }
}

/// One record of `update-index --index-info`.
pub(super) fn record(path: &RepoPath, entry: &Entry) -> Vec<u8> {
    let mut record = format!("{:06o} {} 0\t", entry.mode, entry.id).into_bytes();
    record.extend_from_slice(path.as_bytes());
    record.push(0);
    record
}
