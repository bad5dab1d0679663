//! Replaces a small file of tiermod's own as a whole.
//!
//! A path is what its owner made of it: a link leads to the file that is replaced, and what is no
//! regular file (a device, a pipe) is written to and stays what it is.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

/// Puts `contents` in the place of the file at `path`, or creates it.
///
/// Whoever reads the file meanwhile sees the old bytes or the new ones, also after a crash. Its
/// mode stays; a new file has the usual one. The folder must exist. Symbolic links stay, also one
/// whose file is not there yet. A device, a pipe and an open file of a process (`/dev/stdout`) get
/// the contents at their end.
///
/// # Errors
/// The system refuses; what it says has no name of the file that is written first.
pub fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    match destination(path)? {
        Destination::File(path) => replace_file(&path, contents),
        // Never created, never cut: it is somebody else's.
        Destination::Open(path) => {
            std::fs::OpenOptions::new().append(true).open(path)?.write_all(contents)
        }
    }
}

/// What a path leads to.
enum Destination {
    /// A regular file, or none yet: no link.
    File(PathBuf),
    /// What has to be opened to be written.
    Open(PathBuf),
}

/// As many links as Linux follows (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// Follows the links at the end of `path`; those in its folders are the system's to follow.
fn destination(path: &Path) -> io::Result<Destination> {
    let mut path = path.to_path_buf();
    for _ in 0..=MOST_LINKS {
        let kind = match std::fs::symlink_metadata(&path) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Destination::File(path));
            }
            Err(error) => return Err(error),
        };
        if kind.is_file() {
            return Ok(Destination::File(path));
        }
        // What a link in there says is no path (`pipe:[1]`), or one that need not lead to the same
        // file any more: see proc(5), /proc/PID/fd.
        if !kind.is_symlink() || std::fs::canonicalize(folder(&path))?.starts_with("/proc") {
            return Ok(Destination::Open(path));
        }
        path = folder(&path).join(std::fs::read_link(&path)?);
    }
    Err(Errno::LOOP.into())
}

/// The folder that `path` is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

fn replace_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = folder(path);
    let opened = std::fs::File::open(folder)?;
    let mode = std::fs::metadata(path).ok().map(|metadata| metadata.permissions());
    let mut staged = tempfile::Builder::new()
        .prefix(".tiermod-")
        .permissions(PermissionsExt::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(plain)?;
    staged.write_all(contents)?;
    if let Some(mode) = mode {
        staged.as_file().set_permissions(mode)?;
    }
    staged.as_file().sync_all()?;
    staged.persist(path).map_err(|error| plain(error.error))?;
    opened.sync_all()
}

/// The error without the name of a temporary file, which means nothing to whoever reads it.
fn plain(error: io::Error) -> io::Error {
    if error.raw_os_error().is_some() { error } else { error.kind().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&path, b"one").unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o600, 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn a_link_stays_and_its_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::create_dir(place("deep")).unwrap();
        std::fs::write(place("deep/real"), "old").unwrap();
        std::os::unix::fs::symlink("deep/link", place("first")).unwrap();
        std::os::unix::fs::symlink("real", place("deep/link")).unwrap();
        std::os::unix::fs::symlink("deep/new", place("dangling")).unwrap();
        replace(&place("first"), b"new").unwrap();
        replace(&place("dangling"), b"made").unwrap();
        assert_eq!(std::fs::read(place("deep/real")).unwrap(), b"new");
        assert_eq!(std::fs::read(place("deep/new")).unwrap(), b"made");
        for link in ["first", "deep/link", "dangling"] {
            assert!(std::fs::symlink_metadata(place(link)).unwrap().is_symlink(), "{link}");
        }
    }

    #[test]
    fn links_that_lead_to_each_other_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("b", place("a")).unwrap();
        std::os::unix::fs::symlink("a", place("b")).unwrap();
        let error = replace(&place("a"), b"x").unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::LOOP.raw_os_error()), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_pipe_and_an_open_file_are_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(place("pipe")).status().unwrap();
        assert!(made.success());
        std::os::unix::fs::symlink("pipe", place("link")).unwrap();
        let pipe = place("pipe");
        let reader = std::thread::spawn(move || std::fs::read(pipe).unwrap());
        replace(&place("link"), b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.create_new(true).append(true).open(place("file")).unwrap();
        file.write_all(b"one ").unwrap();
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&file);
        replace(Path::new(&format!("/dev/fd/{descriptor}")), b"two ").unwrap();
        file.write_all(b"three").unwrap();
        assert_eq!(std::fs::read(place("file")).unwrap(), b"one two three");
    }

    #[test]
    fn a_file_that_cannot_be_written_stays() {
        let error = replace(Path::new("/nonexistent/file"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!error.to_string().contains(".tiermod-"), "{error}");
    }
}
