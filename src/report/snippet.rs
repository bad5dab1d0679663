//! A place in a file, as compilers show it: a title, the source line, a mark and remarks.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};

use super::style::Style;
use super::suggestion::LineEdit;
use super::visible;
use crate::fs::ProjectPath;
use crate::text::LineColumn;

/// What is shown of a place.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// How grave it is.
    pub kind: Kind,
    /// The word before the title: `review`.
    pub label: &'a str,
    /// A stable code, where there is one.
    pub code: Option<&'a str>,
    /// One sentence.
    pub title: &'a str,
    /// The file.
    pub path: &'a ProjectPath,
    /// The line and column where it starts.
    pub start: LineColumn,
    /// The column where it ends; `None` where that is on a later line.
    pub end: Option<u32>,
    /// The line on which it starts.
    pub source_line: &'a str,
    /// A few words at the mark.
    pub mark: &'a str,
    /// Remarks below, in order.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// The change that `help` speaks of, where it is within the line.
    pub patch: Option<Vec<LineEdit<'a>>>,
}

/// How grave something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is wrong.
    Error,
    /// A person should look.
    Warning,
    /// It is good to know.
    Note,
}

/// The widest line that is laid out; beyond it the renderer's arithmetic means nothing.
const WIDEST: usize = 4096;

/// Shows a place. The text ends with a line break.
pub fn render(place: &Place<'_>, style: Style) -> String {
    let source = visible::line(place.source_line);
    let title = visible::line(place.title);
    let path = visible::line(&place.path.to_slash());
    let line = usize::try_from(place.start.line).unwrap_or(usize::MAX);
    let start = byte_of(&source, place.start.column);
    let end = place.end.map_or(source.len(), |column| byte_of(&source, column)).max(start);
    let level = match place.kind {
        Kind::Error => Level::ERROR,
        Kind::Warning => Level::WARNING,
        Kind::Note => Level::NOTE,
    };
    let mut primary = level.with_name(place.label).primary_title(title.as_str());
    if let Some(code) = place.code {
        primary = primary.id(code);
    }
    let mut group = if source.is_empty() {
        // A file that is no text has no line to show.
        let column = usize::try_from(place.start.column).unwrap_or(usize::MAX);
        primary.element(Origin::path(path.as_str()).line(line).char_column(column))
    } else {
        let mark = AnnotationKind::Primary.span(start..end).label(place.mark);
        let snippet = Snippet::source(source.as_str()).line_start(line).path(path.as_str());
        primary.element(snippet.annotation(mark))
    };
    for note in &place.notes {
        group = group.element(Level::NOTE.message(visible::line(note)));
    }
    let help = place.help.as_deref().map(visible::line);
    let patches = patches(place, &source);
    let mut report: Vec<Group<'_>> = Vec::new();
    match (help, patches) {
        (Some(help), Some(patches)) => {
            let change = Snippet::source(source.as_str()).line_start(line).patches(patches);
            report.push(group);
            report.push(Level::HELP.secondary_title(help).element(change));
        }
        (Some(help), None) => report.push(group.element(Level::HELP.message(help))),
        (None, _) => report.push(group),
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.term_width(style.width.min(WIDEST)).render(&report);
    text.push('\n');
    text
}

/// The patches of a place, in bytes of the line as it is shown.
fn patches<'a>(place: &Place<'a>, shown: &str) -> Option<Vec<Patch<'a>>> {
    let edits = place.patch.as_ref()?;
    // The shown line has the same number of characters, which may take other numbers of bytes.
    let translate = |byte: usize| {
        let count = place.source_line.get(..byte)?.chars().count();
        Some(shown.chars().take(count).map(char::len_utf8).sum::<usize>())
    };
    edits
        .iter()
        .map(|edit| {
            let (start, end) = (translate(edit.start)?, translate(edit.end)?);
            Some(Patch::new(start..end, visible::line(edit.text)))
        })
        .collect()
}

/// The byte at which a column starts.
fn byte_of(line: &str, column: u32) -> usize {
    let count = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    line.chars().take(count).map(char::len_utf8).sum()
}
