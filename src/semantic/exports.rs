//! `__all__`: what a star import takes and what counts as used.

use crate::text::TextRange;

/// What the module says in `__all__`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DunderAll {
    /// There is an `__all__`.
    pub defined: bool,
    /// The names written out as strings, with their characters inside the quotes.
    pub names: Vec<(String, TextRange)>,
    /// Those of the names that a call adds: `__all__.append("x")`, which linters do not read.
    pub called: Vec<TextRange>,
    /// It is also computed, so that the names listed may not be all.
    pub computed: bool,
}

impl DunderAll {
    /// Whether it certainly lists `name`.
    pub fn lists(&self, name: &str) -> bool {
        self.names.iter().any(|(listed, _)| listed == name)
    }

    /// Whether it lists `name` where linters see it.
    pub fn shows(&self, name: &str) -> bool {
        self.names.iter().any(|(listed, range)| listed == name && !self.called.contains(range))
    }

    /// Whether `from module import *` takes `name`, which the module binds; `None` where
    /// `__all__` is computed and does not list it.
    ///
    /// See the Python reference, section 7.11 "The import statement".
    pub fn exports(&self, name: &str) -> Option<bool> {
        match self {
            Self { defined: false, .. } => Some(!name.starts_with('_')),
            _ if self.lists(name) => Some(true),
            Self { computed: true, .. } => None,
            _ => Some(false),
        }
    }
}
