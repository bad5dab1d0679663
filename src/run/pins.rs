//! Which imports that their own file no longer needs are needed by other files.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::matching::FileSites;
use crate::matching::singleton::ReferenceOrBinding;
use crate::project::FileId;
use crate::rewrite::Draft;
use crate::semantic::{BindingId, ScopeId};

/// A file as far as this matters.
pub struct Participant<'a> {
    /// What its names go through.
    pub sites: &'a FileSites,
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
    let mut by_name: FxHashMap<(FileId, String), BindingId> = FxHashMap::default();
    let mut order: Vec<FileId> = files.keys().copied().collect();
    order.sort_unstable();
    for &file in &order {
        let Some(draft) = files.get(&file).and_then(|participant| participant.draft) else {
            continue;
        };
        for leftover in draft.leftovers.iter().filter(|leftover| leftover.stays.is_none()) {
            let binding = draft.analysis.names.binding(leftover.binding);
            going.insert((file, leftover.binding));
            if binding.scope == ScopeId::MODULE {
                let name = draft.analysis.names.text(binding.name).to_owned();
                by_name.insert((file, name), leftover.binding);
            }
        }
    }
    loop {
        let mut needed = Vec::new();
        for &user in &order {
            let Some(participant) = files.get(&user) else { continue };
            for (by, hop) in &participant.sites.hops {
                let Some(&binding) = by_name.get(&(hop.file, hop.name.clone())) else { continue };
                let target = (hop.file, binding);
                if !going.contains(&target) || hop.file == user {
                    continue;
                }
                let same_tier =
                    files.get(&hop.file).is_some_and(|owner| owner.tier == participant.tier);
                let survives = match by {
                    ReferenceOrBinding::Reference(id) => {
                        participant.draft.is_none_or(|draft| !draft.is_gone(*id))
                    }
                    ReferenceOrBinding::Binding(id) => !going.contains(&(user, *id)),
                };
                if survives || !same_tier {
                    needed.push(target);
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
