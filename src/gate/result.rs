//! What came of a gate.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a gate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It succeeded, and its figure is as expected.
    Passed,
    /// It failed, or its figure is not as expected.
    Failed,
    /// It took too long and was ended.
    TimedOut,
    /// It could not be run or judged at all; never excused by a baseline.
    CouldNotRun,
    /// Somebody wished to stop.
    Cancelled,
}

impl Status {
    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::CouldNotRun => "could not run",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What came of a gate. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct GateResult {
    /// The gate.
    pub name: String,
    /// How its last attempt ended.
    pub status: Status,
    /// Whether it failed in its baseline already, with no failure that is new: such a one does
    /// not count.
    pub known_failing: bool,
    /// Its figure; of several samples, their median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<f64>,
    /// The samples, where there was more than one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<f64>,
    /// The figure that was recorded before the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// What was expected of the figure, as written, and what that comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expectation: Option<String>,
    /// Why it did not pass, or what else is worth knowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The tests that fail and did not fail in the baseline, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub newly_failing: Vec<String>,
    /// Every test that fails, where the gate names a report that lists them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_tests: Option<Vec<String>>,
    /// The last lines of its output, or of the answer, as safe text.
    pub output: String,
    /// How often it was tried.
    pub attempts: u32,
    /// How long it took, all attempts together.
    pub seconds: f64,
}

impl GateResult {
    /// Whether a tier may stand with this: it passed, or fails no worse than it did before.
    pub fn holds(&self) -> bool {
        self.status == Status::Passed || self.known_failing
    }

    /// The status in the words of reports: `known failing` where that is what counts.
    pub fn verdict(&self) -> &'static str {
        if self.known_failing { "known failing" } else { self.status.name() }
    }
}

/// One line: `connections: failed: 44 is not <= baseline (43) (2.1 s)`.
impl fmt::Display for GateResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.verdict())?;
        match (&self.message, self.figure, &self.expectation) {
            (Some(message), _, _) => write!(f, ": {message}")?,
            (None, Some(figure), Some(expectation)) => write!(f, ": {figure} {expectation}")?,
            (None, Some(figure), None) => write!(f, ": {figure}")?,
            (None, None, _) => {}
        }
        write!(f, " ({:.1} s)", self.seconds)
    }
}
