//! Expressions: references, and the scopes that expressions make.

use smallvec::SmallVec;

use super::{Annotation, Builder, DeferredCode};
use crate::semantic::binding::BindingKind;
use crate::semantic::reference::{Reference, ReferenceId, Usage};
use crate::semantic::scope::{ScopeId, ScopeKind, SymbolFlags};
use crate::syntax::ast::visitor::{self, Visitor};
use crate::syntax::ast::{self, Expr, ExprContext, Stmt};
use crate::text::{Ranged, TextRange};

impl<'a> Visitor<'a> for Builder<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.statement(statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(_) | Expr::Attribute(_) => self.chain(expr, false),
            Expr::Call(call) => self.call(call),
            Expr::Named(named) => self.named(named),
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::BoolOp(op) => self.short_circuit(&op.values),
            Expr::If(choice) => {
                self.visit_expr(&choice.test);
                let mark = self.flow().mark();
                self.visit_expr(&choice.body);
                let body = self.flow().take_branch(mark);
                self.visit_expr(&choice.orelse);
                let orelse = self.flow().take_branch(mark);
                self.flow().join(&[body, orelse]);
            }
            Expr::ListComp(comp) => self.comprehension(expr, &comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(expr, &comp.generators, &[&comp.elt]),
            Expr::DictComp(comp) => {
                self.comprehension(expr, &comp.generators, &[&comp.key, &comp.value]);
            }
            Expr::Generator(generator) => self.generator(generator),
            Expr::StringLiteral(string) if self.is_type() => {
                self.string_annotation(string);
            }
            Expr::Subscript(subscript) if self.is_type() => {
                self.annotation_subscript(subscript);
            }
            Expr::Subscript(subscript) => {
                visitor::walk_expr(self, expr);
                self.generic(subscript);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_annotation(&mut self, expr: &'a Expr) {
        self.annotation(expr, false);
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        self.pattern(pattern);
    }
}

impl<'a> Builder<'a> {
    /// A name or attribute chain, or whatever the chain's root is.
    fn chain(&mut self, expr: &'a Expr, called: bool) {
        let mut attributes: SmallVec<[&str; 4]> = SmallVec::new();
        let mut root = expr;
        while let Expr::Attribute(attribute) = root {
            attributes.push(attribute.attr.as_str());
            root = &attribute.value;
        }
        let Expr::Name(name) = root else {
            for attribute in attributes {
                self.interner.intern(attribute);
            }
            self.visit_expr(root);
            return;
        };
        attributes.reverse();
        match name.ctx {
            ExprContext::Store => {
                self.bind_name(name, BindingKind::LoopTarget);
            }
            ExprContext::Del => {
                self.bind_name(name, BindingKind::Deletion);
            }
            ExprContext::Load | ExprContext::Invalid => {
                self.read(name.id.as_str(), name.range, &attributes, expr.range(), called);
            }
        }
    }

    /// Binds a plain name of a target.
    pub(super) fn bind_name(&mut self, name: &'a ast::ExprName, kind: BindingKind) {
        self.bind(name.id.as_str(), name.range, SymbolFlags::ASSIGNED, kind);
    }

    /// A use of `name` in code.
    fn read(
        &mut self,
        name: &str,
        range: TextRange,
        attributes: &[&str],
        chain: TextRange,
        called: bool,
    ) {
        let scope = self.scope();
        let id = self.intern(name);
        if self.annotation.is_none_or(|annotation| annotation.is_counted) {
            self.flag(scope, id, SymbolFlags::USED);
            // CPython gives every function that says `super` the cell that `super()` reads.
            let is_function = matches!(
                self.kind(scope),
                ScopeKind::Function
                    | ScopeKind::Lambda
                    | ScopeKind::Comprehension
                    | ScopeKind::Generator
            );
            if name == "super" && is_function {
                let cell = self.intern("__class__");
                self.flag(scope, cell, SymbolFlags::USED);
            }
        }
        let attributes = attributes.iter().map(|attribute| self.intern(attribute)).collect();
        let reference = Reference {
            name: id,
            scope,
            owner: None,
            range,
            attributes,
            chain,
            called,
            usage: self.usage(),
            in_string: false,
            augmented: false,
            unreachable: self.is_unreachable(),
            reach: None,
        };
        self.refer(reference);
    }

    /// The read that is part of `name += …`.
    pub(super) fn read_augmented(&mut self, name: &'a ast::ExprName) {
        let reference = Reference {
            name: self.intern(name.id.as_str()),
            scope: self.scope(),
            owner: None,
            range: name.range,
            attributes: Box::default(),
            chain: name.range,
            called: false,
            usage: self.usage(),
            in_string: false,
            augmented: true,
            unreachable: self.is_unreachable(),
            reach: None,
        };
        self.refer(reference);
    }

    /// The reference that is all of the expression at `range`, if the last thing read was one.
    pub(super) fn last_reference_at(&self, range: TextRange) -> Option<ReferenceId> {
        let index = self.references.len().checked_sub(1)?;
        let last = self.references.get(index)?;
        let id = ReferenceId(u32::try_from(index).ok()?);
        (last.chain == range && !last.in_string).then_some(id)
    }

    fn call(&mut self, call: &'a ast::ExprCall) {
        match &*call.func {
            func @ (Expr::Name(_) | Expr::Attribute(_)) => self.chain(func, true),
            func => self.visit_expr(func),
        }
        if self.is_type() {
            // Ex) `Annotated[T, Depends(f)]`: what is inside a call is code, not a type.
            self.as_value(|builder| builder.visit_arguments(&call.arguments));
        } else {
            self.visit_arguments(&call.arguments);
            self.typing_call(call);
        }
        self.extends_dunder_all(call);
        self.attribute_by_text(call);
    }

    /// The name that text gives to an attribute: `setattr(self, "manager", …)`.
    fn attribute_by_text(&mut self, call: &ast::ExprCall) {
        let callee = call.func.as_name_expr().map(|name| name.id.as_str());
        if let [_, Expr::StringLiteral(name), ..] = &*call.arguments.args
            && matches!(callee, Some("getattr" | "setattr"))
        {
            self.interner.intern(name.value.to_str());
        }
    }

    fn named(&mut self, named: &'a ast::ExprNamed) {
        self.visit_expr(&named.value);
        let Expr::Name(target) = &*named.target else {
            self.visit_expr(&named.target);
            return;
        };
        let value = named.value.range();
        let kind = BindingKind::Assignment {
            value: Some(value),
            alias_of: self.last_reference_at(value),
            is_none: named.value.is_none_literal_expr(),
            is_simple: false,
        };
        let scope = self.scope();
        if !matches!(self.kind(scope), ScopeKind::Comprehension | ScopeKind::Generator) {
            self.bind_name(target, kind);
            return;
        }
        // PEP 572: the target of `:=` in a comprehension belongs to the scope around it.
        let name = self.intern(target.id.as_str());
        let mut owner = scope;
        while matches!(self.kind(owner), ScopeKind::Comprehension | ScopeKind::Generator) {
            let Some(parent) = self.scopes[owner.0 as usize].parent else { break };
            owner = parent;
        }
        let is_global =
            owner == ScopeId::MODULE || self.flags(owner, name).contains(SymbolFlags::GLOBAL);
        if is_global {
            self.flag(scope, name, SymbolFlags::GLOBAL | SymbolFlags::ASSIGNED);
            if owner == ScopeId::MODULE {
                self.flag(owner, name, SymbolFlags::GLOBAL);
            } else {
                self.flag(owner, name, SymbolFlags::ASSIGNED);
            }
            self.bind_in(ScopeId::MODULE, name, target.range, kind);
        } else {
            self.flag(scope, name, SymbolFlags::NONLOCAL | SymbolFlags::ASSIGNED);
            self.flag(owner, name, SymbolFlags::ASSIGNED);
            self.bind_in(owner, name, target.range, kind);
        }
    }

    /// `a and b and …`: each value after the first may not be evaluated.
    fn short_circuit(&mut self, values: &'a [Expr]) {
        let mut values = values.iter();
        if let Some(first) = values.next() {
            self.visit_expr(first);
        }
        for value in values {
            let mark = self.flow().mark();
            self.visit_expr(value);
            let evaluated = self.flow().take_branch(mark);
            let skipped = self.flow().branch_since(mark);
            self.flow().join(&[evaluated, skipped]);
        }
    }

    fn lambda(&mut self, lambda: &'a ast::ExprLambda) {
        if let Some(parameters) = &lambda.parameters {
            self.defaults(parameters);
        }
        let parent = Some(self.scope());
        let body = lambda.range;
        let scope = self.add_scope(ScopeKind::Lambda, parent, lambda.range, body, "", false);
        self.defer(scope, DeferredCode::Lambda(lambda));
    }

    pub(super) fn lambda_body(&mut self, lambda: &'a ast::ExprLambda) {
        if let Some(parameters) = &lambda.parameters {
            self.parameters(parameters);
        }
        self.visit_expr(&lambda.body);
    }

    fn comprehension(
        &mut self,
        expr: &'a Expr,
        generators: &'a [ast::Comprehension],
        elements: &[&'a Expr],
    ) {
        // The first iterable is evaluated in the scope around the comprehension.
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let parent = Some(self.scope());
        let range = expr.range();
        let scope = self.add_scope(ScopeKind::Comprehension, parent, range, range, "", false);
        self.enter(scope);
        self.comprehension_body(generators, elements);
        self.leave();
    }

    fn generator(&mut self, generator: &'a ast::ExprGenerator) {
        if let Some(first) = generator.generators.first() {
            self.visit_expr(&first.iter);
        }
        let parent = Some(self.scope());
        let range = generator.range;
        // From its `for` on: what stands before that may get parentheses and lose them.
        let start = generator.generators.first().map_or(range.start(), Ranged::start);
        let node = TextRange::new(start, range.end());
        let scope = self.add_scope(ScopeKind::Generator, parent, node, range, "", false);
        self.defer(scope, DeferredCode::Generator(generator));
    }

    pub(super) fn generator_body(&mut self, generator: &'a ast::ExprGenerator) {
        self.comprehension_body(&generator.generators, &[&generator.elt]);
    }

    fn comprehension_body(&mut self, generators: &'a [ast::Comprehension], elements: &[&'a Expr]) {
        for (index, generator) in generators.iter().enumerate() {
            if index > 0 {
                self.visit_expr(&generator.iter);
            }
            let statement = std::mem::replace(&mut self.statement, generator.range);
            self.target(&generator.target, &|_| BindingKind::LoopTarget);
            self.statement = statement;
            for test in &generator.ifs {
                self.visit_expr(test);
            }
        }
        for element in elements {
            self.visit_expr(element);
        }
    }

    /// Binds the names of an assignment's or loop's target; the rest of it is read.
    pub(super) fn target(&mut self, target: &'a Expr, kind: &dyn Fn(bool) -> BindingKind) {
        self.nested_target(target, kind, true);
    }

    fn nested_target(&mut self, target: &'a Expr, kind: &dyn Fn(bool) -> BindingKind, whole: bool) {
        match target {
            Expr::Name(name) => self.bind_name(name, kind(whole)),
            Expr::Starred(starred) => self.nested_target(&starred.value, kind, false),
            Expr::Tuple(tuple) => {
                for element in &tuple.elts {
                    self.nested_target(element, kind, false);
                }
            }
            Expr::List(list) => {
                for element in &list.elts {
                    self.nested_target(element, kind, false);
                }
            }
            other => self.visit_expr(other),
        }
    }

    /// Reads `expr` as a type.
    ///
    /// `of_local` is set for the annotation of a variable in a function, which is not evaluated.
    pub(super) fn annotation(&mut self, expr: &'a Expr, of_local: bool) {
        let annotation = Annotation {
            usage: match self.usage() {
                Usage::Typing => Usage::Typing,
                _ if self.future_annotations || of_local => Usage::Annotation,
                usage => usage,
            },
            is_type: true,
            is_counted: !self.future_annotations,
        };
        let outer = self.annotation.replace(annotation);
        self.visit_expr(expr);
        self.annotation = outer;
    }
}
