//! `codemod.toml`: which files belong to which tier, and what a tier must pass.
//!
//! Also how any TOML file of a migration is read, and how what is wrong with it is shown. Looks
//! at no Python file. Invariant: a [`Config`] has nothing left to resolve: its paths are absolute,
//! its defaults filled in, its patterns compiled.

pub mod gate;
pub mod python_style;
pub(crate) mod literal;
pub mod builtin;
pub mod document;
pub mod problem;
pub mod nearest;
pub mod template;
pub mod patterns;
pub mod tier;
pub mod schema;
mod shape;
mod find;
mod read;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate::GateSpec;

pub use builtin::Builtin;
pub use document::{Document, DocumentError};
pub use find::{FILE_NAME, find};
pub use patterns::Patterns;
pub use problem::{Look, Problem, Problems, Severity};
pub use template::Template;
pub use tier::{Risk, SelectError, Tier, TierSelector};

pub(crate) use read::{read_form, template_problem};

use crate::fs::ProjectPath;

/// Where a transform is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransformFile {
    /// In this file.
    File(PathBuf),
    /// In tiermod.
    Builtin(&'static Builtin),
}

/// A migration, as `codemod.toml` gives it.
#[derive(Debug, Clone)]
pub struct Config {
    /// The project's folder, without links in its path.
    pub root: PathBuf,
    /// The file itself, for its hash and for messages about places in it.
    pub document: Arc<Document>,
    /// Where the transforms are, in order, each once.
    pub transforms: Vec<TransformFile>,
    /// The folders in which dotted module names begin; `None` where they are to be detected.
    pub source_roots: Option<Vec<PathBuf>>,
    /// Files that are not read, besides those that `.gitignore` names.
    pub exclude: Patterns,
    /// Larger files are not read, in bytes.
    pub max_file_size: u64,
    /// In the order of the migration; never empty.
    pub tiers: Vec<Tier>,
    /// Gates for every tier.
    pub gates: Vec<GateSpec>,
    /// Whether warnings stop the run.
    pub strict: bool,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no `codemod.toml`.
    #[error(
        "there is no `{FILE_NAME}` in `{}` or a folder above it; `tiermod init` writes one, \
         `--config FILE` names another",
        folder.display()
    )]
    Missing {
        /// Where the search began.
        folder: PathBuf,
    },
    /// A folder that was named cannot be used.
    #[error("cannot use the folder `{}`: {source}", folder.display())]
    Folder {
        /// As it was named.
        folder: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file cannot be read as text.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The file is wrong.
    #[error(transparent)]
    Invalid(#[from] Problems),
}

impl Config {
    /// Reads the configuration at `path`. The project is `root`, by default the folder of `path`:
    /// where `path` is a link, the folder that holds the link.
    ///
    /// # Errors
    /// The file cannot be read, or is wrong in one or several places.
    pub fn load(path: &Path, root: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(file_name) = path.file_name() else {
            return Err(DocumentError::Folder { name: path.display().to_string() }.into());
        };
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let real = |folder: &Path| {
            let refused = |source| ConfigError::Folder { folder: folder.to_owned(), source };
            let real = folder.canonicalize().map_err(refused)?;
            if real.is_dir() { Ok(real) } else { Err(refused(io::ErrorKind::NotADirectory.into())) }
        };
        let folder = real(folder)?;
        let root = root.map_or_else(|| Ok(folder.clone()), real)?;
        let path = folder.join(file_name);
        let document = Document::read(&path, name_in(&root, &path))?;
        Ok(read::config(&document, root, &folder)?)
    }

    /// The file's path, absolute.
    pub fn path(&self) -> &Path {
        self.document.path()
    }

    /// The tier that owns a file, as an index of [`Self::tiers`]: the first whose paths match.
    pub fn tier_of(&self, file: &ProjectPath) -> Option<usize> {
        self.tiers.iter().position(|tier| tier.paths.matches(file))
    }

    /// A warning for each glob of a tier that matches none of `files`, and for each tier whose
    /// files all belong to earlier ones.
    pub fn idle_globs(&self, files: &[ProjectPath]) -> Vec<Problem> {
        let mut matched: Vec<Vec<bool>> =
            self.tiers.iter().map(|tier| vec![false; tier.paths.list().len()]).collect();
        let mut owns = vec![false; self.tiers.len()];
        for file in files {
            // Most projects show after a few files that there is nothing odd.
            if matched.iter().flatten().all(|seen| *seen) && owns.iter().all(|owns| *owns) {
                return Vec::new();
            }
            let mut is_owned = false;
            for ((tier, matched), owns) in self.tiers.iter().zip(&mut matched).zip(&mut owns) {
                let hits = tier.paths.matching(file);
                *owns |= !is_owned && !hits.is_empty();
                is_owned |= !hits.is_empty();
                for hit in hits {
                    if let Some(seen) = matched.get_mut(hit) {
                        *seen = true;
                    }
                }
            }
        }
        let mut warnings = Vec::new();
        for ((tier, matched), owns) in self.tiers.iter().zip(&matched).zip(&owns) {
            for (pattern, _) in tier.paths.list().iter().zip(matched).filter(|(_, seen)| !**seen) {
                let message = format!("`{}` matches no file of the project", pattern.text);
                let problem = Problem::warning(&self.document, pattern.range, message);
                let starts_anywhere = !pattern.text.contains('/');
                warnings.push(if starts_anywhere {
                    let help = format!("`**/{}` matches it in any folder", pattern.text);
                    problem.help(help)
                } else {
                    problem
                });
            }
            if !owns && matched.contains(&true) {
                let message = format!(
                    "tier `{}` owns no file: earlier tiers match all of its files",
                    tier.name
                );
                warnings.push(Problem::warning(&self.document, tier.name_range, message));
            }
        }
        warnings
    }
}

/// What messages call the file at `path`: its path in the project, otherwise in full.
pub(crate) fn name_in(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).ok().and_then(ProjectPath::new);
    relative.map_or_else(|| path.display().to_string(), |inside| inside.to_slash())
}
