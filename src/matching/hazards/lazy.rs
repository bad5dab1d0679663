//! Builds that run only where there is nothing yet: `if self.r is None: self.r = C()`.
//!
//! By the shape of the code alone: a condition asks for a name or attribute where it says nothing
//! but whether that is there.

use super::index::{Index, last_name};
use crate::syntax::ast::{AnyNodeRef, Expr, ExprRef, Stmt, UnaryOp};
use crate::syntax::suite::suites;
use crate::syntax::tree::NodeId;
use crate::text::{Ranged, TextRange};

/// Whether `build`, which `target` gets, runs only where the function has found that `target` is
/// not there.
pub(super) fn is_lazy(index: &Index<'_>, build: NodeId, target: &Expr) -> bool {
    let tree = index.tree;
    let range = tree.node(build).range();
    for id in tree.ancestors(build) {
        let node = tree.node(id);
        let is_asked = match node {
            AnyNodeRef::StmtFunctionDef(_) | AnyNodeRef::ExprLambda(_) => {
                return suites(node).iter().any(|suite| is_left_before(suite, range, target));
            }
            AnyNodeRef::StmtIf(one) => {
                let more = one.elif_else_clauses.iter().filter_map(|clause| clause.test.as_ref());
                std::iter::once(&*one.test).chain(more).any(|test| asks(test, target))
            }
            AnyNodeRef::StmtWhile(one) => asks(&one.test, target),
            AnyNodeRef::ExprIf(one) => asks(&one.test, target),
            AnyNodeRef::ExprBoolOp(one) => {
                let before = one.values.iter().take_while(|value| value.end() <= range.start());
                before.into_iter().any(|value| asks(value, target))
            }
            AnyNodeRef::StmtMatch(one) => asks(&one.subject, target),
            // Ex) `try: return self.r`, `except AttributeError: self.r = C()`
            AnyNodeRef::StmtTry(one) => {
                let is_handled = one.handlers.iter().any(|one| one.range().contains_range(range));
                let end = one.body.last().map_or(one.start(), Ranged::end);
                let tried = tree.inside(id).take_while(|(_, node)| node.start() < end);
                is_handled
                    && tried
                        .filter_map(|(_, node)| node.as_expr_ref())
                        .any(|one| reads(one, target))
            }
            _ => false,
        };
        if is_asked || suites(node).iter().any(|suite| is_left_before(suite, range, target)) {
            return true;
        }
    }
    false
}

/// Ex) `if self.r is not None: return self.r`, or `try: return self.r`, above `self.r = C()`
fn is_left_before(suite: &[Stmt], build: TextRange, target: &Expr) -> bool {
    let mut before = suite.iter().take_while(|statement| statement.end() <= build.start());
    before.any(|statement| match statement {
        Stmt::If(one) => {
            let is_left = one.body.last().is_some_and(|last| {
                matches!(
                    last,
                    Stmt::Return(_) | Stmt::Raise(_) | Stmt::Continue(_) | Stmt::Break(_)
                )
            });
            is_left && asks(&one.test, target)
        }
        Stmt::Try(one) => {
            one.body.last().and_then(Stmt::as_return_stmt).is_some_and(|last| {
                last.value.as_deref().is_some_and(|value| is_like(value, target))
            })
        }
        _ => false,
    })
}

/// Whether a condition asks whether `target` is there.
fn asks(test: &Expr, target: &Expr) -> bool {
    match test {
        Expr::BoolOp(op) => op.values.iter().any(|value| asks(value, target)),
        Expr::UnaryOp(op) => op.op == UnaryOp::Not && asks(&op.operand, target),
        Expr::Named(named) => is_like(&named.target, target) || asks(&named.value, target),
        Expr::Compare(compare) => {
            let operands = std::iter::once(&*compare.left).chain(&compare.comparators);
            operands.into_iter().any(|operand| is_like(operand, target))
        }
        test => is_like(test, target),
    }
}

/// Whether an expression is `target`, by its last name, or names it by text.
fn is_like(expr: &Expr, target: &Expr) -> bool {
    let is_named = |expr: &Expr| {
        let text = expr.as_string_literal_expr().map(|literal| literal.value.to_str());
        text.is_some() && text == last_name(target)
    };
    match expr {
        Expr::Name(_) => target.is_name_expr() && last_name(expr) == last_name(target),
        Expr::Attribute(_) => target.is_attribute_expr() && last_name(expr) == last_name(target),
        // Ex) `hasattr(self, "r")`, `self.__dict__.get("r")`
        Expr::Call(call) => call.arguments.args.iter().any(is_named),
        // Ex) `"r" not in vars(self)`
        expr => is_named(expr),
    }
}

/// Whether an expression reads `target`, by its last name.
fn reads(expr: ExprRef<'_>, target: &Expr) -> bool {
    match (expr, target) {
        (ExprRef::Name(name), Expr::Name(target)) => name.id == target.id,
        (ExprRef::Attribute(read), Expr::Attribute(target)) => {
            read.attr.as_str() == target.attr.as_str()
        }
        _ => false,
    }
}
