//! Every call of a name, however it is reached.

use crate::syntax::Module;
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{Expr, ExprCall, Stmt};
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
}

/// The calls in `module` of anything whose last name `wanted` accepts, in source order.
pub fn named_calls(module: &Module, wanted: &dyn Fn(&str) -> bool) -> Vec<NamedCall> {
    let mut finder = Finder { wanted, found: Vec::new() };
    for statement in module.body() {
        finder.visit_stmt(statement);
    }
    finder.found.sort_by_key(|found| found.call.start());
    finder.found
}

struct Finder<'w> {
    wanted: &'w dyn Fn(&str) -> bool,
    found: Vec<NamedCall>,
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.call(call);
        }
        visitor::walk_expr(self, expr);
    }
}

impl Finder<'_> {
    fn call(&mut self, call: &ExprCall) {
        let mut callee = &*call.func;
        if let Expr::Subscript(subscript) = callee {
            callee = &subscript.value;
        }
        let (name, is_chain) = match callee {
            Expr::Name(name) => (name.id.as_str(), true),
            Expr::Attribute(attribute) => (attribute.attr.as_str(), is_chain(&attribute.value)),
            _ => return,
        };
        if (self.wanted)(name) {
            self.found.push(NamedCall {
                call: call.range,
                callee: callee.range(),
                name: name.to_owned(),
                is_chain,
            });
        }
    }
}

fn is_chain(mut expr: &Expr) -> bool {
    while let Expr::Attribute(attribute) = expr {
        expr = &attribute.value;
    }
    expr.is_name_expr()
}
