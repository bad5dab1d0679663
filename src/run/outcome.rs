//! Decisions as the sites and notes that reports and patches show.

use std::ops::Range;

use crate::fs::ProjectPath;
use crate::project::{Analysis, Failure};
use crate::rewrite::{Decision, Draft, FileEdits};
use crate::site::{Reason, Site, SiteKind, Suggestion, Verdict};
use crate::text::{TextRange, TextSize};

/// The sites of a draft, for people.
///
/// `suggestions` has one for each decision.
pub fn sites(
    draft: &Draft,
    tier: Option<usize>,
    suggestions: Vec<Option<Suggestion>>,
) -> Vec<Site> {
    let decided = draft.decisions.iter().zip(suggestions);
    decided.map(|(decision, suggestion)| site(draft, tier, decision, suggestion)).collect()
}

fn site(
    draft: &Draft,
    tier: Option<usize>,
    decision: &Decision,
    suggestion: Option<Suggestion>,
) -> Site {
    let analysis = &draft.analysis;
    let start = analysis.lines().position(decision.range.start());
    Site {
        path: analysis.source.path.clone(),
        range: decision.range,
        start,
        end: analysis.lines().position(decision.range.end()),
        source_line: analysis.lines().line_text(start.line).to_owned(),
        transform: decision.transform.clone(),
        symbol: decision.symbol.clone(),
        kind: decision.kind,
        tier,
        verdict: decision.verdict,
        reason: decision.reason,
        message: decision.message.clone(),
        suggestion,
        chain: decision.chain.clone(),
    }
}

/// The site that stands for a file which mentions a target and cannot be analysed.
pub fn unparsed(
    path: &ProjectPath,
    failure: &Failure,
    (transform, symbol): (String, String),
    tier: Option<usize>,
) -> Site {
    Site {
        path: path.clone(),
        range: TextRange::empty(TextSize::default()),
        start: failure.position,
        end: failure.position,
        source_line: failure.source_line.clone(),
        transform,
        symbol,
        kind: SiteKind::Class,
        tier,
        verdict: Verdict::Review,
        reason: Reason::DoesNotParse,
        message: failure.message.clone(),
        suggestion: None,
        chain: Vec::new(),
    }
}

/// What the patch says of a file's hunks: for each edit its lines, and the transform, the verdict
/// and, where it is not the plain one, the reason.
pub fn notes(draft: &Draft, edits: &FileEdits) -> Vec<(Range<u32>, String)> {
    let some_transform = draft
        .decisions
        .iter()
        .find(|decision| decision.change.is_some())
        .map_or("", |decision| decision.transform.as_str());
    edits
        .labelled
        .iter()
        .map(|labelled| {
            let lines = lines(&draft.analysis, labelled.edit.range);
            let decision = labelled.decision.and_then(|index| draft.decisions.get(index));
            let text = match decision {
                Some(decision) if decision.reason == Reason::DirectInstantiation => {
                    format!("{}: {}", decision.transform, decision.verdict)
                }
                Some(decision) if decision.reason == Reason::MockTarget => format!(
                    "{}: {}, {} retargeted",
                    decision.transform, decision.verdict, decision.reason
                ),
                Some(decision) => format!(
                    "{}: {}, {} accepted",
                    decision.transform, decision.verdict, decision.reason
                ),
                None => format!("{some_transform}: import"),
            };
            (lines, text)
        })
        .collect()
}

/// The lines of a range, counted from 1; the end is exclusive.
fn lines(analysis: &Analysis, range: TextRange) -> Range<u32> {
    let first = analysis.lines().position(range.start()).line;
    let last = analysis.lines().position(range.end()).line;
    first..last + 1
}
