//! Expressions to texts.

use rustc_hash::FxHashMap;

use super::{Hole, Text, follow, format};
use crate::project::{Analysis, FileId};
use crate::resolve::Resolver;
use crate::syntax::ast::{self, ExprRef};
use crate::text::Ranged;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Follows names.
    pub resolver: &'a Resolver<'a, 'a>,
    /// The file.
    pub file: FileId,
    /// Its names.
    pub analysis: &'a Analysis,
}

/// What a name stands for inside a function that is followed into: its arguments.
pub(super) type Arguments = FxHashMap<String, Vec<Text>>;

/// What is being followed, so that it ends.
pub(super) struct Trail<'e> {
    pub(super) arguments: Option<&'e Arguments>,
    pub(super) depth: u32,
}

/// Names and calls are followed this far.
pub(super) const MAX_DEPTH: u32 = 12;
/// More alternatives than these are not told apart.
const MAX_ALTERNATIVES: usize = 16;

/// The texts that an expression may make: one for each way through its conditions, at least one.
pub fn texts(place: &Place<'_>, expr: ExprRef<'_>) -> Vec<Text> {
    compose(place, expr, &Trail { arguments: None, depth: 0 })
}

/// The text that an expression always makes.
pub fn constant(place: &Place<'_>, expr: ExprRef<'_>) -> Option<String> {
    match texts(place, expr).as_slice() {
        [text] => text.as_fixed().map(str::to_owned),
        _ => None,
    }
}

pub(super) fn compose(place: &Place<'_>, expr: ExprRef<'_>, trail: &Trail<'_>) -> Vec<Text> {
    if trail.depth > MAX_DEPTH {
        return vec![hole(place, expr)];
    }
    match expr {
        ExprRef::StringLiteral(literal) => vec![Text::fixed(literal.value.to_str())],
        ExprRef::NumberLiteral(ast::ExprNumberLiteral {
            value: ast::Number::Int(number), ..
        }) => vec![Text::fixed(number.to_string())],
        ExprRef::NoneLiteral(_) => vec![Text::fixed("None")],
        ExprRef::BooleanLiteral(literal) => {
            vec![Text::fixed(if literal.value { "True" } else { "False" })]
        }
        ExprRef::FString(literal) => f_string(place, literal, trail),
        ExprRef::BinOp(operation) if operation.op == ast::Operator::Add => {
            let left = compose(place, ExprRef::from(&*operation.left), trail);
            let right = compose(place, ExprRef::from(&*operation.right), trail);
            product(&[left, right])
        }
        ExprRef::BinOp(operation) if operation.op == ast::Operator::Mod => {
            format::percent(place, operation, trail).unwrap_or_else(|| vec![hole(place, expr)])
        }
        ExprRef::If(choice) => {
            let mut all = compose(place, ExprRef::from(&*choice.body), trail);
            all.extend(compose(place, ExprRef::from(&*choice.orelse), trail));
            limited(place, expr, all)
        }
        ExprRef::BoolOp(choice) if choice.op == ast::BoolOp::Or => {
            let each = choice.values.iter();
            let all = each.flat_map(|value| compose(place, ExprRef::from(value), trail)).collect();
            limited(place, expr, all)
        }
        ExprRef::Await(awaited) => compose(place, ExprRef::from(&*awaited.value), trail),
        ExprRef::Named(named) => compose(place, ExprRef::from(&*named.value), trail),
        ExprRef::Name(_) | ExprRef::Attribute(_) => follow::name(place, expr, trail),
        ExprRef::Call(call) => format::call(place, call, trail)
            .or_else(|| follow::call(place, call, trail))
            .unwrap_or_else(|| vec![hole(place, expr)]),
        _ => vec![hole(place, expr)],
    }
}

fn f_string(place: &Place<'_>, literal: &ast::ExprFString, trail: &Trail<'_>) -> Vec<Text> {
    let mut parts = Vec::new();
    for part in &literal.value {
        match part {
            ast::FStringPart::Literal(text) => parts.push(vec![Text::fixed(&*text.value)]),
            ast::FStringPart::FString(string) => {
                for element in &string.elements {
                    parts.push(match element {
                        ast::InterpolatedStringElement::Literal(text) => {
                            vec![Text::fixed(&*text.value)]
                        }
                        ast::InterpolatedStringElement::Interpolation(inner) => {
                            interpolation(place, inner, trail)
                        }
                    });
                }
            }
        }
    }
    product(&parts)
}

fn interpolation(
    place: &Place<'_>,
    inner: &ast::InterpolatedElement,
    trail: &Trail<'_>,
) -> Vec<Text> {
    let expr = ExprRef::from(&*inner.expression);
    let is_plain = inner.format_spec.is_none()
        && inner.debug_text.is_none()
        && matches!(inner.conversion, ast::ConversionFlag::None | ast::ConversionFlag::Str);
    if is_plain { compose(place, expr, trail) } else { vec![hole(place, expr)] }
}

/// Each combination of the alternatives of the parts, put together.
pub(super) fn product(parts: &[Vec<Text>]) -> Vec<Text> {
    let mut all = vec![Text::default()];
    for alternatives in parts {
        let mut next = Vec::new();
        for text in &all {
            for alternative in alternatives {
                let mut text = text.clone();
                text.append(alternative.clone());
                next.push(text);
            }
        }
        next.truncate(MAX_ALTERNATIVES * 4);
        all = next;
    }
    all
}

/// Too many alternatives are one hole.
fn limited(place: &Place<'_>, expr: ExprRef<'_>, all: Vec<Text>) -> Vec<Text> {
    if all.len() > MAX_ALTERNATIVES { vec![hole(place, expr)] } else { all }
}

pub(super) fn hole(place: &Place<'_>, expr: ExprRef<'_>) -> Text {
    Text::hole(Hole { file: place.file, range: expr.range(), name: last_name(expr) })
}

fn last_name(expr: ExprRef<'_>) -> Option<String> {
    match expr {
        ExprRef::Name(name) => Some(name.id.to_string()),
        ExprRef::Attribute(attribute) => Some(attribute.attr.to_string()),
        // Ex) `int(user_id)`
        ExprRef::Call(call) => match (&*call.func, &*call.arguments.args) {
            (ast::Expr::Name(function), [only])
                if matches!(function.id.as_str(), "str" | "int" | "UUID" | "quote") =>
            {
                last_name(ExprRef::from(only))
            }
            _ => None,
        },
        // Ex) `request["user_id"]`
        ExprRef::Subscript(subscript) => match &*subscript.slice {
            ast::Expr::StringLiteral(key) => Some(key.value.to_str().to_owned()),
            _ => None,
        },
        ExprRef::Await(awaited) => last_name(ExprRef::from(&*awaited.value)),
        _ => None,
    }
}
