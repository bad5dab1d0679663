//! The files that may hold a style, each read and parsed once for all folders below it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ImportStyle, ini};
use crate::memo::Memo;

/// Gives the bytes of a file by its path relative to the project's folder, if there is one.
pub type Read<'a> = &'a (dyn Fn(&Path) -> Option<Vec<u8>> + Sync);

/// The configuration files of a project, by path.
pub struct StyleFiles<'a> {
    read: Read<'a>,
    tomls: Memo<PathBuf, Option<Arc<Result<toml::Table, String>>>>,
    inis: Memo<PathBuf, Option<Arc<ini::Sections>>>,
    styles: Memo<PathBuf, Arc<ImportStyle>>,
}

impl<'a> StyleFiles<'a> {
    /// The files that `read` gives.
    pub fn new(read: Read<'a>) -> Self {
        let (tomls, inis, styles) = (Memo::default(), Memo::default(), Memo::default());
        Self { read, tomls, inis, styles }
    }

    /// The style of the files in `folder`, as [`ImportStyle::of_folder`] finds it, found once.
    pub fn style_of(&self, folder: &Path) -> Arc<ImportStyle> {
        self.styles.get(folder, || Arc::new(ImportStyle::of_folder(folder, self).0))
    }

    /// A file as TOML, or why it is none; `None` where there is no file.
    pub(super) fn toml(&self, path: &Path) -> Option<Arc<Result<toml::Table, String>>> {
        self.tomls.get(path, || {
            let text = self.text(path)?;
            let parsed = text.trim_start_matches('\u{feff}').parse();
            let parsed = parsed.map_err(|error: toml::de::Error| error.message().to_owned());
            Some(Arc::new(parsed))
        })
    }

    /// A file as INI; `None` where there is no file.
    pub(super) fn ini(&self, path: &Path) -> Option<Arc<ini::Sections>> {
        self.inis.get(path, || Some(Arc::new(ini::parse(&self.text(path)?))))
    }

    fn text(&self, path: &Path) -> Option<String> {
        Some(String::from_utf8_lossy(&(self.read)(path)?).into_owned())
    }
}
