//! Audits as the transforms write them: what their objects are in this project, and what is found.

use rayon::prelude::*;
use std::sync::Arc;

use super::targets::{self, TargetError};
use crate::fs::ProjectPath;
use crate::isolation::{Audit, Finding, audit};
use crate::matching::Targets;
use crate::project::{Analysis, Failure, FileId};
use crate::resolve::{Origin, Resolver};
use crate::transform::Transform;

/// The names of the objects: a call on one is in a file that says it, or in one that builds it.
pub fn search_names(transforms: &[Transform]) -> Vec<String> {
    let audits = transforms.iter().flat_map(|transform| &transform.isolations);
    audits.map(|audit| audit.on.name.clone()).collect()
}

/// Finds what the objects are.
///
/// # Errors
/// An object is not there, or leads to more than one thing.
pub fn resolve(
    resolver: &Resolver<'_, '_>,
    transforms: &[Transform],
    warnings: &mut Vec<String>,
) -> Result<Vec<Audit>, TargetError> {
    let mut audits = Vec::new();
    for transform in transforms {
        for isolation in &transform.isolations {
            let on = &isolation.on;
            let found = resolver.symbol(&on.module, &on.name);
            let (name, symbol) = (transform.name.clone(), on.to_string());
            let shared = match found.certain() {
                Some(Origin::Broken(why) | Origin::Unknown(why)) => {
                    let why = why.clone();
                    return Err(TargetError::Missing { transform: name, symbol, why });
                }
                Some(origin) => origin.clone(),
                None => targets::of_several(&found, name.clone(), &symbol)?,
            };
            let warning = format!(
                "transform `{name}`: no source root holds the module of `{symbol}`; it is taken \
                 for third-party code"
            );
            if matches!(shared, Origin::External(_)) && !warnings.contains(&warning) {
                warnings.push(warning);
            }
            audits.push(Audit {
                symbol,
                name: on.name.clone(),
                shared,
                methods: isolation.methods.clone(),
                key: isolation.key.clone(),
                deny: isolation.deny,
            });
        }
    }
    Ok(audits)
}

/// Audits every file.
pub fn find(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    audits: &[Audit],
    files: &[(FileId, Arc<Analysis>)],
) -> Vec<Finding> {
    if audits.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Finding> = files
        .par_iter()
        .flat_map_iter(|(file, analysis)| audit(resolver, targets, audits, *file, analysis))
        .collect();
    found.sort_by(|a, b| {
        (&a.path, a.start.line, a.start.column).cmp(&(&b.path, b.start.line, b.start.column))
    });
    found
}

/// What is said of a file that only an audit would have looked at.
pub fn unread(path: &ProjectPath, failure: &Failure) -> String {
    let line = failure.position.line;
    format!("{path}:{line}: its keys were not judged: {}", failure.message)
}
