//! Every decision of a file, before its imports are cleaned up.

use std::sync::Arc;

use super::combine::{Ranked, combine};
use super::decide::{Decision, Rules, decide};
use super::leftovers::{self, Leftover};
use super::{snippet, symbol, unused};
use crate::matching::pragma::{Pragma, pragmas};
use crate::matching::snippets::SnippetSite;
use crate::matching::{FileSites, Found, Targets};
use crate::pattern::Kind;
use crate::project::{Analysis, FileId};
use crate::resolve::Resolver;
use crate::semantic::ReferenceId;
use crate::site::{Reason, Verdict};
use crate::spelling::{Planned, Speller};
use crate::text::{Edit, TextRange};

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
    /// The reasons that the file's tier accepts.
    pub accept: Vec<Reason>,
    /// The edits of code that goes with a mock target which is rewritten.
    pub retargets: Vec<Retarget>,
    /// The same, of those for which a change is offered.
    pub offered_retargets: Vec<Retarget>,
}

/// An edit of code that goes with a string of the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retarget {
    /// The string.
    pub site: TextRange,
    /// The edit.
    pub edit: Edit,
    /// A piece of the old text that it moves, and where that is in its text.
    pub copy: Option<(TextRange, TextRange)>,
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
    let pragmas = pragmas(&analysis.module, &analysis.source.text, &analysis.lines());
    let planned = Planned::default();
    let speller = Speller { resolver, file, analysis, planned: &planned };
    let rules = Rules { accept, pragmas: &pragmas };
    let mut decisions: Vec<Ranked> = sites
        .found
        .iter()
        .filter_map(|found: &Found| {
            let target = targets.all.get(found.target)?;
            let decision = decide(&speller, target, found, &rules);
            if let Some(change) = &decision.change {
                planned.note(&change.requests, &target.shared);
            }
            Some((0, decision))
        })
        .collect();
    decisions.extend(snippets(&speller, targets, &sites.snippets.found, &rules));
    for (_, decision) in &mut decisions {
        decision.hold_what_is_printed(analysis);
    }
    let mut decisions = combine(decisions);
    for decision in &mut decisions {
        let offered = decision.offered.as_deref_mut();
        for change in decision.change.iter_mut().chain(offered) {
            change.set_apart(&analysis.source.text);
        }
    }
    unused::hold(&analysis.names, &mut decisions);
    let mut draft = Draft {
        file,
        analysis: Arc::clone(analysis),
        decisions,
        leftovers: Vec::new(),
        pragmas,
        accept: accept.to_vec(),
        retargets: Vec::new(),
        offered_retargets: Vec::new(),
    };
    draft.leftovers = leftovers::find(&draft);
    draft
}

/// The decisions on the sites of rewrites.
fn snippets(
    speller: &Speller<'_>,
    targets: &Targets,
    sites: &[SnippetSite],
    rules: &Rules<'_>,
) -> Vec<Ranked> {
    let mut decisions = Vec::new();
    for (index, rule) in targets.rules.iter().enumerate() {
        let sites: Vec<&SnippetSite> = sites.iter().filter(|site| site.rule == index).collect();
        let decided = match rule.rewrite.kind {
            _ if sites.is_empty() => continue,
            Kind::Symbol => symbol::decide(speller, rule, &sites, rules),
            _ => sites.iter().map(|site| snippet::decide(speller, rule, site, rules)).collect(),
        };
        decisions.extend(decided.into_iter().map(|decision| (index + 1, decision)));
    }
    decisions
}

impl Draft {
    /// A draft in which nothing happens but what is offered for one held site.
    pub fn with_offer(&self, decision: usize) -> Option<Self> {
        let mut decision = self.decisions.get(decision)?.clone();
        decision.change = Some(*decision.offered.take()?);
        decision.verdict = Verdict::Rewrite;
        let retargets = self.offered_retargets.iter();
        let retargets = retargets.filter(|one| one.site == decision.range).cloned().collect();
        let mut draft = Self {
            file: self.file,
            analysis: Arc::clone(&self.analysis),
            decisions: vec![decision],
            leftovers: Vec::new(),
            pragmas: Vec::new(),
            accept: self.accept.clone(),
            retargets,
            offered_retargets: Vec::new(),
        };
        draft.leftovers = leftovers::find(&draft);
        Some(draft)
    }

    /// Something of the file changes.
    pub fn changes(&self) -> bool {
        self.decisions.iter().any(|decision| decision.change.is_some())
    }

    /// Whether a use is gone when the sites are rewritten.
    pub fn is_gone(&self, reference: ReferenceId) -> bool {
        let range = self.analysis.names.reference(reference).range;
        self.decisions.iter().any(|decision| decision.takes(range))
    }
}
