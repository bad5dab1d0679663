//! The sites of rewrites: where a snippet's pattern is found in a file.
//!
//! A match is certain, or held because a name of it may mean something else; code whose names
//! cannot lead to what the pattern says is no site. What takes a match's place is not for here.

pub mod rule;
pub mod found;
mod leaves;
mod instance;
mod walk;
mod symbol;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::relevance::{KnownNames, Relevant};
use super::singleton::ReferenceOrBinding;
use super::target::Targets;
use crate::project::{Analysis, FileId};
use crate::resolve::{Hop, Resolution, Resolver};
use crate::semantic::{ReferenceId, ScopeId};
use crate::text::TextSize;

pub use found::{Argument, CodeToken, Context, InString, Piece, Place, Snippet, SnippetSite};
pub use rule::{Link, Rule};

/// What a file holds for rewrites.
#[derive(Debug, Default)]
pub struct SnippetSites {
    /// The sites, in source order; those of one range in the order of the rules.
    pub found: Vec<SnippetSite>,
    /// The names of other modules that uses and imports of the rules' symbols go through.
    pub hops: Vec<(ReferenceOrBinding, Hop)>,
    /// Names under which the file offers a rule's symbol to others.
    pub offered: Vec<String>,
}

/// Finds the sites of all rules in `file`.
pub fn find(
    resolver: &Resolver<'_, '_>,
    targets: &Targets,
    known: &KnownNames,
    file: FileId,
    analysis: &Analysis,
) -> SnippetSites {
    if targets.rules.is_empty() {
        return SnippetSites::default();
    }
    let mut file = FileNames::new(resolver, known, file, analysis);
    let mut sites = SnippetSites::default();
    symbol::imports(&mut file, targets, known, &mut sites);
    walk::walk(&mut file, targets, &mut sites.found);
    symbol::idle_imports(&file, targets, known, &mut sites.found);
    sites.found.sort_by_key(|site| (site.range.start(), site.range.end(), site.rule));
    sites.hops.append(&mut file.hops);
    sites.offered.sort();
    sites.offered.dedup();
    sites
}

/// One file's names, followed as far as they are asked for.
struct FileNames<'a> {
    resolver: &'a Resolver<'a, 'a>,
    file: FileId,
    analysis: &'a Analysis,
    relevant: Relevant,
    /// The references, by where their names start; apart for those in strings.
    by_start: FxHashMap<(TextSize, bool), SmallVec<[ReferenceId; 1]>>,
    followed: FxHashMap<ReferenceId, Followed>,
    hops: Vec<(ReferenceOrBinding, Hop)>,
    /// What is known of the first parameters of methods.
    instances: FxHashMap<(usize, usize, ScopeId), instance::Verdict>,
}

/// What a reference leads to.
#[derive(Debug, Clone)]
struct Followed {
    /// For the name, and then with each attribute.
    prefixes: std::rc::Rc<[Resolution]>,
    hops: std::rc::Rc<[Hop]>,
}

impl<'a> FileNames<'a> {
    fn new(
        resolver: &'a Resolver<'a, 'a>,
        known: &KnownNames,
        file: FileId,
        analysis: &'a Analysis,
    ) -> Self {
        let mut by_start: FxHashMap<_, SmallVec<[ReferenceId; 1]>> = FxHashMap::default();
        for (id, reference) in analysis.names.references() {
            let key = (reference.range.start(), reference.in_string);
            by_start.entry(key).or_default().push(id);
        }
        Self {
            resolver,
            file,
            analysis,
            relevant: Relevant::new(&analysis.names, known),
            by_start,
            followed: FxHashMap::default(),
            hops: Vec::new(),
            instances: FxHashMap::default(),
        }
    }

    fn follow(&mut self, id: ReferenceId) -> Followed {
        if let Some(followed) = self.followed.get(&id) {
            return followed.clone();
        }
        let reference = self.analysis.names.reference(id);
        let mut hops = Vec::new();
        let prefixes = self.resolver.reference(self.file, self.analysis, reference, &mut hops);
        let relevant = hops.iter().map(|hop| (ReferenceOrBinding::Reference(id), hop.clone()));
        self.hops.extend(relevant);
        let followed = Followed { prefixes: prefixes.into(), hops: hops.into() };
        self.followed.insert(id, followed.clone());
        followed
    }
}
