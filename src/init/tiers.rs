//! Tiers to start from: one for each folder with places, the smallest first, tests last.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::fs::ProjectPath;

/// A tier of a configuration that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// How much it has now, which changes as it is gone through.
    pub extent: String,
    /// Its risk, where that can be said.
    pub risk: Option<&'static str>,
    /// Its patterns.
    pub paths: Vec<String>,
    /// How many places it has.
    pub places: usize,
}

/// A folder with more places than this is parted by its own folders.
const LARGE: usize = 15;

/// A part with fewer places than this goes together with others of its folder.
const SMALL: usize = 3;

type Place<'f> = (&'f ProjectPath, usize);

/// The tiers for files with so many places each.
pub fn draft(files: &BTreeMap<ProjectPath, usize>) -> Vec<Draft> {
    let places = files.iter().map(|(path, count)| (path, *count));
    let (tests, others): (Vec<Place<'_>>, Vec<_>) = places.partition(|(path, _)| is_test(path));
    let mut drafts = Vec::new();
    part(&others, &mut drafts);
    drafts.sort_by(|a, b| (a.places, &a.name).cmp(&(b.places, &b.name)));
    if !tests.is_empty() {
        let mut paths: Vec<String> = tests.iter().map(|(path, _)| test_pattern(path)).collect();
        paths.sort();
        paths.dedup();
        drafts.push(of("tests".to_owned(), Some("low"), paths, &tests));
    }
    unique(&mut drafts);
    drafts
}

/// One draft for each folder in the innermost one that holds all `files`, and one for what lies
/// there itself.
fn part(files: &[Place<'_>], drafts: &mut Vec<Draft>) {
    let top = common_folder(files.iter().map(|(path, _)| path.as_path()));
    let mut groups: BTreeMap<String, Vec<Place<'_>>> = BTreeMap::new();
    let mut rest: Vec<Place<'_>> = Vec::new();
    for &(path, count) in files {
        let below = path.as_path().strip_prefix(&top).unwrap_or(path.as_path());
        let mut parts = below.iter().map(|part| part.to_string_lossy().into_owned());
        match (parts.next(), parts.next()) {
            (Some(folder), Some(_)) => groups.entry(folder).or_default().push((path, count)),
            _ => rest.push((path, count)),
        }
    }
    let is_inside = !top.as_os_str().is_empty();
    let mut paths: Vec<String> = rest.iter().map(|(path, _)| pattern(path.as_path())).collect();
    for (folder, files) in groups {
        let places: usize = files.iter().map(|(_, count)| count).sum();
        let covers = pattern(&top.join(&folder)) + "/**";
        if places > LARGE && files.len() > 1 {
            part(&files, drafts);
        } else if places < SMALL && is_inside {
            paths.push(covers);
            rest.extend(files);
        } else {
            drafts.push(of(folder, None, vec![covers], &files));
        }
    }
    if !rest.is_empty() {
        let name = top.file_name().map(|name| name.to_string_lossy().into_owned());
        drafts.push(of(name.unwrap_or_else(|| "top".to_owned()), None, paths, &rest));
    }
}

fn of(name: String, risk: Option<&'static str>, paths: Vec<String>, files: &[Place<'_>]) -> Draft {
    let places = files.iter().map(|(_, count)| count).sum();
    let plural = |number: usize| if number == 1 { "" } else { "s" };
    let (count, s) = (files.len(), plural(files.len()));
    let extent = format!("{places} place{} in {count} file{s}", plural(places));
    Draft { name, extent, risk, paths, places }
}

/// Names that are no numbers, no ranges, not `all`, and each once.
fn unique(drafts: &mut [Draft]) {
    let mut taken: Vec<String> = Vec::new();
    for draft in drafts {
        let is_number = draft.name.chars().all(|c| c.is_ascii_digit() || c == '-');
        if is_number || draft.name == "all" || draft.name.contains(char::is_control) {
            draft.name = format!("tier-{}", taken.len() + 1);
        }
        let base = draft.name.clone();
        let mut number = 1;
        while taken.contains(&draft.name) {
            number += 1;
            draft.name = format!("{base}-{number}");
        }
        taken.push(draft.name.clone());
    }
}

/// Whether a file is a test, by its name or a folder's.
pub fn is_test(path: &ProjectPath) -> bool {
    test_folder(path).is_some() || {
        let name = path.as_path().file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| {
            name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py"
        })
    }
}

/// Whether a file is there to be read or tried: its folder says so.
pub fn is_example(path: &ProjectPath) -> bool {
    const FOLDERS: [&str; 8] =
        ["benchmarks", "demo", "demos", "doc", "docs", "example", "examples", "samples"];
    let mut folders = path.as_path().parent().into_iter().flatten();
    folders.any(|part| FOLDERS.iter().any(|folder| part == *folder))
}

/// The outermost folder of tests that holds a file.
fn test_folder(path: &ProjectPath) -> Option<PathBuf> {
    let mut folder = PathBuf::new();
    for part in path.as_path().parent()? {
        folder.push(part);
        if part == "tests" || part == "test" {
            return Some(folder);
        }
    }
    None
}

fn test_pattern(path: &ProjectPath) -> String {
    match test_folder(path) {
        Some(folder) => pattern(&folder) + "/**",
        None => pattern(path.as_path()),
    }
}

fn common_folder<'a>(paths: impl Iterator<Item = &'a Path>) -> PathBuf {
    let folders = paths.map(|path| path.parent().unwrap_or(Path::new("")).to_path_buf());
    let common = |a: PathBuf, b: PathBuf| {
        a.iter().zip(b.iter()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    };
    folders.reduce(common).unwrap_or_default()
}

/// The pattern that matches a path and nothing else.
fn pattern(path: &Path) -> String {
    let text = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if "*?[]{}".contains(c) {
            pattern.extend(['[', c, ']']);
        } else {
            pattern.push(c);
        }
    }
    pattern
}
