//! `tiermod man`: the manual page, for packagers.

use clap::CommandFactory;

use crate::cli::Status;
use crate::cli::terminal::Terminal;

/// The arguments of `man`: none.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints the page of the command, followed by those of its subcommands.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(terminal: &Terminal) -> anyhow::Result<Status> {
    let mut command = crate::cli::args::Args::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = format!("tiermod-{}", subcommand.get_name());
        let subcommand = subcommand.clone().name(name);
        clap_mangen::Man::new(subcommand).render(&mut page)?;
    }
    terminal.print(&page)?;
    Ok(Status::Done)
}
