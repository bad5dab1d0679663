//! All changes of one text.

use super::{Edit, TextRange, TextSize, bytes, size};

/// Edits of one text.
///
/// Invariant: sorted by position and disjoint. Two edits may touch; two insertions at one offset
/// keep the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextEdit {
    edits: Vec<Edit>,
    /// By how many bytes each edit and those before it move what follows.
    shifts: Vec<i64>,
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
        let mut shift = 0;
        let shifts = edits.iter().map(|edit| {
            shift += len(&edit.text) - i64::from(u32::from(edit.range.len()));
            shift
        });
        let shifts = shifts.collect();
        Ok(Self { edits, shifts })
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
    /// range: the first replaced character has no place of its own in the new text. An insertion
    /// at `offset` comes before it.
    pub fn map_offset(&self, offset: TextSize) -> Option<TextSize> {
        let before = self.edits.partition_point(|edit| edit.range.end() <= offset);
        if self.edits.get(before).is_some_and(|next| next.range.start() <= offset) {
            return None;
        }
        moved(offset, self.shift_after(before))
    }

    /// By how many bytes what follows the first `count` edits is moved.
    fn shift_after(&self, count: usize) -> i64 {
        count.checked_sub(1).and_then(|last| self.shifts.get(last).copied()).unwrap_or_default()
    }

    /// Where `range` of the old text is in the new one, or `None` where an edit touches the inside
    /// of it.
    pub fn map_range(&self, range: TextRange) -> Option<TextRange> {
        let before = self.edits.partition_point(|edit| edit.range.end() <= range.start());
        if self.edits.get(before).is_some_and(|next| next.range.start() < range.end()) {
            return None;
        }
        let shift = self.shift_after(before);
        Some(TextRange::new(moved(range.start(), shift)?, moved(range.end(), shift)?))
    }

    /// Where each edit's new text is in the new text.
    pub fn new_ranges(&self) -> Vec<TextRange> {
        let range = |(place, edit): (usize, &Edit)| {
            let start = moved(edit.range.start(), self.shift_after(place)).unwrap_or_default();
            TextRange::at(start, size(edit.text.len()))
        };
        self.edits.iter().enumerate().map(range).collect()
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
    use proptest::prelude::*;

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
        assert_eq!(edit.map_offset(3.into()), Some(4.into()));
        assert_eq!(edit.map_offset(4.into()), None);
        assert_eq!(edit.map_offset(6.into()), None);
        assert_eq!(edit.map_offset(7.into()), Some(6.into()));
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

    proptest! {
        #[test]
        fn what_no_edit_touches_is_found_where_it_is(
            gaps in prop::collection::vec((0..4_u32, 0..4_u32, "[xy]{0,5}"), 0..8),
            start in 0..40_u32,
            len in 0..6_u32,
        ) {
            let mut edits = Vec::new();
            let mut at = 0;
            for (gap, replaced, text) in gaps {
                let start = at + gap;
                at = start + replaced;
                edits.push(Edit::replace(range(start, at), text));
            }
            let text: String = ('a'..='z').cycle().take(60).collect();
            let touched = |edit: &Edit| {
                usize::from(edit.range.start()) < (start + len) as usize
                    && edit.range.end() > start.into()
            };
            let is_touched = edits.iter().any(touched);
            let edit = TextEdit::new(edits).unwrap();
            let kept = range(start, start + len);
            let image = edit.map_range(kept);
            prop_assert_eq!(image.is_none(), is_touched);
            if let Some(image) = image {
                let new = edit.apply(&text);
                prop_assert_eq!(new.get(bytes(image)), text.get(bytes(kept)));
            }
        }
    }

    #[test]
    fn an_edit_inside_a_character_is_left_out() {
        let edit = TextEdit::new(vec![Edit::replace(range(1, 2), "x")]).unwrap();
        assert_eq!(edit.apply("é!"), "é!");
    }
}
