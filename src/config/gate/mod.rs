//! `[[gate]]` and `[[tier.gate]]`: what a tier must pass, as written and as checked.
//!
//! Runs nothing. A [`Gate`] made by [`Gate::new`] is complete: every duration, pattern and
//! expectation in it has been read, so that running it cannot fail for how it was written.

pub mod duration;
mod expect;
mod header;
mod resolve;
mod spec;
mod target;

pub use expect::{Expectation, ExpectationError};
pub use header::{HeaderError, HeaderValue};
pub use resolve::{Command, Gate, GateSpecError, HttpFigure, Kind, Request};
pub use spec::{GateSpec, InstancesSpec};
pub use target::{Target, TargetError};
