//! Commands that hang, flood, fork, ignore signals, or print garbage.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tiermod::process::{Cancel, Ended, Finished, Job, Listener, Tail, run};

/// Far more than any of these needs; reached only by a defect.
const LONG: Duration = Duration::from_mins(2);

/// Reached on purpose: enough for a shell to get to its first lines on a busy machine.
const SHORT: Duration = Duration::from_secs(3);

#[derive(Default)]
struct Heard {
    tail: Tail,
    bytes: usize,
    /// Cancelled as soon as this file is there.
    cancel_on: Option<(PathBuf, Cancel)>,
}

impl Listener for Heard {
    fn output(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.tail.push(bytes);
    }

    fn tick(&mut self, _elapsed: Duration) {
        if let Some((file, cancel)) = &self.cancel_on
            && file.exists()
        {
            cancel.cancel();
        }
    }
}

struct Sandbox {
    folder: TempDir,
    heard: Heard,
    timeout: Duration,
    grace: Duration,
    cancel: Cancel,
}

impl Sandbox {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            heard: Heard::default(),
            timeout: LONG,
            grace: LONG,
            cancel: Cancel::new(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&mut self, command: &str) -> Finished {
        let job = Job {
            run: command,
            cwd: self.folder.path(),
            env: &[("GREETING".into(), "hello".into())],
            timeout: self.timeout,
            grace: self.grace,
        };
        run(&job, &self.cancel, &mut self.heard).unwrap()
    }

    fn output(&self) -> String {
        self.heard.tail.text(50)
    }

