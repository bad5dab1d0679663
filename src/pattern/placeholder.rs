//! `$NAME`, `$_` and `$$$NAME`, which are no Python: each `$` becomes a `_`, so that offsets stay.

use std::ops::Range;

use crate::text::{TextRange, size};

/// A metavariable as it stands in a snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// With its dollar signs.
    pub(super) range: TextRange,
    /// Without them.
    pub(super) name: String,
    /// It has three of them.
    pub(super) is_spread: bool,
}

/// Text with its metavariables made names of Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replaced {
    pub(super) text: String,
    pub(super) found: Vec<Placeholder>,
}

/// Finds the metavariables of a snippet; strings and comments have none.
pub(super) fn replace(text: &str) -> Result<Replaced, (TextRange, String)> {
    let mut replaced = Replaced { text: text.to_owned(), found: Vec::new() };
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(char) = rest.chars().next()
    {
        at += match char {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' | '\'' => string_len(rest, char),
            '$' => {
                let placeholder = placeholder(rest, at)?;
                let range = crate::text::bytes(placeholder.range);
                let dollars = range.len() - placeholder.name.len();
                replaced
                    .text
                    .replace_range(range.start..range.start + dollars, &"_".repeat(dollars));
                replaced.found.push(placeholder);
                range.len()
            }
            other => other.len_utf8(),
        };
    }
    Ok(replaced)
}

fn placeholder(rest: &str, at: usize) -> Result<Placeholder, (TextRange, String)> {
    let dollars = rest.len() - rest.trim_start_matches('$').len();
    let name: String = rest
        .chars()
        .skip(dollars)
        .take_while(|char| *char == '_' || char.is_alphanumeric())
        .collect();
    let range = span(at..at + dollars + name.len());
    if dollars != 1 && dollars != 3 {
        return Err((range, "a metavariable starts with one `$`, or with three".to_owned()));
    }
    let is_name = name.starts_with(|char: char| char == '_' || char.is_ascii_uppercase())
        && name
            .chars()
            .all(|char| char == '_' || char.is_ascii_uppercase() || char.is_ascii_digit());
    if !is_name {
        let message = "a metavariable's name is capital letters, digits and `_`: `$NAME`, \
                       `$$$ARGS`, `$_`";
        return Err((range, message.to_owned()));
    }
    Ok(Placeholder { range, name, is_spread: dollars == 3 })
}

/// How long the string is with which `rest` starts.
fn string_len(rest: &str, quote: char) -> usize {
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let close = if rest.starts_with(&triple) { triple } else { quote.to_string() };
    let mut at = close.len();
    while let Some(inside) = rest.get(at..)
        && let Some(char) = inside.chars().next()
    {
        if inside.starts_with(&close) {
            return at + close.len();
        }
        at += match char {
            // An unfinished string: the parser will say so.
            '\n' if close.len() == 1 => return at,
            '\\' => 1 + inside.chars().nth(1).map_or(0, char::len_utf8),
            other => other.len_utf8(),
        };
    }
    rest.len()
}

fn span(range: Range<usize>) -> TextRange {
    TextRange::new(size(range.start), size(range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, String, bool)> {
        let replaced = replace(text).unwrap();
        assert_eq!(replaced.text.len(), text.len());
        replaced
            .found
            .into_iter()
            .map(|one| (crate::text::slice(text, one.range), one.name, one.is_spread))
            .collect()
    }

    #[test]
    fn metavariables_are_found_outside_strings_and_comments() {
        assert_eq!(
            found("f($A, $$$ARGS, $_)  # $B\n'$C' + \"\"\"\n$D\\\"\"\"\"$E1"),
            [
                ("$A", "A".to_owned(), false),
                ("$$$ARGS", "ARGS".to_owned(), true),
                ("$_", "_".to_owned(), false),
                ("$E1", "E1".to_owned(), false),
            ]
        );
        assert_eq!(replace("f($A, $$$ARGS)").unwrap().text, "f(_A, ___ARGS)");
        assert_eq!(found("'it\\'s $A' 'é$B' $C").len(), 1);
    }

    #[test]
    fn what_is_no_metavariable_is_an_error_in_its_place() {
        for (text, start, end) in
            [("f($name)", 2, 7), ("$$A", 0, 3), ("$", 0, 1), ("$1", 0, 2), ("a $$$$B", 2, 7)]
        {
            let (range, _) = replace(text).unwrap_err();
            assert_eq!(range, span(start..end), "{text}");
        }
    }
}
