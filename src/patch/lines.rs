//! Texts as lines, and what differs between two of them.
//!
//! A line ends with a line feed and nothing else, as git has it: a carriage return is part of it.

use std::ops::Range;

use similar::{Algorithm, DiffOp};

/// Units of the old text and the units of the new one that stand in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Units of the old text; empty where something is added.
    pub old: Range<usize>,
    /// Units of the new text; empty where something is removed.
    pub new: Range<usize>,
}

/// The lines of `text`, each with its line feed; the last may have none.
pub fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// What differs, in order; between two blocks lies at least one unit that is the same.
pub fn blocks(old: &[&[u8]], new: &[&[u8]]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    let mut differs = |old: Range<usize>, new: Range<usize>| {
        if !(old.is_empty() && new.is_empty()) {
            blocks.push(Block { old, new });
        }
    };
    // Only the equal runs have reliable positions on both sides: what lies between them differs.
    for op in similar::capture_diff_slices(Algorithm::Myers, old, new) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            differs(old_at..old_index, new_at..new_index);
            (old_at, new_at) = (old_index + len, new_index + len);
        }
    }
    differs(old_at..old.len(), new_at..new.len());
    blocks
}

/// The units in `range`, joined; units that are not there are left out.
pub fn joined(units: &[&[u8]], range: Range<usize>) -> Vec<u8> {
    units.get(range).unwrap_or_default().concat()
}
