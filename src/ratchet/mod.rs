//! Counts of sites that may fall and never rise, by tier, file and reason.
//!
//! Finds no sites and touches no disk. The file is for a repository: sorted, one count a line, so
//! that a change of it is a reviewable change.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The format that this program writes, and the only one that it reads.
const VERSION: u32 = 1;

/// How many sites there are, by tier, file and reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ratchet(BTreeMap<Key, u64>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    tier: String,
    path: String,
    reason: String,
}

/// A count that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The tier.
    pub tier: String,
    /// The file, relative to the project.
    pub path: String,
    /// The reason's code.
    pub reason: String,
    /// How many sites there were.
    pub before: u64,
    /// How many there are.
    pub now: u64,
}

/// How counts have moved. There is something to object to where `rises` is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Movement {
    /// The counts that rose.
    pub rises: Vec<Moved>,
    /// The counts that fell.
    pub falls: Vec<Moved>,
}

/// Why a ratchet's file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RatchetError {
    /// It is not one.
    #[error("this is no ratchet file: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another version of the program wrote it.
    #[error("its format is {0}, and this tiermod reads {VERSION}; delete the file to start anew")]
    Version(u32),
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    counts: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tier, path, reason, before, now } = self;
        write!(f, "{path}: {reason} in tier {tier}: {before} before, {now} now")
    }
}

impl Ratchet {
    /// Counts sites, each given as its tier, its file relative to the project, and its reason's
    /// code.
    pub fn count<'a>(sites: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Self {
        let mut counts: BTreeMap<Key, u64> = BTreeMap::new();
        for (tier, path, reason) in sites {
            let key = Key { tier: tier.into(), path: path.into(), reason: reason.into() };
            *counts.entry(key).or_default() += 1;
        }
        Self(counts)
    }

    /// How the counts moved from these to `now`.
    pub fn compare(&self, now: &Self) -> Movement {
        let mut movement = Movement::default();
        let mut keys: Vec<&Key> = self.0.keys().chain(now.0.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let (before, now) = (self.get(key), now.get(key));
            let moved = || Moved {
                tier: key.tier.clone(),
                path: key.path.clone(),
                reason: key.reason.clone(),
                before,
                now,
            };
            if now > before {
                movement.rises.push(moved());
            } else if now < before {
                movement.falls.push(moved());
            }
        }
        movement
    }

    /// These counts, each as low as it is `now` where that is lower: what to write back.
    #[must_use]
    pub fn tightened(&self, now: &Self) -> Self {
        let lower = self.0.iter().map(|(key, count)| (key.clone(), now.get(key).min(*count)));
        Self(lower.filter(|(_, count)| *count > 0).collect())
    }

    /// How many sites there are in all.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The counts that are written in `json`.
    ///
    /// # Errors
    /// It holds no such counts, or those of another version.
    pub fn from_json(json: &str) -> Result<Self, RatchetError> {
        #[derive(Deserialize)]
        struct VersionOnly {
            version: u32,
        }
        let VersionOnly { version } = serde_json::from_str(json)?;
        if version != VERSION {
            return Err(RatchetError::Version(version));
        }
        let File { counts, .. } = serde_json::from_str(json)?;
        let mut all = BTreeMap::new();
        for (tier, files) in counts {
            for (path, reasons) in files {
                for (reason, count) in reasons {
                    let key = Key { tier: tier.clone(), path: path.clone(), reason };
                    all.insert(key, count);
                }
            }
        }
        Ok(Self(all))
    }

    /// As JSON that [`Ratchet::from_json`] reads.
    ///
    /// # Errors
    /// Counts are always JSON; passed on from `serde_json`.
    pub fn to_json(&self) -> Result<String, RatchetError> {
        let mut file = File { version: VERSION, counts: BTreeMap::new() };
        for (key, count) in &self.0 {
            let Key { tier, path, reason } = key.clone();
            let files = file.counts.entry(tier).or_default();
            files.entry(path).or_default().insert(reason, *count);
        }
        Ok(serde_json::to_string_pretty(&file)? + "\n")
    }

    fn get(&self, key: &Key) -> u64 {
        self.0.get(key).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: [(&str, &str, &str); 4] = [
        ("websocket", "app/a.py", "TM001"),
        ("websocket", "app/a.py", "TM001"),
        ("websocket", "app/b.py", "TM101"),
        ("agents", "app/a.py", "TM001"),
    ];

    fn moved(moved: &[Moved]) -> Vec<String> {
        moved.iter().map(Moved::to_string).collect()
    }

    #[test]
    fn counts_may_fall_and_never_rise() {
        let before = Ratchet::count(BEFORE);
        assert_eq!(before.compare(&before), Movement::default());
        assert_eq!(before.total(), 4);
        let now = Ratchet::count([
            ("websocket", "app/a.py", "TM001"),
            ("websocket", "app/b.py", "TM101"),
            ("websocket", "app/b.py", "TM101"),
            ("websocket", "app/c.py", "TM001"),
        ]);
        let movement = before.compare(&now);
        assert_eq!(
            moved(&movement.rises),
            [
                "app/b.py: TM101 in tier websocket: 1 before, 2 now",
                "app/c.py: TM001 in tier websocket: 0 before, 1 now",
            ]
        );
        assert_eq!(
            moved(&movement.falls),
            [
                "app/a.py: TM001 in tier agents: 1 before, 0 now",
                "app/a.py: TM001 in tier websocket: 2 before, 1 now",
            ]
        );
    }

    #[test]
    fn a_ratchet_only_tightens() {
        let before = Ratchet::count(BEFORE);
        let now = Ratchet::count([
            ("websocket", "app/a.py", "TM001"),
            ("websocket", "app/b.py", "TM101"),
            ("websocket", "app/b.py", "TM101"),
        ]);
        let tightened = before.tightened(&now);
        assert_eq!(tightened.total(), 2);
        assert!(tightened.compare(&before).falls.is_empty());
        assert_eq!(moved(&tightened.compare(&now).rises).len(), 1);
        assert_eq!(before.tightened(&before), before);
        assert_eq!(before.tightened(&Ratchet::default()), Ratchet::default());
    }

    #[test]
    fn the_file_is_the_same_for_the_same_counts() {
        let before = Ratchet::count(BEFORE);
        let mut turned = BEFORE;
        turned.reverse();
        let json = before.to_json().unwrap();
        assert_eq!(Ratchet::count(turned).to_json().unwrap(), json);
        assert_eq!(Ratchet::from_json(&json).unwrap(), before);
        assert!(json.ends_with("}\n"));
        assert!(json.lines().any(|line| line.trim() == r#""TM001": 2"#), "{json}");
    }

    #[test]
    fn a_file_that_is_none_is_refused() {
        for json in ["", "{}", r#"{"version": 1}"#, r#"{"version": 1, "counts": {"a": 1}}"#] {
            assert!(matches!(Ratchet::from_json(json), Err(RatchetError::Malformed(_))), "{json}");
        }
        for count in ["-1", "1.5", "\"1\""] {
            let json =
                format!(r#"{{"version": 1, "counts": {{"t": {{"a": {{"TM001": {count}}}}}}}}}"#);
            assert!(Ratchet::from_json(&json).is_err(), "{json}");
        }
        assert!(matches!(
            Ratchet::from_json(r#"{"version": 2, "counts": []}"#),
            Err(RatchetError::Version(2))
        ));
    }
}
