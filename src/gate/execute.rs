//! Gates that run a command.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::figure::LastMatch;
use super::judge::Measured;
use super::junit::{Stamp, failing_tests};
use super::result::Status;
use super::run::Setting;
use super::sink::{Progress, Sink, spoken};
use crate::config::gate::{Command, Gate, Kind, Target};
use crate::probe::{Options, Session, Targets};
use crate::process::{Ended, Job, Listener, Tail, run};

/// How much of the output a result shows.
const SHOWN_LINES: usize = 20;

/// What the shell gives for a command that it cannot execute, and for one that it cannot find.
const NOT_EXECUTABLE: i32 = 126;
const NOT_FOUND: i32 = 127;

/// Which run of a gate this is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) attempt: (u32, u32),
    pub(super) sample: (u32, u32),
}

/// Runs `command` once.
pub(super) fn execute(
    gate: &Gate,
    command: &Command,
    turn: Turn,
    setting: &mut Setting<'_>,
) -> Measured {
    let cwd = setting.root.join(&command.cwd);
    if !cwd.is_dir() {
        return Measured::could_not_run(format!("there is no folder `{}`", cwd.display()));
    }
    let mut env: Vec<(OsString, OsString)> = setting.env.to_vec();
    env.extend(command.env.iter().map(|(name, value)| (name.into(), value.into())));

    let (metric, target) = match &gate.kind {
        Kind::Metric(_, metric) => (Some(metric), None),
        Kind::Instances(_, target) => (None, Some(target)),
        Kind::Command(_) | Kind::Http(..) => (None, None),
    };
    let session = match target.map(|target| start_probe(target, &mut env)).transpose() {
        Ok(session) => session,
        Err(error) => {
            return Measured::could_not_run(format!("the probe cannot be set up: {error}"));
        }
    };
    let report = command.junit.as_ref().map(|junit| cwd.join(junit));
    let stamp = report.as_deref().map(Stamp::of);

    let job = Job {
        run: &command.run,
        cwd: &cwd,
        env: &env,
        timeout: gate.timeout,
        grace: setting.grace,
    };
    let mut ears = Ears {
        sink: &mut *setting.sink,
        tail: Tail::default(),
        figure: metric.map(LastMatch::new),
        session: session.as_ref(),
        gate,
        turn,
    };
    let finished = match run(&job, setting.cancel, &mut ears) {
        Ok(finished) => finished,
        Err(error) => return Measured::could_not_run(format!("it cannot be started: {error}")),
    };
    let Ears { tail, figure, .. } = ears;

    let (status, message) = verdict(finished.ended, gate.timeout);
    let left_running =
        finished.left_running.then(|| "it left processes running, which were ended".to_owned());
    let mut measured = Measured {
        status,
        message: message.or(left_running),
        output: tail.text(SHOWN_LINES),
        ..Measured::default()
    };
    if let Some(figure) = figure {
        match figure.figure() {
            Ok(figure) => measured.figure = Some(figure),
            Err(error) => measured.fail(error.to_string()),
        }
    }
    if let (Some(session), Some(target)) = (session, target) {
        count(session, target, setting, &mut measured);
    }
    if let (Some(report), Some(stamp)) = (report, stamp) {
        match failing_tests(&report, &stamp) {
            Ok(failing) => {
                // A pipeline such as `pytest | tee log` succeeds whatever the tests do.
                if !failing.is_empty() {
                    measured.fail(format!("{} tests fail", failing.len()));
                }
                measured.failing_tests = Some(failing);
            }
            Err(error) => measured.fail(error.to_string()),
        }
    }
    measured
}

fn verdict(ended: Ended, timeout: Duration) -> (Status, Option<String>) {
    match ended {
        Ended::Code(0) => (Status::Passed, None),
        Ended::Code(code @ (NOT_EXECUTABLE | NOT_FOUND)) => (
            Status::CouldNotRun,
            Some(format!("a command in it could not be found or executed (exit code {code})")),
        ),
        Ended::Code(code) => (Status::Failed, Some(format!("exit code {code}"))),
        Ended::Signal(signal) => (Status::Failed, Some(format!("ended by signal {signal}"))),
        Ended::TimedOut => {
            (Status::TimedOut, Some(format!("ended after its limit of {}", spoken(timeout))))
        }
        Ended::Cancelled => (Status::Cancelled, Some("ended on request".to_owned())),
    }
}

fn start_probe(target: &Target, env: &mut Vec<(OsString, OsString)>) -> std::io::Result<Session> {
    let session = Session::start(&Targets::from(vec![target.clone()]), &Options::default())?;
    let own = env.iter().rfind(|(name, _)| name == OsStr::new("PYTHONPATH"));
    let python_path = own.map(|(_, value)| value.clone());
    env.extend(session.env(python_path.or_else(|| std::env::var_os("PYTHONPATH")).as_deref()));
    Ok(session)
}

fn count(session: Session, target: &Target, setting: &Setting<'_>, measured: &mut Measured) {
    let observed = session.finish(setting.root);
    if observed.processes == 0 {
        if measured.status == Status::Passed {
            *measured = Measured {
                output: std::mem::take(&mut measured.output),
                ..Measured::could_not_run(
                    "no Python process of it loaded the probe: it must start Python without \
                     -S, -E or -I"
                        .to_owned(),
                )
            };
        }
        return;
    }
    let instances = observed
        .classes
        .iter()
        .find(|class| class.class == target.to_string())
        .map_or(0, |class| class.instances);
    measured.figure = u32::try_from(instances).ok().map(f64::from);
}

/// Hears the command, and tells the sink.
struct Ears<'a> {
    sink: &'a mut dyn Sink,
    tail: Tail,
    figure: Option<LastMatch<'a>>,
    session: Option<&'a Session>,
    gate: &'a Gate,
    turn: Turn,
}

impl Listener for Ears<'_> {
    fn started(&mut self, pid: u32) {
        if let Some(session) = self.session {
            session.watch(pid);
        }
    }

    fn output(&mut self, bytes: &[u8]) {
        self.tail.push(bytes);
        if let Some(figure) = &mut self.figure {
            figure.push(bytes);
        }
        self.sink.output(bytes);
    }

    fn tick(&mut self, elapsed: Duration) {
        self.sink.progress(&Progress {
            gate: &self.gate.name,
            elapsed,
            timeout: self.gate.timeout,
            attempt: self.turn.attempt,
            sample: self.turn.sample,
            last_line: &self.tail.last_line(),
        });
    }
}
