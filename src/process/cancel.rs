//! A wish to stop, shared by whoever can have it and whoever must heed it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// How soon a wish to stop is noticed.
const TICK: Duration = Duration::from_millis(20);

/// Set once, by a signal or a caller; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// One that no signal sets.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that Ctrl-C, a hang-up and a request to terminate set, in place of ending this
    /// process. Holds for the rest of the process's life.
    ///
    /// # Errors
    /// The system takes no handler for a signal.
    pub fn on_signals() -> io::Result<Self> {
        let cancel = Self::new();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&cancel.0))?;
        }
        Ok(cancel)
    }

    /// One that shares a flag with whoever sets it.
    pub fn sharing(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Asks everyone who heeds this to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Sleeps for `time`, or until cancelled; whether the whole time passed.
    pub fn sleep(&self, time: Duration) -> bool {
        let begun = Instant::now();
        loop {
            if self.is_cancelled() {
                return false;
            }
            let left = time.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(TICK));
        }
    }
}
