//! Imports of the symbols that rules are about.

use super::found::{Snippet, SnippetSite};
use super::rule::Rule;
use super::{FileNames, SnippetSites, Targets};
use crate::matching::relevance::KnownNames;
use crate::matching::singleton::ReferenceOrBinding;
use crate::pattern::Kind;
use crate::resolve::{Hop, Resolution};
use crate::semantic::{BindingId, BindingKind, Names, ScopeId};
use crate::site::Reason;

/// Notes which imports and aliases of the file lead to a rule's symbols, and under which names
/// other modules may get them here.
pub(super) fn imports(
    file: &mut FileNames<'_>,
    targets: &Targets,
    known: &KnownNames,
    sites: &mut SnippetSites,
) {
    let analysis = file.analysis;
    for (id, binding) in analysis.names.bindings() {
        let is_candidate = match &binding.kind {
            BindingKind::ImportFrom { member, .. } => known.contains(member),
            BindingKind::Assignment { alias_of: Some(reference), .. } => {
                file.relevant.reference(analysis.names.reference(*reference))
            }
            _ => false,
        };
        if !is_candidate {
            continue;
        }
        let (resolution, hops) = file.resolver.binding(file.file, analysis, id);
        sites.hops.extend(hops.into_iter().map(|hop| (ReferenceOrBinding::Binding(id), hop)));
        let mut links = targets.rules.iter().flat_map(|rule| &rule.before);
        let leads = links.any(|link| link.whole().is_some_and(|wanted| resolution.may_be(wanted)));
        if leads && binding.scope == ScopeId::MODULE {
            sites.offered.push(analysis.names.text(binding.name).to_owned());
        }
    }
}

/// Imports of a symbol that is migrated which nothing in their file uses: they are there for
/// other modules.
pub(super) fn idle_imports(
    file: &FileNames<'_>,
    targets: &Targets,
    known: &KnownNames,
    found: &mut Vec<SnippetSite>,
) {
    let analysis = file.analysis;
    for (index, rule) in targets.rules.iter().enumerate() {
        if rule.rewrite.kind != Kind::Symbol {
            continue;
        }
        for (id, binding) in analysis.names.bindings() {
            let BindingKind::ImportFrom { alias, member, .. } = &binding.kind else { continue };
            if !known.contains(member) || is_used(&analysis.names, id) {
                continue;
            }
            let (resolution, hops) = file.resolver.binding(file.file, analysis, id);
            if !leads(rule, &resolution, &hops) {
                continue;
            }
            let (reason, message) = judge(file, rule, id, &resolution);
            let first = resolution.origins.first();
            let chain = first.map(|(_, steps)| file.resolver.told(steps)).unwrap_or_default();
            found.push(SnippetSite {
                rule: index,
                range: *alias,
                snippet: Snippet::Import(id),
                reason,
                message,
                chain,
            });
        }
    }
}

/// Whether a binding leads to what a rule migrates.
fn leads(rule: &Rule, resolution: &Resolution, hops: &[Hop]) -> bool {
    let Some(link) = rule.before.first() else { return false };
    link.whole().is_some_and(|wanted| resolution.may_be(wanted))
        && link.via.as_ref().is_none_or(|via| via.is_taken(hops))
}

fn judge(
    file: &FileNames<'_>,
    rule: &Rule,
    id: BindingId,
    resolution: &Resolution,
) -> (Reason, String) {
    let names = &file.analysis.names;
    if rule.definitions.contains(&file.file) {
        return (Reason::Definition, format!("this module hands on `{}`", rule.symbol));
    }
    let binding = names.binding(id);
    let name = names.text(binding.name);
    let others = names.symbol(binding.scope, binding.name).map_or(&[][..], |one| &one.bindings);
    let other = others.iter().find(|&&other| {
        let (resolution, _) = file.resolver.binding(file.file, file.analysis, other);
        let wanted = rule.before.first().and_then(super::Link::whole);
        wanted.is_none_or(|wanted| !resolution.is(wanted))
    });
    if resolution.certain().is_none() {
        return (Reason::AmbiguousBinding, format!("`{name}` may be something else"));
    }
    match other {
        Some(&other) => {
            let line = file.analysis.lines().position(names.binding(other).range.start()).line;
            (Reason::AmbiguousBinding, format!("`{name}` is given another value on line {line}"))
        }
        None => (Reason::DirectInstantiation, format!("`{}` is imported for others", rule.symbol)),
    }
}

/// Whether anything in the file uses an import.
fn is_used(names: &Names, id: BindingId) -> bool {
    let binding = names.binding(id);
    names.references().any(|(_, reference)| {
        reference.name == binding.name
            && (names.reach(reference).bindings.contains(&id)
                || (reference.owner == Some(binding.scope)
                    && names.all(binding.scope, binding.name, true).bindings.contains(&id)))
    })
}
