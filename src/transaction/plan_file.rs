//! What a reviewer saw, in a file, to be applied exactly or not at all.
//!
//! Holds the new bytes and a digest of everything that they were made from. A version that is not
//! ours is refused; so is any change of an input, by name.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fs::{FileSystem, ProjectPath};
use crate::patch::{Change, HunkNote, fingerprint, sha256};

use super::bytes::Bytes;
use super::error::TransactionError;
use super::trailer::Sites;
use super::workbench::Workbench;

/// The version of the format.
const VERSION: u32 = 1;

/// A reviewed plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFile {
    version: u32,
    /// `codemod.toml`, the transforms and every Python file that was read.
    inputs: Vec<Input>,
    tiers: Vec<TierPlan>,
}

/// A file that a plan depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    path: Bytes,
    sha256: String,
}

/// One tier of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierPlan {
    /// Its name.
    pub tier: String,
    /// The transforms.
    pub transforms: Vec<String>,
    /// The sums of its sites.
    pub sites: Sites,
    /// The fingerprint of its patch.
    pub plan: String,
    files: Vec<PlannedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PlannedFile {
    path: Bytes,
    old_sha256: String,
    new: Bytes,
    notes: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    start: u32,
    end: u32,
    text: String,
}

/// A plan file that cannot be applied. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is not JSON of this form.
    #[error("is no plan file: {0}")]
    Form(#[from] serde_json::Error),
    /// Another version wrote it.
    #[error(
        "has version {0} of the format, and this tiermod knows version {VERSION}; make the plan again"
    )]
    Version(u32),
    /// It names a path that is none, or bytes that are none.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// Files are not what they were.
    #[error("{}", listed(.0))]
    Changed(Vec<Mismatch>),
    /// The patch of a tier is another one.
    #[error("tier {0}: the patch would not be the one that was reviewed; make the plan again")]
    OtherPatch(String),
    /// Git or the disk fails.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

/// A file that is not what the plan was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The file.
    pub path: String,
    /// Whether it is gone, and not only changed.
    pub is_gone: bool,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.is_gone { "is gone" } else { "has changed" };
        write!(f, "{}: {what} since the plan was made", self.path)
    }
}

