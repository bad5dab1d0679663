//! Texts that are put together by `%` and by methods of strings.

use super::Text;
use super::compose::{
    Place, Trail, Written, by_specification, compose, product, with_value, written,
};
use super::value::Value;
use crate::syntax::ast::{self, Expr, ExprRef};
use crate::syntax::chain::last_name;

/// `"…" % values`; `None` where the left side is no known text.
pub(super) fn percent(
    place: &Place<'_>,
    operation: &ast::ExprBinOp,
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let left = compose(place, ExprRef::from(&*operation.left), trail);
    let [left] = left.as_slice() else { return None };
    let template = left.as_fixed()?;
    let mut positional = match &*operation.right {
        Expr::Tuple(tuple) => tuple.elts.iter().collect::<Vec<_>>(),
        Expr::Dict(_) => Vec::new(),
        single => vec![single],
    }
    .into_iter();
    let mut parts: Vec<Vec<Text>> = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        parts.push(vec![Text::fixed(before)]);
        if let Some(after) = after.strip_prefix('%') {
            parts.push(vec![Text::fixed("%")]);
            rest = after;
            continue;
        }
        let (value, after) = match after.strip_prefix('(') {
            Some(named) => {
                let (name, after) = named.split_once(')')?;
                (of_dict(&operation.right, name)?, after)
            }
            None => (positional.next()?, after),
        };
        let at = after.find(|char: char| char.is_ascii_alphabetic())?;
        let (flags, conversion) = after.split_at_checked(at)?;
        let how = match conversion.chars().next()? {
            // The width, or how much of it, is among the values.
            _ if flags.contains('*') => return None,
            's' | 'd' | 'i' if flags.is_empty() => Written::Plain,
            's' | 'd' | 'i' | 'r' | 'a' | 'u' | 'x' | 'X' | 'o' if !flags.contains('.') => {
                Written::Dressed
            }
            _ => Written::Cut,
        };
        parts.push(written(place, value, how, trail));
        rest = conversion.get(1..)?;
    }
    parts.push(vec![Text::fixed(rest)]);
    Some(product(place, ExprRef::from(operation), &parts))
}

fn of_dict<'a>(expr: &'a Expr, name: &str) -> Option<&'a Expr> {
    let Expr::Dict(dict) = expr else { return None };
    dict.items.iter().find_map(|item| match item.key.as_ref()? {
        Expr::StringLiteral(key) if key.value.to_str() == name => Some(&item.value),
        _ => None,
    })
}

/// `"…".format(…)`, `"…".join(…)`, `str(…)`; `None` for any other call.
pub(super) fn call(
    place: &Place<'_>,
    call: &ast::ExprCall,
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let arguments = &call.arguments;
    match &*call.func {
        Expr::Name(name) if name.id.as_str() == "str" => match &*arguments.args {
            [only] if arguments.keywords.is_empty() => {
                Some(compose(place, ExprRef::from(only), trail))
            }
            _ => None,
        },
        Expr::Attribute(method) => {
            let is_method = matches!(method.attr.as_str(), "format" | "join" | "format_map");
            if !is_method {
                return None;
            }
            let text = compose(place, ExprRef::from(&*method.value), trail);
            let [text] = text.as_slice() else { return None };
            let text = text.as_fixed()?;
            match (method.attr.as_str(), &*arguments.args) {
                ("format", _) => format(place, text, call, trail),
                ("join", [Expr::List(list)]) => join(place, call, text, &list.elts, trail),
                ("join", [Expr::Tuple(tuple)]) => join(place, call, text, &tuple.elts, trail),
                _ => None,
            }
        }
        _ => None,
    }
}

fn join(
    place: &Place<'_>,
    call: &ast::ExprCall,
    text: &str,
    parts: &[Expr],
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let mut all = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if part.is_starred_expr() {
            return None;
        }
        if index > 0 {
            all.push(vec![Text::fixed(text)]);
        }
        all.push(compose(place, ExprRef::from(part), trail));
    }
    Some(product(place, ExprRef::from(call), &all))
}

/// See "Format String Syntax" in the documentation of the standard library.
fn format(
    place: &Place<'_>,
    template: &str,
    call: &ast::ExprCall,
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let arguments = &call.arguments;
    let mut parts: Vec<Vec<Text>> = Vec::new();
    let mut next = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at_checked(at)?;
        parts.push(vec![Text::fixed(before)]);
        if after.starts_with("{{") || after.starts_with("}}") {
            parts.push(vec![Text::fixed(after.get(..1)?)]);
            rest = after.get(2..)?;
            continue;
        }
        let (field, after) = after.strip_prefix('{')?.split_once('}')?;
        rest = after;
        let end = field.find([':', '!', '.', '[']).unwrap_or(field.len());
        let (name, more) = field.split_at_checked(end)?;
        let value = if name.is_empty() {
            next += 1;
            arguments.find_positional(next - 1)
        } else if let Ok(index) = name.parse::<usize>() {
            arguments.find_positional(index)
        } else {
            arguments.find_keyword(name).map(|keyword| &keyword.value)
        };
        parts.push(field_of(place, name, more, value?, trail)?);
    }
    parts.push(vec![Text::fixed(rest)]);
    Some(product(place, ExprRef::from(call), &parts))
}

/// `name`, and what follows it in the field: attributes, items, a conversion, a specification.
fn field_of(
    place: &Place<'_>,
    name: &str,
    more: &str,
    value: &Expr,
    trail: &Trail<'_>,
) -> Option<Vec<Text>> {
    let expr = ExprRef::from(value);
    let (head, specification) = more.split_once(':').unwrap_or((more, ""));
    let (member, conversion) = head.split_once('!').unwrap_or((head, ""));
    let how = match (conversion, by_specification(specification)) {
        ("" | "s", how) => how,
        (_, Written::Plain) => Written::Dressed,
        (_, how) => how,
    };
    let is_named = !name.is_empty() && name.parse::<usize>().is_err();
    if member.is_empty() {
        let mut texts = written(place, value, how, trail);
        if is_named {
            for text in &mut texts {
                text.given_to(name);
            }
        }
        return Some(texts);
    }
    // Ex) `{0.id}`, `{user[id]}`
    let member = member.strip_prefix(['.', '['])?.trim_end_matches(']');
    if member.contains(['.', '[']) || how == Written::Cut {
        return Some(vec![with_value(place, expr, Value::part_of(value))]);
    }
    let owner = if is_named { Some(name) } else { last_name(value) };
    Some(vec![with_value(place, expr, Value::member(owner, member))])
}
