//! Where arguments of calls go: to the parameters and fields of the functions, methods, lambdas and
//! classes of the file that a call runs, at once or later.
//!
//! Which parameter of a definition gets an argument is for [`super::received`].

use super::class;
use super::contained::Slot;
use super::flow::{self, function_around};
use super::follow::{How, Key, Step};
use super::index::{Callee, ClassId, Index, Place, Root, last_name};
use super::received::{self, Argument, Receiver};
use crate::semantic::BindingKind;
use crate::syntax::ast::{self, AnyNodeRef, Expr};
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// An argument of a function, method or class that the file defines is the parameter or the field.
pub(super) fn passed(
    index: &Index<'_>,
    (call_node, call): (NodeId, &ast::ExprCall),
    range: TextRange,
    steps: &mut Vec<(Key, Step)>,
) {
    if let Some(argument) = Argument::of(call, range) {
        give(index, (call_node, call), argument, range, steps);
    }
}

/// The same for an argument of what the file defines, and of nothing else.
pub(super) fn to_own(
    index: &Index<'_>,
    (call_node, call): (NodeId, &ast::ExprCall),
    range: TextRange,
    steps: &mut Vec<(Key, Step)>,
) {
    if !runs(index, call_node, &call.func).is_empty() {
        passed(index, (call_node, call), range, steps);
    }
}

