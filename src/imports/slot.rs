//! Where in a run of imports a new one belongs (rules 13 to 15).
//!
//! Looks at entries only; lines are the business of `place`.

use crate::config::python_style::Section;

use super::context::Ctx;
use super::gap::{self, Side};
use super::order::{Order, Sortable};

/// An import of a run.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its first and last row.
    pub(super) rows: (usize, usize),
    /// What it imports.
    pub(super) import: Sortable,
    /// Its section and form.
    pub(super) side: Side,
    /// Its top-level package.
    pub(super) top_level: String,
    /// Blank lines or other lines stand between it and the entry above.
    pub(super) begins_paragraph: bool,
}

/// A place among the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// The index of the entry that comes below.
    pub(super) index: usize,
    /// It comes first in a paragraph of its section, and the blank line stays above it.
    pub(super) begins_paragraph: bool,
    /// Why there.
    pub(super) why: &'static str,
}

impl Slot {
    pub(super) fn new(index: usize, why: &'static str) -> Self {
        Self { index, begins_paragraph: false, why }
    }
}

/// The slot for `new`; `instead` is the index at which a statement stood that `new` replaces.
pub(super) fn find(ctx: &Ctx, entries: &[Entry], new: &Entry, instead: Option<usize>) -> Slot {
    let rank = |entry: &Entry| ctx.sections.rank(&entry.side.section);
    let own_rank = rank(new);
    let is_sectioned = entries.is_sorted_by_key(rank);
    let own_module =
        |entry: &Entry| entry.import.from.is_some() && entry.import.from == new.import.from;
    let same_module = entries.iter().rposition(own_module);
    let same_package = entries.iter().rposition(|entry| entry.top_level == new.top_level);
    let near = same_module.or(same_package);
    let (start, end) = if is_sectioned {
        let start = entries.partition_point(|entry| rank(entry) < own_rank);
        let end = entries.partition_point(|entry| rank(entry) <= own_rank);
        if start == end {
            return Slot::new(start, "in a section of its own");
        }
        (start, end)
    } else if let Some(near) = near {
        paragraph(entries, near)
    } else if let Some(near) = entries.iter().rposition(|entry| rank(entry) == own_rank) {
        let same = |entry: &&Entry| rank(entry) == own_rank;
        let before = entries.get(..near).unwrap_or_default().iter().rev().take_while(same).count();
        (near - before, near + 1)
    } else {
        let end = instead.unwrap_or(entries.len());
        return Slot::new(end, "at the end of the imports, which are in no order");
    };
    let narrowed = sorted_paragraph(ctx, entries, (start, end), near);
    let (start, end) = narrowed.unwrap_or((start, end));
    let group = entries.get(start..end).unwrap_or_default();
    let order = match narrowed {
        Some(_) => ctx.orders.first().copied(),
        None => convention(ctx, entries, group),
    };
    if let Some(order) = order {
        let key = order.statement(&new.import, &new.side.section);
        let above = group
            .iter()
            .rposition(|entry| order.statement(&entry.import, &entry.side.section) <= key);
        let index = start + above.map_or(0, |above| above + 1);
        let is_own = |at: usize| entries.get(at).is_some_and(|one| one.top_level == new.top_level);
        let begins_paragraph = entries.get(index).is_some_and(|below| below.begins_paragraph)
            && is_own(index)
            && !index.checked_sub(1).is_some_and(is_own);
        return Slot { begins_paragraph, ..Slot::new(index, "in its sorted place") };
    }
    if let Some(instead) = instead.filter(|instead| (start..=end).contains(instead)) {
        return Slot::new(instead, "in the place of the import that goes");
    }
    let is_there = |near: &usize| (start..end).contains(near);
    match (same_module.filter(is_there), same_package.filter(is_there)) {
        // Others may ask for the name while an import further down runs.
        (Some(near), _) => Slot::new(near + 1, "beside the import of the same module"),
        (None, Some(near)) => Slot::new(near + 1, "next to imports of the same package"),
        (None, None) => Slot::new(end, "at the end of its section, which is in no order"),
    }
}

/// The paragraph of the new import's module or package, where the configured order holds in each
/// paragraph of the section and either not across them or no convention would put blank lines
/// between them: whoever sorted the file took them for sections.
fn sorted_paragraph(
    ctx: &Ctx,
    entries: &[Entry],
    (start, end): (usize, usize),
    near: Option<usize>,
) -> Option<(usize, usize)> {
    let near = near.filter(|near| (start..end).contains(near))?;
    let order = ctx.orders.first()?;
    let group = entries.get(start..end)?;
    let mut paragraphs = group.chunk_by(|_, below| !below.begins_paragraph);
    // Ex) `blank_before_comments`, lines between `import` and `from`
    let may_be_parted = |above: &Entry, below: &Entry| {
        !gap::are_together(ctx.style, &ctx.sections, &above.side, &below.side)
            || below.side.has_comment
    };
    let is_parted = group.windows(2).any(|two| {
        matches!(two, [above, below] if below.begins_paragraph && !may_be_parted(above, below))
    });
    let is_so =
        (is_parted || !is_sorted(order, group)) && paragraphs.all(|one| is_sorted(order, one));
    let (from, to) = paragraph(entries, near);
    is_so.then_some((from.max(start), to.min(end)))
}

/// The convention that sorts every section, or at least `group`.
pub(super) fn convention<'a>(
    ctx: &Ctx<'a>,
    entries: &[Entry],
    group: &[Entry],
) -> Option<Order<'a>> {
    let is_sectioned = entries.is_sorted_by_key(|entry| ctx.sections.rank(&entry.side.section));
    let sorts_all = |order: &&Order| {
        entries
            .chunk_by(|a, b| a.side.section == b.side.section)
            .all(|section: &[Entry]| is_sorted(order, section))
    };
    ctx.orders
        .iter()
        .find(|order| is_sectioned && sorts_all(order))
        .or_else(|| ctx.orders.iter().find(|order| is_sorted(order, group)))
        .copied()
}

/// `entries`, all of one section, are in this order.
pub(super) fn is_sorted(order: &Order, entries: &[Entry]) -> bool {
    entries.is_sorted_by_key(|entry| order.statement(&entry.import, &entry.side.section))
}

/// The entries around `near` without blank lines between them.
fn paragraph(entries: &[Entry], near: usize) -> (usize, usize) {
    let start = entries
        .get(..=near)
        .unwrap_or_default()
        .iter()
        .rposition(|entry| entry.begins_paragraph)
        .unwrap_or(0);
    let end = entries
        .get(near + 1..)
        .unwrap_or_default()
        .iter()
        .position(|entry| entry.begins_paragraph)
        .map_or(entries.len(), |offset| near + 1 + offset);
    (start, end)
}

/// The side of an import in `section`.
pub(super) fn side(section: Section, import: &Sortable, has_comment: bool) -> Side {
    Side { section, is_from: import.from.is_some(), has_comment }
}
