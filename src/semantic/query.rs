//! Questions asked of finished names.

use rustc_hash::FxHashMap;

use super::{
    Binding, BindingId, BindingKind, BindingList, DunderAll, NameId, Names, Reference, ReferenceId,
    ScopeId, ScopeKind, Usage,
};
use crate::text::TextRange;

/// What may have given a name its value at some point.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// The bindings, sorted, without repetition; each gives a value.
    pub bindings: BindingList,
    /// On some path the name has no value of this file's: it is a builtin, comes from a star
    /// import, or fails.
    pub may_be_unbound: bool,
}

impl Names {
    /// Every reference, in the order in which they were read.
    pub fn references(&self) -> impl Iterator<Item = (ReferenceId, &Reference)> {
        (0..).map(ReferenceId).zip(&self.references)
    }

    /// The reference whose name is written at `range`; none in a string.
    pub fn reference_at(&self, range: TextRange) -> Option<ReferenceId> {
        let by_range = self.by_range.get_or_init(|| {
            let in_code = self.references().filter(|(_, one)| !one.in_string);
            in_code.map(|(id, reference)| (reference.range, id)).collect()
        });
        by_range.first(range).copied()
    }

    /// The references to `name` of `owner`; none in a string.
    pub fn references_to(&self, owner: ScopeId, name: NameId) -> &[ReferenceId] {
        let by_name = self.by_name.get_or_init(|| {
            let mut all: FxHashMap<_, Vec<ReferenceId>> = FxHashMap::default();
            for (id, reference) in self.references().filter(|(_, one)| !one.in_string) {
                if let Some(owner) = reference.owner {
                    all.entry((owner, reference.name)).or_default().push(id);
                }
            }
            all
        });
        by_name.get(&(owner, name)).map_or(&[], Vec::as_slice)
    }

    /// The bindings that name something else: `from m import x`, `x = y.z`.
    pub fn aliases(&self) -> impl Iterator<Item = (BindingId, &Binding)> {
        let is_alias = |binding: &Binding| match &binding.kind {
            BindingKind::ImportFrom { .. } => true,
            BindingKind::Assignment { alias_of, .. } => alias_of.is_some(),
            _ => false,
        };
        let aliases = self.aliases.get_or_init(|| {
            let all = self.bindings().filter(|(_, binding)| is_alias(binding));
            all.map(|(id, _)| id).collect()
        });
        aliases.iter().map(|&id| (id, self.binding(id)))
    }

    /// One reference.
    pub fn reference(&self, id: ReferenceId) -> &Reference {
        &self.references[id.0 as usize]
    }

    /// Every binding, in the order in which they were read.
    pub fn bindings(&self) -> impl Iterator<Item = (BindingId, &Binding)> {
        (0..).map(BindingId).zip(&self.bindings).skip(1)
    }

    /// One binding.
    pub fn binding(&self, id: BindingId) -> &Binding {
        &self.bindings[id.0 as usize]
    }

    /// The text of a name.
    pub fn text(&self, name: NameId) -> &str {
        self.interner.text(name)
    }

    /// The name of this text, if the module uses it anywhere.
    pub fn id(&self, text: &str) -> Option<NameId> {
        self.interner.get(text)
    }

    /// `__all__`.
    pub fn dunder_all(&self) -> &DunderAll {
        &self.dunder_all
    }

    /// The module's star imports.
    pub fn star_imports(&self) -> &[BindingId] {
        &self.scope(ScopeId::MODULE).star_imports
    }

    /// The modules from which everything is imported, in the order of [`Self::star_imports`]: how
    /// many dots, and the dotted name after them.
    pub fn stars(&self) -> impl Iterator<Item = (u32, &str)> {
        self.star_imports().iter().filter_map(|&star| match &self.binding(star).kind {
            BindingKind::StarImport { level, module } => Some((*level, module.as_str())),
            _ => None,
        })
    }

    /// What may have given a reference's name its value.
    ///
    /// In the scope that owns the name, the flow of control decides. Seen from elsewhere, and
    /// where the name is looked up later (annotations under PEP 563), every binding counts.
    /// Bindings under `if TYPE_CHECKING` count for type checkers only.
    pub fn reach(&self, reference: &Reference) -> Reach {
        let Some(owner) = reference.owner else {
            return Reach { bindings: BindingList::new(), may_be_unbound: true };
        };
        match (&reference.reach, reference.usage) {
            (Some(reach), Usage::Runtime) => {
                let mut reach = self.to_reach(reach.iter().copied(), false);
                reach.add(self.foreign(owner, reference.name));
                reach
            }
            (_, usage) => self.all(owner, reference.name, usage == Usage::Typing),
        }
    }

    /// Every binding of `name` in `scope`, as code elsewhere sees it.
    pub fn all(&self, scope: ScopeId, name: NameId, for_typing: bool) -> Reach {
        let bindings = self.symbol(scope, name).map_or(&[][..], |symbol| &symbol.bindings);
        let mut reach = self.to_reach(bindings.iter().copied(), for_typing);
        reach.may_be_unbound |= reach.bindings.is_empty();
        reach
    }

    /// What `name` means to a module that imports it from this one: the flow of control at the
    /// end of the module, and what functions bind with `global`.
    pub fn at_exit(&self, name: NameId) -> Reach {
        let Some(reach) = self.exit.get(&name) else {
            return self.all(ScopeId::MODULE, name, false);
        };
        let mut reach = self.to_reach(reach.iter().copied(), false);
        reach.add(self.foreign(ScopeId::MODULE, name));
        reach
    }

    /// The first binding of the module's name of this text, where importers may find it without a
    /// value: it is bound on some paths through the module, and not on others.
    pub fn on_some_paths_only(&self, text: &str) -> Option<BindingId> {
        let reach = self.at_exit(self.id(text)?);
        reach.bindings.first().copied().filter(|_| reach.may_be_unbound)
    }

    /// The bindings of `scope`'s name that are written in scopes which run at another time.
    fn foreign(&self, scope: ScopeId, name: NameId) -> impl Iterator<Item = BindingId> {
        let bindings = self.symbol(scope, name).map_or(&[][..], |symbol| &symbol.bindings);
        bindings.iter().copied().filter(move |&id| {
            let binding = self.binding(id);
            binding.written_in != scope
                && self.scope(binding.written_in).kind != ScopeKind::Comprehension
                && binding.kind.gives_value()
        })
    }

    fn to_reach(&self, ids: impl Iterator<Item = BindingId>, for_typing: bool) -> Reach {
        let mut reach = Reach::default();
        for id in ids {
            let binding = self.binding(id);
            if binding.kind == BindingKind::Deletion {
                reach.may_be_unbound = true;
            } else if binding.kind.gives_value() && (for_typing || !binding.typing_only) {
                reach.bindings.push(id);
            }
        }
        reach.bindings.sort_unstable();
        reach.bindings.dedup();
        reach
    }
}

impl Reach {
    fn add(&mut self, ids: impl Iterator<Item = BindingId>) {
        self.bindings.extend(ids);
        self.bindings.sort_unstable();
        self.bindings.dedup();
    }
}
