//! What a commit's message says of a tier, written and read.
//!
//! The lines survive rebases, cherry-picks and squashes, which keep messages; so they are read
//! wherever they stand in a message, indented or not, and one message may speak of several tiers.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::git::RepoPath;
use crate::patch::quote;

use super::journal::{Header, Kind};

/// The sums of sites of a tier: every place is one of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sites {
    /// Rewritten.
    pub rewritten: usize,
    /// Held for review.
    pub held: usize,
    /// Rightly left alone.
    pub kept: usize,
}

impl fmt::Display for Sites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rewritten={} held={} kept={}", self.rewritten, self.held, self.kept)
    }
}

impl Sites {
    fn parse(text: &str) -> Option<Self> {
        let mut sites = Self::default();
        for word in text.split_whitespace() {
            let (name, number) = word.split_once('=')?;
            let number = number.parse().ok()?;
            match name {
                "rewritten" => sites.rewritten = number,
                "held" => sites.held = number,
                "kept" => sites.kept = number,
                _ => return None,
            }
        }
        Some(sites)
    }
}

/// What a person reads first in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The first line.
    pub subject: String,
    /// What follows; may be empty.
    pub body: String,
}

/// The changed blocks of one file, each by the digest of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    /// The file.
    pub path: RepoPath,
    /// One digest a block, in the order of the file.
    pub blocks: Vec<String>,
}

/// What one message says of one tier, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailers {
    /// The tier.
    pub tier: String,
    /// What the commit does with it.
    pub kind: Kind,
    /// The transforms.
    pub transforms: Vec<String>,
    /// The fingerprints of the patch, or of those that are taken back.
    pub plans: Vec<String>,
    /// The sums of sites.
    pub sites: Option<Sites>,
    /// The commits that are taken back.
    pub rolls_back: Vec<String>,
    /// The changed blocks.
    pub files: Vec<FileLine>,
}

const TIER: &str = "Tiermod-Tier";
const TRANSFORMS: &str = "Tiermod-Transforms";
const PLAN: &str = "Tiermod-Plan";
const SITES: &str = "Tiermod-Sites";
const ROLLS_BACK: &str = "Tiermod-Rolls-Back";
const FILE: &str = "Tiermod-File";

/// What every message about a tier holds.
pub const MARK: &str = "Tiermod-Tier:";

/// The whole message of a commit, for `git commit --file`.
pub fn render(message: &Message, header: &Header, files: &[FileLine]) -> String {
    let mut text = format!("{}\n\n", message.subject.trim());
    if !message.body.trim().is_empty() {
        text.push_str(message.body.trim());
        text.push_str("\n\n");
    }
    let mut line = |name: &str, value: &str| {
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value);
        text.push('\n');
    };
    line(TIER, &header.tier);
    if header.kind == Kind::Rollback {
        line(ROLLS_BACK, &header.rolls_back.join(" "));
    }
    if !header.transforms.is_empty() {
        line(TRANSFORMS, &header.transforms.join(", "));
    }
    line(PLAN, &header.plan);
    if let Some(sites) = &header.sites {
        line(SITES, &sites.to_string());
    }
    for file in files {
        line(FILE, &file_line(file));
    }
    text
}

/// `message`, with the file lines of its one tier replaced.
pub fn with_files(message: &str, files: &[FileLine]) -> String {
    let is_file = |line: &str| line.strip_prefix(FILE).is_some_and(|rest| rest.starts_with(':'));
    let mut text = String::new();
    let mut written = false;
    for line in message.lines() {
        if !is_file(line) {
            text.push_str(line);
            text.push('\n');
        } else if !written {
            written = true;
            for file in files {
                // Writing to a string cannot fail.
                let _infallible = writeln!(text, "{FILE}: {}", file_line(file));
            }
        }
    }
    text
}

fn file_line(file: &FileLine) -> String {
    let name = quote::name(b"", file.path.as_bytes());
    let name =
        if name.contains(' ') && !name.starts_with('"') { format!("\"{name}\"") } else { name };
    format!("{name} {}", file.blocks.join(" "))
}

fn parse_file(text: &str) -> Option<FileLine> {
    let end = if text.starts_with('"') {
        // The closing quote is the first that no backslash precedes.
        let mut escaped = false;
        let closing = text.char_indices().skip(1).find(|(_, c)| {
            let closes = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        });
        closing?.0 + 1
    } else {
        text.find(' ').unwrap_or(text.len())
    };
    let (name, blocks) = text.split_at_checked(end)?;
    Some(FileLine {
        path: RepoPath(quote::unquote(name)?),
        blocks: blocks.split_whitespace().map(str::to_owned).collect(),
    })
}

/// Everything that `message` says of tiers, in its order. A line that says only which tier, and not
/// which plan, is somebody's prose.
pub fn parse(message: &str) -> Vec<Trailers> {
    let mut all: Vec<Trailers> = Vec::new();
    for line in message.lines() {
        let Some((name, value)) = line.trim().split_once(": ") else { continue };
        let value = value.trim();
        if name == TIER {
            all.push(Trailers {
                tier: value.to_owned(),
                kind: Kind::Apply,
                transforms: Vec::new(),
                plans: Vec::new(),
                sites: None,
                rolls_back: Vec::new(),
                files: Vec::new(),
            });
            continue;
        }
        let Some(last) = all.last_mut() else { continue };
        match name {
            TRANSFORMS => last.transforms = value.split(", ").map(str::to_owned).collect(),
            PLAN => last.plans = value.split_whitespace().map(str::to_owned).collect(),
            SITES => last.sites = Sites::parse(value),
            ROLLS_BACK => {
                last.kind = Kind::Rollback;
                last.rolls_back = value.split_whitespace().map(str::to_owned).collect();
            }
            FILE => last.files.extend(parse_file(value)),
            _ => {}
        }
    }
    all.retain(|trailers| !trailers.plans.is_empty());
    all
}

/// The commits of which `message` says, in git's own words, that it reverts them.
pub fn reverts(message: &str) -> Vec<String> {
    let words = message.split("This reverts commit ").skip(1);
    words
        .filter_map(|rest| {
            let id: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
            (id.len() >= 7).then_some(id)
        })
        .collect()
}

/// The lines of several files by path, where one message names a path more than once.
pub fn by_path(files: &[FileLine]) -> BTreeMap<RepoPath, Vec<String>> {
    let mut paths: BTreeMap<RepoPath, Vec<String>> = BTreeMap::new();
    for file in files {
        paths.entry(file.path.clone()).or_default().extend(file.blocks.iter().cloned());
    }
    paths
}
