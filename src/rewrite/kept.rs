//! Imports that stay although no code of the file uses them: how they say so.

use super::draft::Draft;
use super::leftovers::{Leftover, has_noqa, is_redundant_alias};
use crate::imports::pragma::end_of_noqa_codes;
use crate::imports::{Import, ImportRequest, ModuleRef, Place};
use crate::semantic::{Binding, BindingKind, ScopeId};
use crate::text::{Edit, TextRange, size, slice};

/// An import that stays although no code uses it is written `C as C`, which says that it is there
/// for others (PEP 484) and which linters know. One that is listed in `__all__`, or has a `noqa`,
/// says so already.
pub(super) fn explicit(draft: &Draft, leftover: &Leftover) -> Option<ImportRequest> {
    let analysis = &draft.analysis;
    let names = &analysis.names;
    let binding = names.binding(leftover.binding);
    let name = names.text(binding.name);
    let is_here = |other: &Binding| other.statement == leftover.statement;
    let is_alone = names.bindings().filter(|(_, other)| is_here(other)).count() == 1;
    let (is_plain, import, place) = match &binding.kind {
        BindingKind::ImportFrom { level, module, member, alias } => (
            *alias == binding.range && name == member,
            Import::From {
                module: ModuleRef { level: *level, name: module.clone() },
                member: member.clone(),
                alias: Some(name.to_owned()),
            },
            Place::Statement { statement: leftover.statement, replaces: Some(leftover.alias) },
        ),
        BindingKind::Import { module, renamed, .. } => (
            !renamed && name == module,
            Import::Module { name: module.clone(), alias: Some(name.to_owned()) },
            Place::Beside { statement: leftover.statement, replaces_it: is_alone },
        ),
        _ => return None,
    };
    if !is_plain
        || binding.scope != ScopeId::MODULE
        || names.dunder_all().shows(name)
        || has_noqa(analysis, leftover.statement)
    {
        return None;
    }
    Some(ImportRequest { import, place })
}

/// The comment by which an import that stays under another name than its own tells linters that it
/// is meant to: Python has no form that says so. `edits` are those of the file's imports.
pub(super) fn silenced(draft: &Draft, leftover: &Leftover, edits: &[Edit]) -> Option<Edit> {
    let analysis = &draft.analysis;
    let names = &analysis.names;
    let binding = names.binding(leftover.binding);
    if binding.scope != ScopeId::MODULE
        || names.dunder_all().shows(names.text(binding.name))
        || is_redundant_alias(names, leftover.binding)
        || has_noqa(analysis, leftover.statement)
    {
        return None;
    }
    let lines = analysis.lines();
    let number = lines.position(leftover.alias.end()).line;
    let start = lines.line_start(number);
    let text = lines.line_text(number).trim_end();
    let line = TextRange::at(start, size(text.len()));
    // The comment is about all of its line: other names have nothing to do with it.
    let is_other =
        |other: &Binding| line.contains_range(other.range) && other.range != binding.range;
    let is_edited = |edit: &Edit| {
        edit.range.contains_inclusive(line.end())
            || edit.range.intersect(line).is_some_and(|both| !both.is_empty())
    };
    if text.ends_with('\\')
        || slice(&analysis.source.text, line).contains(';')
        || names.bindings().any(|(_, other)| is_other(other))
        || edits.iter().any(is_edited)
    {
        return None;
    }
    if let Some(end) = end_of_noqa_codes(text) {
        // Linters read the first of several such comments.
        return Some(Edit::insert(start + size(end), ", F401"));
    }
    Some(Edit::insert(line.end(), "  # noqa: F401"))
}
