//! `check`, `diff`, `explain`, `test` and the schemas: what they print, and how they exit.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::support::{FILES, TRANSFORM, project, tiermod_in, without_git};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn check_is_open_until_nothing_is_to_be_rewritten_or_decided() {
    let sandbox = project();
    sandbox.does("check").exits(1).prints(&["total: 5 rewrite, 1 review, 1 keep"]);
    sandbox.does("apply --tier all").ok();
    // What is held is open, too.
    sandbox.does("check").exits(1).prints(&["total: 0 rewrite, 1 review, 1 keep"]);
    let why =
        "RedisManager(\"redis://own\")  # tiermod: ignore[TM101] because it is another server";
    sandbox.edit("app/ws/pool.py", "RedisManager(\"redis://own\")", why);
    sandbox.does("check").ok();
    sandbox.does("check --verbose").ok().prints(&["it is another server"]);
}

#[test]
fn check_lists_the_sites_of_the_given_paths() {
    let sandbox = project();
    sandbox.does("check app/agents").exits(1).prints(&["app/agents/run.py"]).never(&["app/ws"]);
    sandbox.does("check app/agents/run.py app/main.py").exits(1).prints(&["2 rewrite, 0 review"]);
    sandbox.does("check app/agents/__init__.py").ok();
    sandbox.does("check none.py").exits(2).says(&["none.py"]);
    sandbox.does("check /").exits(2).says(&["is not in the project"]);
}

#[test]
fn a_file_in_utf_16_that_mentions_the_class_is_listed() {
    let sandbox = project();
    let wide = |text: &str| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    sandbox.write("app/agents/wide.py", wide("manager = RedisManager()\n"));
    sandbox.write("app/agents/other.py", wide("manager = Other()\n"));
    let listed = sandbox.does("check app/agents").exits(1);
    listed.prints(&["app/agents/wide.py", "TM113", "UTF-16"]).never(&["other.py"]);
}

#[test]
fn a_file_that_does_not_parse_and_has_another_files_alias_is_named() {
    let sandbox = project();
    sandbox.write("app/agents/alias.py", "from app.redis import RedisManager as Keeper\n");
    sandbox.write("app/agents/broken.py", "def f(:\n    return Keeper()\n");
    let words = ["app/agents/broken.py:1: it was not looked at, and has a name that leads to a"];
    sandbox.does("check").exits(1).prints(&words);
}

#[test]
fn every_format_of_check_is_what_it_says() {
    let sandbox = project();
    let print = |format: &str| {
        let line = format!("check --format {format}");
        sandbox.does(&line).exits(1).out
    };
    let report = json(&print("json"));
    let schema = json(&sandbox.does("schema report").ok().out);
    assert!(jsonschema::is_valid(&schema, &report), "{report}");
    let sites = report["sites"].as_array().unwrap();
    let verdicts: BTreeSet<&str> =
        sites.iter().map(|site| site["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, BTreeSet::from(["keep", "review", "rewrite"]));
    assert_eq!(sites.len(), 7);
    let sarif = json(&print("sarif"));
    assert_eq!(sarif["version"], "2.1.0");
    assert!(sarif["runs"][0]["results"].as_array().is_some_and(|results| results.len() >= 6));
    // What a held site would become, with its import.
    let fixes: Vec<usize> = sarif["runs"][0]["results"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|result| {
            let changes = result["fixes"][0]["artifactChanges"][0]["replacements"].as_array()?;
            Some(changes.len())
        })
        .collect();
    assert_eq!(fixes, [2]);
    let junit = print("junit");
    let mut reader = Reader::from_str(&junit);
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                names.push(tag.name().as_ref().to_owned());
            }
            _ => {}
        }
    }
    let count = |name: &str| names.iter().filter(|one| *one == name).count();
    assert_eq!((count("testsuites"), count("testcase"), count("failure")), (1, 7, 6), "{junit}");
    let github = print("github");
    let annotations = github.lines().filter(|line| line.starts_with("::"));
    assert_eq!(annotations.filter(|line| line.contains("file=")).count(), 6, "{github}");
    assert!(print("markdown").contains("| "));
    assert!(!print("text").contains('\u{1b}'));
    let colored = sandbox.does("check --color always").exits(1).out;
    assert!(colored.contains("\u{1b}["));
    sandbox.does("check --format yaml").exits(2).says(&["yaml"]);
}

#[test]
fn the_ratchet_lets_sites_fall_and_never_rise() {
    let sandbox = project();
    sandbox.does("check --ratchet sites.json").exits(2).says(&["--update"]);
    sandbox.does("check --ratchet sites.json --update").ok().prints(&["6 sites"]);
    sandbox.does("check --ratchet sites.json").ok().prints(&["6 sites, none more than before"]);
    let first = sandbox.read("sites.json");
    sandbox.does("apply --tier 1").ok();
    sandbox.does("check --ratchet sites.json").ok().says(&["there are fewer than before"]);
    assert_eq!(sandbox.read("sites.json"), first);
    sandbox.does("check --ratchet sites.json --update").ok().says(&["wrote sites.json"]);
    sandbox.does("rollback --tier 1").ok();
    let risen = ["app/ws/auth.py", "app/ws/pool.py", "2 counts rose"];
    sandbox.does("check --ratchet sites.json").exits(1).prints(&risen);
    // Risen counts are not taken over.
    let low = sandbox.read("sites.json");
    sandbox.does("check --ratchet sites.json --update").exits(1);
    assert_eq!(sandbox.read("sites.json"), low);
    sandbox.write("sites.json", "[]");
    sandbox.does("check --ratchet sites.json").exits(2).says(&["sites.json"]);
}

