//! Runs at the same time, and runs that were killed.

use std::fs;

use rustix::process::{Signal, kill_process};

use super::support::{KillOnDrop, is_running, start, wait_for, with_gates};
use crate::sandbox::Sandbox;

/// It passes before the change; after it, it says that it runs and waits for leave.
const WAITS: &str = "[[gate]]\nname = \"waits\"\nrun = \"grep -q redis_manager app/ws/auth.py \
                     || exit 0; touch .git/started; until [ -e .git/go ]; do sleep 0.01; done\"\n";

fn started(sandbox: &Sandbox, arguments: &[&str]) -> KillOnDrop {
    let child = KillOnDrop(Some(start(&sandbox.root, arguments)));
    wait_for(|| sandbox.path(".git/started").exists(), "the gate");
    child
}

#[test]
fn a_second_run_says_who_is_at_work_or_waits() {
    let sandbox = with_gates(WAITS);
    let first = started(&sandbox, &["apply", "--tier", "1"]);
    let id = first.id().as_raw_nonzero().to_string();
    let words = ["another run holds the lock", &format!("process {id} on "), "apply --tier 1"];
    for line in ["apply --tier 2", "rollback --tier 1"] {
        sandbox.does(line).exits(2).says(&words);
    }
    // Those that only look say what they see.
    for line in ["status", "diff", "apply --tier 2 --dry-run --out-of-order"] {
        sandbox.does(line).ok().says(&["the apply of tier web was interrupted, or is going on"]);
    }
    let mut waiting = KillOnDrop(Some(start(&sandbox.root, &["apply", "--tier", "2", "--wait"])));
    assert!(waiting.is_running());
    sandbox.write(".git/go", "");
    first.end().ok();
    waiting.end().ok();
    assert_eq!(sandbox.subjects(), ["Apply tier 2, agents", "Apply tier 1, web", "gates", "first"]);
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn what_was_killed_is_undone_by_the_next_run() {
    let sandbox = with_gates(WAITS);
    let before = sandbox.everything();
    let child = started(&sandbox, &["apply", "--tier", "1"]);
    assert!(sandbox.read("app/ws/auth.py").contains("redis_manager"));
    kill_process(child.id(), Signal::KILL).unwrap();
    let ended = child.end();
    assert_eq!(ended.code, None);
    // The gate of the killed run is nobody's child any more.
    sandbox.write(".git/go", "");
    sandbox.does("status").ok().says(&["the apply of tier web was interrupted"]);
    fs::remove_file(sandbox.path(".git/go")).unwrap();
    sandbox.does("apply --tier 2 --out-of-order").exits(0).says(&[
        "an interrupted apply of tier web was undone: its files are as before",
        "tier 2, agents: applied",
    ]);
    sandbox.does("rollback --tier 2").ok();
    sandbox.run_git(&["reset", "-q", "--soft", "HEAD~2"]);
    assert_eq!(sandbox.everything(), before);
    assert_eq!(sandbox.leftovers().iter().filter(|name| *name == "journal").count(), 0);
}

#[test]
fn a_signal_while_a_hook_runs_ends_the_hook_and_undoes_the_tier() {
    let sandbox = with_gates("");
    sandbox.hook("pre-commit", "echo $$ > .git/pid; touch .git/started; sleep 1000; exit 0");
    let before = sandbox.everything();
    let child = started(&sandbox, &["apply", "--tier", "1"]);
    kill_process(child.id(), Signal::TERM).unwrap();
    child.end().exits(1).says(&["the tree is as before"]);
    assert_eq!(sandbox.everything(), before);
    let id = sandbox.read(".git/pid");
    wait_for(|| !is_running(id.trim()), "the end of the hook");
}

#[test]
fn what_a_hook_leaves_running_is_not_waited_for() {
    let sandbox = with_gates("");
    sandbox.hook("post-commit", "sleep 1000 & echo $! > .git/pid");
    sandbox.does("apply --tier 1").ok();
    let id: i32 = sandbox.read(".git/pid").trim().parse().unwrap();
    let id = rustix::process::Pid::from_raw(id).unwrap();
    kill_process(id, Signal::KILL).unwrap();
}
