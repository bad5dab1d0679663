//! TOML strings as a file writes them: values to literals, and places in values to places in
//! literals.
//!
//! The rules are those of the TOML specification, version 1.1, "String".

use std::fmt::Write as _;

/// The byte offset inside `raw`, a string as a TOML file has it with its quotes, of the byte
/// `offset` of its value. Past the end of the value it is the closing quote.
pub(crate) fn offset_in_literal(raw: &str, offset: usize) -> usize {
    let Some(delimiter) = ["'''", "\"\"\"", "'", "\""].into_iter().find(|d| raw.starts_with(d))
    else {
        return 0;
    };
    let mut at = delimiter.len();
    let close = raw.len().saturating_sub(delimiter.len()).max(at);
    if delimiter.len() == 3 {
        at += newline_len(rest(raw, at));
    }
    let has_escapes = delimiter.starts_with('"');
    let mut value = 0;
    while at < close {
        let (taken, given) = step(rest(raw, at), has_escapes);
        // An escape stands for all bytes of its value; a trimmed line end stands for none.
        if value + given > offset {
            break;
        }
        value += given;
        at += taken.max(1);
    }
    at.min(close)
}

/// How many bytes the first character or escape of `raw` takes, and how many it gives.
fn step(raw: &str, has_escapes: bool) -> (usize, usize) {
    let mut chars = raw.chars();
    let Some(first) = chars.next() else { return (1, 0) };
    if !has_escapes || first != '\\' {
        return (first.len_utf8(), first.len_utf8());
    }
    let hex = |digits: usize| {
        let code = raw.get(2..2 + digits).and_then(|text| u32::from_str_radix(text, 16).ok());
        (2 + digits, code.and_then(char::from_u32).map_or(0, char::len_utf8))
    };
    match chars.next() {
        Some('x') => hex(2),
        Some('u') => hex(4),
        Some('U') => hex(8),
        Some(' ' | '\t' | '\r' | '\n') => {
            let trimmed = rest(raw, 1).trim_start_matches([' ', '\t', '\r', '\n']);
            (raw.len() - trimmed.len(), 0)
        }
        _ => (2, 1),
    }
}

/// A string of TOML whose value is `text`, for a file whose lines end in `newline`.
///
/// Over several lines where `text` has several: literal (`'''`) where that can hold it, otherwise
/// basic (`"""`). A line end that is not the file's own is written as an escape, so that an
/// editor or a checkout that changes the file's line ends does not change the value unseen.
pub(crate) fn render(text: &str, newline: &str) -> String {
    // What the file's own line ends leave: here, every line end is foreign.
    let inner = text.replace(newline, "");
    let is_crlf = newline == "\r\n";
    if !text.contains('\n') || (is_crlf && inner.contains('\n')) {
        return one_line(text);
    }
    if !text.contains("'''") && !text.ends_with('\'') && !inner.chars().any(is_control) {
        return format!("'''{newline}{text}'''");
    }
    let mut literal = format!("\"\"\"{newline}");
    let mut quotes = 0;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        quotes = if char == '"' { quotes + 1 } else { 0 };
        match char {
            // Three would close the string, and so would one that meets the closing three.
            '"' if quotes < 3 && chars.peek().is_some() => literal.push('"'),
            '"' => {
                literal.push_str("\\\"");
                quotes = 0;
            }
            '\n' => literal.push('\n'),
            '\r' if is_crlf && chars.peek() == Some(&'\n') => literal.push('\r'),
            _ => escape(char, &mut literal),
        }
    }
    literal.push_str("\"\"\"");
    literal
}

/// A string of TOML on one line.
pub(crate) fn one_line(text: &str) -> String {
    if text.contains(['"', '\\']) && !text.contains('\'') && !text.chars().any(is_control) {
        return format!("'{text}'");
    }
    let mut literal = String::from("\"");
    for char in text.chars() {
        escape(char, &mut literal);
    }
    literal.push('"');
    literal
}

fn escape(char: char, out: &mut String) {
    match char {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        _ if is_control(char) => {
            // Writing to a string cannot fail.
            write!(out, "\\u{:04X}", u32::from(char)).unwrap_or_default();
        }
        _ => out.push(char),
    }
}

/// What no TOML string may hold as it is; a line end is, too, except over several lines.
fn is_control(char: char) -> bool {
    char != '\t' && char.is_ascii_control()
}

fn newline_len(text: &str) -> usize {
    ["\r\n", "\n"].into_iter().find(|end| text.starts_with(end)).map_or(0, str::len)
}

fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(raw: &str) -> String {
        let table: toml::Table = format!("x = {raw}").parse().unwrap();
        table["x"].as_str().unwrap().to_owned()
    }

    /// A string that ends at the place of `offset` has the value up to `offset`.
    fn is_place(raw: &str, offset: usize) -> bool {
        let value_of_all = value(raw);
        let place = offset_in_literal(raw, offset);
        let quote = if raw.starts_with('"') { "\"" } else { "'" };
        let delimiter =
            if raw.starts_with(&quote.repeat(3)) { quote.repeat(3) } else { quote.into() };
        let before = raw.get(..place).unwrap();
        value(&format!("{before}{delimiter}")) == value_of_all.get(..offset).unwrap()
    }

    #[test]
    fn places_are_found_behind_escapes_and_line_ends() {
        for (raw, offset, place) in [
            ("'abc'", 1, 2),
            ("\"abc\"", 3, 4),
            ("\"abc\"", 9, 4),
            ("'''\nabc'''", 0, 4),
            ("'''\r\na\r\nb'''", 3, 8),
            ("'''\n\na'''", 0, 4),
            (r#""\u00e9\x41\tb""#, 2, 7),
            (r#""\u00e9\x41\tb""#, 3, 11),
            (r#""\u00e9\x41\tb""#, 1, 1),
            ("\"\"\"\na \\\n   b\"\"\"", 2, 11),
            ("\"\"\"a\\  \r\n \n b\"\"\"", 1, 12),
            ("'a\\u0041'", 2, 3),
            ("''", 0, 1),
            ("\"\"", 0, 1),
            ("''''''", 0, 3),
        ] {
            assert_eq!(offset_in_literal(raw, offset), place, "{raw} {offset}");
        }
        assert_eq!(offset_in_literal("3", 4), 0);
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_read(text in "([a-z'\"\\\\ é\t\u{c}\u{1}\u{7f}]|'''|\"\"\"|\n|\r\n|\r){0,24}") {
            for newline in ["\n", "\r\n"] {
                prop_assert_eq!(&value(&render(&text, newline)), &text);
            }
            prop_assert_eq!(&value(&one_line(&text)), &text);
        }

        #[test]
        fn a_place_parts_the_string_where_its_value_is_parted(
            body in r#"([a-z 'é漢]|\\[tnr"\\e]|\\u00e9|\\U0001F600|\\x41|\\ *\n[ \n]*x|""?[a-z]|\n|\r\n){0,12}"#,
        ) {
            let raw = format!("\"\"\"{body}\"\"\"");
            let value = value(&raw);
            for offset in (0..=value.len()).filter(|at| value.is_char_boundary(*at)) {
                // What ends between the two characters of a line end is no TOML by itself.
                if value.as_bytes().get(offset.wrapping_sub(1)) == Some(&b'\r')
                    && value.as_bytes().get(offset) == Some(&b'\n')
                {
                    continue;
                }
                prop_assert!(is_place(&raw, offset), "{:?} {}", raw, offset);
            }
        }
    }
}
