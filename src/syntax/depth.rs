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

/// Where `source` goes past [`LIMIT`], if it does.
pub fn exceeded_at(source: &str) -> Option<TextSize> {
    // Lexing a source costs a good part of parsing it, and almost none can be that deep.
    if source.len() < LIMIT || most_levels(source) <= LIMIT || !passes(source, LIMIT) {
        return None;
    }
    // The lexer keeps its position to itself; the caller reports the whole file.
    Some(TextSize::default())
}

/// No fewer than the levels that the tokens of `source` can add, told from its bytes alone.
///
/// Every token that adds a level begins with a punctuation byte or is a keyword. A keyword ends
/// the word that it is in, so a word holds at most one, though not always at its start: `1if x`.
/// Bytes outside ASCII part words, as the lexer may find that they are in no identifier.
fn most_levels(source: &str) -> usize {
    let bytes = source.as_bytes();
    let after_first = bytes.get(1..).unwrap_or_default();
    // In blocks whose counts fit a byte, so that registers count many bytes at a time.
    let blocks = bytes.chunks(BLOCK).zip(after_first.chunks(BLOCK));
    let counts = blocks.map(|(before, block)| {
        let begin = before.iter().zip(block).map(|(&before, &byte)| may_begin(before, byte));
        begin.fold(0_u8, |count, begins| count.wrapping_add(u8::from(begins)))
    });
    // The first byte, which none is before, may begin a token as well.
    1 + counts.map(usize::from).sum::<usize>()
}

/// How many bytes are counted at once: what a byte can count, and a multiple of what registers hold.
const BLOCK: usize = 192;

/// Whether a token that adds a level may begin with `byte`, which follows `before`.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "with branches, bytes would be looked at one after the other"
)]
fn may_begin(before: u8, byte: u8) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'_');
    byte.is_ascii_punctuation() & (byte != b'_') | is_word(byte) & !is_word(before)
}

/// Whether more than `limit` levels are open at one place of `source`.
///
/// Counts, for every open bracket, the operators and keywords since its last comma: each can add
/// one level to the tree, none can add more.
fn passes(source: &str, limit: usize) -> bool {
    let mut lexer = lexer::lex(source, Mode::Module);
    // Levels added before each open bracket, and inside the innermost one since its last comma.
    let mut outer: Vec<usize> = Vec::new();
    let mut outer_sum = 0_usize;
    let mut here = 0_usize;
    loop {
        let kind = lexer.next_token();
        match kind {
            TokenKind::EndOfFile => return false,
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
        if outer_sum + here > limit {
            return true;
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
            assert!(!passes(&source, most_levels(&source)), "{open}");
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

    #[test]
    fn no_token_that_adds_a_level_is_missed_in_the_bytes() {
        for source in [
            "1if 1else 0x1for 0b12if 0o78if 1_if 1.5if .5if 1e+5if 1jif",
            "\u{20ac}if \u{e9}if if\u{20ac}if \u{663}if",
            "f'{x!r:>{w}if}'f\"\"if''if t'{f'{f'{1if 1else 2}'}'}'",
            "if\\\nif\x0cif\0if\u{a0}if\u{feff}if",
            "not(not[not{not",
            "a.b.c->d:=e**f//g...h<>i!=j",
            "_if if_ 0xif 0bif 1__2if 00if 0_if 1eif 1e_if",
        ] {
            for repeats in 1..4 {
                let source = source.repeat(repeats);
                assert!(!passes(&source, most_levels(&source)), "{source}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_bytes_bound_what_the_lexer_counts(
            pieces in proptest::collection::vec(
                proptest::prop_oneof![
                    "[0-9a-fjox_.]{1,4}",
                    r"[\-+*/()\[\]{}<>=!:.,;#@~^&|%$?`\\]",
                    r#"(f|t|rb|)('|"|'{3})"#,
                    "if|not|lambda|and|or|in|is|await|match|type|case|None|x",
                    r"[ \t\n\r\x0c]",
                    r"\PC",
                ],
                0..40,
            )
        ) {
            let source = pieces.concat();
            proptest::prop_assert!(!passes(&source, most_levels(&source)));
        }
    }
}
