//! What gets an argument of a call: a parameter of the function, or a field of the class.
//!
//! Knows definitions and calls as they are written; which definition a call means is for others.

use crate::resolve::members::has_decorator;
use crate::syntax::ast::{self, Expr, Stmt};
use crate::text::{Ranged, TextRange};

use super::class::methods;
use super::contained::{Slot, key_text};

/// An argument, as a call gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument<'a> {
    /// By position, from 0.
    At(usize),
    /// By name.
    Named(&'a str),
    /// By a name that is not known.
    NamedSomehow,
}

/// What gets an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Receiver {
    /// The name of the parameter or field.
    pub(super) name: TextRange,
    /// What of it the argument is, where it is the tuple or dict of all that no other one gets.
    pub(super) share: Option<Slot>,
}

impl Receiver {
    fn whole(name: TextRange) -> Self {
        Self { name, share: None }
    }
}

impl<'a> Argument<'a> {
    /// The argument of `call` that is written at `range`; `None` for one whose place is not known,
    /// because it stands behind a `*` argument or is one with stars.
    pub(super) fn of(call: &'a ast::ExprCall, range: TextRange) -> Option<Self> {
        let arguments = &call.arguments;
        if let Some(at) = arguments.args.iter().position(|argument| argument.range() == range) {
            let starred = arguments.args.iter().position(Expr::is_starred_expr);
            return starred.is_none_or(|starred| at < starred).then_some(Self::At(at));
        }
        let named = arguments.keywords.iter().find(|keyword| keyword.value.range() == range)?;
        named.arg.as_ref().map(|name| Self::Named(name.as_str()))
    }
}

/// The parameter of a function that gets an argument.
pub(super) fn by_function(
    function: &ast::StmtFunctionDef,
    argument: Argument<'_>,
) -> Option<Receiver> {
    parameter(&function.parameters, argument, 0)
}

/// The same for a lambda.
pub(super) fn by_lambda(lambda: &ast::ExprLambda, argument: Argument<'_>) -> Option<Receiver> {
    parameter(lambda.parameters.as_deref()?, argument, 0)
}

/// The same for a method that is called on an object or class, which fills its first parameter.
pub(super) fn by_method(
    function: &ast::StmtFunctionDef,
    argument: Argument<'_>,
) -> Option<Receiver> {
    parameter(&function.parameters, argument, usize::from(!has_decorator(function, "staticmethod")))
}

/// The same for the constructor of a class: what its own body says, which may leave it to the
/// constructor of a base class.
///
/// Dataclasses and their like make the constructor of the annotated names of the body; see the
/// library reference, `dataclasses`, and `typing.NamedTuple`.
pub(super) fn by_constructor(
    class: &ast::StmtClassDef,
    argument: Argument<'_>,
) -> Option<Receiver> {
    let mut constructors = methods(class).filter(|one| one.name.as_str() == "__init__").peekable();
    if constructors.peek().is_some() {
        return constructors.find_map(|one| by_method(one, argument));
    }
    let mut fields = class.body.iter().filter_map(field);
    match argument {
        Argument::At(at) => fields.nth(at),
        Argument::Named(name) => fields.find(|field| field.id.as_str() == name),
        Argument::NamedSomehow => None,
    }
    .map(|field| Receiver::whole(field.range))
}

fn parameter(
    parameters: &ast::Parameters,
    argument: Argument<'_>,
    filled: usize,
) -> Option<Receiver> {
    let mut positional = parameters.posonlyargs.iter().chain(&parameters.args);
    let mut named = parameters.args.iter().chain(&parameters.kwonlyargs);
    let count = parameters.posonlyargs.len() + parameters.args.len();
    let (found, variadic, share) = match argument {
        Argument::At(at) => {
            let at = at.checked_add(filled)?;
            let share = Slot::index(at.saturating_sub(count));
            (positional.nth(at), &parameters.vararg, share)
        }
        Argument::Named(name) => {
            let found = named.find(|one| one.parameter.name.as_str() == name);
            (found, &parameters.kwarg, Slot::Value(Some(key_text(name))))
        }
        Argument::NamedSomehow => (None, &parameters.kwarg, Slot::Value(None)),
    };
    match found {
        Some(found) => Some(Receiver::whole(found.parameter.name.range)),
        None => {
            variadic.as_deref().map(|one| Receiver { name: one.name.range, share: Some(share) })
        }
    }
}

/// What of a parameter an unknown argument is, where the parameter is one with stars.
pub(super) fn share(function: &ast::StmtFunctionDef, parameter: TextRange) -> Option<Slot> {
    let is_it = |one: &Option<Box<ast::Parameter>>| {
        one.as_ref().is_some_and(|one| one.name.range == parameter)
    };
    if is_it(&function.parameters.vararg) {
        return Some(Slot::Any);
    }
    is_it(&function.parameters.kwarg).then_some(Slot::Value(None))
}

/// The name that a statement of a class body declares as a field.
fn field(statement: &Stmt) -> Option<&ast::ExprName> {
    let declared = statement.as_ann_assign_stmt()?;
    let annotation = match &*declared.annotation {
        Expr::Subscript(subscript) => &subscript.value,
        annotation => annotation,
    };
    let is_of_class = super::index::last_name(annotation) == Some("ClassVar");
    declared.target.as_name_expr().filter(|_| !is_of_class)
}
