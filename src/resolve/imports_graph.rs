//! Which modules are imported when a module is imported, and whether a new import closes a cycle.
//!
//! Only imports that run while the module itself runs count: not those in functions, nor those
//! that only type checkers read.

use std::collections::VecDeque;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Resolver;
use crate::project::{Analysis, FileId, ModuleLookup, Project};
use crate::semantic::{BindingKind, Names, ScopeId, ScopeKind};
use crate::text::TextSize;

/// One import that runs at import time: where it stands and what it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge {
    at: TextSize,
    to: FileId,
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

/// The modules of a chain of imports, where there is one.
type Path = Option<Vec<FileId>>;

/// What was found of the graph so far: a site asks for the same paths as its neighbours.
#[derive(Debug, Default)]
pub(super) struct Known {
    imports: Mutex<FxHashMap<FileId, Arc<[Import]>>>,
    reached: Mutex<FxHashMap<FileId, Arc<FxHashSet<FileId>>>>,
    paths: Mutex<FxHashMap<(FileId, FileId), Path>>,
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

    /// Whether importing `from` imports `to` before it is done, and by which modules: the chain
    /// from the one to the other, both included.
    ///
    /// The packages around the two are already being imported whenever they are, so that importing
    /// those again as somebody's parent runs nothing.
    pub fn path(&self, from: FileId, to: FileId) -> Option<Vec<FileId>> {
        if from == to {
            return Some(vec![from]);
        }
        // Most files of a project are nowhere below: one walk tells that of all of them.
        if !self.reached(from).contains(&to) {
            return None;
        }
        let paths = &self.resolver.imports.paths;
        remembered(paths, (from, to), || self.find_path(from, to))
    }

    fn find_path(&self, from: FileId, to: FileId) -> Option<Vec<FileId>> {
        let around = self.around(from, to);
        let mut came_from: FxHashMap<FileId, FileId> = FxHashMap::default();
        let mut queue = VecDeque::from([from]);
        let mut seen: FxHashSet<FileId> = std::iter::once(from).collect();
        while let Some(file) = queue.pop_front() {
            for edge in self.edges(file, &around) {
                if seen.insert(edge.to) {
                    came_from.insert(edge.to, file);
                    if edge.to == to {
                        let mut path = vec![to];
                        let mut at = to;
                        while let Some(&before) = came_from.get(&at) {
                            path.push(before);
                            at = before;
                        }
                        path.reverse();
                        return Some(path);
                    }
                    queue.push_back(edge.to);
                }
            }
        }
        None
    }

    /// Every module to which there may be a path: `path` leaves out more packages.
    fn reached(&self, from: FileId) -> Arc<FxHashSet<FileId>> {
        remembered(&self.resolver.imports.reached, from, || {
            let mut queue = vec![from];
            let mut seen: FxHashSet<FileId> = FxHashSet::default();
            while let Some(file) = queue.pop() {
                let edges = self.edges(file, &FxHashSet::default());
                queue.extend(edges.into_iter().map(|edge| edge.to).filter(|to| seen.insert(*to)));
            }
            Arc::new(seen)
        })
    }

    /// Where in `from` the imports stand by which importing it imports `to`.
    pub fn imports_leading_to(&self, from: FileId, to: FileId) -> Vec<TextSize> {
        self.edges(from, &self.around(from, to))
            .into_iter()
            .filter(|edge| edge.to == to || self.path(edge.to, to).is_some())
            .map(|edge| edge.at)
            .collect()
    }

    fn around(&self, from: FileId, to: FileId) -> FxHashSet<FileId> {
        let project = self.resolver.project();
        project.packages_around(from).into_iter().chain(project.packages_around(to)).collect()
    }

    /// The modules that `file` imports while it runs, with their packages except `around`.
    fn edges(&self, file: FileId, around: &FxHashSet<FileId>) -> Vec<Edge> {
        let mut edges = Vec::new();
        for import in self.imports(file).iter() {
            let at = import.at;
            let packages = import.packages.iter().filter(|package| !around.contains(package));
            edges.extend(packages.map(|&to| Edge { at, to }));
            if import.is_named || !around.contains(&import.to) {
                edges.push(Edge { at, to: import.to });
            }
        }
        edges
    }

    fn imports(&self, file: FileId) -> Arc<[Import]> {
        let project = self.resolver.project();
        remembered(&self.resolver.imports.imports, file, || {
            let Ok(analysis) = project.analysis(file) else { return Arc::default() };
            let found = imported(project, file, analysis).into_iter();
            let import = |(at, found, is_named)| {
                let ModuleLookup::File(to) = found else { return None };
                Some(Import { at, to, packages: project.packages_around(to), is_named })
            };
            found.filter_map(import).collect()
        })
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

/// Every module that the module-level imports of a file name. The flag tells a module that must
/// be complete, as a name is taken from it, from one that only has to exist.
fn imported(
    project: &Project<'_>,
    file: FileId,
    analysis: &Analysis,
) -> Vec<(TextSize, ModuleLookup, bool)> {
    let names = &analysis.names;
    let mut found = Vec::new();
    for (_, binding) in names.bindings() {
        if binding.typing_only || !runs_on_import(names, binding.written_in) {
            continue;
        }
        let at = binding.statement.start();
        match &binding.kind {
            BindingKind::Import { module, .. } => {
                found.push((at, project.module(module, Some(file)), false));
            }
            BindingKind::StarImport { level, module } => {
                found.push((at, project.imported_module(file, *level, module), true));
            }
            BindingKind::ImportFrom { level, module, member, .. } => {
                let package = project.imported_module(file, *level, module);
                let submodule = project.submodule(&package, member);
                let is_submodule = submodule != ModuleLookup::Missing;
                if is_submodule {
                    found.push((at, submodule, false));
                }
                // `from package import module` needs the package itself only to exist.
                found.push((at, package, !is_submodule));
            }
            _ => {}
        }
    }
    found
}

/// Whether code of `scope` runs while the module is imported.
fn runs_on_import(names: &Names, scope: ScopeId) -> bool {
    names
        .scopes_around(scope)
        .all(|scope| matches!(names.scope(scope).kind, ScopeKind::Module | ScopeKind::Class))
}
