//! `check` as `JUnit` XML: a suite for each tier, a test for each site.
//!
//! An open site is a failure, a kept one passes. Files of which nothing can be said are errors in
//! a suite of their own.

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::writer::Writer;

use crate::report::outcome::{Finding, Isolation, Outcome, is_accepted};
use crate::report::visible;
use crate::site::{Site, Verdict};

/// Renders an outcome.
pub fn render(outcome: &Outcome<'_>) -> String {
    let suites = suites(outcome);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = write(&mut writer, &suites);
    debug_assert!(written.is_ok(), "writing to memory does not fail");
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

struct Suite {
    name: String,
    tests: Vec<Test>,
}

struct Test {
    /// The file.
    class: String,
    /// Unique in the file.
    name: String,
    line: Option<u32>,
    problem: Option<Problem>,
}

struct Problem {
    /// `failure` or `error`.
    element: &'static str,
    /// A stable code or word.
    kind: String,
    message: String,
    /// More lines.
    text: String,
}

fn suites(outcome: &Outcome<'_>) -> Vec<Suite> {
    let mut suites: Vec<Suite> = outcome
        .groups
        .iter()
        .map(|group| Suite {
            name: match &group.tier {
                Some((number, tier)) => format!("{number} {}", tier.name),
                None => group.title(),
            },
            tests: group.sites.iter().map(|site| of_site(site)).collect(),
        })
        .collect();
    if !outcome.findings.is_empty() {
        let tests = outcome.findings.iter().map(of_finding).collect();
        suites.push(Suite { name: "isolation".to_owned(), tests });
    }
    let failures = outcome.failures.iter().map(|(path, failure)| Test {
        class: path.to_slash(),
        name: "parses".to_owned(),
        line: Some(failure.position.line),
        problem: Some(Problem::error("does not parse", &failure.message)),
    });
    let unproven = outcome.unproven.iter().map(|one| Test {
        class: one.path.to_slash(),
        name: "result is proven".to_owned(),
        line: None,
        problem: Some(Problem::error("not proven", &one.message)),
    });
    let tests: Vec<Test> = failures.chain(unproven).collect();
    if !tests.is_empty() {
        suites.push(Suite { name: "files".to_owned(), tests });
    }
    suites
}

fn of_site(site: &Site) -> Test {
    let name = format!("{}:{} {}", site.start.line, site.start.column, site.symbol);
    let problem = match site.verdict {
        Verdict::Keep => None,
        Verdict::Rewrite | Verdict::Review => {
            let verdict = if is_accepted(site) { "rewrite, accepted" } else { site.verdict.name() };
            let mut text = format!("{}\n{}", verdict, site.source_line.trim());
            if let Some(suggestion) = &site.suggestion {
                text.push_str("\nhelp: ");
                text.push_str(&suggestion.message);
            }
            Some(Problem {
                element: "failure",
                kind: format!("{} {}", site.reason.code(), site.title()),
                message: site.message.clone(),
                text,
            })
        }
    };
    Test { class: site.path.to_slash(), name, line: Some(site.start.line), problem }
}

fn of_finding(finding: &Finding) -> Test {
    let problem = match finding.verdict {
        Isolation::NotNamespaced if finding.deny => Some(Problem {
            element: "failure",
            kind: finding.verdict.name().to_owned(),
            message: finding.message.clone(),
            text: finding.source_line.trim().to_owned(),
        }),
        Isolation::Namespaced | Isolation::NotNamespaced | Isolation::CannotTell => None,
    };
    Test {
        class: finding.path.to_slash(),
        name: format!(
            "{}:{} {} ({})",
            finding.start.line,
            finding.start.column,
            finding.symbol,
            finding.verdict.name()
        ),
        line: Some(finding.start.line),
        problem,
    }
}

impl Problem {
    fn error(kind: &str, message: &str) -> Self {
        let (kind, message) = (kind.to_owned(), message.to_owned());
        Self { element: "error", kind, message, text: String::new() }
    }
}

impl Suite {
    fn count(&self, element: &str) -> usize {
        let problems = self.tests.iter().filter_map(|test| test.problem.as_ref());
        problems.filter(|problem| problem.element == element).count()
    }
}

type Xml = Writer<Vec<u8>>;

fn write(xml: &mut Xml, suites: &[Suite]) -> std::io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let sum = |count: &dyn Fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    let root = element(
        "testsuites",
        &[
            ("name", "tiermod check"),
            ("tests", &sum(&|suite| suite.tests.len()).to_string()),
            ("failures", &sum(&|suite| suite.count("failure")).to_string()),
            ("errors", &sum(&|suite| suite.count("error")).to_string()),
        ],
    );
    xml.write_event(Event::Start(root))?;
    for suite in suites {
        let counts = [suite.tests.len(), suite.count("failure"), suite.count("error")];
        let [tests, failures, errors] = counts.map(|count| count.to_string());
        let start = element(
            "testsuite",
            &[
                ("name", &suite.name),
                ("tests", &tests),
                ("failures", &failures),
                ("errors", &errors),
            ],
        );
        if suite.tests.is_empty() {
            xml.write_event(Event::Empty(start))?;
            continue;
        }
        xml.write_event(Event::Start(start))?;
        for test in &suite.tests {
            write_test(xml, test)?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuites")))
}

fn write_test(xml: &mut Xml, test: &Test) -> std::io::Result<()> {
    let line = test.line.map(|line| line.to_string());
    let mut attributes =
        vec![("classname", &*test.class), ("name", &*test.name), ("file", &*test.class)];
    attributes.extend(line.as_deref().map(|line| ("line", line)));
    let start = element("testcase", &attributes);
    let Some(problem) = &test.problem else { return xml.write_event(Event::Empty(start)) };
    xml.write_event(Event::Start(start))?;
    let attributes = [("type", &*problem.kind), ("message", &*problem.message)];
    let inner = element(problem.element, &attributes);
    if problem.text.is_empty() {
        xml.write_event(Event::Empty(inner))?;
    } else {
        xml.write_event(Event::Start(inner))?;
        xml.write_event(Event::Text(BytesText::new(&visible::lines(&problem.text, ""))))?;
        xml.write_event(Event::End(BytesEnd::new(problem.element)))?;
    }
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

/// An element with attributes, which the writer escapes. Control characters, which XML 1.0 cannot
/// hold in any form, are made visible first.
fn element<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, &*visible::line(value)));
    }
    start
}
