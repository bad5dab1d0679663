//! Mock targets: the strings that name what this plan removes or makes idle.
//!
//! Comes after every file was decided, as what a string names is read in other files. Adds the
//! decisions on the strings to the drafts of their files.

mod readers;
mod reads;
mod given;
mod put;
mod retarget;

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::Request;
use super::candidate::{Candidates, Examiner, Stage};
use crate::matching::Target;
use crate::matching::mocks::{MockTarget, Subject};
use crate::project::{FileId, ModuleLookup};
use crate::resolve::{Hop, Resolver};
use crate::rewrite::{Change, Decision, Part, Retarget, Rules};
use crate::site::{Reason, SiteKind, Verdict};
use crate::text::some_of;
use readers::{Readers, readers};
use reads::Read;

/// Decides every string of the candidates.
pub(super) fn settle(examiner: &Examiner<'_>, candidates: &mut Candidates) {
    let Examiner { request, resolver, targets, .. } = *examiner;
    open_readers(examiner, candidates);
    let mut known: BTreeMap<(&Hop, &[FileId], Subject), Readers> = BTreeMap::new();
    let mut settled: Vec<(FileId, Decision, Vec<Retarget>)> = Vec::new();
    for (file, mock) in mocks(candidates) {
        let (target, transform, symbol) = match mock.subject {
            Subject::Target(index) => match targets.all.get(index) {
                Some(target) => (Some(target), &target.transform, &target.symbol),
                None => continue,
            },
            Subject::Rule(index) => match targets.rules.get(index) {
                Some(rule) => (None, &rule.transform, &rule.symbol),
                None => continue,
            },
        };
        let readers = known
            .entry((&mock.patched, &mock.loaded, mock.subject))
            .or_insert_with(|| readers(resolver, target, candidates, mock));
        if !readers.is_hazard() {
            continue;
        }
        let about = (transform.as_str(), symbol.as_str());
        let one = One { request, resolver, target, about, candidates, file, mock, readers };
        if let Some((decision, more)) = one.decide() {
            settled.push((file, decision, more));
        }
    }
    for (file, decision, more) in settled {
        let stage = candidates.all.get_mut(&file).map(|candidate| &mut candidate.stage);
        let Some(Stage::Open(draft)) = stage else { continue };
        if decision.offered.is_some() {
            draft.offered_retargets.extend(more);
        } else {
            draft.retargets.extend(more);
        }
        draft.decisions.push(decision);
        draft.decisions.sort_by_key(|decision| (decision.range.start(), decision.range.end()));
    }
}

fn mocks(candidates: &Candidates) -> impl Iterator<Item = (FileId, &MockTarget)> {
    let all = candidates.all.values();
    all.flat_map(|candidate| candidate.sites.mocks.iter().map(|mock| (candidate.file, mock)))
}

/// Opens the candidates whose code may read a name that is patched: how they read it is asked.
fn open_readers(examiner: &Examiner<'_>, candidates: &mut Candidates) {
    let patched: FxHashSet<Hop> = mocks(candidates).map(|(_, mock)| mock.patched.clone()).collect();
    if patched.is_empty() {
        return;
    }
    let Candidates { all, known } = candidates;
    all.par_iter_mut().for_each(|(file, candidate)| {
        let is_patched = patched.iter().any(|hop| hop.file == *file);
        if is_patched || candidate.sites.hops.iter().any(|(_, hop)| patched.contains(hop)) {
            examiner.reopen(known, candidate);
        }
    });
}

/// One string.
struct One<'a> {
    request: &'a Request<'a>,
    resolver: &'a Resolver<'a, 'a>,
    target: Option<&'a Target>,
    /// The transform and the symbol.
    about: (&'a str, &'a str),
    candidates: &'a Candidates,
    file: FileId,
    mock: &'a MockTarget,
    readers: &'a Readers,
}

