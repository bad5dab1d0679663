//! Text that looks like a call: in strings, docstrings and comments.

use memchr::memmem::Finder;
use regex::Regex;

use crate::syntax::Module;
use crate::syntax::ast::token::{Token, TokenKind};
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
    names: Vec<Finder<'static>>,
    pattern: Option<Regex>,
}

impl Mentions {
    /// Looks for calls of `names`.
    pub fn new(names: &[String]) -> Self {
        if names.is_empty() {
            return Self { names: Vec::new(), pattern: None };
        }
        let escaped: Vec<_> = names.iter().map(|name| regex::escape(name)).collect();
        let pattern = format!(r"\b({})[ \t]*\(", escaped.join("|"));
        let finders = names.iter().map(|name| Finder::new(name).into_owned());
        Self { names: finders.collect(), pattern: Regex::new(&pattern).ok() }
    }

    /// The mentions in a file, in source order.
    pub fn find(&self, module: &Module, text: &str) -> Vec<Mention> {
        let Some(pattern) = &self.pattern else { return Vec::new() };
        let mut found = Vec::new();
        for token in self.tokens(module, text) {
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

    /// The tokens in which a name begins, in source order: few of the many that a file has.
    fn tokens<'m>(&self, module: &'m Module, text: &str) -> Vec<&'m Token> {
        let tokens = module.tokens();
        let places = self.names.iter().flat_map(|name| name.find_iter(text.as_bytes()));
        let mut holding: Vec<usize> = places
            .filter_map(|place| {
                let place = size(place);
                tokens.partition_point(|token| token.start() <= place).checked_sub(1)
            })
            .collect();
        holding.sort_unstable();
        holding.dedup();
        holding.into_iter().filter_map(|token| tokens.get(token)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_in_whatever_text_they_stand_and_nowhere_else() {
        let text = "\
C()  # C() and C ()\n\
x = 'C()' f'C(){C()}D()' \"\"\"\nC() Cx() xC()\n\"\"\"  # D\n\
#C()";
        let module = Module::parse(text).unwrap();
        let names = ["C".to_owned(), "D".to_owned()];
        let found = Mentions::new(&names).find(&module, text);
        let starts: Vec<usize> = found.iter().map(|found| found.range.start().into()).collect();
        let comments = found.iter().filter(|found| found.in_comment).count();
        let expected = ["C() and", "C ()", "C()' f", "C(){", "D()'", "C() Cx", "C()"];
        let last = text.len() - "C()".len();
        let places = expected.iter().map(|part| text.find(part).unwrap());
        let places: Vec<usize> = places.take(expected.len() - 1).chain([last]).collect();
        assert_eq!(starts, places);
        assert_eq!(comments, 3);
    }
}
