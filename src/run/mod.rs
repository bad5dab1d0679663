//! The pipeline, from a project's files to the plan of a run.
//!
//! Search, parse and resolve, find sites, decide, edit, prove. Every step but the search works on
//! values of the step before; nothing is written.

pub mod search;
pub mod stars;
mod entry_points;
pub mod fitness;
pub mod targets;
pub mod rules;
pub mod audits;
pub mod pins;
mod candidate;
mod make;
mod mocks;
mod offers;
mod spread;
pub mod outcome;
pub mod outline;
pub mod prove;
pub mod taken_back;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::config::python_style::files::StyleFiles;
use crate::config::{Config, Problem, Problems};
use crate::fs::{ProjectPath, SourceTree};
use crate::matching::mentions::Mentions;
use crate::matching::relevance::KnownNames;
use crate::matching::uses;
use crate::plan::{Plan, Unproven};
use crate::project::{FileId, Project};
use crate::resolve::Resolver;
use crate::semantic::BindingId;
use crate::site::{Reason, Verdict};
use crate::text::some_of;
use crate::transform::Transform;
use candidate::{Candidate, Candidates, Examiner, Stage};
use pins::Participant;
use prove::Reading;
use spread::largest_first;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The project's files cannot be read.
    #[error("cannot read the project's files: {0}")]
    Files(#[from] std::io::Error),
    /// Transforms do not fit the project; shown where they say so.
    #[error(transparent)]
    Target(#[from] Problems),
    /// Files with open sites belong to no tier.
    #[error(
        "no tier owns {}; add them to the `paths` of a tier in codemod.toml, or to `files.exclude`",
        names(.0)
    )]
    NoTier(Vec<ProjectPath>),
    /// A thread pool cannot be had.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

fn names(paths: &[ProjectPath]) -> String {
    let quoted: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
    some_of(&quoted, 20)
}

/// Which tier owns a file, and what it accepts.
pub trait Tiers: Sync {
    /// The tier of a file, as an index; `None` where none owns it.
    fn tier_of(&self, file: &ProjectPath) -> Option<usize>;

    /// The reasons that a tier accepts.
    fn accepted(&self, tier: usize) -> &[Reason];

    /// What is odd about the tiers, given the project's files.
    fn problems(&self, files: &[ProjectPath]) -> Vec<Problem>;
}

impl Tiers for Config {
    fn tier_of(&self, file: &ProjectPath) -> Option<usize> {
        self.tier_of(file)
    }

    fn accepted(&self, tier: usize) -> &[Reason] {
        self.tiers.get(tier).map_or(&[], |tier| &tier.accept)
    }

    fn problems(&self, files: &[ProjectPath]) -> Vec<Problem> {
        self.idle_globs(files)
    }
}

/// One tier that owns every file.
#[derive(Debug, Clone, Default)]
pub struct OneTier {
    /// The reasons that it accepts.
    pub accepts: Vec<Reason>,
}

impl Tiers for OneTier {
    fn tier_of(&self, _: &ProjectPath) -> Option<usize> {
        Some(0)
    }

    fn accepted(&self, _: usize) -> &[Reason] {
        &self.accepts
    }

    fn problems(&self, _: &[ProjectPath]) -> Vec<Problem> {
        Vec::new()
    }
}

/// What a run works on.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The project's files.
    pub tree: &'a dyn SourceTree,
    /// Its tiers.
    pub tiers: &'a dyn Tiers,
    /// The folders in which dotted module names begin, relative to the project; `None` finds them.
    pub source_roots: Option<&'a [PathBuf]>,
    /// Its transforms.
    pub transforms: &'a [Transform],
    /// Whether a module that no source root holds is an error.
    pub strict: bool,
    /// Whether the files are an excerpt: packages have more modules than are here.
    pub is_excerpt: bool,
    /// How many threads work; 0 lets the machine decide.
    pub threads: usize,
    /// Whether held sites get suggestions.
    pub suggestions: Suggestions,
    /// How much of each result is read to prove it.
    pub reading: Reading,
}

/// Whether held sites get the changes that would settle them: each is made and proven on its own,
/// which costs as much as a file that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suggestions {
    /// They do, for whoever reads them.
    Made,
    /// They do not.
    LeftOut,
}

/// Finds every site of the project and plans every edit.
///
/// # Errors
/// The files cannot be read, or the transforms or tiers do not fit them.
pub fn plan(request: &Request<'_>) -> Result<Plan, RunError> {
    pool(request.threads)?.install(|| run(request))
}

/// The threads that work on a project, as many as `threads`; 0 lets the machine decide.
///
/// # Errors
/// They cannot be had.
pub fn pool(threads: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    // A parse descends with the nesting of the source.
    let stack = crate::syntax::STACK_BYTES;
    rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(stack).build()
}

