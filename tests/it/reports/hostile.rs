//! An outcome whose every text tries to be more than text, and what no format may do with it.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be built fails its tests")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use clap::ValueEnum;
use quick_xml::events::Event;
use serde_json::Value;
use tiermod::fs::ProjectPath;
use tiermod::plan::{FilePlan, Plan, Unproven};
use tiermod::project::{Failure, Source};
use tiermod::report::check::{self, Format, github, junit, markdown};
use tiermod::report::html::TransformInfo;
use tiermod::report::status::{self, GateRow, GateState, Row, State};
use tiermod::report::{Finding, Isolation, Outcome, TierInfo, explain, html, json};
use tiermod::site::{Reason, Site, SiteKind, Suggestion, Verdict};
use tiermod::text::{Edit, LineColumn, TextRange};

use super::{COLOR, PLAIN, VERBOSE};

/// Ends elements, attributes, code spans, cells, commands and lines; drives terminals; reorders.
const TEXT: &str = "\"'`|</code></td></script><script>alert(1)</script>--> ]]> &amp; \x1b[2J\x1b]0;t\x07\
                    \r\n::error file=x::gone\r\n## @all #1 ![i](http://x/i) \u{202e}\u{9b}31m %0A\t\\| {{7*7}} {0}";
const LINE: &str = "C()  # \"'`|</code></td></script><script>alert(1)</script> ]]> \x1b[2J \u{202e}\u{9b}31m \
                    ::error:: @all %0A \\| {{7*7}}";

fn path() -> ProjectPath {
    ProjectPath::new(OsStr::from_bytes(b"app/<b>\xff\x1b[31m,:%|`\n::error::.py")).unwrap()
}

/// The plan.
pub(super) fn plan() -> Plan {
    let site = |verdict, reason| Site {
        path: path(),
        range: TextRange::new(0.into(), 3.into()),
        start: LineColumn { line: 1, column: 1 },
        end: LineColumn { line: 1, column: 4 },
        source_line: LINE.to_owned(),
        transform: TEXT.to_owned(),
        symbol: TEXT.to_owned(),
        kind: SiteKind::Class,
        tier: None,
        verdict,
        reason,
        message: TEXT.to_owned(),
        suggestion: Some(Suggestion {
            message: TEXT.to_owned(),
            edits: vec![Edit::replace(TextRange::new(0.into(), 3.into()), "</pre>\x1b[2J<script>")],
            places: vec![(LineColumn { line: 1, column: 1 }, LineColumn { line: 1, column: 4 })],
        }),
        chain: vec![TEXT.to_owned()],
    };
    Plan {
        findings: Vec::new(),
        sites: vec![
            site(Verdict::Rewrite, Reason::DirectInstantiation),
            site(Verdict::Rewrite, Reason::Lifecycle),
            site(Verdict::Review, Reason::Arguments),
            site(Verdict::Keep, Reason::OtherOrigin),
            site(Verdict::Keep, Reason::Identity),
        ],
        files: vec![FilePlan {
            source: Source::new(&path(), format!("{LINE}\n{TEXT}\n").as_bytes()).unwrap().into(),
            tier: None,
            new: b"\xff</td><script>\x1b[2J".to_vec(),
            edits: Vec::new(),
            notes: vec![(1..2, TEXT.to_owned())],
            why: vec![TEXT.to_owned()],
        }],
        inputs: Vec::new(),
        unproven: vec![Unproven { path: path(), tier: None, message: TEXT.to_owned() }],
        failures: vec![(
            path(),
            Failure {
                position: LineColumn { line: 1, column: 1 },
                message: TEXT.to_owned(),
                source_line: LINE.to_owned(),
            },
        )],
        searched: 1,
        parsed: 1,
        problems: Vec::new(),
        warnings: vec![TEXT.to_owned()],
    }
}

