//! Processes of every kind, the start-up of Python, and what else a probe looks at.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tiermod::probe::{
    Exit, Options, ProbeError, ProbeReport, ProbeReportError, Session, Targets, compare, run,
};
use tiermod::process::Cancel;

use crate::probe::{MANAGER, Program, places, text};

/// The instances, and the processes that built some.
fn instances(main: &str) -> (u64, u64) {
    let class = Program::with_main(main).class();
    (class.instances, class.processes)
}

#[test]
fn forks_are_counted_apart() {
    let main = "import os\n\
        from app.manager import Manager\n\
        Manager()\n\
        for _ in range(3):\n\
        \x20   pid = os.fork()\n\
        \x20   if not pid:\n\
        \x20       Manager(); Manager()\n\
        \x20       os._exit(0)\n\
        \x20   os.waitpid(pid, 0)\n\
        Manager()\n";
    let class = Program::with_main(main).class();
    assert_eq!((class.instances, class.processes, class.most_in_one_process), (8, 4, 2));
    assert_eq!(places(&class)[0], "6 main.py:7");
}

#[test]
fn a_fork_while_another_thread_counts_does_not_hang() {
    let main = "import os, threading\n\
        from app.manager import Manager\n\
        stop = False\n\
        def build():\n\
        \x20   while not stop: Manager()\n\
        thread = threading.Thread(target=build)\n\
        thread.start()\n\
        for _ in range(50):\n\
        \x20   pid = os.fork()\n\
        \x20   if not pid:\n\
        \x20       Manager('child')\n\
        \x20       os._exit(0)\n\
        \x20   os.waitpid(pid, 0)\n\
        stop = True\n\
        thread.join()\n";
    let class = Program::with_main(main).class();
    assert!(places(&class).contains(&"50 main.py:11".to_owned()), "{:?}", places(&class));
}

#[test]
fn multiprocessing_is_counted_however_it_starts() {
    for method in ["fork", "spawn", "forkserver"] {
        let main = format!(
            "import multiprocessing\n\
             from app.manager import Manager\n\
             def build(number):\n\
             \x20   Manager()\n\
             if __name__ == '__main__':\n\
             \x20   context = multiprocessing.get_context('{method}')\n\
             \x20   processes = [context.Process(target=build, args=(n,)) for n in range(3)]\n\
             \x20   for process in processes: process.start()\n\
             \x20   for process in processes: process.join()\n\
             \x20   with context.Pool(2) as pool: pool.map(build, range(4))\n"
        );
        let class = Program::with_main(&main).class();
        assert_eq!(places(&class), ["7 main.py:4"], "{method}");
        assert!(class.processes >= 4, "{method}");
    }
}

#[test]
fn executors_are_counted() {
    let main = "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\n\
        from app.manager import Manager\n\
        def build(n): Manager()\n\
        if __name__ == '__main__':\n\
        \x20   for kind in (ProcessPoolExecutor, ThreadPoolExecutor):\n\
        \x20       with kind(2) as executor: list(executor.map(build, range(5)))\n";
    assert_eq!(instances(main).0, 10);
}

const CHILD: &str = "'from app.manager import Manager; Manager()'";

#[test]
fn subprocesses_are_counted_whatever_their_environment() {
    for env in [
        "None",
        "dict(os.environ)",
        "{}",
        "{'PATH': os.environ['PATH'], 'PYTHONPATH': os.getcwd()}",
        "{b'PYTHONPATH': b'/nowhere'}",
    ] {
        let main = format!(
            "import os, subprocess, sys\n\
             subprocess.run([sys.executable, '-c', {CHILD}], env={env}, check=True)\n"
        );
        assert_eq!(instances(&main), (1, 1), "{env}");
    }
    // By `os.posix_spawn`, in every version of Python.
    for env in ["os.environ", "{}", "{b'PYTHONPATH': b'/nowhere'}"] {
        let main = format!(
            "import os, subprocess, sys\n\
             words = [sys.executable, '-c', {CHILD}]\n\
             subprocess.run(words, env={env}, close_fds=False, check=True)\n\
             os.waitpid(os.posix_spawn(words[0], words, {env}), 0)\n"
        );
        assert_eq!(instances(&main), (2, 2), "{env}");
    }
    let cleared = format!(
        "import os, subprocess, sys\n\
         os.environ.pop('PYTHONPATH'); os.environ.pop('TIERMOD_PROBE')\n\
         subprocess.run([sys.executable, '-c', {CHILD}], check=True)\n"
    );
    assert_eq!(instances(&cleared), (1, 1));
}

