//! Where what a command saves goes: to the file that a path leads to, whatever kind it is.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::Command;
use std::thread;

use super::support::project;
use crate::sandbox::Sandbox;

/// `link` is a link still, and what it leads to is returned.
#[track_caller]
fn behind(sandbox: &Sandbox, link: &str) -> String {
    let place = sandbox.root.join(link);
    assert!(fs::symlink_metadata(&place).unwrap().is_symlink(), "{link} was replaced");
    fs::read_to_string(place).unwrap()
}

#[test]
fn a_link_stays_and_the_file_behind_it_is_written() {
    let sandbox = project();
    sandbox.write("saved/page.md", "<!-- tiermod:status -->\n<!-- /tiermod:status -->\n");
    for name in ["sites.json", "tier.patch", "plan.json"] {
        sandbox.write(format!("saved/{name}"), "");
        symlink(format!("saved/{name}"), sandbox.root.join(name)).unwrap();
    }
    symlink("saved/page.md", sandbox.root.join("page.md")).unwrap();
    sandbox.does("diff --tier 1 -o tier.patch --plan plan.json").ok();
    let patch = sandbox.does("diff --tier 1").ok().out;
    assert_eq!(behind(&sandbox, "tier.patch"), patch);
    assert!(behind(&sandbox, "plan.json").contains("\"web\""));
    sandbox.does("docs page.md").ok();
    assert!(behind(&sandbox, "page.md").contains("WebSocket core"));
    fs::remove_file(sandbox.root.join("saved/sites.json")).unwrap();
    sandbox.does("check --ratchet sites.json --update").ok();
    let before = behind(&sandbox, "sites.json");
    sandbox.does("apply --tier 1").ok();
    sandbox.does("check --ratchet sites.json --update").ok();
    assert_ne!(behind(&sandbox, "sites.json"), before);
}

#[test]
fn a_pipe_is_written_to_and_stays() {
    let sandbox = project();
    let patch = sandbox.does("diff --tier 1").ok().out;
    for option in ["-o", "--plan"] {
        let place = sandbox.root.join(format!("pipe{option}"));
        assert!(Command::new("mkfifo").arg(&place).status().unwrap().success());
        // Open at both ends: a command that never opens it fails the test and does not hang it.
        let held = fs::OpenOptions::new().read(true).write(true).open(&place).unwrap();
        let from = fs::File::open(&place).unwrap();
        let reader = thread::spawn(move || std::io::read_to_string(from).unwrap());
        let run = sandbox.tiermod(&["diff", "--tier", "1", option, place.to_str().unwrap()]);
        drop(held);
        run.ok();
        assert!(fs::symlink_metadata(&place).unwrap().file_type().is_fifo(), "{option}");
        let read = reader.join().unwrap();
        match option {
            "-o" => assert_eq!(read, patch),
            _ => assert!(read.contains("\"web\""), "{read}"),
        }
    }
}

#[test]
fn a_dash_is_standard_output() {
    let sandbox = project();
    let patch = sandbox.does("diff --tier 1").ok().out;
    assert_eq!(sandbox.does("diff --tier 1 -o -").ok().out, patch);
    assert!(!sandbox.path("-").exists());
}
