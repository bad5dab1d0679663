//! Names in strings that are types.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{Expr, ExprStringLiteral};
use rustpython_parser::typing::parse_type_annotation;

use super::depth;
use crate::text::{Ranged, TextRange};

/// A name, or a chain of attributes of one, in a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringName {
    /// The first name.
    pub name: String,
    /// The attributes after it.
    pub attributes: Vec<String>,
    /// The first name's characters; the whole string where it holds escapes or is made of several
    /// parts, so that the characters cannot be told.
    pub range: TextRange,
    /// The characters of the whole chain, or the whole string as above.
    pub chain: TextRange,
}

/// The names in `string`, read as a type; none where it is not one.
pub fn names(string: &ExprStringLiteral, text: &str) -> Vec<StringName> {
    if depth::exceeded_at(string.value.to_str()).is_some() {
        return Vec::new();
    }
    let Ok(parsed) = parse_type_annotation(string, text) else { return Vec::new() };
    let mut collector = Collector { text, names: Vec::new() };
    collector.visit_expr(parsed.expression());
    collector.names
}

struct Collector<'t> {
    text: &'t str,
    names: Vec<StringName>,
}

impl<'a> SourceOrderVisitor<'a> for Collector<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let mut attributes = Vec::new();
        let mut root = expr;
        while let Expr::Attribute(attribute) = root {
            attributes.push(attribute.attr.to_string());
            root = &attribute.value;
        }
        match root {
            Expr::Name(name) => {
                attributes.reverse();
                self.names.push(StringName {
                    name: name.id.to_string(),
                    attributes,
                    range: name.range,
                    chain: expr.range(),
                });
            }
            // Ex) `"List['C']"`: a type in a string in a type.
            Expr::StringLiteral(string) => {
                if let Ok(parsed) = parse_type_annotation(string, self.text) {
                    let mut inner = Collector { text: self.text, names: Vec::new() };
                    inner.visit_expr(parsed.expression());
                    self.names.append(&mut inner.names);
                }
            }
            other => source_order::walk_expr(self, other),
        }
    }
}
