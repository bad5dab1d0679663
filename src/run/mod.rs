//! The pipeline, from a project's files to the plan of a run.
//!
//! Search, parse and resolve, find sites, decide, edit, prove. Every step but the search works on
//! values of the step before; nothing is written.

pub mod search;
pub mod stars;
pub mod targets;
pub mod rules;
pub mod audits;
pub mod pins;
mod mocks;
mod offers;
mod spread;
pub mod outcome;
pub mod outline;
pub mod prove;
pub mod taken_back;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::python_style::ImportStyle;
use crate::config::python_style::files::StyleFiles;
use crate::config::{Config, Problem, Problems};
use crate::fs::{ProjectPath, SourceTree};
use crate::imports;
use crate::matching::mentions::Mentions;
use crate::matching::relevance::KnownNames;
use crate::matching::{FileSites, Targets, find, uses};
use crate::plan::{FilePlan, Plan, Unproven};
use crate::project::{Analysis, FileId, Project};
use crate::resolve::Resolver;
use crate::rewrite::{Draft, FileEdits, draft, edits};
use crate::semantic::BindingId;
use crate::site::{Reason, Verdict};
use crate::text::some_of;
use crate::transform::Transform;
use pins::Participant;
use prove::{Prover, Reading};
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

/// The files that mention a target, once parsed.
struct Candidates {
    files: Vec<(FileId, Arc<Analysis>)>,
    sites: FxHashMap<FileId, FileSites>,
    /// The names under which the targets are known in any module.
    known: KnownNames,
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
    let readers = stars::readers(&project, &searched.stars, &new_names);
    let resolver = Resolver::new(&project).with_star_readers(readers);
    let (targets, warnings) = targets::resolve(&resolver, request)?;
    let mut plan = Plan { searched: project.len(), warnings, problems, ..Plan::default() };
    let candidates =
        find_sites(request, &project, &resolver, &targets, searched.hits, &class_names, &mut plan)?;
    let mut drafts = decide(request, &resolver, &targets, &candidates);
    mocks::settle(request, &resolver, &targets, &candidates, &mut drafts);
    let read = |path: &Path| request.tree.read(&ProjectPath::new(path)?).ok();
    let styles = StyleFiles::new(&read);
    let offers = offers::all(request, &resolver, &candidates, &drafts, &styles);
    for ((file, (draft, tier)), offers) in drafts.iter().zip(offers) {
        debug_assert_eq!(*file, draft.file, "drafts are kept under their files");
        plan.sites.extend(outcome::sites(draft, *tier, offers));
    }
    make_edits(request, &resolver, &targets, &candidates, &drafts, &styles, &mut plan)?;
    let audits = audits::resolve(&resolver, request.transforms, &mut plan.warnings)?;
    plan.findings = audits::find(&resolver, &targets, &audits, &candidates.files);
    plan.sites.sort_by(|a, b| {
        (&a.path, a.range.start(), a.range.end(), a.reason).cmp(&(
            &b.path,
            b.range.start(),
            b.range.end(),
            b.reason,
        ))
    });
    plan.files.sort_by(|a, b| a.path.cmp(&b.path));
    let inputs = project.analysed().map(|(path, read)| (path.clone(), read.ok().cloned()));
    plan.inputs = inputs.collect();
    check_tiers(&plan)?;
    Ok(plan)
}

