//! The Python files that observe, laid out on the disk.
//!
//! Compiling them takes Python longer than running them, so they stay from one observation to
//! the next where there is a folder for that, and with them the byte code that Python puts beside
//! them.

use std::env;
use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::patch::sha256;

/// The hook, file by file.
const FILES: [(&str, &str); 5] = [
    // Somebody's home may be a git repository.
    (".gitignore", "*\n"),
    ("sitecustomize.py", include_str!("hook/sitecustomize.py")),
    ("_tiermod_probe.py", include_str!("hook/_tiermod_probe.py")),
    ("_tiermod_watch.py", include_str!("hook/_tiermod_watch.py")),
    ("_tiermod_count.py", include_str!("hook/_tiermod_count.py")),
];

/// The folder that holds the hook: one in `cache` where that can be trusted to hold nothing else,
/// otherwise one in `session`, which ends with the observation.
pub(super) fn lay_out(cache: Option<&Path>, session: &Path) -> io::Result<PathBuf> {
    if let Some(kept) = cache.and_then(kept) {
        return Ok(kept);
    }
    let folder = session.join("hook");
    fs::create_dir(&folder)?;
    for (name, text) in FILES {
        fs::write(folder.join(name), text)?;
    }
    Ok(folder)
}

/// The folder of this very hook in `cache`; `None` where there can be none, which only costs time.
fn kept(cache: &Path) -> Option<PathBuf> {
    // Else it would be ours in somebody else's home, who could not use it any more.
    let above = cache.ancestors().find_map(|folder| fs::metadata(folder).ok())?;
    if above.uid() != geteuid().as_raw() {
        return None;
    }
    let folder = cache.join(format!("probe-{}", version()));
    // The path goes into a list that has no way to quote its separator.
    env::join_paths([&folder]).ok()?;
    // Whoever may write there decides what every observed program runs.
    for made in [cache, &folder] {
        DirBuilder::new().recursive(true).mode(0o700).create(made).ok()?;
        if !is_ours(made) {
            return None;
        }
    }
    for (name, text) in FILES {
        write_where_other(&folder, name, text).ok()?;
    }
    Some(folder)
}

/// Whether `folder` belongs to who we are, and nobody else can write to it.
fn is_ours(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|folder| {
        folder.is_dir() && folder.uid() == geteuid().as_raw() && folder.mode() & 0o022 == 0
    })
}

/// Leaves a file that is as it should be alone, as its byte code is known by its time. Another
/// observation may be reading it, and sees the old or the new one.
fn write_where_other(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let path = folder.join(name);
    if fs::read(&path).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(());
    }
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// Another for each text of the hook, so that two versions of this program do not take turns in
/// writing one folder.
fn version() -> String {
    let all: String = FILES.iter().map(|(name, text)| [name, "\0", text, "\0"].concat()).collect();
    sha256(all.as_bytes()).chars().take(16).collect()
}
