//! Where a watch is seen: a table that is drawn over, or lines that stay.

use std::io::Write;

use rustix::termios::tcgetwinsize;
use unicode_width::UnicodeWidthStr;

use super::view::View;
use crate::gate::GateResult;

/// Shows a watch to people.
pub trait Screen {
    /// Something has changed, if only the time.
    fn refresh(&mut self, _view: &View) {}

    /// A gate has ended.
    fn ended(&mut self, _result: &GateResult) {}

    /// Something that should be read later too.
    fn say(&mut self, line: &str);
}

/// Lines that stay, for a pipe or a log: one for each gate of each round.
#[derive(Debug)]
pub struct Lines<W>(pub W);

impl<W: Write> Screen for Lines<W> {
    fn ended(&mut self, result: &GateResult) {
        // Nobody is left to be told where the reader has gone.
        let _closed = writeln!(self.0, "{result}");
    }

    fn say(&mut self, line: &str) {
        let _closed = writeln!(self.0, "{line}");
    }
}

/// A table on a terminal, drawn over itself.
#[derive(Debug)]
pub struct Live<W> {
    terminal: W,
    colours: Colours,
    /// How many columns each line took that was drawn last.
    drawn: Vec<usize>,
}

/// Whether a table has colours. It is drawn over itself in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// It has.
    Shown,
    /// It has none.
    LeftOut,
}

/// The size of a terminal that does not say.
const USUAL: (usize, usize) = (80, 24);

impl<W: Write> Live<W> {
    /// Draws on `terminal`, which is as large as standard error's and takes escape sequences.
    pub fn new(terminal: W, colours: Colours) -> Self {
        Self { terminal, colours, drawn: Vec::new() }
    }

    /// What takes away what was drawn last. A terminal that has become narrower shows a line as
    /// several.
    fn erase(&mut self, width: usize) -> String {
        let rows = |columns: &usize| columns.div_ceil(width.max(1)).max(1);
        let rows: usize = self.drawn.iter().map(rows).sum();
        self.drawn.clear();
        // The keys of a Ctrl-C may be shown where the cursor was.
        if rows > 0 { format!("\r\x1b[{rows}A\x1b[J") } else { String::new() }
    }

    fn draw(&mut self, view: &View, (width, height): (usize, usize)) -> std::io::Result<()> {
        // All at once, so that nothing flickers.
        let mut text = self.erase(width);
        let table = view.table(width);
        // The cursor does not reach what has been scrolled away, and stands below the table.
        let room = height.saturating_sub(1).max(1);
        let all = table.lines().count();
        let shown = if all > room { room - 1 } else { all };
        let more = format!("… and {} more", all - shown);
        let rest = (all > shown).then_some(more.as_str());
        for line in table.lines().take(shown).chain(rest) {
            let plain = anstream::adapter::strip_str(line).to_string();
            text.push_str(if self.colours == Colours::Shown { line } else { &plain });
            text.push('\n');
            self.drawn.push(plain.width());
        }
        self.terminal.write_all(text.as_bytes())?;
        self.terminal.flush()
    }
}

/// Columns and rows.
fn size() -> (usize, usize) {
    let Ok(size) = tcgetwinsize(std::io::stderr()) else { return USUAL };
    let or = |given: u16, usual| if given > 0 { usize::from(given) } else { usual };
    (or(size.ws_col, USUAL.0), or(size.ws_row, USUAL.1))
}

impl<W: Write> Screen for Live<W> {
    fn refresh(&mut self, view: &View) {
        // Nobody is left to be told where the terminal has gone.
        let _closed = self.draw(view, size());
    }

    fn say(&mut self, line: &str) {
        let erase = self.erase(size().0);
        let _closed = writeln!(self.terminal, "{erase}{line}").and_then(|()| self.terminal.flush());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::watch::view::GateView;

    /// What is drawn for so many gates on terminals of these sizes, one after the other.
    fn drawn(gates: usize, colours: Colours, sizes: &[(usize, usize)]) -> String {
        let view = View {
            tier: "web".to_owned(),
            round: 1,
            left: Duration::from_mins(1),
            alert_after: 3,
            gates: (0..gates).map(|n| GateView::new(&format!("a long name {n}"))).collect(),
        };
        let mut bytes = Vec::new();
        let mut live = Live::new(&mut bytes, colours);
        for &size in sizes {
            live.draw(&view, size).unwrap();
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_table_is_drawn_over_itself_without_colours_too() {
        for colours in [Colours::Shown, Colours::LeftOut] {
            let text = drawn(2, colours, &[(80, 24), (80, 24)]);
            assert_eq!(text.matches("\x1b[4A\x1b[J").count(), 1, "{text:?}");
            let styled = text.replace("\x1b[4A\x1b[J", "").contains('\x1b');
            assert_eq!(styled, colours == Colours::Shown, "{text:?}");
        }
    }

    #[test]
    fn lines_that_a_narrower_terminal_wraps_are_taken_away_whole() {
        // Three lines of the table have 40 columns and more, and become two rows each.
        let wide = drawn(3, Colours::LeftOut, &[(80, 24)]);
        let wraps = wide.lines().filter(|line| line.width() > 20).count();
        assert!(wraps > 0, "{wide}");
        let text = drawn(3, Colours::LeftOut, &[(80, 24), (20, 24)]);
        let rows: usize = wide.lines().map(|line| line.width().div_ceil(20).max(1)).sum();
        assert!(text.contains(&format!("\x1b[{rows}A\x1b[J")), "{rows}: {text:?}");
    }

    #[test]
    fn a_table_that_is_too_long_says_how_much_is_missing() {
        let text = drawn(30, Colours::LeftOut, &[(80, 10)]);
        assert_eq!(text.lines().count(), 9, "{text}");
        assert!(text.ends_with("… and 24 more\n"), "{text}");
    }
}
