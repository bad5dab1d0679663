//! `[[rewrite]]`: tables of code and what becomes of it.
//!
//! A table is a text. `>>> ` begins a rewrite, which holds for the cases after it: the lines of
//! `before`, a line `>>>`, those of `after`; further pairs follow in the same way, and
//! `within = "…"` on the first line restricts the first. A case begins with `=== what it shows`.
//! Its code is the module `app/use.py`; `-- path --` begins another file. Below a line `---` stands
//! what becomes of it, file by file; a file that is not there stays as it is. `!!! TM103 text` says
//! that a site is not rewritten, for which reason, and what its message has. `␍` is a carriage
//! return, `→` a tab.
//!
//! Whatever a case says, these hold of all: the result is proven, and a second run changes nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod snippets;
mod tables;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tiermod::plan::Plan;
use tiermod::run::OneTier;
use tiermod::site::{Site, Verdict};
use tiermod::text::TextEdit;
use tiermod::transform::Transform;

use crate::memory;

type Files = BTreeMap<String, String>;

/// A transform of these rewrites, each with its place if it is restricted to one.
fn transform(rewrites: &[(&str, &str, Option<&str>)]) -> Transform {
    let mut text = "name = 'case'\nsummary = 'A case'\n".to_owned();
    for (before, after, within) in rewrites {
        writeln!(text, "[[rewrite]]\nbefore = '''\n{before}'''\nafter = '''\n{after}'''").unwrap();
        if let Some(within) = within {
            writeln!(text, "within = '{within}'").unwrap();
        }
    }
    memory::transform("case", &text)
}

fn plan(files: &Files, transforms: &[Transform]) -> Plan {
    memory::plan(memory::borrowed(files), transforms, &OneTier::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The files after a plan.
fn result(files: &Files, plan: &Plan) -> Files {
    let mut result = files.clone();
    for file in &plan.files {
        result.insert(file.path().to_slash(), String::from_utf8(file.new.clone()).unwrap());
    }
    result
}

/// The files of one half of a case; an empty one is there only as the last.
fn files(text: &str) -> Files {
    let (head, mut sections) = memory::sections(&text.replace('␍', "\r").replace('→', "\t"));
    sections.insert(0, ("app/use.py".to_owned(), head));
    let last = sections.pop();
    sections.retain(|(_, code)| !code.is_empty());
    sections.into_iter().chain(last).collect()
}

/// The rewrites at the head of a group of cases.
fn rewrites(head: &str) -> Vec<(&str, &str, Option<&str>)> {
    let (first, body) = head.split_once('\n').unwrap();
    let within = first.trim().strip_prefix("within = ").map(|value| value.trim_matches('"'));
    let snippets: Vec<&str> = body.split(">>>\n").collect();
    let pairs = snippets.chunks(2).enumerate();
    pairs.map(|(index, pair)| (pair[0], pair[1], within.filter(|_| index == 0))).collect()
}

/// What is wrong with a case.
fn wrong(transform: &Transform, case: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let (code, rest) = match case.split_once("\n---\n") {
        Some((code, rest)) => (format!("{code}\n"), rest.to_owned()),
        None => match case.find("!!! ") {
            Some(at) => {
                let (before, after) = case.split_at(at);
                (before.to_owned(), after.to_owned())
            }
            None => (case.to_owned(), String::new()),
        },
    };
    let (reasons, want): (Vec<&str>, Vec<&str>) =
        rest.split_inclusive('\n').partition(|line| line.starts_with("!!! "));
    let before = files(&code);
    let mut after = before.clone();
    if case.contains("\n---\n") {
        after.extend(files(&want.concat()));
    }
    let plan = plan(&before, std::slice::from_ref(transform));
    let found = result(&before, &plan);
    for (path, expected) in &after {
        if found[path] != *expected {
            let text = found[path].replace('\r', "␍").replace('\t', "→");
            wrong.push(format!("{path} becomes\n{text}"));
        }
    }
    let left: Vec<_> = plan.sites.iter().filter(|site| site.verdict != Verdict::Rewrite).collect();
    let says = |reason: &str, site: &Site| {
        let (code, text) = reason.trim_start_matches("!!! ").trim().split_once(' ').unwrap();
        site.reason.to_string().starts_with(code) && site.message.contains(text)
    };
    let same = left.len() == reasons.len()
        && left.iter().zip(&reasons).all(|(site, reason)| says(reason, site));
    if !same {
        let left: Vec<String> = left
            .iter()
            .map(|site| format!("{} {}: {}", site.start.line, site.reason, site.message))
            .collect();
        wrong.push(format!("not rewritten are {left:#?}"));
    }
    for file in &plan.unproven {
        wrong.push(format!("{} is not proven: {}", file.path.to_slash(), file.message));
    }
    let again = self::plan(&found, std::slice::from_ref(transform));
    if !again.files.is_empty() {
        let again = result(&found, &again);
        wrong.push(format!("a second run makes {again:#?}"));
    }
    wrong
}

/// Runs a table.
#[track_caller]
fn table(text: &str) {
    let mut failed = Vec::new();
    let mut cases = 0;
    for group in text.split("\n>>> ").skip(1) {
        let (head, rest) = group.split_once("=== ").unwrap();
        let transform = transform(&rewrites(head));
        for case in rest.split("\n=== ") {
            let (name, case) = case.split_once('\n').unwrap();
            cases += 1;
            let case = if case.ends_with('\n') { case.to_owned() } else { format!("{case}\n") };
            let wrong = wrong(&transform, &case);
            if !wrong.is_empty() {
                failed.push(format!("=== {name}\n{}", wrong.join("\n")));
            }
        }
    }
    assert!(cases > 0, "the table has cases");
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn a_match_of_an_ambiguous_name_gets_a_suggestion() {
    let before = "try:\n    from lib import f\nexcept ImportError:\n    f = None\n\nf(1, x=2)\n";
    let rewrite = ("from lib import f\nf($$$A)\n", "from lib import g\ng($$$A)\n", None);
    let plan = plan(&files(before), &[transform(&[rewrite])]);
    let [site] = plan.sites.as_slice() else { panic!("{:?}", plan.sites) };
    let suggestion = site.suggestion.as_ref().unwrap();
    assert_eq!(suggestion.message, "write `g(1, x=2)` if `lib:f` is what the name means here");
    let edits = TextEdit::new(suggestion.edits.clone()).unwrap();
    assert_eq!(
        edits.apply(before),
        "try:\n    from lib import g\nexcept ImportError:\n    f = None\n\ng(1, x=2)\n"
    );
}
