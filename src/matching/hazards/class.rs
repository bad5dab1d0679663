//! What the definition of a target's class says of its objects: which methods end them.
//!
//! Read once for a target. Base classes are read where they are the project's own.

use super::attributes::{self, Content, Parts};
use super::constructor::{self, Constructor, Read};
use super::vocabulary;
use crate::project::{Analysis, FileId};
use crate::resolve::members::{Chain, ClassNode, first_parameter, returned};
use crate::resolve::{Origin, Resolver, SymbolId};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, Expr, ExprRef, Stmt};
use crate::text::Ranged;

/// What is known of a class.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Methods that end the object besides those that the transform lists, each with the method
    /// that says so.
    pub closing: Vec<(String, String)>,
    /// The names of its methods.
    pub methods: Vec<String>,
    /// Methods and properties that give the object itself, or may.
    pub fluent: Vec<String>,
    /// The attributes that its own methods and its body assign, and its properties.
    pub attributes: Vec<(String, Content)>,
    /// The methods that give a part of the object, or may.
    pub getters: Vec<String>,
    /// The names of its base classes that are not the project's own, or its name where it is not.
    pub bases: Vec<String>,
    /// What its constructor reads.
    pub constructor: Constructor,
}

impl Facts {
    /// Whether a call of this name is one of a method of the object that leaves it open.
    pub fn is_use(&self, name: &str, closes: &[String]) -> bool {
        let is_it = |method: &String| method == name;
        self.methods.iter().any(is_it)
            && !closes.iter().any(is_it)
            && !self.closing.iter().any(|(method, _)| is_it(method))
    }

    /// What the attribute `name` holds; `None` where nothing assigns it.
    pub fn content(&self, name: &str) -> Option<Content> {
        attributes::content(&self.attributes, name)
    }

    /// Whether what the method `name` gives is a part of the object.
    pub fn gives_part(&self, name: &str) -> bool {
        let is_it = |method: &String| method == name;
        self.getters.iter().any(is_it) || self.is_container() && self.may_give_part(name)
    }

    /// Whether what the method `name` gives may be a part of the object, for all that is known: it is
    /// called like those that do, and the class does not define it.
    pub fn may_give_part(&self, name: &str) -> bool {
        matches!(name, "__getitem__" | "get" | "setdefault")
            && !self.methods.iter().any(|method| method == name)
    }

    /// Whether the objects are lists, dicts, sets or the like.
    pub fn is_container(&self) -> bool {
        self.bases.iter().any(|base| vocabulary::is_container(base))
    }

    /// Whether one of the classes is known to be an exception by its name.
    pub fn is_exception(&self) -> bool {
        self.bases.iter().any(|base| vocabulary::is_exception(base))
    }

    /// Whether the objects can be started, once: threads and processes.
    pub fn is_one_shot(&self) -> bool {
        self.bases.iter().any(|base| matches!(base.as_str(), "Thread" | "Process" | "Timer"))
    }
}

/// A class and its base classes, in the order in which Python asks them, roughly.
#[derive(Debug, Default)]
pub struct Lineage<'p> {
    /// Those that are the project's own.
    pub classes: Vec<ClassNode<'p>>,
    /// The others, by name; `object` is none of them.
    pub unseen: Vec<String>,
}

impl<'p> Lineage<'p> {
    /// Finds the definition that `origin` is.
    pub fn of(resolver: &Resolver<'p, '_>, origin: &Origin) -> Self {
        let mut lineage = Self::default();
        lineage.add(resolver, origin, UNSEEN);
        lineage
    }

