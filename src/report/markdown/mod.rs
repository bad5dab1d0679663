//! Text inside Markdown, and Markdown as text for a terminal or as HTML.

pub mod terminal;
pub mod html;

use super::visible;

/// `text` as plain text inside a table, a list or a heading: nothing in it is Markdown, HTML, a
/// mention of a person or a reference to an issue.
///
/// Code hosts look for mentions and references after they have decoded entities, so those get a
/// space without a width, which they stop at.
pub fn cell(text: &str) -> String {
    let mut escaped = String::new();
    let safe = visible::line(text);
    let mut chars = safe.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '@' | '#' => {
                escaped.push(char);
                escaped.push_str("&#8203;");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' => {
                escaped.push_str(&entity(char));
            }
            ':' if chars.peek() == Some(&'/') => escaped.push_str(&entity(char)),
            '\t' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// `text` as code, inside a table or anywhere else.
pub fn code(text: &str) -> String {
    let safe = visible::line(text).replace('\t', "    ");
    if safe.trim().is_empty() {
        return String::new();
    }
    // A table takes `|` for the end of a cell, in code as well, and what escapes it there escapes
    // nothing after a `\`.
    if safe.contains('|') {
        let escaped: String = safe
            .chars()
            .map(|char| if char.is_ascii_punctuation() { entity(char) } else { char.to_string() })
            .collect();
        return format!("<code>{escaped}</code>");
    }
    let longest = safe.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let padding = if longest > 0 { " " } else { "" };
    format!("{fence}{padding}{safe}{padding}{fence}")
}

/// A message that quotes code between backticks.
pub fn prose(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    // An odd backtick means that the quoted code holds some itself.
    if parts.len().is_multiple_of(2) {
        return cell(message);
    }
    let parts = parts.iter().enumerate();
    parts.map(|(at, part)| if at.is_multiple_of(2) { cell(part) } else { code(part) }).collect()
}

fn entity(char: char) -> String {
    format!("&#{};", u32::from(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(cell("WebSocket core (8)"), "WebSocket core (8)");
        assert_eq!(cell("a|b"), "a&#124;b");
        assert_eq!(cell("<img src=x>\n**b**"), "&#60;img src=x&#62;␊&#42;&#42;b&#42;&#42;");
        assert_eq!(cell("thanks @all, see #1"), "thanks @&#8203;all, see #&#8203;1");
        assert_eq!(cell("http://x"), "http&#58;//x");
    }

    #[test]
    fn code_cannot_end_its_span_or_its_cell() {
        assert_eq!(code("C()"), "`C()`");
        assert_eq!(code("a `b` ``c``"), "``` a `b` ``c`` ```");
        assert_eq!(code("a \\| b"), "<code>a &#92;&#124; b</code>");
        assert_eq!(code("  "), "");
    }

    #[test]
    fn messages_quote_code() {
        assert_eq!(prose("builds another `C_*`"), "builds another `C_*`");
        assert_eq!(prose("`a` or `b`"), "`a` or `b`");
        assert_eq!(prose("an odd ` one"), "an odd &#96; one");
    }
}
