//! Private names, which classes mangle (Python reference, section 6.2.1): whatever is written in a
//! class cannot name one of a module.

use super::Held;
use crate::semantic::{Names, ScopeId, ScopeKind, mangle};
use crate::site::Reason;

/// Whether `name`, written in `scope`, is another name.
pub(super) fn is_mangled(names: &Names, scope: ScopeId, name: &str) -> bool {
    mangled(names, scope, name).is_some()
}

/// What `name` is in `scope`, where that is another name, and the class that makes it so.
fn mangled<'a>(names: &'a Names, scope: ScopeId, name: &str) -> Option<(&'a str, String)> {
    let around = names.scopes_around(scope).map(|scope| names.scope(scope));
    let class = around.into_iter().find(|scope| scope.kind == ScopeKind::Class)?;
    let mangled = mangle(Some(&class.name), name);
    (mangled != name).then(|| (class.name.as_str(), mangled.into_owned()))
}

/// What is in the way of writing `name` in `scope`, as a sentence for a person.
pub(super) fn conflict(names: &Names, scope: ScopeId, name: &str) -> Option<String> {
    let (class, mangled) = mangled(names, scope, name)?;
    Some(format!("`{name}` is `{mangled}` in the class `{class}`"))
}

/// Whether an import statement in `owner` can bring `name`, under whatever other name.
///
/// # Errors
/// It would ask the module for what the class makes of the name.
pub(super) fn can_be_imported(names: &Names, owner: ScopeId, name: &str) -> Result<(), Held> {
    match conflict(names, owner, name) {
        None => Ok(()),
        Some(problem) => Err(Held {
            reason: Reason::NotRewritableHere,
            message: format!("{problem}, so that no import there can bring it"),
        }),
    }
}
