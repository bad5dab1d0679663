//! The project's files, and the modules that they are.
//!
//! Knows where a dotted name leads on the disk and keeps what was parsed; what a name inside a
//! module leads to is for `resolve`.

pub mod modules;
pub mod absent;
mod bases;
pub mod roots;
pub mod source;
pub mod stdlib;
mod words;

use std::sync::{Arc, OnceLock};

use crate::fs::{ProjectPath, SourceTree};
use crate::memo::Memo;
use crate::text::contains;

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
    /// What was read of each file. Most are never read: what is kept for those is small.
    read: Vec<OnceLock<Box<Kept>>>,
    /// What dotted names lead to; the files are the same for as long as the project is there.
    by_roots: Memo<Box<str>, ModuleLookup>,
    /// What is at paths without extensions.
    by_path: Memo<Box<std::path::Path>, ModuleLookup>,
    words: words::Words,
    bases: bases::Bases,
    /// The files that hold a word.
    holding: Memo<Box<str>, Arc<[FileId]>>,
}

/// What is kept of a file that was read.
struct Kept {
    /// Its text: whoever asks for the file reads the same.
    source: Result<Arc<Source>, Failure>,
    /// What was made of it, where it is kept.
    analysis: OnceLock<Result<Arc<Analysis>, Failure>>,
}

impl Kept {
    fn new(source: Result<Source, Failure>) -> Self {
        Self { source: source.map(Arc::new), analysis: OnceLock::new() }
    }

    /// An analysis of its own.
    fn analyse(&self) -> Result<Arc<Analysis>, Failure> {
        Analysis::of(Arc::clone(self.source.as_ref().map_err(Clone::clone)?)).map(Arc::new)
    }
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
        let read = files.iter().map(|_| OnceLock::new()).collect();
        let (by_roots, by_path, holding) = (Memo::default(), Memo::default(), Memo::default());
        let (words, bases) = (words::Words::default(), bases::Bases::default());
        let shared = Shared { tree, files, roots, read, by_roots, by_path, words, bases, holding };
        let shared = Arc::new(shared);
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

    /// A file, read, parsed and its names resolved within itself; done once and kept.
    ///
    /// # Errors
    /// It cannot be read, decoded or parsed.
    pub fn analysis(&self, file: FileId) -> Result<&Arc<Analysis>, &Failure> {
        if let Some((changed, analysis)) = &self.instead
            && *changed == file
        {
            return Ok(analysis);
        }
        let kept = self.read(file, None);
        kept.analysis.get_or_init(|| kept.analyse()).as_ref()
    }

    /// The same for a file that few will ask for, whose `bytes` may be at hand: what is made of it
    /// is not kept. Its text is, so that whoever asks again gets the same, parsed again.
    ///
    /// # Errors
    /// It cannot be read, decoded or parsed.
    pub fn passing(&self, file: FileId, bytes: Option<&[u8]>) -> Result<Arc<Analysis>, Failure> {
        let kept = self.read(file, bytes);
        kept.analysis.get().map_or_else(|| kept.analyse(), Clone::clone)
    }

    /// Keeps what was made of a file as it passed.
    pub fn keep(&self, file: FileId, analysis: &Arc<Analysis>) {
        let kept = self.read(file, None);
        kept.analysis.get_or_init(|| Ok(Arc::clone(analysis)));
    }

    fn read(&self, file: FileId, bytes: Option<&[u8]>) -> &Kept {
        let (path, tree) = (self.path(file), self.shared.tree);
        let read = || bytes.map_or_else(|| Source::read(tree, path), |it| Source::new(path, it));
        self.shared.read[file.0 as usize].get_or_init(|| Box::new(Kept::new(read())))
    }

    /// The files that can be read and hold this word, in order; worked out once, and nothing of the
    /// files is kept. A few others may be among them.
    pub fn holding(&self, word: &str) -> Arc<[FileId]> {
        let Shared { tree, files, words, holding, .. } = &*self.shared;
        holding.get(word, || words.holding(*tree, files, word).into())
    }

    /// Whether a file can be read and holds this text anywhere.
    pub fn mentions(&self, file: FileId, text: &str) -> bool {
        self.read(file, None).source.as_ref().is_ok_and(|source| contains(&source.text, text))
    }

    /// The files that can be read and have a class with a base of this name, in order. A few others
    /// may be among them.
    pub fn deriving(&self, name: &str) -> &[FileId] {
        let Shared { tree, files, bases, .. } = &*self.shared;
        bases.deriving(*tree, files, name)
    }

    /// Every file that was read so far.
    pub fn sources(&self) -> impl Iterator<Item = (&ProjectPath, Result<&Arc<Source>, &Failure>)> {
        let files = self.shared.files.iter().zip(&self.shared.read);
        files.filter_map(|(path, kept)| Some((path, kept.get()?.source.as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::MemoryTree;

    const OLD: &[u8] = b"a = 1\n";

    fn path() -> ProjectPath {
        ProjectPath::new("a.py").unwrap()
    }

    #[test]
    fn what_passes_is_not_kept_and_reads_the_same_again() {
        let tree = MemoryTree::new([("a.py", "b = 2\n")]);
        let project = Project::new(&tree, vec![path()], None);
        let file = project.file(&path()).unwrap();
        let first = project.passing(file, Some(OLD)).unwrap();
        let weak = Arc::downgrade(&first);
        drop(first);
        assert!(weak.upgrade().is_none());
        // The tree has another text by now.
        assert_eq!(project.passing(file, None).unwrap().source.text, "a = 1\n");
        assert_eq!(project.analysis(file).unwrap().source.text, "a = 1\n");
        let sources: Vec<_> = project.sources().map(|(_, source)| source.unwrap()).collect();
        assert_eq!(sources.len(), 1);
    }

    #[test]
    fn what_is_kept_is_what_passes() {
        let tree = MemoryTree::new([("a.py", "b = 2\n")]);
        let project = Project::new(&tree, vec![path()], None);
        let file = project.file(&path()).unwrap();
        let kept = Arc::clone(project.analysis(file).unwrap());
        assert!(Arc::ptr_eq(&kept, &project.passing(file, Some(OLD)).unwrap()));
        let project = Project::new(&tree, vec![path()], None);
        let passed = project.passing(file, Some(OLD)).unwrap();
        project.keep(file, &passed);
        assert!(Arc::ptr_eq(&passed, project.analysis(file).unwrap()));
    }
}
