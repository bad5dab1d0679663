//! A template and what its metavariables stand for, as the parts of a replacement.

use super::align::{self, between, extent};
use super::decide::{Enclosed, Part};
use super::parts::Parts;
use crate::matching::snippets::{Argument, Context, InString, Piece, Place};
use crate::pattern::{Code, Item, ItemKind, Meta, NameUse, Rewrite, Role};
use crate::project::Analysis;
use crate::site::Reason;
use crate::spelling::Held;
use crate::syntax::ast::{Expr, token::TokenKind};
use crate::syntax::slot::{Fit, Shape};
use crate::text::{Ranged, TextRange, slice};

/// How the chain of a template is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spelled {
    /// A piece of the code that leads to its first part, and what follows.
    Kept(TextRange, String),
    /// New text.
    New(String),
}

/// What is known when a template is written out.
pub(super) struct Writer<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) rewrite: &'a Rewrite,
    pub(super) context: &'a Context,
    pub(super) site: TextRange,
    /// The template's items, and the pattern's, without what stands for nothing.
    pub(super) template: Vec<Item>,
    pub(super) pattern: Vec<Item>,
    /// Where the code has the items of the pattern.
    pub(super) located: Vec<Option<TextRange>>,
}

/// A replacement.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) parts: Vec<Part>,
    pub(super) enclosed: Vec<Enclosed>,
    pub(super) shape: Option<Shape>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        analysis: &'a Analysis,
        rewrite: &'a Rewrite,
        context: &'a Context,
        site: TextRange,
    ) -> Self {
        let is_empty = |name: &str| {
            rewrite.before.metas_named(name).any(|meta| {
                matches!(context.place(meta.range.start()), Some(Place::Many(many)) if many.is_empty())
            })
        };
        let template = align::without_empty(&rewrite.after, &is_empty);
        let pattern = align::without_empty(&rewrite.before, &is_empty);
        let located = align::locate(&analysis.source.text, &pattern, context);
        Self { analysis, rewrite, context, site, template, pattern, located }
    }

    /// The pairs of items that are the same; `keeps` says whether the code of a pattern's chain
    /// serves a template's.
    pub(super) fn pairs(&self, keeps: &dyn Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
        let before = &self.rewrite.before;
        let after = &self.rewrite.after;
        let is_same = |row: usize, column: usize| {
            let (Some(old), Some(new)) = (self.pattern.get(row), self.template.get(column)) else {
                return false;
            };
            if self.located.get(row).copied().flatten().is_none() {
                return false;
            }
            match (&old.kind, &new.kind) {
                (
                    ItemKind::Token { text: old, role },
                    ItemKind::Token { text: new, role: other },
                ) => old == new && std::mem::discriminant(role) == std::mem::discriminant(other),
                (ItemKind::Name(old), ItemKind::Name(new)) => match (old, new) {
                    (NameUse::Meta(old), NameUse::Meta(new)) => {
                        let name = |code: &Code, meta: usize| {
                            code.metas.get(meta).map(|meta: &Meta| meta.name.clone())
                        };
                        name(before, *old) == name(after, *new)
                    }
                    (NameUse::Chain(old), NameUse::Chain(new)) => keeps(*old, *new),
                    (NameUse::Instance(old), NameUse::Local(new)) => {
                        before.instances.get(*old).is_some_and(|old| old.name == *new)
                    }
                    (old, new) => old == new,
                },
                _ => false,
            }
        };
        align::pairs(&self.pattern, &self.template, &is_same)
    }

    /// Writes the template.
    pub(super) fn write(
        &self,
        pairs: &[(usize, usize)],
        spelled: &[Option<Spelled>],
    ) -> Result<Written, Held> {
        let mut written = Written::default();
        let mut parts = Parts::default();
        let shape = self.root_shape(spelled)?;
        let wraps = match (self.context.slot, shape) {
            (Some(slot), Some(shape)) if !self.context.is_parenthesised => match slot.fit(shape) {
                Fit::Bare => false,
                Fit::Parenthesised => true,
                Fit::Never => return Err(held("what takes its place cannot stand here")),
            },
            _ => false,
        };
        written.shape = if wraps { Some(Shape::PARENTHESISED) } else { shape };
        if wraps {
            parts.literal("(");
        }
        let mut previous: Option<(usize, usize)> = None;
        for &pair in pairs {
            self.stretch(previous, Some(pair), spelled, &mut parts, &mut written)?;
            self.item(pair.1, Some(pair.0), spelled, &mut parts, &mut written)?;
            previous = Some(pair);
        }
        self.stretch(previous, None, spelled, &mut parts, &mut written)?;
        if wraps {
            parts.literal(")");
        }
        written.parts = parts.finish();
        self.keeps_comments(&written.parts)?;
        self.fits_string(&written.parts)?;
        Ok(written)
    }

    /// What the whole replacement looks like; `None` for a statement.
    fn root_shape(&self, spelled: &[Option<Spelled>]) -> Result<Option<Shape>, Held> {
        if self.context.slot.is_none() {
            return Ok(None);
        }
        if let [only] = self.template.as_slice()
            && let ItemKind::Name(NameUse::Chain(chain)) = &only.kind
        {
            let text = match spelled.get(*chain).and_then(Option::as_ref) {
                Some(Spelled::New(text)) => text.clone(),
                Some(Spelled::Kept(range, rest)) => {
                    slice(&self.analysis.source.text, *range).to_owned() + rest
                }
                None => return Err(held("a name cannot be written here")),
            };
            return Ok(Some(if text.contains('.') { Shape::DOTTED } else { Shape::NAME }));
        }
        let Some(expr) = self.rewrite.after.expression() else { return Ok(Some(Shape::NAME)) };
        if let Expr::Name(name) = expr
            && let Some(NameUse::Meta(meta)) = self.rewrite.after.name_at(name.range.start())
            && let Some(Place::One(piece)) = self.captured(*meta)
        {
            let keeps = self.keeps_parentheses(piece, *meta);
            return Ok(Some(if keeps { Shape::PARENTHESISED } else { piece.shape }));
        }
        Ok(Some(Shape::of(expr)))
    }

    /// What a metavariable of the template stands for.
    fn captured(&self, meta: usize) -> Option<&'a Place> {
        let name = &self.rewrite.after.metas.get(meta)?.name;
        let first = self.rewrite.before.metas_named(name).next()?;
        self.context.place(first.range.start())
    }

    /// The parentheses around a piece are somebody's choice, not what its old place needed.
    fn keeps_parentheses(&self, piece: &Piece, meta: usize) -> bool {
        if piece.outer == piece.inner {
            return false;
        }
        let name = self.rewrite.after.metas.get(meta).map(|meta| meta.name.as_str());
        let old = name.and_then(|name| self.rewrite.before.metas_named(name).next());
        let was_needed = old.is_some_and(|old| old.slot.fit(piece.shape) != Fit::Bare);
        !was_needed || self.has_comment_between(piece)
    }

    fn has_comment_between(&self, piece: &Piece) -> bool {
        let before = TextRange::new(piece.outer.start(), piece.inner.start());
        let after = TextRange::new(piece.inner.end(), piece.outer.end());
        [before, after].iter().any(|range| !self.analysis.module.comments_in(*range).is_empty())
    }

    /// What stands between two items that stay where they are.
    fn stretch(
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
                let is_empty = next.is_some_and(|(row, _)| self.closes(row)) && !has_new;
                lead = Some(TextRange::new(code.start(), end)).filter(|_| !is_empty);
            }
            let is_close = next.is_some_and(|(row, _)| self.closes(row));
            let has_word = has_new || previous.is_some_and(|(_, column)| !self.opens_at(column));
            if is_close && has_word && (first_old < last_old || has_new) {
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
                // A pure insertion: `a + b` to `a + c + b`.
                trail = Some(code).filter(|_| next.is_some());
            }
        }
        let lead = lead.filter(|lead| self.may_break(*lead, next));
        let trail = trail.filter(|trail| self.may_break(*trail, next));
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
        let line = self.analysis.lines.position(self.site.start()).line;
        let line = self.analysis.lines.line_text(line);
        let indent: String = line.chars().take_while(|char| char.is_whitespace()).collect();
        let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
        space.replace("\r\n", "\n").replace('\n', &format!("{ending}{indent}"))
    }

    /// Writes one item of the template. `row` is the pattern's item whose code it keeps.
    fn item(
        &self,
        column: usize,
        row: Option<usize>,
        spelled: &[Option<Spelled>],
        parts: &mut Parts,
        written: &mut Written,
    ) -> Result<(), Held> {
        let Some(item) = self.template.get(column) else { return Ok(()) };
        let located = row.and_then(|row| self.located.get(row).copied().flatten());
        match &item.kind {
            ItemKind::Token { text, .. } => match located {
                Some(range) => parts.copy(range),
                None => parts.literal(text),
            },
            ItemKind::Name(NameUse::Meta(meta)) => {
                let Some(place) = self.captured(*meta) else {
                    return Err(held("a metavariable stands for nothing here"));
                };
                match place {
                    Place::One(piece) => self.piece(*meta, item, piece, parts, written)?,
                    Place::Many(many) => self.many(*meta, column, many, parts, written)?,
                }
            }
            ItemKind::Name(NameUse::Chain(chain)) => {
                match spelled.get(*chain).and_then(Option::as_ref) {
                    Some(Spelled::Kept(range, rest)) => {
                        parts.copy(*range);
                        parts.literal(rest);
                    }
                    Some(Spelled::New(text)) => parts.literal(text),
                    None => return Err(held("a name cannot be written here")),
                }
            }
            ItemKind::Name(NameUse::Builtin(name)) => match located {
                Some(range) => parts.copy(range),
                None => parts.literal(name),
            },
            ItemKind::Name(NameUse::Local(name)) => match located.or_else(|| self.local(name)) {
                Some(range) => parts.copy(range),
                None => return Err(held(&format!("`{name}` is not found here"))),
            },
            ItemKind::Name(NameUse::Instance(_)) => {
                return Err(held("an instance is not found here"));
            }
        }
        Ok(())
    }

    /// Where the code has a name that is matched as it is written.
    fn local(&self, name: &str) -> Option<TextRange> {
        let before = &self.rewrite.before;
        let (at, _) = before.names.iter().find(|(_, found)| match found {
            NameUse::Local(found) => found == name,
            NameUse::Instance(found) => {
                before.instances.get(*found).is_some_and(|found| found.name == name)
            }
            _ => false,
        })?;
        self.context.place(*at).and_then(extent)
    }

    /// Writes an expression that a metavariable stands for.
    fn piece(
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
    fn many(
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

    /// Whether arguments can stand in the list that the template has for them.
    fn arguments_fit(&self, variable: &Meta, many: &[Argument]) -> Result<(), Held> {
        let written = variable.written();
        let keywords: Vec<&Option<String>> =
            many.iter().filter_map(|argument| argument.keyword.as_ref()).collect();
        let path = self.rewrite.after.module.path_to(variable.range);
        let call = path.iter().rev().find_map(|node| match node {
            crate::syntax::ast::AnyNodeRef::Arguments(arguments) => Some(Some(*arguments)),
            crate::syntax::ast::AnyNodeRef::ExprName(_) => None,
            _ => Some(None),
        });
        let Some(Some(call)) = call else {
            if keywords.is_empty() {
                return Ok(());
            }
            return Err(held(&format!("`{written}` has keyword arguments, and is no call there")));
        };
        for keyword in &call.keywords {
            let Some(name) = &keyword.arg else { continue };
            for given in &keywords {
                let message = match given {
                    Some(given) if given == name.as_str() => {
                        format!("`{name}` would be given twice")
                    }
                    None => format!("`**` may give `{name}` a second time"),
                    Some(_) => continue,
                };
                return Err(Held { reason: Reason::Arguments, message });
            }
        }
        let is_before_positional = call.args.iter().any(|argument| {
            argument.start() > variable.range.start() && !argument.is_starred_expr()
        });
        if is_before_positional && !keywords.is_empty() {
            let message =
                format!("the keyword arguments of `{written}` would stand before a positional one");
            return Err(Held { reason: Reason::Arguments, message });
        }
        Ok(())
    }

    /// A comment that no piece keeps would be lost.
    fn keeps_comments(&self, parts: &[Part]) -> Result<(), Held> {
        if matches!(self.context.string, Some(InString::Plain | InString::Mixed)) {
            return Ok(());
        }
        let is_kept = |comment: &TextRange| {
            parts
                .iter()
                .any(|part| matches!(part, Part::Copy(copy) if copy.contains_range(*comment)))
        };
        let comments = self.analysis.module.comments_in(self.site);
        if comments.iter().all(is_kept) { Ok(()) } else { Err(held("its comments would be lost")) }
    }

    /// New text inside a string must not end it.
    fn fits_string(&self, parts: &[Part]) -> Result<(), Held> {
        let Some(string) = self.context.string else { return Ok(()) };
        let ends = |char: char| matches!(char, '"' | '\'' | '\\' | '\n' | '\r' | '#');
        let is_fit = parts.iter().all(|part| match part {
            Part::Literal(text) => {
                let is_brace = string == InString::Interpolation && text.contains(['{', '}']);
                !text.contains(ends) && !is_brace
            }
            Part::Copy(_) => true,
        });
        match (string, is_fit) {
            (InString::Mixed, _) => {
                Err(held("it is in a string of several parts, or with escapes"))
            }
            (_, false) => Err(held("what takes its place cannot stand in a string")),
            (_, true) => Ok(()),
        }
    }
}

fn opens(role: Role) -> bool {
    role == Role::Open
}

fn held(message: &str) -> Held {
    Held { reason: Reason::NotRewritableHere, message: message.to_owned() }
}
