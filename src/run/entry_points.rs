//! Names of modules that the project's packaging offers to installers and plugin loaders:
//! `"app.service:Name"` in `pyproject.toml` and `setup.cfg`.
//!
//! See the entry points specification of the Python Packaging User Guide: a module, a colon, and an
//! object. The files are searched as text, so that the tables of every tool count.

use rustc_hash::FxHashSet;

use crate::fs::{ProjectPath, SourceTree};
use crate::project::{FileId, Project};

const FILES: [&str; 2] = ["pyproject.toml", "setup.cfg"];

/// The names, each with the file that is its module.
pub(super) fn offered(tree: &dyn SourceTree, project: &Project<'_>) -> FxHashSet<(FileId, String)> {
    let mut found = FxHashSet::default();
    let read = |path| tree.read(&ProjectPath::new(path)?).ok();
    for bytes in FILES.into_iter().filter_map(read) {
        let text = String::from_utf8_lossy(&bytes);
        let words = text.split(|char: char| !(char.is_alphanumeric() || "_.:".contains(char)));
        for (module, object) in words.filter_map(|word| word.split_once(':')) {
            let name = object.split('.').next().unwrap_or_default();
            if let Some(file) = project.module(module, None).file().filter(|_| !name.is_empty()) {
                found.insert((file, name.to_owned()));
            }
        }
    }
    found
}
