//! Whether an import at module level would fail because of a cycle.

use crate::project::{Analysis, FileId};
use crate::resolve::Resolver;
use crate::resolve::imports_graph::ImportGraph;
use crate::semantic::ScopeId;

/// How an import of `name` from the module `from`, at module level of `file`, would go wrong.
///
/// `already_imported` says that `file` imports `from` at module level today, so that the import
/// adds no edge. Then a cycle that exists works today, and goes on working unless `from` imports
/// its way to `file` after it defined what `file` takes today and before it defines `name`.
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
        let before = first_binding(analysis, today)?;
        let after = first_binding(analysis, name)?;
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

/// Where the module gives `name` its first value.
fn first_binding(analysis: &Analysis, name: &str) -> Option<crate::text::TextSize> {
    let names = &analysis.names;
    let symbol = names.symbol(ScopeId::MODULE, names.id(name)?)?;
    symbol
        .bindings
        .iter()
        .map(|&id| names.binding(id))
        .filter(|binding| binding.written_in == ScopeId::MODULE)
        .map(|binding| binding.statement.start())
        .min()
}