    /// Whether the process whose number is in `file` is gone, or soon is.
    fn is_gone(&self, file: &str) -> bool {
        let pid = std::fs::read_to_string(self.path().join(file)).unwrap();
        let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if rustix::process::test_kill_process(pid).is_err() || is_zombie(pid) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

/// An orphan that has ended stays a zombie where the first process of a container waits for
/// nobody.
fn is_zombie(pid: rustix::process::Pid) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z")))
}

fn ended(ended: Ended) -> Finished {
    Finished { ended, left_running: false }
}

#[test]
fn a_command_has_its_folder_its_variables_and_both_outputs() {
    let mut sandbox = Sandbox::new();
    let finished = sandbox.run("pwd; echo $GREETING; echo oops >&2; exit 3");
    assert_eq!(finished, ended(Ended::Code(3)));
    let folder = sandbox.path().canonicalize().unwrap();
    assert_eq!(sandbox.output(), format!("{}\nhello\noops", folder.display()));
}

#[test]
fn the_order_of_both_outputs_is_kept() {
    let mut sandbox = Sandbox::new();
    sandbox.run("for i in 1 2 3; do echo out$i; echo err$i >&2; done");
    assert_eq!(sandbox.output(), "out1\nerr1\nout2\nerr2\nout3\nerr3");
}

#[test]
fn a_command_that_reads_finds_the_end_of_input() {
    let mut sandbox = Sandbox::new();
    assert_eq!(sandbox.run("cat; echo done").ended, Ended::Code(0));
    assert_eq!(sandbox.output(), "done");
}

#[test]
fn a_command_has_no_terminal_to_ask() {
    let mut sandbox = Sandbox::new();
    assert_eq!(sandbox.run("(: < /dev/tty) 2>/dev/null || echo none").ended, Ended::Code(0));
    assert_eq!(sandbox.output(), "none");
}

#[test]
fn a_signal_from_elsewhere_is_told() {
    assert_eq!(Sandbox::new().run("kill -9 $$"), ended(Ended::Signal(9)));
}

#[test]
fn a_command_that_takes_too_long_is_ended_with_all_that_it_started() {
    let mut sandbox = Sandbox::new();
    sandbox.timeout = SHORT;
    let finished = sandbox.run("sleep 1000 & echo $! > child; echo waiting; wait");
    assert_eq!(finished, ended(Ended::TimedOut));
    assert_eq!(sandbox.output(), "waiting");
    assert!(sandbox.is_gone("child"));
}

#[test]
fn a_command_may_clean_up_when_it_is_asked_to_end() {
    let mut sandbox = Sandbox::new();
    sandbox.timeout = SHORT;
    let finished = sandbox.run("trap 'echo cleaned; exit 0' TERM; while :; do sleep 0.05; done");
    assert_eq!(finished.ended, Ended::TimedOut);
    assert_eq!(sandbox.heard.tail.text(1), "cleaned");
}

#[test]
fn a_command_that_ignores_the_request_is_killed() {
    let mut sandbox = Sandbox::new();
    sandbox.timeout = SHORT;
    sandbox.grace = Duration::from_millis(200);
    let finished = sandbox.run(
        "trap '' TERM; (trap '' TERM; echo $$ > ignored; exec sleep 1000) & echo $! > child; \
         while :; do sleep 0.05; done",
    );
    assert_eq!(finished.ended, Ended::TimedOut);
    assert!(sandbox.is_gone("child"));
}

#[test]
fn a_stopped_command_is_ended() {
    let mut sandbox = Sandbox::new();
    sandbox.timeout = SHORT;
    assert_eq!(sandbox.run("kill -STOP $$").ended, Ended::TimedOut);
}

#[test]
fn a_wish_to_stop_ends_the_whole_group() {
    let mut sandbox = Sandbox::new();
    sandbox.heard.cancel_on = Some((sandbox.path().join("ready"), sandbox.cancel.clone()));
    let finished =
        sandbox.run("(sleep 1000 & echo $! > child; wait) & while [ ! -s child ]; do sleep 0.05; done; touch ready; wait");
    assert_eq!(finished, ended(Ended::Cancelled));
    assert!(sandbox.is_gone("child"));
}

#[test]
fn what_a_command_leaves_in_its_group_is_ended_and_told() {
    let mut sandbox = Sandbox::new();
    let finished = sandbox.run("sleep 1000 & echo $! > child; echo done");
    assert_eq!(finished, Finished { ended: Ended::Code(0), left_running: true });
    assert_eq!(sandbox.output(), "done");
    assert!(sandbox.is_gone("child"));
}

#[test]
fn a_daemon_that_holds_the_pipe_is_not_waited_for() {
    let mut sandbox = Sandbox::new();
    // Ends by itself as soon as the file is gone, whatever this test does.
    let daemon = "import os, time\n\
        if os.fork(): os._exit(0)\n\
        os.setsid()\n\
        open('alive', 'w').close()\n\
        open('daemon', 'w').write(str(os.getpid()))\n\
        deadline = time.time() + 120\n\
        while os.path.exists('alive') and time.time() < deadline: time.sleep(0.02)\n";
    std::fs::write(sandbox.path().join("daemon.py"), daemon).unwrap();
    let begun = Instant::now();
    let finished =
        sandbox.run("python3 daemon.py; while [ ! -s daemon ]; do sleep 0.05; done; echo started");
    assert_eq!(finished, ended(Ended::Code(0)));
    assert_eq!(sandbox.output(), "started");
    assert!(begun.elapsed() < LONG);
    assert!(sandbox.path().join("alive").exists(), "the daemon is out of reach and lives on");
    std::fs::remove_file(sandbox.path().join("alive")).unwrap();
    assert!(sandbox.is_gone("daemon"));
}

#[test]
fn a_daemon_that_floods_the_pipe_is_not_waited_for() {
    let mut sandbox = Sandbox::new();
    let daemon = "import os\n\
        if os.fork(): os._exit(0)\n\
        os.setsid()\n\
        open('daemon', 'w').write(str(os.getpid()))\n\
        while True: os.write(1, b'x' * 4096)\n";
    std::fs::write(sandbox.path().join("daemon.py"), daemon).unwrap();
    // It ends by itself with the pipe: nobody reads it once the command has been dealt with.
    let finished = sandbox.run("python3 daemon.py; while [ ! -s daemon ]; do sleep 0.05; done");
    assert_eq!(finished, ended(Ended::Code(0)));
    assert!(sandbox.is_gone("daemon"));
}

#[test]
fn a_flood_of_output_is_read_to_its_end() {
    let mut sandbox = Sandbox::new();
    let finished =
        sandbox.run("head -c 100000000 /dev/zero | tr '\\0' x; echo; echo connections=7");
    assert_eq!(finished, ended(Ended::Code(0)));
    assert_eq!(sandbox.heard.bytes, 100_000_000 + "\nconnections=7\n".len());
    assert_eq!(sandbox.heard.tail.text(1), "connections=7");
}

#[test]
fn output_that_is_not_text_is_shown_as_far_as_it_is() {
    let mut sandbox = Sandbox::new();
    sandbox.run(r"printf '\377\376 \033[31mred\033[0m \000end\n'");
    assert_eq!(sandbox.output(), "\u{fffd}\u{fffd} red end");
}

#[test]
fn a_command_that_closes_its_output_is_still_waited_for() {
    let mut sandbox = Sandbox::new();
    let finished = sandbox.run("exec >/dev/null 2>&1; sleep 0.3; touch late; exit 4");
    assert_eq!(finished, ended(Ended::Code(4)));
    assert!(sandbox.path().join("late").exists());
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let job = Job {
        run: "true",
        cwd: Path::new("/nonexistent/folder"),
        env: &[],
        timeout: LONG,
        grace: LONG,
    };
    assert!(run(&job, &Cancel::new(), &mut Heard::default()).is_err());
}

/// Set for the process that this test starts: itself once more, so that a signal reaches nobody
/// else.
const SIGNALLED: &str = "TIERMOD_TEST_SIGNALLED_IN";

#[test]
fn ctrl_c_ends_the_command_and_not_us() {
    if let Some(folder) = std::env::var_os(SIGNALLED) {
        let cancel = Cancel::on_signals().unwrap();
        let job = Job {
            run: "sleep 1000 & echo $! > child; touch ready; wait",
            cwd: Path::new(&folder),
            env: &[],
            timeout: LONG,
            grace: LONG,
        };
        let finished = run(&job, &cancel, &mut Heard::default()).unwrap();
        assert_eq!(finished, ended(Ended::Cancelled));
        std::fs::write(Path::new(&folder).join("went on"), "").unwrap();
        return;
    }
    let sandbox = Sandbox::new();
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let mut once_more = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["process::ctrl_c_ends_the_command_and_not_us", "--exact"])
            .env(SIGNALLED, sandbox.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !sandbox.path().join("ready").exists() {
            assert!(begun.elapsed() < LONG);
            std::thread::sleep(Duration::from_millis(10));
        }
        let pid = rustix::process::Pid::from_child(&once_more);
        rustix::process::kill_process(pid, signal).unwrap();
        assert!(once_more.wait().unwrap().success());
        assert!(sandbox.is_gone("child"));
        std::fs::remove_file(sandbox.path().join("went on")).unwrap();
        std::fs::remove_file(sandbox.path().join("ready")).unwrap();
    }
}
