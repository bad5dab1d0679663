//! `tiermod test`: the examples of transforms.

use std::fmt::Write;

use anyhow::{Context, bail};

use crate::cli::Status;
use crate::cli::args::Global;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::config::nearest::nearest;
use crate::example::{self, Outcome};
use crate::patch::{FilePatch, ObjectFormat};
use crate::report::{diff, visible};
use crate::transform::{Example, Transform, update};

/// The arguments of `test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these transforms
    #[arg(value_name = "TRANSFORM")]
    transforms: Vec<String>,
    /// Write what the transforms do into the `after` parts of their examples
    #[arg(long)]
    update: bool,
}

/// Runs the examples; the status is open when one fails or a kind of example is missing.
pub fn run(args: &Args, global: &Global, terminal: &Terminal) -> anyhow::Result<Status> {
    let session = Session::open(global, terminal)?;
    let mut failed = 0_usize;
    let mut passed = 0_usize;
    for transform in chosen(&session.transforms, &args.transforms)? {
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
            crate::fs::replace(path, updated.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
            terminal.say(&format!("wrote {}", path.display()));
        }
    }
    terminal.print(format!("{passed} examples passed, {failed} failed\n").as_bytes())?;
    Ok(if failed == 0 { Status::Done } else { Status::Open })
}

fn chosen<'t>(all: &'t [Transform], names: &[String]) -> anyhow::Result<Vec<&'t Transform>> {
    if names.is_empty() {
        return Ok(all.iter().collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        let Some(transform) = all.iter().find(|transform| transform.name == *name) else {
            let known: Vec<&str> = all.iter().map(|transform| transform.name.as_str()).collect();
            let hint = nearest(name, known.iter().copied())
                .map_or_else(String::new, |near| format!("; is it `{near}`?"));
            bail!("there is no transform `{name}`{hint} There are: {}", known.join(", "));
        };
        chosen.push(transform);
    }
    Ok(chosen)
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
