//! Time, as far as a watch needs it; tests bring their own.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::process::Cancel;

/// Tells the time and waits.
pub trait Clock {
    /// The time of day, for records.
    fn now(&self) -> Timestamp;

    /// How long the watch has been going on; does not jump with the time of day.
    fn elapsed(&self) -> Duration;

    /// Waits for `time`, or until cancelled; whether the whole time passed.
    fn sleep(&self, time: Duration, cancel: &Cancel) -> bool;
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// A clock whose watch begins now.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration, cancel: &Cancel) -> bool {
        cancel.sleep(time)
    }
}
