//! One import for a name that several changes of a module need.
//!
//! Each site is spelled by itself. Where the old symbol came in two ways, as `from .base import C`
//! and as `app.core.C`, each would bring the new one in its own way, and the second import would
//! hide the first.

use crate::imports::{Import, ImportRequest, Place};
use crate::project::Analysis;
use crate::spelling::blocks::is_at_top;
use crate::text::TextSize;

/// Leaves, of the requests for one name at the top of a module, the one that an import there can
/// serve, or else the first; the others stay where the code would not have the name in time.
pub(super) fn import_once(analysis: &Analysis, requests: &mut Vec<ImportRequest>) {
    requests.sort();
    requests.dedup();
    let is_at_top = |request: &&ImportRequest| match &request.place {
        Place::Statement { statement, .. } => is_at_top(analysis, *statement),
        Place::Module { .. } => true,
        Place::Beside { .. } | Place::Function { .. } => false,
    };
    let top: Vec<ImportRequest> = requests.iter().filter(is_at_top).cloned().collect();
    requests.retain(|request| {
        let is_served = || top.iter().any(|other| other != request && serves(other, request));
        !is_at_top(&request) || !is_served()
    });
}

/// Whether `one` makes `other` needless, both of which are at the top of the module.
fn serves(one: &ImportRequest, other: &ImportRequest) -> bool {
    if !is_same_name(&one.import, &other.import) {
        return false;
    }
    match (&one.place, &other.place) {
        (Place::Statement { statement: one, .. }, Place::Statement { statement: other, .. }) => {
            one.start() < other.start()
        }
        (Place::Statement { statement, .. }, Place::Module { first_use, .. }) => {
            first_use.is_none_or(|first_use| statement.end() <= first_use)
        }
        (Place::Module { first_use: ours, .. }, Place::Module { first_use: theirs, .. }) => {
            let last = TextSize::from(u32::MAX);
            (ours.unwrap_or(last), one) < (theirs.unwrap_or(last), other)
        }
        _ => false,
    }
}

/// Whether both bind one name to what has one name where it comes from.
fn is_same_name(one: &Import, other: &Import) -> bool {
    match (one, other) {
        (
            Import::From { member, alias, module },
            Import::From { member: other_member, alias: other_alias, module: other_module },
        ) => member == other_member && alias == other_alias && module != other_module,
        _ => false,
    }
}
