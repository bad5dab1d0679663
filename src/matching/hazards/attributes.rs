//! What the attributes of a class's objects hold, as far as its body, its methods and its properties
//! say, and which of its methods give a part of the object.
//!
//! Values are read where they are written: a call of a class or function of the project is followed
//! one step. Says of each attribute how likely it is a container, never that it is none where that is
//! not certain.

use super::class::{self, Lineage, own_name};
use super::index::last_name;
use super::vocabulary::is_container;
use crate::project::{Analysis, FileId};
use crate::resolve::members::{ClassNode, has_decorator, returned};
use crate::resolve::{Origin, Resolver};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, Expr, Operator, Stmt};

/// What an attribute holds. Of several values the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// Nothing that is a list, dict, set or the like: a constant, or an object of a class of the
    /// project that is none.
    Other,
    /// An object of a class that is not the project's, or what a function gives that is not.
    Foreign,
    /// Something of which nothing is said.
    Unknown,
    /// A list, dict, set or the like.
    Container,
}

/// What a class says of the parts of its objects.
#[derive(Debug, Default)]
pub struct Parts {
    /// The attributes that its own methods and its body assign, and its properties.
    pub attributes: Vec<(String, Content)>,
    /// The methods that give a part of the object, or may.
    pub getters: Vec<String>,
    /// Attributes that get what another one of the object has.
    aliases: Vec<(String, String)>,
}

impl Parts {
    /// Reads a class and its base classes.
    pub fn of(resolver: &Resolver<'_, '_>, lineage: &Lineage<'_>) -> Self {
        let mut parts = Self::default();
        for defined in &lineage.classes {
            let body = Reader::new(resolver, lineage, defined, None);
            for statement in &defined.node.body {
                parts.body_statement(&body, statement);
            }
            for method in class::methods(defined.node) {
                let reader = Reader::new(resolver, lineage, defined, Some(method));
                if is_property(method) {
                    for value in returned(method).unwrap_or_default() {
                        parts.note(&reader, &method.name, Some(value), method.returns.as_deref());
                    }
                }
                let mut assigned = Assigned { reader: &reader, parts: &mut parts };
                for statement in &method.body {
                    assigned.visit_stmt(statement);
                }
            }
        }
        parts.settle();
        for method in lineage.classes.iter().flat_map(|defined| class::methods(defined.node)) {
            let gives = |value: &&Expr| parts.is_part(value, own_name(method));
            if !is_property(method) && returned(method).unwrap_or_default().iter().any(gives) {
                parts.getters.push(method.name.to_string());
            }
        }
        parts
    }

    /// What the attribute `name` holds; `None` where nothing assigns it.
    pub fn content(&self, name: &str) -> Option<Content> {
        content(&self.attributes, name)
    }

    fn body_statement(&mut self, reader: &Reader<'_>, statement: &Stmt) {
        let (target, value, declared) = match statement {
            Stmt::Assign(assign) => (assign.targets.first(), Some(&*assign.value), None),
            Stmt::AnnAssign(assign) => {
                (Some(&*assign.target), assign.value.as_deref(), Some(&*assign.annotation))
            }
            _ => return,
        };
        if let Some(Expr::Name(name)) = target {
            self.note(reader, name.id.as_str(), value, declared);
        }
    }

    /// Notes what an attribute is declared to hold, and a value that it gets.
    fn note(
        &mut self,
        reader: &Reader<'_>,
        name: &str,
        value: Option<&Expr>,
        declared: Option<&Expr>,
    ) {
        let declared = declared.and_then(|declared| reader.declared(declared));
        let alias = value.and_then(Expr::as_attribute_expr).filter(|one| reader.is_own(&one.value));
        if let (None, Some(alias)) = (declared, alias) {
            self.aliases.push((name.to_owned(), alias.attr.to_string()));
            return;
        }
        let value = value.map(|value| reader.content(value));
        let found = match (declared, value) {
            // A declaration says more than a value of which nothing is known.
            (Some(declared), Some(Content::Unknown)) => Some(declared),
            (declared, value) => declared.max(value),
        };
        self.attributes.extend(found.map(|content| (name.to_owned(), content)));
    }

