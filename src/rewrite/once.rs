//! One import for a name that several changes of a module need.
//!
//! Each site is spelled by itself. Where the old symbol came in two ways, as `from .base import C`
//! and as `app.core.C`, each would bring the new one in its own way, and the second import would
//! hide the first.

use crate::imports::{Import, ImportRequest, Place};
use crate::project::Analysis;
use crate::spelling::spell::is_at_top;
use crate::text::TextSize;

/// Leaves, of the requests for one name at the top of a module, the one that an import there can
/// serve, or else the first; the others stay where the code would not have the name in time.
pub(super) fn import_once(analysis: &Analysis, requests: &mut Vec<ImportRequest>) {
    let all = requests.clone();
    requests.retain(|request| {
        !all.iter().any(|other| other != request && serves(analysis, other, request))
    });
}

/// Whether `one` makes `other` needless.
fn serves(analysis: &Analysis, one: &ImportRequest, other: &ImportRequest) -> bool {
    if !is_same_name(&one.import, &other.import) {
        return false;
    }
    match (&one.place, &other.place) {
        (Place::Statement { statement: one, .. }, Place::Statement { statement: other, .. }) => {
            one.start() < other.start() && is_at_top(analysis, *one) && is_at_top(analysis, *other)
        }
        (Place::Statement { statement, .. }, Place::Module { first_use, .. }) => {
            is_at_top(analysis, *statement)
                && first_use.is_none_or(|first_use| statement.end() <= first_use)
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
