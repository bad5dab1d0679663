//! A project with other contents in some of its files.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::{ProjectPath, SourceTree};

/// A tree in which some files have other contents than on the disk, or than in another tree.
///
/// A file is there where the tree below has it; of one that it leaves out, the text that is given
/// counts for nothing.
pub struct Overlay<'a> {
    tree: &'a dyn SourceTree,
    texts: BTreeMap<ProjectPath, Vec<u8>>,
}

impl<'a> Overlay<'a> {
    /// The files of `tree`, with `texts` for what it has there.
    pub fn new(
        tree: &'a dyn SourceTree,
        texts: impl IntoIterator<Item = (ProjectPath, Vec<u8>)>,
    ) -> Self {
        Self { tree, texts: texts.into_iter().collect() }
    }
}

impl SourceTree for Overlay<'_> {
    fn list(&self) -> io::Result<Vec<ProjectPath>> {
        self.tree.list()
    }

    fn visit(&self, visit: &(dyn Fn(ProjectPath, io::Result<&[u8]>) + Sync)) -> io::Result<()> {
        self.tree.visit(&|path, bytes| match self.texts.get(&path) {
            Some(text) => visit(path, Ok(text)),
            None => visit(path, bytes),
        })
    }

    fn read(&self, path: &ProjectPath) -> io::Result<Vec<u8>> {
        let text = self.texts.get(path).cloned();
        text.map_or_else(|| self.tree.read(path), Ok)
    }

    fn holds_stem(&self, folder: &Path, stem: &str) -> bool {
        self.tree.holds_stem(folder, stem)
    }
}
