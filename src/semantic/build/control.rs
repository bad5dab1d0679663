//! Statements with several paths through them.
//!
//! Where exactness would need a second walk (a loop's body reached from its own end, a handler
//! reached from anywhere in its `try`), every binding that the block makes may reach. That can
//! make a name ambiguous that is not; it never makes one certain that is not.

use super::{Builder, LoopFrame};
use crate::semantic::binding::{BindingId, BindingKind};
use crate::semantic::flow::{Branch, ReachSet, normalize};
use crate::semantic::name::NameId;
use crate::semantic::scope::SymbolFlags;
use crate::syntax::ast::visitor::Visitor;
use crate::syntax::ast::{self, Expr, Pattern, Stmt};
use crate::text::Ranged;

/// What is known of a test before it runs.
enum Test {
    /// True for a type checker, false at run time.
    TypingOnly,
    /// False for a type checker, true at run time.
    RuntimeOnly,
    Unknown,
}

/// Where a block starts: its bindings and references have these numbers or higher ones.
#[derive(Clone, Copy)]
struct Start {
    binding: usize,
    reference: usize,
    around: usize,
}

impl<'a> Builder<'a> {
    fn start(&self) -> Start {
        let (binding, reference) = (self.bindings.len(), self.references.len());
        Start { binding, reference, around: self.around.len() }
    }

    fn body(&mut self, body: &'a [Stmt]) {
        for statement in body {
            self.statement(statement);
        }
    }

    /// Reads a block that may be skipped or left early.
    fn conditional_body(&mut self, body: &'a [Stmt]) {
        self.conditional += 1;
        self.body(body);
        self.conditional -= 1;
    }

    pub(super) fn branch(&mut self, branch: &'a ast::StmtIf) {
        self.clauses(Some(&branch.test), &branch.body, &branch.elif_else_clauses);
    }

    fn clauses(
        &mut self,
        test: Option<&'a Expr>,
        body: &'a [Stmt],
        rest: &'a [ast::ElifElseClause],
    ) {
        let Some(test) = test else {
            self.conditional_body(body);
            return;
        };
        self.visit_expr(test);
        let mark = self.flow().mark();
        let known = known(test);
        let typing_only = self.typing_only;
        self.typing_only |= matches!(known, Test::TypingOnly);
        self.conditional_body(body);
        self.typing_only = typing_only;
        let taken = self.flow().take_branch(mark);
        self.typing_only |= matches!(known, Test::RuntimeOnly);
        if let Some((next, rest)) = rest.split_first() {
            self.clauses(next.test.as_ref(), &next.body, rest);
        }
        self.typing_only = typing_only;
        let skipped = self.flow().take_branch(mark);
        match known {
            Test::TypingOnly => self.flow().join(&[skipped]),
            Test::RuntimeOnly => self.flow().join(&[taken]),
            Test::Unknown => self.flow().join(&[taken, skipped]),
        }
    }

    pub(super) fn for_loop(&mut self, loop_: &'a ast::StmtFor) {
        self.visit_expr(&loop_.iter);
        self.loop_(&loop_.body, &loop_.orelse, false, |builder| {
            builder.conditional += 1;
            builder.target(&loop_.target, &|_| BindingKind::LoopTarget);
            builder.conditional -= 1;
        });
    }

    pub(super) fn while_loop(&mut self, loop_: &'a ast::StmtWhile) {
        let is_endless = match &*loop_.test {
            Expr::BooleanLiteral(literal) => literal.value,
            Expr::NumberLiteral(number) => {
                number.value.as_int().is_some_and(|int| *int != ast::Int::ZERO)
            }
            _ => false,
        };
        self.loop_(&loop_.body, &loop_.orelse, is_endless, |builder| {
            builder.visit_expr(&loop_.test);
        });
    }

