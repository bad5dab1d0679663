//! `tiermod schema`: JSON Schemas, for editors.

use clap::ValueEnum;

use crate::cli::Status;
use crate::cli::terminal::Terminal;

/// The arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of what
    #[arg(value_name = "WHAT", default_value = "config")]
    what: What,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// codemod.toml.
    Config,
    /// A file of transforms/.
    Transform,
    /// `check --format json`.
    Report,
    /// `status --format json`.
    Status,
    /// `gate --format json`.
    Gate,
}

/// Prints the schema.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, terminal: &Terminal) -> anyhow::Result<Status> {
    let schema = match args.what {
        What::Config => crate::config::schema::json_schema(),
        What::Transform => crate::transform::schema::json_schema(),
        What::Report => crate::report::check::json::schema(),
        What::Status => crate::report::status::json::schema(),
        What::Gate => crate::report::gate::schema(),
    };
    let text = serde_json::to_string_pretty(&schema)?;
    terminal.print(format!("{text}\n").as_bytes())?;
    Ok(Status::Done)
}
