//! Runs gates: attempts, samples, verdicts.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::ask::ask;
use super::baseline::{Baseline, Baselines};
use super::execute::{Turn, execute};
use super::figure::median;
use super::judge::{Measured, judge};
use super::result::{GateResult, Status};
use super::sink::Sink;
use crate::config::gate::{Gate, Kind};
use crate::process::Cancel;

/// How long a command has to clean up once it was asked to end.
const GRACE: Duration = Duration::from_secs(5);

/// What gates are run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To judge the project as it is, against what was recorded.
    Judge,
    /// To record: an expectation of the baseline holds, as this is the baseline.
    Record,
}

/// What follows from a gate that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// The remaining gates are not run: the tier is taken back anyway.
    Stop,
    /// Every gate is run.
    GoOn,
}

/// What gates run in.
pub struct Setting<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// Variables besides this process's, for commands and for headers.
    pub env: &'a [(OsString, OsString)],
    /// What gates are run for.
    pub purpose: Purpose,
    /// How long a command has to clean up once it was asked to end.
    pub grace: Duration,
    /// Whoever watches.
    pub sink: &'a mut dyn Sink,
    /// The wish to stop.
    pub cancel: &'a Cancel,
}

impl<'a> Setting<'a> {
    /// The usual one: judging, with five seconds to clean up, in this process's environment.
    pub fn new(root: &'a Path, sink: &'a mut dyn Sink, cancel: &'a Cancel) -> Self {
        Self { root, env: &[], purpose: Purpose::Judge, grace: GRACE, sink, cancel }
    }
}

/// Runs `gates` in order, each against its baseline under `tier`.
///
/// There are fewer results than gates where one did not hold and that was to stop the rest, or
/// where somebody wished to stop.
pub fn run_all(
    gates: &[Gate],
    baselines: &Baselines,
    tier: Option<&str>,
    on_failure: OnFailure,
    setting: &mut Setting<'_>,
) -> Vec<GateResult> {
    let mut results = Vec::new();
    for gate in gates {
        let result = run(gate, baselines.get(tier, &gate.name), setting);
        let stop = match on_failure {
            OnFailure::Stop => !result.holds(),
            OnFailure::GoOn => result.status == Status::Cancelled,
        };
        results.push(result);
        if stop {
            break;
        }
    }
    results
}

/// Runs `gate`, again and again where it fails and says so, and judges it.
pub fn run(gate: &Gate, baseline: Option<&Baseline>, setting: &mut Setting<'_>) -> GateResult {
    let begun = Instant::now();
    setting.sink.started(gate);
    let all = gate.retries.saturating_add(1);
    let mut attempt = 1;
    let (measured, samples, judged) = loop {
        let (mut measured, samples) = measure(gate, (attempt, all), setting);
        let judged = judge(gate, &mut measured, baseline, setting.purpose);
        let again = match measured.status {
            Status::Failed | Status::TimedOut => !judged.known_failing && attempt < all,
            Status::Passed | Status::CouldNotRun | Status::Cancelled => false,
        };
        if !again || !setting.cancel.sleep(gate.retry_delay) {
            break (measured, samples, judged);
        }
        attempt += 1;
    };
    let result = GateResult {
        name: gate.name.clone(),
        status: measured.status,
        known_failing: judged.known_failing,
        figure: measured.figure,
        samples: if samples.len() > 1 { samples } else { Vec::new() },
        baseline: judged.baseline,
        expectation: judged.expectation,
        message: measured.message,
        newly_failing: judged.newly_failing,
        failing_tests: measured.failing_tests,
        output: measured.output,
        attempts: attempt,
        seconds: begun.elapsed().as_secs_f64(),
    };
    setting.sink.finished(&result);
    result
}

/// One attempt: as many samples as the gate takes, up to the first that fails.
fn measure(gate: &Gate, attempt: (u32, u32), setting: &mut Setting<'_>) -> (Measured, Vec<f64>) {
    let all = gate.samples.get();
    let mut samples = Vec::new();
    let mut last = Measured::default();
    for sample in 1..=all {
        if setting.cancel.is_cancelled() {
            last = Measured {
                status: Status::Cancelled,
                message: Some("ended on request".to_owned()),
                ..Measured::default()
            };
            break;
        }
        let turn = Turn { attempt, sample: (sample, all) };
        last = match &gate.kind {
            Kind::Command(command) | Kind::Metric(command, _) | Kind::Instances(command, _) => {
                execute(gate, command, turn, setting)
            }
            Kind::Http(request, figure) => ask(gate, request, figure.as_ref(), turn, setting),
        };
        samples.extend(last.figure);
        if last.status != Status::Passed {
            break;
        }
    }
    if last.status == Status::Passed {
        last.figure = median(&samples);
    }
    (last, samples)
}
