//! What stands between the words of a replacement: white space, comments, the comma after a last
//! argument.
//!
//! The code's own stays where its neighbours stay; elsewhere it is the template's. Invariant: no
//! line break is put where it would end a statement.

use super::{Spelled, Writer, Written};
use crate::matching::snippets::{CodeToken, Place};
use crate::pattern::{ItemKind, NameUse, Role};
use crate::rewrite::align::between;
use crate::rewrite::parts::Parts;
use crate::spelling::Held;
use crate::syntax::ast::token::TokenKind;
use crate::text::{TextRange, size, slice};

impl Writer<'_> {
    /// What stands between two items that stay where they are.
    pub(super) fn stretch(
        &self,
        previous: Option<(usize, usize)>,
        next: Option<(usize, usize)>,
        spelled: &[Option<Spelled>],
        parts: &mut Parts,
        written: &mut Written,
    ) -> Result<(), Held> {
        let first_new = previous.map_or(0, |(_, column)| column + 1);
        let last_new = next.map_or(self.template.len(), |(_, column)| column);
        let first_old = previous.map_or(0, |(row, _)| row + 1);
        let last_old = next.map_or(self.pattern.len(), |(row, _)| row);
        let has_new = first_new < last_new;
        let code = self.code_between(previous, next);
        if let (Some(code), Some(next)) = (code, next)
            && first_old == last_old
            && has_new
            && let Some((head, indent)) = self.own_line(previous, code, next)
            && self.is_comma_at(first_new)
        {
            parts.copy(head);
            parts.literal(&indent);
            for column in first_new + 1..last_new {
                if column > first_new + 1 {
                    parts.literal(&self.space(column));
                }
                self.item(column, None, spelled, parts, written)?;
            }
            parts.literal(",");
            parts.copy(TextRange::new(head.end(), code.end()));
            return Ok(());
        }
        let mut lead = None;
        let mut trail = None;
        if let Some(code) = code {
            let words = between(&self.context.tokens, code.start(), code.end());
            let is_comma = |kind: TokenKind| kind == TokenKind::Comma;
            if first_old == last_old && !has_new {
                // Neighbours in all three: what is between them stays, a last comma where one may.
                let stays = match words {
                    [] => Some(code),
                    [comma] if is_comma(comma.kind) && self.takes_comma(next) => Some(code),
                    [comma] if is_comma(comma.kind) => {
                        Some(TextRange::new(comma.range.end(), code.end()))
                    }
                    _ => None,
                };
                if let Some(stays) = stays.filter(|stays| self.may_break(*stays, next)) {
                    parts.copy(stays);
                    return Ok(());
                }
            } else if self.role(previous.map(|(row, _)| row)).is_some_and(opens) {
                let end = words.first().map_or(code.end(), |word| word.range.start());
                let is_empty = next.is_some_and(|(row, _)| self.closes(row))
                    && (!has_new || words.is_empty() && !self.has_comment(code));
                let is_free = self.is_free(TextRange::new(code.start(), end), first_new);
                lead = Some(TextRange::new(code.start(), end)).filter(|_| !is_empty && !is_free);
            }
            let is_close = next.is_some_and(|(row, _)| self.closes(row));
            let has_word = has_new || previous.is_some_and(|(_, column)| !self.opens_at(column));
            if is_close && first_old < last_old && !has_new && self.drops_lines(code, words, next) {
                let first = words.get(1).map_or(code.end(), |word| word.range.start());
                let last = words.last().map_or(code.start(), |word| word.range.end());
                let head = slice(&self.analysis.source.text, TextRange::new(code.start(), first));
                parts.copy(TextRange::at(code.start(), size(head.trim_end().len())));
                parts.copy(TextRange::new(last, code.end()));
                return Ok(());
            }
            let is_open = previous.is_some_and(|(_, column)| self.opens_at(column));
            let is_bare = words.is_empty() && is_open && !self.has_comment(code);
            if is_close && is_bare {
                // Ex) `f(⏎)` to `g(x)`
            } else if is_close && has_word && (first_old < last_old || has_new) {
                let commas = words.iter().rev().take_while(|word| is_comma(word.kind)).count();
                let at = words.len() - commas;
                let last = at.checked_sub(1).and_then(|last| words.get(last));
                let start = last.map_or(code.start(), |last| last.range.end());
                let comma = words.get(at).map(|comma| comma.range);
                let ending = match comma {
                    Some(comma) if !self.takes_comma(next) => {
                        TextRange::new(comma.end(), code.end())
                    }
                    _ => TextRange::new(start, code.end()),
                };
                if lead.is_none_or(|lead| lead.end() <= ending.start()) {
                    trail = Some(ending);
                }
            } else if has_new && first_old == last_old && words.is_empty() && lead.is_none() {
                // A pure insertion: `a + b` to `a + c + b`. The line break or comment stays.
                let is_space = slice(&self.analysis.source.text, code).trim_matches(' ').is_empty();
                trail = Some(code).filter(|_| next.is_some() && !is_space);
            }
        }
        let lead = lead.filter(|lead| self.may_break(*lead, next));
        let trail = trail.filter(|trail| {
            let is_free = next.is_some_and(|(_, column)| self.is_free(*trail, column));
            self.may_break(*trail, next) && !is_free
        });
        if let Some(lead) = lead {
            parts.copy(lead);
        }
        for column in first_new..last_new {
            let is_led = column == first_new && lead.is_some();
            if !is_led {
                parts.literal(&self.space(column));
            }
            self.item(column, None, spelled, parts, written)?;
        }
        match (trail, next) {
            (Some(trail), _) => parts.copy(trail),
            (None, Some((_, column))) if has_new || lead.is_none() => {
                parts.literal(&self.space(column));
            }
            _ => {}
        }
        Ok(())
    }

    /// The code up to the end of the line of a last argument that has its line to itself and a
    /// comma after it, and the start of another such line: what is added gets one, too, so that
    /// the comment stays with its argument.
    fn own_line(
        &self,
        previous: Option<(usize, usize)>,
        code: TextRange,
        next: (usize, usize),
    ) -> Option<(TextRange, String)> {
        let [comma] = between(&self.context.tokens, code.start(), code.end()) else { return None };
        if comma.kind != TokenKind::Comma || !self.takes_comma(Some(next)) {
            return None;
        }
        let text = &self.analysis.source.text;
        let after = TextRange::new(comma.range.end(), code.end());
        let line_end = slice(text, after).trim_end().len();
        let ending = slice(text, after).get(line_end..)?;
        let head = TextRange::new(code.start(), after.start() + size(line_end));
        let argument = self.located.get(previous?.0).copied().flatten()?;
        let lines = self.analysis.lines();
        let line = lines.line_start(lines.position(argument.start()).line);
        let indent = slice(text, TextRange::new(line, argument.start()));
        let line_break = ["\r\n", "\n", "\r"].into_iter().find(|one| ending.starts_with(one))?;
        indent.trim().is_empty().then(|| (head, format!("{line_break}{indent}")))
    }

    /// Whether arguments go that stand on lines of their own, below a comma and a comment that
    /// belong to the one that stays.
    fn drops_lines(
        &self,
        code: TextRange,
        words: &[CodeToken],
        next: Option<(usize, usize)>,
    ) -> bool {
        let [comma, first, .., last] = words else { return false };
        let head = TextRange::new(code.start(), first.range.start());
        let tail = TextRange::new(last.range.end(), code.end());
        let text = &self.analysis.source.text;
        comma.kind == TokenKind::Comma
            && self.takes_comma(next)
            && self.has_comment(head)
            && !self.has_comment(TextRange::new(head.end(), code.end()))
            && slice(text, tail).contains(['\n', '\r'])
    }

    fn has_comment(&self, range: TextRange) -> bool {
        !self.analysis.module.comments_in(range).is_empty()
    }

    /// Whether the code has nothing where the template has a line break, which it then gets.
    fn is_free(&self, code: TextRange, column: usize) -> bool {
        code.is_empty() && self.space(column).contains(['\n', '\r'])
    }

    fn is_comma_at(&self, column: usize) -> bool {
        matches!(
            self.template.get(column).map(|item| &item.kind),
            Some(ItemKind::Token { role: Role::Comma, .. })
        )
    }

    /// The code between the items of two pairs, where they are in its order.
    fn code_between(
        &self,
        previous: Option<(usize, usize)>,
        next: Option<(usize, usize)>,
    ) -> Option<TextRange> {
        let place = |row: usize| self.located.get(row).copied().flatten();
        let start = match previous {
            Some((row, _)) => place(row)?.end(),
            None => self.site.start(),
        };
        let end = match next {
            Some((row, _)) => place(row)?.start(),
            None => self.site.end(),
        };
        (start <= end).then(|| TextRange::new(start, end))
    }

    fn role(&self, row: Option<usize>) -> Option<Role> {
        match &self.pattern.get(row?)?.kind {
            ItemKind::Token { role, .. } => Some(*role),
            ItemKind::Name(_) => None,
        }
    }

    fn closes(&self, row: usize) -> bool {
        matches!(self.role(Some(row)), Some(Role::Close { .. }))
    }

    fn opens_at(&self, column: usize) -> bool {
        matches!(
            self.template.get(column).map(|item| &item.kind),
            Some(ItemKind::Token { role: Role::Open, .. })
        )
    }

    /// Whether a comma may stand before the closing bracket that comes next.
    fn takes_comma(&self, next: Option<(usize, usize)>) -> bool {
        let Some((_, column)) = next else { return false };
        let closes = matches!(
            self.template.get(column).map(|item| &item.kind),
            Some(ItemKind::Token { role: Role::Close { takes_comma: true }, .. })
        );
        let before = column.checked_sub(1).and_then(|before| self.template.get(before));
        let follows_word = before.is_some_and(|before| {
            !matches!(before.kind, ItemKind::Token { role: Role::Open | Role::Comma, .. })
        });
        closes && follows_word && !self.ends_in_generator(column)
    }

    /// Whether the last argument before a bracket is a generator without parentheses.
    fn ends_in_generator(&self, column: usize) -> bool {
        let before = column.checked_sub(1).and_then(|before| self.template.get(before));
        let Some(ItemKind::Name(NameUse::Meta(meta))) = before.map(|item| &item.kind) else {
            return false;
        };
        match self.captured(*meta) {
            Some(Place::One(piece)) => piece.shape.is_bare_generator(),
            Some(Place::Many(many)) => {
                many.iter().any(|argument| argument.value.shape.is_bare_generator())
            }
            None => false,
        }
    }

    /// Whether a piece of white space may stand before an item of the template: a line break
    /// outside brackets ends the statement.
    fn may_break(&self, range: TextRange, next: Option<(usize, usize)>) -> bool {
        let column = next.map_or(self.template.len(), |(_, column)| column);
        let closes = self.template.get(column).is_some_and(|item| {
            matches!(item.kind, ItemKind::Token { role: Role::Close { .. }, .. })
        });
        let depth = self.template.get(column).map_or(0, |item| item.depth + usize::from(closes));
        let text = slice(&self.analysis.source.text, range);
        let breaks = text.contains(['\n', '\r']) && !text.trim_start().starts_with('\\');
        depth > 0 || self.context.in_brackets || self.context.is_parenthesised || !breaks
    }

    /// The template's own white space before an item.
    fn space(&self, column: usize) -> String {
        let (Some(item), Some(before)) = (
            self.template.get(column),
            column.checked_sub(1).and_then(|before| self.template.get(before)),
        ) else {
            return String::new();
        };
        let range = TextRange::new(before.range.end(), item.range.start());
        let code = &self.rewrite.after;
        let mut space = slice(&code.text, range).to_owned();
        // An argument that stands for nothing left its white space and comma here.
        if space.contains(',') || code.metas.iter().any(|meta| range.contains_range(meta.range)) {
            let opens = matches!(before.kind, ItemKind::Token { role: Role::Open, .. });
            let closes = matches!(item.kind, ItemKind::Token { role: Role::Close { .. }, .. });
            space = if opens || closes { String::new() } else { " ".to_owned() };
        }
        if !space.contains(['\n', '\r']) {
            return space;
        }
        if self.context.string.is_some() {
            return " ".to_owned();
        }
        let text = &self.analysis.source.text;
        let line = self.analysis.lines().position(self.site.start()).line;
        let line = self.analysis.lines().line_text(line);
        let indent: String = line.chars().take_while(|char| char.is_whitespace()).collect();
        let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
        space.replace("\r\n", "\n").replace('\n', &format!("{ending}{indent}"))
    }
}

fn opens(role: Role) -> bool {
    role == Role::Open
}
