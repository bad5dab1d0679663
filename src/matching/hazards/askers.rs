//! What tests do with an object that a fixture of a `conftest.py` gives them.
//!
//! Looks only at files that pytest collects at and below the folder of the `conftest.py`, and that
//! have the fixture's name; which fixture a name means there is pytest's own rule.

use rustc_hash::FxHashSet;

use super::detect::{Detected, Scene};
use super::follow::{Objects, Start, What};
use super::index::Index;
use super::{Hazard, identity, lifecycle, mutation, replaced};
use crate::fs::ProjectPath;
use crate::matching::fixtures::{Fixtures, fixture_name};
use crate::matching::target::Target;
use crate::strings::Place;
use crate::syntax::ast::StmtFunctionDef;
use crate::syntax::tree::Tree;
use crate::text::TextRange;

/// The hazards of the object that the fixture `function` of `place` gives, in other files.
pub(super) fn find(place: &Place<'_>, function: &StmtFunctionDef, target: &Target) -> Vec<Hazard> {
    let project = place.resolver.project();
    let path = project.path(place.file);
    let Some(name) = fixture_name(function) else { return Vec::new() };
    if file_name(path) != "conftest.py" {
        return Vec::new();
    }
    let folder = path.as_path().parent();
    let mut found: Vec<Hazard> = Vec::new();
    for (file, path) in project.files() {
        let is_below = folder.is_none_or(|folder| path.as_path().starts_with(folder));
        if file == place.file || !is_below || !is_collected(path) || !project.holds(file, name) {
            continue;
        }
        let Ok(analysis) = project.analysis(file) else { continue };
        let place = Place { file, analysis, ..*place };
        for hazard in in_file(&place, (name, function.range), target) {
            if found.iter().all(|known| known.reason != hazard.reason) {
                found.push(hazard);
            }
        }
    }
    found
}

fn file_name(path: &ProjectPath) -> &str {
    path.as_path().file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Whether pytest reads a file, as it does by default.
fn is_collected(path: &ProjectPath) -> bool {
    let name = file_name(path);
    name == "conftest.py" || name.starts_with("test") || name.ends_with("_test.py")
}

/// What one file does with the fixture of this name and place.
fn in_file(place: &Place<'_>, (name, fixture): (&str, TextRange), target: &Target) -> Vec<Hazard> {
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
    let starts: Vec<Start> = ranges
        .filter(|&range| is_meant(range))
        .map(|range| Start { range, what: What::Parameter })
        .collect();
    let objects = Objects::new(&index, &starts);
    let targets = vec![0; starts.len()];
    let scene = Scene {
        place: *place,
        objects: &objects,
        target,
        targets: &targets,
        target_index: 0,
        starts: &starts,
        fresh: &FxHashSet::default(),
    };
    let path = resolver.project().path(file);
    let mut found = Vec::new();
    for start in 0..starts.len() {
        for (carrier, step) in objects.reached(start) {
            let detected = objects.uses(*carrier).iter().flat_map(|&used| at(&scene, used));
            for one in detected.filter(|one| one.concerns(start)) {
                let subject = scene.subject(one.used, step.as_ref());
                let message = format!("in {path}: {subject} {}", one.said);
                found.push(Hazard { reason: one.reason, message });
            }
        }
    }
    found
}

fn at(scene: &Scene<'_>, used: super::follow::Use) -> Vec<Detected> {
    let detectors = [lifecycle::detect, mutation::detect, identity::told_apart, replaced::detect];
    detectors.iter().filter_map(|detect| detect(scene, used)).collect()
}
