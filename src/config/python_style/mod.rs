//! How a project sorts and lays out its imports, as the tools that it uses are configured.
//!
//! Reads ruff's, isort's and black's settings where they change where an import goes or how it
//! looks. Never fails: what cannot be read is left at its default and reported as a
//! [`StyleWarning`]. Nothing here looks at Python source.

pub mod ini;
pub mod keys;
pub mod ruff;
pub mod isort;
pub mod files;
pub mod find;

use std::collections::BTreeSet;
use std::path::PathBuf;

/// The conventions that a new or changed import follows. The default is ruff's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of that name in the tools")]
pub struct ImportStyle {
    /// The widest line, in columns; a statement that would be wider is wrapped.
    pub line_length: usize,
    /// The line length comes from a file rather than from ruff's default.
    pub line_length_is_set: bool,
    /// The columns of a tab, for measuring.
    pub tab_size: usize,
    /// The minor version of Python 3 whose standard library counts, where one is configured.
    pub python_minor: Option<u8>,
    /// The project runs a tool that sorts imports, so that an unsorted import fails its checks.
    pub is_sorted_by_tool: bool,
    /// One name for each `from` statement.
    pub force_single_line: bool,
    /// Modules to which `force_single_line` does not apply.
    pub single_line_exclusions: BTreeSet<String>,
    /// `import` and `from` statements are sorted among each other.
    pub force_sort_within_sections: bool,
    /// `from` statements come before `import` statements.
    pub from_first: bool,
    /// Members: constants, then classes, then the rest.
    pub order_by_type: bool,
    /// Upper and lower case differ when names are sorted.
    pub case_sensitive: bool,
    /// Shorter names come first.
    pub length_sort: bool,
    /// The same, for `import` statements alone.
    pub length_sort_straight: bool,
    /// Names that count as constants.
    pub constants: BTreeSet<String>,
    /// Names that count as classes.
    pub classes: BTreeSet<String>,
    /// Names that count as variables.
    pub variables: BTreeSet<String>,
    /// Modules that come first in their section.
    pub force_to_top: BTreeSet<String>,
    /// `from m import a as b` may share a statement with other names.
    pub combine_as_imports: bool,
    /// `from . import a` comes before `from .. import b`.
    pub closest_first: bool,
    /// A trailing comma keeps a list of names on several lines although it would fit on one.
    pub magic_trailing_comma: bool,
    /// How a statement that is too wide is wrapped.
    pub wrap: Wrap,
    /// A wrapped list ends in a comma.
    pub trailing_comma: bool,
    /// A comment above an import that is not the first of its section has a blank line above it.
    pub blank_before_comments: bool,
    /// Blank lines after the imports; `None` for one, and two before a function or class.
    pub lines_after_imports: Option<usize>,
    /// Blank lines between `import` and `from` statements of one section.
    pub lines_between_types: usize,
    /// Modules whose section is given, most important first.
    pub known: Vec<(Pattern, Section)>,
    /// The sections, in order.
    pub section_order: Vec<Section>,
    /// Where a module belongs that nothing else is known of.
    pub default_section: Section,
    /// All imports but `__future__` form one section.
    pub no_sections: bool,
    /// Sections without a blank line before them.
    pub no_lines_before: BTreeSet<Section>,
    /// A module is first-party as its top-level package is, whether it exists or not.
    pub first_party_by_top_level: bool,
    /// The folders in which first-party modules lie, relative to the project's; where there are
    /// none, its source roots are meant.
    pub src: Vec<PathBuf>,
}

impl Default for ImportStyle {
    fn default() -> Self {
        Self {
            line_length: 88,
            line_length_is_set: false,
            tab_size: 4,
            python_minor: None,
            is_sorted_by_tool: false,
            force_single_line: false,
            single_line_exclusions: BTreeSet::new(),
            force_sort_within_sections: false,
            from_first: false,
            order_by_type: true,
            case_sensitive: false,
            length_sort: false,
            length_sort_straight: false,
            constants: BTreeSet::new(),
            classes: BTreeSet::new(),
            variables: BTreeSet::new(),
            force_to_top: BTreeSet::new(),
            combine_as_imports: false,
            closest_first: false,
            magic_trailing_comma: true,
            wrap: Wrap::VerticalHangingIndent,
            trailing_comma: true,
            blank_before_comments: true,
            lines_after_imports: None,
            lines_between_types: 0,
            known: Vec::new(),
            section_order: Section::STANDARD.to_vec(),
            default_section: Section::ThirdParty,
            no_sections: false,
            no_lines_before: BTreeSet::new(),
            first_party_by_top_level: false,
            src: Vec::new(),
        }
    }
}

