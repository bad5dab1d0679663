//! Paths and files; the only module that touches the disk.

pub mod path;
pub mod tree;

pub use path::ProjectPath;
pub use tree::{DiskTree, MemoryTree, SourceTree};
