//! Imports that only the replaced code used: the class, and what was passed to it.

use rustc_hash::FxHashSet;

use super::decide::Migration;
use super::draft::Draft;
use super::gone::Gone;
use crate::imports::pragma::has_noqa_for;
use crate::project::Analysis;
use crate::semantic::{
    BindingId, BindingKind, NameId, Names, Reference, ScopeId, ScopeKind, Usage,
};
use crate::spelling::sources;
use crate::syntax::ast::{self, AnyNodeRef, Stmt};
use crate::syntax::suite;
use crate::text::{Ranged, TextRange, contains, slice};

/// An imported name that the file itself no longer needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The binding.
    pub binding: BindingId,
    /// The import statement.
    pub statement: TextRange,
    /// The name in it, with its `as`.
    pub alias: TextRange,
    /// Why it stays although no code of the file uses it.
    pub stays: Option<String>,
    /// It is all of a `try` that asks whether it can be imported: it stays unless something else
    /// is imported in its place.
    pub guards: bool,
    /// The import that takes its place, where its symbol moves.
    pub migration: Option<Migration>,
}

impl Leftover {
    /// The import goes whoever wants its name, as another one gets that.
    pub fn keeps_name(&self) -> bool {
        self.migration.as_ref().is_some_and(|migration| migration.renamed.is_none())
    }
}

/// The imports that the code of the draft's rewritten sites used, where nothing else of the file
/// uses them.
pub(super) fn find(draft: &Draft) -> Vec<Leftover> {
    let analysis = &draft.analysis;
    let names = &analysis.names;
    // Ex) `C` in `C(settings.url)`, and `settings`, where its arguments are accepted
    let gone = Gone::new(&draft.decisions);
    let going = names.references().filter(|(_, reference)| gone.takes(reference.range));
    let mut candidates: Vec<BindingId> =
        going.flat_map(|(_, reference)| sources::of(analysis, reference)).collect();
    let mut migrations: Vec<&Migration> = draft
        .decisions
        .iter()
        .filter(|decision| decision.change.is_some())
        .flat_map(|decision| &decision.migrations)
        .collect();
    migrations.sort_by_key(|migration| migration.binding);
    migrations.dedup_by_key(|migration| migration.binding);
    candidates.extend(migrations.iter().map(|migration| migration.binding));
    candidates.sort_unstable();
    candidates.dedup();
    let uses = Uses::new(draft, &gone, &candidates);
    candidates
        .into_iter()
        .filter_map(|id| {
            let alias = match &names.binding(id).kind {
                BindingKind::Import { alias, .. } | BindingKind::ImportFrom { alias, .. } => *alias,
                _ => return None,
            };
            let migration = migrations.iter().find(|migration| migration.binding == id);
            (!uses.holds(names, id)).then(|| Leftover {
                binding: id,
                statement: names.binding(id).statement,
                alias,
                stays: match migration {
                    Some(Migration { renamed: None, .. }) => None,
                    Some(_) => stays(analysis, id, true),
                    None => stays(analysis, id, false),
                },
                guards: is_alone_in_guarded_try(analysis, names.binding(id).statement),
                migration: migration.map(|&migration| migration.clone()),
            })
        })
        .collect()
}

/// What is left of the file uses these.
#[derive(Debug, Default)]
struct Uses {
    bindings: FxHashSet<BindingId>,
    /// Names of scopes that are read.
    names: FxHashSet<(ScopeId, NameId)>,
    /// Those that are read where nothing reaches: that fails, and is to fail in the same way.
    failing: FxHashSet<(ScopeId, NameId)>,
    /// Those that are read later, by whoever asks for an annotation.
    later: FxHashSet<(ScopeId, NameId)>,
}

impl Uses {
    /// The uses of the candidates' names that are not gone.
    fn new(draft: &Draft, gone: &Gone<'_>, candidates: &[BindingId]) -> Self {
        let names = &draft.analysis.names;
        let sought: FxHashSet<NameId> =
            candidates.iter().map(|&id| names.binding(id).name).collect();
        let changes = draft.decisions.iter().filter_map(|decision| decision.change.as_ref());
        let bindings = changes.flat_map(|change| &change.uses).copied().collect();
        let mut uses = Self { bindings, ..Self::default() };
        let left = names.references().map(|(_, reference)| reference);
        for reference in left.filter(|reference| sought.contains(&reference.name)) {
            if !gone.takes(reference.range) {
                uses.add(names, reference);
            }
        }
        uses
    }

    fn add(&mut self, names: &Names, reference: &Reference) {
        let reach = names.reach(reference).bindings;
        if let Some(owner) = reference.owner {
            let name = (owner, reference.name);
            self.names.insert(name);
            if reach.is_empty() {
                self.failing.insert(name);
            }
            if reference.usage != Usage::Runtime {
                self.later.insert(name);
            }
        }
        self.bindings.extend(reach);
    }

