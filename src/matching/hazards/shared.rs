//! What the definition of a target's shared object says: by which names it is had, and with which
//! arguments it is built.
//!
//! Read once for a target, in the module of the shared object alone.

use super::class::{Lineage, origin_of};
use crate::matching::arguments::{Arguments, Signature};
use crate::project::{Analysis, FileId};
use crate::resolve::members::{expression_at, returned};
use crate::resolve::{Origin, Resolver, SymbolId};
use crate::semantic::{BindingKind, ScopeId};
use crate::syntax::ast::{Expr, ExprCall, ExprRef, Stmt, StmtFunctionDef};
use crate::text::slice;

/// What is known of a shared object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SharedFacts {
    /// The names that are the object: its own, or those that its factory returns.
    pub objects: Vec<Origin>,
    /// The functions that return it.
    pub factories: Vec<Origin>,
    /// Where it is built, as far as that can be read.
    pub builds: Vec<Build>,
    /// The parameters of the class's constructor.
    pub signature: Option<Signature>,
}

/// A call that builds the shared object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// Where, as `file:line`.
    pub place: String,
    /// The call, as it is written.
    pub text: String,
    /// What it gives the constructor.
    pub arguments: Arguments,
}

impl SharedFacts {
    /// The place that builds the object with other arguments than these.
    pub fn built_otherwise(&self, arguments: &Arguments, ignored: &[String]) -> Option<&Build> {
        let signature = self.signature.as_ref();
        let mut builds = self.builds.iter();
        builds.find(|build| !build.arguments.are_those_of(arguments, signature, ignored))
    }
}

/// Reads the module of a shared object, or of its factory.
pub fn read(resolver: &Resolver<'_, '_>, class: &[Origin], shared: &Origin) -> SharedFacts {
    let mut facts = SharedFacts::default();
    let Origin::Symbol(symbol) = shared else {
        facts.objects.push(shared.clone());
        return facts;
    };
    let Ok(analysis) = resolver.project().analysis(symbol.file) else { return facts };
    if let Some(first) = class.first() {
        facts.signature = Signature::read(resolver, &Lineage::of(resolver, first));
    }
    let module = Module { resolver, file: symbol.file, analysis, class };
    let functions = module.functions();
    let own = functions.iter().filter(|function| function.name.as_str() == symbol.name);
    let own: Vec<_> = own.copied().collect();
    let mut calls: Vec<&ExprCall> = Vec::new();
    let mut objects: Vec<&str> = Vec::new();
    if own.is_empty() {
        objects.push(&symbol.name);
        let is_factory = |function: &&StmtFunctionDef| {
            let values = returned(function).unwrap_or_default();
            values.iter().any(|value| module.global(value) == Some(&symbol.name))
        };
        for function in functions.iter().copied().filter(is_factory) {
            facts.factories.push(module.symbol(&function.name));
        }
    } else {
        facts.factories.push(shared.clone());
        for value in own.iter().flat_map(|function| returned(function).unwrap_or_default()) {
            objects.extend(module.global(value));
            calls.extend(module.builds(ExprRef::from(value)));
        }
    }
    for name in objects {
        let at_import = own.is_empty();
        calls.extend(module.assigned(name, at_import));
        facts.objects.push(module.symbol(name));
    }
    for call in calls {
        let signature = facts.signature.as_ref();
        let line = analysis.lines().position(call.range.start()).line;
        facts.builds.push(Build {
            place: format!("{}:{line}", analysis.source.path),
            text: slice(&analysis.source.text, call.range)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            arguments: Arguments::of(resolver, symbol.file, analysis, signature, call),
        });
    }
    facts
}

/// Whether a module's name is given what a call of one of `givers`, a class or a function, gives,
/// where its module says so directly.
pub fn is_built(resolver: &Resolver<'_, '_>, givers: &[Origin], symbol: &SymbolId) -> bool {
    let Ok(analysis) = resolver.project().analysis(symbol.file) else { return false };
    let module = Module { resolver, file: symbol.file, analysis, class: givers };
    !module.assigned(&symbol.name, false).is_empty()
}

struct Module<'a> {
    resolver: &'a Resolver<'a, 'a>,
    file: FileId,
    analysis: &'a Analysis,
    class: &'a [Origin],
}

impl<'a> Module<'a> {
    fn symbol(&self, name: &str) -> Origin {
        Origin::Symbol(SymbolId { file: self.file, name: name.to_owned() })
    }

    fn functions(&self) -> Vec<&'a StmtFunctionDef> {
        let body = self.analysis.module.body().iter();
        body.filter_map(Stmt::as_function_def_stmt).collect()
    }

    /// The name of the module that an expression reads.
    fn global(&self, expr: &'a Expr) -> Option<&'a str> {
        let name = expr.as_name_expr()?;
        let mut references = self.analysis.names.references();
        let (_, reference) = references.find(|(_, one)| one.range == name.range)?;
        (reference.owner == Some(ScopeId::MODULE)).then_some(name.id.as_str())
    }

    /// The calls of the class that the module's own code assigns to a name; those in functions
    /// as well, unless only what importers get is meant.
    fn assigned(&self, name: &str, at_import: bool) -> Vec<&'a ExprCall> {
        let names = &self.analysis.names;
        let Some(id) = names.id(name) else { return Vec::new() };
        let bindings = names.bindings().map(|(_, binding)| binding).filter(|binding| {
            binding.scope == ScopeId::MODULE
                && binding.name == id
                && (!at_import || binding.written_in == ScopeId::MODULE)
        });
        let values = bindings.filter_map(|binding| match binding.kind {
            BindingKind::Assignment { value: Some(value), .. } => {
                expression_at(self.analysis, value)
            }
            _ => None,
        });
        values.flat_map(|value| self.builds(value)).collect()
    }

    /// The calls of the class that an expression is, or may be.
    fn builds(&self, expr: ExprRef<'a>) -> Vec<&'a ExprCall> {
        match expr {
            ExprRef::Call(call) => {
                let callee = origin_of(self.resolver, self.file, self.analysis, &call.func);
                let is_class = callee.is_some_and(|callee| self.class.contains(&callee));
                is_class.then_some(call).into_iter().collect()
            }
            ExprRef::If(choice) => {
                let mut found = self.builds(ExprRef::from(&*choice.body));
                found.extend(self.builds(ExprRef::from(&*choice.orelse)));
                found
            }
            _ => Vec::new(),
        }
    }
}
