//! What is known of a value that is not known: whose it is, and whether all of it is there.
//!
//! Names are the only evidence. One that is read from a thing belongs to the thing: `user.id` is
//! the `id` of `user`.

use super::compose::Place;
use crate::resolve::members::Chain;
use crate::syntax::ast::{self, Expr, ExprRef};
use crate::syntax::chain::last_name;

/// An unknown value by its names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value {
    /// The last name in the expression, where the value is what that names: a name, an attribute,
    /// a key, the result of a function that is called as what it gives.
    pub name: Option<String>,
    /// What the name is read from: `user` of `user.id`.
    pub owner: Option<String>,
    /// How much of it is there.
    pub extent: Extent,
}

/// How much of a value an expression gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Extent {
    /// All, as far as the names say it.
    #[default]
    Whole,
    /// Less than all of what has this name, such as its first letter.
    PartOf(Option<String>),
    /// Something that is the same for many: a truth value, a number of things, a default.
    Shared,
}

impl Value {
    /// Something that is the same for many.
    pub(super) fn shared() -> Self {
        Self { extent: Extent::Shared, ..Self::default() }
    }

    /// Less than all of an expression.
    pub(super) fn part_of(expr: &Expr) -> Self {
        let name = last_name(expr).map(str::to_owned);
        Self { extent: Extent::PartOf(name), ..Self::default() }
    }

    /// What has this name.
    pub(super) fn of_name(name: &str) -> Self {
        Self::named(name, None)
    }

    fn named(name: &str, owner: Option<&str>) -> Self {
        let owner = owner.map(str::to_owned);
        // Settings are the same for everybody.
        let is_of_all = owner.as_deref().is_some_and(|owner| {
            matches!(owner, "environ" | "settings" | "config" | "conf" | "cfg")
        });
        if is_of_all {
            return Self::shared();
        }
        Self { name: Some(name.to_owned()), owner, extent: Extent::Whole }
    }

    /// An attribute or item of a value: what `{0.id}` and `{0[id]}` of a format string read.
    pub(super) fn member(of: Option<&str>, name: &str) -> Self {
        Self::named(name, of)
    }

    /// The value where it is given to `name`, which says more of it, unless the value says for
    /// itself that it is something else.
    #[must_use]
    pub fn given_to(self, name: &str) -> Self {
        let is_told = match &self.extent {
            Extent::Whole => self.is_other_identifier(name),
            Extent::PartOf(of) => of.as_deref().is_some_and(|of| words(of) == words(name)),
            Extent::Shared => true,
        };
        if is_told { self } else { Self::named(name, None) }
    }

    /// Ex) `order_id`, `order.id`, where they are given to `user_id`
    fn is_other_identifier(&self, name: &str) -> bool {
        let words_of = self.words();
        match words_of.as_slice() {
            [.., owner, last] => last == "id" && owner.len() > 2 && words_of != words(name),
            _ => false,
        }
    }

    /// The words of its name, and of what that is read from where the name alone says nothing.
    pub fn words(&self) -> Vec<String> {
        let mut all = Vec::new();
        let Some(name) = &self.name else { return all };
        if name == "id"
            && let Some(owner) = self.owner.as_deref()
            && !matches!(owner, "self" | "cls")
        {
            all.extend(words(owner));
        }
        all.extend(words(name));
        all
    }
}

/// `user_id`, `userId`, `_USER_ID` as `user`, `id`.
pub fn words(name: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for part in name.split('_').filter(|part| !part.is_empty()) {
        let mut was_lower = false;
        all.push(String::new());
        for char in part.chars() {
            if char.is_uppercase() && was_lower {
                all.push(String::new());
            }
            was_lower = char.is_lowercase();
            if let Some(last) = all.last_mut() {
                last.extend(char.to_lowercase());
            }
        }
    }
    all
}

