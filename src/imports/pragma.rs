//! Comments that speak to tools: where imports may not be touched, and what a line silences
//! (rule 8).
//!
//! Reads `fmt`, `yapf`, `isort`, `ruff: isort`, `noqa`, `type: ignore`, `pyright: ignore` and
//! `pylint: disable` comments. Other comments are prose here.

use std::sync::LazyLock;

use regex::Regex;

use crate::project::Analysis;
use crate::syntax::Module;
use crate::text::{Ranged, TextRange, TextSize, size, slice};

use super::draft::{Draft, Kind};

/// The regions and places that comments set apart.
#[derive(Debug, Default)]
pub(super) struct Pragmas {
    /// Where nothing may be put and no statement changed in its layout.
    frozen: Vec<TextRange>,
    /// Where isort does not look: imports there belong to no block.
    unsorted: Vec<TextRange>,
    /// Where a block of imports ends and the next begins.
    splits: Vec<TextSize>,
}

/// What the comment on an import's line silences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Silence {
    /// Nothing.
    Nothing,
    /// Findings about where the statement stands or which module it names.
    Statement,
    /// Findings about its names; it may stand on the line of one name as well.
    Names,
    /// Findings about its names; it must stand on the statement's first line.
    Whole,
}

impl Pragmas {
    /// Reads the comments of `module`.
    pub(super) fn new(text: &str, module: &Module, draft: &Draft) -> Self {
        let mut pragmas = Self::default();
        let mut formatting: Option<TextSize> = None;
        let mut sorting: Option<TextSize> = None;
        for comment in module.comments() {
            let row = draft.row_at(comment.start());
            let is_own_line = draft.kind(row) == Some(Kind::Comment);
            let line = draft.row(row).map_or(*comment, |row| row.range);
            let directive = directive(slice(text, *comment));
            match directive.as_str() {
                "fmt:off" | "yapf:disable" if is_own_line => {
                    formatting.get_or_insert(line.start());
                }
                "fmt:on" | "yapf:enable" if is_own_line => {
                    let start = formatting.take();
                    pragmas.frozen.extend(start.map(|start| TextRange::new(start, line.end())));
                }
                "isort:off" => {
                    sorting.get_or_insert(line.start());
                }
                "isort:on" => {
                    let start = sorting.take();
                    pragmas.freeze(start.map(|start| TextRange::new(start, line.end())));
                }
                "isort:split" => pragmas.splits.push(comment.start()),
                "fmt:skip" => pragmas.frozen.push(line),
                _ if directive.contains("isort:skip") && !directive.contains("skip_file") => {
                    pragmas.freeze(Some(line));
                }
                _ => {}
            }
        }
        let end = |start| TextRange::new(start, block_end(draft, start, size(text.len())));
        pragmas.frozen.extend(formatting.map(end));
        pragmas.freeze(sorting.map(|start| TextRange::new(start, size(text.len()))));
        pragmas
    }

    fn freeze(&mut self, range: Option<TextRange>) {
        self.unsorted.extend(range);
        self.frozen.extend(range);
    }

    /// The frozen region around the statement at `range`.
    pub(super) fn frozen(&self, range: TextRange) -> Option<TextRange> {
        self.frozen
            .iter()
            .copied()
            .find(|frozen| frozen.intersect(range).is_some_and(|both| !both.is_empty()))
    }

    /// The frozen region in which a new line at `offset` would be.
    pub(super) fn frozen_at(&self, offset: TextSize) -> Option<TextRange> {
        self.frozen.iter().copied().find(|frozen| frozen.start() < offset && offset < frozen.end())
    }

    /// isort leaves the statement at `range` where it is.
    pub(super) fn is_unsorted(&self, range: TextRange) -> bool {
        self.unsorted.iter().any(|region| {
            region.contains(range.start())
                || (range.contains(region.start()) && region.end() >= range.end())
        })
    }

    /// A comment between `before` and `after` separates the imports there.
    pub(super) fn splits(&self, before: TextSize, after: TextSize) -> bool {
        self.splits.iter().any(|split| before <= *split && *split < after)
    }
}

/// The end of the block in which an unfinished `fmt: off` stands.
fn block_end(draft: &Draft, start: TextSize, end: TextSize) -> TextSize {
    let first = draft.row_at(start);
    let width = indent(draft.line(first)).len();
    let outside = (first + 1..draft.len())
        .find(|row| draft.kind(*row) == Some(Kind::Code) && indent(draft.line(*row)).len() < width);
    outside.and_then(|row| draft.row(row)).map_or(end, |row| row.range.start())
}

/// The white space at the start of a line.
pub(super) fn indent(line: &str) -> &str {
    let rest = line.trim_start_matches([' ', '\t', '\x0c']);
    line.get(..line.len() - rest.len()).unwrap_or_default()
}

