//! The folder that keeps the hook's byte code from one observation to the next.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::SystemTime;

use tiermod::probe::Options;

use crate::probe::{Program, places, text};

/// A program that builds two, observed with `cache`.
fn program(cache: &Path) -> Program {
    Program::with_main("from app.manager import Manager\nManager()\nManager()\n")
        .options(Options { cache: Some(cache.to_owned()), ..Options::default() })
}

fn assert_counts(program: &Program) {
    let class = program.class();
    assert_eq!(places(&class), ["1 main.py:2", "1 main.py:3"]);
}

/// The files under `folder` with the times of their last changes, sorted.
fn files(folder: &Path) -> Vec<(PathBuf, SystemTime)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), entry.metadata().unwrap().modified().unwrap()));
        }
    }
    found.sort();
    found
}

fn the_one_folder_in(cache: &Path) -> PathBuf {
    let mut folders: Vec<_> = fs::read_dir(cache).unwrap().flatten().collect();
    assert_eq!(folders.len(), 1);
    folders.remove(0).path()
}

#[test]
fn the_hook_is_compiled_once_for_many_observations() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join(".cache/tiermod");
    assert_counts(&program(&cache));
    let first = files(&cache);
    let compiled = |part: &str| {
        first.iter().any(|(path, _)| {
            path.to_string_lossy().contains(part) && path.extension().is_some_and(|x| x == "pyc")
        })
    };
    for part in ["_tiermod_probe", "_tiermod_watch", "_tiermod_count"] {
        assert!(compiled(part), "{part}: {first:?}");
    }
    assert_counts(&program(&cache));
    assert_eq!(files(&cache), first, "nothing is written again");
    let mode = fs::metadata(&cache).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn many_observations_may_begin_at_once() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("tiermod");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_counts(&program(&cache)));
        }
    });
    let names = files(&the_one_folder_in(&cache));
    let sources = names.iter().filter(|(path, _)| path.extension().is_some_and(|x| x == "py"));
    assert_eq!(sources.count(), 4, "{names:?}");
}

#[test]
fn a_hook_that_was_changed_is_put_right() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("tiermod");
    assert_counts(&program(&cache));
    let hook = the_one_folder_in(&cache);
    for name in ["sitecustomize.py", "_tiermod_probe.py", "_tiermod_count.py"] {
        fs::write(hook.join(name), "raise SystemExit('changed')\n").unwrap();
        assert_counts(&program(&cache));
    }
    fs::remove_file(hook.join("_tiermod_watch.py")).unwrap();
    assert_counts(&program(&cache));
}

#[test]
fn a_folder_that_cannot_be_kept_costs_time_only() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    // Others may write there.
    fs::create_dir(path("open")).unwrap();
    fs::set_permissions(path("open"), Permissions::from_mode(0o777)).unwrap();
    assert_counts(&program(&path("open")));
    assert!(fs::read_dir(path("open")).unwrap().flatten().all(|it| files(&it.path()).is_empty()));
    // A file, and a link to nowhere.
    fs::write(path("file"), "").unwrap();
    symlink("/none/such", path("link")).unwrap();
    for name in ["file", "link", "file/below"] {
        assert_counts(&program(&path(name)));
    }
    // No list of paths can hold it.
    assert_counts(&program(&path("a:b")));
}

#[test]
fn children_find_the_kept_hook_whatever_their_environment() {
    let home = tempfile::tempdir().unwrap();
    let program = Program::with_main(
        "import os, subprocess, sys\n\
         child = 'from app.manager import Manager; Manager()'\n\
         for env in (None, {}, {'PYTHONPATH': os.getcwd()}):\n\
         \x20   subprocess.run([sys.executable, '-c', child], env=env, check=True)\n",
    )
    .options(Options { cache: Some(home.path().join("tiermod")), ..Options::default() });
    let (output, observed) = program.observed(&["python3", "main.py"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!((observed.processes, observed.classes[0].instances), (4, 3));
}
