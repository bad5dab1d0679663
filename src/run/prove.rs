//! The proof of a file's result, before it is part of a plan.

use crate::matching::mentions::Mentions;
use crate::matching::relevance::KnownNames;
use crate::matching::{Targets, find};
use crate::plan::verify::{Changes, Inserted, verify};
use crate::project::Analysis;
use crate::resolve::Origin;
use crate::resolve::Resolver;
use crate::rewrite::{Draft, FileEdits, Part, draft};
use crate::text::{TextEdit, TextRange, slice};
use std::sync::Arc;

use super::outline::{Outline, Worth};

/// How much of a result is read to prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// All of it: for results that are written.
    Whole,
    /// Its [outline](super::outline) where that suffices, else all of it: for results that are
    /// listed or shown.
    Outline(Worth),
}

impl Reading {
    /// For results that are listed or shown.
    pub fn to_show() -> Self {
        Self::Outline(Worth::default())
    }
}

/// What a run knows when it proves results.
#[derive(Clone, Copy)]
pub struct Prover<'a> {
    /// The project.
    pub resolver: &'a Resolver<'a, 'a>,
    /// What is looked for.
    pub targets: &'a Targets,
    /// The names under which the targets are known in any module.
    pub known: &'a KnownNames,
    /// How much is read.
    pub reading: Reading,
}

impl Prover<'_> {
    /// Proves that `new` is right, as [`prove_result`] does, and that another run would find
    /// nothing to do.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn prove(&self, draft: &Draft, made: &FileEdits, new: &[u8]) -> Result<(), String> {
        if let Reading::Outline(worth) = self.reading
            && self.by_outline(draft, made, new, worth).is_some()
        {
            debug_assert_eq!(
                self.whole(draft, made, new),
                Ok(()),
                "{}",
                draft.analysis.source.path
            );
            return Ok(());
        }
        self.whole(draft, made, new)
    }

    fn whole(&self, draft: &Draft, made: &FileEdits, new: &[u8]) -> Result<(), String> {
        let result = prove_result(self.resolver, draft, made, new)?;
        is_done(self.resolver, self.targets, self.known, draft, result)
    }

    /// Proves the result by its outline; `None` where that proves nothing, of a right result or a
    /// wrong one.
    ///
    /// That nothing is left to do in the bodies that are cut out is known only where no site of
    /// the file is left as it is, and where what is looked for is found by the names themselves.
    fn by_outline(&self, draft: &Draft, made: &FileEdits, new: &[u8], worth: Worth) -> Option<()> {
        let is_rewritten = draft.decisions.iter().all(|decision| decision.change.is_some());
        if !is_rewritten || !draft.retargets.is_empty() || !self.targets.rules.is_empty() {
            return None;
        }
        let old = &draft.analysis;
        let outline = Outline::new(old, &made.edits, worth)?;
        same_outside(old, made, new).ok()?;
        let text = outline.edits.apply(&old.source.text);
        let bytes = old.source.encoding.encode(&text)?;
        let result = Analysis::new(&old.source.path, &bytes).ok()?;
        let new_ranges = outline.edits.new_ranges();
        let ranges: Vec<TextRange> = (0..)
            .zip(&made.labelled)
            .map_while(|(place, labelled)| {
                new_ranges.get(outline.place(place, labelled.edit.range.start())).copied()
            })
            .collect();
        compare(self.resolver, draft, made, &outline.edits, &ranges, &result).ok()?;
        if !outline.covers(old, &result) {
            return None;
        }
        is_done(self.resolver, self.targets, self.known, draft, result).ok()
    }
}

/// Proves that `new` parses, that every name in it means what it should, and that the bytes
/// outside the edits are the same.
///
/// # Errors
/// What is wrong, as a sentence.
pub fn prove_result(
    resolver: &Resolver<'_, '_>,
    draft: &Draft,
    made: &FileEdits,
    new: &[u8],
) -> Result<Analysis, String> {
    let old = &draft.analysis;
    same_outside(old, made, new)?;
    let result = Analysis::new(&old.source.path, new).map_err(|failure| {
        format!("line {} of the result: {}", failure.position.line, failure.message)
    })?;
    compare(resolver, draft, made, &made.edits, &made.edits.new_ranges(), &result)?;
    Ok(result)
}

