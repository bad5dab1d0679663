//! Which names of other modules a file's names go through.

use super::by_text;
use super::relevance::{KnownNames, Relevant};
use super::singleton::ReferenceOrBinding;
use crate::project::{Analysis, FileId};
use crate::resolve::{Hop, Resolver};
use crate::semantic::BindingKind;
use crate::syntax::tree::LazyTree;

/// The names of other modules through which uses and imports of `known` names go, and texts that
/// reach them.
pub fn hops(
    resolver: &Resolver<'_, '_>,
    known: &KnownNames,
    file: FileId,
    analysis: &Analysis,
) -> Vec<(ReferenceOrBinding, Hop)> {
    let names = &analysis.names;
    let relevant = Relevant::new(names, known);
    let mut found = Vec::new();
    for (id, binding) in names.bindings() {
        let is_candidate = match &binding.kind {
            BindingKind::ImportFrom { member, .. } => known.contains(member),
            BindingKind::Assignment { alias_of: Some(reference), .. } => {
                relevant.reference(names.reference(*reference))
            }
            _ => false,
        };
        if is_candidate {
            let (_, hops) = resolver.binding(file, analysis, id);
            found.extend(hops.into_iter().map(|hop| (ReferenceOrBinding::Binding(id), hop)));
        }
    }
    for (id, reference) in names.references() {
        if relevant.reference(reference) {
            let mut hops = Vec::new();
            resolver.reference(file, analysis, reference, &mut hops);
            found.extend(hops.into_iter().map(|hop| (ReferenceOrBinding::Reference(id), hop)));
        }
    }
    let tree = LazyTree::new(&analysis.module);
    let by_text = by_text::find(resolver, known, file, analysis, &tree).into_iter();
    found.extend(by_text.map(|(range, hop)| (ReferenceOrBinding::Text(range), hop)));
    found
}
