//! Reads what the hook wrote: a log and a table of counts for each process.
//!
//! A process may have been killed at any moment, so a last line without its end is no line, and
//! a count without its name is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::report::{ClassReport, Place};
use crate::config::gate::Target;

/// What the hook of every process wrote.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// The processes that loaded the hook, but those forks that built nothing.
    pub(super) processes: u64,
    /// The peak memory that processes reported at their ends, in bytes, by process.
    pub(super) memory: BTreeMap<u32, u64>,
    pub(super) notes: BTreeSet<String>,
    built: BTreeMap<Built, Times>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Built {
    target: String,
    class: String,
    path: PathBuf,
    line: u32,
}

/// Instances by process, which is the number of its log.
type Times = BTreeMap<u64, u64>;

impl Counts {
    /// Reads the folder that the hooks wrote into.
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let mut counts = Self::default();
        let mut logs: Vec<PathBuf> =
            fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
        logs.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
        logs.sort();
        for log in logs {
            let table = fs::read(log.with_extension("counts")).unwrap_or_default();
            counts.processes += 1;
            counts.take(&String::from_utf8_lossy(&fs::read(&log)?), &table);
        }
        Ok(counts)
    }

    fn take(&mut self, log: &str, table: &[u8]) {
        let mut places: BTreeMap<usize, Built> = BTreeMap::new();
        let mut appended: BTreeMap<usize, u64> = BTreeMap::new();
        let (mut pid, mut folder) = (0, PathBuf::new());
        let whole_lines = log.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        for line in whole_lines {
            let fields: Vec<&str> = line.split('\t').collect();
            match fields.as_slice() {
                ["P", number, _version, cwd] => {
                    pid = number.parse().unwrap_or_default();
                    folder = unescape(cwd).into();
                }
                ["C", slot, target, class, path, line] => {
                    if let (Ok(slot), Ok(line)) = (slot.parse(), line.parse()) {
                        let path = match unescape(path) {
                            none if none.is_empty() => PathBuf::new(),
                            path => folder.join(path),
                        };
                        let (target, class) = (unescape(target), unescape(class));
                        places.insert(slot, Built { target, class, path, line });
                    }
                }
                ["+", slot] => {
                    if let Ok(slot) = slot.parse() {
                        *appended.entry(slot).or_default() += 1;
                    }
                }
                ["M", bytes] => {
                    if let Ok(bytes) = bytes.parse() {
                        self.memory.insert(pid, bytes);
                    }
                }
                ["N", note] => {
                    self.notes.insert(unescape(note));
                }
                _ => {}
            }
        }
        let (counted, _) = table.as_chunks::<8>();
        for (slot, built) in places {
            let in_table = counted.get(slot).map_or(0, |bytes| u64::from_ne_bytes(*bytes));
            let times = in_table + appended.get(&slot).copied().unwrap_or_default();
            if times > 0 {
                *self.built.entry(built).or_default().entry(self.processes).or_default() += times;
            }
        }
    }

    /// A report for each target, in their order; paths are relative to `root` where they are
    /// inside it.
    pub(super) fn classes(&self, targets: &[Target], root: &Path) -> Vec<ClassReport> {
        targets.iter().map(|target| self.class(&target.to_string(), root)).collect()
    }

    fn class(&self, target: &str, root: &Path) -> ClassReport {
        let mut by_process = Times::new();
        let mut places = Vec::new();
        for (built, times) in self.built.iter().filter(|(built, _)| built.target == target) {
            for (process, times) in times {
                *by_process.entry(*process).or_default() += times;
            }
            places.push(Place {
                path: shown(&built.path, root),
                line: built.line,
                class: (built.class != target).then(|| built.class.clone()),
                instances: times.values().sum(),
                processes: times.len() as u64,
            });
        }
        places.sort_by(|a, b| (b.instances, &a.path, a.line).cmp(&(a.instances, &b.path, b.line)));
        ClassReport {
            class: target.to_owned(),
            instances: by_process.values().sum(),
            places: places
                .iter()
                .map(|place| (&place.path, place.line))
                .collect::<BTreeSet<_>>()
                .len() as u64,
            processes: by_process.len() as u64,
            most_in_one_process: by_process.values().copied().max().unwrap_or_default(),
            by_place: places,
        }
    }
}

