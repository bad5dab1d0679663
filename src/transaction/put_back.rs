//! The tree as it was before a transaction.
//!
//! Can be begun again at any point: each file is looked at and gets its old content only where it
//! does not have it. What somebody else wrote into one of the files is never lost.

use std::io;
use std::path::{Path, PathBuf};

use crate::fs::{FileSystem, NodeKind, create_folders, remove_if_there, write_new};
use crate::patch::{Lines, merge};

use super::error::{SetAside, TransactionError};
use super::journal::{Journal, JournalFile};
use super::workbench::{Workbench, not_found};

/// What becomes of a content that is neither the old nor the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// It stays, with our lines taken out of it; where that cannot be done, it is set aside.
    Keep,
    /// It is set aside.
    SetAside,
}

/// Gives every file of `journal` its old content again and removes all traces, the journal last.
pub(super) fn put_back(
    bench: &Workbench<'_>,
    journal: &Journal,
    foreign: Foreign,
) -> Result<Vec<SetAside>, TransactionError> {
    let mut set_aside = Vec::new();
    for (n, file) in journal.files.iter().enumerate() {
        set_aside.extend(put_back_file(bench, journal, n, file, foreign)?);
    }
    for folder in folders(bench, journal) {
        bench.fs.sync_folder(&folder).map_err(|e| TransactionError::disk(&folder, e))?;
    }
    clear(bench, journal)?;
    remove(bench, &journal.place)?;
    let synced = bench.fs.sync_folder(&bench.store);
    synced.map_err(|error| TransactionError::disk(&bench.store, error))?;
    Ok(set_aside)
}

/// Removes everything that a transaction keeps beside its journal.
pub(super) fn clear(bench: &Workbench<'_>, journal: &Journal) -> Result<(), TransactionError> {
    for (n, file) in journal.files.iter().enumerate() {
        let place = file.path.under(&bench.root);
        remove(bench, &draft_place(&place, &journal.header.id, n))?;
        remove(bench, &back_place(&place, &journal.header.id, n))?;
        remove(bench, &old_place(bench, n))?;
    }
    let old = old_folder(bench);
    if bench.fs.node(&old).map_err(|error| TransactionError::disk(&old, error))?.is_some() {
        bench.fs.remove_folder(&old).map_err(|error| TransactionError::disk(&old, error))?;
    }
    for name in ["index", "index.lock", "message"] {
        remove(bench, &bench.store.join(name))?;
    }
    Ok(())
}

/// Where the new content of the `n`th file waits, beside the file.
pub(super) fn draft_place(place: &Path, id: &str, n: usize) -> PathBuf {
    place.with_file_name(format!(".tiermod-{id}-{n}"))
}

/// Where the old content of the `n`th file waits, where it has to be written anew.
fn back_place(place: &Path, id: &str, n: usize) -> PathBuf {
    place.with_file_name(format!(".tiermod-{id}-{n}-back"))
}

/// Where the `n`th file itself has a second name while a transaction may still be undone: going
/// back then needs no room on the disk, and the file has its owner, its time and its number again.
pub(super) fn old_place(bench: &Workbench<'_>, n: usize) -> PathBuf {
    old_folder(bench).join(n.to_string())
}

/// The folder of those second names.
pub(super) fn old_folder(bench: &Workbench<'_>) -> PathBuf {
    bench.store.join("old")
}

