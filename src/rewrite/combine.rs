//! The decisions of a file held against each other: which of two that want the same code is made,
//! and what a change inside another means for that one.

use super::decide::Decision;
use super::gone::Gone;
use crate::site::{Reason, Verdict};
use crate::syntax::slot::{Fit, Shape};
use crate::text::TextRange;

/// A decision and its rank: the first of two that want the same code is made.
pub(super) type Ranked = (usize, Decision);

/// Brings the decisions of a file into order.
///
/// Of two changes of the same code the first in the order of the transforms is made. What a
/// larger change does not keep is gone with it. A change that is all of what a metavariable of
/// another stands for gets the parentheses that its new place needs.
pub(super) fn combine(mut decisions: Vec<Ranked>) -> Vec<Decision> {
    decisions.sort_by_key(|(rank, decision)| (decision.range.start(), decision.range.end(), *rank));
    let mut decisions: Vec<Decision> =
        decisions.into_iter().map(|(_, decision)| decision).collect();
    drop_twins(&mut decisions);
    drop_swallowed(&mut decisions);
    parenthesise(&mut decisions);
    decisions
}

/// Of several changes of the same code the first is made. The others of the same transform are the
/// same site; those of other transforms are listed.
fn drop_twins(decisions: &mut Vec<Decision>) {
    let mut first: Option<(TextRange, String)> = None;
    decisions.retain_mut(|decision| {
        if decision.change.is_none() {
            return true;
        }
        match &first {
            Some((range, transform)) if *range == decision.range => {
                let message = format!("the transform `{transform}` rewrites this");
                decision.give_way(message);
                *transform != decision.transform
            }
            _ => {
                first = Some((decision.range, decision.transform.clone()));
                true
            }
        }
    });
}

/// What a larger change does not carry over goes with the code that it is. Names that are part of
/// what a larger change of the same transform is about are no sites of their own.
fn drop_swallowed(decisions: &mut Vec<Decision>) {
    let changes = Gone::new(decisions);
    let part_of_larger = |inner: &Decision| {
        inner.change.as_ref()?;
        let is_larger = |outer: &&Decision| {
            outer.change.as_ref().is_some_and(|change| {
                change.replaced() != inner.range
                    && !change.copies().any(|copy| copy.contains_range(inner.range))
            })
        };
        let around = changes.around(inner.range).filter(|outer| !std::ptr::eq(*outer, inner));
        let outer: Vec<&Decision> = around.filter(is_larger).collect();
        let is_part_of = |outer: &&Decision| {
            outer.transform == inner.transform
                && inner.references().next().is_some()
                && inner.references().all(|id| outer.references().any(|other| other == id))
        };
        (!outer.is_empty()).then(|| outer.iter().any(is_part_of))
    };
    let swallowed: Vec<_> = decisions.iter().map(part_of_larger).collect();
    let mut swallowed = swallowed.into_iter();
    decisions.retain_mut(|decision| match swallowed.next().flatten() {
        None => true,
        Some(is_part) => {
            decision.give_way("the rewrite of the code around it takes it away".to_owned());
            !is_part
        }
    });
}

fn parenthesise(decisions: &mut [Decision]) {
    // From the inside outwards, as a change may be all of what another one leaves.
    let mut order: Vec<usize> = (0..decisions.len()).collect();
    order.sort_by_key(|&index| decisions.get(index).map(|decision| decision.range.len()));
    for index in order {
        let enclosed = match decisions.get(index).and_then(|decision| decision.change.as_ref()) {
            Some(change) => change.enclosed.clone(),
            None => continue,
        };
        for one in enclosed {
            let shape = decisions
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index)
                .filter_map(|(_, decision)| decision.change.as_ref())
                .find(|change| change.range == one.expr)
                .and_then(|change| change.shape);
            let Some(shape) = shape else { continue };
            let Some(decision) = decisions.get_mut(index) else { continue };
            let Some(change) = decision.change.as_mut() else { continue };
            match one.slot.fit(shape) {
                Fit::Bare if one.is_root => change.shape = Some(shape),
                Fit::Bare => {}
                Fit::Parenthesised => {
                    change.parenthesise(one.expr);
                    if one.is_root {
                        change.shape = Some(Shape::PARENTHESISED);
                    }
                }
                Fit::Never => {
                    decision.change = None;
                    decision.verdict = Verdict::Review;
                    decision.reason = Reason::NotRewritableHere;
                    "what another rewrite puts here cannot stand in the result"
                        .clone_into(&mut decision.message);
                    break;
                }
            }
        }
    }
}
