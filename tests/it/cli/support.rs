//! A small project with four tiers, and the binary run in it.

use std::ffi::OsStr;
use std::fmt::Debug;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::sandbox::{Sandbox, isolate};

/// The project: nine sites, of which five are to be rewritten, two held, and two kept.
pub(crate) const FILES: [(&str, &str); 12] = [
    ("codemod.toml", CONFIG),
    ("transforms/redis.toml", TRANSFORM),
    (
        "app/redis.py",
        "class RedisManager:\n    def __init__(self, url=None):\n        self.url = url\n\n\n\
         redis_manager = RedisManager()\n",
    ),
    ("app/__init__.py", ""),
    ("app/ws/__init__.py", ""),
    (
        "app/ws/auth.py",
        "\"\"\"Who opens the connection.\"\"\"\n\nfrom app.redis import RedisManager\n\n\n\
         class Auth:\n    def __init__(self):\n        self.redis = RedisManager()\n",
    ),
    (
        "app/ws/pool.py",
        "from app.redis import RedisManager\n\n\ndef pool():\n    return RedisManager().pool\n\n\n\
         def own():\n    return RedisManager(\"redis://own\")\n",
    ),
    ("app/agents/__init__.py", ""),
    (
        "app/agents/run.py",
        "import os\n\nfrom app.redis import RedisManager\n\nmanager = RedisManager()\n\
         print(os.name)\n",
    ),
    (
        "app/main.py",
        "from app.redis import RedisManager\n\n\ndef start():\n    return RedisManager()\n",
    ),
    (
        "tests/test_main.py",
        "from app.redis import RedisManager\n\n\ndef test_it():\n    assert RedisManager()\n",
    ),
    ("README.md", "# A project\n"),
];

/// Four tiers without gates; a gate for all may be put below it.
pub(crate) const CONFIG: &str = r#"
[[tier]]
name = "web"
summary = "WebSocket core"
risk = "high"
paths = ["app/ws/**"]

[[tier]]
name = "agents"
summary = "Agents"
paths = ["app/agents/**"]

[[tier]]
name = "startup"
paths = ["app/**"]

[[tier]]
name = "tests"
paths = ["tests/**"]
"#;

/// The one transform.
pub(crate) const TRANSFORM: &str = r#"
name = "redis"
summary = "Use the shared Redis manager"
docs = "One pool for all."

[[singleton]]
class = "app.redis:RedisManager"
instance = "app.redis:redis_manager"

[[example]]
name = "a plain call"
before."app/a.py" = '''
from app.redis import RedisManager

r = RedisManager()
'''
after."app/a.py" = '''
from app.redis import redis_manager

r = redis_manager
'''

[[example]]
name = "arguments are held"
before."app/a.py" = '''
from app.redis import RedisManager

r = RedisManager("own")
'''
reasons = ["TM101"]
"#;

/// The project in a repository, committed.
pub(crate) fn project() -> Sandbox {
    Sandbox::with(&FILES)
}

/// The project without git.
pub(crate) fn without_git() -> Sandbox {
    let sandbox = Sandbox::plain();
    for (path, content) in FILES {
        sandbox.write(path, content);
    }
    sandbox
}

/// The project in a repository, its configuration followed by `gates`.
pub(crate) fn with_gates(gates: &str) -> Sandbox {
    let sandbox = project();
    sandbox.write("codemod.toml", format!("{CONFIG}\n{gates}"));
    sandbox.commit_all("gates");
    sandbox
}

/// Something that is done to a project before the binary runs.
pub(crate) type Do = fn(&Sandbox);

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// It ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// It ended well.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    /// Standard error holds each of `words`.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.err.contains(word), "{word:?} is missing\n{}", self.err);
        }
        self
    }

    /// Standard output holds each of `words`.
    #[track_caller]
    pub(crate) fn prints(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.out.contains(word), "{word:?} is missing\n{}", self.out);
        }
        self
    }

    /// Neither stream holds any of `words`.
    #[track_caller]
    pub(crate) fn never(self, words: &[&str]) -> Self {
        for word in words {
            let is_there = self.out.contains(word) || self.err.contains(word);
            assert!(!is_there, "{word:?} is there\n{self:#?}");
        }
        self
    }
}

