//! Text with named holes: `shared_{name}`, `user:{user_id}:{operation}`.
//!
//! Two braces stand for one. What a hole is filled with is for the caller to say.

use super::nearest::alternatives;

/// A text with holes that has been read; by default empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// A hole, by its name.
    Hole(String),
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct TemplateError {
    /// The byte offset in the text at which it goes wrong.
    pub start: usize,
    /// The byte offset at which that part ends.
    pub end: usize,
    /// What is wrong.
    pub kind: TemplateErrorKind,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateErrorKind {
    /// `{` has no `}`.
    #[error("`{{` is never closed; a brace that stands for itself is written `{{{{`")]
    Unclosed,
    /// `}` has no `{`.
    #[error("`}}` opens nowhere; a brace that stands for itself is written `}}}}`")]
    Unopened,
    /// A hole has a name that is none: letters, digits and `_`, not starting with a digit.
    #[error("`{0}` is not the name of a hole: letters, digits and `_`, no digit first")]
    BadName(String),
    /// The hole is not one that can be filled here.
    #[error("there is nothing called `{name}` here; it may be {known}")]
    UnknownName {
        /// The hole's name.
        name: String,
        /// Those that can be filled.
        known: String,
    },
}

impl Template {
    /// Reads a template with holes of any name.
    ///
    /// # Errors
    /// A brace without its counterpart, or a name that no hole has.
    pub fn new(text: &str) -> Result<Self, TemplateError> {
        Self::read(text, None)
    }

    /// Reads a template whose holes are among `known`.
    ///
    /// # Errors
    /// The same, or a hole that is not among `known`.
    pub fn with_holes(text: &str, known: &[&str]) -> Result<Self, TemplateError> {
        Self::read(text, Some(known))
    }

    fn read(text: &str, known: Option<&[&str]>) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut chars = text.char_indices().peekable();
        while let Some((start, char)) = chars.next() {
            let is_doubled = chars.peek().is_some_and(|&(_, next)| next == char);
            match char {
                '{' | '}' if is_doubled => {
                    chars.next();
                    plain.push(char);
                }
                '}' => {
                    let kind = TemplateErrorKind::Unopened;
                    return Err(TemplateError { start, end: start + 1, kind });
                }
                '{' => {
                    let mut name = String::new();
                    let mut end = None;
                    for (at, char) in chars.by_ref() {
                        if char == '}' {
                            end = Some(at + 1);
                            break;
                        }
                        name.push(char);
                    }
                    let Some(end) = end else {
                        let kind = TemplateErrorKind::Unclosed;
                        return Err(TemplateError { start, end: start + 1, kind });
                    };
                    if !is_name(&name) {
                        let kind = TemplateErrorKind::BadName(name);
                        return Err(TemplateError { start, end, kind });
                    }
                    if let Some(known) = known.filter(|known| !known.contains(&name.as_str())) {
                        let known = alternatives(known.iter().copied());
                        let kind = TemplateErrorKind::UnknownName { name, known };
                        return Err(TemplateError { start, end, kind });
                    }
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Part::Hole(name));
                }
                _ => plain.push(char),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pieces, in order; no two texts stand side by side.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The names of the holes, in order, each as often as it is there.
    pub fn holes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with every hole filled by what `fill` gives for its name.
    pub fn render(&self, fill: impl Fn(&str) -> String) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Hole(name) => fill(name),
        });
        parts.collect()
    }
}

fn is_name(name: &str) -> bool {
    let is_word = name.chars().all(|char| char == '_' || char.is_alphanumeric());
    is_word && name.chars().next().is_some_and(|first| !first.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_and_doubled_braces_stand_for_one() {
        let template = Template::new("{{{name}}}: {a_1}é{name}").unwrap();
        assert_eq!(template.render(|name| format!("<{name}>")), "{<name>}: <a_1>é<name>");
        assert_eq!(template.holes().collect::<Vec<_>>(), ["name", "a_1", "name"]);
        assert_eq!(Template::new("").unwrap().parts(), []);
    }

    #[test]
    fn what_is_wrong_is_found_where_it_is() {
        let at = |text: &str| {
            let error = Template::new(text).unwrap_err();
            (error.start, error.end, error.to_string())
        };
        let unclosed = "`{` is never closed; a brace that stands for itself is written `{{`";
        assert_eq!(at("é{name"), (2, 3, unclosed.to_owned()));
        let unopened = "`}` opens nowhere; a brace that stands for itself is written `}}`";
        assert_eq!(at("a}b"), (1, 2, unopened.to_owned()));
        for (text, name) in [("{}", ""), ("{a b}", "a b"), ("{1}", "1"), ("{a{b}", "a{b")] {
            let kind = TemplateErrorKind::BadName(name.to_owned());
            assert_eq!(Template::new(text).unwrap_err().kind, kind, "{text}");
        }
        let error = Template::with_holes("{{nme}}{nme}", &["name", "tier"]).unwrap_err();
        assert_eq!((error.start, error.end), (7, 12));
        assert_eq!(
            error.to_string(),
            "there is nothing called `nme` here; it may be `name` or `tier`"
        );
    }
}