    fn target(&mut self, reader: &Reader<'_>, target: &Expr, value: Option<&Expr>) {
        match target {
            Expr::Attribute(attribute) if reader.is_own(&attribute.value) => match value {
                Some(value) => self.note(reader, &attribute.attr, Some(value), None),
                None => self.attributes.push((attribute.attr.to_string(), Content::Unknown)),
            },
            Expr::Starred(starred) => self.target(reader, &starred.value, None),
            _ => {
                let Some(targets) = elements(target) else { return };
                // Ex) `self.x, self.items = 1, []`
                let values = value.and_then(elements).filter(|values| {
                    values.len() == targets.len()
                        && !values.iter().chain(targets).any(Expr::is_starred_expr)
                });
                for (at, target) in targets.iter().enumerate() {
                    self.target(reader, target, values.and_then(|values| values.get(at)));
                }
            }
        }
    }

    /// Gives attributes that have what others have what is known of those.
    fn settle(&mut self) {
        // One for each that a chain of them may have, and no end of a circle.
        for _ in 0..self.aliases.len().min(MOST_ALIASES) {
            let known = |(name, of): &(String, String)| Some((name.clone(), self.content(of)?));
            let mut found: Vec<_> = self.aliases.iter().filter_map(known).collect();
            found.retain(|one| !self.attributes.contains(one));
            if found.is_empty() {
                return;
            }
            self.attributes.extend(found);
        }
    }

    /// Whether a value is a part of the object that a method knows as `own`.
    ///
    /// Ex) `self.items`, `self.items[key]`, and `self.items.get(key)` of what may be a dict
    fn is_part(&self, value: &Expr, own: &str) -> bool {
        let mut path = Vec::new();
        let mut rest = value;
        loop {
            rest = match rest {
                Expr::Attribute(attribute) => {
                    path.push(attribute.attr.as_str());
                    &attribute.value
                }
                Expr::Subscript(subscript) => {
                    path.push("[]");
                    &subscript.value
                }
                Expr::Call(call) => match &*call.func {
                    Expr::Attribute(method)
                        if matches!(method.attr.as_str(), "get" | "setdefault") =>
                    {
                        path.push("()");
                        &method.value
                    }
                    _ => return false,
                },
                Expr::BoolOp(op) => return op.values.iter().any(|one| self.is_part(one, own)),
                Expr::If(choice) => {
                    return self.is_part(&choice.body, own) || self.is_part(&choice.orelse, own);
                }
                Expr::Name(name) => {
                    let Some(first) = path.last().filter(|_| name.id.as_str() == own) else {
                        return false;
                    };
                    // What a client gets from its server is nobody's part.
                    let holds = || self.content(first) == Some(Content::Container);
                    return !path.contains(&"()") || holds();
                }
                _ => return false,
            };
        }
    }
}

/// What the attribute `name` holds, of what was noted; `None` where nothing was.
pub fn content(attributes: &[(String, Content)], name: &str) -> Option<Content> {
    let found = attributes.iter().filter(|(attribute, _)| attribute == name);
    found.map(|(_, content)| *content).max()
}

/// More than any chain of attributes has that have each other's values; a bound on what hostile ones
/// cost.
const MOST_ALIASES: usize = 8;

fn is_property(method: &ast::StmtFunctionDef) -> bool {
    has_decorator(method, "property") || has_decorator(method, "cached_property")
}

fn elements(expr: &Expr) -> Option<&[Expr]> {
    match expr {
        Expr::Tuple(tuple) => Some(&tuple.elts),
        Expr::List(list) => Some(&list.elts),
        _ => None,
    }
}

/// Reads the values that one method or one class body writes.
struct Reader<'r> {
    resolver: &'r Resolver<'r, 'r>,
    /// The class whose objects have the attributes.
    lineage: &'r Lineage<'r>,
    file: FileId,
    analysis: &'r Analysis,
    method: Option<&'r ast::StmtFunctionDef>,
    /// Whether what functions of the project return is read.
    reads_functions: bool,
}

