//! Whether files still work once a tier is taken out of them.
//!
//! Lines of a tier that go may have been what later lines lean on: an import that somebody has
//! used since. Only what the rollback itself would break counts; what is broken already stays so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use super::Tiers;
use super::search::search;
use crate::fs::overlay::Overlay;
use crate::fs::tree::is_python;
use crate::fs::{ProjectPath, SourceTree};
use crate::patch::Change;
use crate::pattern::builtins::is_builtin;
use crate::project::{Analysis, FileId, ModuleLookup, Project};
use crate::resolve::{Origin, Resolver};
use crate::semantic::{Binding, BindingKind, Names, Reference, ScopeId, ScopeKind, Usage};
use crate::syntax::ast::{AnyNodeRef, ExprStringLiteral};
use crate::syntax::tree::Tree;
use crate::text::Ranged;
use crate::transaction::Knowledge;

/// What a rollback asks about files.
pub struct StillWorks<'a> {
    /// The project's files.
    pub tree: &'a dyn SourceTree,
    /// Its tiers.
    pub tiers: &'a dyn Tiers,
    /// The tier that is taken back, where the configuration still has it.
    pub tier: Option<usize>,
}

impl Knowledge for StillWorks<'_> {
    fn owns(&self, path: &ProjectPath) -> bool {
        self.tier.is_some() && self.tiers.tier_of(path) == self.tier
    }

    fn verify(&self, path: &ProjectPath, content: &[u8]) -> Result<(), String> {
        let Ok(now) = self.tree.read(path) else { return Ok(()) };
        still_works(path, &now, content)
    }
}

/// Whether the file `path`, which is `now`, works as well as that when it is `then`.
///
/// # Errors
/// What would be wrong with it, as a person should read it.
pub fn still_works(path: &ProjectPath, now: &[u8], then: &[u8]) -> Result<(), String> {
    if !is_python(path.as_path()) {
        return Ok(());
    }
    let Ok(now) = Analysis::new(path, now) else { return Ok(()) };
    let then = Analysis::new(path, then)
        .map_err(|failure| format!("line {}: {}", failure.position.line, failure.message))?;
    match lost_name(&now, &then) {
        None => Ok(()),
        Some((name, line)) => Err(format!("`{name}` on line {line} would have no value any more")),
    }
}

/// A name that has a value where it is read now and would have none then, and the line then.
fn lost_name(now: &Analysis, then: &Analysis) -> Option<(String, u32)> {
    let mut unbound_now: BTreeMap<&str, usize> = BTreeMap::new();
    for reference in unbound(&now.names) {
        *unbound_now.entry(now.names.text(reference.name)).or_default() += 1;
    }
    for reference in unbound(&then.names) {
        let name = then.names.text(reference.name);
        let before = unbound_now.get_mut(name).filter(|count| **count > 0);
        match before {
            Some(count) => *count -= 1,
            // A name that no scope binds is a builtin, unless it was bound before.
            None if reference.owner.is_some() || is_bound(&now.names, name) => {
                return Some((
                    name.to_owned(),
                    then.lines().position(reference.range.start()).line,
                ));
            }
            None => {}
        }
    }
    None
}

/// What is read at run time, and has no value on any path that this file shows.
fn unbound(names: &Names) -> impl Iterator<Item = &Reference> {
    let has_stars = !names.star_imports().is_empty();
    names.references().map(|(_, reference)| reference).filter(move |reference| {
        let is_read =
            reference.usage == Usage::Runtime && !reference.in_string && !reference.unreachable;
        let may_be_builtin = reference.owner.is_some_and(|owner| {
            !matches!(names.scope(owner).kind, ScopeKind::Function | ScopeKind::Lambda)
        });
        is_read && !has_stars && !may_be_builtin && names.reach(reference).bindings.is_empty()
    })
}

fn is_bound(names: &Names, name: &str) -> bool {
    let Some(id) = names.id(name) else { return false };
    !names.all(ScopeId::MODULE, id, false).bindings.is_empty()
}

/// A use of a name that a module would not have any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LostExport {
    /// The file that uses it.
    pub path: ProjectPath,
    /// The line, from 1.
    pub line: u32,
    /// The name.
    pub name: String,
    /// The file that would not have it any more.
    pub from: ProjectPath,
}

impl fmt::Display for LostExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, name, from } = self;
        write!(f, "{path}:{line}: uses `{name}` of {from}, which would not have it")
    }
}

type Lost = BTreeMap<ProjectPath, BTreeSet<String>>;

