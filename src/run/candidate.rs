//! One file that mentions a target: what is found in it, what is decided, and what it becomes.
//!
//! Most files need nothing of the others but what their names lead to. Such a file is finished as
//! soon as it was parsed, and its tree is dropped: what a run holds in memory are the files that its
//! threads work on, not all that a migration changes. It is finished as if no other file needed the
//! imports that its own code needs no more; where one does, it is made again.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::make::{NEEDED, made};
use super::pins::Participant;
use super::prove::Prover;
use super::{Request, Suggestions, outcome};
use crate::config::python_style::files::StyleFiles;
use crate::isolation::{Audit, Finding, audit};
use crate::matching::mentions::Mentions;
use crate::matching::relevance::{KnownNames, may_be_written};
use crate::matching::{FileSites, Targets, find};
use crate::plan::FilePlan;
use crate::project::{Analysis, FileId, Source};
use crate::resolve::Resolver;
use crate::rewrite::{Draft, draft};
use crate::semantic::BindingId;
use crate::site::Site;
use crate::text::contains;

/// A file that mentions a target.
pub(super) struct Candidate {
    /// The file.
    pub(super) file: FileId,
    /// Its text.
    pub(super) source: Arc<Source>,
    /// Its tier.
    pub(super) tier: Option<usize>,
    /// What was found.
    pub(super) sites: FileSites,
    /// What audits say of it.
    pub(super) findings: Vec<Finding>,
    /// How far it is.
    pub(super) stage: Stage,
}

/// How far a candidate is.
pub(super) enum Stage {
    /// Decided, and other files have a say in what becomes of it.
    Open(Draft),
    /// Made.
    Finished(Finished),
}

/// A file whose tree is not needed any more.
pub(super) struct Finished {
    /// Its sites, for people.
    pub(super) sites: Vec<Site>,
    /// What it has to do with other files.
    pub(super) participant: Participant,
    /// Its result, without the imports that its own code needs no more; `None` where nothing
    /// changes.
    pub(super) made: Option<Result<FilePlan, String>>,
}

impl Candidate {
    /// The draft, where it is not finished.
    pub(super) fn draft(&self) -> Option<&Draft> {
        match &self.stage {
            Stage::Open(draft) => Some(draft),
            Stage::Finished(_) => None,
        }
    }

    /// Whether one of `names` may stand in the file or in what it becomes.
    pub(super) fn may_name(&self, names: &[String]) -> bool {
        let made = match &self.stage {
            Stage::Finished(Finished { made: Some(Ok(made)), .. }) => made.new.as_slice(),
            _ => &[],
        };
        names.iter().any(|name| may_be_written(&self.source.text, name) || contains(made, name))
    }
}

/// The files that mention a target, once looked at.
pub(super) struct Candidates {
    pub(super) all: BTreeMap<FileId, Candidate>,
    /// The names under which the targets are known in any module.
    pub(super) known: KnownNames,
}

impl Candidates {
    /// The candidates that are not finished, with their drafts.
    pub(super) fn open(&self) -> impl Iterator<Item = (&Candidate, &Draft)> {
        self.all.values().filter_map(|candidate| Some((candidate, candidate.draft()?)))
    }

    /// The draft of a candidate that is not finished.
    pub(super) fn draft(&self, file: FileId) -> Option<&Draft> {
        self.all.get(&file)?.draft()
    }
}

/// What every file is looked at with.
#[derive(Clone, Copy)]
pub(super) struct Examiner<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) resolver: &'a Resolver<'a, 'a>,
    pub(super) targets: &'a Targets,
    pub(super) audits: &'a [Audit],
    pub(super) mentions: &'a Mentions,
    pub(super) styles: &'a StyleFiles<'a>,
}

