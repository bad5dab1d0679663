//! Which files derive a class from a name: a search of bytes, for questions that come up while files
//! are looked at.
//!
//! Reads all files once, and of each the statements that begin a class. What a base is, is not known.

use std::hash::BuildHasher;
use std::sync::OnceLock;

use memchr::memmem;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::FileId;
use crate::fs::{ProjectPath, SourceTree};
use crate::text::encoding::searchable;

/// The files by the names that the bases of their classes have.
#[derive(Debug, Default)]
pub(super) struct Bases {
    by_name: OnceLock<FxHashMap<u64, Vec<FileId>>>,
}

impl Bases {
    /// The files that can be read and have a class with a base of this name, in order; by a hash, so
    /// that there may be others among them.
    pub(super) fn deriving(
        &self,
        tree: &dyn SourceTree,
        files: &[ProjectPath],
        name: &str,
    ) -> &[FileId] {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: FxHashMap<u64, Vec<FileId>> = FxHashMap::default();
            let classes = memmem::Finder::new("class ");
            for (id, path) in (0..).map(FileId).zip(files) {
                let Ok(bytes) = tree.read(path) else { continue };
                for name in bases(&searchable(&bytes), &classes) {
                    let files = by_name.entry(hash(name)).or_default();
                    if files.last() != Some(&id) {
                        files.push(id);
                    }
                }
            }
            by_name
        });
        by_name.get(&hash(name.as_bytes())).map_or(&[], |files| files)
    }
}

/// Longer ones are none that people write.
const LONGEST: usize = 2_000;

/// The words between the parentheses of the statements that begin classes.
fn bases<'t>(text: &'t [u8], classes: &memmem::Finder<'_>) -> Vec<&'t [u8]> {
    let mut found = Vec::new();
    for at in classes.find_iter(text) {
        let before = text.get(..at).unwrap_or_default();
        let margin = before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
        if margin.is_some_and(|byte| !matches!(byte, b'\n' | b'\r' | b';' | b'\x0c')) {
            continue;
        }
        let header = text.get(at..).unwrap_or_default();
        let header = header.get(..LONGEST).unwrap_or(header);
        let mut depth = 0_usize;
        let mut end = header.len();
        for (at, byte) in header.iter().enumerate() {
            match byte {
                b'(' | b'[' => depth += 1,
                b')' | b']' => depth = depth.saturating_sub(1),
                b':' if depth == 0 => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let words = header.get(..end).unwrap_or_default().split(|&byte| !is_part(byte));
        // `class` and the name of the class are the first two.
        found.extend(words.filter(|word| !word.is_empty()).skip(2));
    }
    found
}

fn is_part(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

fn hash(word: &[u8]) -> u64 {
    FxBuildHasher.hash_one(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_are_the_words_of_a_class_statement() {
        let found = |text: &'static str| -> Vec<&str> {
            let words = bases(text.as_bytes(), &memmem::Finder::new("class "));
            words.into_iter().map(|word| std::str::from_utf8(word).unwrap()).collect()
        };
        assert_eq!(
            found("class A(b.Base, Generic[T]):\n    x: Other"),
            ["b", "Base", "Generic", "T"]
        );
        assert_eq!(found("if x:\n    class A(\n        Base,  # :\n    ): ..."), ["Base"]);
        assert_eq!(found("class A[T](Base): ..."), ["T", "Base"]);
        assert_eq!(found("class A:\n    b(C)\nx = 'class B(C):'\nsubclass (D)"), [""; 0]);
    }
}
