//! Blank lines between imports and around them (rules 15 and 18).

use crate::config::python_style::{ImportStyle, Section};

use super::draft::{Draft, Kind};
use super::section::Sections;

/// An import as far as the blank lines around it are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Side {
    /// Its section.
    pub(super) section: Section,
    /// It is a `from` statement.
    pub(super) is_from: bool,
    /// A comment stands directly above it.
    pub(super) has_comment: bool,
}

/// How many blank lines stand between two imports that follow each other in a run.
///
/// `is_separated` is false where the file puts no blank lines between its sections.
pub(super) fn between(
    style: &ImportStyle,
    sections: &Sections,
    above: &Side,
    below: &Side,
    is_separated: bool,
) -> usize {
    let comment = usize::from(below.has_comment && style.blank_before_comments);
    if sections.rank(&above.section) != sections.rank(&below.section) {
        let has_line = is_separated && !style.no_lines_before.contains(&below.section);
        return usize::from(has_line).max(comment);
    }
    let types =
        if are_together(style, sections, above, below) { 0 } else { style.lines_between_types };
    types + comment
}

/// Whether no convention puts a blank line between two imports: they are of one section, and of
/// one form where forms are kept apart.
pub(super) fn are_together(
    style: &ImportStyle,
    sections: &Sections,
    above: &Side,
    below: &Side,
) -> bool {
    let has_types = style.lines_between_types > 0 && !style.force_sort_within_sections;
    sections.rank(&above.section) == sections.rank(&below.section)
        && (above.is_from == below.is_from || !has_types)
}

/// Makes the blank lines directly above the row `below` exactly `wanted`, where nothing else
/// stands between it and the row `above`; otherwise only adds what is missing.
///
/// `may_remove` is false where blank lines that are there must stay.
pub(super) fn set(draft: &mut Draft, above: usize, below: usize, wanted: usize, may_remove: bool) {
    let blanks = draft.blanks_above(below);
    let is_direct =
        blanks.last().copied().map_or(draft.above(below), |top| draft.above(top)) == Some(above);
    if blanks.len() > wanted && may_remove && is_direct {
        for row in blanks.iter().skip(wanted) {
            draft.remove(*row);
        }
    }
    for _ in blanks.len()..wanted {
        draft.insert(below, Kind::Blank, "");
    }
}
