//! A TOML file as its author sees it: where it is, its text, and the places in it.
//!
//! Knows nothing of what the file means. Invariant: every offset is one into [`Document::text`],
//! which has no byte order mark and otherwise the very bytes of the file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_spanned::Spanned;
use sha2::{Digest, Sha256};
use toml::de::DeTable;

use super::literal;
use super::problem::{Problem, Problems};
use crate::text::lines::Mark;
use crate::text::{LineColumn, Lines, TextRange, TextSize, encoding, size};

/// A TOML file that has been read.
#[derive(Debug)]
pub struct Document {
    path: PathBuf,
    name: String,
    text: String,
    marks: Vec<Mark>,
    hash: String,
}

/// Why a TOML file cannot be read as text.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The operating system refuses.
    #[error("cannot read `{name}`: {source}")]
    Read {
        /// As messages name the file.
        name: String,
        /// What it says.
        source: io::Error,
    },
    /// It is a folder.
    #[error("`{name}` is a folder; name the TOML file in it")]
    Folder {
        /// As messages name it.
        name: String,
    },
    /// TOML is UTF-8 (TOML 1.1, "Spec"), and this is not.
    #[error(
        "{name}:{}:{}: byte {byte:#04x} is not UTF-8, as TOML must be; save the file as UTF-8",
        at.line, at.column
    )]
    NotUtf8 {
        /// As messages name the file.
        name: String,
        /// The first character that cannot be read.
        at: LineColumn,
        /// The byte there.
        byte: u8,
    },
    /// It is larger than any file that is read.
    #[error("`{name}` has {bytes} bytes, more than the {} that are read", encoding::MAX_BYTES)]
    TooLarge {
        /// As messages name the file.
        name: String,
        /// Its size.
        bytes: usize,
    },
}

impl Document {
    /// Reads the file at `path`, which messages call `name`.
    ///
    /// # Errors
    /// It cannot be read, or is not the text of a TOML file.
    pub fn read(path: &Path, name: String) -> Result<Arc<Self>, DocumentError> {
        if path.is_dir() {
            return Err(DocumentError::Folder { name });
        }
        match std::fs::read(path) {
            Ok(bytes) => Self::new(path, name, &bytes),
            Err(source) => Err(DocumentError::Read { name, source }),
        }
    }

    /// A document of these bytes; `path` is where they are from, `name` what messages call it.
    ///
    /// # Errors
    /// They are too many, or not UTF-8.
    pub fn new(path: &Path, name: String, bytes: &[u8]) -> Result<Arc<Self>, DocumentError> {
        if bytes.len() > encoding::MAX_BYTES {
            return Err(DocumentError::TooLarge { name, bytes: bytes.len() });
        }
        let body = bytes.strip_prefix(BOM.as_bytes()).unwrap_or(bytes);
        let text = match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(error) => {
                let good = body.get(..error.valid_up_to()).unwrap_or_default();
                let before = String::from_utf8_lossy(good);
                let at = Lines::new(&before).position(before.len_size());
                let byte = body.get(error.valid_up_to()).copied().unwrap_or_default();
                return Err(DocumentError::NotUtf8 { name, at, byte });
            }
        };
        let hash = format!("{:x}", Sha256::digest(bytes));
        Ok(Arc::new(Self { path: path.to_owned(), name, marks: Mark::all(&text), text, hash }))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What messages call it: its path in the project where it is inside, otherwise in full.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the file's bytes, in lower-case hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The line and column of an offset.
    pub fn position(&self, offset: TextSize) -> LineColumn {
        Lines::with_marks(&self.text, &self.marks).position(offset)
    }

    /// The place in the file of a byte offset of the value of a string, where `literal` is the
    /// string as the file has it, quotes included.
    pub fn place_in_string(&self, literal: TextRange, offset: usize) -> TextSize {
        let raw = crate::text::slice(&self.text, literal);
        literal.start() + size(literal::offset_in_literal(raw, offset))
    }

    /// The range from `start` to `end` of the value of a string; see [`Self::place_in_string`].
    pub fn range_in_string(&self, literal: TextRange, start: usize, end: usize) -> TextRange {
        let start = self.place_in_string(literal, start);
        TextRange::new(start, self.place_in_string(literal, end).max(start))
    }

    /// The tables of the file, each key and value with its place.
    ///
    /// # Errors
    /// Every syntax error that the parser can tell apart.
    pub(crate) fn parse(self: &Arc<Self>) -> Result<Spanned<DeTable<'_>>, Problems> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        let problems = errors.iter().map(|error| {
            let span = error.span().unwrap_or_default();
            Problem::error(self, range(span), error.message())
        });
        Problems::check(problems.collect()).map(|()| table)
    }
}

/// U+FEFF: allowed before the first line (TOML 1.1, "Spec").
pub(crate) const BOM: &str = "\u{feff}";

/// A range of the TOML parser as one of the text.
pub(crate) fn range(span: std::ops::Range<usize>) -> TextRange {
    let start = size(span.start);
    TextRange::new(start, size(span.end).max(start))
}

trait LenSize {
    fn len_size(&self) -> TextSize;
}

impl LenSize for str {
    fn len_size(&self) -> TextSize {
        size(self.len())
    }
}
