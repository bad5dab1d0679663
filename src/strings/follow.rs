//! Names and calls to the expressions behind them.

use super::Text;
use super::compose::{Place, Trail, compose, expression_at, hole};
use crate::resolve::{Origin, SymbolId};
use crate::semantic::{Binding, BindingKind, Reference, ScopeId};
use crate::syntax::ast::{self, ExprRef};
use crate::text::Ranged;

/// What a name, or an attribute of a module, is.
pub(super) fn name(place: &Place<'_>, expr: ExprRef<'_>, trail: &Trail<'_>) -> Vec<Text> {
    followed(place, expr, trail).unwrap_or_else(|| vec![hole(place, expr)])
}

fn followed(place: &Place<'_>, expr: ExprRef<'_>, trail: &Trail<'_>) -> Option<Vec<Text>> {
    let names = &place.analysis.names;
    let reference = reference_of(place, expr)?;
    let text = names.text(reference.name);
    if reference.attributes.is_empty() {
        if text == "__name__" && reference.owner.is_none() {
            let module = place.resolver.project().module_name(place.file)?;
            return Some(vec![Text::fixed(module)]);
        }
        if let Some(values) = argument(place, reference, trail) {
            return Some(values);
        }
        if let Some(values) = assigned(place, reference, trail) {
            return Some(values);
        }
    }
    let prefixes = place.resolver.reference(place.file, place.analysis, reference, &mut Vec::new());
    match prefixes.last()?.certain()? {
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

/// What a function of the project returns.
pub(super) fn call(
    _place: &Place<'_>,
    _call: &ast::ExprCall,
    _trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    None
}

/// The reference whose whole chain an expression is.
fn reference_of<'a>(place: &Place<'a>, expr: ExprRef<'_>) -> Option<&'a Reference> {
    let range = expr.range();
    let mut references = place.analysis.names.references();
    references.find(|(_, one)| one.chain == range && !one.in_string).map(|(_, one)| one)
}
