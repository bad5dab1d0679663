//! INI files as Python's `configparser` reads them: sections of keys, values over several lines.
//!
//! Knows nothing of what the keys mean; interpolation is not done. Every text can be read.

use std::collections::BTreeMap;

/// The sections of an INI file, each with its keys in lower case and their values.
pub type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// Reads `text`; keys before the first section header are in the section with the empty name.
///
/// A line that is indented more than a key continues that key's value. Lines that begin with `#`
/// or `;` are comments.
pub fn parse(text: &str) -> Sections {
    let mut sections = Sections::new();
    let mut section = String::new();
    let mut key: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let is_indented = line.starts_with([' ', '\t']);
        if is_indented && let Some(key) = &key {
            if let Some(value) = sections
                .get_mut(&section)
                .and_then(|keys: &mut BTreeMap<_, String>| keys.get_mut(key))
            {
                value.push('\n');
                value.push_str(trimmed);
            }
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
            sections.entry(section.clone()).or_default();
            key = None;
            continue;
        }
        let (name, value) = trimmed.split_once(['=', ':']).unwrap_or((trimmed, ""));
        let name = name.trim().to_lowercase();
        sections.entry(section.clone()).or_default().insert(name.clone(), value.trim().to_owned());
        key = Some(name);
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_go_over_several_lines() {
        let text = "root = true\n[isort]\n# comment\nKnown_First_Party =\n    app,\n    lib\nline_length: 100\n[flake8]\nline_length=79\n";
        let sections = parse(text);
        assert_eq!(sections["isort"]["known_first_party"], "\napp,\nlib");
        assert_eq!(sections["isort"]["line_length"], "100");
        assert_eq!(sections["flake8"]["line_length"], "79");
        assert_eq!(sections[""]["root"], "true");
    }

    #[test]
    fn a_line_that_is_nothing_is_a_key_without_value() {
        assert_eq!(parse("[a]\n]]\n")["a"]["]]"], "");
        assert!(parse("").is_empty());
    }
}
