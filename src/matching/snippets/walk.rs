//! Walks a file and holds every expression and statement against every rule.

use super::found::{Argument, CodeToken, Context, InString, Piece, Place, Snippet, SnippetSite};
use super::leaves::{Candidate, is_local_alias};
use super::rule::Rule;
use super::{FileNames, Targets};
use crate::pattern::unify::{Capture, Located, Unifier};
use crate::pattern::{Body, Kind};
use crate::resolve::Step;
use crate::semantic::{ReferenceId, ScopeId, ScopeKind};
use crate::site::{Reason, Verdict};
use crate::syntax::annotation;
use crate::syntax::ast::helpers::any_over_expr;
use crate::syntax::ast::token::{TokenKind, Tokens};
use crate::syntax::ast::visitor::source_order::{self, SourceOrderVisitor, TraversalSignal};
use crate::syntax::ast::{AnyNodeRef, ArgOrKeyword, Expr, Stmt};
use crate::syntax::slot::{Shape, Slot, with_parentheses};
use crate::text::{Ranged, TextRange, TextSize};
use crate::transform::Within;

/// Finds the patterns of all rules.
pub(super) fn walk(names: &mut FileNames<'_>, targets: &Targets, found: &mut Vec<SnippetSite>) {
    let analysis = names.analysis;
    let mut in_strings: Vec<TextSize> = analysis
        .names
        .references()
        .filter(|(_, reference)| reference.in_string)
        .map(|(_, reference)| reference.range.start())
        .collect();
    in_strings.sort_unstable();
    let mut walk = Walk {
        names,
        rules: &targets.rules,
        found,
        in_strings: &in_strings,
        tokens: analysis.module.tokens(),
        parents: Vec::new(),
        string: None,
    };
    for statement in analysis.module.body() {
        walk.visit_stmt(statement);
    }
}

struct Walk<'c, 'w, 'f> {
    names: &'w mut FileNames<'f>,
    rules: &'w [Rule],
    found: &'w mut Vec<SnippetSite>,
    in_strings: &'w [TextSize],
    tokens: &'c Tokens,
    parents: Vec<AnyNodeRef<'c>>,
    string: Option<InString>,
}

impl<'c> SourceOrderVisitor<'c> for Walk<'c, '_, '_> {
    fn enter_node(&mut self, node: AnyNodeRef<'c>) -> TraversalSignal {
        self.parents.push(node);
        TraversalSignal::Traverse
    }

    fn leave_node(&mut self, _: AnyNodeRef<'c>) {
        self.parents.pop();
    }

    fn visit_stmt(&mut self, statement: &'c Stmt) {
        let rules = self.rules;
        for (index, rule) in rules.iter().enumerate() {
            if rule.rewrite.before.body == Body::Statement {
                self.statement(index, rule, statement);
            }
        }
        source_order::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'c Expr) {
        let rules = self.rules;
        for (index, rule) in rules.iter().enumerate() {
            match (rule.rewrite.kind, rule.rewrite.before.body) {
                (_, Body::Statement) => {}
                (Kind::Symbol, _) | (_, Body::Import) => self.symbol(index, rule, expr),
                (_, Body::Expression) => self.expression(index, rule, expr),
            }
        }
        if let Expr::StringLiteral(string) = expr {
            let start = self.in_strings.partition_point(|at| *at < string.start());
            if self.in_strings.get(start).is_some_and(|at| *at < string.end()) {
                self.type_in_string(string);
            }
        }
        source_order::walk_expr(self, expr);
    }
}

