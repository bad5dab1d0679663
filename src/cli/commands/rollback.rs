//! `tiermod rollback`: tiers taken back, with later edits kept.

use anyhow::bail;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::committed::{self, Committed};
use crate::cli::failure;
use crate::cli::gating::{Runner, TierGates, gates};
use crate::cli::session::Session;
use crate::cli::taking_back::{How, Named, Refusal, asked_for, carry_out, plan};
use crate::cli::terminal::Terminal;
use crate::cli::tier_work::counted;
use crate::cli::workshop::{Workshop, ready, warn_of_unfinished};
use crate::gate::Store;
use crate::patch;
use crate::transaction::{Checks, History, Kind, NoChecks, Outcome, Patience, Ready, Rollback};

use super::apply::remarks;

/// The arguments of `rollback`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Args {
    /// Which tiers: a number, a name, a range such as 1-3, or all; the last one goes first
    #[arg(long, value_name = "TIER")]
    tier: String,
    /// Print the patch and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Change the files and leave the commit to you
    #[arg(long)]
    no_commit: bool,
    /// Files may have uncommitted changes, which stay uncommitted
    #[arg(long)]
    allow_dirty: bool,
    /// Take the tier back whatever the gates would say
    #[arg(long)]
    no_gates: bool,
    /// Wait for another run to end, instead of saying who it is
    #[arg(long)]
    wait: bool,
}

/// Takes the tiers back; the status is open where one cannot be.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::without_transforms(global, terminal)?;
    if args.dry_run {
        return show(args, &session);
    }
    let workshop = Workshop::to_change()?;
    let bench = workshop.bench(&session.config.root)?;
    let patience = if args.wait { Patience::Wait } else { Patience::Fail };
    let ready = ready(&bench, patience, terminal)?;
    let tiers = asked_for(&session, &History::read(&bench)?, &args.tier)?;
    let mut skipped = Vec::new();
    for tier in &tiers {
        match take_back(args, &session, &workshop, &ready, tier)? {
            Taken::Ended(Status::Done) => {}
            Taken::Ended(other) => return Ok(other),
            Taken::NeverApplied(why) => skipped.push(why),
        }
    }
    none_known(skipped, tiers.len(), terminal)?;
    Ok(Status::Done)
}

/// What became of a tier that was asked for.
enum Taken {
    /// It is out of the tree, or somebody has to look first.
    Ended(Status),
    /// The history does not know it.
    NeverApplied(String),
}

/// Says which tiers were never applied: an error where that is all of them, as this may be the
/// wrong branch.
fn none_known(skipped: Vec<String>, asked: usize, terminal: &Terminal) -> anyhow::Result<()> {
    if skipped.len() == asked {
        bail!("{}", skipped.join("\n"));
    }
    for why in skipped {
        terminal.say(&why);
    }
    Ok(())
}

fn show(args: &Args, session: &Session<'_>) -> anyhow::Result<Status> {
    let workshop = Workshop::to_look();
    let bench = workshop.bench(&session.config.root)?;
    warn_of_unfinished(&bench, session.terminal)?;
    let history = History::read(&bench)?;
    let mut status = Status::Done;
    let tiers = asked_for(session, &history, &args.tier)?;
    let mut skipped = Vec::new();
    for tier in &tiers {
        match planned(session, plan(session, &bench, &history, tier)?, tier)? {
            Ok(rollback) => {
                let patches = bench.patches(&rollback.changes)?;
                let patch = patch::render(&patches, bench.object_format());
                session.terminal.print_patch(&patch)?;
            }
            Err(Taken::Ended(Status::Done)) => {}
            Err(Taken::Ended(other)) => status = other,
            Err(Taken::NeverApplied(why)) => skipped.push(why),
        }
    }
    none_known(skipped, tiers.len(), session.terminal)?;
    session.terminal.say("nothing was written");
    Ok(status)
}

/// What is to be done; or what became of the tier where that is nothing, which has been said.
fn planned(
    session: &Session<'_>,
    planned: Result<Rollback, Refusal>,
    tier: &Named,
) -> anyhow::Result<Result<Rollback, Taken>> {
    let title = tier.title();
    Ok(match planned {
        Ok(rollback) => {
            for path in &rollback.removed {
                session.terminal.say(&format!("{path}: is gone, and stays so"));
            }
            for path in &rollback.outside {
                let said = format!("{path}: is not in the project's folder, and stays as it is");
                session.terminal.say(&said);
            }
            Ok(rollback)
        }
        Err(Refusal::Use(error)) => return Err(error),
        Err(Refusal::NeverApplied(why)) => Err(Taken::NeverApplied(why)),
        Err(Refusal::AlreadyBack(why)) => {
            session.terminal.say(&format!("{why}; there is nothing to do"));
            Err(Taken::Ended(Status::Done))
        }
        Err(Refusal::Conflicts(text)) => {
            session.terminal.complain(&format!(
                "error: {title} cannot be taken back as it is; nothing was changed\n{}",
                crate::report::visible::lines(&text, "")
            ));
            Err(Taken::Ended(Status::Open))
        }
    })
}

fn take_back(
    args: &Args,
    session: &Session<'_>,
    workshop: &Workshop,
    ready: &Ready<'_>,
    tier: &Named,
) -> anyhow::Result<Taken> {
    let (terminal, bench, title) = (session.terminal, ready.bench(), tier.title());
    let history = History::read(bench)?;
    let found = plan(session, bench, &history, tier)?;
    let rollback = match planned(session, found, tier)? {
        Ok(rollback) => rollback,
        Err(taken) => return Ok(taken),
    };
    if rollback.changes.is_empty() {
        terminal.say(&format!("{title}: nothing of it is in the tree any more"));
        return Ok(Taken::Ended(Status::Done));
    }
    let files = counted(rollback.changes.len(), "file");
    let runner = Runner::new(session, Store::new(bench.store()), workshop.cancel());
    let mut gated =
        TierGates::new(runner, &tier.name, gates(session, tier.index)?, Kind::Rollback)?;
    let checks: &mut dyn Checks = if args.no_gates { &mut NoChecks } else { &mut gated };
    let before = rollback.before.clone();
    let proof = |commit: &_| committed::of_rollback(session, bench, before.as_deref(), commit);
    let checks = &mut Committed::new(checks, &proof);
    let how = How { no_commit: args.no_commit, allow_dirty: args.allow_dirty };
    match carry_out(ready, tier, rollback, how, checks)? {
        Ok(Outcome::Nothing) => {
            terminal.say(&format!("{title}: nothing of it is in the tree any more"));
        }
        Ok(Outcome::Done(done)) => {
            let short: String = done.id.chars().take(10).collect();
            let what = match (bench.git().is_some(), args.no_commit) {
                (true, _) if done.is_commit => format!("rolled back as commit {short}"),
                (true, false) => "rolled back, with nothing to commit".to_owned(),
                (true, true) => "rolled back, not committed".to_owned(),
                (false, _) => format!("rolled back as {}", done.id),
            };
            terminal.say(&format!("{title}: {what}, in {files}"));
            remarks(&done, terminal);
        }
        Err(failure) => {
            let is_gate = matches!(failure.why, crate::transaction::TransactionError::Check(_));
            let status = failure::of_transaction(&title, &failure, terminal)?;
            if is_gate {
                terminal.say("--no-gates takes it back all the same");
            }
            return Ok(Taken::Ended(status));
        }
    }
    Ok(Taken::Ended(Status::Done))
}
