//! Markdown as text for a terminal, or for a pipe.
//!
//! Headings are bold, code blocks are indented and never wrapped, paragraphs and lists are wrapped.
//! Knows what our own pages and the `docs` of transforms use, and shows the rest as plain text.

use anstyle::Style as Paint;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::report::excerpt::columns;
use crate::report::style::{CODE, HEADING, Style};
use crate::report::visible;

/// Longer lines are hard to read.
const WIDEST: usize = 88;
/// What a code block is indented by.
const INDENT: &str = "    ";

/// Renders `markdown`. The text ends with a line break.
pub fn render(markdown: &str, style: Style) -> String {
    let mut page = Page { style, ..Page::default() };
    for event in Parser::new_ext(markdown, Options::empty()) {
        page.event(event);
    }
    page.flush();
    page.text
}

/// A piece of running text that is not broken, or a place where it may be.
enum Piece {
    Text(String, Paint),
    Space,
    Break,
}

struct Page {
    style: Style,
    text: String,
    pieces: Vec<Piece>,
    paint: Paint,
    /// The text before the first line of the next block, and its width.
    marker: String,
    /// One entry for each open list: the next number, or none where it is not numbered.
    lists: Vec<Option<u64>>,
    in_code: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            style: Style { color: false, width: WIDEST, verbose: false },
            text: String::new(),
            pieces: Vec::new(),
            paint: Paint::new(),
            marker: String::new(),
            lists: Vec::new(),
            in_code: false,
        }
    }
}

impl Page {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.code_block(&text),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.words(&text),
            Event::Code(code) => {
                let code = visible::line(&code);
                let code = if self.style.color { code } else { format!("`{code}`") };
                self.pieces.push(Piece::Text(code, CODE));
            }
            Event::SoftBreak => self.pieces.push(Piece::Space),
            Event::HardBreak => self.pieces.push(Piece::Break),
            Event::Rule
            | Event::TaskListMarker(_)
            | Event::FootnoteReference(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.block();
                self.paint = HEADING;
            }
            // The first paragraph of an item follows its marker.
            Tag::Paragraph if self.marker.is_empty() => self.block(),
            Tag::CodeBlock(_) => {
                self.block();
                self.in_code = true;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                } else {
                    self.flush();
                }
                self.lists.push(*first);
            }
            Tag::Item => {
                self.flush();
                self.marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
            }
            Tag::Strong => self.paint = HEADING,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.flush();
                self.paint = Paint::new();
            }
            TagEnd::Paragraph | TagEnd::Item => self.flush(),
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Strong => self.paint = Paint::new(),
            _ => {}
        }
    }

    fn words(&mut self, text: &str) {
        for (at, word) in visible::line(text).split([' ', '\t']).enumerate() {
            if at > 0 {
                self.pieces.push(Piece::Space);
            }
            if !word.is_empty() {
                self.pieces.push(Piece::Text(word.to_owned(), self.paint));
            }
        }
    }

    fn code_block(&mut self, text: &str) {
        for line in text.lines() {
            let line = visible::line(line);
            if !line.is_empty() {
                self.text.push_str(INDENT);
                self.text.push_str(&self.style.paint(CODE, &line));
            }
            self.text.push('\n');
        }
    }

    /// Ends what stands before a new block.
    fn block(&mut self) {
        self.flush();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Writes the running text, wrapped.
    fn flush(&mut self) {
        let depth = self.lists.len().saturating_sub(1);
        let outer = "  ".repeat(depth);
        let hanging = if self.lists.is_empty() {
            String::new()
        } else {
            " ".repeat(columns(&outer) + columns(&self.marker).max(2))
        };
        let width = self.style.width.min(WIDEST);
        let mut line = format!("{outer}{}", self.marker);
        if self.marker.is_empty() {
            line.clone_from(&hanging);
        }
        let mut used = columns(&line);
        let mut is_empty = true;
        for word in words(std::mem::take(&mut self.pieces)) {
            let Some(word) = word else {
                self.write_line(&line);
                (line, used, is_empty) = (hanging.clone(), columns(&hanging), true);
                continue;
            };
            let wide: usize = word.iter().map(|(text, _)| columns(text)).sum();
            if !is_empty && used + 1 + wide > width {
                self.write_line(&line);
                (line, used, is_empty) = (hanging.clone(), columns(&hanging), true);
            }
            if !is_empty {
                line.push(' ');
                used += 1;
            }
            for (text, paint) in &word {
                line.push_str(&self.style.paint(*paint, text));
            }
            (used, is_empty) = (used + wide, false);
        }
        if !is_empty {
            self.write_line(&line);
            self.marker.clear();
        }
    }

    fn write_line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// Pieces that stand together, as words; `None` is a line break.
fn words(pieces: Vec<Piece>) -> Vec<Option<Vec<(String, Paint)>>> {
    let mut words = Vec::new();
    let mut word: Vec<(String, Paint)> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text, paint) => word.push((text, paint)),
            Piece::Space | Piece::Break => {
                if !word.is_empty() {
                    words.push(Some(std::mem::take(&mut word)));
                }
                if matches!(piece, Piece::Break) {
                    words.push(None);
                }
            }
        }
    }
    if !word.is_empty() {
        words.push(Some(word));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n\nSome `code` and **bold\nwords**, then more of it.\n\n\
                        ```python\nx = 1\n\ny = 2\n```\n\n- one `C()`: and a second line of it\n- two\n\n\
                        1. first\n2. second\n\nEnd.\n";

    fn plain(markdown: &str, width: usize) -> String {
        render(markdown, Style { color: false, width, verbose: false })
    }

    #[test]
    fn blocks_are_apart_and_code_is_indented() {
        assert_eq!(
            plain(PAGE, 80),
            "Title\n\nSome `code` and bold words, then more of it.\n\n    x = 1\n\n    y = 2\n\n\
             - one `C()`: and a second line of it\n- two\n\n1. first\n2. second\n\nEnd.\n"
        );
    }

    #[test]
    fn text_is_wrapped_under_its_marker_and_code_is_not() {
        assert_eq!(
            plain("- one `C()`: and a second line\n", 16),
            "- one `C()`: and\n  a second line\n"
        );
        let code = "```\naaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n```\n";
        assert_eq!(plain(code, 10), "    aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    }

    #[test]
    fn colours_come_where_they_are_wanted_and_nowhere_else() {
        let colored = render(PAGE, Style { color: true, width: 80, verbose: false });
        assert!(colored.contains("\x1b[1mTitle\x1b[0m"), "{colored:?}");
        assert!(!plain(&format!("{PAGE}\x1b[31m"), 80).contains('\x1b'));
    }
}
