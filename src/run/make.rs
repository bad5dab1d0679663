//! From a draft to the bytes of its result.

use std::borrow::Cow;

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
    let first_party =
        |name: &str| name.split('.').next() == own || project.is_first_party(name, &style.src);
    let file = imports::File {
        package: package.as_deref(),
        text: &analysis.source.text,
        module: &analysis.module,
        is_stub: analysis.is_stub(),
        style,
        first_party: &first_party,
    };
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
