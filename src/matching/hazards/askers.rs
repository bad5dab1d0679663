//! Which tests ask for an object that a fixture of a `conftest.py` gives them.
//!
//! Looks only at files that pytest collects at and below the folder of the `conftest.py`, and that
//! have the fixture's name; which fixture a name means there is pytest's own rule.

use super::elsewhere::Arrival;
use super::follow::{Start, What};
use super::index::Index;
use crate::fs::ProjectPath;
use crate::matching::fixtures::{Fixtures, fixture_name, is_conftest};
use crate::strings::Place;
use crate::syntax::ast::StmtFunctionDef;
use crate::syntax::tree::Tree;
use crate::text::TextRange;

/// The parameters of other files that get the object of the fixture `function` of `place`.
pub(super) fn find(place: &Place<'_>, function: &StmtFunctionDef) -> Vec<Arrival> {
    let project = place.resolver.project();
    let path = project.path(place.file);
    let Some(name) = fixture_name(function) else { return Vec::new() };
    if !is_conftest(path) {
        return Vec::new();
    }
    let folder = path.as_path().parent();
    let mut found = Vec::new();
    for &file in project.holding(name).iter() {
        let path = project.path(file);
        let is_below = folder.is_none_or(|folder| path.as_path().starts_with(folder));
        if file == place.file || !is_below || !is_collected(path) {
            continue;
        }
        let Ok(analysis) = project.analysis(file) else { continue };
        let place = Place { file, analysis, ..*place };
        found.push(Arrival { file, starts: asked(&place, (name, function.range)) });
    }
    found
}

fn file_name(path: &ProjectPath) -> &str {
    path.as_path().file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Whether pytest reads a file, as it does by default.
fn is_collected(path: &ProjectPath) -> bool {
    let name = file_name(path);
    is_conftest(path) || name.starts_with("test") || name.ends_with("_test.py")
}

/// The parameters of one file that ask for the fixture of this name and place.
fn asked(place: &Place<'_>, (name, fixture): (&str, TextRange)) -> Vec<Start> {
    let Place { resolver, file, analysis } = *place;
    let tree = Tree::new(&analysis.module);
    let index = Index::new(analysis, &tree);
    let fixtures = Fixtures::of(resolver, file, analysis);
    let is_meant = |asker: TextRange| {
        let found = fixtures.named(name, asker).and_then(|one| {
            // A fixture that asks for its own name gets the next one.
            let is_own = one.file == file && one.function.range.contains_range(asker);
            if is_own { fixtures.above(one, asker) } else { Some(one) }
        });
        found.is_some_and(|one| one.file != file && one.function.range == fixture)
    };
    let parameters = index.fixture_parameters(name).into_iter();
    let ranges = parameters.map(|id| analysis.names.binding(id).range);
    ranges
        .filter(|&range| is_meant(range))
        .map(|range| Start { range, what: What::Asked })
        .collect()
}
