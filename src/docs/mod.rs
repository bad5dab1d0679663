//! Blocks of a user's Markdown files that are written by us: the import registry and the status.
//!
//! Only the text between two markers changes, and what is written depends on what it is given
//! alone, not on the time: writing it twice changes nothing.

mod markers;
mod markdown;
mod registry;
mod status;

pub use markers::{Block, MarkerError, MarkerProblem, update};
pub use registry::{Replacement, Transformed, registry};
pub use status::{TierStatus, status};
