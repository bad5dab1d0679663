//! What the code of one function reads and calls, of those that run when an object is built.

use std::rc::Rc;

use super::{EnvironmentRead, Read, Walk};
use crate::matching::hazards::class::methods;
use crate::matching::hazards::index::last_name;
use crate::matching::hazards::patches::is_settings;
use crate::matching::hazards::vocabulary::{HARMLESS_METHODS, READERS};
use crate::project::{Analysis, FileId, ModuleLookup, stdlib};
use crate::resolve::members::ClassNode;
use crate::resolve::{Hop, Origin, SymbolId};
use crate::semantic::{BindingKind, ScopeId};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{Expr, Stmt};
use crate::text::{Ranged, TextRange, slice};

/// Looks at the code of one body.
pub(super) struct Look<'w, 'r, 'p, 't> {
    walk: &'w mut Walk<'r, 'p, 't>,
    file: FileId,
    analysis: &'p Analysis,
    /// The name of the first parameter, where it is an object of `lineage` or its class.
    of: &'w str,
    lineage: Option<Rc<Vec<ClassNode<'p>>>>,
}

impl<'w, 'r, 'p, 't> Look<'w, 'r, 'p, 't> {
    pub(super) fn new(
        walk: &'w mut Walk<'r, 'p, 't>,
        file: FileId,
        analysis: &'p Analysis,
        of: &'w str,
        lineage: Option<Rc<Vec<ClassNode<'p>>>>,
    ) -> Self {
        Self { walk, file, analysis, of, lineage }
    }

    fn place(&self, range: TextRange) -> String {
        let line = self.analysis.lines().position(range.start()).line;
        format!("{}:{line}", self.analysis.source.path)
    }

    fn text(&self, range: TextRange) -> String {
        slice(&self.analysis.source.text, range).split_whitespace().collect()
    }

    /// What the prefixes of a chain lead to.
    fn origins(&self, chain: TextRange) -> Vec<Origin> {
        let Some(&id) = self.walk.chains.get(&self.file).and_then(|chains| chains.get(&chain))
        else {
            return Vec::new();
        };
        let reference = self.analysis.names.reference(id);
        let prefixes =
            self.walk.resolver.reference(self.file, self.analysis, reference, &mut Vec::new());
        let found: Vec<Origin> =
            prefixes.iter().filter_map(|prefix| prefix.certain().cloned()).collect();
        // Ex) `open`
        if found.is_empty() && reference.owner.is_none() && reference.attributes.is_empty() {
            let name = self.analysis.names.text(reference.name);
            return vec![Origin::External(format!("builtins.{name}"))];
        }
        found
    }

    /// The names of modules that a chain reads when it runs.
    fn names_read(&self, chain: TextRange) -> Vec<Hop> {
        let chains = self.walk.chains.get(&self.file);
        let Some(&id) = chains.and_then(|chains| chains.get(&chain)) else { return Vec::new() };
        let (names, resolver) = (&self.analysis.names, self.walk.resolver);
        let reference = names.reference(id);
        let mut found = Vec::new();
        if reference.owner.is_none_or(|owner| owner == ScopeId::MODULE) {
            found.push(Hop { file: self.file, name: names.text(reference.name).to_owned() });
        } else {
            // Ex) `from app.config import URL` in the constructor
            for &id in &names.reach(reference).bindings {
                let BindingKind::ImportFrom { level, module, member, .. } = &names.binding(id).kind
                else {
                    continue;
                };
                let module = resolver.project().imported_module(self.file, *level, module);
                let from = module.file();
                found.extend(from.map(|file| Hop { file, name: member.clone() }));
            }
        }
        let prefixes = resolver.reference(self.file, self.analysis, reference, &mut Vec::new());
        for (prefix, &attribute) in prefixes.iter().zip(&reference.attributes) {
            if let Some(Origin::Module(ModuleLookup::File(file))) = prefix.certain() {
                found.push(Hop { file: *file, name: names.text(attribute).to_owned() });
            }
        }
        found
    }

