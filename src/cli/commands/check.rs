//! `tiermod check`: every site, by tier, with its verdict and reason.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::ratcheting;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::fs::ProjectPath;
use crate::plan::Plan;
use crate::report::Outcome;
use crate::report::check::{Format, render};
use crate::run::Suggestions;
use crate::run::prove::Reading;

/// The arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// List only the sites of these files and folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How the report is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Compare the number of sites with that in FILE, which may fall and never rise
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "format"])]
    ratchet: Option<PathBuf>,
    /// Write the numbers to the ratchet's file where it is new, or they fell
    #[arg(long, requires = "ratchet")]
    update: bool,
}

/// Prints the report; the status is open while sites are to be rewritten or decided.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    if let Some(path) = &args.ratchet {
        let plan = session.plan(Suggestions::LeftOut, Reading::to_show())?;
        return ratcheting::run(&session, &plan, path, args.update);
    }
    let mut plan = session.plan(Suggestions::Made, Reading::to_show())?;
    narrow(&mut plan, &args.paths, &session.config.root)?;
    let tiers = session.tiers();
    let outcome = Outcome::new(&plan, &tiers, &plan.findings);
    terminal.print(render(&outcome, args.format, terminal.style()).as_bytes())?;
    let status = if outcome.is_settled() { Status::Done } else { Status::Open };
    // The process ends here: taking thousands of trees apart first would only delay it.
    std::mem::forget(plan);
    Ok(status)
}

/// Leaves what is about `paths` only.
fn narrow(plan: &mut Plan, paths: &[PathBuf], root: &Path) -> anyhow::Result<()> {
    if paths.is_empty() {
        return Ok(());
    }
    let mut wanted = Vec::new();
    for path in paths {
        let absolute = std::path::absolute(path)?;
        let real = absolute.canonicalize().unwrap_or(absolute);
        let Ok(relative) = real.strip_prefix(root) else {
            bail!("`{}` is not in the project, {}", path.display(), root.display());
        };
        if !real.exists() {
            bail!("there is no `{}`", path.display());
        }
        wanted.push(relative.to_owned());
    }
    let is_wanted =
        |path: &ProjectPath| wanted.iter().any(|folder| path.as_path().starts_with(folder));
    plan.sites.retain(|site| is_wanted(&site.path));
    plan.findings.retain(|finding| is_wanted(&finding.path));
    plan.files.retain(|file| is_wanted(file.path()));
    plan.unproven.retain(|file| is_wanted(&file.path));
    plan.failures.retain(|(path, _)| is_wanted(path));
    Ok(())
}
