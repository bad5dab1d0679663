//! `tiermod explain`: a reason's page, that of the audit, or what was decided at a place.

use anyhow::{Context, bail};

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::fs::ProjectPath;
use crate::report::explain;
use crate::run::Suggestions;
use crate::run::prove::Reading;
use crate::site::Reason;

/// The arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A reason such as TM103, `isolation`, or a place such as app/service.py:12; without it, all
    /// reasons
    #[arg(value_name = "CODE|FILE:LINE")]
    what: Option<String>,
}

/// Prints the page, or the decisions of a line.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let style = terminal.style();
    let Some(what) = &args.what else {
        terminal.print(explain::reasons(style).as_bytes())?;
        return Ok(Status::Done);
    };
    if let Ok(reason) = what.parse::<Reason>() {
        terminal.print(explain::page(reason, style).as_bytes())?;
        return Ok(Status::Done);
    }
    if what == "isolation" {
        terminal.print(explain::isolation(style).as_bytes())?;
        return Ok(Status::Done);
    }
    let Some((file, line)) = place(what) else {
        bail!(
            "`{what}` is neither a reason, such as TM103, nor a place, such as app/service.py:12"
        );
    };
    place_decisions(file, line, global, terminal)?;
    Ok(Status::Done)
}

/// `FILE:LINE`, perhaps with a column after it.
fn place(text: &str) -> Option<(&str, u32)> {
    let (file, line) = text.rsplit_once(':')?;
    let line = line.parse().ok()?;
    match file.rsplit_once(':') {
        Some((file, first)) if first.parse::<u32>().is_ok() => Some((file, first.parse().ok()?)),
        _ => Some((file, line)),
    }
}

fn place_decisions(
    file: &str,
    line: u32,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    let session = Session::open(global, terminal)?;
    let root = &session.config.root;
    let here = std::path::absolute(file).with_context(|| format!("cannot find `{file}`"))?;
    // As it is from here, or as reports write it, which may be read in a folder of the project.
    let found = [here, root.join(file)].into_iter().find(|path| path.symlink_metadata().is_ok());
    let Some(absolute) = found else {
        bail!("there is no file `{file}`");
    };
    let absolute = absolute.canonicalize().unwrap_or(absolute);
    let inside = absolute.strip_prefix(root).ok().and_then(ProjectPath::new);
    let Some(path) = inside else {
        bail!("`{file}` is not in the project, {}", root.display());
    };
    let plan = session.plan(Suggestions::Made, Reading::Whole)?;
    let in_file: Vec<_> = plan.sites.iter().filter(|site| site.path == path).collect();
    let on_line: Vec<_> =
        in_file.iter().filter(|site| (site.start.line..=site.end.line).contains(&line)).collect();
    if on_line.is_empty() {
        let lines: Vec<String> = in_file.iter().map(|site| site.start.line.to_string()).collect();
        if lines.is_empty() {
            bail!("{path} has no sites");
        }
        bail!("there is no site on line {line} of {path}; it has some on {}", lines.join(", "));
    }
    let tiers = session.tiers();
    let plan_of_file = plan.files.iter().find(|file| *file.path() == path);
    let mut text = String::new();
    for site in on_line {
        text.push_str(&explain::site(site, plan_of_file, &tiers, terminal.style()));
    }
    terminal.print(text.as_bytes())?;
    Ok(())
}
