//! Paths and files; the only module that touches the disk.

pub mod path;

pub use path::ProjectPath;
