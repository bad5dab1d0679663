//! Names and calls to the expressions behind them.

use super::compose::{Arguments, Place, Trail, compose, hole};
use super::value::Value;
use super::{Hole, Text, given};
use crate::project::ModuleLookup;
use crate::resolve::members::{
    Chain, Member, class_of_self, expression_at, first_parameter, has_decorator, returned,
};
use crate::resolve::{Origin, SymbolId};
use crate::semantic::{Binding, BindingKind, Reference, ScopeId};
use crate::syntax::ast::{self, Expr, ExprRef, Stmt};
use crate::syntax::chain::last_name;
use crate::text::{Ranged, TextRange};

/// What a name, or an attribute of a module, is.
pub(super) fn name(place: &Place<'_>, expr: ExprRef<'_>, trail: &Trail<'_>) -> Vec<Text> {
    followed(place, expr, trail).unwrap_or_else(|| vec![hole(place, expr)])
}

fn followed(place: &Place<'_>, expr: ExprRef<'_>, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let names = &place.analysis.names;
    let chain = Chain::of(place.analysis, expr)?;
    let reference = chain.reference;
    let text = names.text(reference.name);
    if chain.depth == 0 {
        if reference.owner.is_none() {
            let project = place.resolver.project();
            let own = match text {
                "__name__" => project.module_name(place.file),
                "__package__" => project.package_name(place.file),
                _ => None,
            };
            if let Some(own) = own {
                return Some(vec![Text::fixed(own)]);
            }
        }
        if let Some(values) = argument(place, reference, trail) {
            return Some(values);
        }
        if let Some(mut values) = assigned(place, reference, trail) {
            // Where nothing else is known of a value the name says more.
            for value in &mut values {
                value.given_to(text);
                value.show_at(place.file, expr.range());
            }
            return Some(values);
        }
    }
    if let Some(values) = of_instance(place, chain, trail) {
        return Some(values);
    }
    if let Some(name) = own_name(place, chain) {
        return Some(vec![Text::fixed(name)]);
    }
    let found = place.resolver.chain(place.file, place.analysis, chain);
    match found.certain()? {
        Origin::Symbol(symbol) => of_module(place, symbol, trail),
        _ => None,
    }
}

/// What modules, classes and functions say of themselves: `service.__name__`, `Class.__module__`.
fn own_name(place: &Place<'_>, chain: Chain<'_>) -> Option<String> {
    let project = place.resolver.project();
    let last = place.analysis.names.text(*chain.attributes().last()?);
    if !matches!(last, "__name__" | "__qualname__" | "__module__") {
        return None;
    }
    let owner = Chain { depth: chain.depth - 1, ..chain };
    let found = place.resolver.chain(place.file, place.analysis, owner);
    match (found.certain()?, last) {
        (Origin::Module(ModuleLookup::File(file)), "__name__") => project.module_name(*file),
        (Origin::Symbol(symbol), _) => {
            let names = &project.analysis(symbol.file).ok()?.names;
            let defined = names.symbol(ScopeId::MODULE, names.id(&symbol.name)?)?;
            let [only] = defined.bindings.as_slice() else { return None };
            let kind = &names.binding(*only).kind;
            if !matches!(kind, BindingKind::Class | BindingKind::Function) {
                return None;
            }
            match last {
                "__module__" => project.module_name(symbol.file),
                _ => Some(symbol.name.clone()),
            }
        }
        _ => None,
    }
}

/// What a parameter of the function that is followed into was given.
fn argument(place: &Place<'_>, reference: &Reference, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let names = &place.analysis.names;
    let name = names.text(reference.name);
    let reach = names.reach(reference);
    let is_parameter = !reach.bindings.is_empty()
        && reach.bindings.iter().all(|&id| names.binding(id).kind == BindingKind::Parameter);
    if !is_parameter {
        return None;
    }
    let mut given = trail.arguments?.get(name)?.clone();
    for text in &mut given {
        text.given_to(name);
    }
    Some(given)
}

