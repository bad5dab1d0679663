//! Types: annotations, the strings in them, and `__all__`, which is a list of names in strings.

use super::{Annotation, Builder};
use crate::semantic::reference::{Reference, Usage};
use crate::syntax::annotation::{self, StringName};
use crate::syntax::ast::visitor::Visitor;
use crate::syntax::ast::{self, Expr, Stmt};
use crate::syntax::chain::last_name;

/// Whether the module starts with `from __future__ import annotations` (PEP 563).
pub(super) fn has_future_import(body: &[Stmt]) -> bool {
    body.iter().any(|statement| {
        matches!(statement, Stmt::ImportFrom(import)
            if import.level == 0
                && import.module.as_ref().is_some_and(|module| module.as_str() == "__future__")
                && import.names.iter().any(|alias| alias.name.as_str() == "annotations"))
    })
}

impl<'a> Builder<'a> {
    /// A string where a type stands: its names are uses, though not ones that run.
    pub(super) fn string_annotation(&mut self, string: &'a ast::ExprStringLiteral) {
        for name in annotation::names(string, self.text) {
            self.read_in_string(&name);
        }
    }

    fn read_in_string(&mut self, name: &StringName) {
        let reference = Reference {
            name: self.intern(&name.name),
            scope: self.scope(),
            owner: None,
            range: name.range,
            attributes: name.attributes.iter().map(|attribute| self.intern(attribute)).collect(),
            chain: name.chain,
            called: false,
            usage: Usage::Typing,
            in_string: true,
            augmented: false,
            unreachable: self.is_unreachable(),
            reach: None,
        };
        self.refer(reference);
    }

    /// `Literal["x"]` and the metadata of `Annotated[T, …]` hold values, not types.
    pub(super) fn annotation_subscript(&mut self, subscript: &'a ast::ExprSubscript) {
        self.visit_expr(&subscript.value);
        match (last_name(&subscript.value), &*subscript.slice) {
            (Some("Literal"), slice) => self.value_in_annotation(slice),
            (Some("Annotated"), Expr::Tuple(tuple)) => {
                let mut elements = tuple.elts.iter();
                if let Some(type_) = elements.next() {
                    self.visit_expr(type_);
                }
                for metadata in elements {
                    self.value_in_annotation(metadata);
                }
            }
            (_, slice) => self.visit_expr(slice),
        }
    }

    /// An expression inside an annotation whose strings are not types.
    fn value_in_annotation(&mut self, expr: &'a Expr) {
        if !expr.is_string_literal_expr() {
            self.as_value(|builder| builder.visit_expr(expr));
        }
    }

    /// Whether a type is read here.
    pub(super) fn is_type(&self) -> bool {
        self.annotation.is_some_and(|annotation| annotation.is_type)
    }

    /// Reads part of an annotation as code that computes a value: whoever asks for the annotation
    /// runs it.
    pub(super) fn as_value(&mut self, read: impl FnOnce(&mut Self)) {
        let annotation = self.annotation;
        self.annotation = annotation.map(|annotation| Annotation {
            usage: Usage::Runtime,
            is_type: false,
            ..annotation
        });
        read(self);
        self.annotation = annotation;
    }

    pub(super) fn assign_dunder_all(&mut self, value: &'a Expr) {
        if self.scope() == crate::semantic::ScopeId::MODULE {
            self.dunder_all.defined = true;
            self.collect_dunder_all(value);
        }
    }

    pub(super) fn extend_dunder_all(&mut self, value: &'a Expr) {
        self.assign_dunder_all(value);
    }

    /// `__all__.append("x")`, `__all__.extend([…])`, `__all__ += other.__all__`.
    pub(super) fn extends_dunder_all(&mut self, call: &'a ast::ExprCall) {
        let Expr::Attribute(method) = &*call.func else { return };
        if !matches!(&*method.value, Expr::Name(name) if name.id == "__all__") {
            return;
        }
        self.dunder_all.defined = true;
        match (method.attr.as_str(), &*call.arguments.args) {
            ("append" | "extend", [argument]) => {
                let before = self.dunder_all.names.len();
                self.collect_dunder_all(argument);
                let added = self.dunder_all.names.iter().skip(before).map(|(_, range)| *range);
                self.dunder_all.called.extend(added);
            }
            _ => self.dunder_all.computed = true,
        }
    }

    fn collect_dunder_all(&mut self, value: &'a Expr) {
        match value {
            Expr::StringLiteral(string) => {
                let range = string
                    .as_single_part_string()
                    .map_or(string.range, ast::StringLiteral::content_range);
                self.dunder_all.names.push((string.value.to_str().to_owned(), range));
            }
            Expr::List(list) => self.collect_each(&list.elts),
            Expr::Tuple(tuple) => self.collect_each(&tuple.elts),
            Expr::Set(set) => self.collect_each(&set.elts),
            Expr::BinOp(sum) if sum.op == ast::Operator::Add => {
                self.collect_dunder_all(&sum.left);
                self.collect_dunder_all(&sum.right);
            }
            _ => self.dunder_all.computed = true,
        }
    }

    fn collect_each(&mut self, elements: &'a [Expr]) {
        for element in elements {
            self.collect_dunder_all(element);
        }
    }
}
