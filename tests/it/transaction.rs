//! One transaction: what it writes, what it leaves alone, what it refuses and what it says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Command;

use rustix::fs::XattrFlags;
use tiermod::fs::{FileSystem, OsFileSystem};
use tiermod::patch::Change;
use tiermod::transaction::{
    Checks, End, Finish, Input, Interrupt, Kind, NoChecks, Outcome, Patience, PlanFile, Sites,
    TierPlan, TransactionError, TreeIs, Workbench, apply,
};

use crate::sandbox::{Sandbox, TestGit, change, holder, request, run};

fn two() -> Sandbox {
    Sandbox::with(&[("a.py", "x = R()\n"), ("b.py", "y = R()\n"), ("c.py", "z\n")])
}

fn plan(sandbox: &Sandbox) -> Vec<Change> {
    sandbox.changes(&[("a.py", "R()", "r"), ("b.py", "R()", "r")])
}

/// Refused before anything is written, with these words.
fn refused(sandbox: &Sandbox, changes: Vec<Change>, words: &[&str]) {
    let before = sandbox.tree();
    let failure = sandbox.apply(sandbox.request(changes)).unwrap_err();
    assert!(matches!(failure.tree, TreeIs::Untouched), "{failure}");
    let said = failure.to_string();
    for word in words {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(sandbox.tree(), before);
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn a_tier_is_one_commit_of_its_files_and_of_nothing_else() {
    let sandbox = two();
    let before = sandbox.head();
    let mut request = sandbox.request(plan(&sandbox));
    request.message.body = "# Held sites\n\n- b.py:3 TM101".to_owned();
    let Outcome::Done(done) = sandbox.apply(request).unwrap() else { panic!("nothing was done") };
    assert_eq!(done.id, sandbox.head());
    assert_eq!(done.warnings, Vec::<String>::new());
    assert_eq!(sandbox.read("a.py"), "x = r\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.run_git(&["diff", "--name-only", &before, "HEAD"]), "a.py\nb.py\n");
    let message = sandbox.run_git(&["log", "-1", "--format=%B"]);
    let plan = "Tiermod-Plan: 024b99c701313970ee42bcdcc8942386a2c6cb06e4abe0f3b298af5557d748e8";
    assert_eq!(
        message.trim_end(),
        format!(
            "\
Apply tier one

# Held sites

- b.py:3 TM101

Tiermod-Tier: one
Tiermod-Transforms: redis
{plan}
Tiermod-Sites: rewritten=2 held=0 kept=0
Tiermod-File: a.py 1ed59cecbf
Tiermod-File: b.py 39f440165c"
        )
    );
    // Git takes them for trailers, too.
    let tier = sandbox.run_git(&["log", "-1", "--format=%(trailers:key=Tiermod-Tier,valueonly)"]);
    assert_eq!(tier.trim(), "one");
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn nothing_to_change_is_nothing_done() {
    let sandbox = two();
    let head = sandbox.head();
    let same = change("a.py", b"x = R()\n", b"x = R()\n");
    assert_eq!(sandbox.apply(sandbox.request(vec![same])).unwrap(), Outcome::Nothing);
    assert_eq!(sandbox.head(), head);
}

#[test]
fn mode_owner_and_extended_attributes_stay() {
    let sandbox = two();
    let place = sandbox.path("a.py");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o750)).unwrap();
    sandbox.run_git(&["config", "core.fileMode", "false"]);
    // Only root may give files away, and not every disk has attributes.
    let given = std::os::unix::fs::chown(&place, Some(1234), Some(5678)).is_ok();
    let name = "user.note";
    let noted = rustix::fs::setxattr(&place, name, b"kept", XattrFlags::empty()).is_ok();
    sandbox.apply(sandbox.request(plan(&sandbox))).unwrap();
    let metadata = fs::metadata(&place).unwrap();
    assert_eq!(metadata.mode() & 0o7777, 0o750);
    if given {
        assert_eq!((metadata.uid(), metadata.gid()), (1234, 5678));
    }
    if noted {
        let mut value = [0; 16];
        let length = rustix::fs::getxattr(&place, name, &mut value).unwrap();
        assert_eq!(&value[..length], b"kept");
    }
}

#[test]
fn a_file_that_goes_back_is_the_very_file_that_it_was() {
    let sandbox = two();
    let number = |path| fs::metadata(sandbox.path(path)).unwrap();
    let before = (number("a.py").ino(), number("a.py").mtime_nsec());
    let failure = sandbox.apply_checked(sandbox.request(plan(&sandbox)), &mut Gate::after("no"));
    failure.unwrap_err();
    assert_eq!((number("a.py").ino(), number("a.py").mtime_nsec()), before);
    assert_eq!(number("a.py").nlink(), 1);
}

/// Gates that fail, and gates that do something.
struct Gate<'a> {
    before: Result<(), String>,
    after: Box<dyn FnMut() -> Result<(), String> + 'a>,
}

impl<'a> Gate<'a> {
    fn after(said: &str) -> Self {
        let said = said.to_owned();
        Self::doing(move || Err(said.clone()))
    }

    fn doing(after: impl FnMut() -> Result<(), String> + 'a) -> Self {
        Self { before: Ok(()), after: Box::new(after) }
    }
}

impl Checks for Gate<'_> {
    fn before(&mut self) -> Result<(), String> {
        self.before.clone()
    }

    fn after(&mut self) -> Result<(), String> {
        (self.after)()
    }
}

