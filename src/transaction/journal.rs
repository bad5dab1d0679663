//! What a transaction is about to do, on the disk before it does it.
//!
//! One file of records, each with its length and SHA-256. It is written under another name and
//! renamed when it is whole and synced, so a file called `journal` is complete up to its progress
//! notes; of those, one that was cut off at the very end counts as not written.
//!
//! ```text
//! tiermod journal 1
//! header LENGTH SHA256
//! {JSON}
//! old LENGTH SHA256
//! BYTES
//! new LENGTH SHA256
//! BYTES
//! …
//! written 0 SHA256
//! process LENGTH SHA256
//! {JSON}
//! committing LENGTH SHA256
//! {JSON}
//! ```

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fs::{FileSystem, ProjectPath, remove_if_there, write_new};
use crate::git::{Entry, RepoPath};
use crate::patch::sha256;

use super::bytes::Bytes;
use super::trailer::Sites;

const MAGIC: &[u8] = b"tiermod journal 1\n";

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refuses.
    #[error("{path}: {source}")]
    Disk {
        /// The journal.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Another version wrote it.
    #[error(
        "{0}: was written by another version of tiermod; run that version once to finish its work"
    )]
    Version(String),
    /// It is not what was written.
    #[error(
        "{path}: is damaged ({what}); the files that it names may be half changed: compare them with git, then remove the journal"
    )]
    Damaged {
        /// The journal.
        path: String,
        /// What is wrong with it.
        what: String,
    },
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A tier is applied.
    Apply,
    /// A tier is taken back.
    Rollback,
}

/// What the journal says of the whole transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Part of the names of temporary files.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// The tier.
    pub tier: String,
    /// The transforms.
    pub transforms: Vec<String>,
    /// The fingerprint of the patch; for a rollback, of the patches that it takes back.
    pub plan: String,
    /// The sums of sites.
    pub sites: Option<Sites>,
    /// For a rollback, what it takes back.
    pub rolls_back: Vec<String>,
    /// Who runs it, for histories without git.
    pub who: String,
    /// When it began, as ISO 8601, for histories without git.
    pub when: String,
    /// `HEAD` at the start, where it is to be committed.
    pub head: Option<String>,
    /// `HEAD` at the start, where it is not: what comes before it in the history, and what after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The files.
    pub files: Vec<FileHeader>,
}

/// What the journal says of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHeader {
    /// Its path in the project.
    pub path: Bytes,
    /// Written where it is, since a file that takes its place would lose names or its owner.
    pub in_place: bool,
}

/// One file of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFile {
    /// Its path in the project.
    pub path: ProjectPath,
    /// Written where it is.
    pub in_place: bool,
    /// Its content before.
    pub old: Vec<u8>,
    /// Its content afterwards.
    pub new: Vec<u8>,
}

/// How far a transaction has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Some files may be new.
    Begun,
    /// All files are new.
    Written,
    /// Git was about to commit.
    Committing(Vec<CommittedFile>),
    /// It stands, without a commit.
    Kept,
}

/// A process of git's that may outlive us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id.
    pub id: u32,
    /// What tells it from a later process with the same id, where the system says it.
    pub started: Option<String>,
}

/// One file of a commit under way: what the commit and the index are to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedFile {
    path: Bytes,
    mode: u32,
    head: String,
    commit: String,
    staged_mode: u32,
    staged: String,
    then_staged: String,
}

impl CommittedFile {
    /// What the last commit holds and the new one is to hold; what the index holds and is to hold.
    pub fn new(path: &RepoPath, head: (&Entry, &str), staged: (&Entry, &str)) -> Self {
        Self {
            path: Bytes::new(path.as_bytes()),
            mode: head.0.mode,
            head: head.0.id.clone(),
            commit: head.1.to_owned(),
            staged_mode: staged.0.mode,
            staged: staged.0.id.clone(),
            then_staged: staged.1.to_owned(),
        }
    }

    /// Its path in the repository.
    pub fn path(&self) -> RepoPath {
        RepoPath(self.path.to_vec().unwrap_or_default())
    }

