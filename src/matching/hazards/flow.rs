//! Where the value of one expression goes: outwards to the expressions that have the same value,
//! and on to names, attributes, parameters and results.
//!
//! One step at a time; who goes on from there is [`super::follow`]. Containers are for
//! [`super::contained`].

use smallvec::SmallVec;

use super::contained::Slot;
use super::follow::{How, Key, Step};
use super::index::{FluentId, Index, Place, Root, last_name};
use super::parametrized;
use super::passed;
use super::received::{self, Argument};
use super::tasks;
use super::vocabulary;
use crate::matching::fixtures::fixture_name;
use crate::syntax::ast::{self, AnyNodeRef, BoolOp, Expr};
use crate::syntax::tree::{NodeId, Tree};
use crate::text::{Ranged, TextRange};

/// What one expression's value flows to.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// The expressions that have, or may have, the same value: itself first.
    pub(super) same: SmallVec<[NodeId; 2]>,
    /// What gets it.
    pub(super) steps: Vec<(Key, Step)>,
}

/// Where the value of `node` goes, which may be an object of the class `class`.
pub(super) fn of(index: &Index<'_>, class: Option<FluentId>, node: NodeId) -> Flow {
    let mut flow = Flow::default();
    flow.same.push(node);
    let mut node = node;
    while let Some(next) = outwards(index, class, node, &mut flow.steps) {
        flow.same.push(next);
        node = next;
    }
    flow
}

/// Where what a class or function makes goes that is given as the factory of a field: the
/// attribute of that name.
pub(super) fn of_factory(index: &Index<'_>, factory: NodeId) -> Flow {
    let mut flow = Flow::default();
    let around: SmallVec<[NodeId; 4]> = index.tree.ancestors(factory).take(3).collect();
    // Ex) `x: C = field(default_factory=C)`
    let [keyword, _, call] = around.as_slice() else { return flow };
    if let (AnyNodeRef::Keyword(_), AnyNodeRef::ExprCall(_)) =
        (index.tree.node(*keyword), index.tree.node(*call))
    {
        outwards(index, None, *call, &mut flow.steps);
    }
    flow
}

/// What `with` gives of a context manager that `call` makes.
pub(super) fn entered(index: &Index<'_>, call: NodeId) -> Vec<(Key, Step)> {
    let mut steps = Vec::new();
    let range = index.tree.node(call).range();
    if let Some(AnyNodeRef::WithItem(item)) =
        index.tree.parent(call).map(|parent| index.tree.node(parent))
        && item.context_expr.range() == range
        && let Some(variable) = &item.optional_vars
    {
        target(index, variable, How::Entered, &mut steps);
    }
    steps
}

/// The expression around `node` that has its value; notes what else gets it.
fn outwards(
    index: &Index<'_>,
    class: Option<FluentId>,
    node: NodeId,
    steps: &mut Vec<(Key, Step)>,
) -> Option<NodeId> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let parent = tree.parent(node)?;
    for (one, how) in targets(index, node) {
        target(index, one, how, steps);
    }
    match tree.node(parent) {
        AnyNodeRef::ExprNamed(named) if named.value.range() == range => Some(parent),
        AnyNodeRef::ExprIf(choice) if choice.test.range() != range => Some(parent),
        AnyNodeRef::ExprBoolOp(op) => {
            let is_last = op.values.last().is_some_and(|last| last.range() == range);
            (op.op == BoolOp::Or || is_last).then_some(parent)
        }
        AnyNodeRef::ExprAwait(_) => Some(parent),
        // Ex) `C().opened()`, which returns itself
        AnyNodeRef::ExprAttribute(_) => class
            .and_then(|class| index.fluent(class, parent))
            .or_else(|| tasks::result(index, node, parent)),
        AnyNodeRef::Keyword(_) | AnyNodeRef::Arguments(_) => argument(index, node, steps),
        AnyNodeRef::ExprTuple(_) | AnyNodeRef::ExprList(_) => {
            parametrized::by_element(index, node, parent, steps);
            None
        }
        AnyNodeRef::StmtMatch(matched) if matched.subject.range() == range => {
            for case in &matched.cases {
                captured(index, &case.pattern, steps);
            }
            None
        }
        AnyNodeRef::ParameterWithDefault(parameter)
            if parameter.default.as_ref().is_some_and(|default| default.range() == range) =>
        {
            let name = &parameter.parameter.name;
            bound(index, name.range, step(index, How::Default, name.range), steps);
            None
        }
        // Ex) `return C()`, `yield from [C()]`
        AnyNodeRef::StmtReturn(_) | AnyNodeRef::ExprYieldFrom(_) => {
            let (function, definition) = function_around(index, parent)?;
            let how = How::Returned(definition.name.to_string());
            steps.push((Key::Result(function), step(index, how, range)));
            None
        }
        AnyNodeRef::ExprYield(_) => {
            yielded(index, parent, range, steps);
            None
        }
        AnyNodeRef::ExprLambda(lambda) if lambda.body.range() == range => {
            let step = step(index, How::Returned("lambda".to_owned()), lambda.range);
            steps.push((Key::Inside(Box::new(Key::At(parent)), Slot::Called), step));
            None
        }
        _ => None,
    }
}

