//! The two snippets of a rewrite, held against each other.

use std::collections::BTreeSet;

use super::again;
use super::code::{Body, Code};
use super::items::{ItemKind, Role};
use super::names::{Chain, NameUse, Root};
use super::{Side, SnippetError};

/// A rewrite whose snippets fit.
#[derive(Debug)]
pub struct Rewrite {
    /// What to find.
    pub before: Code,
    /// What to put there.
    pub after: Code,
    /// What kind it is.
    pub kind: Kind,
}

/// What a search for the files of a rewrite looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A name that stands in every match.
    Written(String),
    /// The name of a symbol, which other modules may offer under another one.
    Symbol(String),
    /// There is none: every file may have a match.
    Nothing,
}

impl Key {
    /// The text to search for; all files have the empty one.
    pub fn text(&self) -> &str {
        match self {
            Self::Written(text) | Self::Symbol(text) => text,
            Self::Nothing => "",
        }
    }
}

/// What a rewrite is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name: its uses, its imports and its entries in `__all__`.
    Symbol,
    /// An expression.
    Expression,
    /// A statement.
    Statement,
}

impl Rewrite {
    /// Parses and checks two snippets.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn parse(before: &str, after: &str) -> Result<Self, Vec<SnippetError>> {
        let parsed = (Code::parse(Side::Before, before), Code::parse(Side::After, after));
        let (before, after) = match parsed {
            (Ok(before), Ok(after)) => (before, after),
            (before, after) => {
                let errors = [before.err(), after.err()];
                return Err(errors.into_iter().flatten().flatten().collect());
            }
        };
        let mut errors = metavariables(&before, &after);
        errors.extend(local_names(&before, &after));
        let kind = match kind(&before, &after) {
            Ok(kind) => kind,
            Err(error) => {
                errors.push(error);
                return Err(errors);
            }
        };
        if errors.is_empty() {
            errors.extend(again::check(&before, &after));
        }
        if errors.is_empty() { Ok(Self { before, after, kind }) } else { Err(errors) }
    }

    /// The chain that a rewrite of a name or module is about, and the one that takes its place.
    pub fn chains(&self) -> Option<(&Chain, &Chain)> {
        Some((self.before.bare_chain()?, self.after.bare_chain()?))
    }

    /// What every file that has a match has in its text.
    pub fn key(&self) -> Key {
        let before = &self.before;
        let mut keys: Vec<Key> = before
            .items
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Token { text, role: Role::Word } => Some(Key::Written(text.clone())),
                ItemKind::Name(NameUse::Local(name) | NameUse::Builtin(name)) => {
                    Some(Key::Written(name.clone()))
                }
                _ => None,
            })
            .collect();
        keys.extend(before.chains.iter().map(|chain| Key::Symbol(chain.last_name().to_owned())));
        // The longest is likely to be the rarest.
        keys.into_iter().rev().max_by_key(|key| key.text().len()).unwrap_or(Key::Nothing)
    }

    /// The chains of `before`, and those of the classes that it names.
    pub fn all_chains(&self) -> impl Iterator<Item = &Chain> {
        let classes = self.before.instances.iter().flat_map(|instance| &instance.classes);
        self.before.chains.iter().chain(classes)
    }
}

fn metavariables(before: &Code, after: &Code) -> Vec<SnippetError> {
    let mut errors = Vec::new();
    let wrong = |range, message: String| SnippetError::new(Side::After, range, message);
    for meta in &after.metas {
        let written = meta.written();
        if meta.is_anonymous() {
            let error = wrong(meta.range, format!("`{written}` does not say what stands there"));
            errors.push(error.help("give it a name in `before`: `$NAME`"));
            continue;
        }
        let mut there = before.metas_named(&meta.name);
        match there.next() {
            None => {
                let known: BTreeSet<String> = before
                    .metas
                    .iter()
                    .filter(|meta| !meta.is_anonymous())
                    .map(super::Meta::written)
                    .collect();
                let error = wrong(meta.range, format!("`{written}` is not in `before`"));
                errors.push(if known.is_empty() {
                    error.help("`before` has no metavariable with a name")
                } else {
                    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                    error.help(format!("`before` has {}", known.join(", ")))
                });
            }
            Some(first) if first.is_spread != meta.is_spread => {
                errors.push(wrong(
                    meta.range,
                    format!("`before` has `{}`, and `{written}` is another thing", first.written()),
                ));
            }
            Some(_) => {}
        }
    }
    for meta in &before.metas {
        let other = before.metas_named(&meta.name).find(|other| other.is_spread != meta.is_spread);
        if let Some(other) = other.filter(|other| other.range.start() < meta.range.start())
            && !meta.is_anonymous()
        {
            let message =
                format!("`{}` and `{}` are different things", other.written(), meta.written());
            errors.push(SnippetError::new(Side::Before, meta.range, message));
        }
    }
    errors
}

/// A name of `after` that is neither imported nor Python's own means what it means in `before`.
fn local_names(before: &Code, after: &Code) -> Vec<SnippetError> {
    let declared: Vec<&str> =
        before.instances.iter().map(|instance| instance.name.as_str()).collect();
    let is_known = |name: &str| {
        declared.contains(&name)
            || before
                .names
                .values()
                .any(|there| matches!(there, NameUse::Local(there) if there == name))
    };
    after
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Name(NameUse::Local(name)) if !is_known(name) => {
                let message = format!("what `{name}` is cannot be told");
                let error = SnippetError::new(Side::After, item.range, message);
                Some(error.help(format!(
                    "import it in `after`, or write `${}` in both snippets if any expression may \
                     stand there",
                    name.to_uppercase()
                )))
            }
            _ => None,
        })
        .collect()
}

fn kind(before: &Code, after: &Code) -> Result<Kind, SnippetError> {
    let chains = (before.bare_chain(), after.bare_chain());
    let is_module =
        |chain: &Chain| matches!(chain.root, Root::Module(_)) && chain.attributes.is_empty();
    match (before.body, after.body) {
        (Body::Expression | Body::Import, Body::Expression | Body::Import) => match chains {
            (Some(old), Some(new)) => match (is_module(old), is_module(new)) {
                (true, true) => {
                    let message = format!("`{old}` is a module, and a name is what can be moved");
                    let error = SnippetError::new(Side::Before, before.range, message);
                    Err(error.help("name what moves, one rewrite for each: `from old import name`"))
                }
                (false, false) => Ok(Kind::Symbol),
                (true, false) => {
                    let message = format!("`{old}` is a module, and `{new}` is none");
                    Err(SnippetError::new(Side::After, after.range, message))
                }
                (false, true) => {
                    let message = format!("`{new}` is a module, and `{old}` is none");
                    Err(SnippetError::new(Side::After, after.range, message))
                }
            },
            _ if before.body == Body::Import || after.body == Body::Import => {
                let side = if after.body == Body::Import { Side::After } else { Side::Before };
                let code = if side == Side::After { after } else { before };
                let message = "an import line alone stands for the name that it brings; the other \
                               snippet is no such name";
                Err(SnippetError::new(side, code.range, message))
            }
            _ => Ok(Kind::Expression),
        },
        (Body::Statement, Body::Statement | Body::Expression) => Ok(Kind::Statement),
        (Body::Statement, Body::Import) | (Body::Expression | Body::Import, Body::Statement) => {
            let message = "`before` is an expression, and a statement cannot take its place";
            let message = if before.body == Body::Statement {
                "`before` is a statement, and an import line cannot take its place"
            } else {
                message
            };
            Err(SnippetError::new(Side::After, after.range, message))
        }
    }
}
