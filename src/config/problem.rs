//! What is wrong with a TOML file, and where: shown with the line and a caret under it.
//!
//! Decides nothing and prints nothing: a problem is a value until a reader of it renders it.

use std::fmt;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::document::Document;
use crate::text::{LineColumn, TextRange, bytes, size};

/// Whether a problem stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not.
    Warning,
}

/// Whether rendered text carries terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Characters alone.
    Plain,
    /// With the escape sequences of a terminal.
    Styled,
}

/// One thing that is wrong at one place of a TOML file.
#[derive(Debug, Clone)]
pub struct Problem {
    severity: Severity,
    message: String,
    document: Arc<Document>,
    range: TextRange,
    label: Option<String>,
    related: Vec<Related>,
    help: Vec<String>,
}

/// Another place that has to do with a problem, perhaps in another file.
#[derive(Debug, Clone)]
struct Related {
    document: Arc<Document>,
    range: TextRange,
    label: String,
}

impl Problem {
    /// An error: lower-case start, no full stop.
    pub fn error(document: &Arc<Document>, range: TextRange, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, document, range, message.into())
    }

    /// A warning: lower-case start, no full stop.
    pub fn warning(document: &Arc<Document>, range: TextRange, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, document, range, message.into())
    }

    fn new(
        severity: Severity,
        document: &Arc<Document>,
        range: TextRange,
        message: String,
    ) -> Self {
        Self {
            severity,
            message,
            document: Arc::clone(document),
            range,
            label: None,
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A few words beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// What to do about it, as a sentence without a full stop.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Another place that has to do with it.
    #[must_use]
    pub fn related(
        mut self,
        document: &Arc<Document>,
        range: TextRange,
        label: impl Into<String>,
    ) -> Self {
        let document = Arc::clone(document);
        self.related.push(Related { document, range, label: label.into() });
        self
    }

    /// The same problem as an error.
    #[must_use]
    pub fn into_error(mut self) -> Self {
        self.severity = Severity::Error;
        self
    }

    /// Whether it stops the run.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, without the place and the help.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The file.
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// The place in the file's text.
    pub fn range(&self) -> TextRange {
        shown(&self.document, self.range)
    }

    /// The line and column that the message names.
    pub fn position(&self) -> LineColumn {
        self.document.position(self.range().start())
    }

    /// The message with its line, caret and help, over several lines and without a final line end.
    pub fn render(&self, look: Look) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut primary = AnnotationKind::Primary.span(bytes(self.range()));
        if let Some(label) = &self.label {
            primary = primary.label(label);
        }
        let mut snippet = source(&self.document).annotation(primary);
        let mut elsewhere = Vec::new();
        for related in &self.related {
            let annotation = AnnotationKind::Context
                .span(bytes(shown(&related.document, related.range)))
                .label(&related.label);
            if Arc::ptr_eq(&related.document, &self.document) {
                snippet = snippet.annotation(annotation);
            } else {
                elsewhere.push(source(&related.document).annotation(annotation));
            }
        }
        let report = level
            .primary_title(&self.message)
            .element(snippet)
            .elements(elsewhere)
            .elements(self.help.iter().map(|help| Level::HELP.message(help)));
        let renderer = match look {
            Look::Plain => Renderer::plain(),
            Look::Styled => Renderer::styled(),
        };
        renderer.render(&[report])
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Look::Plain))
    }
}

/// All that is wrong with one or several TOML files, in the order of the files' names and lines.
///
/// Never empty where it is an error. Its text is already complete: each problem starts with
/// `error: `.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.render(Look::Plain))]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The error of `problems`, which are not none.
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| {
            let place = |problem: &Problem| (problem.range.start(), problem.range.end());
            a.document.name().cmp(b.document.name()).then(place(a).cmp(&place(b)))
        });
        Self(problems)
    }

    /// An error where `problems` holds any.
    pub(crate) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self::new(problems)) }
    }

    /// Each problem.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Every problem rendered, with an empty line between two.
    pub fn render(&self, look: Look) -> String {
        let parts: Vec<_> = self.0.iter().map(|problem| problem.render(look)).collect();
        parts.join("\n\n")
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn source(document: &Document) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(document.text()).path(document.name())
}

/// The part of `range` that is shown: on character boundaries, not past its first line, and on the
/// last line with text where it is at the end of the file.
fn shown(document: &Document, range: TextRange) -> TextRange {
    let text = document.text();
    let mut start = text.floor_char_boundary(usize::from(range.start()));
    let mut end = text.ceil_char_boundary(usize::from(range.end())).max(start);
    if start == text.len() {
        start = text.trim_end_matches(['\r', '\n']).len();
    }
    let line =
        text.get(start..).and_then(|rest| rest.split(['\r', '\n']).next()).unwrap_or_default();
    end = end.clamp(start, start + line.len());
    TextRange::new(size(start), size(end))
}
