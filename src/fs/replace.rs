//! Replaces a small file of tiermod's own as a whole.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Puts `contents` in the place of the file at `path`, or creates it.
///
/// Whoever reads the file meanwhile sees the old bytes or the new ones, also after a crash. Its
/// mode stays; a new file has the usual one. The folder must exist. Errors say what the system
/// says, without the name of the file that is written first.
pub fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
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
    fn a_file_that_cannot_be_written_stays() {
        let error = replace(Path::new("/nonexistent/file"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!error.to_string().contains(".tiermod-"), "{error}");
    }
}
