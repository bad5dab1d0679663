//! `status`: the truth, from the tree and the log.

use serde_json::Value;

use super::support::{CONFIG, project, with_gates, without_git};
use crate::sandbox::Sandbox;

fn report(sandbox: &Sandbox) -> Value {
    serde_json::from_str(&sandbox.does("status --format json").ok().out).unwrap()
}

#[test]
fn the_states_follow_the_tree_and_the_log() {
    let sandbox = project();
    assert_eq!(sandbox.states(), "pending pending pending pending");
    sandbox.does("apply --tier 1").ok();
    assert_eq!(sandbox.states(), "applied pending pending pending");
    // Somebody builds one of their own again.
    sandbox.edit("app/ws/auth.py", "= redis_manager", "= RedisManager()");
    sandbox.edit("app/ws/auth.py", "import redis_manager", "import RedisManager");
    assert_eq!(sandbox.states(), "partial pending pending pending");
    let web = report(&sandbox)["tiers"][0].clone();
    assert_eq!((&web["done"], &web["left"], &web["held"]), (&1.into(), &2.into(), &1.into()));
    sandbox.run_git(&["checkout", "-q", "."]);
    sandbox.does("rollback --tier 1").ok();
    assert_eq!(sandbox.states(), "rolled back pending pending pending");
    sandbox.does("apply --tier 1").ok();
    assert_eq!(sandbox.states(), "applied pending pending pending");
    sandbox.run_git(&["reset", "-q", "--hard", "HEAD~3"]);
    assert_eq!(sandbox.states(), "pending pending pending pending");
}

#[test]
fn json_says_who_when_and_what() {
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    let commit = sandbox.head();
    let json = report(&sandbox);
    let schema = serde_json::from_str(&sandbox.does("schema status").ok().out).unwrap();
    assert!(jsonschema::is_valid(&schema, &json), "{json}");
    let web = &json["tiers"][0];
    let expected = serde_json::json!({
        "number": 1,
        "name": "web",
        "summary": "WebSocket core",
        "state": "applied",
        "files": 2,
        "done": 2,
        "left": 1,
        "held": 1,
        "applied_at": "2024-05-01T12:00:00Z",
        "applied_by": "Tester <tester@example.com>",
        "commit": commit,
        "rolled_back_at": null,
        "gates": [],
    });
    assert_eq!(*web, expected);
    let total = serde_json::json!({ "done": 2, "left": 4, "held": 1, "percent": 33 });
    assert_eq!(json["total"], total);
    sandbox.does("rollback --tier 1").ok();
    let json = report(&sandbox);
    assert_eq!(json["tiers"][0]["rolled_back_at"], "2024-05-01T12:00:00Z");
    assert_eq!(json["total"]["done"], 0);
}

#[test]
fn text_and_markdown_say_the_same() {
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    let short: String = sandbox.head().chars().take(10).collect();
    sandbox.does("status").ok().prints(&[
        "#  tier     state    files  done  left  held  applied",
        &format!("2024-05-01 12:00 by Tester as {short}"),
        "2 of 6 sites, 33 %, 4 left, 1 of them to decide",
        "[#############...........................]",
    ]);
    sandbox.does("status --format markdown").ok().prints(&[
        "| 1 | **web**, WebSocket core | applied | 2 | 2 | 1 | 1 |",
        &format!("by Tester as `{short}`"),
        "**2 of 6 sites migrated** (33 %); 1 to decide",
    ]);
    sandbox.does("status --format xml").exits(2).says(&["xml"]);
}

#[test]
fn gates_are_shown_as_they_last_ran() {
    let sandbox = with_gates(
        "[[gate]]\nname = \"figure\"\nrun = \"echo n=7\"\nmetric = 'n=(\\d+)'\nexpect = \"<= 9\"\n",
    );
    let gate = |sandbox: &Sandbox| report(sandbox)["tiers"][0]["gates"][0].clone();
    let none = serde_json::json!({ "name": "figure", "status": "not run", "figure": null });
    assert_eq!(gate(&sandbox), none);
    sandbox.does("apply --tier 1").ok();
    let passed = serde_json::json!({ "name": "figure", "status": "passed", "figure": "7" });
    assert_eq!(gate(&sandbox), passed);
    sandbox.does("status").ok().prints(&["figure", "7"]);
}

#[test]
fn it_changes_nothing_and_needs_no_git() {
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    let before = sandbox.everything();
    sandbox.does("status").ok();
    assert_eq!(sandbox.everything(), before);
    let plain = without_git();
    let before = plain.everything();
    plain.does("status").ok();
    assert_eq!(plain.everything(), before);
    assert!(!plain.path(".codemod").exists());
    plain.does("apply --tier 1").ok();
    let web = &report(&plain)["tiers"][0];
    assert_eq!((&web["state"], &web["commit"]), (&"applied".into(), &"".into()));
    assert!(web["applied_by"].as_str().unwrap().starts_with("tester <"), "{web}");
}

#[test]
fn a_migration_that_is_done_says_so() {
    let sandbox = project();
    sandbox.edit("app/ws/pool.py", "RedisManager(\"redis://own\")", "RedisManager()");
    sandbox.commit_all("no more own");
    sandbox.does("apply --tier all").ok();
    sandbox.does("status").ok().prints(&["[########################################]", "100 %"]);
    sandbox.does("check").ok();
    // A tier without a file is nothing that was applied.
    let more = format!("{CONFIG}\n[[tier]]\nname = \"later\"\npaths = [\"later/**\"]\n");
    sandbox.write("codemod.toml", more);
    sandbox.does("status").ok().prints(&["5  later"]);
}
