//! Gates as `codemod.toml` writes them: what is accepted, what is refused, and by which key.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use tiermod::config::gate::{Gate, GateSpec, GateSpecError, HttpFigure, Kind};

fn spec(toml: &str) -> GateSpec {
    toml::from_str(toml).unwrap()
}

fn gate(toml: &str) -> Gate {
    Gate::new(&spec(toml)).unwrap()
}

fn refused(toml: &str) -> GateSpecError {
    Gate::new(&spec(toml)).unwrap_err()
}

#[test]
fn a_command_has_a_limit_of_ten_minutes() {
    let gate = gate(
        r#"name = "tests"
run = "pytest""#,
    );
    assert_eq!(gate.timeout, Duration::from_mins(10));
    assert_eq!((gate.retries, gate.retry_delay, gate.samples.get()), (0, Duration::ZERO, 1));
    assert!(gate.expect.is_none());
    assert!(matches!(gate.kind, Kind::Command(_)));
}

#[test]
fn every_kind_is_told_by_its_keys() {
    let metric = gate(
        r#"name = "n"
run = "x"
metric = 'connections=(\d+)'
expect = "<= 1.10 * baseline"
samples = 3
env = { A = "b" }
cwd = "sub"
junit = "out.xml""#,
    );
    assert!(metric.wants_baseline());
    assert!(matches!(metric.kind, Kind::Metric(command, _) if command.env["A"] == "b"));
    let instances = gate(
        r#"name = "n"
run = "x"
instances = { of = "a.b:C", expect = "== 1" }"#,
    );
    assert!(matches!(instances.kind, Kind::Instances(_, target) if target.class() == "C"));
    assert_eq!(instances.expect.unwrap().to_string(), "== 1");
    let json = gate(
        r#"name = "n"
http = "https://staging.example/health"
json = "/websocket/success_rate"
expect = ">= 95"
headers = { Authorization = "Bearer $TOKEN" }"#,
    );
    assert_eq!((json.timeout, json.retry_delay), (Duration::from_secs(30), Duration::from_secs(1)));
    assert!(matches!(json.kind, Kind::Http(_, Some(HttpFigure::Json(_)))));
    let plain = gate("name = \"n\"\nhttp = \"http://127.0.0.1:80/\"");
    assert!(matches!(plain.kind, Kind::Http(_, None)));
}

#[test]
fn an_unknown_key_is_refused() {
    let error = toml::from_str::<GateSpec>("name = \"n\"\nrun = \"x\"\ntimeoot = \"5m\"");
    assert!(error.unwrap_err().to_string().contains("timeoot"));
}

#[test]
fn the_key_at_fault_is_named() {
    for (body, key, says) in [
        ("", "run", "needs `run` or `http`"),
        ("run = ' '", "run", "empty"),
        ("run = 'x'\nhttp = 'http://a/'", "http", "cannot stand beside `run`"),
        ("run = 'x'\ntimeout = 'soon'", "timeout", "no duration"),
        ("run = 'x'\ntimeout = '0s'", "timeout", "more than nothing"),
        ("run = 'x'\ntimeout = '-1s'", "timeout", "negative"),
        ("run = 'x'\nretry-delay = '5'", "retry-delay", "no duration"),
        ("run = 'x'\nmetric = '(a'\nexpect = '== 1'", "metric", "regular expression"),
        ("run = 'x'\nmetric = 'a'\nexpect = '== 1'", "metric", "group"),
        ("run = 'x'\nmetric = '(a)'", "metric", "needs `expect`"),
        ("run = 'x'\nmetric = '(a)'\nexpect = '1'", "expect", "does not begin"),
        ("run = 'x'\nexpect = '== 1'", "expect", "needs a figure"),
        ("run = 'x'\nsamples = 0", "samples", "at least 1"),
        ("run = 'x'\nsamples = 3", "samples", "needs a figure"),
        ("run = 'x'\njson = '/a'\nexpect = '== 1'", "json", "needs `http`"),
        ("run = 'x'\nheaders = { A = 'b' }", "headers", "needs `http`"),
        ("run = 'x'\nenv = { 'A=B' = 'c' }", "env", "name of a variable"),
        ("run = 'x'\ncwd = ''", "cwd", "empty"),
        ("run = 'x'\njunit = ''", "junit", "empty"),
        (
            "run = 'x'\ninstances = { of = 'C', expect = '== 1' }",
            "instances.of",
            "package.module:Class",
        ),
        (
            "run = 'x'\ninstances = { of = 'a:C', expect = '1' }",
            "instances.expect",
            "does not begin",
        ),
        (
            "run = 'x'\nexpect = '== 1'\ninstances = { of = 'a:C', expect = '== 1' }",
            "expect",
            "beside `instances`",
        ),
        (
            "run = 'x'\nmetric = '(a)'\nexpect = '== 1'\ninstances = { of = 'a:C', expect = '== 1' }",
            "instances",
            "beside `metric`",
        ),
        ("http = 'ftp://a/'", "http", "http:// or https://"),
        ("http = 'a.example/health'", "http", "http:// or https://"),
        ("http = 'https:///health'", "http", "http:// or https://"),
        ("http = 'https://me:hunter2@a/'", "http", "user name or password"),
        ("http = 'https://a/'\njson = 'a/b'\nexpect = '== 1'", "json", "begins with `/`"),
        ("http = 'https://a/'\njson = '/a'", "json", "needs `expect`"),
        ("http = 'https://a/'\nexpect = '== 1'", "expect", "needs a figure"),
        ("http = 'https://a/'\njson = '/a'\nmetric = '(a)'", "metric", "beside `json`"),
        ("http = 'https://a/'\ncwd = 'x'", "cwd", "needs `run`"),
        ("http = 'https://a/'\nheaders = { 'A B' = 'c' }", "headers", "name of a header"),
        ("http = 'https://a/'\nheaders = { A = '$' }", "headers", "header `A`"),
    ] {
        let error = refused(&format!("name = 'n'\n{body}"));
        assert_eq!(error.key(), key, "{body}: {error}");
        assert!(error.to_string().contains(says), "{body}: {error}");
    }
    for name in ["", "  ", "a\\nb"] {
        assert_eq!(refused(&format!("name = \"{name}\"\nrun = 'x'")).key(), "name");
    }
}

#[test]
fn a_secret_in_the_address_is_not_repeated() {
    let error = refused("name = 'n'\nhttp = 'https://me:hunter2@a/'");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn the_fingerprint_is_of_what_is_measured() {
    let base = gate("name = 'a'\nrun = 'x'\nmetric = '(a)'\nexpect = '== 1'");
    let renamed = gate("name = 'b'\nrun = 'x'\nmetric = '(a)'\nexpect = '== 2'\ntimeout = '9s'");
    let other = gate("name = 'a'\nrun = 'y'\nmetric = '(a)'\nexpect = '== 1'");
    assert_eq!(base.fingerprint, renamed.fingerprint);
    assert_ne!(base.fingerprint, other.fingerprint);
}

#[test]
fn the_schema_knows_every_key() {
    let schema = serde_json::to_string(&schemars::schema_for!(GateSpec)).unwrap();
    for key in ["retry-delay", "instances", "junit", "headers", "\"additionalProperties\":false"] {
        assert!(schema.contains(key), "{key}");
    }
}