    fn loop_(
        &mut self,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
        is_endless: bool,
        head: impl FnOnce(&mut Self),
    ) {
        let start = self.start();
        let mark = self.flow().mark();
        if let Some(running) = self.running.last_mut() {
            running.loops.push(LoopFrame { mark, breaks: Vec::new() });
        }
        head(self);
        self.conditional_body(body);
        self.flow().take_branch(mark);
        let frame = self.running.last_mut().and_then(|running| running.loops.pop());
        let breaks = frame.map_or_else(Vec::new, |frame| frame.breaks);
        self.reach_again(start);
        // The loop ends by its head, after any number of turns, or by a `break`.
        if is_endless {
            self.flow().stop();
        } else {
            self.widen(start);
        }
        self.conditional_body(orelse);
        let mut ends = vec![self.flow().take_branch(mark)];
        ends.extend(breaks.into_iter().map(Branch::reached));
        self.flow().join(&ends);
    }

    pub(super) fn break_(&mut self) {
        if let Some(running) = self.running.last_mut() {
            if let Some(frame) = running.loops.last_mut() {
                let branch = running.flow.branch_since(frame.mark);
                frame.breaks.push(branch);
            }
            running.flow.stop();
        }
    }

    pub(super) fn try_(&mut self, try_: &'a ast::StmtTry) {
        let start = self.start();
        let mark = self.flow().mark();
        self.conditional_body(&try_.body);
        let end_of_body = self.bindings.len();
        self.conditional_body(&try_.orelse);
        let mut branches = vec![self.flow().take_branch(mark)];
        for handler in &try_.handlers {
            self.widen_until(start, end_of_body);
            self.conditional += 1;
            self.handler(handler);
            self.conditional -= 1;
            branches.push(self.flow().take_branch(mark));
        }
        // `finally` runs wherever the `try` is left; what it binds holds afterwards, and everything
        // else is as the paths that did not raise left it.
        self.widen(start);
        let before = self.flow().mark();
        self.body(&try_.finalbody);
        let last = self.flow().branch_since(before);
        self.flow().take_branch(mark);
        self.flow().join(&branches);
        self.flow().replay(last);
    }

