//! Decisions as the sites and notes that reports and patches show.

use std::ops::Range;

use crate::fs::ProjectPath;
use crate::matching::Targets;
use crate::project::{Analysis, Failure};
use crate::rewrite::{Decision, Draft, FileEdits};
use crate::site::{Reason, Site, Verdict};
use crate::text::{TextRange, TextSize};

/// The sites of a draft, for people.
pub fn sites(draft: &Draft, targets: &Targets, tier: Option<usize>) -> Vec<Site> {
    draft.decisions.iter().map(|decision| site(draft, targets, tier, decision)).collect()
}

fn site(draft: &Draft, targets: &Targets, tier: Option<usize>, decision: &Decision) -> Site {
    let analysis = &draft.analysis;
    let range = decision.found.range;
    let start = analysis.lines.position(range.start());
    let target = targets.all.get(decision.found.target);
    Site {
        path: analysis.source.path.clone(),
        range,
        start,
        end: analysis.lines.position(range.end()),
        source_line: analysis.lines.line_text(start.line),
        transform: target.map(|target| target.transform.clone()).unwrap_or_default(),
        symbol: target.map(|target| target.symbol.clone()).unwrap_or_default(),
        tier,
        verdict: decision.verdict,
        reason: decision.reason,
        message: decision.message.clone(),
        suggestion: None,
        chain: decision.found.chain.clone(),
    }
}

/// The site that stands for a file which mentions a target and cannot be analysed.
pub fn unparsed(
    path: &ProjectPath,
    failure: &Failure,
    targets: &Targets,
    target: usize,
    tier: Option<usize>,
) -> Site {
    let target = targets.all.get(target);
    Site {
        path: path.clone(),
        range: TextRange::empty(TextSize::default()),
        start: failure.position,
        end: failure.position,
        source_line: failure.source_line.clone(),
        transform: target.map(|target| target.transform.clone()).unwrap_or_default(),
        symbol: target.map(|target| target.symbol.clone()).unwrap_or_default(),
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
pub fn notes(draft: &Draft, targets: &Targets, edits: &FileEdits) -> Vec<(Range<u32>, String)> {
    let name = |decision: &Decision| {
        targets
            .all
            .get(decision.found.target)
            .map(|target| target.transform.as_str())
            .unwrap_or_default()
    };
    edits
        .labelled
        .iter()
        .map(|labelled| {
            let lines = lines(&draft.analysis, labelled.edit.range);
            let decision = labelled.decision.and_then(|index| draft.decisions.get(index));
            let text = match decision {
                Some(decision) if decision.reason == Reason::DirectInstantiation => {
                    format!("{}: {}", name(decision), decision.verdict)
                }
                Some(decision) => {
                    format!(
                        "{}: {}, {} accepted",
                        name(decision),
                        decision.verdict,
                        decision.reason
                    )
                }
                None => {
                    let transform = draft
                        .decisions
                        .iter()
                        .find(|decision| decision.replacement.is_some())
                        .map(name)
                        .unwrap_or_default();
                    format!("{transform}: import")
                }
            };
            (lines, text)
        })
        .collect()
}

/// The lines of a range, counted from 1; the end is exclusive.
fn lines(analysis: &Analysis, range: TextRange) -> Range<u32> {
    let first = analysis.lines.position(range.start()).line;
    let last = analysis.lines.position(range.end()).line;
    first..last + 1
}
