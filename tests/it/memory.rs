//! Small projects in memory: their files as one text, their transforms, and a run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use tiermod::config::{Document, Problems};
use tiermod::fs::MemoryTree;
use tiermod::plan::Plan;
use tiermod::run::outline::Worth;
use tiermod::run::prove::Reading;
use tiermod::run::{self, Request, RunError, Suggestions, Tiers};
use tiermod::transform::Transform;

/// A text in which `-- path --` stands above each file: what is above the first, and the files.
pub(crate) fn sections(text: &str) -> (String, Vec<(String, String)>) {
    let mut head = String::new();
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let path = line.trim_end().strip_prefix("-- ").and_then(|line| line.strip_suffix(" --"));
        match (path, files.last_mut()) {
            (Some(path), _) => files.push((path.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => head.push_str(line),
        }
    }
    (head, files)
}

/// The transform `name`.
pub(crate) fn parse(name: &str, text: &str) -> Result<Transform, Problems> {
    let path = format!("/project/transforms/{name}.toml");
    let shown = format!("transforms/{name}.toml");
    Transform::parse(&Document::new(Path::new(&path), shown, text.as_bytes()).unwrap())
}

/// The same, where it is right.
pub(crate) fn transform(name: &str, text: &str) -> Transform {
    parse(name, text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The plan of a project.
pub(crate) fn plan<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f str)>,
    transforms: &[Transform],
    tiers: &dyn Tiers,
) -> Result<Plan, RunError> {
    let files = files.into_iter().map(|(path, text)| (path, text.as_bytes()));
    run::plan(&Request {
        tree: &MemoryTree::new(files),
        tiers,
        source_roots: None,
        transforms,
        strict: false,
        is_excerpt: false,
        threads: 1,
        suggestions: Suggestions::Made,
        reading: Reading::Outline(Worth::ANY),
    })
}

/// Files by their paths, as [`plan`] takes them.
pub(crate) fn borrowed<'f>(
    files: impl IntoIterator<Item = (&'f String, &'f String)>,
) -> impl Iterator<Item = (&'f str, &'f str)> {
    files.into_iter().map(|(path, text)| (path.as_str(), text.as_str()))
}
