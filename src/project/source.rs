//! One file, read and analysed.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use crate::fs::{ProjectPath, SourceTree};
use crate::semantic::Names;
use crate::syntax::Module;
use crate::text::lines::Mark;
use crate::text::{Encoding, LineColumn, Lines, encoding};

/// A file's text.
///
/// Invariant: `encoding` has a spelling for all of `text`, the one that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub path: ProjectPath,
    /// Its text, without a byte order mark.
    pub text: String,
    /// How the text is stored.
    pub encoding: Encoding,
}

impl Source {
    /// The text of the file `path` that has these bytes.
    ///
    /// # Errors
    /// They are not text.
    pub fn new(path: &ProjectPath, bytes: &[u8]) -> Result<Self, Failure> {
        match encoding::decode(bytes) {
            Ok((text, encoding)) => Ok(Self { path: path.clone(), text, encoding }),
            Err(error) => {
                let position = LineColumn { line: error.line(), column: 1 };
                let message = error.to_string();
                Err(Failure { position, message, source_line: String::new() })
            }
        }
    }

    /// Reads the file `path` of `tree`.
    ///
    /// # Errors
    /// It cannot be read or decoded.
    pub fn read(tree: &dyn SourceTree, path: &ProjectPath) -> Result<Self, Failure> {
        Self::new(path, &tree.read(path).map_err(|error| Failure::unreadable(&error))?)
    }

    /// The file's bytes.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        // By the invariant, there is a spelling.
        self.encoding.encode(&self.text).unwrap_or_default()
    }
}

/// A file that was parsed, with its names.
#[derive(Debug)]
pub struct Analysis {
    /// The file.
    pub source: Arc<Source>,
    /// Its syntax tree.
    pub module: Module,
    /// Its scopes, bindings and references.
    pub names: Names,
    /// The marks of its lines; made when they are asked for.
    marks: OnceLock<Vec<Mark>>,
}

/// Why a file could not be analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub position: LineColumn,
    /// What the reader, decoder or parser says.
    pub message: String,
    /// The line, where the file has text.
    pub source_line: String,
}

impl Analysis {
    /// Reads and analyses the file `path` of `tree`.
    ///
    /// # Errors
    /// It cannot be read, decoded or parsed.
    pub fn read(tree: &dyn SourceTree, path: &ProjectPath) -> Result<Self, Failure> {
        Self::of(Arc::new(Source::read(tree, path)?))
    }

    /// Analyses the file `path` that has these bytes.
    ///
    /// # Errors
    /// They are not text, or the text is not Python.
    pub fn new(path: &ProjectPath, bytes: &[u8]) -> Result<Self, Failure> {
        Self::of(Arc::new(Source::new(path, bytes)?))
    }

    /// Analyses a file.
    ///
    /// # Errors
    /// It is not Python.
    pub fn of(source: Arc<Source>) -> Result<Self, Failure> {
        match Module::parse(&source.text) {
            Ok(module) => {
                let names = Names::new(&module, &source.text);
                Ok(Self { source, module, names, marks: OnceLock::new() })
            }
            Err(error) => {
                let lines = Lines::new(&source.text);
                let position = lines.position(error.offset);
                let source_line = lines.line_text(position.line).to_owned();
                Err(Failure { position, message: error.message, source_line })
            }
        }
    }

    /// Its lines.
    pub fn lines(&self) -> Lines<'_> {
        let text = &self.source.text;
        Lines::with_marks(text, self.marks.get_or_init(|| Mark::all(text)))
    }

    /// Whether it is a stub file.
    pub fn is_stub(&self) -> bool {
        self.source.path.as_path().extension().is_some_and(|extension| extension == "pyi")
    }

    /// Whether it is a package's `__init__`.
    pub fn is_package(&self) -> bool {
        self.source.path.is_init()
    }
}

impl Failure {
    /// The file could not be read.
    pub fn unreadable(error: &std::io::Error) -> Self {
        Self {
            position: LineColumn { line: 1, column: 1 },
            message: format!("cannot be read: {error}"),
            source_line: String::new(),
        }
    }
}
