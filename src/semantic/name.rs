//! Identifiers as small numbers.

use rustc_hash::FxHashMap;

use crate::syntax::ast::name::Name;

/// An identifier of one module, after NFKC normalization and the mangling of private names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(u32);

/// The identifiers of one module.
#[derive(Debug, Default)]
pub(super) struct Interner {
    ids: FxHashMap<Name, NameId>,
    names: Vec<Name>,
}

impl Interner {
    pub(super) fn intern(&mut self, name: &str) -> NameId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = NameId(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(Name::new(name));
        self.ids.insert(Name::new(name), id);
        id
    }

    pub(super) fn get(&self, name: &str) -> Option<NameId> {
        self.ids.get(name).copied()
    }

    pub(super) fn text(&self, id: NameId) -> &str {
        self.names.get(id.0 as usize).map_or("", Name::as_str)
    }
}

/// The name that `name` has inside `class`, by the rule for private names.
///
/// See the Python reference, section 6.2.1 "Private name mangling", and `_Py_Mangle`.
pub(crate) fn mangle<'a>(class: Option<&str>, name: &'a str) -> std::borrow::Cow<'a, str> {
    let is_private = name.starts_with("__") && !name.ends_with("__") && !name.contains('.');
    match class.map(|class| class.trim_start_matches('_')) {
        Some(class) if is_private && !class.is_empty() => format!("_{class}{name}").into(),
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::mangle;

    #[test]
    fn private_names_are_mangled_as_cpython_does() {
        assert_eq!(mangle(Some("C"), "__x"), "_C__x");
        assert_eq!(mangle(Some("__C"), "__x"), "_C__x");
        assert_eq!(mangle(Some("___"), "__x"), "__x");
        assert_eq!(mangle(Some("C"), "__x__"), "__x__");
        assert_eq!(mangle(Some("C"), "_x"), "_x");
        assert_eq!(mangle(None, "__x"), "__x");
    }
}
