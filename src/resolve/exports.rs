//! What a module offers to others.

use rustc_hash::FxHashMap;

use crate::semantic::{BindingId, BindingKind, DunderAll, Names, ScopeId};

/// The names of a module as other modules see them, small enough to be kept for every file.
#[derive(Debug, Default)]
pub struct Exports {
    names: FxHashMap<String, Vec<Export>>,
    stars: Vec<(u32, String)>,
    dunder_all: DunderAll,
    has_getattr: bool,
}

/// One binding that may be the last word on a name when the module has run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The binding, in the module's own names.
    pub binding: BindingId,
    /// What kind it is.
    pub kind: ExportKind,
}

/// The ways in which a module can come to offer a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportKind {
    /// Defined here.
    Definition,
    /// Assigned `None`.
    None,
    /// `name = other.attribute`: another name of the module, and the attributes read from it.
    Alias {
        /// The other name.
        name: String,
        /// The attributes.
        attributes: Vec<String>,
    },
    /// `import a.b`, with or without `as`.
    Import {
        /// The dotted name.
        module: String,
        /// Whether there is an `as`.
        renamed: bool,
    },
    /// `from m import member`.
    ImportFrom {
        /// How many dots.
        level: u32,
        /// The dotted name after them.
        module: String,
        /// The name in that module.
        member: String,
    },
}

impl Exports {
    /// What the module with these names offers.
    pub fn new(names: &Names) -> Self {
        let mut exports =
            Self { dunder_all: names.dunder_all().clone(), has_getattr: false, ..Self::default() };
        for &name in &names.scope(ScopeId::MODULE).names {
            let text = names.text(name);
            exports.has_getattr |= text == "__getattr__";
            let found: Vec<_> = names
                .at_exit(name)
                .bindings
                .iter()
                .filter_map(|&binding| Some(Export { binding, kind: kind(names, binding)? }))
                .collect();
            if !found.is_empty() {
                exports.names.insert(text.to_owned(), found);
            }
        }
        for &star in names.star_imports() {
            if let BindingKind::StarImport { level, module } = &names.binding(star).kind {
                exports.stars.push((*level, module.clone()));
            }
        }
        exports
    }

    /// The bindings that may give `name` its value for importers.
    pub fn get(&self, name: &str) -> &[Export] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The modules that are star-imported: dots and dotted name.
    pub fn stars(&self) -> &[(u32, String)] {
        &self.stars
    }

    /// `__all__`.
    pub fn dunder_all(&self) -> &DunderAll {
        &self.dunder_all
    }

    /// Whether the module computes names with `__getattr__` (PEP 562).
    pub fn has_getattr(&self) -> bool {
        self.has_getattr
    }
}

fn kind(names: &Names, binding: BindingId) -> Option<ExportKind> {
    Some(match &names.binding(binding).kind {
        BindingKind::Import { module, renamed, .. } => {
            ExportKind::Import { module: module.clone(), renamed: *renamed }
        }
        BindingKind::ImportFrom { level, module, member, .. } => {
            ExportKind::ImportFrom { level: *level, module: module.clone(), member: member.clone() }
        }
        BindingKind::StarImport { .. } | BindingKind::Declaration | BindingKind::Deletion => {
            return None;
        }
        BindingKind::Assignment { is_none: true, .. } => ExportKind::None,
        BindingKind::Assignment { alias_of: Some(reference), .. } => {
            let reference = names.reference(*reference);
            // Only names of the module itself can be followed from outside.
            if reference.owner.is_some_and(|owner| owner != ScopeId::MODULE) {
                ExportKind::Definition
            } else {
                ExportKind::Alias {
                    name: names.text(reference.name).to_owned(),
                    attributes: reference
                        .attributes
                        .iter()
                        .map(|&attribute| names.text(attribute).to_owned())
                        .collect(),
                }
            }
        }
        _ => ExportKind::Definition,
    })
}
