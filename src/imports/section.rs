//! Which section an import belongs to (rule 13).
//!
//! The classes are isort's; the questions are asked in ruff's order.

use crate::config::python_style::{ImportStyle, Section};

use super::existing::first_part;
use super::request::ModuleRef;
use crate::project::stdlib;

/// What else is known of modules besides the style.
pub(super) struct Sections<'a> {
    style: &'a ImportStyle,
    first_party: &'a dyn Fn(&str) -> bool,
}

impl<'a> Sections<'a> {
    /// Asks `first_party` whether a module is the project's own.
    pub(super) fn new(style: &'a ImportStyle, first_party: &'a dyn Fn(&str) -> bool) -> Self {
        Self { style, first_party }
    }

    /// The section of an import from `module`.
    pub(super) fn of(&self, module: &ModuleRef) -> Section {
        let section = self.undemoted(module);
        if self.style.section_order.contains(&section) {
            section
        } else {
            self.style.default_section.clone()
        }
    }

    /// The place of a section among the others.
    pub(super) fn rank(&self, section: &Section) -> usize {
        let order = &self.style.section_order;
        order.iter().position(|other| other == section).unwrap_or(order.len())
    }

    /// Part of Python itself, so that no set-up is needed to import it.
    pub(super) fn comes_with_python(&self, module: &ModuleRef) -> bool {
        matches!(self.undemoted(module), Section::Future | Section::StandardLibrary)
    }

    fn undemoted(&self, module: &ModuleRef) -> Section {
        let top = first_part(&module.name);
        if module.level == 0 && top == "__future__" {
            return Section::Future;
        }
        if self.style.no_sections {
            return Section::FirstParty;
        }
        if module.level > 0 {
            return Section::LocalFolder;
        }
        if let Some(section) = self.known(&module.name) {
            return section;
        }
        if stdlib::contains(top, self.style.python_minor) {
            Section::StandardLibrary
        } else if self.is_first_party(&module.name) {
            Section::FirstParty
        } else {
            self.style.default_section.clone()
        }
    }

    fn is_first_party(&self, name: &str) -> bool {
        let asked = if self.style.first_party_by_top_level { first_part(name) } else { name };
        (self.first_party)(asked) || name == "__main__"
    }

    /// The section that the project's configuration gives a module: the longest prefix that is
    /// named there decides, submodules being looked at only where some pattern speaks of them.
    fn known(&self, name: &str) -> Option<Section> {
        let known = &self.style.known;
        let find = |name: &str| {
            known.iter().find(|(pattern, _)| pattern.matches(name)).map(|(_, section)| section)
        };
        if !known.iter().any(|(pattern, _)| pattern.has_dot()) {
            return find(first_part(name)).cloned();
        }
        let mut prefix = name;
        loop {
            if let Some(section) = find(prefix) {
                return Some(section.clone());
            }
            prefix = prefix.rsplit_once('.')?.0;
        }
    }
}
