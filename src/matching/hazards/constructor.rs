//! What a class's constructor reads: the environment, and names that can be patched.
//!
//! Follows calls of the project's own functions and methods. What it cannot follow it lists, so
//! that "reads nothing" is said only where all was seen.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::class::{Lineage, methods, own_name};
use super::index::last_name;
use super::vocabulary::{HARMLESS_BASES, HARMLESS_METHODS, READERS};
use crate::project::{Analysis, FileId, ModuleLookup, stdlib};
use crate::resolve::members::ClassNode;
use crate::resolve::{Hop, Origin, Resolver, SymbolId};
use crate::semantic::{BindingKind, ReferenceId, ScopeId};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, Expr, Stmt};
use crate::syntax::suite;
use crate::text::{Ranged, TextRange, slice};

/// What happens when an object is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constructor {
    /// Reads of environment variables.
    pub environment: Vec<EnvironmentRead>,
    /// Reads of names.
    pub reads: Vec<Read>,
    /// The project's classes that it builds objects of, with their bases, its own among them.
    pub built: Vec<Origin>,
    /// What is called and cannot be looked into, as it is written.
    pub unseen: Vec<String>,
}

/// One read of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentRead {
    /// The variable, where it is written out.
    pub variable: Option<String>,
    /// Where, as `file:line`.
    pub place: String,
}

/// One read of a name or chain of attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The file.
    pub file: FileId,
    /// What `a`, `a.b` and `a.b.c` of the chain `a.b.c` lead to.
    pub origins: Vec<Origin>,
    /// The names of modules that it reads, whatever they lead to.
    pub names: Vec<Hop>,
    /// The chain, as it is written.
    pub text: String,
    /// Where, as `file:line`.
    pub place: String,
}

/// More functions than any constructor calls.
const MOST_FUNCTIONS: usize = 200;

/// Reads the constructor of a class.
pub fn read<'p>(resolver: &Resolver<'p, '_>, lineage: &Lineage<'p>) -> Constructor {
    let mut walk = Walk {
        resolver,
        found: Constructor::default(),
        queue: VecDeque::new(),
        seen: Vec::new(),
        chains: FxHashMap::default(),
    };
    walk.construct(lineage);
    while let Some(body) = walk.queue.pop_front() {
        walk.body(&body);
    }
    let mut found = walk.found;
    found.unseen.sort();
    found.unseen.dedup();
    found
}

/// A function whose code runs.
struct Body<'p> {
    file: FileId,
    analysis: &'p Analysis,
    function: &'p ast::StmtFunctionDef,
    /// The class of its first parameter.
    lineage: Option<std::rc::Rc<Vec<ClassNode<'p>>>>,
}

struct Walk<'r, 'p, 't> {
    resolver: &'r Resolver<'p, 't>,
    found: Constructor,
    queue: VecDeque<Body<'p>>,
    seen: Vec<(FileId, TextRange)>,
    /// The chains of each file, by their ranges.
    chains: FxHashMap<FileId, FxHashMap<TextRange, ReferenceId>>,
}

impl<'p> Walk<'_, 'p, '_> {
    /// What runs when a class is called.
    fn construct(&mut self, lineage: &Lineage<'p>) {
        for unseen in &lineage.unseen {
            if !HARMLESS_BASES.contains(&last_part(unseen)) {
                self.found.unseen.push(format!("`{unseen}`"));
            }
        }
        self.found.built.extend(lineage.classes.iter().map(|class| {
            let name = class.node.name.to_string();
            Origin::Symbol(SymbolId { file: class.file, name })
        }));
        let classes = std::rc::Rc::new(lineage.classes.clone());
        for name in ["__new__", "__init__", "__post_init__", "__attrs_post_init__"] {
            // A constructor may call those of the base classes, and mostly does.
            for &defined in &lineage.classes {
                for function in methods(defined.node).filter(|one| one.name.as_str() == name) {
                    self.enqueue(defined.file, defined.analysis, function, Some(&classes));
                }
            }
        }
        for &defined in &lineage.classes {
            self.factories(defined, &classes);
        }
    }

