//! `check --ratchet`: the number of sites may fall and never rise.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;

use super::Status;
use super::session::Session;
use super::tier_work::counted;
use crate::fs::{FileSystem as _, OsFileSystem};
use crate::plan::Plan;
use crate::ratchet::Ratchet;
use crate::report::visible;
use crate::site::Verdict;

/// Compares the open sites with the counts in `path`; with `update`, writes them back as low as
/// they are.
///
/// # Errors
/// The file cannot be read or written.
pub fn run(
    session: &Session<'_>,
    plan: &Plan,
    path: &Path,
    update: bool,
) -> anyhow::Result<Status> {
    let name = path.display();
    let now = count(session, plan);
    let known = OsFileSystem.read(path);
    let before = match known {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Some(Ratchet::from_json(&text).with_context(|| name.to_string())?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && update => None,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            anyhow::bail!("there is no {name}; `tiermod check --ratchet {name} --update` makes it")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {name}")),
    };
    let movement = before.as_ref().map(|before| before.compare(&now)).unwrap_or_default();
    let mut text = String::new();
    for rise in &movement.rises {
        let _infallible = writeln!(text, "{}", visible::line(&rise.to_string()));
    }
    let sites = counted(usize::try_from(now.total()).unwrap_or(usize::MAX), "site");
    let risen = counted(movement.rises.len(), "count");
    let _infallible = match (&before, movement.rises.len()) {
        (None, _) => writeln!(text, "{sites}"),
        (_, 0) => writeln!(text, "{sites}, none more than before"),
        _ => writeln!(text, "{sites}; {risen} rose"),
    };
    session.terminal.print(text.as_bytes())?;
    let tightened = before.as_ref().map_or_else(|| now.clone(), |before| before.tightened(&now));
    if before.as_ref() != Some(&tightened) {
        if update {
            crate::fs::replace(path, tightened.to_json()?.as_bytes())
                .with_context(|| format!("cannot write {name}"))?;
            session.terminal.say(&format!("wrote {name}"));
        } else {
            session.terminal.say(&format!(
                "there are fewer than before; `tiermod check --ratchet {name} --update` keeps that"
            ));
        }
    }
    Ok(if movement.rises.is_empty() { Status::Done } else { Status::Open })
}

fn count(session: &Session<'_>, plan: &Plan) -> Ratchet {
    let open = plan.sites.iter().filter(|site| site.verdict != Verdict::Keep);
    let counted: Vec<(&str, String, &str)> = open
        .map(|site| {
            let tier = site.tier.and_then(|index| session.config.tiers.get(index));
            (tier.map_or("", |tier| tier.name.as_str()), site.path.to_slash(), site.reason.code())
        })
        .collect();
    Ratchet::count(counted.iter().map(|(tier, path, reason)| (*tier, path.as_str(), *reason)))
}
