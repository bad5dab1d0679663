//! Whether the result of a rewrite is what it looks for, so that it would never end.

use crate::syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use crate::syntax::ast::{AnyNodeRef, Expr};
use crate::text::Ranged;

use super::code::{Body, Code};
use super::names::NameUse;
use super::unify::{Leaves, Unifier};
use super::{Side, SnippetError};

/// What is wrong where `after` holds `before` whatever its metavariables stand for.
pub(super) fn check(before: &Code, after: &Code) -> Option<SnippetError> {
    if let (Some(old), Some(new)) = (before.bare_chain(), after.bare_chain())
        && old.dotted() == new.dotted()
    {
        return Some(SnippetError::new(Side::After, after.range, "the rewrite changes nothing"));
    }
    let statement = after.pattern_statement()?;
    if before.body == Body::Statement {
        let mut leaves = Snippet { before, after };
        return Unifier::statement(before, &mut leaves, statement)
            .map(|_| SnippetError::new(Side::After, after.range, MESSAGE));
    }
    let mut finder = Finder { before, after, parents: Vec::new(), found: None };
    finder.visit_stmt(statement);
    finder.found
}

const MESSAGE: &str = "this is what `before` looks for: another run would rewrite it again";

struct Finder<'a> {
    before: &'a Code,
    after: &'a Code,
    parents: Vec<AnyNodeRef<'a>>,
    found: Option<SnippetError>,
}

impl<'a> SourceOrderVisitor<'a> for Finder<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        self.parents.push(node);
        TraversalSignal::Traverse
    }

    fn leave_node(&mut self, _: AnyNodeRef<'a>) {
        self.parents.pop();
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let is_meta = matches!(self.after.name_at(expr.start()), Some(NameUse::Meta(_)))
            && expr.is_name_expr();
        if !is_meta
            && self.found.is_none()
            && let Some(&parent) = self.parents.last()
        {
            let mut leaves = Snippet { before: self.before, after: self.after };
            if Unifier::expression(self.before, &mut leaves, expr, parent).is_some() {
                self.found = Some(SnippetError::new(Side::After, expr.range(), MESSAGE));
            }
        }
        crate::syntax::ast::visitor::source_order::walk_expr(self, expr);
    }
}

/// The names of `after`, as `before` would see them.
struct Snippet<'a> {
    before: &'a Code,
    after: &'a Code,
}

impl Snippet<'_> {
    fn name(&self, code: &Expr) -> Option<&NameUse> {
        self.after.name_at(code.start()).filter(|_| code.is_name_expr())
    }
}

impl<'c> Leaves<'c> for Snippet<'_> {
    fn chain(&mut self, chain: usize, code: &'c Expr) -> bool {
        let Some(wanted) = self.before.chains.get(chain).map(super::Chain::dotted) else {
            return false;
        };
        let Some(NameUse::Chain(there)) = self.after.name_at(code.start()) else { return false };
        let Some(there) = self.after.chains.get(*there) else { return false };
        // The part of the chain that the expression is.
        let rest = u32::from(there.range.end()).saturating_sub(u32::from(code.end()));
        let mut dotted = there.dotted();
        let text = crate::text::slice(&self.after.text, there.range);
        let dots = text.get(text.len().saturating_sub(rest as usize)..).unwrap_or_default();
        for _ in dots.matches('.') {
            dotted.truncate(dotted.rfind('.').unwrap_or_default());
        }
        dotted == wanted
    }

    fn instance(&mut self, instance: usize, code: &'c Expr) -> bool {
        let name = self.before.instances.get(instance).map(|instance| &instance.name);
        matches!(self.name(code), Some(NameUse::Local(there)) if Some(there) == name)
    }

    fn builtin(&mut self, name: &str, code: &'c Expr) -> bool {
        matches!(self.name(code), Some(NameUse::Builtin(there)) if there == name)
    }
}