/// The binary, with nothing of the machine's own configuration.
pub(crate) fn command(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiermod"));
    command.current_dir(root).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", root).env("COLUMNS", "100").env("USER", "tester");
    isolate(&mut command);
    command
}

/// Runs it to its end.
pub(crate) fn run(mut command: Command) -> Run {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// Runs it in `root`.
#[must_use = "say how it should have ended"]
pub(crate) fn tiermod_in(root: &Path, arguments: &[&str]) -> Run {
    let mut command = command(root);
    command.args(arguments);
    run(command)
}

/// Starts it in `root`.
pub(crate) fn start(root: &Path, arguments: &[&str]) -> Child {
    let mut command = command(root);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits for its end.
pub(crate) fn end_of(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// Waits until `what` holds; a minute at most, so that a defect is a failure and not a hang.
#[track_caller]
pub(crate) fn wait_for(what: impl Fn() -> bool, words: &str) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_mins(1), "waited in vain: {words}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a process of this id runs; one that has ended and was not waited for does not.
pub(crate) fn is_running(id: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

impl Sandbox {
    /// Runs the binary in the project's folder.
    #[must_use = "say how it should have ended"]
    pub(crate) fn tiermod(&self, arguments: &[&str]) -> Run {
        tiermod_in(&self.root, arguments)
    }

    /// Runs the binary on `line`, split at blanks.
    #[must_use = "say how it should have ended"]
    pub(crate) fn does(&self, line: &str) -> Run {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.tiermod(&words)
    }

    /// `line` ends with `code`, says `words`, and changes nothing.
    #[track_caller]
    pub(crate) fn refuses(&self, line: &str, code: i32, words: &[&str]) {
        let before = self.everything();
        self.does(line).exits(code).says(words);
        assert_eq!(self.everything(), before, "after {line}");
        assert_eq!(self.leftovers().iter().filter(|name| *name == "journal").count(), 0);
    }

    /// All that a run that changes nothing must leave alone.
    pub(crate) fn everything(&self) -> impl PartialEq + Debug + use<> {
        let git = self.path(".git").exists();
        (self.tree(), git.then(|| self.state()))
    }

    /// The subjects of the commits, the first one last.
    pub(crate) fn subjects(&self) -> Vec<String> {
        self.run_git(&["log", "--format=%s"]).lines().map(str::to_owned).collect()
    }

    /// The states of the tiers, as `status` gives them.
    pub(crate) fn states(&self) -> String {
        let out = self.does("status --format json").ok().out;
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let tiers = report["tiers"].as_array().unwrap();
        let states: Vec<&str> = tiers.iter().map(|tier| tier["state"].as_str().unwrap()).collect();
        states.join(" ")
    }

    /// Replaces text in a file.
    #[track_caller]
    pub(crate) fn edit(&self, path: impl AsRef<OsStr>, from: &str, to: &str) {
        let path = path.as_ref();
        let text = self.read(path);
        assert!(text.contains(from), "{}: no {from:?}", path.display());
        self.write(path, text.replace(from, to));
    }

    /// A clone of it in a folder of its own.
    pub(crate) fn clone_of_it(&self) -> Sandbox {
        let clone = Sandbox::plain();
        fs::remove_dir(&clone.root).unwrap();
        let [from, to] = [&self.root, &clone.root].map(|path| path.to_str().unwrap().to_owned());
        self.run_git(&["clone", "-q", "--template=", &from, &to]);
        clone.configure();
        clone
    }
}

/// Ends what a failing test leaves running.
pub(crate) struct KillOnDrop(pub(crate) Option<Child>);

impl KillOnDrop {
    pub(crate) fn id(&self) -> rustix::process::Pid {
        let id = i32::try_from(self.0.as_ref().unwrap().id()).unwrap();
        rustix::process::Pid::from_raw(id).unwrap()
    }

    pub(crate) fn end(mut self) -> Run {
        end_of(self.0.take().unwrap())
    }

    pub(crate) fn is_running(&mut self) -> bool {
        let ended: io::Result<_> = self.0.as_mut().unwrap().try_wait();
        ended.unwrap().is_none()
    }
}

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _gone = child.kill();
            let _ended = child.wait();
        }
    }
}
