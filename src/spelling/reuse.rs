//! A name that already means the symbol where it is needed.

use super::{Wanted, private};
use crate::project::{Analysis, FileId};
use crate::resolve::{Origin, Resolver};
use crate::semantic::{Binding, BindingId, BindingKind, NameId, Names, ScopeId};
use crate::syntax::suite;
use crate::text::{TextRange, TextSize};

/// Where a name is needed.
#[derive(Debug, Clone, Copy)]
pub struct Need<'a> {
    /// What it must mean; a binding can hardly mean it under another name than its own.
    pub wanted: &'a Wanted<'a>,
    /// The scope of the site.
    pub scope: ScopeId,
    /// The site.
    pub site: TextRange,
    /// A binding that will be gone.
    pub ignored: Option<BindingId>,
    /// Only type checkers read it.
    pub for_typing: bool,
}

/// Finds a binding of the file that is what is needed and surely bound when the site runs.
pub fn find(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    need: &Need<'_>,
) -> Option<BindingId> {
    let names = &analysis.names;
    let means = |id: BindingId| need.wanted.is_met(resolver, &resolver.binding(file, analysis, id));
    names
        .aliases()
        .filter(|(id, binding)| {
            Some(*id) != need.ignored
                && (need.for_typing || !binding.typing_only)
                && may_mean(names, binding, need.wanted.name)
                && !private::is_mangled(names, need.scope, names.text(binding.name))
                && sees(names, need.scope, binding.scope, binding.name, need.ignored)
                && is_surely_bound(analysis, binding, need.scope, need.site)
        })
        .find(|(_, binding)| {
            all_are(names, binding.scope, binding.name, need.ignored, &means)
                && !may_be_overruled(resolver, file, analysis, binding, need.wanted.origin)
        })
        .map(|(id, _)| id)
}

/// Whether a star import below may bring something else by the binding's name.
fn may_be_overruled(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    binding: &Binding,
    wanted: &Origin,
) -> bool {
    let names = &analysis.names;
    let is_below = |&star: &BindingId| names.binding(star).range.start() > binding.range.start();
    binding.scope == ScopeId::MODULE
        && names.star_imports().iter().any(is_below)
        && resolver
            .by_stars(file, analysis, names.text(binding.name))
            .origins
            .iter()
            .any(|(origin, _)| origin != wanted)
}

/// Whether a binding can mean a symbol of this name at all; only such are resolved.
fn may_mean(names: &Names, binding: &Binding, wanted_name: &str) -> bool {
    match &binding.kind {
        BindingKind::ImportFrom { member, .. } => member == wanted_name,
        BindingKind::Assignment { alias_of: Some(reference), .. } => {
            let reference = names.reference(*reference);
            let last = reference.attributes.last().copied().unwrap_or(reference.name);
            names.text(last) == wanted_name
        }
        _ => false,
    }
}

/// Whether `name`, written in `scope`, is the name of `owner`, were `ignored` not there.
pub(super) fn sees(
    names: &Names,
    scope: ScopeId,
    owner: ScopeId,
    name: NameId,
    ignored: Option<BindingId>,
) -> bool {
    let hidden = ignored.map(|id| names.binding(id)).filter(|binding| binding.name == name);
    match (names.owner(scope, name), hidden) {
        (Some(found), Some(hidden)) if found == hidden.scope && found != owner => {
            let around = names.scope(found).parent;
            around.is_some_and(|around| names.owner(around, name) == Some(owner))
        }
        (found, _) => found == Some(owner),
    }
}

/// Whether every binding of `owner`'s name is what `means` accepts, and none takes it away.
fn all_are(
    names: &Names,
    owner: ScopeId,
    name: NameId,
    ignored: Option<BindingId>,
    means: &dyn Fn(BindingId) -> bool,
) -> bool {
    names.symbol(owner, name).is_some_and(|symbol| {
        symbol
            .bindings
            .iter()
            .filter(|&&id| Some(id) != ignored)
            .all(|&id| names.binding(id).kind.gives_value() && means(id))
    })
}

/// Whether the binding has run whenever the code at `site` runs.
pub(super) fn is_surely_bound(
    analysis: &Analysis,
    binding: &Binding,
    scope: ScopeId,
    site: TextRange,
) -> bool {
    if binding.statement.end() > site.start() {
        return false;
    }
    // Ex) `global name` in a function that nobody may have called
    let is_elsewhere = binding.written_in != binding.scope
        && !analysis.names.scopes_around(scope).any(|around| around == binding.written_in);
    if is_elsewhere {
        return false;
    }
    if runs_within(&analysis.names, scope, binding.scope) && !binding.unconditional {
        return is_in_later_part_of_suite(analysis, binding.statement, site.start());
    }
    binding.unconditional
}

/// Whether code in `scope` runs in the flow of `owner`'s code.
pub(super) fn runs_within(names: &Names, scope: ScopeId, owner: ScopeId) -> bool {
    names
        .scopes_around(scope)
        .take_while(|&scope| scope != owner)
        .all(|scope| names.scope(scope).kind.is_eager())
}

/// Whether `site` comes after `statement` in the suite that holds it, so that it is reached only
/// through the statement.
fn is_in_later_part_of_suite(analysis: &Analysis, statement: TextRange, site: TextSize) -> bool {
    suite::of_statement(&analysis.module, statement)
        .is_some_and(|suite| suite.range.contains(site) && statement.end() <= site)
}
