//! `tiermod init`: the files of a migration, to start from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::builder::PossibleValuesParser;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::terminal::Terminal;
use crate::cli::tier_work::counted;
use crate::config::{builtin, find};
use crate::fs::{DiskTree, OsFileSystem, ProjectPath, create_folders};
use crate::init::{Candidate, Survey, files, survey, tiers};
use crate::report::visible;
use crate::text::encoding;

/// The arguments of `init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these classes, as `Name` or `package.module:Name`
    #[arg(value_name = "CLASS")]
    classes: Vec<String>,
    /// Write a copy of this transform, which comes with tiermod, to transforms/, and nothing else
    #[arg(long, value_name = "NAME", conflicts_with = "classes", value_parser = builtin_names())]
    transform: Vec<String>,
    /// Print the files and write nothing
    #[arg(long)]
    dry_run: bool,
}

fn builtin_names() -> PossibleValuesParser {
    PossibleValuesParser::new(builtin::ALL.iter().map(|one| one.name))
}

/// Writes `codemod.toml` and transforms; never over a file that is there.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let root = match &global.root {
        Some(root) => root.clone(),
        None => std::env::current_dir().context("cannot tell the current folder")?,
    };
    let root = root.canonicalize().with_context(|| format!("there is no `{}`", root.display()))?;
    if !root.is_dir() {
        bail!("cannot use the folder `{}`: not a directory", root.display());
    }
    let config = global.config.clone().unwrap_or_else(|| root.join("codemod.toml"));
    if !args.transform.is_empty() {
        // Beside the configuration that the other commands find from here, where there is one.
        let found = global.root.is_none().then(|| find(&root).ok()).flatten();
        let config = global.config.clone().or(found).unwrap_or(config);
        let folder = config.parent().unwrap_or(Path::new(".")).join("transforms");
        let root = folder.parent().unwrap_or(&root);
        let chosen =
            builtin::ALL.iter().filter(|one| args.transform.iter().any(|it| it == one.name));
        let copies: Vec<(PathBuf, String)> = chosen
            .map(|one| (folder.join(format!("{}.toml", one.name)), one.text.to_owned()))
            .collect();
        return write(&copies, root, args.dry_run, terminal).map(|()| Status::Done);
    }
    if global.root.is_none() && global.config.is_none() {
        must_begin_a_project(&root)?;
    }
    if !args.dry_run {
        must_be_new(&config)?;
    }
    let tree = DiskTree::new(&root, Arc::new(|_| false), encoding::MAX_BYTES as u64);
    let working = terminal.working("looking for shared objects");
    let found = survey(&tree, &args.classes, global.threads)?;
    drop(working);
    passed_over(args, &found, terminal);
    if found.candidates.is_empty() {
        return nothing(args, &found, terminal);
    }
    terminal.say(&table(&found.candidates));
    let written = texts(&found.candidates, &config);
    write(&written, &root, args.dry_run, terminal)?;
    if args.dry_run {
        return Ok(Status::Done);
    }
    terminal.say(
        "\nnext:\n  tiermod test             the examples of the transforms\n  \
         tiermod check            every place, and why some are held\n  \
         tiermod diff --tier 1    what would change\n  \
         tiermod apply --tier 1   the first tier, as one commit\n\
         Order the tiers in codemod.toml as you would release them, and give them gates.",
    );
    Ok(Status::Done)
}

