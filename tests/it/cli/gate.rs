//! `gate`: baselines, figures, reports, limits, and what Ctrl-C ends.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use rustix::process::{Signal, kill_process};

use super::support::{
    KillOnDrop, command, is_running, project, run, start, wait_for, with_gates, without_git,
};
use crate::sandbox::Sandbox;

const FIGURE: &str = r#"
[[gate]]
name = "connections"
run = "echo connections=$(cat figure)"
metric = 'connections=(\d+)'
expect = "<= baseline"
"#;

const SUITE: &str = r#"
[[gate]]
name = "suite"
run = "cp report.xml out.xml; exit $(grep -c '<failure' report.xml)"
junit = "out.xml"
"#;

fn suite(passing: &[&str], failing: &[&str]) -> String {
    let mut text = "<testsuite>\n".to_owned();
    for name in passing {
        writeln!(text, "<testcase classname=\"t\" name=\"{name}\"/>").unwrap();
    }
    for name in failing {
        writeln!(text, "<testcase classname=\"t\" name=\"{name}\"><failure/></testcase>").unwrap();
    }
    text + "</testsuite>\n"
}

#[test]
fn without_gates_that_is_said() {
    project().does("gate").ok().says(&["there are no gates"]);
}

#[test]
fn a_figure_is_held_against_its_baseline() {
    let sandbox = with_gates(FIGURE);
    sandbox.write("figure", "43");
    sandbox.does("gate").exits(1).prints(&["could not run: no baseline is recorded", "--baseline"]);
    // One form, whether a gate holds or not.
    sandbox.does("gate").exits(1).never(&["gate connections"]);
    sandbox.does("gate --baseline").ok().prints(&["43"]).says(&["recorded"]);
    sandbox.does("gate").ok().prints(&["connections: passed: 43 <= baseline"]);
    sandbox.write("figure", "44");
    let words = ["connections: failed: 44 is not <= baseline (43)", "the last lines of its output"];
    sandbox.does("gate").exits(1).prints(&words);
    // What fails already is known to, and does not become the baseline.
    sandbox.does("apply --tier 1").ok().says(&["connections: known failing: 44 is not <="]);
    sandbox.does("gate").exits(1).prints(&["44 is not <= baseline (43)"]);
    sandbox.write("figure", "nothing");
    sandbox.does("gate").exits(1).prints(&["connections: failed"]);
}

#[test]
fn results_are_json_where_that_is_wanted() {
    let sandbox = with_gates(FIGURE);
    let schema = serde_json::from_str(&sandbox.does("schema gate").ok().out).unwrap();
    let json = |line: &str, code: i32| -> serde_json::Value {
        let json = serde_json::from_str(&sandbox.does(line).exits(code).out).unwrap();
        assert!(jsonschema::is_valid(&schema, &json), "{json}");
        json
    };
    sandbox.write("figure", "43");
    let none = &json("gate --format json", 1)["gates"][0];
    assert_eq!((&none["status"], &none["holds"]), (&"could not run".into(), &false.into()));
    json("gate --baseline --format json", 0);
    let passed = &json("gate --format json", 0)["gates"][0];
    assert_eq!((&passed["figure"], &passed["baseline"]), (&43.0.into(), &43.0.into()));
    let empty = project().does("gate --format json").ok().out;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&empty).unwrap()["gates"],
        serde_json::json!([])
    );
}

#[test]
fn a_tiers_gates_come_after_those_of_all() {
    let sandbox = with_gates("");
    let own = "\n  [[tier.gate]]\n  name = \"own\"\n  run = \"echo own >> ran\"\n";
    sandbox.edit(
        "codemod.toml",
        "paths = [\"app/agents/**\"]\n",
        &format!("paths = [\"app/agents/**\"]\n{own}"),
    );
    let text =
        sandbox.read("codemod.toml") + "[[gate]]\nname = \"all\"\nrun = \"echo all >> ran\"\n";
    sandbox.write("codemod.toml", text);
    let ran = |line: &str| {
        sandbox.write("ran", "");
        let out = sandbox.does(line).ok().out;
        (sandbox.read("ran").replace('\n', " "), out)
    };
    assert_eq!(ran("gate --tier web").0, "all ");
    let (order, out) = ran("gate --tier agents");
    assert_eq!(order, "all own ");
    assert!(out.contains("all: passed") && out.contains("agents: own: passed"), "{out}");
    assert_eq!(ran("gate").0, "all own ");
    assert_eq!(ran("gate --tier 3-4").0, "all ");
    sandbox.does("gate --tier zap").exits(2).says(&["no tier `zap`"]);
}

