//! Scopes, bindings and references of one file, as CPython has them.
//!
//! [`Names::new`] reads a module once and answers questions afterwards; nothing is asked of an
//! unfinished scope. It knows one file: what an import leads to is for a later stage.
//!
//! The rules are those of the Python reference, section 4.2 "Naming and binding", of PEP 572,
//! PEP 649 and PEP 695, and of CPython's `Python/symtable.c`, with which the scopes and the kinds
//! of all names are compared over whole libraries (`tests/corpus/symtable`).

pub mod name;
pub mod binding;
pub mod reference;
pub mod scope;
pub mod exports;
pub mod query;
mod flow;
mod build;

pub use binding::{Binding, BindingId, BindingKind, BindingList};
pub use exports::DunderAll;
pub use name::NameId;
pub(crate) use name::mangle;
pub use query::Reach;
pub use reference::{Reference, ReferenceId, Usage};
pub use scope::{NameScope, Scope, ScopeId, ScopeKind, Symbol, SymbolFlags};

use rustc_hash::FxHashMap;

use crate::syntax::Module;
use crate::text::RangeMap;
use name::Interner;

/// The finished scopes, bindings and references of one module.
#[derive(Debug)]
pub struct Names {
    interner: Interner,
    scopes: Vec<Scope>,
    symbols: FxHashMap<(ScopeId, NameId), Symbol>,
    bindings: Vec<Binding>,
    references: Vec<Reference>,
    dunder_all: DunderAll,
    /// The references outside strings, by the ranges of their names; made when it is asked for.
    by_range: std::sync::OnceLock<RangeMap<ReferenceId>>,
    /// The references outside strings of each scope's names; made when it is asked for.
    by_name: std::sync::OnceLock<FxHashMap<(ScopeId, NameId), Vec<ReferenceId>>>,
    /// The bindings that may mean what something else is; made when it is asked for.
    aliases: std::sync::OnceLock<Vec<BindingId>>,
    /// What each of the module's names means when its code has run to the end.
    exit: FxHashMap<NameId, BindingList>,
}

impl Names {
    /// Reads every scope of `module`, whose text is `text`.
    pub fn new(module: &Module, text: &str) -> Self {
        build::build(module, text)
    }
}
