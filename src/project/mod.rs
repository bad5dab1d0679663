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

use crate::fs::{ProjectPath, SourceTree};
use crate::memo::Memo;

pub use absent::Absent;
pub use modules::{FileId, ModuleLookup};
pub use source::{Analysis, Failure, Source};

/// The Python files of a project.
pub struct Project<'t> {
    shared: Arc<Shared<'t>>,
    /// What stands in for one file.
    instead: Option<(FileId, Arc<Analysis>)>,
}

struct Shared<'t> {
    tree: &'t dyn SourceTree,
    files: Vec<ProjectPath>,
    roots: Vec<roots::Root>,
    /// Most files are never read: what is kept for each of them is small.
    analyses: Vec<OnceLock<Result<Arc<Analysis>, Box<Failure>>>>,
    /// What dotted names lead to; the files are the same for as long as the project is there.
    by_roots: Memo<Box<str>, ModuleLookup>,
    /// What is at paths without extensions.
    by_path: Memo<Box<std::path::Path>, ModuleLookup>,
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
        let roots = match roots {
            Some(given) => given.iter().map(|root| roots::Root::new(root)).collect(),
            None => roots::detect(&files),
        };
        let analyses = files.iter().map(|_| OnceLock::new()).collect();
        let (by_roots, by_path) = (Memo::default(), Memo::default());
        let shared = Arc::new(Shared { tree, files, roots, analyses, by_roots, by_path });
        Self { shared, instead: None }
    }

    /// The project as it would be if `file` were `analysis`. Everything else is one with this one.
    #[must_use]
    pub fn with(&self, file: FileId, analysis: Arc<Analysis>) -> Self {
        Self { shared: Arc::clone(&self.shared), instead: Some((file, analysis)) }
    }

    /// The files, sorted.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &ProjectPath)> {
        (0..).map(FileId).zip(&self.shared.files)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.shared.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.shared.files.is_empty()
    }

    /// A file's path.
    pub fn path(&self, file: FileId) -> &ProjectPath {
        &self.shared.files[file.0 as usize]
    }

    /// The file of this path, if it is one of the project's.
    pub fn file(&self, path: &ProjectPath) -> Option<FileId> {
        let index = self.shared.files.binary_search(path).ok()?;
        u32::try_from(index).ok().map(FileId)
    }

    /// The folders at which dotted names begin.
    pub fn roots(&self) -> &[roots::Root] {
        &self.shared.roots
    }

    /// A file, read, parsed and its names resolved within itself; done once.
    ///
    /// # Errors
    /// It cannot be read, decoded or parsed.
    pub fn analysis(&self, file: FileId) -> Result<&Arc<Analysis>, &Failure> {
        if let Some((changed, analysis)) = &self.instead
            && *changed == file
        {
            return Ok(analysis);
        }
        self.shared.analyses[file.0 as usize]
            .get_or_init(|| kept(Analysis::read(self.shared.tree, self.path(file))))
            .as_ref()
            .map_err(AsRef::as_ref)
    }

    /// Whether a file can be read and holds these characters, as ASCII or UTF-8; nothing is kept.
    pub fn holds(&self, file: FileId, text: &str) -> bool {
        self.shared
            .tree
            .read(self.path(file))
            .is_ok_and(|bytes| memchr::memmem::find(&bytes, text.as_bytes()).is_some())
    }

    /// Every file that was read so far.
    pub fn analysed(
        &self,
    ) -> impl Iterator<Item = (&ProjectPath, Result<&Arc<Analysis>, &Failure>)> {
        let files = self.shared.files.iter().zip(&self.shared.analyses);
        files.filter_map(|(path, analysis)| {
            Some((path, analysis.get()?.as_ref().map_err(AsRef::as_ref)))
        })
    }

    /// The same for a file whose bytes are at hand.
    ///
    /// # Errors
    /// It cannot be decoded or parsed.
    pub fn analysis_of(&self, file: FileId, bytes: &[u8]) -> Result<&Arc<Analysis>, &Failure> {
        self.shared.analyses[file.0 as usize]
            .get_or_init(|| kept(Analysis::new(self.path(file), bytes)))
            .as_ref()
            .map_err(AsRef::as_ref)
    }
}

/// As it is kept.
fn kept(result: Result<Analysis, Failure>) -> Result<Arc<Analysis>, Box<Failure>> {
    result.map(Arc::new).map_err(Box::new)
}
