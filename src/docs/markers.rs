//! Finds markers and replaces what is between them.
//!
//! A marker is an HTML comment alone on its line, indented by three spaces at most, outside
//! fenced code: one that is quoted in a sentence or shown as an example is text.

use std::fmt;

/// A block that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// The import registry, between `<!-- tiermod:registry -->` and `<!-- /tiermod:registry -->`.
    Registry,
    /// The status of the migration, between `<!-- tiermod:status -->` and its end.
    Status,
}

impl Block {
    /// Every block.
    pub const ALL: [Self; 2] = [Self::Registry, Self::Status];

    /// As markers write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Status => "status",
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a file's markers cannot be used, and at which line, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct MarkerError {
    /// The line of the marker at fault; 1 where there is none.
    pub line: usize,
    /// What is wrong with it.
    pub problem: MarkerProblem,
}

/// What is wrong with a marker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkerProblem {
    /// The file has none.
    #[error(
        "there are no markers; put `<!-- tiermod:registry -->` and `<!-- /tiermod:registry -->`, \
         or the same with `status`, on lines of their own"
    )]
    None,
    /// No block has this name.
    #[error("there is no block `{0}`; there are `registry` and `status`")]
    Unknown(String),
    /// A block begins inside another.
    #[error("`{inner}` begins inside `{outer}`, which began at line {begun}")]
    Nested {
        /// The block that begins here.
        inner: Block,
        /// The one that it is inside of.
        outer: Block,
        /// Where that began.
        begun: usize,
    },
    /// A block begins a second time.
    #[error("`{block}` was there already, at line {first}")]
    Duplicate {
        /// The block.
        block: Block,
        /// Where it was first.
        first: usize,
    },
    /// A block has no end.
    #[error("`{0}` does not end; put `<!-- /tiermod:{0} -->` on a line after it")]
    NotEnded(Block),
    /// A block has no beginning.
    #[error("`{0}` ends here and did not begin; put `<!-- tiermod:{0} -->` on a line before it")]
    NotBegun(Block),
}

/// A block in a text: what is between the lines of its markers, in bytes.
struct Found {
    block: Block,
    line: usize,
    start: usize,
    end: usize,
    ending: &'static str,
}

/// `text` with each block's contents replaced by what `content` gives for it, in the line ending
/// that the block's first line has.
///
/// # Errors
/// A marker without its counterpart, or a block of no known name.
pub fn update(text: &str, mut content: impl FnMut(Block) -> String) -> Result<String, MarkerError> {
    let mut updated = String::with_capacity(text.len());
    let mut copied = 0;
    for found in find(text)? {
        updated.push_str(text.get(copied..found.start).unwrap_or_default());
        let written = content(found.block);
        // Blank lines around it, so that a formatter of Markdown has nothing to add.
        for line in std::iter::once("").chain(written.trim_matches('\n').lines()).chain([""]) {
            updated.push_str(line);
            updated.push_str(found.ending);
        }
        copied = found.end;
    }
    updated.push_str(text.get(copied..).unwrap_or_default());
    Ok(updated)
}

fn find(text: &str) -> Result<Vec<Found>, MarkerError> {
    let mut found: Vec<Found> = Vec::new();
    let mut open: Option<Found> = None;
    let mut fence: Option<(char, usize)> = None;
    let mut offset = 0;
    for (index, whole) in text.split_inclusive('\n').enumerate() {
        let line = index + 1;
        let start = offset;
        offset += whole.len();
        let content = whole.trim_end_matches(['\n', '\r']);
        // What is inside a block is ours; a fence that was broken there must not hide its end.
        if open.is_none() && fenced(content, &mut fence) {
            continue;
        }
        let Some((ends, name)) = marker(content) else { continue };
        let at = |problem| MarkerError { line, problem };
        let block = Block::ALL
            .into_iter()
            .find(|block| block.name() == name)
            .ok_or_else(|| at(MarkerProblem::Unknown(name.to_owned())))?;
        match (open.take(), ends) {
            (None, false) => {
                if let Some(first) = found.iter().find(|found| found.block == block) {
                    return Err(at(MarkerProblem::Duplicate { block, first: first.line }));
                }
                let ending = if whole.ends_with("\r\n") { "\r\n" } else { "\n" };
                open = Some(Found { block, line, start: offset, end: offset, ending });
            }
            (Some(begun), true) if begun.block == block => {
                found.push(Found { end: start, ..begun });
            }
            (Some(outer), false) if outer.block == block => {
                return Err(at(MarkerProblem::Duplicate { block, first: outer.line }));
            }
            (Some(outer), false) => {
                let nested =
                    MarkerProblem::Nested { inner: block, outer: outer.block, begun: outer.line };
                return Err(at(nested));
            }
            (_, true) => return Err(at(MarkerProblem::NotBegun(block))),
        }
    }
    match open {
        Some(begun) => {
            Err(MarkerError { line: begun.line, problem: MarkerProblem::NotEnded(begun.block) })
        }
        None if found.is_empty() => Err(MarkerError { line: 1, problem: MarkerProblem::None }),
        None => Ok(found),
    }
}

/// Whether the line belongs to fenced code, which it may begin or end.
fn fenced(line: &str, fence: &mut Option<(char, usize)>) -> bool {
    let Some(unindented) = unindented(line) else { return fence.is_some() };
    let sign = unindented.chars().next().filter(|sign| matches!(sign, '`' | '~'));
    let length = sign.map_or(0, |sign| unindented.chars().take_while(|c| *c == sign).count());
    let rest = unindented.trim_start_matches(['`', '~']);
    match (*fence, sign) {
        (None, Some(sign)) if length >= 3 && !(sign == '`' && rest.contains('`')) => {
            *fence = Some((sign, length));
            true
        }
        (Some((opened, least)), Some(sign)) if sign == opened && length >= least => {
            if rest.trim().is_empty() {
                *fence = None;
            }
            true
        }
        (fence, _) => fence.is_some(),
    }
}

/// The line without its indentation, or `None` where that makes it indented code.
fn unindented(line: &str) -> Option<&str> {
    let unindented = line.trim_start_matches(' ');
    (line.len() - unindented.len() <= 3).then_some(unindented)
}

/// Whether the line is a marker that ends a block, and the block's name.
fn marker(line: &str) -> Option<(bool, &str)> {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let comment = unindented(line)?.trim_end().strip_prefix("<!--")?.strip_suffix("-->")?.trim();
    let (ends, name) = match comment.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, comment),
    };
    name.strip_prefix("tiermod:").map(|name| (ends, name))
}
