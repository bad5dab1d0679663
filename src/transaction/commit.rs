//! The commit of what was written, and the index brought up to it.
//!
//! A hook that fails takes the tier back. A hook that fails because it changed our files (as
//! formatters do) is run once more over what it made; one that changes them and succeeds has its
//! version committed. Both are said. One that takes the tier's changes out again, or the lines of
//! the message by which the tier is known, fails it as well.

use std::io;

use crate::fs::{ProjectPath, write_new};
use crate::git::commit::CommitCall;
use crate::git::index::IndexUpdate;
use crate::git::{Git, Head, RepoPath};
use crate::patch::digest;
use crate::patch::lines::{Block, blocks, joined, lines};

use super::check::{Finish, Planned, Target};
use super::error::{Failure, TransactionError};
use super::journal::{CommittedFile, Header, Journal, JournalError, Process, Progress};
use super::keep::file_away;
use super::put_back::remove;
use super::trailer::{self, FileLine, MARK, Message};
use super::workbench::{Workbench, not_found};
use super::write::{forget, undone};

/// All files are new, on the disk; nothing is committed.
pub struct Written<'r> {
    pub(super) bench: &'r Workbench<'r>,
    pub(super) journal: Journal,
    pub(super) message: Message,
    pub(super) targets: Vec<Target>,
    pub(super) committed: Vec<Planned>,
    pub(super) finish: Finish,
}

/// A transaction that stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// The commit, or the record where there is none.
    pub id: String,
    /// It is a commit.
    pub is_commit: bool,
    /// Files of which a commit hook made another version, which is the one that is committed.
    pub changed_by_hooks: Vec<ProjectPath>,
    /// What could not be tidied up, in sentences; the next start does it.
    pub warnings: Vec<String>,
}

