//! The files that a run reads: from the disk, or from memory.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{CWD, Mode, OFlags};

use super::path::split;
use super::{ProjectPath, inside};

/// A project's files, for reading.
///
/// Tests and the examples of transforms use [`MemoryTree`], so that they cannot touch the disk.
pub trait SourceTree: Send + Sync {
    /// Every Python file (`.py`, `.pyi`), sorted, whatever ignore rules leave.
    ///
    /// # Errors
    /// A folder that cannot be read.
    fn list(&self) -> io::Result<Vec<ProjectPath>>;

    /// Calls `visit` with every Python file and its bytes, from the threads of the pool that it is
    /// called in, in no order.
    ///
    /// # Errors
    /// A folder that cannot be read. A file that cannot be read is given to `visit` as an error.
    fn visit(&self, visit: &(dyn Fn(ProjectPath, io::Result<&[u8]>) + Sync)) -> io::Result<()>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// It does not exist or cannot be read.
    fn read(&self, path: &ProjectPath) -> io::Result<Vec<u8>>;

    /// Whether `folder`, relative to the project, holds anything called `stem` or `stem.…`: a file
    /// of any kind, or a folder, also such as ignore rules leave out.
    fn holds_stem(&self, folder: &Path, stem: &str) -> bool;
}

/// Whether a file or folder of this name is called `stem`, apart from what follows a dot.
fn has_stem(name: &OsStr, stem: &str) -> bool {
    let rest = name.to_str().and_then(|name| name.strip_prefix(stem));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Files in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    files: BTreeMap<ProjectPath, Vec<u8>>,
}

impl MemoryTree {
    /// A tree of these files; paths that leave the project are left out.
    pub fn new<P: AsRef<Path>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let files = files
            .into_iter()
            .filter_map(|(path, bytes)| Some((ProjectPath::new(path)?, bytes.into())))
            .collect();
        Self { files }
    }

    /// The files, by path.
    pub fn files(&self) -> &BTreeMap<ProjectPath, Vec<u8>> {
        &self.files
    }

    /// Puts a file into the tree or replaces it.
    pub fn insert(&mut self, path: ProjectPath, bytes: Vec<u8>) {
        self.files.insert(path, bytes);
    }
}

impl SourceTree for MemoryTree {
    fn list(&self) -> io::Result<Vec<ProjectPath>> {
        Ok(self.files.keys().filter(|path| is_python(path.as_path())).cloned().collect())
    }

    fn visit(&self, visit: &(dyn Fn(ProjectPath, io::Result<&[u8]>) + Sync)) -> io::Result<()> {
        for (path, bytes) in &self.files {
            if is_python(path.as_path()) {
                visit(path.clone(), Ok(bytes));
            }
        }
        Ok(())
    }

    fn read(&self, path: &ProjectPath) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn holds_stem(&self, folder: &Path, stem: &str) -> bool {
        self.files.keys().any(|path| {
            let rest = path.as_path().strip_prefix(folder).ok();
            let entry = rest.and_then(|rest| rest.components().next());
            entry.is_some_and(|entry| has_stem(entry.as_os_str(), stem))
        })
    }
}

/// Files on the disk, under a folder, without what `.gitignore` and its like leave out.
#[derive(Clone)]
pub struct DiskTree {
    root: PathBuf,
    leaves_out: Arc<LeavesOut>,
    max_bytes: u64,
}

/// Whether a file or folder of the project is not read.
pub type LeavesOut = dyn Fn(&ProjectPath) -> bool + Send + Sync;

impl DiskTree {
    /// The files under `root`, except those that `leaves_out` names.
    ///
    /// Hidden files and folders are left out. Files of more than `max_bytes` are errors.
    pub fn new(root: impl Into<PathBuf>, leaves_out: Arc<LeavesOut>, max_bytes: u64) -> Self {
        Self { root: root.into(), leaves_out, max_bytes }
    }

