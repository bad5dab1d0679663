//! Files and git with every step counted, and one step going wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use tiermod::fs::{FileSystem, Node, OsFileSystem, TryLock};
use tiermod::git::{Call, Effect, Output, Processes, Started};

use crate::sandbox::TestGit;

/// What goes wrong, and at which step, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The process is killed before the step.
    KillBefore(usize),
    /// The process is killed in the middle of it: half of the bytes are written, or git goes on
    /// alone.
    KillWithin(usize),
    /// The step fails.
    Error(usize, ErrorKind),
    /// From this step on everything fails, reading too: as if the process were dead.
    DeadFrom(usize),
    /// From this step on, every step of a kind that this error can meet fails.
    ErrorFrom(usize, ErrorKind),
}

/// What a step fails with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// `ENOSPC`, after half of the bytes.
    NoSpace,
    /// `EACCES`.
    NoAccess,
}

impl ErrorKind {
    fn error(self) -> io::Error {
        let code = match self {
            Self::NoSpace => rustix::io::Errno::NOSPC,
            Self::NoAccess => rustix::io::Errno::ACCESS,
        };
        code.into()
    }
}

/// What a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Room on the disk.
    Room,
    /// Nothing but the right to do it.
    Right,
}

/// The machine, with one fault.
pub(crate) struct Steps {
    files: OsFileSystem,
    git: TestGit,
    fault: Fault,
    count: AtomicUsize,
}

impl Steps {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { files: OsFileSystem, git: TestGit::default(), fault, count: AtomicUsize::new(0) }
    }

    /// How many steps were begun.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// One step: `half` does a part of it.
    fn step(&self, needs: Needs, half: impl FnOnce()) -> io::Result<()> {
        let now = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        match self.fault {
            Fault::KillBefore(n) if n == now => die(),
            Fault::KillWithin(n) if n == now => {
                half();
                die()
            }
            Fault::DeadFrom(n) if now > n => Err(dead()),
            Fault::DeadFrom(n) if now == n => {
                half();
                Err(dead())
            }
            Fault::Error(n, kind) if n == now => {
                half();
                Err(kind.error())
            }
            Fault::ErrorFrom(n, kind)
                if now >= n && (kind, needs) != (ErrorKind::NoSpace, Needs::Right) =>
            {
                half();
                Err(kind.error())
            }
            _ => Ok(()),
        }
    }

    fn alive(&self) -> io::Result<()> {
        match self.fault {
            Fault::DeadFrom(n) if self.count() >= n => Err(dead()),
            _ => Ok(()),
        }
    }

    fn right(&self) -> io::Result<()> {
        self.step(Needs::Right, || {})
    }

    fn room(&self) -> io::Result<()> {
        self.step(Needs::Room, || {})
    }
}

fn dead() -> io::Error {
    io::Error::other("the process is dead")
}

fn die() -> ! {
    kill_process(getpid(), Signal::KILL).unwrap();
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn half(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() / 2]
}

impl FileSystem for Steps {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.alive()?;
        self.files.read(path)
    }

    fn node(&self, path: &Path) -> io::Result<Option<Node>> {
        self.alive()?;
        self.files.node(path)
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.real_path(path)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.files.entries(folder)
    }

    fn check_writable(&self, path: &Path) -> io::Result<()> {
        self.files.check_writable(path)
    }

    fn may_give_to(&self, user: u32, group: u32) -> bool {
        self.files.may_give_to(user, group)
    }

    fn try_lock(&self, path: &Path, holder: &[u8]) -> io::Result<TryLock> {
        self.room()?;
        self.files.try_lock(path, holder)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.room()?;
        self.files.create_folder(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<()> {
        self.room()?;
        self.files.create_file(path)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step(Needs::Room, || self.files.append(path, half(bytes)).unwrap())?;
        self.files.append(path, bytes)
    }

    fn overwrite(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step(Needs::Right, || self.files.overwrite(path, half(bytes)).unwrap())?;
        self.files.overwrite(path, bytes)
    }

    fn set_length(&self, path: &Path, length: u64) -> io::Result<()> {
        self.right()?;
        self.files.set_length(path, length)
    }

    fn copy_owner(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.right()?;
        self.files.copy_owner(from, to)
    }

    fn copy_mode(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.right()?;
        self.files.copy_mode(from, to)
    }

    fn copy_extended(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.room()?;
        self.files.copy_extended(from, to)
    }

    fn outdo_second(&self, path: &Path, second: i64) -> io::Result<()> {
        self.right()?;
        self.files.outdo_second(path, second)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.right()?;
        self.files.sync_file(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.right()?;
        self.files.sync_folder(path)
    }

    fn link(&self, original: &Path, name: &Path) -> io::Result<()> {
        self.room()?;
        self.files.link(original, name)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.right()?;
        self.files.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.right()?;
        self.files.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.right()?;
        self.files.remove_folder(path)
    }
}

impl Processes for Steps {
    fn run(&self, call: &Call) -> io::Result<Output> {
        self.alive()?;
        assert_eq!(call.effect, Effect::Reads, "{:?} is not announced", call.arguments);
        self.git.run(call)
    }

    fn run_announced(&self, call: &Call, started: Started<'_>) -> io::Result<Output> {
        let now = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        match self.fault {
            Fault::KillBefore(n) if n == now => die(),
            Fault::KillWithin(n) if n == now => {
                // Git has begun, or is about to; when exactly we go does not matter to what must
                // hold afterwards.
                let mut started = |id| {
                    started(id)?;
                    std::thread::spawn(|| {
                        std::thread::sleep(Duration::from_millis(1));
                        die()
                    });
                    Ok(())
                };
                let _output = self.git.run_announced(call, &mut started);
                die()
            }
            Fault::Error(n, kind) if n == now => Err(kind.error()),
            Fault::ErrorFrom(n, kind) if now >= n => Err(kind.error()),
            Fault::DeadFrom(n) if now >= n => Err(dead()),
            _ => self.git.run_announced(call, started),
        }
    }

    fn is_alive(&self, id: u32) -> bool {
        self.git.is_alive(id)
    }
}