#[test]
fn the_patch_is_one_that_git_takes() {
    let sandbox = project();
    sandbox.does("diff -o .git/all.patch").ok().never(&["+++"]);
    let printed = sandbox.does("diff").ok().out;
    assert_eq!(sandbox.read(".git/all.patch"), printed);
    sandbox.run_git(&["apply", "--check", ".git/all.patch"]);
    let twin = project();
    twin.does("apply --tier all").ok();
    sandbox.run_git(&["apply", ".git/all.patch"]);
    assert_eq!(sandbox.tree(), twin.tree());
    // Any number of threads gives the same bytes, and so does a folder without git.
    assert_eq!(project().does("diff --threads 1").ok().out, printed);
    let hashes = |text: &str| text.lines().filter(|line| line.starts_with("index ")).count();
    assert_eq!(hashes(&printed), 5);
    assert_eq!(without_git().does("diff").ok().out, printed);
    let two = sandbox.does("diff --tier 4").ok().out;
    assert_eq!(two, "");
}

#[test]
fn the_other_forms_of_a_diff() {
    let sandbox = project();
    let page = sandbox.does("diff --tier 1 --format html").ok().out;
    assert!(page.starts_with("<!DOCTYPE html>") || page.starts_with("<!doctype html>"), "{page}");
    assert!(page.contains("auth.py") && !page.contains("run.py"));
    let report = json(&sandbox.does("diff --tier 1 --format json").ok().out);
    assert_eq!(report["sites"].as_array().unwrap().len(), 3);
    let colored = sandbox.does("diff --tier 1 --color always").ok().out;
    assert!(colored.contains("\u{1b}["));
    sandbox.does("diff -o none/all.patch").exits(2).says(&["none/all.patch"]);
}

#[test]
fn a_reason_and_a_place_are_explained() {
    let sandbox = project();
    sandbox.does("explain").ok().prints(&["TM001", "TM116"]);
    sandbox.does("explain TM101").ok().prints(&["TM101"]);
    sandbox.does("explain app/ws/pool.py:9").ok().prints(&["TM101", "app/redis.py:1"]);
    sandbox.does("explain app/ws/pool.py:9:12").ok().prints(&["review"]);
    // In a folder of the project: as it is from there, and as `check` writes it there.
    for place in ["pool.py:9", "app/ws/pool.py:9"] {
        let run = tiermod_in(&sandbox.path("app/ws"), &["explain", place]);
        run.ok().prints(&["--> app/ws/pool.py:9:"]);
    }
    sandbox
        .does("explain app/ws/auth.py:8")
        .ok()
        .prints(&["rewrite", "the import that brings the old name"]);
    let table: [(&str, &str); 5] = [
        ("explain TM999", "TM999"),
        ("explain app/ws/pool.py:1", "no site on line 1"),
        ("explain README.md:1", "README.md has no sites"),
        ("explain none.py:1", "none.py"),
        ("explain /etc/passwd:1", "not in the project"),
    ];
    for (line, words) in table {
        sandbox.does(line).exits(2).says(&[words]);
    }
    // Without a project, reasons are explained all the same.
    let empty = crate::sandbox::Sandbox::plain();
    empty.does("explain TM112").ok();
    empty.does("explain a.py:1").exits(2).says(&["codemod.toml"]);
}

#[test]
fn examples_are_run_and_written_anew() {
    let sandbox = project();
    sandbox.does("test").ok().prints(&["2 examples passed, 0 failed"]);
    sandbox.does("test redis --verbose").ok().prints(&["ok redis: a plain call"]);
    sandbox.does("test reddis").exits(2).says(&["is it `redis`?"]);
    let wrong = TRANSFORM.replace("r = redis_manager\n", "r = another\n");
    sandbox.write("transforms/redis.toml", &wrong);
    let words = ["FAILED redis: a plain call", "-r = another", "+r = redis_manager", "1 failed"];
    sandbox.does("test").exits(1).prints(&words);
    assert_eq!(sandbox.read("transforms/redis.toml"), wrong);
    sandbox.does("test --update").exits(1).says(&["wrote"]);
    assert_eq!(sandbox.read("transforms/redis.toml"), TRANSFORM);
    sandbox.does("test").ok();
    // One that changes something and one that must not are needed.
    let (start, _) = TRANSFORM.split_once("[[example]]\nname = \"arguments").unwrap();
    sandbox.write("transforms/redis.toml", start);
    sandbox.does("test").exits(1).prints(&["FAILED redis:"]);
}

#[test]
fn schemas_completions_and_the_manual_are_printed() {
    let empty = crate::sandbox::Sandbox::plain();
    for what in ["config", "transform", "report", "status", "gate"] {
        let schema = json(&empty.does(&format!("schema {what}")).ok().out);
        assert!(jsonschema::meta::is_valid(&schema), "{what}");
    }
    for shell in ["bash", "zsh", "fish"] {
        empty.does(&format!("completions {shell}")).ok().prints(&["tiermod", "rollback"]);
    }
    empty.does("man").ok().prints(&[".TH tiermod"]);
    empty.does("--version").ok().prints(&["tiermod "]);
    empty.does("").exits(2);
}

#[test]
fn reading_changes_nothing() {
    let sandbox = project();
    let before = sandbox.everything();
    for line in ["check", "check --verbose", "diff", "explain app/main.py:5", "test", "status"] {
        let code = sandbox.does(line).code;
        assert!(matches!(code, Some(0 | 1)), "{line}");
    }
    assert_eq!(sandbox.everything(), before);
    assert!(!sandbox.path(".git/tiermod").exists());
    assert_eq!(sandbox.tree().len(), FILES.len());
}
