//! Whether a set of changes can be written, before anything is.
//!
//! Finds every problem, not the first one only. Writes nothing.

use std::collections::BTreeMap;

use crate::fs::Node;
use crate::fs::resolve::{RealFile, resolve};
use crate::git::{Entry, Git, Head, RepoPath, Staged};
use crate::patch::{Change, Lines, fingerprint, merge, sha256};

use super::bytes::Bytes;
use super::error::{Problem, TransactionError};
use super::journal::{CommittedFile, FileHeader, Header, JournalFile, Kind};
use super::trailer::{Message, Sites};
use super::workbench::{Ready, Workbench};

/// What is to happen.
#[derive(Debug, Clone)]
pub struct Request {
    /// Apply or roll back.
    pub kind: Kind,
    /// The tier.
    pub tier: String,
    /// The transforms.
    pub transforms: Vec<String>,
    /// The files.
    pub changes: Vec<Change>,
    /// The sums of sites, for an apply.
    pub sites: Option<Sites>,
    /// What a rollback takes back: the commits or records, and the fingerprints of their plans.
    pub rolls_back: Vec<(String, String)>,
    /// What people read in the commit.
    pub message: Message,
    /// Files may have uncommitted changes, which stay uncommitted.
    pub allow_dirty: bool,
    /// How it ends.
    pub finish: Finish,
    /// Who runs it, for histories without git.
    pub who: String,
    /// When, as ISO 8601, for histories without git.
    pub when: String,
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// With a commit.
    Commit,
    /// With a record in the store: there is no git, or the user commits.
    Keep,
}

/// Changes that can be written. Nothing has been.
pub struct Checked<'r> {
    pub(super) ready: &'r Ready<'r>,
    pub(super) header: Header,
    pub(super) message: Message,
    pub(super) targets: Vec<Target>,
    pub(super) committed: Vec<Planned>,
    pub(super) finish: Finish,
}

/// One file to write.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) file: RealFile,
    pub(super) old: Vec<u8>,
    pub(super) new: Vec<u8>,
    pub(super) in_place: bool,
}

/// What a commit is to hold for one file.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) path: RepoPath,
    pub(super) target: usize,
    /// What `HEAD` holds, and its content.
    pub(super) head: Entry,
    pub(super) head_bytes: Vec<u8>,
    /// What the commit is to hold.
    pub(super) commit: Vec<u8>,
    /// What the index holds.
    pub(super) staged: Entry,
    /// What the index is to hold.
    pub(super) then_staged: Vec<u8>,
    /// There are no uncommitted edits beside ours.
    pub(super) clean: bool,
}

impl Planned {
    pub(super) fn file(&self, git: &Git<'_>) -> CommittedFile {
        CommittedFile::new(
            &self.path,
            (&self.head, &git.format().blob(&self.commit)),
            (&self.staged, &git.format().blob(&self.then_staged)),
        )
    }
}

impl<'w> Ready<'w> {
    /// Checks that `request` can be carried out.
    ///
    /// # Errors
    /// Everything that stands in its way.
    pub fn check<'r>(&'r self, request: Request) -> Result<Checked<'r>, TransactionError>
    where
        'w: 'r,
    {
        let bench = self.bench;
        let head = match (&bench.git, request.finish) {
            (Some(git), Finish::Commit) => Some(ready_to_commit(git)?),
            _ => None,
        };
        let mut problems = Vec::new();
        let targets = targets(bench, &request.changes, &mut problems);
        let changes: Vec<Change> = targets
            .iter()
            .map(|target| Change {
                path: target.file.path.clone(),
                old: target.old.clone(),
                new: target.new.clone(),
                notes: Vec::new(),
            })
            .collect();
        let mut committed = match &bench.git {
            Some(git) => {
                let planned = plan_commit(git, &targets, &request, &mut problems)?;
                if head.is_some() { planned } else { Vec::new() }
            }
            None => Vec::new(),
        };
        if !problems.is_empty() {
            return Err(TransactionError::Refused(problems));
        }
        // What was never committed is taken back without a commit, and the other way round.
        let (mut head, mut finish) = (head, request.finish);
        if head.is_some() && committed.iter().all(|planned| planned.commit == planned.head_bytes) {
            (head, finish, committed) = (None, Finish::Keep, Vec::new());
        }
        let on = match (&bench.git, finish) {
            (Some(git), Finish::Keep) => match git.head()? {
                Head::Commit { id, .. } => Some(id),
                Head::Unborn => None,
            },
            _ => None,
        };
        let plan = match request.kind {
            Kind::Apply => fingerprint(&bench.patches(&changes)?, bench.object_format()),
            Kind::Rollback => {
                let plans: Vec<&str> =
                    request.rolls_back.iter().map(|(_, plan)| plan.as_str()).collect();
                plans.join(" ")
            }
        };
        let files = targets
            .iter()
            .map(|target| FileHeader {
                path: Bytes::of_path(&target.file.path),
                in_place: target.in_place,
            })
            .collect();
        let mut id = sha256(format!("{plan} {:?}", request.kind).as_bytes());
        id.truncate(12);
        let header = Header {
            id,
            kind: request.kind,
            tier: request.tier,
            transforms: request.transforms,
            plan,
            sites: request.sites,
            rolls_back: once(request.rolls_back.into_iter().map(|(what, _)| what)),
            who: request.who,
            when: request.when,
            head,
            on,
            files,
        };
        let message = request.message;
        Ok(Checked { ready: self, header, message, targets, committed, finish })
    }
}

