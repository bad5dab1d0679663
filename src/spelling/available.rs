//! Whether a name may be bound in a scope, so that a site sees it and nothing else changes.

use crate::project::{Analysis, FileId, ModuleLookup};
use crate::resolve::{Origin, Resolver};
use crate::semantic::{
    Binding, BindingId, BindingKind, NameId, Reference, ScopeId, ScopeKind, SymbolFlags,
};
use crate::text::TextRange;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The name to be bound.
    pub name: &'a str,
    /// The scope in which the import would bind it.
    pub owner: ScopeId,
    /// The scope of the site.
    pub scope: ScopeId,
    /// A binding that will be gone: `name = Old()`, whose place the import takes.
    pub ignored: Option<BindingId>,
    /// What the name is to mean; bindings that mean it already are no conflict.
    pub wanted: &'a Origin,
}

impl Question<'_> {
    /// The import gives the module a name, and takes the place of no statement of the module that
    /// did; one that goes in a function gave the module nothing.
    fn is_new_to_module(&self, analysis: &Analysis) -> bool {
        let took = self.ignored.map(|ignored| analysis.names.binding(ignored).scope);
        self.owner == ScopeId::MODULE && took != Some(ScopeId::MODULE)
    }
}

/// What is in the way, as a sentence for a person; `None` where the name may be bound.
pub fn conflict(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    question: &Question<'_>,
) -> Option<String> {
    if let Some(why) = hides_submodule(resolver, file, analysis, question) {
        return Some(why);
    }
    if let Some(why) = read_by_star(resolver, file, analysis, question) {
        return Some(why);
    }
    if let Some(why) = starred(resolver, file, analysis, question) {
        return Some(why);
    }
    // A name that occurs nowhere in the file conflicts with nothing.
    let name = analysis.names.id(question.name)?;
    between(analysis, question, name)
        .or_else(|| in_owner(resolver, file, analysis, question, name))
        .or_else(|| captured(analysis, question, name))
        .or_else(|| looped(analysis, question, name))
}

/// Binding a package's submodule's name in the package hides the submodule from everybody.
fn hides_submodule(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    question: &Question<'_>,
) -> Option<String> {
    if !question.is_new_to_module(analysis) || !analysis.is_package() {
        return None;
    }
    let project = resolver.project();
    let submodule = project.submodule(&ModuleLookup::File(file), question.name);
    (submodule != ModuleLookup::Missing)
        .then(|| format!("`{}` is a module of this package", question.name))
}

/// A file that imports everything from this one uses the name for something else.
fn read_by_star(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    question: &Question<'_>,
) -> Option<String> {
    let is_read = question.is_new_to_module(analysis)
        && resolver.is_read_by_star(file, question.name)
        && !is_offered(resolver, file, analysis, question);
    is_read.then(|| format!("a file that imports everything from here uses `{}`", question.name))
}

/// The file gives the name to others already, for what it is to mean.
fn is_offered(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    question: &Question<'_>,
) -> bool {
    let names = &analysis.names;
    let is_wanted =
        |id: BindingId| resolver.leads_to(&resolver.binding(file, analysis, id).0, question.wanted);
    names.id(question.name).is_some_and(|name| {
        let reach = names.at_exit(name);
        !reach.bindings.is_empty() && reach.bindings.iter().all(|&id| is_wanted(id))
    })
}

/// A star import is known to bring something else by the name.
fn starred(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    question: &Question<'_>,
) -> Option<String> {
    if question.owner != ScopeId::MODULE || analysis.names.star_imports().is_empty() {
        return None;
    }
    let brought = resolver.by_stars(file, analysis, question.name);
    let mut others = brought.origins.iter().map(|(origin, _)| origin);
    let is_other =
        others.any(|origin| origin != question.wanted && !matches!(origin, Origin::Unknown(_)));
    is_other.then(|| format!("a star import brings another `{}`", question.name))
}