fn listed(mismatches: &[Mismatch]) -> String {
    let lines: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

impl Input {
    /// The file at `path`, relative to the project or absolute, with this content.
    pub fn new(path: &Path, content: &[u8]) -> Self {
        Self::of_digest(path, sha256(content))
    }

    /// The same, where the SHA-256 of the content is at hand, in hexadecimal.
    pub fn of_digest(path: &Path, sha256: String) -> Self {
        Self { path: Bytes::new(path.as_os_str().as_bytes()), sha256 }
    }
}

impl TierPlan {
    /// The plan of one tier.
    ///
    /// # Errors
    /// Git fails, or a file cannot be looked at.
    pub fn new(
        bench: &Workbench<'_>,
        tier: &str,
        transforms: Vec<String>,
        sites: Sites,
        changes: &[Change],
    ) -> Result<Self, TransactionError> {
        let note = |note: &HunkNote| Note {
            start: note.old_lines.start,
            end: note.old_lines.end,
            text: note.text.clone(),
        };
        let files = changes.iter().map(|change| PlannedFile {
            path: Bytes::of_path(&change.path),
            old_sha256: sha256(&change.old),
            new: Bytes::new(&change.new),
            notes: change.notes.iter().map(note).collect(),
        });
        Ok(Self {
            tier: tier.to_owned(),
            transforms,
            sites,
            plan: fingerprint(&bench.patches(changes)?, bench.object_format()),
            files: files.collect(),
        })
    }
}

impl PlanFile {
    /// A plan made from `inputs`.
    pub fn new(mut inputs: Vec<Input>, tiers: Vec<TierPlan>) -> Self {
        inputs.sort_by_key(|input| input.path.to_vec());
        Self { version: VERSION, inputs, tiers }
    }

    /// The file's content.
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to become JSON: its keys are names.
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }

    /// A plan from the file's content.
    ///
    /// # Errors
    /// It is no plan file, or one of another version.
    pub fn from_json(json: &[u8]) -> Result<Self, PlanFileError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_slice(json)?;
        if version != VERSION {
            return Err(PlanFileError::Version(version));
        }
        Ok(serde_json::from_slice(json)?)
    }

    /// The tiers of the plan.
    pub fn tiers(&self) -> &[TierPlan] {
        &self.tiers
    }

    /// What a tier of the plan changes, when everything that the plan was made from is as it was.
    /// Files that other tiers of the same plan change may have been changed by them.
    ///
    /// # Errors
    /// Every file that is not as it was; or the patch that would come out is another one.
    pub fn changes(
        &self,
        bench: &Workbench<'_>,
        tier: &TierPlan,
    ) -> Result<Vec<Change>, PlanFileError> {
        let mut mismatches = Vec::new();
        for input in &self.inputs {
            let bytes = bytes_of(&input.path)?;
            let path = String::from_utf8_lossy(&bytes).into_owned();
            let now = look(bench.fs, &bench.root.join(OsStr::from_bytes(&bytes)))?;
            let digest = now.as_deref().map(sha256);
            let is_as_it_was = digest.as_ref() == Some(&input.sha256);
            if !is_as_it_was && !self.was_applied(tier, &input.path, digest.as_deref()) {
                mismatches.push(Mismatch { path, is_gone: digest.is_none() });
            }
        }
        let mut changes = Vec::with_capacity(tier.files.len());
        for file in &tier.files {
            let path: ProjectPath = file
                .path
                .to_path()
                .ok_or_else(|| PlanFileError::Damaged("a path leaves the project".to_owned()))?;
            let new = bytes_of(&file.new)?;
            let Some(old) = look(bench.fs, &path.under(&bench.root))? else {
                mismatches.push(Mismatch { path: path.to_slash(), is_gone: true });
                continue;
            };
            if sha256(&old) != file.old_sha256 {
                mismatches.push(Mismatch { path: path.to_slash(), is_gone: false });
                continue;
            }
            let note =
                |note: &Note| HunkNote { old_lines: note.start..note.end, text: note.text.clone() };
            changes.push(Change { path, old, new, notes: file.notes.iter().map(note).collect() });
        }
        if !mismatches.is_empty() {
            mismatches.sort_by(|a, b| a.path.cmp(&b.path));
            mismatches.dedup();
            return Err(PlanFileError::Changed(mismatches));
        }
        let plan = fingerprint(&bench.patches(&changes)?, bench.object_format());
        if plan != tier.plan {
            return Err(PlanFileError::OtherPatch(tier.tier.clone()));
        }
        Ok(changes)
    }

    /// Whether every file that a tier of the plan changes is what the plan makes of it.
    ///
    /// # Errors
    /// A file cannot be looked at, or the plan is damaged.
    pub fn is_applied(
        &self,
        bench: &Workbench<'_>,
        tier: &TierPlan,
    ) -> Result<bool, PlanFileError> {
        for file in &tier.files {
            let place = bench.root.join(OsStr::from_bytes(&bytes_of(&file.path)?));
            if look(bench.fs, &place)? != Some(bytes_of(&file.new)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether another tier of this plan made the file at `path` what it is.
    fn was_applied(&self, tier: &TierPlan, path: &Bytes, digest: Option<&str>) -> bool {
        let mut others = self.tiers.iter().filter(|other| other.tier != tier.tier);
        others.any(|other| {
            other.files.iter().any(|file| {
                file.path == *path && file.new.to_vec().map(|new| sha256(&new)).as_deref() == digest
            })
        })
    }
}

fn bytes_of(bytes: &Bytes) -> Result<Vec<u8>, PlanFileError> {
    bytes.to_vec().ok_or_else(|| PlanFileError::Damaged("bytes that are none".to_owned()))
}

fn look(fs: &dyn FileSystem, path: &Path) -> Result<Option<Vec<u8>>, TransactionError> {
    match fs.read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TransactionError::disk(path, error)),
    }
}
