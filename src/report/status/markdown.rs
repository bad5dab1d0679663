//! `status` for documents and comments.

use std::fmt::Write as _;

use super::{Applied, GateRow, Progress, Row};
use crate::report::markdown::{cell, code};

/// The characters of a commit's hash that are shown.
const SHORT: usize = 10;

/// Renders the tiers.
pub fn render(rows: &[Row]) -> String {
    let mut text = "| | tier | state | files | done | left | held | applied | gates |\n\
                    | --: | :-- | :-- | --: | --: | --: | --: | :-- | :-- |\n"
        .to_owned();
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.number,
            tier(row),
            row.state.name(),
            row.files,
            row.done,
            row.left,
            row.held,
            history(row),
            row.gates.iter().map(gate).collect::<Vec<_>>().join("<br>"),
        );
    }
    let progress = Progress::of(rows);
    let (total, percent) = (progress.total(), progress.percent());
    let _ = write!(text, "\n**{} of {total} sites migrated** ({percent} %)", progress.done);
    if progress.held > 0 {
        let _ = write!(text, "; {} to decide", progress.held);
    }
    text.push('\n');
    text
}

fn tier(row: &Row) -> String {
    let summary =
        if row.summary.is_empty() { String::new() } else { format!(", {}", cell(&row.summary)) };
    format!("**{}**{summary}", cell(&row.tier))
}

fn history(row: &Row) -> String {
    let applied = row.applied.as_ref().map(|Applied { when, by, commit }| {
        let short: String = commit.chars().take(SHORT).collect();
        let commit = if short.is_empty() { short } else { format!(" as {}", code(&short)) };
        format!("{} by {}{commit}", cell(when), cell(by))
    });
    let rolled_back = row.rolled_back.as_ref().map(|when| format!("rolled back {}", cell(when)));
    applied.into_iter().chain(rolled_back).collect::<Vec<_>>().join(", ")
}

fn gate(gate: &GateRow) -> String {
    let figure = gate.figure.as_ref().map_or(String::new(), |figure| format!(": {}", cell(figure)));
    format!("{} {}{figure}", cell(&gate.name), gate.status.name())
}
