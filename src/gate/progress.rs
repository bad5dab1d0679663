//! A progress line on a terminal; on request, all output above it.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use rustix::termios::tcgetwinsize;

use super::result::GateResult;
use super::sink::{Progress, Sink};
use crate::config::gate::Gate;
use crate::process::{clean, cut};

/// Shows gates as they run, on standard error; shows no line where that is no terminal.
#[derive(Debug)]
pub struct ProgressLine {
    has_line: bool,
    /// When the line that is there was drawn.
    drawn: Option<Instant>,
    /// How often it was drawn.
    turn: usize,
    echo: bool,
    /// Output after the last line break.
    unfinished: Vec<u8>,
}

/// A line that does not end is shown in pieces of this length.
const LONGEST_LINE: usize = 16 * 1024;

/// What turns while a gate runs.
const SPINNER: [char; 8] = ['⠁', '⠂', '⠄', '⡀', '⢀', '⠠', '⠐', '⠈'];

/// How long a line is left as it is.
const PAUSE: Duration = Duration::from_millis(100);

impl ProgressLine {
    /// Shows one line, which says how long each gate has run and what it last printed.
    pub fn new() -> Self {
        let has_line = io::stderr().is_terminal();
        Self { has_line, drawn: None, turn: 0, echo: false, unfinished: Vec::new() }
    }

    /// Shows all output of the gates as well, as safe text.
    pub fn with_output() -> Self {
        Self { echo: true, ..Self::new() }
    }

    /// Without the line: only what else there is to show.
    #[must_use]
    pub fn without_line(self) -> Self {
        Self { has_line: false, ..self }
    }

    /// Draws the line over itself. The cursor stays behind its text, so that the `^C` which a
    /// terminal shows is on the line too and goes with it.
    fn draw(&mut self, message: &str) {
        let is_recent = self.drawn.is_some_and(|drawn| drawn.elapsed() < PAUSE);
        if !self.has_line || is_recent {
            return;
        }
        let spinner = SPINNER.get(self.turn % SPINNER.len()).copied().unwrap_or_default();
        let message = cut(message, columns().saturating_sub(BESIDE));
        // Nobody is left to be told where standard error is closed.
        let _closed = write!(io::stderr(), "{CLEAR}{spinner} {message}");
        self.turn = self.turn.wrapping_add(1);
        self.drawn = Some(Instant::now());
    }

    fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let _closed = write!(io::stderr(), "{CLEAR}");
        }
    }

    fn show(&mut self, bytes: &[u8]) {
        let text = clean(bytes);
        self.clear();
        let _closed = writeln!(io::stderr(), "{text}");
    }
}

/// To the first column, and erase the line (ECMA-48: CR, EL).
const CLEAR: &str = "\r\x1b[2K";

/// What stands beside the message: the spinner, a blank, and `^C`.
const BESIDE: usize = 5;

/// How wide the terminal is.
fn columns() -> usize {
    let size = tcgetwinsize(io::stderr()).ok().map(|size| usize::from(size.ws_col));
    size.filter(|columns| *columns > 0).unwrap_or(80)
}

impl Default for ProgressLine {
    fn default() -> Self {
        Self::new()
    }
}

impl Sink for ProgressLine {
    fn started(&mut self, gate: &Gate) {
        self.draw(&gate.name);
    }

    fn output(&mut self, bytes: &[u8]) {
        if !self.echo {
            return;
        }
        self.unfinished.extend_from_slice(bytes);
        let end = self.unfinished.iter().rposition(|byte| *byte == b'\n');
        let end = end.or((self.unfinished.len() > LONGEST_LINE).then_some(self.unfinished.len()));
        if let Some(end) = end {
            let rest = self.unfinished.split_off((end + 1).min(self.unfinished.len()));
            let lines = std::mem::replace(&mut self.unfinished, rest);
            self.show(lines.strip_suffix(b"\n").unwrap_or(&lines));
        }
    }

    fn progress(&mut self, progress: &Progress<'_>) {
        self.draw(&progress.to_string());
    }

    fn finished(&mut self, _result: &GateResult) {
        let rest = std::mem::take(&mut self.unfinished);
        if !rest.is_empty() {
            self.show(&rest);
        }
        self.clear();
    }
}
