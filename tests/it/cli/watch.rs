//! `watch`: rounds, alerts, and the way back.

use rustix::process::{Signal, kill_process};

use super::support::{KillOnDrop, is_running, project, start, wait_for, with_gates};

const FINE: &str = "[[gate]]\nname = \"rate\"\nrun = \"echo rate=97\"\nmetric = 'rate=(\\d+)'\n\
                    expect = \">= 95\"\n";
const BAD: &str = "[[gate]]\nname = \"rate\"\nrun = \"echo rate=12\"\nmetric = 'rate=(\\d+)'\n\
                   expect = \">= 95\"\n";
/// It holds until the tier is applied and deployed.
const LATER: &str = "[[gate]]\nname = \"rate\"\nrun = \"test ! -e .git/deployed\"\n";

#[test]
fn a_quiet_watch_ends_well_and_leaves_its_readings() {
    let sandbox = with_gates(FINE);
    let line = "watch --tier web --every 50ms --for 200ms --readings r.jsonl --prometheus w.prom";
    sandbox.does(line).ok().says(&["rate: passed: 97 >= 95", "tier 1, web: no alert in"]);
    let readings = sandbox.read("r.jsonl");
    for (index, line) in readings.lines().enumerate() {
        let reading: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(reading["round"], index + 1);
        assert_eq!(reading["figure"], 97.0);
        assert_eq!(reading["tier"], "web");
    }
    assert!(!readings.is_empty());
    let metrics = sandbox.read("w.prom");
    assert!(metrics.contains("tiermod_gate_holds{tier=\"web\",gate=\"rate\"} 1\n"), "{metrics}");
    sandbox.does("status").ok().prints(&["rate", "97"]);
}

#[test]
fn failures_in_a_row_are_an_alert() {
    let sandbox = with_gates(BAD);
    let line = "watch --tier 1 --every 10ms --for 1h --alert-after 2";
    let words = ["alert: 2 failures in a row", "12 is not >= 95", "alert, after 2 rounds"];
    sandbox.does(line).exits(1).says(&words);
    // Somebody is told, and the watch goes on to its end.
    let mut words: Vec<&str> =
        "watch --tier 1 --every 10ms --for 100ms --alert-after 1 --on-alert".split(' ').collect();
    words.push("echo $TIERMOD_GATE $TIERMOD_FIGURE > told");
    sandbox.tiermod(&words).exits(1);
    assert_eq!(sandbox.read("told"), "rate 12\n");
}

#[test]
fn an_alert_takes_the_tier_back_where_that_is_wanted() {
    let sandbox = with_gates(LATER);
    let before = sandbox.read("app/ws/auth.py");
    sandbox.does("apply --tier 1-2").ok();
    sandbox.write(".git/deployed", "");
    let line = "watch --tier web --every 10ms --for 1h --alert-after 2 --rollback";
    sandbox.does(line).exits(1).says(&["tier 1, web: rolled back as"]);
    assert_eq!(sandbox.read("app/ws/auth.py"), before);
    assert_eq!(sandbox.states(), "rolled back applied pending pending");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    // A tier that is not there cannot go, and that is said.
    sandbox.does(line).exits(1).says(&["was not taken back", "was taken back already"]);
}

#[test]
fn what_cannot_be_watched_is_an_error_of_use() {
    let sandbox = project();
    sandbox.refuses("watch --tier 1", 2, &["has no gates to watch"]);
    let sandbox = with_gates(FINE);
    let table: [(&str, &str); 5] = [
        ("watch --tier 1-2", "one tier can be watched"),
        ("watch --tier zap", "no tier `zap`"),
        ("watch --tier 1 --every 0s", "more than nothing"),
        ("watch --tier 1 --every soon", "soon"),
        ("watch", "--tier"),
    ];
    for (line, words) in table {
        sandbox.refuses(line, 2, &[words]);
    }
}

#[test]
fn ctrl_c_ends_it_and_its_gate() {
    let sandbox =
        with_gates("[[gate]]\nname = \"hangs\"\nrun = \"sleep 1000 & echo $! > .git/pid; wait\"\n");
    let child = KillOnDrop(Some(start(&sandbox.root, &["watch", "--tier", "1"])));
    let pid = sandbox.path(".git/pid");
    wait_for(|| std::fs::read_to_string(&pid).is_ok_and(|id| id.ends_with('\n')), "the gate");
    kill_process(child.id(), Signal::INT).unwrap();
    child.end().exits(1).says(&["interrupted after"]);
    assert!(!is_running(sandbox.read(".git/pid").trim()));
}
