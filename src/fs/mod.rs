//! Paths and files; the only module that touches the disk.

pub mod path;
pub mod tree;
mod replace;

pub use path::ProjectPath;
pub use replace::replace;
pub use tree::{DiskTree, MemoryTree, SourceTree};