    /// The factories of a dataclass's fields run as well.
    fn factories(&mut self, defined: ClassNode<'p>, classes: &std::rc::Rc<Vec<ClassNode<'p>>>) {
        for statement in &defined.node.body {
            let Stmt::AnnAssign(assign) = statement else { continue };
            let Some(Expr::Call(call)) = assign.value.as_deref() else { continue };
            let arguments = &call.arguments;
            let factory =
                arguments.find_keyword("default_factory").or(arguments.find_keyword("factory"));
            match factory.map(|keyword| &keyword.value) {
                Some(Expr::Lambda(lambda)) => {
                    self.chains_of(defined.file, defined.analysis);
                    let lineage = Some(std::rc::Rc::clone(classes));
                    let mut look = Look::new(self, defined.file, defined.analysis, "", lineage);
                    look.visit_expr(&lambda.body);
                }
                Some(expr @ (Expr::Name(_) | Expr::Attribute(_))) => {
                    self.chains_of(defined.file, defined.analysis);
                    let lineage = Some(std::rc::Rc::clone(classes));
                    let mut look = Look::new(self, defined.file, defined.analysis, "", lineage);
                    look.called(expr);
                }
                _ => {}
            }
        }
    }

    fn enqueue(
        &mut self,
        file: FileId,
        analysis: &'p Analysis,
        function: &'p ast::StmtFunctionDef,
        lineage: Option<&std::rc::Rc<Vec<ClassNode<'p>>>>,
    ) {
        let key = (file, function.range);
        if self.seen.contains(&key) {
            return;
        }
        if self.seen.len() >= MOST_FUNCTIONS {
            self.found.unseen.push(format!("`{}`", function.name));
            return;
        }
        self.seen.push(key);
        self.queue.push_back(Body { file, analysis, function, lineage: lineage.cloned() });
    }

    fn body(&mut self, body: &Body<'p>) {
        self.chains_of(body.file, body.analysis);
        let of = if body.lineage.is_some() { own_name(body.function) } else { "" };
        let mut look = Look::new(self, body.file, body.analysis, of, body.lineage.clone());
        for statement in &body.function.body {
            look.visit_stmt(statement);
        }
    }

    fn chains_of(&mut self, file: FileId, analysis: &Analysis) {
        self.chains.entry(file).or_insert_with(|| {
            let references = analysis.names.references();
            references.map(|(id, reference)| (reference.chain, id)).collect()
        });
    }

    /// Looks into a function or class of the project that is called; tells whether it could.
    fn enter(&mut self, symbol: &SymbolId) -> bool {
        let Some((owner, method)) = symbol.name.rsplit_once('.') else {
            return self.enter_plain(symbol);
        };
        // Ex) `Settings.from_environment()`
        let class = Origin::Symbol(SymbolId { file: symbol.file, name: owner.to_owned() });
        let lineage = Lineage::of(self.resolver, &class);
        let Some((defined, function)) = lineage.method(method) else { return false };
        let classes = std::rc::Rc::new(lineage.classes);
        self.enqueue(defined.file, defined.analysis, function, Some(&classes));
        true
    }

    fn enter_plain(&mut self, symbol: &SymbolId) -> bool {
        let Ok(analysis) = self.resolver.project().analysis(symbol.file) else { return false };
        let analysis: &'p Analysis = analysis;
        let names = &analysis.names;
        let Some(name) = names.id(&symbol.name) else { return false };
        let bindings = names.at_exit(name).bindings;
        let mut entered = !bindings.is_empty();
        for binding in bindings {
            let binding = names.binding(binding);
            match (&binding.kind, suite::statement_at(&analysis.module, binding.statement)) {
                (BindingKind::Function, Some(Stmt::FunctionDef(function))) => {
                    self.enqueue(symbol.file, analysis, function, None);
                }
                (BindingKind::Class, Some(_)) => {
                    let class = Origin::Symbol(symbol.clone());
                    let lineage = Lineage::of(self.resolver, &class);
                    if lineage.classes.is_empty() {
                        entered = false;
                    } else {
                        self.construct(&lineage);
                    }
                }
                _ => entered = false,
            }
        }
        entered
    }
}

fn last_part(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

/// Looks at the code of one body.
struct Look<'w, 'r, 'p, 't> {
    walk: &'w mut Walk<'r, 'p, 't>,
    file: FileId,
    analysis: &'p Analysis,
    /// The name of the first parameter, where it is an object of `lineage` or its class.
    of: &'w str,
    lineage: Option<std::rc::Rc<Vec<ClassNode<'p>>>>,
}

impl<'w, 'r, 'p, 't> Look<'w, 'r, 'p, 't> {
    fn new(
        walk: &'w mut Walk<'r, 'p, 't>,
        file: FileId,
        analysis: &'p Analysis,
        of: &'w str,
        lineage: Option<std::rc::Rc<Vec<ClassNode<'p>>>>,
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
        prefixes.iter().filter_map(|prefix| prefix.certain().cloned()).collect()
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
        let (text, place, names) = (self.text(range), self.place(range), self.names_read(range));
        self.walk.found.reads.push(Read { file: self.file, origins, names, text, place });
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
    fn called(&mut self, callee: &Expr) {
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
