//! What a held site would become: a change that a person can take as it is.
//!
//! Each is made and proven on its own, as if nothing else of the file were rewritten. Nothing here
//! changes what happens to a site.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::candidate::{Candidate, Candidates, Examiner, Stage};
use super::make::{NEEDED, made};
use super::{Suggestions, outcome, prove};
use crate::config::python_style::files::StyleFiles;
use crate::matching::singleton::ReferenceOrBinding;
use crate::project::FileId;
use crate::resolve::{Hop, Resolver};
use crate::rewrite::{Decision, Draft, Part};
use crate::semantic::{BindingId, ScopeId};
use crate::site::{Reason, Site, Suggestion};
use crate::text::Edit;

/// How much text of a file is made anew for its suggestions: a bound on what many of them cost in
/// a large file. Those beyond it are said in words.
const MOST_BYTES: usize = 2 << 20;

/// The sites of all candidates, for people: with suggestions where they are made.
pub(super) fn sites(examiner: &Examiner<'_>, candidates: &Candidates) -> Vec<Site> {
    let finished = candidates.all.values().filter_map(|candidate| match &candidate.stage {
        Stage::Open(_) => None,
        Stage::Finished(finished) => Some(finished.sites.clone()),
    });
    let mut sites = finished.collect::<Vec<_>>().concat();
    let open: Vec<_> = candidates.open().collect();
    if examiner.request.suggestions == Suggestions::LeftOut {
        for (candidate, draft) in open {
            let unsaid = draft.decisions.iter().map(|_| None).collect();
            sites.extend(outcome::sites(draft, candidate.tier, unsaid));
        }
        return sites;
    }
    let imported: FxHashSet<(FileId, String)> = candidates
        .all
        .values()
        .flat_map(|Candidate { file, sites, .. }| {
            let is_needed = |(by, hop): &(ReferenceOrBinding, Hop)| {
                hop.file != *file || matches!(by, ReferenceOrBinding::Text(_))
            };
            sites.all_hops().filter(is_needed).map(|(_, hop)| (hop.file, hop.name))
        })
        .collect();
    let Examiner { resolver, styles, .. } = *examiner;
    let one = One { resolver, styles, imported: &imported };
    let suggested = open.into_par_iter().flat_map_iter(|(candidate, draft)| {
        outcome::sites(draft, candidate.tier, one.suggestions(draft))
    });
    sites.par_extend(suggested);
    sites
}

struct One<'a> {
    resolver: &'a Resolver<'a, 'a>,
    styles: &'a StyleFiles<'a>,
    /// The names of each file that other files, or strings, get from it.
    imported: &'a FxHashSet<(FileId, String)>,
}

impl One<'_> {
    fn suggestions(&self, draft: &Draft) -> Vec<Option<Suggestion>> {
        let mut bytes = 0;
        let size = draft.analysis.source.text.len();
        let suggest = |(place, decision): (usize, &Decision)| {
            let message = message(draft, decision)?;
            bytes += size;
            let edits = if bytes <= MOST_BYTES { self.edits(draft, place) } else { None };
            let edits = edits.unwrap_or_default();
            let position = |offset| draft.analysis.lines().position(offset);
            let place = |edit: &Edit| (position(edit.range.start()), position(edit.range.end()));
            let places = edits.iter().map(place).collect();
            Some(Suggestion { message, edits, places })
        };
        draft.decisions.iter().enumerate().map(suggest).collect()
    }

    /// The edits that carry an offer out, its imports among them.
    fn edits(&self, draft: &Draft, decision: usize) -> Option<Vec<Edit>> {
        let draft = draft.with_offer(decision)?;
        let names = &draft.analysis.names;
        let is_needed = |id: BindingId| {
            let binding = names.binding(id);
            let name = names.text(binding.name).to_owned();
            let is_imported =
                binding.scope == ScopeId::MODULE && self.imported.contains(&(draft.file, name));
            is_imported.then(|| NEEDED.to_owned())
        };
        let style = self.styles.style_of(draft.analysis.source.path.folder());
        let (made, new) = made(self.resolver, &draft, &is_needed, &style).ok()?;
        prove::prove_result(self.resolver, &draft, &made, &new).ok()?;
        Some(made.labelled.into_iter().map(|labelled| labelled.edit).collect())
    }
}

/// What an offer does, and when it is right.
fn message(draft: &Draft, decision: &Decision) -> Option<String> {
    let change = decision.offered.as_ref()?;
    let mut text = String::new();
    for part in &change.parts {
        text.push_str(match part {
            Part::Literal(literal) => literal,
            Part::Copy(range) => crate::text::slice(&draft.analysis.source.text, *range),
        });
    }
    let when = match decision.reason {
        Reason::Arguments => "if the arguments do not matter",
        Reason::AmbiguousBinding => {
            let symbol = &decision.symbol;
            return Some(format!("write `{text}` if `{symbol}` is what the name means here"));
        }
        Reason::ClassAsValue => "if whoever gets the class only calls it, without arguments",
        Reason::Lifecycle => "once nothing here closes it",
        Reason::Mutation => "once nothing here changes it for everybody",
        Reason::Identity => "if one object may stand for all",
        Reason::Environment => "if what is patched does not matter to it",
        Reason::MockTarget => "once the sites that read the class are rewritten",
        _ => return Some(format!("write `{text}`")),
    };
    Some(format!("write `{text}` {when}"))
}
