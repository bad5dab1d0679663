//! Small projects, with and without git, and transactions in them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use tempfile::TempDir;
use tiermod::fs::{FileSystem, OsFileSystem, ProjectPath};
use tiermod::git::{Call, OsProcesses, Output, Processes, Started};
use tiermod::patch::Change;
use tiermod::transaction::{
    Checks, Failure, Finish, History, Holder, Interrupt, Kind, Knowledge, Message, NoChecks,
    Outcome, Patience, Ready, Recovery, Request, Sites, State as Standing, TransactionError,
    Workbench, apply, rollback,
};

/// A project in a folder of its own.
pub(crate) struct Sandbox {
    _folder: TempDir,
    pub(crate) root: PathBuf,
}

/// A new folder, in memory where the machine has such a disk.
pub(crate) fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory).unwrap() } else { TempDir::new().unwrap() }
}

/// The same cases in every run; `PROPTEST_CASES` sets how many where nothing else does.
pub(crate) fn same_cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

/// Prints a line for whoever runs the tests; what `println!` prints is shown on failure only.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout();
    out.write_all(format!("\n{line}\n").as_bytes()).unwrap();
}

/// Every file by its path: mode, and content or the target of a link.
pub(crate) type Tree = BTreeMap<Vec<u8>, (u32, Vec<u8>)>;

/// The tree, the index, `HEAD` and whatever lies in git's folder that a run might leave behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) tree: Tree,
    pub(crate) index: String,
    pub(crate) status: String,
    pub(crate) head: String,
}

impl Sandbox {
    /// A folder without git.
    pub(crate) fn plain() -> Self {
        let folder = scratch();
        let root = folder.path().canonicalize().unwrap().join("project");
        fs::create_dir(&root).unwrap();
        Self { _folder: folder, root }
    }

    /// A repository without a commit.
    pub(crate) fn git() -> Self {
        let sandbox = Self::plain();
        sandbox.run_git(&["init", "-q", "-b", "main", "--template="]);
        sandbox.configure();
        sandbox
    }

