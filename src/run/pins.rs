//! Which imports that their own file no longer needs are needed by other files.

use rustc_hash::{FxHashMap, FxHashSet};

use std::collections::BTreeSet;

use memchr::memmem;

use super::Drafts;
use crate::matching::relevance::KnownNames;
use crate::matching::singleton::ReferenceOrBinding;
use crate::project::{FileId, Project};
use crate::resolve::Hop;
use crate::rewrite::Draft;
use crate::semantic::{BindingId, ScopeId};

/// A file as far as this matters.
pub struct Participant<'a> {
    /// What its names go through.
    pub hops: Vec<(ReferenceOrBinding, Hop)>,
    /// What becomes of it; `None` where it was not drafted, so that nothing of it goes.
    pub draft: Option<&'a Draft>,
    /// Its tier.
    pub tier: Option<usize>,
}

/// The imports that go: leftovers that no surviving use or import of another file goes through.
///
/// A file of another tier counts as unchanged: each tier must stand without the others. Within a
/// tier, imports that need only each other all go: the largest set that needs nothing from it is
/// found by starting with all leftovers and taking back what is needed until nothing is.
#[expect(clippy::implicit_hasher, reason = "maps of this crate are all of this kind")]
pub fn removable(files: &FxHashMap<FileId, Participant<'_>>) -> FxHashSet<(FileId, BindingId)> {
    let mut going: FxHashSet<(FileId, BindingId)> = FxHashSet::default();
    // A name may have several: one in each branch of an `if`.
    let mut by_name: FxHashMap<(FileId, String), Vec<BindingId>> = FxHashMap::default();
    let mut order: Vec<FileId> = files.keys().copied().collect();
    order.sort_unstable();
    for &file in &order {
        let Some(draft) = files.get(&file).and_then(|participant| participant.draft) else {
            continue;
        };
        for leftover in draft.leftovers.iter().filter(|leftover| leftover.stays.is_none()) {
            if leftover.keeps_name() {
                continue;
            }
            let binding = draft.analysis.names.binding(leftover.binding);
            going.insert((file, leftover.binding));
            if binding.scope == ScopeId::MODULE {
                let name = draft.analysis.names.text(binding.name).to_owned();
                by_name.entry((file, name)).or_default().push(leftover.binding);
            }
        }
    }
    loop {
        let mut needed = Vec::new();
        for &user in &order {
            let Some(participant) = files.get(&user) else { continue };
            for (by, hop) in &participant.hops {
                let Some(bindings) = by_name.get(&(hop.file, hop.name.clone())) else { continue };
                let targets = bindings.iter().map(|&binding| (hop.file, binding));
                let targets = targets.filter(|target| going.contains(target));
                let is_text = matches!(by, ReferenceOrBinding::Text(_));
                if hop.file == user && !is_text {
                    continue;
                }
                let same_tier =
                    files.get(&hop.file).is_some_and(|owner| owner.tier == participant.tier);
                let survives = match by {
                    ReferenceOrBinding::Reference(id) => {
                        participant.draft.is_none_or(|draft| !draft.is_gone(*id))
                    }
                    ReferenceOrBinding::Binding(id) => {
                        !going.contains(&(user, *id)) && !moves(participant, *id)
                    }
                    ReferenceOrBinding::Text(range) => {
                        participant.draft.is_none_or(|draft| !draft.is_retargeted(*range))
                    }
                };
                if survives || !same_tier {
                    needed.extend(targets);
                }
            }
        }
        if needed.is_empty() {
            return going;
        }
        for target in needed {
            going.remove(&target);
        }
    }
}

/// Whether an import becomes one of another symbol, whatever name it has then.
fn moves(participant: &Participant<'_>, id: BindingId) -> bool {
    participant.draft.is_some_and(|draft| {
        let mut leftovers = draft.leftovers.iter();
        leftovers.any(|leftover| leftover.binding == id && leftover.migration.is_some())
    })
}

/// The names that may go and were not searched for, and the modules that have them.
pub struct Wanted {
    names: BTreeSet<String>,
    /// The last names of the modules; whoever imports from one writes it.
    modules: BTreeSet<String>,
}

impl Wanted {
    /// The leftovers of `drafts` that are not among `known` names.
    pub(super) fn new(project: &Project<'_>, drafts: &Drafts, known: &KnownNames) -> Self {
        let mut wanted = Self { names: BTreeSet::new(), modules: BTreeSet::new() };
        for (draft, _) in drafts.values() {
            let names = &draft.analysis.names;
            for leftover in draft.leftovers.iter().filter(|leftover| leftover.stays.is_none()) {
                let binding = names.binding(leftover.binding);
                let name = names.text(binding.name);
                if binding.scope != ScopeId::MODULE || known.contains(name) {
                    continue;
                }
                wanted.names.insert(name.to_owned());
                let stem = project
                    .module_name(draft.file)
                    .and_then(|module| module.rsplit('.').next().map(str::to_owned));
                wanted.modules.extend(stem);
            }
        }
        wanted
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names.
    pub fn known(&self) -> KnownNames {
        KnownNames::new(self.names.iter().cloned())
    }

    /// Whether a file can import one of the names at all.
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        let holds = |text: &String| memmem::find(bytes, text.as_bytes()).is_some();
        self.names.iter().any(holds) && self.modules.iter().any(holds)
    }
}
