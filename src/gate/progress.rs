//! A progress line on a terminal; on request, all output above it.

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustix::termios::tcgetwinsize;

use super::result::GateResult;
use super::sink::{Progress, Sink};
use crate::config::gate::Gate;
use crate::process::{clean, cut};

/// Shows gates as they run, on standard error; shows no line where that is no terminal.
#[derive(Debug)]
pub struct ProgressLine {
    bar: ProgressBar,
    echo: bool,
    /// Output after the last line break.
    unfinished: Vec<u8>,
}

/// A line that does not end is shown in pieces of this length.
const LONGEST_LINE: usize = 16 * 1024;

impl ProgressLine {
    /// Shows one line, which says how long each gate has run and what it last printed.
    pub fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self { bar, echo: false, unfinished: Vec::new() }
    }

    /// Shows all output of the gates as well, as safe text.
    pub fn with_output() -> Self {
        Self { echo: true, ..Self::new() }
    }

    /// Without the line: only what else there is to show.
    #[must_use]
    pub fn without_line(self) -> Self {
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
        self
    }

    fn show(&mut self, bytes: &[u8]) {
        let text = clean(bytes);
        self.bar.suspend(|| {
            // Nobody is left to be told where standard error is closed.
            let _closed = writeln!(io::stderr(), "{text}");
        });
    }
}

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
        self.bar.set_message(gate.name.clone());
        self.bar.tick();
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
        // Not filled up to the edge: a `^C` that the terminal adds stays on the line.
        let room = columns().saturating_sub(BESIDE);
        self.bar.set_message(cut(&progress.to_string(), room));
        self.bar.tick();
    }

    fn finished(&mut self, _result: &GateResult) {
        let rest = std::mem::take(&mut self.unfinished);
        if !rest.is_empty() {
            self.show(&rest);
        }
        self.bar.finish_and_clear();
    }
}
