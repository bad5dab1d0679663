//! From what was measured to a verdict. Runs nothing.

use super::baseline::Baseline;
use super::result::Status;
use super::run::Purpose;
use crate::config::gate::{Expectation, Gate, Kind};

/// What one attempt gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    pub(super) status: Status,
    pub(super) message: Option<String>,
    pub(super) figure: Option<f64>,
    pub(super) output: String,
    pub(super) failing_tests: Option<Vec<String>>,
}

impl Default for Measured {
    fn default() -> Self {
        Self {
            status: Status::Passed,
            message: None,
            figure: None,
            output: String::new(),
            failing_tests: None,
        }
    }
}

impl Measured {
    pub(super) fn could_not_run(why: String) -> Self {
        Self { status: Status::CouldNotRun, message: Some(why), ..Self::default() }
    }

    /// Makes a success a failure; what failed in another way stays as it is.
    pub(super) fn fail(&mut self, why: String) {
        if self.status == Status::Passed {
            self.status = Status::Failed;
            self.message = Some(why);
        }
    }
}

/// The verdict on an attempt.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Judged {
    pub(super) known_failing: bool,
    pub(super) newly_failing: Vec<String>,
    /// The figure that it was compared with, where the baseline has one.
    pub(super) baseline: Option<f64>,
    pub(super) expectation: Option<String>,
}

/// Judges `measured`, whose status changes where its figure is not as expected.
pub(super) fn judge(
    gate: &Gate,
    measured: &mut Measured,
    baseline: Option<&Baseline>,
    purpose: Purpose,
) -> Judged {
    let same = baseline.filter(|baseline| baseline.fingerprint == gate.fingerprint);
    let figure_before = same.and_then(|baseline| baseline.figure);
    let mut judged = Judged { baseline: figure_before, ..Judged::default() };
    if let Some(expect) = &gate.expect {
        judged.expectation = Some(in_words(expect, figure_before));
        if let (Status::Passed, Some(figure)) = (measured.status, measured.figure) {
            match expect.holds(figure, figure_before) {
                Some(true) => {}
                Some(false) => {
                    measured.fail(format!("{figure} is not {}", in_words(expect, figure_before)));
                }
                // What is being recorded is the baseline.
                None if purpose == Purpose::Record => {}
                None => {
                    measured.status = Status::CouldNotRun;
                    measured.message = Some(no_baseline(baseline, same));
                }
            }
        }
    }
    match purpose {
        Purpose::Record => {}
        Purpose::Judge => {
            let before = same.and_then(|same| same.failing_tests.as_deref()).unwrap_or_default();
            judged.newly_failing = measured
                .failing_tests
                .iter()
                .flatten()
                .filter(|test| !before.contains(test))
                .cloned()
                .collect();
            judged.known_failing = is_known(gate, measured, same, &judged.newly_failing);
        }
    }
    judged
}

fn is_known(
    gate: &Gate,
    measured: &Measured,
    baseline: Option<&Baseline>,
    newly_failing: &[String],
) -> bool {
    let failed = match measured.status {
        Status::Failed | Status::TimedOut => true,
        Status::Passed | Status::CouldNotRun | Status::Cancelled => false,
    };
    let Some(baseline) = baseline.filter(|baseline| failed && baseline.failed()) else {
        return false;
    };
    // Tests that could be told apart before and cannot now may hide a new failure: the run broke
    // off before its report.
    let lost_report =
        names_report(gate) && baseline.failing_tests.is_some() && measured.failing_tests.is_none();
    newly_failing.is_empty() && !lost_report
}

fn names_report(gate: &Gate) -> bool {
    match &gate.kind {
        Kind::Command(command) | Kind::Metric(command, _) | Kind::Instances(command, _) => {
            command.junit.is_some()
        }
        Kind::Http(..) => false,
    }
}

/// `<= 1.10 * baseline (11)`: as written, and what it comes to where that is not the same.
fn in_words(expect: &Expectation, baseline: Option<f64>) -> String {
    match expect.limit(baseline) {
        Some(limit) if expect.wants_baseline() => format!("{expect} ({})", rounded(limit)),
        Some(_) | None => expect.to_string(),
    }
}

/// Six digits after the point are enough to tell figures apart.
fn rounded(figure: f64) -> f64 {
    let scaled = (figure * 1e6).round() / 1e6;
    if scaled.is_finite() { scaled } else { figure }
}

fn no_baseline(any: Option<&Baseline>, same: Option<&Baseline>) -> String {
    let why = match (any, same) {
        (None, _) => "no baseline is recorded",
        (Some(_), None) => "the gate has changed since its baseline was recorded",
        (Some(_), Some(_)) => "its baseline has no figure",
    };
    format!("{why}; `tiermod gate --baseline` records one")
}
