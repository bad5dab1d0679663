//! The commands, one file each.

pub mod init;
pub mod check;
pub mod diff;
pub mod apply;
pub mod rollback;
pub mod status;
pub mod gate;
pub mod probe;
pub mod watch;
pub mod docs;
pub mod explain;
pub mod test;
pub mod schema;
pub mod completions;
pub mod man;

use super::Status;
use super::args::{Args, Command};
use super::terminal::Terminal;

/// Runs a command.
///
/// # Errors
/// Whatever keeps it from giving an answer.
pub fn run(args: &Args, terminal: &Terminal) -> anyhow::Result<Status> {
    let global = &args.global;
    match &args.command {
        Command::Init(args) => init::run(args, global, terminal),
        Command::Check(args) => check::run(args, global, terminal),
        Command::Diff(args) => diff::run(args, global, terminal),
        Command::Apply(args) => apply::run(args, global, terminal),
        Command::Rollback(args) => rollback::run(args, global, terminal),
        Command::Status(args) => status::run(args, global, terminal),
        Command::Gate(args) => gate::run(args, global, terminal),
        Command::Probe(args) => probe::run(args, global, terminal),
        Command::Watch(args) => watch::run(args, global, terminal),
        Command::Docs(args) => docs::run(args, global, terminal),
        Command::Explain(args) => explain::run(args, global, terminal),
        Command::Test(args) => test::run(args, global, terminal),
        Command::Schema(args) => schema::run(args, terminal),
        Command::Completions(args) => completions::run(args, terminal),
        Command::Man(_) => man::run(terminal),
    }
}
