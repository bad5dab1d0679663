//! `tiermod probe`: what a Python command really builds.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::cli::workshop::Workshop;
use crate::config::gate::Target;
use crate::fs::{FileSystem as _, OsFileSystem};
use crate::probe::{Options, ProbeReport, RedisUrl, Targets, compare, run as observe};
use crate::report::visible;

/// The arguments of `probe`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep the report in this file, as JSON
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Show the report beside the one that was saved in this file
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// How the report is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// A Redis server to ask.
    #[arg(
        long,
        value_name = "URL",
        help = "Ask this Redis server how many clients it has: redis://HOST:PORT or unix://PATH"
    )]
    redis: Option<RedisUrl>,
    /// The command and its arguments, after `--`
    #[arg(value_name = "CMD", last = true, required = true)]
    command: Vec<OsString>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table.
    Text,
    /// For programs: what `--save` keeps.
    Json,
}

/// Runs the command; its output is its own, the report goes to standard error. The status is the
/// command's.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    let targets = targets(&session)?;
    let before = args.compare.as_deref().map(saved).transpose()?;
    let workshop = Workshop::to_change()?;
    let options = Options { redis: args.redis.clone(), cache: cache() };
    let root = &session.config.root;
    let report = observe(&args.command, root, &targets, &options, &workshop.cancel())?;
    match args.format {
        Format::Text => terminal.complain(&visible::lines(&report.to_string(), "")),
        Format::Json => terminal.complain(&report.to_json()?),
    }
    if let Some(before) = before.filter(|_| args.format == Format::Text) {
        terminal.complain(&visible::lines(&compare(&before, &report).to_string(), ""));
    }
    if let Some(path) = &args.save {
        crate::fs::replace(path, report.to_json()?.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
        terminal.say(&format!("wrote {}", path.display()));
    }
    Ok(match report.exit.code() {
        0 => Status::Done,
        code => Status::Code(u8::try_from(code).unwrap_or(u8::MAX)),
    })
}

fn targets(session: &Session<'_>) -> anyhow::Result<Targets> {
    let mut all = Vec::new();
    for singleton in session.transforms.iter().flat_map(|transform| &transform.singletons) {
        let class = singleton.class.to_string();
        let target: Target = class.parse().with_context(|| format!("`{class}`"))?;
        all.push(target);
    }
    if all.is_empty() {
        bail!("no transform has a `[[singleton]]`, so there is no class to count");
    }
    Ok(Targets::from(all))
}

/// The folder in which programs keep what they can make again, where this user has one.
fn cache() -> Option<PathBuf> {
    let named = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || named("HOME").filter(|home| home.is_dir()).map(|home| home.join(".cache"));
    Some(named("XDG_CACHE_HOME").or_else(home)?.join("tiermod"))
}

fn saved(path: &Path) -> anyhow::Result<ProbeReport> {
    let bytes =
        OsFileSystem.read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    ProbeReport::from_json(&text).with_context(|| path.display().to_string())
}
