//! What a commit is to hold where files have uncommitted changes, which it leaves out.
//!
//! The plan was made from the files as they are, and its lines are put into the texts that `HEAD`
//! has: texts that nobody has proven. Here they are worked out as a checkout would give them;
//! whether they are right is for the caller to say, who knows Python.

use crate::fs::ProjectPath;
use crate::fs::tree::is_python;
use crate::git::blob::LineEndings;
use crate::git::{Git, RepoPath};
use crate::patch::Change;

use super::check::{Checked, Planned};
use super::error::TransactionError;

/// A commit of other contents than the disk has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncommitted {
    /// The Python files of the project that have uncommitted changes, as `HEAD` has them.
    pub before: Vec<(ProjectPath, Vec<u8>)>,
    /// The files of the commit: as `HEAD` has them, and as it is to have them.
    pub changes: Vec<Change>,
}

impl Checked<'_> {
    /// What is to be committed, where that is not what is on the disk.
    ///
    /// # Errors
    /// Git fails.
    pub fn uncommitted(&self) -> Result<Option<Uncommitted>, TransactionError> {
        let (Some(git), Some(head)) = (&self.ready.bench.git, &self.header.head) else {
            return Ok(None);
        };
        if self.committed.iter().all(|planned| planned.clean) {
            return Ok(None);
        }
        let mut changes = Vec::new();
        for planned in &self.committed {
            changes.extend(self.change(git, planned)?);
        }
        let mut before: Vec<(ProjectPath, Vec<u8>)> = Vec::new();
        let is_ours = |path: &ProjectPath| changes.iter().any(|change| change.path == *path);
        let differing = git.differing(head)?.into_iter().filter(|path| {
            let path = git.project_path(path);
            path.is_some_and(|path| is_python(path.as_path()) && !is_ours(&path))
        });
        let paths: Vec<RepoPath> = differing.collect();
        let entries = git.tree_entries(head, &paths)?;
        let ids: Vec<String> = entries.values().map(|entry| entry.id.clone()).collect();
        for (path, stored) in entries.keys().zip(git.contents(&ids)?) {
            let text = git.checked_out(path, &stored, LineEndings::AsConfigured)?;
            before.extend(git.project_path(path).map(|path| (path, text)));
        }
        before.extend(changes.iter().map(|change| (change.path.clone(), change.old.clone())));
        Ok(Some(Uncommitted { before, changes }))
    }

    fn change(&self, git: &Git<'_>, planned: &Planned) -> Result<Option<Change>, TransactionError> {
        let Some(target) = self.targets.get(planned.target) else { return Ok(None) };
        let (path, notes) = (target.file.path.clone(), Vec::new());
        if planned.clean {
            let (old, new) = (target.old.clone(), target.new.clone());
            return Ok(Some(Change { path, old, new, notes }));
        }
        let text =
            |stored: &[u8]| git.checked_out(&planned.path, stored, LineEndings::AsConfigured);
        let (old, new) = (text(&planned.head_bytes)?, text(&planned.commit)?);
        Ok(Some(Change { path, old, new, notes }))
    }
}