/// Parses what mentions a target and finds the sites, until no file offers a target under a name
/// that was not searched for.
fn find_sites(
    request: &Request<'_>,
    project: &Project<'_>,
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    hits: Vec<search::Hit>,
    class_names: &[String],
    plan: &mut Plan,
) -> Result<Candidates, RunError> {
    let symbols = rules::symbol_names(request.transforms);
    let mut known = KnownNames::new(class_names.iter().cloned().chain(symbols));
    let mentions = Mentions::new(class_names);
    let mut files: Vec<(FileId, Arc<Analysis>)> = Vec::new();
    let mut seen: FxHashSet<FileId> = FxHashSet::default();
    let mut hits = hits;
    loop {
        let find = |file, analysis: &Arc<Analysis>| {
            find(resolver, targets, &known, &mentions, file, analysis)
        };
        let earlier = files.par_iter().map(|(file, analysis)| (*file, find(*file, analysis)));
        let mut sites: FxHashMap<FileId, FileSites> = earlier.collect();
        // A file's sites are found while what was parsed of it is still in the processor's cache.
        let parsed = largest_first(hits, search::Hit::size, |hit| {
            let file = project.file(&hit.path)?;
            let analysis = match &hit.bytes {
                Ok(bytes) => project.analysis_of(file, bytes).cloned().map_err(Clone::clone),
                Err(error) => Err(crate::project::Failure::unreadable(error)),
            };
            // The bytes of what was parsed are not needed any more.
            let found = match analysis {
                Ok(analysis) => Ok((find(file, &analysis), analysis)),
                Err(failure) => Err((failure, hit)),
            };
            Some((file, found))
        });
        for (file, found) in parsed.into_iter().flatten() {
            if !seen.insert(file) {
                continue;
            }
            plan.parsed += 1;
            match found {
                Ok((found, analysis)) => {
                    files.push((file, analysis));
                    sites.insert(file, found);
                }
                Err((failure, hit)) => {
                    let tier = request.tiers.tier_of(&hit.path);
                    let bytes = hit.bytes.as_deref().unwrap_or(&[]);
                    let Some(target) = targets::mentioned(targets, bytes) else {
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
        let mut offered: Vec<String> = files
            .iter()
            .filter_map(|(file, _)| sites.get(file))
            .flat_map(|sites| sites.offered.iter().chain(&sites.snippets.offered).cloned())
            .filter(|name| !known.contains(name))
            .collect();
        offered.sort();
        offered.dedup();
        if !known.add(offered.iter().cloned()) {
            return Ok(Candidates { files, sites, known });
        }
        hits = search::search(request.tree, &offered)?.hits;
        hits.retain(|hit| project.file(&hit.path).is_some_and(|file| !seen.contains(&file)));
    }
}

type Drafts = std::collections::BTreeMap<FileId, (Draft, Option<usize>)>;

fn decide(
    request: &Request<'_>,
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    candidates: &Candidates,
) -> Drafts {
    candidates
        .files
        .par_iter()
        .filter_map(|(file, analysis)| {
            let sites = candidates.sites.get(file)?;
            let tier = request.tiers.tier_of(&analysis.source.path);
            let accept = tier.map_or(&[][..], |tier| request.tiers.accepted(tier));
            let draft = draft(resolver, targets, *file, analysis, sites, accept);
            Some((*file, (draft, tier)))
        })
        .collect()
}

/// Every file that may need an import of another, with the names that it goes through.
///
/// What sites go through is known. What a rewrite's leftovers are called is known only now: they
/// are searched for.
fn participants<'c>(
    request: &Request<'_>,
    resolver: &Resolver<'_, '_>,
    candidates: &'c Candidates,
    drafts: &'c Drafts,
) -> Result<FxHashMap<FileId, Participant<'c>>, RunError> {
    let mut participants: FxHashMap<FileId, Participant<'c>> = drafts
        .iter()
        .filter_map(|(file, (draft, tier))| {
            let sites = candidates.sites.get(file)?;
            let hops = sites.all_hops().collect();
            Some((*file, Participant { hops, draft: Some(draft), tier: *tier }))
        })
        .collect();
    let wanted = pins::Wanted::new(resolver.project(), drafts, &candidates.known);
    if wanted.is_empty() {
        return Ok(participants);
    }
    let known = wanted.known();
    let project = resolver.project();
    let searched = search::search(request.tree, known.names())?;
    let found: Vec<_> = searched
        .hits
        .par_iter()
        .filter_map(|hit| {
            let file = project.file(&hit.path)?;
            let bytes = hit.bytes.as_ref().ok()?;
            if !wanted.may_be_in(bytes) {
                return None;
            }
            let analysis = project.analysis_of(file, bytes).ok()?;
            Some((file, uses::hops(resolver, &known, file, analysis)))
        })
        .collect();
    for (file, hops) in found {
        let tier = request.tiers.tier_of(project.path(file));
        let new = || Participant { hops: Vec::new(), draft: None, tier };
        participants.entry(file).or_insert_with(new).hops.extend(hops);
    }
    Ok(participants)
}

fn make_edits(
    request: &Request<'_>,
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    candidates: &Candidates,
    drafts: &Drafts,
    styles: &StyleFiles<'_>,
    plan: &mut Plan,
) -> Result<(), RunError> {
    let going = pins::removable(&participants(request, resolver, candidates, drafts)?);
    let reading = request.reading;
    let prover = Prover { resolver, targets, known: &candidates.known, reading };
    let changing = drafts.values().filter(|(draft, _)| draft.changes());
    let size = |(draft, _): &&(Draft, _)| draft.analysis.source.text.len();
    let results = largest_first(changing, size, |(draft, tier)| {
        let path = draft.analysis.source.path.clone();
        let style = styles.style_of(path.folder());
        (path, *tier, one_file(&prover, draft, &going, &style))
    });
    for (path, tier, made) in results {
        match made {
            Ok(mut file) => {
                file.tier = tier;
                plan.files.push(file);
            }
            Err(message) => {
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

fn one_file(
    prover: &Prover<'_>,
    draft: &Draft,
    going: &FxHashSet<(FileId, BindingId)>,
    style: &ImportStyle,
) -> Result<FilePlan, String> {
    let analysis = &draft.analysis;
    let is_needed = |binding| {
        let stays = !going.contains(&(draft.file, binding));
        stays.then(|| "something else gets it from here by an import or by its name".to_owned())
    };
    let (made, new) = made(prover.resolver, draft, &is_needed, style)?;
    prover.prove(draft, &made, &new)?;
    Ok(FilePlan {
        path: analysis.source.path.clone(),
        tier: None,
        old: analysis.source.bytes().into_owned(),
        new,
        hash: analysis.source.hash(),
        notes: outcome::notes(draft, &made),
        edits: made.labelled,
        why: made.why,
    })
}

/// The edits of a draft and the bytes that they make.
fn made(
    resolver: &Resolver<'_, '_>,
    draft: &Draft,
    is_needed: &dyn Fn(BindingId) -> Option<String>,
    style: &ImportStyle,
) -> Result<(FileEdits, Vec<u8>), String> {
    let project = resolver.project();
    let analysis = &draft.analysis;
    let package = project.package_name(draft.file);
    let own = package.as_deref().and_then(|package| package.split('.').next());
    let first_party =
        |name: &str| name.split('.').next() == own || project.is_first_party(name, &style.src);
    let file = imports::File {
        package: package.as_deref(),
        text: &analysis.source.text,
        module: &analysis.module,
        is_stub: analysis.is_stub(),
        style,
        first_party: &first_party,
    };
    let planner = |requests: &[_], removals: &[_], statements: &[_]| {
        imports::plan(&file, requests, removals, statements).map_err(|error| error.to_string())
    };
    let made = edits(draft, is_needed, &planner).map_err(|error| error.to_string())?;
    let text = made.edits.apply(&analysis.source.text);
    let new =
        analysis.source.encoding.encode(&text).ok_or_else(|| {
            format!("{} has no spelling for a name", analysis.source.encoding.name())
        })?;
    Ok((made, new))
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