fn run(request: &Request<'_>) -> Result<Plan, RunError> {
    let class_names = targets::class_names(request.transforms);
    let mut names = class_names.clone();
    names.extend(rules::search_names(request.transforms));
    names.extend(audits::search_names(request.transforms));
    let new_names = stars::new_names(request.transforms);
    let searched = search::search_with_stars(request.tree, &names, &new_names)?;
    let problems = request.tiers.problems(&searched.files);
    let project = Project::new(request.tree, searched.files, request.source_roots);
    let homes = stars::homes(&project, request.transforms);
    let readers = stars::readers(&project, &searched.stars, &new_names, &homes);
    let resolver = Resolver::new(&project).with_star_readers(readers);
    let (targets, warnings) = targets::resolve(&resolver, request)?;
    let mut plan = Plan { searched: project.len(), warnings, problems, ..Plan::default() };
    let mut warnings = Vec::new();
    let audits = audits::resolve(&resolver, request.transforms, &plan.warnings, &mut warnings)?;
    let read = |path: &Path| request.tree.read(&ProjectPath::new(path)?).ok();
    let examiner = Examiner {
        request,
        resolver: &resolver,
        targets: &targets,
        audits: &audits,
        mentions: &Mentions::new(&class_names),
        styles: &StyleFiles::new(&read),
    };
    let mut candidates = find_sites(&examiner, searched.hits, &class_names, &mut plan)?;
    mocks::settle(&examiner, &mut candidates);
    plan.sites.extend(offers::sites(&examiner, &candidates));
    make_edits(&examiner, &mut candidates, &mut plan)?;
    plan.findings = candidates.all.into_values().flat_map(|one| one.findings).collect();
    plan.warnings.append(&mut warnings);
    plan.sites.sort_by(|a, b| {
        (&a.path, a.range.start(), a.range.end(), a.reason).cmp(&(
            &b.path,
            b.range.start(),
            b.range.end(),
            b.reason,
        ))
    });
    plan.files.sort_by(|a, b| a.path().cmp(b.path()));
    let inputs = project.sources().map(|(path, source)| (path.clone(), source.ok().cloned()));
    plan.inputs = inputs.collect();
    check_tiers(&plan)?;
    Ok(plan)
}

/// Looks at what mentions a target, until no file offers a target under a name that was not
/// searched for.
fn find_sites(
    examiner: &Examiner<'_>,
    hits: Vec<search::Hit>,
    class_names: &[String],
    plan: &mut Plan,
) -> Result<Candidates, RunError> {
    let request = examiner.request;
    let project = examiner.resolver.project();
    let symbols = rules::symbol_names(request.transforms);
    let known = KnownNames::new(class_names.iter().cloned().chain(symbols));
    let mut candidates = Candidates { all: BTreeMap::new(), known };
    let mut seen: FxHashSet<FileId> = FxHashSet::default();
    let mut hits = hits;
    loop {
        let known = &candidates.known;
        // All of a file's work is done while what was parsed of it is still in the processor's cache.
        let found = largest_first(hits, search::Hit::size, |hit| {
            let file = project.file(&hit.path)?;
            let analysis = match &hit.bytes {
                Ok(bytes) => project.passing(file, Some(bytes)),
                Err(error) => Err(crate::project::Failure::unreadable(error)),
            };
            let analysis = match analysis {
                Ok(analysis) => analysis,
                Err(failure) => return Some((file, Err((failure, hit)))),
            };
            // What is read from here on is its text.
            drop(hit);
            Some((file, Ok(examiner.examine(known, file, &analysis))))
        });
        for (file, found) in found.into_iter().flatten() {
            if !seen.insert(file) {
                continue;
            }
            plan.parsed += 1;
            match found {
                Ok(candidate) => {
                    candidates.all.insert(file, candidate);
                }
                Err((failure, hit)) => {
                    let tier = request.tiers.tier_of(&hit.path);
                    let bytes = hit.bytes.as_deref().unwrap_or(&[]);
                    let Some(target) = targets::mentioned(examiner.targets, bytes) else {
                        let transforms = request.transforms;
                        let said = audits::unread(&hit.path, &failure, bytes, transforms);
                        plan.warnings.push(said);
                        continue;
                    };
                    plan.sites.push(outcome::unparsed(&hit.path, &failure, target, tier));
                    plan.failures.push((hit.path, failure));
                }
            }
        }
        let sites = candidates.all.values().map(|candidate| &candidate.sites);
        let mut offered: Vec<String> = sites
            .flat_map(|sites| sites.offered.iter().chain(&sites.snippets.offered).cloned())
            .filter(|name| !candidates.known.contains(name))
            .collect();
        offered.sort();
        offered.dedup();
        if !candidates.known.add(offered.iter().cloned()) {
            return Ok(candidates);
        }
        examine_again(examiner, &mut candidates, &offered);
        hits = search::search(request.tree, &offered)?.hits;
        hits.retain(|hit| project.file(&hit.path).is_some_and(|file| !seen.contains(&file)));
    }
}