/// What the value of `node` is assigned to, by itself or as an element that is unpacked at once.
pub(super) fn targets<'a>(index: &Index<'a>, node: NodeId) -> SmallVec<[(&'a Expr, How); 1]> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let Some(parent) = tree.parent(node) else { return SmallVec::new() };
    let assigned = |target: &'a Expr| (target, How::Assigned);
    match tree.node(parent) {
        AnyNodeRef::ExprNamed(named) if named.value.range() == range => {
            SmallVec::from_iter([assigned(&named.target)])
        }
        AnyNodeRef::StmtAssign(assign) if assign.value.range() == range => {
            assign.targets.iter().map(assigned).collect()
        }
        AnyNodeRef::StmtAnnAssign(assign)
            if assign.value.as_ref().is_some_and(|value| value.range() == range) =>
        {
            SmallVec::from_iter([assigned(&assign.target)])
        }
        AnyNodeRef::WithItem(item) if item.context_expr.range() == range => {
            item.optional_vars.iter().map(|variable| (&**variable, How::Entered)).collect()
        }
        AnyNodeRef::ExprTuple(_) | AnyNodeRef::ExprList(_) => element(tree, node, parent),
        _ => SmallVec::new(),
    }
}

/// What a call does with an argument.
fn argument(index: &Index<'_>, node: NodeId, steps: &mut Vec<(Key, Step)>) -> Option<NodeId> {
    let tree = index.tree;
    let call_node = tree.ancestors(node).find(|&id| !is_part_of_call(tree.node(id)))?;
    let AnyNodeRef::ExprCall(call) = tree.node(call_node) else { return None };
    let range = tree.node(node).range();
    let position = call.arguments.args.iter().position(|argument| argument.range() == range);
    let gives_back = position
        .zip(last_name(&call.func))
        .is_some_and(|(position, function)| vocabulary::gives_back(function, position));
    if gives_back {
        // Ex) a function of the file that is called `run`
        passed::to_own(index, (call_node, call), range, steps);
        return Some(call_node);
    }
    if let Some(place) = position.and_then(|position| index.place_set_by(call, position)) {
        kept(index, place, &step(index, How::Assigned, range), steps);
        return None;
    }
    // Ex) `MagicMock(wraps=C())`
    let wraps = call.arguments.find_keyword("wraps").map(|wraps| wraps.value.range());
    if wraps == Some(range) && last_name(&call.func).is_some_and(|name| name.ends_with("Mock")) {
        return Some(call_node);
    }
    // Ex) `pytest.param(C(), id="x")`
    if last_name(&call.func) == Some("param") {
        parametrized::by_element(index, node, call_node, steps);
    }
    // Its end closes nothing.
    if last_name(&call.func) == Some("nullcontext") {
        steps.extend(entered(index, call_node));
        return None;
    }
    passed::passed(index, (call_node, call), range, steps);
    None
}

fn is_part_of_call(node: AnyNodeRef<'_>) -> bool {
    matches!(node, AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_))
}

/// Ex) `super()`
pub(super) fn is_super(expr: &Expr) -> bool {
    expr.as_call_expr().is_some_and(|call| {
        call.func.as_name_expr().is_some_and(|name| name.id.as_str() == "super")
    })
}

/// An object that gets a name, or is kept in an attribute.
pub(super) fn target(index: &Index<'_>, target: &Expr, how: How, steps: &mut Vec<(Key, Step)>) {
    match target {
        Expr::Name(name) => {
            bound(index, name.range, step(index, how, name.range), steps);
        }
        Expr::Attribute(_) => {
            if let Some(place) = index.place_of(target) {
                kept(index, place, &step(index, how, target.range()), steps);
            }
        }
        Expr::Tuple(_) | Expr::List(_) => {
            if let Some(node) = index.tree.id_of(target) {
                steps.push((Key::Unpacked(node), step(index, how, target.range())));
            }
        }
        _ => {}
    }
}

/// An object that is kept at a place; the setter of a property gets it as well.
pub(super) fn kept(index: &Index<'_>, place: Place, step: &Step, steps: &mut Vec<(Key, Step)>) {
    let others = index.places_of_tests(&place);
    steps.extend(others.into_iter().map(|place| (Key::Place(place), step.clone())));
    for setter in index.setters(&place) {
        if let Some(value) = received::by_method(setter, Argument::At(0)) {
            bound(index, value.name, step.clone(), steps);
        }
    }
    steps.push((Key::Place(place), step.clone()));
}