#[test]
fn what_starts_children_looks_as_it_does_without_us() {
    let main = "import inspect, os\n\
        for spawn in (os.posix_spawn, os.posix_spawnp):\n\
        \x20   print(spawn.__name__, spawn.__module__, spawn.__doc__)\n\
        \x20   try: print(inspect.signature(spawn))\n\
        \x20   except ValueError as error: print(error)\n\
        \x20   for wrong in ((), ('x',), ('x', ['x'], {'A=B': 'c'}), ('/none', ['x'], {})):\n\
        \x20       try: spawn(*wrong)\n\
        \x20       except Exception as error: print(type(error), error)\n";
    let observed = Program::with_main(main).assert_unnoticed();
    assert_eq!(observed.notes, Vec::<String>::new());
}

#[test]
fn a_shell_between_two_pythons_passes_the_probe_on() {
    let main = "import os\nos.system('sh -c \"python3 child.py; true\"')\n";
    let program = Program::with_main(main);
    program.write("child.py", "from app.manager import Manager\nManager()\n");
    assert_eq!(program.places(), ["1 child.py:2"]);
}

#[test]
fn a_process_that_becomes_another_is_counted_as_both() {
    let main = format!(
        "import os, sys\n\
         from app.manager import Manager\n\
         Manager()\n\
         os.execv(sys.executable, [sys.executable, '-c', {CHILD}])\n"
    );
    assert_eq!(instances(&main), (2, 2));
}

#[test]
fn counts_outlast_a_sudden_end() {
    for end in [
        "os._exit(0)",
        "os.kill(os.getpid(), 9)",
        "os.abort()",
        "import ctypes; ctypes.string_at(0)",
    ] {
        let main = format!(
            "import os\n\
             from app.manager import Manager\n\
             if not os.fork():\n\
             \x20   for _ in range(5): Manager()\n\
             \x20   {end}\n\
             os.wait()\n"
        );
        assert_eq!(instances(&main), (5, 1), "{end}");
    }
}

#[test]
fn an_existing_sitecustomize_runs_as_it_does_without_us() {
    let program = Program::with_main(
        "import sitecustomize, sys\n\
         from app.manager import Manager\n\
         Manager()\n\
         print(sitecustomize.__file__, sitecustomize.MINE, sys.modules['sitecustomize'].__name__)\n\
         print(sys.path)\n",
    );
    program
        .write("site/sitecustomize.py", "import sys\nMINE = 5\nprint('started', sys.path[-1])\n");
    let program = program.env("PYTHONPATH", "site");
    let observed = program.assert_unnoticed();
    assert_eq!(observed.classes[0].instances, 1);
}

#[test]
fn a_sitecustomize_that_fails_does_so_as_without_us() {
    for text in
        ["raise ValueError('no')\n", "raise ImportError('none')\n", "import nowhere\n", "1 +\n"]
    {
        let program = Program::with_main("print('main')\n");
        program.write("site/sitecustomize.py", text);
        program.env("PYTHONPATH", "site").assert_unnoticed();
    }
}

#[test]
fn where_there_is_no_sitecustomize_there_is_none() {
    let main = "import sys\n\
        print('sitecustomize' in sys.modules, sys.path)\n\
        try:\n\
        \x20   import sitecustomize\n\
        except ImportError as error:\n\
        \x20   print(error, error.name)\n";
    // Some distributions bring one; then it is found by both.
    Program::with_main(main).assert_unnoticed();
}

