//! What a pattern and a template may hold.

use crate::syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use crate::syntax::ast::{AnyNodeRef, Expr};
use crate::text::{Ranged, TextRange};

use super::code::Code;
use super::names::NameUse;
use super::{Side, SnippetError};

/// What is wrong with a snippet by itself.
pub(super) fn check(side: Side, code: &Code) -> Vec<SnippetError> {
    let mut checker = Checker { side, code, parents: Vec::new(), errors: Vec::new() };
    if let Some(statement) = code.pattern_statement() {
        checker.visit_stmt(statement);
    }
    if side == Side::Before
        && let [meta] = code.metas.as_slice()
        && meta.range == code.range
    {
        checker.error(meta.range, "a pattern that is a metavariable alone would match everything");
    }
    checker.errors
}

struct Checker<'a> {
    side: Side,
    code: &'a Code,
    parents: Vec<AnyNodeRef<'a>>,
    errors: Vec<SnippetError>,
}

impl<'a> SourceOrderVisitor<'a> for Checker<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        self.node(node);
        self.parents.push(node);
        TraversalSignal::Traverse
    }

    fn leave_node(&mut self, _: AnyNodeRef<'a>) {
        self.parents.pop();
    }
}

impl Checker<'_> {
    fn error(&mut self, range: TextRange, message: impl Into<String>) {
        self.errors.push(SnippetError::new(self.side, range, message));
    }

    fn node(&mut self, node: AnyNodeRef<'_>) {
        use AnyNodeRef as Node;
        if node.is_statement() && !self.parents.is_empty() {
            return;
        }
        match node {
            Node::StmtAssign(_)
            | Node::StmtAugAssign(_)
            | Node::StmtAnnAssign(_)
            | Node::StmtReturn(_)
            | Node::StmtAssert(_)
            | Node::StmtRaise(_)
            | Node::StmtDelete(_)
            | Node::StmtExpr(_) => {}
            statement if statement.is_statement() => {
                let what = statement_name(statement);
                let message =
                    format!("a pattern is an expression or a simple statement, and no {what}");
                self.error(statement.range(), message);
            }
            Node::ExprName(name) => {
                if let Some(NameUse::Meta(meta)) = self.code.name_at(name.start()) {
                    self.meta(*meta);
                }
            }
            Node::ExprIpyEscapeCommand(command) => {
                self.error(command.range, "this is a notebook's, and no Python");
            }
            _ if self.parents.iter().any(|parent| is_opaque(*parent)) => {}
            _ => self.opaque(node),
        }
    }

    /// What is compared as it is written, or makes names of its own.
    fn opaque(&mut self, node: AnyNodeRef<'_>) {
        use AnyNodeRef as Node;
        let what = match node {
            Node::ExprLambda(lambda) if self.side == Side::After && lambda.parameters.is_none() => {
                return;
            }
            Node::ExprLambda(_) => "a lambda",
            Node::ExprListComp(_)
            | Node::ExprSetComp(_)
            | Node::ExprDictComp(_)
            | Node::ExprGenerator(_) => "a comprehension",
            Node::ExprFString(_) | Node::ExprTString(_) => "an f-string",
            Node::ExprNamed(named) if self.side == Side::After => {
                self.error(named.range, "`after` cannot make names of its own with `:=`");
                return;
            }
            _ => return,
        };
        let inside = |offset| node.range().contains(offset);
        match self.side {
            Side::Before => {
                let first = self
                    .code
                    .names
                    .iter()
                    .find(|(start, name)| inside(**start) && !is_plain(name))
                    .map(|(start, _)| *start);
                if let Some(start) = first {
                    let message = format!(
                        "{what} in `before` is compared as it is written: it can hold no \
                         metavariables and no imported names"
                    );
                    self.error(TextRange::at(start, 1.into()), message);
                }
            }
            Side::After if matches!(node, Node::ExprFString(_) | Node::ExprTString(_)) => {
                if let Some(start) = self.code.names.keys().find(|start| inside(**start)) {
                    let message = "an f-string in `after` can hold no metavariables and no names";
                    self.error(TextRange::at(*start, 1.into()), message);
                }
            }
            Side::After => {
                let message = format!("`after` cannot make names of its own, as {what} does");
                self.error(node.range(), message);
            }
        }
    }

    fn meta(&mut self, index: usize) {
        use AnyNodeRef as Node;
        let Some(meta) = self.code.metas.get(index) else { return };
        let (written, range) = (meta.written(), meta.range);
        if !meta.is_spread {
            return;
        }
        let is_list = match (self.parents.last(), self.parents.iter().nth_back(1)) {
            (Some(Node::Arguments(arguments)), Some(Node::ExprCall(_))) => {
                arguments.args.iter().any(|argument| argument.range() == range)
            }
            (Some(Node::ExprTuple(tuple)), _) if tuple.parenthesized => true,
            (Some(Node::ExprList(_) | Node::ExprSet(_)), _)
            | (Some(Node::ExprTuple(_)), Some(Node::ExprSubscript(_))) => true,
            (Some(Node::ExprSubscript(subscript)), _) => subscript.slice.range() == range,
            _ => false,
        };
        if !is_list {
            let message = format!(
                "`{written}` stands for arguments of a call, or elements of a list, set, tuple in \
                 parentheses or subscript; for one expression write `${}`",
                meta.name
            );
            self.error(range, message);
            return;
        }
        let siblings = self.parents.last().map(Ranged::range).unwrap_or_default();
        let is_second = self.side == Side::Before
            && self.code.metas.iter().any(|other| {
                other.is_spread
                    && other.range.start() < range.start()
                    && siblings.contains_range(other.range)
                    && self.is_in_same_list(other.range)
            });
        if is_second {
            let message = format!(
                "`{written}` is the second of its list, so that it cannot be told where it starts"
            );
            self.error(range, message);
        }
    }

    /// Whether the name at `range` is an element of the innermost list.
    fn is_in_same_list(&self, range: TextRange) -> bool {
        let is = |expr: &Expr| expr.range() == range;
        match self.parents.last() {
            Some(AnyNodeRef::Arguments(arguments)) => arguments.args.iter().any(is),
            Some(AnyNodeRef::ExprList(list)) => list.elts.iter().any(is),
            Some(AnyNodeRef::ExprSet(set)) => set.elts.iter().any(is),
            Some(AnyNodeRef::ExprTuple(tuple)) => tuple.elts.iter().any(is),
            _ => false,
        }
    }
}

