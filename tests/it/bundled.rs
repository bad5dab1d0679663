//! The transforms in `transforms/`: their examples, and that each has what `tiermod test` wants.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use tiermod::config::Document;
use tiermod::example;
use tiermod::transform::Transform;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transforms");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Transform {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let document = Document::read(path, format!("transforms/{name}")).unwrap();
    Transform::parse(&document).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn every_example_of_every_transform_passes() {
    let mut failed = Vec::new();
    let mut passed = 0;
    for file in files() {
        let transform = read(&file);
        assert_eq!(transform.missing_examples(), [], "{}", file.display());
        for example in &transform.examples {
            let outcome = example::run(&transform, example)
                .unwrap_or_else(|error| panic!("{}: {}: {error}", transform.name, example.name));
            if outcome.passed() {
                passed += 1;
            } else {
                failed.push(format!("{}: {}: {outcome:#?}", transform.name, example.name));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(passed > 20, "the examples are found");
}

#[test]
fn every_transform_is_called_as_its_file_and_explains_itself() {
    for file in files() {
        let transform = read(&file);
        assert_eq!(Some(transform.name.as_str()), file.file_stem().unwrap().to_str());
        assert!(!transform.docs.trim().is_empty(), "{}: has no docs", file.display());
    }
}
