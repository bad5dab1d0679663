//! To which name of a test a patch gives its mock.

use crate::project::Analysis;
use crate::semantic::{BindingId, BindingKind};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprCall};
use crate::syntax::chain::last_name;
use crate::text::{Ranged, TextRange, slice};

/// Where the mock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// No name gets it.
    Nowhere,
    /// A decorator gives it to this parameter.
    Argument(BindingId),
    /// This name gets it.
    Name(BindingId),
    /// It is the value of this expression, which is part of a larger one.
    Here(TextRange),
}

/// Where the mock of a patch goes.
///
/// # Errors
/// What is not followed.
pub(super) fn of(analysis: &Analysis, call: &ExprCall) -> Result<Given, String> {
    let path = analysis.module.path_to(call.range);
    let mut around = path.iter().rev().copied().skip_while(|node| node.range() == call.range);
    if starts_at_once(call) {
        return value(analysis, call.range);
    }
    match around.next() {
        Some(AnyNodeRef::WithItem(item)) => with_item(analysis, item),
        // `with patch(…):` has no item of its own range.
        Some(AnyNodeRef::StmtWith(with)) => {
            let item = with.items.iter().find(|item| item.context_expr.range() == call.range);
            item.map_or(Err(unknown()), |item| with_item(analysis, item))
        }
        Some(AnyNodeRef::Decorator(decorator)) => match around.next() {
            Some(AnyNodeRef::StmtFunctionDef(function)) => {
                decorated(analysis, function, decorator.range)
            }
            _ => Err("a decorated class gives it to every test".to_owned()),
        },
        Some(AnyNodeRef::StmtFunctionDef(function)) => decorated(analysis, function, call.range),
        Some(AnyNodeRef::StmtClassDef(_)) => {
            Err("a decorated class gives it to every test".to_owned())
        }
        // Ex) `patch(…).start()`
        Some(AnyNodeRef::ExprAttribute(attribute)) if attribute.attr.as_str() == "start" => {
            match around.next() {
                Some(AnyNodeRef::ExprCall(start)) if start.func.range() == attribute.range => {
                    value(analysis, start.range)
                }
                _ => Err(unknown()),
            }
        }
        // Ex) `stack.enter_context(patch(…))`
        Some(AnyNodeRef::Arguments(_)) => match around.next() {
            Some(AnyNodeRef::ExprCall(enter))
                if matches!(last_name(&enter.func), Some("enter_context" | "enterContext")) =>
            {
                value(analysis, enter.range)
            }
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

fn unknown() -> String {
    "where its mock goes is not followed".to_owned()
}

/// `mocker.patch(…)` replaces at once and gives the mock.
fn starts_at_once(call: &ExprCall) -> bool {
    let mut receiver = &*call.func;
    while let Expr::Attribute(attribute) = receiver {
        if attribute.attr.as_str().ends_with("mocker") {
            return true;
        }
        receiver = &attribute.value;
    }
    matches!(receiver, Expr::Name(name) if name.id.as_str().ends_with("mocker"))
}

/// Where the value of an expression goes.
fn value(analysis: &Analysis, expr: TextRange) -> Result<Given, String> {
    let path = analysis.module.path_to(expr);
    let is_here = |node: &AnyNodeRef<'_>| node.range() == expr;
    // An expression that is a statement of its own has the statement's range.
    if path.iter().any(|node| is_here(node) && node.is_stmt_expr()) {
        return Ok(Given::Nowhere);
    }
    match path.iter().rev().find(|node| !is_here(node)) {
        Some(AnyNodeRef::ExprAttribute(_)) => Ok(Given::Here(expr)),
        Some(AnyNodeRef::StmtAssign(_) | AnyNodeRef::StmtAnnAssign(_)) => {
            let is_value = |kind: &BindingKind| {
                matches!(kind, BindingKind::Assignment { value: Some(value), is_simple: true, .. }
                    if *value == expr)
            };
            let mut bindings = analysis.names.bindings();
            let found = bindings.find(|(_, binding)| is_value(&binding.kind));
            found.map_or(Err(unknown()), |(id, _)| Ok(Given::Name(id)))
        }
        _ => Err(unknown()),
    }
}

fn with_item(analysis: &Analysis, item: &ast::WithItem) -> Result<Given, String> {
    match item.optional_vars.as_deref() {
        None => Ok(Given::Nowhere),
        Some(Expr::Name(name)) => bound(analysis, name.range).map(Given::Name),
        Some(_) => Err(unknown()),
    }
}

fn bound(analysis: &Analysis, name: TextRange) -> Result<BindingId, String> {
    let mut bindings = analysis.names.bindings();
    let found = bindings.find(|(_, binding)| binding.range == name);
    found.map(|(id, _)| id).ok_or_else(unknown)
}

/// The parameter that gets the mock of a decorator: those of the decorators below it come first.
fn decorated(
    analysis: &Analysis,
    function: &ast::StmtFunctionDef,
    decorator: TextRange,
) -> Result<Given, String> {
    for one in &function.decorator_list {
        if adds_argument(analysis, &one.expression).is_none() {
            let line = analysis.lines().position(one.range.start()).line;
            return Err(format!("the decorator on line {line} may add arguments"));
        }
    }
    let own = function.decorator_list.iter().find(|one| one.range.contains_range(decorator));
    let below = below_of(analysis, function, own.ok_or_else(unknown)?.range);
    let is_static = function.decorator_list.iter().any(
        |one| matches!(&one.expression, Expr::Name(name) if name.id.as_str() == "staticmethod"),
    );
    let names = &analysis.names;
    let scope = names.scope_at(function.range.start());
    let is_method = names.scope(scope).kind == crate::semantic::ScopeKind::Class && !is_static;
    let index = below + usize::from(is_method);
    let parameters = function.parameters.posonlyargs.iter().chain(&function.parameters.args);
    let parameter = parameters.into_iter().nth(index).ok_or_else(unknown)?;
    if parameter.default.is_some() {
        return Err(unknown());
    }
    bound(analysis, parameter.parameter.name.range).map(Given::Argument)
}

/// How many arguments the decorators below one add.
fn below_of(analysis: &Analysis, function: &ast::StmtFunctionDef, one: TextRange) -> usize {
    let below = function.decorator_list.iter().filter(|other| other.range.start() > one.start());
    below.filter(|other| adds_argument(analysis, &other.expression) == Some(true)).count()
}

/// Whether a decorator adds a positional argument; `None` where that is not known.
fn adds_argument(analysis: &Analysis, decorator: &Expr) -> Option<bool> {
    let text = slice(&analysis.source.text, decorator.range());
    let is_harmless = ["pytest.", "mark.", "unittest.skip", "skip", "staticmethod", "classmethod"];
    if is_harmless.iter().any(|start| text.starts_with(start)) {
        return Some(false);
    }
    let Expr::Call(call) = decorator else { return None };
    let own = match last_name(&call.func)? {
        "patch" => 1,
        "object" => 2,
        "dict" | "multiple" => return Some(false),
        _ => return None,
    };
    let is_new = |keyword: &ast::Keyword| keyword.arg.as_ref().is_none_or(|name| name == "new");
    Some(call.arguments.args.len() <= own && !call.arguments.keywords.iter().any(is_new))
}
