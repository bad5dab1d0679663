//! Globs over the files of the project.
//!
//! They are as in `.gitignore`, with two differences: each starts at the project's folder (write
//! `**/conftest.py` for any depth), and there is no `!`. `*` and `?` stop at `/`, `**` does not,
//! `[…]` is one of some characters, `{a,b}` one of some texts. A pattern that matches a folder
//! covers everything below it. Names are compared byte by byte, as file systems do: `?` is one
//! byte, and brackets hold ASCII.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::fs::ProjectPath;
use crate::text::TextRange;

/// Globs that are asked as one; by default none.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    list: Vec<Pattern>,
    /// Matches files. Holds for each pattern those of [`Pattern::globs`], in order.
    files: GlobSet,
    /// The pattern to which each glob of `files` belongs.
    owners: Vec<usize>,
    /// Matches folders below which everything is covered.
    folders: GlobSet,
}

/// One glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    /// Where it was written, quotes included.
    pub range: TextRange,
    /// Without what does not count: a leading `./`, trailing slashes.
    clean: String,
    is_folder: bool,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// There is nothing in it.
    #[error("an empty pattern matches nothing; `**` is every file")]
    Empty,
    /// It has a backslash.
    #[error("a pattern has `/` between folders on every system; `[*]` is a star as it is")]
    Backslash,
    /// It starts at the root of the disk.
    #[error("a pattern starts at the project's folder, so it has no `/` or drive in front")]
    Absolute,
    /// It has a `..`.
    #[error("`..` leaves the project; a pattern starts at the project's folder")]
    Parent,
    /// It starts with `!`.
    #[error("a pattern cannot be negated; let an earlier tier or `[files] exclude` take the files")]
    Negated,
    /// Brackets or braces that do not close, and the like.
    #[error("bad glob: {0}")]
    Glob(String),
}

impl Pattern {
    /// Reads a pattern that was written at `range`.
    ///
    /// # Errors
    /// It is empty, or not a pattern that means anything inside a project.
    pub fn new(text: &str, range: TextRange) -> Result<Self, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError::Empty);
        }
        if text.contains('\\') {
            return Err(PatternError::Backslash);
        }
        let has_drive = matches!(text.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
        if text.starts_with('/') || has_drive {
            return Err(PatternError::Absolute);
        }
        if text.starts_with('!') {
            return Err(PatternError::Negated);
        }
        if text.split(['/', '{', '}', ',']).any(|part| part == "..") {
            return Err(PatternError::Parent);
        }
        if has_wide_class(text) {
            let message = "brackets hold only ASCII characters; `{é,è}` takes others";
            return Err(PatternError::Glob(message.to_owned()));
        }
        let parts: Vec<_> =
            text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let is_folder = text.ends_with('/') || text.ends_with("/.") || parts.is_empty();
        let pattern = Self { text: text.to_owned(), range, clean: parts.join("/"), is_folder };
        // Each glob is checked here, so that a set of patterns can always be built.
        for glob in pattern.globs().iter().chain(&pattern.folder_globs()) {
            build(glob).map_err(|error| PatternError::Glob(error.kind().to_string()))?;
        }
        Ok(pattern)
    }

    /// Whether it can match only one path, or what is below that.
    pub fn is_plain(&self) -> bool {
        !self.clean.contains(['*', '?', '[', '{'])
    }

    fn globs(&self) -> Vec<String> {
        match self.clean.as_str() {
            "" => vec!["**".to_owned()],
            clean if clean == "**" || clean.ends_with("/**") => vec![clean.to_owned()],
            clean if self.is_folder => vec![format!("{clean}/**")],
            clean => vec![clean.to_owned(), format!("{clean}/**")],
        }
    }

    fn folder_globs(&self) -> Vec<String> {
        match self.clean.as_str() {
            "" | "**" => vec!["**".to_owned()],
            clean => {
                let folder = clean.strip_suffix("/**").unwrap_or(clean);
                vec![folder.to_owned(), format!("{folder}/**")]
            }
        }
    }
}

impl Patterns {
    /// The set of `list`.
    ///
    /// # Errors
    /// The set is too large for its automaton.
    pub fn new(list: Vec<Pattern>) -> Result<Self, PatternError> {
        let mut files = GlobSetBuilder::new();
        let mut folders = GlobSetBuilder::new();
        let mut owners = Vec::new();
        let wrong = |error: globset::Error| PatternError::Glob(error.kind().to_string());
        for (index, pattern) in list.iter().enumerate() {
            for glob in pattern.globs() {
                files.add(build(&glob).map_err(wrong)?);
                owners.push(index);
            }
            for glob in pattern.folder_globs() {
                folders.add(build(&glob).map_err(wrong)?);
            }
        }
        let files = files.build().map_err(wrong)?;
        let folders = folders.build().map_err(wrong)?;
        Ok(Self { list, files, owners, folders })
    }

    /// Each pattern, in the order in which they were written.
    pub fn list(&self) -> &[Pattern] {
        &self.list
    }

    /// Whether one of them matches the file.
    pub fn matches(&self, file: &ProjectPath) -> bool {
        self.files.is_match(file.as_path())
    }

