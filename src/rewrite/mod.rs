//! One file's sites to its edits.
//!
//! In two steps, as which imports may go depends on other files: [`draft()`] decides every site and
//! says which imports the file itself no longer needs; [`edits()`] makes the edits once it is known
//! which of those other files still need.

pub mod decide;
mod align;
mod parts;
mod render;
mod snippet;
mod symbol;
mod combine;
mod once;
pub mod gone;
mod unused;
mod kept;
pub mod draft;
pub mod edits;
pub mod leftovers;

pub use decide::{Change, Decision, Enclosed, Migration, Part, Rules};
pub use draft::{Draft, Retarget, draft};
pub use edits::{Copied, FileEdits, LabelledEdit, edits};
pub use leftovers::Leftover;