/// The names that a pattern gives the whole subject: `case r`, `case C() as r`.
pub(super) fn captured(index: &Index<'_>, pattern: &ast::Pattern, steps: &mut Vec<(Key, Step)>) {
    match pattern {
        ast::Pattern::MatchAs(capture) => {
            if let Some(name) = &capture.name {
                bound(index, name.range, step(index, How::Assigned, name.range), steps);
            }
            if let Some(inner) = &capture.pattern {
                captured(index, inner, steps);
            }
        }
        ast::Pattern::MatchOr(either) => {
            either.patterns.iter().for_each(|one| captured(index, one, steps));
        }
        _ => {}
    }
}

/// An object that the binding of the name at `name` gets.
pub(super) fn bound(index: &Index<'_>, name: TextRange, step: Step, steps: &mut Vec<(Key, Step)>) {
    let Some(binding) = index.binding_at(name) else { return };
    if let Some(slot) = index.parameters_of(name).and_then(|one| received::share(one, name)) {
        steps.push((Key::Inside(Box::new(Key::Binding(binding)), slot), step));
        return;
    }
    let names = &index.analysis.names;
    let bound = names.binding(binding);
    // Ex) `class Service: redis = C()`
    if let Some(class) = index.class_at(names.scope(bound.scope).node) {
        let place = Place { root: Root::Class(class), path: vec![bound.name] };
        steps.push((Key::Place(place), step.clone()));
    }
    steps.push((Key::Binding(binding), step));
}

/// The function whose `return` or `yield` this is.
pub(super) fn function_around<'a>(
    index: &Index<'a>,
    node: NodeId,
) -> Option<(NodeId, &'a ast::StmtFunctionDef)> {
    for id in index.tree.ancestors(node) {
        match index.tree.node(id) {
            AnyNodeRef::StmtFunctionDef(function) => return Some((id, function)),
            AnyNodeRef::ExprLambda(_) | AnyNodeRef::StmtClassDef(_) => return None,
            _ => {}
        }
    }
    None
}

fn yielded(index: &Index<'_>, node: NodeId, range: TextRange, steps: &mut Vec<(Key, Step)>) {
    let Some((id, function)) = function_around(index, node) else { return };
    let how = How::Returned(function.name.to_string());
    let step = step(index, how, range);
    if fixture_name(function).is_some() {
        steps.push((Key::Result(id), step));
    } else if is_decorated(function, &["contextmanager", "asynccontextmanager"]) {
        steps.push((Key::Entered(id), step));
    } else {
        // A generator is a container of what it yields.
        steps.push((Key::Inside(Box::new(Key::Result(id)), Slot::Any), step));
    }
}

/// The targets of an element of a tuple that is unpacked at once, or of what a loop goes through.
fn element<'a>(tree: &Tree<'a>, node: NodeId, display: NodeId) -> SmallVec<[(&'a Expr, How); 1]> {
    let mut found = SmallVec::new();
    let values: &[Expr] = match tree.node(display) {
        AnyNodeRef::ExprTuple(tuple) => &tuple.elts,
        AnyNodeRef::ExprList(list) => &list.elts,
        _ => return found,
    };
    let range = tree.node(node).range();
    let Some(at) = values.iter().position(|value| value.range() == range) else { return found };
    let display_range = tree.node(display).range();
    let before_is_plain = !values.iter().take(at).any(Expr::is_starred_expr);
    match tree.parent(display).map(|parent| tree.node(parent)) {
        Some(AnyNodeRef::StmtAssign(assign)) if before_is_plain => {
            for one in &assign.targets {
                let targets: &[Expr] = match one {
                    Expr::Tuple(tuple) => &tuple.elts,
                    Expr::List(list) => &list.elts,
                    _ => continue,
                };
                let is_plain = !targets.iter().take(at + 1).any(Expr::is_starred_expr);
                if let Some(one) = targets.get(at).filter(|_| is_plain) {
                    found.push((one, How::Assigned));
                }
            }
        }
        Some(AnyNodeRef::StmtFor(loop_)) if loop_.iter.range() == display_range => {
            found.push((&*loop_.target, How::Looped));
        }
        Some(AnyNodeRef::Comprehension(loop_)) if loop_.iter.range() == display_range => {
            found.push((&loop_.target, How::Looped));
        }
        _ => {}
    }
    found
}

/// A step that is written at `range`.
pub(super) fn step(index: &Index<'_>, how: How, range: TextRange) -> Step {
    Step { how, line: index.analysis.lines().position(range.start()).line }
}

/// Whether one of these decorates a function, under whatever module.
pub(super) fn is_decorated(function: &ast::StmtFunctionDef, names: &[&str]) -> bool {
    function
        .decorator_list
        .iter()
        .any(|decorator| last_name(&decorator.expression).is_some_and(|name| names.contains(&name)))
}