#[test]
fn python_that_shuts_us_out_is_said() {
    let program = Program::with_main("from app.manager import Manager\nManager()\n");
    for flag in ["-S", "-E", "-I", "-sE"] {
        let (_, observed) = program.observed(&["python3", flag, "main.py"]);
        assert_eq!(observed.processes, 0, "{flag}");
        assert!(observed.notes[0].contains("no Python process loaded the probe"), "{flag}");
    }
    for (flags, said) in
        [("-I", true), ("-sE", true), ("-OO -S", true), ("-W error", false), ("-Bs", false)]
    {
        let main = format!(
            "import subprocess, sys\n\
             subprocess.run([sys.executable] + '{flags}'.split() + ['-c', 'pass'], check=True)\n"
        );
        let (output, observed) = Program::with_main(&main).observed(&["python3", "main.py"]);
        assert!(output.status.success());
        let note = "a child ran Python with -S, -E or -I, and was not observed";
        assert_eq!(observed.notes.iter().any(|seen| seen == note), said, "{flags}");
    }
    let (_, observed) = program.observed(&["true"]);
    assert_eq!(observed.processes, 0);
}

#[test]
fn the_memory_of_every_process_is_seen() {
    let main = "import os, sys\n\
        read, write = os.pipe()\n\
        if not os.fork():\n\
        \x20   block = b'x' * 100_000_000\n\
        \x20   os.write(write, b'x')\n\
        \x20   while os.getppid() != 1 and os.path.exists('hold'): pass\n\
        \x20   os._exit(0)\n\
        block = b'y' * 60_000_000\n\
        os.read(read, 1)\n\
        import time\n\
        time.sleep(1)\n\
        os.remove('hold')\n\
        os.wait()\n";
    let program = Program::with_main(main);
    program.write("hold", "");
    let session = Session::start(&Targets::default(), &Options::default()).unwrap();
    let mut child = std::process::Command::new("python3")
        .arg("main.py")
        .current_dir(program.path())
        .envs(session.env(None))
        .spawn()
        .unwrap();
    session.watch(child.id());
    assert!(child.wait().unwrap().success());
    let memory = session.finish(&program.path()).memory;
    assert!(memory.peak_process.unwrap() > 100_000_000);
    assert!(memory.peak_process.unwrap() < 160_000_000);
    assert!(memory.peak_together.unwrap() > 160_000_000);
}

#[test]
fn all_together_never_hold_less_than_one_did() {
    let main = "import time\n\
        time.sleep(0.15)\n\
        block = bytearray(80_000_000)\n\
        del block\n\
        time.sleep(0.3)\n";
    let (output, observed) = Program::with_main(main).observed(&["python3", "main.py"]);
    assert!(output.status.success());
    let memory = observed.memory;
    assert!(memory.peak_together >= memory.peak_process, "{memory:?}");
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

fn probe(command: &[&str], root: &Path, options: &Options) -> Result<ProbeReport, ProbeError> {
    let targets = Targets::from(vec![MANAGER.parse().unwrap()]);
    run(&words(command), root, &targets, options, &Cancel::new())
}

/// A command line that runs `main.py` in the program's folder.
fn in_folder(program: &Program, then: &str) -> String {
    format!("cd '{}' && python3 main.py; {then}", program.path().display())
}

#[test]
fn the_exit_code_is_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    for (script, exit, code) in [
        ("exit 0", Exit::Code(0), 0),
        ("exit 7", Exit::Code(7), 7),
        ("kill -9 $$", Exit::Signal(9), 137),
    ] {
        let report = probe(&["sh", "-c", script], folder.path(), &Options::default()).unwrap();
        assert_eq!(report.exit, exit);
        assert_eq!(report.exit.code(), code);
    }
    let missing = probe(&["/nonexistent/command"], folder.path(), &Options::default());
    assert!(missing.unwrap_err().to_string().contains("`/nonexistent/command` cannot be started"));
    assert!(matches!(probe(&[], folder.path(), &Options::default()), Err(ProbeError::NoCommand)));
}

