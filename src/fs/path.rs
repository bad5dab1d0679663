//! The name of a file inside the project.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;

/// A path relative to the project's folder, without `.` and `..`.
///
/// Holds the bytes of the operating system's name, whether they are UTF-8 or not. Ordered by
/// component, so that a folder's files stand together.
#[derive(Debug, Clone)]
pub struct ProjectPath(Arc<Path>);

impl ProjectPath {
    /// The path `relative`, or `None` where it is absolute, empty, or leaves the project.
    pub fn new(relative: impl AsRef<Path>) -> Option<Self> {
        let clean = inside(relative.as_ref())?;
        (!clean.as_os_str().is_empty()).then(|| Self(clean.into()))
    }

    /// A path that is clean already: relative to the project, not empty, without `.` and `..`, and
    /// with one separator between its components.
    pub(super) fn of_clean(path: &Path) -> Self {
        debug_assert_eq!(inside(path).as_deref(), Some(path), "an entry has a clean path");
        Self(path.into())
    }

    /// As the operating system has it, relative to the project's folder.
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// The folder that it is in, relative to the project's; empty for that folder itself.
    pub fn folder(&self) -> &Path {
        self.0.parent().unwrap_or(Path::new(""))
    }

    /// Whether both are in the same folder.
    pub fn is_beside(&self, other: &Self) -> bool {
        split(&self.0).0 == split(&other.0).0
    }

    /// Whether it is the module of a package: `__init__.py` or `__init__.pyi`.
    pub fn is_init(&self) -> bool {
        matches!(split(&self.0).1, b"__init__.py" | b"__init__.pyi")
    }

    /// Its place on the disk.
    pub fn under(&self, root: &Path) -> PathBuf {
        root.join(&self.0)
    }

    /// With `/` between the components; bytes that are not UTF-8 become U+FFFD, so this is for
    /// people and reports, not for opening files.
    pub fn to_slash(&self) -> String {
        let parts: Vec<_> =
            self.0.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_os_str().as_encoded_bytes()
    }
}

// A clean path is spelled in one way only, so its bytes say all; taking paths apart for each of
// the comparisons of a sort costs more than reading the files' names from the disk.

impl PartialEq for ProjectPath {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for ProjectPath {}

impl Hash for ProjectPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

impl Ord for ProjectPath {
    fn cmp(&self, other: &Self) -> Ordering {
        let (ours, theirs) = (self.bytes(), other.bytes());
        // Paths of one project have long beginnings in common, which are passed by eights.
        let eights = ours.as_chunks::<8>().0.iter().zip(theirs.as_chunks::<8>().0);
        let same = 8 * eights.take_while(|(our, their)| our == their).count();
        let (our_rest, their_rest) = (ours.iter().skip(same), theirs.iter().skip(same));
        let differing = our_rest.zip(their_rest).find(|(our, their)| our != their);
        // A component ends before a longer one goes on, whatever its next byte is.
        let rank = |byte: u8| (byte != MAIN_SEPARATOR as u8, byte);
        match differing {
            Some((&our, &their)) => rank(our).cmp(&rank(their)),
            None => ours.len().cmp(&theirs.len()),
        }
    }
}

impl PartialOrd for ProjectPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The bytes of the folder, with the separator behind it, and of the name, of a path that is spelled
/// as a walk spells it.
pub(super) fn split(path: &Path) -> (&[u8], &[u8]) {
    let bytes = path.as_os_str().as_encoded_bytes();
    let end = memchr::memrchr(MAIN_SEPARATOR as u8, bytes).map_or(0, |at| at + 1);
    bytes.split_at(end)
}

/// The path `relative` without `.` and `..`, empty for the project's own folder, or `None` where it
/// is absolute or leaves the project.
pub fn inside(relative: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for component in relative.components() {
        match component {
            Component::Normal(name) => clean.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !clean.pop() {
                    return None;
                }
            }
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    Some(clean)
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_slash())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_stays_inside_the_project() {
        assert_eq!(ProjectPath::new("./app//a.py").unwrap().to_slash(), "app/a.py");
        assert_eq!(ProjectPath::new("app/../b.py").unwrap().to_slash(), "b.py");
        for outside in ["/etc/passwd", "../a.py", "app/../../a.py", "", "."] {
            assert_eq!(ProjectPath::new(outside), None, "{outside}");
        }
    }

    #[test]
    fn a_package_is_known_by_the_name_of_its_file() {
        let is_init = |path| ProjectPath::new(path).unwrap().is_init();
        assert!(is_init("__init__.py") && is_init("app/__init__.pyi"));
        assert!(!is_init("app/x__init__.py") && !is_init("__init__.py/a.py"));
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_components(
            common in "[ab/]{0,18}",
            a in "[ab!/.\u{e9}]{0,8}",
            b in "[ab!/.\u{e9}]{0,8}",
        ) {
            let (a, b) = (format!("{common}{a}"), format!("{common}{b}"));
            let (Some(a), Some(b)) = (ProjectPath::new(&a), ProjectPath::new(&b)) else {
                return Ok(());
            };
            prop_assert_eq!(a.cmp(&b), a.as_path().cmp(b.as_path()));
            prop_assert_eq!(a == b, a.as_path() == b.as_path());
            prop_assert_eq!(a.is_beside(&b), a.folder() == b.folder());
        }
    }
}
