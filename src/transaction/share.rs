//! A tier's own part of a commit.
//!
//! A commit may hold more than the tier: it was amended, or squashed with other tiers and other
//! people's edits. The message tells a digest of each block that is the tier's; where it does not,
//! the tier's files are what it owns.

use std::ops::Range;

use crate::fs::ProjectPath;
use crate::git::{Git, RepoPath};
use crate::patch::digest;
use crate::patch::lines::{Block, blocks, joined, lines};

use super::error::TransactionError;
use super::history::{Event, Source};
use super::journal::Journal;
use super::trailer;
use super::workbench::Workbench;

/// One file with the tier's edits, and without them. Both as git stores them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) path: ProjectPath,
    pub(super) with: Vec<u8>,
    pub(super) without: Vec<u8>,
}

/// A file whose share cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unclear {
    pub(super) path: ProjectPath,
    pub(super) why: &'static str,
}

/// What one event did to the tier's files.
#[derive(Debug, Default)]
pub(super) struct Shares {
    pub(super) files: Vec<Share>,
    pub(super) unclear: Vec<Unclear>,
    /// Files that are not in the project's folder: another project's in the same repository, or
    /// what stayed behind when the project moved.
    pub(super) outside: Vec<RepoPath>,
}

/// The files of `event`. `owns` says whether a path is the tier's.
pub(super) fn shares(
    bench: &Workbench<'_>,
    event: &Event,
    owns: &dyn Fn(&ProjectPath) -> bool,
) -> Result<Shares, TransactionError> {
    match (&event.source, &bench.git) {
        (Source::Record(place), git) => {
            let journal = Journal::read(bench.fs, place)?;
            let mut shares = Vec::new();
            for file in journal.files {
                let (with, without) = match git {
                    None => (file.new, file.old),
                    Some(git) => {
                        let path = git.repo_path(&file.path);
                        let both = [(path.clone(), file.new.as_slice()), (path, &file.old)];
                        let mut stored = git.stored(&both)?.into_iter().map(|one| one.bytes);
                        (stored.next().unwrap_or_default(), stored.next().unwrap_or_default())
                    }
                };
                shares.push(Share { path: file.path, with, without });
            }
            Ok(Shares { files: shares, ..Shares::default() })
        }
        (Source::Commit { .. }, Some(git)) => of_commit(git, event, owns),
        (Source::Commit { .. }, None) => Ok(Shares::default()),
    }
}

fn of_commit(
    git: &Git<'_>,
    event: &Event,
    owns: &dyn Fn(&ProjectPath) -> bool,
) -> Result<Shares, TransactionError> {
    let listed = trailer::by_path(&event.files);
    let Shares { mut files, mut unclear, mut outside } = Shares::default();
    let mut moved = None;
    for changed in git.changed(&event.id)? {
        let digests = listed.get(&changed.path);
        // Where the project was in another folder, the file has come along.
        let path = git.in_project(&event.id, &changed.path, &mut moved)?;
        let may_be_ours = digests.is_some() || listed.is_empty();
        let Some(path) = path else {
            if may_be_ours {
                outside.push(changed.path);
            }
            continue;
        };
        if !may_be_ours || (digests.is_none() && event.is_shared && !owns(&path)) {
            continue;
        }
        let (Some(before), Some(after)) = (changed.before, changed.after) else {
            let why = "the same commit adds or removes the file";
            unclear.push(Unclear { path, why });
            continue;
        };
        let contents = git.contents(&[before.id, after.id])?;
        let [old, with] = contents.as_slice() else { continue };
        let without = match digests {
            None => Some(old.clone()),
            Some(digests) => without(old, with, digests),
        };
        match without {
            Some(without) => files.push(Share { path, with: with.clone(), without }),
            None => {
                unclear.push(Unclear { path, why: "the commit has other edits on the same lines" });
            }
        }
    }
    Ok(Shares { files, unclear, outside })
}

/// Lines of a block in which the tier's are looked for among others; more are not tried.
const MOST: usize = 24;

/// The tier's parts of one block, in order: the whole of it, or some of its lines where somebody
/// else edited the lines beside them.
fn parts(old: &[&[u8]], new: &[&[u8]], block: &Block, wanted: &mut Vec<&String>) -> Vec<Block> {
    let mut take = |part: &Block| {
        let (removed, added) = (joined(old, part.old.clone()), joined(new, part.new.clone()));
        let digest = digest::block(&removed, &added);
        let found = wanted.iter().position(|one| **one == digest);
        found.map(|n| wanted.remove(n)).is_some()
    };
    if take(block) {
        return vec![block.clone()];
    }
    if block.old.len() > MOST || block.new.len() > MOST {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut from = block.clone();
    // Lines that are only removed have no certain place among others' that were edited, unless they
    // stand at an end.
    let is_placed = |part: &Block| {
        !part.new.is_empty()
            || (part.old.start, part.new.start) == (block.old.start, block.new.start)
            || (part.old.end, part.new.end) == (block.old.end, block.new.end)
    };
    while let Some(part) = pieces(&from).find(|part| is_placed(part) && take(part)) {
        from = Block { old: part.old.end..from.old.end, new: part.new.end..from.new.end };
        parts.push(part);
    }
    parts
}

/// Every pair of runs of lines of a block, the first ones first.
fn pieces(block: &Block) -> impl Iterator<Item = Block> + use<> {
    let runs = |range: Range<usize>| {
        let end = range.end;
        range.clone().chain([end]).flat_map(move |from| (from..=end).map(move |to| from..to))
    };
    let news = block.new.clone();
    runs(block.old.clone())
        .flat_map(move |old| runs(news.clone()).map(move |new| Block { old: old.clone(), new }))
        .filter(|piece| !(piece.old.is_empty() && piece.new.is_empty()))
}

/// `new` without those of its blocks that have one of `digests`; `None` where one of those is not
/// to be found.
fn without(old: &[u8], new: &[u8], digests: &[String]) -> Option<Vec<u8>> {
    let (old, new) = (lines(old), lines(new));
    let mut wanted: Vec<&String> = digests.iter().collect();
    let (mut text, mut at) = (Vec::new(), 0);
    for block in blocks(&old, &new) {
        for part in parts(&old, &new, &block, &mut wanted) {
            text.extend(joined(&new, at..part.new.start));
            text.extend(joined(&old, part.old));
            at = part.new.end;
        }
    }
    text.extend(joined(&new, at..new.len()));
    wanted.is_empty().then_some(text)
}
