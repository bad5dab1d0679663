//! `tiermod completions`: for shells.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Status;
use crate::cli::terminal::Terminal;

/// The arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// For which shell
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, terminal: &Terminal) -> anyhow::Result<Status> {
    let mut command = crate::cli::args::Args::command();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "tiermod", &mut script);
    terminal.print(&script)?;
    Ok(Status::Done)
}
