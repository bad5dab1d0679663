//! The imports of a file by which a use got its meaning.

use rustc_hash::FxHashSet;

use crate::project::Analysis;
use crate::semantic::{BindingId, BindingKind, Reference, ScopeId};

/// The import bindings from which a reference's name comes: its own, or those of the names that
/// it is an alias of. Star imports count where nothing else binds the name.
pub fn of(analysis: &Analysis, reference: &Reference) -> Vec<BindingId> {
    let names = &analysis.names;
    let mut found = Vec::new();
    let mut seen = FxHashSet::default();
    let mut open = vec![reference];
    while let Some(reference) = open.pop() {
        let reach = names.reach(reference);
        for &id in reach.bindings.iter().filter(|&&id| seen.insert(id)) {
            match &names.binding(id).kind {
                BindingKind::Import { .. } | BindingKind::ImportFrom { .. } => found.push(id),
                BindingKind::Assignment { alias_of: Some(other), .. } => {
                    open.push(names.reference(*other));
                }
                _ => {}
            }
        }
        let is_global = reference.owner.is_none_or(|owner| owner == ScopeId::MODULE);
        if reach.bindings.is_empty() && is_global {
            found.extend(names.star_imports());
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::ProjectPath;

    #[test]
    fn aliases_of_each_other_are_followed_once() {
        let swaps = "    if item:\n        a = b\n    else:\n        b = a\n".repeat(30);
        let text = format!("from m import C\na = C\nb = C\nfor item in x:\n{swaps}a()\n");
        let path = ProjectPath::new("m.py").unwrap();
        let analysis = Analysis::new(&path, text.as_bytes()).unwrap();
        let (_, last) = analysis.names.references().last().unwrap();
        assert_eq!(analysis.names.text(last.name), "a");
        let found = of(&analysis, last);
        let names = found.iter().map(|&id| analysis.names.text(analysis.names.binding(id).name));
        assert_eq!(names.collect::<Vec<_>>(), ["C"]);
    }
}