/// How a list of names is broken into lines; isort's `multi_line_output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrap {
    /// `from m import (a, b,` and the rest below `a`.
    Grid,
    /// `from m import (a,` and each other name below `a`.
    Vertical,
    /// Lines joined by backslashes.
    HangingIndent,
    /// Parentheses, one name a line; what black and ruff write.
    VerticalHangingIndent,
    /// Parentheses, the names filled into lines below, the last line closing.
    VerticalGrid,
    /// The same, the closing parenthesis on its own line.
    VerticalGridGrouped,
}

/// A group of imports that stands together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `from __future__ import …`.
    Future,
    /// Modules that come with Python.
    StandardLibrary,
    /// Modules of installed packages.
    ThirdParty,
    /// Modules of the project.
    FirstParty,
    /// Relative imports.
    LocalFolder,
    /// A section that the project has named.
    Custom(String),
}

impl Section {
    /// The sections that need no configuration, in their order.
    pub const STANDARD: [Self; 5] = [
        Self::Future,
        Self::StandardLibrary,
        Self::ThirdParty,
        Self::FirstParty,
        Self::LocalFolder,
    ];

    /// The section that ruff (`standard-library`) or isort (`STDLIB`) calls `name`.
    pub fn named(name: &str) -> Self {
        let plain: String =
            name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        match plain.as_str() {
            "future" => Self::Future,
            "standardlibrary" | "stdlib" => Self::StandardLibrary,
            "thirdparty" => Self::ThirdParty,
            "firstparty" => Self::FirstParty,
            "localfolder" => Self::LocalFolder,
            _ => Self::Custom(name.trim().to_lowercase()),
        }
    }
}

/// A dotted module name in which `*` stands for any text and `?` for any character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Takes `text` as it is; every text is a pattern.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// It speaks of submodules, not only of top-level modules.
    pub fn has_dot(&self) -> bool {
        self.0.contains('.')
    }

    /// The whole of `name` is of this form.
    pub fn matches(&self, name: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let name: Vec<char> = name.chars().collect();
        // reachable[j]: the pattern's first characters match the first j of the name.
        let mut reachable = vec![false; name.len() + 1];
        if let Some(first) = reachable.first_mut() {
            *first = true;
        }
        for wanted in pattern {
            let mut next = vec![false; name.len() + 1];
            let mut any_before = false;
            for (j, slot) in next.iter_mut().enumerate() {
                let here = reachable.get(j).copied().unwrap_or_default();
                let before = j.checked_sub(1);
                let diagonal = before.and_then(|i| reachable.get(i)).copied().unwrap_or_default();
                let character = before.and_then(|i| name.get(i)).copied();
                any_before |= here;
                *slot = match wanted {
                    '*' => any_before,
                    '?' => diagonal,
                    literal => diagonal && character == Some(literal),
                };
            }
            reachable = next;
        }
        reachable.last().copied().unwrap_or_default()
    }
}

/// A setting that was left at its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleWarning {
    /// The file that holds it, relative to the project's folder.
    pub path: PathBuf,
    /// What is wrong with it; starts in lower case, no full stop.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names() {
        for (pattern, name, expected) in [
            ("app", "app", true),
            ("app", "apps", false),
            ("app.*", "app.core.x", true),
            ("app.*", "app", false),
            ("*_pb2", "service_pb2", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("*", "", true),
            ("**a**", "bab", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn both_tools_names_of_a_section_are_known() {
        for name in ["standard-library", "STDLIB", "standard_library"] {
            assert_eq!(Section::named(name), Section::StandardLibrary);
        }
        assert_eq!(Section::named("DJANGO"), Section::Custom("django".to_owned()));
    }
}
