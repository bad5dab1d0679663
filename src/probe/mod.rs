//! Counts what a running Python command really builds: instances by place, memory, connections.
//!
//! Reads no source and installs nothing: a hook of its own is put before the command's Python
//! path for as long as the command runs. The hook never raises into the program, and what could
//! not be observed is said in the report, never counted as nothing.

mod compare;
mod counts;
mod hook;
mod memory;
mod redis;
mod report;
mod run;
mod session;

pub use compare::{Change, Comparison, compare};
pub use redis::{RedisUrl, RedisUrlError};
pub use report::{
    ClassReport, Exit, MemoryReport, Place, ProbeReport, ProbeReportError, RedisReport,
};
pub use run::{ProbeError, run};
pub use session::{Observed, Options, Session, Targets};
