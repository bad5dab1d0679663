//! The proof of a file's result, before it is part of a plan.

use crate::matching::mentions::Mentions;
use crate::matching::relevance::KnownNames;
use crate::matching::{Targets, find};
use crate::plan::verify::{Changes, Inserted, verify};
use crate::project::Analysis;
use crate::resolve::Origin;
use crate::resolve::Resolver;
use crate::rewrite::{Draft, FileEdits, Part, draft};
use crate::text::{TextRange, slice};
use std::sync::Arc;

/// Proves that `new` is right, as [`prove_result`] does, and that another run would find nothing
/// to do.
///
/// # Errors
/// What is wrong, as a sentence.
pub fn prove(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    known: &KnownNames,
    draft: &Draft,
    made: &FileEdits,
    new: &[u8],
) -> Result<(), String> {
    let result = prove_result(resolver, draft, made, new)?;
    is_done(resolver, targets, known, draft, result)
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
    let result = Analysis::new(&old.source.path, new.to_vec()).map_err(|failure| {
        format!("line {} of the result: {}", failure.position.line, failure.message)
    })?;
    let new_ranges = made.edits.new_ranges();
    let inserted: Vec<Inserted<'_>> = made
        .labelled
        .iter()
        .zip(&new_ranges)
        .filter_map(|(labelled, &range)| {
            let decision = labelled.decision?;
            let change = draft.decisions.get(decision)?.change.as_ref()?;
            Some(Inserted { range, decision, wanted: &change.wanted })
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
    let changes = Changes {
        edits: &made.edits,
        moved: &moved,
        inserted: &inserted,
        wanted: &wanted,
        migrated: &migrated,
    };
    verify(resolver, draft.file, old, &result, &changes)?;
    Ok(result)
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
    let again = draft(resolver, targets, done.file, &result, &sites, &[]);
    match again.decisions.iter().find(|decision| decision.change.is_some()) {
        None => Ok(()),
        Some(decision) => {
            let line = result.lines.position(decision.range.start()).line;
            Err(format!(
                "another run would change line {line} of the result again: it is what the \
                 transform `{}` looks for",
                decision.transform
            ))
        }
    }
}
