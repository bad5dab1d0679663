//! Gates on a schedule, after a release: figures kept, a table drawn, an alert where one keeps
//! failing.
//!
//! Takes nothing back itself: it calls whoever can. Nothing that a gate does ends the watch but
//! an alert, and no disk that is full does.

mod alert;
mod clock;
mod prometheus;
mod reading;
mod run;
mod screen;
mod spark;
mod view;

pub use alert::{Alert, alert_command};
pub use clock::{Clock, SystemClock};
pub use reading::Reading;
pub use run::{End, OnAlert, Outcome, Plan, World, watch};
pub use screen::{Colours, Lines, Live, Screen};
pub use view::{GateView, State, View};
