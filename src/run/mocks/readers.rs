//! Who reads a name of a module at the time of a test, so that a patch of the name reaches it.

use super::reads::{self, Read};
use crate::matching::mocks::MockTarget;
use crate::matching::singleton::ReferenceOrBinding;
use crate::matching::{FileSites, Target};
use crate::project::{Analysis, FileId, ModuleLookup};
use crate::resolve::{Hop, Origin, Resolver};
use crate::rewrite::{Decision, Draft};
use crate::run::candidate::Candidates;
use crate::semantic::{BindingKind, Reference, ReferenceId, ScopeId, ScopeKind, Usage};
use crate::syntax::ast::AnyNodeRef;
use crate::text::Ranged;

/// A file and a line of it.
pub(super) type Spot = (FileId, u32);

/// Who reads a name that leads to a class.
#[derive(Debug, Default)]
pub(super) struct Readers {
    /// Uses that this plan takes away.
    pub(super) rewritten: Vec<Spot>,
    /// Of those, the ones that run while a module is imported.
    pub(super) early: Vec<Spot>,
    /// Uses that stay.
    pub(super) left: Vec<Spot>,
    /// Where the patched module reads the shared object without this plan's doing.
    pub(super) present: Vec<Spot>,
    /// What is read instead, each name once.
    pub(super) reads: Vec<Read>,
    /// The file in which the name has no readers any more, where an earlier plan took them away.
    idle: Option<FileId>,
}

impl Readers {
    /// Whether a patch of the name does less than it did.
    pub(super) fn is_hazard(&self) -> bool {
        !self.rewritten.is_empty() || self.idle.is_some()
    }

    /// The files that no longer read it.
    pub(super) fn places(&self) -> impl Iterator<Item = FileId> {
        self.rewritten.iter().map(|(file, _)| *file).chain(self.idle)
    }
}

/// Finds the readers of what `mock` patches, which leads to the class of `target`, or to what a
/// rewrite is about.
pub(super) fn readers(
    resolver: &Resolver<'_, '_>,
    target: Option<&Target>,
    candidates: &Candidates,
    mock: &MockTarget,
) -> Readers {
    let patched = &mock.patched;
    let mut readers = Readers::default();
    for (candidate, draft) in candidates.open() {
        let is_loaded = mock.loaded.contains(&candidate.file);
        for id in uses(resolver, &candidate.sites, draft, (patched, is_loaded)) {
            add(resolver, target, draft, id, (patched, is_loaded), &mut readers);
        }
    }
    let own = candidates.draft(patched.file);
    let target = target.filter(|target| !target.definitions.contains(&patched.file));
    let (Some(own), Some(target)) = (own, target) else { return readers };
    let present = reads::present(resolver, target, patched.file, &own.analysis);
    if readers.rewritten.is_empty() && readers.left.is_empty() && !present.is_empty() {
        readers.idle = Some(patched.file);
        for (_, read) in present {
            push(&mut readers.reads, read);
        }
    } else {
        let of_name = |read: &Read| readers.reads.contains(read);
        let present = present.into_iter().filter(|(_, read)| of_name(read));
        readers.present = present.map(|(line, _)| (patched.file, line)).collect();
    }
    readers
}

fn push(reads: &mut Vec<Read>, read: Read) {
    if !reads.contains(&read) {
        reads.push(read);
    }
}

fn add(
    resolver: &Resolver<'_, '_>,
    target: Option<&Target>,
    draft: &Draft,
    id: ReferenceId,
    (patched, is_loaded): (&Hop, bool),
    readers: &mut Readers,
) {
    let (file, analysis) = (draft.file, &draft.analysis);
    let reference = analysis.names.reference(id);
    let spot = (file, analysis.lines().position(reference.range.start()).line);
    let runs_late = runs_late(analysis, reference);
    let decision = taking(draft, id);
    match decision {
        Some(decision) if still_reads(resolver, target, draft, decision, patched) => {}
        Some(decision) => {
            readers.rewritten.push(spot);
            if !runs_late {
                readers.early.push(spot);
            }
            let read = match target {
                // What is loaded again imports the shared object again.
                Some(target) if is_loaded => Some(Read {
                    file: target.shared_file,
                    module: target.shared_module.clone(),
                    name: target.shared_name.clone(),
                }),
                _ => reads::of_decision(resolver, target, draft, decision),
            };
            if let Some(read) = read {
                push(&mut readers.reads, read);
            }
        }
        None => {
            let asks = !is_annotation(analysis, reference) && !is_assigned(analysis, reference);
            if runs_late && asks {
                readers.left.push(spot);
            }
        }
    }
}

