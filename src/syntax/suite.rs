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
    let path = module.path_to(statement);
    path.iter().rev().find_map(|&parent| {
        suites(parent).into_iter().find_map(|statements| {
            find(statements, statement)?;
            Some(Suite { statements, range: range_of(statements), parent })
        })
    })
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
