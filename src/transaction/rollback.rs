//! A tier taken out of the files as they are now.
//!
//! Makes changes and writes nothing: carrying them out is an ordinary transaction. Edits that were
//! made since stay, wherever they can be told from the tier's; where they cannot, there is no
//! result at all.

use std::collections::BTreeMap;
use std::fmt;

use crate::fs::ProjectPath;
use crate::git::blob::LineEndings;
use crate::git::commit::Moves;
use crate::git::{Git, Head, RepoPath};
use crate::patch::lines::{blocks, joined, lines};
use crate::patch::{Change, Clash, merge};

use super::error::TransactionError;
use super::history::{Event, History, Source};
use super::import_list::Statements;
use super::share::{Share, Shares, shares};
use super::workbench::{Workbench, not_found};

/// What takes a tier back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// The files, ready for a transaction. None where nothing of the tier is in the tree any more.
    pub changes: Vec<Change>,
    /// The commits or records that are taken back, newest first, and the fingerprints of their
    /// plans.
    pub rolls_back: Vec<(String, String)>,
    /// The commit before the first of them, where there is one.
    pub before: Option<String>,
    /// Files of the tier that have since been removed.
    pub removed: Vec<ProjectPath>,
    /// Files that commits about the tier changed and that are not in the project's folder.
    pub outside: Vec<RepoPath>,
}

/// Why a tier cannot be taken back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// The history does not know it.
    #[error("tier {tier} was never applied in {history}")]
    NeverApplied {
        /// The tier.
        tier: String,
        /// What was looked at, in words.
        history: &'static str,
    },
    /// What the history knows of it is not about files of this project.
    #[error(
        "tier {tier} was applied to files that are not in this project, {path} among them; run \
         tiermod where they are, or, where they were moved and changed so much that git does not \
         know them again, `git revert` the commit"
    )]
    Elsewhere {
        /// The tier.
        tier: String,
        /// One of them, from the top of the working tree.
        path: String,
    },
    /// The history does not know it, and is not all there is.
    #[error(
        "nothing here says that tier {0} was ever applied, and the history of this clone was cut \
         off (it is shallow); run `git fetch --unshallow` first"
    )]
    CutOff(String),
    /// It was taken back before.
    #[error("tier {tier} was taken back already, by {by} on {when}")]
    AlreadyBack {
        /// The tier.
        tier: String,
        /// The commit or record.
        by: String,
        /// When.
        when: String,
    },
    /// The contents before it are not in this clone.
    #[error(
        "commit {0} has no parent here, as the clone is shallow; run `git fetch --unshallow` first"
    )]
    Shallow(String),
    /// Later edits and the tier's cannot be told apart.
    #[error("{}", listed(.0))]
    Conflicts(Vec<Conflict>),
    /// Git or the disk fails.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

/// A place that somebody has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The file.
    pub path: ProjectPath,
    /// The commit or record that is to be taken back.
    pub of: String,
    /// What is the matter.
    pub what: What,
}

/// What a [`Conflict`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Lines that the tier changed were changed since.
    Lines(Clash),
    /// The whole file.
    File(String),
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::File(why) => write!(f, "{}: {why} (from {})", self.path, self.of),
            What::Lines(clash) => {
                let (path, line, of) = (&self.path, clash.line, &self.of);
                writeln!(f, "{path}:{line}: was changed after {of} changed it")?;
                hunk(f, "the tier put", &clash.base)?;
                hunk(f, "it is now", &clash.ours)?;
                hunk(f, "it would be", &clash.theirs)
            }
        }
    }
}

fn hunk(f: &mut fmt::Formatter<'_>, title: &str, bytes: &[u8]) -> fmt::Result {
    write!(f, "  {title}:")?;
    for line in lines(bytes) {
        write!(f, "\n    {}", String::from_utf8_lossy(line).trim_end())?;
    }
    if title == "it would be" { Ok(()) } else { writeln!(f) }
}

fn listed(conflicts: &[Conflict]) -> String {
    let all: Vec<String> = conflicts.iter().map(ToString::to_string).collect();
    all.join("\n")
}

/// What the caller knows and this module does not.
pub trait Knowledge {
    /// Whether a path belongs to the tier, for commits whose messages do not say.
    fn owns(&self, path: &ProjectPath) -> bool;

    /// Whether the new content of a file still works: that it parses, and that its names mean
    /// something.
    ///
    /// # Errors
    /// What is wrong with it, as a person should read it.
    fn verify(&self, path: &ProjectPath, content: &[u8]) -> Result<(), String>;
}

