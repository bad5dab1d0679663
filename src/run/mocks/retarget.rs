//! The edits by which a patch of a class becomes a patch of the shared object.
//!
//! The mock of a class gives, when it is called, the mock of the object; the mock of the object is
//! that object. So what the test does with the object through `.return_value` it does directly,
//! and nothing else may be done with the mock of the class.

use crate::matching::Access;
use crate::matching::mocks::MockTarget;
use crate::project::FileId;
use crate::resolve::Resolver;
use crate::rewrite::Draft;
use crate::text::Edit;

/// What the string says afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NewName {
    /// The last name only is another one.
    Last(String),
    /// All of it.
    Dotted(String),
}

/// The edits of one string and of the code that goes with it.
#[derive(Debug)]
pub(super) struct Made {
    /// The string's.
    pub(super) string: Edit,
    /// The others', anywhere in the file.
    pub(super) more: Vec<Edit>,
}

/// Makes the edits.
///
/// # Errors
/// Why it is not certain that the test means the same afterwards.
pub(super) fn edits(
    _resolver: &Resolver<'_, '_>,
    _draft: &Draft,
    _file: FileId,
    _mock: &MockTarget,
    _access: Access,
    _new: &NewName,
) -> Result<Made, String> {
    Err("nothing is certain".to_owned())
}
