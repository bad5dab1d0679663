//! Whoever watches a gate while it runs.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;

use super::result::GateResult;
use crate::config::gate::Gate;

/// Hears of a gate while it runs. Every call has an empty default.
pub trait Sink {
    /// `gate` is about to run.
    fn started(&mut self, _gate: &Gate) {}

    /// The gate's command wrote `bytes`, which may be anything.
    fn output(&mut self, _bytes: &[u8]) {}

    /// It is still running; called about ten times a second.
    fn progress(&mut self, _progress: &Progress<'_>) {}

    /// It has ended.
    fn finished(&mut self, _result: &GateResult) {}
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Sink for Silent {}

/// How far a running gate is. Its `Display` is a line for people.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The gate.
    pub gate: &'a str,
    /// How long this command or question has been running.
    pub elapsed: Duration,
    /// How long it may take.
    pub timeout: Duration,
    /// Which attempt it is, from 1, and how many there can be.
    pub attempt: (u32, u32),
    /// Which sample it is, from 1, and how many there are.
    pub sample: (u32, u32),
    /// The last line that it printed, as safe text.
    pub last_line: &'a str,
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}s of {}", self.gate, self.elapsed.as_secs(), spoken(self.timeout))?;
        if self.sample.1 > 1 {
            write!(f, ", sample {} of {}", self.sample.0, self.sample.1)?;
        }
        if self.attempt.0 > 1 {
            write!(f, ", attempt {} of {}", self.attempt.0, self.attempt.1)?;
        }
        if !self.last_line.is_empty() {
            write!(f, ": {}", self.last_line)?;
        }
        Ok(())
    }
}

/// A duration as it is written in `codemod.toml`: `5m`, `1m 30s`.
pub(super) fn spoken(duration: Duration) -> String {
    SignedDuration::try_from(duration)
        .map_or_else(|_| format!("{}s", duration.as_secs()), |signed| format!("{signed:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_one_line() {
        let mut progress = Progress {
            gate: "tests",
            elapsed: Duration::from_millis(12_900),
            timeout: Duration::from_mins(5),
            attempt: (1, 3),
            sample: (1, 1),
            last_line: "",
        };
        assert_eq!(progress.to_string(), "tests 12s of 5m");
        progress.attempt = (2, 3);
        progress.sample = (3, 5);
        progress.last_line = "42 passed";
        assert_eq!(
            progress.to_string(),
            "tests 12s of 5m, sample 3 of 5, attempt 2 of 3: 42 passed"
        );
    }
}
