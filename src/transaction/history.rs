//! What has happened to each tier, as the history of `HEAD` and the records tell it.
//!
//! The history is read oldest first. A commit counts by what its message says, wherever it was
//! rebased, cherry-picked or squashed to; one that git says reverts it takes it back, and one that
//! reverts that brings it again. Nothing here looks at the tree.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::fs::ProjectPath;
use crate::git::log::Logged;
use crate::git::{Git, Head, RepoPath};

use super::error::TransactionError;
use super::journal::{Journal, Kind};
use super::keep::{record_name, records};
use super::trailer::{self, FileLine, MARK, Sites, Trailers};
use super::workbench::Workbench;

/// Everything that happened to tiers, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    events: Vec<Event>,
}

/// One tier applied once, or taken back once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The commit, or `record:N`.
    pub id: String,
    /// Where the contents are.
    pub source: Source,
    /// The tier.
    pub tier: String,
    /// Which of the two.
    pub kind: Kind,
    /// When, as ISO 8601.
    pub when: String,
    /// Who, `NAME <ADDRESS>`.
    pub who: String,
    /// The fingerprints of the patch, or of those that are taken back.
    pub plans: Vec<String>,
    /// The sums of sites, of an apply.
    pub sites: Option<Sites>,
    /// What is taken back.
    pub rolls_back: Vec<String>,
    /// The changed blocks, where the message tells them.
    pub files: Vec<FileLine>,
    /// The commit is about other tiers too.
    pub is_shared: bool,
    /// What took an apply back.
    pub ended: Option<Ended>,
}

/// Where an event's contents are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In a commit. Without a parent there is nothing to go back to.
    Commit {
        /// What it was made on.
        parent: Option<String>,
    },
    /// In a record.
    Record(PathBuf),
}

/// The end of what an event did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The commit or record that did it.
    pub by: String,
    /// When, as ISO 8601.
    pub when: String,
    /// Who.
    pub who: String,
}

/// Where a tier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Never applied.
    Pending,
    /// Applied, and sites to rewrite are left.
    Partial,
    /// Nothing is left to rewrite, whoever did it.
    Applied,
    /// Applied and taken back.
    RolledBack,
}

impl Event {
    /// The files that it changed, as far as they are the project's.
    ///
    /// # Errors
    /// Git or the disk fails.
    pub fn paths(&self, bench: &Workbench<'_>) -> Result<Vec<ProjectPath>, TransactionError> {
        match (&self.source, &bench.git) {
            (Source::Record(place), _) => {
                let journal = Journal::read(bench.fs, place)?;
                Ok(journal.files.into_iter().map(|file| file.path).collect())
            }
            (Source::Commit { .. }, None) => Ok(Vec::new()),
            (Source::Commit { .. }, Some(git)) => {
                let paths: Vec<RepoPath> = if self.files.is_empty() {
                    git.changed(&self.id)?.into_iter().map(|one| one.path).collect()
                } else {
                    self.files.iter().map(|file| file.path.clone()).collect()
                };
                let mut moved = None;
                let mut here = Vec::new();
                for path in &paths {
                    here.extend(git.in_project(&self.id, path, &mut moved)?);
                }
                Ok(here)
            }
        }
    }
}

impl History {
    /// Reads the history of `HEAD` and the records.
    ///
    /// # Errors
    /// Git or the disk fails.
    pub fn read(bench: &Workbench<'_>) -> Result<Self, TransactionError> {
        let mut reader = Reader::default();
        let mut kept = Vec::new();
        for (number, place) in records(bench)? {
            let journal = Journal::read(bench.fs, &place)?;
            kept.push(Kept { number, place, journal });
        }
        if let Some(git) = &bench.git
            && let Head::Commit { id: head, .. } = git.head()?
        {
            let commits = git.log("HEAD", &WORDS)?;
            let mut before = between(git, &head, &commits, &mut kept);
            for commit in commits.iter().rev() {
                for one in before.remove(&commit.id).unwrap_or_default() {
                    reader.record(one);
                }
                reader.commit(commit);
            }
        }
        for one in kept {
            reader.record(one);
        }
        Ok(Self { events: reader.finish() })
    }

