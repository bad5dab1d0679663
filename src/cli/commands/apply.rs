//! `tiermod apply`: tiers, each as one transaction and one commit.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ArgGroup;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::committed::{self, Committed};
use crate::cli::failure;
use crate::cli::gating::{Runner, TierGates, gates};
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::cli::tier_work::{TierWork, counted, message, title};
use crate::cli::workshop::{Workshop, now, ready, warn_of_unfinished, who};
use crate::fs::{FileSystem as _, OsFileSystem};
use crate::gate::Store;
use crate::patch::{self, Change};
use crate::plan::Plan;
use crate::run::Suggestions;
use crate::run::prove::Reading;
use crate::site::Verdict;
use crate::transaction::{
    self, Done, Finish, Kind, Outcome, Patience, PlanFile, Ready, Request, Sites, TierPlan,
    Workbench,
};

/// The arguments of `apply`.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("what").required(true).multiple(true).args(["tier", "plan"])))]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Args {
    /// Which tiers: a number, a name, a range such as 1-3, or all
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,
    /// Apply exactly what `tiermod diff --plan FILE` saved, or nothing
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Print the patch and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Change the files and leave the commit to you
    #[arg(long)]
    no_commit: bool,
    /// Files may have uncommitted changes, which stay uncommitted
    #[arg(long)]
    allow_dirty: bool,
    /// Earlier tiers need not be applied
    #[arg(long)]
    out_of_order: bool,
    /// Wait for another run to end, instead of saying who it is
    #[arg(long)]
    wait: bool,
}

/// Applies the tiers in their order; the status is open where one does not stand.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    let reviewed = args.plan.as_deref().map(read_plan).transpose()?;
    let selected = selected(args, &session, reviewed.as_ref())?;
    if args.dry_run {
        return show(args, &session, &selected, reviewed.as_ref());
    }
    let workshop = Workshop::to_change()?;
    let bench = workshop.bench(&session.config.root)?;
    let patience = if args.wait { Patience::Wait } else { Patience::Fail };
    let ready = ready(&bench, patience, terminal)?;
    for index in selected {
        let one = One { args, session: &session, workshop: &workshop, ready: &ready, index };
        match one.apply(reviewed.as_ref())? {
            Status::Done => {}
            other => return Ok(other),
        }
    }
    Ok(Status::Done)
}

fn read_plan(path: &std::path::Path) -> anyhow::Result<PlanFile> {
    let json = OsFileSystem
        .read(path)
        .with_context(|| format!("cannot read the plan {}", path.display()))?;
    PlanFile::from_json(&json).with_context(|| path.display().to_string())
}

/// The tiers that are asked for; without `--tier`, those of the plan.
fn selected(
    args: &Args,
    session: &Session<'_>,
    reviewed: Option<&PlanFile>,
) -> anyhow::Result<Vec<usize>> {
    let (None, Some(reviewed)) = (&args.tier, reviewed) else {
        return session.selected(args.tier.as_deref());
    };
    let mut selected = Vec::new();
    for planned in reviewed.tiers() {
        selected.extend(session.selected(Some(&planned.tier))?);
    }
    selected.sort_unstable();
    Ok(selected)
}

/// Prints the patch of the tiers as they would be applied now.
fn show(
    args: &Args,
    session: &Session<'_>,
    selected: &[usize],
    reviewed: Option<&PlanFile>,
) -> anyhow::Result<Status> {
    let workshop = Workshop::to_look();
    let bench = workshop.bench(&session.config.root)?;
    warn_of_unfinished(&bench, session.terminal)?;
    let plan = session.plan_aloud(Suggestions::LeftOut, Reading::Whole)?;
    let mut changes = Vec::new();
    for index in selected {
        must_follow(args, session, &plan, *index, selected)?;
        let work = TierWork::of(session, &plan, *index);
        work.must_be_proven()?;
        let planned = of_plan(session, reviewed, *index)?;
        changes.extend(match (planned, reviewed) {
            (Some(planned), Some(file)) if file.is_applied(&bench, planned)? => Vec::new(),
            (Some(planned), Some(file)) => file.changes(&bench, planned)?,
            _ => work.changes(),
        });
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    let patch = patch::render(&bench.patches(&changes)?, bench.object_format());
    session.terminal.print_patch(&patch)?;
    session.terminal.say("nothing was written");
    Ok(Status::Done)
}

/// The part of the reviewed plan that is about a tier.
fn of_plan<'p>(
    session: &Session<'_>,
    reviewed: Option<&'p PlanFile>,
    index: usize,
) -> anyhow::Result<Option<&'p TierPlan>> {
    let Some(reviewed) = reviewed else { return Ok(None) };
    let name = session.config.tiers.get(index).map_or("", |tier| tier.name.as_str());
    let planned = reviewed.tiers().iter().find(|planned| planned.tier == name);
    if planned.is_none() {
        let known: Vec<&str> = reviewed.tiers().iter().map(|it| it.tier.as_str()).collect();
        bail!("the plan is not about tier `{name}`; it is about {}", known.join(", "));
    }
    Ok(planned)
}

