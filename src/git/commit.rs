//! Commits of some paths and of no others.
//!
//! What `git commit --only` does, with the index that is committed in our own folder. With `--only`,
//! a git that is killed leaves `.git/index.lock` behind, and nobody can tell whose it is; and a hook
//! that changes what is committed leaves the real index behind `HEAD`. Here the real index is not
//! touched until the commit stands.

use std::collections::BTreeMap;
use std::path::Path;

use crate::fs::ProjectPath;

use super::entries::{records, unknown};
use super::index::record;
use super::process::Started;
use super::repository::Git;
use super::{Entry, GitError, RepoPath, Staged};

/// One file of a commit against its first parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The path.
    pub path: RepoPath,
    /// Before; `None` where the commit adds the file.
    pub before: Option<Entry>,
    /// After; `None` where the commit removes the file.
    pub after: Option<Entry>,
}

/// Files that were moved: from where, and to where.
pub type Moves = BTreeMap<RepoPath, RepoPath>;

/// A commit about to be made.
#[derive(Debug, Clone, Copy)]
pub struct CommitCall<'a> {
    /// The index that is committed.
    pub index: &'a Path,
    /// The file with the message.
    pub message: &'a Path,
    /// Takes the place of the last commit, whose hooks have run.
    pub amend: bool,
}

impl Git<'_> {
    /// Makes an index at `index` of `head` and `entries`, each with the content of its blob.
    ///
    /// # Errors
    /// Git or the disk fails.
    pub fn prepare_index(
        &self,
        index: &Path,
        head: &str,
        entries: &[(RepoPath, Entry, &[u8])],
        started: Started<'_>,
    ) -> Result<(), GitError> {
        // Begun from the real index, whose record of times spares git reading every file.
        self.copy_index(index)?;
        let read = self.changes(["read-tree", "--reset", head]).set("GIT_INDEX_FILE", index);
        self.change(&read, started)?;
        let names: Vec<u8> =
            entries.iter().flat_map(|(path, ..)| [path.as_bytes(), b"\0"].concat()).collect();
        let add = self.changes(["update-index", "-z", "--stdin"]).feed(names);
        self.change(&add.set("GIT_INDEX_FILE", index), started)?;
        // A file may differ from what is to be committed, as it has uncommitted edits beside ours;
        // and of one that is marked as unchanged, git did not look at the file.
        let paths: Vec<RepoPath> = entries.iter().map(|(path, ..)| path.clone()).collect();
        let added = self.index_entries(index, &paths)?;
        let mut input = Vec::new();
        for (path, entry, content) in entries {
            if added.get(path) != Some(&Staged::Entry(entry.clone())) {
                self.store(content, started)?;
                input.extend(record(path, entry));
            }
        }
        if !input.is_empty() {
            let set = self.changes(["update-index", "-z", "--index-info"]).feed(input);
            self.change(&set.set("GIT_INDEX_FILE", index), started)?;
        }
        Ok(())
    }

    /// Commits.
    ///
    /// # Errors
    /// Git refuses, or a hook does; what they said is in the error. `HEAD` is as before then.
    pub fn commit(&self, commit: &CommitCall<'_>, started: Started<'_>) -> Result<(), GitError> {
        // On the disk before the journal is forgotten.
        let mut call = self.changes(["-c", "core.fsync=all", "commit", "--quiet"]);
        call = call.with(["--cleanup=whitespace", "--file"]).with([commit.message]);
        if commit.amend {
            call = call.with(["--amend", "--no-verify", "--no-post-rewrite"]);
        }
        let call = call.set("GIT_INDEX_FILE", commit.index);
        self.change(&call, started).map(drop)
    }

    /// Moves `HEAD`, with the branch that it is on, from the commit `from` to `to`. The index and the
    /// files stay as they are.
    ///
    /// # Errors
    /// `HEAD` is not at `from` any more, or git fails.
    pub fn move_head(&self, from: &str, to: &str, started: Started<'_>) -> Result<(), GitError> {
        let call =
            self.changes(["-c", "core.fsync=all", "update-ref", "-m", "tiermod: taken back"]);
        self.change(&call.with(["HEAD", to, from]), started).map(drop)
    }

    /// What `commit` changed against its first parent; everything where it has none.
    ///
    /// # Errors
    /// Git fails.
    pub fn changed(&self, commit: &str) -> Result<Vec<Changed>, GitError> {
        let call =
            self.reads(["diff-tree", "-r", "-z", "--root", "--no-renames", "--no-commit-id"]);
        let output = self.run(&call.with(["-m", "--first-parent", commit]))?;
        let fields: Vec<&[u8]> = records(&output).collect();
        let mut changed = Vec::new();
        for pair in fields.chunks(2) {
            // :OLD-MODE NEW-MODE OLD-ID NEW-ID STATUS, then the path
            let [head, path] = pair else { return Err(unknown("diff-tree", &pair.concat())) };
            let text = String::from_utf8_lossy(head).into_owned();
            let words: Vec<&str> = text.trim_start_matches(':').split(' ').collect();
            let [old_mode, new_mode, old_id, new_id, _] = words.as_slice() else {
                return Err(unknown("diff-tree", head));
            };
            let entry = |mode: &str, id: &str| match u32::from_str_radix(mode, 8) {
                Ok(0) => Ok(None),
                Ok(mode) => Ok(Some(Entry { mode, id: id.to_owned() })),
                Err(_) => Err(unknown("diff-tree", head)),
            };
            changed.push(Changed {
                path: RepoPath(path.to_vec()),
                before: entry(old_mode, old_id)?,
                after: entry(new_mode, new_id)?,
            });
        }
        Ok(changed)
    }

    /// The file at `path` in `commit` as the project has it: it is in its folder, or was moved there
    /// since. `moved` is as for [`moved_here`](Self::moved_here).
    ///
    /// # Errors
    /// Git fails.
    pub fn in_project(
        &self,
        commit: &str,
        path: &RepoPath,
        moved: &mut Option<Moves>,
    ) -> Result<Option<ProjectPath>, GitError> {
        match self.project_path(path) {
            Some(path) => Ok(Some(path)),
            None => self.moved_here(commit, path, moved),
        }
    }

    /// Where the file at `path` in `commit` is in the project, where it was moved since. `moved` is
    /// worked out by the first call that is about `commit`.
    ///
    /// # Errors
    /// Git fails.
    pub fn moved_here(
        &self,
        commit: &str,
        path: &RepoPath,
        moved: &mut Option<Moves>,
    ) -> Result<Option<ProjectPath>, GitError> {
        let known = match moved {
            Some(known) => known,
            None => moved.insert(self.moved_since(commit)?),
        };
        Ok(known.get(path).and_then(|to| self.project_path(to)))
    }

    /// Where files of `commit` are in `HEAD`, for those that were moved since.
    fn moved_since(&self, commit: &str) -> Result<Moves, GitError> {
        let call = self.reads(["diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status"]);
        let output = self.run(&call.with([commit, "HEAD"]))?;
        let fields: Vec<&[u8]> = records(&output).collect();
        let moves = fields.chunks(3).filter_map(|fields| match fields {
            [_, from, to] => Some((RepoPath(from.to_vec()), RepoPath(to.to_vec()))),
            _ => None,
        });
        Ok(moves.collect())
    }
}
