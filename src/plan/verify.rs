//! The proof of a result: read afresh from the new text, every name means what it should.
//!
//! Knows nothing of how the edits came about. It compares two analyses and the edits between
//! them: a name of the old file must be bound in the same places, an inserted name must lead to
//! the symbol for which it was inserted, and nothing else may have appeared.

use std::collections::BTreeSet;

use crate::project::{Analysis, FileId};
use crate::resolve::{Origin, Resolver};
use crate::semantic::{Binding, BindingKind, Names, Reference, ScopeId, Usage};
use crate::text::{TextEdit, TextRange, TextSize};

/// What an edit put into the text.
#[derive(Debug, Clone)]
pub struct Inserted<'a> {
    /// Where its text is in the new file.
    pub range: TextRange,
    /// What the names in it that are not the old file's must lead to.
    pub wanted: &'a Origin,
}

/// Compares the old and the new file.
///
/// `inserted` are the rewritten sites; `replaced` are the names whose binding statement an import
/// took the place of, with what the import must bring.
///
/// # Errors
/// The first thing that is wrong, as a sentence that names the line.
pub fn verify(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    old: &Analysis,
    new: &Analysis,
    edits: &TextEdit,
    inserted: &[Inserted<'_>],
    wanted: &[&Origin],
) -> Result<(), String> {
    let proof = Proof { resolver, file, old, new, edits, wanted };
    let images = proof.old_references()?;
    proof.new_references(&images, inserted)
}

struct Proof<'a> {
    resolver: &'a Resolver<'a, 'a>,
    file: FileId,
    old: &'a Analysis,
    new: &'a Analysis,
    edits: &'a TextEdit,
    wanted: &'a [&'a Origin],
}

/// What a binding is, told without its position where an edit may have moved it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// An import: what it brings and under which name.
    Import(String),
    /// Anything else, by its place in the new text.
    At(TextSize),
    /// The import that took the place of a statement.
    Wanted,
    /// No value on some path.
    Unbound,
}

/// Whose bindings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
    /// The new file's, for a name whose statement an import took the place of; the import may
    /// have been there.
    NewOfReplaced,
}

