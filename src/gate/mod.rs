//! Gates: commands that must succeed, and figures that must keep to an expectation.
//!
//! Changes nothing of the project and decides nothing about tiers: it runs what it is given and
//! says what came of it. No gate can hang it, fill its memory, or put a secret into a result.

mod ask;
mod baseline;
mod execute;
mod figure;
mod judge;
mod junit;
mod progress;
mod result;
mod run;
mod sink;
mod store;

pub use baseline::{Baseline, Baselines};
pub use progress::ProgressLine;
pub use result::{GateResult, Status};
pub use run::{OnFailure, Purpose, Setting, run, run_all};
pub use sink::{Progress, Silent, Sink};
pub use store::{Kept, Results, Store, StoreError};
