//! Values that pytest gives to tests and fixtures: `@pytest.mark.parametrize("r", [C()])`,
//! `@pytest.fixture(params=[C()])`.
//!
//! Looks at displays that stand in the decorator; what `indirect` does is not followed.

use super::flow;
use super::follow::{How, Key, Step};
use super::index::{Index, last_name};
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::Ranged;

/// What gets `node`, which is an element of a row or of all values: of a display, or of
/// `pytest.param(…)`.
pub(super) fn by_element(
    index: &Index<'_>,
    node: NodeId,
    around: NodeId,
    steps: &mut Vec<(Key, Step)>,
) {
    let tree = index.tree;
    let elements: &[Expr] = match tree.node(around) {
        AnyNodeRef::ExprTuple(tuple) => &tuple.elts,
        AnyNodeRef::ExprList(list) => &list.elts,
        AnyNodeRef::ExprCall(call) => &call.arguments.args,
        _ => return,
    };
    let range = tree.node(node).range();
    let position = elements.iter().position(|element| element.range() == range);
    let (call, column) = match decorator_of(index, around) {
        Some(call) => (call, None),
        // Ex) `[(C(), "x")]`, `[pytest.param(C(), id="x")]`
        None => match tree.parent(around).and_then(|all| decorator_of(index, all)) {
            Some(call) => (call, position),
            None => return,
        },
    };
    let AnyNodeRef::ExprCall(decorator) = tree.node(call) else { return };
    let Some(decorated) = tree.ancestors(call).nth(1) else { return };
    let line = index.analysis.lines().position(range.start()).line;
    let step = |name: &str| Step { how: How::Passed(name.to_owned()), line };
    let names = names(decorator);
    let name = match column {
        Some(column) => names.get(column).copied(),
        None => names.first().copied().filter(|_| names.len() == 1),
    };
    match tree.node(decorated) {
        AnyNodeRef::StmtFunctionDef(fixture) if last_name(&decorator.func) == Some("fixture") => {
            steps.push((Key::Parametrized(decorated), step(&fixture.name)));
        }
        AnyNodeRef::StmtFunctionDef(test) => {
            if let Some(name) = name {
                given(index, test, name, step(&test.name), steps);
            }
        }
        AnyNodeRef::StmtClassDef(class) => {
            let tests = super::class::methods(class).filter(|one| one.name.starts_with("test"));
            for (test, name) in tests.zip(name.into_iter().cycle()) {
                given(index, test, name, step(&test.name), steps);
            }
        }
        _ => {}
    }
}

/// The reads of `request.param` in a fixture.
pub(super) fn reads(index: &Index<'_>, fixture: NodeId) -> Vec<NodeId> {
    let is_read = |node: AnyNodeRef<'_>| {
        node.as_expr_attribute().is_some_and(|read| {
            let of = read.value.as_name_expr().map(|name| name.id.as_str());
            read.ctx.is_load() && read.attr.as_str() == "param" && of == Some("request")
        })
    };
    let inside = index.tree.inside(fixture).filter(|(_, node)| is_read(*node));
    inside.map(|(id, _)| id).collect()
}

fn given(
    index: &Index<'_>,
    test: &ast::StmtFunctionDef,
    name: &str,
    step: Step,
    steps: &mut Vec<(Key, Step)>,
) {
    let mut parameters = test.parameters.iter_non_variadic_params();
    if let Some(parameter) = parameters.find(|one| one.parameter.name.as_str() == name) {
        flow::bound(index, parameter.parameter.name.range, step, steps);
    }
}

/// The call of the decorator whose values a display is.
fn decorator_of(index: &Index<'_>, display: NodeId) -> Option<NodeId> {
    let tree = index.tree;
    let range = tree.node(display).range();
    let id = tree
        .ancestors(display)
        .find(|&id| !matches!(tree.node(id), AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_)))?;
    let AnyNodeRef::ExprCall(call) = tree.node(id) else { return None };
    let values = match last_name(&call.func)? {
        "parametrize" => call.arguments.find_argument_value("argvalues", 1)?,
        "fixture" => &call.arguments.find_keyword("params")?.value,
        _ => return None,
    };
    let is_decorator = tree.parent(id).is_some_and(|parent| tree.node(parent).is_decorator());
    (is_decorator && values.range() == range).then_some(id)
}

/// Ex) `"one, two"`, `("one", "two")`
fn names(decorator: &ast::ExprCall) -> Vec<&str> {
    match decorator.arguments.find_argument_value("argnames", 0) {
        Some(Expr::StringLiteral(all)) => all.value.to_str().split(',').map(str::trim).collect(),
        Some(Expr::Tuple(tuple)) => texts(&tuple.elts),
        Some(Expr::List(list)) => texts(&list.elts),
        _ => Vec::new(),
    }
}

fn texts(elements: &[Expr]) -> Vec<&str> {
    let literals = elements.iter().filter_map(Expr::as_string_literal_expr);
    literals.map(|literal| literal.value.to_str()).collect()
}
