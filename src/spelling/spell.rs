//! Chooses the spelling of a symbol at a site.

use super::available::{Question, conflict};
use super::blocks::beside;
use super::{Held, Planned, Spelling, private, reuse, same_name, sources};
use crate::imports::{Import, ImportRequest, ModuleRef, Place};
use crate::project::{Analysis, FileId};
use crate::resolve::{Hop, OldRoute, Origin, Resolution, Resolver};
use crate::semantic::{Binding, BindingId, BindingKind, Reference, ReferenceId, ScopeId, Usage};
use crate::site::Reason;
use crate::text::{Ranged, TextRange, TextSize, slice};

/// The symbol that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What it is.
    pub origin: &'a Origin,
    /// The dotted name of its module.
    pub module: &'a str,
    /// Its name there.
    pub name: &'a str,
    /// The file of its module, where the project has it.
    pub file: Option<FileId>,
    /// Its name here, as a rule the same.
    pub local: &'a str,
    /// The name for it where that is taken.
    pub alias: Option<&'a str>,
    /// It is written as a bare name, so that `name = Old()` may become the import itself.
    pub may_replace_statement: bool,
    /// It is written in a function that runs later: what the name means by then counts.
    pub is_deferred: bool,
    /// Where it is the old symbol under another name: what goes by the old name is not it.
    pub not_by: Option<&'a OldRoute>,
    /// Import it at module level even where that closes a cycle: somebody accepted it.
    pub accepts_cycles: bool,
}

/// Spells symbols in one file.
#[derive(Clone, Copy)]
pub struct Speller<'a> {
    /// Follows names.
    pub resolver: &'a Resolver<'a, 'a>,
    /// The file.
    pub file: FileId,
    /// Its names.
    pub analysis: &'a Analysis,
    /// The names that it gets by what was decided so far.
    pub planned: &'a Planned,
}

/// Where a symbol is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Anchor<'a> {
    /// The scope of the site.
    pub scope: ScopeId,
    /// The site.
    pub site: TextRange,
    /// The references that the site has for old symbols, each with how many of its attributes
    /// belong to the symbol; what brought the first one is where the new symbol is looked for.
    pub references: &'a [(ReferenceId, usize)],
}

impl Wanted<'_> {
    /// Whether what was found, by these names, is the symbol.
    pub(super) fn is_met(
        &self,
        resolver: &Resolver<'_, '_>,
        (found, hops): &(Resolution, Vec<Hop>),
    ) -> bool {
        resolver.leads_to(found, self.origin)
            && self.not_by.is_none_or(|route| !route.is_taken(hops))
    }
}

/// A place where an import could bind the symbol, and the scope that would own the name.
pub(super) struct Candidate {
    pub(super) owner: ScopeId,
    pub(super) places: Vec<(ModuleRef, Place)>,
    pub(super) why: String,
}