/// `# isort: split` as `isort:split`.
fn directive(comment: &str) -> String {
    let text: String = comment
        .trim_start_matches('#')
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_lowercase();
    text.strip_prefix("ruff:").unwrap_or(&text).to_owned()
}

/// A comment on its own line that speaks to a tool or opens a region, and so belongs to no import.
pub(super) fn is_directive(comment: &str) -> bool {
    static DIRECTIVE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)^#+!?\s*(fmt|yapf|isort|ruff|flake8|pylint|mypy|pyright|type|noqa|pragma|region|endregion|vim?|ex|-\*-|coding[:=]|<editor-fold)\b?\s*[:=*\s]",
        )
        .ok()
    });
    let text = format!("{} ", comment.trim_end());
    matches(&DIRECTIVE, &text) || text.trim_end().starts_with("# -*-")
}

/// A comment at the end of a line that only tools read, as ruff recognises it.
pub(super) fn is_pragma(comment: &str) -> bool {
    let text = comment.trim_start_matches('#').trim_start();
    let is_noqa = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("noqa"));
    let tools = ["isort", "type", "pyright", "pyrefly", "pylint", "flake8", "ruff", "ty"];
    is_noqa
        || text.starts_with("nosec")
        || text.split_once(':').is_some_and(|(tool, _)| tools.contains(&tool))
}

/// A comment that speaks of the whole file: a licence, an encoding, an interpreter.
pub(super) fn is_header(comment: &str) -> bool {
    static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)copyright|licen[cs]e|spdx|all rights reserved|\(c\)|^#!|^# ///").ok()
    });
    is_directive(comment) || matches(&HEADER, comment)
}

/// A `noqa` comment, as flake8 and ruff read it: the codes after a colon, or all without one. A code
/// may be the beginning of others.
static NOQA: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)#\s*(?:ruff:\s*|flake8[:=]\s*)?noqa\b(?:\s*:\s*((?:[A-Z]+[0-9]+|(?-i:[A-Z])\b)(?:[,\s]+(?:[A-Z]+[0-9]+|(?-i:[A-Z])\b))*))?",
    )
    .ok()
});

/// Whether a `noqa` comment silences the finding `code`.
pub(crate) fn is_noqa_for(code: &str, comment: &str) -> bool {
    let found = NOQA.as_ref().and_then(|pattern| pattern.captures(comment));
    found.is_some_and(|found| match found.get(1) {
        None => true,
        Some(codes) => codes
            .as_str()
            .split([',', ' ', '\t'])
            .any(|prefix| !prefix.is_empty() && code.starts_with(&prefix.to_uppercase())),
    })
}

/// Where in `text` the codes of its `noqa` comment end; `None` where it has no such comment.
pub(crate) fn end_of_noqa_codes(text: &str) -> Option<usize> {
    let found = NOQA.as_ref().and_then(|pattern| pattern.captures(text))?;
    let codes = found.get(1)?;
    Some(codes.start() + codes.as_str().trim_end().len())
}

/// Whether a `noqa` comment on a line of the statement silences the finding `code`.
pub(crate) fn has_noqa_for(code: &str, analysis: &Analysis, statement: TextRange) -> bool {
    let lines = analysis.lines();
    let first = lines.position(statement.start()).line;
    let last = lines.position(statement.end()).line;
    let range = TextRange::new(lines.line_start(first), lines.line_range(last).end());
    let mut comments = analysis.module.comments_in(range).iter();
    comments.any(|&comment| is_noqa_for(code, slice(&analysis.source.text, comment)))
}

/// What `comment` silences, all its directives together.
pub(super) fn silence(comment: &str) -> Silence {
    static IGNORE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"#\s*(?:type|pyright):\s*ignore(?:\[([^\]]*)\])?").ok());
    static PYLINT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"#\s*pylint:\s*disable(?:-next)?\s*=\s*([\w\s,-]+)").ok());
    let mut silence = Silence::Nothing;
    for (pattern, names, of_statement) in [
        (&NOQA, Silence::Names, STATEMENT_CODES),
        (&IGNORE, Silence::Whole, STATEMENT_ERRORS),
        (&PYLINT, Silence::Whole, STATEMENT_MESSAGES),
    ] {
        let Some(found) = pattern.as_ref().and_then(|pattern| pattern.captures(comment)) else {
            continue;
        };
        let is_about_statement = found.get(1).is_some_and(|codes| {
            codes
                .as_str()
                .split([',', ' ', '\t'])
                .filter(|code| !code.is_empty())
                .all(|code| of_statement.iter().any(|prefix| code.starts_with(prefix)))
        });
        silence = silence.max(if is_about_statement { Silence::Statement } else { names });
    }
    silence
}

/// Codes of flake8 and ruff that speak of an import statement and not of its names.
const STATEMENT_CODES: &[&str] = &[
    "E401", "E402", "E501", "W505", "I0", "I1", "I2", "PLC0415", "C0411", "C0412", "C0413",
    "C0415", "TID252", "TID253", "ABS101", "S40", "S41",
];

