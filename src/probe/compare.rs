//! Two reports side by side: before, after, and the change in per cent.

use std::fmt;

use serde::Serialize;

use super::report::{ProbeReport, mebibytes};

/// Two reports, figure by figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The figures that at least one of the reports has, in the order of the reports.
    pub changes: Vec<Change>,
}

/// One figure in both reports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What it is of: a class, `memory` or `redis`.
    pub of: String,
    /// Which figure.
    pub figure: &'static str,
    /// In the earlier report; `None` where it has none.
    pub before: Option<u64>,
    /// In the later report; `None` where it has none.
    pub after: Option<u64>,
    /// By how much it changed, in per cent of what it was; `None` where there is no telling.
    pub per_cent: Option<f64>,
    #[serde(skip)]
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Count,
    Bytes,
}

/// Compares an earlier report with a later one.
pub fn compare(before: &ProbeReport, after: &ProbeReport) -> Comparison {
    let mut classes: Vec<&str> = after.classes.iter().map(|class| class.class.as_str()).collect();
    for class in &before.classes {
        if !classes.contains(&class.class.as_str()) {
            classes.push(&class.class);
        }
    }
    let mut changes = Vec::new();
    for name in classes {
        let of = |report: &ProbeReport| {
            report.classes.iter().find(|class| class.class == name).map(|class| {
                [class.instances, class.places, class.processes, class.most_in_one_process]
            })
        };
        let (before, after) = (of(before), of(after));
        let figures = ["instances", "places", "processes", "most in one process"];
        for (index, figure) in figures.into_iter().enumerate() {
            let pick = |figures: Option<[u64; 4]>| figures.and_then(|all| all.get(index).copied());
            changes.extend(change(name, figure, Unit::Count, pick(before), pick(after)));
        }
    }
    let memory = |report: &ProbeReport| (report.memory.peak_process, report.memory.peak_together);
    let ((process_before, all_before), (process_after, all_after)) =
        (memory(before), memory(after));
    changes.extend(change("memory", "one process", Unit::Bytes, process_before, process_after));
    changes.extend(change("memory", "all together", Unit::Bytes, all_before, all_after));
    let redis = |report: &ProbeReport| {
        let redis = report.redis.as_ref().filter(|redis| redis.samples > 0);
        (
            redis.map(|redis| redis.peak_clients),
            redis.and_then(|redis| redis.connections),
            redis.and_then(|redis| redis.refused),
        )
    };
    let (before, after) = (redis(before), redis(after));
    changes.extend(change("redis", "clients at most", Unit::Count, before.0, after.0));
    changes.extend(change("redis", "connections made", Unit::Count, before.1, after.1));
    changes.extend(change("redis", "connections refused", Unit::Count, before.2, after.2));
    Comparison { changes }
}

fn change(
    of: &str,
    figure: &'static str,
    unit: Unit,
    before: Option<u64>,
    after: Option<u64>,
) -> Option<Change> {
    if before.is_none() && after.is_none() {
        return None;
    }
    let per_cent = match (before, after) {
        (Some(before), Some(after)) => per_cent(before, after),
        _ => None,
    };
    Some(Change { of: of.to_owned(), figure, before, after, per_cent, unit })
}

#[expect(clippy::cast_precision_loss, reason = "a percentage needs three digits")]
fn per_cent(before: u64, after: u64) -> Option<f64> {
    if before == after {
        return Some(0.0);
    }
    (before > 0).then(|| (after as f64 - before as f64) / before as f64 * 100.0)
}

/// A table for people.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: Option<u64>, unit| match (value, unit) {
            (Some(value), Unit::Count) => value.to_string(),
            (Some(value), Unit::Bytes) => mebibytes(value),
            (None, _) => "-".to_owned(),
        };
        let rows: Vec<[String; 5]> = self
            .changes
            .iter()
            .map(|change| {
                let per_cent = change
                    .per_cent
                    .map_or_else(|| "-".to_owned(), |per_cent| format!("{per_cent:+.1} %"));
                [
                    change.of.clone(),
                    change.figure.to_owned(),
                    shown(change.before, change.unit),
                    shown(change.after, change.unit),
                    per_cent,
                ]
            })
            .collect();
        let header = ["", "", "before", "after", "change"].map(str::to_owned);
        let mut widths = [0; 5];
        for row in std::iter::once(&header).chain(&rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in std::iter::once(&header).chain(&rows) {
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                match column {
                    0 => write!(f, "{cell:<width$}")?,
                    1 => write!(f, "  {cell:<width$}")?,
                    _ => write!(f, "  {cell:>width$}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
