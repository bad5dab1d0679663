//! Which names of a module others use by `from module import *`.
//!
//! An import that is added to such a module is a new name in files that mention no class: it must
//! not be one that they use for something else.

use rustc_hash::FxHashSet;

use crate::fs::ProjectPath;
use crate::project::{Analysis, FileId, Project};
use crate::semantic::ScopeId;
use crate::transform::Transform;

/// The names under which the transforms may import something.
pub fn new_names(transforms: &[Transform]) -> Vec<String> {
    let mut names = Vec::new();
    for transform in transforms {
        for singleton in &transform.singletons {
            let name = &singleton.access.symbol().name;
            names.push(name.clone());
            names.extend(singleton.alias.alias_of(name));
        }
        for spec in &transform.rewrites {
            names.extend(spec.rewrite.after.imported.iter().map(|one| one.local.clone()));
        }
    }
    names.sort();
    names.dedup();
    names
}

/// For each module from which `files` import everything, those of `names` that they use and do not
/// bind themselves afterwards.
pub fn readers(
    project: &Project<'_>,
    files: &[ProjectPath],
    names: &[String],
) -> FxHashSet<(FileId, String)> {
    let mut found = FxHashSet::default();
    for file in files.iter().filter_map(|path| project.file(path)) {
        let Ok(analysis) = project.analysis(file) else { continue };
        for name in names {
            let Some(start) = first_star_that_gives(analysis, name) else { continue };
            let mut open: Vec<FileId> = imported(project, file, analysis, start).collect();
            while let Some(module) = open.pop() {
                let Ok(analysis) = project.analysis(module) else { continue };
                let is_listed = analysis.names.dunder_all().exports(name) != Some(false);
                if is_listed && found.insert((module, name.clone())) {
                    open.extend(imported(project, module, analysis, 0));
                }
            }
        }
    }
    found
}

/// The first of the file's star imports from which `name` may get its value in it; `None` where no
/// use of it can.
fn first_star_that_gives(analysis: &Analysis, name: &str) -> Option<usize> {
    let names = &analysis.names;
    let id = names.id(name)?;
    let is_used = names.references().any(|(_, reference)| {
        reference.name == id && reference.owner.is_none_or(|owner| owner == ScopeId::MODULE)
    });
    if !is_used {
        return None;
    }
    let own = names.symbol(ScopeId::MODULE, id).and_then(|symbol| {
        let starts = symbol.bindings.iter().map(|&id| names.binding(id));
        starts.filter(|own| own.unconditional).map(|own| own.range.start()).max()
    });
    let stars = names.star_imports();
    stars.iter().position(|&star| own.is_none_or(|own| names.binding(star).range.start() > own))
}

/// The project's modules from which a file imports everything, from its star import `from` on.
fn imported<'a>(
    project: &'a Project<'_>,
    file: FileId,
    analysis: &'a Analysis,
    from: usize,
) -> impl Iterator<Item = FileId> + 'a {
    let stars = analysis.names.stars().skip(from);
    stars.filter_map(move |(level, module)| project.imported_module(file, level, module).file())
}
