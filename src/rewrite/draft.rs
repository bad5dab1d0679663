//! Every decision of a file, before its imports are cleaned up.

use std::sync::Arc;

use super::decide::{Decision, Rules, decide};
use super::leftovers::{self, Leftover};
use crate::matching::pragma::{Pragma, pragmas};
use crate::matching::{FileSites, Found, Targets};
use crate::project::{Analysis, FileId};
use crate::resolve::Resolver;
use crate::semantic::ReferenceId;
use crate::site::Reason;
use crate::spelling::Speller;

/// A file's decisions.
#[derive(Debug)]
pub struct Draft {
    /// The file.
    pub file: FileId,
    /// The file as it is.
    pub analysis: Arc<Analysis>,
    /// One per site, in source order.
    pub decisions: Vec<Decision>,
    /// The imports that the file itself no longer needs when its sites are rewritten.
    pub leftovers: Vec<Leftover>,
    /// The file's pragmas.
    pub pragmas: Vec<Pragma>,
}

/// Decides every site of a file.
pub fn draft(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    file: FileId,
    analysis: &Arc<Analysis>,
    sites: &FileSites,
    accept: &[Reason],
) -> Draft {
    let pragmas = pragmas(&analysis.module, &analysis.source.text, &analysis.lines);
    let speller = Speller { resolver, file, analysis };
    let rules = Rules { accept, pragmas: &pragmas };
    let decisions: Vec<Decision> = sites
        .found
        .iter()
        .filter_map(|found: &Found| {
            let target = targets.all.get(found.target)?;
            Some(decide(&speller, target, found, &rules))
        })
        .collect();
    let mut draft =
        Draft { file, analysis: Arc::clone(analysis), decisions, leftovers: Vec::new(), pragmas };
    draft.leftovers = leftovers::find(&draft);
    draft
}

impl Draft {
    /// Something of the file changes.
    pub fn changes(&self) -> bool {
        self.decisions.iter().any(|decision| decision.change.is_some())
    }

    /// Whether a use is gone when the sites are rewritten.
    pub fn is_gone(&self, reference: ReferenceId) -> bool {
        let range = self.analysis.names.reference(reference).range;
        self.decisions.iter().filter_map(|decision| decision.change.as_ref()).any(|change| {
            let replaced = change.replaces_statement.unwrap_or(change.range);
            !change.keeps_reference
                && replaced.contains_range(range)
                && !change.copies().any(|copy| copy.contains_range(range))
        })
    }
}
