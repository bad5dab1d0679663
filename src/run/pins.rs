//! Which imports that their own file no longer needs are needed by other files.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::matching::FileSites;
use crate::matching::relevance::KnownNames;
use crate::matching::singleton::ReferenceOrBinding;
use crate::project::{FileId, Project};
use crate::resolve::Hop;
use crate::rewrite::gone::Gone;
use crate::rewrite::{Decision, Draft, Leftover};
use crate::semantic::{BindingId, Names, ScopeId};
use crate::text::contains;

/// A file as far as this matters.
#[derive(Debug, Default)]
pub struct Participant {
    /// Its tier.
    tier: Option<usize>,
    /// What its names go through, and what becomes of those names.
    ties: Vec<(Tie, Hop)>,
    /// What becomes of it; empty where nothing does.
    decisions: Vec<Decision>,
    /// The imports that its own code needs no more.
    leaving: Vec<Leaving>,
}

/// What becomes of something that uses another module's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// It is gone, or names another symbol.
    Cut,
    /// It stays.
    Holds,
    /// It is this import, and goes where that goes.
    Import(BindingId),
}

/// An import that its own file needs no more.
#[derive(Debug)]
struct Leaving {
    binding: BindingId,
    /// The name under which other files may get what it brings.
    exported: Option<String>,
    /// It goes whoever wants its name, as another import gets that.
    keeps_name: bool,
    /// It becomes an import of another symbol, whatever name it has then.
    moves: bool,
    /// It stays whatever others need.
    stays: bool,
}

impl Participant {
    /// A file of which nothing changes.
    pub(super) fn unchanged(tier: Option<usize>) -> Self {
        Self { tier, ..Self::default() }
    }

    /// A file with a draft, whose names go through `hops`.
    pub(super) fn new(draft: &Draft, sites: &FileSites, tier: Option<usize>) -> Self {
        let names = &draft.analysis.names;
        let leaving = |leftover: &Leftover| {
            let binding = names.binding(leftover.binding);
            let is_module = binding.scope == ScopeId::MODULE;
            Leaving {
                binding: leftover.binding,
                exported: is_module.then(|| names.text(binding.name).to_owned()),
                keeps_name: leftover.keeps_name(),
                moves: leftover.migration.is_some(),
                stays: leftover.stays.is_some(),
            }
        };
        let leaving = draft.leftovers.iter().map(leaving).collect();
        let decisions = draft.decisions.clone();
        let mut participant = Self { tier, ties: Vec::new(), decisions, leaving };
        participant.add(draft.file, names, sites.all_hops());
        participant
    }

    /// Adds what more of its names go through.
    pub(super) fn add(
        &mut self,
        file: FileId,
        names: &Names,
        hops: impl IntoIterator<Item = (ReferenceOrBinding, Hop)>,
    ) {
        let gone = Gone::new(&self.decisions);
        for (by, hop) in hops {
            let is_text = matches!(by, ReferenceOrBinding::Text(_));
            if hop.file == file && !is_text {
                continue;
            }
            let is_cut = match by {
                ReferenceOrBinding::Reference(id) => gone.takes(names.reference(id).range),
                ReferenceOrBinding::Binding(id) => {
                    self.leaving.iter().any(|leaving| leaving.binding == id && leaving.moves)
                }
                ReferenceOrBinding::Text(range) => {
                    self.decisions.iter().any(|decision| decision.retargets(range))
                }
            };
            let tie = match by {
                _ if is_cut => Tie::Cut,
                ReferenceOrBinding::Binding(id) => Tie::Import(id),
                _ => Tie::Holds,
            };
            self.ties.push((tie, hop));
        }
    }

    /// The imports that go if no other file needs them.
    pub(super) fn leaving(&self) -> impl Iterator<Item = BindingId> {
        self.may_go().map(|leaving| leaving.binding)
    }

    fn may_go(&self) -> impl Iterator<Item = &Leaving> {
        self.leaving.iter().filter(|leaving| !leaving.stays && !leaving.keeps_name)
    }
}

/// The imports that go: leftovers that no surviving use or import of another file goes through.
///
/// A file of another tier counts as unchanged: each tier must stand without the others. Within a
/// tier, imports that need only each other all go: the largest set that needs nothing from it is
/// found by starting with all leftovers and taking back what is needed until nothing is. What is
/// `offered` to others than the project's files stays.
pub(super) fn removable(
    files: &BTreeMap<FileId, Participant>,
    offered: &FxHashSet<(FileId, String)>,
) -> FxHashSet<(FileId, BindingId)> {
    let mut going: FxHashSet<(FileId, BindingId)> = FxHashSet::default();
    // A name may have several: one in each branch of an `if`.
    let mut by_name: FxHashMap<(FileId, &str), Vec<BindingId>> = FxHashMap::default();
    for (&file, participant) in files {
        let is_offered = |leaving: &Leaving| {
            let name = leaving.exported.as_ref();
            name.is_some_and(|name| offered.contains(&(file, name.clone())))
        };
        for leaving in participant.may_go().filter(|leaving| !is_offered(leaving)) {
            going.insert((file, leaving.binding));
            if let Some(name) = &leaving.exported {
                by_name.entry((file, name)).or_default().push(leaving.binding);
            }
        }
    }
    loop {
        let mut needed = Vec::new();
        for (&user, participant) in files {
            for (tie, hop) in &participant.ties {
                let Some(bindings) = by_name.get(&(hop.file, hop.name.as_str())) else { continue };
                let targets = bindings.iter().map(|&binding| (hop.file, binding));
                let targets = targets.filter(|target| going.contains(target));
                let same_tier =
                    files.get(&hop.file).is_some_and(|owner| owner.tier == participant.tier);
                let survives = match tie {
                    Tie::Cut => false,
                    Tie::Holds => true,
                    Tie::Import(id) => !going.contains(&(user, *id)),
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

/// The names that may go and were not searched for, and the modules that have them.
pub struct Wanted {
    names: BTreeSet<String>,
    /// The last names of the modules; whoever imports from one writes it.
    modules: BTreeSet<String>,
}

impl Wanted {
    /// What `files` need no more that is not among `known` names.
    pub(super) fn new<'p>(
        project: &Project<'_>,
        files: impl Iterator<Item = (FileId, &'p Participant)>,
        known: &KnownNames,
    ) -> Self {
        let mut wanted = Self { names: BTreeSet::new(), modules: BTreeSet::new() };
        for (file, participant) in files {
            for leaving in participant.leaving.iter().filter(|leaving| !leaving.stays) {
                let Some(name) = &leaving.exported else { continue };
                if known.contains(name) {
                    continue;
                }
                wanted.names.insert(name.clone());
                let stem = project
                    .module_name(file)
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
        let holds = |text: &String| contains(bytes, text);
        self.names.iter().any(holds) && self.modules.iter().any(holds)
    }
}
