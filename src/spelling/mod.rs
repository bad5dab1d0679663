//! How a symbol is spelled at a site, and which imports that needs.
//!
//! Decided on finished scopes, by the order of preference in the documentation: a name that is
//! there, the module by which the old symbol came, the import that brought it, a new import, an
//! import in the function where a cycle forbids one in the module. Where to put an import inside
//! its scope is for `imports`; nothing is edited here.

pub mod available;
pub mod cycles;
pub mod reuse;
pub mod same_name;
pub mod sources;
pub mod blocks;
pub mod spell;
pub mod by_module;
pub mod in_place;
pub mod in_function;
pub mod exported;
pub mod guarded;
pub mod private;
pub mod modules;
pub mod planned;

use crate::imports::ImportRequest;
use crate::semantic::BindingId;
use crate::site::Reason;
use crate::text::TextRange;

pub use modules::WantedModule;
pub use planned::Planned;
pub use spell::{Anchor, Speller, Wanted};

/// How a symbol is written at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    /// The name, or the name of a module and an attribute of it.
    pub name: String,
    /// The imports that make it mean the symbol.
    pub requests: Vec<ImportRequest>,
    /// The statement `name = Old()` whose place the import takes.
    pub replaces_statement: Option<TextRange>,
    /// The reference by which the old symbol was reached is still there: `module.Old` became
    /// `module.name`.
    pub keeps_reference: bool,
    /// The binding of the file that the name uses, where it was there.
    pub uses: Option<BindingId>,
    /// Why it is written so, one step a line.
    pub why: Vec<String>,
}

/// Why a symbol cannot be written at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The reason.
    pub reason: Reason,
    /// What is in the way.
    pub message: String,
}
