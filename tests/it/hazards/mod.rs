//! What is in the way of sharing an object: tables of code that must be held, and of code that
//! must not.
//!
//! A table is a text of cases, each of which begins with `=== what it shows`. A case is the module
//! `app/service.py`, below an import of the class; `-- path --` begins another file, and
//! `app/redis_manager.py` replaces the class that is otherwise there. `#: TM107` at the end of a
//! line says that a site of that line is held for that reason; every other site is rewritten.
//! `#? text` says that a held site's message has that text. A case without marks is a near miss.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod conftest;

use std::collections::BTreeMap;

use tiermod::plan::Plan;
use tiermod::run::OneTier;
use tiermod::site::{Reason, Verdict};
use tiermod::syntax::Module;
use tiermod::text::TextEdit;

use crate::memory;

const CLASS: &str = r#"import os


class RedisManager:
    def __init__(self):
        self.url = os.environ.get("REDIS_URL", "redis://localhost")
        self.items = []
        self.client = None

    def get(self, key):
        return self.client.get(key)

    async def disconnect(self):
        self.client = None


redis_manager = RedisManager()
"#;

const TRANSFORM: &str = "name = 'redis'\nsummary = 'Share it'\n[[singleton]]\n\
     class = 'app.redis_manager:RedisManager'\ninstance = 'app.redis_manager:redis_manager'\n";

/// The files of a case.
fn files(text: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([("app/redis_manager.py".to_owned(), CLASS.to_owned())]);
    files.insert("app/__init__.py".to_owned(), String::new());
    let text = text.strip_suffix('\n').unwrap_or(text);
    let (service, others) = memory::sections(&format!("{text}\n"));
    let service = format!("from app.redis_manager import RedisManager\n{service}");
    files.insert("app/service.py".to_owned(), service);
    files.extend(others);
    files
}

fn plan(files: &BTreeMap<String, String>, transform: &str, accept: &[Reason]) -> Plan {
    let tiers = OneTier { accepts: accept.to_vec() };
    let transform = memory::transform("redis", transform);
    memory::plan(memory::borrowed(files), &[transform], &tiers).unwrap()
}

/// The lines of `app/service.py` with the reasons for which a site is held there.
fn marks(text: &str) -> Vec<(u32, String)> {
    let marked = |(line, text): (u32, &'_ str)| {
        let codes = text.split("#: ").skip(1).map(|code| (line, code.trim().to_owned()));
        codes.collect::<Vec<_>>()
    };
    (1..).zip(text.lines()).flat_map(marked).collect()
}

/// What is wrong with a case.
fn wrong(text: &str) -> Vec<String> {
    let files = files(text);
    let service = &files["app/service.py"];
    let plan = plan(&files, TRANSFORM, &[]);
    let sites: Vec<_> = plan
        .sites
        .iter()
        .filter(|site| site.path.to_slash() == "app/service.py" && site.verdict != Verdict::Keep)
        .collect();
    let held: Vec<_> = sites.iter().filter(|site| site.verdict == Verdict::Review).collect();
    let found: Vec<(u32, String)> =
        held.iter().map(|site| (site.start.line, site.reason.to_string())).collect();
    let mut wrong = Vec::new();
    if sites.is_empty() {
        wrong.push("no site was found".to_owned());
    }
    let expected = marks(service);
    if found != expected {
        wrong.push(format!("held: {found:?}, expected: {expected:?}"));
    }
    wrong.extend(unproven(&plan));
    for site in &held {
        let edits = site.suggestion.as_ref().map(|one| one.edits.clone()).unwrap_or_default();
        let text = TextEdit::new(edits).unwrap().apply(service);
        let shared = text.matches("redis_manager").count();
        if shared <= service.matches("redis_manager").count() || Module::parse(&text).is_err() {
            wrong.push(format!("the suggestion for line {} gives: {text}", site.start.line));
        }
    }
    for says in service.lines().filter_map(|line| line.trim().strip_prefix("#? ")) {
        if !held.iter().any(|site| site.message.contains(says)) {
            wrong.push(format!("no message says: {says}"));
        }
    }
    if !wrong.is_empty() {
        wrong.extend(held.iter().map(|site| format!("{}: {}", site.start.line, site.message)));
    }
    wrong
}

fn unproven(plan: &Plan) -> impl Iterator<Item = String> {
    plan.unproven.iter().map(|one| format!("{} was not proven: {}", one.path, one.message))
}

/// Runs a table: at least ten cases that fire for `reason` and ten near misses.
#[track_caller]
fn table(reason: &str, text: &str) {
    let cases: Vec<(&str, &str)> =
        text.split("=== ").skip(1).map(|case| case.split_once('\n').unwrap()).collect();
    let mark = format!("#: {reason}");
    let fires = cases.iter().filter(|(_, text)| text.contains(&mark)).count();
    let near = cases.len() - fires;
    assert!(fires >= 10 && near >= 10, "{fires} fire, {near} do not");
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|(name, text)| {
            let mut wrong = wrong(text);
            // What is held is held in the result as well, where all of it has moved.
            let moved = files(&format!("def first():\n    return RedisManager()\n{text}"));
            wrong.extend(unproven(&plan(&moved, TRANSFORM, &[])));
            (!wrong.is_empty()).then(|| format!("{name}\n  {}", wrong.join("\n  ")))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn class_as_a_value() {
    table("TM105", include_str!("class_as_a_value.txt"));
}

#[test]
fn lifecycle() {
    table("TM107", include_str!("lifecycle.txt"));
}

#[test]
fn handed_on() {
    table("TM107", include_str!("handed_on.txt"));
}

#[test]
fn mutation() {
    table("TM108", include_str!("mutation.txt"));
}

#[test]
fn identity() {
    table("TM109", include_str!("identity.txt"));
}

#[test]
fn replaced() {
    table("TM109", include_str!("replaced.txt"));
}

#[test]
fn several() {
    table("TM109", include_str!("several.txt"));
}

#[test]
fn arguments() {
    table("TM101", include_str!("arguments.txt"));
}

#[test]
fn environment() {
    table("TM115", include_str!("environment.txt"));
}
