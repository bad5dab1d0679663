//! A pattern or template as a row of items: the words that are there, and what varies.

use std::collections::BTreeMap;

use crate::syntax::Module;
use crate::syntax::ast::token::TokenKind;
use crate::syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use crate::syntax::ast::{self, AnyNodeRef};
use crate::text::{Ranged, TextRange, TextSize, slice};

use super::names::{Chain, NameUse};

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Where it is in the snippet.
    pub range: TextRange,
    /// How many brackets of the snippet are open around it.
    pub depth: usize,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// A word or sign of Python.
    Token {
        /// As written.
        text: String,
        /// What it does in its list or brackets.
        role: Role,
    },
    /// A name that is not a word of its own: see [`NameUse`].
    Name(NameUse),
}

/// What a word does in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    None,
    /// An opening bracket.
    Open,
    /// A comma.
    Comma,
    /// A closing bracket.
    Close {
        /// A comma may stand before it, if something else does, and changes nothing.
        takes_comma: bool,
    },
    /// A string, number or the like, which may be written in several ways.
    Literal,
    /// A name that is no expression: an attribute, or the name of a keyword argument.
    Word,
}

/// The items of the pattern at `range`.
pub(super) fn items(
    text: &str,
    module: &Module,
    range: TextRange,
    names: &BTreeMap<TextSize, NameUse>,
    chains: &[Chain],
) -> Vec<Item> {
    let mut lists = Lists::default();
    AnyNodeRef::from(module.root()).visit_source_order(&mut lists);
    let mut items: Vec<Item> = Vec::new();
    let mut depth = 0_usize;
    let mut taken = range.start();
    for token in module.tokens_in(range) {
        let kind = token.kind();
        if kind.is_trivia() || kind == TokenKind::Newline || token.start() < taken {
            continue;
        }
        let mut item_range = token.range();
        let is_close = matches!(kind, TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace);
        let is_open = matches!(kind, TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace);
        depth = depth.saturating_sub(usize::from(is_close));
        let name = names.get(&token.start()).filter(|_| kind == TokenKind::Name);
        let item_kind = if let Some(name) = name {
            if let NameUse::Chain(chain) = name
                && let Some(chain) = chains.get(*chain)
            {
                item_range = chain.range;
            }
            ItemKind::Name(name.clone())
        } else {
            let role = if is_open {
                Role::Open
            } else if is_close {
                Role::Close { takes_comma: lists.closed.contains(&token.end()) }
            } else if kind == TokenKind::Comma {
                Role::Comma
            } else if is_literal(kind) {
                Role::Literal
            } else if kind == TokenKind::Name {
                Role::Word
            } else {
                Role::None
            };
            ItemKind::Token { text: slice(text, item_range).to_owned(), role }
        };
        taken = item_range.end();
        items.push(Item { kind: item_kind, range: item_range, depth });
        depth += usize::from(is_open);
    }
    items
}

/// Whether a word's value may be written in several ways.
pub(crate) fn is_literal(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::String
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::FStringStart
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd
            | TokenKind::TStringStart
            | TokenKind::TStringMiddle
            | TokenKind::TStringEnd
    )
}

/// Where lists end that may end in a comma.
#[derive(Default)]
struct Lists {
    closed: Vec<TextSize>,
}

impl<'a> SourceOrderVisitor<'a> for Lists {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        let takes_comma = match node {
            AnyNodeRef::Arguments(arguments) => {
                let is_bare = |expr: &ast::Expr| {
                    expr.as_generator_expr().is_some_and(|generator| !generator.parenthesized)
                };
                !arguments.is_empty() && !arguments.args.iter().any(is_bare)
            }
            AnyNodeRef::ExprList(list) => !list.elts.is_empty(),
            AnyNodeRef::ExprSet(_) => true,
            AnyNodeRef::ExprDict(dict) => !dict.items.is_empty(),
            AnyNodeRef::ExprTuple(tuple) => tuple.parenthesized && tuple.elts.len() > 1,
            AnyNodeRef::ExprSubscript(subscript) => {
                subscript.slice.as_tuple_expr().is_some_and(|tuple| tuple.elts.len() > 1)
            }
            _ => false,
        };
        if takes_comma {
            self.closed.push(node.end());
        }
        TraversalSignal::Traverse
    }
}
