//! The names that a file gets by the imports of what was decided so far: two objects of one name
//! need two.

use std::cell::RefCell;

use crate::imports::{Import, ImportRequest};
use crate::resolve::Origin;

/// What new imports of one file bring, by their names there.
#[derive(Debug, Default)]
pub struct Planned {
    names: RefCell<Vec<(String, Origin)>>,
}

impl Planned {
    /// Notes that `requests` bring `origin`.
    pub fn note(&self, requests: &[ImportRequest], origin: &Origin) {
        let mut names = self.names.borrow_mut();
        for request in requests {
            if let Import::From { member, alias, .. } = &request.import {
                let entry = (alias.as_ref().unwrap_or(member).clone(), origin.clone());
                if !names.contains(&entry) {
                    names.push(entry);
                }
            }
        }
    }

    /// What is in the way of `name` for `origin`, as a sentence for a person.
    pub(super) fn conflict(&self, name: &str, origin: &Origin) -> Option<String> {
        let names = self.names.borrow();
        let is_other = names.iter().any(|(one, of)| one == name && of != origin);
        is_other.then(|| format!("`{name}` is imported for another object"))
    }
}