    /// A repository with `files` in its first commit.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let sandbox = Self::git();
        for (path, content) in files {
            sandbox.write(path, content);
        }
        sandbox.commit_all("first");
        sandbox
    }

    pub(crate) fn configure(&self) {
        for (name, value) in [
            ("user.name", "Tester"),
            ("user.email", "tester@example.com"),
            ("core.autocrlf", "false"),
            ("commit.gpgsign", "false"),
            ("core.fsync", "none"),
            ("gc.auto", "0"),
        ] {
            self.run_git(&["config", name, value]);
        }
    }

    pub(crate) fn path(&self, path: impl AsRef<OsStr>) -> PathBuf {
        self.root.join(Path::new(path.as_ref()))
    }

    pub(crate) fn write(&self, path: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
    }

    pub(crate) fn read(&self, path: impl AsRef<OsStr>) -> String {
        String::from_utf8_lossy(&fs::read(self.path(path)).unwrap()).into_owned()
    }

    pub(crate) fn run_git(&self, arguments: &[&str]) -> String {
        let (ok, out, err) = self.try_git(arguments);
        assert!(ok, "git {arguments:?}: {out}{err}");
        out
    }

    pub(crate) fn try_git(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = git_command().args(arguments).current_dir(&self.root).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    }

    pub(crate) fn commit_all(&self, message: &str) -> String {
        self.run_git(&["add", "-A"]);
        self.run_git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.head()
    }

    pub(crate) fn head(&self) -> String {
        self.run_git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub(crate) fn hook(&self, name: &str, script: &str) {
        let place = self.path(format!(".git/hooks/{name}"));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Every file outside git's folder and the tool's.
    pub(crate) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        collect(&self.root, &self.root, &mut tree);
        tree
    }

    pub(crate) fn state(&self) -> State {
        State {
            tree: self.tree(),
            index: self.run_git(&["ls-files", "--stage", "-v"]),
            status: self.run_git(&["status", "--porcelain=v2", "--untracked-files=all"]),
            head: self.try_git(&["rev-parse", "HEAD"]).1,
        }
    }

    /// Whatever a run may have left in git's folder, or in the tool's: everything but its lock,
    /// its records and what it set aside for somebody.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let git = self.path(".git");
        let mut found = Vec::new();
        if git.is_dir() {
            for entry in fs::read_dir(&git).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if Path::new(&name).extension() == Some(OsStr::new("lock"))
                    || name.starts_with("next-index")
                {
                    found.push(name);
                }
            }
        }
        for store in [git.join("tiermod"), self.path(".codemod")] {
            let Ok(entries) = fs::read_dir(&store) else { continue };
            for entry in entries {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if !["lock", "applied", "set-aside"].contains(&name.as_str()) {
                    found.push(name);
                }
            }
        }
        found
    }

    /// Changes by search and replace, of the files as they are.
    pub(crate) fn changes(&self, edits: &[(&str, &str, &str)]) -> Vec<Change> {
        edits
            .iter()
            .map(|(path, from, to)| {
                let old = fs::read(self.path(path)).unwrap();
                let text = String::from_utf8_lossy(&old).into_owned();
                assert!(text.contains(from), "{path} has no {from:?}");
                change(path, &old, text.replace(from, to).as_bytes())
            })
            .collect()
    }

    pub(crate) fn request(&self, changes: Vec<Change>) -> Request {
        let finish = if self.path(".git").exists() { Finish::Commit } else { Finish::Keep };
        request("one", changes, finish)
    }

    /// Applies `request` with the machine's own files and git.
    pub(crate) fn apply(&self, request: Request) -> Result<Outcome, Failure> {
        self.apply_checked(request, &mut NoChecks)
    }

    pub(crate) fn apply_checked(
        &self,
        request: Request,
        checks: &mut dyn Checks,
    ) -> Result<Outcome, Failure> {
        run(&OsFileSystem, &TestGit::default(), &self.root, |ready| apply(ready, request, checks))
            .map_or_else(|error| Err(error.into()), |(result, _)| result)
    }

    /// Takes `tier` back.
    pub(crate) fn rollback(&self, tier: &str) -> Result<Outcome, String> {
        self.rollback_knowing(tier, &AllOf(""))
    }

    pub(crate) fn rollback_knowing(
        &self,
        tier: &str,
        knowledge: &dyn Knowledge,
    ) -> Result<Outcome, String> {
        let finish = if self.path(".git").exists() { Finish::Commit } else { Finish::Keep };
        run(&OsFileSystem, &TestGit::default(), &self.root, |ready| {
            roll_back(ready, tier, knowledge, finish)
        })
        .map_err(|error| error.to_string())?
        .0
    }

    /// Where `tier` stands, with `left` sites left.
    pub(crate) fn standing(&self, tier: &str, left: usize) -> Standing {
        run(&OsFileSystem, &TestGit::default(), &self.root, |ready| {
            let history = History::read(ready.bench()).unwrap();
            let gone = || {
                rollback(ready.bench(), &history, tier, &AllOf(""))
                    .is_ok_and(|rollback| rollback.changes.is_empty())
            };
            history.state(tier, left, gone)
        })
        .unwrap()
        .0
    }

    /// Takes the lock and deals with what an interrupted run left.
    pub(crate) fn recover(&self) -> Option<Recovery> {
        run(&OsFileSystem, &TestGit::default(), &self.root, |_| ()).unwrap().1
    }
}

/// Git with no configuration but the repository's own, and one time for all commits.
#[derive(Default)]
pub(crate) struct TestGit(OsProcesses);

impl TestGit {
    fn isolated(call: &Call) -> Call {
        ENVIRONMENT.iter().fold(call.clone(), |call, (name, value)| call.set(name, value))
    }
}

impl Processes for TestGit {
    fn run(&self, call: &Call) -> io::Result<Output> {
        self.0.run(&Self::isolated(call))
    }

    fn run_announced(&self, call: &Call, started: Started<'_>) -> io::Result<Output> {
        self.0.run_announced(&Self::isolated(call), started)
    }

    fn is_alive(&self, id: u32) -> bool {
        self.0.is_alive(id)
    }
}

