//! One file as the planner sees it: its text, its style, and where lines begin and end.

use crate::config::python_style::ImportStyle;
use crate::syntax::Module;
use crate::syntax::ast::token::TokenKind;
use crate::text::{Ranged, TextRange, TextSize, size, slice};

use super::draft::Draft;
use super::order::Order;
use super::pragma::Pragmas;
use super::section::Sections;

/// What does not change while a file is planned.
pub(super) struct Ctx<'a> {
    pub(super) text: &'a str,
    pub(super) module: &'a Module,
    pub(super) style: &'a ImportStyle,
    pub(super) package: Option<&'a str>,
    pub(super) is_stub: bool,
    pub(super) pragmas: Pragmas,
    pub(super) sections: Sections<'a>,
    /// The conventions by which lists may be sorted, the configured one first.
    pub(super) orders: Vec<Order<'a>>,
}

impl Ctx<'_> {
    /// Where the logical line ends that holds `offset`: its line ending, or the end of the text.
    pub(super) fn logical_end(&self, offset: TextSize) -> TextSize {
        let tokens: &[_] = self.module.tokens();
        let first = tokens.partition_point(|token| token.end() <= offset && token.start() < offset);
        tokens
            .get(first..)
            .unwrap_or_default()
            .iter()
            .find(|token| token.kind() == TokenKind::Newline)
            .map_or(size(self.text.len()), Ranged::start)
    }

    /// The first and the last row of the statement at `range`, with what shares its lines.
    pub(super) fn rows(&self, draft: &Draft, range: TextRange) -> (usize, usize) {
        let end = self.logical_end(range.end());
        (draft.row_at(range.start()), draft.row_at(end))
    }

    /// The statement begins its line, so that lines can be put above it.
    pub(super) fn begins_line(&self, draft: &Draft, offset: TextSize) -> bool {
        let row = draft.row(draft.row_at(offset)).map(|row| row.range.start());
        row.is_some_and(|start| {
            super::draft::is_white(slice(self.text, TextRange::new(start, offset)))
        })
    }

    /// The last token before `offset` that is part of a statement.
    pub(super) fn token_before(&self, offset: TextSize) -> Option<TextRange> {
        let tokens: &[_] = self.module.tokens();
        let end = tokens.partition_point(|token| token.end() <= offset);
        let is_trivia = |kind| {
            matches!(
                kind,
                TokenKind::Comment
                    | TokenKind::NonLogicalNewline
                    | TokenKind::Newline
                    | TokenKind::Indent
                    | TokenKind::Dedent
            )
        };
        let before = tokens.get(..end)?;
        before.iter().rfind(|token| !is_trivia(token.kind())).map(Ranged::range)
    }

    /// One step of indentation, as the file has it.
    pub(super) fn unit(&self) -> String {
        self.module
            .tokens()
            .iter()
            .find(|token| token.kind() == TokenKind::Indent)
            .map_or_else(|| "    ".to_owned(), |token| slice(self.text, token.range()).to_owned())
    }
}
