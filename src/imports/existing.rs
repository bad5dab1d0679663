//! The suites of a module, and the import statements in them.
//!
//! Finds statements by their ranges and says what they import; decides nothing.

use crate::syntax::Module;
use crate::syntax::ast::{Alias, ExceptHandler, Expr, Stmt, StmtFunctionDef, StmtIf};
use crate::text::{Ranged, TextRange, TextSize};

use super::request::ModuleRef;

/// A sequence of statements at one indentation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suite<'a> {
    /// The statements.
    pub(super) body: &'a [Stmt],
    /// The compound statement that they belong to; `None` for the module's own.
    pub(super) owner: Option<&'a Stmt>,
}

impl<'a> Suite<'a> {
    /// The module's own statements.
    pub(super) fn of_module(module: &'a Module) -> Self {
        Self { body: module.body(), owner: None }
    }

    /// What tells this suite from the others of its module.
    pub(super) fn key(&self) -> TextSize {
        self.body.first().map(Ranged::start).unwrap_or_default()
    }

    /// The index of the first statement that is not the docstring of a module, class or function.
    pub(super) fn after_docstring(&self) -> usize {
        let may_have_one =
            matches!(self.owner, None | Some(Stmt::FunctionDef(_) | Stmt::ClassDef(_)));
        usize::from(may_have_one && self.body.first().is_some_and(is_string))
    }

    /// It is all that an `if TYPE_CHECKING:` holds.
    pub(super) fn is_typing_block(&self) -> bool {
        let Some(Stmt::If(owner)) = self.owner else { return false };
        owner.elif_else_clauses.is_empty() && is_type_checking(owner)
    }

    /// The suite that holds the statement with this range, and its index there.
    pub(super) fn holding(module: &'a Module, range: TextRange) -> Option<(Self, usize)> {
        let mut suite = Self::of_module(module);
        loop {
            let index = suite.body.partition_point(|stmt| stmt.end() <= range.start());
            let stmt = suite.body.get(index)?;
            if stmt.range() == range {
                return Some((suite, index));
            }
            if !stmt.range().contains_range(range) {
                return None;
            }
            suite = children(stmt)
                .into_iter()
                .find(|child| child.body.last().is_some_and(|last| range.start() < last.end()))?;
        }
    }
}

/// The suites of a compound statement, in order.
pub(super) fn children(stmt: &Stmt) -> Vec<Suite<'_>> {
    let bodies: Vec<&[Stmt]> = match stmt {
        Stmt::FunctionDef(node) => vec![&node.body],
        Stmt::ClassDef(node) => vec![&node.body],
        Stmt::With(node) => vec![&node.body],
        Stmt::For(node) => vec![&node.body, &node.orelse],
        Stmt::While(node) => vec![&node.body, &node.orelse],
        Stmt::If(node) => std::iter::once(node.body.as_slice())
            .chain(node.elif_else_clauses.iter().map(|clause| clause.body.as_slice()))
            .collect(),
        Stmt::Match(node) => node.cases.iter().map(|case| case.body.as_slice()).collect(),
        Stmt::Try(node) => std::iter::once(node.body.as_slice())
            .chain(node.handlers.iter().map(|handler| match handler {
                ExceptHandler::ExceptHandler(handler) => handler.body.as_slice(),
            }))
            .chain([node.orelse.as_slice(), node.finalbody.as_slice()])
            .collect(),
        _ => Vec::new(),
    };
    bodies
        .into_iter()
        .filter(|body| !body.is_empty())
        .map(|body| Suite { body, owner: Some(stmt) })
        .collect()
}

/// The function defined by the statement with this range.
pub(super) fn function(module: &Module, range: TextRange) -> Option<(&StmtFunctionDef, Suite<'_>)> {
    let (suite, index) = Suite::holding(module, range)?;
    let stmt = suite.body.get(index)?;
    let Stmt::FunctionDef(definition) = stmt else { return None };
    Some((definition, Suite { body: &definition.body, owner: Some(stmt) }))
}

/// An `if` whose test is `TYPE_CHECKING`, however that name is reached.
fn is_type_checking(stmt: &StmtIf) -> bool {
    match stmt.test.as_ref() {
        Expr::Name(name) => name.id.as_str() == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        _ => false,
    }
}

/// A string that stands alone, such as a docstring.
fn is_string(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Expr(node) if node.value.is_string_literal_expr())
}

/// An import statement of the old text.
#[derive(Debug, Clone)]
pub(super) struct Existing<'a> {
    /// The statement.
    pub(super) range: TextRange,
    /// Where its names come from, for `from` statements.
    pub(super) from: Option<ModuleRef>,
    /// The names, in order.
    pub(super) names: &'a [Alias],
}

impl<'a> Existing<'a> {
    /// Reads `stmt`, if it is an import.
    pub(super) fn new(stmt: &'a Stmt) -> Option<Self> {
        match stmt {
            Stmt::Import(node) => Some(Self { range: node.range, from: None, names: &node.names }),
            Stmt::ImportFrom(node) => {
                let name = node.module.as_ref().map_or_else(String::new, ToString::to_string);
                let from = Some(ModuleRef { level: node.level, name });
                Some(Self { range: node.range, from, names: &node.names })
            }
            _ => None,
        }
    }

    /// `from m import *`.
    pub(super) fn is_star(&self) -> bool {
        self.names.iter().any(|alias| alias.name.as_str() == "*")
    }

    /// It has names with `as` and no others.
    pub(super) fn is_aliased(&self) -> bool {
        self.names.iter().all(|alias| alias.asname.is_some())
    }

    /// It has names with `as` beside others, which tools that keep them apart would not leave.
    pub(super) fn mixes_aliases(&self) -> bool {
        !self.is_aliased() && self.names.iter().any(|alias| alias.asname.is_some())
    }

    /// The top-level package that it imports from, for deciding which imports belong together;
    /// `.` for all relative ones.
    pub(super) fn top_level(&self) -> String {
        match &self.from {
            Some(ModuleRef { level: 1.., .. }) => ".".to_owned(),
            Some(module) => first_part(&module.name).to_owned(),
            None => self
                .names
                .first()
                .map_or_else(String::new, |alias| first_part(alias.name.as_str()).to_owned()),
        }
    }
}

/// `a` of `a.b.c`.
pub(super) fn first_part(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// The absolute name of `module` as seen from a file in `package`.
///
/// `None` where the dots lead out of the top-level package, or the package is not known.
pub(super) fn absolute(module: &ModuleRef, package: Option<&str>) -> Option<String> {
    if module.level == 0 {
        return Some(module.name.clone());
    }
    let mut parts: Vec<&str> = package?.split('.').filter(|part| !part.is_empty()).collect();
    let up = usize::try_from(module.level - 1).ok()?;
    if up >= parts.len() {
        return None;
    }
    parts.truncate(parts.len() - up);
    parts.extend(module.name.split('.').filter(|part| !part.is_empty()));
    Some(parts.join("."))
}
