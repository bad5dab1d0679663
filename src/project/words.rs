//! Which files hold a word: a search of bytes, for questions that come up while files are looked at.
//!
//! A word is a run of letters, digits and `_`, as a name is one. The first questions read all files
//! through; whoever asks more often pays once for a list of all words.

use std::hash::BuildHasher;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::memmem;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::FileId;
use crate::fs::{ProjectPath, SourceTree};
use crate::text::encoding::searchable;

/// As many questions cost about as much as the list.
const FEW: usize = 4;

/// The words of all files, as far as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Words {
    asked: AtomicUsize,
    /// The hashes of each file's words, sorted.
    all: OnceLock<Vec<Box<[u32]>>>,
}

impl Words {
    /// The files that can be read and hold `word`, in order; by a hash, so that there may be others
    /// among them.
    pub(super) fn holding(
        &self,
        tree: &dyn SourceTree,
        files: &[ProjectPath],
        word: &str,
    ) -> Vec<FileId> {
        let is_few = self.all.get().is_none() && self.asked.fetch_add(1, Ordering::Relaxed) < FEW;
        let ids = (0..).map(FileId);
        if is_few {
            let finder = memmem::Finder::new(word);
            let holds = |path: &ProjectPath| tree.read(path).is_ok_and(|it| has_word(&it, &finder));
            return ids.zip(files).filter(|(_, path)| holds(path)).map(|(id, _)| id).collect();
        }
        let all = self.all.get_or_init(|| files.iter().map(|path| words(tree, path)).collect());
        let word = hash(word.as_bytes());
        let found = ids.zip(all).filter(|(_, words)| words.binary_search(&word).is_ok());
        found.map(|(id, _)| id).collect()
    }
}

fn words(tree: &dyn SourceTree, path: &ProjectPath) -> Box<[u32]> {
    let Ok(bytes) = tree.read(path) else { return Box::default() };
    let text = searchable(&bytes);
    let words = text.split(|&byte| !is_part(byte)).filter(|word| !word.is_empty());
    let words: FxHashSet<u32> = words.map(hash).collect();
    let mut words: Box<[u32]> = words.into_iter().collect();
    words.sort_unstable();
    words
}

fn has_word(bytes: &[u8], finder: &memmem::Finder<'_>) -> bool {
    let text = searchable(bytes);
    let length = finder.needle().len();
    let is_edge =
        |at: Option<usize>| at.and_then(|at| text.get(at)).is_none_or(|&byte| !is_part(byte));
    finder.find_iter(&text).any(|at| is_edge(at.checked_sub(1)) && is_edge(Some(at + length)))
}

/// Whether a byte of UTF-8 may be part of a name.
fn is_part(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// Half of a hash, which tells words apart well enough.
fn hash(word: &[u8]) -> u32 {
    (FxBuildHasher.hash_one(word) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::MemoryTree;

    #[test]
    fn words_are_found_whole_by_a_search_and_by_the_list() {
        let tree = MemoryTree::new([
            ("a.py", "manager = 1"),
            ("b.py", "x.manager"),
            ("c.py", "managers, my_manager = größe"),
            ("d.py", "'app.manager'"),
            ("e.py", ""),
        ]);
        let files = tree.list().unwrap();
        let words = Words::default();
        for _ in 0..=FEW {
            let found = words.holding(&tree, &files, "manager");
            assert_eq!(found, [FileId(0), FileId(1), FileId(3)]);
        }
        assert!(words.all.get().is_some());
        assert_eq!(words.holding(&tree, &files, "größe"), [FileId(2)]);
        assert_eq!(words.holding(&tree, &files, "größ"), []);
    }
}
