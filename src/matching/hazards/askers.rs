//! Which tests of other files ask for an object that a fixture gives them: one of a `conftest.py`, of
//! a plugin that one names, or of a module that they import it from.
//!
//! Looks only at files that pytest collects and that have the fixture's name; which fixture a name
//! means there is pytest's own rule.

use super::elsewhere::Arrival;
use super::importers;
use super::index::Index;
use super::start::{Shape, Start, What};
use crate::fs::ProjectPath;
use crate::matching::fixtures::{Fixtures, fixture_name, is_conftest};
use crate::project::{FileId, Project};
use crate::strings::Place;
use crate::syntax::ast::StmtFunctionDef;
use crate::syntax::tree::Tree;
use crate::text::{Ranged, TextRange};

/// The names of other files that get the object of the fixture `function` of `place`, or what that
/// is had from in this way.
pub(super) fn find(place: &Place<'_>, function: &StmtFunctionDef, shape: &Shape) -> Vec<Arrival> {
    let project = place.resolver.project();
    let Some(name) = fixture_name(function) else { return Vec::new() };
    let folder = if is_conftest(project.path(place.file)) {
        project.path(place.file).as_path().parent()
    } else if is_imported(project, place.file) {
        None
    } else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for &file in project.holding(name).iter() {
        let path = project.path(file);
        let is_below = folder.is_none_or(|folder| path.as_path().starts_with(folder));
        if file == place.file || !is_below || !is_collected(path) {
            continue;
        }
        let Ok(analysis) = project.analysis(file) else { continue };
        let asker = Place { file, analysis, ..*place };
        let starts = asked(&asker, name, (place.file, function.range)).into_iter();
        let starts = starts.map(|range| Start { range, what: What::Asked, shape: shape.clone() });
        found.push(Arrival { file, starts: starts.collect() });
    }
    found
}

/// Whether another file may have the fixtures of a module: it has the module's name.
fn is_imported(project: &Project<'_>, module: FileId) -> bool {
    let stem = importers::stem(project, module);
    stem.is_some_and(|stem| project.holding(stem).iter().any(|&file| file != module))
}

fn file_name(path: &ProjectPath) -> &str {
    path.as_path().file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Whether pytest reads a file, as it does by default.
fn is_collected(path: &ProjectPath) -> bool {
    let name = file_name(path);
    is_conftest(path) || name.starts_with("test") || name.ends_with("_test.py")
}

/// The parameters and calls of one file that ask for the fixture of this name and place.
fn asked(place: &Place<'_>, name: &str, (home, fixture): (FileId, TextRange)) -> Vec<TextRange> {
    let Place { resolver, file, analysis } = *place;
    let tree = Tree::new(&analysis.module);
    let index = Index::new(analysis, &tree);
    let fixtures = Fixtures::of(resolver, file, analysis);
    let is_meant = |asker: &TextRange| {
        let found = fixtures.named(name, *asker).and_then(|one| {
            // A fixture that asks for its own name gets the next one.
            let is_own = one.file == file && one.function.range.contains_range(*asker);
            if is_own { fixtures.above(one, *asker) } else { Some(one) }
        });
        found.is_some_and(|one| one.file == home && one.function.range == fixture)
    };
    let parameters = index.fixture_parameters(name).into_iter();
    let parameters = parameters.map(|id| analysis.names.binding(id).range);
    let values = index.fixture_values(name).into_iter().map(|id| tree.node(id).range());
    parameters.chain(values).filter(is_meant).collect()
}
