//! The files that may hold a style, each read and parsed once for all folders below it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use super::{ImportStyle, ini};

/// Gives the bytes of a file by its path relative to the project's folder, if there is one.
pub type Read<'a> = &'a (dyn Fn(&Path) -> Option<Vec<u8>> + Sync);

/// The configuration files of a project, by path.
pub struct StyleFiles<'a> {
    read: Read<'a>,
    tomls: Memo<Result<toml::Table, String>>,
    inis: Memo<ini::Sections>,
    styles: Memo<ImportStyle>,
}

impl<'a> StyleFiles<'a> {
    /// The files that `read` gives.
    pub fn new(read: Read<'a>) -> Self {
        let (tomls, inis, styles) = (Memo::default(), Memo::default(), Memo::default());
        Self { read, tomls, inis, styles }
    }

    /// The style of the files in `folder`, as [`ImportStyle::of_folder`] finds it, found once.
    pub fn style_of(&self, folder: &Path) -> Arc<ImportStyle> {
        let style = self.styles.get(folder, || Some(ImportStyle::of_folder(folder, self).0));
        style.unwrap_or_default()
    }

    /// A file as TOML, or why it is none; `None` where there is no file.
    pub(super) fn toml(&self, path: &Path) -> Option<Arc<Result<toml::Table, String>>> {
        self.tomls.get(path, || {
            let text = self.text(path)?;
            let parsed = text.trim_start_matches('\u{feff}').parse();
            Some(parsed.map_err(|error: toml::de::Error| error.message().to_owned()))
        })
    }

    /// A file as INI; `None` where there is no file.
    pub(super) fn ini(&self, path: &Path) -> Option<Arc<ini::Sections>> {
        self.inis.get(path, || Some(ini::parse(&self.text(path)?)))
    }

    fn text(&self, path: &Path) -> Option<String> {
        Some(String::from_utf8_lossy(&(self.read)(path)?).into_owned())
    }
}

/// What was made of files and folders, and of which there is nothing.
struct Memo<T>(Mutex<FxHashMap<PathBuf, Option<Arc<T>>>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Memo<T> {
    fn get(&self, path: &Path, make: impl FnOnce() -> Option<T>) -> Option<Arc<T>> {
        if let Ok(known) = self.0.lock()
            && let Some(found) = known.get(path)
        {
            return found.clone();
        }
        // Two threads may read the same file at once; none waits for the other's disk.
        let new = make().map(Arc::new);
        if let Ok(mut known) = self.0.lock() {
            known.insert(path.to_owned(), new.clone());
        }
        new
    }
}
