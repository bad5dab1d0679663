//! Which files mention a name at all: a search of bytes, before anything is parsed.

use std::io;
use std::sync::Mutex;

use memchr::memmem::Finder;
use rayon::slice::ParallelSliceMut;

use crate::fs::{ProjectPath, SourceTree};
use crate::text::encoding::searchable;

/// What a search met.
#[derive(Debug, Default)]
pub struct Searched {
    /// Every Python file, sorted.
    pub files: Vec<ProjectPath>,
    /// The files that import everything from somewhere and hold a name that an import may add.
    pub stars: Vec<ProjectPath>,
    /// The files that hold one of the names, with their bytes, sorted.
    pub hits: Vec<Hit>,
}

/// A file that holds one of the names.
#[derive(Debug)]
pub struct Hit {
    /// The file.
    pub path: ProjectPath,
    /// Its bytes, or why it could not be read.
    pub bytes: io::Result<Vec<u8>>,
}

impl Hit {
    /// The number of its bytes; 0 where it could not be read.
    pub fn size(&self) -> usize {
        self.bytes.as_ref().map_or(0, Vec::len)
    }
}

/// Searches the tree for `names`.
///
/// # Errors
/// A folder that cannot be read.
pub fn search(tree: &dyn SourceTree, names: &[String]) -> io::Result<Searched> {
    search_with_stars(tree, names, &[])
}

/// Searches the tree for `names`, and for files that may get one of `new_names` by a star import.
///
/// # Errors
/// A folder that cannot be read.
pub fn search_with_stars(
    tree: &dyn SourceTree,
    names: &[String],
    new_names: &[String],
) -> io::Result<Searched> {
    let finders: Vec<_> = names.iter().map(|name| Finder::new(name.as_bytes())).collect();
    let star = Finder::new("import *");
    let new: Vec<_> = new_names.iter().map(|name| Finder::new(name.as_bytes())).collect();
    let found = Mutex::new(Searched::default());
    tree.visit(&|path, bytes| {
        let is_star_reader = bytes.as_ref().is_ok_and(|bytes| {
            // Most files have no star import: they are read through once more, and no more often.
            star.find(bytes).is_some() && new.iter().any(|finder| finder.find(bytes).is_some())
        });
        let hit = match bytes {
            Ok(bytes) => {
                let text = searchable(bytes);
                let holds = finders.iter().any(|finder| finder.find(&text).is_some());
                holds.then(|| Hit { path: path.clone(), bytes: Ok(bytes.to_vec()) })
            }
            Err(error) => Some(Hit { path: path.clone(), bytes: Err(error) }),
        };
        if let Ok(mut found) = found.lock() {
            if is_star_reader {
                found.stars.push(path.clone());
            }
            found.files.push(path);
            found.hits.extend(hit);
        }
    })?;
    let mut found =
        found.into_inner().map_err(|_| io::Error::other("a thread of the search failed"))?;
    found.files.par_sort_unstable();
    found.stars.sort_unstable();
    found.hits.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
