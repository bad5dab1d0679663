//! Names of failing tests from a JUnit XML report.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// More than any report of a test suite has.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Why a report says nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum JunitError {
    #[error("the command wrote no report to `{0}`")]
    NotWritten(String),
    #[error("the report `{0}` cannot be read: {1}")]
    Unreadable(String, io::Error),
    #[error("the report `{0}` is no JUnit XML: {1}")]
    Malformed(String, String),
}

/// Which bytes a file held at some time, so that a report of an earlier run is not taken for
/// one of this run. The kernel sets the change time at every write.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp(Option<(u64, u64, i64, i64)>);

impl Stamp {
    pub(super) fn of(path: &Path) -> Self {
        Self(fs::metadata(path).ok().map(|metadata| {
            (metadata.ino(), metadata.len(), metadata.ctime(), metadata.ctime_nsec())
        }))
    }
}

/// The tests that fail according to the report at `path`, which must have been written since
/// `before`.
pub(super) fn failing_tests(path: &Path, before: &Stamp) -> Result<Vec<String>, JunitError> {
    let shown = || path.display().to_string();
    let now = Stamp::of(path);
    if now == *before || now.0.is_none() {
        return Err(JunitError::NotWritten(shown()));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|error| JunitError::Unreadable(shown(), error))?;
    parse(&String::from_utf8_lossy(&bytes)).map_err(|why| JunitError::Malformed(shown(), why))
}

fn parse(xml: &str) -> Result<Vec<String>, String> {
    let mut reader = Reader::from_str(xml);
    let mut failing = BTreeSet::new();
    let mut suites = 0;
    let mut case: Option<String> = None;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "testsuite" | "testsuites" => suites += 1,
                "testcase" => case = Some(name(&tag)?),
                "failure" | "error" => failing.extend(case.clone()),
                _ => {}
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                "testsuite" | "testsuites" => suites += 1,
                "failure" | "error" => failing.extend(case.clone()),
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "testcase" => case = None,
            Event::Eof => break,
            _ => {}
        }
    }
    if suites == 0 {
        return Err("it has no test suite".to_owned());
    }
    Ok(failing.into_iter().collect())
}

/// `tests.test_app.TestX::test_y[1]`, as pytest and unittest runners name tests.
fn name(tag: &BytesStart<'_>) -> Result<String, String> {
    let (mut class, mut name) = (String::new(), String::new());
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let target = match attribute.key.as_ref() {
            "classname" => &mut class,
            "name" => &mut name,
            _ => continue,
        };
        *target = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?
            .into_owned();
    }
    Ok(if class.is_empty() { name } else { format!("{class}::{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_tests_are_named() {
        let xml = r#"<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="1" failures="2" tests="6">
<testcase classname="tests.test_a" name="test_ok" time="0.1"/>
<testcase classname="tests.test_a.TestX" name="test_y[&lt;a&gt;-1]"><failure message="a &amp; b">Traceback
</failure></testcase>
<testcase classname="tests.test_b" name="test_setup"><error message="e"/></testcase>
<testcase classname="tests.test_b" name="test_setup"><failure/></testcase>
<testcase classname="tests.test_b" name="test_skipped"><skipped/></testcase>
<testcase classname="" name="tests.test_c"><error><![CDATA[<oops>]]></error></testcase>
<system-out>error</system-out>
</testsuite></testsuites>"#;
        assert_eq!(
            parse(xml).unwrap(),
            ["tests.test_a.TestX::test_y[<a>-1]", "tests.test_b::test_setup", "tests.test_c"]
        );
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for xml in ["", "garbage", "<html/>", "<testsuite><testcase", "<testsuite></testcases>"] {
            assert!(parse(xml).is_err(), "{xml}");
        }
        assert_eq!(parse("<testsuite/>").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn entities_do_not_grow() {
        let xml = r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>
<testsuite><testcase name="&b;"><failure/></testcase></testsuite>"#;
        assert!(parse(xml).is_err());
    }

    #[test]
    fn a_report_of_an_earlier_run_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.xml");
        let missing = Stamp::of(&path);
        assert!(matches!(failing_tests(&path, &missing), Err(JunitError::NotWritten(_))));
        fs::write(&path, "<testsuite/>").unwrap();
        assert!(failing_tests(&path, &missing).unwrap().is_empty());
        let stale = Stamp::of(&path);
        assert!(matches!(failing_tests(&path, &stale), Err(JunitError::NotWritten(_))));
    }
}
