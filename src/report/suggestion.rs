//! A suggested change as a changed line.
//!
//! A site knows one line of its file, so only changes within that line can be shown and located;
//! of others, reports say in words what they do.

use crate::site::Site;
use crate::text::{Edit, TextSize, size};

/// A change within a site's source line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineEdit<'a> {
    /// The bytes of the line that are replaced.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// What takes their place.
    pub text: &'a str,
}

/// The edits of a site's suggestion, where all of them are within its source line and none breaks
/// it; `None` where there are none.
pub fn on_the_line(site: &Site) -> Option<Vec<LineEdit<'_>>> {
    let edits = &site.suggestion.as_ref()?.edits;
    let line_start = line_start(site)?;
    let mut found: Vec<LineEdit<'_>> =
        edits.iter().map(|edit| within(site, line_start, edit)).collect::<Option<_>>()?;
    found.sort_by_key(|edit| (edit.start, edit.end));
    let is_disjoint = found.windows(2).all(|pair| match pair {
        [first, second] => first.end <= second.start,
        _ => true,
    });
    (!found.is_empty() && is_disjoint).then_some(found)
}

/// The offset of the line's first character in the decoded text.
fn line_start(site: &Site) -> Option<TextSize> {
    let before = usize::try_from(site.start.column.saturating_sub(1)).ok()?;
    if site.source_line.chars().count() < before {
        return None;
    }
    let bytes: usize = site.source_line.chars().take(before).map(char::len_utf8).sum();
    site.range.start().checked_sub(size(bytes))
}

fn within<'a>(site: &Site, line_start: TextSize, edit: &'a Edit) -> Option<LineEdit<'a>> {
    let start = usize::from(edit.range.start().checked_sub(line_start)?);
    let end = usize::from(edit.range.end().checked_sub(line_start)?);
    site.source_line.get(start..end)?;
    (!edit.text.contains(['\r', '\n'])).then_some(LineEdit { start, end, text: &edit.text })
}
