//! Which files hold the style of a folder, and which of them wins.
//!
//! Each tool's nearest configuration counts, as the tools do it themselves: the search goes from
//! the folder up to the project's folder and takes the first file that speaks of the tool. Where
//! ruff and isort are both configured, ruff sorts if its isort rules are selected or set and its
//! file is not further away; otherwise isort does.

use std::path::{Path, PathBuf};

use super::files::StyleFiles;
use super::keys::Keys;
use super::{ImportStyle, StyleWarning, isort, ruff};

/// How many files an `extend` may lead through.
const MAX_EXTENDS: usize = 8;

impl ImportStyle {
    /// The style of the files in `folder`, a path relative to the project's folder (empty for that
    /// folder itself), and what could not be read of it.
    pub fn of_folder(folder: &Path, files: &StyleFiles<'_>) -> (Self, Vec<StyleWarning>) {
        let mut search = Search { files, warnings: Vec::new() };
        let mut style = Self::default();
        let folders: Vec<&Path> = folder.ancestors().collect();
        let mut ruff = search.nearest(&folders, Search::ruff);
        let isort = search.nearest(&folders, Search::isort);

        search.python_version(&folders, &mut style);
        let ruff_sorts = match (&mut ruff, &isort) {
            (Some((distance, tables)), other) => {
                let selected = tables.iter_mut().any(ruff::sorts_imports);
                style.is_sorted_by_tool = selected;
                other.as_ref().is_none_or(|(further, _)| selected && *distance <= *further)
            }
            (None, _) => false,
        };
        if let Some((_, tables)) = &mut ruff {
            // The file that is extended comes first, so that the nearer one overrides it.
            for keys in tables.iter_mut() {
                ruff::apply_general(keys, &mut style);
                if ruff_sorts {
                    search.warnings.extend(ruff::apply_isort(keys, &mut style));
                }
            }
        }
        match isort {
            Some((_, keys)) if !ruff_sorts => {
                style.is_sorted_by_tool = true;
                search.warnings.extend(isort::apply(keys, &mut style));
            }
            _ if ruff.is_none() => search.line_length(&folders, &mut style),
            _ => {}
        }
        for keys in ruff.into_iter().flat_map(|(_, tables)| tables) {
            search.warnings.extend(keys.into_warnings());
        }
        (style, search.warnings)
    }
}

struct Search<'a> {
    files: &'a StyleFiles<'a>,
    warnings: Vec<StyleWarning>,
}

impl Search<'_> {
    /// What `at` finds in the first folder that has it, with the number of folders passed.
    fn nearest<T>(
        &mut self,
        folders: &[&Path],
        at: impl Fn(&mut Self, &Path) -> Option<T>,
    ) -> Option<(usize, T)> {
        folders.iter().enumerate().find_map(|(i, folder)| Some((i, at(self, folder)?)))
    }

    fn ruff(&mut self, folder: &Path) -> Option<Vec<Keys>> {
        let names = [".ruff.toml", "ruff.toml", "pyproject.toml"];
        let (path, keys) = names.iter().find_map(|name| {
            let path = folder.join(name);
            self.ruff_file(&path).map(|keys| (path, keys))
        })?;
        let mut tables = vec![keys];
        let mut path = path;
        while tables.len() < MAX_EXTENDS {
            let Some(extended) = tables.first_mut().and_then(|keys| keys.text("extend")) else {
                break;
            };
            path = join(path.parent().unwrap_or(Path::new("")), &extended);
            let Some(keys) = self.ruff_file(&path) else { break };
            tables.insert(0, keys);
        }
        Some(tables)
    }

    fn ruff_file(&mut self, path: &Path) -> Option<Keys> {
        let parsed = self.files.toml(path)?;
        let table = self.table(path, &parsed)?;
        if path.file_name().is_some_and(|name| name == "pyproject.toml") {
            let ruff = table.get("tool")?.get("ruff")?.as_table()?;
            return Some(Keys::from_table(path, ruff));
        }
        Some(Keys::from_table(path, table))
    }

    fn isort(&mut self, folder: &Path) -> Option<Keys> {
        if let Some(keys) = self.ini(&folder.join(".isort.cfg"), &["settings", "isort"]) {
            return Some(keys);
        }
        let path = folder.join("pyproject.toml");
        if let Some(parsed) = self.files.toml(&path)
            && let Some(table) = self.table(&path, &parsed)
            && let Some(isort) = table.get("tool").and_then(|tool| tool.get("isort"))
            && let Some(isort) = isort.as_table()
        {
            return Some(Keys::from_table(&path, isort));
        }
        ["setup.cfg", "tox.ini"]
            .iter()
            .find_map(|name| self.ini(&folder.join(name), &["isort", "tool:isort"]))
    }

    /// black's line length, or the one of `.editorconfig`, where no tool sorts the imports.
    fn line_length(&mut self, folders: &[&Path], style: &mut ImportStyle) {
        let black = self.nearest(folders, |search, folder| {
            let path = folder.join("pyproject.toml");
            let parsed = search.files.toml(&path)?;
            let table = search.table(&path, &parsed)?;
            let black = table.get("tool")?.get("black")?.as_table()?;
            Some(Keys::from_table(&path, black))
        });
        if let Some((_, mut keys)) = black {
            style.line_length = keys.count("line_length").unwrap_or(style.line_length);
            style.line_length_is_set = true;
            self.warnings.extend(keys.into_warnings());
            return;
        }
        let editor = self.nearest(folders, |search, folder| {
            let sections = search.files.ini(&folder.join(".editorconfig"))?;
            let of = |name: &str| sections.get(name)?.get("max_line_length")?.parse().ok();
            let braces = sections.keys().find(|name| {
                let inner = name.strip_prefix("*.{").and_then(|rest| rest.strip_suffix('}'));
                inner.is_some_and(|inner| inner.split(',').any(|part| part.trim() == "py"))
            });
            of("*.py").or_else(|| of(braces?)).or_else(|| of("*"))
        });
        if let Some((_, length)) = editor {
            style.line_length = length;
            style.line_length_is_set = true;
        }
    }

    fn python_version(&mut self, folders: &[&Path], style: &mut ImportStyle) {
        let requires = self.nearest(folders, |search, folder| {
            let path = folder.join("pyproject.toml");
            let parsed = search.files.toml(&path)?;
            let table = search.table(&path, &parsed)?;
            ruff::minor_version(table.get("project")?.get("requires-python")?.as_str()?)
        });
        style.python_minor = requires.map(|(_, minor)| minor);
    }

    fn ini(&mut self, path: &Path, sections: &[&str]) -> Option<Keys> {
        let parsed = self.files.ini(path)?;
        let section = sections.iter().find_map(|name| parsed.get(*name))?;
        Some(Keys::from_ini(path, section))
    }

    /// The table of a file that was read as TOML; a warning where it is none.
    fn table<'p>(
        &mut self,
        path: &Path,
        parsed: &'p Result<toml::Table, String>,
    ) -> Option<&'p toml::Table> {
        match parsed {
            Ok(table) => Some(table),
            Err(error) => {
                let message = format!("not read, as it is not TOML: {error}");
                let warning = StyleWarning { path: path.to_owned(), message };
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
                None
            }
        }
    }
}

/// `relative` as seen from `folder`, without `.` and `..`.
fn join(folder: &Path, relative: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for component in folder.join(relative).components() {
        match component {
            std::path::Component::ParentDir => {
                path.pop();
            }
            std::path::Component::CurDir => {}
            other => path.push(other),
        }
    }
    path
}
