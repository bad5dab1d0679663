//! Which words of a template are words of the code, so that they stay where they are.
//!
//! The words of a pattern are found in the code that it matched, and then in the template, in
//! their order. What stands between two words that are neighbours in all three (white space,
//! comments, the comma after a last argument) is the code's to keep.

use crate::matching::snippets::{CodeToken, Context, Place};
use crate::pattern::{Code, Item, ItemKind, NameUse, Role};
use crate::syntax::ast::token::TokenKind;
use crate::text::{TextRange, TextSize, slice};

/// The items of a snippet without the metavariables that stand for no argument at all.
pub(super) fn without_empty(code: &Code, is_empty: &dyn Fn(&str) -> bool) -> Vec<Item> {
    let mut items: Vec<Item> = code.items.clone();
    let is_gone = |item: &Item| {
        matches!(&item.kind, ItemKind::Name(NameUse::Meta(meta))
            if code.metas.get(*meta).is_some_and(|meta| meta.is_spread && is_empty(&meta.name)))
    };
    let is_comma = |item: &Item| matches!(item.kind, ItemKind::Token { role: Role::Comma, .. });
    while let Some(at) = items.iter().position(is_gone) {
        let gone = items.remove(at);
        let before = at.checked_sub(1);
        if items.get(at).is_some_and(|next| is_comma(next) && next.depth == gone.depth) {
            items.remove(at);
        } else if let Some(before) = before
            && items.get(before).is_some_and(is_comma)
        {
            items.remove(before);
        }
    }
    items
}

/// Where the code has the items of a pattern; `None` where that cannot be told.
pub(super) fn locate(text: &str, items: &[Item], context: &Context) -> Vec<Option<TextRange>> {
    let mut at = 0;
    let mut located = Vec::new();
    for item in items {
        let range = match &item.kind {
            ItemKind::Name(_) => context.place(item.range.start()).and_then(extent),
            ItemKind::Token { text: word, role } => {
                token(text, &context.tokens, at, word, *role).map(|token| token.range)
            }
        };
        if let Some(range) = range {
            let next = context.tokens.partition_point(|token| token.range.start() < range.end());
            at = at.max(next);
        }
        located.push(range);
    }
    located
}

/// All that stands for a name of the pattern.
pub(super) fn extent(place: &Place) -> Option<TextRange> {
    match place {
        Place::One(piece) => Some(piece.outer),
        Place::Many(arguments) => {
            Some(TextRange::new(arguments.first()?.range.start(), arguments.last()?.range.end()))
        }
    }
}

/// The next word of the code that is `word`; only brackets and commas that the pattern has not
/// are passed over.
fn token(
    text: &str,
    tokens: &[CodeToken],
    from: usize,
    word: &str,
    role: Role,
) -> Option<CodeToken> {
    for token in tokens.get(from..)? {
        let written = slice(text, token.range);
        let is_same = match role {
            Role::Literal => matches!(
                token.kind,
                TokenKind::String
                    | TokenKind::Int
                    | TokenKind::Float
                    | TokenKind::Complex
                    | TokenKind::FStringStart
                    | TokenKind::FStringMiddle
                    | TokenKind::FStringEnd
            ),
            _ => written == word,
        };
        if is_same {
            return Some(*token);
        }
        let is_extra = matches!(token.kind, TokenKind::Comma | TokenKind::Lpar | TokenKind::Rpar);
        if !is_extra {
            return None;
        }
    }
    None
}

