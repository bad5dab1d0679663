//! The import registry: what to import for each class, what to write and what not.

use std::fmt::Write;

use super::markdown::{cell, cell_code, fenced};

/// A transform, as the registry tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformed {
    /// Its name.
    pub name: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// What it replaces.
    pub replacements: Vec<Replacement>,
}

/// Something that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The class, or another symbol, as `package.module:Name`; empty where there is none.
    pub symbol: String,
    /// The import statement of what takes its place; empty where none is needed.
    pub import: String,
    /// Python that is right.
    pub correct: String,
    /// Python that is not.
    pub wrong: String,
}

/// The contents of the registry's block.
pub fn registry(transforms: &[Transformed]) -> String {
    let paragraphs: Vec<String> = transforms.iter().flat_map(paragraphs).collect();
    if paragraphs.is_empty() {
        return "There are no transforms.\n".to_owned();
    }
    paragraphs.join("\n")
}

/// What there is to say of a transform, each with a line break at its end.
fn paragraphs(transform: &Transformed) -> Vec<String> {
    let mut paragraphs =
        vec![format!("**{}**: {}\n", cell(&transform.name), cell(&transform.summary))];
    let mut named = transform.replacements.iter().filter(|it| !it.symbol.is_empty()).peekable();
    if named.peek().is_some() {
        let mut table = String::from("| class | import |\n| --- | --- |\n");
        for replacement in named {
            let import = match replacement.import.as_str() {
                "" => String::new(),
                import => cell_code(import),
            };
            // Writing to a string does not fail.
            let _written = writeln!(table, "| {} | {import} |", cell_code(&replacement.symbol));
        }
        paragraphs.push(table);
    }
    for replacement in &transform.replacements {
        paragraphs.extend([
            "Do:\n".to_owned(),
            fenced(&replacement.correct),
            "Do not:\n".to_owned(),
            fenced(&replacement.wrong),
        ]);
    }
    paragraphs
}