/// One file on its way back.
struct Work {
    disk: Vec<u8>,
    stored: Vec<u8>,
    now: Vec<u8>,
}

/// What takes `tier` back in the tree as it is.
///
/// # Errors
/// See [`RollbackError`]; conflicts are all there are.
pub fn rollback(
    bench: &Workbench<'_>,
    history: &History,
    tier: &str,
    knowledge: &dyn Knowledge,
) -> Result<Rollback, RollbackError> {
    let standing = history.standing(tier);
    if standing.is_empty() {
        return Err(match history.last_end(tier) {
            Some(end) => RollbackError::AlreadyBack {
                tier: tier.to_owned(),
                by: end.by.clone(),
                when: end.when.clone(),
            },
            None if bench.git.as_ref().is_some_and(Git::is_shallow) => {
                RollbackError::CutOff(tier.to_owned())
            }
            None => RollbackError::NeverApplied {
                tier: tier.to_owned(),
                history: match &bench.git {
                    Some(_) => "the history of HEAD",
                    None => "this folder, as its journal knows",
                },
            },
        });
    }
    let mut files: BTreeMap<ProjectPath, Work> = BTreeMap::new();
    let (mut conflicts, mut removed) = (Vec::new(), Vec::new());
    // What has nothing in this project stands: it may be another project's in the same repository.
    let (mut taken, mut outside) = (Vec::new(), Vec::new());
    for event in &standing {
        if let (Source::Commit { parent: None }, Some(git)) = (&event.source, &bench.git)
            && git.is_shallow()
        {
            return Err(RollbackError::Shallow(event.id.clone()));
        }
        let Shares { files: shares, unclear, outside: left } =
            shares(bench, event, &|path| knowledge.owns(path))?;
        let is_elsewhere = shares.is_empty() && unclear.is_empty() && !left.is_empty();
        outside.extend(left);
        if is_elsewhere {
            continue;
        }
        taken.push(event);
        let conflict = |path, what| Conflict { path, of: event.id.clone(), what };
        for one in unclear {
            conflicts.push(conflict(one.path, What::File(one.why.to_owned())));
        }
        let mut moved = None;
        for share in shares {
            if share.with == share.without {
                continue;
            }
            let path = match place(bench, event, &share, &mut moved)? {
                Place::Here(path) => path,
                Place::Removed => {
                    removed.push(share.path);
                    continue;
                }
                Place::NotCheckedOut => {
                    let why = "is not in the working tree (sparse checkout, or removed)".to_owned();
                    conflicts.push(conflict(share.path, What::File(why)));
                    continue;
                }
            };
            if !files.contains_key(&path) {
                files.insert(path.clone(), load(bench, &path)?);
            }
            let Some(work) = files.get_mut(&path) else { continue };
            match merge(&share.with, &work.now, &share.without, &Statements) {
                Ok(merged) => work.now = merged,
                Err(clashes) => conflicts.extend(
                    clashes.into_iter().map(|clash| conflict(path.clone(), What::Lines(clash))),
                ),
            }
        }
    }
    if let (true, Some(path)) = (taken.is_empty(), outside.first()) {
        return Err(RollbackError::Elsewhere { tier: tier.to_owned(), path: path.to_string() });
    }
    let mut changes = Vec::new();
    let newest = standing.first().map(|event| event.id.clone()).unwrap_or_default();
    for (path, work) in files {
        if work.now == work.stored {
            continue;
        }
        let new = to_disk(bench, &path, &work)?;
        if let Err(why) = knowledge.verify(&path, &new) {
            let what = What::File(format!("would not work any more: {why}"));
            conflicts.push(Conflict { path, of: newest.clone(), what });
            continue;
        }
        changes.push(Change { path, old: work.disk, new, notes: Vec::new() });
    }
    if !conflicts.is_empty() {
        return Err(RollbackError::Conflicts(conflicts));
    }
    removed.sort();
    removed.dedup();
    let rolls_back = taken
        .iter()
        .flat_map(|event| event.plans.iter().map(|plan| (event.id.clone(), plan.clone())))
        .collect();
    outside.sort();
    outside.dedup();
    let before = match (taken.last().map(|event| &event.source), &bench.git) {
        (Some(Source::Commit { parent }), _) => parent.clone(),
        // What was not committed came after `HEAD`.
        (Some(Source::Record(_)), Some(git)) => match git.head().map_err(TransactionError::from)? {
            Head::Commit { id, .. } => Some(id),
            Head::Unborn => None,
        },
        _ => None,
    };
    Ok(Rollback { changes, rolls_back, before, removed, outside })
}

