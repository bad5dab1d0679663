//! Dotted names to files, and back.

use std::path::{Path, PathBuf};

use super::Project;
use crate::fs::ProjectPath;

/// A file of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(super) u32);

impl FileId {
    /// Its place among the files of the project, sorted by path.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a dotted name leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ModuleLookup {
    /// A module, or a package's `__init__`.
    File(FileId),
    /// A folder without `__init__` that holds modules: a namespace package (PEP 420).
    Namespace(PathBuf),
    /// Two source roots hold a module of this name.
    Ambiguous(FileId, FileId),
    /// No source root holds it: the standard library, another distribution, or nothing.
    Missing,
}

impl ModuleLookup {
    /// The file, where it leads to one for certain.
    pub fn file(&self) -> Option<FileId> {
        match self {
            Self::File(file) => Some(*file),
            Self::Namespace(_) | Self::Ambiguous(..) | Self::Missing => None,
        }
    }
}

impl Project<'_> {
    /// The module of an absolute dotted name, as `importer` would find it.
    ///
    /// The source roots come first. A file that is not part of a package also finds the files
    /// beside it, as a script or a test does whose folder is put on `sys.path`.
    pub fn module(&self, dotted: &str, importer: Option<FileId>) -> ModuleLookup {
        let found = self.by_roots(dotted);
        if found != ModuleLookup::Missing {
            return found;
        }
        let Some(importer) = importer.filter(|&file| !self.is_in_package(file)) else {
            return found;
        };
        let folder = self.path(importer).folder();
        self.at(&folder.join(dotted.split('.').collect::<PathBuf>()))
    }

    /// Whether a file's folder is a regular package.
    pub fn is_in_package(&self, file: FileId) -> bool {
        self.path(file).as_path().parent().is_some_and(|folder| self.init_of(folder).is_some())
    }

    /// What the source roots hold under a dotted name. Every import of every file asks, and most
    /// ask for the same.
    fn by_roots(&self, dotted: &str) -> ModuleLookup {
        self.shared.by_roots.get(dotted, || self.search_roots(dotted))
    }

    fn search_roots(&self, dotted: &str) -> ModuleLookup {
        let relative: PathBuf = dotted.split('.').collect();
        let mut found = ModuleLookup::Missing;
        for root in self.roots() {
            let here = self.at(&root.as_path().join(&relative));
            match (&found, &here) {
                (ModuleLookup::File(one), ModuleLookup::File(two)) if one != two => {
                    return ModuleLookup::Ambiguous(*one, *two);
                }
                // PEP 420: a regular package or module anywhere on the path comes first.
                (ModuleLookup::Missing, _)
                | (ModuleLookup::Namespace(_), ModuleLookup::File(_)) => found = here,
                _ => {}
            }
        }
        found
    }

    /// The module that a relative import names: `level` dots, then `dotted`, which may be empty.
    ///
    /// See the Python reference, section 5.7 "Package Relative Imports".
    pub fn relative_module(&self, importer: FileId, level: u32, dotted: &str) -> ModuleLookup {
        let mut folder = self.path(importer).as_path();
        for _ in 0..level {
            let Some(parent) = folder.parent() else { return ModuleLookup::Missing };
            folder = parent;
        }
        if dotted.is_empty() {
            self.package(folder)
        } else {
            self.at(&folder.join(dotted.split('.').collect::<PathBuf>()))
        }
    }

    /// The module that `from …` names.
    pub fn imported_module(&self, importer: FileId, level: u32, dotted: &str) -> ModuleLookup {
        if level == 0 {
            self.module(dotted, Some(importer))
        } else {
            self.relative_module(importer, level, dotted)
        }
    }

    /// The module `name` inside a package or namespace package.
    pub fn submodule(&self, package: &ModuleLookup, name: &str) -> ModuleLookup {
        match package {
            ModuleLookup::File(file) => {
                let path = self.path(*file);
                if path.is_init() {
                    self.at(&path.folder().join(name))
                } else {
                    ModuleLookup::Missing
                }
            }
            ModuleLookup::Namespace(folder) => self.at(&folder.join(name)),
            ModuleLookup::Ambiguous(..) | ModuleLookup::Missing => ModuleLookup::Missing,
        }
    }

    /// The `__init__` files of the packages around a module, innermost first.
    pub fn packages_around(&self, file: FileId) -> Vec<FileId> {
        let path = self.path(file);
        path.as_path()
            .ancestors()
            .skip(if path.is_init() { 2 } else { 1 })
            .map_while(|folder| self.init_of(folder))
            .collect()
    }

    /// A module's dotted name, from the longest source root that holds it.
    pub fn module_name(&self, file: FileId) -> Option<String> {
        let path = self.path(file).as_path();
        let relative =
            self.roots().iter().find_map(|root| path.strip_prefix(root.as_path()).ok())?;
        let mut parts: Vec<_> = relative
            .with_extension("")
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if parts.last().is_some_and(|last| last == "__init__") {
            parts.pop();
        }
        (!parts.is_empty()).then(|| parts.join("."))
    }

    /// The absolute name of the module that `from …` names, whether or not there is such a module;
    /// `None` where the dots lead out of the source roots.
    pub fn absolute_name(&self, importer: FileId, level: u32, dotted: &str) -> Option<String> {
        if level == 0 {
            return Some(dotted.to_owned());
        }
        let name = self.module_name(importer)?;
        let mut parts: Vec<&str> = name.split('.').collect();
        for _ in 0..level - u32::from(self.path(importer).is_init()) {
            parts.pop()?;
        }
        parts.extend(dotted.split('.').filter(|part| !part.is_empty()));
        (!parts.is_empty()).then(|| parts.join("."))
    }

    /// The dotted name of the package that a module's relative imports start from, where it is in
    /// one.
    pub fn package_name(&self, file: FileId) -> Option<String> {
        let name = self.module_name(file)?;
        let path = self.path(file);
        self.init_of(path.folder())?;
        if path.is_init() {
            return Some(name);
        }
        name.rsplit_once('.').map(|(package, _)| package.to_owned())
    }

    /// How a module of a package writes another one relatively: dots, and the dotted name after
    /// them. `None` where they share no package: a folder without an `__init__` is one for those
    /// alone who say so by as many dots, `known` of them.
    pub fn relative_name(&self, from: FileId, to: FileId, known: u32) -> Option<(u32, String)> {
        let target = self.path(to);
        let target = if target.is_init() {
            target.folder().to_owned()
        } else {
            target.as_path().with_extension("")
        };
        let mut level = 1;
        let mut folder = self.path(from).as_path().parent()?;
        loop {
            if level > known {
                self.init_of(folder)?;
            }
            if let Ok(rest) = target.strip_prefix(folder) {
                let parts: Vec<_> =
                    rest.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                return Some((level, parts.join(".")));
            }
            folder = folder.parent()?;
            level += 1;
        }
    }

    /// Whether one of `folders` holds the module; without any, whether a source root does, the
    /// project's folder or `src` below it, which is what ruff and isort look through. Where a folder
    /// is a pattern, as `packages/*`, the source roots count as well.
    pub fn is_first_party(&self, dotted: &str, folders: &[PathBuf]) -> bool {
        let is_pattern = |folder: &PathBuf| folder.to_string_lossy().contains(['*', '?', '[']);
        let path: PathBuf = dotted.split('.').collect();
        let is_in = |folder: &Path| self.at(&folder.join(&path)) != ModuleLookup::Missing;
        let by_roots =
            || self.module(dotted, None) != ModuleLookup::Missing && !self.is_stubs_only(dotted);
        if folders.is_empty() {
            return by_roots() || is_in(Path::new("")) || is_in(Path::new("src"));
        }
        folders.iter().any(|folder| is_in(folder)) || folders.iter().any(is_pattern) && by_roots()
    }

    /// Whether modules are found in other folders than `folders`, too.
    pub fn has_roots_besides(&self, folders: &[PathBuf]) -> bool {
        self.roots().iter().any(|root| !folders.iter().any(|folder| folder == root.as_path()))
    }

    /// Whether the project has no more of the module's top-level package than stubs, which say how
    /// somebody else's package is typed. Ex) `mypy-stubs/requests/__init__.pyi`
    fn is_stubs_only(&self, dotted: &str) -> bool {
        let top_level = dotted.split('.').next().unwrap_or(dotted);
        let file = self.module(top_level, None).file();
        file.is_some_and(|file| self.path(file).as_path().extension().is_some_and(|it| it == "pyi"))
    }

    /// The module at `path`, which has no extension.
    fn at(&self, path: &Path) -> ModuleLookup {
        self.shared.by_path.get(path, || self.search(path))
    }

    fn search(&self, path: &Path) -> ModuleLookup {
        if let Some(file) = self.init_of(path) {
            return ModuleLookup::File(file);
        }
        for extension in ["py", "pyi"] {
            let mut name = path.as_os_str().to_owned();
            name.push(".");
            name.push(extension);
            if let Some(file) = ProjectPath::new(Path::new(&name)).and_then(|path| self.file(&path))
            {
                return ModuleLookup::File(file);
            }
        }
        self.package(path)
    }

    /// The package in `folder`.
    fn package(&self, folder: &Path) -> ModuleLookup {
        if let Some(file) = self.init_of(folder) {
            return ModuleLookup::File(file);
        }
        if self.holds_files(folder) {
            return ModuleLookup::Namespace(folder.to_owned());
        }
        ModuleLookup::Missing
    }

    fn init_of(&self, folder: &Path) -> Option<FileId> {
        ["__init__.py", "__init__.pyi"]
            .iter()
            .find_map(|name| self.file(&ProjectPath::new(folder.join(name))?))
    }

    /// Whether any file lies below `folder`; the files are sorted by component.
    fn holds_files(&self, folder: &Path) -> bool {
        let after = self.shared.files.partition_point(|file| file.as_path() < folder);
        self.shared.files.get(after).is_some_and(|file| file.as_path().starts_with(folder))
    }
}
