//! Where the files of a migration are: `codemod.toml` upwards, and the transforms that it lists.

use std::path::{Component, Path, PathBuf};

use super::ConfigError;
use super::nearest::nearest;
use super::patterns::{Pattern, PatternError, Patterns};
use crate::fs::ProjectPath;
use crate::text::TextRange;

/// What the configuration of a project is called.
pub const FILE_NAME: &str = "codemod.toml";

/// The transforms of a configuration that lists none.
pub(super) const DEFAULT_TRANSFORMS: &str = "transforms/*.toml";

/// The nearest `codemod.toml` in `start`, or in a folder above it. `start` is a folder or a file
/// in one.
///
/// # Errors
/// There is none, or `start` is not there.
pub fn find(start: &Path) -> Result<PathBuf, ConfigError> {
    let real = start
        .canonicalize()
        .map_err(|source| ConfigError::Folder { folder: start.to_owned(), source })?;
    let candidates = real.ancestors().map(|folder| folder.join(FILE_NAME));
    let found = candidates.into_iter().find(|candidate| candidate.is_file());
    found.ok_or(ConfigError::Missing { folder: real })
}

/// Why an entry of `transforms` leads to no file.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListError {
    #[error(transparent)]
    Pattern(#[from] PatternError),
    #[error("no file matches `{0}`")]
    NothingMatches(String),
    #[error("there is no file `{0}`")]
    NoFile(String),
    #[error("`{0}` is a folder")]
    Folder(String),
    #[error("cannot read the folder `{folder}`: {source}")]
    Read { folder: PathBuf, source: std::io::Error },
}

/// The files that an entry of `transforms` stands for, in the order of their names.
///
/// Transforms are only read, and several projects may share them: `../` may lead out of `folder`.
pub(super) fn expand(
    folder: &Path,
    entry: &str,
    range: TextRange,
) -> Result<Vec<PathBuf>, ListError> {
    let mut inner = entry;
    let mut base = folder.to_owned();
    while let Some(rest) = inner.strip_prefix("../") {
        inner = rest.trim_start_matches('/');
        base.push("..");
    }
    let pattern = Pattern::new(inner, range)?;
    let base = base.canonicalize().map_err(|source| ListError::Read { folder: base, source })?;
    if pattern.is_plain() {
        let Some(path) = ProjectPath::new(inner) else { return Err(PatternError::Parent.into()) };
        let file = path.under(&base);
        return match std::fs::metadata(&file) {
            Ok(data) if data.is_dir() => Err(ListError::Folder(entry.to_owned())),
            Ok(_) => Ok(vec![file]),
            Err(_) => Err(ListError::NoFile(entry.to_owned())),
        };
    }
    // The folders before the first wildcard need not be searched for.
    let is_plain = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(is_wild);
    let start: PathBuf = Path::new(inner).components().take_while(is_plain).collect();
    let set = Patterns::new(vec![pattern])?;
    let mut files = Vec::new();
    collect(&base, &start, &set, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(ListError::NothingMatches(entry.to_owned()));
    }
    Ok(files.iter().map(|file| file.under(&base)).collect())
}

/// The file beside the missing one of an entry whose name is most like it, as the entry would
/// have it.
pub(super) fn similar(folder: &Path, entry: &str) -> Option<String> {
    let (parent, name) = entry.rsplit_once('/').unwrap_or(("", entry));
    let entries = std::fs::read_dir(folder.join(parent)).ok()?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_toml(Path::new(name)))
        .collect();
    names.sort();
    let meant = nearest(name, names.iter().map(String::as_str))?;
    Some(if parent.is_empty() { meant.to_owned() } else { format!("{parent}/{meant}") })
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn is_wild(char: char) -> bool {
    matches!(char, '*' | '?' | '[' | '{')
}

/// The TOML files below `relative` that the set matches. Hidden files and folders are not looked
/// at, nor links to folders, which may lead round in a ring.
fn collect(
    root: &Path,
    relative: &Path,
    set: &Patterns,
    files: &mut Vec<ProjectPath>,
) -> Result<(), ListError> {
    let folder = root.join(relative);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(()),
        Err(source) => return Err(ListError::Read { folder, source }),
    };
    for entry in entries {
        let read = |source| ListError::Read { folder: folder.clone(), source };
        let entry = entry.map_err(read)?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = relative.join(&name);
        if entry.file_type().map_err(read)?.is_dir() {
            collect(root, &path, set, files)?;
        } else if is_toml(&path)
            && let Some(file) = ProjectPath::new(&path)
            && set.matches(&file)
            && file.under(root).is_file()
        {
            files.push(file);
        }
    }
    Ok(())
}
