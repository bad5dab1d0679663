//! One tier taken out of the files as they are now, for `rollback` and for `watch`.

use std::collections::BTreeMap;

use anyhow::bail;

use super::session::Session;
use super::workshop::{now, who};
use crate::config::SelectError;
use crate::fs::{ProjectPath, SourceTree};
use crate::git::RepoPath;
use crate::patch::Change;
use crate::run::taken_back::{LostExport, StillWorks, lost_exports, lost_since};
use crate::transaction::{
    self, Checks, Failure, Finish, History, Kind, Message, Outcome, Ready, Request, Rollback,
    RollbackError, Workbench,
};

/// A tier of the configuration, or one that only the history still knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its place in the configuration.
    pub index: Option<usize>,
}

impl Named {
    /// `tier 1, websocket`.
    pub fn title(&self) -> String {
        match self.index {
            Some(index) => format!("tier {}, {}", index + 1, self.name),
            None => format!("tier {}", self.name),
        }
    }
}

/// The tiers that `--tier` asks for, the last one first.
///
/// # Errors
/// Neither the configuration nor the history knows it.
pub fn asked_for(
    session: &Session<'_>,
    history: &History,
    text: &str,
) -> anyhow::Result<Vec<Named>> {
    let name = |index: usize| {
        let name = session.config.tiers.get(index).map(|tier| tier.name.clone());
        Named { name: name.unwrap_or_default(), index: Some(index) }
    };
    match session.selected(Some(text)) {
        Ok(selected) => Ok(selected.into_iter().rev().map(name).collect()),
        Err(error) if error.is::<SelectError>() && history.of(text).next().is_some() => {
            Ok(vec![Named { name: text.to_owned(), index: None }])
        }
        Err(error) => Err(error),
    }
}

/// Why a tier is not taken back. Nothing was changed.
#[derive(Debug)]
pub enum Refusal {
    /// There is no way to.
    Use(anyhow::Error),
    /// It was never applied, as far as the history tells.
    NeverApplied(String),
    /// Somebody has taken it back already.
    AlreadyBack(String),
    /// Somebody has to look at these places first.
    Conflicts(String),
}

/// What takes `tier` out of the tree as it is.
///
/// # Errors
/// Git or the disk fails; or, inside, why it cannot be taken back.
pub fn plan(
    session: &Session<'_>,
    bench: &Workbench<'_>,
    history: &History,
    tier: &Named,
) -> anyhow::Result<Result<Rollback, Refusal>> {
    let tree = session.tree();
    let knowledge = StillWorks { tree: &tree, tiers: &session.config, tier: tier.index };
    let rollback = match transaction::rollback(bench, history, &tier.name, &knowledge) {
        Ok(rollback) => rollback,
        Err(error @ RollbackError::Conflicts(_)) => {
            return Ok(Err(Refusal::Conflicts(error.to_string())));
        }
        Err(error @ (RollbackError::NeverApplied { .. } | RollbackError::Elsewhere { .. })) => {
            return Ok(Err(Refusal::NeverApplied(error.to_string())));
        }
        Err(error @ RollbackError::AlreadyBack { .. }) => {
            return Ok(Err(Refusal::AlreadyBack(error.to_string())));
        }
        Err(RollbackError::Transaction(error)) => return Err(error.into()),
        Err(error) => return Ok(Err(Refusal::Use(error.into()))),
    };
    let lost = lost(session, bench, rollback.before.as_deref(), &tree, &rollback.changes)?;
    if !lost.is_empty() {
        let lines: Vec<String> = lost.iter().map(ToString::to_string).collect();
        return Ok(Err(Refusal::Conflicts(lines.join("\n"))));
    }
    Ok(Ok(rollback))
}

/// The uses of names that would not be there after `changes`. Those that were there without them in
/// the commit `before` do without them.
///
/// # Errors
/// Git or the disk fails.
pub fn lost(
    session: &Session<'_>,
    bench: &Workbench<'_>,
    before: Option<&str>,
    tree: &dyn SourceTree,
    changes: &[Change],
) -> anyhow::Result<Vec<LostExport>> {
    let roots = session.source_roots();
    let pool = session.pool()?;
    let lost = pool.install(|| lost_exports(tree, roots.as_deref(), changes))?;
    let (Some(git), Some(before), false) = (bench.git(), before, lost.is_empty()) else {
        return Ok(lost);
    };
    let mut paths: Vec<&ProjectPath> = lost.iter().flat_map(|one| [&one.path, &one.from]).collect();
    paths.sort();
    paths.dedup();
    let there: Vec<RepoPath> = paths.iter().map(|path| git.repo_path(path)).collect();
    let entries = git.tree_entries(before, &there)?;
    let stored = paths.into_iter().zip(&there).filter_map(|(path, there)| {
        let entry = entries.get(there)?;
        Some((path.clone(), entry.id.clone()))
    });
    let (paths, ids): (Vec<ProjectPath>, Vec<String>) = stored.unzip();
    let texts: BTreeMap<_, _> = paths.into_iter().zip(git.contents(&ids)?).collect();
    Ok(pool.install(|| lost_since(tree, roots.as_deref(), changes, lost, &texts))?)
}

/// How a tier is taken back.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// The commit is left to the user.
    pub no_commit: bool,
    /// Files may have uncommitted changes.
    pub allow_dirty: bool,
}

/// Takes the tier back.
///
/// # Errors
/// Whatever keeps it from beginning; or, inside, why it does not stand.
pub fn carry_out(
    ready: &Ready<'_>,
    tier: &Named,
    rollback: Rollback,
    how: How,
    checks: &mut dyn Checks,
) -> anyhow::Result<Result<Outcome, Failure>> {
    let bench = ready.bench();
    if bench.git().is_none() && how.no_commit {
        bail!("--no-commit means nothing here, as there is no git");
    }
    let commits = bench.git().is_some() && !how.no_commit;
    let message = message(tier, &rollback.changes, &rollback.rolls_back);
    let request = Request {
        kind: Kind::Rollback,
        tier: tier.name.clone(),
        transforms: Vec::new(),
        changes: rollback.changes,
        sites: None,
        rolls_back: rollback.rolls_back,
        message,
        allow_dirty: how.allow_dirty,
        finish: if commits { Finish::Commit } else { Finish::Keep },
        who: who(bench)?,
        when: now(),
    };
    Ok(transaction::apply(ready, request, checks))
}

fn message(tier: &Named, changes: &[Change], rolls_back: &[(String, String)]) -> Message {
    let mut taken: Vec<&str> = rolls_back.iter().map(|(id, _)| id.as_str()).collect();
    taken.dedup();
    let files = super::tier_work::counted(changes.len(), "file");
    Message {
        subject: format!("Roll back {}", tier.title()),
        body: format!("Takes back {} in {files}. Later edits stay.", taken.join(", ")),
    }
}