impl<'r> Reader<'r> {
    fn new(
        resolver: &'r Resolver<'_, '_>,
        lineage: &'r Lineage<'r>,
        defined: &ClassNode<'r>,
        method: Option<&'r ast::StmtFunctionDef>,
    ) -> Self {
        let ClassNode { file, analysis, .. } = *defined;
        Self { resolver, lineage, file, analysis, method, reads_functions: true }
    }

    /// Whether an expression is the object whose method this is.
    fn is_own(&self, expr: &Expr) -> bool {
        let own = self.method.map_or("", own_name);
        expr.as_name_expr().is_some_and(|name| name.id.as_str() == own)
    }

    fn content(&self, value: &Expr) -> Content {
        match value {
            Expr::List(_)
            | Expr::Dict(_)
            | Expr::Set(_)
            | Expr::ListComp(_)
            | Expr::DictComp(_)
            | Expr::SetComp(_) => Content::Container,
            // Ex) `items or []`
            Expr::BoolOp(op) => {
                let values = op.values.iter().map(|one| self.content(one));
                values.max().unwrap_or(Content::Unknown)
            }
            Expr::If(choice) => self.content(&choice.body).max(self.content(&choice.orelse)),
            Expr::Named(named) => self.content(&named.value),
            // Ex) `[0] * size`, `defaults | given`
            Expr::BinOp(op) => {
                let sides = self.content(&op.left).max(self.content(&op.right));
                match op.op {
                    Operator::Add | Operator::Mult | Operator::BitOr | Operator::Sub => sides,
                    _ => Content::Unknown,
                }
            }
            // Ex) `self.DEFAULTS[:]`; a slice of a text has no methods that change it.
            Expr::Subscript(subscript) if subscript.slice.is_slice_expr() => Content::Container,
            Expr::NoneLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::FString(_)
            | Expr::TString(_)
            | Expr::Tuple(_)
            | Expr::Compare(_)
            | Expr::UnaryOp(_)
            | Expr::Lambda(_)
            | Expr::Generator(_) => Content::Other,
            Expr::Name(name) => self.parameter(name.id.as_str()).unwrap_or(Content::Unknown),
            Expr::Await(awaited) => self.content(&awaited.value),
            Expr::Call(call) => self.made(call),
            _ => Content::Unknown,
        }
    }

    /// What a parameter of the method is declared to be.
    fn parameter(&self, name: &str) -> Option<Content> {
        let mut parameters = self.method?.parameters.iter_non_variadic_params();
        let found = parameters.find(|one| one.parameter.name.as_str() == name)?;
        self.declared(found.parameter.annotation.as_deref()?)
    }

    /// What a call gives.
    fn made(&self, call: &ast::ExprCall) -> Content {
        match last_name(&call.func) {
            Some(name) if is_container(name) || name == "sorted" => Content::Container,
            Some(
                "int" | "str" | "float" | "bool" | "bytes" | "tuple" | "frozenset" | "object"
                | "len" | "open",
            ) if call.func.is_name_expr() => Content::Other,
            // Ex) `x: list = field(default_factory=list)`
            Some("field" | "ib" | "attrib" | "Field") => {
                let given = |name| call.arguments.find_keyword(name).map(|one| &one.value);
                if let Some(factory) = given("default_factory").or_else(|| given("factory")) {
                    return match factory {
                        Expr::Lambda(lambda) => self.content(&lambda.body),
                        factory if last_name(factory).is_some_and(is_container) => {
                            Content::Container
                        }
                        factory => self.called(factory),
                    };
                }
                given("default").map_or(Content::Unknown, |value| self.content(value))
            }
            _ => self.called(&call.func),
        }
    }