impl Proof<'_> {
    /// Every name of the old file that is left means what it meant. Returns where they are now.
    fn old_references(&self) -> Result<BTreeSet<(TextSize, TextSize)>, String> {
        let mut images = BTreeSet::new();
        let by_place: std::collections::BTreeMap<(TextSize, bool), &Reference> = self
            .new
            .names
            .references()
            .map(|(_, reference)| ((reference.range.start(), reference.in_string), reference))
            .collect();
        for (_, reference) in self.old.names.references() {
            let Some(range) = self.edits.map_range(reference.range) else { continue };
            let name = self.old.names.text(reference.name);
            let line = self.old.lines.position(reference.range.start()).line;
            let Some(image) = by_place.get(&(range.start(), reference.in_string)) else {
                return Err(format!("`{name}` on line {line} would no longer be a name"));
            };
            if image.range != range || self.new.names.text(image.name) != name {
                return Err(format!("`{name}` on line {line} would become another name"));
            }
            images.insert((range.start(), range.end()));
            self.same_owner(reference, image)
                .and_then(|()| self.same_bindings(reference, image))
                .map_err(|what| format!("`{name}` on line {line} {what}"))?;
        }
        Ok(images)
    }

    fn same_owner(&self, old: &Reference, new: &Reference) -> Result<(), String> {
        let before = old.owner.and_then(|owner| self.scope_after(owner));
        let after = new.owner.map(|owner| place(&self.new.names, owner));
        if before == after || self.was_replaced(old) {
            return Ok(());
        }
        Err("would be found in another scope".to_owned())
    }

    /// Whether the name got its value from a statement whose place an import took.
    fn was_replaced(&self, old: &Reference) -> bool {
        let reach = self.old.names.reach(old);
        !reach.bindings.is_empty()
            && reach.bindings.iter().all(|&id| {
                let binding = self.old.names.binding(id);
                !binding.kind.is_import() && self.edits.map_range(binding.range).is_none()
            })
    }

    fn scope_after(&self, scope: ScopeId) -> Option<TextSize> {
        if scope == ScopeId::MODULE {
            return Some(place(&self.new.names, scope));
        }
        self.edits.map_offset(self.old.names.scope(scope).node.start())
    }

    fn same_bindings(&self, old: &Reference, new: &Reference) -> Result<(), String> {
        let mut before = self.keys(self.old, old, Side::Old);
        let is_replaced = before.contains(&Key::Wanted);
        let side = if is_replaced { Side::NewOfReplaced } else { Side::New };
        let after = self.keys(self.new, new, side);
        if is_replaced && !after.contains(&Key::Unbound) {
            // The statement may have been skipped on some path; the import never is.
            before.remove(&Key::Unbound);
        }
        if before == after {
            return Ok(());
        }
        let describe = |keys: &BTreeSet<Key>| {
            let parts: Vec<_> = keys.iter().map(|key| self.describe(key)).collect();
            if parts.is_empty() { "nothing".to_owned() } else { parts.join(" or ") }
        };
        Err(format!("would mean {}, and means {}", describe(&after), describe(&before)))
    }

    fn keys(&self, analysis: &Analysis, reference: &Reference, side: Side) -> BTreeSet<Key> {
        let reach = analysis.names.reach(reference);
        let mut keys: BTreeSet<Key> = reach
            .bindings
            .iter()
            .map(|&id| self.key(analysis, analysis.names.binding(id), side))
            .collect();
        if reach.may_be_unbound {
            keys.insert(Key::Unbound);
        }
        keys
    }

    fn key(&self, analysis: &Analysis, binding: &Binding, side: Side) -> Key {
        let name = analysis.names.text(binding.name);
        match &binding.kind {
            BindingKind::Import { module, renamed, .. } => {
                let brought = if *renamed { module } else { name };
                Key::Import(format!("import {brought} as {name}"))
            }
            BindingKind::ImportFrom { level, module, member, .. } => {
                let id = analysis.names.bindings().find(|(_, other)| *other == binding);
                let is_wanted = side != Side::Old
                    && id.is_some_and(|(id, _)| {
                        let (found, _) = self.resolver.binding(self.file, analysis, id);
                        self.wanted.iter().any(|wanted| found.is(wanted))
                    });
                let is_new = side == Side::NewOfReplaced || !self.was_there(binding, analysis);
                if is_wanted && is_new {
                    return Key::Wanted;
                }
                Key::Import(format!("from {level} {module} import {member} as {name}"))
            }
            _ if side == Side::Old => match self.edits.map_range(binding.range) {
                Some(range) => Key::At(range.start()),
                None => Key::Wanted,
            },
            _ => Key::At(binding.range.start()),
        }
    }

    /// Whether the old file has this import too.
    fn was_there(&self, binding: &Binding, analysis: &Analysis) -> bool {
        let name = analysis.names.text(binding.name);
        self.old.names.bindings().any(|(_, old)| {
            imported(&old.kind) == imported(&binding.kind) && self.old.names.text(old.name) == name
        })
    }

    fn describe(&self, key: &Key) -> String {
        match key {
            Key::Import(what) => format!("`{what}`"),
            Key::At(offset) => {
                format!("line {} of the result", self.new.lines.position(*offset).line)
            }
            Key::Wanted => "the shared object".to_owned(),
            Key::Unbound => "nothing on some path".to_owned(),
        }
    }

    /// Every name that is new leads to what it was inserted for.
    fn new_references(
        &self,
        images: &BTreeSet<(TextSize, TextSize)>,
        inserted: &[Inserted<'_>],
    ) -> Result<(), String> {
        let names = &self.new.names;
        let mut proven = vec![false; inserted.len()];
        for (_, reference) in names.references() {
            if images.contains(&(reference.range.start(), reference.range.end())) {
                continue;
            }
            let name = names.text(reference.name);
            let line = self.new.lines.position(reference.range.start()).line;
            let place = inserted.iter().position(|site| site.range.contains_range(reference.range));
            let Some(index) = place else {
                return Err(format!("`{name}` appears on line {line} of the result"));
            };
            let Some(site) = inserted.get(index) else { continue };
            let prefixes = self.resolver.reference(self.file, self.new, reference, &mut Vec::new());
            if !prefixes.iter().any(|prefix| prefix.is(site.wanted)) {
                return Err(format!(
                    "`{name}` on line {line} of the result would not be the shared object"
                ));
            }
            if reference.usage == Usage::Runtime && !self.is_bound_as_before(reference, line)? {
                continue;
            }
            if let Some(done) = proven.get_mut(index) {
                *done = true;
            }
        }
        match proven.iter().position(|done| !done).and_then(|index| inserted.get(index)) {
            Some(site) => {
                let line = self.new.lines.position(site.range.start()).line;
                Err(format!("the shared object is not named on line {line} of the result"))
            }
            None => Ok(()),
        }
    }

    fn is_bound_as_before(&self, reference: &Reference, line: u32) -> Result<bool, String> {
        let reach = self.new.names.reach(reference);
        if reach.bindings.is_empty() && !self.has_star_imports() {
            let name = self.new.names.text(reference.name);
            return Err(format!("`{name}` on line {line} of the result would have no value"));
        }
        Ok(true)
    }

    fn has_star_imports(&self) -> bool {
        !self.new.names.star_imports().is_empty()
    }
}

/// What a `from` import brings.
fn imported(kind: &BindingKind) -> Option<(u32, &str, &str)> {
    match kind {
        BindingKind::ImportFrom { level, module, member, .. } => Some((*level, module, member)),
        _ => None,
    }
}

/// A scope by where it starts.
fn place(names: &Names, scope: ScopeId) -> TextSize {
    if scope == ScopeId::MODULE {
        return TextSize::default();
    }
    names.scope(scope).node.start()
}
