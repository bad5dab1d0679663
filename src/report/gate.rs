//! `gate` for programs. The format is versioned: within a version, keys are only added.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::gate::{GateResult, Status};

/// The version of the format.
pub const VERSION: u32 = 1;

/// A result and the tier of its gate; none for a gate of every tier.
pub type Judged = (Option<String>, GateResult);

/// Renders what came of the gates, in their order. The text ends with a line break.
pub fn json(results: &[Judged]) -> String {
    let document = Document { version: VERSION, gates: results.iter().map(Form::of).collect() };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema of what [`json`] gives.
pub fn schema() -> Schema {
    schemars::schema_for!(Document<'static>)
}

/// What `tiermod gate --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tiermod gate")]
struct Document<'a> {
    /// The version of this format: within it, keys are only added.
    version: u32,
    /// The gates, in the order in which they ran.
    gates: Vec<Form<'a>>,
}

/// What came of a gate.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Gate")]
struct Form<'a> {
    /// The tier that it belongs to; null for a gate of every tier.
    tier: Option<&'a str>,
    /// Its name.
    name: &'a str,
    /// How its last attempt ended.
    #[schemars(schema_with = "statuses")]
    status: &'static str,
    /// Whether a tier may stand with this.
    holds: bool,
    /// Whether it failed in its baseline already, and no worse now.
    known_failing: bool,
    /// Its figure.
    figure: Option<f64>,
    /// The figure that was recorded before the change.
    baseline: Option<f64>,
    /// What was expected of the figure.
    expectation: Option<&'a str>,
    /// Why it did not pass, or what else is worth knowing.
    message: Option<&'a str>,
    /// The tests that fail and did not fail in the baseline.
    newly_failing: &'a [String],
    /// The last lines of its output.
    output: &'a str,
    /// How often it was tried.
    attempts: u32,
    /// How long it took, all attempts together.
    seconds: f64,
}

impl<'a> Form<'a> {
    fn of((tier, result): &'a Judged) -> Self {
        Self {
            tier: tier.as_deref(),
            name: &result.name,
            status: result.status.name(),
            holds: result.holds(),
            known_failing: result.known_failing,
            figure: result.figure,
            baseline: result.baseline,
            expectation: result.expectation.as_deref(),
            message: result.message.as_deref(),
            newly_failing: &result.newly_failing,
            output: &result.output,
            attempts: result.attempts,
            seconds: result.seconds,
        }
    }
}

fn statuses(_: &mut schemars::SchemaGenerator) -> Schema {
    let all =
        [Status::Passed, Status::Failed, Status::TimedOut, Status::CouldNotRun, Status::Cancelled];
    let names: Vec<&str> = all.iter().map(|status| status.name()).collect();
    schemars::json_schema!({ "type": "string", "enum": names })
}