impl Written<'_> {
    /// Takes everything back because of `why`.
    pub fn undo(self, why: TransactionError) -> Failure {
        undone(self.bench, &self.journal, why)
    }

    /// Commits, or keeps a record, as the request wants.
    ///
    /// # Errors
    /// Git or a hook refuses, or somebody changed a file or `HEAD` meanwhile; the tree is put back.
    pub fn finish(mut self) -> Result<Done, Failure> {
        let result = match (self.finish, &self.bench.git) {
            (Finish::Commit, Some(git)) => self.check_untouched().and_then(|()| self.commit(git)),
            _ => self.check_untouched().and_then(|()| self.keep()),
        };
        result.map_err(|why| {
            let why = if self.bench.stop.is_raised() { TransactionError::Interrupted } else { why };
            self.undo(why)
        })
    }

    /// What is on the disk is what was written.
    fn check_untouched(&self) -> Result<(), TransactionError> {
        if self.bench.stop.is_raised() {
            return Err(TransactionError::Interrupted);
        }
        for target in &self.targets {
            let now = self.bench.fs.read(&target.file.place);
            if now.ok().as_ref() != Some(&target.new) {
                return Err(TransactionError::ChangedMeanwhile(target.file.path.clone()));
            }
        }
        Ok(())
    }

    fn keep(&mut self) -> Result<Done, TransactionError> {
        self.journal.note(self.bench.fs, Progress::Kept)?;
        Ok(match file_away(self.bench, &self.journal) {
            Ok(id) => Done { id, ..Done::default() },
            Err(error) => Done { warnings: vec![error.to_string()], ..Done::default() },
        })
    }

    fn commit(&mut self, git: &Git<'_>) -> Result<Done, TransactionError> {
        let from = self.journal.header.head.clone().unwrap_or_default();
        match git.head()? {
            Head::Commit { id, .. } if id == from => {}
            Head::Commit { id, .. } => return Err(TransactionError::HeadMoved { from, to: id }),
            Head::Unborn => {
                return Err(TransactionError::HeadMoved { from, to: "nothing".to_owned() });
            }
        }
        let intended: Vec<Vec<u8>> =
            self.committed.iter().map(|planned| planned.commit.clone()).collect();
        let mut changed_by_hooks = Vec::new();
        if let Err(error) = self.attempt(git, &from) {
            // A git that was stopped may have got as far as the commit.
            if find_commit(git, &self.journal.header)?.is_none() {
                changed_by_hooks = self.take_over(git)?;
                if changed_by_hooks.is_empty() || self.bench.stop.is_raised() {
                    return Err(error);
                }
                self.attempt(git, &from)?;
            }
        }
        let Some(mut commit) = find_commit(git, &self.journal.header)? else {
            return Err(self.uncommit(git, &from, TransactionError::Unmarked));
        };
        let mut warnings = Vec::new();
        match self.follow_hooks(git, &commit, &intended) {
            Err(why @ TransactionError::UndoneByHook(_)) => {
                return Err(self.uncommit(git, &from, why));
            }
            // From here on the commit stands; what fails is made good by the next start.
            Ok(more) if more.is_empty() => {}
            Ok(more) => {
                changed_by_hooks.extend(more);
                commit = find_commit(git, &self.journal.header)?.unwrap_or(commit);
            }
            Err(error) => warnings.push(error.to_string()),
        }
        changed_by_hooks.sort();
        changed_by_hooks.dedup();
        let entries: Vec<CommittedFile> =
            self.committed.iter().map(|planned| planned.file(git)).collect();
        match settle(self.bench, &mut self.journal, &entries, &commit) {
            Ok(left) => {
                warnings.extend(left.iter().map(|path| {
                    format!("{path}: was staged by somebody else meanwhile, and stays so")
                }));
                warnings.extend(forget(self.bench, &self.journal).err().map(|e| e.to_string()));
            }
            Err(error) => warnings.push(format!(
                "{error}\nthe commit stands, and the index is behind it: the next `tiermod apply` \
                 or `tiermod rollback` brings it up, and until then a `git commit` would take the \
                 tier back"
            )),
        }
        Ok(Done { id: commit, is_commit: true, changed_by_hooks, warnings })
    }

    /// One `git commit` of what is planned.
    fn attempt(&mut self, git: &Git<'_>, head: &str) -> Result<(), TransactionError> {
        let message = trailer::render(&self.message, &self.journal.header, &self.file_lines());
        self.make_commit(git, head, &message, false)
    }

    fn make_commit(
        &mut self,
        git: &Git<'_>,
        onto: &str,
        message: &str,
        amend: bool,
    ) -> Result<(), TransactionError> {
        let bench = self.bench;
        let entries: Vec<CommittedFile> =
            self.committed.iter().map(|planned| planned.file(git)).collect();
        let journal = &mut self.journal;
        journal.note(bench.fs, Progress::Committing(entries.clone()))?;
        let mut started = announce(bench, journal);
        for planned in &self.committed {
            // The index holds more than the commit: edits that are staged.
            if !planned.clean {
                git.store(&planned.then_staged, &mut started)?;
            }
        }
        let (index, place) = (bench.store.join("index"), bench.store.join("message"));
        let listed: Vec<_> = entries
            .iter()
            .zip(&self.committed)
            .map(|(file, planned)| (file.path(), file.commit(), planned.commit.as_slice()))
            .collect();
        git.prepare_index(&index, onto, &listed, &mut started)?;
        remove(bench, &place)?;
        write_new(bench.fs, &place, message.as_bytes())
            .map_err(|error| TransactionError::disk(&place, error))?;
        git.commit(&CommitCall { index: &index, message: &place, amend }, &mut started)?;
        Ok(())
    }

    /// Takes the commit that was made on `from` off the branch again, because of `why`.
    fn uncommit(&mut self, git: &Git<'_>, from: &str, why: TransactionError) -> TransactionError {
        let made = git.log(&format!("{from}..HEAD"), &[]);
        let said = match made.as_deref() {
            Ok([]) => return why,
            Ok([made]) => {
                let mut started = announce(self.bench, &mut self.journal);
                match git.move_head(&made.id, from, &mut started) {
                    Ok(()) => return why,
                    Err(error) => error.to_string(),
                }
            }
            Ok(_) => "others were made on it meanwhile".to_owned(),
            Err(error) => error.to_string(),
        };
        TransactionError::StillCommitted { why: Box::new(why), said, from: from.to_owned() }
    }

    /// Our files as they are on the disk now become what is to be committed; those that changed.
    fn take_over(&mut self, git: &Git<'_>) -> Result<Vec<ProjectPath>, TransactionError> {
        let mut changed = Vec::new();
        for n in 0..self.committed.len() {
            let Some(planned) = self.committed.get(n) else { continue };
            let Some(target) = self.targets.get(planned.target) else { continue };
            let place = &target.file.place;
            let now = match self.bench.fs.read(place) {
                Ok(now) => now,
                Err(error) if not_found(&error) => {
                    return Err(TransactionError::UndoneByHook(vec![target.file.path.clone()]));
                }
                Err(error) => return Err(TransactionError::disk(place, error)),
            };
            if now == target.new || !planned.clean {
                continue;
            }
            let stored = git.stored(&[(planned.path.clone(), &now)])?;
            changed.push(target.file.path.clone());
            let target = planned.target;
            if let (Some(planned), Some(stored)) = (self.committed.get_mut(n), stored.first()) {
                planned.commit.clone_from(&stored.bytes);
                planned.then_staged.clone_from(&stored.bytes);
            }
            if let Some(target) = self.targets.get_mut(target) {
                target.new = now;
            }
        }
        Ok(changed)
    }

    /// Where hooks made other versions of our files than were to be committed, the commit is made
    /// to hold the version in the working tree, and its message to tell its blocks. `intended` is
    /// what was to be committed, file by file.
    fn follow_hooks(
        &mut self,
        git: &Git<'_>,
        commit: &str,
        intended: &[Vec<u8>],
    ) -> Result<Vec<ProjectPath>, TransactionError> {
        let mut changed = self.take_over(git)?;
        let paths: Vec<RepoPath> =
            self.committed.iter().map(|planned| planned.path.clone()).collect();
        let actual = git.tree_entries(commit, &paths)?;
        let mut differs = !changed.is_empty();
        for planned in &mut self.committed {
            let entry = actual.get(&planned.path);
            if entry == Some(&planned.file(git).commit()) {
                continue;
            }
            differs = true;
            let Some(target) = self.targets.get(planned.target) else { continue };
            changed.push(target.file.path.clone());
            if let (false, Some(entry)) = (planned.clean, entry) {
                // The hook staged more than ours: that is what the commit holds now.
                planned.commit = git.contents(std::slice::from_ref(&entry.id))?.concat();
            }
        }
        let undone: Vec<ProjectPath> = self
            .committed
            .iter()
            .zip(intended)
            .filter(|(planned, intended)| undoes(&planned.head_bytes, intended, &planned.commit))
            .filter_map(|(planned, _)| Some(self.targets.get(planned.target)?.file.path.clone()))
            .collect();
        if !undone.is_empty() {
            return Err(TransactionError::UndoneByHook(undone));
        }
        if differs {
            let message = trailer::with_files(&git.message(commit)?, &self.file_lines());
            self.make_commit(git, commit, &message, true)?;
        }
        Ok(changed)
    }

    fn file_lines(&self) -> Vec<FileLine> {
        // One that the commit leaves as it was is no file of it.
        self.committed
            .iter()
            .filter(|planned| planned.commit != planned.head_bytes)
            .map(|planned| file_line(&planned.path, &planned.head_bytes, &planned.commit))
            .collect()
    }
}

