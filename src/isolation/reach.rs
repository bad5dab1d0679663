//! Whether an expression is the shared object, or becomes it.
//!
//! Says yes where one of several values that an expression may have is the object: a key that is
//! not the user's does harm on any path.

use super::Audit;
use crate::matching::{Access, Target, Targets};
use crate::project::{Analysis, FileId};
use crate::resolve::members::{
    Chain, ClassNode, Member, class_of_self, expression_at, has_decorator, returned,
};
use crate::resolve::{Origin, Resolution, Resolver, SymbolId};
use crate::semantic::{Binding, BindingKind, ScopeId};
use crate::strings::Place;
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef};

/// Values are followed this far.
const MAX_DEPTH: u32 = 10;

/// What is the shared object of one audit.
pub(super) struct Reach<'a> {
    resolver: &'a Resolver<'a, 'a>,
    shared: &'a Origin,
    /// The singletons that give this object.
    targets: Vec<&'a Target>,
}

impl<'a> Reach<'a> {
    pub(super) fn new(
        resolver: &'a Resolver<'a, 'a>,
        targets: &'a Targets,
        audit: &'a Audit,
    ) -> Self {
        let mut reach = Self { resolver, shared: &audit.shared, targets: Vec::new() };
        let gives = |target: &&Target| match target.access {
            Access::Instance => target.shared == audit.shared,
            Access::Factory => match &target.shared {
                Origin::Symbol(factory) => reach.gives(factory, 0),
                _ => false,
            },
        };
        let targets: Vec<&Target> = targets.all.iter().filter(gives).collect();
        reach.targets = targets;
        reach
    }

    /// Whether an expression may be the object.
    pub(super) fn is_shared(&self, place: &Place<'_>, expr: ExprRef<'_>) -> bool {
        self.is(place, expr, 0)
    }

    fn is(&self, place: &Place<'_>, expr: ExprRef<'_>, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let any = |values: &[&Expr]| {
            values.iter().any(|value| self.is(place, ExprRef::from(*value), depth))
        };
        match expr {
            ExprRef::Await(awaited) => any(&[&awaited.value]),
            ExprRef::Named(named) => any(&[&named.value]),
            ExprRef::If(choice) => any(&[&choice.body, &choice.orelse]),
            ExprRef::BoolOp(choice) => any(&choice.values.iter().collect::<Vec<_>>()),
            ExprRef::Name(_) | ExprRef::Attribute(_) => {
                let chain = Chain::of(place.analysis, expr);
                chain.is_some_and(|chain| self.is_name(place, chain, depth))
            }
            ExprRef::Call(call) => self.is_call(place, call, depth),
            _ => false,
        }
    }

    fn is_name(&self, place: &Place<'_>, chain: Chain<'_>, depth: u32) -> bool {
        let names = &place.analysis.names;
        let found = self.followed(place, chain);
        if found.may_be(self.shared) {
            return true;
        }
        match chain.attributes() {
            [] => {
                let reach = names.reach(chain.reference);
                let mut bindings = reach.bindings.iter().map(|&id| names.binding(id));
                if bindings.any(|binding| self.is_bound(place, binding, depth)) {
                    return true;
                }
            }
            [attribute] => {
                if let Some(class) = class_of_self(place.file, place.analysis, chain.reference) {
                    return self.is_member(class, names.text(*attribute), depth);
                }
            }
            _ => {}
        }
        // Another module's name that is given the object.
        found.origins.iter().any(|(origin, _)| match origin {
            Origin::Symbol(symbol) => self.is_assigned(place.file, symbol, depth),
            _ => false,
        })
    }

    fn followed(&self, place: &Place<'_>, chain: Chain<'_>) -> Resolution {
        self.resolver.chain(place.file, place.analysis, chain)
    }

    fn is_bound(&self, place: &Place<'_>, binding: &Binding, depth: u32) -> bool {
        match binding.kind {
            BindingKind::Assignment { value: Some(value), .. } => {
                expression_at(place.analysis, value)
                    .is_some_and(|value| self.is(place, value, depth + 1))
            }
            BindingKind::Parameter => self.is_parameter(place, binding, depth),
            _ => false,
        }
    }

