//! Whether an import would fail because of a cycle: its module is half run.

use super::{Speller, Wanted, reuse, sources};
use crate::project::{Analysis, FileId};
use crate::resolve::import_time::Code;
use crate::resolve::imports_graph::ImportGraph;
use crate::resolve::{Origin, Resolver};
use crate::semantic::{Binding, BindingId, BindingKind, ReferenceId, ScopeId};
use crate::text::TextSize;

/// How it would go wrong that `code` takes `name` from the module `from`.
///
/// `taken_today` is a name of `from` that `code` takes already, so that nothing new is imported.
/// Then a cycle that exists works today, and goes on working unless `from` comes to run `code`
/// after it defined that name and before it defines `name`.
pub fn problem(
    resolver: &Resolver<'_, '_>,
    from: FileId,
    name: &str,
    taken_today: Option<&str>,
    code: Code,
) -> Option<String> {
    let graph = ImportGraph::new(resolver);
    let chain = graph.path(from, code)?;
    let project = resolver.project();
    if let Some(today) = taken_today {
        let analysis = project.analysis(from).ok()?;
        let before = bound(analysis, today).map(|binding| binding.statement.start()).min()?;
        // Whoever takes the name from a module that is half run gets what it means by then.
        let after = bound(analysis, name).map(has_value_at).max()?;
        let steps = graph.steps_leading_to(from, code);
        let between = *steps.iter().find(|at| before < **at && **at < after)?;
        let line = analysis.lines().position(between).line;
        let path = project.path(from);
        return Some(format!("{path} runs this code from line {line}, before it defines `{name}`"));
    }
    let to_dotted =
        |&file: &FileId| project.module_name(file).unwrap_or_else(|| project.path(file).to_slash());
    let names: Vec<String> = chain.iter().map(to_dotted).collect();
    Some(format!("the import would close a cycle: {}", names.join(" imports ")))
}

/// Where a name has its value: what is called for it runs before.
fn has_value_at(binding: &Binding) -> TextSize {
    // A module that is imported again is not run again.
    if binding.kind.is_import() { binding.statement.start() } else { binding.statement.end() }
}

/// Where the module's own code gives `name` its values.
fn bound<'a>(analysis: &'a Analysis, name: &str) -> impl Iterator<Item = &'a Binding> {
    let names = &analysis.names;
    let symbol = names.id(name).and_then(|name| names.symbol(ScopeId::MODULE, name));
    let bindings = symbol.into_iter().flat_map(|symbol| &symbol.bindings);
    bindings.map(|&id| names.binding(id)).filter(|binding| binding.written_in == ScopeId::MODULE)
}

impl Speller<'_> {
    /// Why an import of the symbol by the code of `owner` would fail.
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
        let from = from.filter(|&from| from != self.file && !wanted.accepts_cycles)?;
        let code = Code::of_scope(self.file, &self.analysis.names, owner);
        problem(self.resolver, from, wanted.name, today, code)
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
