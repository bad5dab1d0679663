//! Which modules are imported when a module is imported, and whether a new import closes a cycle.
//!
//! Only imports that run while the module itself runs count: not those in functions, nor those
//! that only type checkers read.

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
        let around = self.around(from, to);
        let mut came_from: FxHashMap<FileId, FileId> = FxHashMap::default();
        let mut queue = std::collections::VecDeque::from([from]);
        let mut seen: FxHashSet<FileId> = std::iter::once(from).collect();
        if from == to {
            return Some(vec![from]);
        }
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
        let project = self.resolver.project();
        let Ok(analysis) = project.analysis(file) else { return Vec::new() };
        let mut edges = Vec::new();
        for (at, found, is_named) in imported(project, file, analysis) {
            let ModuleLookup::File(to) = found else { continue };
            for package in project.packages_around(to) {
                if !around.contains(&package) {
                    edges.push(Edge { at, to: package });
                }
            }
            if is_named || !around.contains(&to) {
                edges.push(Edge { at, to });
            }
        }
        edges
    }
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
