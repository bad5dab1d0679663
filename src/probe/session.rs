//! One observation: the hook on the disk, the threads that look, and what came of it.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tempfile::TempDir;

use super::counts::Counts;
use super::hook;
use super::memory::{Peaks, announced};
use super::redis::{RedisUrl, Watcher};
use super::report::{ClassReport, MemoryReport, RedisReport};
use crate::config::gate::Target;

const MEMORY_INTERVAL: Duration = Duration::from_millis(100);
const REDIS_INTERVAL: Duration = Duration::from_millis(50);

/// The classes to count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets(Vec<Target>);

impl From<Vec<Target>> for Targets {
    fn from(targets: Vec<Target>) -> Self {
        let mut seen = BTreeSet::new();
        Self(targets.into_iter().filter(|target| seen.insert(target.clone())).collect())
    }
}

/// What else to look at.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A Redis server whose clients are counted.
    pub redis: Option<RedisUrl>,
    /// A folder of the user's own, made where there is none, that may keep the hook and its byte
    /// code for the next observation; without it, each compiles the hook again.
    pub cache: Option<PathBuf>,
}

/// An observation that is going on. Dropping it ends it.
#[derive(Debug)]
pub struct Session {
    folder: TempDir,
    hook: PathBuf,
    targets: Targets,
    /// The process that is observed, with all that it starts.
    root_process: Arc<Mutex<Option<u32>>>,
    memory: Looker<Peaks>,
    redis: Option<Looker<RedisReport>>,
}

/// What an observation gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// How many Python processes loaded the hook; forks that built nothing are not among them.
    pub processes: u64,
    /// What was built, for each target in order.
    pub classes: Vec<ClassReport>,
    /// The memory that was taken.
    pub memory: MemoryReport,
    /// What the Redis server saw, where one was named.
    pub redis: Option<RedisReport>,
    /// What could not be observed.
    pub notes: Vec<String>,
}

impl Session {
    /// Lays out the hook and begins to look.
    ///
    /// # Errors
    /// The hook cannot be written to a temporary folder.
    pub fn start(targets: &Targets, options: &Options) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("tiermod-probe-").tempdir()?;
        // The path goes into a list that has no way to quote its separator.
        env::join_paths([folder.path()]).map_err(io::Error::other)?;
        let hook = hook::lay_out(options.cache.as_deref(), folder.path())?;
        fs::create_dir(data(folder.path()))?;
        let lines: Vec<String> = targets.0.iter().map(Target::to_string).collect();
        fs::write(folder.path().join("targets"), lines.join("\n"))?;

        let root_process = Arc::new(Mutex::new(None));
        let memory = {
            let root_process = Arc::clone(&root_process);
            let data = data(folder.path());
            Looker::start(
                "probe memory",
                MEMORY_INTERVAL,
                Peaks::default(),
                move |peaks| {
                    let root = *root_process.lock().unwrap_or_else(PoisonError::into_inner);
                    peaks.sample(root.into_iter().chain(announced(&data)));
                },
                |peaks| peaks,
            )?
        };
        let redis = options
            .redis
            .clone()
            .map(|url| {
                Looker::start(
                    "probe redis",
                    REDIS_INTERVAL,
                    Watcher::new(url),
                    Watcher::sample,
                    Watcher::finish,
                )
            })
            .transpose()?;
        Ok(Self { folder, hook, targets: targets.clone(), root_process, memory, redis })
    }

    /// The variables that make a command observed; `python_path` is the PYTHONPATH that it would
    /// have otherwise.
    pub fn env(&self, python_path: Option<&OsStr>) -> Vec<(OsString, OsString)> {
        let mut path = self.hook.clone().into_os_string();
        if let Some(rest) = python_path.filter(|rest| !rest.is_empty()) {
            path.push(":");
            path.push(rest);
        }
        vec![("TIERMOD_PROBE".into(), self.folder.path().into()), ("PYTHONPATH".into(), path)]
    }

    /// Looks at the memory of the process `pid` and of all that it starts.
    pub fn watch(&self, pid: u32) {
        *self.root_process.lock().unwrap_or_else(PoisonError::into_inner) = Some(pid);
    }

    /// What was seen, now that the command has ended; paths are relative to `root` where they
    /// are inside it.
    pub fn finish(self, root: &Path) -> Observed {
        let peaks = self.memory.finish().unwrap_or_default();
        let redis = self.redis.and_then(Looker::finish);
        let mut notes = BTreeSet::new();
        let counts = Counts::read(&data(self.folder.path())).unwrap_or_else(|error| {
            notes.insert(format!("the counts cannot be read: {error}"));
            Counts::default()
        });
        notes.extend(counts.notes.iter().cloned());
        if counts.processes == 0 {
            notes.insert(
                "no Python process loaded the probe: the command starts none, or starts it with \
                 -S, -E or -I, or without its environment"
                    .to_owned(),
            );
        }
        let together = (peaks.together > 0).then_some(peaks.together);
        let peak_process = peaks.by_process.values().chain(counts.memory.values()).copied().max();
        Observed {
            processes: counts.processes,
            classes: counts.classes(&self.targets.0, root),
            memory: MemoryReport {
                peak_process,
                // All together held at least what one did at its peak, which may have been
                // between two looks.
                peak_together: together.max(peak_process.filter(|_| together.is_some())),
            },
            redis,
            notes: notes.into_iter().collect(),
        }
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// A thread that looks at something at intervals until it is told to stop.
#[derive(Debug)]
struct Looker<R> {
    stop: Sender<()>,
    thread: JoinHandle<R>,
}

impl<R: Send + 'static> Looker<R> {
    fn start<S: Send + 'static>(
        name: &str,
        interval: Duration,
        mut state: S,
        look: impl Fn(&mut S) + Send + 'static,
        finish: impl FnOnce(S) -> R + Send + 'static,
    ) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            loop {
                look(&mut state);
                match stopped.recv_timeout(interval) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return finish(state),
                }
            }
        })?;
        Ok(Self { stop, thread })
    }

    fn finish(self) -> Option<R> {
        drop(self.stop);
        self.thread.join().ok()
    }
}
