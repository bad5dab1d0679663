//! What a gate gave before the change.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::result::{GateResult, Status};
use crate::config::gate::Gate;

/// What one gate gave when its baseline was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Baseline {
    /// What was measured; see [`Gate::fingerprint`].
    pub fingerprint: String,
    /// When.
    pub recorded: Timestamp,
    /// How it ended.
    pub status: Status,
    /// Its figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<f64>,
    /// The tests that failed, where it names a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_tests: Option<Vec<String>>,
}

impl Baseline {
    /// The baseline that `result` makes, or `None` where it says nothing about the code: the
    /// gate could not run, or was cancelled.
    pub fn new(gate: &Gate, result: &GateResult, recorded: Timestamp) -> Option<Self> {
        match result.status {
            Status::Passed | Status::Failed | Status::TimedOut => Some(Self {
                fingerprint: gate.fingerprint.clone(),
                recorded,
                status: result.status,
                figure: result.figure,
                failing_tests: result.failing_tests.clone(),
            }),
            Status::CouldNotRun | Status::Cancelled => None,
        }
    }

    /// Whether the gate did not pass then.
    pub fn failed(&self) -> bool {
        self.status != Status::Passed
    }
}

/// The baselines of a project: by tier and gate. Gates for every tier that were recorded for
/// none of them stand under `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Baselines(BTreeMap<String, BTreeMap<String, Baseline>>);

impl Baselines {
    /// The baseline of a gate.
    pub fn get(&self, tier: Option<&str>, gate: &str) -> Option<&Baseline> {
        self.0.get(tier.unwrap_or_default())?.get(gate)
    }

    /// Takes in what one gate gave.
    pub fn set(&mut self, tier: Option<&str>, gate: &str, baseline: Baseline) {
        let gates = self.0.entry(tier.unwrap_or_default().to_owned()).or_default();
        gates.insert(gate.to_owned(), baseline);
    }

    /// Takes in what gates gave now, each with the gate that it is of. Returns the names of
    /// those that gave nothing to record.
    pub fn record<'a>(
        &mut self,
        tier: Option<&str>,
        gave: impl IntoIterator<Item = (&'a Gate, &'a GateResult)>,
        recorded: Timestamp,
    ) -> Vec<String> {
        let mut left_out = Vec::new();
        let gates = self.0.entry(tier.unwrap_or_default().to_owned()).or_default();
        for (gate, result) in gave {
            match Baseline::new(gate, result, recorded) {
                Some(baseline) => {
                    gates.insert(gate.name.clone(), baseline);
                }
                None => left_out.push(gate.name.clone()),
            }
        }
        left_out
    }
}
