//! Running git.
//!
//! [`Processes`] is the one way to a process, so that whoever wraps it can stop before any run that
//! changes the repository.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write as _};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::fs::{FileSystem as _, OsFileSystem};

/// How often a running process is looked at, and a held lock tried again.
const PAUSE: Duration = Duration::from_millis(5);

/// Whether a run changes the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only looks; optional locks are not taken.
    Reads,
    /// It changes something.
    Changes,
}

/// One run of git.
#[derive(Debug, Clone)]
pub struct Call {
    /// What follows `git`.
    pub arguments: Vec<OsString>,
    /// Variables added to the environment.
    pub environment: Vec<(&'static str, OsString)>,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Its standard input.
    pub input: Vec<u8>,
    /// Whether it changes the repository.
    pub effect: Effect,
}

impl Call {
    /// `git ARGUMENTS` in `folder`.
    pub fn new<S: AsRef<OsStr>>(
        folder: &Path,
        effect: Effect,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            arguments: arguments.into_iter().map(|one| one.as_ref().to_owned()).collect(),
            environment: Vec::new(),
            folder: folder.to_path_buf(),
            input: Vec::new(),
            effect,
        }
    }

    /// With more arguments.
    #[must_use]
    pub fn with<S: AsRef<OsStr>>(mut self, more: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(more.into_iter().map(|one| one.as_ref().to_owned()));
        self
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name, value.as_ref().to_owned()));
        self
    }

    /// With `input` on its standard input.
    #[must_use]
    pub fn feed(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// The subcommand, for messages.
    pub fn name(&self) -> String {
        let mut words = self.arguments.iter().map(|word| word.to_string_lossy());
        while let Some(word) = words.next() {
            if word == "-c" {
                words.next();
            } else if !word.starts_with('-') {
                return word.into_owned();
            }
        }
        String::new()
    }
}

/// What a run left behind.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub out: Vec<u8>,
    /// Its standard error.
    pub err: Vec<u8>,
}

/// Told the id of a process before that process may begin.
pub type Started<'a> = &'a mut dyn FnMut(u32) -> io::Result<()>;

/// Runs git.
pub trait Processes: Sync {
    /// Runs it to its end.
    ///
    /// # Errors
    /// git cannot be started, or its output cannot be read. That it fails is no error here.
    fn run(&self, call: &Call) -> io::Result<Output>;

    /// Runs it to its end, but lets it begin only after `started` has returned: whoever dies
    /// before that leaves no process behind that nobody knows of.
    ///
    /// # Errors
    /// The same, or what `started` gives.
    fn run_announced(&self, call: &Call, started: Started<'_>) -> io::Result<Output>;

    /// Whether a process of this id exists.
    fn is_alive(&self, id: u32) -> bool;
}

/// The `git` on the `PATH`.
#[derive(Debug, Clone)]
pub struct OsProcesses {
    /// `GIT_DIR` and its like, which the user gave relative to the folder that they are in.
    located: Vec<(&'static str, PathBuf)>,
    stop: Arc<AtomicBool>,
}

impl OsProcesses {
    /// Git as this process's environment has it. A process that runs while `stop` becomes true is
    /// asked to end.
    pub fn new(stop: Arc<AtomicBool>) -> Self {
        let names = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"];
        let located = names
            .into_iter()
            .filter_map(|name| Some((name, std::path::absolute(std::env::var_os(name)?).ok()?)))
            .collect();
        Self { located, stop }
    }

    fn command(&self, program: &str, call: &Call) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&call.folder);
        for (name, place) in &self.located {
            command.env(name, place);
        }
        if call.effect == Effect::Reads {
            command.env("GIT_OPTIONAL_LOCKS", "0");
        }
        command.envs(call.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Reads what it writes and waits for its end, passing a request to stop on.
    fn finish(&self, mut child: Child, input: Vec<u8>) -> io::Result<Output> {
        let feeder = child.stdin.take().map(|mut pipe| {
            // A process that ends without reading its input is judged by its status.
            thread::spawn(move || drop(pipe.write_all(&input)))
        });
        let ended = Arc::new(AtomicBool::new(false));
        let out = child.stdout.take().map(|stream| drain(stream, &ended));
        let err = child.stderr.take().map(|stream| drain(stream, &ended));
        let mut asked = false;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if self.stop.load(Ordering::Relaxed) && !asked {
                asked = true;
                ask_to_end(child.id());
            }
            thread::sleep(PAUSE);
        };
        ended.store(true, Ordering::Release);
        if let Some(feeder) = feeder {
            // The thread only writes to a pipe and cannot panic.
            let _joined = feeder.join();
        }
        Ok(Output { status, out: collected(out), err: collected(err) })
    }
}

/// Asks a process and everything below it to end: git does not pass the request to its hooks,
/// and one that goes on would change files that are being put back.
fn ask_to_end(id: u32) {
    let mut all = vec![id];
    let mut next = 0;
    while let Some(&id) = all.get(next) {
        next += 1;
        // Only Linux says; elsewhere the hook ends by itself.
        let list = Path::new("/proc").join(format!("{id}/task/{id}/children"));
        let list = OsFileSystem.read(&list).unwrap_or_default();
        let below = String::from_utf8_lossy(&list).into_owned();
        all.extend(below.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    for id in all {
        if let Some(id) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
            // It may have ended already.
            let _gone = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
    }
}

impl Default for OsProcesses {
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl Processes for OsProcesses {
    fn run(&self, call: &Call) -> io::Result<Output> {
        let child = self.command("git", call).args(&call.arguments).spawn()?;
        self.finish(child, call.input.clone())
    }

    fn run_announced(&self, call: &Call, started: Started<'_>) -> io::Result<Output> {
        // The shell waits for a line, leaves what follows it to be read, and becomes git, so the id
        // stays the same. Without the line it ends.
        let wait = "IFS= read -r go || exit 125; exec git \"$@\"";
        let mut command = self.command("sh", call);
        let mut child = command.args(["-c", wait, "git"]).args(&call.arguments).spawn()?;
        if let Err(error) = started(child.id()) {
            drop(child.stdin.take());
            let _ended = child.wait();
            return Err(error);
        }
        self.finish(child, [b"go\n", call.input.as_slice()].concat())
    }

    fn is_alive(&self, id: u32) -> bool {
        i32::try_from(id)
            .ok()
            .and_then(rustix::process::Pid::from_raw)
            .is_some_and(|id| rustix::process::test_kill_process(id).is_ok())
    }
}

type Drain = thread::JoinHandle<Vec<u8>>;

/// Reads `stream` to its end, or, once the process that wrote it has `ended`, to the end of what
/// is there: a hook may have left something running that holds it open for ever.
fn drain(mut stream: impl Read + AsFd + Send + 'static, ended: &Arc<AtomicBool>) -> Drain {
    let ended = Arc::clone(ended);
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            // Asked before the pipe is looked at: what was written before the end is in it then.
            let is_last = ended.load(Ordering::Acquire);
            let mut wanted = [PollFd::new(&stream, PollFlags::IN)];
            let limit = Timespec::try_from(if is_last { Duration::ZERO } else { PAUSE }).ok();
            match poll(&mut wanted, limit.as_ref()) {
                Ok(0) if is_last => return bytes,
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) | Err(_) => {}
            }
            match stream.read(&mut buffer) {
                Ok(count) if count > 0 => {
                    bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What came before an error is still worth showing.
                Ok(_) | Err(_) => return bytes,
            }
        }
    })
}

fn collected(stream: Option<Drain>) -> Vec<u8> {
    stream.and_then(|thread| thread.join().ok()).unwrap_or_default()
}
