//! Holds a pattern against code, node by node.
//!
//! What a name of the code leads to is asked of [`Leaves`]; all else is decided here: the shape of
//! the code, its constants, and that a metavariable stands for the same code wherever it occurs.

use std::collections::BTreeMap;

use crate::syntax::ast::comparable::ComparableExpr;
use crate::syntax::ast::{
    self, AnyNodeRef, ArgOrKeyword, Arguments, Expr, ExprContext, Keyword, Stmt,
};
use crate::text::{Ranged, TextSize};

use super::code::{Code, Meta};
use super::names::NameUse;
use super::support::is_opaque;

/// Says what the names of the code are.
pub trait Leaves<'c> {
    /// Whether `code` leads to what the pattern's chain of this number is.
    fn chain(&mut self, chain: usize, code: &'c Expr) -> bool;
    /// Whether `code` is an instance of what the pattern's declaration of this number says.
    fn instance(&mut self, instance: usize, code: &'c Expr) -> bool;
    /// Whether `code` is the builtin of this name.
    fn builtin(&mut self, name: &str, code: &'c Expr) -> bool;
}

/// What a metavariable stands for.
#[derive(Debug, Clone)]
pub enum Capture<'c> {
    /// An expression, and the node around it.
    One(&'c Expr, AnyNodeRef<'c>),
    /// Arguments or elements in the order of the code, and the node around them.
    Many(Vec<ArgOrKeyword<'c>>, AnyNodeRef<'c>),
}

/// Where the code has a name of the pattern.
#[derive(Debug, Clone)]
pub struct Located<'c> {
    /// Where the name starts in the pattern.
    pub at: TextSize,
    /// What stands for it.
    pub code: Capture<'c>,
}

/// One attempt.
pub struct Unifier<'c, 'l> {
    pattern: &'l Code,
    leaves: &'l mut dyn Leaves<'c>,
    captures: BTreeMap<String, Capture<'c>>,
    located: Vec<Located<'c>>,
}