#[test]
fn what_failed_before_is_known_and_what_fails_anew_is_named() {
    let sandbox = with_gates(SUITE);
    sandbox.write("report.xml", suite(&["fine"], &["old"]));
    sandbox.does("gate").exits(1).prints(&["suite: failed", "t::old"]);
    sandbox.does("gate --baseline").ok();
    sandbox.does("gate").ok().prints(&["known"]);
    // A tier may be applied over it.
    sandbox.does("apply --tier 1").ok();
    sandbox.write("report.xml", suite(&[], &["old", "fine"]));
    let run = sandbox.does("gate").exits(1).prints(&["newly failing:\n  t::fine"]);
    run.never(&["  t::old"]);
    sandbox.does("status").ok().prints(&["suite"]);
}

#[test]
fn a_limit_ends_what_hangs() {
    let sandbox = with_gates(
        "[[gate]]\nname = \"hangs\"\nrun = \"sleep 1000 & echo $! > pid; wait\"\ntimeout = \"300ms\"\n",
    );
    sandbox.does("gate").exits(1).prints(&["hangs: timed out"]);
    assert!(!is_running(sandbox.read("pid").trim()));
}

#[test]
fn floods_and_bytes_of_any_kind_are_read() {
    let sandbox = with_gates(
        "[[gate]]\nname = \"flood\"\nmetric = 'end=(\\d+)'\nexpect = \"== 7\"\n\
         run = '''head -c 20000000 /dev/urandom; printf '\\377\\033[2J\\n'; echo end=7'''\n",
    );
    sandbox.does("gate").ok().prints(&["flood: passed: 7 == 7"]);
}

#[test]
fn a_url_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for rate in ["99.5", "12"] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = [0; 4096];
            let read = stream.read(&mut question).unwrap();
            let asked = String::from_utf8_lossy(&question[..read]).to_lowercase();
            assert!(asked.contains("authorization: bearer s3cret"), "{asked}");
            let body = format!("{{\"websocket\": {{\"success_rate\": {rate}}}}}");
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", body.len());
            stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).unwrap();
        }
    });
    let sandbox = with_gates(&format!(
        "[[gate]]\nname = \"rate\"\nhttp = \"http://{address}/health\"\nexpect = \">= 95\"\n\
         json = \"/websocket/success_rate\"\nheaders = {{ Authorization = \"Bearer $TOKEN\" }}\n"
    ));
    let ask = || {
        let mut command = command(&sandbox.root);
        command.env("TOKEN", "s3cret").arg("gate");
        run(command).never(&["s3cret"])
    };
    ask().ok().prints(&["rate: passed: 99.5 >= 95"]);
    ask().exits(1).prints(&["rate: failed: 12 is not >= 95"]);
    sandbox.does("gate").exits(1).prints(&["could not run", "TOKEN"]);
}

#[test]
fn it_changes_no_file_of_the_project_and_needs_no_git() {
    for sandbox in [with_gates(FIGURE), without_git()] {
        sandbox.write("figure", "1");
        let text = sandbox.read("codemod.toml").replace(FIGURE, "") + FIGURE;
        sandbox.write("codemod.toml", text);
        let before = sandbox.everything();
        sandbox.does("gate --baseline").ok();
        sandbox.does("gate").ok();
        assert_eq!(sandbox.everything(), before);
    }
}

/// Starts `line`, whose gate says that it runs by writing `pid`, and sends SIGINT to the binary
/// alone.
fn interrupted(sandbox: &Sandbox, line: &str) -> super::support::Run {
    let words: Vec<&str> = line.split_whitespace().collect();
    let child = KillOnDrop(Some(start(&sandbox.root, &words)));
    let pid = sandbox.path(".git/pid");
    wait_for(|| std::fs::read_to_string(&pid).is_ok_and(|id| id.ends_with('\n')), "the gate");
    kill_process(child.id(), Signal::INT).unwrap();
    let ended = child.end();
    let id = sandbox.read(".git/pid");
    assert!(!is_running(id.trim()), "{ended:#?}");
    ended
}

#[test]
fn ctrl_c_ends_the_gates_whole_group_and_undoes_the_tier() {
    // It passes before the change and hangs after it, with a child of its own.
    let gate = "[[gate]]\nname = \"hangs\"\n\
        run = \"grep -q redis_manager app/ws/auth.py || exit 0; sleep 1000 & echo $! > .git/pid; wait\"\n";
    let sandbox = with_gates(gate);
    let before = sandbox.everything();
    let run = interrupted(&sandbox, "apply --tier 1").exits(1);
    run.says(&["hangs: ended on request", "the tree is as before"]);
    assert_eq!(sandbox.everything(), before);
    assert_eq!(sandbox.states(), "pending pending pending pending");

    let sandbox =
        with_gates("[[gate]]\nname = \"hangs\"\nrun = \"sleep 1000 & echo $! > .git/pid; wait\"\n");
    let before = sandbox.everything();
    interrupted(&sandbox, "gate").exits(1).says(&["interrupted"]);
    assert_eq!(sandbox.everything(), before);
}