fn shown(path: &Path, root: &Path) -> String {
    if path.as_os_str().is_empty() {
        return "(other places)".to_owned();
    }
    let real_path = path.canonicalize();
    let real_root = root.canonicalize();
    let inside = match (&real_path, &real_root) {
        (Ok(path), Ok(root)) => path.strip_prefix(root).ok(),
        _ => None,
    };
    let shown = inside.or_else(|| path.strip_prefix(root).ok()).unwrap_or(path);
    // A name in angle brackets is no file, and stands as Python wrote it.
    match path.file_name() {
        Some(name) if name.as_encoded_bytes().starts_with(b"<") => {
            name.to_string_lossy().into_owned()
        }
        Some(_) | None => shown.to_string_lossy().into_owned(),
    }
}

/// The text that Python's `ascii()` wrote. A byte that was not UTF-8 in a path is a lone
/// surrogate there, and becomes U+FFFD.
fn unescape(literal: &str) -> String {
    let inner = literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default();
    let mut text = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        let digits = match letters.next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some('n') => {
                text.push('\n');
                continue;
            }
            Some('r') => {
                text.push('\r');
                continue;
            }
            Some('t') => {
                text.push('\t');
                continue;
            }
            Some(other) => {
                text.push(other);
                continue;
            }
            None => break,
        };
        let hex: String = letters.by_ref().take(digits).collect();
        let decoded = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
        text.push(decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(log: &str, table: &[u64]) -> Counts {
        let mut counts = Counts { processes: 1, ..Counts::default() };
        let table: Vec<u8> = table.iter().flat_map(|count| count.to_ne_bytes()).collect();
        counts.take(log, &table);
        counts
    }

    fn class(counts: &Counts) -> ClassReport {
        counts.class("a:C", Path::new("/p"))
    }

    #[test]
    fn escapes_are_read_back() {
        for (literal, text) in [
            ("'plain'", "plain"),
            (r"'a\tb\nc\\d'", "a\tb\nc\\d"),
            (r#""it's""#, "it's"),
            (r#"'it\'s "so"'"#, "it's \"so\""),
            (r"'caf\xe9 \u20ac \U0001f600'", "café € 😀"),
            (r"'\udcff'", "\u{fffd}"),
            ("", ""),
            ("'", ""),
        ] {
            assert_eq!(unescape(literal), text, "{literal}");
        }
    }

    #[test]
    fn a_log_that_breaks_off_counts_up_to_there() {
        let log = "P\t7\t3.11\t'/p'\nC\t0\t'a:C'\t'a:C'\t'app.py'\t3\nC\t1\t'a:C'\t'a:C'\t'b";
        let counts = counts(log, &[2, 5]);
        assert_eq!(class(&counts).instances, 2);
        assert_eq!(class(&counts).by_place[0].path, "app.py");
    }

    #[test]
    fn a_place_without_its_count_is_nothing() {
        let log = "P\t7\t3.11\t'/p'\nC\t0\t'a:C'\t'a:C'\t'app.py'\t3\n";
        assert_eq!(class(&counts(log, &[])).instances, 0);
        assert_eq!(class(&counts(log, &[0])).places, 0);
    }

    #[test]
    fn counts_can_be_appended() {
        let log = "P\t7\t3.13\t'/p'\nC\t0\t'a:C'\t'a.sub:D'\t'app.py'\t3\n+\t0\n+\t0\n+\t0";
        let report = class(&counts(log, &[]));
        assert_eq!(report.instances, 2);
        assert_eq!(report.by_place[0].class.as_deref(), Some("a.sub:D"));
    }

    #[test]
    fn garbage_is_no_count() {
        let counts = counts("\u{fffd}\nP\nC\tx\ty\nM\tmuch\n+\t-1\n\n", &[9]);
        assert_eq!(class(&counts).instances, 0);
        assert!(counts.memory.is_empty());
    }
}
