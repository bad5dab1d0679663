//! A name that moves: its uses, and the imports that bring it.
//!
//! Where every use of an import is to be changed, the import itself is: it keeps its place and,
//! where the new name would be in somebody's way or the import had an `as`, its name. Otherwise
//! each use is spelled for itself.

use std::collections::BTreeMap;

use super::decide::{Change, Decision, Migration, Part, Rules};
use super::snippet;
use crate::imports::ImportRequest;
use crate::matching::snippets::{Rule, Snippet, SnippetSite};
use crate::semantic::{BindingId, BindingKind, NameId, Names, ReferenceId, ScopeId};
use crate::spelling::{Anchor, Speller, Wanted};
use crate::text::{TextRange, slice};

/// Decides all sites of a rule about a name, in the order in which they are given.
pub(super) fn decide(
    speller: &Speller<'_>,
    rule: &Rule,
    sites: &[&SnippetSite],
    rules: &Rules<'_>,
) -> Vec<Decision> {
    let mut begun: Vec<(Decision, bool)> =
        sites.iter().map(|site| snippet::begin(speller, rule, site, rules)).collect();
    let mut done = vec![false; sites.len()];
    for group in groups(speller, sites, &begun) {
        let Some(changes) = migrate(speller, rule, sites, &group, rules) else { continue };
        for (index, change, migrations) in changes {
            if let (Some((decision, _)), Some(done)) = (begun.get_mut(index), done.get_mut(index)) {
                decision.verdict = crate::site::Verdict::Rewrite;
                decision.change = Some(change);
                decision.migrations = migrations;
                *done = true;
            }
        }
    }
    begun
        .into_iter()
        .zip(sites)
        .zip(done)
        .map(|(((mut decision, goes_on), site), done)| {
            if !goes_on {
                if let Snippet::Pattern(context) = &site.snippet {
                    let changed = snippet::change(speller, rule, site.range, context, rules);
                    snippet::offer(&mut decision, changed);
                }
            } else if !done {
                let changed = match &site.snippet {
                    Snippet::Pattern(context) => {
                        snippet::change(speller, rule, site.range, context, rules)
                    }
                    Snippet::Import(_) => Err(crate::spelling::Held {
                        reason: crate::site::Reason::NotRewritableHere,
                        message: "the import cannot become one of the new name".to_owned(),
                    }),
                };
                snippet::finish(speller, &mut decision, changed, rules);
            }
            decision
        })
        .collect()
}

/// A name of a scope that imports bring, with all its uses.
#[derive(Debug)]
struct Group {
    scope: ScopeId,
    name: NameId,
    bindings: Vec<BindingId>,
    /// The sites, by their places among those of the rule, with their references.
    uses: Vec<(usize, Option<ReferenceId>)>,
}

