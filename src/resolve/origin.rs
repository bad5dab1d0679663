//! What names lead to.

use smallvec::SmallVec;

use crate::project::{FileId, ModuleLookup};
use crate::text::TextRange;

/// A definition of the project: a name that a module gives a value other than by importing it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId {
    /// The module.
    pub file: FileId,
    /// The name in it, with the attributes read from it: `Name` or `Name.attribute`.
    pub name: String,
}

/// One thing that a name may lead to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A definition of the project.
    Symbol(SymbolId),
    /// A module of the project, or a namespace package.
    Module(ModuleLookup),
    /// Something that no source root holds, by its absolute dotted name.
    External(String),
    /// A value that the code computes: a parameter, a loop's target, a local definition. With
    /// what kind of binding it is.
    Local(&'static str),
    /// The project's own import leads to nothing; says what is missing.
    Broken(String),
    /// Nothing can be known; says why.
    Unknown(String),
}

/// A binding that a chain went through; [`Resolver::told`](super::Resolver::told) says it to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where it stands.
    pub file: FileId,
    /// The name that is bound.
    pub binding: TextRange,
    /// The statement around it.
    pub statement: TextRange,
}

/// Everything that a name may lead to at one place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolution {
    /// The origins, each once, with the steps to each.
    pub origins: SmallVec<[(Origin, Vec<Step>); 1]>,
    /// On some path the name has no value.
    pub may_be_unbound: bool,
}

impl Resolution {
    /// Adds an origin, unless it is there.
    pub fn add(&mut self, origin: Origin, steps: Vec<Step>) {
        if self.origins.iter().all(|(there, _)| *there != origin) {
            self.origins.push((origin, steps));
        }
    }

    /// Adds all of another resolution, each behind `step`.
    pub fn extend(&mut self, other: Resolution, step: Option<Step>) {
        for (origin, mut steps) in other.origins {
            if let Some(step) = step {
                steps.insert(0, step);
            }
            self.add(origin, steps);
        }
        self.may_be_unbound |= other.may_be_unbound;
    }

    /// The one origin, where there is exactly one.
    pub fn certain(&self) -> Option<&Origin> {
        match self.origins.as_slice() {
            [(origin, _)] => Some(origin),
            _ => None,
        }
    }

    /// Whether `origin` is the only thing that it may lead to.
    pub fn is(&self, origin: &Origin) -> bool {
        self.certain() == Some(origin)
    }

    /// Whether `origin` is among the things that it may lead to.
    pub fn may_be(&self, origin: &Origin) -> bool {
        self.origins.iter().any(|(there, _)| there == origin)
    }
}