/// Stops where an earlier tier has sites to rewrite, unless that is wanted. `first` are the tiers
/// that go before in the same run.
fn must_follow(
    args: &Args,
    session: &Session<'_>,
    plan: &Plan,
    index: usize,
    first: &[usize],
) -> anyhow::Result<()> {
    if args.out_of_order {
        return Ok(());
    }
    let is_open = |tier: &usize| {
        let left = |site: &&crate::site::Site| {
            site.tier == Some(*tier) && site.verdict == Verdict::Rewrite
        };
        !first.contains(tier) && plan.sites.iter().any(|site| left(&site))
    };
    let open: Vec<String> = (0..index).filter(is_open).map(|tier| title(session, tier)).collect();
    if open.is_empty() {
        return Ok(());
    }
    let (have, that) = if open.len() == 1 { ("has", "that") } else { ("have", "those") };
    bail!(
        "{} comes after {}, which still {have} sites to rewrite; apply {that} first, or use \
         --out-of-order",
        title(session, index),
        open.join(" and ")
    );
}

/// One tier, on its way.
struct One<'a> {
    args: &'a Args,
    session: &'a Session<'a>,
    workshop: &'a Workshop,
    ready: &'a Ready<'a>,
    index: usize,
}

/// What is to be written of a tier.
struct Planned {
    changes: Vec<Change>,
    transforms: Vec<String>,
    sites: Sites,
}

impl One<'_> {
    fn apply(&self, reviewed: Option<&PlanFile>) -> anyhow::Result<Status> {
        let (session, terminal) = (self.session, self.session.terminal);
        let title = title(session, self.index);
        let bench = self.ready.bench();
        if let (Some(tier), Some(file)) = (of_plan(session, reviewed, self.index)?, reviewed)
            && file.is_applied(bench, tier)?
        {
            terminal.say(&format!("{title}: the files are what the plan makes of them already"));
            return Ok(Status::Done);
        }
        let planned = self.planned(bench, reviewed)?;
        let Sites { rewritten, held, .. } = planned.sites;
        if planned.changes.is_empty() {
            terminal.say(&format!("{title}: nothing to rewrite, {held} held for review"));
            return Ok(Status::Done);
        }
        let files = counted(planned.changes.len(), "file");
        let mut gates = self.gates(bench)?;
        let proof = |commit: &_| committed::of_apply(session, self.index, commit);
        let mut checks = Committed::new(&mut gates, &proof);
        let request = self.request(bench, planned)?;
        terminal.say(&format!("{title}: rewriting {} in {files}", counted(rewritten, "site")));
        match transaction::apply(self.ready, request, &mut checks) {
            Ok(Outcome::Nothing) => terminal.say(&format!("{title}: nothing to rewrite")),
            Ok(Outcome::Done(done)) => {
                let short: String = done.id.chars().take(10).collect();
                let what = match (bench.git().is_some(), self.args.no_commit) {
                    (true, _) if done.is_commit => format!("applied as commit {short}"),
                    (true, false) => "applied, with nothing to commit".to_owned(),
                    (true, true) => "applied, not committed".to_owned(),
                    (false, _) => format!("applied as {}", done.id),
                };
                terminal.say(&format!(
                    "{title}: {what}: {} rewritten in {files}, {held} held for review",
                    counted(rewritten, "site")
                ));
                remarks(&done, terminal);
            }
            Err(failure) => return failure::of_transaction(&title, &failure, terminal),
        }
        Ok(Status::Done)
    }

    fn planned(
        &self,
        bench: &Workbench<'_>,
        reviewed: Option<&PlanFile>,
    ) -> anyhow::Result<Planned> {
        if let (Some(tier), Some(file)) = (of_plan(self.session, reviewed, self.index)?, reviewed) {
            let changes = file.changes(bench, tier).with_context(|| {
                format!(
                    "{}: the plan cannot be applied; nothing was written",
                    title(self.session, self.index)
                )
            })?;
            let plan = self.session.plan_aloud(Suggestions::LeftOut, Reading::Whole)?;
            must_follow(self.args, self.session, &plan, self.index, &[])?;
            return Ok(Planned { changes, transforms: tier.transforms.clone(), sites: tier.sites });
        }
        let plan = self.session.plan_aloud(Suggestions::LeftOut, Reading::Whole)?;
        must_follow(self.args, self.session, &plan, self.index, &[])?;
        let work = TierWork::of(self.session, &plan, self.index);
        work.must_be_proven()?;
        Ok(Planned {
            changes: work.changes(),
            transforms: work.transforms.clone(),
            sites: work.sites,
        })
    }

    fn gates(&self, bench: &Workbench<'_>) -> anyhow::Result<TierGates<'_>> {
        let store = Store::new(bench.store());
        let runner = Runner::new(self.session, store, self.workshop.cancel());
        let gates = gates(self.session, Some(self.index))?;
        TierGates::new(runner, self.name(), gates, Kind::Apply)
    }

    fn name(&self) -> &str {
        self.session.config.tiers.get(self.index).map_or("", |tier| tier.name.as_str())
    }

    fn request(&self, bench: &Workbench<'_>, planned: Planned) -> anyhow::Result<Request> {
        let Planned { changes, transforms, sites } = planned;
        let commits = bench.git().is_some() && !self.args.no_commit;
        Ok(Request {
            kind: Kind::Apply,
            tier: self.name().to_owned(),
            message: message(self.session, self.index, &transforms, changes.len(), sites),
            transforms,
            changes,
            sites: Some(sites),
            rolls_back: Vec::new(),
            allow_dirty: self.args.allow_dirty,
            finish: if commits { Finish::Commit } else { Finish::Keep },
            who: who(bench)?,
            when: now(),
        })
    }
}

/// What hooks did, and what could not be tidied up.
pub(super) fn remarks(done: &Done, terminal: &Terminal) {
    for path in &done.changed_by_hooks {
        terminal.complain(&format!("{path}: a commit hook changed it; its version is committed"));
    }
    for warning in &done.warnings {
        terminal.complain(&format!("warning: {warning}"));
    }
}
