//! Where an import goes: requests of one file to edits.

pub mod request;

pub use request::{Import, ImportPlan, ImportRequest, ModuleRef, Place, Removal, StatementRemoval};