    fn handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(type_) = &handler.type_ {
            self.visit_expr(type_);
        }
        let Some(name) = &handler.name else {
            self.body(&handler.body);
            return;
        };
        let statement = std::mem::replace(&mut self.statement, handler.range);
        let flags = SymbolFlags::ASSIGNED;
        self.bind(name.as_str(), name.range, flags, BindingKind::ExceptTarget);
        self.statement = statement;
        self.body(&handler.body);
        // Python reference, 8.4.1: the name is deleted at the end of the clause.
        let statement = std::mem::replace(&mut self.statement, handler.range);
        self.bind(name.as_str(), name.range, flags, BindingKind::Deletion);
        self.statement = statement;
    }

    pub(super) fn with(&mut self, with: &'a ast::StmtWith) {
        // From where on what happens may be cut short, and the code after it goes on. The target
        // of the object itself has its value by then.
        let mut from = None;
        for item in &with.items {
            self.visit_expr(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.target(target, &|_| BindingKind::WithTarget);
            }
            if from.is_none() && swallows(&item.context_expr) {
                from = Some((self.start(), self.flow().mark()));
            }
        }
        let Some((start, mark)) = from else {
            self.body(&with.body);
            return;
        };
        self.conditional_body(&with.body);
        let finished = self.flow().take_branch(mark);
        self.widen(start);
        let swallowed = self.flow().take_branch(mark);
        self.flow().join(&[finished, swallowed]);
    }

    pub(super) fn match_(&mut self, match_: &'a ast::StmtMatch) {
        self.visit_expr(&match_.subject);
        let mark = self.flow().mark();
        let mut branches = Vec::new();
        let mut is_exhaustive = false;
        for case in &match_.cases {
            self.conditional += 1;
            self.pattern(&case.pattern);
            if let Some(guard) = &case.guard {
                self.visit_expr(guard);
            }
            self.body(&case.body);
            self.conditional -= 1;
            branches.push(self.flow().take_branch(mark));
            is_exhaustive |= case.guard.is_none() && case.pattern.is_irrefutable();
        }
        if !is_exhaustive {
            branches.push(self.flow().branch_since(mark));
        }
        self.flow().join(&branches);
    }

    pub(super) fn pattern(&mut self, pattern: &'a Pattern) {
        let captured = match pattern {
            Pattern::MatchAs(capture) => capture.name.as_ref(),
            Pattern::MatchStar(capture) => capture.name.as_ref(),
            Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
            _ => None,
        };
        ast::visitor::walk_pattern(self, pattern);
        if let Some(name) = captured {
            let statement = std::mem::replace(&mut self.statement, pattern.range());
            self.bind(name.as_str(), name.range, SymbolFlags::ASSIGNED, BindingKind::MatchCapture);
            self.statement = statement;
        }
    }

    /// Lets the bindings made since `start` reach what was read since then before any of them:
    /// the next turn of the loop.
    fn reach_again(&mut self, start: Start) {
        let scope = self.scope();
        let first = BindingId(u32::try_from(start.binding).unwrap_or(u32::MAX));
        let made = self.made_since(start, self.bindings.len());
        if made.is_empty() {
            return;
        }
        let widen = |name: NameId, reach: &mut ReachSet| {
            let Ok(at) = made.binary_search_by_key(&name, |&(name, _)| name) else { return };
            let Some((_, bindings)) = made.get(at) else { return };
            if reach.iter().any(|&id| id < first) {
                reach.extend_from_slice(bindings);
                normalize(reach);
            }
        };
        for around in self.around.iter_mut().skip(start.around) {
            if around.scope == scope
                && let Some(reference) = self.references.get(around.reference.0 as usize)
            {
                widen(reference.name, &mut around.reach);
            }
        }
        for reference in self.references.iter_mut().skip(start.reference) {
            if reference.scope == scope
                && let Some(reach) = &mut reference.reach
            {
                widen(reference.name, reach);
            }
        }
    }

    /// Every binding made since `start` may hold from here on, as may what held before.
    fn widen(&mut self, start: Start) {
        self.widen_until(start, self.bindings.len());
    }

    fn widen_until(&mut self, start: Start, end: usize) {
        for (name, bindings) in self.made_since(start, end) {
            let mut reach = self.flow().reach(name);
            reach.extend_from_slice(&bindings);
            normalize(&mut reach);
            self.flow().set(name, reach);
        }
    }

    /// What the running scope's names were bound to by the bindings `start..end`, by name.
    fn made_since(&self, start: Start, end: usize) -> Vec<(NameId, ReachSet)> {
        let scope = self.scope();
        let mut made: Vec<(NameId, BindingId)> = Vec::new();
        for index in start.binding..end {
            let Some(binding) = self.bindings.get(index) else { break };
            if binding.scope != scope || binding.kind == BindingKind::Declaration {
                continue;
            }
            let id = match binding.kind {
                BindingKind::Deletion => BindingId::UNBOUND,
                _ => BindingId(u32::try_from(index).unwrap_or(u32::MAX)),
            };
            made.push((binding.name, id));
        }
        made.sort_unstable();
        made.dedup();
        let mut by_name: Vec<(NameId, ReachSet)> = Vec::new();
        for (name, id) in made {
            match by_name.last_mut() {
                Some((last, reach)) if *last == name => reach.push(id),
                _ => by_name.push((name, smallvec::smallvec![id])),
            }
        }
        by_name
    }
}

fn known(test: &Expr) -> Test {
    match test {
        Expr::Name(name) if matches!(name.id.as_str(), "TYPE_CHECKING" | "MYPY") => {
            Test::TypingOnly
        }
        Expr::Attribute(attribute) if attribute.attr.as_str() == "TYPE_CHECKING" => {
            Test::TypingOnly
        }
        Expr::BooleanLiteral(literal) if !literal.value => Test::TypingOnly,
        Expr::NumberLiteral(number)
            if number.value.as_int().is_some_and(|int| *int == ast::Int::ZERO) =>
        {
            Test::TypingOnly
        }
        Expr::UnaryOp(op) if op.op == ast::UnaryOp::Not => match known(&op.operand) {
            Test::TypingOnly => Test::RuntimeOnly,
            Test::RuntimeOnly => Test::TypingOnly,
            Test::Unknown => Test::Unknown,
        },
        _ => Test::Unknown,
    }
}

/// Whether a `with` on this object ends normally when its body raises.
fn swallows(context: &Expr) -> bool {
    let Expr::Call(call) = context else { return false };
    let name = match &*call.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => return false,
    };
    matches!(
        name,
        "suppress"
            | "raises"
            | "assertRaises"
            | "assertRaisesRegex"
            | "assertRaisesRegexp"
            | "failUnlessRaises"
    )
}
