//! Comments above a line, and whether they speak of it (rules 17 and 25).

use crate::text::TextSize;

use super::draft::{Draft, Kind};
use super::pragma::{self, indent};

/// A comment block that is at least this long, at the top of a file, speaks of the file.
const HEADER_LINES: usize = 3;

impl Draft<'_> {
    /// The comments that touch the row `row` from above and speak of it: the first one's row, or
    /// `row` where there are none.
    ///
    /// Comments to tools, licences and other headers of the file speak of more than the next line.
    pub(super) fn attached(&self, row: usize) -> usize {
        let own = indent(self.line(row)).trim_start_matches('\x0c').to_owned();
        let mut first = row;
        let mut count = 0;
        // Lines that are gone stood between: what is above them touched them, not this row.
        while let Some(above) = first.checked_sub(1) {
            let line = self.line(above);
            let comment = line.trim();
            // A new comment line was kept from a statement that went.
            let is_old = self.row(above).is_some_and(|row| row.new.is_none());
            if self.kind(above) != Some(Kind::Comment)
                || !is_old
                || indent(line) != own
                || comment.starts_with("#!")
                || pragma::is_directive(comment)
            {
                break;
            }
            if pragma::is_header(comment) {
                return row;
            }
            first = above;
            count += 1;
        }
        let above = self.above(first);
        let reaches_top = above.is_none_or(|above| {
            self.kind(above) == Some(Kind::Comment) && self.above(above).is_none()
        });
        if count >= HEADER_LINES && reaches_top { row } else { first }
    }

    /// The first of the comments directly above the row `row`, of whatever kind, or `row`.
    pub(super) fn comments_above(&self, row: usize) -> usize {
        let mut first = row;
        while let Some(above) = self.above(first)
            && self.kind(above) == Some(Kind::Comment)
        {
            first = above;
        }
        first
    }

    /// The white space at the start of the line that holds `offset`.
    pub(super) fn indent_at(&self, offset: TextSize) -> String {
        indent(self.line(self.row_at(offset))).trim_start_matches('\x0c').to_owned()
    }
}
