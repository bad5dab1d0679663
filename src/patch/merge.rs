//! Two sets of edits of one text, made together.
//!
//! Edits that lie apart, or side by side, are both made. Edits of the same units are made together
//! where they turn out to concern different words of them; anything else is a [`Clash`], and then
//! there is no result at all.

use super::lines::{Block, blocks, joined, lines};

/// A place where both sides want something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The first line of it in our text, counted from 1.
    pub line: usize,
    /// What we have there.
    pub ours: Vec<u8>,
    /// What it came from.
    pub base: Vec<u8>,
    /// What the other side has.
    pub theirs: Vec<u8>,
}

/// Knows how texts are cut into units, and how a clash of units may still be settled.
pub trait Grain {
    /// The parts of `text` that edits replace as a whole; together they are `text`.
    fn split<'a>(&self, text: &'a [u8]) -> Vec<&'a [u8]>;
    /// Whether something put in behind a unit comes after whatever that unit becomes. Otherwise two
    /// edits that touch may have no certain order.
    fn is_ordered(&self) -> bool;
    /// Both sides' edits of these units in one, where that is certain.
    fn settle(&self, base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>>;
}

/// Plain lines, with single words as the second try.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lines;

impl Grain for Lines {
    fn split<'a>(&self, text: &'a [u8]) -> Vec<&'a [u8]> {
        lines(text)
    }

    fn is_ordered(&self) -> bool {
        false
    }

    fn settle(&self, base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
        word_by_word(base, ours, theirs)
    }
}

/// Both sides' edits of a few lines, where they concern different words.
///
/// All three have as many lines, and each of them is much like its base, or else nobody can say
/// which belongs to which. A word that the other side replaces must be as frequent in our text as in the base, and so must
/// the neighbours of one that it inserts: otherwise nobody can say which of ours was meant.
pub fn word_by_word(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let (from, mine, to) = (lines(base), lines(ours), lines(theirs));
    if from.len() != mine.len() || from.len() != to.len() {
        return None;
    }
    let mut merged = Vec::with_capacity(ours.len());
    for ((base, ours), theirs) in from.into_iter().zip(mine).zip(to) {
        merged.extend(words_of_a_line(base, ours, theirs)?);
    }
    Some(merged)
}

fn words_of_a_line(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let (from, to, mine) = (Words.split(base), Words.split(theirs), Words.split(ours));
    if !is_like(&from, &to) || !is_like(&from, &mine) {
        return None;
    }
    let count = |units: &[&[u8]], word: &[u8]| units.iter().filter(|unit| **unit == word).count();
    let certain = blocks(&from, &to).iter().all(|block| {
        let around = if block.old.is_empty() {
            block.old.start.saturating_sub(1)..block.old.end + 1
        } else {
            block.old.clone()
        };
        let around = around.start..around.end.min(from.len());
        let mut words = from.get(around).unwrap_or_default().iter().filter(|unit| has_word(unit));
        words.all(|word| count(&from, word) == count(&mine, word))
    });
    if certain { merge(base, ours, theirs, &Words).ok() } else { None }
}

/// Words, runs of white space and single other characters.
#[derive(Debug, Clone, Copy, Default)]
pub struct Words;

