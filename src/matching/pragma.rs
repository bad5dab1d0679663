//! `# tiermod: ignore[TM105] because …`: a person has decided.

use regex::Regex;
use std::sync::LazyLock;

use crate::site::Reason;
use crate::syntax::Module;
use crate::text::{Lines, TextRange, slice};

/// A pragma of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pragma {
    /// The comment.
    pub comment: TextRange,
    /// Its line, counted from 1.
    pub line: u32,
    /// The reasons that it names.
    pub reasons: Vec<Reason>,
    /// It names `isolation`: the audit leaves out what stands here.
    pub isolation: bool,
    /// Codes that are none.
    pub unknown: Vec<String>,
    /// The text after the bracket: why.
    pub because: String,
}

static PRAGMA: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"#\s*tiermod:\s*ignore(?:\[([^\]]*)\])?[ \t]*([^#]*)").ok());

/// The pragmas of a file, in source order.
pub fn pragmas(module: &Module, text: &str, lines: &Lines<'_>) -> Vec<Pragma> {
    let Some(pattern) = PRAGMA.as_ref() else { return Vec::new() };
    let mut found = Vec::new();
    for &comment in module.comments() {
        let Some(captures) = pattern.captures(slice(text, comment)) else { continue };
        let codes = captures.get(1).map_or("", |codes| codes.as_str());
        let mut reasons = Vec::new();
        let mut unknown = Vec::new();
        let mut isolation = false;
        for code in codes.split(',').map(str::trim).filter(|code| !code.is_empty()) {
            match code.parse() {
                Ok(reason) => reasons.push(reason),
                Err(_) if code.eq_ignore_ascii_case("isolation") => isolation = true,
                Err(_) => unknown.push(code.to_owned()),
            }
        }
        let because = captures.get(2).map_or("", |because| because.as_str()).trim();
        let because = because.trim_start_matches([':', '-', '\u{2013}', '\u{2014}']).trim();
        found.push(Pragma {
            comment,
            line: lines.position(comment.start()).line,
            reasons,
            isolation,
            unknown,
            because: because.to_owned(),
        });
    }
    found
}

/// The pragma for a site of `reason` that covers the lines `first..=last`.
pub fn covering(pragmas: &[Pragma], reason: Reason, first: u32, last: u32) -> Option<&Pragma> {
    pragmas
        .iter()
        .find(|pragma| (first..=last).contains(&pragma.line) && pragma.reasons.contains(&reason))
}
