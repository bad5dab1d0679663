//! Text that looks like a call: in strings, docstrings and comments.

use regex::Regex;

use crate::syntax::Module;
use crate::syntax::ast::token::TokenKind;
use crate::text::{Ranged, TextRange, TextSize, size, slice};

/// A place in a string or comment that mentions a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The name and the parenthesis.
    pub range: TextRange,
    /// The name.
    pub name: String,
    /// It is in a comment, not in a string.
    pub in_comment: bool,
}

/// Finds the mentions of calls of some names.
#[derive(Debug, Clone)]
pub struct Mentions {
    pattern: Option<Regex>,
}

impl Mentions {
    /// Looks for calls of `names`.
    pub fn new(names: &[String]) -> Self {
        if names.is_empty() {
            return Self { pattern: None };
        }
        let escaped: Vec<_> = names.iter().map(|name| regex::escape(name)).collect();
        let pattern = format!(r"\b({})[ \t]*\(", escaped.join("|"));
        Self { pattern: Regex::new(&pattern).ok() }
    }

    /// The mentions in a file, in source order.
    pub fn find(&self, module: &Module, text: &str) -> Vec<Mention> {
        let Some(pattern) = &self.pattern else { return Vec::new() };
        let mut found = Vec::new();
        for token in module.tokens() {
            let in_comment = match token.kind() {
                TokenKind::Comment => true,
                TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle => false,
                _ => continue,
            };
            for captures in pattern.captures_iter(slice(text, token.range())) {
                let (Some(whole), Some(name)) = (captures.get(0), captures.get(1)) else {
                    continue;
                };
                let start: TextSize = token.start() + size(whole.start());
                found.push(Mention {
                    range: TextRange::at(start, size(whole.len())),
                    name: name.as_str().to_owned(),
                    in_comment,
                });
            }
        }
        found
    }
}
