//! Runs one shell command to its end, or to its limit.
//!
//! The command leads a session of its own, so that it has no terminal to wait for and one signal
//! reaches all that it started. A process that opened yet another session, as daemons do, is out
//! of reach: it is left alone, and the pipe that it may still hold is not waited for.

use std::ffi::OsString;
use std::io::{self, PipeReader, Read};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use process_wrap::std::{CommandWrap, ProcessSession};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, kill_process_group, test_kill_process_group, waitpgid,
    waitpid,
};

use super::cancel::Cancel;

/// How soon an end, a limit, or a wish to stop is noticed.
const TICK: Duration = Duration::from_millis(20);
/// How often a listener hears how long it has been.
const PROGRESS: Duration = Duration::from_millis(100);
/// How long to wait for the kernel to take away a killed group.
const REMOVAL: Duration = Duration::from_secs(2);
/// How long to read what others write into the pipe after the command's end.
const DRAIN: Duration = Duration::from_millis(500);

/// A command to run.
#[derive(Debug)]
pub struct Job<'a> {
    /// What the shell gets.
    pub run: &'a str,
    /// The folder to run in.
    pub cwd: &'a Path,
    /// Variables besides those of this process; a later one of the same name wins.
    pub env: &'a [(OsString, OsString)],
    /// How long it may take.
    pub timeout: Duration,
    /// How long it has to end by itself once it was asked to.
    pub grace: Duration,
}

/// Hears of a command while it runs.
pub trait Listener {
    /// It runs, as the process `pid`, which leads its group and its session.
    fn started(&mut self, _pid: u32) {}

    /// It wrote `bytes` to its standard output or its standard error.
    fn output(&mut self, bytes: &[u8]);

    /// It has been running for `elapsed`; called about ten times a second.
    fn tick(&mut self, _elapsed: Duration) {}
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this exit code.
    Code(i32),
    /// By a signal from elsewhere.
    Signal(i32),
    /// It was ended as it took too long.
    TimedOut,
    /// It was ended as somebody wished.
    Cancelled,
}

/// What is known of a command that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// How it ended.
    pub ended: Ended,
    /// Whether it left processes of its group running, which were then ended too.
    pub left_running: bool,
}

/// Runs `job`, telling `listener`, until it ends, its time is over, or `cancel` says so.
///
/// # Errors
///
/// Where the command cannot be started at all.
pub fn run(job: &Job<'_>, cancel: &Cancel, listener: &mut dyn Listener) -> io::Result<Finished> {
    let (reader, writer) = io::pipe()?;
    let other_writer = writer.try_clone()?;
    let mut command = CommandWrap::with_new("/bin/sh", |command| {
        command
            .arg("-c")
            .arg(job.run)
            .current_dir(job.cwd)
            .envs(job.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(other_writer);
    });
    command.wrap(ProcessSession);
    let child = command.spawn()?;
    // The command holds this process's copies of the writing end; the pipe must end with the
    // child's.
    drop(command);
    let group = i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::Error::other("the system gave a process no number"))?;
    listener.started(child.id());
    let mut supervisor = Supervisor {
        group,
        pipe: Some(reader),
        buffer: vec![0; 64 * 1024],
        begun: Instant::now(),
        last_progress: Duration::ZERO,
        listener,
    };
    supervisor.supervise(job, cancel)
}

struct Supervisor<'a> {
    group: Pid,
    /// Gone once everybody who could write has closed it.
    pipe: Option<PipeReader>,
    buffer: Vec<u8>,
    begun: Instant,
    last_progress: Duration,
    listener: &'a mut dyn Listener,
}

