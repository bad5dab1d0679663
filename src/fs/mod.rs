//! Paths and files.
//!
//! [`FileSystem`] is the one way to a file that is changed: each method that changes anything is
//! one system call, so that whoever wraps it can stop, fail or count every single step.

pub mod path;
pub mod tree;
pub mod overlay;
mod replace;
pub mod os;
pub mod resolve;

use std::io;
use std::path::{Path, PathBuf};

pub use os::OsFileSystem;
pub use path::{ProjectPath, inside};
pub use replace::replace;
pub use tree::{DiskTree, MemoryTree, SourceTree};

/// What stands at a path; a symbolic link is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its kind.
    pub kind: NodeKind,
    /// The device that holds it.
    pub device: u64,
    /// Its number on the device: two paths with equal device and inode are one file.
    pub inode: u64,
    /// How many names it has.
    pub links: u64,
    /// The permission bits.
    pub mode: u32,
    /// Its owner.
    pub user: u32,
    /// Its group.
    pub group: u32,
    /// When its content last changed, in whole seconds.
    pub modified: i64,
}

/// The kinds of [`Node`] that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, pipe or socket.
    Other,
}

/// Held for as long as it lives, and released when the process ends, however it ends.
pub trait Lock: Send {}

/// The outcome of [`FileSystem::try_lock`].
pub enum TryLock {
    /// Nobody else has it.
    Acquired(Box<dyn Lock>),
    /// Somebody has it; this is what they wrote into it.
    Held(Vec<u8>),
}

/// Files as the operating system has them.
///
/// Reading follows the operating system's own rules. Each changing method is one step: it happens
/// wholly, not at all, or (for [`append`](Self::append) and [`overwrite`](Self::overwrite) alone)
/// in part; and until the matching `sync` has returned, a power cut may take it back.
///
/// # Errors
/// Each method gives what the operating system says.
#[expect(clippy::missing_errors_doc, reason = "they are the same for all methods")]
pub trait FileSystem: Sync {
    /// The whole content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// What stands at `path`, or `None` where nothing does.
    fn node(&self, path: &Path) -> io::Result<Option<Node>>;
    /// `path` without any symbolic link, `.` or `..`.
    fn real_path(&self, path: &Path) -> io::Result<PathBuf>;
    /// The paths in a folder, sorted.
    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    /// Whether this process may write to `path`: an error says why not.
    fn check_writable(&self, path: &Path) -> io::Result<()>;
    /// Whether this process may give a file it makes to this user and group.
    fn may_give_to(&self, user: u32, group: u32) -> bool;

    /// Takes the lock at `path`, making the file where there is none, and writes `holder` into it.
    fn try_lock(&self, path: &Path, holder: &[u8]) -> io::Result<TryLock>;
    /// Makes one folder, whose parent exists.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes an empty file that only its owner may read; an error where something stands there.
    fn create_file(&self, path: &Path) -> io::Result<()>;
    /// Writes at the end of a file that exists.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Writes from the start of a file that exists, leaving what lies beyond.
    fn overwrite(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Cuts or extends a file to `length` bytes.
    fn set_length(&self, path: &Path, length: u64) -> io::Result<()>;
    /// Gives `to` the owner and group of `from`.
    fn copy_owner(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives `to` the permission bits of `from`.
    fn copy_mode(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives `to` the extended attributes of `from`, access lists among them, as far as the disk
    /// and the process's rights allow.
    fn copy_extended(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Moves the time at which a file changed to the second after `second` where it is not later
    /// than that. What others keep of a file, Python its bytecode, they take for good while its
    /// size and the second of its change are the same.
    fn outdo_second(&self, path: &Path, second: i64) -> io::Result<()>;
    /// Makes a file's content survive a power cut.
    fn sync_file(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder survive a power cut.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Gives the file at `original` another name; an error where something stands there.
    fn link(&self, original: &Path, name: &Path) -> io::Result<()>;
    /// Moves `from` to `to` in one step, taking the place of a file there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes one name of a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
}

/// Removes the file at `path` where there is one; whether there was.
///
/// # Errors
/// The file exists and cannot be removed.
pub fn remove_if_there(fs: &dyn FileSystem, path: &Path) -> io::Result<bool> {
    if fs.node(path)?.is_none() {
        return Ok(false);
    }
    fs.remove_file(path).map(|()| true)
}

/// Makes `path` and every missing folder above it.
///
/// # Errors
/// A folder cannot be made, or a file stands in the way.
pub fn create_folders(fs: &dyn FileSystem, path: &Path) -> io::Result<()> {
    match fs.node(path)? {
        Some(node) if node.kind == NodeKind::File => {
            Err(io::Error::new(io::ErrorKind::NotADirectory, "a file stands where a folder should"))
        }
        Some(_) => Ok(()),
        None => {
            if let Some(parent) = path.parent() {
                create_folders(fs, parent)?;
            }
            match fs.create_folder(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                made => made,
            }
        }
    }
}

/// Makes a new file with this content, on the disk when the call returns; the folder is not synced.
///
/// # Errors
/// Something stands at `path`, or the disk refuses; what was written of it is removed then.
pub fn write_new(fs: &dyn FileSystem, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs.create_file(path)?;
    let written = fs.append(path, bytes).and_then(|()| fs.sync_file(path));
    if written.is_err() {
        // The first error is the one to report; a file that stays is found by the next start.
        let _removed = fs.remove_file(path);
    }
    written
}
