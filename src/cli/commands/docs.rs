//! `tiermod docs`: the import registry and the status, in the user's own Markdown files.

use std::path::PathBuf;

use anyhow::{Context, bail};
use jiff::Timestamp;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::session::Session;
use crate::cli::standing::{Wording, rows};
use crate::cli::terminal::Terminal;
use crate::cli::workshop::Workshop;
use crate::docs::{Block, Replacement, TierStatus, Transformed, registry, status, update};
use crate::fs::{FileSystem as _, OsFileSystem};
use crate::report::status::Row;
use crate::run::Suggestions;
use crate::run::prove::Reading;
use crate::transform::{Access, Singleton, Transform};

/// The arguments of `docs`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Markdown files with `<!-- tiermod:registry -->` or `<!-- tiermod:status -->` and their ends
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write nothing, and fail where something would be written
    #[arg(long)]
    check: bool,
}

/// Writes the blocks; with `--check`, the status is open where one is out of date.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    let workshop = Workshop::to_look();
    let bench = workshop.bench(&session.config.root)?;
    let plan = session.plan(Suggestions::LeftOut, Reading::Whole)?;
    let rows = rows(&session, &bench, &plan, Wording::Full)?;
    let transforms: Vec<Transformed> = session.transforms.iter().map(transformed).collect();
    let tiers: Vec<TierStatus> = rows.iter().map(tier_status).collect();
    // All files are looked at before one is written.
    let mut updated = Vec::new();
    for path in &args.files {
        let name = path.display();
        let bytes = OsFileSystem.read(path).with_context(|| format!("cannot read {name}"))?;
        let Ok(old) = String::from_utf8(bytes) else { bail!("{name}: is not UTF-8") };
        let new = update(&old, |block| match block {
            Block::Registry => registry(&transforms),
            Block::Status => status(&tiers),
        });
        let new =
            new.map_err(|error| anyhow::anyhow!("{name}:{}: {}", error.line, error.problem))?;
        if new != old {
            updated.push((path, new));
        }
    }
    for (path, new) in &updated {
        if args.check {
            terminal.complain(&format!("{}: is out of date; run `tiermod docs`", path.display()));
            continue;
        }
        crate::fs::replace(path, new.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
        terminal.say(&format!("wrote {}", path.display()));
    }
    if updated.is_empty() {
        terminal.say("nothing to change");
    }
    Ok(if args.check && !updated.is_empty() { Status::Open } else { Status::Done })
}

fn transformed(transform: &Transform) -> Transformed {
    let of_rewrite = transform.rewrites.iter().map(|rewrite| Replacement {
        symbol: String::new(),
        import: String::new(),
        correct: rewrite.rewrite.after.readable(&rewrite.after.text),
        wrong: rewrite.rewrite.before.readable(&rewrite.before.text),
    });
    Transformed {
        name: transform.name.clone(),
        summary: transform.summary.clone(),
        replacements: transform.singletons.iter().map(of_singleton).chain(of_rewrite).collect(),
    }
}

fn of_singleton(singleton: &Singleton) -> Replacement {
    let (class, shared) = (&singleton.class, singleton.access.symbol());
    let import = format!("from {} import {}", shared.module, shared.name);
    let call = match &singleton.access {
        Access::Instance(shared) => shared.name.clone(),
        Access::Factory(shared) => format!("{}()", shared.name),
    };
    Replacement {
        symbol: class.to_string(),
        correct: format!("{import}\n\nself.shared = {call}"),
        wrong: format!(
            "from {} import {}\n\nself.own = {}()",
            class.module, class.name, class.name
        ),
        import,
    }
}

fn tier_status(row: &Row) -> TierStatus {
    let time = |iso: &String| iso.parse::<Timestamp>().ok();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let gates = row.gates.iter();
    TierStatus {
        name: row.tier.clone(),
        summary: row.summary.clone(),
        state: row.state.name().to_owned(),
        sites_left: count(row.left),
        to_review: count(row.held),
        gates: gates.map(|gate| (gate.name.clone(), gate.status.name().to_owned())).collect(),
        applied: row.applied.as_ref().and_then(|applied| time(&applied.when)),
        rolled_back: row.rolled_back.as_ref().and_then(time),
    }
}
