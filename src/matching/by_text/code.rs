//! Texts that are code: `"from app.service import Name"` of a subprocess, a benchmark's `setup`, the
//! examples of a docstring.
//!
//! What such code does is not followed; what a line imports and spells out in full counts. Prose
//! that mentions a name is none: a line has to be Python, and in a text with prompts, an example.

use super::Finder;
use crate::matching::holder;
use crate::syntax::Module;
use crate::text::TextRange;

impl Finder<'_> {
    /// The names that a text reaches, if it is code.
    pub(super) fn source(&mut self, range: TextRange, text: &str) {
        let known = self.known.names();
        if !known.iter().any(|name| text.contains(name.as_str())) {
            return;
        }
        let lines = lines(text);
        for (at, line) in lines.iter().enumerate() {
            for statement in line.split(';').map(str::trim_start) {
                if let Some((module, names)) = imported(statement, lines.get(at + 1..)) {
                    self.imports(range, module, &names);
                }
            }
            self.spelled(range, line);
        }
    }

    /// `from app.service import Name`
    fn imports(&mut self, range: TextRange, module: &str, names: &str) {
        for name in words(names).filter(|name| self.known.contains(name)).collect::<Vec<_>>() {
            if let Some(holder) = holder::module_by_path(&self.place, module) {
                self.add(range, holder, name);
            }
        }
    }

    /// `app.service.Name()`
    fn spelled(&mut self, range: TextRange, line: &str) {
        let is_known = |chain: &&str| {
            let mut attributes = chain.split('.').skip(1);
            attributes.any(|name| self.known.contains(name))
        };
        let chains: Vec<&str> = chains(line).filter(is_known).collect();
        // Longer ones are data.
        if chains.is_empty() || line.len() > super::LONGEST || Module::parse(line).is_err() {
            return;
        }
        for chain in chains {
            self.path(range, chain);
        }
    }
}

/// The lines of code in a text: those behind prompts, where there are prompts.
fn lines(text: &str) -> Vec<&str> {
    if !text.contains(">>>") {
        return text.lines().map(str::trim).collect();
    }
    let prompts = text.lines().map(str::trim).filter_map(|line| {
        line.strip_prefix(">>>").or_else(|| line.strip_prefix("...")).map(str::trim)
    });
    prompts.collect()
}

/// The module and the names of an import, which may go on for several lines.
fn imported<'t>(statement: &'t str, rest: Option<&[&'t str]>) -> Option<(&'t str, String)> {
    let (module, names) = statement.strip_prefix("from ")?.split_once(" import ")?;
    let mut names = names.to_owned();
    if names.trim_start().starts_with('(') {
        for line in rest.into_iter().flatten() {
            if names.contains(')') {
                break;
            }
            names.push(' ');
            names.push_str(line);
        }
    }
    Some((module.trim(), names))
}

fn is_part(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

/// The names that a text has, if it is code.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char| !is_part(char)).filter(|word| !word.is_empty())
}

/// The dotted names that a line has.
fn chains(line: &str) -> impl Iterator<Item = &str> {
    line.split(|char| !is_part(char) && char != '.').filter(|chain| chain.contains('.'))
}
