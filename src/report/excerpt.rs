//! A source line cut to a width around a site.

use unicode_width::UnicodeWidthChar;

use super::visible;

/// How many columns a tab takes.
const TAB: &str = "    ";

/// A line in three parts, of which the middle one is the site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// What comes before; starts with `…` where something was cut off.
    pub before: String,
    /// The site, as far as it is on the line.
    pub site: String,
    /// What comes after; ends with `…` where something was cut off.
    pub after: String,
}

/// The part of `line` that fits into `width` columns and shows the site from the character
/// `start` to before the character `end`, counted from 1; without an end the site reaches beyond
/// the line. Indentation is left out.
pub fn excerpt(line: &str, start: u32, end: Option<u32>, width: usize) -> Excerpt {
    let chars: Vec<char> = visible::line(line).chars().collect();
    let start = at(start).min(chars.len());
    let end = end.map_or(chars.len(), at).clamp(start, chars.len());
    let indent = chars.iter().take(start).take_while(|char| char.is_whitespace()).count();
    let mut parts = Excerpt {
        before: text(chars.get(indent..start)),
        site: text(chars.get(start..end)),
        after: text(chars.get(end..)).trim_end().to_owned(),
    };
    let room = width.saturating_sub(columns(&parts.site));
    if columns(&parts.before) + columns(&parts.after) > room {
        // A third of the room stays for what follows, if there is so much.
        let for_after = columns(&parts.after).min(room / 3);
        parts.before = keep_end(&parts.before, room - for_after);
        parts.after = keep_start(&parts.after, room.saturating_sub(columns(&parts.before)));
    }
    parts.site = keep_start(&parts.site, width);
    parts
}

impl Excerpt {
    /// The whole, as plain text.
    pub fn text(&self) -> String {
        format!("{}{}{}", self.before, self.site, self.after)
    }
}

/// How many columns a text takes on a terminal.
pub fn columns(text: &str) -> usize {
    text.chars().map(|char| char.width().unwrap_or(0)).sum()
}

/// A count from 1 as an index.
fn at(column: u32) -> usize {
    usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX)
}

fn text(chars: Option<&[char]>) -> String {
    let text: String = chars.unwrap_or_default().iter().collect();
    text.replace('\t', TAB)
}

fn keep_start(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut kept = fitting(text.chars(), width);
    kept.push('…');
    kept.into_iter().collect()
}

fn keep_end(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut kept = fitting(text.chars().rev(), width);
    kept.push('…');
    kept.into_iter().rev().collect()
}

/// The first characters that leave a column of `width` for the mark.
fn fitting(chars: impl Iterator<Item = char>, width: usize) -> Vec<char> {
    let mut used = 0;
    chars
        .take_while(|char| {
            used += char.width().unwrap_or(0);
            used < width
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, start: u32, end: Option<u32>, width: usize) -> String {
        let parts = excerpt(line, start, end, width);
        format!("{}[{}]{}", parts.before, parts.site, parts.after)
    }

    #[test]
    fn what_fits_is_shown_whole_without_its_indentation() {
        assert_eq!(shown("    é = C()  # why", 9, Some(12), 80), "é = [C()]  # why");
        assert_eq!(shown("C(", 1, None, 80), "[C(]");
        assert_eq!(shown("\tif\tx: C()\t", 8, Some(11), 80), "if    x: [C()]");
    }

    #[test]
    fn what_does_not_fit_is_cut_around_the_site() {
        let line = "first = second = third = C()  # and a remark that goes on";
        assert_eq!(shown(line, 26, Some(29), 24), "…nd = third = [C()]  # an…");
        assert_eq!(shown(line, 26, Some(29), 3), "…[C()]…");
        assert_eq!(shown("call(one, two, three)", 1, None, 10), "[call(one,…]");
        assert_eq!(columns(&excerpt(line, 26, Some(29), 24).text()), 24);
    }

    #[test]
    fn columns_past_the_line_are_its_end() {
        assert_eq!(shown("C()", 9, Some(4), 80), "C()[]");
        assert_eq!(shown("", 1, Some(1), 80), "[]");
        assert_eq!(shown("日本 = C()", 6, Some(9), 8), "… = [C()]");
    }
}
