//! A disk in memory that can lose power: what was not synced may be gone, or half there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tiermod::fs::{FileSystem, Lock, Node, NodeKind, TryLock};
use tiermod::git::{Call, Output, Processes, Started};

/// A folder, or the number of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Folder,
    File(usize),
}

#[derive(Debug, Clone)]
struct Content {
    /// What a reader sees.
    seen: Vec<u8>,
    /// What a power cut leaves for certain.
    synced: Vec<u8>,
}

/// Names that change together: a rename is one.
type Step = Vec<(PathBuf, Option<Name>)>;

#[derive(Default)]
struct Inside {
    names: BTreeMap<PathBuf, Name>,
    synced_names: BTreeMap<PathBuf, Name>,
    /// What happened to names since, in order.
    pending: Vec<Step>,
    /// How many of those are certain.
    certain: usize,
    contents: Vec<Content>,
    steps: usize,
    dies_at: Option<usize>,
}

/// The disk.
#[derive(Default)]
pub(crate) struct Disk(Mutex<Inside>);

struct NoLock;
impl Lock for NoLock {}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Inside {
    fn alive(&self) -> io::Result<()> {
        match self.dies_at {
            Some(step) if self.steps >= step => Err(io::Error::other("the process is dead")),
            _ => Ok(()),
        }
    }

    /// Begins a step that changes something; `Ok(false)` where the process dies within it.
    fn step(&mut self) -> io::Result<bool> {
        self.alive()?;
        self.steps += 1;
        Ok(self.dies_at != Some(self.steps))
    }

    fn whole_step(&mut self) -> io::Result<()> {
        if self.step()? { Ok(()) } else { Err(io::Error::other("the process is dead")) }
    }

    fn name(&mut self, step: Step) {
        for (path, name) in &step {
            match name {
                Some(name) => self.names.insert(path.clone(), *name),
                None => self.names.remove(path),
            };
        }
        self.pending.push(step);
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        match self.names.get(path) {
            Some(Name::File(number)) => Ok(*number),
            Some(Name::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(not_found()),
        }
    }

    fn content(&mut self, path: &Path) -> io::Result<&mut Content> {
        let number = self.file(path)?;
        Ok(&mut self.contents[number])
    }
}

impl Disk {
    /// A disk with `files`, all of them synced.
    pub(crate) fn new(files: &[(PathBuf, Vec<u8>)]) -> Self {
        let mut inside = Inside::default();
        for (path, bytes) in files {
            for folder in path.ancestors().skip(1) {
                inside.names.insert(folder.to_path_buf(), Name::Folder);
            }
            inside.names.insert(path.clone(), Name::File(inside.contents.len()));
            inside.contents.push(Content { seen: bytes.clone(), synced: bytes.clone() });
        }
        inside.synced_names = inside.names.clone();
        Self(Mutex::new(inside))
    }

    /// The process dies in its `step`th step from here; every call after that fails.
    pub(crate) fn die_at(&self, step: Option<usize>) {
        let mut inside = self.0.lock().unwrap();
        inside.steps = 0;
        inside.dies_at = step;
    }

    /// The power goes: of what is not certain, `choose(n)` says which of `n` outcomes happens.
    pub(crate) fn lose_power(&self, choose: &mut dyn FnMut(usize) -> usize) {
        let mut inside = self.0.lock().unwrap();
        let inside = &mut *inside;
        let kept = inside.certain + choose(inside.pending.len() - inside.certain + 1);
        for step in inside.pending.drain(..).take(kept) {
            for (path, name) in step {
                match name {
                    Some(name) => inside.synced_names.insert(path, name),
                    None => inside.synced_names.remove(&path),
                };
            }
        }
        inside.certain = 0;
        inside.names = inside.synced_names.clone();
        for content in &mut inside.contents {
            if content.seen != content.synced {
                // What was added to synced bytes may be cut off, or have its length and no content.
                let certain = content.synced.len().min(content.seen.len());
                match choose(4) {
                    0 => content.seen.clone_from(&content.synced),
                    1 => content.seen.truncate(certain + (content.seen.len() - certain) / 2),
                    2 => content.seen[certain..].fill(0),
                    _ => {}
                }
            }
            content.synced.clone_from(&content.seen);
        }
    }

    /// What somebody else writes, whatever became of the process.
    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) {
        let mut inside = self.0.lock().unwrap();
        let content = inside.content(path).unwrap();
        content.seen = bytes.to_vec();
        content.synced = bytes.to_vec();
    }

    /// What is at `path`.
    pub(crate) fn get(&self, path: &Path) -> Option<Vec<u8>> {
        let inside = self.0.lock().unwrap();
        inside.file(path).ok().map(|number| inside.contents[number].seen.clone())
    }

