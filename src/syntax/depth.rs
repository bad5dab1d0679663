//! How deeply a source is nested, found before it is parsed.
//!
//! The parser descends recursively and has no limit of its own; a few hundred kilobytes of `-` or
//! `[` would overflow any stack. CPython refuses such sources too ("too many nested parentheses"
//! at 200, a memory error elsewhere), so nothing that runs is lost.

use ruff_python_ast::token::TokenKind;
use rustpython_parser::{Mode, lexer};

use crate::text::TextSize;

/// The most operators and brackets that may be open inside each other at one place.
pub const LIMIT: usize = 20_000;

/// Sources up to this size cannot be nested deeply enough to matter, and are not looked at.
const HARMLESS_BYTES: usize = LIMIT;

/// Where `source` goes past [`LIMIT`], if it does.
///
/// Counts, for every open bracket, the operators and keywords since its last comma: each can add
/// one level to the tree, none can add more.
pub fn exceeded_at(source: &str) -> Option<TextSize> {
    if source.len() <= HARMLESS_BYTES {
        return None;
    }
    let mut lexer = lexer::lex(source, Mode::Module);
    // Levels added before each open bracket, and inside the innermost one since its last comma.
    let mut outer: Vec<usize> = Vec::new();
    let mut outer_sum = 0_usize;
    let mut here = 0_usize;
    loop {
        let kind = lexer.next_token();
        match kind {
            TokenKind::EndOfFile => return None,
            TokenKind::Newline => {
                outer.clear();
                outer_sum = 0;
                here = 0;
            }
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                outer.push(here + 1);
                outer_sum += here + 1;
                here = 0;
            }
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => {
                // The call or subscript that just ended is one level of what follows: `f()()()`.
                let before = outer.pop().unwrap_or_default();
                outer_sum -= before;
                here = before;
            }
            TokenKind::Comma | TokenKind::Semi => here = 0,
            kind if kind.is_operator() || kind.is_keyword() => here += 1,
            _ => {}
        }
        if outer_sum + here > LIMIT {
            // The lexer keeps its position to itself; the caller reports the whole file.
            return Some(TextSize::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_sources_are_found_whatever_makes_them_deep() {
        for (open, close) in [
            ("(", ")"),
            ("-", ""),
            ("not ", ""),
            ("lambda: ", ""),
            ("a.", ""),
            ("1+", ""),
            ("f(", ")"),
        ] {
            let source = format!("x = {}1{}\n", open.repeat(LIMIT + 1), close.repeat(LIMIT + 1));
            assert!(exceeded_at(&source).is_some(), "{open}");
        }
        assert!(exceeded_at(&format!("x = f{}\n", "()".repeat(LIMIT + 1))).is_some());
    }

    #[test]
    fn long_sources_are_not_deep() {
        let table = format!("x = [{}]\n", "(1 + 2, -3), ".repeat(LIMIT));
        assert_eq!(exceeded_at(&table), None);
        let lines = "x = -(1 + 2) * f(3)\n".repeat(LIMIT);
        assert_eq!(exceeded_at(&lines), None);
    }
}
