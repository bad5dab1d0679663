//! Header values with parts from the environment.
//!
//! A value is secret as a whole: it has no `Display`, and its `Debug` shows names only.

use std::fmt;

/// The text of a header in which `$NAME` and `${NAME}` stand for variables.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderValue(Vec<Part>);

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

/// Why a header cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A `$` that begins no variable's name.
    #[error("a `$` is not followed by a name; write `$NAME`, `${{NAME}}`, or `$$` for a dollar")]
    Dollar,
    /// It has a line break or another byte that a header cannot hold.
    #[error("it holds a control character")]
    Control,
}

impl HeaderValue {
    /// Reads the text of `codemod.toml`.
    ///
    /// # Errors
    /// A `$` without a name after it, or a control character.
    pub fn parse(text: &str) -> Result<Self, HeaderError> {
        if text.chars().any(|letter| letter.is_control() && letter != '\t') {
            return Err(HeaderError::Control);
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter != '$' {
                literal.push(letter);
                continue;
            }
            if letters.next_if_eq(&'$').is_some() {
                literal.push('$');
                continue;
            }
            let braced = letters.next_if_eq(&'{').is_some();
            let mut name = String::new();
            while let Some(next) =
                letters.next_if(|next| *next == '_' || next.is_ascii_alphanumeric())
            {
                name.push(next);
            }
            let closed = !braced || letters.next_if_eq(&'}').is_some();
            if !closed || name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit())
            {
                return Err(HeaderError::Dollar);
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Variable(name));
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// The value with its variables filled in by `lookup`, or the name of the first variable
    /// that is not set.
    ///
    /// # Errors
    /// The name of the first variable that is not set.
    pub fn expand(&self, lookup: impl Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut value = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(text) => value.push_str(text),
                Part::Variable(name) => {
                    value.push_str(&lookup(name).ok_or_else(|| name.clone())?);
                }
            }
        }
        Ok(value)
    }

    /// The names of the variables in it.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Variable(name) => Some(name.as_str()),
        })
    }
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeaderValue").field(&self.variables().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> Result<String, String> {
        HeaderValue::parse(text).unwrap().expand(|name| match name {
            "TOKEN" => Some("s3cret".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn variables_are_filled_in() {
        assert_eq!(expand("$TOKEN").unwrap(), "s3cret");
        assert_eq!(expand("Bearer ${TOKEN}x").unwrap(), "Bearer s3cretx");
        assert_eq!(expand("$TOKEN-$EMPTY.").unwrap(), "s3cret-.");
        assert_eq!(expand("5 $$ é").unwrap(), "5 $ é");
        assert_eq!(expand("$TOKENS").unwrap_err(), "TOKENS");
    }

    #[test]
    fn a_stray_dollar_is_refused() {
        for text in ["$", "a$ b", "${", "${TOKEN", "${}", "$1", "${TO KEN}"] {
            assert_eq!(HeaderValue::parse(text), Err(HeaderError::Dollar), "{text}");
        }
        assert_eq!(HeaderValue::parse("a\r\nX: b"), Err(HeaderError::Control));
    }

    #[test]
    fn debug_shows_names_only() {
        let value = HeaderValue::parse("hunter2 $TOKEN").unwrap();
        assert_eq!(format!("{value:?}"), r#"HeaderValue(["TOKEN"])"#);
    }
}