impl Examiner<'_> {
    /// Finds the sites of a file, decides them, and finishes it where no other file has a say.
    pub(super) fn examine(
        &self,
        known: &KnownNames,
        file: FileId,
        analysis: &Arc<Analysis>,
    ) -> Candidate {
        let project = self.resolver.project().with(file, Arc::clone(analysis));
        let examiner = Examiner { resolver: &self.resolver.seen_from(&project), ..*self };
        let tier = self.request.tiers.tier_of(&analysis.source.path);
        let (sites, draft) = examiner.draft(known, file, analysis, tier);
        let findings = match self.audits {
            [] => Vec::new(),
            audits => audit(examiner.resolver, self.targets, audits, file, analysis),
        };
        let stage = if self.has_say(&sites, &draft) {
            self.resolver.project().keep(file, analysis);
            Stage::Open(draft)
        } else {
            Stage::Finished(examiner.finish(known, &draft, &sites, tier))
        };
        let source = Arc::clone(&analysis.source);
        Candidate { file, source, tier, sites, findings, stage }
    }

    /// Opens a finished candidate again: somebody else has a say in it, or asks for its draft.
    pub(super) fn reopen(&self, known: &KnownNames, candidate: &mut Candidate) {
        if let Stage::Open(_) = candidate.stage {
            return;
        }
        // A file that was analysed once can be again: its text is kept.
        let Ok(analysis) = self.resolver.project().analysis(candidate.file) else { return };
        let (sites, draft) = self.draft(known, candidate.file, analysis, candidate.tier);
        (candidate.sites, candidate.stage) = (sites, Stage::Open(draft));
    }

    fn draft(
        &self,
        known: &KnownNames,
        file: FileId,
        analysis: &Arc<Analysis>,
        tier: Option<usize>,
    ) -> (FileSites, Draft) {
        let Self { resolver, targets, .. } = self;
        let sites = find(resolver, targets, known, self.mentions, file, analysis);
        let accept = tier.map_or(&[][..], |tier| self.request.tiers.accepted(tier));
        let draft = draft(resolver, targets, file, analysis, &sites, accept);
        (sites, draft)
    }

    /// Whether other files have a say in what becomes of a file, or in what is said of it.
    fn has_say(&self, sites: &FileSites, draft: &Draft) -> bool {
        let mut decisions = draft.decisions.iter();
        !sites.mocks.is_empty()
            || self.request.suggestions == Suggestions::Made
                && decisions.any(|decision| decision.offered.is_some())
    }

    fn finish(
        &self,
        known: &KnownNames,
        draft: &Draft,
        sites: &FileSites,
        tier: Option<usize>,
    ) -> Finished {
        let participant = Participant::new(draft, sites, tier);
        let leaving: FxHashSet<BindingId> = participant.leaving().collect();
        let made = draft.changes().then(|| self.make(known, draft, tier, &leaving));
        let unsaid = draft.decisions.iter().map(|_| None).collect();
        Finished { sites: outcome::sites(draft, tier, unsaid), participant, made }
    }

    /// Makes and proves the result of a draft, without the imports that are `leaving`.
    ///
    /// # Errors
    /// Why it is not proven, as a sentence.
    pub(super) fn make(
        &self,
        known: &KnownNames,
        draft: &Draft,
        tier: Option<usize>,
        leaving: &FxHashSet<BindingId>,
    ) -> Result<FilePlan, String> {
        let Self { resolver, targets, request: &Request { reading, .. }, .. } = *self;
        let source = &draft.analysis.source;
        let style = self.styles.style_of(source.path.folder());
        let is_needed = |binding| {
            let stays = !leaving.contains(&binding);
            stays.then(|| NEEDED.to_owned())
        };
        let (made, new) = made(resolver, draft, &is_needed, &style)?;
        Prover { resolver, targets, known, reading }.prove(draft, &made, &new)?;
        Ok(FilePlan {
            source: Arc::clone(source),
            tier,
            new,
            notes: outcome::notes(draft, &made),
            edits: made.labelled,
            why: made.why,
        })
    }
}