impl Grain for Words {
    fn split<'a>(&self, text: &'a [u8]) -> Vec<&'a [u8]> {
        text.chunk_by(|a, b| {
            (is_word(*a) && is_word(*b)) || (a.is_ascii_whitespace() && b.is_ascii_whitespace())
        })
        .collect()
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn settle(&self, _: &[u8], _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// Whether at least half of the words stay.
fn is_like(from: &[&[u8]], to: &[&[u8]]) -> bool {
    let words = |units: &[&[u8]]| units.iter().filter(|unit| has_word(unit)).count();
    let gone: usize = blocks(from, to)
        .into_iter()
        .map(|block| words(from.get(block.old).unwrap_or_default()))
        .sum();
    2 * gone <= words(from)
}

fn has_word(unit: &[u8]) -> bool {
    unit.iter().any(|byte| is_word(*byte))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// `ours` with the edits that lead from `base` to `theirs`.
///
/// # Errors
/// Every place where that cannot be done for certain.
pub fn merge(
    base: &[u8],
    ours: &[u8],
    theirs: &[u8],
    grain: &dyn Grain,
) -> Result<Vec<u8>, Vec<Clash>> {
    let units =
        Sides { base: grain.split(base), ours: grain.split(ours), theirs: grain.split(theirs) };
    let mut edits: Vec<Edit> = Vec::new();
    for side in [Side::Ours, Side::Theirs] {
        for block in blocks(&units.base, units.of(side)) {
            let edit = (side, block);
            if grain.is_ordered() || !units.is_in_place(&edit) {
                edits.push(edit);
            } else {
                edits.extend(one_by_one(edit));
            }
        }
    }
    edits.sort_by_key(|(_, block)| (block.old.start, block.old.end));

    let (mut merged, mut clashes) = (Vec::with_capacity(ours.len()), Vec::new());
    let mut at = 0;
    for group in groups(&units, edits, grain.is_ordered()) {
        let Some((start, end)) = extent(&group) else { continue };
        merged.extend(joined(&units.base, at..start));
        at = end;
        let ours = units.applied(Side::Ours, &group, start..end);
        let theirs = units.applied(Side::Theirs, &group, start..end);
        let base = joined(&units.base, start..end);
        if ours == theirs || theirs == base {
            merged.extend(ours);
        } else if ours == base {
            merged.extend(theirs);
        } else if let Some(settled) = grain.settle(&base, &ours, &theirs) {
            merged.extend(settled);
        } else {
            let before = units.ours_before(&group, start);
            let line = 1 + memchr::memchr_iter(b'\n', &before).count();
            clashes.push(Clash { line, ours, base, theirs });
        }
    }
    merged.extend(joined(&units.base, at..units.base.len()));
    if clashes.is_empty() { Ok(merged) } else { Err(clashes) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

type Edit = (Side, Block);

struct Sides<'a> {
    base: Vec<&'a [u8]>,
    ours: Vec<&'a [u8]>,
    theirs: Vec<&'a [u8]>,
}

impl<'a> Sides<'a> {
    fn of(&self, side: Side) -> &[&'a [u8]] {
        match side {
            Side::Ours => &self.ours,
            Side::Theirs => &self.theirs,
        }
    }

    fn new_units(&self, edit: &Edit) -> &[&'a [u8]] {
        self.of(edit.0).get(edit.1.new.clone()).unwrap_or_default()
    }

    /// The base units in `range`, with one side's edits of the group.
    fn applied(&self, side: Side, group: &[Edit], range: std::ops::Range<usize>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut at = range.start;
        for edit in group.iter().filter(|edit| edit.0 == side) {
            text.extend(joined(&self.base, at..edit.1.old.start));
            text.extend(self.new_units(edit).concat());
            at = edit.1.old.end;
        }
        text.extend(joined(&self.base, at..range.end));
        text
    }

    /// Our text up to where a group begins.
    fn ours_before(&self, group: &[Edit], start: usize) -> Vec<u8> {
        let end = group
            .iter()
            .find(|edit| edit.0 == Side::Ours)
            .map_or(0, |(_, block)| block.new.start.saturating_sub(block.old.start - start));
        joined(&self.ours, 0..end)
    }

    /// Whether two edits that touch have no certain order: what the other side puts in between our
    /// units may belong before or after what we put there, unless ours are the same units still.
    fn is_unordered(&self, one: &Edit, other: &Edit) -> bool {
        let (ours, theirs) = if one.0 == Side::Ours { (one, other) } else { (other, one) };
        let both_grow = grows(&ours.1) && grows(&theirs.1) && !ours.1.old.is_empty();
        both_grow || (theirs.1.old.is_empty() && !self.is_in_place(ours))
    }

    /// Only removes, or puts something much like it in the place of each unit.
    fn is_in_place(&self, edit: &Edit) -> bool {
        let (from, to) = (self.base.get(edit.1.old.clone()), self.new_units(edit));
        let from = from.unwrap_or_default();
        let like = |(from, to): (&&[u8], &&[u8])| is_like(&Words.split(from), &Words.split(to));
        to.is_empty() || (from.len() == to.len() && from.iter().zip(to).all(like))
    }

    /// Both put the same word or line in: two edits that touch may then be one and the same.
    fn share_text(&self, one: &Edit, other: &Edit) -> bool {
        let mut words = self.new_units(one).iter().filter(|unit| has_word(unit));
        words.any(|unit| self.new_units(other).contains(unit))
    }
}

/// An edit that puts something like it in the place of each unit is as many edits as units.
fn one_by_one((side, block): Edit) -> Vec<Edit> {
    if block.new.is_empty() {
        return vec![(side, block)];
    }
    let single = |(old, new)| (side, Block { old: old..old + 1, new: new..new + 1 });
    block.old.zip(block.new).map(single).collect()
}

/// Edits that have to be looked at together, in order.
fn groups(units: &Sides<'_>, edits: Vec<Edit>, is_ordered: bool) -> Vec<Vec<Edit>> {
    let mut groups: Vec<Vec<Edit>> = Vec::new();
    for edit in edits {
        match groups.last_mut() {
            Some(group) if belongs(units, group, &edit, is_ordered) => group.push(edit),
            _ => groups.push(vec![edit]),
        }
    }
    groups
}

fn belongs(units: &Sides<'_>, group: &[Edit], edit: &Edit, is_ordered: bool) -> bool {
    let Some((start, end)) = extent(group) else { return false };
    let (_, block) = edit;
    let overlaps = block.old.start < end;
    let same_gap = start == end && block.old.is_empty() && block.old.start == start;
    let touches = block.old.start == end;
    let others = || group.iter().filter(|other| other.0 != edit.0);
    let alike = || others().any(|other| units.share_text(other, edit));
    let unordered = || others().any(|other| units.is_unordered(other, edit));
    overlaps || same_gap || (touches && (alike() || (!is_ordered && unordered())))
}

/// Puts in more than it takes out.
fn grows(block: &Block) -> bool {
    block.new.len() > block.old.len()
}

fn extent(group: &[Edit]) -> Option<(usize, usize)> {
    let start = group.first()?.1.old.start;
    let end = group.iter().map(|edit| edit.1.old.end).max()?;
    Some((start, end))
}
