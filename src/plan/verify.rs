//! The proof of a result: read afresh from the new text, every name means what it should.
//!
//! Knows nothing of how the edits came about. It compares two analyses and the edits between
//! them: a name of the old file must be bound in the same places, an inserted name must lead to
//! the symbol for which it was inserted, and nothing else may have appeared.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::{SmallVec, smallvec};

use crate::project::{Analysis, FileId};
use crate::resolve::{Origin, Resolver};
use crate::semantic::{Binding, BindingId, BindingKind, Names, Reference, ScopeId, Usage};
use crate::text::{TextEdit, TextRange, TextSize};

/// How the new text came about.
#[derive(Debug, Clone, Copy)]
pub struct Changes<'a> {
    /// All edits.
    pub edits: &'a TextEdit,
    /// Pieces of the old text that an edit holds, and where they are in the new text.
    pub moved: &'a [(TextRange, TextRange)],
    /// The new text of edits that carry out decisions.
    pub inserted: &'a [Inserted<'a>],
    /// What an import that took the place of a statement may bring.
    pub wanted: &'a [&'a Origin],
    /// Names of the old file that are written as they were and mean something else: what their
    /// import brings was changed.
    pub migrated: &'a [(TextRange, &'a Origin)],
}

/// What an edit put into the text.
#[derive(Debug, Clone, Copy)]
pub struct Inserted<'a> {
    /// Where its text is in the new file.
    pub range: TextRange,
    /// What it stands for in the old file.
    pub old: TextRange,
    /// The decision that it carries out.
    pub decision: usize,
    /// What the names in it that are not the old file's must lead to, each at least once in the
    /// edits of the decision.
    pub wanted: &'a [Origin],
}

/// Compares the old and the new file.
///
/// # Errors
/// The first thing that is wrong, as a sentence that names the line.
pub fn verify(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    old: &Analysis,
    new: &Analysis,
    changes: &Changes<'_>,
) -> Result<(), String> {
    let proof = Proof { resolver, file, old, new, changes, brought: RefCell::default() };
    let images = proof.old_references()?;
    proof.new_references(&images)
}

struct Proof<'a> {
    resolver: &'a Resolver<'a, 'a>,
    file: FileId,
    old: &'a Analysis,
    new: &'a Analysis,
    changes: &'a Changes<'a>,
    /// Which imports of the new file bring what is wanted: many references ask of few imports.
    brought: RefCell<FxHashMap<BindingId, bool>>,
}

/// What a binding is, told without its position where an edit may have moved it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'k> {
    /// `import module as name`
    Import { module: &'k str, name: &'k str },
    /// `from module import member as name`, with the dots before the module.
    ImportFrom { level: u32, module: &'k str, member: &'k str, name: &'k str },
    /// Anything else, by its place in the new text.
    At(TextSize),
    /// The import that took the place of a statement.
    Wanted,
    /// No value on some path.
    Unbound,
}

/// The bindings that reach a name, in order, each once.
type Keys<'k> = SmallVec<[Key<'k>; 2]>;

