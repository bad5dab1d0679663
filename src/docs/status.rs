//! The status of a migration: its tiers, what is left in them, their gates, and when.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::markdown::cell;

/// A tier, as the status tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TierStatus {
    /// Its name.
    pub name: String,
    /// What it is, in a few words.
    pub summary: String,
    /// `pending`, `partial`, `applied`, `rolled back`.
    pub state: String,
    /// Sites that are left in the tree, those that a person must decide among them.
    pub sites_left: u64,
    /// How many of those that are left a person must decide.
    pub to_review: u64,
    /// Its gates and their verdicts when they last ran; none where they have not.
    pub gates: Vec<(String, String)>,
    /// When it was last applied.
    pub applied: Option<Timestamp>,
    /// When it was last taken back.
    pub rolled_back: Option<Timestamp>,
}

/// The contents of the status's block. Days are those of UTC, so that they are the same for
/// everybody.
pub fn status(tiers: &[TierStatus]) -> String {
    let mut text = String::from(
        "| tier | | state | sites left | to review | gates | applied | rolled back |\n\
         | --- | --- | --- | ---: | ---: | --- | --- | --- |\n",
    );
    for tier in tiers {
        // Writing to a string does not fail.
        let _written = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            cell(&tier.name),
            cell(&tier.summary),
            cell(&tier.state),
            tier.sites_left,
            tier.to_review,
            cell(&gates(&tier.gates)),
            day(tier.applied),
            day(tier.rolled_back),
        );
    }
    let left: u64 = tiers.iter().map(|tier| tier.sites_left).sum();
    let review: u64 = tiers.iter().map(|tier| tier.to_review).sum();
    let _written = writeln!(text, "\n{left} sites left, {review} of them to review.");
    text
}

/// `3 passed`, `1 failed (connections), 2 passed`: what is wrong comes first and by name.
fn gates(gates: &[(String, String)]) -> String {
    let mut verdicts: Vec<&str> = Vec::new();
    for (_, verdict) in gates {
        if !verdicts.contains(&verdict.as_str()) {
            verdicts.push(verdict);
        }
    }
    verdicts.sort_by_key(|verdict| *verdict == "passed");
    let counted: Vec<String> = verdicts
        .into_iter()
        .map(|verdict| {
            let names: Vec<&str> = gates
                .iter()
                .filter(|(_, seen)| seen == verdict)
                .map(|(name, _)| name.as_str())
                .collect();
            match verdict {
                "passed" => format!("{} passed", names.len()),
                _ => format!("{} {verdict} ({})", names.len(), names.join(", ")),
            }
        })
        .collect();
    counted.join(", ")
}

fn day(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_zoned(TimeZone::UTC).date().to_string()).unwrap_or_default()
}
