//! Writes new `after` parts into the text of a transform, for `tiermod test --update`.
//!
//! Everything else in the text stays as it is, byte for byte: comments, layout, line endings, a
//! byte order mark. Invariant: the result has been read again, and differs from the old transform
//! in the one example's `after` alone.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::document::{BOM, range};
use crate::config::literal;
use crate::fs::ProjectPath;
use crate::text::{Edit, Lines, TextEdit, size};

/// Why an example cannot be updated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// The text is not TOML.
    #[error("line {line}: {message}")]
    Syntax {
        /// Counted from 1.
        line: u32,
        /// What the parser says.
        message: String,
    },
    /// There is no such example.
    #[error("there is no example number {0}")]
    NoExample(usize),
    /// The example is written in a way in which a file cannot be added to it or taken from it.
    #[error(
        "line {line}: the example is laid out so that its `after` cannot be rewritten; write it as `[[example]]` with `after.\"PATH\" = …` lines"
    )]
    Layout {
        /// The line of the example, counted from 1.
        line: u32,
    },
}

/// The text of a transform with `after` as all that its example number `index`, counted from 0,
/// says of the files afterwards.
///
/// # Errors
/// See [`UpdateError`].
pub fn set_after(
    text: &str,
    index: usize,
    after: &BTreeMap<ProjectPath, String>,
) -> Result<String, UpdateError> {
    let (bom, body) = match text.strip_prefix(BOM) {
        Some(body) => (BOM, body),
        None => ("", text),
    };
    let table = DeTable::parse(body).map_err(|error| UpdateError::Syntax {
        line: line_of(body, error.span().unwrap_or_default().start),
        message: error.message().to_owned(),
    })?;
    let example = example(table.get_ref(), index).ok_or(UpdateError::NoExample(index))?;
    let layout = || UpdateError::Layout { line: line_of(body, example.span().start) };
    let page = Page { text: body, newline: newline_of(body) };
    let edits = page.edits(example, after).ok_or_else(layout)?;
    let result = TextEdit::new(edits).map_err(|_| layout())?.apply(body);
    if !is_proven(body, &result, index, after) {
        return Err(layout());
    }
    Ok(format!("{bom}{result}"))
}

fn example<'t, 'i>(table: &'t DeTable<'i>, index: usize) -> Option<&'t Spanned<DeValue<'i>>> {
    table.get("example")?.get_ref().as_array()?.get(index)
}

fn line_of(text: &str, offset: usize) -> u32 {
    Lines::new(text).position(size(offset)).line
}

fn newline_of(text: &str) -> &'static str {
    match memchr::memchr(b'\n', text.as_bytes()) {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// A text and the line ending that it uses.
struct Page<'a> {
    text: &'a str,
    newline: &'static str,
}

/// How a table inside an example is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `after."a.py" = …`
    Dotted,
    /// `[example.after]`
    Header,
    /// `after = { … }`
    Inline,
}

/// One entry of a table of files.
struct Entry {
    path: Option<ProjectPath>,
    key: Range<usize>,
    value: Range<usize>,
    text: Option<String>,
}