    /// A read of the environment with what is asked of it.
    fn environment(&mut self, range: TextRange, variable: Option<&Expr>) {
        let variable = variable
            .and_then(|expr| expr.as_string_literal_expr())
            .map(|literal| literal.value.to_str().to_owned());
        let place = self.place(range);
        self.walk.found.environment.push(EnvironmentRead { variable, place });
    }

    /// A name or chain of attributes that is read.
    fn chain(&mut self, expr: &Expr) {
        let range = expr.range();
        if self.is_given(expr) {
            return;
        }
        let mut origins = self.origins(range);
        if let Some(attribute) = self.own_member(expr) {
            for defined in self.lineage.iter().flat_map(|lineage| lineage.iter()) {
                let name = format!("{}.{attribute}", defined.node.name);
                origins.push(Origin::Symbol(SymbolId { file: defined.file, name }));
            }
        }
        if origins.iter().any(is_environment) {
            self.environment(range, None);
        }
        let mut link = expr;
        while let Expr::Attribute(attribute) = link {
            if self.own_attribute(link).is_none() {
                self.walk.asked.insert(attribute.attr.to_string());
            }
            link = &attribute.value;
        }
        let (text, place, names) = (self.text(range), self.place(range), self.names_read(range));
        self.walk.found.reads.push(Read { file: self.file, origins, names, text, place });
    }

    /// Whether an expression is a parameter as it was given: what that is, the call says, or a
    /// default that was worked out when the function was defined.
    fn is_given(&self, expr: &Expr) -> bool {
        // Settings that are a default are read when something is asked of them.
        let Some(name) = expr.as_name_expr().filter(|name| !is_settings(&name.id)) else {
            return false;
        };
        let names = &self.analysis.names;
        let Some(reference) = names.reference_at(name.range) else { return false };
        let bindings = names.reach(names.reference(reference)).bindings;
        let is_parameter = |id: &_| names.binding(*id).kind == BindingKind::Parameter;
        !bindings.is_empty() && bindings.iter().all(is_parameter)
    }

    /// Whether an expression is an attribute of its own object that is nothing but assigned: no
    /// property or method of the class has the name.
    fn is_set(&self, expr: &Expr) -> bool {
        let is_store = expr.as_attribute_expr().is_some_and(|target| target.ctx.is_store());
        let name = self.own_attribute(expr).filter(|_| is_store);
        name.is_some_and(|name| {
            let lineage = self.lineage.iter().flat_map(|lineage| lineage.iter());
            let mut all = lineage.flat_map(|defined| methods(defined.node));
            all.all(|method| method.name.as_str() != name)
        })
    }

