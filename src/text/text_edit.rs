//! All changes of one text.

use super::{Edit, TextRange, TextSize, bytes, size};

/// Edits of one text.
///
/// Invariant: sorted by position and disjoint. Two edits may touch; two insertions at one offset
/// keep the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextEdit {
    edits: Vec<Edit>,
}

/// Two edits want the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two edits overlap, at bytes {first:?} and {second:?}")]
pub struct OverlapError {
    /// Where the first one applies.
    pub first: TextRange,
    /// Where the second one applies.
    pub second: TextRange,
}

impl TextEdit {
    /// Sorts `edits` and checks that they are disjoint. Equal replacements count once.
    ///
    /// # Errors
    /// Two edits overlap. An insertion strictly inside another edit's range overlaps; one at its
    /// start or end does not.
    pub fn new(mut edits: Vec<Edit>) -> Result<Self, OverlapError> {
        edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        edits.dedup_by(|b, a| a == b && !a.range.is_empty());
        for pair in edits.windows(2) {
            if let [a, b] = pair
                && a.range.end() > b.range.start()
            {
                return Err(OverlapError { first: a.range, second: b.range });
            }
        }
        Ok(Self { edits })
    }

    /// The edits, in order.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The text with all edits made.
    ///
    /// Edits that fall outside `text` or inside a character are left out; they cannot come from a
    /// parse of `text`.
    pub fn apply(&self, text: &str) -> String {
        let added: usize = self.edits.iter().map(|edit| edit.text.len()).sum();
        let mut result = String::with_capacity(text.len() + added);
        let mut copied = 0;
        for edit in &self.edits {
            let range = bytes(edit.range);
            let Some(kept) = text.get(copied..range.start) else { continue };
            if !text.is_char_boundary(range.end) {
                continue;
            }
            result.push_str(kept);
            result.push_str(&edit.text);
            copied = range.end;
        }
        result.push_str(text.get(copied..).unwrap_or_default());
        result
    }

    /// Where `offset` of the old text is in the new one, or `None` where it is inside a replaced
    /// range. An insertion at `offset` comes before it.
    pub fn map_offset(&self, offset: TextSize) -> Option<TextSize> {
        let mut shift = 0_i64;
        for edit in &self.edits {
            if edit.range.start() > offset {
                break;
            }
            let inside = edit.range.contains(offset) && !edit.range.is_empty();
            if inside && edit.range.start() < offset {
                return None;
            }
            if inside {
                // The first replaced character has no place of its own in the new text.
                return None;
            }
            shift += len(&edit.text) - i64::from(u32::from(edit.range.len()));
        }
        moved(offset, shift)
    }

    /// Where `range` of the old text is in the new one, or `None` where an edit touches the inside
    /// of it.
    pub fn map_range(&self, range: TextRange) -> Option<TextRange> {
        let mut shift = 0_i64;
        for edit in &self.edits {
            if edit.range.start() >= range.end() && edit.range != range {
                break;
            }
            if edit.range.end() <= range.start() {
                shift += len(&edit.text) - i64::from(u32::from(edit.range.len()));
            } else {
                return None;
            }
        }
        Some(TextRange::new(moved(range.start(), shift)?, moved(range.end(), shift)?))
    }

    /// Where each edit's new text is in the new text.
    pub fn new_ranges(&self) -> Vec<TextRange> {
        let mut shift = 0_i64;
        let mut ranges = Vec::with_capacity(self.edits.len());
        for edit in &self.edits {
            let start = moved(edit.range.start(), shift).unwrap_or_default();
            ranges.push(TextRange::at(start, size(edit.text.len())));
            shift += len(&edit.text) - i64::from(u32::from(edit.range.len()));
        }
        ranges
    }
}

fn len(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

fn moved(offset: TextSize, shift: i64) -> Option<TextSize> {
    u32::try_from(i64::from(u32::from(offset)) + shift).ok().map(TextSize::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u32, end: u32) -> TextRange {
        TextRange::new(start.into(), end.into())
    }

    #[test]
    fn edits_are_made_left_to_right_whatever_order_they_were_given_in() {
        let edit = TextEdit::new(vec![
            Edit::replace(range(4, 7), "B"),
            Edit::replace(range(0, 3), "AAAA"),
        ])
        .unwrap();
        assert_eq!(edit.apply("one two three"), "AAAA B three");
        assert_eq!(edit.map_range(range(8, 13)), Some(range(7, 12)));
        assert_eq!(edit.map_range(range(3, 4)), Some(range(4, 5)));
        assert_eq!(edit.map_range(range(3, 5)), None);
        assert_eq!(edit.map_range(range(0, 3)), None);
        assert_eq!(edit.new_ranges(), [range(0, 4), range(5, 6)]);
    }

    #[test]
    fn an_insertion_inside_a_replacement_overlaps_and_one_beside_it_does_not() {
        let replace = Edit::replace(range(2, 5), "x");
        assert!(TextEdit::new(vec![replace.clone(), Edit::insert(3.into(), "y")]).is_err());
        for offset in [2, 5] {
            let both = vec![replace.clone(), Edit::insert(offset.into(), "y")];
            assert!(TextEdit::new(both).is_ok(), "{offset}");
        }
    }

    #[test]
    fn insertions_at_one_offset_keep_their_order() {
        let edit =
            TextEdit::new(vec![Edit::insert(1.into(), "x"), Edit::insert(1.into(), "y")]).unwrap();
        assert_eq!(edit.apply("ab"), "axyb");
        assert_eq!(edit.map_offset(1.into()), Some(3.into()));
        assert_eq!(edit.map_offset(0.into()), Some(0.into()));
    }

    #[test]
    fn an_edit_inside_a_character_is_left_out() {
        let edit = TextEdit::new(vec![Edit::replace(range(1, 2), "x")]).unwrap();
        assert_eq!(edit.apply("é!"), "é!");
    }
}
