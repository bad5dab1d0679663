//! A tier of more than 20 files with something going wrong at every single step: after the next
//! start the tree is wholly old or wholly new, the index and `HEAD` agree with it, and nothing is
//! left behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::{Signal, getpid, kill_process};
use tiermod::patch::Change;
use tiermod::transaction::{
    Checks, Finish, Interrupt, NoChecks, Outcome, Patience, Workbench, apply,
};

use crate::sandbox::{Sandbox, State, change, holder, isolate, request, run, say};
use crate::steps::{ErrorKind, Fault, Steps};

/// A project in which much can go wrong: links of both kinds, modes, odd names, and work of the
/// user's that is staged, not staged, or not even tracked.
fn project(with_git: bool) -> Sandbox {
    let sandbox = if with_git { Sandbox::git() } else { Sandbox::plain() };
    for n in 0..18 {
        sandbox.write(format!("app/f{n}.py"), format!("import os\nx{n} = R()\nlast = {n}\n"));
    }
    sandbox.write("app/run me.py", "#!/usr/bin/python\nR()");
    fs::set_permissions(sandbox.path("app/run me.py"), fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.write("app/one.py", "a = R()\nb = R()  # long enough to be torn\n");
    fs::hard_link(sandbox.path("app/one.py"), sandbox.path("app/two.py")).unwrap();
    sandbox.write("lib/real.py", "R()\r\n");
    std::os::unix::fs::symlink("../lib/real.py", sandbox.path("app/link.py")).unwrap();
    for name in ["staged.py", "unstaged.py", "both.py"] {
        sandbox.write(name, "1\n2\n3\n");
    }
    if with_git {
        sandbox.commit_all("first");
        sandbox.write("staged.py", "staged\n");
        sandbox.write("both.py", "staged\n");
        sandbox.write("new.py", "added\n");
        sandbox.run_git(&["add", "staged.py", "both.py", "new.py"]);
        sandbox.write("both.py", "and more\n");
        sandbox.write("unstaged.py", "unstaged\n");
        sandbox.write("untracked.py", "untracked\n");
    }
    sandbox
}

fn changes(root: &Path) -> Vec<Change> {
    let mut names: Vec<String> = (0..18).map(|n| format!("app/f{n}.py")).collect();
    names.extend(["run me", "one", "two", "link"].map(|name| format!("app/{name}.py")));
    names
        .iter()
        .map(|name| {
            let old = fs::read(root.join(name)).unwrap();
            let new = String::from_utf8(old.clone()).unwrap().replace("R()", "the_shared_one");
            change(name, &old, new.as_bytes())
        })
        .collect()
}

fn tier(root: &Path) -> tiermod::transaction::Request {
    let finish = if root.join(".git").exists() { Finish::Commit } else { Finish::Keep };
    request("one", changes(root), finish)
}

/// What `driver` is to do, in the environment of a process of its own.
const DRIVER: &str = "TIERMOD_TEST_DRIVER";

/// Does nothing in an ordinary run: it is what the other tests start as a process to kill.
#[test]
fn driver() {
    let Ok(task) = std::env::var(DRIVER) else { return };
    let words: Vec<&str> = task.splitn(4, ' ').collect();
    let [work, how, step, root] = words.as_slice() else { panic!("{task}") };
    if *work == "signal" {
        return be_signalled(step.parse().unwrap(), Path::new(root));
    }
    let step: usize = step.parse().unwrap();
    let fault = if *how == "before" { Fault::KillBefore(step) } else { Fault::KillWithin(step) };
    let steps = Steps::new(fault);
    let root = PathBuf::from(root);
    let recovering = *work == "recover";
    run(&steps, &steps, &root, |ready| {
        if !recovering {
            apply(ready, tier(&root), &mut NoChecks).unwrap();
        }
    })
    .unwrap();
}

/// Runs `driver`; whether it was killed. It does not fail.
fn drive(root: &Path, work: &str, fault: Fault) -> bool {
    let (killed, ok) = try_drive(root, work, fault);
    assert!(killed || ok, "{work} {fault:?} failed");
    killed
}

/// Runs `driver`; whether it was killed, and whether it succeeded.
fn try_drive(root: &Path, work: &str, fault: Fault) -> (bool, bool) {
    let (how, step) = match fault {
        Fault::KillBefore(step) => ("before", step),
        Fault::KillWithin(step) => ("within", step),
        other => panic!("{other:?} kills nobody"),
    };
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "faults::driver", "--nocapture", "--test-threads=1"])
        .env(DRIVER, format!("{work} {how} {step} {}", root.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    isolate(&mut command);
    let output = command.output().unwrap();
    (output.status.signal() == Some(9), output.status.success())
}

/// What every run has to end in.
struct Ends {
    template: Sandbox,
    old: State,
    new: State,
    steps: usize,
}

impl Ends {
    fn new(with_git: bool) -> Self {
        let template = project(with_git);
        let old = state(&template);
        let whole = copy(&template);
        let steps = Steps::new(Fault::None);
        let outcome = run(&steps, &steps, &whole.root, |ready| {
            apply(ready, tier(&whole.root), &mut NoChecks).unwrap()
        });
        let Outcome::Done(done) = outcome.unwrap().0 else { panic!("nothing was done") };
        assert_eq!(done.warnings, Vec::<String>::new());
        assert_eq!(whole.leftovers(), Vec::<String>::new());
        let new = state(&whole);
        assert_ne!(old, new);
        assert!(new.tree.values().all(|(_, bytes)| !bytes.starts_with(b"R()")));
        Self { template, old, new, steps: steps.count() }
    }

    /// Checks a sandbox after its recovery.
    fn check(&self, sandbox: &Sandbox, what: &str) {
        sandbox.recover();
        let is = state(sandbox);
        if is != self.old && is != self.new {
            let nearer = if is.tree == self.new.tree { &self.new } else { &self.old };
            assert_eq!(&is, nearer, "{what}: neither old nor new");
        }
        assert_eq!(sandbox.leftovers(), Vec::<String>::new(), "{what}");
    }
}

fn state(sandbox: &Sandbox) -> State {
    if sandbox.path(".git").exists() {
        return sandbox.state();
    }
    State { tree: sandbox.tree(), index: String::new(), status: String::new(), head: String::new() }
}

fn copy(template: &Sandbox) -> Sandbox {
    let copy = Sandbox::plain();
    fs::remove_dir(&copy.root).unwrap();
    let done = Command::new("cp").arg("-a").arg(&template.root).arg(&copy.root).status().unwrap();
    assert!(done.success());
    copy
}

/// Does `work` for every number up to `count`, on all processors.
fn for_each(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= count {
                        break;
                    }
                    work(n + 1);
                }
            });
        }
    });
}