const ENVIRONMENT: [(&str, &str); 4] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_AUTHOR_DATE", "2024-05-01T12:00:00Z"),
    ("GIT_COMMITTER_DATE", "2024-05-01T12:00:00Z"),
];

/// The git of the tests: no configuration but the sandbox's own.
pub(crate) fn git_command() -> Command {
    let mut command = Command::new("git");
    isolate(&mut command);
    command
}

pub(crate) fn isolate(command: &mut Command) {
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    command.envs(ENVIRONMENT);
}

fn collect(root: &Path, folder: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap() {
        let place = entry.unwrap().path();
        let name = place.file_name().unwrap();
        if name == ".git" || name == ".codemod" {
            continue;
        }
        let metadata = fs::symlink_metadata(&place).unwrap();
        let path = place.strip_prefix(root).unwrap().as_os_str().as_bytes().to_vec();
        if metadata.is_dir() {
            collect(root, &place, tree);
        } else if metadata.is_symlink() {
            let target = fs::read_link(&place).unwrap().as_os_str().as_bytes().to_vec();
            tree.insert(path, (0o120_000, target));
        } else {
            tree.insert(path, (metadata.mode(), fs::read(&place).unwrap()));
        }
    }
}

pub(crate) fn change(path: &str, old: &[u8], new: &[u8]) -> Change {
    Change {
        path: ProjectPath::new(path).unwrap(),
        old: old.to_vec(),
        new: new.to_vec(),
        notes: Vec::new(),
    }
}

pub(crate) fn request(tier: &str, changes: Vec<Change>, finish: Finish) -> Request {
    Request {
        kind: Kind::Apply,
        tier: tier.to_owned(),
        transforms: vec!["redis".to_owned()],
        sites: Some(Sites { rewritten: changes.len(), held: 0, kept: 0 }),
        changes,
        rolls_back: Vec::new(),
        message: Message { subject: format!("Apply tier {tier}"), body: String::new() },
        allow_dirty: false,
        finish,
        who: "Tester <tester@example.com>".to_owned(),
        when: "2024-05-01T12:00:00Z".to_owned(),
    }
}

pub(crate) fn holder() -> Holder {
    Holder {
        process: std::process::id(),
        host: "here".to_owned(),
        since: "2024-05-01T12:00:00Z".to_owned(),
        command: "tiermod apply --tier one".to_owned(),
    }
}

/// Takes `tier` back and commits or keeps that.
pub(crate) fn roll_back(
    ready: &Ready<'_>,
    tier: &str,
    knowledge: &dyn Knowledge,
    finish: Finish,
) -> Result<Outcome, String> {
    let history = History::read(ready.bench()).map_err(|error| error.to_string())?;
    let plan = rollback(ready.bench(), &history, tier, knowledge).map_err(|e| e.to_string())?;
    let mut request = request(tier, plan.changes, finish);
    request.kind = Kind::Rollback;
    request.sites = None;
    request.rolls_back = plan.rolls_back;
    request.message.subject = format!("Roll back tier {tier}");
    apply(ready, request, &mut NoChecks).map_err(|failure| failure.to_string())
}

/// A tier of every path that begins so, whose every content works.
pub(crate) struct AllOf(pub(crate) &'static str);

impl Knowledge for AllOf {
    fn owns(&self, path: &ProjectPath) -> bool {
        path.to_slash().starts_with(self.0)
    }

    fn verify(&self, _: &ProjectPath, _: &[u8]) -> Result<(), String> {
        Ok(())
    }
}

/// Opens the workbench, takes the lock, recovers, and does `work`.
pub(crate) fn run<T>(
    fs: &dyn FileSystem,
    processes: &dyn Processes,
    root: &Path,
    work: impl FnOnce(&Ready<'_>) -> T,
) -> Result<(T, Option<Recovery>), TransactionError> {
    let bench = Workbench::open(fs, processes, root, Interrupt::default())?;
    let locked = bench.lock(&holder(), Patience::Wait)?;
    let (ready, recovery) = locked.recover(Patience::Wait)?;
    Ok((work(&ready), recovery))
}
