//! The end of a transaction without a commit: its journal becomes a record.
//!
//! Records are numbered in the order in which they were made, and hold both contents of each file,
//! so that a tier can be taken back without git.

use std::path::PathBuf;

use crate::fs::create_folders;

use super::error::TransactionError;
use super::journal::Journal;
use super::put_back::clear;
use super::workbench::{Workbench, not_found};

/// Moves a journal that says `kept` to the records; the record's name.
pub(super) fn file_away(
    bench: &Workbench<'_>,
    journal: &Journal,
) -> Result<String, TransactionError> {
    let folder = bench.store.join("applied");
    let disk = |error| TransactionError::disk(&folder, error);
    clear(bench, journal)?;
    create_folders(bench.fs, &folder).map_err(disk)?;
    let last = records(bench)?.last().map_or(0, |(number, _)| *number);
    let name = format!("{:06}", last + 1);
    bench.fs.rename(&journal.place, &folder.join(&name)).map_err(disk)?;
    bench.fs.sync_folder(&folder).map_err(disk)?;
    bench.fs.sync_folder(&bench.store).map_err(disk)?;
    Ok(record_name(last + 1))
}

/// What a record is called where commits are named too.
pub(super) fn record_name(number: u64) -> String {
    format!("record:{number}")
}

/// The records there are, oldest first.
pub(super) fn records(bench: &Workbench<'_>) -> Result<Vec<(u64, PathBuf)>, TransactionError> {
    let folder = bench.store.join("applied");
    let paths = match bench.fs.entries(&folder) {
        Ok(paths) => paths,
        Err(error) if not_found(&error) => return Ok(Vec::new()),
        Err(error) => return Err(TransactionError::disk(&folder, error)),
    };
    let mut records: Vec<(u64, PathBuf)> = paths
        .into_iter()
        .filter_map(|path| {
            let number = path.file_name()?.to_str()?.parse().ok()?;
            Some((number, path))
        })
        .collect();
    records.sort();
    Ok(records)
}
