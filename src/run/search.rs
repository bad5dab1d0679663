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
    /// The files that import everything from somewhere and may have a name that an import adds: they
    /// hold it, are packages, or import everything from more than one module.
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
    let all: Vec<&str> = names.iter().chain(new_names).map(String::as_str).collect();
    let piece = Finder::new(common_piece(&all));
    let found = Mutex::new(Searched::default());
    tree.visit(&|path, bytes| {
        let (is_star_reader, hit) = match bytes {
            Ok(bytes) => {
                let text = searchable(bytes);
                // Most files have none of the names: they are read through once, and no more often.
                let may_hold = piece.find(&text).is_some();
                let holds = |finder: &Finder<'_>| finder.find(&text).is_some();
                let hit = may_hold && finders.iter().any(holds);
                let hit = hit.then(|| Hit { path: path.clone(), bytes: Ok(bytes.to_vec()) });
                let stars = if new.is_empty() { 0 } else { star.find_iter(&text).take(2).count() };
                let may_have = || path.is_init() || may_hold && new.iter().any(holds);
                (stars == 2 || stars == 1 && may_have(), hit)
            }
            Err(error) => (false, Some(Hit { path: path.clone(), bytes: Err(error) })),
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

/// The longest text that is a part of every one of `names`: a class and its shared object mostly
/// have the same words. Empty where there is none, or no name.
fn common_piece<'n>(names: &[&'n str]) -> &'n str {
    let shortest = names.iter().copied().min_by_key(|name| name.len()).unwrap_or_default();
    let starts = shortest.char_indices().map(|(start, _)| start);
    let pieces = starts.flat_map(|start| {
        let rest = shortest.get(start..).unwrap_or_default();
        let ends = rest.char_indices().map(|(at, char)| at + char.len_utf8());
        ends.filter_map(move |end| rest.get(..end))
    });
    let is_common = |piece: &&str| names.iter().all(|name| name.contains(*piece));
    pieces.filter(is_common).max_by_key(|piece| piece.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::MemoryTree;

    #[test]
    fn the_longest_part_of_all_names_is_found() {
        assert_eq!(common_piece(&["RedisManager", "redis_manager"]), "anager");
        assert_eq!(common_piece(&["RedisManager"]), "RedisManager");
        assert_eq!(common_piece(&["Größe", "größe_x", "die_größe"]), "röße");
        assert_eq!(common_piece(&["Pool", "cache"]), "");
        assert_eq!(common_piece(&[]), "");
    }

    #[test]
    fn files_are_told_by_what_they_hold() {
        let tree = MemoryTree::new([
            ("class.py", "RedisManager()"),
            ("piece.py", "manager"),
            ("none.py", "pass"),
            ("star.py", "from m import *\nredis_manager"),
            ("new.py", "redis_manager"),
            ("only_star.py", "from m import *"),
        ]);
        let named = |paths: &[ProjectPath]| {
            paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        let (class, instance) = (["RedisManager".to_owned()], ["redis_manager".to_owned()]);
        let found = search_with_stars(&tree, &class, &instance).unwrap();
        assert_eq!(found.files.len(), 6);
        assert_eq!(named(&found.stars), "star.py");
        let hits: Vec<_> = found.hits.into_iter().map(|hit| hit.path).collect();
        assert_eq!(named(&hits), "class.py");
        // Names that have nothing in common.
        let found = search_with_stars(&tree, &class, &["pass".to_owned()]).unwrap();
        assert_eq!((found.hits.len(), found.stars.len()), (1, 0));
        let none = search(&tree, &[]).unwrap();
        assert_eq!((none.files.len(), none.hits.len(), none.stars.len()), (6, 0, 0));
    }
}
