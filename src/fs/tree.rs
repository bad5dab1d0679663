//! The files that a run reads: from the disk, or from memory.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ProjectPath;

/// A project's files, for reading.
///
/// Tests and the examples of transforms use [`MemoryTree`], so that they cannot touch the disk.
pub trait SourceTree: Send + Sync {
    /// Every Python file (`.py`, `.pyi`), sorted, whatever ignore rules leave.
    ///
    /// # Errors
    /// A folder that cannot be read.
    fn list(&self) -> io::Result<Vec<ProjectPath>>;

    /// Calls `visit` with every Python file and its bytes, from several threads, in no order.
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
    threads: usize,
}

/// Whether a file or folder of the project is not read.
pub type LeavesOut = dyn Fn(&ProjectPath) -> bool + Send + Sync;

impl DiskTree {
    /// The files under `root`, except those that `leaves_out` names.
    ///
    /// Hidden files and folders are left out. Files of more than `max_bytes` are errors.
    /// `threads` is how many read at once; 0 lets the machine decide.
    pub fn new(
        root: impl Into<PathBuf>,
        leaves_out: Arc<LeavesOut>,
        max_bytes: u64,
        threads: usize,
    ) -> Self {
        Self { root: root.into(), leaves_out, max_bytes, threads }
    }

    fn walk(&self) -> ignore::WalkBuilder {
        let mut walk = ignore::WalkBuilder::new(&self.root);
        // `.gitignore` files hold in a project that is not (yet) a repository as well.
        walk.require_git(false).follow_links(false).threads(self.threads);
        let (root, leaves_out) = (self.root.clone(), Arc::clone(&self.leaves_out));
        walk.filter_entry(move |entry| {
            let relative = entry.path().strip_prefix(&root).ok().and_then(ProjectPath::new);
            !relative.is_some_and(|path| leaves_out(&path))
        });
        walk
    }

    /// The project's name of an entry, where it is a Python file.
    ///
    /// Symbolic links to files inside the project are skipped: the file is met under its own name.
    fn source(&self, entry: &ignore::DirEntry) -> Option<ProjectPath> {
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        if !is_file || !is_python(entry.path()) {
            return None;
        }
        ProjectPath::new(entry.path().strip_prefix(&self.root).ok()?)
    }
}

impl SourceTree for DiskTree {
    fn list(&self) -> io::Result<Vec<ProjectPath>> {
        let mut paths = Vec::new();
        for entry in self.walk().build() {
            let entry = entry.map_err(io::Error::other)?;
            paths.extend(self.source(&entry));
        }
        paths.sort();
        Ok(paths)
    }

    fn visit(&self, visit: &(dyn Fn(ProjectPath, io::Result<&[u8]>) + Sync)) -> io::Result<()> {
        let failure = std::sync::Mutex::new(None);
        self.walk().build_parallel().run(|| {
            let mut buffer = Vec::new();
            let failure = &failure;
            Box::new(move |entry| {
                match entry {
                    Ok(entry) => {
                        if let Some(path) = self.source(&entry) {
                            match read_into(entry.path(), self.max_bytes, &mut buffer) {
                                Ok(bytes) => visit(path, Ok(bytes)),
                                Err(error) => visit(path, Err(error)),
                            }
                        }
                    }
                    Err(error) => {
                        if let Ok(mut failure) = failure.lock() {
                            failure.get_or_insert(io::Error::other(error));
                        }
                        return ignore::WalkState::Quit;
                    }
                }
                ignore::WalkState::Continue
            })
        });
        match failure.into_inner() {
            Ok(Some(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn read(&self, path: &ProjectPath) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let len = read_into(&path.under(&self.root), self.max_bytes, &mut bytes)?.len();
        bytes.truncate(len);
        Ok(bytes)
    }

    fn holds_stem(&self, folder: &Path, stem: &str) -> bool {
        let entries = std::fs::read_dir(self.root.join(folder)).into_iter().flatten();
        entries.flatten().any(|entry| has_stem(&entry.file_name(), stem))
    }
}

/// Reads a file into the front of `buffer`, which grows and keeps what it had behind that.
///
/// It asks for neither the size nor anything else: over thousands of files, each call counts.
fn read_into<'b>(path: &Path, max_bytes: u64, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
    let mut file = std::fs::File::open(path)?;
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

/// Whether a file is Python source, by its name.
pub fn is_python(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "py" || extension == "pyi")
}
