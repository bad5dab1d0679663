//! Commands in sessions of their own, with a limit on time and none on output.
//!
//! Judges nothing: it says how a command ended and hands its output on as it comes. When
//! [`run`] returns, nothing of the command's process group is left running, and no memory holds
//! its output but what the listener kept.

mod cancel;
mod cut;
mod run;
mod tail;

pub use cancel::Cancel;
pub use cut::cut;
pub use run::{Ended, Finished, Job, Listener, run};
pub use tail::{Tail, clean};
