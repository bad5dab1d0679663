//! One gate of one round, as a line of JSON.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::gate::{GateResult, Status};

/// What a gate gave in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When the gate ended.
    pub time: Timestamp,
    /// The round, from 1.
    pub round: u64,
    /// The tier that is watched.
    pub tier: String,
    /// The gate.
    pub gate: String,
    /// How it ended.
    pub status: Status,
    /// Whether it failed in its baseline already.
    pub known_failing: bool,
    /// Its figure; null where it gave none.
    pub figure: Option<f64>,
    /// The figure that was recorded before the change.
    pub baseline: Option<f64>,
    /// What was expected of the figure.
    pub expectation: Option<String>,
    /// Why it did not pass.
    pub message: Option<String>,
    /// How often in a row it has not held.
    pub failures_in_a_row: u32,
    /// How long it took.
    pub seconds: f64,
}

impl Reading {
    pub(super) fn new(
        time: Timestamp,
        round: u64,
        tier: &str,
        result: &GateResult,
        failures_in_a_row: u32,
    ) -> Self {
        Self {
            time,
            round,
            tier: tier.to_owned(),
            gate: result.name.clone(),
            status: result.status,
            known_failing: result.known_failing,
            figure: result.figure,
            baseline: result.baseline,
            expectation: result.expectation.clone(),
            message: result.message.clone(),
            failures_in_a_row,
            seconds: result.seconds,
        }
    }
}
