//! Two names of one object, and by which of them something gets it.
//!
//! Says nothing of what the object is.

use super::Hop;

/// An old and a new name of the same object. What goes by the old one, and not by the new one
/// before, is what a migration from the one to the other is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldRoute {
    /// The name that is left.
    pub old: Hop,
    /// The name that takes its place; `None` where its module is none of the project's.
    pub new: Option<Hop>,
}

impl OldRoute {
    /// Whether a chain through these names, from the one who uses it on, goes by the old one.
    pub fn is_taken(&self, hops: &[Hop]) -> bool {
        let place = |wanted: &Hop| hops.iter().position(|hop| hop == wanted);
        let new = self.new.as_ref().and_then(place);
        // Ex) the new module takes it from the old one
        place(&self.old).is_some_and(|old| new.is_none_or(|new| old < new))
    }
}
