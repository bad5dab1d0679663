//! `tiermod status`: where the tiers stand.

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::session::Session;
use crate::cli::standing::{Wording, rows};
use crate::cli::terminal::Terminal;
use crate::cli::workshop::{Workshop, warn_of_unfinished};
use crate::report::status::{Format, render};
use crate::run::Suggestions;
use crate::run::prove::Reading;

/// The arguments of `status`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Prints one row a tier, from the tree and the history.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    let workshop = Workshop::to_look();
    let bench = workshop.bench(&session.config.root)?;
    warn_of_unfinished(&bench, terminal)?;
    let plan = session.plan_aloud(Suggestions::LeftOut, Reading::Whole)?;
    let wording = if args.format == Format::Json { Wording::Full } else { Wording::Short };
    let rows = rows(&session, &bench, &plan, wording)?;
    terminal.print(render(&rows, args.format, terminal.style()).as_bytes())?;
    Ok(Status::Done)
}
