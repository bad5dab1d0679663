//! Expressions to texts.

use std::cell::Cell;

use rustc_hash::FxHashMap;

use super::value::{self, Value};
use super::{Hole, Piece, Text, follow, format};
use crate::project::{Analysis, FileId};
use crate::resolve::Resolver;
use crate::syntax::ast::{self, Expr, ExprRef};
use crate::text::{Ranged, slice};

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
#[derive(Clone, Copy)]
pub(super) struct Trail<'e> {
    pub(super) arguments: Option<&'e Arguments>,
    pub(super) depth: u32,
    /// How many more expressions are looked at. Depth alone is no bound: functions that call each
    /// other several times are entered more often with each level.
    steps: &'e Cell<u32>,
}

impl<'e> Trail<'e> {
    /// One level further, with what the function around was given.
    pub(super) fn deeper(self, arguments: Option<&'e Arguments>) -> Self {
        Self { arguments, depth: self.depth + 1, ..self }
    }
}

/// Names and calls are followed this far.
pub(super) const MAX_DEPTH: u32 = 12;
/// As many expressions are looked at for one text.
const MAX_STEPS: u32 = 1_000;
/// More alternatives than these are not told apart.
const MAX_ALTERNATIVES: usize = 16;

/// The texts that an expression may make: one for each way through its conditions, at least one.
pub fn texts(place: &Place<'_>, expr: ExprRef<'_>) -> Vec<Text> {
    compose(place, expr, &Trail { arguments: None, depth: 0, steps: &Cell::new(MAX_STEPS) })
}

/// The text that an expression always makes.
pub fn constant(place: &Place<'_>, expr: ExprRef<'_>) -> Option<String> {
    match texts(place, expr).as_slice() {
        [text] => text.as_fixed().map(str::to_owned),
        _ => None,
    }
}

pub(super) fn compose(place: &Place<'_>, expr: ExprRef<'_>, trail: &Trail<'_>) -> Vec<Text> {
    let left = trail.steps.get();
    if trail.depth > MAX_DEPTH || left == 0 {
        return vec![hole(place, expr)];
    }
    trail.steps.set(left - 1);
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
            product(place, expr, &[left, right])
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
            let mut all = Vec::new();
            for (index, value) in choice.values.iter().enumerate() {
                let mut texts = compose(place, ExprRef::from(value), trail);
                if index + 1 < choice.values.len() {
                    // The next one is taken for what is false.
                    texts.retain(|text| !is_false(text));
                    for text in &mut texts {
                        text.without_default();
                    }
                }
                all.extend(texts);
            }
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
    product(place, ExprRef::from(literal), &parts)
}

fn interpolation(
    place: &Place<'_>,
    inner: &ast::InterpolatedElement,
    trail: &Trail<'_>,
) -> Vec<Text> {
    let expr = &*inner.expression;
    let how = match (&inner.format_spec, inner.conversion) {
        (None, ast::ConversionFlag::None | ast::ConversionFlag::Str) => Written::Plain,
        (None, _) => Written::Dressed,
        (Some(specification), conversion) => {
            let text: Option<String> = specification
                .elements
                .iter()
                .map(|element| match element {
                    ast::InterpolatedStringElement::Literal(text) => Some(&*text.value),
                    ast::InterpolatedStringElement::Interpolation(_) => None,
                })
                .collect();
            match (text.map(|text| by_specification(&text)), conversion) {
                (None, _) => Written::Cut,
                (Some(how), ast::ConversionFlag::None | ast::ConversionFlag::Str) => how,
                (Some(Written::Plain), _) => Written::Dressed,
                (Some(how), _) => how,
            }
        }
    };
    match &inner.debug_text {
        None => written(place, expr, how, trail),
        // Ex) `{user_id=}`
        Some(debug) => {
            let source = slice(&place.analysis.source.text, expr.range());
            let before = format!("{}{source}{}", debug.leading, debug.trailing);
            let how = if how == Written::Plain { Written::Dressed } else { how };
            product(
                place,
                ExprRef::from(expr),
                &[vec![Text::fixed(before)], written(place, expr, how, trail)],
            )
        }
    }
}

/// Each combination of the alternatives of the parts, put together; too many are one hole.
pub(super) fn product(place: &Place<'_>, expr: ExprRef<'_>, parts: &[Vec<Text>]) -> Vec<Text> {
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
        if next.len() > MAX_ALTERNATIVES * 4 {
            return vec![hole(place, expr)];
        }
        all = next;
    }
    all
}

/// Whether a text is that of a false value. That of a true one may be the same, and is seldom.
fn is_false(text: &Text) -> bool {
    matches!(text.as_fixed(), Some("" | "None" | "False" | "0"))
}

/// Too many alternatives are one hole.
fn limited(place: &Place<'_>, expr: ExprRef<'_>, all: Vec<Text>) -> Vec<Text> {
    if all.len() > MAX_ALTERNATIVES { vec![hole(place, expr)] } else { all }
}

pub(super) fn hole(place: &Place<'_>, expr: ExprRef<'_>) -> Text {
    with_value(place, expr, value::of(place, expr))
}

/// A hole of which something else is known than its expression says.
pub(super) fn with_value(place: &Place<'_>, expr: ExprRef<'_>, value: Value) -> Text {
    Text::hole(Hole { file: place.file, range: expr.range(), value })
}

/// How a value becomes text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// As `str` does it.
    Plain,
    /// All of it, with something around it or in another form: quotes, spaces.
    Dressed,
    /// Perhaps not all of it.
    Cut,
}

/// A value in a text.
pub(super) fn written(
    place: &Place<'_>,
    expr: &Expr,
    how: Written,
    trail: &Trail<'_>,
) -> Vec<Text> {
    let one = ExprRef::from(expr);
    match how {
        Written::Plain => compose(place, one, trail),
        Written::Dressed => {
            let texts = compose(place, one, trail);
            let is_hole = |text: &Text| matches!(text.pieces.as_slice(), [Piece::Hole(_)]);
            if texts.iter().all(is_hole) {
                return texts;
            }
            vec![with_value(place, one, Value::shared())]
        }
        Written::Cut => vec![with_value(place, one, Value::part_of(expr))],
    }
}

/// How a format specification writes a value: see "Format Specification Mini-Language" in the
/// documentation of the standard library.
pub(super) fn by_specification(specification: &str) -> Written {
    // A precision cuts; `f` rounds, `c` and `%` are another thing, and dates have forms of their own.
    let cuts = specification.contains(['.', '{', '%'])
        || specification.ends_with(['e', 'E', 'f', 'F', 'g', 'G', 'c']);
    match specification {
        "" | "s" | "d" => Written::Plain,
        _ if cuts => Written::Cut,
        _ => Written::Dressed,
    }
}