#[test]
fn a_report_is_a_table_and_json() {
    let program = Program::with_main(
        "from app.manager import Manager\nfor _ in range(12): Manager()\nManager('one more')\n",
    );
    let script = in_folder(&program, "exit 3");
    let mut report = probe(&["sh", "-c", &script], &program.path(), &Options::default()).unwrap();
    assert_eq!(ProbeReport::from_json(&report.to_json().unwrap()).unwrap(), report);
    report.seconds = 1.5;
    report.memory.peak_process = Some(64 * 1024 * 1024);
    report.memory.peak_together = Some(100 * 1024 * 1024 + 300 * 1024);
    assert_eq!(
        report.to_string(),
        "app.manager:Manager: 13 instances from 2 places\n\
         \x20 12  main.py:2\n\
         \x20  1  main.py:3\n\
         \n\
         1 process observed in 1.5 s; the command's exit code is 3\n\
         peak memory  64.0 MiB in one process, 100.2 MiB in all together\n"
    );
}

#[test]
fn a_saved_report_of_another_version_is_refused() {
    assert!(matches!(
        ProbeReport::from_json(r#"{"version": 2, "other": 1}"#),
        Err(ProbeReportError::Version(2))
    ));
    for json in ["", "[]", "{}", r#"{"version": 1}"#, r#"{"version": "1"}"#] {
        assert!(matches!(ProbeReport::from_json(json), Err(ProbeReportError::Malformed(_))));
    }
}

#[test]
fn two_reports_are_compared_in_per_cent() {
    let program = Program::with_main("");
    let run = |main: &str| {
        program.write("main.py", main);
        let script = in_folder(&program, "true");
        probe(&["sh", "-c", &script], &program.path(), &Options::default()).unwrap()
    };
    let mut before =
        run("from app.manager import Manager\n[Manager() for _ in range(8)]\nManager()\n");
    let mut after = run("from app.manager import Manager\n[Manager() for _ in range(3)]\n");
    before.memory.peak_process = Some(100 << 20);
    after.memory.peak_process = Some(80 << 20);
    before.memory.peak_together = None;
    after.memory.peak_together = Some(1 << 20);
    let comparison = compare(&before, &after);
    assert_eq!(
        comparison.to_string(),
        "                                             before     after   change\n\
         app.manager:Manager  instances                    9         3  -66.7 %\n\
         app.manager:Manager  places                       2         1  -50.0 %\n\
         app.manager:Manager  processes                    1         1   +0.0 %\n\
         app.manager:Manager  most in one process          9         3  -66.7 %\n\
         memory               one process          100.0 MiB  80.0 MiB  -20.0 %\n\
         memory               all together                 -   1.0 MiB        -\n"
    );
}

/// As much of a Redis server as a probe asks for. Every connection besides the probe's is
/// counted as a client as long as `clients` says so.
fn serve(listener: TcpListener, password: Option<&'static str>, clients: Arc<AtomicU64>) {
    thread::spawn(move || {
        for stream in listener.incoming() {
            let clients = Arc::clone(&clients);
            thread::spawn(move || answer(stream.unwrap(), password, &clients));
        }
    });
}

fn answer(stream: TcpStream, password: Option<&str>, clients: &AtomicU64) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    let mut known = password.is_none();
    let mut received = 100;
    loop {
        let mut words = Vec::new();
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        for _ in 0..line.trim_start_matches('*').trim().parse::<usize>().unwrap() {
            let mut word = String::new();
            reader.read_line(&mut word).unwrap();
            word.clear();
            reader.read_line(&mut word).unwrap();
            words.push(word.trim().to_owned());
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let reply = match words.as_slice() {
            ["AUTH", "default", given] | ["AUTH", given] => {
                known = Some(*given) == password;
                if known { "+OK\r\n".to_owned() } else { "-WRONGPASS no\r\n".to_owned() }
            }
            _ if !known => "-NOAUTH Authentication required.\r\n".to_owned(),
            ["INFO", "clients"] => bulk(&format!(
                "# Clients\r\nconnected_clients:{}\r\nmaxclients:20\r\n",
                clients.load(Ordering::SeqCst) + 1
            )),
            ["INFO", "stats"] => {
                received += 1;
                bulk(&format!(
                    "total_connections_received:{received}\r\nrejected_connections:4\r\n"
                ))
            }
            other => format!("-ERR unknown {other:?}\r\n"),
        };
        if writer.write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}

fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

#[test]
fn the_most_clients_that_a_redis_server_saw_are_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let clients = Arc::new(AtomicU64::new(3));
    serve(listener, Some("pa ss"), Arc::clone(&clients));
    let options = |url: &str| Options { redis: Some(url.parse().unwrap()), ..Options::default() };

    let redis = options(&format!("redis://:pa%20ss@127.0.0.1:{port}/0"));
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "touch {0}/rise; while [ ! -e {0}/fall ]; do sleep 0.05; done; sleep 1",
        folder.path().display()
    );
    let (rise, fall) = (folder.path().join("rise"), folder.path().join("fall"));
    let server = Arc::clone(&clients);
    let waves = thread::spawn(move || {
        while !rise.exists() {
            thread::sleep(std::time::Duration::from_millis(10));
        }
        server.store(17, Ordering::SeqCst);
        thread::sleep(std::time::Duration::from_secs(1));
        server.store(2, Ordering::SeqCst);
        std::fs::write(fall, "").unwrap();
    });
    let report = probe(&["sh", "-c", &script], folder.path(), &redis).unwrap();
    waves.join().unwrap();
    let seen = report.redis.unwrap();
    assert_eq!((seen.peak_clients, seen.limit, seen.refused), (17, Some(20), Some(0)));
    assert_eq!(seen.connections, Some(seen.samples - 1));
    assert!(seen.samples > 3 && seen.error.is_none());
    assert!(seen.to_string().starts_with("redis        17 clients at most of 20, "));

    let wrong = options(&format!("redis://default:guess@127.0.0.1:{port}"));
    let seen = probe(&["true"], folder.path(), &wrong).unwrap().redis.unwrap();
    assert!(seen.error.unwrap().contains("WRONGPASS"));
}

