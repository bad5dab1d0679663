//! Which references of a file can lead to a target at all.
//!
//! A chain of imports can lead to a target only if each link carries a name under which the
//! target is known somewhere; all others are left unresolved, so that no module is parsed for
//! their sake.

use rustc_hash::FxHashSet;

use crate::semantic::{BindingKind, NameId, Names, Reference};
use crate::text::contains;

/// The names under which the targets are known in any module.
#[derive(Debug, Clone, Default)]
pub struct KnownNames {
    names: Vec<String>,
}

impl KnownNames {
    /// These names.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort();
        names.dedup();
        Self { names }
    }

    /// The names, sorted.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether `name` is one.
    pub fn contains(&self, name: &str) -> bool {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// Adds names; tells whether any is new.
    pub fn add(&mut self, names: impl IntoIterator<Item = String>) -> bool {
        let before = self.names.len();
        self.names.extend(names);
        self.names.sort();
        self.names.dedup();
        self.names.len() > before
    }
}

/// Whether `name` may stand in `text` as a name: as it is, or in characters that Python takes for
/// the same.
pub fn may_be_written(text: &str, name: &str) -> bool {
    contains(text, name) || !text.is_ascii()
}

/// The names of one file that may lead to a target.
#[derive(Debug, Default)]
pub struct Relevant {
    names: FxHashSet<NameId>,
}

impl Relevant {
    /// Reads the file's bindings.
    pub fn new(names: &Names, known: &KnownNames) -> Self {
        let mut relevant = Self::default();
        for name in known.names() {
            relevant.names.extend(names.id(name));
        }
        for (_, binding) in names.bindings() {
            if let BindingKind::ImportFrom { member, .. } = &binding.kind
                && known.contains(member)
            {
                relevant.names.insert(binding.name);
            }
        }
        // Aliases of aliases: each turn follows one more.
        loop {
            let mut grew = false;
            for (_, binding) in names.bindings() {
                if let BindingKind::Assignment { alias_of: Some(reference), .. } = binding.kind
                    && relevant.reference(names.reference(reference))
                {
                    grew |= relevant.names.insert(binding.name);
                }
            }
            if !grew {
                return relevant;
            }
        }
    }

    /// Whether a reference may lead to a target.
    pub fn reference(&self, reference: &Reference) -> bool {
        self.names.contains(&reference.name)
            || reference.attributes.iter().any(|attribute| self.names.contains(attribute))
    }
}
