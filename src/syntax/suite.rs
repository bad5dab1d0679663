//! Blocks of statements, and what stands around them.

use ruff_python_ast::{self as ast, AnyNodeRef, Stmt};

use super::Module;
use crate::text::{Ranged, TextRange};

/// The block that a statement is part of.
#[derive(Debug, Clone, Copy)]
pub struct Suite<'a> {
    /// Its statements.
    pub statements: &'a [Stmt],
    /// From its first statement to its last.
    pub range: TextRange,
    /// The node that it belongs to.
    pub parent: AnyNodeRef<'a>,
}

/// The block in which the statement of this range stands.
pub fn of_statement(module: &Module, statement: TextRange) -> Option<Suite<'_>> {
    let mut inside = vec![AnyNodeRef::from(module.root())];
    // Down by blocks: a walk over what the statements hold costs as much as the file is long.
    while let Some(parent) = inside.pop() {
        for statements in suites(parent) {
            if find(statements, statement).is_some() {
                return Some(Suite { statements, range: range_of(statements), parent });
            }
            let next = statements.partition_point(|one| one.start() <= statement.start());
            let around = next.checked_sub(1).and_then(|at| statements.get(at));
            if let Some(around) = around.filter(|one| one.range().contains_range(statement)) {
                inside = parts(around);
                break;
            }
        }
    }
    None
}

/// The nodes of a statement that have blocks of their own, itself among them.
fn parts(statement: &Stmt) -> Vec<AnyNodeRef<'_>> {
    let mut parts = vec![AnyNodeRef::from(statement)];
    match statement {
        Stmt::If(one) => parts.extend(one.elif_else_clauses.iter().map(AnyNodeRef::from)),
        Stmt::Try(one) => parts.extend(one.handlers.iter().map(AnyNodeRef::from)),
        Stmt::Match(one) => parts.extend(one.cases.iter().map(AnyNodeRef::from)),
        _ => {}
    }
    parts
}

/// The statement of this range, if there is one.
pub fn statement_at(module: &Module, range: TextRange) -> Option<&Stmt> {
    let suite = of_statement(module, range)?;
    find(suite.statements, range)
}

/// The statement of this range among those of a suite, which are in the order of the text.
fn find(statements: &[Stmt], range: TextRange) -> Option<&Stmt> {
    let at = statements.partition_point(|statement| statement.start() < range.start());
    statements.get(at).filter(|statement| statement.range() == range)
}

/// The innermost statement that contains `range`.
pub fn statement_around(module: &Module, range: TextRange) -> Option<TextRange> {
    module.path_to(range).iter().rev().find(|node| node.is_statement()).map(Ranged::range)
}

fn range_of(statements: &[Stmt]) -> TextRange {
    match (statements.first(), statements.last()) {
        (Some(first), Some(last)) => TextRange::new(first.start(), last.end()),
        _ => TextRange::default(),
    }
}

/// The blocks directly inside a node.
pub fn suites(node: AnyNodeRef<'_>) -> Vec<&[Stmt]> {
    match node {
        AnyNodeRef::ModModule(module) => vec![&module.body],
        AnyNodeRef::StmtFunctionDef(function) => vec![&function.body],
        AnyNodeRef::StmtClassDef(class) => vec![&class.body],
        AnyNodeRef::StmtFor(loop_) => vec![&loop_.body, &loop_.orelse],
        AnyNodeRef::StmtWhile(loop_) => vec![&loop_.body, &loop_.orelse],
        AnyNodeRef::StmtIf(branch) => vec![&branch.body],
        AnyNodeRef::ElifElseClause(clause) => vec![&clause.body],
        AnyNodeRef::StmtWith(with) => vec![&with.body],
        AnyNodeRef::StmtTry(try_) => vec![&try_.body, &try_.orelse, &try_.finalbody],
        AnyNodeRef::ExceptHandlerExceptHandler(ast::ExceptHandlerExceptHandler {
            body, ..
        }) => vec![body],
        AnyNodeRef::MatchCase(case) => vec![&case.body],
        _ => Vec::new(),
    }
}
