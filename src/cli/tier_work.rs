//! One tier's part of a plan.

use anyhow::bail;

use super::session::Session;
use crate::config::Risk;
use crate::patch::{Change, HunkNote};
use crate::plan::{FilePlan, Plan, Unproven};
use crate::site::Verdict;
use crate::transaction::{Message, Sites};

/// What a plan holds for one tier.
pub struct TierWork<'p> {
    /// Its number, from 1, and its name, as messages write them: `tier 1, websocket`.
    pub title: String,
    /// The sums of its sites.
    pub sites: Sites,
    /// The files that change.
    pub files: Vec<&'p FilePlan>,
    /// The transforms that rewrite something in it.
    pub transforms: Vec<String>,
    unproven: Vec<&'p Unproven>,
}

impl<'p> TierWork<'p> {
    /// The part of the tier at `index`.
    pub fn of(session: &Session<'_>, plan: &'p Plan, index: usize) -> Self {
        let mine = |tier: Option<usize>| tier == Some(index);
        let sites: Vec<_> = plan.sites.iter().filter(|site| mine(site.tier)).collect();
        let count = |verdict| sites.iter().filter(|site| site.verdict == verdict).count();
        let rewrites = |name: &String| {
            sites.iter().any(|site| site.verdict == Verdict::Rewrite && site.transform == *name)
        };
        let names = session.transforms.iter().map(|transform| transform.name.clone());
        Self {
            title: title(session, index),
            sites: Sites {
                rewritten: count(Verdict::Rewrite),
                held: count(Verdict::Review),
                kept: count(Verdict::Keep),
            },
            files: plan.files.iter().filter(|file| mine(file.tier)).collect(),
            transforms: names.filter(rewrites).collect(),
            unproven: plan.unproven.iter().filter(|file| mine(file.tier)).collect(),
        }
    }

    /// The files that change, as a transaction takes them.
    pub fn changes(&self) -> Vec<Change> {
        self.files.iter().map(|file| change(file)).collect()
    }

    /// Stops where a file of the tier has no proven result: a tier is applied as a whole.
    ///
    /// # Errors
    /// The files and what is wrong with their results.
    pub fn must_be_proven(&self) -> anyhow::Result<()> {
        if self.unproven.is_empty() {
            return Ok(());
        }
        let files: Vec<String> =
            self.unproven.iter().map(|file| format!("{}: {}", file.path, file.message)).collect();
        bail!(
            "{} cannot be applied, as planned results were not proven; nothing was written\n{}",
            self.title,
            files.join("\n")
        );
    }
}

/// `tier 1, websocket`.
pub fn title(session: &Session<'_>, index: usize) -> String {
    let name = session.config.tiers.get(index).map_or("", |tier| tier.name.as_str());
    format!("tier {}, {name}", index + 1)
}

/// A planned file, as a patch or a transaction takes it.
pub fn change(file: &FilePlan) -> Change {
    let note = |(lines, text): &(std::ops::Range<u32>, String)| HunkNote {
        old_lines: lines.start.saturating_sub(1)..lines.end.saturating_sub(1),
        text: text.clone(),
    };
    Change {
        path: file.path().clone(),
        old: file.old().into_owned(),
        new: file.new.clone(),
        notes: file.notes.iter().map(note).collect(),
    }
}

/// `1 site`, `3 sites`.
pub fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// The body of a commit whose tier gives none.
fn usual_body(summary: &str, files: usize, sites: Sites) -> String {
    let (rewritten, files) = (counted(sites.rewritten, "site"), counted(files, "file"));
    let counts = format!("{rewritten} rewritten in {files}, {} held for review.", sites.held);
    if summary.is_empty() { counts } else { format!("{summary}.\n\n{counts}") }
}

/// What the commit of a tier says to people.
pub fn message(
    session: &Session<'_>,
    index: usize,
    transforms: &[String],
    files: usize,
    sites: Sites,
) -> Message {
    let Some(tier) = session.config.tiers.get(index) else {
        return Message { subject: title(session, index), body: String::new() };
    };
    let fill = |hole: &str| match hole {
        "tier" => tier.name.clone(),
        "number" => (index + 1).to_string(),
        "summary" => tier.summary.clone(),
        "risk" => tier.risk.map_or("", Risk::name).to_owned(),
        "transforms" => transforms.join(", "),
        "files" => files.to_string(),
        "sites" => sites.rewritten.to_string(),
        "held" => sites.held.to_string(),
        // The configuration lets no other hole through.
        _ => String::new(),
    };
    let body = match &tier.commit_body {
        Some(body) => body.render(fill),
        None => usual_body(&tier.summary, files, sites),
    };
    Message { subject: tier.commit_subject.render(fill), body }
}
