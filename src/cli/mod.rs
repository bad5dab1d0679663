//! The `tiermod` command: arguments to calls, results to an exit status.
//!
//! The only part that knows a terminal, and the only one where errors of all kinds meet a person.

pub mod args;
pub mod exits;
pub mod terminal;
pub mod session;
pub mod failure;
pub mod workshop;
pub mod tier_work;
pub mod gating;
pub mod taking_back;
pub mod committed;
pub mod standing;
pub mod ratcheting;
pub mod commands;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use terminal::Terminal;

/// How a command ended, apart from errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done, or nothing to do.
    Done,
    /// Something is left to do or to decide, or a gate or test failed: exit 1.
    Open,
    /// What a command that was run for the user exited with.
    Code(u8),
}

/// The exit status of errors of use: a bad configuration, an unknown tier.
const USAGE: u8 = 2;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let global = args.global.clone();
    // Parsing and walking deep sources needs a deep stack, also outside the pool's threads.
    let worker = std::thread::Builder::new().stack_size(crate::syntax::STACK_BYTES);
    let handle = worker.spawn(move || run(&args));
    match handle.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // The panic's message has been printed.
        Ok(Err(_)) => ExitCode::from(USAGE),
        Err(error) => {
            let error = anyhow::Error::new(error).context("the system gives no thread to work in");
            failure::print(&error, &Terminal::new(&global));
            ExitCode::from(USAGE)
        }
    }
}

fn run(args: &Args) -> ExitCode {
    let terminal = Terminal::new(&args.global);
    match commands::run(args, &terminal) {
        Ok(Status::Done) => ExitCode::SUCCESS,
        Ok(Status::Open) => ExitCode::FAILURE,
        Ok(Status::Code(code)) => ExitCode::from(code),
        Err(error) if failure::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            failure::print(&error, &terminal);
            ExitCode::from(USAGE)
        }
    }
}
