//! Where a watch is seen: a table that is drawn over, or lines that stay.

use std::io::Write;

use rustix::termios::tcgetwinsize;

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
    /// As wide as the terminal, where it does not say.
    width: usize,
    drawn: usize,
}

impl<W: Write> Live<W> {
    /// Draws on `terminal`, which is as wide as standard error's and takes escape sequences; colours are for it to strip.
    pub fn new(terminal: W) -> Self {
        Self { terminal, width: 80, drawn: 0 }
    }

    fn width(&self) -> usize {
        tcgetwinsize(std::io::stderr())
            .ok()
            .map(|size| usize::from(size.ws_col))
            .filter(|columns| *columns > 0)
            .unwrap_or(self.width)
    }

    fn erase(&mut self) -> std::io::Result<()> {
        if self.drawn > 0 {
            write!(self.terminal, "\x1b[{}A\x1b[J", self.drawn)?;
            self.drawn = 0;
        }
        Ok(())
    }
}

impl<W: Write> Screen for Live<W> {
    fn refresh(&mut self, view: &View) {
        let table = view.table(self.width());
        let _closed = self
            .erase()
            .and_then(|()| self.terminal.write_all(table.as_bytes()))
            .and_then(|()| self.terminal.flush());
        self.drawn = table.lines().count();
    }

    fn say(&mut self, line: &str) {
        let _closed = self
            .erase()
            .and_then(|()| writeln!(self.terminal, "{line}"))
            .and_then(|()| self.terminal.flush());
    }
}
