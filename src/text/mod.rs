//! Text as bytes, characters, lines and edits; nothing here knows Python.
//!
//! Offsets are [`TextSize`]: bytes from the start of the *decoded* text, which is UTF-8 in memory
//! whatever the file's own encoding is. Columns that people see count characters from 1.

pub mod encoding;
pub mod lines;
pub mod range_map;
pub mod edit;
pub mod text_edit;

pub use ruff_text_size::{Ranged, TextLen, TextRange, TextSize};

pub use edit::Edit;
pub use encoding::{DecodeError, Encoding};
pub use lines::{LineColumn, Lines};
pub use range_map::RangeMap;
pub use text_edit::{OverlapError, TextEdit};

/// The part of `text` that `range` covers, or the empty string where the range does not fall on
/// character boundaries inside it.
///
/// Ranges come from a parse of the same text, so the empty string stands for a bug in a caller;
/// it is preferred to a panic because every result is proven again before it is written.
pub fn slice(text: &str, range: TextRange) -> &str {
    text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default()
}

/// Whether `text` holds `part`; searches many bytes at a time, as `str::contains` does not.
pub fn contains(text: impl AsRef<[u8]>, part: &str) -> bool {
    memchr::memmem::find(text.as_ref(), part.as_bytes()).is_some()
}

/// The first `most` of these for a sentence, and how many more there are.
pub fn some_of(all: &[String], most: usize) -> String {
    let (shown, rest) = all.split_at_checked(most).unwrap_or((all, &[]));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    shown.join(", ") + &more
}

/// The byte range of a [`TextRange`].
pub fn bytes(range: TextRange) -> std::ops::Range<usize> {
    usize::from(range.start())..usize::from(range.end())
}

/// A length or offset in bytes as a [`TextSize`].
///
/// Sources are limited to [`encoding::MAX_BYTES`], so the conversion cannot lose anything; it
/// saturates rather than panics.
pub fn size(offset: usize) -> TextSize {
    TextSize::new(u32::try_from(offset).unwrap_or(u32::MAX))
}
