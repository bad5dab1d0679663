//! `tiermod diff`: the patch.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::cli::tier_work::{TierWork, change, counted};
use crate::cli::workshop::{Workshop, warn_of_unfinished};
use crate::fs::{FileSystem as _, OsFileSystem};
use crate::patch::{self, Change};
use crate::plan::{FilePlan, Plan};
use crate::report::check;
use crate::report::{Outcome, html};
use crate::run::Suggestions;
use crate::run::prove::Reading;
use crate::transaction::{Input, PlanFile, TierPlan, Workbench};

/// The arguments of `diff`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this tier: a number, a name, a range such as 1-3, or all
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,
    /// How the patch is written
    #[arg(long, value_name = "FORMAT", default_value = "patch")]
    format: Format,
    /// Write to this file instead of standard output; `-` is standard output, without a pager
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Save the plan too, for `tiermod apply --plan FILE`
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

/// How a patch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For `git apply`.
    Patch,
    /// A page for reviewers, in one file.
    Html,
    /// The sites, as `check --format json` gives them, of the selected tiers.
    Json,
}

/// Prints the patch of the selected tiers.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    let selected = session.selected(args.tier.as_deref())?;
    let workshop = Workshop::to_look();
    let bench = workshop.bench(&session.config.root)?;
    warn_of_unfinished(&bench, terminal)?;
    let suggestions = match args.format {
        Format::Patch => Suggestions::LeftOut,
        Format::Html | Format::Json => Suggestions::Made,
    };
    // What is saved is written later as it is.
    let reading = if args.plan.is_some() { Reading::Whole } else { Reading::to_show() };
    let mut plan = session.plan_aloud(suggestions, reading)?;
    let is_selected = |tier: Option<usize>| match tier {
        Some(tier) => selected.contains(&tier),
        None => args.tier.is_none(),
    };
    plan.sites.retain(|site| is_selected(site.tier));
    plan.files.retain(|file| is_selected(file.tier));
    plan.unproven.retain(|file| is_selected(file.tier));
    let files: Vec<&FilePlan> = plan.files.iter().collect();
    if let Some(path) = &args.plan {
        save(&session, &bench, &plan, &selected, path)?;
    }
    let tiers = session.tiers();
    plan.findings.retain(|finding| is_selected(session.config.tier_of(&finding.path)));
    let outcome = Outcome::new(&plan, &tiers, &plan.findings);
    let bytes = match args.format {
        Format::Patch => {
            let changes: Vec<Change> = files.iter().map(|file| change(file)).collect();
            patch::render(&bench.patches(&changes)?, bench.object_format())
        }
        Format::Html => html::render(&outcome, &files, &session.transform_infos())?.into_bytes(),
        Format::Json => check::render(&outcome, check::Format::Json, terminal.style()).into_bytes(),
    };
    match &args.output {
        Some(path) if path.as_os_str() == "-" => terminal.print(&bytes)?,
        Some(path) => crate::fs::replace(path, &bytes)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None if args.format == Format::Patch => terminal.print_patch(&bytes)?,
        None => terminal.print(&bytes)?,
    }
    if plan.unproven.is_empty() {
        // As in `check`: the process ends here.
        std::mem::forget(plan);
        return Ok(Status::Done);
    }
    let left_out: Vec<String> =
        plan.unproven.iter().map(|file| format!("{}: {}", file.path, file.message)).collect();
    bail!(
        "the planned results of {} were not proven, and the patch leaves them out\n{}",
        counted(left_out.len(), "file"),
        left_out.join("\n")
    );
}

/// Saves what a reviewer sees, with everything that it was made from.
fn save(
    session: &Session<'_>,
    bench: &Workbench<'_>,
    plan: &Plan,
    selected: &[usize],
    path: &Path,
) -> anyhow::Result<()> {
    let mut tiers = Vec::new();
    for index in selected {
        let work = TierWork::of(session, plan, *index);
        work.must_be_proven()?;
        let name = session.config.tiers.get(*index).map_or("", |tier| tier.name.as_str());
        let (transforms, sites) = (work.transforms.clone(), work.sites);
        tiers.push(TierPlan::new(bench, name, transforms, sites, &work.changes())?);
    }
    let root = bench.root();
    let mut inputs = Vec::new();
    // One that comes with tiermod is in no file that could change; its patch is in the plan.
    let own = session.transforms.iter().filter(|transform| !transform.is_builtin());
    let documents = own.map(|transform| &transform.document);
    for document in std::iter::once(&session.config.document).chain(documents) {
        let (place, digest) = (document.path(), document.hash().to_owned());
        inputs.push(Input::of_digest(place.strip_prefix(root).unwrap_or(place), digest));
    }
    for (file, source) in &plan.inputs {
        if let Some(source) = source {
            inputs.push(Input::new(file.as_path(), &source.bytes()));
        } else {
            let bytes = OsFileSystem.read(&file.under(root));
            let bytes = bytes.with_context(|| format!("cannot read {file}"))?;
            inputs.push(Input::new(file.as_path(), &bytes));
        }
    }
    let json = PlanFile::new(inputs, tiers).to_json();
    crate::fs::replace(path, json.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    session.terminal.say(&format!("wrote {}", path.display()));
    Ok(())
}