    /// `x` of `self.x`.
    fn own_attribute<'e>(&self, expr: &'e Expr) -> Option<&'e str> {
        let attribute = expr.as_attribute_expr()?;
        let name = attribute.value.as_name_expr()?;
        (!self.of.is_empty() && name.id.as_str() == self.of).then_some(attribute.attr.as_str())
    }

    /// `x` of `self.x.y`, of `type(self).x` and of `self.__class__.x`.
    fn own_member<'e>(&self, expr: &'e Expr) -> Option<&'e str> {
        let mut attribute = expr.as_attribute_expr()?;
        loop {
            match &*attribute.value {
                Expr::Attribute(before) if before.attr.as_str() != "__class__" => {
                    attribute = before;
                }
                of => {
                    let root = match of {
                        Expr::Attribute(class) => &class.value,
                        Expr::Call(call) if last_name(&call.func) == Some("type") => {
                            call.arguments.args.first()?
                        }
                        of => of,
                    };
                    let name = root.as_name_expr()?.id.as_str();
                    let is_own = !self.of.is_empty() && name == self.of;
                    return is_own.then_some(attribute.attr.as_str());
                }
            }
        }
    }

    /// A callee, which is looked into where that is possible.
    pub(super) fn called(&mut self, callee: &Expr) {
        if let Some(name) = self.own_attribute(callee)
            && let Some(lineage) = self.lineage.clone()
        {
            let mut found = lineage.iter().filter_map(|defined| {
                let method = methods(defined.node).filter(|one| one.name.as_str() == name).last();
                Some((defined.file, defined.analysis, method?))
            });
            match found.next() {
                Some((file, analysis, function)) => {
                    self.walk.enqueue(file, analysis, function, Some(&lineage));
                }
                None => self.unseen(callee),
            }
            return;
        }
        // Every constructor of the lineage is looked at anyway.
        if is_super_init(callee) {
            return;
        }
        let is_own = callee.as_name_expr().is_some_and(|name| {
            name.id.as_str() == self.of || matches!(name.id.as_str(), "super" | "__class__")
        });
        let origins = self.origins(callee.range());
        match origins.last() {
            _ if is_own => {}
            Some(Origin::Symbol(symbol)) => {
                if !self.walk.enter(&symbol.clone()) {
                    self.unseen(callee);
                }
            }
            Some(Origin::External(dotted)) => {
                let top = dotted.split('.').next().unwrap_or(dotted);
                if !stdlib::contains(top, None) || READERS.contains(&dotted.as_str()) {
                    self.unseen(callee);
                }
            }
            // A builtin.
            None if callee.is_name_expr() => {}
            _ if last_name(callee).is_some_and(|name| HARMLESS_METHODS.contains(&name)) => {}
            _ => self.unseen(callee),
        }
    }

    fn unseen(&mut self, callee: &Expr) {
        let text = self.text(callee.range());
        self.walk.found.unseen.push(format!("`{text}`"));
    }
}

impl<'a> Visitor<'a> for Look<'_, '_, '_, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        // Ex) `env = os.environ`: what is asked of `env` says which variable is read.
        if let Stmt::Assign(assign) = statement
            && assign.targets.iter().all(Expr::is_name_expr)
            && self.is_environment(&assign.value)
        {
            return;
        }
        // Ex) `self.count += 1`
        if let Stmt::AugAssign(assign) = statement
            && self.is_set(&assign.target)
        {
            self.chain(&assign.target);
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => {
                let origins = self.origins(call.func.range());
                if origins.iter().any(is_environment) {
                    let is_asking = last_name(&call.func)
                        .is_some_and(|name| matches!(name, "getenv" | "get" | "getenvb" | "pop"));
                    let first = call.arguments.args.first().filter(|_| is_asking);
                    self.environment(call.range, first);
                } else {
                    self.called(&call.func);
                    self.visit_expr(&call.func);
                }
                self.visit_arguments(&call.arguments);
            }
            Expr::Subscript(subscript) if self.is_environment(&subscript.value) => {
                self.environment(subscript.range, Some(&subscript.slice));
            }
            Expr::Name(_) => self.chain(expr),
            Expr::Attribute(_) if self.is_set(expr) => {}
            Expr::Attribute(attribute) => {
                self.chain(expr);
                if !is_chain(expr) {
                    self.visit_expr(&attribute.value);
                }
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}
}

impl Look<'_, '_, '_, '_> {
    fn is_environment(&self, expr: &Expr) -> bool {
        self.origins(expr.range()).last().is_some_and(is_environment)
    }
}

/// Ex) `super().__init__`
fn is_super_init(callee: &Expr) -> bool {
    callee.as_attribute_expr().is_some_and(|attribute| {
        matches!(attribute.attr.as_str(), "__init__" | "__new__")
            && attribute
                .value
                .as_call_expr()
                .is_some_and(|call| last_name(&call.func) == Some("super"))
    })
}

fn is_chain(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::Attribute(attribute) => is_chain(&attribute.value),
        _ => false,
    }
}

fn is_environment(origin: &Origin) -> bool {
    match origin {
        Origin::External(dotted) => {
            matches!(dotted.as_str(), "os.environ" | "os.environb" | "os.getenv" | "os.getenvb")
        }
        _ => false,
    }
}
