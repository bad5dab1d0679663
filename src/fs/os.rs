//! The operating system's files.
//!
//! Nothing here decides anything; every method is one call to the system, made in full.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, XattrFlags};
use rustix::io::Errno;

use super::{FileSystem, Lock, Node, NodeKind, TryLock};

/// The files of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsFileSystem;

/// A file with an advisory lock on it, which the system releases when the process ends.
struct OsLock {
    _file: File,
}

impl Lock for OsLock {}

impl FileSystem for OsFileSystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn node(&self, path: &Path) -> io::Result<Option<Node>> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let kind = if metadata.is_file() {
            NodeKind::File
        } else if metadata.is_dir() {
            NodeKind::Folder
        } else if metadata.is_symlink() {
            NodeKind::Link
        } else {
            NodeKind::Other
        };
        Ok(Some(Node {
            kind,
            device: metadata.dev(),
            inode: metadata.ino(),
            links: metadata.nlink(),
            mode: metadata.mode() & 0o7777,
            user: metadata.uid(),
            group: metadata.gid(),
            modified: metadata.mtime(),
        }))
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            entries.push(entry?.path());
        }
        entries.sort();
        Ok(entries)
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        Ok(rustix::fs::accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS)?)
    }

    fn may_give_to(&self, user: u32, group: u32) -> bool {
        let me = rustix::process::geteuid();
        me.is_root()
            || (me.as_raw() == user
                && (rustix::process::getegid().as_raw() == group
                    || rustix::process::getgroups()
                        .is_ok_and(|groups| groups.iter().any(|g| g.as_raw() == group))))
    }

    fn try_lock(&self, path: &Path, holder: &[u8]) -> io::Result<TryLock> {
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).mode(0o644).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = Vec::new();
                file.read_to_end(&mut text)?;
                return Ok(TryLock::Held(text));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(holder)?;
        Ok(TryLock::Acquired(Box::new(OsLock { _file: file })))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().append(true).open(path)?.write_all(bytes)
    }

    fn overwrite(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.write_all(bytes)
    }

    fn set_length(&self, path: &Path, length: u64) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.set_len(length)
    }

    fn copy_owner(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (have, want) = (fs::metadata(to)?, fs::metadata(from)?);
        if (have.uid(), have.gid()) == (want.uid(), want.gid()) {
            return Ok(());
        }
        std::os::unix::fs::chown(to, Some(want.uid()), Some(want.gid()))
    }

    fn copy_mode(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::set_permissions(to, fs::metadata(from)?.permissions())
    }

    fn copy_extended(&self, from: &Path, to: &Path) -> io::Result<()> {
        for name in extended_names(from)? {
            let value = match extended_value(from, &name) {
                Ok(value) => value,
                Err(Errno::NODATA) => continue,
                Err(error) => return Err(error.into()),
            };
            match rustix::fs::setxattr(to, name.as_slice(), &value, XattrFlags::empty()) {
                // The attribute belongs to the system (a security label, say), which sets its own.
                Ok(()) | Err(Errno::PERM | Errno::NOTSUP | Errno::ACCESS) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn outdo_second(&self, path: &Path, second: i64) -> io::Result<()> {
        if fs::metadata(path)?.mtime() > second {
            return Ok(());
        }
        let omitted = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
        let next = Timespec { tv_sec: second.saturating_add(1), tv_nsec: 0 };
        let times = Timestamps { last_access: omitted, last_modification: next };
        Ok(rustix::fs::utimensat(CWD, path, &times, AtFlags::empty())?)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        match File::open(path)?.sync_all() {
            // Some network and FUSE disks have no such call; there is nothing else to ask of them.
            Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => Ok(()),
            synced => synced,
        }
    }

    fn link(&self, original: &Path, name: &Path) -> io::Result<()> {
        fs::hard_link(original, name)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

/// The names of the extended attributes of a file; none where the disk has no such thing.
fn extended_names(path: &Path) -> io::Result<Vec<Vec<u8>>> {
    let mut buffer = Vec::with_capacity(64 * 1024);
    match rustix::fs::listxattr(path, rustix::buffer::spare_capacity(&mut buffer)) {
        Ok(_) => {}
        Err(Errno::NOTSUP) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    }
    let names = buffer.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(<[u8]>::to_vec).collect())
}

/// The value of one extended attribute; the system's limit for one is 64 KiB.
fn extended_value(path: &Path, name: &[u8]) -> Result<Vec<u8>, Errno> {
    let mut buffer = Vec::with_capacity(64 * 1024);
    rustix::fs::getxattr(path, name, rustix::buffer::spare_capacity(&mut buffer))?;
    Ok(buffer)
}