fn findings() -> Vec<Finding> {
    vec![Finding {
        path: path(),
        start: LineColumn { line: 1, column: 1 },
        end: LineColumn { line: 1, column: 4 },
        source_line: LINE.to_owned(),
        symbol: TEXT.to_owned(),
        verdict: Isolation::NotNamespaced,
        message: TEXT.to_owned(),
        deny: true,
    }]
}

const TIERS: [TierInfo<'static>; 1] = [TierInfo { name: TEXT, summary: TEXT, risk: Some(TEXT) }];

fn rows() -> Vec<Row> {
    vec![Row {
        tier: TEXT.to_owned(),
        number: 1,
        summary: TEXT.to_owned(),
        files: 1,
        done: 1,
        left: 1,
        held: 1,
        state: State::Partial,
        applied: None,
        rolled_back: Some(TEXT.to_owned()),
        gates: vec![GateRow {
            name: TEXT.to_owned(),
            status: GateState::Failed,
            figure: Some(TEXT.to_owned()),
        }],
    }]
}

fn assert_tame(what: &str, text: &str) {
    for char in text.chars() {
        let is_layout = matches!(char, '\n' | '\t');
        let reorders = matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!((!char.is_control() || is_layout) && !reorders, "{what} holds {char:?}: {text}");
    }
}

#[test]
fn no_format_passes_on_what_drives_a_terminal() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &TIERS, &findings);
    for &format in Format::value_variants() {
        for style in [PLAIN, VERBOSE] {
            let text = check::render(&outcome, format, style);
            match format {
                // JSON escapes C0 itself and takes everything else as it is.
                Format::Json | Format::Sarif => {
                    assert!(!text.contains(['\x1b', '\r', '\x07']), "{format:?}");
                }
                Format::Text | Format::Github | Format::Junit | Format::Markdown => {
                    assert_tame(&format!("{format:?}"), &text);
                }
            }
        }
    }
    for &format in status::Format::value_variants() {
        if format != status::Format::Json {
            assert_tame("status", &status::render(&rows(), format, PLAIN));
        }
    }
    for site in &plan.sites {
        assert_tame("explain", &explain::site(site, plan.files.first(), &TIERS, VERBOSE));
    }
    let files: Vec<_> = plan.files.iter().collect();
    assert_tame("html", &html::render(&outcome, &files, &[]).unwrap());
}

/// In colour, the only escape sequences are our own: they select colours.
#[test]
fn in_colour_nothing_but_colours_is_commanded() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &TIERS, &findings);
    let mut text = check::render(&outcome, Format::Text, COLOR);
    text.push_str(&status::render(&rows(), status::Format::Text, COLOR));
    text.push_str(&explain::site(&plan.sites[0], None, &TIERS, COLOR));
    assert!(text.contains("\x1b["));
    for sequence in text.split('\x1b').skip(1) {
        let parameters = sequence.strip_prefix('[').and_then(|rest| rest.split_once('m'));
        let is_color = parameters.is_some_and(|(codes, _)| {
            codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';')
        });
        assert!(is_color, "{sequence:?}");
    }
    assert!(!text.contains("\x1b[2J"));
}

#[test]
fn no_line_of_the_text_is_theirs() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &TIERS, &findings);
    for style in [PLAIN, VERBOSE] {
        let text = check::render(&outcome, Format::Text, style);
        for line in text.lines() {
            assert!(!line.starts_with("::error") && !line.starts_with("## "), "{line}");
        }
    }
}

#[test]
fn json_gives_back_every_character() {
    let plan = plan();
    let outcome = Outcome::new(&plan, &TIERS, &[]);
    let document: Value = serde_json::from_str(&json::render(&outcome)).unwrap();
    assert_eq!(document["sites"][0]["message"], TEXT);
    assert_eq!(document["sites"][0]["source_line"], LINE);
    assert_eq!(document["sites"][0]["path"], path().to_slash());
    assert!(document["sites"][0]["path"].as_str().unwrap().contains('\u{fffd}'));
    assert_eq!(document["tiers"][0]["name"], TEXT);
}