/// The names of which every binding and every use is to be changed.
fn groups(speller: &Speller<'_>, sites: &[&SnippetSite], begun: &[(Decision, bool)]) -> Vec<Group> {
    let names = &speller.analysis.names;
    let mut groups: BTreeMap<(ScopeId, NameId), Group> = BTreeMap::new();
    let mut add = |binding: BindingId, site: usize, reference: Option<ReferenceId>| {
        let found = names.binding(binding);
        let (scope, name) = (found.scope, found.name);
        let new = || Group { scope, name, bindings: Vec::new(), uses: Vec::new() };
        let group = groups.entry((scope, name)).or_insert_with(new);
        if !group.bindings.contains(&binding) {
            group.bindings.push(binding);
        }
        if !group.uses.contains(&(site, reference)) {
            group.uses.push((site, reference));
        }
    };
    for (index, (site, (decision, goes_on))) in sites.iter().zip(begun).enumerate() {
        let is_certain = decision.reason == crate::site::Reason::DirectInstantiation;
        if !goes_on || !is_certain {
            continue;
        }
        match &site.snippet {
            Snippet::Import(binding) => add(*binding, index, None),
            Snippet::Pattern(context) => {
                let Some(&(_, id, 0)) = context.references.first() else { continue };
                let reference = names.reference(id);
                let reach = names.reach(reference);
                for &binding in &reach.bindings {
                    add(binding, index, Some(id));
                }
            }
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.retain(|group| is_whole(names, group));
    groups
}

fn is_whole(names: &Names, group: &Group) -> bool {
    let all = names.symbol(group.scope, group.name).map_or(&[][..], |symbol| &symbol.bindings);
    let all_move = all.iter().all(|id| {
        group.bindings.contains(id)
            && matches!(names.binding(*id).kind, BindingKind::ImportFrom { .. })
    });
    all_move
        && names
            .references()
            .filter(|(_, reference)| {
                reference.name == group.name && reference.owner == Some(group.scope)
            })
            .all(|(id, _)| group.uses.iter().any(|(_, used)| *used == Some(id)))
}

type Changes = Vec<(usize, Change, Vec<Migration>)>;

/// Changes the imports of a group; `None` where each use has to be looked at by itself.
fn migrate(
    speller: &Speller<'_>,
    rule: &Rule,
    sites: &[&SnippetSite],
    group: &Group,
    rules: &Rules<'_>,
) -> Option<Changes> {
    let names = &speller.analysis.names;
    let (chain, link) = (rule.rewrite.after.chains.first()?, rule.after.first()?);
    if !chain.member()?.2.is_empty() {
        return None;
    }
    let new_name = snippet::local_name(&rule.rewrite.after, chain);
    let alias = format!("{new_name}_");
    let wanted = snippet::wanted(rule, chain, link, &new_name, &alias, false, rules)?;
    let local = names.text(group.name).to_owned();
    let mut kept = Vec::new();
    for &binding in &group.bindings {
        kept.push((binding, speller.in_place(&wanted, binding, &local)?));
    }
    let has_alias = group.bindings.iter().any(|&binding| match &names.binding(binding).kind {
        BindingKind::ImportFrom { alias, .. } => *alias != names.binding(binding).range,
        _ => true,
    });
    // Others may import it from the package under the name that it has there. Beside the new name
    // the old import would stay for them, and be one that nothing here uses.
    let is_offered = group.scope == ScopeId::MODULE
        && speller.analysis.is_package()
        && !names.dunder_all().lists(&local);
    let renamed = (local != new_name && !has_alias && !is_offered)
        .then(|| renamed(speller, sites, group, &wanted))
        .flatten();
    match renamed {
        Some(renamed) => rename(speller, sites, group, &wanted, kept, renamed),
        None => Some(keep_name(speller, sites, group, &wanted, kept)),
    }
}

/// The uses under a new name: for each the name as it is written, and the imports.
type Renamed = Vec<(usize, crate::spelling::Spelling)>;

/// Spells every use under the new name; `None` where somewhere that is not the plain name.
fn renamed(
    speller: &Speller<'_>,
    sites: &[&SnippetSite],
    group: &Group,
    wanted: &Wanted<'_>,
) -> Option<Renamed> {
    let mut done = Vec::new();
    for &(index, reference) in &group.uses {
        let (Some(site), Some(id)) = (sites.get(index), reference) else { continue };
        let Snippet::Pattern(context) = &site.snippet else { continue };
        let references = [(id, 0)];
        let anchor = Anchor { scope: context.scope, site: site.range, references: &references };
        let spelling = speller.spell_at(wanted, &anchor).ok()?;
        let fits = spelling.name == wanted.local || spelling.uses.is_some();
        if !fits || !site_takes_name(context) {
            return None;
        }
        done.push((index, spelling));
    }
    Some(done)
}

fn site_takes_name(context: &crate::matching::snippets::Context) -> bool {
    use crate::matching::snippets::InString;
    use crate::syntax::slot::{Fit, Shape};
    context.string != Some(InString::Mixed)
        && context.slot.is_none_or(|slot| slot.fit(Shape::NAME) == Fit::Bare)
}

/// The uses get the new name, and so does `__all__`; the old name stays for those who import it
/// from here.
fn rename(
    speller: &Speller<'_>,
    sites: &[&SnippetSite],
    group: &Group,
    wanted: &Wanted<'_>,
    kept: Vec<(BindingId, Vec<ImportRequest>)>,
    renamed: Renamed,
) -> Option<Changes> {
    let names = &speller.analysis.names;
    let is_listed = names.dunder_all().lists(names.text(group.name));
    if renamed.is_empty() && (!is_listed || group.scope != ScopeId::MODULE) {
        // Nobody here wants it: it is there for others, who know its name.
        return Some(keep_name(speller, sites, group, wanted, kept));
    }
    let mut migrations = Vec::new();
    for (binding, requests) in kept {
        let plain = speller.in_place(wanted, binding, wanted.local)?;
        let name = wanted.local.to_owned();
        migrations.push(Migration { binding, kept: requests, renamed: Some((name, plain)) });
    }
    let mut changes: Changes = renamed
        .into_iter()
        .map(|(index, spelling)| {
            let range = sites.get(index).map(|site| site.range).unwrap_or_default();
            let mut change = empty(range, wanted);
            change.parts = vec![Part::Literal(spelling.name)];
            change.wanted = vec![wanted.origin.clone()];
            change.requests = spelling.requests;
            change.uses = spelling.uses.into_iter().collect();
            change.why = spelling.why;
            (index, change, migrations.clone())
        })
        .collect();
    for &(index, reference) in &group.uses {
        if reference.is_none()
            && let Some(site) = sites.get(index)
        {
            changes.push((index, idle(site.range, wanted), migrations.clone()));
        }
    }
    Some(changes)
}

/// The imports bring the new symbol under the old one's name; its uses stay as they are written.
fn keep_name(
    speller: &Speller<'_>,
    sites: &[&SnippetSite],
    group: &Group,
    wanted: &Wanted<'_>,
    kept: Vec<(BindingId, Vec<ImportRequest>)>,
) -> Changes {
    let text = &speller.analysis.source.text;
    let requests: Vec<ImportRequest> =
        kept.iter().flat_map(|(_, requests)| requests.iter().cloned()).collect();
    let migrations: Vec<Migration> = kept
        .into_iter()
        .map(|(binding, kept)| Migration { binding, kept, renamed: None })
        .collect();
    group
        .uses
        .iter()
        .filter_map(|&(index, reference)| {
            let range = sites.get(index)?.range;
            let mut change = match reference {
                Some(_) => empty(range, wanted),
                None => idle(range, wanted),
            };
            if reference.is_some() {
                change.parts = vec![Part::Literal(slice(text, range).to_owned())];
                change.wanted = vec![wanted.origin.clone()];
            }
            change.requests.clone_from(&requests);
            change.why = vec!["the import that brings it is changed in its place".to_owned()];
            Some((index, change, migrations.clone()))
        })
        .collect()
}

fn empty(range: TextRange, _: &Wanted<'_>) -> Change {
    Change {
        range,
        parts: Vec::new(),
        requests: Vec::new(),
        replaces_statement: None,
        kept_reference: None,
        wanted: Vec::new(),
        why: Vec::new(),
        uses: Vec::new(),
        shape: Some(crate::syntax::slot::Shape::NAME),
        enclosed: Vec::new(),
    }
}

/// An import by itself: its statement is for the imports' plan to edit.
fn idle(range: TextRange, wanted: &Wanted<'_>) -> Change {
    Change { parts: vec![Part::Copy(range)], ..empty(range, wanted) }
}
