//! `tiermod gate`: the gates, without changing anything.

use clap::ValueEnum;
use jiff::Timestamp;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::gating::{Owned, Runner, gates, told};
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::cli::workshop::Workshop;
use crate::gate::{Purpose, Status as GateStatus, Store};
use crate::report::{gate as report, visible};

/// The arguments of `gate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only the gates of these tiers, and those of every tier: a number, a name, or a range
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,
    /// Record what the gates give as what later runs are compared with
    #[arg(long)]
    baseline: bool,
    /// How the results are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: a line as each gate ends.
    Text,
    /// For programs, once all have ended; versioned, with a schema.
    Json,
}

/// Runs the gates, all of them; the status is open where one does not hold.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    let selected = session.selected(args.tier.as_deref())?;
    let workshop = Workshop::to_change()?;
    let bench = workshop.bench(&session.config.root)?;
    let store = Store::new(bench.store());
    let all = chosen(&session, &selected)?;
    if all.is_empty() {
        if args.format == Format::Json {
            terminal.print(report::json(&[]).as_bytes())?;
        }
        terminal
            .say("there are no gates; `[[gate]]` and `[[tier.gate]]` in codemod.toml make some");
        return Ok(Status::Done);
    }
    let runner = Runner::new(&session, store, workshop.cancel());
    let mut baselines = runner.store.baselines()?;
    let purpose = if args.baseline { Purpose::Record } else { Purpose::Judge };
    let mut failed = false;
    let mut judged = Vec::new();
    for owned in &all {
        let (tier, gate) = (owned.tier.as_deref(), &owned.gate);
        let baseline = baselines.get(tier, &gate.name).cloned();
        let result = runner.run(owned, tier, baseline.as_ref(), purpose)?;
        if result.status == GateStatus::Cancelled {
            terminal.complain("interrupted");
            return Ok(Status::Open);
        }
        let of = tier.map_or(String::new(), |tier| format!("{}: ", visible::line(tier)));
        if args.baseline {
            let left_out = baselines.record(tier, [(gate, &result)], Timestamp::now());
            failed |= !left_out.is_empty();
            if left_out.is_empty() {
                runner.store.keep_baselines(&baselines)?;
            }
        } else {
            failed |= !result.holds();
        }
        if args.format == Format::Json {
            judged.push((owned.tier.clone(), result));
            continue;
        }
        let shows_output =
            if args.baseline { result.status == GateStatus::CouldNotRun } else { !result.holds() };
        let text = if shows_output { told(&result) } else { result.to_string() };
        terminal.print(format!("{of}{text}\n").as_bytes())?;
    }
    if args.format == Format::Json {
        terminal.print(report::json(&judged).as_bytes())?;
    }
    if args.baseline {
        terminal.say("recorded: later runs are compared with these");
    }
    Ok(if failed { Status::Open } else { Status::Done })
}

/// The gates of every tier, once, then those of each selected tier.
fn chosen(session: &Session<'_>, selected: &[usize]) -> anyhow::Result<Vec<Owned>> {
    let mut all = gates(session, None)?;
    for index in selected {
        let of_tier = gates(session, Some(*index))?;
        all.extend(of_tier.into_iter().filter(|owned| owned.tier.is_some()));
    }
    Ok(all)
}