/// Whether a name is matched, or written, as it stands.
fn is_plain(name: &NameUse) -> bool {
    matches!(name, NameUse::Local(_) | NameUse::Builtin(_))
}

/// Whether an expression is compared as it is written.
pub(super) fn is_opaque(node: AnyNodeRef<'_>) -> bool {
    matches!(
        node,
        AnyNodeRef::ExprLambda(_)
            | AnyNodeRef::ExprListComp(_)
            | AnyNodeRef::ExprSetComp(_)
            | AnyNodeRef::ExprDictComp(_)
            | AnyNodeRef::ExprGenerator(_)
            | AnyNodeRef::ExprFString(_)
            | AnyNodeRef::ExprTString(_)
    )
}

fn statement_name(node: AnyNodeRef<'_>) -> &'static str {
    match node {
        AnyNodeRef::StmtFunctionDef(_) => "function",
        AnyNodeRef::StmtClassDef(_) => "class",
        AnyNodeRef::StmtFor(_) => "`for`",
        AnyNodeRef::StmtWhile(_) => "`while`",
        AnyNodeRef::StmtIf(_) => "`if`",
        AnyNodeRef::StmtWith(_) => "`with`",
        AnyNodeRef::StmtTry(_) => "`try`",
        AnyNodeRef::StmtMatch(_) => "`match`",
        AnyNodeRef::StmtGlobal(_) => "`global`",
        AnyNodeRef::StmtNonlocal(_) => "`nonlocal`",
        AnyNodeRef::StmtPass(_) => "`pass`",
        AnyNodeRef::StmtBreak(_) => "`break`",
        AnyNodeRef::StmtContinue(_) => "`continue`",
        AnyNodeRef::StmtTypeAlias(_) => "`type`",
        _ => "such statement",
    }
}