impl<'c, 'f> Walk<'c, '_, 'f> {
    fn type_in_string(&mut self, string: &crate::syntax::ast::ExprStringLiteral) {
        let text = &self.names.analysis.source.text;
        let Some(parsed) = annotation::parse(string, text) else { return };
        let kind = if parsed.is_plain() && self.string != Some(InString::Mixed) {
            InString::Plain
        } else {
            InString::Mixed
        };
        let mut walk = Walk {
            names: &mut *self.names,
            rules: self.rules,
            found: &mut *self.found,
            in_strings: self.in_strings,
            tokens: parsed.tokens(),
            parents: vec![parsed.root()],
            string: Some(kind),
        };
        walk.visit_expr(parsed.expression());
    }

    fn expression(&mut self, index: usize, rule: &Rule, expr: &'c Expr) {
        let Some(&parent) = self.parents.last() else { return };
        let mut candidate = self.candidate(index, rule);
        let found = Unifier::expression(&rule.rewrite.before, &mut candidate, expr, parent);
        let Some(located) = found else { return };
        let candidate = Facts::of(candidate);
        self.add(index, rule, Site::Expression(expr, parent), located, candidate);
    }

    /// A use of the symbol that a rule is about.
    fn symbol(&mut self, index: usize, rule: &Rule, expr: &'c Expr) {
        let Some(&parent) = self.parents.last() else { return };
        let mut candidate = self.candidate(index, rule);
        let Some(is_read) = candidate.leads_to(0, expr) else { return };
        let facts = Facts::of(candidate);
        let is_alias = |(_, id, depth): &(usize, ReferenceId, usize)| {
            *depth == 0 && is_local_alias(self.names, *id)
        };
        if facts.references.iter().any(is_alias) {
            return;
        }
        let at = rule.rewrite.before.range.start();
        let located = vec![Located { at, code: Capture::One(expr, parent) }];
        let before = self.found.len();
        self.add(index, rule, Site::Expression(expr, parent), located, facts);
        if let Some(site) = self.found.get_mut(before)
            && !is_read
            && site.reason.verdict() != Verdict::Keep
        {
            site.reason = Reason::Mutation;
            site.message = format!("`{}` is assigned to or deleted here", rule.symbol);
        }
    }

    fn statement(&mut self, index: usize, rule: &Rule, statement: &'c Stmt) {
        let mut candidate = self.candidate(index, rule);
        let found = Unifier::statement(&rule.rewrite.before, &mut candidate, statement);
        let Some(located) = found else { return };
        let candidate = Facts::of(candidate);
        self.add(index, rule, Site::Statement(statement), located, candidate);
    }

    fn candidate<'x>(&'x mut self, index: usize, rule: &'x Rule) -> Candidate<'x, 'f> {
        let in_string = matches!(self.string, Some(InString::Plain | InString::Mixed));
        Candidate::new(self.names, index, rule, in_string)
    }

    fn add(
        &mut self,
        index: usize,
        rule: &Rule,
        site: Site<'c>,
        located: Vec<Located<'c>>,
        facts: Facts,
    ) {
        let range = site.range();
        let in_interpolation =
            self.parents.iter().any(|node| matches!(node, AnyNodeRef::InterpolatedElement(_)));
        let string = self.string.or(in_interpolation.then_some(InString::Interpolation));
        let scope = facts.references.first().map_or_else(
            || self.names.analysis.names.scope_at(range.start()),
            |(_, id, _)| self.names.analysis.names.reference(*id).scope,
        );
        let (slot, is_parenthesised) = match site {
            Site::Statement(_) => (None, false),
            Site::Expression(expr, parent) => {
                let outer = self.outer(expr, parent);
                (Some(Slot::of(&self.parents, range)), outer != range)
            }
        };
        let context = Context {
            located: located.into_iter().map(|one| (one.at, self.place(&one.code))).collect(),
            references: facts.references,
            slot,
            in_brackets: self.in_brackets(range.start()),
            is_parenthesised,
            string,
            scope,
            tokens: self.words(range),
        };
        let (reason, message) = self.judge(rule, scope, facts.doubt, facts.other);
        self.found.push(SnippetSite {
            rule: index,
            range,
            snippet: Snippet::Pattern(Box::new(context)),
            reason,
            message,
            chain: self.names.resolver.told(&facts.steps),
        });
    }

    fn judge(
        &self,
        rule: &Rule,
        scope: ScopeId,
        doubt: Option<String>,
        other: Option<String>,
    ) -> (Reason, String) {
        if let Some(why) = other {
            return (Reason::OtherOrigin, why);
        }
        if rule.definitions.contains(&self.names.file) {
            let message = format!("this module defines {}", defined(rule));
            return (Reason::Definition, message);
        }
        if let Some(why) = doubt {
            return (Reason::AmbiguousBinding, why);
        }
        if let Some(within) = rule.within
            && !self.is_within(within, scope)
        {
            let message = format!(
                "the transform is for code in an {} alone, and this is none",
                within.name()
            );
            return (Reason::NotRewritableHere, message);
        }
        (Reason::DirectInstantiation, format!("`{}` is rewritten", rule.symbol))
    }

    /// Whether code of `scope` runs as part of such a place.
    fn is_within(&self, within: Within, scope: ScopeId) -> bool {
        let names = &self.names.analysis.names;
        match within {
            Within::AsyncFunction => names
                .scopes_around(scope)
                .map(|scope| names.scope(scope))
                // Of a generator only the first iterable is evaluated at once.
                .find(|scope| scope.kind != ScopeKind::Comprehension)
                .is_some_and(|scope| scope.is_async),
        }
    }

    fn place(&self, capture: &Capture<'c>) -> Place {
        match capture {
            Capture::One(expr, parent) => Place::One(self.piece(expr, *parent)),
            Capture::Many(arguments, parent) => Place::Many(
                arguments
                    .iter()
                    .map(|argument| match argument {
                        ArgOrKeyword::Arg(expr) => {
                            let value = self.piece(expr, *parent);
                            Argument { range: value.outer, value, keyword: None }
                        }
                        ArgOrKeyword::Keyword(keyword) => Argument {
                            range: keyword.range,
                            value: self.piece(&keyword.value, AnyNodeRef::from(*keyword)),
                            keyword: Some(keyword.arg.as_ref().map(ToString::to_string)),
                        },
                    })
                    .collect(),
            ),
        }
    }

    fn piece(&self, expr: &Expr, parent: AnyNodeRef<'_>) -> Piece {
        let inner = expr.range();
        let outer = self.outer(expr, parent);
        let is_bound = any_over_expr(expr, &|expr| {
            matches!(expr, Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Named(_))
        });
        Piece { inner, outer, shape: Shape::of(expr), is_bound }
    }

    /// An expression with the parentheses around it, where its characters can be told.
    fn outer(&self, expr: &Expr, parent: AnyNodeRef<'_>) -> TextRange {
        match self.string {
            Some(InString::Mixed) => expr.range(),
            _ => with_parentheses(expr, parent, self.tokens),
        }
    }

    /// The words of a piece of the code.
    fn words(&self, range: TextRange) -> Vec<CodeToken> {
        let first = self.tokens.partition_point(|token| token.start() < range.start());
        self.tokens
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|token| token.end() <= range.end())
            .filter(|token| {
                let kind = token.kind();
                !kind.is_trivia() && kind != TokenKind::Newline && !token.range().is_empty()
            })
            .map(|token| CodeToken { kind: token.kind(), range: token.range() })
            .collect()
    }

    /// Whether a bracket is open at `offset`.
    fn in_brackets(&self, offset: TextSize) -> bool {
        let start = self
            .parents
            .iter()
            .rev()
            .find(|node| node.is_statement())
            .map_or(TextSize::default(), Ranged::start);
        let first = self.tokens.partition_point(|token| token.start() < start);
        let mut depth = 0_i32;
        for token in self.tokens.get(first..).unwrap_or_default() {
            if token.start() >= offset {
                break;
            }
            match token.kind() {
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth -= 1,
                _ => {}
            }
        }
        depth > 0
    }
}

/// What a candidate found out.
struct Facts {
    references: Vec<(usize, ReferenceId, usize)>,
    steps: Vec<Step>,
    doubt: Option<String>,
    other: Option<String>,
}

impl Facts {
    fn of(candidate: Candidate<'_, '_>) -> Self {
        Self {
            references: candidate.references,
            steps: candidate.steps,
            doubt: candidate.doubt,
            other: candidate.other,
        }
    }
}

#[derive(Clone, Copy)]
enum Site<'c> {
    Expression(&'c Expr, AnyNodeRef<'c>),
    Statement(&'c Stmt),
}

impl Site<'_> {
    fn range(self) -> TextRange {
        match self {
            Self::Expression(expr, _) => expr.range(),
            Self::Statement(statement) => statement.range(),
        }
    }
}

fn defined(rule: &Rule) -> String {
    let of = |chain: &crate::pattern::Chain| format!("`{chain}`");
    let before = rule.rewrite.all_chains().map(of);
    let after = rule.rewrite.after.chains.iter().map(of);
    let mut names: Vec<String> = before.chain(after).collect();
    names.dedup();
    names.join(" or ")
}
