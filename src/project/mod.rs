//! The project's files, and the modules that they are.
//!
//! Knows where a dotted name leads on the disk and keeps what was parsed; what a name inside a
//! module leads to is for `resolve`.

pub mod modules;
pub mod absent;
pub mod roots;
pub mod source;
pub mod stdlib;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::fs::{ProjectPath, SourceTree};

pub use absent::Absent;
pub use modules::{FileId, ModuleLookup};
pub use source::{Analysis, Failure, Source};

/// The Python files of a project.
pub struct Project<'t> {
    tree: &'t dyn SourceTree,
    files: Vec<ProjectPath>,
    ids: FxHashMap<ProjectPath, FileId>,
    roots: Vec<roots::Root>,
    analyses: Vec<OnceLock<Result<Arc<Analysis>, Failure>>>,
}

impl<'t> Project<'t> {
    /// The project of these files, sorted.
    ///
    /// `roots` are the source roots of the configuration, relative to the project; `None` finds
    /// them.
    pub fn new(
        tree: &'t dyn SourceTree,
        files: Vec<ProjectPath>,
        roots: Option<&[std::path::PathBuf]>,
    ) -> Self {
        let ids = (0..).map(FileId).zip(&files).map(|(id, path)| (path.clone(), id)).collect();
        let roots = match roots {
            Some(given) => given.iter().map(|root| roots::Root::new(root)).collect(),
            None => roots::detect(&files),
        };
        let analyses = files.iter().map(|_| OnceLock::new()).collect();
        Self { tree, files, ids, roots, analyses }
    }

    /// The files, sorted.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &ProjectPath)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// A file's path.
    pub fn path(&self, file: FileId) -> &ProjectPath {
        &self.files[file.0 as usize]
    }

    /// The file of this path, if it is one of the project's.
    pub fn file(&self, path: &ProjectPath) -> Option<FileId> {
        self.ids.get(path).copied()
    }

    /// The folders at which dotted names begin.
    pub fn roots(&self) -> &[roots::Root] {
        &self.roots
    }

    /// A file, read, parsed and its names resolved within itself; done once.
    ///
    /// # Errors
    /// It cannot be read, decoded or parsed.
    pub fn analysis(&self, file: FileId) -> Result<&Arc<Analysis>, &Failure> {
        self.analyses[file.0 as usize]
            .get_or_init(|| Analysis::read(self.tree, self.path(file)).map(Arc::new))
            .as_ref()
    }

    /// Whether a file can be read and holds these characters, as ASCII or UTF-8; nothing is kept.
    pub fn holds(&self, file: FileId, text: &str) -> bool {
        self.tree
            .read(self.path(file))
            .is_ok_and(|bytes| memchr::memmem::find(&bytes, text.as_bytes()).is_some())
    }

    /// Every file that was read so far.
    pub fn analysed(
        &self,
    ) -> impl Iterator<Item = (&ProjectPath, Result<&Arc<Analysis>, &Failure>)> {
        let files = self.files.iter().zip(&self.analyses);
        files.filter_map(|(path, analysis)| Some((path, analysis.get()?.as_ref())))
    }

    /// The same for a file whose bytes are at hand.
    ///
    /// # Errors
    /// It cannot be decoded or parsed.
    pub fn analysis_of(&self, file: FileId, bytes: &[u8]) -> Result<&Arc<Analysis>, &Failure> {
        self.analyses[file.0 as usize]
            .get_or_init(|| Analysis::new(self.path(file), bytes.to_vec()).map(Arc::new))
            .as_ref()
    }
}
