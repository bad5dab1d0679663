//! Names and calls to the expressions behind them.

use super::compose::{Arguments, Place, Trail, compose, hole};
use super::{Piece, Text};
use crate::resolve::members::{
    Chain, Member, class_of_self, expression_at, first_parameter, has_decorator, returned,
};
use crate::resolve::{Origin, SymbolId};
use crate::semantic::{Binding, BindingKind, Reference, ScopeId};
use crate::syntax::ast::{self, ExprRef};

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
        if text == "__name__" && reference.owner.is_none() {
            let module = place.resolver.project().module_name(place.file)?;
            return Some(vec![Text::fixed(module)]);
        }
        if let Some(values) = argument(place, reference, trail) {
            return Some(values);
        }
        if let Some(values) = assigned(place, reference, trail) {
            // Where nothing is known of the value the name says more.
            let is_known = |text: &Text| !matches!(text.pieces.as_slice(), [Piece::Hole(_)]);
            return values.iter().any(is_known).then_some(values);
        }
    }
    if let Some(values) = of_instance(place, chain, trail) {
        return Some(values);
    }
    let found = place.resolver.chain(place.file, place.analysis, chain);
    match found.certain()? {
        Origin::Symbol(symbol) => of_module(place, symbol, trail),
        _ => None,
    }
}

/// What a parameter of the function that is followed into was given.
fn argument(place: &Place<'_>, reference: &Reference, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let names = &place.analysis.names;
    let given = trail.arguments?.get(names.text(reference.name))?;
    let reach = names.reach(reference);
    let is_parameter = !reach.bindings.is_empty()
        && reach.bindings.iter().all(|&id| names.binding(id).kind == BindingKind::Parameter);
    is_parameter.then(|| given.clone())
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
        all.extend(value(place, binding, trail)?);
    }
    Some(all)
}

/// Whether a module's name keeps the value that it is given.
fn is_constant(place: &Place<'_>, binding: &Binding) -> bool {
    let names = &place.analysis.names;
    names.symbol(binding.scope, binding.name).is_some_and(|symbol| symbol.bindings.len() == 1)
}

fn value(place: &Place<'_>, binding: &Binding, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let BindingKind::Assignment { value: Some(value), is_none: false, .. } = binding.kind else {
        return None;
    };
    let expr = expression_at(place.analysis, value)?;
    let trail = Trail { arguments: trail.arguments, depth: trail.depth + 1 };
    Some(compose(place, expr, &trail))
}

/// What a module's name is assigned.
fn of_module(place: &Place<'_>, symbol: &SymbolId, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let analysis = place.resolver.project().analysis(symbol.file).ok()?;
    let place = Place { resolver: place.resolver, file: symbol.file, analysis };
    let names = &analysis.names;
    let symbol = names.symbol(ScopeId::MODULE, names.id(&symbol.name)?)?;
    let [only] = symbol.bindings.as_slice() else { return None };
    let trail = Trail { arguments: None, depth: trail.depth + 1 };
    value(&place, names.binding(*only), &trail)
}

/// What `self.name` is assigned, where the class or its bases assign it once.
fn of_instance(place: &Place<'_>, chain: Chain<'_>, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let [attribute] = chain.attributes() else { return None };
    let class = class_of_self(place.file, place.analysis, chain.reference)?;
    let name = place.analysis.names.text(*attribute);
    let members = place.resolver.members(class, name);
    let [(class, member)] = members.as_slice() else { return None };
    let at = Place { resolver: place.resolver, file: class.file, analysis: class.analysis };
    let trail = Trail { arguments: None, depth: trail.depth + 1 };
    match member {
        Member::Value(value) => Some(compose(&at, ExprRef::from(*value), &trail)),
        Member::Method(function) => {
            let is_read = ["property", "cached_property"];
            let is_read = is_read.iter().any(|name| has_decorator(function, name));
            is_read.then(|| results(&at, function, &trail))?
        }
    }
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
            ast::Expr::Call(call) => &*call.func,
            expr => expr,
        };
        match expr {
            ast::Expr::Name(name) => known.contains(&name.id.as_str()),
            ast::Expr::Attribute(attribute) => known.contains(&attribute.attr.as_str()),
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
    let inner = Trail { arguments: trail.arguments, depth: trail.depth + 1 };
    let is_open = call.arguments.args.iter().any(ast::Expr::is_starred_expr)
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
            let trail = Trail { arguments: None, depth: trail.depth + 1 };
            given.entry(name).or_insert_with(|| compose(at, ExprRef::from(default), &trail));
        }
    }
    results(at, function, &Trail { arguments: Some(&given), depth: trail.depth + 1 })
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
