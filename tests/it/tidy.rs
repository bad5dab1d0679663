//! The layout of the repository: what ARCHITECTURE.md and CONTRIBUTING.md promise of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines that a file may have before its job has become two.
const MOST_LINES: usize = 500;

/// Modules that may name `std::fs`: the project's files are behind `fs`, and these have files of
/// their own (configuration, what a probe collects, a gate's results, what a user names to save).
const MAY_TOUCH_DISK: &[&str] = &["fs", "config", "probe", "gate", "cli"];

/// The crates of the parser.
const PARSER: &[&str] = &["rustpython_parser", "ruff_python_ast", "ruff_python_trivia"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file under `folder`, by its path from the repository's root, sorted.
fn rust_files(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = read(&path);
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder} has no Rust files");
    found
}

/// The modules of the library, bottom up.
fn modules() -> Vec<String> {
    let text = read(&root().join("src/lib.rs"));
    let names = text.lines().filter_map(|line| line.strip_prefix("pub mod "));
    names.filter_map(|line| line.split(';').next()).map(str::to_owned).collect()
}

/// The module of the library that a file under `src` belongs to.
fn module_of(path: &Path) -> String {
    let part = path.components().nth(1).unwrap().as_os_str().to_str().unwrap();
    part.trim_end_matches(".rs").to_owned()
}

fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_module_uses_only_those_above_it() {
    let modules = modules();
    let place = |name: &str| modules.iter().position(|module| module == name);
    let name = regex::Regex::new(r"\bcrate::([a-z_]+)").unwrap();
    let mut problems = Vec::new();
    let mut uses = 0;
    for (path, text) in rust_files("src") {
        let Some(own) = place(&module_of(&path)) else { continue };
        for (row, line) in text.lines().enumerate() {
            for found in name.captures_iter(line) {
                let Some(other) = place(&found[1]) else { continue };
                uses += 1;
                if other > own {
                    let path = path.display();
                    problems.push(format!("{path}:{}: uses `{}`", row + 1, &found[1]));
                }
            }
        }
    }
    assert!(uses > 500, "the search finds what modules use");
    none(&problems);
}

#[test]
fn the_architecture_lists_the_modules_in_their_order() {
    let text = read(&root().join("ARCHITECTURE.md"));
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let listed: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert_eq!(listed, modules());
}

#[test]
fn every_file_says_what_it_is_and_has_one_job() {
    let mut problems = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (path, text) in rust_files(folder) {
            if !text.starts_with("//! ") {
                problems.push(format!("{}: does not begin with `//!`", path.display()));
            }
            let lines = text.lines().count();
            if folder == "src" && lines > MOST_LINES {
                problems.push(format!("{}: has {lines} lines", path.display()));
            }
        }
    }
    none(&problems);
}

#[test]
fn only_syntax_names_the_crates_of_the_parser() {
    let mut problems = Vec::new();
    for (path, text) in rust_files("src") {
        if module_of(&path) == "syntax" {
            continue;
        }
        for name in PARSER.iter().filter(|name| text.contains(**name)) {
            problems.push(format!("{}: names `{name}`", path.display()));
        }
    }
    none(&problems);
}

#[test]
fn the_disk_is_behind_a_few_modules() {
    let mut problems = Vec::new();
    for (path, text) in rust_files("src") {
        let module = module_of(&path);
        if text.contains("std::fs") && !MAY_TOUCH_DISK.contains(&module.as_str()) {
            problems.push(format!("{}: names `std::fs`", path.display()));
        }
    }
    none(&problems);
}

#[test]
fn every_test_module_is_named_in_main() {
    let main = read(&root().join("tests/it/main.rs"));
    let mut problems = Vec::new();
    for entry in fs::read_dir(root().join("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name != "main" && !main.lines().any(|line| line.starts_with(&format!("mod {name};"))) {
            problems.push(format!("{}: is no module of tests/it/main.rs", path.display()));
        }
    }
    none(&problems);
}

#[test]
fn nothing_waits_to_be_reviewed() {
    fn walk(folder: &Path, problems: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, problems);
            } else if path.extension().is_none_or(|extension| extension != "snap") {
                problems.push(format!("{}: is no snapshot", path.display()));
            }
        }
    }
    let mut problems = Vec::new();
    walk(&root().join("snapshots"), &mut problems);
    none(&problems);
}
#[test]
fn every_transform_is_in_the_table_of_the_docs() {
    let docs = read(&root().join("docs/transforms.md"));
    let names: BTreeSet<String> = fs::read_dir(root().join("transforms"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let missing: Vec<&String> =
        names.iter().filter(|name| !docs.contains(&format!("| `{name}` |"))).collect();
    assert!(missing.is_empty(), "docs/transforms.md has no row for {missing:?}");
}
