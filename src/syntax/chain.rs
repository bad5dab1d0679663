//! Names, and attributes of names.

use super::ast::Expr;

/// The last part of a name or attribute chain: `c` of `a.b.c`.
pub fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}
