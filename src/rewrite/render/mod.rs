//! A template and what its metavariables stand for, as the parts of a replacement.

mod fits;
mod gaps;
mod pieces;

use super::align::{self, extent};
use super::decide::{Enclosed, Part};
use super::parts::Parts;
use crate::matching::snippets::{Context, Piece, Place};
use crate::pattern::{Code, Item, ItemKind, Meta, NameUse, Rewrite};
use crate::project::Analysis;
use crate::site::Reason;
use crate::spelling::Held;
use crate::syntax::ast::Expr;
use crate::syntax::slot::{Fit, Shape};
use crate::text::{TextRange, slice};

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
}

fn held(message: &str) -> Held {
    Held { reason: Reason::NotRewritableHere, message: message.to_owned() }
}
