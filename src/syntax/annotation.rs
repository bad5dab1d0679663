//! Names in strings that are types.

use ruff_python_ast::token::Tokens;
use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{AnyNodeRef, Expr, ExprStringLiteral};
use rustpython_parser::typing::{ParsedAnnotation, parse_type_annotation};

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

/// A string, read as a type.
#[derive(Debug)]
pub struct StringType {
    parsed: ParsedAnnotation,
}

/// `string` as a type, where it is one.
pub fn parse(string: &ExprStringLiteral, text: &str) -> Option<StringType> {
    if depth::exceeded_at(string.value.to_str()).is_some() {
        return None;
    }
    parse_type_annotation(string, text).ok().map(|parsed| StringType { parsed })
}

impl StringType {
    /// The type.
    pub fn expression(&self) -> &Expr {
        self.parsed.expression()
    }

    /// The node around it.
    pub fn root(&self) -> AnyNodeRef<'_> {
        AnyNodeRef::from(self.parsed.parsed().syntax())
    }

    /// Its tokens; their places are those of the file where it is plain.
    pub fn tokens(&self) -> &Tokens {
        self.parsed.parsed().tokens()
    }

    /// The characters of the string are those of the type, so that its parts have places in the
    /// file. Otherwise every part has the place of the whole string.
    pub fn is_plain(&self) -> bool {
        self.parsed.kind().is_simple()
    }
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