    /// A parameter whose default is the object, whose annotation is its class, or which a call in
    /// the same file gives the object.
    fn is_parameter(&self, place: &Place<'_>, binding: &Binding, depth: u32) -> bool {
        let path = place.analysis.module.path_to(binding.range);
        let at = path.iter().rposition(AnyNodeRef::is_stmt_function_def);
        if let Some(AnyNodeRef::StmtFunctionDef(function)) = at.and_then(|at| path.get(at)) {
            let around = at.and_then(|at| path.get(at.checked_sub(1)?));
            let class = match around {
                Some(AnyNodeRef::StmtClassDef(class)) => Some(*class),
                _ => None,
            };
            if self.is_given(place, function, class, binding, depth) {
                return true;
            }
        }
        path.iter().rev().take(3).any(|node| match node {
            AnyNodeRef::ParameterWithDefault(parameter) => {
                let default = parameter.default.as_deref();
                default.is_some_and(|value| self.is(place, ExprRef::from(value), depth + 1))
            }
            AnyNodeRef::Parameter(parameter) => {
                let annotation = parameter.annotation.as_deref();
                annotation.is_some_and(|annotation| self.is_class(place, annotation))
            }
            _ => false,
        })
    }

    /// Whether a call in the same file gives the object to a parameter of a function, or of a
    /// class's `__init__`.
    fn is_given(
        &self,
        place: &Place<'_>,
        function: &ast::StmtFunctionDef,
        class: Option<&ast::StmtClassDef>,
        binding: &Binding,
        depth: u32,
    ) -> bool {
        let callee = match class {
            Some(class) if function.name.as_str() == "__init__" => &class.name,
            Some(_) => return false,
            None => &function.name,
        };
        let parameters = &function.parameters;
        let mut positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let index = positional.position(|one| one.parameter.name.range == binding.range);
        let index = index.and_then(|index| index.checked_sub(usize::from(class.is_some())));
        let name = place.analysis.names.text(binding.name);
        calls_of(place.analysis, callee.as_str()).into_iter().any(|call| {
            let named = call.arguments.find_keyword(name).map(|keyword| &keyword.value);
            let value = named.or_else(|| call.arguments.find_positional(index?));
            value.is_some_and(|value| self.is(place, ExprRef::from(value), depth + 1))
        })
    }

    /// `C`, `C | None`, `Optional[C]`, `Annotated[C, …]`
    fn is_class(&self, place: &Place<'_>, annotation: &Expr) -> bool {
        match annotation {
            Expr::Name(_) | Expr::Attribute(_) => {
                let chain = Chain::of(place.analysis, ExprRef::from(annotation));
                chain.is_some_and(|chain| {
                    let found = self.followed(place, chain);
                    self.targets.iter().any(|target| target.is(&found))
                })
            }
            Expr::BinOp(either) => {
                self.is_class(place, &either.left) || self.is_class(place, &either.right)
            }
            Expr::Subscript(subscript) => match &*subscript.slice {
                Expr::Tuple(tuple) => {
                    tuple.elts.first().is_some_and(|first| self.is_class(place, first))
                }
                single => self.is_class(place, single),
            },
            _ => false,
        }
    }

    fn is_member(&self, class: ClassNode<'_>, name: &str, depth: u32) -> bool {
        // Lifetimes of what is followed differ from file to file, so each is walked at once.
        let members = self.resolver.members(class, name);
        members.into_iter().any(|(class, member)| {
            let place =
                Place { resolver: self.resolver, file: class.file, analysis: class.analysis };
            match member {
                Member::Value(value) => self.is(&place, ExprRef::from(value), depth + 1),
                Member::Method(function) => {
                    let is_read = has_decorator(function, "property")
                        || has_decorator(function, "cached_property");
                    is_read && self.returns(&place, function, depth)
                }
            }
        })
    }

