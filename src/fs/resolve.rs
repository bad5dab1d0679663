//! From a path of the project to the one file that it names.
//!
//! Symbolic links are followed while they stay in the project; nothing is opened or changed here.

use std::io;
use std::path::{Path, PathBuf};

use super::{FileSystem, Node, NodeKind, ProjectPath};

/// A file of the project by its own name, with no symbolic link on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealFile {
    /// Its own name in the project.
    pub path: ProjectPath,
    /// Where it is on the disk.
    pub place: PathBuf,
    /// What stands there: a regular file.
    pub node: Node,
}

/// Why a path does not lead to a file that may be written.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// A symbolic link leads elsewhere.
    #[error("{path}: a symbolic link leads out of the project, to {}", target.display())]
    LeavesProject {
        /// The path in the project.
        path: ProjectPath,
        /// Where it leads.
        target: PathBuf,
    },
    /// The file is git's own, or the tool's.
    #[error("{path}: leads into {folder}, which no tier may change")]
    Internal {
        /// The path in the project.
        path: ProjectPath,
        /// `.git` or `.codemod`.
        folder: String,
    },
    /// A repository of its own lies between the project and the file.
    #[error(
        "{path}: belongs to another repository, in {repository}; run tiermod there, and leave it out here: `[files] exclude`"
    )]
    OtherRepository {
        /// The path in the project.
        path: ProjectPath,
        /// The folder of that repository.
        repository: String,
    },
    /// There is a folder, a device or a pipe.
    #[error("{path}: is not a regular file")]
    NotAFile {
        /// The path in the project.
        path: ProjectPath,
    },
    /// The system refuses.
    #[error("{path}: {source}")]
    Io {
        /// The path in the project.
        path: ProjectPath,
        /// What it says.
        source: io::Error,
    },
}

/// The file that `path` names, symbolic links followed; `root` has no links in it.
///
/// # Errors
/// See [`ResolveError`]; each names the path.
pub fn resolve(
    fs: &dyn FileSystem,
    root: &Path,
    path: &ProjectPath,
) -> Result<RealFile, ResolveError> {
    let io = |source| ResolveError::Io { path: path.clone(), source };
    let place = fs.real_path(&path.under(root)).map_err(io)?;
    let inside = place.strip_prefix(root).ok().and_then(ProjectPath::new);
    let Some(real) = inside else {
        return Err(ResolveError::LeavesProject { path: path.clone(), target: place });
    };
    let mut folder = root.to_path_buf();
    let mut components = real.as_path().components().peekable();
    while let Some(component) = components.next() {
        let name = component.as_os_str();
        if name == ".git" || name == ".codemod" {
            let folder = name.to_string_lossy().into_owned();
            return Err(ResolveError::Internal { path: path.clone(), folder });
        }
        folder.push(name);
        let is_folder = components.peek().is_some();
        if is_folder && fs.node(&folder.join(".git")).map_err(io)?.is_some() {
            let repository = folder.strip_prefix(root).unwrap_or(&folder).display().to_string();
            return Err(ResolveError::OtherRepository { path: path.clone(), repository });
        }
    }
    match fs.node(&place).map_err(io)? {
        Some(node) if node.kind == NodeKind::File => Ok(RealFile { path: real, place, node }),
        _ => Err(ResolveError::NotAFile { path: path.clone() }),
    }
}
