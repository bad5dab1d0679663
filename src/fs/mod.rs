//! Paths and files; the only module that touches the disk.

pub mod path;
mod replace;

pub use path::ProjectPath;
pub use replace::replace;
