//! Runs a user's command as it would run without us, and observes it.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::report::{Exit, ProbeReport};
use super::session::{Options, Session, Targets};
use crate::process::Cancel;

/// How soon a wish to stop is noticed, and the command's end where nobody tells of it.
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
///
/// # Errors
/// The command cannot be started or observed. That it fails is no error here.
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
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let end = pid.and_then(|pid| end_of(pid).ok());
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
                if let (Some(pid), Some(request)) = (pid, requests.next()) {
                    // Fails where it has just ended, which is what was wanted.
                    let _gone = kill_process(pid, request);
                }
            }
        }
        let heard = end.as_ref().map(|end| end.recv_timeout(TICK));
        if !matches!(heard, Some(Ok(()) | Err(RecvTimeoutError::Timeout))) {
            // There is nobody who would tell.
            thread::sleep(TICK);
        }
    }
}

/// Hears of the end of `pid` as it ends, and leaves it to be waited for, so that its number stays
/// its own.
fn end_of(pid: Pid) -> io::Result<Receiver<()>> {
    let (told, end) = mpsc::channel();
    thread::Builder::new().name("probe end".to_owned()).spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(pid), options), Err(Errno::INTR)) {}
        // Nobody listens where the end was noticed otherwise.
        let _unheard = told.send(());
    })?;
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_and_is_still_there_to_be_waited_for() {
        let mut child = Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let end = end_of(pid).unwrap();
        assert_eq!(end.recv_timeout(Duration::from_mins(1)), Ok(()));
        assert_eq!(child.wait().unwrap().code(), Some(7));
    }
}
