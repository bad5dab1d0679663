//! The name of a class: `package.module:Class`.

use std::fmt;
use std::str::FromStr;

/// A class by the module that defines it and its qualified name there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    module: String,
    class: String,
}

/// Why a text names no class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no class; write it as `package.module:Class`")]
pub struct TargetError(String);

impl Target {
    /// The dotted name of the module.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The class's qualified name in the module, `Outer.Inner` for a nested one.
    pub fn class(&self) -> &str {
        &self.class
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (module, class) = text.split_once(':').ok_or_else(|| TargetError(text.to_owned()))?;
        if is_dotted_name(module) && is_dotted_name(class) {
            Ok(Self { module: module.to_owned(), class: class.to_owned() })
        } else {
            Err(TargetError(text.to_owned()))
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, self.class)
    }
}

fn is_dotted_name(text: &str) -> bool {
    text.split('.').all(|part| {
        let mut letters = part.chars();
        letters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
            && letters.all(|letter| letter == '_' || letter.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_module_and_a_class() {
        let target: Target = "app.redis_manager:RedisManager".parse().unwrap();
        assert_eq!((target.module(), target.class()), ("app.redis_manager", "RedisManager"));
        assert_eq!("a:Outer.Inner".parse::<Target>().unwrap().to_string(), "a:Outer.Inner");
        for text in ["", "app", "app:", ":C", "app.:C", "app:C()", "app:C:D", "app/x:C", "1a:C"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
