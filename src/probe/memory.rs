//! Peak resident memory of a process and all that it starts, sampled where the system tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What was seen so far.
#[derive(Debug, Default, Clone)]
pub(super) struct Peaks {
    /// The most that each process held, in bytes.
    pub(super) by_process: BTreeMap<u32, u64>,
    /// The most that all held at one moment, in bytes; pages that processes share count in each.
    pub(super) together: u64,
}

impl Peaks {
    /// Looks at `roots` and all that descend from them.
    pub(super) fn sample(&mut self, roots: impl IntoIterator<Item = u32>) {
        let mut waiting: Vec<u32> = roots.into_iter().collect();
        let mut seen = BTreeSet::new();
        let mut together = 0;
        while let Some(pid) = waiting.pop() {
            if !seen.insert(pid) {
                continue;
            }
            let Some((peak, resident)) = memory_of(pid) else { continue };
            together += resident;
            let known = self.by_process.entry(pid).or_default();
            *known = peak.max(*known);
            waiting.extend(children_of(pid));
        }
        self.together = self.together.max(together);
    }
}

/// The peak and the present resident memory of a process, in bytes, where Linux tells it.
fn memory_of(pid: u32) -> Option<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
    };
    Some((field("VmHWM:")?, field("VmRSS:")?))
}

fn children_of(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let mut children = Vec::new();
    for thread in threads.flatten() {
        let listed = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        children.extend(listed.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
    }
    children
}

/// The processes that wrote a log into `folder`; their parents may be gone.
pub(super) fn announced(folder: &Path) -> Vec<u32> {
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut pids = Vec::new();
    for file in files.flatten() {
        let name = file.file_name();
        let pid: Option<u32> = name.to_str().and_then(|name| name.split('-').next()?.parse().ok());
        pids.extend(pid);
    }
    pids
}