    /// Whether a module gives its name the object.
    fn is_assigned(&self, from: FileId, symbol: &SymbolId, depth: u32) -> bool {
        let Ok(analysis) = self.resolver.project().analysis(symbol.file) else { return false };
        if symbol.file == from && depth > 0 && symbol.name.contains('.') {
            return false;
        }
        let names = &analysis.names;
        let place = Place { resolver: self.resolver, file: symbol.file, analysis };
        let Some(symbol) =
            names.id(&symbol.name).and_then(|name| names.symbol(ScopeId::MODULE, name))
        else {
            return false;
        };
        symbol.bindings.iter().map(|&id| names.binding(id)).any(|binding| {
            matches!(binding.kind, BindingKind::Assignment { .. })
                && self.is_bound(&place, binding, depth + 1)
        })
    }

    fn is_call(&self, place: &Place<'_>, call: &ast::ExprCall, depth: u32) -> bool {
        let arguments = &call.arguments;
        let last = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return false,
        };
        match (last, &*arguments.args) {
            // FastAPI calls what it is given.
            ("Depends" | "Security", [factory]) => return self.is_factory(place, factory, depth),
            ("cast", [_, value]) => return self.is(place, ExprRef::from(value), depth + 1),
            // Ex) `getattr(request, "redis", redis_manager)`
            ("getattr", [_, _, default]) => {
                return self.is(place, ExprRef::from(default), depth + 1);
            }
            _ => {}
        }
        if let Some(factory) = arguments.find_keyword("default_factory") {
            return match &factory.value {
                Expr::Lambda(lambda) => self.is(place, ExprRef::from(&*lambda.body), depth + 1),
                factory => self.is_factory(place, factory, depth),
            };
        }
        let Some(chain) = Chain::of(place.analysis, ExprRef::from(&*call.func)) else {
            return false;
        };
        let found = self.followed(place, chain);
        if self.targets.iter().any(|target| target.may_be(&found)) {
            // One that is built with arguments stays an object of its own.
            return self.targets.iter().any(|target| {
                target.is(&found) && (arguments.is_empty() || target.drops_all_arguments)
            });
        }
        self.is_factory(place, &call.func, depth)
    }

    /// Whether an expression is something that gives the object when it is called.
    fn is_factory(&self, place: &Place<'_>, expr: &Expr, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let Some(chain) = Chain::of(place.analysis, ExprRef::from(expr)) else { return false };
        if let [attribute] = chain.attributes()
            && let Some(class) = class_of_self(place.file, place.analysis, chain.reference)
        {
            let name = place.analysis.names.text(*attribute);
            return self.resolver.members(class, name).into_iter().any(|(class, member)| {
                let place =
                    Place { resolver: self.resolver, file: class.file, analysis: class.analysis };
                match member {
                    Member::Method(function) => self.returns(&place, function, depth),
                    Member::Value(_) => false,
                }
            });
        }
        let found = self.followed(place, chain);
        found.origins.iter().any(|(origin, _)| match origin {
            Origin::Symbol(symbol) => {
                let is_class = self.targets.iter().any(|target| target.is_origin(origin));
                is_class || self.gives(symbol, depth)
            }
            _ => false,
        })
    }

    /// Whether a function of the project returns the object.
    fn gives(&self, symbol: &SymbolId, depth: u32) -> bool {
        let Some((file, analysis, function)) = self.resolver.function(symbol) else {
            return false;
        };
        let place = Place { resolver: self.resolver, file, analysis };
        self.returns(&place, function, depth)
    }

    fn returns(&self, place: &Place<'_>, function: &ast::StmtFunctionDef, depth: u32) -> bool {
        let returned = returned(function).unwrap_or_default();
        returned.into_iter().any(|value| self.is(place, ExprRef::from(value), depth + 1))
    }
}

/// The calls of a plain name.
fn calls_of<'a>(analysis: &'a Analysis, name: &str) -> Vec<&'a ast::ExprCall> {
    let mut calls = Calls { name, found: Vec::new() };
    for statement in analysis.module.body() {
        calls.visit_stmt(statement);
    }
    calls.found
}

struct Calls<'n, 'a> {
    name: &'n str,
    found: Vec<&'a ast::ExprCall>,
}

impl<'a> Visitor<'a> for Calls<'_, 'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && matches!(&*call.func, Expr::Name(name) if name.id.as_str() == self.name)
        {
            self.found.push(call);
        }
        visitor::walk_expr(self, expr);
    }
}
