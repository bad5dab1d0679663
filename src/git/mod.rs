//! The user's own git, run as a process, so that hooks, signing and configuration hold.
//!
//! Paths are bytes and never patterns. What git says on failure is shown as it said it. Nothing
//! here decides when a tier is applied; the real index is written by [`index`] alone. Whatever
//! changes something is announced before it begins, so that one that outlives us can be waited for.

pub mod process;
pub mod repository;
pub mod entries;
pub mod blob;
pub mod index;
pub mod commit;
pub mod log;

use std::io;

pub use entries::{Entry, RepoPath, Staged};
pub use process::{Call, Effect, OsProcesses, Output, Processes, Started};
pub use repository::{Git, Head};

/// Git could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program cannot be started.
    #[error("git cannot be run: {0}; install git, or put it on the PATH")]
    Start(io::Error),
    /// Git ended with an error of its own.
    #[error("git {command} failed ({status}):\n{said}")]
    Failed {
        /// The subcommand.
        command: String,
        /// How it ended.
        status: String,
        /// What it wrote to its standard error, and for a commit to its standard output.
        said: String,
    },
    /// Git's answer does not have the form that its manual gives.
    #[error("git {command} answered in an unknown form: {answer}")]
    Answer {
        /// The subcommand.
        command: String,
        /// The part of the answer that is not understood.
        answer: String,
    },
    /// A file of git's could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Another git holds the index.
    #[error(
        "{path} exists: another git is at work here, or one was killed; wait for it, or remove the file when no git is running"
    )]
    IndexLocked {
        /// The lock file.
        path: String,
    },
}