impl One<'_> {
    fn decide(&self) -> Option<(Decision, Vec<Retarget>)> {
        let candidate = self.candidates.all.get(&self.file)?;
        let (draft, tier) = (candidate.draft()?, candidate.tier);
        let patched = &self.mock.patched;
        let found = self.resolver.attribute_of(&ModuleLookup::File(patched.file), &patched.name);
        let mut decision = Decision {
            transform: self.about.0.to_owned(),
            symbol: self.about.1.to_owned(),
            kind: SiteKind::Class,
            range: self.mock.range,
            reference: None,
            more_references: Vec::new(),
            migrations: Vec::new(),
            chain: found
                .origins
                .first()
                .map(|(_, steps)| self.resolver.told(steps))
                .unwrap_or_default(),
            verdict: Verdict::Review,
            reason: Reason::MockTarget,
            message: self.message(),
            change: None,
            offered: None,
        };
        let accept = tier.map_or(&[][..], |tier| self.request.tiers.accepted(tier));
        let rules = Rules { accept, pragmas: &draft.pragmas };
        if decision.settle_by_pragma(&draft.analysis, &rules) {
            return Some((decision, Vec::new()));
        }
        let is_accepted = accept.contains(&Reason::MockTarget);
        let Some(target) = self.target else { return Some((decision, Vec::new())) };
        let is_wanted = target.retargets_mocks || is_accepted;
        let made = self
            .new_name(tier)
            .and_then(|new| retarget::edits(draft, self.mock, target.access, &new));
        match made {
            Ok(made) => {
                if is_wanted {
                    decision.verdict = Verdict::Rewrite;
                    decision.change = Some(change(&made.string));
                } else {
                    decision.offered = Some(Box::new(change(&made.string)));
                }
                let more = made.more.into_iter();
                let more = more
                    .map(|more| Retarget {
                        site: self.mock.range,
                        edit: more.edit,
                        copy: more.copy,
                    })
                    .collect();
                Some((decision, more))
            }
            Err(_) if !is_wanted => Some((decision, Vec::new())),
            Err(why) => {
                decision.message = format!("{}; not rewritten, as {why}", decision.message);
                Some((decision, Vec::new()))
            }
        }
    }

    fn path(&self, file: FileId) -> String {
        self.resolver.project().path(file).to_string()
    }

    fn message(&self) -> String {
        let readers = self.readers;
        let mut places: Vec<String> = readers.places().map(|file| self.path(file)).collect();
        places.sort();
        places.dedup();
        let mut new: Vec<String> = readers.reads.iter().map(|read| self.shown(read)).collect();
        new.sort();
        new.dedup();
        let becomes = match new.as_slice() {
            [] => "the target has to name what is read instead".to_owned(),
            _ => format!("the target becomes {}", listed(&new)),
        };
        let when = if readers.rewritten.is_empty() { "" } else { " once the sites are rewritten" };
        let verb = if places.len() == 1 { "reads" } else { "read" };
        let left = if readers.left.is_empty() || readers.rewritten.is_empty() {
            ""
        } else {
            "; what is not rewritten still reads it"
        };
        format!("{} no longer {verb} this name{when}: {becomes}{left}", listed(&places))
    }

    /// A read as the string would name it.
    fn shown(&self, read: &Read) -> String {
        if read.file == Some(self.mock.patched.file) {
            return match self.mock.prefix.as_str() {
                "" => format!("`{}`", read.name),
                prefix => format!("`{prefix}.{}`", read.name),
            };
        }
        format!("`{}.{}`", read.module, read.name)
    }

    /// What everything that read the class reads instead, where that is certain for this string.
    fn new_name(&self, tier: Option<usize>) -> Result<retarget::NewName, String> {
        let readers = self.readers;
        let mut loaded = readers.places().filter(|file| self.mock.loaded.contains(file));
        if let Some(file) = loaded.next() {
            return Err(format!("{} may be imported while it is patched", self.path(file)));
        }
        if let Some((file, line)) = readers.left.first() {
            return Err(format!("{}:{line} reads the class as well", self.path(*file)));
        }
        if let Some((file, line)) = readers.early.first() {
            return Err(format!(
                "{}:{line} runs when its module is imported, before any patch",
                self.path(*file)
            ));
        }
        if let Some((file, line)) = readers.present.first() {
            return Err(format!("{}:{line} reads the shared object today", self.path(*file)));
        }
        let other = readers.places().find(|file| {
            !readers.rewritten.is_empty()
                && self.candidates.all.get(file).is_none_or(|other| other.tier != tier)
        });
        if let Some(file) = other {
            return Err(format!("{} is rewritten with another tier", self.path(file)));
        }
        let [read] = readers.reads.as_slice() else {
            return Err("not all of its readers read the same name afterwards".to_owned());
        };
        if read.file == Some(self.mock.patched.file) {
            return Ok(retarget::NewName::Last(read.name.clone()));
        }
        let project = self.resolver.project();
        let is_found = read.file.is_some_and(|file| {
            project.module(&read.module, Some(self.file)) == ModuleLookup::File(file)
        });
        if is_found {
            Ok(retarget::NewName::Dotted(format!("{}.{}", read.module, read.name)))
        } else {
            Err(format!("`{}` is not found from here", read.module))
        }
    }
}

/// The change of a string.
fn change(edit: &crate::text::Edit) -> Change {
    Change {
        range: edit.range,
        parts: vec![Part::Literal(edit.text.clone())],
        requests: Vec::new(),
        replaces_statement: None,
        kept_reference: Some(edit.range),
        wanted: Vec::new(),
        why: Vec::new(),
        uses: Vec::new(),
        shape: None,
        enclosed: Vec::new(),
    }
}

/// The most files or names that one message lists.
const MOST_LISTED: usize = 3;

fn listed(all: &[String]) -> String {
    if all.len() <= MOST_LISTED { all.join(" and ") } else { some_of(all, MOST_LISTED) }
}
