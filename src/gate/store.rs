//! Baselines and last results on the disk, in the folder of the journal.
//!
//! Two small JSON files, each replaced as a whole. A file that cannot be understood is an error,
//! never taken for an empty one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::baseline::Baselines;
use super::result::GateResult;
use crate::fs::replace;

/// The format that this program writes, and the only one that it reads.
const VERSION: u32 = 1;

/// Where baselines and results are kept.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// The last result of every gate, by tier and gate, for `status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Results(BTreeMap<String, BTreeMap<String, Kept>>);

/// A result and when it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// When the gate ended.
    pub at: Timestamp,
    /// What came of it.
    pub result: GateResult,
}

/// Why baselines or results cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk refuses.
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is damaged.
    #[error("{}: {source}; delete the file to start anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where, and what is there.
        source: serde_json::Error,
    },
    /// Another version of the program wrote it.
    #[error("{}: its format is {found}, and this tiermod reads {VERSION}; delete the file to start anew, or use the tiermod that wrote it", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in it.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: u32,
    gates: T,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

impl Results {
    /// The last result of a gate.
    pub fn get(&self, tier: Option<&str>, gate: &str) -> Option<&Kept> {
        self.0.get(tier.unwrap_or_default())?.get(gate)
    }

    /// The last results of a tier's gates, by name.
    pub fn tier(&self, tier: Option<&str>) -> impl Iterator<Item = &Kept> {
        self.0.get(tier.unwrap_or_default()).into_iter().flat_map(BTreeMap::values)
    }

    /// Takes in what gates gave.
    pub fn keep<'a>(
        &mut self,
        tier: Option<&str>,
        results: impl IntoIterator<Item = &'a GateResult>,
        at: Timestamp,
    ) {
        let gates = self.0.entry(tier.unwrap_or_default().to_owned()).or_default();
        for result in results {
            gates.insert(result.name.clone(), Kept { at, result: result.clone() });
        }
    }
}

impl Store {
    /// The store in `folder`, the journal's; it is made when something is first written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// What was recorded; nothing where nothing was.
    ///
    /// # Errors
    /// The file cannot be read, or is none that this version wrote.
    pub fn baselines(&self) -> Result<Baselines, StoreError> {
        self.read("baselines.json")
    }

    /// Keeps `baselines` in place of what was recorded.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_baselines(&self, baselines: &Baselines) -> Result<(), StoreError> {
        self.write("baselines.json", baselines)
    }

    /// The last results; none where no gate ran yet.
    ///
    /// # Errors
    /// The file cannot be read, or is none that this version wrote.
    pub fn results(&self) -> Result<Results, StoreError> {
        self.read("gates.json")
    }

    /// Keeps `results` in place of the last ones.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_results(&self, results: &Results) -> Result<(), StoreError> {
        self.write("gates.json", results)
    }

    fn read<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, StoreError> {
        let path = self.folder.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
            Err(source) => return Err(StoreError::Disk { path, source }),
        };
        parse(&bytes, &path)
    }

    fn write<T: Serialize>(&self, name: &str, gates: &T) -> Result<(), StoreError> {
        let path = self.folder.join(name);
        let mut text = serde_json::to_vec_pretty(&Versioned { version: VERSION, gates })
            .map_err(|source| StoreError::Damaged { path: path.clone(), source })?;
        text.push(b'\n');
        fs::create_dir_all(&self.folder)
            .and_then(|()| replace(&path, &text))
            .map_err(|source| StoreError::Disk { path, source })
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<T, StoreError> {
    let damaged = |source| StoreError::Damaged { path: path.to_owned(), source };
    // The version comes first: what another one holds may look like damage.
    let VersionOnly { version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if version != VERSION {
        return Err(StoreError::Version { path: path.to_owned(), found: version });
    }
    let versioned: Versioned<T> = serde_json::from_slice(bytes).map_err(damaged)?;
    Ok(versioned.gates)
}
