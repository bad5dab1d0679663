//! Whether an import at module level would fail because of a cycle.

use super::{Speller, Wanted, reuse, sources};
use crate::project::{Analysis, FileId};
use crate::resolve::imports_graph::ImportGraph;
use crate::resolve::{Origin, Resolver};
use crate::semantic::{BindingId, BindingKind, ReferenceId, ScopeId};
use crate::text::TextSize;

/// How an import of `name` from the module `from`, at module level of `file`, would go wrong.
///
/// `taken_today` is a name of `from` that `file` needs already while it is imported, so that the
/// import adds no edge. Then a cycle that exists works today, and goes on working unless `from`
/// imports its way to `file` after it defined that name and before it defines `name`.
pub fn problem(
    resolver: &Resolver<'_, '_>,
    from: FileId,
    name: &str,
    taken_today: Option<&str>,
    file: FileId,
) -> Option<String> {
    let graph = ImportGraph::new(resolver);
    let path = graph.path(from, file)?;
    let project = resolver.project();
    if let Some(today) = taken_today {
        let analysis = project.analysis(from).ok()?;
        let before = bound(analysis, today).min()?;
        // Whoever takes the name from a module that is half run gets what it means by then.
        let after = bound(analysis, name).max()?;
        let leads = graph.imports_leading_to(from, file);
        let between = leads.into_iter().find(|at| before < *at && *at < after)?;
        let line = analysis.lines().position(between).line;
        let path = project.path(from);
        return Some(format!(
            "{path} imports this module on line {line}, before it defines `{name}`"
        ));
    }
    let names: Vec<String> = path
        .iter()
        .map(|&file| project.module_name(file).unwrap_or_else(|| project.path(file).to_slash()))
        .collect();
    Some(format!("the import would close a cycle: {}", names.join(" imports ")))
}

/// Where the module's own code gives `name` its values.
fn bound<'a>(analysis: &'a Analysis, name: &str) -> impl Iterator<Item = TextSize> + 'a {
    let names = &analysis.names;
    let symbol = names.id(name).and_then(|name| names.symbol(ScopeId::MODULE, name));
    let bindings = symbol.into_iter().flat_map(|symbol| &symbol.bindings);
    bindings
        .map(|&id| names.binding(id))
        .filter(|binding| binding.written_in == ScopeId::MODULE)
        .map(|binding| binding.statement.start())
}

impl Speller<'_> {
    /// Why an import of the symbol in `owner` would fail, if it runs while the module is imported.
    pub(super) fn cycle(
        &self,
        wanted: &Wanted<'_>,
        owner: ScopeId,
        today: Option<&str>,
    ) -> Option<String> {
        self.cycle_of(wanted.file, wanted, owner, today)
    }

    /// The same where the symbol is taken from the module `from`, which may only pass it on.
    pub(super) fn cycle_of(
        &self,
        from: Option<FileId>,
        wanted: &Wanted<'_>,
        owner: ScopeId,
        today: Option<&str>,
    ) -> Option<String> {
        let names = &self.analysis.names;
        if wanted.accepts_cycles || !reuse::runs_within(names, owner, ScopeId::MODULE) {
            return None;
        }
        let from = from.filter(|&from| from != self.file)?;
        problem(self.resolver, from, wanted.name, today, self.file)
    }

    pub(super) fn imported_file(&self, level: u32, dotted: &str) -> Option<FileId> {
        self.resolver.project().imported_module(self.file, level, dotted).file()
    }

    /// The name by which the symbol's module defines the old one, where this module takes that
    /// from somewhere while it is imported: it is defined by then.
    pub(super) fn needed_today(
        &self,
        wanted: &Wanted<'_>,
        id: ReferenceId,
        depth: usize,
    ) -> Option<String> {
        let names = &self.analysis.names;
        let reference = names.reference(id);
        let is_taken = |id: &BindingId| {
            let binding = names.binding(*id);
            matches!(binding.kind, BindingKind::ImportFrom { .. } | BindingKind::StarImport { .. })
                && reuse::runs_within(names, binding.written_in, ScopeId::MODULE)
        };
        if depth > 0 || !sources::of(self.analysis, reference).iter().any(is_taken) {
            return None;
        }
        let found = self.resolver.reference(self.file, self.analysis, reference, &mut Vec::new());
        match found.first()?.certain()? {
            Origin::Symbol(old) if Some(old.file) == wanted.file => Some(old.name.clone()),
            _ => None,
        }
    }
}