    /// Every file.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let inside = self.0.lock().unwrap();
        let is_file = |name: &Name| *name != Name::Folder;
        inside
            .names
            .iter()
            .filter(|(_, name)| is_file(name))
            .map(|(path, _)| path.clone())
            .collect()
    }
}

impl FileSystem for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let inside = self.0.lock().unwrap();
        inside.alive()?;
        Ok(inside.contents[inside.file(path)?].seen.clone())
    }

    fn node(&self, path: &Path) -> io::Result<Option<Node>> {
        let inside = self.0.lock().unwrap();
        inside.alive()?;
        let Some(name) = inside.names.get(path) else { return Ok(None) };
        let (kind, inode) = match name {
            Name::Folder => (NodeKind::Folder, 0),
            Name::File(number) => (NodeKind::File, *number as u64 + 1),
        };
        let links = inside.names.values().filter(|other| *other == name).count() as u64;
        let (device, mode, user, group, modified) = (1, 0o644, 0, 0, 0);
        Ok(Some(Node { kind, device, inode, links, mode, user, group, modified }))
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        self.node(path)?.map(|_| path.to_path_buf()).ok_or_else(not_found)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let inside = self.0.lock().unwrap();
        inside.alive()?;
        if !inside.names.contains_key(folder) {
            return Err(not_found());
        }
        let inside_it = |path: &&PathBuf| path.parent() == Some(folder);
        Ok(inside.names.keys().filter(inside_it).cloned().collect())
    }

    fn check_writable(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn may_give_to(&self, _: u32, _: u32) -> bool {
        true
    }

    fn try_lock(&self, path: &Path, holder: &[u8]) -> io::Result<TryLock> {
        if self.node(path)?.is_none() {
            self.create_file(path)?;
        }
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        inside.content(path)?.seen = holder.to_vec();
        Ok(TryLock::Acquired(Box::new(NoLock)))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        if inside.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        inside.name(vec![(path.to_path_buf(), Some(Name::Folder))]);
        Ok(())
    }

    fn create_file(&self, path: &Path) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        if inside.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let number = inside.contents.len();
        inside.contents.push(Content { seen: Vec::new(), synced: Vec::new() });
        inside.name(vec![(path.to_path_buf(), Some(Name::File(number)))]);
        Ok(())
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        let whole = inside.step()?;
        let bytes = if whole { bytes } else { &bytes[..bytes.len() / 2] };
        inside.content(path)?.seen.extend_from_slice(bytes);
        inside.alive()
    }

    fn overwrite(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        let whole = inside.step()?;
        let bytes = if whole { bytes } else { &bytes[..bytes.len() / 2] };
        let seen = &mut inside.content(path)?.seen;
        let length = seen.len().max(bytes.len());
        seen.resize(length, 0);
        seen[..bytes.len()].copy_from_slice(bytes);
        inside.alive()
    }

    fn set_length(&self, path: &Path, length: u64) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        inside.content(path)?.seen.resize(usize::try_from(length).unwrap(), 0);
        Ok(())
    }

    fn copy_owner(&self, _: &Path, _: &Path) -> io::Result<()> {
        self.0.lock().unwrap().whole_step()
    }

    fn copy_mode(&self, _: &Path, _: &Path) -> io::Result<()> {
        self.0.lock().unwrap().whole_step()
    }

    fn copy_extended(&self, _: &Path, _: &Path) -> io::Result<()> {
        self.0.lock().unwrap().whole_step()
    }

    fn outdo_second(&self, _: &Path, _: i64) -> io::Result<()> {
        self.0.lock().unwrap().whole_step()
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        let content = inside.content(path)?;
        content.synced.clone_from(&content.seen);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        let touches = |step: &Step| step.iter().any(|(name, _)| name.parent() == Some(path));
        if let Some(last) = inside.pending.iter().rposition(touches) {
            inside.certain = inside.certain.max(last + 1);
        }
        Ok(())
    }

    fn link(&self, original: &Path, name: &Path) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        if inside.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let number = inside.file(original)?;
        inside.name(vec![(name.to_path_buf(), Some(Name::File(number)))]);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        let number = inside.file(from)?;
        let to = (to.to_path_buf(), Some(Name::File(number)));
        inside.name(vec![(from.to_path_buf(), None), to]);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        inside.file(path)?;
        inside.name(vec![(path.to_path_buf(), None)]);
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let mut inside = self.0.lock().unwrap();
        inside.whole_step()?;
        if inside.names.keys().any(|other| other.parent() == Some(path)) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        inside.name(vec![(path.to_path_buf(), None)]);
        Ok(())
    }
}

/// No git on this machine.
impl Processes for Disk {
    fn run(&self, _: &Call) -> io::Result<Output> {
        Err(not_found())
    }

    fn run_announced(&self, _: &Call, _: Started<'_>) -> io::Result<Output> {
        Err(not_found())
    }

    fn is_alive(&self, _: u32) -> bool {
        false
    }
}
