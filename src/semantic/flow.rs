//! Which bindings reach a point of a scope's code.
//!
//! A state maps every name of the running scope to the bindings that may have given it its value.
//! Branches are run one after another from the same state; what each changed is taken off again
//! and joined at the end, so that the cost is that of the changes, not of the names.

use rustc_hash::FxHashMap;

use super::{BindingId, BindingList, NameId};

/// Bindings that may reach, sorted, without repetition.
pub(super) type ReachSet = BindingList;

/// The state of one scope at one point.
#[derive(Debug, Default)]
pub(super) struct Flow {
    reach: FxHashMap<NameId, ReachSet>,
    log: Vec<(NameId, Option<ReachSet>)>,
    unreachable: bool,
}

/// A point to return to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    log: usize,
    unreachable: bool,
}

/// What one branch changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Branch {
    changes: Vec<(NameId, ReachSet)>,
    unreachable: bool,
}

impl Flow {
    /// The bindings that may reach here; only [`BindingId::UNBOUND`] where there was none yet.
    pub(super) fn reach(&self, name: NameId) -> ReachSet {
        self.reach.get(&name).cloned().unwrap_or_else(|| smallvec::smallvec![BindingId::UNBOUND])
    }

    /// Code after this point is not run: `return`, `raise`, `break`, `continue`.
    pub(super) fn stop(&mut self) {
        self.unreachable = true;
    }

    pub(super) fn is_unreachable(&self) -> bool {
        self.unreachable
    }

    /// The state at the beginning of another scope, in the memory of this one.
    pub(super) fn restarted(mut self) -> Self {
        self.reach.clear();
        self.log.clear();
        self.unreachable = false;
        self
    }

    /// From here on, `name` means what `reach` says.
    pub(super) fn set(&mut self, name: NameId, reach: ReachSet) {
        let before = self.reach.insert(name, reach);
        self.log.push((name, before));
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { log: self.log.len(), unreachable: self.unreachable }
    }

    /// The names that changed since `mark`, each once, in order of their ids.
    pub(super) fn changed_since(&self, mark: Mark) -> Vec<NameId> {
        let mut names: Vec<_> = self.log.iter().skip(mark.log).map(|&(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What changed since `mark`; the state is left as it is.
    pub(super) fn branch_since(&self, mark: Mark) -> Branch {
        let changes =
            self.changed_since(mark).into_iter().map(|name| (name, self.reach(name))).collect();
        Branch { changes, unreachable: self.unreachable }
    }

    /// What changed since `mark`; the state is that of `mark` again.
    pub(super) fn take_branch(&mut self, mark: Mark) -> Branch {
        let branch = self.branch_since(mark);
        while self.log.len() > mark.log {
            let Some((name, before)) = self.log.pop() else { break };
            match before {
                Some(reach) => self.reach.insert(name, reach),
                None => self.reach.remove(&name),
            };
        }
        self.unreachable = mark.unreachable;
        branch
    }

    /// Makes the changes of `branch` in the present state.
    pub(super) fn replay(&mut self, branch: Branch) {
        for (name, reach) in branch.changes {
            self.set(name, reach);
        }
        self.unreachable |= branch.unreachable;
    }

    /// Continues where any of `branches`, all taken from the present state, ends.
    pub(super) fn join(&mut self, branches: &[Branch]) {
        let all_stop = branches.iter().all(|branch| branch.unreachable);
        let counted: Vec<_> =
            branches.iter().filter(|branch| all_stop || !branch.unreachable).collect();
        let mut names: Vec<_> = counted
            .iter()
            .flat_map(|branch| branch.changes.iter().map(|&(name, _)| name))
            .collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let before = self.reach(name);
            let mut joined = ReachSet::new();
            for branch in &counted {
                let at = branch.changes.binary_search_by_key(&name, |&(name, _)| name);
                let reach = at.ok().and_then(|at| branch.changes.get(at));
                joined.extend_from_slice(reach.map_or(&before, |(_, reach)| reach));
            }
            normalize(&mut joined);
            self.set(name, joined);
        }
        self.unreachable = all_stop || self.unreachable;
    }
}

impl Branch {
    /// The branch as one that goes on at its end: a `break` goes on after the loop.
    pub(super) fn reached(mut self) -> Self {
        self.unreachable = false;
        self
    }
}

/// Sorts `reach` and leaves each binding once.
pub(super) fn normalize(reach: &mut ReachSet) {
    reach.sort_unstable();
    reach.dedup();
}
