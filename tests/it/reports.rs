//! Every format on one fixed outcome, held in `snapshots/reports/`, and on an outcome whose every
//! text tries to be more than text.

mod fixed;
mod hostile;

use std::collections::BTreeSet;
use std::path::Path;

use clap::ValueEnum;
use fixed::{finding, findings, plan, rows, tiers, transforms};
use serde_json::Value;
use tiermod::report::check::{self, Format, sarif};
use tiermod::report::{Outcome, Style, diff, explain, html, json, status};
use tiermod::site::{Reason, Verdict};

const PLAIN: Style = Style { color: false, width: 100, verbose: false };
const VERBOSE: Style = Style { verbose: true, ..PLAIN };
const COLOR: Style = Style { color: true, ..PLAIN };

fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/reports");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn name_of<F: ValueEnum>(format: &F) -> String {
    format.to_possible_value().expect("no format is hidden").get_name().to_owned()
}

/// Escape sequences as people can review them.
fn shown(text: &str) -> String {
    text.replace('\x1b', "␛")
}

#[test]
fn every_format_of_check_has_a_golden() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &tiers(), &findings);
    for &format in Format::value_variants() {
        let text = check::render(&outcome, format, PLAIN);
        assert!(text.ends_with('\n'), "{format:?}");
        let version = concat!("\"semanticVersion\": \"", env!("CARGO_PKG_VERSION"), "\"");
        let text = text.replace(version, "\"semanticVersion\": \"0.0.0\"");
        golden(&format!("check-{}", name_of(&format)), &text);
    }
}

#[test]
fn check_in_colour_and_in_full_has_goldens() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &tiers(), &findings);
    golden("check-text-verbose", &check::render(&outcome, Format::Text, VERBOSE));
    golden("check-text-color", &shown(&check::render(&outcome, Format::Text, COLOR)));
    let narrow = Style { width: 60, ..PLAIN };
    golden("check-text-narrow", &check::render(&outcome, Format::Text, narrow));
    golden("check-markdown-verbose", &check::render(&outcome, Format::Markdown, VERBOSE));
}

#[test]
fn a_clean_project_is_said_to_be_clean() {
    let plan = tiermod::plan::Plan { searched: 12, ..Default::default() };
    let outcome = Outcome::new(&plan, &tiers(), &[]);
    assert!(outcome.is_settled());
    let text = check::render(&outcome, Format::Text, PLAIN);
    assert!(text.contains("total: 0 rewrite, 0 review, 0 keep"), "{text}");
    assert!(!text.contains("explain"), "{text}");
}

#[test]
fn every_format_of_status_has_a_golden() {
    for &format in status::Format::value_variants() {
        let text = status::render(&rows(), format, PLAIN);
        assert!(text.ends_with('\n'), "{format:?}");
        golden(&format!("status-{}", name_of(&format)), &text);
    }
    golden("status-text-color", &shown(&status::render(&rows(), status::Format::Text, COLOR)));
}

#[test]
fn the_page_for_reviewers_has_a_golden() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &tiers(), &findings);
    let files: Vec<_> = plan.files.iter().collect();
    let page = html::render(&outcome, &files, &transforms()).unwrap();
    assert_eq!(page, html::render(&outcome, &files, &transforms()).unwrap());
    golden("diff-html", &page);
}

#[test]
fn explanations_have_goldens() {
    let plan = plan();
    let wanted =
        [("explain-rewrite", Reason::DirectInstantiation), ("explain-held", Reason::Lifecycle)];
    for (name, reason) in wanted {
        let site = plan.sites.iter().find(|site| site.reason == reason).unwrap();
        let file = plan.files.iter().find(|file| *file.path() == site.path);
        golden(name, &explain::site(site, file, &tiers(), PLAIN));
    }
    golden("explain-reasons", &explain::reasons(PLAIN));
    golden("explain-page", &explain::page(Reason::AmbiguousBinding, PLAIN));
    golden("explain-page-color", &shown(&explain::page(Reason::AmbiguousBinding, COLOR)));
}

#[test]
fn no_golden_is_left_over() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/reports");
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let checks = Format::value_variants().iter().map(|format| format!("check-{}", name_of(format)));
    let statuses =
        status::Format::value_variants().iter().map(|format| format!("status-{}", name_of(format)));
    let others = [
        "check-text-verbose",
        "check-text-color",
        "check-text-narrow",
        "check-markdown-verbose",
        "status-text-color",
        "diff-html",
        "explain-rewrite",
        "explain-held",
        "explain-reasons",
        "explain-page",
        "explain-page-color",
    ];
    let wanted: BTreeSet<String> = checks
        .chain(statuses)
        .chain(others.map(str::to_owned))
        .map(|name| format!("{name}.snap"))
        .collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_reason_has_a_page_with_the_same_parts() {
    for &reason in Reason::ALL {
        let page = reason.page();
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
        let why = match reason.verdict() {
            Verdict::Rewrite => "## Why it is rewritten",
            Verdict::Review => "## Why it is held",
            Verdict::Keep => "## Why it is kept",
        };
        assert_eq!(headings, ["## What it is", why, "## Example", "## What to do"], "{reason}");
        let title = format!("# {}: {}\n", reason.code(), reason.title());
        assert!(page.starts_with(&title), "{reason}");
        assert!(page.contains("```python\n"), "{reason} has an example");
        assert!((20..=50).contains(&page.lines().count()), "{reason} is neither short nor long");
        assert!(page.lines().all(|line| line.chars().count() <= 100), "{reason}");
        for code in page.split("TM").skip(1).filter_map(|rest| rest.get(..3)) {
            let code = format!("TM{code}");
            assert!(code.parse::<Reason>().is_ok(), "{reason} speaks of {code}");
        }
        if reason.verdict() == Verdict::Review && reason != Reason::DoesNotParse {
            assert!(page.contains(&format!("# tiermod: ignore[{reason}] because ")), "{reason}");
        }
    }
}

