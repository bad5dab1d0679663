//! Settings by name, whether they come from TOML or from an INI file.
//!
//! ruff's `force-single-line` and isort's `force_single_line` are one key here. A value of the
//! wrong kind is a warning and counts as absent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::Value;

use super::StyleWarning;
use crate::fs::inside;

/// One table of settings of one file.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    values: BTreeMap<String, Value>,
    warnings: Vec<StyleWarning>,
}

impl Keys {
    /// The settings of a TOML table in the file `path`.
    pub fn from_table(path: &Path, table: &toml::Table) -> Self {
        let values =
            table.iter().map(|(key, value)| (key.replace('-', "_"), value.clone())).collect();
        Self { path: path.to_owned(), values, warnings: Vec::new() }
    }

    /// The settings of a section of an INI file.
    pub fn from_ini(path: &Path, section: &BTreeMap<String, String>) -> Self {
        let values = section
            .iter()
            .map(|(key, value)| (key.replace('-', "_"), Value::String(value.clone())))
            .collect();
        Self { path: path.to_owned(), values, warnings: Vec::new() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was wrong so far.
    pub fn into_warnings(self) -> Vec<StyleWarning> {
        self.warnings
    }

    /// The names, normalised to `snake_case`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// There is a value.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Sets `key` where it has no value.
    pub fn set_default(&mut self, key: &str, value: Value) {
        self.values.entry(key.to_owned()).or_insert(value);
    }

    /// The table below `key`.
    pub fn table(&self, key: &str) -> Option<Self> {
        match self.values.get(key)? {
            Value::Table(table) => Some(Self::from_table(&self.path, table)),
            _ => None,
        }
    }

    /// A truth value, as `configparser` reads it from text.
    pub fn bool(&mut self, key: &str) -> Option<bool> {
        let value = match self.values.get(key)? {
            Value::Boolean(value) => Some(*value),
            Value::String(text) => match text.trim().to_lowercase().as_str() {
                "1" | "true" | "yes" | "on" | "y" | "t" => Some(true),
                "0" | "false" | "no" | "off" | "n" | "f" => Some(false),
                _ => None,
            },
            _ => None,
        };
        self.expect(key, value, "true or false")
    }

    /// A count; a negative one counts as absent.
    pub fn count(&mut self, key: &str) -> Option<usize> {
        let value = match self.values.get(key)? {
            Value::Integer(value) => Some(*value),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let value = self.expect(key, value, "a whole number")?;
        usize::try_from(value).ok()
    }

    /// Text.
    pub fn text(&mut self, key: &str) -> Option<String> {
        let value = match self.values.get(key)? {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Integer(value) => Some(value.to_string()),
            _ => None,
        };
        self.expect(key, value, "a text")
    }

    /// A list, in its order; text is split at commas and line ends.
    pub fn list(&mut self, key: &str) -> Option<Vec<String>> {
        let value = match self.values.get(key)? {
            Value::Array(values) => {
                values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
            }
            Value::String(text) => Some(
                text.split([',', '\n'])
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
            _ => None,
        };
        self.expect(key, value, "a list of texts")
    }

    /// A list of folders, given relative to that of the file, as they are from the project's folder;
    /// those outside are left out.
    pub fn folders(&mut self, key: &str) -> Option<Vec<PathBuf>> {
        let own = self.path.parent().unwrap_or(Path::new("")).to_owned();
        let folders = self.list(key)?;
        Some(folders.iter().filter_map(|folder| inside(&own.join(folder))).collect())
    }

    /// A list whose order means nothing.
    pub fn set(&mut self, key: &str) -> Option<BTreeSet<String>> {
        self.list(key).map(|list| list.into_iter().collect())
    }

    fn expect<T>(&mut self, key: &str, value: Option<T>, kind: &str) -> Option<T> {
        if value.is_none() {
            let message = format!("`{key}` is not {kind}, so its default is used");
            self.warnings.push(StyleWarning { path: self.path.clone(), message });
        }
        value
    }
}
