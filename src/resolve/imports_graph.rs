//! Which modules are imported when a module is imported, and whether a new import closes a cycle.
//!
//! Only imports that run while the module itself runs count, also those in functions that it calls,
//! and not those that only type checkers read.

use std::collections::VecDeque;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Resolver;
use super::import_time::{Code, Parts, imported_by_text, parts};
use crate::project::{Analysis, FileId, ModuleLookup};
use crate::semantic::{BindingId, BindingKind, ScopeId};
use crate::text::TextSize;

/// One import or call that runs at import time: where it stands and what it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge {
    at: TextSize,
    to: Code,
}

/// An import of a module of the project, as it is written.
#[derive(Debug)]
struct Import {
    at: TextSize,
    to: FileId,
    /// The packages around it, which are imported first.
    packages: Vec<FileId>,
    /// It must be complete, as a name is taken from it, and not only exist.
    is_named: bool,
}

/// What one piece of code leads to.
#[derive(Debug, Default)]
struct Steps {
    imports: Vec<Import>,
    calls: Vec<Edge>,
}

/// The modules of a chain of imports, where there is one.
type Path = Option<Vec<FileId>>;

/// What was found for the code of a module that is imported, and other code.
type OfPairs<T> = Mutex<FxHashMap<(FileId, Code), T>>;

/// What was found of the graph so far: a site asks for the same paths as its neighbours.
#[derive(Debug, Default)]
pub(super) struct Known {
    parts: Mutex<FxHashMap<FileId, Arc<FxHashMap<ScopeId, Parts>>>>,
    steps: Mutex<FxHashMap<Code, Arc<Steps>>>,
    reached: Mutex<FxHashMap<FileId, Arc<FxHashSet<Code>>>>,
    paths: OfPairs<Path>,
    leading: OfPairs<Arc<[TextSize]>>,
}

/// What the module-level imports of the project lead to, found as far as it is asked for.
pub struct ImportGraph<'r, 'p, 't> {
    resolver: &'r Resolver<'p, 't>,
}

impl<'r, 'p, 't> ImportGraph<'r, 'p, 't> {
    /// The graph of the resolver's project.
    pub fn new(resolver: &'r Resolver<'p, 't>) -> Self {
        Self { resolver }
    }

    /// Whether importing `from` runs `to` before it is done, and by which modules: the chain from
    /// the one to the other's, both included.
    ///
    /// The packages around the two are already being imported whenever they are, so that importing
    /// those again as somebody's parent runs nothing.
    pub fn path(&self, from: FileId, to: Code) -> Option<Vec<FileId>> {
        if Code::of_module(from) == to {
            return Some(vec![from]);
        }
        // Most files of a project are nowhere below: one walk tells that of all of them.
        if !self.reached(from).contains(&to) {
            return None;
        }
        let paths = &self.resolver.imports.paths;
        remembered(paths, (from, to), || self.find_path(from, to))
    }

    fn find_path(&self, from: FileId, to: Code) -> Option<Vec<FileId>> {
        let around = self.around(from, to.file);
        let from = Code::of_module(from);
        let mut came_from: FxHashMap<Code, Code> = FxHashMap::default();
        let mut queue = VecDeque::from([from]);
        let mut seen: FxHashSet<Code> = std::iter::once(from).collect();
        while let Some(code) = queue.pop_front() {
            for edge in self.edges(code, &around) {
                if seen.insert(edge.to) {
                    came_from.insert(edge.to, code);
                    if edge.to == to {
                        let back = std::iter::successors(Some(to), |at| came_from.get(at).copied());
                        let mut path: Vec<FileId> = back.map(|code| code.file).collect();
                        path.reverse();
                        // A module that calls a function of its own is one step.
                        path.dedup();
                        return Some(path);
                    }
                    queue.push_back(edge.to);
                }
            }
        }
        None
    }

    /// All code to which there may be a path: `path` leaves out more packages.
    fn reached(&self, from: FileId) -> Arc<FxHashSet<Code>> {
        remembered(&self.resolver.imports.reached, from, || {
            let mut queue = vec![Code::of_module(from)];
            let mut seen: FxHashSet<Code> = FxHashSet::default();
            while let Some(code) = queue.pop() {
                let edges = self.edges(code, &FxHashSet::default());
                queue.extend(edges.into_iter().map(|edge| edge.to).filter(|to| seen.insert(*to)));
            }
            Arc::new(seen)
        })
    }

    /// Where in `from` the imports and calls stand by which importing it runs `to`.
    pub fn steps_leading_to(&self, from: FileId, to: Code) -> Arc<[TextSize]> {
        remembered(&self.resolver.imports.leading, (from, to), || {
            let around = self.around(from, to.file);
            let steps = self.edges(Code::of_module(from), &around).into_iter();
            steps.filter(|step| self.leads(step.to, to, &around)).map(|step| step.at).collect()
        })
    }