/// Whether everything is tried at every step, which takes some minutes: `TIERMOD_TEST_FULL=1`.
/// Otherwise an apply with git is killed once at every step, and of the rest some are tried.
fn in_full() -> bool {
    std::env::var_os("TIERMOD_TEST_FULL").is_some()
}

/// Those of `faults` that are tried at `step`; at every `nth` step where not all of them are.
fn chosen(step: usize, nth: usize, faults: &[Fault]) -> Vec<Fault> {
    if in_full() {
        faults.to_vec()
    } else if step.is_multiple_of(nth) {
        vec![faults[step / nth % faults.len()]]
    } else {
        Vec::new()
    }
}

fn kill_at_every_step(with_git: bool, nth: usize) {
    let ends = Ends::new(with_git);
    let killed = AtomicUsize::new(0);
    for_each(ends.steps, |step| {
        for fault in chosen(step, nth, &[Fault::KillBefore(step), Fault::KillWithin(step)]) {
            let sandbox = copy(&ends.template);
            if drive(&sandbox.root, "apply", fault) {
                killed.fetch_add(1, Ordering::SeqCst);
            }
            ends.check(&sandbox, &format!("{fault:?} of {}", ends.steps));
        }
    });
    let killed = killed.into_inner();
    say(&format!("apply, git {with_git}: {} steps, killed {killed} times", ends.steps));
    assert!(killed >= ends.steps / nth, "{killed} of {} were killed", ends.steps);
}

#[test]
fn killed_at_every_step_of_an_apply_with_git() {
    kill_at_every_step(true, 1);
}

#[test]
fn killed_at_every_step_of_an_apply_without_git() {
    kill_at_every_step(false, 3);
}

/// Hooks that kill git, or us, or both; git that goes on alone is waited for.
#[test]
fn killed_by_a_hook_in_the_middle_of_a_commit() {
    let ends = Ends::new(true);
    let git = "kill -9 $PPID";
    let us = "kill -9 $(cut -d' ' -f4 /proc/$PPID/stat)";
    for (hook, script, is_killed, is_new) in [
        ("pre-commit", git.to_owned(), false, false),
        ("pre-commit", us.to_owned(), true, true),
        ("pre-commit", format!("{us}; {git}"), true, false),
        ("commit-msg", format!("{us}; {git}"), true, false),
        ("post-commit", us.to_owned(), true, true),
        ("post-commit", git.to_owned(), false, true),
        ("post-commit", format!("{us}; {git}"), true, true),
    ] {
        let what = format!("{hook}: {script}");
        let sandbox = copy(&ends.template);
        sandbox.hook(hook, &script);
        let (killed, ok) = try_drive(&sandbox.root, "apply", Fault::KillBefore(usize::MAX));
        assert_eq!(killed, is_killed, "{what}");
        assert!(killed || ok == is_new, "{what}");
        // The next start is not disturbed.
        fs::remove_file(sandbox.path(format!(".git/hooks/{hook}"))).unwrap();
        ends.check(&sandbox, &what);
        assert_eq!(state(&sandbox) == ends.new, is_new, "{what}");
    }
}