impl Checked<'_> {
    /// What identifies the patch.
    pub fn plan(&self) -> &str {
        &self.header.plan
    }

    pub(super) fn journal_files(&self) -> Vec<JournalFile> {
        self.targets
            .iter()
            .map(|target| JournalFile {
                path: target.file.path.clone(),
                in_place: target.in_place,
                old: target.old.clone(),
                new: target.new.clone(),
            })
            .collect()
    }
}

/// Each of `names` once, in their order.
fn once(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// `HEAD`'s commit, where the repository can take another one now.
fn ready_to_commit(git: &Git<'_>) -> Result<String, TransactionError> {
    if let Some(what) = git.ongoing()? {
        return Err(TransactionError::Ongoing(what));
    }
    git.wait_for_index()?;
    match git.head()? {
        Head::Commit { id, .. } => Ok(id),
        Head::Unborn => Err(TransactionError::NoCommitYet),
    }
}

/// The files behind the paths, each once.
fn targets(bench: &Workbench<'_>, changes: &[Change], problems: &mut Vec<Problem>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    // How many planned names each file has, by device and number.
    let mut names: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.old != change.new) {
        let file = match resolve(bench.fs, &bench.root, &change.path) {
            Ok(file) => file,
            Err(error) => {
                problems.push(error.into());
                continue;
            }
        };
        match bench.fs.read(&file.place) {
            Ok(bytes) if bytes == change.old => {}
            Ok(_) => {
                problems.push(Problem::Stale(change.path.clone()));
                continue;
            }
            Err(source) => {
                problems.push(Problem::NotWritable { path: change.path.to_slash(), source });
                continue;
            }
        }
        let identity = (file.node.device, file.node.inode);
        let twin = targets
            .iter()
            .find(|other| (other.file.node.device, other.file.node.inode) == identity);
        match twin {
            // A symbolic link and its file: followed to the file once.
            Some(other) if other.file.path == file.path && other.new == change.new => continue,
            Some(other) if file.node.links == 1 && other.file.path != file.path => {
                problems
                    .push(Problem::SameName { first: other.file.path.clone(), second: file.path });
                continue;
            }
            Some(other) if other.new != change.new => {
                problems
                    .push(Problem::SameFile { first: other.file.path.clone(), second: file.path });
                continue;
            }
            _ => {}
        }
        *names.entry(identity).or_default() += 1;
        let (user, group) = (file.node.user, file.node.group);
        let in_place = file.node.links > 1 || !bench.fs.may_give_to(user, group);
        if let Some(problem) = unwritable(bench, &file, in_place) {
            problems.push(problem);
            continue;
        }
        let (old, new) = (change.old.clone(), change.new.clone());
        targets.push(Target { file, old, new, in_place });
    }
    for target in &targets {
        let Node { links, device, inode, .. } = target.file.node;
        let planned = names.get(&(device, inode)).copied().unwrap_or_default();
        if links > planned {
            problems.push(Problem::HardLink { path: target.file.path.clone(), links, planned });
        }
    }
    targets.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    targets
}

