//! Runs a user's command as it would run without us, and observes it.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::report::{Exit, ProbeReport};
use super::session::{Options, Session, Targets};
use crate::process::Cancel;

/// How soon the command's end is noticed.
const TICK: Duration = Duration::from_millis(10);
/// How long the command has to end by itself after a wish to stop, before each stronger request.
const GRACE: Duration = Duration::from_secs(10);

/// Why a command cannot be observed.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// There is none.
    #[error("there is no command to run; write it after `--`")]
    NoCommand,
    /// It cannot be started.
    #[error("`{command}` cannot be started: {source}")]
    Start {
        /// Its first word.
        command: String,
        /// What the system says.
        source: io::Error,
    },
    /// The probe cannot be set up.
    #[error("the probe cannot be set up: {0}")]
    Setup(io::Error),
}

/// Runs `command` in the present folder, with this process's input, output and terminal, and
/// reports what it built. Paths are relative to `root` where they are inside it.
///
/// A Ctrl-C reaches the command by its terminal, not by us: it may handle it as it always does.
/// Where it goes on for ten seconds after `cancel`, it is asked to end, and then made to.
pub fn run(
    command: &[OsString],
    root: &Path,
    targets: &Targets,
    options: &Options,
    cancel: &Cancel,
) -> Result<ProbeReport, ProbeError> {
    let (program, arguments) = command.split_first().ok_or(ProbeError::NoCommand)?;
    let session = Session::start(targets, options).map_err(ProbeError::Setup)?;
    let failed =
        |source| ProbeError::Start { command: program.to_string_lossy().into_owned(), source };
    let begun = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .envs(session.env(std::env::var_os("PYTHONPATH").as_deref()))
        .spawn()
        .map_err(failed)?;
    session.watch(child.id());
    let status = wait(&mut child, cancel).map_err(failed)?;
    let seconds = begun.elapsed().as_secs_f64();
    let observed = session.finish(root);
    Ok(ProbeReport {
        version: ProbeReport::VERSION,
        command: command.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        exit: match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, signal) => Exit::Signal(signal.unwrap_or_default()),
        },
        seconds,
        processes: observed.processes,
        classes: observed.classes,
        memory: observed.memory,
        redis: observed.redis,
        notes: observed.notes,
    })
}

fn wait(child: &mut Child, cancel: &Cancel) -> io::Result<ExitStatus> {
    let mut requests = [Signal::TERM, Signal::KILL].into_iter();
    let mut wished: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if cancel.is_cancelled() {
            let since = *wished.get_or_insert_with(Instant::now);
            if since.elapsed() >= GRACE {
                wished = Some(Instant::now());
                let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
                if let (Some(pid), Some(request)) = (pid, requests.next()) {
                    // Fails where it has just ended, which is what was wanted.
                    let _gone = kill_process(pid, request);
                }
            }
        }
        thread::sleep(TICK);
    }
}
