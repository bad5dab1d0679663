//! `tiermod diff`: the patch.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::patch::{FilePatch, HunkNote, ObjectFormat};
use crate::plan::FilePlan;
use crate::report::check;
use crate::report::{Outcome, diff, html};

/// The arguments of `diff`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this tier: a number, a name, a range such as 1-3, or all
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,
    /// How the patch is written
    #[arg(long, value_name = "FORMAT", default_value = "patch")]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
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
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    let selected = session.selected(args.tier.as_deref())?;
    let mut plan = session.plan()?;
    let is_selected = |tier: Option<usize>| match tier {
        Some(tier) => selected.contains(&tier),
        None => args.tier.is_none(),
    };
    plan.sites.retain(|site| is_selected(site.tier));
    plan.files.retain(|file| is_selected(file.tier));
    plan.unproven.retain(|file| is_selected(file.tier));
    let files: Vec<&FilePlan> = plan.files.iter().collect();
    let tiers = session.tiers();
    let outcome = Outcome::new(&plan, &tiers, &[]);
    let bytes = match args.format {
        Format::Patch => crate::patch::render(&patches(&files), ObjectFormat::Sha1),
        Format::Html => html::render(&outcome, &files, &session.transform_infos())?.into_bytes(),
        Format::Json => check::render(&outcome, check::Format::Json, terminal.style()).into_bytes(),
    };
    match &args.output {
        Some(path) => crate::fs::replace(path, &bytes)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None if args.format == Format::Patch && terminal.style().color => {
            terminal.page(&diff::paint(&bytes))?;
        }
        None if args.format == Format::Patch => terminal.page(&bytes)?,
        None => terminal.print(&bytes)?,
    }
    if let Some(file) = plan.unproven.first() {
        bail!(
            "{}: the planned result was not proven, and the file is left out: {}",
            file.path,
            file.message
        );
    }
    Ok(Status::Done)
}

fn patches(files: &[&FilePlan]) -> Vec<FilePatch> {
    files
        .iter()
        .map(|file| FilePatch {
            path: file.path.to_slash().into_bytes(),
            old: file.old.clone(),
            new: file.new.clone(),
            mode: 0o100_644,
            notes: file
                .notes
                .iter()
                .map(|(lines, text)| HunkNote {
                    old_lines: lines.start.saturating_sub(1)..lines.end.saturating_sub(1),
                    text: text.clone(),
                })
                .collect(),
        })
        .collect()
}