impl Page<'_> {
    /// What has to change; `None` where the layout does not allow it.
    fn edits(
        &self,
        example: &Spanned<DeValue<'_>>,
        wanted: &BTreeMap<ProjectPath, String>,
    ) -> Option<Vec<Edit>> {
        let after = example.get_ref().get("after");
        let entries = after.map(entries).unwrap_or_default();
        let mut edits = Vec::new();
        let mut removed = Vec::new();
        for entry in &entries {
            match entry.path.as_ref().and_then(|path| wanted.get(path)) {
                Some(text) if entry.text.as_ref() == Some(text) => {}
                Some(text) => {
                    let literal = literal::render(text, self.newline);
                    edits.push(Edit::replace(range(entry.value.clone()), literal));
                }
                None => removed.push(entry),
            }
        }
        let is_there =
            |path: &ProjectPath| entries.iter().any(|entry| entry.path.as_ref() == Some(path));
        let added: BTreeMap<_, _> = wanted.iter().filter(|(path, _)| !is_there(path)).collect();
        if removed.is_empty() && added.is_empty() {
            return Some(edits);
        }
        if self.form(example) == Form::Inline {
            return None;
        }
        if let Some(after) = after
            && self.form(after) == Form::Inline
        {
            let text = self.inline_table(wanted);
            return Some(vec![Edit::replace(range(after.span()), text)]);
        }
        for entry in removed {
            let end = self.line_end(entry.value.end);
            edits.push(Edit::delete(range(self.line_start(entry.key.start)..end)));
        }
        if !added.is_empty() {
            edits.push(self.addition(example.get_ref(), &entries, &added)?);
        }
        Some(edits)
    }

    fn form(&self, value: &Spanned<DeValue<'_>>) -> Form {
        match self.text.as_bytes().get(value.span().start) {
            Some(b'{') => Form::Inline,
            Some(b'[') => Form::Header,
            _ => Form::Dotted,
        }
    }

    fn inline_table(&self, files: &BTreeMap<ProjectPath, String>) -> String {
        let entries = files.iter().map(|(path, text)| {
            let key = literal::one_line(&path.to_slash());
            format!("{key} = {}", literal::render(text, self.newline))
        });
        let entries: Vec<_> = entries.collect();
        if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
    }

    /// New lines for `added`, below the last of the files after, or else below those before.
    fn addition(
        &self,
        example: &DeValue<'_>,
        after: &[Entry],
        added: &BTreeMap<&ProjectPath, &String>,
    ) -> Option<Edit> {
        let last = |entries: &[Entry]| {
            let last = entries.iter().max_by_key(|entry| entry.value.end);
            last.map(|entry| (entry.key.start, entry.value.end))
        };
        // What is in front of the new lines; what each begins with; behind which place they go.
        let (head, prefix, end) = if let Some((key, end)) = last(after) {
            (String::new(), self.line_head(key).to_owned(), end)
        } else if let Some(header) = example.get("after") {
            let header = header.span();
            (String::new(), self.line_head(header.start).to_owned(), header.end)
        } else {
            let before = example.get("before")?;
            let (key, end) = last(&entries(before))?;
            match self.form(before) {
                Form::Dotted => (String::new(), format!("{}after.", self.indent(key)), end),
                Form::Inline => {
                    let start = before.span().start;
                    (String::new(), format!("{}after.", self.indent(start)), before.span().end)
                }
                Form::Header => {
                    let header = self.text.get(before.span())?;
                    let (front, back) = header.rsplit_once("before")?;
                    let indent = self.indent(before.span().start);
                    let newline = self.newline;
                    let head = format!("{newline}{indent}{front}after{back}{newline}");
                    (head, self.indent(key).to_owned(), end)
                }
            }
        };
        let mut lines = head;
        for (path, text) in added {
            lines.push_str(&prefix);
            lines.push_str(&literal::one_line(&path.to_slash()));
            lines.push_str(" = ");
            lines.push_str(&literal::render(text, self.newline));
            lines.push_str(self.newline);
        }
        let at = self.line_end(end);
        if !self.text.get(..at)?.ends_with('\n') {
            lines.truncate(lines.len() - self.newline.len());
            lines.insert_str(0, self.newline);
        }
        Some(Edit::insert(size(at), lines))
    }

    fn line_start(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
    }

    /// Behind the end of the line.
    fn line_end(&self, offset: usize) -> usize {
        let behind = self.text.as_bytes().get(offset..).unwrap_or_default();
        memchr::memchr(b'\n', behind).map_or(self.text.len(), |at| offset + at + 1)
    }

    /// What is before `offset` in its line.
    fn line_head(&self, offset: usize) -> &str {
        self.text.get(self.line_start(offset)..offset).unwrap_or_default()
    }

    fn indent(&self, offset: usize) -> &str {
        let head = self.line_head(offset);
        let text = head.trim_start_matches([' ', '\t']);
        head.get(..head.len() - text.len()).unwrap_or_default()
    }
}

fn entries(table: &Spanned<DeValue<'_>>) -> Vec<Entry> {
    let entries = table.get_ref().as_table().into_iter().flat_map(|table| table.iter());
    let entries = entries.map(|(key, value)| Entry {
        path: ProjectPath::new(key.get_ref().as_ref()),
        key: key.span(),
        value: value.span(),
        text: value.get_ref().as_str().map(str::to_owned),
    });
    entries.collect()
}

/// Whether `new` is `old` with `after` in the example, and the same in all else.
fn is_proven(old: &str, new: &str, index: usize, after: &BTreeMap<ProjectPath, String>) -> bool {
    let split = |text: &str| -> Option<(toml::Table, toml::Table)> {
        let mut table: toml::Table = toml::from_str(text).ok()?;
        let example = table.get_mut("example")?.get_mut(index)?.as_table_mut()?;
        let after = match example.remove("after") {
            None => toml::Table::new(),
            Some(toml::Value::Table(after)) => after,
            Some(_) => return None,
        };
        Some((table, after))
    };
    let (Some((old, _)), Some((new, written))) = (split(old), split(new)) else { return false };
    let written: Option<BTreeMap<_, _>> = written
        .iter()
        .map(|(path, text)| Some((ProjectPath::new(path)?, text.as_str()?.to_owned())))
        .collect();
    old == new && written.as_ref() == Some(after)
}