    fn add(&mut self, resolver: &Resolver<'p, '_>, origin: &Origin, name: &str) {
        let defined = match origin {
            Origin::Symbol(symbol) => resolver.class(symbol),
            _ => None,
        };
        let Some(defined) = defined else {
            self.unseen.push(name.to_owned());
            return;
        };
        let is_there = |known: &ClassNode<'_>| {
            known.file == defined.file && known.node.range == defined.node.range
        };
        if self.classes.iter().any(is_there) {
            return;
        }
        self.classes.push(defined);
        let bases = defined.node.arguments.as_deref();
        for base in bases.map_or(&[][..], |arguments| &arguments.args) {
            let base = match base {
                // Ex) `Generic[T]`
                Expr::Subscript(subscript) => &subscript.value,
                base => base,
            };
            let text = crate::text::slice(&defined.analysis.source.text, base.range());
            if matches!(text, "object" | "Generic" | "Protocol" | "ABC" | "abc.ABC") {
                continue;
            }
            match origin_of(resolver, defined.file, defined.analysis, base) {
                Some(origin) => self.add(resolver, &origin, text),
                None => self.unseen.push(text.to_owned()),
            }
        }
    }

    /// The last parts of the names of the base classes that are not the project's own.
    pub fn unseen_names(&self) -> Vec<&str> {
        self.unseen.iter().map(|name| vocabulary::last_part(name)).collect()
    }

    /// The method that Python finds by this name.
    pub fn method(&self, name: &str) -> Option<(ClassNode<'p>, &'p ast::StmtFunctionDef)> {
        self.classes.iter().find_map(|defined| {
            let found = methods(defined.node).filter(|method| method.name.as_str() == name).last();
            found.map(|method| (*defined, method))
        })
    }
}

/// What a class is called that cannot be read.
const UNSEEN: &str = "the class";

/// What a name or chain of attributes leads to, where that is certain.
pub fn origin_of(
    resolver: &Resolver<'_, '_>,
    file: FileId,
    analysis: &Analysis,
    expr: &Expr,
) -> Option<Origin> {
    let chain = Chain::of(analysis, ExprRef::from(expr))?;
    resolver.chain(file, analysis, chain).certain().cloned()
}

/// The functions that a class body defines.
pub fn methods(class: &ast::StmtClassDef) -> impl Iterator<Item = &ast::StmtFunctionDef> {
    class.body.iter().filter_map(|statement| match statement {
        Stmt::FunctionDef(function) => Some(function),
        _ => None,
    })
}

/// Reads a class. `closes` are the methods that are known to end its objects.
pub fn read(resolver: &Resolver<'_, '_>, origin: &Origin, closes: &[String]) -> Facts {
    let lineage = Lineage::of(resolver, origin);
    let mut constructor = constructor::read(resolver, &lineage);
    constructor.reads.extend(lineage.classes.iter().map(own_steps));
    let Parts { attributes, getters, .. } = Parts::of(resolver, &lineage);
    let mut bases: Vec<String> = lineage.unseen_names().into_iter().map(str::to_owned).collect();
    if let (true, Origin::Symbol(SymbolId { name, .. }) | Origin::External(name)) =
        (lineage.classes.is_empty(), origin)
    {
        bases = vec![vocabulary::last_part(name).to_owned()];
    }
    let mut facts = Facts { attributes, getters, bases, constructor, ..Facts::default() };
    for exit in ["__exit__", "__aexit__", "__del__"] {
        let Some((_, method)) = lineage.method(exit) else { continue };
        facts.closing.push((exit.to_owned(), exit.to_owned()));
        let mut called = own_calls(method);
        if called.iter().any(|name| closes.contains(name)) {
            continue;
        }
        called.retain(|name| !only_asks(name));
        facts.closing.extend(called.into_iter().map(|name| (name, exit.to_owned())));
    }
    facts.fluent = fluent(&lineage);
    for defined in &lineage.classes {
        for statement in &defined.node.body {
            body_statement(statement, closes, &mut facts);
        }
        facts.methods.extend(methods(defined.node).map(|method| method.name.to_string()));
    }
    facts
}

