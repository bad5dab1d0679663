//! What loops and callers give to a name.

use super::compose::{Place, Trail, compose};
use super::follow::assigned_once;
use super::value::Value;
use super::{Hole, Text};
use crate::semantic::Binding;
use crate::syntax::ast::{self, AnyNodeRef, Expr, ExprRef, Stmt};
use crate::text::{Ranged, TextRange, TextSize};

/// What a loop over values that are written out gives; `None` where they are not.
pub(super) fn by_loop(
    place: &Place<'_>,
    binding: &Binding,
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let path = place.analysis.module.path_to(binding.range);
    let (target, iter) = path.iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtFor(one) => Some((&*one.target, &*one.iter)),
        AnyNodeRef::Comprehension(one) => Some((&one.target, &one.iter)),
        _ => None,
    })?;
    let index = match target {
        Expr::Name(_) => None,
        Expr::Tuple(tuple) => Some(tuple.elts.iter().position(|one| one.range() == binding.range)?),
        _ => return None,
    };
    let values = written_out(place, iter)?;
    let mut all = Vec::new();
    for value in values {
        let value = match (index, value) {
            (None, value) => value,
            (Some(index), Expr::Tuple(tuple)) => tuple.elts.get(index)?,
            _ => return None,
        };
        if value.is_starred_expr() {
            return None;
        }
        let trail = trail.deeper(trail.arguments);
        all.extend(compose(place, ExprRef::from(value), &trail));
    }
    if matches!(iter, Expr::Call(call) if is_range(call)) || all.len() > 16 {
        let hole = Hole { file: place.file, range: binding.range, value: Value::shared() };
        return Some(vec![Text::hole(hole)]);
    }
    (!all.is_empty()).then_some(all)
}

fn is_range(call: &ast::ExprCall) -> bool {
    matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "range")
}

/// The values of a display, or of a name that is given one once.
fn written_out<'a>(place: &Place<'a>, iter: &'a Expr) -> Option<Vec<&'a Expr>> {
    match iter {
        Expr::List(list) => Some(list.elts.iter().collect()),
        Expr::Tuple(tuple) => Some(tuple.elts.iter().collect()),
        Expr::Set(set) => Some(set.elts.iter().collect()),
        Expr::Call(call) if is_range(call) => Some(Vec::new()),
        Expr::Name(_) => match assigned_once(place, ExprRef::from(iter))? {
            ExprRef::List(list) => Some(list.elts.iter().collect()),
            ExprRef::Tuple(tuple) => Some(tuple.elts.iter().collect()),
            ExprRef::Set(set) => Some(set.elts.iter().collect()),
            _ => None,
        },
        _ => None,
    }
}

/// Where a parameter has a default that is the same for all who give nothing: that it may be that.
///
/// Not where the code before `at` turns the default away.
pub(super) fn by_default(place: &Place<'_>, binding: &Binding, at: TextRange) -> Option<Value> {
    let path = place.analysis.module.path_to(binding.range);
    let default = path.iter().rev().find_map(|node| match node {
        AnyNodeRef::ParameterWithDefault(parameter) => parameter.default.as_deref(),
        _ => None,
    })?;
    if !default.is_literal_expr() {
        return None;
    }
    let function = path.iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtFunctionDef(function) => Some(*function),
        _ => None,
    })?;
    let name = place.analysis.names.text(binding.name);
    let mut value = Value::shared();
    if is_empty(default) {
        let guard = Guard { name, is_none: default.is_none_literal_expr(), at: at.start() };
        if guard.holds(&function.body) {
            return None;
        }
        // `or` takes something else.
        value.name = Some(name.to_owned());
    }
    Some(value)
}

/// Whether a literal is false.
fn is_empty(literal: &Expr) -> bool {
    match literal {
        Expr::NoneLiteral(_) => true,
        Expr::StringLiteral(text) => text.value.is_empty(),
        Expr::BooleanLiteral(literal) => !literal.value,
        Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(number), .. }) => {
            *number == 0
        }
        _ => false,
    }
}

/// Code that a false value does not get past.
struct Guard<'n> {
    name: &'n str,
    /// The value is `None`.
    is_none: bool,
    /// What must not be reached.
    at: TextSize,
}

impl Guard<'_> {
    fn holds(&self, body: &[Stmt]) -> bool {
        body.iter().any(|statement| self.is_turned_away(statement))
    }

    fn is_turned_away(&self, statement: &Stmt) -> bool {
        let is_before = statement.range().end() <= self.at;
        let is_around = statement.range().contains(self.at);
        match statement {
            // Ex) `assert user_id`
            Stmt::Assert(assert) => is_before && self.says_true(&assert.test),
            Stmt::If(choice) => {
                let is_in_body =
                    is_around && choice.body.iter().any(|inner| inner.range().contains(self.at));
                // Ex) `if user_id:` around it
                if is_in_body && self.says_true(&choice.test) {
                    return true;
                }
                // Ex) `if user_id is None: raise ValueError`
                let leaves = matches!(
                    choice.body.last(),
                    Some(Stmt::Raise(_) | Stmt::Return(_) | Stmt::Continue(_) | Stmt::Break(_))
                );
                if leaves && is_before && self.says_false(&choice.test) {
                    return true;
                }
                let clauses = choice.elif_else_clauses.iter().map(|clause| &clause.body);
                is_around
                    && std::iter::once(&choice.body).chain(clauses).any(|body| {
                        body.iter().any(|inner| inner.range().contains(self.at)) && self.holds(body)
                    })
            }
            Stmt::With(with) => is_around && self.holds(&with.body),
            Stmt::For(one) => is_around && self.holds(&one.body),
            Stmt::While(one) => is_around && self.holds(&one.body),
            Stmt::Try(one) => is_around && self.holds(&one.body),
            _ => false,
        }
    }

    fn is_it(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Name(name) if name.id.as_str() == self.name)
    }

    /// Whether the test is true for no false value.
    fn says_true(&self, test: &Expr) -> bool {
        match test {
            Expr::BoolOp(all) if all.op == ast::BoolOp::And => {
                all.values.iter().any(|one| self.says_true(one))
            }
            Expr::Compare(_) => self.is_none && self.compares(test, ast::CmpOp::IsNot),
            test => self.is_it(test),
        }
    }

    /// Whether the test is true for every false value.
    fn says_false(&self, test: &Expr) -> bool {
        match test {
            Expr::BoolOp(any) if any.op == ast::BoolOp::Or => {
                any.values.iter().any(|one| self.says_false(one))
            }
            Expr::UnaryOp(not) if not.op == ast::UnaryOp::Not => self.is_it(&not.operand),
            test => self.is_none && self.compares(test, ast::CmpOp::Is),
        }
    }

    fn compares(&self, test: &Expr, wanted: ast::CmpOp) -> bool {
        let Expr::Compare(comparison) = test else { return false };
        match (&*comparison.ops, &*comparison.comparators) {
            ([op], [Expr::NoneLiteral(_)]) => *op == wanted && self.is_it(&comparison.left),
            _ => false,
        }
    }
}
