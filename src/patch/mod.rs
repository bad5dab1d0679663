//! Changes of files as git patches, and texts merged line by line.
//!
//! Everything here is a function from bytes to bytes: no disk, no git, no Python. A patch of equal
//! changes is equal, byte for byte.

pub mod lines;
pub mod digest;
pub mod quote;
pub mod hunk;
pub mod merge;

use std::fmt::Write as _;
use std::ops::Range;

use crate::fs::ProjectPath;

pub use digest::{ObjectFormat, sha256};
pub use merge::{Clash, Grain, Lines, merge};

/// One file as it is and as it will be, in the bytes that the disk holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: ProjectPath,
    /// Its content now.
    pub old: Vec<u8>,
    /// Its content afterwards.
    pub new: Vec<u8>,
    /// What the patch says beside the hunks.
    pub notes: Vec<HunkNote>,
}

/// A few words for the hunk that shows certain lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HunkNote {
    /// Lines of the old content, counted from 0.
    pub old_lines: Range<u32>,
    /// The words: `redis-singleton TM001 rewrite`.
    pub text: String,
}

/// One file's part of a patch, in the form that git stores: after `core.autocrlf` and the filters
/// of `.gitattributes`, where there are any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePatch {
    /// The path in the repository, with `/`, as bytes.
    pub path: Vec<u8>,
    /// The old content.
    pub old: Vec<u8>,
    /// The new content.
    pub new: Vec<u8>,
    /// The permissions as git knows them: `0o100644` or `0o100755`.
    pub mode: u32,
    /// What the hunks say beside their ranges.
    pub notes: Vec<HunkNote>,
}

/// The patch of `files`, in their order, as `git apply` takes it; files that do not change are
/// left out.
///
/// The `index` lines carry whole object names in `format`.
pub fn render(files: &[FilePatch], format: ObjectFormat) -> Vec<u8> {
    render_with(files, format, true)
}

/// What identifies the patch of `files`: the SHA-256 of the patch without the notes, which say why
/// and not what.
pub fn fingerprint(files: &[FilePatch], format: ObjectFormat) -> String {
    sha256(&render_with(files, format, false))
}

fn render_with(files: &[FilePatch], format: ObjectFormat, notes: bool) -> Vec<u8> {
    let mut patch = Vec::new();
    for file in files.iter().filter(|file| file.old != file.new) {
        let (old_name, new_name) = (quote::name(b"a/", &file.path), quote::name(b"b/", &file.path));
        let mut head = String::new();
        // Writing to a string cannot fail.
        let _infallible = writeln!(
            head,
            "diff --git {old_name} {new_name}\nindex {}..{} {:06o}\n--- {}\n+++ {}",
            format.blob(&file.old),
            format.blob(&file.new),
            file.mode,
            quote::ended(&old_name),
            quote::ended(&new_name),
        );
        patch.extend_from_slice(head.as_bytes());
        hunk::render(&mut patch, &file.old, &file.new, if notes { &file.notes } else { &[] });
    }
    patch
}
