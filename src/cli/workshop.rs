//! The repository, the lock and the signals, as commands use them.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use super::terminal::Terminal;
use crate::fs::OsFileSystem;
use crate::git::OsProcesses;
use crate::process::Cancel;
use crate::transaction::{
    End, Holder, Interrupt, Kind, Patience, Ready, Recovery, SetAside, TransactionError, Workbench,
};

/// What a command needs to look at a repository, and to change files in it.
pub struct Workshop {
    processes: OsProcesses,
    stop: Interrupt,
}

impl Workshop {
    /// For a command that only looks: a signal ends it as it ends any program.
    pub fn to_look() -> Self {
        let stop = Interrupt::default();
        Self { processes: OsProcesses::new(stop.flag()), stop }
    }

    /// For a command that changes files or runs gates: a signal asks it to end, and a second one
    /// ends it at once.
    ///
    /// # Errors
    /// The system refuses the handlers.
    pub fn to_change() -> io::Result<Self> {
        let stop = Interrupt::on_signals()?;
        Ok(Self { processes: OsProcesses::new(stop.flag()), stop })
    }

    /// The project in `root`.
    ///
    /// # Errors
    /// The folder is not there, or git refuses to work in it.
    pub fn bench(&self, root: &Path) -> Result<Workbench<'_>, TransactionError> {
        Workbench::open(&OsFileSystem, &self.processes, root, self.stop.clone())
    }

    /// The same wish, for those who run gates.
    pub fn cancel(&self) -> Cancel {
        Cancel::sharing(self.stop.flag())
    }
}

/// Takes the lock, deals with what an interrupted run left, and says what became of that.
///
/// # Errors
/// Another run holds the lock and is not to be waited for, or the disk refuses.
pub fn ready<'b>(
    bench: &'b Workbench<'b>,
    patience: Patience,
    terminal: &Terminal,
) -> Result<Ready<'b>, TransactionError> {
    let holder = holder();
    let locked = match bench.lock(&holder, Patience::Fail) {
        Err(TransactionError::Held { holder: other, .. }) if patience == Patience::Wait => {
            terminal.say(&format!("waiting for {other}"));
            bench.lock(&holder, patience)
        }
        locked => locked,
    }?;
    let (ready, recovery) = locked.recover(patience)?;
    if let Some(recovery) = recovery {
        terminal.complain(&recovered(&recovery));
    }
    Ok(ready)
}

/// Says that an interrupted run waits to be dealt with, to whoever looks at the tree meanwhile.
///
/// # Errors
/// Its journal cannot be read.
pub fn warn_of_unfinished(
    bench: &Workbench<'_>,
    terminal: &Terminal,
) -> Result<(), TransactionError> {
    if let Some((kind, tier)) = bench.unfinished()? {
        let what = noun(kind);
        terminal.complain(&format!(
            "warning: the {what} of tier {tier} was interrupted, or is going on: its files may be \
             half changed. The next `tiermod apply` or `tiermod rollback` undoes what was \
             interrupted."
        ));
    }
    Ok(())
}

/// `apply` or `rollback`, as a noun.
fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Apply => "apply",
        Kind::Rollback => "rollback",
    }
}

fn recovered(recovery: &Recovery) -> String {
    let (what, tier) = (noun(recovery.kind), &recovery.tier);
    match &recovery.end {
        End::Finished(id) => {
            format!("an interrupted {what} of tier {tier} was finished: it stands as {id}")
        }
        End::Undone(set_aside) => {
            let mut text =
                format!("an interrupted {what} of tier {tier} was undone: its files are as before");
            for SetAside { path, copy } in set_aside {
                let copy = copy.display();
                let _ = write!(text, "\n  {path}: what somebody wrote since is in {copy}");
            }
            text
        }
    }
}

fn holder() -> Holder {
    let arguments = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    Holder {
        process: std::process::id(),
        host: host(),
        since: now(),
        command: arguments.collect::<Vec<_>>().join(" "),
    }
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The time, as ISO 8601.
pub fn now() -> String {
    format!("{:.0}", Timestamp::now())
}

/// Who runs the command: as git knows them, or as the system does.
///
/// # Errors
/// Git fails.
pub fn who(bench: &Workbench<'_>) -> Result<String, TransactionError> {
    if let Some(git) = bench.git()
        && let (Some(name), Some(address)) = (git.setting("user.name")?, git.setting("user.email")?)
    {
        return Ok(format!("{name} <{address}>"));
    }
    let known = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = known.filter(|user| !user.is_empty());
    let user = user.unwrap_or_else(|| rustix::process::getuid().as_raw().to_string());
    Ok(format!("{user} <{user}@{}>", host()))
}