impl<'c, 'l> Unifier<'c, 'l> {
    /// Holds the pattern of `pattern`, an expression, against `code`, which stands in `parent`.
    /// Returns where its names are, in the order of the pattern's nodes.
    pub fn expression(
        pattern: &'l Code,
        leaves: &'l mut dyn Leaves<'c>,
        code: &'c Expr,
        parent: AnyNodeRef<'c>,
    ) -> Option<Vec<Located<'c>>> {
        let expr = pattern.expression()?;
        let mut unifier = Self { pattern, leaves, captures: BTreeMap::new(), located: Vec::new() };
        unifier.expr(expr, code, parent).then_some(unifier.located)
    }

    /// Holds the pattern of `pattern`, a statement, against `code`.
    pub fn statement(
        pattern: &'l Code,
        leaves: &'l mut dyn Leaves<'c>,
        code: &'c Stmt,
    ) -> Option<Vec<Located<'c>>> {
        let statement = pattern.statement()?;
        let mut unifier = Self { pattern, leaves, captures: BTreeMap::new(), located: Vec::new() };
        unifier.stmt(statement, code).then_some(unifier.located)
    }

    fn locate(&mut self, at: TextSize, code: Capture<'c>) {
        self.located.push(Located { at, code });
    }

    fn expr(&mut self, pattern: &Expr, code: &'c Expr, parent: AnyNodeRef<'c>) -> bool {
        match self.pattern.name_at(pattern.start()) {
            Some(NameUse::Meta(meta)) if pattern.is_name_expr() => {
                let pattern: &'l Code = self.pattern;
                return pattern.metas.get(*meta).is_some_and(|meta| self.meta(meta, code, parent));
            }
            Some(NameUse::Chain(chain)) => {
                let whole = self.pattern.chains.get(*chain).map(|chain| chain.range);
                if whole == Some(pattern.range()) {
                    self.locate(pattern.start(), Capture::One(code, parent));
                    return self.leaves.chain(*chain, code);
                }
            }
            Some(NameUse::Instance(instance)) if pattern.is_name_expr() => {
                self.locate(pattern.start(), Capture::One(code, parent));
                return self.leaves.instance(*instance, code);
            }
            Some(NameUse::Builtin(name)) if pattern.is_name_expr() => {
                self.locate(pattern.start(), Capture::One(code, parent));
                return self.leaves.builtin(name, code);
            }
            Some(NameUse::Local(_)) if pattern.is_name_expr() => {
                self.locate(pattern.start(), Capture::One(code, parent));
            }
            _ => {}
        }
        if is_opaque(AnyNodeRef::from(pattern)) {
            return ComparableExpr::from(pattern) == ComparableExpr::from(code);
        }
        self.node(pattern, code)
    }

    fn node(&mut self, pattern: &Expr, code: &'c Expr) -> bool {
        let parent = AnyNodeRef::from(code);
        match (pattern, code) {
            (Expr::Name(p), Expr::Name(c)) => p.id == c.id && is_same(p.ctx, c.ctx),
            (Expr::Attribute(p), Expr::Attribute(c)) => {
                p.attr.as_str() == c.attr.as_str()
                    && is_same(p.ctx, c.ctx)
                    && self.expr(&p.value, &c.value, parent)
            }
            (Expr::Call(p), Expr::Call(c)) => {
                self.expr(&p.func, &c.func, parent) && self.arguments(&p.arguments, &c.arguments)
            }
            (Expr::Subscript(p), Expr::Subscript(c)) => {
                is_same(p.ctx, c.ctx)
                    && self.expr(&p.value, &c.value, parent)
                    && self.slice(&p.slice, &c.slice, parent)
            }
            (Expr::BinOp(p), Expr::BinOp(c)) => {
                p.op == c.op
                    && self.expr(&p.left, &c.left, parent)
                    && self.expr(&p.right, &c.right, parent)
            }
            (Expr::UnaryOp(p), Expr::UnaryOp(c)) => {
                p.op == c.op && self.expr(&p.operand, &c.operand, parent)
            }
            (Expr::BoolOp(p), Expr::BoolOp(c)) => {
                p.op == c.op && self.each(&p.values, &c.values, parent)
            }
            (Expr::Compare(p), Expr::Compare(c)) => {
                p.ops == c.ops
                    && self.expr(&p.left, &c.left, parent)
                    && self.each(&p.comparators, &c.comparators, parent)
            }
            (Expr::If(p), Expr::If(c)) => {
                self.expr(&p.body, &c.body, parent)
                    && self.expr(&p.test, &c.test, parent)
                    && self.expr(&p.orelse, &c.orelse, parent)
            }
            (Expr::Tuple(p), Expr::Tuple(c)) => {
                is_same(p.ctx, c.ctx) && self.elements(&p.elts, &elements(&c.elts), parent)
            }
            (Expr::List(p), Expr::List(c)) => {
                is_same(p.ctx, c.ctx) && self.elements(&p.elts, &elements(&c.elts), parent)
            }
            (Expr::Set(p), Expr::Set(c)) => self.elements(&p.elts, &elements(&c.elts), parent),
            (Expr::Dict(p), Expr::Dict(c)) => {
                p.items.len() == c.items.len()
                    && p.items.iter().zip(&c.items).all(|(p, c)| {
                        self.optional(p.key.as_ref(), c.key.as_ref(), parent)
                            && self.expr(&p.value, &c.value, parent)
                    })
            }
            (Expr::Starred(p), Expr::Starred(c)) => {
                is_same(p.ctx, c.ctx) && self.expr(&p.value, &c.value, parent)
            }
            (Expr::Await(p), Expr::Await(c)) => self.expr(&p.value, &c.value, parent),
            (Expr::YieldFrom(p), Expr::YieldFrom(c)) => self.expr(&p.value, &c.value, parent),
            (Expr::Yield(p), Expr::Yield(c)) => {
                self.optional(p.value.as_deref(), c.value.as_deref(), parent)
            }
            (Expr::Named(p), Expr::Named(c)) => {
                self.expr(&p.target, &c.target, parent) && self.expr(&p.value, &c.value, parent)
            }
            (Expr::Slice(p), Expr::Slice(c)) => {
                self.optional(p.lower.as_deref(), c.lower.as_deref(), parent)
                    && self.optional(p.upper.as_deref(), c.upper.as_deref(), parent)
                    && self.optional(p.step.as_deref(), c.step.as_deref(), parent)
            }
            (p, c) => p.is_literal_expr() && ComparableExpr::from(p) == ComparableExpr::from(c),
        }
    }

    fn stmt(&mut self, pattern: &Stmt, code: &'c Stmt) -> bool {
        let parent = AnyNodeRef::from(code);
        match (pattern, code) {
            (Stmt::Assign(p), Stmt::Assign(c)) => {
                self.each(&p.targets, &c.targets, parent) && self.expr(&p.value, &c.value, parent)
            }
            (Stmt::AugAssign(p), Stmt::AugAssign(c)) => {
                p.op == c.op
                    && self.expr(&p.target, &c.target, parent)
                    && self.expr(&p.value, &c.value, parent)
            }
            (Stmt::AnnAssign(p), Stmt::AnnAssign(c)) => {
                self.expr(&p.target, &c.target, parent)
                    && self.expr(&p.annotation, &c.annotation, parent)
                    && self.optional(p.value.as_deref(), c.value.as_deref(), parent)
            }
            (Stmt::Return(p), Stmt::Return(c)) => {
                self.optional(p.value.as_deref(), c.value.as_deref(), parent)
            }
            (Stmt::Assert(p), Stmt::Assert(c)) => {
                self.expr(&p.test, &c.test, parent)
                    && self.optional(p.msg.as_deref(), c.msg.as_deref(), parent)
            }
            (Stmt::Raise(p), Stmt::Raise(c)) => {
                self.optional(p.exc.as_deref(), c.exc.as_deref(), parent)
                    && self.optional(p.cause.as_deref(), c.cause.as_deref(), parent)
            }
            (Stmt::Delete(p), Stmt::Delete(c)) => self.each(&p.targets, &c.targets, parent),
            _ => false,
        }
    }

    fn optional(
        &mut self,
        pattern: Option<&Expr>,
        code: Option<&'c Expr>,
        parent: AnyNodeRef<'c>,
    ) -> bool {
        match (pattern, code) {
            (Some(pattern), Some(code)) => self.expr(pattern, code, parent),
            (None, None) => true,
            _ => false,
        }
    }

    fn each(&mut self, pattern: &[Expr], code: &'c [Expr], parent: AnyNodeRef<'c>) -> bool {
        pattern.len() == code.len()
            && pattern.iter().zip(code).all(|(pattern, code)| self.expr(pattern, code, parent))
    }

    /// The metavariable that is all of `pattern` and stands for any number of elements.
    fn spread(&self, pattern: &Expr) -> Option<&'l Meta> {
        let Some(NameUse::Meta(meta)) = self.pattern.name_at(pattern.start()) else { return None };
        let pattern: &'l Code = self.pattern;
        pattern.metas.get(*meta).filter(|meta| meta.is_spread)
    }

    /// Elements of a display, one of which may stand for any number.
    fn elements(
        &mut self,
        pattern: &[Expr],
        code: &[ArgOrKeyword<'c>],
        parent: AnyNodeRef<'c>,
    ) -> bool {
        let Some(at) = pattern.iter().position(|pattern| self.spread(pattern).is_some()) else {
            return pattern.len() == code.len()
                && pattern.iter().zip(code).all(|(p, c)| self.expr(p, c.value(), parent));
        };
        let (Some((before, rest)), Some(many)) =
            (pattern.split_at_checked(at), (code.len() + 1).checked_sub(pattern.len()))
        else {
            return false;
        };
        let Some((spread, after)) = rest.split_first() else { return false };
        let (Some(first), Some(middle), Some(last)) =
            (code.get(..at), code.get(at..at + many), code.get(at + many..))
        else {
            return false;
        };
        let Some(meta) = self.spread(spread) else { return false };
        before.iter().zip(first).all(|(p, c)| self.expr(p, c.value(), parent))
            && self.many(meta, middle.to_vec(), parent)
            && after.iter().zip(last).all(|(p, c)| self.expr(p, c.value(), parent))
    }

    /// What stands between the brackets of a subscript.
    fn slice(&mut self, pattern: &Expr, code: &'c Expr, parent: AnyNodeRef<'c>) -> bool {
        let inner = |expr: &'c Expr| match expr {
            Expr::Tuple(tuple) if !tuple.parenthesized => {
                (elements(&tuple.elts), AnyNodeRef::from(expr))
            }
            other => (vec![ArgOrKeyword::Arg(other)], parent),
        };
        let parts: Vec<&Expr> = match pattern {
            Expr::Tuple(tuple) if !tuple.parenthesized => tuple.elts.iter().collect(),
            other => vec![other],
        };
        if !parts.iter().any(|part| self.spread(part).is_some()) {
            return self.expr(pattern, code, parent);
        }
        let (code, parent) = inner(code);
        match pattern {
            Expr::Tuple(tuple) => self.elements(&tuple.elts, &code, parent),
            only => self.elements(std::slice::from_ref(only), &code, parent),
        }
    }

    /// The arguments of a call. Keywords are matched by name; what no part of the pattern takes
    /// is for the metavariable of many, where there is one.
    fn arguments(&mut self, pattern: &Arguments, code: &'c Arguments) -> bool {
        let parent = AnyNodeRef::from(code);
        let mut rest: Vec<&'c Keyword> = code.keywords.iter().collect();
        let mut pairs = Vec::new();
        for keyword in &pattern.keywords {
            let name = keyword.arg.as_ref().map(ast::Identifier::as_str);
            let at =
                rest.iter().position(|code| code.arg.as_ref().map(ast::Identifier::as_str) == name);
            let Some(at) = at else { return false };
            pairs.push((keyword, rest.remove(at)));
        }
        let spread = pattern.args.iter().position(|argument| self.spread(argument).is_some());
        let positional = &code.args;
        let (before, after) = match spread {
            None => {
                if positional.len() != pattern.args.len() || !rest.is_empty() {
                    return false;
                }
                (pattern.args.len(), 0)
            }
            Some(at) => (at, pattern.args.len() - at - 1),
        };
        let Some(many) = positional.len().checked_sub(before + after) else { return false };
        let taken = |index: usize| index < before || index >= before + many;
        let code_args = || positional.iter().enumerate().filter(|(index, _)| taken(*index));
        let single = pattern.args.iter().enumerate().filter(|(index, _)| Some(*index) != spread);
        for ((_, p), (_, c)) in single.zip(code_args()) {
            if !self.expr(p, c, parent) {
                return false;
            }
        }
        if let Some(meta) = spread.and_then(|at| pattern.args.get(at)).and_then(|p| self.spread(p))
        {
            let values = positional
                .iter()
                .enumerate()
                .filter(|(index, _)| !taken(*index))
                .map(|(_, argument)| ArgOrKeyword::Arg(argument))
                .chain(rest.iter().map(|keyword| ArgOrKeyword::Keyword(keyword)));
            let mut values: Vec<_> = values.collect();
            values.sort_by_key(Ranged::start);
            if !self.many(meta, values, parent) {
                return false;
            }
        }
        pairs.into_iter().all(|(p, c)| self.expr(&p.value, &c.value, AnyNodeRef::from(c)))
    }

    fn meta(&mut self, meta: &Meta, code: &'c Expr, parent: AnyNodeRef<'c>) -> bool {
        if meta.is_spread {
            return false;
        }
        let has_slice = |expr: &Expr| expr.is_slice_expr();
        let is_one = match code {
            Expr::Starred(starred) => starred.ctx != ExprContext::Load,
            Expr::Slice(_) => false,
            Expr::Tuple(tuple) => !tuple.elts.iter().any(has_slice),
            _ => true,
        };
        if !is_one {
            return false;
        }
        self.locate(meta.range.start(), Capture::One(code, parent));
        if meta.is_anonymous() {
            return true;
        }
        match self.captures.get(&meta.name) {
            Some(Capture::One(first, _)) => {
                ComparableExpr::from(*first) == ComparableExpr::from(code)
            }
            Some(Capture::Many(..)) => false,
            None => {
                self.captures.insert(meta.name.clone(), Capture::One(code, parent));
                true
            }
        }
    }

    fn many(&mut self, meta: &Meta, code: Vec<ArgOrKeyword<'c>>, parent: AnyNodeRef<'c>) -> bool {
        let capture = Capture::Many(code, parent);
        self.locate(meta.range.start(), capture.clone());
        if meta.is_anonymous() {
            return true;
        }
        let (Some(Capture::Many(first, _)), Capture::Many(code, _)) =
            (self.captures.get(&meta.name), &capture)
        else {
            let is_new = !self.captures.contains_key(&meta.name);
            self.captures.insert(meta.name.clone(), capture);
            return is_new;
        };
        first.len() == code.len() && first.iter().zip(code).all(|(a, b)| is_equal(*a, *b))
    }
}

fn elements(elements: &[Expr]) -> Vec<ArgOrKeyword<'_>> {
    elements.iter().map(ArgOrKeyword::Arg).collect()
}

fn is_equal(a: ArgOrKeyword<'_>, b: ArgOrKeyword<'_>) -> bool {
    let name = |argument: ArgOrKeyword<'_>| match argument {
        ArgOrKeyword::Arg(_) => None,
        ArgOrKeyword::Keyword(keyword) => Some(keyword.arg.as_ref().map(ToString::to_string)),
    };
    name(a) == name(b) && ComparableExpr::from(a.value()) == ComparableExpr::from(b.value())
}

/// Reading, assigning and deleting are different things.
fn is_same(pattern: ExprContext, code: ExprContext) -> bool {
    pattern == code
}