/// The rewritten site by which a use goes, or whose `module.Class` becomes `module.name`.
fn taking(draft: &Draft, id: ReferenceId) -> Option<&Decision> {
    let is_gone = draft.is_gone(id);
    draft.decisions.iter().find(|decision| {
        let is_own = decision.reference.is_some_and(|(reference, _)| reference == id);
        let is_other = decision.more_references.contains(&id);
        decision.change.as_ref().is_some_and(|change| {
            is_own && (is_gone || change.kept_reference.is_some()) || is_other && is_gone
        })
    })
}

/// Whether what takes a site's place reads the name as well.
fn still_reads(
    resolver: &Resolver<'_, '_>,
    target: Option<&Target>,
    draft: &Draft,
    decision: &Decision,
    patched: &Hop,
) -> bool {
    let names = &draft.analysis.names;
    let mut uses = decision.change.iter().flat_map(|change| &change.uses);
    let is_used = draft.file == patched.file
        && uses.any(|&id| {
            let binding = names.binding(id);
            binding.scope == ScopeId::MODULE && names.text(binding.name) == patched.name
        });
    let read = reads::of_decision(resolver, target, draft, decision);
    let is_read =
        read.is_some_and(|read| read.file == Some(patched.file) && read.name == patched.name);
    is_used || is_read
}

/// The uses in `file` that look `patched` up when they run, or when the file is loaded under the
/// patch.
fn uses(
    resolver: &Resolver<'_, '_>,
    sites: &FileSites,
    draft: &Draft,
    (patched, is_loaded): (&Hop, bool),
) -> Vec<ReferenceId> {
    let (file, analysis) = (draft.file, &draft.analysis);
    let names = &analysis.names;
    let is_use = |reference: &Reference| {
        reference.usage == Usage::Runtime && !reference.in_string && !reference.unreachable
    };
    let mut found: Vec<ReferenceId> = Vec::new();
    if file == patched.file {
        let is_global = |reference: &Reference| {
            reference.owner.is_none_or(|owner| owner == ScopeId::MODULE)
                && names.text(reference.name) == patched.name
        };
        let all = names.references().filter(|(_, one)| is_use(one) && is_global(one));
        found.extend(all.map(|(id, _)| id));
    }
    for (by, hop) in &sites.hops {
        let ReferenceOrBinding::Reference(id) = by else { continue };
        let reference = names.reference(*id);
        if hop != patched || !is_use(reference) {
            continue;
        }
        if is_loaded || looks_up(resolver, file, analysis, *id, patched) {
            found.push(*id);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a use takes the name from the module each time that it runs: `module.Name`, or a name
/// that a function imports.
fn looks_up(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    id: ReferenceId,
    patched: &Hop,
) -> bool {
    let names = &analysis.names;
    let reference = names.reference(id);
    let module = ModuleLookup::File(patched.file);
    let prefixes = resolver.reference(file, analysis, reference, &mut Vec::new());
    let is_attribute = prefixes.iter().zip(&reference.attributes).any(|(prefix, attribute)| {
        prefix.certain() == Some(&Origin::Module(module.clone()))
            && names.text(*attribute) == patched.name
    });
    let is_imported_late = reference.owner.is_some_and(|owner| owner != ScopeId::MODULE)
        && names.reach(reference).bindings.iter().any(|&id| match &names.binding(id).kind {
            BindingKind::ImportFrom { level, module: from, member, .. } => {
                *member == patched.name
                    && resolver.project().imported_module(file, *level, from) == module
            }
            _ => false,
        });
    is_attribute || is_imported_late
}

/// Whether a use runs when a function is called, not when its module is imported.
pub(super) fn runs_late(analysis: &Analysis, reference: &Reference) -> bool {
    let names = &analysis.names;
    names
        .scopes_around(reference.scope)
        .any(|scope| matches!(names.scope(scope).kind, ScopeKind::Function | ScopeKind::Lambda))
}

/// Whether a use gives the name another value: `module.Name = value`
fn is_assigned(analysis: &Analysis, reference: &Reference) -> bool {
    let path = analysis.module.path_to(reference.chain);
    path.iter().any(|node| match node {
        AnyNodeRef::ExprAttribute(attribute) => {
            attribute.range == reference.chain && !attribute.ctx.is_load()
        }
        _ => false,
    })
}

/// Whether a use is part of an annotation, which asks nothing of the class.
fn is_annotation(analysis: &Analysis, reference: &Reference) -> bool {
    let path = analysis.module.path_to(reference.range);
    path.iter().any(|node| {
        let annotation = match node {
            AnyNodeRef::Parameter(parameter) => parameter.annotation.as_deref(),
            AnyNodeRef::StmtAnnAssign(assign) => Some(&*assign.annotation),
            AnyNodeRef::StmtFunctionDef(function) => function.returns.as_deref(),
            _ => None,
        };
        annotation.is_some_and(|annotation| annotation.range().contains_range(reference.range))
    })
}
