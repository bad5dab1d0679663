//! The repository that holds a project, and the state that it is in.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::fs::{FileSystem, ProjectPath};
use crate::patch::ObjectFormat;

use super::process::Started;
use super::{Call, Effect, GitError, Output, Processes, RepoPath};

/// A working tree of a repository, with a project somewhere in it.
pub struct Git<'a> {
    pub(super) fs: &'a dyn FileSystem,
    pub(super) processes: &'a dyn Processes,
    pub(super) work_tree: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) index: PathBuf,
    project: PathBuf,
    format: ObjectFormat,
    shallow: bool,
}

/// What `HEAD` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A branch without a commit.
    Unborn,
    /// A commit, on a branch (whose full name is given) or detached.
    Commit {
        /// The commit.
        id: String,
        /// `refs/heads/NAME`.
        branch: Option<String>,
    },
}

impl<'a> Git<'a> {
    /// The working tree that holds `project`, a folder without links in its path; `None` where no
    /// repository does.
    ///
    /// # Errors
    /// Git cannot be run although there is a repository, or refuses to work in it.
    pub fn discover(
        fs: &'a dyn FileSystem,
        processes: &'a dyn Processes,
        project: &Path,
    ) -> Result<Option<Self>, GitError> {
        let ask = |words: &[&str]| {
            let call = Call::new(project, Effect::Reads, ["rev-parse"]).with(words);
            // Whether there is a repository is told by words alone, so they must not be translated.
            processes.run(&call.set("LC_ALL", "C"))
        };
        let facts = ["--is-shallow-repository", "--show-object-format"];
        let output = match ask(&facts) {
            Ok(output) => output,
            Err(_) if !is_below_git(fs, project) => return Ok(None),
            Err(error) => return Err(GitError::Start(error)),
        };
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.err);
            return if said.contains("not a git repository") {
                Ok(None)
            } else {
                Err(failed("rev-parse", &output))
            };
        }
        let facts = String::from_utf8_lossy(&output.out).into_owned();
        // One question each, as a path may hold a line feed.
        let path = |word: &[&str]| -> Result<PathBuf, GitError> {
            let output = ask(word).map_err(GitError::Start)?;
            if !output.status.success() {
                return Err(failed("rev-parse", &output));
            }
            let bytes = output.out.strip_suffix(b"\n").unwrap_or(&output.out);
            Ok(project.join(OsStr::from_bytes(bytes)))
        };
        let real = |path: PathBuf| fs.real_path(&path).map_err(|source| io_error(&path, source));
        let work_tree = real(path(&["--show-toplevel"])?)?;
        let Ok(inside) = project.strip_prefix(&work_tree) else {
            return Err(GitError::Answer {
                command: "rev-parse".into(),
                answer: format!("{} does not hold the project", work_tree.display()),
            });
        };
        Ok(Some(Self {
            fs,
            processes,
            project: inside.to_path_buf(),
            folder: real(path(&["--absolute-git-dir"])?)?,
            index: path(&["--git-path", "index"])?,
            work_tree,
            format: if facts.lines().any(|line| line == "sha256") {
                ObjectFormat::Sha256
            } else {
                ObjectFormat::Sha1
            },
            shallow: facts.lines().any(|line| line == "true"),
        }))
    }

    /// How objects are named.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Whether the history was cut off when it was cloned.
    pub fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// Git's folder of this working tree: a linked one has its own.
    pub fn git_dir(&self) -> &Path {
        &self.folder
    }

    /// The top of the working tree.
    pub fn work_tree(&self) -> &Path {
        &self.work_tree
    }

    /// A path of the project as the repository has it.
    pub fn repo_path(&self, path: &ProjectPath) -> RepoPath {
        RepoPath(self.project.join(path.as_path()).into_os_string().into_vec())
    }

    /// A path of the repository as the project has it; `None` where it lies elsewhere.
    pub fn project_path(&self, path: &RepoPath) -> Option<ProjectPath> {
        let path = Path::new(OsStr::from_bytes(path.as_bytes()));
        ProjectPath::new(path.strip_prefix(&self.project).ok()?)
    }

    /// What `HEAD` is.
    ///
    /// # Errors
    /// Git fails.
    pub fn head(&self) -> Result<Head, GitError> {
        let commit = self.try_run(&self.reads(["rev-parse", "-q", "--verify", "HEAD^{commit}"]))?;
        if !commit.status.success() {
            return Ok(Head::Unborn);
        }
        let branch = self.try_run(&self.reads(["symbolic-ref", "-q", "HEAD"]))?;
        let branch = branch.status.success().then(|| first_line(&branch.out));
        Ok(Head::Commit { id: first_line(&commit.out), branch })
    }

    /// What git is in the middle of, in words that follow "in the middle of"; `None` where it is
    /// not.
    ///
    /// # Errors
    /// Git's folder cannot be read.
    pub fn ongoing(&self) -> Result<Option<&'static str>, GitError> {
        let signs = [
            ("MERGE_HEAD", "a merge"),
            ("rebase-merge", "a rebase"),
            ("rebase-apply", "a rebase or `git am`"),
            ("CHERRY_PICK_HEAD", "a cherry-pick"),
            ("REVERT_HEAD", "a revert"),
            ("sequencer", "a series of cherry-picks or reverts"),
            ("BISECT_LOG", "a bisection"),
        ];
        for (name, words) in signs {
            let place = self.folder.join(name);
            if self.fs.node(&place).map_err(|source| io_error(&place, source))?.is_some() {
                return Ok(Some(words));
            }
        }
        Ok(None)
    }

    /// One setting, or `None` where it is not set.
    ///
    /// # Errors
    /// Git fails.
    pub fn setting(&self, name: &str) -> Result<Option<String>, GitError> {
        let output = self.try_run(&self.reads(["config", "--get", name]))?;
        Ok(output.status.success().then(|| first_line(&output.out)))
    }

    pub(super) fn reads<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Call {
        Call::new(&self.work_tree, Effect::Reads, ["--literal-pathspecs"]).with(words)
    }

    pub(super) fn changes<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Call {
        Call::new(&self.work_tree, Effect::Changes, ["--literal-pathspecs"]).with(words)
    }

    pub(super) fn try_run(&self, call: &Call) -> Result<Output, GitError> {
        self.processes.run(call).map_err(GitError::Start)
    }

    /// Runs `call`, which changes something; its standard output.
    pub(super) fn change(&self, call: &Call, started: Started<'_>) -> Result<Vec<u8>, GitError> {
        let output = self.processes.run_announced(call, started).map_err(GitError::Start)?;
        if output.status.success() { Ok(output.out) } else { Err(failed(&call.name(), &output)) }
    }

    /// Runs `call`; its standard output.
    pub(super) fn run(&self, call: &Call) -> Result<Vec<u8>, GitError> {
        let output = self.try_run(call)?;
        if output.status.success() { Ok(output.out) } else { Err(failed(&call.name(), &output)) }
    }
}

fn is_below_git(fs: &dyn FileSystem, project: &Path) -> bool {
    project.ancestors().any(|folder| matches!(fs.node(&folder.join(".git")), Ok(Some(_))))
}

pub(super) fn io_error(path: &Path, source: io::Error) -> GitError {
    GitError::Io { path: path.display().to_string(), source }
}

/// What a run that failed said, as an error.
pub(super) fn failed(command: &str, output: &Output) -> GitError {
    let mut said = String::from_utf8_lossy(&output.err).trim_end().to_owned();
    if command == "commit" && !output.out.is_empty() {
        said = format!("{}\n{said}", String::from_utf8_lossy(&output.out).trim_end());
    }
    GitError::Failed { command: command.to_owned(), status: output.status.to_string(), said }
}

pub(super) fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.split(|byte| *byte == b'\n').next().unwrap_or_default())
        .into_owned()
}

pub(super) fn os(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_owned()
}
