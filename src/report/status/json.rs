//! `status` for programs. The format is versioned: within a version, keys are only added.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::{GateState, Progress, Row, State};

/// The version of the format.
pub const VERSION: u32 = 1;

/// Renders the tiers.
pub fn render(rows: &[Row]) -> String {
    let mut text = serde_json::to_string_pretty(&Document::of(rows)).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema of what [`render`] gives.
pub fn schema() -> Schema {
    schemars::schema_for!(Document<'static>)
}

/// What `tiermod status --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tiermod status")]
struct Document<'a> {
    /// The version of this format: within it, keys are only added.
    version: u32,
    /// The tiers, in the order of the migration.
    tiers: Vec<TierForm<'a>>,
    /// The sums of all tiers.
    total: TotalForm,
}

/// A tier as the tree and the history show it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tier")]
struct TierForm<'a> {
    /// Its place in the order of the migration, counted from 1.
    number: usize,
    /// Its name.
    name: &'a str,
    /// A few words; may be empty.
    summary: &'a str,
    /// Where it stands.
    #[schemars(schema_with = "states")]
    state: &'static str,
    /// How many files have, or had, sites.
    files: usize,
    /// How many sites are migrated.
    done: usize,
    /// How many sites are left, those that are held among them.
    left: usize,
    /// How many of those that are left a person must decide.
    held: usize,
    /// When it was last applied.
    applied_at: Option<&'a str>,
    /// By whom.
    applied_by: Option<&'a str>,
    /// As which commit; empty outside git.
    commit: Option<&'a str>,
    /// When it was last rolled back.
    rolled_back_at: Option<&'a str>,
    /// Its gates, as they last ran.
    gates: Vec<GateForm<'a>>,
}

/// A gate as it last ran.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Gate")]
struct GateForm<'a> {
    /// Its name.
    name: &'a str,
    /// What came of it.
    #[schemars(schema_with = "gate_states")]
    status: &'static str,
    /// The figure that it printed.
    figure: Option<&'a str>,
}

/// How far the migration is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Total")]
struct TotalForm {
    /// How many sites are migrated.
    done: usize,
    /// How many sites are left.
    left: usize,
    /// How many of those a person must decide.
    held: usize,
    /// The migrated ones in hundredths of all, rounded down.
    percent: usize,
}

impl<'a> Document<'a> {
    fn of(rows: &'a [Row]) -> Self {
        let progress = Progress::of(rows);
        let Progress { done, left, held } = progress;
        Self {
            version: VERSION,
            tiers: rows.iter().map(TierForm::of).collect(),
            total: TotalForm { done, left, held, percent: progress.percent() },
        }
    }
}

impl<'a> TierForm<'a> {
    fn of(row: &'a Row) -> Self {
        let applied = row.applied.as_ref();
        let gates = row.gates.iter().map(|gate| GateForm {
            name: &gate.name,
            status: gate.status.name(),
            figure: gate.figure.as_deref(),
        });
        Self {
            number: row.number,
            name: &row.tier,
            summary: &row.summary,
            state: row.state.name(),
            files: row.files,
            done: row.done,
            left: row.left,
            held: row.held,
            applied_at: applied.map(|applied| &*applied.when),
            applied_by: applied.map(|applied| &*applied.by),
            commit: applied.map(|applied| &*applied.commit),
            rolled_back_at: row.rolled_back.as_deref(),
            gates: gates.collect(),
        }
    }
}

fn states(_: &mut schemars::SchemaGenerator) -> Schema {
    let names: Vec<&str> = State::ALL.iter().map(|state| state.name()).collect();
    schemars::json_schema!({ "type": "string", "enum": names })
}

fn gate_states(_: &mut schemars::SchemaGenerator) -> Schema {
    let names: Vec<&str> = GateState::ALL.iter().map(|state| state.name()).collect();
    schemars::json_schema!({ "type": "string", "enum": names })
}
