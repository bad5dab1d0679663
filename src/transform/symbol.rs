//! Symbols: definitions named as `package.module:Name`.

use std::fmt;
use std::str::FromStr;

/// A name at the top level of a module, whatever alias or re-export a file reaches it by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolName {
    /// The module's dotted name; never relative, every part an identifier.
    pub module: String,
    /// An identifier.
    pub name: String,
}

impl fmt::Display for SymbolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, self.name)
    }
}

/// Why a text names no symbol, and which part of it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SymbolError {
    /// The byte offset at which the part to blame starts.
    pub start: usize,
    /// The byte offset at which it ends.
    pub end: usize,
    /// What is wrong with it.
    pub kind: SymbolErrorKind,
}

/// What is wrong with the name of a symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SymbolErrorKind {
    /// No colon parts the module from the name.
    #[error("a symbol is written `package.module:Name`{}", perhaps(.0.as_deref()))]
    NoColon(Option<String>),
    /// There is more than one colon.
    #[error("a symbol has one colon, between the module and the name")]
    SecondColon,
    /// Nothing before the colon.
    #[error("the module is missing before the colon")]
    NoModule,
    /// Nothing after the colon.
    #[error("the name is missing after the colon")]
    NoName,
    /// It starts with a dot.
    #[error("a module is named in full, from its source root, not relative to another")]
    Relative,
    /// Two dots meet, or one ends the module.
    #[error("a part of the module's name is missing")]
    EmptyPart,
    /// A dot after the colon.
    #[error("only a name at the top level of its module can be imported, so it has no dot")]
    Dotted,
    /// A keyword of Python.
    #[error("`{0}` is a keyword of Python")]
    Keyword(String),
    /// Not an identifier.
    #[error("`{0}` is not an identifier of Python")]
    NotIdentifier(String),
}

fn perhaps(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("; perhaps `{meant}`"))
}

impl FromStr for SymbolName {
    type Err = SymbolError;

    fn from_str(text: &str) -> Result<Self, SymbolError> {
        let fail = |start: usize, end: usize, kind| Err(SymbolError { start, end, kind });
        let Some((module, name)) = text.split_once(':') else {
            let meant = text.rsplit_once('.').map(|(module, name)| format!("{module}:{name}"));
            let meant = meant.filter(|meant| meant.parse::<Self>().is_ok());
            return fail(0, text.len(), SymbolErrorKind::NoColon(meant));
        };
        let colon = module.len();
        if let Some(second) = name.find(':') {
            let at = colon + 1 + second;
            return fail(at, at + 1, SymbolErrorKind::SecondColon);
        }
        if module.is_empty() {
            return fail(0, 1, SymbolErrorKind::NoModule);
        }
        if name.is_empty() {
            return fail(colon, colon + 1, SymbolErrorKind::NoName);
        }
        if module.starts_with('.') {
            return fail(0, 1, SymbolErrorKind::Relative);
        }
        let mut start = 0;
        for part in module.split('.') {
            let end = start + part.len();
            if part.is_empty() {
                // The dot before the missing part.
                return fail(start - 1, start, SymbolErrorKind::EmptyPart);
            }
            if let Some(kind) = wrong_identifier(part) {
                return fail(start, end, kind);
            }
            start = end + 1;
        }
        if let Some(dot) = name.find('.') {
            return fail(colon + 1 + dot, text.len(), SymbolErrorKind::Dotted);
        }
        if let Some(kind) = wrong_identifier(name) {
            return fail(colon + 1, text.len(), kind);
        }
        Ok(Self { module: module.to_owned(), name: name.to_owned() })
    }
}

fn wrong_identifier(text: &str) -> Option<SymbolErrorKind> {
    if !is_identifier_text(text) {
        return Some(SymbolErrorKind::NotIdentifier(text.to_owned()));
    }
    is_keyword(text).then(|| SymbolErrorKind::Keyword(text.to_owned()))
}

/// Whether Python takes `text` as a name: an identifier that is no keyword.
///
/// See "Names (identifiers and keywords)" in the Python reference, section 2.3.
pub fn is_identifier(text: &str) -> bool {
    is_identifier_text(text) && !is_keyword(text)
}

fn is_identifier_text(text: &str) -> bool {
    let mut chars = text.chars();
    let is_start = |char| char == '_' || unicode_ident::is_xid_start(char);
    chars.next().is_some_and(is_start) && chars.all(unicode_ident::is_xid_continue)
}

/// The keywords of Python 3.15; `match`, `case`, `type` and `_` are names as well.
fn is_keyword(text: &str) -> bool {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
        "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
        "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return",
        "try", "while", "with", "yield",
    ];
    KEYWORDS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, usize, SymbolErrorKind) {
        let error = text.parse::<SymbolName>().unwrap_err();
        (error.start, error.end, error.kind)
    }

    #[test]
    fn a_symbol_is_a_module_and_a_name() {
        for text in ["app.redis_manager:RedisManager", "app:x", "a.é.match:_type", "ünï:cödé1"]
        {
            assert_eq!(text.parse::<SymbolName>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_found_where_it_is() {
        use SymbolErrorKind::{
            Dotted, EmptyPart, Keyword, NoColon, NoModule, NoName, NotIdentifier, Relative,
            SecondColon,
        };
        for (text, start, end, kind) in [
            ("", 0, 0, NoColon(None)),
            ("app.redis.Manager", 0, 17, NoColon(Some("app.redis:Manager".to_owned()))),
            ("Manager", 0, 7, NoColon(None)),
            ("app/redis.Manager", 0, 17, NoColon(None)),
            (":Manager", 0, 1, NoModule),
            ("app:", 3, 4, NoName),
            ("app::Manager", 4, 5, SecondColon),
            (".app:Manager", 0, 1, Relative),
            ("..app:Manager", 0, 1, Relative),
            ("app..redis:Manager", 3, 4, EmptyPart),
            ("app.:Manager", 3, 4, EmptyPart),
            ("app.class:Manager", 4, 9, Keyword("class".to_owned())),
            ("app:None", 4, 8, Keyword("None".to_owned())),
            ("app:Manager.shared", 11, 18, Dotted),
            ("app.re-dis:Manager", 4, 10, NotIdentifier("re-dis".to_owned())),
            ("é.1:Manager", 3, 4, NotIdentifier("1".to_owned())),
            ("app: Manager", 4, 12, NotIdentifier(" Manager".to_owned())),
            ("app:Manager()", 4, 13, NotIdentifier("Manager()".to_owned())),
        ] {
            assert_eq!(error(text), (start, end, kind), "{text}");
        }
    }
}