#[test]
fn a_redis_server_that_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("unix://{}/none.sock", folder.path().display());
    let options = Options { redis: Some(url.parse().unwrap()), ..Options::default() };
    let report = probe(&["true"], folder.path(), &options).unwrap();
    let redis = report.redis.unwrap();
    assert_eq!((redis.samples, redis.peak_clients), (0, 0));
    assert!(redis.to_string().contains("could not be asked"));
}

#[test]
fn a_command_that_ends_at_once_is_reported() {
    let (output, observed) = Program::with_main("").observed(&["python3", "-c", "1/0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("ZeroDivisionError"));
    assert_eq!(observed.processes, 1);
}

#[test]
fn the_first_counts_of_many_threads_are_not_lost() {
    let main = "import os, sys, threading\n\
        from app.manager import Manager\n\
        sys.setswitchinterval(1e-6)\n\
        def build():\n\
        \x20   barrier.wait()\n\
        \x20   Manager()\n\
        for _ in range(40):\n\
        \x20   if not os.fork():\n\
        \x20       barrier = threading.Barrier(16)\n\
        \x20       threads = [threading.Thread(target=build) for _ in range(16)]\n\
        \x20       for thread in threads: thread.start()\n\
        \x20       for thread in threads: thread.join()\n\
        \x20       os._exit(0)\n\
        \x20   os.wait()\n";
    assert_eq!(instances(main), (640, 40));
}
