//! What metavariables stand for, written into a replacement.
//!
//! A piece keeps its layout and its comments; it gets parentheses where its new place needs some
//! and loses those that its old one needed.

use super::{Writer, Written, held};
use crate::matching::snippets::{Argument, Piece};
use crate::pattern::{Item, ItemKind, Role};
use crate::rewrite::align::between;
use crate::rewrite::decide::Enclosed;
use crate::rewrite::parts::Parts;
use crate::spelling::Held;
use crate::syntax::ast::token::TokenKind;
use crate::syntax::slot::Fit;
use crate::text::TextRange;

impl Writer<'_> {
    /// Writes an expression that a metavariable stands for.
    pub(super) fn piece(
        &self,
        meta: usize,
        item: &Item,
        piece: &Piece,
        parts: &mut Parts,
        written: &mut Written,
    ) -> Result<(), Held> {
        let Some(variable) = self.rewrite.after.metas.get(meta) else { return Ok(()) };
        if variable.is_deferred && piece.is_bound {
            let message = format!(
                "`{}` has an `await`, `yield` or `:=`, which cannot be inside a lambda",
                variable.written()
            );
            return Err(held(&message));
        }
        let is_root = variable.range == self.rewrite.after.range;
        let keeps = self.keeps_parentheses(piece, meta);
        let range = if keeps { piece.outer } else { piece.inner };
        let slot = match (is_root, self.context.slot) {
            (true, Some(slot)) => slot,
            _ => variable.slot,
        };
        let breaks = item.depth == 0
            && !self.context.in_brackets
            && !self.context.is_parenthesised
            && self.breaks_line(range);
        let wraps = !keeps
            && match slot.fit(piece.shape) {
                // The root's own parentheses are written around all of it.
                _ if is_root => breaks,
                Fit::Bare => breaks,
                Fit::Parenthesised => true,
                Fit::Never => {
                    let message = format!("`{}` cannot stand there", variable.written());
                    return Err(held(&message));
                }
            };
        if wraps && range != piece.outer && !self.has_comment_between(piece) {
            // It had parentheses, and needs some again.
            parts.copy(piece.outer);
            return Ok(());
        }
        if wraps {
            parts.literal("(");
        }
        parts.copy(range);
        if wraps {
            parts.literal(")");
        }
        if !(wraps || keeps || is_root && self.context.is_parenthesised) {
            written.enclosed.push(Enclosed { expr: piece.inner, slot, is_root });
        }
        Ok(())
    }

    /// Whether a piece of the code has a line break outside its own brackets.
    fn breaks_line(&self, range: TextRange) -> bool {
        let mut depth = 0_usize;
        for token in self.analysis.module.tokens_in(range) {
            match token.kind() {
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                    depth = depth.saturating_sub(1);
                }
                TokenKind::NonLogicalNewline | TokenKind::Comment if depth == 0 => return true,
                _ => {}
            }
        }
        false
    }

    /// Writes arguments or elements.
    pub(super) fn many(
        &self,
        meta: usize,
        column: usize,
        many: &[Argument],
        parts: &mut Parts,
        written: &mut Written,
    ) -> Result<(), Held> {
        let Some(variable) = self.rewrite.after.metas.get(meta) else { return Ok(()) };
        if variable.is_deferred && many.iter().any(|argument| argument.value.is_bound) {
            let message = format!(
                "`{}` has an `await`, `yield` or `:=`, which cannot be inside a lambda",
                variable.written()
            );
            return Err(held(&message));
        }
        self.arguments_fit(variable, many)?;
        let is_alone = self.is_alone(column);
        let mut last: Option<&Argument> = None;
        for argument in many {
            if let Some(last) = last {
                let gap = TextRange::new(last.range.end(), argument.range.start());
                match between(&self.context.tokens, gap.start(), gap.end()) {
                    [comma] if comma.kind == TokenKind::Comma => parts.copy(gap),
                    _ => parts.literal(", "),
                }
            }
            let wraps = argument.value.shape.is_bare_generator() && !is_alone;
            if wraps {
                parts.literal("(");
            }
            parts.copy(argument.range);
            if wraps {
                parts.literal(")");
            }
            let is_plain = argument.keyword.is_none() && argument.value.inner == argument.range;
            if is_plain && !wraps {
                let slot = variable.slot;
                let expr = argument.value.inner;
                written.enclosed.push(Enclosed { expr, slot, is_root: false });
            }
            last = Some(argument);
        }
        Ok(())
    }

    /// Whether an item is the only argument of a call.
    fn is_alone(&self, column: usize) -> bool {
        let kind = |at: Option<usize>| at.and_then(|at| self.template.get(at)).map(|it| &it.kind);
        let opens = matches!(
            kind(column.checked_sub(1)),
            Some(ItemKind::Token { role: Role::Open, text }) if text == "("
        );
        let closes = matches!(
            kind(Some(column + 1)),
            Some(ItemKind::Token { role: Role::Close { .. }, .. })
        );
        opens && closes
    }
}