/// Proves that every name in `result`, which `edits` make, means what it should; `new_ranges` says
/// where the texts of `made`'s edits are in it.
fn compare(
    resolver: &Resolver<'_, '_>,
    draft: &Draft,
    made: &FileEdits,
    edits: &TextEdit,
    new_ranges: &[TextRange],
    result: &Analysis,
) -> Result<(), String> {
    let old = &draft.analysis;
    let inserted: Vec<Inserted<'_>> = made
        .labelled
        .iter()
        .zip(new_ranges)
        .filter_map(|(labelled, &range)| {
            let decision = labelled.decision?;
            let change = draft.decisions.get(decision)?.change.as_ref()?;
            Some(Inserted { range, old: change.range, decision, wanted: &change.wanted })
        })
        .collect();
    let moved: Vec<(TextRange, TextRange)> = made
        .copies
        .iter()
        .filter_map(|copy| {
            let range = new_ranges.get(copy.edit)?;
            Some((copy.old, copy.new.checked_add(range.start())?))
        })
        .collect();
    let wanted: Vec<_> = draft
        .decisions
        .iter()
        .filter_map(|decision| decision.change.as_ref())
        .flat_map(|change| &change.wanted)
        .collect();
    let migrated: Vec<(TextRange, &Origin)> = draft
        .decisions
        .iter()
        .filter_map(|decision| decision.change.as_ref())
        .filter_map(|change| match change.parts.as_slice() {
            [Part::Literal(text)] if text == slice(&old.source.text, change.range) => {
                Some((change.range, change.wanted.first()?))
            }
            _ => None,
        })
        .collect();
    let changes =
        Changes { edits, moved: &moved, inserted: &inserted, wanted: &wanted, migrated: &migrated };
    verify(resolver, draft.file, old, result, &changes)
}

/// The new file is the old one with the edits made, byte for byte.
fn same_outside(old: &Analysis, made: &FileEdits, new: &[u8]) -> Result<(), String> {
    let encoding = old.source.encoding;
    let mut rest = new.get(encoding.prefix_len()..).unwrap_or_default();
    let mut copied = crate::text::TextSize::default();
    let text = &old.source.text;
    let end = crate::text::TextLen::text_len(text.as_str());
    let edits = made.edits.edits();
    let last = crate::text::Edit::insert(end, "");
    let prefix = encoding.prefix_len();
    for edit in edits.iter().chain(std::iter::once(&last)) {
        let kept = TextRange::new(copied, edit.range.start());
        for part in [slice(text, kept), &edit.text] {
            let bytes = encoding.encode(part).unwrap_or_default();
            let bytes = bytes.get(prefix..).unwrap_or_default();
            rest = rest.strip_prefix(bytes).ok_or("bytes outside the edits would change")?;
        }
        copied = edit.range.end();
    }
    if rest.is_empty() { Ok(()) } else { Err("bytes outside the edits would change".to_owned()) }
}

/// Another run would change nothing.
fn is_done(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    known: &KnownNames,
    done: &Draft,
    result: Analysis,
) -> Result<(), String> {
    let mentions = Mentions::new(&[]);
    let result = Arc::new(result);
    let project = resolver.project().with(done.file, Arc::clone(&result));
    let resolver = &resolver.over(&project);
    let sites = find(resolver, targets, known, &mentions, done.file, &result);
    let again = draft(resolver, targets, done.file, &result, &sites, &done.accept);
    match again.decisions.iter().find(|decision| decision.change.is_some()) {
        None => Ok(()),
        Some(decision) => {
            let line = result.lines().position(decision.range.start()).line;
            Err(format!(
                "another run would change line {line} of the result again: it is what the \
                 transform `{}` looks for",
                decision.transform
            ))
        }
    }
}