/// Looks again at the candidates in which one of `names` may stand, which are known now.
fn examine_again(examiner: &Examiner<'_>, candidates: &mut Candidates, names: &[String]) {
    let Candidates { all, known } = candidates;
    let concerned = all.values().filter(|candidate| candidate.may_name(names));
    let size = |candidate: &&Candidate| candidate.source.text.len();
    let found = largest_first(concerned, size, |candidate| {
        let analysis = examiner.resolver.project().passing(candidate.file, None).ok()?;
        Some(examiner.examine(known, candidate.file, &analysis))
    });
    all.extend(found.into_iter().flatten().map(|candidate| (candidate.file, candidate)));
}

/// Every file that may need an import of another, with the names that it goes through.
///
/// What sites go through is known. What a rewrite's leftovers are called is known only now: they
/// are searched for.
fn participants(
    examiner: &Examiner<'_>,
    candidates: &mut Candidates,
) -> Result<BTreeMap<FileId, Participant>, RunError> {
    let of = |candidate: &mut Candidate| match &mut candidate.stage {
        Stage::Open(draft) => Participant::new(draft, &candidate.sites, candidate.tier),
        Stage::Finished(finished) => std::mem::take(&mut finished.participant),
    };
    let all = candidates.all.iter_mut();
    let mut participants: BTreeMap<FileId, Participant> =
        all.map(|(file, candidate)| (*file, of(candidate))).collect();
    let project = examiner.resolver.project();
    let files = participants.iter().map(|(file, participant)| (*file, participant));
    let wanted = pins::Wanted::new(project, files, &candidates.known);
    if wanted.is_empty() {
        return Ok(participants);
    }
    let known = wanted.known();
    let searched = search::search(examiner.request.tree, known.names())?;
    let found: Vec<_> = searched
        .hits
        .par_iter()
        .filter_map(|hit| {
            let file = project.file(&hit.path)?;
            let bytes = hit.bytes.as_ref().ok()?;
            if !wanted.may_be_in(bytes) {
                return None;
            }
            let analysis = project.passing(file, Some(bytes)).ok()?;
            let seen = project.with(file, Arc::clone(&analysis));
            let resolver = examiner.resolver.seen_from(&seen);
            let hops = uses::hops(&resolver, &known, file, &analysis);
            Some((file, analysis, hops))
        })
        .collect();
    for (file, analysis, hops) in found {
        let tier = examiner.request.tiers.tier_of(project.path(file));
        let participant = participants.entry(file);
        let participant = participant.or_insert_with(|| Participant::unchanged(tier));
        participant.add(file, &analysis.names, hops);
    }
    Ok(participants)
}

fn make_edits(
    examiner: &Examiner<'_>,
    candidates: &mut Candidates,
    plan: &mut Plan,
) -> Result<(), RunError> {
    let participants = participants(examiner, candidates)?;
    let offered = entry_points::offered(examiner.request.tree, examiner.resolver.project());
    let going = pins::removable(&participants, &offered);
    let known = &candidates.known;
    let size = |(_, candidate): &(&FileId, &mut Candidate)| candidate.source.text.len();
    let made = largest_first(candidates.all.iter_mut(), size, |(file, candidate)| {
        let leaving = participants.get(file).map(Participant::leaving).into_iter().flatten();
        let (leaving, needed): (FxHashSet<BindingId>, FxHashSet<BindingId>) =
            leaving.partition(|&binding| going.contains(&(*file, binding)));
        if let Stage::Finished(finished) = &mut candidate.stage
            && (finished.made.is_none() || needed.is_empty())
        {
            return finished.made.take();
        }
        examiner.reopen(known, candidate);
        let draft = candidate.draft().filter(|draft| draft.changes())?;
        Some(examiner.make(known, draft, candidate.tier, &leaving))
    });
    let all = candidates.all.values().zip(made);
    for (candidate, made) in all {
        match made {
            None => {}
            Some(Ok(file)) => plan.files.push(file),
            Some(Err(message)) => {
                let (path, tier) = (candidate.source.path.clone(), candidate.tier);
                // Nothing of the file is changed, so none of its sites is rewritten.
                for site in plan.sites.iter_mut().filter(|site| site.path == path) {
                    if site.verdict == Verdict::Rewrite {
                        site.verdict = Verdict::Review;
                        site.reason = Reason::NotRewritableHere;
                        site.message = format!("the result was not proven: {message}");
                    }
                }
                plan.unproven.push(Unproven { path, tier, message });
            }
        }
    }
    Ok(())
}

/// A file with open sites must belong to a tier, or it would silently be left out.
fn check_tiers(plan: &Plan) -> Result<(), RunError> {
    let mut without: Vec<ProjectPath> = plan
        .sites
        .iter()
        .filter(|site| site.tier.is_none() && site.verdict != Verdict::Keep)
        .map(|site| site.path.clone())
        .collect();
    without.dedup();
    if without.is_empty() { Ok(()) } else { Err(RunError::NoTier(without)) }
}
