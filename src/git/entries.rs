//! What the index and a commit record for paths.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::GitError;
use super::repository::{Git, os};

/// A path as the repository records it, with `/`, from the top of the working tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(pub(crate) Vec<u8>);

impl RepoPath {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// A blob and its mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `0o100644`, `0o100755`, or what else git records.
    pub mode: u32,
    /// The blob's name.
    pub id: String,
}

/// What the index says of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staged {
    /// One entry.
    Entry(Entry),
    /// A merge left more than one.
    Unmerged,
}

/// Paths in one command line; the system's limit is far above.
const CHUNK: usize = 200;

impl Git<'_> {
    /// What the index records for `paths`; those that it does not know are left out.
    ///
    /// # Errors
    /// Git fails.
    pub fn index_entries(
        &self,
        index: &Path,
        paths: &[RepoPath],
    ) -> Result<BTreeMap<RepoPath, Staged>, GitError> {
        let mut entries = BTreeMap::new();
        for chunk in paths.chunks(CHUNK) {
            let call = self.reads(["ls-files", "-s", "-z", "--"]);
            let call = call.with(chunk.iter().map(|path| os(&path.0)));
            let output = self.run(&call.set("GIT_INDEX_FILE", index))?;
            for record in records(&output) {
                // MODE ID STAGE<TAB>PATH
                let (head, path) =
                    split(record, b'\t').ok_or_else(|| unknown("ls-files", record))?;
                let words: Vec<&str> = head.split(' ').collect();
                let [mode, id, stage] = words.as_slice() else {
                    return Err(unknown("ls-files", record));
                };
                let entry = entry("ls-files", mode, id)?;
                let staged = if *stage == "0" { Staged::Entry(entry) } else { Staged::Unmerged };
                entries.insert(path, staged);
            }
        }
        // A path that names a folder lists what is in it.
        entries.retain(|path, _| paths.contains(path));
        Ok(entries)
    }

    /// The letter with which `ls-files -v` marks each of `paths` in the real index: a small one
    /// where the path is assumed unchanged, an `S` where its file is left out of the working tree.
    ///
    /// # Errors
    /// Git fails.
    pub(super) fn index_tags(&self, paths: &[RepoPath]) -> Result<Vec<(u8, RepoPath)>, GitError> {
        let mut tags = Vec::new();
        for chunk in paths.chunks(CHUNK) {
            let call = self.reads(["ls-files", "-v", "-z", "--"]);
            let call = call.with(chunk.iter().map(|path| os(&path.0)));
            for record in records(&self.run(&call.set("GIT_INDEX_FILE", self.index()))?) {
                // TAG<SPACE>PATH
                let [tag, b' ', path @ ..] = record else {
                    return Err(unknown("ls-files", record));
                };
                tags.push((*tag, RepoPath(path.to_vec())));
            }
        }
        tags.retain(|(_, path)| paths.contains(path));
        Ok(tags)
    }

    /// The files that the index or the working tree have otherwise than `commit`. One of which git
    /// has only not looked at the content yet may be among them.
    ///
    /// # Errors
    /// Git fails.
    pub fn differing(&self, commit: &str) -> Result<Vec<RepoPath>, GitError> {
        let call = self.reads(["diff-index", "-z", "--name-only", "--no-renames", commit, "--"]);
        Ok(records(&self.run(&call)?).map(|path| RepoPath(path.to_vec())).collect())
    }

    /// What `commit` records for `paths`; those that it does not have are left out.
    ///
    /// # Errors
    /// Git fails.
    pub fn tree_entries(
        &self,
        commit: &str,
        paths: &[RepoPath],
    ) -> Result<BTreeMap<RepoPath, Entry>, GitError> {
        let mut entries = BTreeMap::new();
        for chunk in paths.chunks(CHUNK) {
            let call = self.reads(["ls-tree", "-z", "--full-tree", commit, "--"]);
            let output = self.run(&call.with(chunk.iter().map(|path| os(&path.0))))?;
            for record in records(&output) {
                // MODE TYPE ID<TAB>PATH
                let (head, path) =
                    split(record, b'\t').ok_or_else(|| unknown("ls-tree", record))?;
                let words: Vec<&str> = head.split(' ').collect();
                let [mode, _, id] = words.as_slice() else {
                    return Err(unknown("ls-tree", record));
                };
                entries.insert(path, entry("ls-tree", mode, id)?);
            }
        }
        Ok(entries)
    }
}

/// The parts of an answer between NULs.
pub(super) fn records(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.split(|byte| *byte == 0).filter(|record| !record.is_empty())
}

fn split(record: &[u8], at: u8) -> Option<(&str, RepoPath)> {
    let position = record.iter().position(|byte| *byte == at)?;
    let (head, path) = record.split_at_checked(position)?;
    Some((str::from_utf8(head).ok()?, RepoPath(path.get(1..)?.to_vec())))
}

fn entry(command: &str, mode: &str, id: &str) -> Result<Entry, GitError> {
    let mode = u32::from_str_radix(mode, 8).map_err(|_| unknown(command, mode.as_bytes()))?;
    Ok(Entry { mode, id: id.to_owned() })
}

pub(super) fn unknown(command: &str, answer: &[u8]) -> GitError {
    GitError::Answer {
        command: command.to_owned(),
        answer: String::from_utf8_lossy(answer).into_owned(),
    }
}
