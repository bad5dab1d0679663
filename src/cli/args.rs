//! What the user types.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Parser, Subcommand, ValueEnum};

use super::{commands, exits};

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

/// Above the options of every command, which stand below a command's own.
const GLOBAL: &str = "Options of every command";

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// The configuration; default: the nearest codemod.toml upwards
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub config: Option<PathBuf>,
    /// The project's folder; default: the configuration's
    #[arg(long, value_name = "DIR", global = true, help_heading = GLOBAL)]
    pub root: Option<PathBuf>,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = GLOBAL)]
    pub quiet: bool,
    /// List everything, what is kept included
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, help_heading = GLOBAL)]
    pub color: When,
    /// Show no progress
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub no_progress: bool,
    /// How many threads work; 0: as many as the machine has
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = threads(), global = true,
          help_heading = GLOBAL)]
    pub threads: usize,
}

/// More threads than any machine has processors are a slip of the hand, and each reserves a stack of
/// half a gigabyte.
const MOST_THREADS: u64 = 1024;

fn threads() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(..=MOST_THREADS)
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
    #[command(after_help = exits::INIT)]
    Init(commands::init::Args),
    /// List every site by tier, with its verdict and reason
    #[command(after_help = exits::CHECK)]
    Check(commands::check::Args),
    /// Print the patch
    #[command(after_help = exits::DIFF)]
    Diff(commands::diff::Args),
    /// Apply tiers, each as one transaction and one commit
    #[command(after_help = exits::APPLY)]
    Apply(commands::apply::Args),
    /// Take tiers back; later edits stay
    #[command(after_help = exits::ROLLBACK)]
    Rollback(commands::rollback::Args),
    /// Show where the tiers stand
    #[command(after_help = exits::STATUS)]
    Status(commands::status::Args),
    /// Run the gates, and change nothing
    #[command(after_help = exits::GATE)]
    Gate(commands::gate::Args),
    /// Run a Python command and count the instances that it builds
    #[command(after_help = exits::PROBE)]
    Probe(commands::probe::Args),
    /// Run the gates of a tier on a schedule
    #[command(after_help = exits::WATCH)]
    Watch(commands::watch::Args),
    /// Keep the import registry and the status up to date in Markdown files
    #[command(after_help = exits::DOCS)]
    Docs(commands::docs::Args),
    /// Explain a reason, or what was decided at a place
    #[command(after_help = exits::EXPLAIN)]
    Explain(commands::explain::Args),
    /// Run the examples of transforms
    #[command(after_help = exits::TEST)]
    Test(commands::test::Args),
    /// Print a JSON Schema: of codemod.toml, of a transform, or of a report
    Schema(commands::schema::Args),
    /// Print the completions of a shell
    Completions(commands::completions::Args),
    /// Print the manual page
    Man(commands::man::Args),
}