/// Writes the files, none of which may be there, the first one last; or prints them.
fn write(
    files: &[(PathBuf, String)],
    root: &Path,
    is_dry: bool,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    if is_dry {
        for (path, text) in files {
            let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
            terminal.print(format!("# {}\n{text}\n", visible::line(&name)).as_bytes())?;
        }
        terminal.say("nothing was written");
        return Ok(());
    }
    for (path, _) in files {
        must_be_new(path)?;
    }
    // The configuration last: without it, the rest is nothing yet.
    for (path, text) in files.iter().rev() {
        let folder = path.parent().unwrap_or(Path::new("."));
        create_folders(&OsFileSystem, folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        crate::fs::replace(path, text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    for (path, _) in files {
        let name = path.strip_prefix(root).unwrap_or(path);
        terminal.say(&format!("wrote {}", name.display()));
    }
    Ok(())
}

/// Says what is not offered; in full to whoever asks for all, or for these classes.
fn passed_over(args: &Args, found: &Survey, terminal: &Terminal) {
    if terminal.is_verbose() || !args.classes.is_empty() {
        for one in &found.passed_over {
            terminal.say(&format!("passed over {}: {}", one.class, visible::line(&one.why)));
        }
    } else if !found.passed_over.is_empty() {
        let classes = if found.passed_over.len() == 1 { "class" } else { "classes" };
        let number = found.passed_over.len();
        terminal.say(&format!("{number} {classes} passed over; `--verbose` says why"));
    }
}

/// Says that there is nothing to start from; an error where classes were asked for.
fn nothing(args: &Args, found: &Survey, terminal: &Terminal) -> anyhow::Result<Status> {
    let searched = counted(found.searched, "Python file");
    if !args.classes.is_empty() {
        if !found.passed_over.is_empty() {
            bail!(
                "nothing is left of {} to start from; nothing was written",
                args.classes.join(", ")
            );
        }
        bail!(
            "of {}, no shared object is there that is built elsewhere too ({searched} searched)",
            args.classes.join(", ")
        );
    }
    terminal.say(&format!(
        "no shared object is there whose class is built elsewhere too ({searched} searched); \
         nothing was written\n\
         These transforms need nothing of the project; a codemod.toml with `transforms = \
         [\"builtin:NAME\"]` and a tier uses one:\n{}\
         A transform for anything else is written by hand: `tiermod schema transform` says what \
         one holds, and `tiermod init --transform NAME` copies one to start from.",
        usable()
    ));
    Ok(Status::Done)
}

/// The transforms that come with tiermod and are no templates, a line each.
fn usable() -> String {
    let mut text = String::new();
    for one in builtin::ALL.iter().filter(|one| !one.is_template) {
        let _infallible = writeln!(text, "  {}", one.name);
    }
    text
}

/// Refuses a folder of a project's package: its modules have other names for everybody else, so
/// nearly nothing that they import would be found.
fn must_begin_a_project(root: &Path) -> anyhow::Result<()> {
    let has = |name: &&str| root.join(name).symlink_metadata().is_ok();
    let begins = [".git", "pyproject.toml", "setup.py", "setup.cfg"];
    if has(&"__init__.py") && !begins.iter().any(has) {
        bail!(
            "{} is a package, as it has an `__init__.py`; run `tiermod init` in the folder in \
             which the project begins, or name that with `--root`",
            root.display()
        );
    }
    Ok(())
}

fn must_be_new(path: &Path) -> anyhow::Result<()> {
    if path.symlink_metadata().is_ok() {
        bail!("{} is there already; nothing was written", path.display());
    }
    Ok(())
}

/// The files, the configuration first.
fn texts(candidates: &[Candidate], config: &Path) -> Vec<(PathBuf, String)> {
    let mut places: BTreeMap<ProjectPath, usize> = BTreeMap::new();
    for (path, count) in candidates.iter().flat_map(|candidate| &candidate.files) {
        *places.entry(path.clone()).or_default() += count;
    }
    let names: Vec<String> = candidates.iter().map(|candidate| candidate.name.clone()).collect();
    let folder = config.parent().unwrap_or(Path::new(".")).join("transforms");
    let mut all = vec![(config.to_owned(), files::config(&names, &tiers::draft(&places)))];
    all.extend(candidates.iter().map(|candidate| {
        (folder.join(format!("{}.toml", candidate.name)), candidate.text.clone())
    }));
    all
}

/// What was found, one row a class.
fn table(candidates: &[Candidate]) -> String {
    let rows: Vec<[String; 5]> = candidates
        .iter()
        .map(|one| {
            [
                one.shared.class.to_string(),
                one.shared.object(),
                one.rewritten.to_string(),
                one.held.to_string(),
                one.files.len().to_string(),
            ]
        })
        .collect();
    let heads = ["class", "shared object", "built anew", "to decide", "files"].map(str::to_owned);
    let all: Vec<&[String; 5]> = std::iter::once(&heads).chain(&rows).collect();
    let width = |column: usize| all.iter().map(|row| row[column].chars().count()).max();
    let widths = [0, 1, 2, 3, 4].map(|column| width(column).unwrap_or_default());
    let mut text = String::new();
    for row in all {
        let [class, object, anew, held, files] = row;
        let _infallible = writeln!(
            text,
            "{class:<a$}  {object:<b$}  {anew:>c$}  {held:>d$}  {files:>e$}",
            a = widths[0],
            b = widths[1],
            c = widths[2],
            d = widths[3],
            e = widths[4]
        );
    }
    text
}