/// The folders of the files, each once.
pub(super) fn folders(bench: &Workbench<'_>, journal: &Journal) -> Vec<PathBuf> {
    let places = journal.files.iter().map(|file| file.path.under(&bench.root));
    let mut folders: Vec<PathBuf> =
        places.filter_map(|place| place.parent().map(Path::to_path_buf)).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Writes `bytes` over a file that has to stay the same file.
pub(super) fn overwrite(fs: &dyn FileSystem, place: &Path, bytes: &[u8]) -> io::Result<()> {
    let before = fs.node(place)?;
    fs.overwrite(place, bytes)?;
    fs.set_length(place, bytes.len() as u64)?;
    if let Some(before) = before {
        fs.outdo_second(place, before.modified)?;
    }
    fs.sync_file(place)
}

/// Writes `bytes` to `draft`, with the owner, mode and attributes of the file at `like`.
pub(super) fn write_draft(
    fs: &dyn FileSystem,
    draft: &Path,
    bytes: &[u8],
    like: &Path,
) -> io::Result<()> {
    fs.create_file(draft)?;
    fs.append(draft, bytes)?;
    // The owner first: giving a file away takes some bits of its mode.
    fs.copy_owner(like, draft)?;
    fs.copy_mode(like, draft)?;
    fs.copy_extended(like, draft)?;
    if let Some(before) = fs.node(like)? {
        fs.outdo_second(draft, before.modified)?;
    }
    fs.sync_file(draft)
}

fn put_back_file(
    bench: &Workbench<'_>,
    journal: &Journal,
    n: usize,
    file: &JournalFile,
    foreign: Foreign,
) -> Result<Option<SetAside>, TransactionError> {
    let fs = bench.fs;
    let place = file.path.under(&bench.root);
    let disk = |error| TransactionError::disk(&place, error);
    match fs.node(&place).map_err(disk)? {
        Some(node) if node.kind != NodeKind::File => {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "is no regular file any more");
            return Err(TransactionError::disk(&place, error));
        }
        _ => {}
    }
    let is_there = |path: &Path| match fs.node(path) {
        Ok(node) => Ok(node.is_some()),
        Err(error) => Err(TransactionError::disk(path, error)),
    };
    let current = match fs.read(&place) {
        Ok(bytes) => Some(bytes),
        Err(error) if not_found(&error) => None,
        Err(error) => return Err(disk(error)),
    };
    let mut aside = None;
    let mut wanted = file.old.clone();
    match current {
        Some(bytes) if bytes == file.old => return Ok(None),
        Some(bytes) if bytes == file.new || is_torn(file, &bytes) => {}
        // A file that somebody removed has nothing to lose.
        None => {}
        // The folder is made before the first file is touched, and ours waits beside a file until
        // then: nothing of ours is in it.
        Some(_)
            if !is_there(&old_folder(bench))?
                || is_there(&draft_place(&place, &journal.header.id, n))? =>
        {
            return Ok(None);
        }
        Some(bytes) => match merge(&file.new, &bytes, &file.old, &Lines) {
            Ok(merged) if foreign == Foreign::Keep && merged == bytes => return Ok(None),
            Ok(merged) if foreign == Foreign::Keep => wanted = merged,
            _ => {
                let folder = bench.store.join("set-aside").join(&journal.header.id);
                create_folders(fs, &folder).map_err(disk)?;
                let copy = folder.join(n.to_string());
                remove(bench, &copy)?;
                write_new(fs, &copy, &bytes).map_err(disk)?;
                aside = Some(SetAside { path: file.path.clone(), copy });
            }
        },
    }
    give(bench, journal, n, file, &wanted).map_err(disk)?;
    Ok(aside)
}

fn give(
    bench: &Workbench<'_>,
    journal: &Journal,
    n: usize,
    file: &JournalFile,
    wanted: &[u8],
) -> io::Result<()> {
    let fs = bench.fs;
    let place = file.path.under(&bench.root);
    let old = old_place(bench, n);
    let kept = !file.in_place && fs.read(&old).is_ok_and(|bytes| bytes == wanted);
    if kept {
        return fs.rename(&old, &place);
    }
    if file.in_place && fs.node(&place)?.is_some() {
        return overwrite(fs, &place, wanted);
    }
    let draft = back_place(&place, &journal.header.id, n);
    remove_if_there(fs, &draft)?;
    let like = if fs.node(&place)?.is_some() { &place } else { &old };
    if fs.node(like)?.is_some() {
        write_draft(fs, &draft, wanted, like)?;
    } else {
        write_new(fs, &draft, wanted)?;
    }
    fs.rename(&draft, &place)
}

/// Whether `bytes` can be the result of writing the new content over the old one, or the old over
/// the new, and not getting to the end: every byte is the one or the other's at its place, or was
/// never filled.
fn is_torn(file: &JournalFile, bytes: &[u8]) -> bool {
    file.in_place
        && bytes.len() <= file.old.len().max(file.new.len())
        && bytes.iter().enumerate().all(|(at, byte)| {
            *byte == 0 || file.old.get(at) == Some(byte) || file.new.get(at) == Some(byte)
        })
}

pub(super) fn remove(bench: &Workbench<'_>, path: &Path) -> Result<(), TransactionError> {
    let removed = remove_if_there(bench.fs, path);
    removed.map(drop).map_err(|error| TransactionError::disk(path, error))
}