/// The same of mypy and pyright.
const STATEMENT_ERRORS: &[&str] =
    &["import", "reportMissingImports", "reportMissingModuleSource", "reportMissingTypeStubs"];

/// The same of pylint.
const STATEMENT_MESSAGES: &[&str] = &[
    "wrong-import-position",
    "wrong-import-order",
    "ungrouped-imports",
    "import-outside-toplevel",
    "import-error",
    "cyclic-import",
    "line-too-long",
    "multiple-imports",
    "C0301",
    "C0410",
    "C0411",
    "C0412",
    "C0413",
    "C0415",
    "E0401",
    "R0401",
];

/// The comment that keeps a late import from being reported, taken from a neighbour's comment.
///
/// Ex) `# noqa: E402  (needs the path)` gives `# noqa: E402`.
pub(super) fn late_import_pragma(comment: &str) -> Option<&'static str> {
    static LATE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)#\s*noqa\b(?:\s*$|\s*[^:\s]|:.*\bE402\b)").ok());
    static PYLINT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"#\s*pylint:\s*disable\s*=.*\b(?:wrong-import-position|C0413)\b").ok()
    });
    if matches(&LATE, comment) {
        Some("# noqa: E402")
    } else if matches(&PYLINT, comment) {
        Some("# pylint: disable=wrong-import-position")
    } else {
        None
    }
}

/// The comment takes its line out of isort's hands.
pub(super) fn skips_sorting(comment: &str) -> bool {
    directive(comment).contains("isort:skip")
}

/// The pattern matches somewhere.
fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The comment at the end of the last line of the statement at `range`, if one stands there.
pub(super) fn trailing_comment(
    module: &Module,
    draft: &Draft,
    range: TextRange,
) -> Option<TextRange> {
    let line = draft.row(draft.row_at(range.end()))?.range;
    let comments = module.comments();
    let next = comments.partition_point(|comment| comment.start() < range.end());
    comments.get(next).copied().filter(|comment| line.contains(comment.start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_about_the_statement_do_not_speak_of_its_names() {
        for (comment, expected) in [
            ("# the class", Silence::Nothing),
            ("# noqa", Silence::Names),
            ("#noqa", Silence::Names),
            ("# NOQA:F401", Silence::Names),
            ("# noqa: E402", Silence::Statement),
            ("# noqa: E402, I001", Silence::Statement),
            ("# noqa: E402,F401", Silence::Names),
            ("# noqa : F401", Silence::Names),
            ("# type: ignore", Silence::Whole),
            ("# type: ignore[attr-defined]", Silence::Whole),
            ("# type: ignore[import-untyped]", Silence::Statement),
            ("# type: ignore[import]  # noqa: F401", Silence::Names),
            ("# pyright: ignore[reportMissingImports]", Silence::Statement),
            ("# pylint: disable=unused-import", Silence::Whole),
            ("# pylint: disable=wrong-import-position,C0411", Silence::Statement),
            ("# type: Foo", Silence::Nothing),
        ] {
            assert_eq!(silence(comment), expected, "{comment}");
        }
    }

    #[test]
    fn a_code_is_silenced_by_itself_and_by_its_beginnings() {
        for comment in
            ["# noqa", "#NOQA", "# noqa: F401", "# noqa:E402,f401", "# noqa: F", "x # ruff: noqa"]
        {
            assert!(is_noqa_for("F401", comment), "{comment}");
        }
        for comment in ["# noqa: E402", "# noqa: F811", "# see docs/noqa.md", "# noqua", "# F401"] {
            assert!(!is_noqa_for("F401", comment), "{comment}");
        }
    }

    #[test]
    fn directives_and_headers_are_told_from_prose() {
        for comment in [
            "# fmt: off",
            "# isort: split",
            "# -*- coding: utf-8 -*-",
            "# pylint: disable=x",
            "# vim: set sw=4:",
            "# type: ignore",
        ] {
            assert!(is_directive(comment), "{comment}");
        }
        for comment in ["# the format", "# types of things", "# ruffle", "# import order matters"] {
            assert!(!is_directive(comment), "{comment}");
        }
        assert!(is_header("# Copyright the authors."));
        assert!(is_header("# SPDX-License-Identifier: MIT"));
        assert!(!is_header("# number of widgets"));
    }

    #[test]
    fn a_late_imports_comment_is_taken_without_the_rest() {
        assert_eq!(late_import_pragma("# noqa: E402, F401"), Some("# noqa: E402"));
        assert_eq!(late_import_pragma("# noqa"), Some("# noqa: E402"));
        assert_eq!(late_import_pragma("# noqa: F401"), None);
        assert_eq!(late_import_pragma("# late"), None);
        assert!(late_import_pragma("# pylint: disable=wrong-import-position").is_some());
    }
}
