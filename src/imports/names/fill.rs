//! Lists of names whose lines are full.

use super::{Gap, Names};

impl Names {
    /// The same names with as many on each line as `fits`, the first line beginning with `head`.
    /// `None` where there are comments or no parentheses.
    pub(in crate::imports) fn filled(
        &self,
        head: &str,
        fits: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        if !self.is_parenthesised || self.has_comments() {
            return None;
        }
        let mut filled = self.clone();
        let (below, indent) = (self.line_break(), self.indent());
        let last = self.cells.len().checked_sub(1)?;
        let mut line = String::new();
        for (at, cell) in filled.cells.iter_mut().enumerate() {
            let comma = if cell.comma.is_some() { "," } else { "" };
            let closing = if at == last && !self.tail.is_below() { ")" } else { "" };
            let longer = format!("{line} {}{comma}", cell.name);
            if at > 0 && fits(&format!("{longer}{closing}")) {
                cell.before = Gap::Same(" ".to_owned());
                line = longer;
                continue;
            }
            if at > 0 {
                cell.before = below.clone();
            }
            let begins = if cell.before.is_below() { indent.as_str() } else { head };
            line = format!("{begins}{}{comma}", cell.name);
        }
        Some(filled)
    }
}