/// Whether `now` lacks a change that `intended` makes of `old`: all of them, or one whose lines
/// stand where they stood. What a formatter makes of changed lines is a change all the same; blank
/// lines are a formatter's to put back.
fn undoes(old: &[u8], intended: &[u8], now: &[u8]) -> bool {
    if intended == old || intended == now {
        return false;
    }
    let (old_lines, intended, now_lines) = (lines(old), lines(intended), lines(now));
    let changed = blocks(&old_lines, &now_lines);
    let stands = |block: &Block| {
        let says = |line: &&[u8]| !line.trim_ascii().is_empty();
        let is_text = old_lines.get(block.old.clone()).is_some_and(|lines| lines.iter().any(says));
        let is_kept =
            |other: &Block| other.old.end <= block.old.start || block.old.end <= other.old.start;
        is_text && changed.iter().all(is_kept)
    };
    now == old || blocks(&old_lines, &intended).iter().any(stands)
}

/// Notes each process of git's in the journal before it begins.
fn announce(bench: &Workbench<'_>, journal: &mut Journal) -> impl FnMut(u32) -> io::Result<()> {
    |id| {
        let started = bench.process_start(id);
        journal.note_process(bench.fs, Process { id, started }).map_err(|error| match error {
            JournalError::Disk { source, .. } => source,
            error => io::Error::other(error),
        })
    }
}

/// The blocks in which `new` differs from `old`.
pub(super) fn file_line(path: &RepoPath, old: &[u8], new: &[u8]) -> FileLine {
    let (old, new) = (lines(old), lines(new));
    let digests = blocks(&old, &new)
        .into_iter()
        .map(|block| digest::block(&joined(&old, block.old), &joined(&new, block.new)));
    FileLine { path: path.clone(), blocks: digests.collect() }
}

/// The commit of an interrupted or finished run, made since `header` was written.
pub(super) fn find_commit(
    git: &Git<'_>,
    header: &Header,
) -> Result<Option<String>, TransactionError> {
    let Some(head) = &header.head else { return Ok(None) };
    let plans: Vec<&str> = header.plan.split_whitespace().collect();
    let ours = |message: &str| {
        trailer::parse(message)
            .iter()
            .any(|said| said.kind == header.kind && said.tier == header.tier && said.plans == plans)
    };
    let commits = git.log(&format!("{head}..HEAD"), &[MARK])?;
    Ok(commits.into_iter().find(|commit| ours(&commit.message)).map(|commit| commit.id))
}

/// Brings the index up to `commit`, for our files and for those that a hook added to it. The paths
/// that somebody else staged meanwhile, which stay as they are.
pub(super) fn settle(
    bench: &Workbench<'_>,
    journal: &mut Journal,
    entries: &[CommittedFile],
    commit: &str,
) -> Result<Vec<RepoPath>, TransactionError> {
    let Some(git) = &bench.git else { return Ok(Vec::new()) };
    let changed = git.changed(commit)?;
    let mut updates = Vec::new();
    for entry in entries {
        let path = entry.path();
        let committed = changed.iter().find(|changed| changed.path == path);
        let after = match committed.and_then(|changed| changed.after.clone()) {
            Some(after) if entry.is_clean() => after,
            _ => entry.then_staged(),
        };
        updates.push(IndexUpdate { path, before: Some(entry.staged()), after });
    }
    let ours: Vec<RepoPath> = entries.iter().map(CommittedFile::path).collect();
    for more in changed.into_iter().filter(|changed| !ours.contains(&changed.path)) {
        if let Some(after) = more.after {
            updates.push(IndexUpdate { path: more.path, before: more.before, after });
        }
    }
    Ok(git.update_index(&bench.store, &updates, &mut announce(bench, journal))?)
}
