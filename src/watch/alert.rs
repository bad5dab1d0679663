//! A gate that keeps failing, and a command of the user's that is told of it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::gate::GateResult;
use crate::process::{Cancel, Ended, Job, Listener, Tail, run};

/// How long the user's command may take.
const LIMIT: Duration = Duration::from_mins(1);
const GRACE: Duration = Duration::from_secs(5);

/// A gate has failed as often in a row as makes an alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The tier that is watched.
    pub tier: String,
    /// What the gate gave last.
    pub result: GateResult,
    /// How often in a row it has not held.
    pub failures_in_a_row: u32,
}

impl std::fmt::Display for Alert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} failures in a row: {}", self.failures_in_a_row, self.result)
    }
}

/// What tells the user's shell command of an alert, in `root`. The command finds the alert in its
/// environment: `TIERMOD_TIER`, `TIERMOD_GATE`, `TIERMOD_STATUS`, `TIERMOD_FIGURE` (empty where
/// there is none), `TIERMOD_MESSAGE`, `TIERMOD_FAILURES`.
pub fn alert_command(
    command: String,
    root: PathBuf,
    cancel: Cancel,
) -> impl FnMut(&Alert) -> Result<String, String> {
    move |alert| {
        let figure = alert.result.figure.map(|figure| figure.to_string()).unwrap_or_default();
        let variables = [
            ("TIERMOD_TIER", alert.tier.clone()),
            ("TIERMOD_GATE", alert.result.name.clone()),
            ("TIERMOD_STATUS", alert.result.status.name().to_owned()),
            ("TIERMOD_FIGURE", figure),
            ("TIERMOD_MESSAGE", alert.result.message.clone().unwrap_or_default()),
            ("TIERMOD_FAILURES", alert.failures_in_a_row.to_string()),
        ];
        // A variable cannot hold a zero byte, which a gate may have printed.
        let env: Vec<(OsString, OsString)> = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.replace('\0', "").into()))
            .collect();
        let job = Job { run: &command, cwd: &root, env: &env, timeout: LIMIT, grace: GRACE };
        let mut output = Output::default();
        match run(&job, &cancel, &mut output) {
            Ok(finished) if finished.ended == Ended::Code(0) => Ok(output.0.text(5)),
            Ok(finished) => Err(format!("{}\n{}", how(finished.ended), output.0.text(5))),
            Err(error) => Err(format!("it cannot be started: {error}")),
        }
    }
}

fn how(ended: Ended) -> String {
    match ended {
        Ended::Code(code) => format!("exit code {code}"),
        Ended::Signal(signal) => format!("ended by signal {signal}"),
        Ended::TimedOut => "ended after a minute".to_owned(),
        Ended::Cancelled => "ended on request".to_owned(),
    }
}

#[derive(Default)]
struct Output(Tail);

impl Listener for Output {
    fn output(&mut self, bytes: &[u8]) {
        self.0.push(bytes);
    }
}