    /// Which of them match the file, as indices of [`Self::list`], ascending.
    pub fn matching(&self, file: &ProjectPath) -> Vec<usize> {
        let globs = self.files.matches(file.as_path());
        let mut owners: Vec<_> =
            globs.into_iter().filter_map(|glob| self.owners.get(glob).copied()).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// Whether everything below the folder is matched, so that it need not be walked.
    pub fn covers_folder(&self, folder: &ProjectPath) -> bool {
        self.folders.is_match(folder.as_path())
    }
}

/// Whether brackets hold a character of several bytes, of which they would match one.
fn has_wide_class(text: &str) -> bool {
    let classes = text.split('[').skip(1);
    classes.filter_map(|rest| rest.split(']').next()).any(|class| !class.is_ascii())
}

fn build(glob: &str) -> Result<globset::Glob, globset::Error> {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .backslash_escape(false)
        .empty_alternates(true)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextSize;

    fn patterns(texts: &[&str]) -> Patterns {
        let nowhere = TextRange::empty(TextSize::new(0));
        let list = texts.iter().map(|text| Pattern::new(text, nowhere).unwrap());
        Patterns::new(list.collect()).unwrap()
    }

    fn matches(text: &str, file: &str) -> bool {
        patterns(&[text]).matches(&ProjectPath::new(file).unwrap())
    }

    #[test]
    fn a_pattern_matches_as_its_documentation_says() {
        for (text, file, expected) in [
            ("app/core", "app/core/a.py", true),
            ("app/core/", "app/core/sub/a.py", true),
            ("app/core/", "app/core", false),
            ("app/core", "app/core_two/a.py", false),
            ("./app/core/.", "app/core/a.py", true),
            ("app//core", "app/core/a.py", true),
            (".", "a.py", true),
            ("./", "app/a.py", true),
            ("**", "app/core/a.py", true),
            ("*", "app/core/a.py", true),
            ("*.py", "a.py", true),
            ("*.py", "app/a.py", false),
            ("**/*.py", "a.py", true),
            ("**/*.py", "app/core/a.py", true),
            ("**/generated/**", "a/generated/b/c.py", true),
            ("**/generated/**", "generated/c.py", true),
            ("**/generated/**", "a/generated", false),
            ("app/websocket*/**", "app/websocket_core/a/b.py", true),
            ("app/websocket*/**", "app/websocket.py", false),
            ("app/websocket*", "app/websocket.py", true),
            ("app/websocket*", "app/websocket_core/auth.py", true),
            ("app/websocket*", "app/core/websocket.py", false),
            ("app/?.py", "app/b.py", true),
            ("app/?.py", "app/é.py", false),
            ("app/é*.py", "app/éa.py", true),
            ("app/[ab].py", "app/b.py", true),
            ("app/[!ab].py", "app/b.py", false),
            ("app/[*].py", "app/*.py", true),
            ("app/[*].py", "app/a.py", false),
            ("{app,lib}/**", "lib/a.py", true),
            ("{app/core,lib}", "app/core/a.py", true),
            ("{app,lib/{x,y}}/a.py", "lib/y/a.py", true),
            ("app{,_two}/a.py", "app/a.py", true),
            ("App/a.py", "app/a.py", false),
            ("app/.hidden.py", "app/.hidden.py", true),
            ("app/*", "app/.hidden.py", true),
            ("a b/ü.py", "a b/ü.py", true),
        ] {
            assert_eq!(matches(text, file), expected, "{text} {file}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let nowhere = TextRange::empty(TextSize::new(0));
        for (text, error) in [
            ("", PatternError::Empty),
            (" ", PatternError::Empty),
            ("app\\core\\**", PatternError::Backslash),
            ("/app", PatternError::Absolute),
            ("C:/app", PatternError::Absolute),
            ("../app", PatternError::Parent),
            ("app/../../b", PatternError::Parent),
            ("{..,app}/b", PatternError::Parent),
            ("!app", PatternError::Negated),
        ] {
            assert_eq!(Pattern::new(text, nowhere), Err(error), "{text}");
        }
        for text in ["app/[a", "app/{a,b", "app/a}", "app/[z-a].py", "app/[aé].py"] {
            let result = Pattern::new(text, nowhere);
            assert!(matches!(result, Err(PatternError::Glob(_))), "{text}: {result:?}");
        }
        assert!(Pattern::new("app/a..b.py", nowhere).is_ok());
    }

    #[test]
    fn a_covered_folder_is_one_whose_every_file_matches() {
        let covers = |text: &str, folder: &str| {
            patterns(&[text]).covers_folder(&ProjectPath::new(folder).unwrap())
        };
        assert!(covers("**/generated/**", "app/generated"));
        assert!(covers("**/generated/**", "app/generated/sub"));
        assert!(covers("app/core", "app/core/sub"));
        assert!(covers("**", "app"));
        assert!(!covers("app/*.py", "app"));
        assert!(!covers("app/core", "app"));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf8_is_matched() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let file = ProjectPath::new(OsStr::from_bytes(b"app/caf\xe9.py")).unwrap();
        assert!(patterns(&["app/**"]).matches(&file));
        assert!(patterns(&["app/caf*.py"]).matches(&file));
    }

    #[test]
    fn the_patterns_that_match_are_named() {
        let set = patterns(&["app/core", "**/*.py", "lib"]);
        assert_eq!(set.matching(&ProjectPath::new("app/core/a.py").unwrap()), [0, 1]);
        assert_eq!(set.matching(&ProjectPath::new("x").unwrap()), [0; 0]);
    }
}
