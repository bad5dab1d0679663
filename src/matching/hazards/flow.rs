//! Where the value of one expression goes: outwards to the expressions that have the same value,
//! and on to names, attributes, parameters and results.
//!
//! One step at a time; who goes on from there is [`super::follow`]. Containers are for
//! [`super::contained`].

use smallvec::SmallVec;

use super::class;
use super::contained::{Slot, holders};
use super::follow::{How, Key, Step};
use super::index::{Callee, ClassId, FluentId, Index, Place, Root, last_name};
use super::parametrized;
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
            given_by_thread(index, node, parent, steps);
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
        AnyNodeRef::ExprLambda(_) => {
            lambda(index, parent, steps);
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
        return Some(call_node);
    }
    if position == Some(2)
        && let Some(place) = index.place_set_by(call)
    {
        steps.push((Key::Place(place), step(index, How::Assigned, range)));
        return None;
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
    passed(index, call_node, call, range, steps);
    None
}

fn is_part_of_call(node: AnyNodeRef<'_>) -> bool {
    matches!(node, AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_))
}

/// An argument of a function, method or class that the file defines is the parameter or the field.
fn passed(
    index: &Index<'_>,
    call_node: NodeId,
    call: &ast::ExprCall,
    range: TextRange,
    steps: &mut Vec<(Key, Step)>,
) {
    let Some(argument) = Argument::of(call, range) else { return };
    for (callee, receiver) in receivers(index, call_node, call, argument) {
        let step = step(index, How::Passed(callee.to_owned()), range);
        bound(index, receiver, step, steps);
    }
}

/// The names of the file that get an argument, each with the name of the function or class.
fn receivers<'a>(
    index: &Index<'a>,
    call_node: NodeId,
    call: &ast::ExprCall,
    argument: Argument<'_>,
) -> Vec<(&'a str, TextRange)> {
    let constructed = |class: &'a ast::StmtClassDef| {
        received::by_constructor(class, argument).map(|name| (class.name.as_str(), name))
    };
    match &*call.func {
        Expr::Name(callee) => match index.called(callee.range) {
            Some(Callee::Function(function)) => {
                let receiver = received::by_function(function, argument);
                receiver.map(|name| (function.name.as_str(), name)).into_iter().collect()
            }
            // What the class does not define itself its bases do.
            Some(Callee::Class(class)) => {
                let family = index.family(class).filter_map(|id| index.class(id));
                family.filter_map(constructed).take(1).collect()
            }
            None => with_function(index, call, argument),
        },
        Expr::Attribute(method) => {
            let name = method.attr.as_str();
            let classes: Vec<ClassId> = match index.place_of(&call.func) {
                Some(Place { root: Root::Class(class), path }) if path.len() == 1 => {
                    index.family(class).collect()
                }
                // Ex) `super().__init__(C())`
                _ if is_super(&method.value) => {
                    let class = function_around(index, call_node)
                        .and_then(|(function, _)| index.class_around(function));
                    class.map_or(Vec::new(), |class| index.family(class).skip(1).collect())
                }
                _ => Vec::new(),
            };
            if classes.is_empty() {
                return with_function(index, call, argument);
            }
            let classes = classes.into_iter().filter_map(|id| index.class(id));
            let defined = classes.flat_map(class::methods).filter(|one| one.name.as_str() == name);
            defined
                .filter_map(|one| Some((one.name.as_str(), received::by_method(one, argument)?)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// What gets an argument that a call is given together with a function of the file, which it calls
/// with it: `executor.submit(work, C())`, `partial(work, C())`.
fn with_function<'a>(
    index: &Index<'a>,
    call: &ast::ExprCall,
    argument: Argument<'_>,
) -> Vec<(&'a str, TextRange)> {
    let before = match argument {
        Argument::At(at) => at,
        Argument::Named(_) => call.arguments.args.len(),
    };
    let given = call.arguments.args.iter().take(before).enumerate();
    let mut functions = given.filter_map(|(at, one)| {
        let name = one.as_name_expr()?;
        match index.called(name.range)? {
            Callee::Function(function) => Some((at, function)),
            Callee::Class(_) => None,
        }
    });
    let Some((at, function)) = functions.next() else { return Vec::new() };
    let argument = match argument {
        Argument::At(own) => Argument::At(own - at - 1),
        named @ Argument::Named(_) => named,
    };
    let receiver = received::by_function(function, argument);
    receiver.map(|name| (function.name.as_str(), name)).into_iter().collect()
}

/// What a thread or process gives its function: `Thread(target=work, args=(C(),))`.
fn given_by_thread(index: &Index<'_>, node: NodeId, display: NodeId, steps: &mut Vec<(Key, Step)>) {
    let tree = index.tree;
    let values: &[Expr] = match tree.node(display) {
        AnyNodeRef::ExprTuple(tuple) => &tuple.elts,
        AnyNodeRef::ExprList(list) => &list.elts,
        _ => return,
    };
    let range = tree.node(node).range();
    let mut around = tree.ancestors(display);
    let (Some(keyword), Some(call)) = (around.next(), around.nth(1)) else { return };
    let (AnyNodeRef::Keyword(keyword), AnyNodeRef::ExprCall(call)) =
        (tree.node(keyword), tree.node(call))
    else {
        return;
    };
    let target = call.arguments.find_keyword("target").map(|target| target.value.range());
    let is_args = keyword.arg.as_ref().is_some_and(|name| name.as_str() == "args");
    let at = values.iter().position(|value| value.range() == range);
    if let (true, Some(Callee::Function(function)), Some(at)) =
        (is_args, target.and_then(|target| index.called(target)), at)
        && let Some(receiver) = received::by_function(function, Argument::At(at))
    {
        let step = step(index, How::Passed(function.name.to_string()), range);
        bound(index, receiver, step, steps);
    }
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
                let step = step(index, how, target.range());
                let others = index.places_of_tests(&place);
                steps.extend(others.into_iter().map(|place| (Key::Place(place), step.clone())));
                steps.push((Key::Place(place), step));
            }
        }
        _ => {}
    }
}

/// The names that a pattern gives the whole subject: `case r`, `case C() as r`.
fn captured(index: &Index<'_>, pattern: &ast::Pattern, steps: &mut Vec<(Key, Step)>) {
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

/// What a lambda gives: the field whose factory it is, or what is called under a name that gets it.
fn lambda(index: &Index<'_>, lambda: NodeId, steps: &mut Vec<(Key, Step)>) {
    let tree = index.tree;
    let range = tree.node(lambda).range();
    if let Some(AnyNodeRef::Keyword(keyword)) = tree.parent(lambda).map(|parent| tree.node(parent))
        && keyword
            .arg
            .as_ref()
            .is_some_and(|name| matches!(name.as_str(), "default_factory" | "factory" | "default"))
    {
        steps.extend(of_factory(index, lambda).steps);
        return;
    }
    let flow = of(index, None, lambda);
    let held = flow.same.iter().flat_map(|&same| holders(index, same));
    let called = |(key, _)| {
        let step = step(index, How::Returned("lambda".to_owned()), range);
        (Key::Called(Box::new(key)), step)
    };
    steps.extend(held.chain(flow.steps).map(called));
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

fn step(index: &Index<'_>, how: How, range: TextRange) -> Step {
    Step { how, line: index.analysis.lines().position(range.start()).line }
}

/// Whether one of these decorates a function, under whatever module.
pub(super) fn is_decorated(function: &ast::StmtFunctionDef, names: &[&str]) -> bool {
    function
        .decorator_list
        .iter()
        .any(|decorator| last_name(&decorator.expression).is_some_and(|name| names.contains(&name)))
}