#[test]
fn a_recovery_that_is_killed_at_every_step_is_taken_up_by_the_next() {
    let ends = Ends::new(true);
    let tried = AtomicUsize::new(0);
    for_each(ends.steps, |first| {
        if first % (if in_full() { 7 } else { 61 }) != 0 {
            return;
        }
        for second in 1.. {
            let sandbox = copy(&ends.template);
            drive(&sandbox.root, "apply", Fault::KillBefore(first));
            let killed = drive(&sandbox.root, "recover", Fault::KillBefore(second));
            ends.check(&sandbox, &format!("killed at {first}, and recovering at {second}"));
            tried.fetch_add(1, Ordering::SeqCst);
            if !killed {
                break;
            }
        }
    });
    say(&format!("recoveries killed: {}", tried.into_inner()));
}

#[test]
fn every_step_can_fail_and_the_tree_is_old_or_new() {
    let mut tried = 0;
    for with_git in [true, false] {
        let ends = Ends::new(with_git);
        let runs = AtomicUsize::new(0);
        for_each(ends.steps, |step| {
            let faults = [
                Fault::Error(step, ErrorKind::NoSpace),
                Fault::ErrorFrom(step, ErrorKind::NoSpace),
                Fault::Error(step, ErrorKind::NoAccess),
                Fault::ErrorFrom(step, ErrorKind::NoAccess),
            ];
            for fault in chosen(step, 3, &faults) {
                fail(&ends, fault);
                runs.fetch_add(1, Ordering::SeqCst);
            }
        });
        tried += runs.into_inner();
    }
    say(&format!("failures tried: {tried}"));
}

fn fail(ends: &Ends, fault: Fault) {
    let sandbox = copy(&ends.template);
    let steps = Steps::new(fault);
    let (Fault::Error(step, _) | Fault::ErrorFrom(step, _)) = fault else { panic!("{fault:?}") };
    let result = run(&steps, &steps, &sandbox.root, |ready| {
        apply(ready, tier(&sandbox.root), &mut NoChecks)
    });
    match result {
        Ok((Ok(_), _)) => {}
        Ok((Err(failure), _)) => {
            let said = failure.to_string();
            let names_it = ["No space", "Permission denied"].iter().any(|word| said.contains(word));
            assert!(names_it, "{fault:?}: {said}");
            // One step that fails, or a disk that is full from there on, does not keep us from
            // going back.
            if fault != Fault::ErrorFrom(step, ErrorKind::NoAccess) {
                assert_eq!(state(&sandbox), ends.old, "{fault:?}: {said}");
            }
        }
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains("No space") || said.contains("Permission"), "{fault:?}: {said}");
        }
    }
    ends.check(&sandbox, &format!("{fault:?}"));
}

/// A gate that signals the process that runs it, and ends when the signal has arrived.
struct Signals(i32, Interrupt);

impl Checks for Signals {
    fn before(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn after(&mut self) -> Result<(), String> {
        kill_process(getpid(), Signal::from_named_raw(self.0).unwrap()).unwrap();
        while !self.1.is_raised() {
            std::thread::yield_now();
        }
        Ok(())
    }
}

fn be_signalled(signal: i32, root: &Path) {
    let stop = Interrupt::on_signals().unwrap();
    let steps = Steps::new(Fault::None);
    let bench = Workbench::open(&steps, &steps, root, stop.clone()).unwrap();
    let (ready, _) =
        bench.lock(&holder(), Patience::Fail).unwrap().recover(Patience::Fail).unwrap();
    let failure = apply(&ready, tier(root), &mut Signals(signal, stop)).unwrap_err();
    assert_eq!(failure.to_string(), "interrupted\nthe tree is as before");
}

#[test]
fn ctrl_c_and_sigterm_undo_the_tier_before_the_process_ends() {
    let template = project(true);
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let sandbox = copy(&template);
        let before = sandbox.state();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "faults::driver", "--nocapture", "--test-threads=1"])
            .env(DRIVER, format!("signal - {} {}", signal.as_raw(), sandbox.root.display()));
        isolate(&mut command);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{signal:?}: {said}");
        assert_eq!(sandbox.state(), before, "{signal:?}");
        assert_eq!(sandbox.leftovers(), Vec::<String>::new(), "{signal:?}");
    }
}

#[test]
fn two_at_once_are_one_after_the_other() {
    let template = project(true);
    let sandbox = copy(&template);
    let root = &sandbox.root;
    // Both plan from the same tree: the second finds that its plan is out of date, or waits and
    // finds nothing to do; never half of each.
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(move || {
                    let plan = tier(root);
                    let steps = Steps::new(Fault::None);
                    run(&steps, &steps, root, |ready| apply(ready, plan, &mut NoChecks).is_ok())
                        .unwrap()
                        .0
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|ok| **ok).count(), 1);
    assert_eq!(sandbox.run_git(&["rev-list", "--count", "HEAD"]).trim(), "2");
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}
