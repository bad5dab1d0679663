//! What gets an argument of a call: a parameter of the function, or a field of the class.
//!
//! Knows definitions and calls as they are written; which definition a call means is for others.

use crate::resolve::members::has_decorator;
use crate::syntax::ast::{self, Expr, Stmt};
use crate::text::{Ranged, TextRange};

use super::class::methods;
use super::contained::Slot;

/// An argument, as a call gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument<'a> {
    /// By position, from 0.
    At(usize),
    /// By name.
    Named(&'a str),
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

/// The name of the parameter of a function that gets an argument.
pub(super) fn by_function(
    function: &ast::StmtFunctionDef,
    argument: Argument<'_>,
) -> Option<TextRange> {
    parameter(function, argument, 0)
}

/// The same for a method that is called on an object or class, which fills its first parameter.
pub(super) fn by_method(
    function: &ast::StmtFunctionDef,
    argument: Argument<'_>,
) -> Option<TextRange> {
    parameter(function, argument, usize::from(!has_decorator(function, "staticmethod")))
}

/// The same for the constructor of a class: what its own body says, which may leave it to the
/// constructor of a base class.
///
/// Dataclasses and their like make the constructor of the annotated names of the body; see the
/// library reference, `dataclasses`, and `typing.NamedTuple`.
pub(super) fn by_constructor(
    class: &ast::StmtClassDef,
    argument: Argument<'_>,
) -> Option<TextRange> {
    let mut constructors = methods(class).filter(|one| one.name.as_str() == "__init__").peekable();
    if constructors.peek().is_some() {
        return constructors.find_map(|one| by_method(one, argument));
    }
    let mut fields = class.body.iter().filter_map(field);
    match argument {
        Argument::At(at) => fields.nth(at),
        Argument::Named(name) => fields.find(|field| field.id.as_str() == name),
    }
    .map(|field| field.range)
}

fn parameter(
    function: &ast::StmtFunctionDef,
    argument: Argument<'_>,
    filled: usize,
) -> Option<TextRange> {
    let parameters = &function.parameters;
    let (found, variadic) = match argument {
        Argument::At(at) => {
            let mut positional = parameters.posonlyargs.iter().chain(&parameters.args);
            (positional.nth(at.checked_add(filled)?), &parameters.vararg)
        }
        Argument::Named(name) => {
            let mut named = parameters.args.iter().chain(&parameters.kwonlyargs);
            (named.find(|one| one.parameter.name.as_str() == name), &parameters.kwarg)
        }
    };
    let found = found.map(|one| &one.parameter).or(variadic.as_deref());
    found.map(|one| one.name.range)
}

/// What of a parameter an argument is, where the parameter is one with stars: the tuple or dict of
/// all that no other parameter gets.
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