#[test]
fn a_workflow_command_is_one_line_with_the_properties_that_we_gave_it() {
    let (plan, findings) = (plan(), findings());
    let text = github::render(&Outcome::new(&plan, &TIERS, &findings));
    let lines: Vec<&str> = text.lines().collect();
    let (total, commands) = lines.split_last().unwrap();
    assert_eq!(*total, "total: 2 rewrite, 1 review, 2 keep");
    // Three open sites, a finding, a failure, an unproven file and a warning.
    assert_eq!(commands.len(), 7);
    for command in commands {
        let rest = command.strip_prefix("::").unwrap();
        let (head, message) = rest.split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap();
        assert!(matches!(name, "warning" | "error"), "{command}");
        for property in properties.split(',') {
            let (key, _) = property.split_once('=').unwrap();
            assert!(
                matches!(key, "file" | "line" | "col" | "endLine" | "endColumn" | "title"),
                "{command}"
            );
        }
        assert!(message.contains("%0D%0A::error file=x::gone%0D%0A"), "{message}");
        assert!(message.contains("%250A"), "what was `%0A` stays so: {message}");
    }
    assert!(text.contains("file=app/<b>\u{fffd}␛[31m%2C%3A%25|`%0A%3A%3Aerror%3A%3A.py,"));
}

#[test]
fn xml_is_well_formed_and_gives_the_text_back() {
    let (plan, findings) = (plan(), findings());
    let text = junit::render(&Outcome::new(&plan, &TIERS, &findings));
    let mut reader = quick_xml::Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let (mut cases, mut messages) = (0, Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(start) | Event::Empty(start) => {
                cases += usize::from(start.name().as_ref() == "testcase");
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap();
                    if attribute.key.as_ref() == "message" {
                        let value = quick_xml::escape::unescape(&attribute.value).unwrap();
                        messages.push(value.into_owned());
                    }
                }
            }
            Event::Text(_) | Event::GeneralRef(_) | Event::End(_) | Event::Decl(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(cases, 5 + 1 + 2);
    assert_eq!(messages.len(), 3 + 1 + 2);
    for message in messages {
        assert!(
            message.contains("</code></td></script><script>alert(1)</script>--> ]]> &amp; ␛[2J")
        );
    }
}

#[test]
fn markdown_stays_in_its_cells() {
    let (plan, findings) = (plan(), findings());
    let text = markdown::render(&Outcome::new(&plan, &TIERS, &findings), VERBOSE);
    assert!(!text.contains("<script") && !text.contains("</td>"), "{text}");
    assert!(!text.contains("@all"), "a person is mentioned: {text}");
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let bars = row.matches('|').count();
        let escaped = row.matches("\\|").count();
        assert_eq!(escaped, 0, "{row}");
        assert!(matches!(bars, 4..=6), "{bars} bars: {row}");
    }
    let status = status::render(&rows(), status::Format::Markdown, PLAIN);
    let row = status.lines().find(|line| line.starts_with("| 1 ")).unwrap();
    assert_eq!(row.matches('|').count(), 10, "{row}");
}

#[test]
fn the_page_holds_our_script_and_no_other() {
    let (plan, findings) = (plan(), findings());
    let outcome = Outcome::new(&plan, &TIERS, &findings);
    let files: Vec<_> = plan.files.iter().collect();
    let docs = "# x\n\n<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n\
                [x](javascript:alert(1)) ![i](http://x/i.png)\n";
    let transforms = [TransformInfo { name: TEXT, summary: TEXT, docs }];
    let page = html::render(&outcome, &files, &transforms).unwrap();
    let page = page.to_lowercase();
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    for hostile in ["<img", "<b>\u{fffd}", "javascript:", "src=\"", "49", "href=\"http"] {
        assert!(!page.contains(hostile), "{hostile}");
    }
    // What is shown is there, as text.
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(page.contains("{{7*7}}"));
    assert!(page.contains("app&#x2f;&lt;b&gt;\u{fffd}␛[31m,:%|`␊::error::.py"));
}