/// What is known of the value of an expression.
pub(super) fn of(place: &Place<'_>, expr: ExprRef<'_>) -> Value {
    match expr {
        ExprRef::Name(_) if is_builtin(place, expr) => Value::shared(),
        ExprRef::Name(name) => Value::of_name(name.id.as_str()),
        ExprRef::Attribute(attribute) => {
            Value::named(attribute.attr.as_str(), noun(&attribute.value))
        }
        ExprRef::Subscript(subscript) => match &*subscript.slice {
            // Ex) `request["user_id"]`
            Expr::StringLiteral(key) => Value::named(key.value.to_str(), noun(&subscript.value)),
            Expr::Slice(_) | Expr::NumberLiteral(_) | Expr::UnaryOp(_) => {
                Value::part_of(&subscript.value)
            }
            _ => Value::default(),
        },
        ExprRef::Await(awaited) => of(place, ExprRef::from(&*awaited.value)),
        ExprRef::Named(named) => of(place, ExprRef::from(&*named.value)),
        ExprRef::Call(call) => of_call(place, call),
        ExprRef::BinOp(operation) => Value::part_of(&operation.left),
        ExprRef::BoolOp(choice) if choice.op == ast::BoolOp::And => Value::shared(),
        ExprRef::Compare(_) | ExprRef::UnaryOp(_) => Value::shared(),
        _ => Value::default(),
    }
}

/// What an expression is called: `user` of `request.user` and of `request["user"]`.
fn noun(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Subscript(subscript) => {
            subscript.slice.as_string_literal_expr().map(|key| key.value.to_str())
        }
        expr => last_name(expr),
    }
}

/// A name that the file does not bind.
fn is_builtin(place: &Place<'_>, expr: ExprRef<'_>) -> bool {
    let Some(chain) = Chain::of(place.analysis, expr) else { return false };
    let names = &place.analysis.names;
    chain.reference.owner.is_none() && names.reach(chain.reference).bindings.is_empty()
}

/// Built-in functions that give the same for many values.
const LOSING: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "callable",
    "divmod",
    "hash",
    "id",
    "isinstance",
    "issubclass",
    "len",
    "ord",
    "range",
    "round",
    "sum",
    "type",
];

fn of_call(place: &Place<'_>, call: &ast::ExprCall) -> Value {
    let arguments = &call.arguments;
    match (&*call.func, &*arguments.args) {
        // Ex) `int(user_id)`
        (Expr::Name(function), [only])
            if matches!(function.id.as_str(), "str" | "int" | "UUID" | "quote" | "repr")
                && arguments.keywords.is_empty() =>
        {
            of(place, ExprRef::from(only))
        }
        // Ex) `getattr(request, "user_id")`
        (Expr::Name(function), [object, Expr::StringLiteral(name)])
            if function.id.as_str() == "getattr" =>
        {
            Value::member(last_name(object), name.value.to_str())
        }
        // Ex) `len(user_id)`, `hash(user_id)`
        (Expr::Name(function), _)
            if LOSING.contains(&function.id.as_str())
                && is_builtin(place, ExprRef::from(&*call.func)) =>
        {
            Value::shared()
        }
        // Ex) `user_id.strip()`, which is as much as `user_id`
        (Expr::Attribute(method), [])
            if matches!(method.attr.as_str(), "strip" | "encode" | "decode" | "hex") =>
        {
            of(place, ExprRef::from(&*method.value))
        }
        // Ex) `get_user_id(request)`, `request.user_id()`
        (callee, _) => {
            let name = last_name(callee).unwrap_or_default();
            let given = name.strip_prefix("get_").unwrap_or(name);
            if name.contains('_') && words(given).len() > 1 || given != name {
                return Value::named(given, None);
            }
            match callee {
                // Ex) `user_id.lower()`
                Expr::Attribute(method) if method.attr.as_str() != "get" => {
                    Value::part_of(&method.value)
                }
                _ => Value::default(),
            }
        }
    }
}
