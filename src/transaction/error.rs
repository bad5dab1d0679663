//! What can go wrong, and how the tree is afterwards.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::fs::ProjectPath;
use crate::fs::resolve::ResolveError;
use crate::git::GitError;

use super::journal::JournalError;

/// Why a transaction does not begin, or does not stand.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// Another run is at work.
    #[error("another run holds the lock {lock}: {holder}")]
    Held {
        /// The lock file.
        lock: String,
        /// Who, since when, doing what.
        holder: String,
    },
    /// Something stands in the way of some files; nothing was written.
    #[error("{}", listed(.0))]
    Refused(Vec<Problem>),
    /// The repository is busy with something else.
    #[error("the repository is in the middle of {0}; finish or abort it first")]
    Ongoing(&'static str),
    /// There is nothing to go back to.
    #[error(
        "the repository has no commit yet, so there would be nothing to go back to; commit first, or use --no-commit"
    )]
    NoCommitYet,
    /// The disk refuses.
    #[error("{path}: {source}")]
    Disk {
        /// The file or folder.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A gate failed.
    #[error("{0}")]
    Check(String),
    /// What would be committed without the uncommitted changes is not known to be right.
    #[error(
        "what would be committed leaves the uncommitted changes out, and is not proven:\n{0}\n\
         commit or stash the uncommitted changes first, or use --no-commit"
    )]
    Unproven(String),
    /// Somebody else wrote a file meanwhile.
    #[error("{0}: was changed by somebody else meanwhile")]
    ChangedMeanwhile(ProjectPath),
    /// Somebody else committed, or changed branches.
    #[error("HEAD moved from {from} to {to} meanwhile")]
    HeadMoved {
        /// The commit at the start.
        from: String,
        /// The commit now.
        to: String,
    },
    /// A hook changed the message of the commit.
    #[error(
        "a commit hook took the Tiermod lines out of the commit's message, and without them nothing \
         would know the tier again; let it leave them in"
    )]
    Unmarked,
    /// A hook took changes out of the commit.
    #[error("{}", undone(.0))]
    UndoneByHook(Vec<ProjectPath>),
    /// A commit that cannot stand is not the last one, or git refuses to take it off the branch.
    #[error(
        "{why}\nits commit is still on the branch: {said}; `git reset --soft {from}` takes it off"
    )]
    StillCommitted {
        /// Why it cannot stand.
        why: Box<TransactionError>,
        /// What is in the way.
        said: String,
        /// The commit before it.
        from: String,
    },
    /// Somebody wants the run to end.
    #[error("interrupted")]
    Interrupted,
    /// The commit of an interrupted run has not ended.
    #[error("git (process {0}) is still committing for an interrupted run; wait for it")]
    StillCommitting(u32),
}

impl TransactionError {
    pub(super) fn disk(path: &Path, source: io::Error) -> Self {
        Self::Disk { path: path.display().to_string(), source }
    }
}

/// What stands in the way of one file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It cannot be reached.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// It is not what the plan was made from.
    #[error("{0}: has changed since the plan was made; plan again")]
    Stale(ProjectPath),
    /// Its permissions forbid writing.
    #[error("{path}: is read-only (mode {mode:04o}); chmod u+w it first")]
    ReadOnly {
        /// The file.
        path: ProjectPath,
        /// Its permissions.
        mode: u32,
    },
    /// The system forbids writing it.
    #[error("{path}: cannot be written: {source}")]
    NotWritable {
        /// The file, or the folder that it is in.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Other names of the file are not among those that change.
    #[error("{path}: has {links} names (hard links), and {} not change with it; writing it would change them too, so give it a copy of its own", others(*links, *planned))]
    HardLink {
        /// One of its names.
        path: ProjectPath,
        /// How many it has.
        links: u64,
        /// How many of them change.
        planned: u64,
    },
    /// Two planned names are one file and want different contents.
    #[error("{first} and {second} are one file and would get different contents")]
    SameFile {
        /// One name.
        first: ProjectPath,
        /// The other one.
        second: ProjectPath,
    },
    /// Two names that differ in case are one file on this disk.
    #[error(
        "{first} and {second} are one file on this disk, which does not tell capitals from small letters; rename one of them"
    )]
    SameName {
        /// One name.
        first: ProjectPath,
        /// The other one.
        second: ProjectPath,
    },
    /// It has uncommitted changes.
    #[error("{path}: {what}; commit or stash that, or use --allow-dirty")]
    Dirty {
        /// The file.
        path: ProjectPath,
        /// What git would say.
        what: &'static str,
    },
    /// It is staged, and is to be what the last commit has.
    #[error(
        "{0}: what is to be taken out of it is staged and not committed; commit it, or unstage it \
         with `git restore --staged`"
    )]
    OnlyStaged(ProjectPath),
    /// Git does not know it.
    #[error("{0}: is not tracked by git; `git add` and commit it, or exclude it in codemod.toml")]
    Untracked(ProjectPath),
    /// A merge left it undecided.
    #[error("{0}: has unresolved conflicts")]
    Unmerged(ProjectPath),
    /// The tier's lines and uncommitted ones cannot be told apart.
    #[error(
        "{path}: has uncommitted changes on the lines that would change (near line {line}); commit or stash them"
    )]
    DirtyLines {
        /// The file.
        path: ProjectPath,
        /// A line, counted from 1.
        line: usize,
    },
}

fn others(links: u64, planned: u64) -> String {
    match links.saturating_sub(planned) {
        1 => "one of them does".to_owned(),
        n => format!("{n} of them do"),
    }
}

fn undone(paths: &[ProjectPath]) -> String {
    let lines: Vec<String> = paths
        .iter()
        .map(|path| format!("{path}: a commit hook took what the tier changes out again"))
        .collect();
    lines.join("\n")
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// A file that somebody else had changed, kept where it harms nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The file, which has its old content again.
    pub path: ProjectPath,
    /// Where its content of before is.
    pub copy: PathBuf,
}

/// The tree after a transaction that does not stand.
#[derive(Debug)]
pub enum TreeIs {
    /// Nothing was ever written.
    Untouched,
    /// As it was before; what somebody else had written into our files is kept aside.
    Back(Vec<SetAside>),
    /// Not as it was, for this reason; the next start of any command that changes files goes on.
    Unfinished(Box<TransactionError>),
}

/// A transaction that does not stand.
#[derive(Debug)]
pub struct Failure {
    /// Why.
    pub why: TransactionError,
    /// What became of the tree.
    pub tree: TreeIs,
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.why.source()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.why)?;
        match &self.tree {
            TreeIs::Untouched => write!(f, "\nnothing was written"),
            TreeIs::Back(set_aside) => {
                write!(f, "\nthe tree is as before")?;
                for one in set_aside {
                    let copy = one.copy.display();
                    write!(f, "\n{}: what somebody else wrote meanwhile is in {copy}", one.path)?;
                }
                Ok(())
            }
            TreeIs::Unfinished(why) => {
                write!(f, "\nand the tree is not as before yet: {why}\nrun tiermod again to go on")
            }
        }
    }
}

impl From<TransactionError> for Failure {
    fn from(why: TransactionError) -> Self {
        Self { why, tree: TreeIs::Untouched }
    }
}