    /// Whether anything uses the binding.
    fn holds(&self, names: &Names, id: BindingId) -> bool {
        let binding = names.binding(id);
        let name = (binding.scope, binding.name);
        // `del C` needs the name to be there.
        let is_deletion = |id: &BindingId| names.binding(*id).kind == BindingKind::Deletion;
        let symbol = names.symbol(binding.scope, binding.name);
        if symbol.is_some_and(|symbol| symbol.bindings.iter().any(is_deletion)) {
            return true;
        }
        // Each `import a.b` gives `a` more submodules: they are used as long as `a` is.
        if matches!(binding.kind, BindingKind::Import { renamed: false, .. }) {
            return self.bindings.contains(&id) || self.names.contains(&name);
        }
        let is_seen_later = || names.all(binding.scope, binding.name, true).bindings.contains(&id);
        self.bindings.contains(&id)
            || self.failing.contains(&name)
            || self.later.contains(&name) && is_seen_later()
    }
}

/// Why the import is needed by something that is not a use in code.
///
/// Where its symbol moves, `__all__` moves with it.
fn stays(analysis: &Analysis, id: BindingId, moves: bool) -> Option<String> {
    let names = &analysis.names;
    let binding = names.binding(id);
    let name = names.text(binding.name);
    if binding.scope == ScopeId::MODULE {
        let dunder_all = names.dunder_all();
        if dunder_all.lists(name) && !moves {
            return Some(format!("`__all__` lists `{name}`"));
        }
        if dunder_all.computed {
            return Some("`__all__` is computed".to_owned());
        }
        if analysis.is_package() && !(moves && dunder_all.lists(name)) {
            return Some("what a package imports is offered to others".to_owned());
        }
    }
    if names.scope(binding.scope).kind == ScopeKind::Class {
        return Some("the class has it as an attribute".to_owned());
    }
    if is_redundant_alias(names, id) {
        return Some(format!("`{name} as {name}` offers it to others"));
    }
    if has_noqa(analysis, binding.statement) {
        return Some("a `noqa` comment keeps it".to_owned());
    }
    if in_type_comment(analysis, name) {
        return Some("a type comment names it".to_owned());
    }
    // A doctest runs in the names of its module.
    (binding.scope == ScopeId::MODULE && in_doctest(analysis, name))
        .then(|| "a doctest uses it".to_owned())
}

/// `import C as C` says that the name is there for others (PEP 484).
pub(super) fn is_redundant_alias(names: &Names, id: BindingId) -> bool {
    let binding = names.binding(id);
    match &binding.kind {
        BindingKind::ImportFrom { member, alias, .. } => {
            member == names.text(binding.name) && *alias != binding.range
        }
        BindingKind::Import { module, renamed: true, .. } => module == names.text(binding.name),
        _ => false,
    }
}

/// A `# noqa` that covers unused imports, on a line of the statement.
pub(super) fn has_noqa(analysis: &Analysis, statement: TextRange) -> bool {
    has_noqa_for("F401", analysis, statement)
}

/// Whether the statement is all of a `try` body that expects the import to fail.
fn is_alone_in_guarded_try(analysis: &Analysis, statement: TextRange) -> bool {
    let Some(suite) = suite::of_statement(&analysis.module, statement) else { return false };
    let AnyNodeRef::StmtTry(try_) = suite.parent else { return false };
    let is_alone = match suite.statements {
        [Stmt::ImportFrom(import)] => import.names.len() == 1,
        [Stmt::Import(import)] => import.names.len() == 1,
        _ => false,
    };
    let is_body = try_.body.iter().any(|inner| inner.range() == statement);
    is_alone && is_body && try_.handlers.iter().any(catches_import_error)
}

fn catches_import_error(handler: &ast::ExceptHandler) -> bool {
    let ast::ExceptHandler::ExceptHandler(handler) = handler;
    let Some(caught) = handler.type_.as_deref() else { return true };
    let classes = match caught {
        ast::Expr::Tuple(tuple) => tuple.elts.iter().collect(),
        single => vec![single],
    };
    classes.iter().any(|class| match class {
        ast::Expr::Name(name) => {
            matches!(
                name.id.as_str(),
                "ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException"
            )
        }
        _ => false,
    })
}

fn in_type_comment(analysis: &Analysis, name: &str) -> bool {
    analysis.module.comments().iter().any(|&comment| {
        let text = slice(&analysis.source.text, comment);
        let body = text.trim_start_matches('#').trim_start();
        body.strip_prefix("type:")
            .is_some_and(|type_| !type_.trim_start().starts_with("ignore") && has_word(type_, name))
    })
}

fn in_doctest(analysis: &Analysis, name: &str) -> bool {
    use crate::syntax::ast::token::TokenKind;
    // Ex) `>>> C()`: without a prompt there is no example, and few files have one.
    if !contains(&analysis.source.text, ">>>") {
        return false;
    }
    analysis.module.tokens().iter().any(|token| {
        token.kind() == TokenKind::String
            && slice(&analysis.source.text, token.range()).lines().any(|line| {
                let line = line.trim_start();
                (line.starts_with(">>>") || line.starts_with("...")) && has_word(line, name)
            })
    })
}

/// Whether `word` stands in `text` as an identifier of its own.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |char: char| char == '_' || char.is_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
