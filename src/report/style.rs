//! How a text is to look. The caller knows the reader; nothing here asks a terminal.

use anstyle::{AnsiColor, Effects, Style as Paint};

/// What the caller knows of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are wanted.
    pub color: bool,
    /// How many columns a line may have. Lines that people copy, such as paths, may be longer.
    pub width: usize,
    /// Whether everything is listed, what is kept included.
    pub verbose: bool,
}

/// Headings.
pub const HEADING: Paint = Paint::new().effects(Effects::BOLD);
/// What is rewritten.
pub const REWRITE: Paint = AnsiColor::Green.on_default();
/// What a person must decide.
pub const REVIEW: Paint = AnsiColor::Yellow.on_default();
/// What is left alone, and what matters least.
pub const QUIET: Paint = Paint::new().effects(Effects::DIMMED);
/// What is wrong.
pub const ERROR: Paint = AnsiColor::Red.on_default().effects(Effects::BOLD);
/// The part of a source line that a report is about.
pub const MARKED: Paint = Paint::new().effects(Effects::BOLD.insert(Effects::UNDERLINE));
/// Code in running text.
pub const CODE: Paint = AnsiColor::Cyan.on_default();

impl Style {
    /// `text` in `paint`, where colours are wanted.
    pub fn paint(self, paint: Paint, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("{paint}{text}{paint:#}")
        } else {
            text.to_owned()
        }
    }
}
