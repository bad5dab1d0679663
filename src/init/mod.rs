//! A migration to start from: the shared objects that a project has, how often each of their
//! classes is built anew elsewhere, and the files that `init` writes for them.
//!
//! Writes nothing. A class is counted by the same run that would rewrite it, so that what is
//! said here is what `check` says afterwards.

pub mod find;
pub mod shared;
pub mod tiers;
pub mod files;

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::Document;
use crate::fs::{ProjectPath, SourceTree};
use crate::plan::Plan;
use crate::run::prove::Reading;
use crate::run::{self, OneTier, Request, RunError, Suggestions};
use crate::site::{Reason, Verdict};
use crate::transform::{SymbolName, Transform};

pub use find::Found;
pub use shared::{Shared, Unfit};
pub use tiers::Draft;

/// A class that has a shared object and is built elsewhere as well.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The class and its shared object.
    pub shared: Shared,
    /// The name of its transform; no other candidate's.
    pub name: String,
    /// The text of its transform.
    pub text: String,
    /// How many places build another one and would be rewritten.
    pub rewritten: usize,
    /// How many places a person must decide.
    pub held: usize,
    /// The files with these places, and how many each has.
    pub files: BTreeMap<ProjectPath, usize>,
}

/// A class that is not offered although something of it is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// The class.
    pub class: String,
    /// Why.
    pub why: String,
}

/// What a project offers.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The candidates, those with the most places first.
    pub candidates: Vec<Candidate>,
    /// What is not offered.
    pub passed_over: Vec<PassedOver>,
    /// How many Python files there are.
    pub searched: usize,
}

/// Looks for shared objects whose class is built elsewhere too; `wanted` are the classes to look
/// at, by name or as `package.module:Name`; all where it is empty.
///
/// # Errors
/// The files cannot be read.
pub fn survey(
    tree: &dyn SourceTree,
    wanted: &[String],
    threads: usize,
) -> Result<Survey, RunError> {
    let found = find::shared_objects(tree, threads)?;
    let is_wanted = |class: &str| {
        let last = class.rsplit(':').next();
        wanted.is_empty() || wanted.iter().any(|one| one == class || Some(one.as_str()) == last)
    };
    let asked_for = |class: &SymbolName| !wanted.is_empty() && is_wanted(&class.to_string());
    let (all, mut passed_over) = shared::choose(found.objects, asked_for);
    passed_over.retain(|one| is_wanted(&one.class));
    let mut drafts = Vec::new();
    for (shared, name) in shared::named(all) {
        if !is_wanted(&shared.class.to_string()) {
            continue;
        }
        let text = files::transform(&shared, &name);
        match parsed(&name, &text) {
            Ok(transform) => drafts.push((shared, name, text, transform)),
            Err(why) => passed_over.push(PassedOver { class: shared.class.to_string(), why }),
        }
    }
    let plan = |transforms: &[Transform]| {
        run::plan(&Request {
            tree,
            tiers: &OneTier::default(),
            source_roots: None,
            transforms,
            strict: false,
            is_excerpt: false,
            threads,
            suggestions: Suggestions::LeftOut,
            reading: Reading::Whole,
        })
    };
    let transforms: Vec<Transform> = drafts.iter().map(|draft| draft.3.clone()).collect();
    let together = if transforms.is_empty() { None } else { plan(&transforms).ok() };
    let mut candidates = Vec::new();
    for (shared, name, text, transform) in drafts {
        let counted = match &together {
            Some(plan) => Ok(count(plan, &name)),
            // One of them cannot be a target: the others still can.
            None => plan(std::slice::from_ref(&transform)).map(|plan| count(&plan, &name)),
        };
        match counted {
            Ok(count) if count.rewritten == 0 && count.held == 0 => {}
            Ok(count) if count.is_to_be_many() => {
                passed_over.push(PassedOver {
                    class: shared.class.to_string(),
                    why: format!(
                        "{} is there, and {} for a person to decide",
                        shared.object(),
                        count.held_of_all()
                    ),
                });
            }
            Ok(Count { rewritten, held, files, .. }) => {
                candidates.push(Candidate { shared, name, text, rewritten, held, files });
            }
            Err(error) => passed_over
                .push(PassedOver { class: shared.class.to_string(), why: error.to_string() }),
        }
    }
    candidates.sort_by(|a, b| (b.rewritten, &a.name).cmp(&(a.rewritten, &b.name)));
    passed_over.sort_by(|a, b| a.class.cmp(&b.class));
    Ok(Survey { candidates, passed_over, searched: found.searched })
}

/// The transform of `text`.
fn parsed(name: &str, text: &str) -> Result<Transform, String> {
    let document = Document::new(Path::new(name), name.to_owned(), text.as_bytes())
        .map_err(|error| error.to_string())?;
    Transform::parse(&document).map_err(|problems| problems.to_string())
}

/// The places of one transform.
#[derive(Debug, Default)]
struct Count {
    /// How many would be rewritten.
    rewritten: usize,
    /// How many a person must decide.
    held: usize,
    /// How many of those because of the constructor's arguments.
    with_arguments: usize,
    /// The files, and how many each has.
    files: BTreeMap<ProjectPath, usize>,
}

impl Count {
    /// How many of the places are held, as the subject of a sentence with its verb.
    fn held_of_all(&self) -> String {
        let verb = if self.held == 1 { "is" } else { "are" };
        match self.rewritten + self.held {
            1 => format!("the one other place that builds one {verb}"),
            all => format!("of the {all} other places that build one, {} {verb}", self.held),
        }
    }

    /// Whether this is a class of which there are to be many: most of what is built is given
    /// arguments, or is not for a program to decide.
    fn is_to_be_many(&self) -> bool {
        self.rewritten == 0
            || self.with_arguments > self.rewritten
            || self.held > 2 * self.rewritten
    }
}

fn count(plan: &Plan, name: &str) -> Count {
    let mut count = Count::default();
    for site in plan.sites.iter().filter(|site| site.transform == name) {
        match site.verdict {
            Verdict::Rewrite => count.rewritten += 1,
            Verdict::Review => count.held += 1,
            Verdict::Keep => continue,
        }
        if site.reason == Reason::Arguments {
            count.with_arguments += 1;
        }
        *count.files.entry(site.path.clone()).or_default() += 1;
    }
    count
}
