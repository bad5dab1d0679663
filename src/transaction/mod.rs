//! A tier is applied or taken back, or it is not.
//!
//! The states are types, and each leads to the next or back to the tree as it was:
//!
//! ```text
//! Workbench --lock--> Locked --recover--> Ready --check--> Checked --write--> Written --finish--> Done
//!                                           ^                                    |
//!                                           `---------------- undo <-------------'
//! ```
//!
//! [`Checked`] has written nothing. From [`Written`] on a [`journal`] on the disk holds every old
//! content, so that the next start undoes what was interrupted, or finishes it where the commit
//! stands. The journal and the lock are in git's folder of the working tree (`.git/tiermod`; a
//! linked working tree has its own), and without git in `.codemod`.
//!
//! No clock, no terminal and no Python here; only [`import_list`] knows how an import looks. What
//! is not promised: durability on disks whose own sync does not wait, and the removal of git's own
//! lock on a reference where git itself was killed in the instant of moving it.

pub mod bytes;
pub mod interrupt;
pub mod error;
pub mod journal;
pub mod trailer;
pub mod workbench;
pub mod check;
pub mod uncommitted;
pub mod put_back;
pub mod write;
pub mod commit;
pub mod keep;
pub mod recover;
pub mod apply;
pub mod import_list;
pub mod history;
pub mod share;
pub mod rollback;
pub mod plan_file;

pub use apply::{Checks, NoChecks, Outcome, apply};
pub use check::{Checked, Finish, Request};
pub use commit::{Done, Written};
pub use error::{Failure, Problem, SetAside, TransactionError, TreeIs};
pub use history::{History, State};
pub use interrupt::Interrupt;
pub use journal::Kind;
pub use plan_file::{Input, PlanFile, PlanFileError, TierPlan};
pub use recover::{End, Recovery};
pub use rollback::{Knowledge, Rollback, RollbackError, rollback};
pub use trailer::{Message, Sites};
pub use uncommitted::Uncommitted;
pub use workbench::{Holder, Locked, Patience, Ready, Workbench};