/// What a name of the file is assigned.
fn assigned(place: &Place<'_>, reference: &Reference, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let names = &place.analysis.names;
    let reach = names.reach(reference);
    if reach.may_be_unbound || reach.bindings.is_empty() {
        return None;
    }
    let mut all = Vec::new();
    for &id in &reach.bindings {
        let binding = names.binding(id);
        if binding.scope == ScopeId::MODULE && !is_constant(place, binding) {
            return None;
        }
        let is_only = reach.bindings.len() == 1;
        match binding.kind {
            BindingKind::LoopTarget => all.extend(given::by_loop(place, binding, trail)?),
            // Code before the use may have turned it away.
            BindingKind::Assignment { is_none: true, .. } if !is_only => {
                all.push(one(place, reference.range, Value::shared()));
            }
            BindingKind::Parameter => {
                let default = given::by_default(place, binding, reference.range);
                let value = default.unwrap_or_else(|| Value::of_name(names.text(binding.name)));
                all.push(one(place, reference.range, value));
            }
            _ => all.extend(value(place, binding, trail)?),
        }
    }
    Some(all)
}

fn one(place: &Place<'_>, range: TextRange, value: Value) -> Text {
    Text::hole(Hole { file: place.file, range, value })
}

/// The value that a name is given, where it is given one only.
pub fn assigned_once<'a>(place: &Place<'a>, expr: ExprRef<'_>) -> Option<ExprRef<'a>> {
    let ExprRef::Name(_) = expr else { return None };
    let names = &place.analysis.names;
    let reach = names.reach(Chain::of(place.analysis, expr)?.reference);
    let [only] = reach.bindings.as_slice() else { return None };
    match names.binding(*only).kind {
        BindingKind::Assignment { value: Some(value), .. } => expression_at(place.analysis, value),
        _ => None,
    }
}

/// Whether a module's name keeps the value that it is given.
fn is_constant(place: &Place<'_>, binding: &Binding) -> bool {
    let names = &place.analysis.names;
    names.symbol(binding.scope, binding.name).is_some_and(|symbol| symbol.bindings.len() == 1)
}

fn value(place: &Place<'_>, binding: &Binding, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let BindingKind::Assignment { value: Some(value), .. } = binding.kind else {
        return None;
    };
    let expr = expression_at(place.analysis, value)?;
    let trail = trail.deeper(trail.arguments);
    Some(compose(place, expr, &trail))
}

/// What a module's name is assigned.
fn of_module(place: &Place<'_>, symbol: &SymbolId, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let analysis = place.resolver.project().analysis(symbol.file).ok()?;
    let place = Place { resolver: place.resolver, file: symbol.file, analysis };
    let names = &analysis.names;
    let symbol = names.symbol(ScopeId::MODULE, names.id(&symbol.name)?)?;
    let [only] = symbol.bindings.as_slice() else { return None };
    let trail = trail.deeper(None);
    value(&place, names.binding(*only), &trail)
}

/// What `self.name` is assigned, where the class or its bases assign it once.
fn of_instance(place: &Place<'_>, chain: Chain<'_>, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let [attribute] = chain.attributes() else { return None };
    let class = class_of_self(place.file, place.analysis, chain.reference)?;
    let name = place.analysis.names.text(*attribute);
    let members = place.resolver.members(class, name);
    let trail = trail.deeper(None);
    let [(class, member)] = members.as_slice() else {
        // Ex) `self.user_id = None` in one method, and something else in another
        let is_fixed = members.iter().any(|(class, member)| {
            let at = Place { resolver: place.resolver, file: class.file, analysis: class.analysis };
            let Member::Value(value) = member else { return false };
            compose(&at, ExprRef::from(*value), &trail).iter().all(|one| one.as_fixed().is_some())
        });
        return is_fixed.then(|| vec![one(place, chain.reference.chain, Value::shared())]);
    };
    let at = Place { resolver: place.resolver, file: class.file, analysis: class.analysis };
    match member {
        Member::Value(value) if is_default(class.node, value) => {
            Some(vec![one(place, chain.reference.chain, Value::shared())])
        }
        Member::Value(value) => Some(compose(&at, ExprRef::from(*value), &trail)),
        Member::Method(function) => {
            let is_read = ["property", "cached_property"];
            let is_read = is_read.iter().any(|name| has_decorator(function, name));
            is_read.then(|| results(&at, function, &trail))?
        }
    }
}

