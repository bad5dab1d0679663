//! `tiermod test`: the examples of transforms.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, anyhow, bail};

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::session::{Session, open_config};
use crate::cli::terminal::Terminal;
use crate::config::nearest::nearest;
use crate::config::{Builtin, ConfigError, builtin};
use crate::example::{self, Outcome};
use crate::patch::{FilePatch, ObjectFormat};
use crate::report::{diff, visible};
use crate::transform::{self, Example, Transform, load_builtin, load_file, update};

/// The arguments of `test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these: names of transforms, of those in transforms/ too that codemod.toml does not
    /// list, paths of their files, or builtin:NAME
    #[arg(value_name = "TRANSFORM")]
    transforms: Vec<String>,
    /// Write what the transforms do into the `after` parts of their examples
    #[arg(long)]
    update: bool,
}

/// Runs the examples; the status is open when one fails or a kind of example is missing.
///
/// # Errors
/// What ends the command with status 2, as the user reads it.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let chosen = if args.transforms.is_empty() {
        Session::open(global, terminal)?.transforms
    } else {
        named(&args.transforms, global, terminal)?
    };
    let mut failed = 0_usize;
    let mut passed = 0_usize;
    for transform in &chosen {
        for missing in transform.missing_examples() {
            failed += 1;
            terminal.print(format!("FAILED {}: {missing}\n", transform.name).as_bytes())?;
        }
        let mut updated = transform.document.text().to_owned();
        for (index, one) in transform.examples.iter().enumerate() {
            let outcome = example::run(transform, one)
                .with_context(|| format!("example `{}` of {}", one.name, transform.name))?;
            if args.update && !outcome.wrong.is_empty() {
                let after = one
                    .after
                    .keys()
                    .chain(outcome.changed.keys())
                    .filter_map(|path| {
                        let text = outcome.changed.get(path).or_else(|| one.before.get(path))?;
                        Some((path.clone(), text.clone()))
                    })
                    .collect();
                updated = update::set_after(&updated, index, &after)?;
            }
            if outcome.passed() {
                passed += 1;
                if terminal.is_verbose() {
                    terminal.print(format!("ok {}: {}\n", transform.name, one.name).as_bytes())?;
                }
            } else {
                failed += 1;
                terminal.print(&failure(transform, one, &outcome, terminal.style().color))?;
            }
        }
        if updated != transform.document.text() {
            let path = transform.document.path();
            if transform.is_builtin() {
                bail!(
                    "`{}` comes with tiermod and is not written; `tiermod init --transform {0}` \
                     makes a copy",
                    transform.name
                );
            }
            crate::fs::replace(path, updated.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
            terminal.say(&format!("wrote {}", path.display()));
        }
    }
    terminal.print(format!("{passed} examples passed, {failed} failed\n").as_bytes())?;
    Ok(if failed == 0 { Status::Done } else { Status::Open })
}

/// The transforms of these names or paths, whether or not a configuration lists them.
fn named(names: &[String], global: &Global, terminal: &Terminal) -> anyhow::Result<Vec<Transform>> {
    let config = match open_config(global) {
        Ok(config) => Some(config),
        // A transform can be tested before there is a migration.
        Err(error) if is_missing(&error) && global.config.is_none() => None,
        Err(error) => return Err(error),
    };
    let root = match (&config, &global.root) {
        (Some(config), _) => config.root.clone(),
        (None, Some(root)) => root.clone(),
        (None, None) => std::env::current_dir().context("cannot tell the current folder")?,
    };
    let mut listed: Option<Vec<Transform>> = None;
    let mut chosen = Vec::new();
    for name in names {
        let loaded = if let Some(builtin) = name.strip_prefix(builtin::PREFIX) {
            builtin::named(builtin).map(load_builtin).transpose()?
        } else if is_toml(Path::new(name)) {
            Some(load_file(&root, &std::path::absolute(name)?)?)
        } else {
            if let (None, Some(config)) = (&listed, &config) {
                listed = Some(transform::load(config)?.transforms);
            }
            let of_name = |transform: &&Transform| transform.name == *name;
            if let Some(found) = listed.iter().flatten().find(of_name) {
                chosen.push(found.clone());
                continue;
            }
            let file = root.join(FOLDER).join(format!("{name}.toml"));
            file.is_file().then(|| load_file(&root, &file)).transpose()?
        };
        let Some(loaded) = loaded else { return Err(unknown(name, listed.as_deref(), &root)) };
        for warning in &loaded.warnings {
            terminal.say(&warning.render(terminal.look()));
        }
        chosen.extend(loaded.transforms);
    }
    Ok(chosen)
}

/// Where the transforms of a project are that lists none.
const FOLDER: &str = "transforms";

fn is_missing(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ConfigError::Missing { .. }))
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

/// Says which transforms there are.
fn unknown(name: &str, listed: Option<&[Transform]>, root: &Path) -> anyhow::Error {
    let mut known: Vec<String> =
        listed.into_iter().flatten().map(|transform| transform.name.clone()).collect();
    let files = std::fs::read_dir(root.join(FOLDER)).into_iter().flatten().flatten();
    let files = files.map(|file| file.path()).filter(|path| is_toml(path));
    known.extend(files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())));
    known.sort();
    known.dedup();
    known.extend(builtin::ALL.iter().map(Builtin::path));
    let near = nearest(name, known.iter().map(String::as_str));
    let hint = near.map_or(".".to_owned(), |near| format!("; is it `{near}`?"));
    anyhow!("there is no transform `{name}`{hint} There are: {}", known.join(", "))
}

/// What is wrong with an example, with a diff from what it says to what is.
fn failure(transform: &Transform, example: &Example, outcome: &Outcome, color: bool) -> Vec<u8> {
    let mut text =
        format!("FAILED {}: {}\n", visible::line(&transform.name), visible::line(&example.name));
    for reason in &outcome.unexpected {
        let _ = writeln!(
            text,
            "  a site is held for {reason} {}, which the example does not say",
            reason.title()
        );
    }
    for reason in &outcome.missing {
        let _ = writeln!(text, "  no site is held or kept for {reason} {}", reason.title());
    }
    for (path, why) in &outcome.unproven {
        let _ = writeln!(text, "  {path}: the result was not proven: {}", visible::line(why));
    }
    let patches: Vec<FilePatch> = outcome
        .wrong
        .iter()
        .map(|file| FilePatch {
            path: file.path.to_slash().into_bytes(),
            old: file.expected.clone().into_bytes(),
            new: file.actual.clone().into_bytes(),
            mode: 0o100_644,
            notes: Vec::new(),
        })
        .collect();
    if !patches.is_empty() {
        text.push_str("  from what the example says to what the transform does:\n");
    }
    let mut bytes = text.into_bytes();
    let patch = crate::patch::render(&patches, ObjectFormat::Sha1);
    bytes.extend(if color { diff::paint(&patch) } else { patch });
    bytes
}
