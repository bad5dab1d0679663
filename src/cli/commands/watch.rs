//! `tiermod watch`: the gates of a tier on a schedule, after a release.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::failure;
use crate::cli::gating::{Owned, Runner, gates};
use crate::cli::session::Session;
use crate::cli::taking_back::{How, Named, Refusal, carry_out, plan};
use crate::cli::terminal::Terminal;
use crate::cli::workshop::{Workshop, ready};
use crate::config::Look;
use crate::config::gate::{Gate, duration};
use crate::fs::{OsFileSystem, create_folders};
use crate::gate::{Purpose, Sink, Store};
use crate::transaction::{History, NoChecks, Outcome, Patience, Workbench};
use crate::watch::{
    Alert, Clock as _, Colours, End, Lines, Live, OnAlert, Plan, Screen, SystemClock, World,
    alert_command, watch,
};

/// The arguments of `watch`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The tier: its number or name
    #[arg(long, value_name = "TIER")]
    tier: String,
    /// How often the gates run
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    every: Duration,
    /// For how long
    #[arg(long = "for", value_name = "TIME", default_value = "20m", value_parser = duration::parse)]
    length: Duration,
    /// After how many failures of a gate in a row there is an alert
    #[arg(long, value_name = "N", default_value = "3")]
    alert_after: NonZeroU32,
    /// A shell command that is told of an alert, instead of ending the watch
    #[arg(long, value_name = "CMD")]
    on_alert: Option<String>,
    /// Take the tier back on an alert
    #[arg(long)]
    rollback: bool,
    /// Where every reading goes, as JSON lines; default: watch.jsonl beside the journal
    #[arg(long, value_name = "FILE")]
    readings: Option<PathBuf>,
    /// A file for Prometheus, replaced after every round
    #[arg(long, value_name = "FILE")]
    prometheus: Option<PathBuf>,
}

/// Watches; the status is open after an alert.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::without_transforms(global, terminal)?;
    let selected = session.selected(Some(&args.tier))?;
    let &[index] = selected.as_slice() else { bail!("one tier can be watched, not several") };
    if args.every.is_zero() {
        bail!("--every must be more than nothing");
    }
    let name = session.config.tiers.get(index).map(|tier| tier.name.clone()).unwrap_or_default();
    let tier = Named { name, index: Some(index) };
    let workshop = Workshop::to_change()?;
    let bench = workshop.bench(&session.config.root)?;
    let all = gates(&session, Some(index))?;
    if all.is_empty() {
        bail!("{} has no gates to watch; `[[gate]]` in codemod.toml makes some", tier.title());
    }
    let runner = Runner::new(&session, Store::new(bench.store()), workshop.cancel());
    let baselines = runner.store.baselines()?;
    let mut not_kept = None;
    let mut run = |gate: &Gate, sink: &mut dyn Sink| {
        let owned = all.iter().find(|owned| owned.gate.name == gate.name);
        let of = owned.and_then(|owned| owned.tier.clone());
        let baseline = baselines.get(of.as_deref(), &gate.name);
        let one = Owned { tier: of, gate: gate.clone() };
        let result = runner.run_with(&one, (baseline, Purpose::Judge), sink);
        not_kept = runner.keep(Some(&tier.name), &result).err();
        result
    };
    let cancel = workshop.cancel();
    let mut tell = args
        .on_alert
        .clone()
        .map(|command| alert_command(command, session.config.root.clone(), cancel.clone()));
    let mut take_back = |_: &Alert| take_back(&session, &bench, &tier);
    let mut readings = open_readings(args, &bench)?;
    let mut screen: Box<dyn Screen> = if terminal.has_progress() {
        let is_styled = terminal.look() == Look::Styled;
        let colours = if is_styled { Colours::Shown } else { Colours::LeftOut };
        Box::new(Live::new(io::stderr(), colours))
    } else {
        Box::new(Lines(io::stderr()))
    };
    let schedule = Plan {
        tier: tier.name.clone(),
        gates: all.iter().map(|owned| owned.gate.clone()).collect(),
        every: args.every,
        length: args.length,
        alert_after: args.alert_after,
    };
    let clock = SystemClock::start();
    let outcome = watch(
        &schedule,
        &mut World {
            clock: &clock,
            cancel: &cancel,
            run: &mut run,
            screen: &mut *screen,
            readings: Some(&mut readings as &mut dyn Write),
            prometheus: args.prometheus.as_deref(),
            alert: tell.as_mut().map(|tell| tell as OnAlert<'_>),
            rollback: args.rollback.then_some(&mut take_back as OnAlert<'_>),
        },
    );
    drop(screen);
    if let Some(error) = not_kept {
        terminal.complain(&format!("warning: `status` does not know the last results: {error}"));
    }
    let time = clock.elapsed().as_secs();
    let rounds = super::super::tier_work::counted(usize::try_from(outcome.rounds)?, "round");
    match &outcome.end {
        End::Over if outcome.is_quiet() => {
            terminal.say(&format!("{}: no alert in {rounds}, {time} s", tier.title()));
        }
        End::Over | End::Alert => {
            terminal.complain(&format!("{}: alert, after {rounds}", tier.title()));
        }
        End::RolledBack(Ok(said)) => terminal.complain(said),
        End::RolledBack(Err(why)) => {
            terminal.complain(&format!("error: {} was not taken back: {why}", tier.title()));
        }
        End::Cancelled => terminal.complain(&format!("interrupted after {rounds}")),
    }
    let is_fine = outcome.is_quiet() && outcome.end == End::Over;
    Ok(if is_fine { Status::Done } else { Status::Open })
}

fn open_readings(args: &Args, bench: &Workbench<'_>) -> anyhow::Result<File> {
    let path = if let Some(path) = &args.readings {
        path.clone()
    } else {
        create_folders(&OsFileSystem, bench.store())?;
        bench.store().join("watch.jsonl")
    };
    let opened = OpenOptions::new().create(true).append(true).open(&path);
    opened.with_context(|| format!("cannot write {}", path.display()))
}

/// What was done, or why it could not be. No gate is asked: one has just failed.
fn take_back(session: &Session<'_>, bench: &Workbench<'_>, tier: &Named) -> Result<String, String> {
    let in_words = |error: anyhow::Error| failure::sentence(&error);
    let ready =
        ready(bench, Patience::Wait, session.terminal).map_err(|error| error.to_string())?;
    let history = History::read(bench).map_err(|error| error.to_string())?;
    let rollback = match plan(session, bench, &history, tier).map_err(in_words)? {
        Ok(rollback) => rollback,
        Err(Refusal::Use(error)) => return Err(in_words(error)),
        Err(
            Refusal::Conflicts(text) | Refusal::NeverApplied(text) | Refusal::AlreadyBack(text),
        ) => return Err(text),
    };
    let how = How { no_commit: false, allow_dirty: false };
    match carry_out(&ready, tier, rollback, how, &mut NoChecks).map_err(in_words)? {
        Ok(Outcome::Nothing) => {
            Ok(format!("{}: nothing of it is in the tree any more", tier.title()))
        }
        Ok(Outcome::Done(done)) => Ok(format!("{}: rolled back as {}", tier.title(), done.id)),
        Err(failure) => Err(failure.to_string()),
    }
}