    /// Everything that happened to `tier`, oldest first.
    pub fn of<'h>(&'h self, tier: &'h str) -> impl Iterator<Item = &'h Event> {
        self.events.iter().filter(move |event| event.tier == tier)
    }

    /// What was applied of `tier` and not taken back, newest first.
    pub fn standing(&self, tier: &str) -> Vec<&Event> {
        let mut standing: Vec<&Event> = self
            .events
            .iter()
            .filter(|event| event.tier == tier)
            .filter(|event| event.kind == Kind::Apply && event.ended.is_none())
            .collect();
        standing.reverse();
        standing
    }

    /// The last time that `tier` was taken back.
    pub fn last_end(&self, tier: &str) -> Option<&Ended> {
        self.events.iter().rev().filter(|event| event.tier == tier).find_map(|e| e.ended.as_ref())
    }

    /// Where `tier` stands, with so many sites `to_rewrite` in the tree. `is_gone` is asked only where
    /// an apply stands and sites are left: whether nothing of it is in the tree any more.
    pub fn state(&self, tier: &str, to_rewrite: usize, is_gone: impl FnOnce() -> bool) -> State {
        let was_applied = self.of(tier).any(|event| event.kind == Kind::Apply);
        let stands = !self.standing(tier).is_empty();
        match (to_rewrite, was_applied, stands) {
            (0, _, _) => State::Applied,
            (_, true, false) => State::RolledBack,
            (_, _, true) if is_gone() => State::RolledBack,
            (_, _, true) => State::Partial,
            (_, false, false) => State::Pending,
        }
    }
}

/// What the messages hold that concern tiers.
const WORDS: [&str; 2] = [MARK, "This reverts commit "];

/// A record, read.
struct Kept {
    number: u64,
    place: PathBuf,
    journal: Journal,
}

/// The records that were made before some of `commits`, which are newest first, by the first
/// commit after them; `kept` is left with those that come after all. Where the commit on which a
/// record was made is not in the history any more, nothing says more than that the record is there.
fn between(
    git: &Git<'_>,
    head: &str,
    commits: &[Logged],
    kept: &mut Vec<Kept>,
) -> BTreeMap<String, Vec<Kept>> {
    let mut before: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
    for one in std::mem::take(kept) {
        let on = one.journal.header.on.as_deref().filter(|on| *on != head);
        let is_past = |on: &&str| {
            git.log(&format!("HEAD..{on}"), &[]).is_ok_and(|elsewhere| elsewhere.is_empty())
        };
        let later = on.filter(is_past).and_then(|on| git.log(&format!("{on}..HEAD"), &WORDS).ok());
        let later = later.unwrap_or_default();
        let first = commits.iter().rev().find(|commit| later.iter().any(|it| it.id == commit.id));
        match first {
            Some(commit) => before.entry(commit.id.clone()).or_default().push(one),
            None => kept.push(one),
        }
    }
    before
}

#[derive(Default)]
struct Reader {
    events: Vec<Event>,
    /// What a commit that reverts another ended or brought back: the events, and their ends before.
    by_hand: BTreeMap<String, Vec<(usize, Option<Ended>)>>,
}

impl Reader {
    fn commit(&mut self, commit: &Logged) {
        // The commits that a merge brings are in the history themselves.
        if commit.parents.len() > 1 {
            return;
        }
        let said = trailer::parse(&commit.message);
        if said.is_empty() {
            self.by_hand(commit);
            return;
        }
        let mut tiers: Vec<String> = said.iter().map(|one| one.tier.clone()).collect();
        tiers.sort();
        tiers.dedup();
        let is_shared = tiers.len() > 1;
        for tier in tiers {
            let of_tier: Vec<&Trailers> = said.iter().filter(|one| one.tier == tier).collect();
            let Some(net) = net(&of_tier) else { continue };
            let event = Event {
                id: commit.id.clone(),
                source: Source::Commit { parent: commit.parents.first().cloned() },
                tier,
                kind: net.kind,
                when: commit.when.clone(),
                who: commit.who.clone(),
                plans: net.plans,
                sites: net.sites,
                rolls_back: net.rolls_back,
                files: net.files,
                is_shared,
                ended: None,
            };
            self.push(event);
        }
    }