    /// The Python files that are met, each folder's together, in no order.
    ///
    /// Symbolic links to files inside the project are skipped: the file is met under its own name.
    fn files(&self) -> impl Iterator<Item = io::Result<ignore::DirEntry>> {
        let mut walk = ignore::WalkBuilder::new(&self.root);
        // `.gitignore` files hold in a project that is not (yet) a repository as well.
        walk.require_git(false).follow_links(false);
        let (root, leaves_out) = (self.root.clone(), Arc::clone(&self.leaves_out));
        walk.filter_entry(move |entry| {
            // Whether a file is left out is asked of those that are Python.
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let relative = || entry.path().strip_prefix(&root).ok().and_then(ProjectPath::new);
            !is_folder || !relative().is_some_and(|path| leaves_out(&path))
        });
        walk.build().filter_map(|entry| match entry {
            Ok(entry) => {
                let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                (is_file && is_python(entry.path())).then_some(Ok(entry))
            }
            Err(error) => Some(Err(io::Error::other(error))),
        })
    }

    /// The project's names of a folder's files, without those that are left out.
    fn paths<'a>(&'a self, batch: &'a Batch) -> impl Iterator<Item = (&'a OsStr, ProjectPath)> {
        let folder = batch.folder.strip_prefix(&self.root).ok().and_then(inside);
        let names = folder.as_ref().map_or(&[][..], |_| &batch.names);
        let mut path = folder.unwrap_or_default();
        let paths = names.iter().map(move |name| {
            path.push(name);
            let clean = ProjectPath::of_clean(&path);
            path.pop();
            (name.as_os_str(), clean)
        });
        paths.filter(|(_, path)| !(self.leaves_out)(path))
    }

    /// Calls `visit` with the files of a folder.
    ///
    /// The folder is opened first: to walk its whole path again for each of thousands of files
    /// takes longer than to read them.
    fn read_all(
        &self,
        batch: &Batch,
        buffer: &mut Vec<u8>,
        visit: &(dyn Fn(ProjectPath, io::Result<&[u8]>) + Sync),
    ) {
        let folder = open_at(CWD, &batch.folder, OFlags::DIRECTORY);
        for (name, path) in self.paths(batch) {
            let folder = folder.as_ref().map_err(|errno| *errno);
            let file =
                folder.and_then(|folder| open_at(folder.as_fd(), Path::new(name), OFlags::empty()));
            let read = file
                .map_err(io::Error::from)
                .and_then(|file| read_into(File::from(file), self.max_bytes, buffer));
            visit(path, read);
        }
    }
}

/// Some of the Python files of a folder.
struct Batch {
    folder: PathBuf,
    names: Vec<OsString>,
}

impl Batch {
    /// The most files in one, so that threads can share a large folder.
    const MOST: usize = 64;

    /// The files in batches.
    fn all(
        files: impl Iterator<Item = io::Result<ignore::DirEntry>>,
    ) -> impl Iterator<Item = io::Result<Self>> {
        let mut files = files.peekable();
        std::iter::from_fn(move || {
            let first = match files.next()? {
                Ok(first) => first,
                Err(error) => return Some(Err(error)),
            };
            let folder = first.path().parent().unwrap_or(Path::new("")).to_owned();
            let mut names = vec![first.file_name().to_owned()];
            while names.len() < Self::MOST {
                let is_beside = |entry: &io::Result<ignore::DirEntry>| {
                    entry.as_ref().is_ok_and(|entry| is_directly_in(&folder, entry.path()))
                };
                let Some(Ok(next)) = files.next_if(is_beside) else { break };
                names.push(next.file_name().to_owned());
            }
            Some(Ok(Self { folder, names }))
        })
    }
}

impl SourceTree for DiskTree {
    fn list(&self) -> io::Result<Vec<ProjectPath>> {
        let mut all = Vec::new();
        for batch in Batch::all(self.files()) {
            all.extend(self.paths(&batch?).map(|(_, path)| path));
        }
        all.sort_unstable();
        Ok(all)
    }

