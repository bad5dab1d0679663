//! From a draft to the bytes of its result.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::config::python_style::ImportStyle;
use crate::imports;
use crate::resolve::Resolver;
use crate::rewrite::{Draft, FileEdits, edits};
use crate::semantic::BindingId;

/// Why an import stays that its own file does not need.
pub(super) const NEEDED: &str = "something else gets it from here by an import or by its name";

/// The edits of a draft and the bytes that they make.
pub(super) fn made(
    resolver: &Resolver<'_, '_>,
    draft: &Draft,
    is_needed: &dyn Fn(BindingId) -> Option<String>,
    style: &ImportStyle,
) -> Result<(FileEdits, Vec<u8>), String> {
    let project = resolver.project();
    let analysis = &draft.analysis;
    let package = project.package_name(draft.file);
    let own = package.as_deref().and_then(|package| package.split('.').next());
    let is_own = |name: &str| name.split('.').next() == own;
    let by_roots = |name: &str| is_own(name) || project.is_first_party(name, &style.src);
    let folders = ["", "src"].map(PathBuf::from);
    let by_default = |name: &str| is_own(name) || project.is_first_party(name, &folders);
    let file = imports::File {
        package: package.as_deref(),
        text: &analysis.source.text,
        module: &analysis.module,
        is_stub: analysis.is_stub(),
        style,
        first_party: &by_roots,
    };
    // Sorters know no other source roots than these unless they are told, and a configuration of
    // them in a folder of its own is about that folder: the imports that are there say what holds.
    let is_default = style.src.is_empty() && project.has_roots_besides(&folders) && {
        let default = imports::File { first_party: &by_default, ..file };
        let is_either = || !style.is_sorted_by_tool || !imports::are_sorted(&file);
        imports::are_sorted(&default) && is_either()
    };
    let first_party: &dyn Fn(&str) -> bool = if is_default { &by_default } else { &by_roots };
    let file = imports::File { first_party, ..file };
    let planner = |requests: &[_], removals: &[_], statements: &[_]| {
        imports::plan(&file, requests, removals, statements).map_err(|error| error.to_string())
    };
    let made = edits(draft, is_needed, &planner).map_err(|error| error.to_string())?;
    let text = made.edits.apply(&analysis.source.text);
    let encoding = analysis.source.encoding;
    let new = encoding
        .encode(&text)
        .ok_or_else(|| format!("{} has no spelling for a name", encoding.name()))?;
    let new = match new {
        Cow::Borrowed(_) => text.into_bytes(),
        Cow::Owned(new) => new,
    };
    Ok((made, new))
}
