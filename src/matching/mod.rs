//! Finds the sites of a file: every place that a transform is about, with what is known of it.
//!
//! Nothing is decided about imports here and nothing is edited. Every call of a target's name, in
//! code or in text, becomes a site, so that the accounts close.

pub mod arguments;
pub mod target;
pub mod relevance;
pub mod class_use;
pub mod calls;
pub mod holder;
pub mod mentions;
pub mod pragma;
pub mod singleton;
pub mod fixtures;
pub mod hazards;
pub mod by_text;
pub mod uses;
pub mod snippets;
pub mod mocks;
mod patcher;
pub mod written;

pub use class_use::ClassUse;
pub use singleton::{FileSites, Found};
pub use target::{Access, Target, Targets};

use crate::project::{Analysis, FileId};
use crate::resolve::Resolver;
use crate::syntax::tree::LazyTree;
use mentions::Mentions;
use relevance::KnownNames;
use singleton::ReferenceOrBinding;

/// Finds the sites of `file`: those of singletons and those of rewrites.
pub fn find(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    known: &KnownNames,
    mentions: &Mentions,
    file: FileId,
    analysis: &Analysis,
) -> FileSites {
    let tree = LazyTree::new(&analysis.module);
    let mut sites = if targets.all.is_empty() {
        FileSites::default()
    } else {
        singleton::find(resolver, targets, known, mentions, file, analysis, &tree)
    };
    let mocks::Found { targets: patched, constants } =
        mocks::find(resolver, targets, known, file, analysis);
    sites.mocks = patched;
    let by_text = by_text::find(resolver, known, file, analysis, &tree).into_iter();
    sites.hops.extend(by_text.map(|(range, hop)| (ReferenceOrBinding::Text(range), hop)));
    sites.offered.extend(constants);
    sites.snippets = snippets::find(resolver, targets, known, file, analysis);
    sites
}
