//! What a watch knows at one moment, and its table for people.

use std::collections::VecDeque;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::spark::{marks, sparkline};
use crate::gate::GateResult;
use crate::process::cut;

/// How many rounds a gate's history shows.
const HISTORY: usize = 32;

/// To how few columns the names of gates are cut.
const SHORTEST_NAME: usize = 8;

/// Everything that a watch knows at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The tier that is watched.
    pub tier: String,
    /// How many rounds have begun.
    pub round: u64,
    /// How long the watch goes on.
    pub left: Duration,
    /// After how many failures in a row there is an alert.
    pub alert_after: u32,
    /// The gates, in order.
    pub gates: Vec<GateView>,
}

/// What is known of one gate.
#[derive(Debug, Clone, PartialEq)]
pub struct GateView {
    /// The gate.
    pub name: String,
    /// What it is doing.
    pub state: State,
    /// What it gave last.
    pub last: Option<GateResult>,
    /// How often in a row it has not held.
    pub failures_in_a_row: u32,
    /// Whether there has been an alert since it last held.
    pub alerted: bool,
    /// The figure of each of the last rounds, and whether the gate held.
    history: VecDeque<(Option<f64>, bool)>,
}

/// What a gate is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for its turn.
    Waiting,
    /// It has been running for so long.
    Running(Duration),
}

impl GateView {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: State::Waiting,
            last: None,
            failures_in_a_row: 0,
            alerted: false,
            history: VecDeque::new(),
        }
    }

    /// Takes in what the gate gave.
    pub(super) fn take(&mut self, result: GateResult) {
        self.state = State::Waiting;
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back((result.figure, result.holds()));
        if result.holds() {
            self.failures_in_a_row = 0;
            self.alerted = false;
        } else {
            self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        }
        self.last = Some(result);
    }

    /// Whether it held when it last ran; `None` where it has not run yet.
    pub fn holds(&self) -> Option<bool> {
        self.last.as_ref().map(GateResult::holds)
    }

    fn state_in_words(&self, alert_after: u32) -> String {
        if let State::Running(time) = self.state {
            return format!("running {}s", time.as_secs());
        }
        match &self.last {
            None => "waiting".to_owned(),
            Some(last) if last.holds() => last.verdict().to_owned(),
            Some(last) => {
                format!("{} ({} of {alert_after})", last.verdict(), self.failures_in_a_row)
            }
        }
    }

    fn history_in_signs(&self) -> String {
        if self.history.iter().any(|(figure, _)| figure.is_some()) {
            sparkline(&self.history.iter().map(|(figure, _)| *figure).collect::<Vec<_>>())
        } else {
            marks(&self.history.iter().map(|(_, held)| *held).collect::<Vec<_>>())
        }
    }
}

impl View {
    /// The table, no line wider than `width`, with colours.
    pub fn table(&self, width: usize) -> String {
        let rest = format!(": round {}, {} left", self.round, minutes(self.left));
        let title = cut(&self.tier, width.saturating_sub(rest.width()).max(4));
        let mut text = cut(&format!("{title}{rest}"), width);
        text.push('\n');
        let mut rows = vec![["gate", "state", "figure", "expected", ""].map(str::to_owned)];
        for gate in &self.gates {
            let figure = gate.last.as_ref().and_then(|last| last.figure);
            let expected = gate.last.as_ref().and_then(|last| last.expectation.clone());
            rows.push([
                gate.name.clone(),
                gate.state_in_words(self.alert_after),
                figure.map_or_else(|| "-".to_owned(), |figure| figure.to_string()),
                expected.unwrap_or_default(),
                gate.history_in_signs(),
            ]);
        }
        let mut widths = [0; 5];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        // A long name must not hide what becomes of its gate.
        let others: usize = widths.iter().skip(1).take(3).map(|width| width + 2).sum();
        let name_width = width.saturating_sub(others).max(SHORTEST_NAME).min(widths[0]);
        widths[0] = name_width;
        for row in &mut rows {
            row[0] = cut(&row[0], name_width);
        }
        for (number, row) in rows.iter().enumerate() {
            let style = number
                .checked_sub(1)
                .and_then(|index| self.gates.get(index))
                .map_or(Style::new().dimmed(), style);
            text.push_str(&line(row, widths, style, width));
            text.push('\n');
        }
        text
    }
}

fn style(gate: &GateView) -> Style {
    match gate.holds() {
        None => Style::new(),
        Some(true) => AnsiColor::Green.on_default(),
        Some(false) => AnsiColor::Red.on_default(),
    }
}

fn line(row: &[String; 5], widths: [usize; 5], style: Style, width: usize) -> String {
    let mut plain = String::new();
    for (column, (cell, cell_width)) in row.iter().zip(widths).enumerate() {
        let padding = " ".repeat(cell_width - cell.width().min(cell_width));
        if column > 0 {
            plain.push_str("  ");
        }
        // The figure stands to the right.
        if column == 2 {
            plain.push_str(&padding);
            plain.push_str(cell);
        } else {
            plain.push_str(cell);
            plain.push_str(&padding);
        }
    }
    format!("{style}{}{style:#}", cut(plain.trim_end(), width))
}

/// `1h 02m`, `18m 05s`, `12s`.
fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h {minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_in_two_units() {
        for (seconds, text) in
            [(0, "0s"), (59, "59s"), (65, "1m 05s"), (3600, "1h 00m"), (90_000, "25h 00m")]
        {
            assert_eq!(minutes(Duration::from_secs(seconds)), text);
        }
    }
}