    /// No uncommitted edits were staged: the index follows the commit.
    pub fn is_clean(&self) -> bool {
        (self.mode, &self.head) == (self.staged_mode, &self.staged)
    }

    /// What the commit is to hold.
    pub fn commit(&self) -> Entry {
        Entry { mode: self.mode, id: self.commit.clone() }
    }

    /// What the index held at the start.
    pub fn staged(&self) -> Entry {
        Entry { mode: self.staged_mode, id: self.staged.clone() }
    }

    /// What the index is to hold.
    pub fn then_staged(&self) -> Entry {
        Entry { mode: self.staged_mode, id: self.then_staged.clone() }
    }
}

/// A journal on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// Where it is.
    pub place: PathBuf,
    /// What it is about.
    pub header: Header,
    /// The files, in the order of the header.
    pub files: Vec<JournalFile>,
    /// How far it has come.
    pub progress: Progress,
    /// The last process of git's that was begun.
    pub process: Option<Process>,
    /// What of the file is whole, where something cut off follows.
    cut_off_at: Option<u64>,
}

impl Journal {
    /// Writes a journal into `store`; it is on the disk when the call returns.
    ///
    /// # Errors
    /// The disk refuses; there is no journal then.
    pub fn create(
        fs: &dyn FileSystem,
        store: &Path,
        header: Header,
        files: Vec<JournalFile>,
    ) -> Result<Self, JournalError> {
        let (draft, place) = (store.join("journal.new"), store.join("journal"));
        let mut bytes = MAGIC.to_vec();
        bytes.extend(record("header", &json(&header)));
        for file in &files {
            bytes.extend(record("old", &file.old));
            bytes.extend(record("new", &file.new));
        }
        let written = remove_if_there(fs, &draft)
            .and_then(|_| write_new(fs, &draft, &bytes))
            .and_then(|()| fs.rename(&draft, &place))
            .and_then(|()| fs.sync_folder(store));
        if let Err(source) = written {
            // No file of the tree was touched, so neither name means anything.
            let _draft = remove_if_there(fs, &draft);
            let _place = remove_if_there(fs, &place);
            return Err(disk(&place, source));
        }
        let (progress, process, cut_off_at) = (Progress::Begun, None, None);
        Ok(Self { place, header, files, progress, process, cut_off_at })
    }

    /// Adds a note of progress, on the disk when the call returns.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn note(&mut self, fs: &dyn FileSystem, progress: Progress) -> Result<(), JournalError> {
        let bytes = match &progress {
            Progress::Begun => return Ok(()),
            Progress::Written => record("written", b""),
            Progress::Kept => record("kept", b""),
            Progress::Committing(committing) => record("committing", &json(committing)),
        };
        self.add(fs, &bytes)?;
        self.progress = progress;
        Ok(())
    }

    /// Notes a process of git's before it begins, on the disk when the call returns.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn note_process(
        &mut self,
        fs: &dyn FileSystem,
        process: Process,
    ) -> Result<(), JournalError> {
        let bytes = record("process", &json(&process));
        self.add(fs, &bytes)?;
        self.process = Some(process);
        Ok(())
    }

    fn add(&mut self, fs: &dyn FileSystem, bytes: &[u8]) -> Result<(), JournalError> {
        let cut = match self.cut_off_at.take() {
            Some(length) => fs.set_length(&self.place, length),
            None => Ok(()),
        };
        cut.and_then(|()| fs.append(&self.place, bytes))
            .and_then(|()| fs.sync_file(&self.place))
            .map_err(|source| disk(&self.place, source))
    }

    /// The journal in `store`, or `None` where there is none. One that was never finished is
    /// removed: nothing was done for it.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn load(fs: &dyn FileSystem, store: &Path) -> Result<Option<Self>, JournalError> {
        let draft = store.join("journal.new");
        remove_if_there(fs, &draft).map_err(|source| disk(&draft, source))?;
        let place = store.join("journal");
        match fs.read(&place) {
            Ok(bytes) => parse(place, &bytes).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(disk(&place, source)),
        }
    }

    /// The journal at `place`.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn read(fs: &dyn FileSystem, place: &Path) -> Result<Self, JournalError> {
        let bytes = fs.read(place).map_err(|source| disk(place, source))?;
        parse(place.to_path_buf(), &bytes)
    }
}