    fn record(&mut self, Kept { number, place, journal }: Kept) {
        let header = journal.header;
        self.push(Event {
            id: record_name(number),
            source: Source::Record(place),
            tier: header.tier,
            kind: header.kind,
            when: header.when,
            who: header.who,
            plans: header.plan.split_whitespace().map(str::to_owned).collect(),
            sites: header.sites,
            rolls_back: header.rolls_back,
            files: Vec::new(),
            is_shared: false,
            ended: None,
        });
    }

    /// The events; what was applied without a commit and committed by hand since, once.
    fn finish(mut self) -> Vec<Event> {
        let stands = |event: &&Event| event.kind == Kind::Apply && event.ended.is_none();
        let is_commit = |event: &Event| matches!(event.source, Source::Commit { .. });
        let committed: Vec<(String, Vec<String>)> = self
            .events
            .iter()
            .filter(stands)
            .filter(|event| is_commit(event))
            .map(|event| (event.tier.clone(), event.plans.clone()))
            .collect();
        self.events.retain(|event| {
            let is_one = |(tier, plans): &(String, Vec<String>)| {
                *tier == event.tier && *plans == event.plans
            };
            is_commit(event) || !stands(&event) || !committed.iter().any(is_one)
        });
        self.events
    }

    fn push(&mut self, event: Event) {
        if event.kind == Kind::Rollback {
            let known = |id: &String| self.events.iter().any(|event| event.id == *id);
            // Commits that were rebased have other names; their plans are the same.
            let lost_some = event.rolls_back.iter().any(|id| !known(id));
            let end =
                Ended { by: event.id.clone(), when: event.when.clone(), who: event.who.clone() };
            let mut ended = Vec::new();
            for (n, other) in self.events.iter_mut().enumerate() {
                let named = event.rolls_back.contains(&other.id)
                    || (lost_some && other.plans.iter().any(|plan| event.plans.contains(plan)));
                let stands = other.kind == Kind::Apply && other.ended.is_none();
                if other.tier == event.tier && stands && named {
                    ended.push((n, other.ended.replace(end.clone())));
                }
            }
            self.by_hand.insert(event.id.clone(), ended);
        }
        self.events.push(event);
    }

    /// A commit that reverts others, in git's own words.
    fn by_hand(&mut self, commit: &Logged) {
        let end =
            Ended { by: commit.id.clone(), when: commit.when.clone(), who: commit.who.clone() };
        let mut did = Vec::new();
        for id in trailer::reverts(&commit.message) {
            // A revert, or a rollback, that is reverted itself.
            let undone = self.by_hand.iter().find(|(by, _)| by.starts_with(&id));
            if let Some((_, before)) = undone {
                for (n, ended) in before.clone() {
                    if let Some(event) = self.events.get_mut(n) {
                        did.push((n, std::mem::replace(&mut event.ended, ended)));
                    }
                }
                continue;
            }
            for (n, event) in self.events.iter_mut().enumerate() {
                if event.id.starts_with(&id) && event.kind == Kind::Apply && event.ended.is_none() {
                    did.push((n, event.ended.replace(end.clone())));
                }
            }
        }
        if !did.is_empty() {
            self.by_hand.insert(commit.id.clone(), did);
        }
    }
}

/// What several messages about one tier, squashed into one commit, come to: an apply and its
/// rollback are nothing. Where an apply is left, going back before the commit takes back the
/// rollbacks in it too, so those do not count.
fn net(said: &[&Trailers]) -> Option<Trailers> {
    let mut applies: Vec<&Trailers> = Vec::new();
    let mut rollbacks: Vec<&Trailers> = Vec::new();
    for one in said {
        match one.kind {
            Kind::Apply => applies.push(one),
            Kind::Rollback => rollbacks.push(one),
        }
    }
    rollbacks.retain(|rollback| {
        let undone = applies
            .iter()
            .position(|apply| apply.plans.iter().any(|plan| rollback.plans.contains(plan)));
        undone.map(|n| applies.remove(n)).is_none()
    });
    let left = if applies.is_empty() { rollbacks } else { applies };
    let mut left = left.into_iter();
    let mut net = left.next()?.clone();
    for more in left {
        net.plans.extend(more.plans.iter().cloned());
        net.rolls_back.extend(more.rolls_back.iter().cloned());
        net.files.extend(more.files.iter().cloned());
    }
    Some(net)
}
