//! The binary on a terminal: what it draws, and what it does not.

use std::process::{Command, Stdio};

use super::support::{Run, project, run, with_gates};
use crate::sandbox::{Sandbox, isolate};

/// Runs the binary on a terminal of its own, a size after the other, and answers with what the
/// terminal was sent. `ARGS` is what to run, `SIZES` lines of `SECONDS COLUMNS ROWS`, `KEYS` lines
/// of `SECONDS TEXT`.
const ON_A_TERMINAL: &str = r#"
import fcntl, os, pty, select, struct, sys, termios, time

def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

events = []
for line in os.environ["SIZES"].splitlines():
    at, columns, rows = line.split()
    events.append((float(at), lambda fd, c=int(columns), r=int(rows): resize(fd, c, r)))
for line in os.environ["KEYS"].splitlines():
    at, text = line.split()
    events.append((float(at), lambda fd, t=text: os.write(fd, t.encode().decode("unicode_escape").encode())))
events.sort(key=lambda event: event[0])
child, fd = pty.fork()
if child == 0:
    time.sleep(0.1)
    os.execv(sys.argv[1], sys.argv[1:])
start = time.monotonic()
out = sys.stdout.buffer
while True:
    while events and time.monotonic() - start >= events[0][0]:
        events.pop(0)[1](fd)
    ready, _, _ = select.select([fd], [], [], 0.02)
    if ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        out.write(data)
    if time.monotonic() - start > 60:
        os.kill(child, 9)
_, status = os.waitpid(child, 0)
out.flush()
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"#;

/// What happens on the terminal, and in which environment.
struct Session<'a> {
    sizes: &'a str,
    keys: &'a str,
    environment: &'a [(&'a str, &'a str)],
}

const PLAIN: Session<'_> = Session { sizes: "0 80 24", keys: "", environment: &[] };

fn on_a_terminal(sandbox: &Sandbox, line: &str, session: &Session<'_>) -> Run {
    let mut command = Command::new("python3");
    command.args(["-c", ON_A_TERMINAL, env!("CARGO_BIN_EXE_tiermod")]);
    command.args(line.split_whitespace()).current_dir(&sandbox.root).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", &sandbox.root).env("TERM", "xterm-256color");
    isolate(&mut command);
    command.env("SIZES", session.sizes).env("KEYS", session.keys);
    command.envs(session.environment.iter().copied()).stdin(Stdio::null());
    run(command)
}

#[test]
fn colours_are_for_terminals_that_take_them() {
    let sandbox = project();
    on_a_terminal(&sandbox, "check", &PLAIN).exits(1).prints(&["\x1b["]);
    for environment in [[("NO_COLOR", "1")], [("TERM", "dumb")]] {
        let session = Session { environment: &environment, ..PLAIN };
        on_a_terminal(&sandbox, "check", &session).exits(1).never(&["\x1b"]);
    }
    on_a_terminal(&sandbox, "check --color never", &PLAIN).exits(1).never(&["\x1b"]);
}

#[test]
fn a_narrow_terminal_is_respected() {
    let sandbox = project();
    let session = Session { sizes: "0 40 24", environment: &[("NO_COLOR", "1")], ..PLAIN };
    let run = on_a_terminal(&sandbox, "status", &session).ok();
    let check = on_a_terminal(&sandbox, "check", &session).exits(1);
    let total = check.out.lines().position(|line| line.starts_with("total: ")).unwrap();
    assert!(check.out.lines().nth(total + 1).unwrap().starts_with("  "), "{check:#?}");
    let bar = run.out.lines().find(|line| line.starts_with('[')).unwrap();
    assert!(bar.chars().count() <= 60, "{bar}");
}

#[test]
fn a_watch_draws_over_itself_whatever_the_colours() {
    let sandbox = with_gates("[[gate]]\nname = \"fine\"\nrun = \"true\"\n");
    let line = "watch --tier 1 --every 1s --for 2s";
    for environment in [&[][..], &[("NO_COLOR", "1")][..]] {
        let run = on_a_terminal(&sandbox, line, &Session { environment, ..PLAIN }).ok();
        assert!(run.out.contains("\x1b[3A\x1b[J"), "{run:#?}");
        assert_eq!(run.out.contains("\x1b[32m"), environment.is_empty(), "{run:#?}");
    }
    let session = Session { environment: &[("TERM", "dumb")], ..PLAIN };
    on_a_terminal(&sandbox, line, &session).ok().prints(&["fine: passed"]).never(&["\x1b"]);
    // One that becomes narrower wraps what is there.
    let session = Session { sizes: "0 80 24\n1.5 20 24", ..PLAIN };
    let run = on_a_terminal(&sandbox, line, &session).ok();
    let wrapped = (4..=6).any(|rows| run.out.contains(&format!("\x1b[{rows}A\x1b[J")));
    assert!(wrapped, "{run:#?}");
}

#[test]
fn ctrl_c_ends_a_watch_and_an_apply_and_leaves_the_tree() {
    let sandbox = with_gates("[[gate]]\nname = \"slow\"\nrun = \"sleep 50\"\n");
    let session = Session { keys: "2 \\x03", ..PLAIN };
    let before = sandbox.everything();
    on_a_terminal(&sandbox, "watch --tier 1", &session).exits(1).prints(&["interrupted"]);
    let run = on_a_terminal(&sandbox, "apply --tier 1", &session).exits(1);
    // The line goes, and what the terminal shows for the keys with it.
    let (_, end) = run.out.rsplit_once("^C").unwrap();
    assert!(end.contains("\r\x1b[2K  slow: cancelled: ended on request"), "{run:#?}");
    assert!(!run.out.contains(&" ".repeat(20)), "{run:#?}");
    on_a_terminal(&sandbox, "gate", &session).exits(1).prints(&["interrupted"]);
    assert_eq!(sandbox.everything(), before);
}

#[test]
fn a_patch_goes_through_the_pager_and_a_pager_that_ends_early_is_no_error() {
    let sandbox = project();
    let session = Session { environment: &[("GIT_PAGER", "sed s/^/PAGED/")], ..PLAIN };
    on_a_terminal(&sandbox, "diff", &session).ok().prints(&["PAGED\x1b["]);
    for pager in ["true", "head -n 1", "cat", ""] {
        let session = Session { environment: &[("GIT_PAGER", pager)], ..PLAIN };
        on_a_terminal(&sandbox, "diff", &session).ok().never(&["Broken pipe", "panicked"]);
    }
    for line in ["check", "diff", "status", "--help", "explain TM103", "man", "schema"] {
        let binary = env!("CARGO_BIN_EXE_tiermod");
        let script = format!("set -o pipefail; {binary} {line} | head -n 1 > /dev/null");
        let mut shell = Command::new("bash");
        shell.args(["-c", &script]).current_dir(&sandbox.root);
        run(shell).never(&["Broken pipe", "panicked", "os error"]);
    }
}