    /// Whether `to` is among what `from` runs.
    fn leads(&self, from: Code, to: Code, around: &FxHashSet<FileId>) -> bool {
        let mut queue = vec![from];
        let mut seen: FxHashSet<Code> = std::iter::once(from).collect();
        while let Some(code) = queue.pop() {
            if code == to {
                return true;
            }
            let edges = self.edges(code, around).into_iter().map(|edge| edge.to);
            queue.extend(edges.filter(|to| seen.insert(*to)));
        }
        false
    }

    fn around(&self, from: FileId, to: FileId) -> FxHashSet<FileId> {
        let project = self.resolver.project();
        project.packages_around(from).into_iter().chain(project.packages_around(to)).collect()
    }

    /// What `code` runs beside its own statements: the modules that it imports, with their
    /// packages except `around`, and the functions that it calls.
    fn edges(&self, code: Code, around: &FxHashSet<FileId>) -> Vec<Edge> {
        let steps = self.steps(code);
        let mut edges = steps.calls.clone();
        for import in &steps.imports {
            let at = import.at;
            let packages = import.packages.iter().filter(|package| !around.contains(package));
            edges.extend(packages.map(|&to| Edge { at, to: Code::of_module(to) }));
            if import.is_named || !around.contains(&import.to) {
                edges.push(Edge { at, to: Code::of_module(import.to) });
            }
        }
        edges
    }

    fn steps(&self, code: Code) -> Arc<Steps> {
        let Code { file, scope } = code;
        let Known { parts: known, steps, .. } = &*self.resolver.imports;
        remembered(steps, code, || {
            let Ok(analysis) = self.resolver.project().analysis(file) else {
                return Arc::default();
            };
            let all = remembered(known, file, || Arc::new(parts(file, analysis)));
            let found = all.get(&scope).map(|parts| self.steps_of(file, analysis, parts));
            Arc::new(found.unwrap_or_default())
        })
    }

    fn steps_of(&self, file: FileId, analysis: &Analysis, parts: &Parts) -> Steps {
        let mut steps = Steps::default();
        for &id in &parts.imports {
            self.import(file, analysis, id, &mut steps.imports);
        }
        for &id in &parts.calls {
            let reference = analysis.names.reference(id);
            let at = reference.range.start();
            if let Some(module) = imported_by_text(analysis, reference) {
                let found = self.resolver.project().module(module, Some(file));
                steps.imports.extend(self.to_import(at, &found, false));
            }
            let called = self.resolver.called(file, analysis, reference).into_iter();
            steps.calls.extend(called.map(|to| Edge { at, to }));
        }
        for &(how, range) in &parts.applied {
            let applied = self.resolver.applied(file, analysis, (how, range)).into_iter();
            steps.calls.extend(applied.map(|to| Edge { at: range.start(), to }));
        }
        steps
    }

    /// Every module of the project that an import names.
    fn import(&self, file: FileId, analysis: &Analysis, id: BindingId, found: &mut Vec<Import>) {
        let project = self.resolver.project();
        let binding = analysis.names.binding(id);
        let at = binding.statement.start();
        match &binding.kind {
            BindingKind::Import { module, .. } => {
                found.extend(self.to_import(at, &project.module(module, Some(file)), false));
            }
            BindingKind::StarImport { level, module } => {
                let module = project.imported_module(file, *level, module);
                found.extend(self.to_import(at, &module, true));
            }
            BindingKind::ImportFrom { level, module, member, .. } => {
                let package = project.imported_module(file, *level, module);
                let submodule = project.submodule(&package, member);
                found.extend(self.to_import(at, &submodule, false));
                // `from package import module` needs the package itself only to exist.
                let is_named = submodule == ModuleLookup::Missing;
                found.extend(self.to_import(at, &package, is_named));
            }
            _ => {}
        }
    }

    fn to_import(&self, at: TextSize, module: &ModuleLookup, is_named: bool) -> Option<Import> {
        let to = module.file()?;
        let packages = self.resolver.project().packages_around(to);
        Some(Import { at, to, packages, is_named })
    }
}

/// What is known of `key`, found where it is not yet; nobody waits while it is.
fn remembered<K: Copy + Eq + Hash, V: Clone>(
    known: &Mutex<FxHashMap<K, V>>,
    key: K,
    find: impl FnOnce() -> V,
) -> V {
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let found = lock().get(&key).cloned();
    found.unwrap_or_else(|| {
        let found = find();
        lock().insert(key, found.clone());
        found
    })
}