impl Supervisor<'_> {
    fn supervise(&mut self, job: &Job<'_>, cancel: &Cancel) -> io::Result<Finished> {
        let mut stopping: Option<Ended> = None;
        let exit = loop {
            self.listen(TICK);
            if let Some(exit) = self.exit()? {
                break exit;
            }
            if cancel.is_cancelled() {
                stopping = Some(Ended::Cancelled);
            } else if self.begun.elapsed() >= job.timeout {
                stopping = Some(Ended::TimedOut);
            }
            if stopping.is_some() {
                break self.stop_leader(job.grace)?;
            }
        };
        // A command that ended by itself and left others is asked to clean up as well.
        let left_running = self.stop_rest(job.grace);
        self.drain();
        let ended = stopping.unwrap_or(exit);
        Ok(Finished { ended, left_running: left_running && stopping.is_none() })
    }

    /// Asks the group to end, then makes it; how its leader ended.
    fn stop_leader(&mut self, grace: Duration) -> io::Result<Ended> {
        self.signal(Signal::TERM);
        // A stopped process sees the request only once it goes on.
        self.signal(Signal::CONT);
        let asked = Instant::now();
        while asked.elapsed() < grace {
            self.listen(TICK);
            if let Some(exit) = self.exit()? {
                return Ok(exit);
            }
        }
        self.signal(Signal::KILL);
        let killed = Instant::now();
        while killed.elapsed() < REMOVAL {
            self.listen(TICK);
            if let Some(exit) = self.exit()? {
                return Ok(exit);
            }
        }
        // In uninterruptible sleep: the kernel ends it when it can.
        Ok(Ended::Signal(Signal::KILL.as_raw()))
    }

    /// Ends what of the group outlives its leader; whether there was anything.
    fn stop_rest(&mut self, grace: Duration) -> bool {
        if !self.group_is_left() {
            return false;
        }
        self.signal(Signal::TERM);
        self.signal(Signal::CONT);
        for (time, then) in [(grace, Some(Signal::KILL)), (REMOVAL, None)] {
            let begun = Instant::now();
            while begun.elapsed() < time {
                self.listen(TICK);
                if !self.group_is_left() {
                    return true;
                }
            }
            if let Some(signal) = then {
                self.signal(signal);
            }
        }
        true
    }

    fn signal(&self, signal: Signal) {
        // Fails where the group has just ended, which is what was wanted.
        let _gone = kill_process_group(self.group, signal);
    }

    fn group_is_left(&self) -> bool {
        // Where this is the first process of a container, orphans become its children and stay
        // in the group until they are waited for.
        while let Ok(Some(_)) = waitpgid(self.group, WaitOptions::NOHANG) {}
        test_kill_process_group(self.group) != Err(Errno::SRCH)
    }

    fn exit(&self) -> io::Result<Option<Ended>> {
        match waitpid(Some(self.group), WaitOptions::NOHANG) {
            Ok(status) => Ok(status.and_then(|(_, status)| ended(status))),
            Err(Errno::INTR) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Waits for output until `limit`, and hands on what there is.
    fn listen(&mut self, limit: Duration) {
        self.read(limit);
        let elapsed = self.begun.elapsed();
        if elapsed.saturating_sub(self.last_progress) >= PROGRESS {
            self.last_progress = elapsed;
            self.listener.tick(elapsed);
        }
    }

    /// Hands on one buffer of output, waiting for it until `limit`; whether there was some.
    fn read(&mut self, limit: Duration) -> bool {
        let Some(pipe) = &mut self.pipe else {
            thread::sleep(limit);
            return false;
        };
        let mut wanted = [PollFd::new(&*pipe, PollFlags::IN)];
        let limit = Timespec::try_from(limit).ok();
        match poll(&mut wanted, limit.as_ref()) {
            Ok(0) | Err(Errno::INTR) => return false,
            Ok(_) | Err(_) => {}
        }
        match pipe.read(&mut self.buffer) {
            Ok(count) if count > 0 => {
                self.listener.output(self.buffer.get(..count).unwrap_or_default());
                true
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => false,
            Ok(_) | Err(_) => {
                self.pipe = None;
                false
            }
        }
    }

    /// Reads what the command wrote before it ended. A daemon may hold the pipe and go on
    /// writing into it, so the end of the pipe is not waited for.
    fn drain(&mut self) {
        let begun = Instant::now();
        while self.pipe.is_some() && begun.elapsed() < DRAIN && self.read(Duration::ZERO) {}
    }
}

fn ended(status: WaitStatus) -> Option<Ended> {
    status.exit_status().map(Ended::Code).or_else(|| status.terminating_signal().map(Ended::Signal))
}
