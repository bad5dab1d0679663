//! Contents as git stores them, and back.
//!
//! `core.autocrlf` and the attributes `text`, `eol`, `ident`, `filter` and `working-tree-encoding`
//! make a blob differ from the file. Where none of them applies, no process is started.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;

use super::entries::{records, unknown};
use super::process::Started;
use super::repository::{Git, first_line, io_error, os};
use super::{GitError, RepoPath, Staged};

/// A file as git stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The blob's name.
    pub id: String,
    /// The blob's content.
    pub bytes: Vec<u8>,
}

/// The line endings of a checkout, where attributes leave them open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEndings {
    /// As the user's settings have it.
    AsConfigured,
    /// Line feeds.
    Lf,
    /// Carriage returns and line feeds.
    Crlf,
}

/// What git does to a file's content on its way into the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conversion {
    None,
    /// CRLF becomes LF; where `auto`, only in what git takes for text and not where the index has
    /// CRLF already.
    LineEndings {
        auto: bool,
    },
    /// Anything, by a filter or an encoding; `auto` as above, where it is a setting that says so.
    Filter {
        auto: bool,
    },
}

impl Git<'_> {
    /// `files`, given as the disk has them, as `git add` would store them.
    ///
    /// # Errors
    /// Git, or a filter of the user's, fails.
    pub fn stored(&self, files: &[(RepoPath, &[u8])]) -> Result<Vec<Stored>, GitError> {
        let paths: Vec<RepoPath> = files.iter().map(|(path, _)| path.clone()).collect();
        let conversions = self.conversions(&paths)?;
        let mut stored = Vec::with_capacity(files.len());
        for ((path, bytes), conversion) in files.iter().zip(conversions) {
            let as_is = Stored { id: self.format().blob(bytes), bytes: bytes.to_vec() };
            let has_crlf = memchr::memmem::find(bytes, b"\r\n").is_some();
            stored.push(match conversion {
                Conversion::None => as_is,
                Conversion::LineEndings { .. } if !has_crlf => as_is,
                Conversion::LineEndings { auto: true } if self.index_has_crlf(path)? => as_is,
                Conversion::LineEndings { .. } => self.filtered(path, bytes, true)?,
                Conversion::Filter { auto } => {
                    let keeps_crlf = auto && has_crlf && self.index_has_crlf(path)?;
                    self.filtered(path, bytes, !keeps_crlf)?
                }
            });
        }
        Ok(stored)
    }

    /// `stored`, a blob's content, as git would check it out at `path` with `line_endings`.
    ///
    /// # Errors
    /// Git, or a filter of the user's, fails.
    pub fn checked_out(
        &self,
        path: &RepoPath,
        stored: &[u8],
        line_endings: LineEndings,
    ) -> Result<Vec<u8>, GitError> {
        let (_folder, environment) = self.spare_objects()?;
        let mut write = self.reads(["hash-object", "-w", "--no-filters", "--stdin"]).feed(stored);
        write.environment.extend(environment.clone());
        let id = first_line(&self.run(&write)?);
        let mut option = os(b"--path=");
        option.push(os(path.as_bytes()));
        let settings: &[&str] = match line_endings {
            LineEndings::AsConfigured => &[],
            LineEndings::Lf => &["-c", "core.autocrlf=false", "-c", "core.eol=lf"],
            LineEndings::Crlf => &["-c", "core.autocrlf=false", "-c", "core.eol=crlf"],
        };
        let show = self.reads(settings).with(["cat-file", "--filters"]);
        let mut show = show.with([option, id.into()]);
        show.environment.extend(environment);
        self.run(&show)
    }

    /// The contents of blobs, in the order of `ids`.
    ///
    /// # Errors
    /// Git fails, or one of them is not there.
    pub fn contents(&self, ids: &[String]) -> Result<Vec<Vec<u8>>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut input = ids.join("\n");
        input.push('\n');
        let output = self.run(&self.reads(["cat-file", "--batch"]).feed(input))?;
        let mut contents = Vec::with_capacity(ids.len());
        let mut rest = output.as_slice();
        for id in ids {
            // ID blob SIZE<LF>CONTENT<LF>
            let head = first_line(rest);
            let size = head.rsplit(' ').next().and_then(|word| word.parse::<usize>().ok());
            let part = size.filter(|_| head.starts_with(id.as_str())).and_then(|size| {
                let body = rest.get(head.len() + 1..)?;
                Some((body.get(..size)?, body.get(size + 1..)?))
            });
            let Some((content, next)) = part else {
                return Err(unknown("cat-file", head.as_bytes()));
            };
            contents.push(content.to_vec());
            rest = next;
        }
        Ok(contents)
    }

    /// Stores a blob of these bytes; its name.
    ///
    /// # Errors
    /// Git fails.
    pub fn store(&self, bytes: &[u8], started: Started<'_>) -> Result<String, GitError> {
        let call = self.changes(["hash-object", "-w", "--no-filters", "--stdin"]).feed(bytes);
        Ok(first_line(&self.change(&call, started)?))
    }

    fn index_has_crlf(&self, path: &RepoPath) -> Result<bool, GitError> {
        let entries = self.index_entries(&self.index, std::slice::from_ref(path))?;
        let Some(Staged::Entry(entry)) = entries.get(path) else { return Ok(false) };
        let contents = self.contents(std::slice::from_ref(&entry.id))?;
        Ok(contents.iter().any(|bytes| memchr::memmem::find(bytes, b"\r\n").is_some()))
    }

    /// Asks git itself, which does not look into the index for this.
    fn filtered(
        &self,
        path: &RepoPath,
        bytes: &[u8],
        with_autocrlf: bool,
    ) -> Result<Stored, GitError> {
        let mut option = os(b"--path=");
        option.push(os(path.as_bytes()));
        let (_folder, environment) = self.spare_objects()?;
        let settings: &[&str] = if with_autocrlf { &[] } else { &["-c", "core.autocrlf=false"] };
        let write = self.reads(settings).with(["hash-object", "-w", "--stdin"]);
        let mut write = write.with([option]).feed(bytes);
        write.environment.extend(environment.clone());
        let id = first_line(&self.run(&write)?);
        let mut show = self.reads(["cat-file", "blob", &id]);
        show.environment.extend(environment);
        Ok(Stored { id, bytes: self.run(&show)? })
    }

    /// Somewhere to put objects that are only looked at, so that reading leaves no trace.
    fn spare_objects(&self) -> Result<(tempfile::TempDir, Environment), GitError> {
        let folder =
            tempfile::TempDir::new().map_err(|source| io_error(&std::env::temp_dir(), source))?;
        let real = self.run(&self.reads(["rev-parse", "--git-path", "objects"]))?;
        let real = self.work_tree.join(os(real.strip_suffix(b"\n").unwrap_or(&real)));
        // A colon separates paths in the variable, unless it is quoted.
        let quoted = crate::patch::quote::name(b"", real.as_os_str().as_bytes());
        let quoted = if quoted.starts_with('"') { quoted } else { format!("\"{quoted}\"") };
        let environment = vec![
            ("GIT_OBJECT_DIRECTORY", folder.path().as_os_str().to_owned()),
            ("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted.into()),
        ];
        Ok((folder, environment))
    }

    fn conversions(&self, paths: &[RepoPath]) -> Result<Vec<Conversion>, GitError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let autocrlf = self.setting("core.autocrlf")?;
        let autocrlf = autocrlf.is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            ["true", "input", "yes", "on", "1"].contains(&value.as_str())
        });
        let names = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding"];
        let input: Vec<u8> =
            paths.iter().flat_map(|path| [path.as_bytes(), b"\0"].concat()).collect();
        let call = self.reads(["check-attr", "-z", "--stdin"]).with(names).feed(input);
        let output = self.run(&call)?;
        let fields: Vec<&[u8]> = records(&output).collect();
        let mut attributes: BTreeMap<&[u8], BTreeMap<&[u8], &[u8]>> = BTreeMap::new();
        for field in fields.chunks(3) {
            let [path, name, value] = field else {
                return Err(unknown("check-attr", field.concat().as_slice()));
            };
            attributes.entry(path).or_default().insert(name, value);
        }
        let none = BTreeMap::new();
        Ok(paths
            .iter()
            .map(|path| conversion(attributes.get(path.as_bytes()).unwrap_or(&none), autocrlf))
            .collect())
    }
}

type Environment = Vec<(&'static str, std::ffi::OsString)>;

/// The rules of gitattributes(5), "End-of-line conversion" and after.
fn conversion(attributes: &BTreeMap<&[u8], &[u8]>, autocrlf: bool) -> Conversion {
    let value = |name: &str| match attributes.get(name.as_bytes()).copied() {
        None | Some(b"unspecified") => None,
        Some(value) => Some(value),
    };
    let applies = |name: &str| value(name).is_some_and(|value| value != b"unset");
    if applies("ident") || applies("filter") || applies("working-tree-encoding") {
        let auto = autocrlf && ["text", "crlf", "eol"].iter().all(|name| value(name).is_none());
        return Conversion::Filter { auto };
    }
    match value("text").or_else(|| value("crlf")) {
        Some(b"unset") => Conversion::None,
        Some(b"auto") => Conversion::LineEndings { auto: true },
        Some(_) => Conversion::LineEndings { auto: false },
        None if applies("eol") => Conversion::LineEndings { auto: false },
        None if autocrlf => Conversion::LineEndings { auto: true },
        None => Conversion::None,
    }
}
