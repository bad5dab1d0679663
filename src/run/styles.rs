//! The import styles of the project's folders.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use crate::config::python_style::ImportStyle;
use crate::config::python_style::files::{Read, StyleFiles};
use crate::fs::ProjectPath;

/// The import styles of the project's folders, each found once.
pub(super) struct Styles<'t> {
    files: StyleFiles<'t>,
    known: Mutex<FxHashMap<PathBuf, Arc<ImportStyle>>>,
}

impl<'t> Styles<'t> {
    /// The styles that the files which `read` gives ask for.
    pub(super) fn new(read: Read<'t>) -> Self {
        Self { files: StyleFiles::new(read), known: Mutex::default() }
    }

    /// The style of a file's folder.
    pub(super) fn of(&self, file: &ProjectPath) -> Arc<ImportStyle> {
        let folder = file.as_path().parent().unwrap_or(Path::new(""));
        if let Ok(known) = self.known.lock()
            && let Some(style) = known.get(folder)
        {
            return Arc::clone(style);
        }
        let (style, _) = ImportStyle::of_folder(folder, &self.files);
        let style = Arc::new(style);
        if let Ok(mut known) = self.known.lock() {
            known.insert(folder.to_owned(), Arc::clone(&style));
        }
        style
    }
}
