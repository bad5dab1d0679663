//! Audits as the transforms write them: what their objects are in this project, and what is found.

use super::targets::{self, TargetError};
use crate::config::Problems;
use crate::fs::ProjectPath;
use crate::isolation::Audit;
use crate::project::Failure;
use crate::resolve::{Origin, Resolver};
use crate::transform::Transform;

/// The names of the objects: a call on one is in a file that says it, or in one that builds it.
pub fn search_names(transforms: &[Transform]) -> Vec<String> {
    let audits = transforms.iter().flat_map(|transform| &transform.isolations);
    audits.map(|audit| audit.on.name.clone()).collect()
}

/// Finds what the objects are. `said` are the warnings that need not be said again.
///
/// # Errors
/// Every object that is not there, or leads to more than one thing.
pub fn resolve(
    resolver: &Resolver<'_, '_>,
    transforms: &[Transform],
    said: &[String],
    warnings: &mut Vec<String>,
) -> Result<Vec<Audit>, Problems> {
    let (mut audits, mut problems) = (Vec::new(), Vec::new());
    for transform in transforms {
        for isolation in &transform.isolations {
            let on = &isolation.on;
            let found = resolver.symbol(&on.module, &on.name);
            let (name, symbol) = (transform.name.clone(), on.to_string());
            let shared = match found.certain() {
                Some(origin) => match TargetError::of(&name, &symbol, origin) {
                    // A value that the code computes has methods as any other has.
                    Some(_) if matches!(origin, Origin::Local(_)) => Ok(origin.clone()),
                    Some(error) => Err(error),
                    None => Ok(origin.clone()),
                },
                None => targets::of_several(resolver, &found, name.clone(), &symbol),
            };
            let shared = match shared {
                Ok(shared) => shared,
                Err(error) => {
                    problems.push(error.at(&transform.document, isolation.on_range));
                    continue;
                }
            };
            let warning = targets::third_party(&name, &symbol);
            if matches!(shared, Origin::External(_))
                && !said.contains(&warning)
                && !warnings.contains(&warning)
            {
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
    Problems::check(problems)?;
    Ok(audits)
}

/// What is said of a file that no target's own name led to: an audit would have looked at it, or
/// it has a name under which another file offers a target.
pub fn unread(
    path: &ProjectPath,
    failure: &Failure,
    bytes: &[u8],
    transforms: &[Transform],
) -> String {
    let holds = |name: &String| crate::text::contains(bytes, name);
    let what = if search_names(transforms).iter().any(holds) {
        "its keys were not judged"
    } else {
        "it was not looked at, and has a name that leads to a target in other files"
    };
    format!("{path}:{}: {what}: {}", failure.position.line, failure.message)
}
