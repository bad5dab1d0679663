//! Every call of a name, however it is reached.

use super::by_text::is_namespace;
use crate::syntax::ast::{Expr, ExprCall};
use crate::syntax::chain::last_name;
use crate::syntax::tree::Tree;
use crate::text::{Ranged, TextRange};

/// A call whose callee's last name is one of those looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedCall {
    /// The whole call.
    pub call: TextRange,
    /// The callee, without type arguments.
    pub callee: TextRange,
    /// Its last name.
    pub name: String,
    /// How the callee has the name.
    pub form: Form,
    /// It is given a positional argument for certain.
    pub has_argument: bool,
}

/// How a callee is written that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A name or a chain of attributes of one, so that there is a reference to it.
    Chain,
    /// An attribute of anything else.
    Attribute,
    /// By its name as a text: `getattr(module, "Name")`, `globals()["Name"]`.
    Text,
}

/// The calls in `tree` of anything whose last name `wanted` accepts, in source order.
pub fn named_calls(tree: &Tree<'_>, wanted: &dyn Fn(&str) -> bool) -> Vec<NamedCall> {
    let calls = tree.calls().iter();
    let mut found: Vec<NamedCall> = calls.filter_map(|call| named_call(call, wanted)).collect();
    found.sort_by_key(|found| found.call.start());
    found
}

fn named_call(call: &ExprCall, wanted: &dyn Fn(&str) -> bool) -> Option<NamedCall> {
    let (callee, name, form) = match (&*call.func, name_in_text(&call.func)) {
        (callee, Some(name)) => (callee, name, Form::Text),
        (Expr::Subscript(subscript), None) => name_in_code(&subscript.value)?,
        (callee, None) => name_in_code(callee)?,
    };
    wanted(name).then(|| NamedCall {
        call: call.range,
        callee: callee.range(),
        name: name.to_owned(),
        form,
        has_argument: call.arguments.args.iter().any(|argument| !argument.is_starred_expr()),
    })
}

fn name_in_code(callee: &Expr) -> Option<(&Expr, &str, Form)> {
    match callee {
        Expr::Name(name) => Some((callee, name.id.as_str(), Form::Chain)),
        Expr::Attribute(attribute) => {
            let form = if is_chain(&attribute.value) { Form::Chain } else { Form::Attribute };
            Some((callee, attribute.attr.as_str(), form))
        }
        _ => None,
    }
}

fn name_in_text(callee: &Expr) -> Option<&str> {
    let name = match callee {
        Expr::Call(call) if last_name(&call.func) == Some("getattr") => {
            call.arguments.args.get(1)?
        }
        Expr::Subscript(subscript) if is_namespace(&subscript.value) => &subscript.slice,
        _ => return None,
    };
    name.as_string_literal_expr().map(|name| name.value.to_str())
}

fn is_chain(mut expr: &Expr) -> bool {
    while let Expr::Attribute(attribute) = expr {
        expr = &attribute.value;
    }
    expr.is_name_expr()
}
