//! Which names of other files are the object that a module keeps under a name of its own, or a
//! function of the module that makes it.
//!
//! Only files are read that hold the object's name and that of the module which has it.

use rustc_hash::FxHashSet;

use super::elsewhere::{Arrival, TooMany};
use super::start::{Shape, Start, What};
use crate::matching::singleton::prefix_range;
use crate::project::{Analysis, FileId, Project};
use crate::resolve::{Origin, Resolver, SymbolId};
use crate::semantic::{BindingId, BindingKind, ScopeId};
use crate::text::TextRange;

/// More files than hold the name of most objects; a bound on what large projects cost.
const MOST_FILES: usize = 1_000;

/// The names and chains of attributes of other files that lead to the `name` of `file`, from which
/// the object is had in this shape.
///
/// # Errors
/// More files may use the object than are read.
pub(super) fn find(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    name: &str,
    shape: &Shape,
) -> Result<Vec<Arrival>, TooMany> {
    let project = resolver.project();
    let sought = Origin::Symbol(SymbolId { file, name: name.to_owned() });
    let mut found = Vec::new();
    let mut seen = FxHashSet::default();
    // The modules that have the object, each with the name under which it does.
    let mut modules = vec![(file, name.to_owned())];
    while let Some((module, name)) = modules.pop() {
        for other in users(project, module, &name) {
            if other == file || !seen.insert((other, name.clone())) {
                continue;
            }
            if seen.len() > MOST_FILES {
                return Err(TooMany);
            }
            let Ok(analysis) = project.analysis(other) else { continue };
            let imported = imported(resolver, other, analysis, (&name, &sought));
            let bindings = imported.iter().map(|&id| analysis.names.binding(id));
            // Others may import it from there.
            let offered = bindings.clone().filter(|binding| binding.scope == ScopeId::MODULE);
            modules.extend(
                offered.map(|binding| (other, analysis.names.text(binding.name).to_owned())),
            );
            let read = read(resolver, other, analysis, (&name, &sought));
            let ranges = bindings.map(|binding| binding.range).chain(read);
            let start = |range| Start { range, what: What::Imported, shape: shape.clone() };
            let starts: Vec<Start> = ranges.map(start).collect();
            if !starts.is_empty() {
                found.push(Arrival { file: other, starts });
            }
        }
    }
    Ok(found)
}

/// The last part of a module's dotted name, by which others import it.
pub(super) fn stem<'p>(project: &'p Project<'_>, module: FileId) -> Option<&'p str> {
    let path = project.path(module);
    let stem = if path.is_init() {
        path.as_path().parent().and_then(|folder| folder.file_name())
    } else {
        path.as_path().file_stem()
    };
    stem.and_then(|stem| stem.to_str())
}

/// The files that may use a name of a module.
fn users(project: &Project<'_>, module: FileId, name: &str) -> Vec<FileId> {
    let path = project.path(module);
    let folder = path.as_path().parent();
    let with_name = project.holding(name);
    let Some(stem) = stem(project, module) else { return with_name.to_vec() };
    let with_module = project.holding(stem);
    // Ex) `from . import name` in the package's own modules
    let is_beside = |file| path.is_init() && project.path(file).as_path().parent() == folder;
    let is_user = |file: &FileId| with_module.binary_search(file).is_ok() || is_beside(*file);
    with_name.iter().copied().filter(is_user).collect()
}

/// The imports of the object.
fn imported(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    (name, sought): (&str, &Origin),
) -> Vec<BindingId> {
    let imports = analysis.names.bindings().filter(|(_, binding)| {
        matches!(&binding.kind, BindingKind::ImportFrom { member, .. } if member == name)
    });
    let leads_there = |id: &BindingId| resolver.binding(file, analysis, *id).0.may_be(sought);
    imports.map(|(id, _)| id).filter(leads_there).collect()
}

/// Ex) `cache.manager`
fn read(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    (name, sought): (&str, &Origin),
) -> Vec<TextRange> {
    let mut found = Vec::new();
    let Some(name) = analysis.names.id(name) else { return found };
    for (id, reference) in analysis.names.references() {
        if reference.in_string || !reference.attributes.contains(&name) {
            continue;
        }
        let prefixes = resolver.reference(file, analysis, reference, &mut Vec::new());
        let depth = prefixes.iter().skip(1).position(|prefix| prefix.is(sought));
        if let Some(depth) = depth {
            found.push(prefix_range(analysis, id, depth + 1));
        }
    }
    found
}