/// The methods of a class that run when an object is built: they can be patched as well.
fn own_steps(defined: &ClassNode<'_>) -> Read {
    let class = &defined.node.name;
    let symbol = |name| SymbolId { file: defined.file, name: format!("{class}.{name}") };
    let line = defined.analysis.lines().position(defined.node.start()).line;
    Read {
        file: defined.file,
        origins: ["__new__", "__init__", "__post_init__"].map(symbol).map(Origin::Symbol).to_vec(),
        names: Vec::new(),
        text: format!("{class}.__init__"),
        place: format!("{}:{line}", defined.analysis.source.path),
    }
}

/// The methods and properties of a class that give the object itself, or may: `return self`, and
/// `return self.other()` where `other` is one of them.
fn fluent(lineage: &Lineage<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut others: Vec<(&str, &str)> = Vec::new();
    for method in lineage.classes.iter().flat_map(|defined| methods(defined.node)) {
        let own = own_name(method);
        for value in returned(method).unwrap_or_default() {
            match given_back(value, own) {
                Some(GivenBack::Itself) => found.push(method.name.to_string()),
                Some(GivenBack::By(other)) => others.push((&method.name, other)),
                None => {}
            }
        }
    }
    let mut next = 0;
    while let Some(known) = found.get(next).cloned() {
        let by_known = others.iter().filter(|(_, other)| *other == known);
        let new: Vec<String> = by_known.map(|(name, _)| (*name).to_owned()).collect();
        found.extend(new);
        others.retain(|(_, other)| *other != known);
        next += 1;
    }
    found
}

/// What a method gives back of its own object.
enum GivenBack<'m> {
    Itself,
    /// What this method or property of the object gives.
    By(&'m str),
}

fn given_back<'m>(value: &'m Expr, own: &str) -> Option<GivenBack<'m>> {
    match value {
        Expr::Name(name) => (name.id.as_str() == own).then_some(GivenBack::Itself),
        Expr::Await(awaited) => given_back(&awaited.value, own),
        Expr::Call(call) => {
            let method = call.func.as_attribute_expr()?;
            let is_own = method.value.as_name_expr().is_some_and(|name| name.id.as_str() == own);
            is_own.then_some(GivenBack::By(&method.attr))
        }
        _ => None,
    }
}

/// Names of methods that tell something about the object, or to a log.
fn only_asks(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    ["is_", "has_", "get_", "log", "debug", "info", "warn"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// The methods of its own object that a method calls.
pub fn own_calls(method: &ast::StmtFunctionDef) -> Vec<String> {
    let mut calls = OwnCalls { of: own_name(method), found: Vec::new() };
    for statement in &method.body {
        calls.visit_stmt(statement);
    }
    calls.found
}

/// The name by which a method knows its object; empty where it has no parameters.
pub fn own_name(method: &ast::StmtFunctionDef) -> &str {
    first_parameter(method).map_or("", ast::Identifier::as_str)
}

struct OwnCalls<'m> {
    of: &'m str,
    found: Vec<String>,
}

impl<'a> Visitor<'a> for OwnCalls<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && let Expr::Attribute(attribute) = &*call.func
            && attribute.value.as_name_expr().is_some_and(|name| name.id.as_str() == self.of)
        {
            self.found.push(attribute.attr.to_string());
        }
        visitor::walk_expr(self, expr);
    }
}

/// Ex) `aclose = close`
fn body_statement(statement: &Stmt, closes: &[String], facts: &mut Facts) {
    let (target, value) = match statement {
        Stmt::Assign(assign) => (assign.targets.first(), Some(&*assign.value)),
        Stmt::AnnAssign(assign) => (Some(&*assign.target), assign.value.as_deref()),
        _ => return,
    };
    let (Some(Expr::Name(name)), Some(Expr::Name(value))) = (target, value) else { return };
    let value = value.id.as_str();
    let is_closing = closes.iter().any(|method| method == value)
        || facts.closing.iter().any(|(method, _)| method == value);
    if is_closing {
        facts.closing.push((name.id.to_string(), value.to_owned()));
    }
}
