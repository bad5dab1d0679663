//! Finds the sites of a file: every place that a transform is about, with what is known of it.
//!
//! Nothing is decided about imports here and nothing is edited. Every call of a target's name, in
//! code or in text, becomes a site, so that the accounts close.

pub mod target;
pub mod relevance;
pub mod class_use;
pub mod calls;
pub mod mentions;
pub mod pragma;
pub mod singleton;

pub use class_use::ClassUse;
pub use singleton::{FileSites, Found, find};
pub use target::{Access, Target, Targets};
