//! Modules as they are written at a site.

use super::available::{Question, conflict};
use super::{Anchor, Held, Speller, Spelling, cycles, reuse};
use crate::imports::{Import, ImportRequest, Place};
use crate::project::FileId;
use crate::resolve::Origin;
use crate::resolve::import_time::Code;
use crate::semantic::{BindingKind, ScopeId};
use crate::site::Reason;

/// A module that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct WantedModule<'a> {
    /// What it is.
    pub origin: &'a Origin,
    /// What its first name is: another one for a dotted name.
    pub root: &'a Origin,
    /// Its dotted name.
    pub dotted: &'a str,
    /// The name that it is to have, where it is not to be written in full.
    pub alias: Option<&'a str>,
    /// The file, where the project has it.
    pub file: Option<FileId>,
    /// Import it at module level even where that closes a cycle.
    pub accepts_cycles: bool,
}

impl Speller<'_> {
    /// Spells a module at a site.
    ///
    /// # Errors
    /// No spelling is safe.
    pub fn spell_module(
        &self,
        wanted: &WantedModule<'_>,
        anchor: &Anchor<'_>,
    ) -> Result<Spelling, Held> {
        if let Some(spelling) = self.reused_module(wanted, anchor) {
            return Ok(spelling);
        }
        let names = &self.analysis.names;
        let runs_now = reuse::runs_within(names, anchor.scope, ScopeId::MODULE);
        let here = Code::of_module(self.file);
        if let Some(from) = wanted.file.filter(|&from| from != self.file && !wanted.accepts_cycles)
            && let Some(message) =
                cycles::problem(self.resolver, from, "", None, here).filter(|_| runs_now)
        {
            return Err(Held { reason: Reason::ImportCycle, message });
        }
        let first_use = runs_now.then(|| anchor.site.start());
        let place = Place::Module { first_use, instead_of: None };
        let first = wanted.dotted.split('.').next().unwrap_or(wanted.dotted);
        let ask = |name: &str, wanted: &Origin| {
            let (owner, scope) = (ScopeId::MODULE, anchor.scope);
            let question = Question { name, owner, scope, ignored: None, wanted };
            conflict(self.resolver, self.file, self.analysis, &question)
        };
        let request = |name: String, alias: Option<String>| {
            let import = Import::Module { name: wanted.dotted.to_owned(), alias };
            Spelling {
                name,
                requests: vec![ImportRequest { import, place: place.clone() }],
                replaces_statement: None,
                keeps_reference: false,
                uses: None,
                why: vec![format!("`{}` is imported as a module", wanted.dotted)],
            }
        };
        let problem = match wanted.alias {
            Some(alias) => match ask(alias, wanted.origin) {
                None => return Ok(request(alias.to_owned(), Some(alias.to_owned()))),
                problem => problem,
            },
            None => match ask(first, wanted.root) {
                None => return Ok(request(wanted.dotted.to_owned(), None)),
                problem => problem,
            },
        };
        let last = wanted.dotted.rsplit('.').next().unwrap_or(wanted.dotted);
        let alias = format!("{}_", wanted.alias.unwrap_or(last));
        if ask(&alias, wanted.origin).is_none() {
            return Ok(request(alias.clone(), Some(alias)));
        }
        let message = format!("{}, and so is every alias", problem.unwrap_or_default());
        Err(Held { reason: Reason::NotRewritableHere, message })
    }

    /// A name by which the module is reached already.
    fn reused_module(&self, wanted: &WantedModule<'_>, anchor: &Anchor<'_>) -> Option<Spelling> {
        let names = &self.analysis.names;
        let (id, name) = names.bindings().find_map(|(id, binding)| {
            let name = match &binding.kind {
                BindingKind::Import { module, renamed: true, .. } if module == wanted.dotted => {
                    names.text(binding.name).to_owned()
                }
                BindingKind::Import { module, renamed: false, .. }
                    if module == wanted.dotted
                        || module
                            .strip_prefix(wanted.dotted)
                            .is_some_and(|rest| rest.starts_with('.')) =>
                {
                    wanted.dotted.to_owned()
                }
                BindingKind::ImportFrom { member, .. }
                    if wanted.dotted.rsplit('.').next() == Some(member) =>
                {
                    let (found, _) = self.resolver.binding(self.file, self.analysis, id);
                    found.is(wanted.origin).then(|| names.text(binding.name).to_owned())?
                }
                _ => return None,
            };
            let is_there = !binding.typing_only
                && names.owner(anchor.scope, binding.name) == Some(binding.scope)
                && reuse::is_surely_bound(self.analysis, binding, anchor.scope, anchor.site);
            let is_alone = names.symbol(binding.scope, binding.name).is_some_and(|symbol| {
                symbol.bindings.iter().all(|&other| {
                    let other = names.binding(other);
                    match (&other.kind, &binding.kind) {
                        (
                            BindingKind::Import { renamed: false, .. },
                            BindingKind::Import { renamed: false, .. },
                        ) => true,
                        _ => other == binding,
                    }
                })
            });
            (is_there && is_alone).then_some((id, name))
        })?;
        let line = self.analysis.lines().position(names.binding(id).range.start()).line;
        Some(Spelling {
            name,
            requests: Vec::new(),
            replaces_statement: None,
            keeps_reference: false,
            uses: Some(id),
            why: vec![format!("line {line} already imports the module")],
        })
    }
}
