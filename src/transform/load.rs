//! The transforms of a migration, held against each other.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Transform;
use crate::config::{
    Builtin, Config, Document, DocumentError, Problem, Problems, TransformFile, name_in,
};

/// The transforms of a migration.
#[derive(Debug)]
pub struct Loaded {
    /// In the order of the configuration.
    pub transforms: Vec<Transform>,
    /// What is odd about them, and does not stop the run.
    pub warnings: Vec<Problem>,
}

/// Why the transforms cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TransformError {
    /// A file cannot be read as text.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Files are wrong.
    #[error(transparent)]
    Invalid(#[from] Problems),
}

/// Reads the transforms that the configuration lists.
///
/// # Errors
/// Everything that is wrong with all of them: in a file, or between two of them. Where the
/// configuration is strict, warnings are errors.
pub fn load(config: &Config) -> Result<Loaded, TransformError> {
    let mut transforms = Vec::new();
    let mut problems = Vec::new();
    for place in &config.transforms {
        let document = match place {
            TransformFile::File(path) => Document::read(path, name_in(&config.root, path))?,
            TransformFile::Builtin(builtin) => of_builtin(builtin)?,
        };
        match Transform::parse(&document) {
            Ok(transform) => transforms.push(transform),
            Err(found) => problems.extend(found),
        }
    }
    problems.extend(contradictions(&transforms));
    let mut warnings: Vec<_> = transforms.iter().filter_map(wrong_file_name).collect();
    if config.strict {
        problems.extend(warnings.drain(..).map(Problem::into_error));
    }
    Problems::check(problems)?;
    Ok(Loaded { transforms, warnings })
}

/// The transform in a file that no configuration lists, and what is odd about it.
///
/// # Errors
/// The file cannot be read, or is wrong.
pub fn load_file(root: &Path, path: &Path) -> Result<Loaded, TransformError> {
    one(&Document::read(path, name_in(root, path))?)
}

/// A transform that comes with tiermod.
///
/// # Errors
/// None: all of them are run by the tests.
pub fn load_builtin(builtin: &Builtin) -> Result<Loaded, TransformError> {
    one(&of_builtin(builtin)?)
}

fn of_builtin(builtin: &Builtin) -> Result<Arc<Document>, DocumentError> {
    let path = builtin.path();
    Document::new(Path::new(&path), path.clone(), builtin.text.as_bytes())
}

fn one(document: &Arc<Document>) -> Result<Loaded, TransformError> {
    let transform = Transform::parse(document)?;
    let warnings = wrong_file_name(&transform).into_iter().collect();
    Ok(Loaded { transforms: vec![transform], warnings })
}

/// What cannot hold of two transforms at once: one name, or one class that both replace.
fn contradictions(transforms: &[Transform]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = BTreeMap::new();
    let mut classes = BTreeMap::new();
    for transform in transforms {
        let document = &transform.document;
        let name = transform.name.as_str();
        let place = transform.name_range;
        if let Some((other, first)) = names.insert(name, (document, place)) {
            let message = format!("two transforms are called `{name}`");
            let problem = Problem::error(document, place, message);
            problems.push(problem.related(other, first, "the other is here"));
        }
        for singleton in &transform.singletons {
            let (class, place) = (&singleton.class, singleton.class_range);
            if let Some((other, first)) = classes.insert(class, (document, place)) {
                let message = format!("two transforms replace the class `{class}`");
                let problem = Problem::error(document, place, message);
                problems.push(problem.related(other, first, "the other is here"));
            }
        }
    }
    problems
}

/// A transform is looked for by its name, so its file should have it.
fn wrong_file_name(transform: &Transform) -> Option<Problem> {
    if transform.is_builtin() {
        return None;
    }
    let stem = transform.document.path().file_stem()?.to_string_lossy();
    if stem == transform.name {
        return None;
    }
    let message = format!("the transform `{}` is in a file called `{stem}.toml`", transform.name);
    let problem = Problem::warning(&transform.document, transform.name_range, message);
    Some(problem.help(format!("call the file `{}.toml`", transform.name)))
}
