//! Errors, shown to a person.

use std::io;

use super::Status;
use super::terminal::Terminal;
use crate::config::{ConfigError, Problems};
use crate::run::RunError;
use crate::transaction::{Failure, TransactionError, TreeIs};
use crate::transform::TransformError;

/// Whether the reader of the output went away, which is not an error.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// How a command ends whose transaction does not stand: what has to be put right before anything
/// can begin is an error of use; what went wrong on the way is told, and leaves the tree as it was.
///
/// # Errors
/// The failure itself, where it is an error of use.
pub fn of_transaction(
    title: &str,
    failure: &Failure,
    terminal: &Terminal,
) -> anyhow::Result<Status> {
    let is_use = matches!(failure.tree, TreeIs::Untouched)
        && !matches!(failure.why, TransactionError::Check(_) | TransactionError::Interrupted);
    let error = anyhow::Error::msg(format!("{title}: {failure}"));
    if is_use {
        return Err(error);
    }
    print(&error, terminal);
    Ok(Status::Open)
}

/// Prints an error: with the place in the file where there is one, otherwise as a sentence.
pub fn print(error: &anyhow::Error, terminal: &Terminal) {
    if let Some(problems) = problems(error) {
        terminal.complain(&problems.render(terminal.look()));
        return;
    }
    let sentence = sentence(error);
    terminal.complain(&format!("error: {}", crate::report::visible::lines(&sentence, "  ").trim()));
}

/// The error and its causes as one sentence. A cause that the message above it ends with, as
/// messages of the library's own errors do, is not told again.
pub fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if sentence.is_empty() {
            sentence = cause;
        } else if !sentence.ends_with(&cause) {
            sentence.push_str(": ");
            sentence.push_str(&cause);
        }
    }
    sentence
}

/// The places in configuration files that an error is about.
fn problems(error: &anyhow::Error) -> Option<&Problems> {
    error.chain().find_map(|cause| {
        if let Some(ConfigError::Invalid(problems)) = cause.downcast_ref() {
            return Some(problems);
        }
        if let Some(TransformError::Invalid(problems)) = cause.downcast_ref() {
            return Some(problems);
        }
        if let Some(RunError::Target(problems)) = cause.downcast_ref() {
            return Some(problems);
        }
        cause.downcast_ref::<Problems>()
    })
}
