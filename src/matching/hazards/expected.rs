//! TM115: building the object is what is expected to fail, to warn or to log.
//!
//! Where code goes on to use the object, that may be what fails, and nobody can tell: the shared
//! object then fails in the same way. Only a build that is the last thing to run is held.

use super::detect::{Detected, Scene};
use super::follow::Use;
use super::index::last_name;
use crate::site::Reason;
use crate::syntax::ast::{self, AnyNodeRef, Expr, Stmt};
use crate::syntax::tree::{NodeId, Tree};
use crate::text::Ranged;

/// What is expected where the object is built, if nothing but the build can bring it about.
pub(super) fn detect(scene: &Scene<'_>, used: Use) -> Option<Detected> {
    if !used.builds() {
        return None;
    }
    let expecting = in_lambda(scene, used.node).or_else(|| in_with(scene.tree(), used.node))?;
    let (quoted, line) = (scene.quoted(expecting), scene.line(expecting));
    let said =
        format!("is built under {quoted} on line {line}, which expects something of the build");
    Some(Detected::new(Reason::Environment, used, said))
}

/// Ex) `self.assertRaises(ValueError, lambda: C())`
fn in_lambda(scene: &Scene<'_>, site: NodeId) -> Option<NodeId> {
    let parent = scene.tree().parent(site)?;
    let AnyNodeRef::ExprLambda(lambda) = scene.tree().node(parent) else { return None };
    let is_body = lambda.body.range() == scene.tree().node(site).range();
    let (id, call) = scene.call_of_argument(parent).filter(|_| is_body)?;
    expects(call).then_some(id)
}

/// Ex) `with pytest.raises(ValueError): C()`
fn in_with(tree: &Tree<'_>, site: NodeId) -> Option<NodeId> {
    let mut inner = statement_of(tree, site)?;
    while let AnyNodeRef::StmtWith(with) = tree.node(tree.parent(inner)?) {
        let range = tree.node(inner).range();
        if with.body.last().map(Stmt::range) != Some(range) {
            return None;
        }
        let calls = with.items.iter().filter_map(|item| item.context_expr.as_call_expr());
        if let Some(call) = calls.into_iter().find(|call| expects(call)) {
            return tree.expression_at(call.range);
        }
        inner = tree.parent(inner)?;
    }
    None
}

/// The statement that builds the object and does nothing else with it than to keep it.
fn statement_of(tree: &Tree<'_>, site: NodeId) -> Option<NodeId> {
    let mut node = site;
    loop {
        let parent = tree.parent(node)?;
        match tree.node(parent) {
            AnyNodeRef::ExprAwait(_) | AnyNodeRef::ExprNamed(_) => node = parent,
            AnyNodeRef::StmtExpr(_)
            | AnyNodeRef::StmtAssign(_)
            | AnyNodeRef::StmtAnnAssign(_)
            | AnyNodeRef::StmtReturn(_) => return Some(parent),
            _ => return None,
        }
    }
}

/// Whether what a call makes, or what it calls, is expected to fail, to warn or to log: by pytest,
/// unittest, Django, or `warnings.catch_warnings(record=True)`.
fn expects(call: &ast::ExprCall) -> bool {
    match last_name(&call.func) {
        Some("catch_warnings") => {
            let record = call.arguments.find_argument_value("record", 0);
            record.is_some_and(|value| !matches!(value, Expr::BooleanLiteral(one) if !one.value))
        }
        Some(name) => EXPECTING.contains(&name),
        None => false,
    }
}

const EXPECTING: [&str; 12] = [
    "raises",
    "warns",
    "deprecated_call",
    "assertRaises",
    "assertRaisesRegex",
    "assertRaisesMessage",
    "assertRaisesRegexp",
    "assertWarns",
    "assertWarnsRegex",
    "assertWarnsMessage",
    "assertLogs",
    "assertNoLogs",
];
