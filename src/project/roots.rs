//! Where dotted module names begin.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::fs::ProjectPath;

/// A folder from which modules are imported, relative to the project; empty for the project's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Root(PathBuf);

impl Root {
    /// The root at `folder`, relative to the project.
    pub fn new(folder: &Path) -> Self {
        Self(ProjectPath::new(folder).map_or_else(PathBuf::new, |path| path.as_path().to_owned()))
    }

    /// The folder, relative to the project.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

/// The source roots of a project that does not name them: its own folder, and every folder that
/// holds a regular package without being part of one.
///
/// So `src` layouts and several packages side by side are found. The longest root comes first:
/// a file is known by its shortest name.
pub fn detect(files: &[ProjectPath]) -> Vec<Root> {
    let packages: FxHashSet<&Path> =
        files.iter().filter(|file| file.is_init()).map(ProjectPath::folder).collect();
    // A folder's files stand together, but for those of its subfolders.
    let runs = files.chunk_by(ProjectPath::is_beside);
    let folders = runs.filter_map(|run| run.first()).map(ProjectPath::folder);
    let mut roots: Vec<Root> = vec![Root(PathBuf::new())];
    for folder in folders {
        let top = folder.ancestors().take_while(|folder| packages.contains(folder)).last();
        if let Some(around) = top.and_then(Path::parent) {
            roots.push(Root(around.to_owned()));
        }
        if folder != Path::new("src") && folder.starts_with("src") {
            roots.push(Root(PathBuf::from("src")));
        }
    }
    roots.sort_by(|a, b| {
        let depth = |root: &Root| root.0.components().count();
        depth(b).cmp(&depth(a)).then_with(|| a.cmp(b))
    });
    roots.dedup();
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(files: &[&str]) -> Vec<String> {
        let files: Vec<_> = files.iter().filter_map(ProjectPath::new).collect();
        detect(&files).iter().map(|root| root.0.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn packages_are_found_at_any_depth() {
        assert_eq!(detected(&["app/__init__.py", "app/a.py", "tests/test_a.py"]), [""]);
        assert_eq!(detected(&["src/app/__init__.py", "setup.py"]), ["src", ""]);
        assert_eq!(detected(&["src/app/a.py"]), ["src", ""]);
        assert_eq!(
            detected(&["one/app/__init__.py", "one/app/sub/__init__.py", "two/lib/__init__.py"]),
            ["one", "two", ""]
        );
    }
}