/// Pairs of a pattern's and a template's items that are the same, both in order.
///
/// `is_same` says of a pattern's and a template's item whether the code for the one can stand for
/// the other.
pub(super) fn pairs(
    pattern: &[Item],
    template: &[Item],
    is_same: &dyn Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let (rows, columns) = (pattern.len(), template.len());
    let width = columns + 1;
    let at = |row: usize, column: usize| row * width + column;
    // The most that can be had from the items from `row` and `column` on, and the same if these
    // two are a pair; none is no pair.
    let mut best = vec![0_u32; (rows + 1) * width];
    let mut paired = vec![None::<u32>; (rows + 1) * width];
    let get = |table: &[u32], index: usize| table.get(index).copied().unwrap_or_default();
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let after = at(row + 1, column + 1);
            if is_same(row, column)
                && let Some(item) = template.get(column)
            {
                let alone = get(&best, after);
                // Neighbours belong together.
                let together = paired.get(after).copied().flatten().map(|score| score + 3);
                let score = weight(item) + alone.max(together.unwrap_or_default());
                if let Some(slot) = paired.get_mut(at(row, column)) {
                    *slot = Some(score);
                }
            }
            let score = get(&best, at(row + 1, column))
                .max(get(&best, at(row, column + 1)))
                .max(paired.get(at(row, column)).copied().flatten().unwrap_or_default());
            if let Some(slot) = best.get_mut(at(row, column)) {
                *slot = score;
            }
        }
    }
    let mut found = Vec::new();
    let (mut row, mut column) = (0, 0);
    let mut wants_pair = false;
    while row < rows && column < columns {
        let here = get(&best, at(row, column));
        let pair = paired.get(at(row, column)).copied().flatten();
        if let Some(score) = pair
            && (wants_pair || score == here)
        {
            found.push((row, column));
            let after = at(row + 1, column + 1);
            let together = paired.get(after).copied().flatten().map(|score| score + 3);
            wants_pair = together.is_some_and(|together| together > get(&best, after));
            row += 1;
            column += 1;
        } else if get(&best, at(row + 1, column)) == here {
            row += 1;
        } else {
            column += 1;
        }
    }
    close_what_is_open(pattern, template, is_same, &mut found);
    found
}

/// Brackets belong together: where an opening one is a pair, its closing one is, and no other.
fn close_what_is_open(
    pattern: &[Item],
    template: &[Item],
    is_same: &dyn Fn(usize, usize) -> bool,
    pairs: &mut Vec<(usize, usize)>,
) {
    pairs.retain(|&(row, column)| {
        !pattern.get(row).is_some_and(is_close) && !template.get(column).is_some_and(is_close)
    });
    for (row, column) in pairs.clone() {
        let is_open = |item: &Item| matches!(item.kind, ItemKind::Token { role: Role::Open, .. });
        if !pattern.get(row).is_some_and(is_open) {
            continue;
        }
        let (Some(row), Some(column)) = (closing(pattern, row), closing(template, column)) else {
            continue;
        };
        let at = pairs.partition_point(|(_, other)| *other < column);
        let follows = at.checked_sub(1).and_then(|at| pairs.get(at)).is_none_or(|it| it.0 < row);
        let precedes = pairs.get(at).is_none_or(|it| it.0 > row);
        if follows && precedes && is_same(row, column) {
            pairs.insert(at, (row, column));
        }
    }
}

fn is_close(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Token { role: Role::Close { .. }, .. })
}

/// The bracket that closes the one at `open`.
fn closing(items: &[Item], open: usize) -> Option<usize> {
    let depth = items.get(open)?.depth;
    let after = items.iter().enumerate().skip(open + 1);
    after.filter(|(_, item)| is_close(item)).find(|(_, item)| item.depth == depth).map(|(at, _)| at)
}

/// How much it is worth that an item stays where it is.
fn weight(item: &Item) -> u32 {
    match &item.kind {
        ItemKind::Name(NameUse::Meta(_)) => 100,
        ItemKind::Name(_) => 60,
        ItemKind::Token { .. } => 10,
    }
}

/// The words of the code between two places.
pub(super) fn between(tokens: &[CodeToken], start: TextSize, end: TextSize) -> &[CodeToken] {
    let first = tokens.partition_point(|token| token.range.start() < start);
    let last = tokens.partition_point(|token| token.range.end() <= end);
    tokens.get(first..last).unwrap_or_default()
}