#[test]
fn json_follows_its_schema() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &tiers(), &findings);
    let document: Value = serde_json::from_str(&json::render(&outcome)).unwrap();
    validate(&json::schema().to_value(), &document);
    let hostile = hostile::plan();
    let outcome = Outcome::new(&hostile, &tiers(), &findings);
    validate(&json::schema().to_value(), &serde_json::from_str(&json::render(&outcome)).unwrap());
    let status: Value = serde_json::from_str(&status::json::render(&rows())).unwrap();
    validate(&status::json::schema().to_value(), &status);

    // The keys that the format promises, in this order.
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(keys[..3], ["version", "tiers", "sites"]);
    assert_eq!(document["version"], 1);
    let site = document["sites"][0].as_object().unwrap();
    let keys: Vec<&String> = site.keys().collect();
    let promised = [
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "symbol",
        "tier",
        "verdict",
        "reason",
        "message",
    ];
    assert_eq!(keys[..10], promised);
    assert_eq!(document["sites"].as_array().unwrap().len(), plan.sites.len());
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema = json::schema().to_value();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let plan = plan();
    let good = json::render(&Outcome::new(&plan, &tiers(), &[]));
    let mut wrong: Value = serde_json::from_str(&good).unwrap();
    wrong["sites"][0]["verdict"] = "skip".into();
    assert!(!validator.is_valid(&wrong));
    let mut wrong: Value = serde_json::from_str(&good).unwrap();
    wrong["sites"][0]["reason"] = "107".into();
    assert!(!validator.is_valid(&wrong));
    let mut wrong: Value = serde_json::from_str(&good).unwrap();
    wrong.as_object_mut().unwrap().remove("tiers");
    assert!(!validator.is_valid(&wrong));
}

fn validate(schema: &Value, document: &Value) {
    let validator = jsonschema::validator_for(schema).expect("the schema is one");
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{error}")).collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn sarif_keeps_the_rules_of_its_specification() {
    let (fixed, hostile, findings) = (plan(), hostile::plan(), findings());
    for plan in [&fixed, &hostile] {
        let outcome = Outcome::new(plan, &tiers(), &findings);
        let log: Value = serde_json::from_str(&sarif::render(&outcome)).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rules.len(), "3.19.23: ids of rules are unique here");
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), plan.sites.len() + findings.len());
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"], "3.27.6");
            let is_failure = result["kind"] == "fail";
            assert_eq!(is_failure, result["level"] != "none", "3.27.10: {result}");
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "RFC 3986: {uri}");
            assert!(!uri.starts_with('/') && !uri.contains([':', '<', '"', '\\', '|']), "{uri}");
            let base = place["artifactLocation"]["uriBaseId"].as_str().unwrap();
            assert!(run["originalUriBaseIds"][base].is_object(), "3.14.14");
            let region = &place["region"];
            let at =
                |line, column| (region[line].as_u64().unwrap(), region[column].as_u64().unwrap());
            let (start, end) = (at("startLine", "startColumn"), at("endLine", "endColumn"));
            assert!(start.0 >= 1 && start.1 >= 1 && start <= end, "3.30: {region}");
        }
    }
}

#[test]
fn a_site_that_a_comment_keeps_is_suppressed_with_its_reason() {
    let plan = plan();
    let outcome = Outcome::new(&plan, &tiers(), &[]);
    let log: Value = serde_json::from_str(&sarif::render(&outcome)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<&Value> =
        results.iter().filter(|result| !result["suppressions"].is_null()).collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0]["suppressions"][0]["kind"], "inSource");
    let justification = &suppressed[0]["suppressions"][0]["justification"];
    assert_eq!(justification, "the probe needs its own connection");
}

#[test]
fn every_site_is_in_the_sums_once() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &tiers(), &findings);
    let sum: usize = outcome.groups.iter().map(|group| group.counts.total()).sum();
    assert_eq!(sum, plan.sites.len());
    assert_eq!(outcome.totals.total(), plan.sites.len());
    for verdict in Verdict::ALL {
        assert_eq!(outcome.totals.of(verdict), plan.count(verdict));
    }
    assert!(!outcome.is_settled());
    // A failure that is a site already is not told twice.
    assert_eq!(outcome.failures.len(), 1);
}

#[test]
fn what_makes_a_check_fail() {
    let clean = tiermod::plan::Plan::default();
    let settled = |findings: &[_]| Outcome::new(&clean, &tiers(), findings).is_settled();
    assert!(settled(&[finding(false)]));
    assert!(!settled(&[finding(true)]));
}

#[test]
fn a_patch_in_colour_has_the_words_of_the_patch() {
    let patch = "diff --git a/a.py b/a.py\n@@ -1 +1 @@ redis TM001 rewrite\n-C()\n+c\n";
    let painted = String::from_utf8(diff::paint(patch.as_bytes())).unwrap();
    let mut plain = painted;
    for code in ["\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[0m"] {
        plain = plain.replace(code, "");
    }
    assert_eq!(plain, patch);
}
