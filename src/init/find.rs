//! The shared objects of a project: `x = C()` at the top of a module, and functions that make
//! one the first time that they are asked.
//!
//! A search of bytes says which files may have one; what a name means there is for the resolver.

use std::sync::Arc;

use rayon::prelude::*;
use regex::bytes::Regex;

use crate::fs::{ProjectPath, SourceTree};
use crate::project::{Analysis, FileId, Project};
use crate::resolve::{Origin, Resolver};
use crate::run::{self, RunError};
use crate::semantic::{Binding, BindingKind, ScopeId};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{AnyNodeRef, Expr, Stmt, StmtFunctionDef};
use crate::text::{Ranged, TextRange};
use crate::transform::{Access, SymbolName};

use super::shared::{Shared, Unfit};
use super::tiers::{is_example, is_test};

/// What a search met.
#[derive(Debug, Default)]
pub struct Found {
    /// Every shared object, in the order of the files.
    pub objects: Vec<Shared>,
    /// How many Python files there are.
    pub searched: usize,
}

/// A name at the start of a line that is given what a call returns; or a function's `global`.
const MAY_SHARE: &str =
    r"(?m)^[A-Za-z_]\w*[ \t]*(?::[^=\n]*)?=[ \t]*[A-Za-z_][\w.]*\(|^[ \t]+global[ \t]";

/// Every shared object of the project outside its tests.
///
/// # Errors
/// The files cannot be read.
pub fn shared_objects(tree: &dyn SourceTree, threads: usize) -> Result<Found, RunError> {
    let Ok(may_share) = Regex::new(MAY_SHARE) else { return Ok(Found::default()) };
    run::pool(threads)?.install(|| find(tree, &may_share))
}

fn find(tree: &dyn SourceTree, may_share: &Regex) -> Result<Found, RunError> {
    let met = std::sync::Mutex::new((Vec::new(), Vec::new()));
    tree.visit(&|path: ProjectPath, bytes| {
        let holds = bytes.is_ok_and(|bytes| may_share.is_match(bytes)) && !is_test(&path);
        if let Ok(mut met) = met.lock() {
            if holds {
                met.1.push(path.clone());
            }
            met.0.push(path);
        }
    })?;
    let (mut files, mut hits) = met.into_inner().unwrap_or_default();
    files.sort_unstable();
    hits.sort_unstable();
    let searched = files.len();
    let project = Project::new(tree, files, None);
    let look = |path: &ProjectPath| {
        let file = project.file(path)?;
        let analysis = project.analysis(file).ok()?;
        Some(Module { project: &project, file, analysis }.objects())
    };
    let objects: Vec<Vec<Shared>> = hits.par_iter().filter_map(look).collect();
    Ok(Found { objects: objects.concat(), searched })
}

struct Module<'a> {
    project: &'a Project<'a>,
    file: FileId,
    analysis: &'a Arc<Analysis>,
}

impl Module<'_> {
    fn objects(&self) -> Vec<Shared> {
        let names = &self.analysis.names;
        let mut objects = Vec::new();
        for (id, binding) in names.bindings() {
            let BindingKind::Assignment { value: Some(value), is_simple: true, .. } = binding.kind
            else {
                continue;
            };
            if binding.scope != ScopeId::MODULE || binding.typing_only {
                continue;
            }
            let Some(class) = self.built(value) else { continue };
            let is_global = binding.written_in != ScopeId::MODULE;
            let access = if is_global {
                self.factory(binding)
            } else {
                // One that another statement replaces is not the one that importers get.
                let stays = names.at_exit(binding.name).bindings.as_slice() == [id];
                let name = (stays && binding.unconditional).then(|| names.text(binding.name));
                name.and_then(|name| Some(Access::Instance(self.symbol(name)?)))
            };
            if let Some(access) = access {
                let path = self.project.path(self.file).clone();
                let line = self.analysis.lines().position(binding.range.start()).line;
                let at_home = class.1 == self.file;
                let unfit = if access.symbol().name.starts_with('_') {
                    Some(Unfit::Private)
                } else if self.project.is_in_package(class.1)
                    && !self.project.is_in_package(self.file)
                {
                    Some(Unfit::Script)
                } else if is_example(&path) && !is_example(self.project.path(class.1)) {
                    Some(Unfit::Example)
                } else {
                    None
                };
                objects.push(Shared { class: class.0, access, path, line, at_home, unfit });
            }
        }
        objects
    }

    fn symbol(&self, name: &str) -> Option<SymbolName> {
        let module = self.project.module_name(self.file)?;
        Some(SymbolName { module, name: name.to_owned() })
    }

    /// The class of the project that a call at `value` builds, and its file.
    fn built(&self, value: TextRange) -> Option<(SymbolName, FileId)> {
        let path = self.analysis.module.path_to(value);
        let call = path.iter().rev().find_map(|node| match node {
            AnyNodeRef::ExprCall(call) if call.range() == value => Some(*call),
            _ => None,
        })?;
        let callee = call.func.range();
        let names = &self.analysis.names;
        let (_, reference) = names.references().find(|(_, it)| it.called && it.chain == callee)?;
        let resolver = Resolver::new(self.project);
        let steps = resolver.reference(self.file, self.analysis, reference, &mut Vec::new());
        let Some(Origin::Symbol(symbol)) = steps.last()?.certain() else { return None };
        let home = self.project.analysis(symbol.file).ok()?;
        let id = home.names.id(&symbol.name)?;
        let mut bindings = home
            .names
            .bindings()
            .map(|(_, binding)| binding)
            .filter(|binding| binding.scope == ScopeId::MODULE && binding.name == id);
        let is_class = |binding: &Binding| matches!(binding.kind, BindingKind::Class);
        if !bindings.next().is_some_and(is_class) || !bindings.all(is_class) {
            return None;
        }
        let module = self.project.module_name(symbol.file)?;
        Some((SymbolName { module, name: symbol.name.clone() }, symbol.file))
    }

    /// The function around a `global` assignment, where it returns the name, and can be called
    /// without arguments and without `await`.
    fn factory(&self, binding: &Binding) -> Option<Access> {
        let around = self.analysis.module.body().iter().find_map(|statement| match statement {
            Stmt::FunctionDef(function) if function.range.contains_range(binding.range) => {
                Some(function)
            }
            _ => None,
        })?;
        let takes_nothing = around
            .parameters
            .iter_non_variadic_params()
            .all(|parameter| parameter.default.is_some());
        let is_plain = !around.is_async && around.decorator_list.is_empty() && takes_nothing;
        let name = self.analysis.names.text(binding.name);
        if !is_plain || !gives_back(around, name) {
            return None;
        }
        Some(Access::Factory(self.symbol(around.name.as_str())?))
    }
}

/// Whether a function returns `name`, and nothing else.
fn gives_back(function: &StmtFunctionDef, name: &str) -> bool {
    let mut returns = Returns { name, own: 0, others: 0 };
    for statement in &function.body {
        returns.visit_stmt(statement);
    }
    returns.own > 0 && returns.others == 0
}

struct Returns<'n> {
    name: &'n str,
    own: usize,
    others: usize,
}

impl<'a> Visitor<'a> for Returns<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Return(found) => match found.value.as_deref() {
                Some(Expr::Name(value)) if value.id.as_str() == self.name => self.own += 1,
                _ => self.others += 1,
            },
            // Their returns are their own.
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            _ => visitor::walk_stmt(self, statement),
        }
    }
}