fn disk(path: &Path, source: io::Error) -> JournalError {
    JournalError::Disk { path: path.display().to_string(), source }
}

/// The body of a record: texts, numbers and lists of those, which JSON has all.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn record(name: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{name} {} {}\n", body.len(), sha256(body)).into_bytes();
    bytes.extend_from_slice(body);
    bytes.push(b'\n');
    bytes
}

enum Read<'a> {
    Record(&'a str, &'a [u8], &'a [u8]),
    CutOff,
    Wrong(String),
}

fn read(bytes: &[u8]) -> Read<'_> {
    let Some(end) = memchr::memchr(b'\n', bytes) else { return Read::CutOff };
    let head = bytes.get(..end).and_then(|head| str::from_utf8(head).ok()).unwrap_or_default();
    let words: Vec<&str> = head.split(' ').collect();
    let (&[name, length, digest], rest) = (words.as_slice(), bytes.get(end + 1..)) else {
        return Read::Wrong("a record has no proper head".to_owned());
    };
    let Ok(length) = length.parse::<usize>() else {
        return Read::Wrong(format!("the record `{name}` has no length"));
    };
    // A line ending follows the body.
    let rest = rest.unwrap_or_default();
    let after = length.checked_add(1).and_then(|end| rest.get(end..));
    let (Some(body), Some(after)) = (rest.get(..length), after) else {
        return Read::CutOff;
    };
    if sha256(body) != digest {
        // The last record of all was not synced: its length may be there without its content.
        return if after.is_empty() {
            Read::CutOff
        } else {
            Read::Wrong(format!("the record `{name}` is not what was written"))
        };
    }
    Read::Record(name, body, after)
}

fn parse(place: PathBuf, bytes: &[u8]) -> Result<Journal, JournalError> {
    let path = place.display().to_string();
    let damaged = |what: &str| JournalError::Damaged { path: path.clone(), what: what.to_owned() };
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else {
        return Err(if bytes.starts_with(b"tiermod journal ") {
            JournalError::Version(path)
        } else {
            damaged("it does not begin as a journal does")
        });
    };
    let expect = |wanted: &str, rest: &mut &[u8]| match read(rest) {
        Read::Record(name, body, after) if name == wanted => {
            *rest = after;
            Ok(body.to_vec())
        }
        Read::Record(..) | Read::CutOff => Err(damaged(&format!("its `{wanted}` is missing"))),
        Read::Wrong(what) => Err(damaged(&what)),
    };
    let header: Header = serde_json::from_slice(&expect("header", &mut rest)?)
        .map_err(|error| damaged(&error.to_string()))?;
    let mut files = Vec::with_capacity(header.files.len());
    for file in &header.files {
        let path = file.path.to_path().ok_or_else(|| damaged("it names a path that is none"))?;
        let old = expect("old", &mut rest)?;
        let new = expect("new", &mut rest)?;
        files.push(JournalFile { path, in_place: file.in_place, old, new });
    }
    let mut progress = Progress::Begun;
    let mut process = None;
    let mut cut_off_at = None;
    while !rest.is_empty() {
        let (name, body, after) = match read(rest) {
            Read::Record(name, body, after) => (name, body, after),
            Read::CutOff => {
                cut_off_at = Some((bytes.len() - rest.len()) as u64);
                break;
            }
            Read::Wrong(what) => return Err(damaged(&what)),
        };
        let json = |error: serde_json::Error| damaged(&error.to_string());
        match name {
            "written" => progress = Progress::Written,
            "kept" => progress = Progress::Kept,
            "committing" => {
                progress = Progress::Committing(serde_json::from_slice(body).map_err(json)?);
            }
            "process" => process = Some(serde_json::from_slice(body).map_err(json)?),
            other => return Err(damaged(&format!("it has a record `{other}`"))),
        }
        rest = after;
    }
    Ok(Journal { place, header, files, progress, process, cut_off_at })
}