enum Place {
    Here(ProjectPath),
    Removed,
    NotCheckedOut,
}

/// Where a file of a commit is now.
fn place(
    bench: &Workbench<'_>,
    event: &Event,
    share: &Share,
    moved: &mut Option<Moves>,
) -> Result<Place, TransactionError> {
    let exists = |path: &ProjectPath| {
        let place = path.under(&bench.root);
        bench.fs.node(&place).map_err(|error| TransactionError::disk(&place, error))
    };
    if exists(&share.path)?.is_some() {
        return Ok(Place::Here(share.path.clone()));
    }
    let (Some(git), Source::Commit { .. }) = (&bench.git, &event.source) else {
        return Ok(Place::Removed);
    };
    let path = git.repo_path(&share.path);
    if let Head::Commit { id, .. } = git.head()?
        && git.tree_entries(&id, std::slice::from_ref(&path))?.contains_key(&path)
    {
        return Ok(Place::NotCheckedOut);
    }
    match git.moved_here(&event.id, &path, moved)? {
        Some(to) if exists(&to)?.is_some() => Ok(Place::Here(to)),
        Some(_) => Ok(Place::NotCheckedOut),
        None => Ok(Place::Removed),
    }
}

fn load(bench: &Workbench<'_>, path: &ProjectPath) -> Result<Work, TransactionError> {
    let place = path.under(&bench.root);
    let disk = match bench.fs.read(&place) {
        Ok(bytes) => bytes,
        Err(error) if not_found(&error) => Vec::new(),
        Err(error) => return Err(TransactionError::disk(&place, error)),
    };
    let stored = match &bench.git {
        None => disk.clone(),
        Some(git) => {
            let stored = git.stored(&[(git.repo_path(path), disk.as_slice())])?;
            stored.into_iter().next().map(|one| one.bytes).unwrap_or_default()
        }
    };
    Ok(Work { now: stored.clone(), disk, stored })
}

/// The new content as the disk is to have it: the lines that stay keep their endings, whatever git
/// would make of them.
fn to_disk(
    bench: &Workbench<'_>,
    path: &ProjectPath,
    work: &Work,
) -> Result<Vec<u8>, TransactionError> {
    if work.disk == work.stored {
        return Ok(work.now.clone());
    }
    let (disk, stored) = (lines(&work.disk), lines(&work.stored));
    let is_crlf = |line: &[u8]| line.ends_with(b"\r\n");
    let same = |(disk, stored): (&&[u8], &&[u8])| {
        disk == stored
            || (is_crlf(disk) && disk.strip_suffix(b"\r\n") == stored.strip_suffix(b"\n"))
    };
    if disk.len() == stored.len() && disk.iter().zip(&stored).all(same) {
        return Ok(with_endings(&disk, &stored, &work.now));
    }
    match &bench.git {
        Some(git) => checked_out(git, path, work),
        None => Ok(work.now.clone()),
    }
}

/// `now` on the disk, whose lines are `disk` where git has `stored`. A new line ends as the one
/// that it replaces, or as its neighbour.
fn with_endings(disk: &[&[u8]], stored: &[&[u8]], now: &[u8]) -> Vec<u8> {
    let now = lines(now);
    let (mut text, mut at) = (Vec::new(), 0);
    for block in blocks(stored, &now) {
        text.extend(joined(disk, at..block.old.start));
        let neighbour = disk
            .get(block.old.start)
            .or_else(|| disk.get(block.old.start.saturating_sub(1)))
            .copied()
            .unwrap_or_default();
        for line in now.get(block.new).unwrap_or_default() {
            match line.strip_suffix(b"\n") {
                Some(content) if neighbour.ends_with(b"\r\n") && !line.ends_with(b"\r\n") => {
                    text.extend_from_slice(content);
                    text.extend_from_slice(b"\r\n");
                }
                _ => text.extend_from_slice(line),
            }
        }
        at = block.old.end;
    }
    text.extend(joined(disk, at..disk.len()));
    text
}

/// What git makes of the new content, in the way that made the file what it is.
fn checked_out(
    git: &Git<'_>,
    path: &ProjectPath,
    work: &Work,
) -> Result<Vec<u8>, TransactionError> {
    let path = git.repo_path(path);
    let ways = [LineEndings::AsConfigured, LineEndings::Lf, LineEndings::Crlf];
    for way in ways {
        if git.checked_out(&path, &work.stored, way)? == work.disk {
            return Ok(git.checked_out(&path, &work.now, way)?);
        }
    }
    Ok(git.checked_out(&path, &work.now, LineEndings::AsConfigured)?)
}