fn unwritable(bench: &Workbench<'_>, file: &RealFile, in_place: bool) -> Option<Problem> {
    let mode = file.node.mode;
    if mode & 0o222 == 0 {
        return Some(Problem::ReadOnly { path: file.path.clone(), mode });
    }
    if let Err(source) = bench.fs.check_writable(&file.place) {
        return Some(Problem::NotWritable { path: file.path.to_slash(), source });
    }
    let folder = file.place.parent().filter(|_| !in_place)?;
    let source = bench.fs.check_writable(folder).err()?;
    let inside = folder.strip_prefix(&bench.root).unwrap_or(folder);
    let path = format!("{} (its folder {})", file.path, inside.display());
    Some(Problem::NotWritable { path, source })
}

/// What the commit and the index are to hold, file by file; the tier's lines without the user's
/// uncommitted ones.
fn plan_commit(
    git: &Git<'_>,
    targets: &[Target],
    request: &Request,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Planned>, TransactionError> {
    let paths: Vec<RepoPath> =
        targets.iter().map(|target| git.repo_path(&target.file.path)).collect();
    let index = git.index_entries(git.index(), &paths)?;
    let head = match git.head()? {
        Head::Commit { id, .. } => git.tree_entries(&id, &paths)?,
        Head::Unborn => BTreeMap::new(),
    };
    let with_mode = git.setting("core.fileMode")?.is_none_or(|value| value != "false");
    let side = |content: fn(&Target) -> &[u8]| {
        let files: Vec<(RepoPath, &[u8])> =
            paths.iter().cloned().zip(targets.iter().map(content)).collect();
        git.stored(&files)
    };
    let (old, new) = (side(|target| &target.old)?, side(|target| &target.new)?);
    let mut planned = Vec::new();
    for (n, target) in targets.iter().enumerate() {
        let (Some(path), Some(old), Some(new)) = (paths.get(n), old.get(n), new.get(n)) else {
            continue;
        };
        let name = &target.file.path;
        let staged = match index.get(path) {
            Some(Staged::Unmerged) => {
                problems.push(Problem::Unmerged(name.clone()));
                continue;
            }
            Some(Staged::Entry(entry)) => Some(entry),
            None => None,
        };
        let (staged, head) = match (staged, head.get(path)) {
            (Some(staged), Some(head)) => (staged, head),
            // Without a commit to be made, `--allow-dirty` covers these too.
            _ if request.allow_dirty && request.finish == Finish::Keep => continue,
            (None, _) => {
                problems.push(Problem::Untracked(name.clone()));
                continue;
            }
            (Some(_), None) => {
                problems.push(dirty(name, "is added but not committed"));
                continue;
            }
        };
        if !request.allow_dirty {
            let on_disk = if target.file.node.mode & 0o100 != 0 { 0o100_755 } else { 0o100_644 };
            // Ours alone: what is written is what git has already.
            let ends_clean = new.id == head.id;
            let what = if staged != head {
                Some("has staged changes")
            } else if staged.id != old.id && !ends_clean {
                Some("has uncommitted changes")
            } else if with_mode && on_disk != staged.mode {
                Some("has an uncommitted change of its mode")
            } else {
                None
            };
            if let Some(what) = what {
                problems.push(dirty(name, what));
                continue;
            }
        }
        let content = |entry: &Entry| -> Result<Vec<u8>, TransactionError> {
            if entry.id == old.id {
                return Ok(old.bytes.clone());
            }
            Ok(git.contents(std::slice::from_ref(&entry.id))?.concat())
        };
        let head_bytes = content(head)?;
        let onto = |bytes: &[u8]| merge(&old.bytes, bytes, &new.bytes, &Lines);
        match (onto(&head_bytes), onto(&content(staged)?)) {
            // Nothing of it is committed, so no commit would take it out of the index.
            (Ok(commit), Ok(then_staged))
                if commit == head_bytes && then_staged != content(staged)? =>
            {
                problems.push(Problem::OnlyStaged(name.clone()));
            }
            (Ok(commit), Ok(then_staged)) => planned.push(Planned {
                path: path.clone(),
                target: n,
                head: head.clone(),
                head_bytes,
                commit,
                staged: staged.clone(),
                then_staged,
                clean: head == staged && head.id == old.id,
            }),
            (Err(clashes), _) | (_, Err(clashes)) => {
                let line = clashes.first().map_or(1, |clash| clash.line);
                problems.push(Problem::DirtyLines { path: name.clone(), line });
            }
        }
    }
    Ok(planned)
}

fn dirty(path: &crate::fs::ProjectPath, what: &'static str) -> Problem {
    Problem::Dirty { path: path.clone(), what }
}