/// The uses of names of modules that would not be there after `changes`: those in any file of names
/// that a changed file loses, and those that a changed file gets back while the module has lost
/// them otherwise, as by a later tier.
///
/// # Errors
/// The project's files cannot be read.
pub fn lost_exports(
    tree: &dyn SourceTree,
    source_roots: Option<&[PathBuf]>,
    changes: &[Change],
) -> std::io::Result<Vec<LostExport>> {
    let files: BTreeMap<&ProjectPath, (Analysis, Analysis)> = changes
        .iter()
        .filter(|change| is_python(change.path.as_path()))
        .filter_map(|change| {
            let old = Analysis::new(&change.path, &change.old).ok()?;
            let new = Analysis::new(&change.path, &change.new).ok()?;
            Some((&change.path, (old, new)))
        })
        .collect();
    let mut lost = Lost::new();
    let mut names: Vec<String> = Vec::new();
    for (&path, (old, new)) in &files {
        let mut gone = exported(&old.names);
        let left = exported(&new.names);
        gone.retain(|name| !left.contains(name));
        names.extend(gone.iter().cloned());
        if !gone.is_empty() && new.names.star_imports().is_empty() {
            lost.insert(path.clone(), gone);
        }
        names.extend(regained(old, new).map(|(_, import)| import.member.to_owned()));
        names.extend(by_stars(old, new).map(|(_, name)| name.to_owned()));
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let searched = search(tree, &names)?;
    let project = Project::new(tree, searched.files, source_roots);
    let resolver = Resolver::new(&project);
    let mut found = Vec::new();
    for hit in &searched.hits {
        let Some(file) = project.file(&hit.path) else { continue };
        let own = changes.iter().find(|change| change.path == hit.path);
        let bytes = match (own, &hit.bytes) {
            (Some(change), _) => &change.new,
            (None, Ok(bytes)) => bytes,
            (None, Err(_)) => continue,
        };
        if let Ok(analysis) = project.passing(file, Some(bytes)) {
            let analysis = &analysis;
            let uses = Uses { project: &project, resolver: &resolver, file, analysis };
            uses.find(&lost, &mut found);
        }
    }
    for (&path, (old, new)) in &files {
        let Some(file) = project.file(path) else { continue };
        for (binding, import) in regained(old, new) {
            let module = project.imported_module(file, import.level, import.module);
            let ModuleLookup::File(at) = module else { continue };
            let from = project.path(at);
            let exporter = match files.get(from) {
                Some((_, exporter)) => Some(exporter),
                None => project.analysis(at).ok().map(|exporter| &**exporter),
            };
            let has = exporter.is_none_or(|exporter| may_have(&exporter.names, import.member));
            if !has && project.submodule(&module, import.member) == ModuleLookup::Missing {
                let line = new.lines().position(binding.range.start()).line;
                let (path, name, from) = (path.clone(), import.member.to_owned(), from.clone());
                found.push(LostExport { path, line, name, from });
            }
        }
    }
    for (&path, (old, new)) in &files {
        let Some(file) = project.file(path) else { continue };
        for (reference, name) in by_stars(old, new) {
            let is_somewhere = !resolver.by_stars(file, new, name).origins.is_empty();
            let from = new
                .names
                .stars()
                .find_map(|(level, module)| project.imported_module(file, level, module).file());
            if let Some(from) = from.filter(|_| !is_somewhere) {
                let line = new.lines().position(reference.range.start()).line;
                let (path, name) = (path.clone(), name.to_owned());
                found.push(LostExport { path, line, name, from: project.path(from).clone() });
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Those of `lost` that are not as they were `before`, in texts of the files that they are about: the
/// file had the use, and the module had no such name.
///
/// Ex) `patch("app.service.manager", create=True)`
///
/// # Errors
/// The project's files cannot be read.
pub fn lost_since(
    tree: &dyn SourceTree,
    source_roots: Option<&[PathBuf]>,
    changes: &[Change],
    mut lost: Vec<LostExport>,
    before: &BTreeMap<ProjectPath, Vec<u8>>,
) -> std::io::Result<Vec<LostExport>> {
    let texts = before.iter().map(|(path, text)| (path.clone(), text.clone()));
    let tree = Overlay::new(tree, texts);
    let as_before = |change: &Change| match before.get(&change.path) {
        Some(text) => Change { new: text.clone(), ..change.clone() },
        None => change.clone(),
    };
    let changes: Vec<Change> = changes.iter().map(as_before).collect();
    let mut known = lost_exports(&tree, source_roots, &changes)?;
    known.retain(|one| {
        let module = before.get(&one.from).map(|text| Analysis::new(&one.from, text));
        matches!(module, Some(Ok(module)) if !may_have(&module.names, &one.name))
    });
    lost.retain(|one| {
        let is_same = |other: &LostExport| {
            (&other.path, &other.name, &other.from) == (&one.path, &one.name, &one.from)
        };
        match known.iter().position(is_same) {
            Some(at) => {
                known.swap_remove(at);
                false
            }
            None => true,
        }
    });
    Ok(lost)
}

/// What a `from` import brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Imported<'a> {
    level: u32,
    module: &'a str,
    member: &'a str,
}

fn imported(names: &Names) -> impl Iterator<Item = (&Binding, Imported<'_>)> {
    names.bindings().filter(|(_, binding)| !binding.typing_only).filter_map(|(_, binding)| {
        match &binding.kind {
            BindingKind::ImportFrom { level, module, member, .. } => {
                Some((binding, Imported { level: *level, module, member }))
            }
            _ => None,
        }
    })
}

/// The imports that `new` has and `old` has not.
fn regained<'a>(
    old: &Analysis,
    new: &'a Analysis,
) -> impl Iterator<Item = (&'a Binding, Imported<'a>)> {
    let before: BTreeSet<(u32, String, String)> = imported(&old.names)
        .map(|(_, one)| (one.level, one.module.to_owned(), one.member.to_owned()))
        .collect();
    imported(&new.names).filter(move |(_, one)| {
        !before.contains(&(one.level, one.module.to_owned(), one.member.to_owned()))
    })
}

/// The names that `new` has by star imports at most, and that `old` does not use.
fn by_stars<'a>(
    old: &'a Analysis,
    new: &'a Analysis,
) -> impl Iterator<Item = (&'a Reference, &'a str)> {
    let names = &new.names;
    let used: BTreeSet<&str> =
        old.names.references().map(|(_, one)| old.names.text(one.name)).collect();
    let has_stars = !names.star_imports().is_empty();
    names.references().filter(move |_| has_stars).filter_map(move |(_, reference)| {
        let name = names.text(reference.name);
        let is_free = reference.owner.is_none_or(|owner| owner == ScopeId::MODULE)
            && reference.usage == Usage::Runtime
            && names.reach(reference).bindings.is_empty();
        (is_free && !is_builtin(name) && !used.contains(name)).then_some((reference, name))
    })
}

/// Whether a module has a name for others, as far as its text says.
fn may_have(names: &Names, name: &str) -> bool {
    let exported = exported(names);
    exported.contains(name) || exported.contains("__getattr__") || !names.star_imports().is_empty()
}

/// The names that a module has for others.
fn exported(names: &Names) -> BTreeSet<String> {
    let module = names.scope(ScopeId::MODULE);
    let has_value = |name: &&crate::semantic::NameId| !names.at_exit(**name).bindings.is_empty();
    module.names.iter().filter(has_value).map(|name| names.text(*name).to_owned()).collect()
}

struct Uses<'a> {
    project: &'a Project<'a>,
    resolver: &'a Resolver<'a, 'a>,
    file: FileId,
    analysis: &'a Analysis,
}

impl Uses<'_> {
    fn find(&self, lost: &Lost, found: &mut Vec<LostExport>) {
        let (names, path) = (&self.analysis.names, &self.analysis.source.path);
        let mut add = |at: crate::text::TextSize, name: &str, from: &ProjectPath| {
            let line = self.analysis.lines().position(at).line;
            let (path, name, from) = (path.clone(), name.to_owned(), from.clone());
            found.push(LostExport { path, line, name, from });
        };
        for (binding, Imported { level, module, member }) in imported(names) {
            let module = self.project.imported_module(self.file, level, module);
            if let Some(from) = self.loses(&module, member, lost) {
                add(binding.range.start(), member, from);
            }
        }
        for text in self.texts() {
            if let Some((from, name)) = self.named_in(text, lost) {
                add(text.start(), name, from);
            }
        }
        for (_, reference) in names.references() {
            if reference.usage != Usage::Runtime || reference.attributes.is_empty() {
                continue;
            }
            let prefixes =
                self.resolver.reference(self.file, self.analysis, reference, &mut Vec::new());
            for (prefix, attribute) in prefixes.iter().zip(&reference.attributes) {
                let Some(Origin::Module(module)) = prefix.certain() else { continue };
                let attribute = names.text(*attribute);
                if let Some(from) = self.loses(module, attribute, lost) {
                    add(reference.range.start(), attribute, from);
                }
            }
        }
    }

    /// The texts of the file.
    fn texts(&self) -> Vec<&ExprStringLiteral> {
        let nodes = Tree::new(&self.analysis.module);
        let texts = nodes.nodes().filter_map(|(_, node)| match node {
            AnyNodeRef::ExprStringLiteral(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// What a text names, as mocks take it, where that is lost.
    ///
    /// Ex) `"app.service.manager"`
    fn named_in<'s, 't>(
        &'s self,
        text: &'t ExprStringLiteral,
        lost: &Lost,
    ) -> Option<(&'s ProjectPath, &'t str)> {
        let (module, name) = text.value.to_str().rsplit_once('.')?;
        let module = self.project.module(module, Some(self.file));
        Some((self.loses(&module, name, lost)?, name))
    }

    /// The file of `module`, where it loses `name`.
    fn loses(&self, module: &ModuleLookup, name: &str, lost: &Lost) -> Option<&ProjectPath> {
        let ModuleLookup::File(file) = module else { return None };
        let path = self.project.path(*file);
        let is_lost = lost.get(path).is_some_and(|names| names.contains(name));
        let is_module = self.project.submodule(module, name) != ModuleLookup::Missing;
        (is_lost && !is_module).then_some(path)
    }
}