    /// What the class or function gives that an expression is.
    fn called(&self, callee: &Expr) -> Content {
        // Ex) `self._connect()`
        if let Expr::Attribute(method) = callee
            && self.is_own(&method.value)
        {
            let found = self.lineage.method(&method.attr).filter(|_| self.reads_functions);
            return found.map_or(Content::Unknown, |(defined, method)| {
                let own = Reader::new(self.resolver, self.lineage, &defined, Some(method));
                Reader { reads_functions: false, ..own }.results(method)
            });
        }
        let origin = class::origin_of(self.resolver, self.file, self.analysis, callee);
        match origin {
            Some(Origin::External(_)) => Content::Foreign,
            Some(Origin::Symbol(symbol)) => {
                let function = self.resolver.function(&symbol).filter(|_| self.reads_functions);
                if let Some((file, analysis, function)) = function {
                    let (resolver, lineage) = (self.resolver, self.lineage);
                    let method = None;
                    let reads_functions = false;
                    let reader =
                        Reader { resolver, lineage, file, analysis, method, reads_functions };
                    return reader.results(function);
                }
                self.object(&Origin::Symbol(symbol)).unwrap_or(Content::Unknown)
            }
            _ => Content::Unknown,
        }
    }

    /// What a function gives.
    fn results(&self, function: &ast::StmtFunctionDef) -> Content {
        let declared = function.returns.as_deref().and_then(|declared| self.declared(declared));
        let values = returned(function).unwrap_or_default();
        let given = values.into_iter().map(|value| self.content(value)).max();
        match (given.unwrap_or(Content::Other), declared) {
            (Content::Unknown, Some(declared)) => declared,
            (given, _) => given,
        }
    }

    /// What an object of a class of the project is.
    fn object(&self, class: &Origin) -> Option<Content> {
        let lineage = Lineage::of(self.resolver, class);
        if lineage.classes.is_empty() {
            return None;
        }
        let bases = lineage.unseen_names();
        Some(if bases.iter().any(|base| is_container(base)) {
            Content::Container
        } else if bases.is_empty() {
            Content::Other
        } else {
            Content::Foreign
        })
    }

    /// What a declaration says that something holds, if it says anything.
    fn declared(&self, annotation: &Expr) -> Option<Content> {
        match annotation {
            Expr::NoneLiteral(_) => Some(Content::Other),
            // Ex) `list[int] | None`
            Expr::BinOp(op) => self.declared(&op.left).max(self.declared(&op.right)),
            Expr::Subscript(subscript) => match last_name(&subscript.value) {
                Some("Optional" | "Final" | "ClassVar" | "Annotated" | "Union") => {
                    let inner = elements(&subscript.slice);
                    let inner = inner.unwrap_or(std::slice::from_ref(&*subscript.slice));
                    inner.iter().map(|one| self.declared(one)).max().flatten()
                }
                _ => self.declared(&subscript.value),
            },
            Expr::Name(_) | Expr::Attribute(_) => match last_name(annotation)? {
                name if is_container(name) => Some(Content::Container),
                "int" | "str" | "float" | "bool" | "bytes" | "tuple" | "Tuple" | "Callable"
                | "frozenset" => Some(Content::Other),
                "Any" | "object" | "Sequence" | "Iterable" | "Mapping" | "Collection" => None,
                _ => {
                    let (file, analysis) = (self.file, self.analysis);
                    match class::origin_of(self.resolver, file, analysis, annotation)? {
                        Origin::External(_) => Some(Content::Foreign),
                        origin => self.object(&origin),
                    }
                }
            },
            _ => None,
        }
    }
}

struct Assigned<'m, 'r, 'f> {
    reader: &'m Reader<'r>,
    parts: &'f mut Parts,
}

impl<'a> Visitor<'a> for Assigned<'_, '_, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.parts.target(self.reader, target, Some(&assign.value));
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Expr::Attribute(attribute) = &*assign.target
                    && self.reader.is_own(&attribute.value)
                {
                    let (value, declared) = (assign.value.as_deref(), Some(&*assign.annotation));
                    self.parts.note(self.reader, &attribute.attr, value, declared);
                }
            }
            Stmt::AugAssign(assign) => {
                self.parts.target(self.reader, &assign.target, Some(&assign.value));
            }
            Stmt::For(one) => self.parts.target(self.reader, &one.target, None),
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }
}
