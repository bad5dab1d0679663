//! Text that may hold anything, made safe to show.
//!
//! A source file may hold escape sequences that recolour, retitle or rewrite a terminal, and
//! characters that reorder what is read ("Trojan Source", CVE-2021-42574). Each such character is
//! replaced by one that can be seen. Invariant: one character for one character, so that columns
//! stay true.

/// `text` on one line: every character that acts on a reader's screen is replaced by a picture of
/// it. Tabs stay, as they only move to the right.
pub fn line(text: &str) -> String {
    text.chars().map(|char| if char == '\t' { char } else { picture(char) }).collect()
}

/// Like [`line()`], with line breaks kept and every line after the first one indented, so that none
/// looks like a line of the report's own.
pub fn lines(text: &str, indent: &str) -> String {
    let safe: Vec<String> = text.lines().map(line).collect();
    safe.join(&format!("\n{indent}"))
}

/// What is shown in the place of a character.
fn picture(char: char) -> char {
    match char {
        // The block "Control Pictures" has one for each control character of ASCII.
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(char)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        // C1 controls; U+009B starts an escape sequence.
        '\u{80}'..='\u{9f}'
        // Line and paragraph separators.
        | '\u{2028}' | '\u{2029}'
        // Marks, embeddings, overrides and isolates of the bidirectional algorithm.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Characters without a width, which hide that two names differ.
        | '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        // Tags, invisible copies of ASCII.
        | '\u{e0000}'..='\u{e007f}'
        // What XML 1.0 cannot hold.
        | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_is_left() {
        let hostile = "a\x1b[31mb\x07\r\n\0\u{9b}c\u{202e}d\x7f\u{200b}\te";
        let safe = line(hostile);
        assert_eq!(safe, "a␛[31mb␇␍␊␀\u{fffd}c\u{fffd}d␡\u{fffd}\te");
        assert_eq!(safe.chars().count(), hostile.chars().count());
        assert!(safe.chars().all(|char| char == '\t' || !char.is_control()));
    }

    #[test]
    fn every_control_character_has_a_picture() {
        for code in (0..=0xffu32).filter(|code| *code != 9) {
            let char = char::from_u32(code).unwrap();
            assert!(!line(&char.to_string()).contains(char::is_control), "{code:#x}");
        }
    }

    #[test]
    fn a_second_line_cannot_pass_for_a_line_of_the_report() {
        assert_eq!(
            lines("one\nerror: two\x1b\r\nthree", "    "),
            "one\n    error: two␛\n    three"
        );
        assert_eq!(line("café — 日本"), "café — 日本");
    }
}