    fn visit(&self, visit: &(dyn Fn(ProjectPath, io::Result<&[u8]>) + Sync)) -> io::Result<()> {
        // Memory that was touched is handed on: the first touch costs more than to read a file.
        let buffers = Mutex::new(Vec::new());
        let read = &|batch: &Batch| {
            let free = || buffers.lock().unwrap_or_else(PoisonError::into_inner);
            let mut buffer = free().pop().unwrap_or_default();
            self.read_all(batch, &mut buffer, visit);
            free().push(buffer);
        };
        // One thread walks while the others read; then it reads, too.
        rayon::scope(|scope| {
            for batch in Batch::all(self.files()) {
                let batch = batch?;
                scope.spawn(move |_| read(&batch));
            }
            Ok(())
        })
    }

    fn read(&self, path: &ProjectPath) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(path.under(&self.root))?;
        let len = read_into(file, self.max_bytes, &mut bytes)?.len();
        bytes.truncate(len);
        Ok(bytes)
    }

    fn holds_stem(&self, folder: &Path, stem: &str) -> bool {
        let entries = std::fs::read_dir(self.root.join(folder)).into_iter().flatten();
        entries.flatten().any(|entry| has_stem(&entry.file_name(), stem))
    }
}

/// Opens `path`, as seen from `folder`, for reading.
fn open_at(folder: BorrowedFd<'_>, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC;
    rustix::io::retry_on_intr(|| rustix::fs::openat(folder, path, flags, Mode::empty()))
}

/// Reads a file into the front of `buffer`, which grows and keeps what it had behind that.
///
/// It asks for neither the size nor anything else: over thousands of files, each call counts.
fn read_into(mut file: File, max_bytes: u64, buffer: &mut Vec<u8>) -> io::Result<&[u8]> {
    let mut len = 0;
    loop {
        if len == buffer.len() {
            buffer.resize((2 * len).max(FIRST_BYTES), 0);
        }
        let free = buffer.get_mut(len..).unwrap_or_default();
        match file.read(free) {
            Ok(0) => break,
            Ok(count) => len += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if len as u64 > max_bytes {
            let message = format!("it has more than the {max_bytes} bytes of `files.max-size`");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
    }
    Ok(buffer.get(..len).unwrap_or_default())
}

/// What a buffer holds at first: more than most modules have.
const FIRST_BYTES: usize = 64 * 1024;

/// Whether `path` is in `folder` and not in a folder of it. (Of the top of a file system it says
/// that it is not.)
fn is_directly_in(folder: &Path, path: &Path) -> bool {
    let around = split(path).0.strip_suffix(&[MAIN_SEPARATOR as u8]);
    around == Some(folder.as_os_str().as_encoded_bytes())
}

/// Whether a file is Python source, by its name.
pub fn is_python(path: &Path) -> bool {
    let name = split(path).1;
    let stem = name.strip_suffix(b".py").or_else(|| name.strip_suffix(b".pyi"));
    stem.is_some_and(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_files_are_known_by_their_ends() {
        assert!(["a.py", "b/a.pyi", "a.b.py"].iter().all(|path| is_python(Path::new(path))));
        let others = [".py", "b/.pyi", "a.pyc", "py", "a.py/b", ""];
        assert!(!others.iter().any(|path| is_python(Path::new(path))));
    }

    proptest::proptest! {
        #[test]
        fn a_file_is_in_the_folder_that_its_path_names(
            folder in "(/[ab]{1,2}){1,2}",
            path in "(/[ab]{1,2}){1,4}",
        ) {
            let (folder, path) = (Path::new(&folder), Path::new(&path));
            proptest::prop_assert_eq!(is_directly_in(folder, path), path.parent() == Some(folder));
        }
    }
}