/// Whether a value is what a constructor that is made from the fields takes where it is given
/// nothing: that of a field of a dataclass or of a model.
fn is_default(class: &ast::StmtClassDef, value: &Expr) -> bool {
    let is_made = !class.decorator_list.is_empty()
        || class.arguments.iter().flat_map(|arguments| &arguments.args).any(|base| {
            let name = last_name(base).unwrap_or_default();
            name.ends_with("Model") || matches!(name, "NamedTuple" | "Struct" | "BaseSettings")
        });
    is_made
        && class.body.iter().any(|statement| match statement {
            Stmt::AnnAssign(field) => {
                let is_of_class = |annotation: &Expr| {
                    let of = annotation.as_subscript_expr();
                    let name = of.map_or(annotation, |subscript| &*subscript.value);
                    matches!(last_name(name), Some("ClassVar" | "Final"))
                };
                field.value.as_deref().is_some_and(|own| own.range() == value.range())
                    && !is_of_class(&field.annotation)
            }
            _ => false,
        })
}

/// What a function of the project returns.
pub(super) fn call(
    place: &Place<'_>,
    call: &ast::ExprCall,
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let chain = Chain::of(place.analysis, ExprRef::from(&*call.func))?;
    if let [attribute] = chain.attributes()
        && let Some(class) = class_of_self(place.file, place.analysis, chain.reference)
    {
        let name = place.analysis.names.text(*attribute);
        let members = place.resolver.members(class, name);
        let [(class, Member::Method(function))] = members.as_slice() else { return None };
        let at = Place { resolver: place.resolver, file: class.file, analysis: class.analysis };
        let is_bound = !has_decorator(function, "staticmethod");
        return entered(place, call, &at, function, is_bound, trail);
    }
    let found = place.resolver.chain(place.file, place.analysis, chain);
    let Origin::Symbol(symbol) = found.certain()? else { return None };
    let (file, analysis, function) = place.resolver.function(symbol)?;
    let at = Place { resolver: place.resolver, file, analysis };
    let is_method = symbol.name.contains('.');
    let is_bound = is_method && has_decorator(function, "classmethod");
    if is_method && !is_bound && !has_decorator(function, "staticmethod") {
        return None;
    }
    entered(place, call, &at, function, is_bound, trail)
}

/// What a function returns when it is called so.
fn entered(
    place: &Place<'_>,
    call: &ast::ExprCall,
    at: &Place<'_>,
    function: &ast::StmtFunctionDef,
    is_bound: bool,
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let known = ["staticmethod", "classmethod", "cache", "lru_cache"];
    let is_known = |decorator: &ast::Decorator| {
        let expr = match &decorator.expression {
            Expr::Call(call) => &*call.func,
            expr => expr,
        };
        match expr {
            Expr::Name(name) => known.contains(&name.id.as_str()),
            Expr::Attribute(attribute) => known.contains(&attribute.attr.as_str()),
            _ => false,
        }
    };
    if !function.decorator_list.iter().all(is_known) || trail.depth > super::compose::MAX_DEPTH {
        return None;
    }
    let mut given = Arguments::default();
    let own = first_parameter(function).filter(|_| is_bound).map(|name| name.range);
    let parameters = &function.parameters;
    let positional: Vec<_> = parameters
        .posonlyargs
        .iter()
        .chain(&parameters.args)
        .filter(|parameter| Some(parameter.parameter.name.range) != own)
        .collect();
    let inner = trail.deeper(trail.arguments);
    let is_open = call.arguments.args.iter().any(Expr::is_starred_expr)
        || call.arguments.keywords.iter().any(|keyword| keyword.arg.is_none());
    for (parameter, value) in positional.iter().zip(&call.arguments.args) {
        if value.is_starred_expr() {
            break;
        }
        let value = compose(place, ExprRef::from(value), &inner);
        given.insert(parameter.parameter.name.to_string(), value);
    }
    for keyword in &call.arguments.keywords {
        let Some(name) = &keyword.arg else { continue };
        given.insert(name.to_string(), compose(place, ExprRef::from(&keyword.value), &inner));
    }
    for parameter in positional.into_iter().chain(&parameters.kwonlyargs) {
        let name = parameter.parameter.name.to_string();
        if let Some(default) = parameter.default.as_deref().filter(|_| !is_open) {
            let trail = trail.deeper(None);
            given.entry(name).or_insert_with(|| compose(at, ExprRef::from(default), &trail));
        }
    }
    results(at, function, &trail.deeper(Some(&given)))
}

fn results(
    at: &Place<'_>,
    function: &ast::StmtFunctionDef,
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let returned = returned(function)?;
    if returned.is_empty() {
        return None;
    }
    Some(returned.into_iter().flat_map(|value| compose(at, ExprRef::from(value), trail)).collect())
}