/// What gets the objects of a container `node` whose elements a call gets one by one:
/// `work(*rs)`, `work(**by_name)`, `Thread(target=work, args=(r,))`. The expressions that stand for
/// each of the objects are returned: `rs` of `map(work, rs)`.
pub(super) fn spread(
    index: &Index<'_>,
    node: NodeId,
    slot: &Slot,
    steps: &mut Vec<(Key, Step)>,
) -> Vec<NodeId> {
    let tree = index.tree;
    let range = tree.node(node).range();
    let Some(parent) = tree.parent(node) else { return Vec::new() };
    let mut around = tree.ancestors(node);
    let call = around.find_map(|id| match tree.node(id) {
        AnyNodeRef::Arguments(_) | AnyNodeRef::Keyword(_) | AnyNodeRef::ExprStarred(_) => None,
        AnyNodeRef::ExprCall(call) => Some(Some((id, call))),
        _ => Some(None),
    });
    let Some(Some((id, call))) = call else { return Vec::new() };
    let arguments = &call.arguments;
    match tree.node(parent) {
        AnyNodeRef::ExprStarred(starred) => {
            let mut before = arguments.args.iter().take_while(|one| one.range() != starred.range);
            if !before.clone().any(Expr::is_starred_expr) {
                let first = before.by_ref().count();
                for argument in of_elements(slot, first) {
                    give(index, (id, call), argument, range, steps);
                }
            }
            Vec::new()
        }
        AnyNodeRef::Keyword(keyword) => {
            match keyword.arg.as_ref().map(ast::Identifier::as_str) {
                None => {
                    if let Some(argument) = of_key(slot) {
                        give(index, (id, call), argument, range, steps);
                    }
                }
                Some("args") => later(index, (id, call), &of_elements(slot, 0), range, steps),
                Some("kwargs") => {
                    let arguments: Vec<_> = of_key(slot).into_iter().collect();
                    later(index, (id, call), &arguments, range, steps);
                }
                Some(_) => {}
            }
            Vec::new()
        }
        AnyNodeRef::Arguments(_) => match last_name(&call.func) {
            Some("map" | "imap" | "imap_unordered" | "for_each")
                if arguments.args.first().is_some_and(|first| first.range() != range)
                    && !matches!(slot, Slot::Value(_)) =>
            {
                vec![node]
            }
            // Ex) `Timer(1, work, [r])`, `pool.apply_async(work, (r,))`
            Some("Timer" | "apply" | "apply_async" | "start_new_thread") => {
                let at = arguments.args.iter().position(|one| one.range() == range);
                let function = at.and_then(|at| arguments.args.get(at.checked_sub(1)?));
                for runs in function.map(|one| runs(index, id, one)).unwrap_or_default() {
                    for argument in of_elements(slot, 0) {
                        give_to(index, runs, argument, range, steps);
                    }
                }
                Vec::new()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The arguments that the elements of a list or tuple become, of which the first is the one at
/// `first`.
fn of_elements(slot: &Slot, first: usize) -> Vec<Argument<'static>> {
    match slot {
        Slot::Index(at) => vec![Argument::At(first + at)],
        Slot::Any => (first..first + MOST_ELEMENTS).map(Argument::At).collect(),
        _ => Vec::new(),
    }
}

/// How many elements of a list whose length is not known become arguments.
const MOST_ELEMENTS: usize = 8;

/// The argument that the value of a dict's key becomes.
fn of_key(slot: &Slot) -> Option<Argument<'_>> {
    match slot {
        Slot::Value(None) => Some(Argument::NamedSomehow),
        slot => slot.name().map(Argument::Named),
    }
}

/// What gets arguments that a call is given for a function that it calls with them.
fn later(
    index: &Index<'_>,
    (call_node, call): (NodeId, &ast::ExprCall),
    arguments: &[Argument<'_>],
    range: TextRange,
    steps: &mut Vec<(Key, Step)>,
) {
    let named = call.arguments.keywords.iter().filter(|keyword| {
        let name = keyword.arg.as_ref().map(ast::Identifier::as_str);
        matches!(name, Some("target" | "function" | "func"))
    });
    let given = named.map(|keyword| &keyword.value).chain(&call.arguments.args);
    for runs in given.flat_map(|one| runs(index, call_node, one)) {
        for &argument in arguments {
            give_to(index, runs, argument, range, steps);
        }
    }
}

fn give(
    index: &Index<'_>,
    (call_node, call): (NodeId, &ast::ExprCall),
    argument: Argument<'_>,
    range: TextRange,
    steps: &mut Vec<(Key, Step)>,
) {
    let all = runs(index, call_node, &call.func);
    if all.is_empty() {
        with_function(index, (call_node, call), argument, range, steps);
        return;
    }
    for one in all {
        // What the class does not define itself its bases do.
        if give_to(index, one, argument, range, steps) && matches!(one, Runs::Constructor(_)) {
            break;
        }
    }
}

/// What gets an argument that a call is given together with a function of the file, which it calls
/// with it: `executor.submit(work, C())`, `partial(self._work, C())`, `map(lambda r: …, [C()])`.
fn with_function(
    index: &Index<'_>,
    (call_node, call): (NodeId, &ast::ExprCall),
    argument: Argument<'_>,
    range: TextRange,
    steps: &mut Vec<(Key, Step)>,
) {
    let before = match argument {
        Argument::At(at) => at,
        Argument::Named(_) | Argument::NamedSomehow => call.arguments.args.len(),
    };
    let given = call.arguments.args.iter().take(before).enumerate();
    let mut functions = given.filter_map(|(at, one)| {
        let mut all = runs(index, call_node, one);
        all.retain(|one| !matches!(one, Runs::Constructor(_)));
        (!all.is_empty()).then_some((at, all))
    });
    let Some((at, functions)) = functions.next() else { return };
    let argument = match argument {
        // Each of several iterables that `map` gets is that of one parameter, too.
        Argument::At(own) => Argument::At(own - at - 1),
        named => named,
    };
    for function in functions {
        give_to(index, function, argument, range, steps);
    }
}

/// A definition of the file that a call runs.
#[derive(Clone, Copy)]
enum Runs<'a> {
    Function(&'a ast::StmtFunctionDef),
    /// Called on an object or class.
    Method(&'a ast::StmtFunctionDef),
    Lambda(&'a ast::ExprLambda),
    Constructor(&'a ast::StmtClassDef),
}

/// Notes what gets an argument; whether anything does.
fn give_to(
    index: &Index<'_>,
    runs: Runs<'_>,
    argument: Argument<'_>,
    range: TextRange,
    steps: &mut Vec<(Key, Step)>,
) -> bool {
    let (name, receiver) = match runs {
        Runs::Function(function) => {
            (function.name.as_str(), received::by_function(function, argument))
        }
        Runs::Method(method) => (method.name.as_str(), received::by_method(method, argument)),
        Runs::Lambda(lambda) => ("lambda", received::by_lambda(lambda, argument)),
        Runs::Constructor(class) => {
            (class.name.as_str(), received::by_constructor(class, argument))
        }
    };
    let Some(Receiver { name: parameter, share }) = receiver else { return false };
    let step = flow::step(index, How::Passed(name.to_owned()), range);
    match (share, index.binding_at(parameter)) {
        (Some(slot), Some(binding)) => {
            steps.push((Key::Inside(Box::new(Key::Binding(binding)), slot), step));
        }
        _ => flow::bound(index, parameter, step, steps),
    }
    true
}

/// What a callee of the file runs; the constructors of a class and of its bases in their order.
fn runs<'a>(index: &Index<'a>, call_node: NodeId, callee: &'a Expr) -> Vec<Runs<'a>> {
    match callee {
        Expr::Lambda(lambda) => vec![Runs::Lambda(lambda)],
        Expr::Name(name) => match index.called(name.range) {
            Some(Callee::Function(function)) => vec![Runs::Function(function)],
            Some(Callee::Class(class)) => {
                let family = index.family(class).filter_map(|id| index.class(id));
                family.map(Runs::Constructor).collect()
            }
            None => lambda_of(index, name).map(Runs::Lambda).into_iter().collect(),
        },
        Expr::Attribute(method) => {
            let name = method.attr.as_str();
            let classes: Vec<ClassId> = match index.place_of(callee) {
                Some(Place { root: Root::Class(class), path }) if path.len() == 1 => {
                    index.family(class).collect()
                }
                // Ex) `super().__init__(C())`
                _ if flow::is_super(&method.value) => {
                    let class = function_around(index, call_node)
                        .and_then(|(function, _)| index.class_around(function));
                    class.map_or(Vec::new(), |class| index.family(class).skip(1).collect())
                }
                _ => Vec::new(),
            };
            let classes = classes.into_iter().filter_map(|id| index.class(id));
            let defined = classes.flat_map(class::methods).filter(|one| one.name.as_str() == name);
            defined.map(Runs::Method).collect()
        }
        _ => Vec::new(),
    }
}

/// The lambda that is all that a name stands for.
fn lambda_of<'a>(index: &Index<'a>, name: &ast::ExprName) -> Option<&'a ast::ExprLambda> {
    let names = &index.analysis.names;
    let reach = names.reach(names.reference(index.reference_at(name.range)?));
    let [binding] = reach.bindings.as_slice() else { return None };
    let BindingKind::Assignment { value: Some(value), .. } = names.binding(*binding).kind else {
        return None;
    };
    match index.tree.node(index.tree.expression_at(value)?) {
        AnyNodeRef::ExprLambda(lambda) => Some(lambda),
        _ => None,
    }
}
