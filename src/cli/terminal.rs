//! Standard output and standard error.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Global, When};
use crate::config::Look;
use crate::report::{Style, diff};

/// What is known of where output goes.
#[derive(Debug, Clone)]
pub struct Terminal {
    color: When,
    quiet: bool,
    verbose: bool,
    progress: bool,
}

/// The width of lines where the terminal does not say: of a pipe, a file.
const DEFAULT_WIDTH: usize = 100;

impl Terminal {
    /// Reads the options.
    pub fn new(global: &Global) -> Self {
        Self {
            color: global.color,
            quiet: global.quiet,
            verbose: global.verbose,
            progress: !global.no_progress
                && !global.quiet
                && io::stderr().is_terminal()
                && !is_dumb(),
        }
    }

    /// Everything is to be listed.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Progress is to be shown: somebody looks at standard error.
    pub fn has_progress(&self) -> bool {
        self.progress
    }

    /// How reports on standard output look.
    pub fn style(&self) -> Style {
        let color = self.has_color(io::stdout().is_terminal());
        Style { color, width: width(), verbose: self.verbose }
    }

    /// How messages on standard error look.
    pub fn look(&self) -> Look {
        if self.has_color(io::stderr().is_terminal()) { Look::Styled } else { Look::Plain }
    }

    fn has_color(&self, is_terminal: bool) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                is_terminal && !is_set("NO_COLOR") && !is_dumb()
            }
        }
    }

    /// Writes a result.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn print(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Writes a patch, in colour where that suits, through the user's pager.
    ///
    /// # Errors
    /// Standard output, or the pager, cannot be written.
    pub fn print_patch(&self, patch: &[u8]) -> io::Result<()> {
        if self.style().color { self.page(&diff::paint(patch)) } else { self.page(patch) }
    }

    /// Writes a result through the user's pager where standard output is a terminal.
    ///
    /// # Errors
    /// Standard output, or the pager, cannot be written.
    pub fn page(&self, bytes: &[u8]) -> io::Result<()> {
        let pager = pager();
        if !io::stdout().is_terminal() || pager.is_empty() || pager == "cat" {
            return self.print(bytes);
        }
        let mut command = Command::new("sh");
        command.arg("-c").arg(&pager).stdin(Stdio::piped());
        // As git: quit if it fits, keep colours, leave the text on the screen.
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", "FRX");
        }
        let Ok(mut child) = command.spawn() else { return self.print(bytes) };
        if let Some(mut input) = child.stdin.take() {
            match input.write_all(bytes) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
                _ => {}
            }
        }
        child.wait()?;
        Ok(())
    }

    /// Tells a person something that is not a result.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Tells a person something that must not be missed.
    pub fn complain(&self, text: &str) {
        // There is nobody to tell that nobody can be told.
        let mut error = io::stderr().lock();
        drop(writeln!(error, "{}", text.trim_end_matches('\n')));
    }

    /// Shows that something is going on, once it takes longer than a second.
    pub fn working(&self, on: &'static str) -> Working {
        let done = Arc::new(AtomicBool::new(false));
        if self.progress {
            let done = Arc::clone(&done);
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(1));
                if done.load(Ordering::Acquire) {
                    return;
                }
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                    bar.set_style(style);
                }
                bar.set_message(on);
                while !done.load(Ordering::Acquire) {
                    bar.tick();
                    std::thread::sleep(Duration::from_millis(100));
                }
                bar.finish_and_clear();
            });
        }
        Working { done }
    }
}

/// Something that is going on until this is dropped.
#[derive(Debug)]
pub struct Working {
    done: Arc<AtomicBool>,
}

impl Drop for Working {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Release);
    }
}

/// Whether the terminal takes no escape sequences.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let of_terminal = || {
        let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
        (size.ws_col > 0).then(|| usize::from(size.ws_col))
    };
    columns.or_else(of_terminal).unwrap_or(DEFAULT_WIDTH).clamp(40, 200)
}

/// The user's pager, as git finds it.
fn pager() -> String {
    let asked = Command::new("git").args(["var", "GIT_PAGER"]).stderr(Stdio::null()).output();
    match asked {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned()),
    }
}