/// The places of one old range; mostly it was not copied.
type Images = SmallVec<[TextRange; 1]>;

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
    fn old_references(&self) -> Result<FxHashSet<(TextSize, TextSize)>, String> {
        let mut images = FxHashSet::default();
        // In a string whose characters cannot be told all names have the place of the string.
        let mut by_place: FxHashMap<(TextSize, bool), SmallVec<[&Reference; 1]>> =
            FxHashMap::default();
        for (_, reference) in self.new.names.references() {
            let key = (reference.range.start(), reference.in_string);
            by_place.entry(key).or_default().push(reference);
        }
        for (_, reference) in self.old.names.references() {
            let name = self.old.names.text(reference.name);
            let line = || self.old.lines().position(reference.range.start()).line;
            for (copy, range) in self.images_of(reference.range).into_iter().enumerate() {
                let Some(there) = by_place.get(&(range.start(), reference.in_string)) else {
                    return Err(format!("`{name}` on line {} would no longer be a name", line()));
                };
                let is_image = |image: &&&Reference| {
                    image.range == range && self.new.names.text(image.name) == name
                };
                let Some(image) = there.iter().find(is_image) else {
                    return Err(format!("`{name}` on line {} would become another name", line()));
                };
                images.insert((range.start(), range.end()));
                let migrated = self.changes.migrated.iter();
                let migrated = migrated.clone().find(|(range, _)| *range == reference.range);
                self.same_owner(reference, image, copy)
                    .and_then(|()| match migrated {
                        Some((_, wanted)) => self.is_migrated(image, wanted),
                        None => self.same_bindings(reference, image, copy),
                    })
                    .map_err(|what| format!("`{name}` on line {} {what}", line()))?;
            }
        }
        Ok(images)
    }

    /// Where a range of the old text is in the new one: once where no edit touches it, as often
    /// as it was copied where one does.
    fn images_of(&self, range: TextRange) -> Images {
        if let Some(image) = self.changes.edits.map_range(range) {
            return smallvec![image];
        }
        self.changes
            .moved
            .iter()
            .filter(|(old, _)| old.contains_range(range))
            .map(|(old, new)| {
                TextRange::at(new.start() + (range.start() - old.start()), range.len())
            })
            .collect()
    }

    /// A name that is to mean another symbol than it did means that.
    fn is_migrated(&self, new: &Reference, wanted: &Origin) -> Result<(), String> {
        let found = self.resolver.reference(self.file, self.new, new, &mut Vec::new());
        if found.first().is_some_and(|found| found.is(wanted)) {
            return Ok(());
        }
        Err("would not mean the new symbol".to_owned())
    }

    fn same_owner(&self, old: &Reference, new: &Reference, copy: usize) -> Result<(), String> {
        let before = old.owner.and_then(|owner| self.scope_after(owner, copy));
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
                !binding.kind.is_import() && self.images_of(binding.range).is_empty()
            })
    }

    /// Where a scope starts that a name in a piece of text uses which was copied `copy` times before.
    fn scope_after(&self, scope: ScopeId, copy: usize) -> Option<TextSize> {
        if scope == ScopeId::MODULE {
            return Some(place(&self.new.names, scope));
        }
        let node = self.old.names.scope(scope).node;
        self.changes.edits.map_offset(node.start()).or_else(|| {
            // Ex) a lambda that is an argument of a rewritten call
            let first = TextRange::at(node.start(), TextSize::new(1));
            nth_or_first(&self.images_of(first), copy).map(TextRange::start)
        })
    }

    fn same_bindings(&self, old: &Reference, new: &Reference, copy: usize) -> Result<(), String> {
        let mut before = self.keys(self.old, old, Side::Old, copy);
        let is_replaced = before.contains(&Key::Wanted);
        let side = if is_replaced { Side::NewOfReplaced } else { Side::New };
        let after = self.keys(self.new, new, side, copy);
        if is_replaced && !after.contains(&Key::Unbound) {
            // The statement may have been skipped on some path; the import never is.
            before.retain(|key| *key != Key::Unbound);
        }
        if before == after {
            return Ok(());
        }
        let describe = |keys: &Keys<'_>| {
            let parts: Vec<_> = keys.iter().map(|key| self.describe(key)).collect();
            if parts.is_empty() { "nothing".to_owned() } else { parts.join(" or ") }
        };
        Err(format!("would mean {}, and means {}", describe(&after), describe(&before)))
    }

    fn keys<'k>(
        &self,
        analysis: &'k Analysis,
        reference: &Reference,
        side: Side,
        copy: usize,
    ) -> Keys<'k> {
        let reach = analysis.names.reach(reference);
        let bound = reach.bindings.iter().map(|&id| self.key(analysis, id, side, copy));
        let mut keys: Keys<'k> = bound.collect();
        if reach.may_be_unbound {
            keys.push(Key::Unbound);
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn key<'k>(&self, analysis: &'k Analysis, id: BindingId, side: Side, copy: usize) -> Key<'k> {
        let binding = analysis.names.binding(id);
        let name = analysis.names.text(binding.name);
        match &binding.kind {
            BindingKind::Import { module, renamed, .. } => {
                Key::Import { module: if *renamed { module } else { name }, name }
            }
            BindingKind::ImportFrom { level, module, member, .. } => {
                let is_new = || side == Side::NewOfReplaced || !self.was_there(binding, analysis);
                if side != Side::Old && self.brings_wanted(id) && is_new() {
                    return Key::Wanted;
                }
                Key::ImportFrom { level: *level, module, member, name }
            }
            _ if side == Side::Old => match nth_or_first(&self.images_of(binding.range), copy) {
                Some(range) => Key::At(range.start()),
                None => Key::Wanted,
            },
            _ => Key::At(binding.range.start()),
        }
    }

    /// Whether an import of the new file brings what is wanted.
    fn brings_wanted(&self, id: BindingId) -> bool {
        *self.brought.borrow_mut().entry(id).or_insert_with(|| {
            let (found, _) = self.resolver.binding(self.file, self.new, id);
            self.changes.wanted.iter().any(|wanted| self.resolver.leads_to(&found, wanted))
        })
    }

    /// Whether the old file has this import too.
    fn was_there(&self, binding: &Binding, analysis: &Analysis) -> bool {
        let name = analysis.names.text(binding.name);
        self.old.names.bindings().any(|(_, old)| {
            imported(&old.kind) == imported(&binding.kind) && self.old.names.text(old.name) == name
        })
    }

    fn describe(&self, key: &Key<'_>) -> String {
        match key {
            Key::At(offset) => {
                format!("line {} of the result", self.new.lines().position(*offset).line)
            }
            Key::Import { module, name } => format!("`import {module} as {name}`"),
            Key::ImportFrom { level, module, member, name } => {
                let dots = ".".repeat(*level as usize);
                format!("`from {dots}{module} import {member} as {name}`")
            }
            Key::Wanted => "the shared object".to_owned(),
            Key::Unbound => "nothing on some path".to_owned(),
        }
    }

    /// Every name that is new leads to what it was inserted for.
    fn new_references(&self, images: &FxHashSet<(TextSize, TextSize)>) -> Result<(), String> {
        let names = &self.new.names;
        let mut met: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (_, reference) in names.references() {
            if images.contains(&(reference.range.start(), reference.range.end())) {
                continue;
            }
            let name = names.text(reference.name);
            let line = || self.new.lines().position(reference.range.start()).line;
            let mut around = self.changes.inserted.iter();
            let Some(site) = around.find(|site| site.range.contains_range(reference.range)) else {
                return Err(format!("`{name}` appears on line {} of the result", line()));
            };
            let lead = self.lead(reference, site.wanted);
            let Some((found, origin)) = lead else {
                return Err(format!(
                    "`{name}` on line {} of the result would mean something else",
                    line()
                ));
            };
            met.insert((site.decision, found));
            if reference.usage == Usage::Runtime {
                self.is_bound(reference, origin, site.old, line)?;
            }
        }
        for site in self.changes.inserted {
            let missing =
                (0..site.wanted.len()).any(|index| !met.contains(&(site.decision, index)));
            if missing {
                let line = self.new.lines().position(site.range.start()).line;
                return Err(format!("a name is missing on line {line} of the result"));
            }
        }
        Ok(())
    }

    /// Which of `wanted` a name of the new file leads to.
    fn lead<'w>(&self, reference: &Reference, wanted: &'w [Origin]) -> Option<(usize, &'w Origin)> {
        let name = self.new.names.text(reference.name);
        let prefixes = self.resolver.reference(self.file, self.new, reference, &mut Vec::new());
        if reference.owner.is_none()
            && prefixes.first().is_some_and(|found| found.origins.is_empty())
        {
            let builtin = Origin::External(format!("builtins.{name}"));
            return wanted.iter().enumerate().find(|(_, wanted)| **wanted == builtin);
        }
        let leads = |wanted| prefixes.iter().any(|prefix| self.resolver.leads_to(prefix, wanted));
        wanted.iter().enumerate().find(|(_, wanted)| leads(wanted))
    }

    fn is_bound(
        &self,
        reference: &Reference,
        wanted: &Origin,
        old: TextRange,
        line: impl FnOnce() -> u32,
    ) -> Result<(), String> {
        let is_builtin =
            matches!(wanted, Origin::External(dotted) if dotted.starts_with("builtins."));
        let reach = self.new.names.reach(reference);
        if reach.bindings.is_empty() && !is_builtin && !self.has_star_imports() {
            let name = self.new.names.text(reference.name);
            return Err(format!("`{name}` on line {} of the result would have no value", line()));
        }
        if reach.may_be_unbound && !reach.bindings.is_empty() && self.was_surely_bound(old) {
            let name = self.new.names.text(reference.name);
            return Err(format!("`{name}` on line {} of the result may have no value", line()));
        }
        Ok(())
    }

    /// Whether all names in a piece of the old text have a value on every path to it, and have it
    /// from imports: what a name is otherwise, as `None` where an import fails, is no path of these.
    fn was_surely_bound(&self, piece: TextRange) -> bool {
        let names = &self.old.names;
        let mut inside = names.references().filter(|(_, one)| piece.contains_range(one.range));
        inside.all(|(_, one)| {
            let reach = names.reach(one);
            let mut bindings = reach.bindings.iter().map(|&id| names.binding(id));
            !reach.may_be_unbound && bindings.all(|binding| binding.kind.is_import())
        })
    }

    fn has_star_imports(&self) -> bool {
        !self.new.names.star_imports().is_empty()
    }
}

/// The image in a copy of a text; what was copied with it has as many images, in the same order.
fn nth_or_first(images: &[TextRange], copy: usize) -> Option<TextRange> {
    images.get(copy).or(images.first()).copied()
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
