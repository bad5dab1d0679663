//! Which of two places of one function can run after the other.
//!
//! By the shape of the code alone; what conditions say is not looked at.

use smallvec::{SmallVec, smallvec};

use crate::syntax::ast::{AnyNodeRef, Stmt};
use crate::syntax::suite::suites;
use crate::syntax::tree::{NodeId, Tree};
use crate::text::{Ranged, TextRange};

/// Whether never more than one of two places runs, `first` standing before `second`.
pub(super) fn exclude(tree: &Tree<'_>, first_node: NodeId, second: NodeId) -> bool {
    let (first, second_range) = (tree.node(first_node).range(), tree.node(second).range());
    let holds = |id: NodeId, range: TextRange| tree.node(id).range().contains_range(range);
    let Some(common) = tree.ancestors(second).find(|&id| holds(id, first)) else { return false };
    let alternatives: SmallVec<[TextRange; 4]> = match tree.node(common) {
        AnyNodeRef::StmtIf(one) => {
            let more = one.elif_else_clauses.iter().map(Ranged::range);
            suite(&one.body).into_iter().chain(more).collect()
        }
        AnyNodeRef::ExprIf(one) => smallvec![one.body.range(), one.orelse.range()],
        AnyNodeRef::ExprBoolOp(one) => one.values.iter().map(Ranged::range).collect(),
        AnyNodeRef::StmtTry(one) => {
            let handlers = one.handlers.iter().map(Ranged::range);
            // What follows the body when it succeeds goes with it.
            let body = suite(&one.body).into_iter().map(|body| match suite(&one.orelse) {
                Some(orelse) => TextRange::new(body.start(), body.end()).cover(orelse),
                None => body,
            });
            let within_handler = |range: &TextRange| {
                one.handlers.iter().any(|handler| handler.range().contains_range(*range))
            };
            if within_handler(&first) || within_handler(&second_range) {
                body.chain(handlers).collect()
            } else {
                SmallVec::new()
            }
        }
        AnyNodeRef::StmtMatch(one) => one.cases.iter().map(Ranged::range).collect(),
        _ => SmallVec::new(),
    };
    // The body and the `else` of a `try` have the handlers between them.
    let arm_of = |range: TextRange| {
        let within = alternatives.iter().filter(|arm| arm.contains_range(range));
        within.min_by_key(|arm| arm.len())
    };
    if let (Some(one), Some(other)) = (arm_of(first), arm_of(second_range))
        && one != other
    {
        return true;
    }
    leaves(tree, first_node, common)
}

/// Whether a block around a place, within `common`, ends by leaving it.
fn leaves(tree: &Tree<'_>, place: NodeId, common: NodeId) -> bool {
    let range = tree.node(place).range();
    let around: SmallVec<[NodeId; 8]> =
        tree.ancestors(place).take_while(|&id| id != common).collect();
    let is_loop =
        |&id: &NodeId| matches!(tree.node(id), AnyNodeRef::StmtFor(_) | AnyNodeRef::StmtWhile(_));
    around.iter().enumerate().any(|(depth, &id)| {
        let is_in_loop = around.iter().skip(depth).any(is_loop);
        suites(tree.node(id)).iter().any(|suite| {
            suite.last().is_some_and(|last| is_jump(last, is_in_loop))
                && suite.iter().any(|one| one.range().contains_range(range))
        })
    })
}

/// Whether a statement leaves what is around it; `break` and `continue` leave no more than the
/// loop that they stand in.
fn is_jump(statement: &Stmt, is_in_loop: bool) -> bool {
    match statement {
        Stmt::Return(_) | Stmt::Raise(_) => true,
        Stmt::Continue(_) | Stmt::Break(_) => !is_in_loop,
        _ => false,
    }
}

/// Whether a place within `around` may be passed by.
pub(super) fn may_be_passed(tree: &Tree<'_>, place: NodeId, around: NodeId) -> bool {
    tree.ancestors(place).take_while(|&id| id != around).any(|id| {
        matches!(
            tree.node(id),
            AnyNodeRef::StmtIf(_)
                | AnyNodeRef::StmtFor(_)
                | AnyNodeRef::StmtWhile(_)
                | AnyNodeRef::StmtTry(_)
                | AnyNodeRef::StmtMatch(_)
                | AnyNodeRef::ExprIf(_)
                | AnyNodeRef::ExprBoolOp(_)
        )
    })
}

fn suite(body: &[Stmt]) -> Option<TextRange> {
    Some(TextRange::new(body.first()?.start(), body.last()?.end()))
}
