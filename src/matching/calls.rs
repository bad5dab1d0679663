//! Every call of a name, however it is reached.

use crate::syntax::ast::{Expr, ExprCall};
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
    /// The callee is a name or a chain of attributes of one, so that there is a reference to it.
    pub is_chain: bool,
    /// It is given a positional argument for certain.
    pub has_argument: bool,
}

/// The calls in `tree` of anything whose last name `wanted` accepts, in source order.
pub fn named_calls(tree: &Tree<'_>, wanted: &dyn Fn(&str) -> bool) -> Vec<NamedCall> {
    let calls = tree.calls().iter();
    let mut found: Vec<NamedCall> = calls.filter_map(|call| named_call(call, wanted)).collect();
    found.sort_by_key(|found| found.call.start());
    found
}

fn named_call(call: &ExprCall, wanted: &dyn Fn(&str) -> bool) -> Option<NamedCall> {
    let mut callee = &*call.func;
    if let Expr::Subscript(subscript) = callee {
        callee = &subscript.value;
    }
    let (name, is_chain) = match callee {
        Expr::Name(name) => (name.id.as_str(), true),
        Expr::Attribute(attribute) => (attribute.attr.as_str(), is_chain(&attribute.value)),
        _ => return None,
    };
    wanted(name).then(|| NamedCall {
        call: call.range,
        callee: callee.range(),
        name: name.to_owned(),
        is_chain,
        has_argument: call.arguments.args.iter().any(|argument| !argument.is_starred_expr()),
    })
}

fn is_chain(mut expr: &Expr) -> bool {
    while let Expr::Attribute(attribute) = expr {
        expr = &attribute.value;
    }
    expr.is_name_expr()
}
