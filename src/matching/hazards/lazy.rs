//! Builds that run only where there is nothing yet: `if self.r is None: self.r = C()`.
//!
//! By the shape of the code alone: a condition asks for a name or attribute where it says nothing
//! but whether that is there.

use super::index::{Index, last_name};
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef, Stmt, UnaryOp};
use crate::syntax::suite::suites;
use crate::syntax::tree::{NodeId, Tree};
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
            AnyNodeRef::StmtTry(one) => {
                let handlers =
                    one.handlers.iter().filter_map(ast::ExceptHandler::as_except_handler);
                let handler = handlers.into_iter().find(|one| one.range().contains_range(range));
                handler.is_some_and(|handler| {
                    let end = one.body.last().map_or(one.start(), Ranged::end);
                    let tried = tree.inside(id).take_while(|(_, node)| node.start() < end);
                    let mut read = tried.filter(|(_, node)| {
                        node.as_expr_ref().is_some_and(|one| reads(one, target))
                    });
                    // Ex) `except ConnectionError:` below `self.r.ping()`: one is there, and broken
                    let is_any = |caught: &&Expr| {
                        matches!(last_name(caught), Some("Exception" | "BaseException"))
                    };
                    let caught = handler.type_.as_deref().filter(|caught| !is_any(caught));
                    let is_missing = caught.map(says_missing);
                    read.any(|(read, _)| is_missing.unwrap_or_else(|| !is_used(tree, read)))
                })
            }
            _ => false,
        };
        if is_asked || suites(node).iter().any(|suite| is_left_before(suite, range, target)) {
            return true;
        }
    }
    false
}

/// Whether an exception says that a name, an attribute or an element is not there.
///
/// Ex) `try: return self.r`, `except AttributeError: self.r = C()`
fn says_missing(caught: &Expr) -> bool {
    let names: &[Expr] = match caught {
        Expr::Tuple(several) => &several.elts,
        one => std::slice::from_ref(one),
    };
    names.iter().filter_map(last_name).any(|name| {
        matches!(name, "AttributeError" | "NameError" | "LookupError" | "KeyError" | "IndexError")
    })
}

/// Whether something is done with what is read.
///
/// Ex) `self.r.ping()`
fn is_used(tree: &Tree<'_>, read: NodeId) -> bool {
    let parent = tree.parent(read).map(|parent| tree.node(parent));
    parent.is_some_and(|parent| {
        matches!(
            parent,
            AnyNodeRef::ExprAttribute(_) | AnyNodeRef::ExprCall(_) | AnyNodeRef::ExprSubscript(_)
        )
    })
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