impl Speller<'_> {
    /// Spells `wanted` at `site`, where the old symbol is reached by the first `depth` attributes
    /// of the reference.
    ///
    /// # Errors
    /// No spelling is safe.
    pub fn spell(
        &self,
        wanted: &Wanted<'_>,
        id: ReferenceId,
        depth: usize,
        site: TextRange,
    ) -> Result<Spelling, Held> {
        let scope = self.analysis.names.reference(id).scope;
        self.spell_at(wanted, &Anchor { scope, site, references: &[(id, depth)] })
    }

    /// Spells `wanted` at a site that may have any number of references.
    ///
    /// # Errors
    /// No spelling is safe.
    pub fn spell_at(&self, wanted: &Wanted<'_>, anchor: &Anchor<'_>) -> Result<Spelling, Held> {
        if let Some(spelling) = self.spell_there(wanted, anchor)? {
            return Ok(spelling);
        }
        let candidate = self.candidate(wanted, anchor)?;
        self.named(wanted, anchor, candidate, self.removed(wanted, anchor))
    }

    /// Spells `wanted` by what the file has: a name, or the module by which the old symbol came.
    ///
    /// # Errors
    /// The file does without the symbol where it is missing.
    pub fn spell_there(
        &self,
        wanted: &Wanted<'_>,
        anchor: &Anchor<'_>,
    ) -> Result<Option<Spelling>, Held> {
        if let Some(spelling) = self.reused(wanted, anchor, self.removed(wanted, anchor)) {
            return Ok(Some(spelling));
        }
        self.is_sure_to_be_there(wanted)?;
        if private::is_mangled(&self.analysis.names, anchor.scope, wanted.name) {
            return Ok(None);
        }
        Ok(anchor.references.iter().find_map(|&(id, depth)| {
            let reference = self.analysis.names.reference(id);
            self.by_module(wanted, reference, depth)
                .or_else(|| self.by_root(wanted, reference, depth, anchor.site))
        }))
    }

    /// `name = Old()`, where it may become the import itself.
    fn removed(&self, wanted: &Wanted<'_>, anchor: &Anchor<'_>) -> Option<BindingId> {
        same_name::removable(self.analysis, anchor.site, anchor.scope, wanted.local)
            .filter(|_| wanted.may_replace_statement)
    }

    /// A name that is there.
    fn reused(
        &self,
        wanted: &Wanted<'_>,
        anchor: &Anchor<'_>,
        removed: Option<BindingId>,
    ) -> Option<Spelling> {
        let names = &self.analysis.names;
        let (scope, site) = (anchor.scope, anchor.site);
        let for_typing = self.is_for_typing(anchor);
        let found = |ignored| {
            let need = reuse::Need { wanted, scope, site, ignored, for_typing };
            reuse::find(self.resolver, self.file, self.analysis, &need)
        };
        // `name = Old()` goes only where the name itself then means the symbol.
        let taken_over = removed.and_then(|removed| {
            let id = found(Some(removed))?;
            (names.binding(id).name == names.binding(removed).name).then_some((id, removed))
        });
        let (id, statement) = match taken_over {
            Some((id, removed)) => (id, Some(names.binding(removed).statement)),
            None => (found(None)?, None),
        };
        let binding = names.binding(id);
        let line = self.line(binding.range.start());
        Some(Spelling {
            name: names.text(binding.name).to_owned(),
            requests: Vec::new(),
            replaces_statement: statement,
            keeps_reference: false,
            uses: Some(id),
            why: vec![format!(
                "line {line} already binds the shared object here: no import is needed"
            )],
        })
    }

    /// The first `depth` attributes of a reference, as they are written.
    pub fn prefix(&self, reference: &Reference, depth: usize) -> Option<TextRange> {
        let start = reference.range.start();
        if depth == reference.attributes.len() {
            return Some(reference.chain);
        }
        let end = match depth {
            0 => reference.range.end(),
            _ if reference.in_string => {
                let chain = slice(&self.analysis.source.text, reference.chain);
                let (at, _) = chain.match_indices('.').nth(depth)?;
                start + crate::text::size(at)
            }
            _ => self.prefix_end(reference, depth)?,
        };
        Some(TextRange::new(start, end))
    }

    /// Whether only type checkers read the site, and the old symbols are there for them alone.
    fn is_for_typing(&self, anchor: &Anchor<'_>) -> bool {
        let names = &self.analysis.names;
        !anchor.references.is_empty()
            && anchor.references.iter().all(|&(id, _)| {
                let reference = names.reference(id);
                let sources = sources::of(self.analysis, reference);
                reference.usage != Usage::Runtime
                    && !sources.is_empty()
                    && sources.iter().all(|&id| names.binding(id).typing_only)
            })
    }

    fn prefix_end(&self, reference: &Reference, depth: usize) -> Option<TextSize> {
        let path = self.analysis.module.path_to(reference.range);
        let node = path
            .iter()
            .rev()
            .skip_while(|node| node.range() == reference.range)
            .nth(depth.checked_sub(1)?)?;
        Some(node.end())
    }

    /// Where an import would go.
    fn candidate(&self, wanted: &Wanted<'_>, anchor: &Anchor<'_>) -> Result<Candidate, Held> {
        let names = &self.analysis.names;
        let (scope, site) = (anchor.scope, anchor.site);
        let primary = anchor.references.first();
        let sources = primary
            .map_or_else(Vec::new, |&(id, _)| sources::of(self.analysis, names.reference(id)));
        let depth = primary.map_or(0, |&(_, depth)| depth);
        let for_typing = self.is_for_typing(anchor);
        let owner = sources
            .iter()
            .map(|&id| self.home(names.binding(id), scope))
            .find(|&owner| self.is_seen(owner, scope))
            .unwrap_or(ScopeId::MODULE);
        let serving: Option<Vec<_>> =
            sources.iter().map(|&id| self.serves(wanted, id, owner, depth, for_typing)).collect();
        if let Some(places) = serving.filter(|places| !places.is_empty()) {
            let today = sources.iter().find_map(|&id| self.member(id));
            if let Some(problem) = self.cycle(wanted, owner, today) {
                return self.in_function(wanted, scope, &sources, today, problem);
            }
            // Others may only pass it on, and be half run when this module asks them for it.
            let is_late = |(module, _): &(ModuleRef, Place)| {
                let from = self.imported_file(module.level, &module.name);
                self.cycle_of(from, wanted, owner, today).is_some()
            };
            if !places.iter().any(is_late) {
                self.is_no_fallback(wanted, &sources)?;
                let why = "the import that brings the old name can bring the new one".to_owned();
                return Ok(Candidate { owner, places, why });
            }
        }
        let today = primary.and_then(|&(id, depth)| self.needed_today(wanted, id, depth));
        if let Some(problem) = self.cycle(wanted, owner, today.as_deref()) {
            return self.in_function(wanted, scope, &sources, today.as_deref(), problem);
        }
        let module = self.module_ref(wanted, &sources);
        if let Some(sources) = self.in_blocks(&sources, owner) {
            self.is_no_fallback(wanted, sources.iter().map(|(id, _)| id))?;
            let places = sources.into_iter().map(|(id, source)| {
                let there = self.serves(wanted, id, owner, depth, for_typing);
                there.unwrap_or_else(|| (module.clone(), beside(source)))
            });
            let why = "in the block where the old name is imported, as what it comes from does not \
                       offer the new one";
            return Ok(Candidate { owner, places: places.collect(), why: why.to_owned() });
        }
        let source = sources
            .first()
            .map(|&id| names.binding(id))
            .filter(|source| self.home(source, scope) == owner);
        if let Some(function) = self.lazy_function(&sources, scope) {
            let place = Place::Function { function: names.scope(function).node };
            let why = "in the function, as the old name is imported in one when that is called";
            let places = vec![(module, place)];
            return Ok(Candidate { owner: function, places, why: why.to_owned() });
        }
        let (place, why) = match source {
            Some(source) if owner != ScopeId::MODULE || for_typing => (
                beside(source),
                "where the old name is imported, as what it comes from does not offer the new one",
            ),
            _ => {
                let runs_now = reuse::runs_within(names, scope, ScopeId::MODULE);
                let place =
                    Place::Module { first_use: runs_now.then(|| site.start()), instead_of: None };
                (place, "what the old name comes from does not offer the new one")
            }
        };
        Ok(Candidate { owner, places: vec![(module, place)], why: why.to_owned() })
    }

    /// Whether the names of `owner` are seen from `scope`.
    pub(super) fn is_seen(&self, owner: ScopeId, scope: ScopeId) -> bool {
        let names = &self.analysis.names;
        scope == owner
            || (names.scope(owner).kind.is_seen_from_inside()
                && names.scopes_around(scope).any(|around| around == owner))
    }

    /// The import statement of a source, where it can bring the symbol too.
    fn serves(
        &self,
        wanted: &Wanted<'_>,
        id: BindingId,
        owner: ScopeId,
        depth: usize,
        for_typing: bool,
    ) -> Option<(ModuleRef, Place)> {
        let binding = self.analysis.names.binding(id);
        let BindingKind::ImportFrom { level, module, .. } = &binding.kind else { return None };
        let is_typing = binding.typing_only && !for_typing;
        if depth > 0 || is_typing || binding.written_in != owner {
            return None;
        }
        let from = self.resolver.project().imported_module(self.file, *level, module);
        if !self.offers(&from, module, *level, wanted) {
            return None;
        }
        let module = ModuleRef { level: *level, name: module.clone() };
        Some((module, Place::Statement { statement: binding.statement, replaces: None }))
    }

    fn member(&self, id: BindingId) -> Option<&str> {
        match &self.analysis.names.binding(id).kind {
            BindingKind::ImportFrom { member, .. } => Some(member),
            _ => None,
        }
    }

    /// How the symbol's module is written here: relatively where what brought the class was.
    pub(super) fn module_ref(&self, wanted: &Wanted<'_>, sources: &[BindingId]) -> ModuleRef {
        let level = |&id: &BindingId| match &self.analysis.names.binding(id).kind {
            BindingKind::ImportFrom { level, .. } | BindingKind::StarImport { level, .. } => *level,
            _ => 0,
        };
        let dots = sources.iter().map(level).max().unwrap_or_default();
        let project = self.resolver.project();
        wanted
            .file
            .filter(|_| dots > 0)
            .and_then(|to| project.relative_name(self.file, to, dots))
            .map_or_else(
                || ModuleRef::absolute(wanted.module),
                |(level, name)| ModuleRef { level, name },
            )
    }

    /// Chooses the name, and with it the requests.
    fn named(
        &self,
        wanted: &Wanted<'_>,
        anchor: &Anchor<'_>,
        candidate: Candidate,
        removed: Option<BindingId>,
    ) -> Result<Spelling, Held> {
        let (names, scope) = (&self.analysis.names, anchor.scope);
        private::can_be_imported(names, candidate.owner, wanted.name)?;
        let ask = |name: &str, ignored| {
            let question =
                Question { name, owner: candidate.owner, scope, ignored, wanted: wanted.origin };
            private::conflict(names, scope, name)
                .or_else(|| conflict(self.resolver, self.file, self.analysis, &question))
                .or_else(|| self.planned.conflict(name, wanted.origin))
        };
        if let Some(removed) = removed
            && self.takes_over(&candidate, anchor, removed)
            && ask(wanted.local, Some(removed)).is_none()
        {
            let binding = names.binding(removed);
            let is_only_offered = binding.scope == ScopeId::MODULE && !self.is_read(binding);
            // `import x as x` says that the name is there for other modules (PEP 484).
            let alias = is_only_offered.then_some(wanted.local);
            let mut spelling = Self::requested(wanted, wanted.local, alias, candidate);
            spelling.replaces_statement = Some(binding.statement);
            spelling.why.push(format!(
                "the import takes the place of the statement on line {}",
                self.line(binding.statement.start())
            ));
            return Ok(spelling);
        }
        let Some(problem) = ask(wanted.local, None) else {
            return Ok(Self::requested(wanted, wanted.local, None, candidate));
        };
        let Some(alias) = wanted.alias else {
            let message = format!("{problem}, and the transform allows no alias");
            return Err(Held { reason: Reason::NotRewritableHere, message });
        };
        let numbered = (2..10).map(|number| format!("{alias}_{number}"));
        for name in std::iter::once(alias.to_owned()).chain(numbered) {
            if ask(&name, None).is_none() {
                let mut spelling = Self::requested(wanted, &name, Some(&name), candidate);
                spelling.why.push(format!("as `{name}`: {problem}"));
                return Ok(spelling);
            }
        }
        let message = format!("{problem}, and so is every alias");
        Err(Held { reason: Reason::NotRewritableHere, message })
    }

    /// Whether an import in `owner` binds the name for everything that the statement bound it for.
    fn takes_over(&self, candidate: &Candidate, anchor: &Anchor<'_>, removed: BindingId) -> bool {
        let names = &self.analysis.names;
        let statement = names.binding(removed);
        // Ex) `if lazy:` above the import, and nothing above the statement
        let may_be_passed_by = anchor.references.iter().any(|&(id, _)| {
            let reach = names.reach(names.reference(id));
            reach.may_be_unbound && !reach.bindings.is_empty()
        });
        let is_in_block =
            |place: &Place| matches!(place, Place::Statement { .. } | Place::Beside { .. });
        self.is_seen(candidate.owner, statement.scope)
            && !(may_be_passed_by && candidate.places.iter().any(|(_, place)| is_in_block(place)))
    }

    /// Whether the file itself reads a module-level name, or lists it in `__all__`.
    fn is_read(&self, binding: &Binding) -> bool {
        let names = &self.analysis.names;
        let text = names.text(binding.name);
        let dunder_all = names.dunder_all();
        dunder_all.lists(text)
            || names.references().any(|(_, reference)| {
                reference.name == binding.name && reference.owner == Some(binding.scope)
            })
    }

    fn requested(
        wanted: &Wanted<'_>,
        name: &str,
        alias: Option<&str>,
        candidate: Candidate,
    ) -> Spelling {
        let alias = alias.or_else(|| (name != wanted.name).then_some(name));
        let requests = candidate
            .places
            .into_iter()
            .map(|(module, place)| ImportRequest {
                import: Import::From {
                    module,
                    member: wanted.name.to_owned(),
                    alias: alias.map(str::to_owned),
                },
                place,
            })
            .collect();
        Spelling {
            name: name.to_owned(),
            requests,
            replaces_statement: None,
            keeps_reference: false,
            uses: None,
            why: vec![candidate.why],
        }
    }

    fn line(&self, offset: TextSize) -> u32 {
        self.analysis.lines().position(offset).line
    }
}