#[test]
fn a_changed_file_has_changed_in_a_later_second() {
    // Python takes its bytecode for good while size and second are the same.
    let sandbox = Sandbox::with(&[("a.py", "x = 1\n"), ("b.py", "x = 1\n")]);
    fs::hard_link(sandbox.path("b.py"), sandbox.path("c.py")).unwrap();
    sandbox.commit_all("two names");
    let seconds = || ["a.py", "b.py"].map(|path| fs::metadata(sandbox.path(path)).unwrap().mtime());
    let mut last = [0; 2];
    for (from, to) in [("1", "2"), ("2", "3"), ("3", "4")] {
        let edits = ["a.py", "b.py", "c.py"].map(|path| (path, from, to));
        sandbox.apply(sandbox.request(sandbox.changes(&edits))).unwrap();
        let now = seconds();
        assert!(now[0] > last[0] && now[1] > last[1], "{last:?} {now:?}");
        last = now;
    }
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn a_gate_that_fails_undoes_the_tier_and_is_shown() {
    let sandbox = two();
    sandbox.write("c.py", "mine\n");
    let before = sandbox.state();
    let mut seen = String::new();
    let mut gate = Gate::doing(|| {
        seen = sandbox.read("a.py");
        Err("gate `websocket events` failed:\n1 failed, 7 passed".to_owned())
    });
    let failure = sandbox.apply_checked(sandbox.request(plan(&sandbox)), &mut gate).unwrap_err();
    drop(gate);
    assert_eq!(seen, "x = r\n", "the gate sees the new files");
    assert_eq!(
        failure.to_string(),
        "gate `websocket events` failed:\n1 failed, 7 passed\nthe tree is as before"
    );
    assert_eq!(sandbox.state(), before);
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn a_gate_that_fails_before_stops_everything() {
    let sandbox = two();
    let before = sandbox.state();
    let mut gate = Gate { before: Err("no baseline".to_owned()), after: Box::new(|| Ok(())) };
    let failure = sandbox.apply_checked(sandbox.request(plan(&sandbox)), &mut gate).unwrap_err();
    assert_eq!(failure.to_string(), "no baseline\nnothing was written");
    assert_eq!(sandbox.state(), before);
}

#[test]
fn what_somebody_writes_while_gates_run_is_not_lost() {
    let sandbox = two();
    let mut gate = Gate::doing(|| {
        sandbox.write("a.py", "x = r\nmine\n");
        Err("no".to_owned())
    });
    let failure = sandbox.apply_checked(sandbox.request(plan(&sandbox)), &mut gate).unwrap_err();
    let TreeIs::Back(set_aside) = &failure.tree else { panic!("{failure}") };
    assert_eq!(sandbox.read("a.py"), "x = R()\n");
    assert_eq!(fs::read_to_string(&set_aside[0].copy).unwrap(), "x = r\nmine\n");
    assert!(failure.to_string().contains("a.py: what somebody else wrote meanwhile is in"));

    // And one that passes does not have it committed.
    let mut gate = Gate::doing(|| {
        sandbox.write("b.py", "y = r\nmine\n");
        Ok(())
    });
    let failure = sandbox.apply_checked(sandbox.request(plan(&sandbox)), &mut gate).unwrap_err();
    assert!(failure.to_string().contains("b.py: was changed by somebody else"), "{failure}");
    assert_eq!(sandbox.run_git(&["rev-list", "--count", "HEAD"]).trim(), "1");
}

#[test]
fn a_branch_that_moves_while_gates_run_stops_the_commit() {
    let sandbox = two();
    let mut gate = Gate::doing(|| {
        sandbox.run_git(&["commit", "-q", "--allow-empty", "-m", "meanwhile"]);
        Ok(())
    });
    let failure = sandbox.apply_checked(sandbox.request(plan(&sandbox)), &mut gate).unwrap_err();
    assert!(failure.to_string().contains("HEAD moved from"), "{failure}");
    assert_eq!(sandbox.read("a.py"), "x = R()\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn an_edit_between_crash_and_next_start_stays() {
    let sandbox = two();
    let mut gate = Gate::doing(|| {
        // The state in which a kill leaves everything while gates run.
        copy_folder(&sandbox, ".git/tiermod", ".git/saved");
        let git = TestGit::default();
        let bench =
            Workbench::open(&OsFileSystem, &git, &sandbox.root, Interrupt::default()).unwrap();
        assert_eq!(bench.unfinished().unwrap(), Some((Kind::Apply, "one".to_owned())));
        Err("no".to_owned())
    });
    sandbox.apply_checked(sandbox.request(plan(&sandbox)), &mut gate).unwrap_err();
    drop(gate);
    fs::remove_dir_all(sandbox.path(".git/tiermod")).unwrap();
    fs::rename(sandbox.path(".git/saved"), sandbox.path(".git/tiermod")).unwrap();
    sandbox.write("a.py", "# mine\nx = r\n");
    sandbox.write("b.py", "y = other\n");
    let recovery = sandbox.recover().unwrap();
    assert_eq!(recovery.tier, "one");
    assert_eq!(sandbox.read("a.py"), "# mine\nx = R()\n");
    assert_eq!(sandbox.read("b.py"), "y = R()\n");
    let End::Undone(set_aside) = recovery.end else { panic!("{recovery:?}") };
    assert_eq!(set_aside.len(), 1);
    assert_eq!(fs::read_to_string(&set_aside[0].copy).unwrap(), "y = other\n");
    assert_eq!(sandbox.recover(), None);
}

fn copy_folder(sandbox: &Sandbox, from: &str, to: &str) {
    let mut command = Command::new("cp");
    assert!(
        command.arg("-a").arg(sandbox.path(from)).arg(sandbox.path(to)).status().unwrap().success()
    );
}

#[test]
fn ctrl_c_while_gates_run_or_files_are_written_undoes_the_tier() {
    let sandbox = two();
    let before = sandbox.state();
    let stop = Interrupt::default();
    let git = TestGit::default();
    let changes = plan(&sandbox);
    let bench = Workbench::open(&OsFileSystem, &git, &sandbox.root, stop.clone()).unwrap();
    let (ready, _) =
        bench.lock(&holder(), Patience::Fail).unwrap().recover(Patience::Fail).unwrap();
    let mut gate = Gate::doing(|| {
        stop.raise();
        Ok(())
    });
    let failure = apply(&ready, request("one", changes, Finish::Commit), &mut gate).unwrap_err();
    assert!(matches!(failure.why, TransactionError::Interrupted), "{failure}");
    assert_eq!(sandbox.state(), before);
    // It is raised from the start now.
    let changes = plan(&sandbox);
    let request = request("one", changes, Finish::Commit);
    let failure = apply(&ready, request, &mut NoChecks).unwrap_err();
    assert!(matches!(failure.why, TransactionError::Interrupted), "{failure}");
    assert_eq!(sandbox.state(), before);
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn a_second_run_says_who_holds_the_lock_or_waits() {
    let sandbox = two();
    let git = TestGit::default();
    let bench = Workbench::open(&OsFileSystem, &git, &sandbox.root, Interrupt::default()).unwrap();
    let locked = bench.lock(&holder(), Patience::Fail).unwrap();
    let stop = Interrupt::default();
    let second = Workbench::open(&OsFileSystem, &git, &sandbox.root, stop.clone()).unwrap();
    let said = second.lock(&holder(), Patience::Fail).err().unwrap().to_string();
    let process = std::process::id();
    let who = format!("process {process} on here, since 2024-05-01T12:00:00Z: tiermod apply");
    assert!(said.contains(&who) && said.contains(".git/tiermod/lock"), "{said}");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| second.lock(&holder(), Patience::Wait).map(drop));
        drop(locked);
        waiting.join().unwrap().unwrap();
    });
    // A wait can be given up.
    let _locked = bench.lock(&holder(), Patience::Fail).unwrap();
    stop.raise();
    let error = second.lock(&holder(), Patience::Wait).err().unwrap();
    assert!(matches!(error, TransactionError::Interrupted));
}

#[test]
fn a_link_is_followed_to_its_file_once_and_stays_a_link() {
    let sandbox = two();
    symlink("a.py", sandbox.path("link.py")).unwrap();
    fs::create_dir(sandbox.path("real")).unwrap();
    sandbox.write("real/d.py", "R()\n");
    symlink("real", sandbox.path("folder")).unwrap();
    sandbox.commit_all("links");
    let edits = [("a.py", "R()", "r"), ("link.py", "R()", "r"), ("folder/d.py", "R()", "r")];
    sandbox.apply(sandbox.request(sandbox.changes(&edits))).unwrap();
    assert!(fs::symlink_metadata(sandbox.path("link.py")).unwrap().is_symlink());
    assert_eq!(sandbox.read("link.py"), "x = r\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    let files = sandbox.run_git(&["log", "-1", "--format=", "--name-only"]);
    assert_eq!(files, "a.py\nreal/d.py\n");
}

#[test]
fn a_link_that_leaves_the_project_or_leads_into_git_is_refused() {
    let sandbox = two();
    let outside = Sandbox::plain();
    outside.write("o.py", "R()\n");
    symlink(outside.path("o.py"), sandbox.path("out.py")).unwrap();
    symlink(&outside.root, sandbox.path("away")).unwrap();
    symlink(".git/config", sandbox.path("config.py")).unwrap();
    sandbox.commit_all("links");
    let edits = [("a.py", "R()", "r"), ("out.py", "R()", "r"), ("away/o.py", "R()", "r")];
    let mut changes = sandbox.changes(&edits);
    let config = fs::read(sandbox.path(".git/config")).unwrap();
    changes.push(change("config.py", &config, b"nothing"));
    let words = [
        "out.py: a symbolic link leads out of the project, to",
        "away/o.py: a symbolic link leads out of the project, to",
        "config.py: leads into .git, which no tier may change",
    ];
    refused(&sandbox, changes, &words);
    assert_eq!(outside.read("o.py"), "R()\n");
}

#[test]
fn a_file_of_several_names_keeps_them_or_is_refused() {
    let sandbox = two();
    fs::hard_link(sandbox.path("a.py"), sandbox.path("twin.py")).unwrap();
    sandbox.commit_all("twins");
    let both = [("a.py", "R()", "r"), ("twin.py", "R()", "r")];
    let words = ["a.py: has 2 names (hard links), and one of them does not change with it"];
    refused(&sandbox, sandbox.changes(&both[..1]), &words);
    let mut differ = sandbox.changes(&both);
    differ[1].new = b"x = other\n".to_vec();
    refused(&sandbox, differ, &["are one file and would get different contents"]);
    sandbox.apply(sandbox.request(sandbox.changes(&both))).unwrap();
    let number = |path| fs::metadata(sandbox.path(path)).unwrap().ino();
    assert_eq!(number("a.py"), number("twin.py"));
    assert_eq!(sandbox.read("twin.py"), "x = r\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    sandbox.rollback("one").unwrap();
    assert_eq!(number("a.py"), number("twin.py"));
    assert_eq!(sandbox.read("a.py"), "x = R()\n");
}

#[test]
fn read_only_files_and_stale_plans_are_refused_all_at_once() {
    let sandbox = two();
    let mut changes = plan(&sandbox);
    fs::set_permissions(sandbox.path("a.py"), fs::Permissions::from_mode(0o444)).unwrap();
    sandbox.run_git(&["config", "core.fileMode", "false"]);
    sandbox.write("b.py", "y = R()  # since\n");
    changes.push(change("gone.py", b"R()\n", b"r\n"));
    let words = [
        "a.py: is read-only (mode 0444); chmod u+w it first",
        "b.py: has changed since the plan was made; plan again",
        "gone.py: No such file or directory",
    ];
    refused(&sandbox, changes, &words);
}

/// The machine's files, as a user without rights would find them, or on a disk that does not tell
/// capitals from small letters.
struct Restricted {
    locked: Option<&'static str>,
    ignores_case: bool,
}

impl Restricted {
    fn path(&self, path: &std::path::Path) -> std::path::PathBuf {
        if self.ignores_case {
            std::path::PathBuf::from(path.to_str().unwrap().replace("/A.py", "/a.py"))
        } else {
            path.to_path_buf()
        }
    }
}

macro_rules! pass_on {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(fn $name(&self, $($argument: $type),*) -> $result {
            OsFileSystem.$name($($argument),*)
        })*
    };
}

impl FileSystem for Restricted {
    fn read(&self, path: &std::path::Path) -> std::io::Result<Vec<u8>> {
        OsFileSystem.read(&self.path(path))
    }

    fn node(&self, path: &std::path::Path) -> std::io::Result<Option<tiermod::fs::Node>> {
        OsFileSystem.node(&self.path(path))
    }

    fn real_path(&self, path: &std::path::Path) -> std::io::Result<std::path::PathBuf> {
        OsFileSystem.real_path(&self.path(path)).map(|_| path.to_path_buf())
    }

    fn check_writable(&self, path: &std::path::Path) -> std::io::Result<()> {
        match self.locked {
            Some(name) if path.ends_with(name) => Err(std::io::ErrorKind::PermissionDenied.into()),
            _ => Ok(()),
        }
    }

    pass_on! {
        entries(folder: &std::path::Path) -> std::io::Result<Vec<std::path::PathBuf>>;
        may_give_to(user: u32, group: u32) -> bool;
        try_lock(path: &std::path::Path, holder: &[u8]) -> std::io::Result<tiermod::fs::TryLock>;
        create_folder(path: &std::path::Path) -> std::io::Result<()>;
        create_file(path: &std::path::Path) -> std::io::Result<()>;
        append(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()>;
        overwrite(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()>;
        set_length(path: &std::path::Path, length: u64) -> std::io::Result<()>;
        copy_owner(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()>;
        copy_mode(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()>;
        copy_extended(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()>;
        outdo_second(path: &std::path::Path, second: i64) -> std::io::Result<()>;
        sync_file(path: &std::path::Path) -> std::io::Result<()>;
        sync_folder(path: &std::path::Path) -> std::io::Result<()>;
        link(original: &std::path::Path, name: &std::path::Path) -> std::io::Result<()>;
        rename(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()>;
        remove_file(path: &std::path::Path) -> std::io::Result<()>;
        remove_folder(path: &std::path::Path) -> std::io::Result<()>;
    }
}

fn refused_on(files: &Restricted, sandbox: &Sandbox, changes: Vec<Change>, words: &str) {
    let before = sandbox.tree();
    let result = run(files, &TestGit::default(), &sandbox.root, |ready| {
        apply(ready, request("one", changes, Finish::Keep), &mut NoChecks)
    });
    let said = result.unwrap().0.unwrap_err().to_string();
    assert!(said.contains(words) && said.contains("nothing was written"), "{said}");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn files_and_folders_without_permission_are_named() {
    let sandbox = Sandbox::plain();
    sandbox.write("app/a.py", "R()\n");
    for (locked, words) in [
        ("a.py", "app/a.py: cannot be written: permission denied"),
        ("app", "app/a.py (its folder app): cannot be written: permission denied"),
    ] {
        let files = Restricted { locked: Some(locked), ignores_case: false };
        refused_on(&files, &sandbox, sandbox.changes(&[("app/a.py", "R()", "r")]), words);
    }
}

#[test]
fn two_names_for_one_file_on_a_disk_that_ignores_case_are_refused() {
    let sandbox = Sandbox::plain();
    sandbox.write("a.py", "R()\n");
    let changes = vec![change("a.py", b"R()\n", b"r\n"), change("A.py", b"R()\n", b"r\n")];
    let files = Restricted { locked: None, ignores_case: true };
    refused_on(&files, &sandbox, changes, "a.py and A.py are one file on this disk");
}

/// A journal whose first record is as long as no file can be.
fn endless(journal: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(journal);
    let (magic, rest) = text.split_once('\n').unwrap();
    let words: Vec<&str> = rest.split(['\n', ' ']).take(3).collect();
    format!("{magic}\n{} {} {}\n{{}}\n", words[0], usize::MAX, words[2]).into_bytes()
}

#[test]
fn a_damaged_journal_is_said_and_nothing_is_touched() {
    let sandbox = two();
    let mut journal = Vec::new();
    let mut gate = Gate::doing(|| {
        journal = fs::read(sandbox.path(".git/tiermod/journal")).unwrap();
        Err("no".to_owned())
    });
    sandbox.apply_checked(sandbox.request(plan(&sandbox)), &mut gate).unwrap_err();
    drop(gate);
    let place = sandbox.path(".git/tiermod/journal");
    let version = [b"tiermod journal 2\n".as_slice(), b"x"].concat();
    let mut flipped = journal.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let cut = journal[..journal.len() / 3].to_vec();
    for (bytes, words) in [
        (version, "written by another version of tiermod"),
        (flipped, "is damaged"),
        (cut, "is damaged"),
        (Vec::new(), "is damaged"),
        (endless(&journal), "is damaged"),
    ] {
        fs::write(&place, &bytes).unwrap();
        let before = sandbox.tree();
        let said = sandbox.apply(sandbox.request(plan(&sandbox))).unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
        assert_eq!(sandbox.tree(), before);
        assert_eq!(fs::read(&place).unwrap(), bytes);
    }
    // Cut off in its last note, it is as if the note had not been written.
    fs::write(&place, &journal[..journal.len() - 1]).unwrap();
    assert!(sandbox.recover().is_some());
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn a_reviewed_plan_is_applied_exactly_or_not_at_all() {
    let sandbox = two();
    sandbox.write("codemod.toml", "# config\n");
    let changes = plan(&sandbox);
    let git = TestGit::default();
    let bench = Workbench::open(&OsFileSystem, &git, &sandbox.root, Interrupt::default()).unwrap();
    let sites = Sites { rewritten: 2, held: 1, kept: 0 };
    let tier = |name: &str, changes: &[Change]| {
        TierPlan::new(&bench, name, vec!["redis".to_owned()], sites, changes).unwrap()
    };
    let input = |path: &str| Input::new(path.as_ref(), &fs::read(sandbox.path(path)).unwrap());
    let inputs = vec![input("codemod.toml"), input("a.py"), input("b.py"), input("c.py")];
    let tiers = vec![tier("one", &changes[..1]), tier("two", &changes[1..])];
    let json = PlanFile::new(inputs, tiers).to_json();
    let plan = PlanFile::from_json(json.as_bytes()).unwrap();
    let of = |n: usize| plan.changes(&bench, &plan.tiers()[n]);
    assert_eq!(of(0).unwrap(), changes[..1]);
    assert_eq!(plan.tiers()[1].sites, sites);

    // An input that changed, whether it is to be written or was only read.
    sandbox.write("codemod.toml", "# another\n");
    fs::remove_file(sandbox.path("c.py")).unwrap();
    sandbox.write("a.py", "x = R() \n");
    let said = of(0).unwrap_err().to_string();
    assert_eq!(
        said,
        "a.py: has changed since the plan was made\n\
         c.py: is gone since the plan was made\n\
         codemod.toml: has changed since the plan was made"
    );
    sandbox.write("codemod.toml", "# config\n");
    sandbox.write("c.py", "z\n");
    // What another tier of the same plan made of a file is expected.
    sandbox.write("a.py", "x = r\n");
    assert_eq!(of(1).unwrap(), changes[1..]);
    assert!(of(0).unwrap_err().to_string().contains("a.py: has changed"));
    sandbox.write("a.py", "x = R()\n");

    // Somebody edited the plan.
    let edited = json.replace("x = r", "x = s");
    let plan = PlanFile::from_json(edited.as_bytes()).unwrap();
    let said = plan.changes(&bench, &plan.tiers()[0]).unwrap_err().to_string();
    assert!(said.contains("tier one: the patch would not be the one that was reviewed"), "{said}");
    let newer = json.replacen("\"version\": 1", "\"version\": 9", 1);
    let said = PlanFile::from_json(newer.as_bytes()).unwrap_err().to_string();
    assert!(said.contains("has version 9 of the format"), "{said}");
    assert!(PlanFile::from_json(b"{").is_err());
}
