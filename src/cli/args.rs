//! What the user types.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::commands;

/// Moves a Python code base, tier by tier, from building an object at every place to using the
/// shared one.
#[derive(Debug, Parser)]
#[command(name = "tiermod", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Args {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// The configuration; default: the nearest codemod.toml upwards
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The project's folder; default: the configuration's
    #[arg(long, value_name = "DIR", global = true)]
    pub root: Option<PathBuf>,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// List everything, what is kept included
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: When,
    /// Show no progress
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// How many threads work; 0: as many as the machine has
    #[arg(long, value_name = "N", default_value_t = 0, global = true)]
    pub threads: usize,
}

/// When to do something that suits terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find shared objects that are built anew elsewhere, and write a migration to start from
    Init(commands::init::Args),
    /// List every site by tier, with its verdict and reason
    Check(commands::check::Args),
    /// Print the patch
    Diff(commands::diff::Args),
    /// Apply tiers, each as one transaction and one commit
    Apply(commands::apply::Args),
    /// Take tiers back; later edits stay
    Rollback(commands::rollback::Args),
    /// Show where the tiers stand
    Status(commands::status::Args),
    /// Run the gates, and change nothing
    Gate(commands::gate::Args),
    /// Run a Python command and count the instances that it builds
    Probe(commands::probe::Args),
    /// Run the gates of a tier on a schedule
    Watch(commands::watch::Args),
    /// Keep the import registry and the status up to date in Markdown files
    Docs(commands::docs::Args),
    /// Explain a reason, or what was decided at a place
    Explain(commands::explain::Args),
    /// Run the examples of transforms
    Test(commands::test::Args),
    /// Print a JSON Schema: of codemod.toml, of a transform, or of a report
    Schema(commands::schema::Args),
    /// Print the completions of a shell
    Completions(commands::completions::Args),
    /// Print the manual page
    Man(commands::man::Args),
}
