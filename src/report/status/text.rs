//! `status` for people: a table, and how far the whole is.

use std::fmt::Write as _;

use super::{Applied, GateRow, GateState, Progress, Row, State};
use crate::report::excerpt::columns;
use crate::report::style::{ERROR, HEADING, QUIET, REVIEW, REWRITE, Style};
use crate::report::visible;

/// The bar's width where there is room.
const BAR: usize = 40;
/// The characters of a commit's hash that are shown.
const SHORT: usize = 10;

/// Renders the tiers.
pub fn render(rows: &[Row], style: Style) -> String {
    let mut text = table(rows, style);
    for row in rows {
        gates(row, style, &mut text);
    }
    text.push('\n');
    text.push_str(&bar(Progress::of(rows), style));
    text
}

fn table(rows: &[Row], style: Style) -> String {
    let head = ["#", "tier", "state", "files", "done", "left", "held", "applied"];
    let cells: Vec<[String; 8]> = rows.iter().map(cells).collect();
    let widths: [usize; 8] = std::array::from_fn(|at| {
        let column = cells.iter().filter_map(|row| row.get(at)).map(|cell| columns(cell));
        column.chain([head.get(at).map_or(0, |title| columns(title))]).max().unwrap_or(0)
    });
    let mut text = String::new();
    let head = head.map(str::to_owned);
    line(&head, widths, &mut text, |_, cell| style.paint(HEADING, cell));
    for (row, cells) in rows.iter().zip(&cells) {
        line(cells, widths, &mut text, |at, cell| match at {
            2 => style.paint(of_state(row.state), cell),
            6 if row.held > 0 => style.paint(REVIEW, cell),
            _ => cell.to_owned(),
        });
    }
    text
}

fn cells(row: &Row) -> [String; 8] {
    [
        row.number.to_string(),
        visible::line(&row.tier),
        row.state.name().to_owned(),
        row.files.to_string(),
        row.done.to_string(),
        row.left.to_string(),
        row.held.to_string(),
        history(row),
    ]
}

/// When the tier was applied, by whom, and what became of it.
fn history(row: &Row) -> String {
    let applied = row.applied.as_ref().map(|Applied { when, by, commit }| {
        let short: String = commit.chars().take(SHORT).collect();
        let commit = if short.is_empty() { String::new() } else { format!(" as {short}") };
        format!("{when} by {by}{commit}")
    });
    let rolled_back = row.rolled_back.as_ref().map(|when| format!("rolled back {when}"));
    let parts: Vec<String> = applied.into_iter().chain(rolled_back).collect();
    visible::line(&parts.join(", "))
}

/// Numbers stand at the right of their column, words at the left.
fn line(
    cells: &[String; 8],
    widths: [usize; 8],
    text: &mut String,
    paint: impl Fn(usize, &str) -> String,
) {
    let mut row = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let gap = " ".repeat(width.saturating_sub(columns(cell)));
        let is_number = matches!(at, 0 | 3..=6);
        let cell = paint(at, cell);
        row.extend(if is_number { [&*gap, &*cell, "  "] } else { [&*cell, &*gap, "  "] });
    }
    text.push_str(row.trim_end());
    text.push('\n');
}

fn of_state(state: State) -> anstyle::Style {
    match state {
        State::Pending => QUIET,
        State::Partial | State::RolledBack => REVIEW,
        State::Applied => REWRITE,
    }
}

fn gates(row: &Row, style: Style, text: &mut String) {
    if row.gates.is_empty() {
        return;
    }
    let gates: Vec<String> = row.gates.iter().map(|gate| of_gate(gate, style)).collect();
    let (tier, gates) = (visible::line(&row.tier), gates.join("\n  "));
    let _ = write!(text, "\ngates of {tier}:\n  {gates}\n");
}

fn of_gate(gate: &GateRow, style: Style) -> String {
    let paint = match gate.status {
        GateState::NotRun => QUIET,
        GateState::Passed => REWRITE,
        GateState::Failed => ERROR,
        GateState::KnownFailing => REVIEW,
    };
    let status = style.paint(paint, &format!("{:13}", gate.status.name()));
    let figure = gate.figure.as_ref().map_or(String::new(), |figure| format!(": {figure}"));
    format!("{status}  {}", visible::line(&format!("{}{figure}", gate.name)))
}

/// `[########............]  19 of 43 sites, 44 %`
fn bar(progress: Progress, style: Style) -> String {
    let width = BAR.min(style.width.saturating_sub(40)).max(10);
    let full = progress.cells(width);
    let bar = style.paint(REWRITE, &"#".repeat(full));
    let rest = ".".repeat(width - full);
    let Progress { done, left, held } = progress;
    let held = match (held, left) {
        (0, _) => String::new(),
        (held, left) if held == left => format!(", {held} to decide"),
        (held, left) => format!(", {left} left, {held} of them to decide"),
    };
    let (total, percent) = (progress.total(), progress.percent());
    format!("[{bar}{rest}]  {done} of {total} sites, {percent} %{held}\n")
}