/// The name is taken in a scope between the site and the import, the site's own included.
fn between(analysis: &Analysis, question: &Question<'_>, name: NameId) -> Option<String> {
    let names = &analysis.names;
    for scope in names.scopes_around(question.scope) {
        if scope == question.owner {
            return None;
        }
        let kind = names.scope(scope).kind;
        if kind == ScopeKind::Class && scope != question.scope {
            continue;
        }
        let Some(symbol) = names.symbol(scope, name) else { continue };
        let is_taken = symbol.flags.contains(SymbolFlags::NONLOCAL)
            || symbol.bindings.iter().any(|&id| Some(id) != question.ignored);
        if is_taken {
            let line = symbol
                .bindings
                .iter()
                .find(|&&id| Some(id) != question.ignored)
                .map(|&id| names.binding(id).range);
            return Some(taken(analysis, question.name, line));
        }
    }
    None
}

/// The scope of the import has the name already, for something else.
fn in_owner(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    question: &Question<'_>,
    name: NameId,
) -> Option<String> {
    let names = &analysis.names;
    let symbol = names.symbol(question.owner, name)?;
    let is_elsewhere = symbol.flags.intersects(SymbolFlags::GLOBAL | SymbolFlags::NONLOCAL)
        && question.owner != ScopeId::MODULE;
    if is_elsewhere {
        return Some(format!("`{}` is declared global or nonlocal there", question.name));
    }
    let other = symbol.bindings.iter().copied().find(|&id| {
        let found = resolver.binding(file, analysis, id).0;
        Some(id) != question.ignored && !resolver.leads_to(&found, question.wanted)
    })?;
    Some(taken(analysis, question.name, Some(names.binding(other).range)))
}

/// Other uses of the name, which mean something outside the import's scope, would mean the import.
fn captured(analysis: &Analysis, question: &Question<'_>, name: NameId) -> Option<String> {
    let names = &analysis.names;
    let gone = question.ignored.map(|id| names.binding(id).scope);
    let reference = names.references().map(|(_, reference)| reference).find(|reference| {
        if reference.name != name || reference.owner == Some(question.owner) {
            return false;
        }
        if falls_through(analysis, question, reference) {
            return true;
        }
        // What the removed statement gave its value is meant to get it from the import.
        if reference.owner.is_some() && reference.owner == gone {
            return false;
        }
        let mut inside = names.scopes_around(reference.scope);
        let is_inside = inside.any(|scope| scope == question.owner);
        let owner_is_outside = reference
            .owner
            .is_none_or(|owner| !names.scopes_around(owner).any(|scope| scope == question.owner));
        is_inside && owner_is_outside
    })?;
    let line = analysis.lines().position(reference.range.start()).line;
    Some(format!("`{}` on line {line} means something else and would be captured", question.name))
}

/// A loop further inside has the name for its variable. Python does not mind, but linters do: F402
/// of pyflakes, "import shadowed by loop variable", asks of no comprehension, and of all functions.
fn looped(analysis: &Analysis, question: &Question<'_>, name: NameId) -> Option<String> {
    let names = &analysis.names;
    let own = names.symbol(question.owner, name).map_or(&[][..], |symbol| &symbol.bindings);
    if own.iter().any(|&id| Some(id) != question.ignored) {
        // Whatever linters say of the import, they say already.
        return None;
    }
    let is_shadow = |binding: &&Binding| {
        binding.name == name
            && binding.kind == BindingKind::LoopTarget
            && !matches!(
                names.scope(binding.scope).kind,
                ScopeKind::Comprehension | ScopeKind::Generator
            )
            && names.scopes_around(binding.scope).any(|scope| scope == question.owner)
    };
    let binding = names.bindings().map(|(_, binding)| binding).find(is_shadow)?;
    Some(taken(analysis, question.name, Some(binding.range)))
}

/// What a class's body reads before it binds the name is looked up among the module's names,
/// whatever functions are around the class: a new one there would be found.
fn falls_through(analysis: &Analysis, question: &Question<'_>, reference: &Reference) -> bool {
    let names = &analysis.names;
    let is_of_class =
        reference.owner.is_some_and(|owner| names.scope(owner).kind == ScopeKind::Class);
    if question.owner != ScopeId::MODULE || !is_of_class {
        return false;
    }
    let reach = names.reach(reference);
    let is_of_gone = question.ignored.is_some_and(|ignored| reach.bindings.contains(&ignored));
    reach.may_be_unbound && !is_of_gone
}

fn taken(analysis: &Analysis, name: &str, at: Option<TextRange>) -> String {
    match at {
        Some(range) => {
            let line = analysis.lines().position(range.start()).line;
            format!("`{name}` is taken by line {line}")
        }
        None => format!("`{name}` is taken"),
    }
}
