//! `check` for programs.
//!
//! The format is versioned: within a version, keys are only added. `tiermod schema` prints its
//! JSON Schema.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::report::outcome::{Counts, Finding, Isolation, Outcome, is_accepted, is_ignored};
use crate::site::{Site, Verdict};
use crate::text::Edit;

/// The version of the format.
pub const VERSION: u32 = 1;

/// Renders an outcome.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&Document::of(outcome)).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema of what [`render`] gives.
pub fn schema() -> Schema {
    schemars::schema_for!(Document<'static>)
}

/// What `tiermod check --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tiermod check")]
struct Document<'a> {
    /// The version of this format: within it, keys are only added.
    version: u32,
    /// The tiers, in the order of the migration.
    tiers: Vec<TierForm<'a>>,
    /// Every site, by tier, path and position.
    sites: Vec<SiteForm<'a>>,
    /// The sums of all sites.
    totals: CountsForm,
    /// What isolation audits say, by path and position.
    findings: Vec<FindingForm<'a>>,
    /// Files that are left alone because their planned result could not be proven.
    unproven: Vec<UnprovenForm<'a>>,
    /// Files that could not be analysed and are not among the sites.
    failures: Vec<FailureForm<'a>>,
    /// Remarks for a person.
    warnings: &'a [String],
    /// How many files were searched.
    files_searched: usize,
    /// How many of them were parsed, as they mention a target.
    files_parsed: usize,
}

/// A tier of `codemod.toml`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tier")]
struct TierForm<'a> {
    /// Its place in the order of the migration, counted from 1.
    number: usize,
    /// Its name.
    name: &'a str,
    /// A few words; may be empty.
    summary: &'a str,
    /// What is at stake, where that is said.
    risk: Option<&'a str>,
    /// The sums of its sites.
    #[serde(flatten)]
    counts: CountsForm,
}

/// Numbers of sites by verdict.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
struct CountsForm {
    /// Sites that are rewritten.
    rewrite: usize,
    /// Sites that a person must decide.
    review: usize,
    /// Sites that are rightly left alone.
    keep: usize,
}

/// One place in one file that a transform is about.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Site")]
struct SiteForm<'a> {
    /// Relative to the project's folder, with `/`; what is not UTF-8 is U+FFFD.
    path: String,
    /// Where it starts, counted from 1.
    #[schemars(range(min = 1))]
    line: u32,
    /// In characters, counted from 1.
    #[schemars(range(min = 1))]
    column: u32,
    /// Where it ends.
    #[schemars(range(min = 1))]
    end_line: u32,
    /// The column after its last character.
    #[schemars(range(min = 1))]
    end_column: u32,
    /// What the site is about, as `package.module:Name`.
    symbol: &'a str,
    /// The name of the tier that owns the file; `null` where none does.
    tier: Option<&'a str>,
    /// What happens to it.
    #[schemars(schema_with = "verdicts")]
    verdict: &'static str,
    /// The stable code of the reason.
    #[schemars(regex(pattern = r"^TM\d{3}$"))]
    reason: &'static str,
    /// One sentence for a person.
    message: &'a str,
    /// The transform's name.
    transform: &'a str,
    /// The line on which it starts, without its line ending.
    source_line: &'a str,
    /// It is rewritten because its tier accepts the reason.
    accepted: bool,
    /// It is kept because a comment beside it says so.
    ignored: bool,
    /// How the name was followed, one step each.
    chain: &'a [String],
    /// A change that would settle it, where one is known.
    suggestion: Option<SuggestionForm<'a>>,
}

/// A change that settles a held site, offered and not made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Suggestion")]
struct SuggestionForm<'a> {
    /// What it does.
    message: &'a str,
    /// The edits of the site's file; empty where they cannot be spelled out.
    edits: Vec<EditForm<'a>>,
}

/// A replacement in the file's text.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Edit")]
struct EditForm<'a> {
    /// The first byte that is replaced, in the text decoded to UTF-8 without a byte order mark.
    start: u32,
    /// The first byte after it.
    end: u32,
    /// What takes its place.
    text: &'a str,
}

/// What an isolation audit says of one call.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingForm<'a> {
    /// Relative to the project's folder, with `/`; what is not UTF-8 is U+FFFD.
    path: String,
    /// Where it starts, counted from 1.
    line: u32,
    /// In characters, counted from 1.
    column: u32,
    /// Where it ends.
    end_line: u32,
    /// The column after its last character.
    end_column: u32,
    /// The shared object, as `package.module:name`.
    symbol: &'a str,
    /// Whether the key belongs to one user.
    #[schemars(schema_with = "isolation_verdicts")]
    verdict: &'static str,
    /// One sentence for a person.
    message: &'a str,
    /// The line on which it starts, without its line ending.
    source_line: &'a str,
    /// Whether it makes the check fail.
    denied: bool,
}

/// A file whose planned result did not stand the proof.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Unproven")]
struct UnprovenForm<'a> {
    /// Relative to the project's folder, with `/`.
    path: String,
    /// What is wrong with the result.
    message: &'a str,
}

/// A file that could not be analysed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Failure")]
struct FailureForm<'a> {
    /// Relative to the project's folder, with `/`.
    path: String,
    /// Where, counted from 1.
    line: u32,
    /// In characters, counted from 1.
    column: u32,
    /// What the reader, decoder or parser says.
    message: &'a str,
}

impl<'a> Document<'a> {
    fn of(outcome: &Outcome<'a>) -> Self {
        let tiers = outcome.groups.iter().filter_map(|group| {
            let (number, tier) = group.tier?;
            Some(TierForm {
                number,
                name: tier.name,
                summary: tier.summary,
                risk: tier.risk,
                counts: group.counts.into(),
            })
        });
        let failures = outcome.failures.iter().map(|(path, failure)| FailureForm {
            path: path.to_slash(),
            line: failure.position.line,
            column: failure.position.column,
            message: &failure.message,
        });
        let unproven = outcome
            .unproven
            .iter()
            .map(|one| UnprovenForm { path: one.path.to_slash(), message: &one.message });
        Self {
            version: VERSION,
            tiers: tiers.collect(),
            sites: outcome
                .sites()
                .map(|(tier, site)| SiteForm::of(site, tier.map(|(_, tier)| tier.name)))
                .collect(),
            totals: outcome.totals.into(),
            findings: outcome.findings.iter().map(FindingForm::of).collect(),
            unproven: unproven.collect(),
            failures: failures.collect(),
            warnings: outcome.warnings,
            files_searched: outcome.searched,
            files_parsed: outcome.parsed,
        }
    }
}

impl From<Counts> for CountsForm {
    fn from(counts: Counts) -> Self {
        Self { rewrite: counts.rewrite, review: counts.review, keep: counts.keep }
    }
}

impl<'a> SiteForm<'a> {
    fn of(site: &'a Site, tier: Option<&'a str>) -> Self {
        Self {
            path: site.path.to_slash(),
            line: site.start.line,
            column: site.start.column,
            end_line: site.end.line,
            end_column: site.end.column,
            symbol: &site.symbol,
            tier,
            verdict: site.verdict.name(),
            reason: site.reason.code(),
            message: &site.message,
            transform: &site.transform,
            source_line: &site.source_line,
            accepted: is_accepted(site),
            ignored: is_ignored(site),
            chain: &site.chain,
            suggestion: site.suggestion.as_ref().map(|suggestion| SuggestionForm {
                message: &suggestion.message,
                edits: suggestion.edits.iter().map(EditForm::of).collect(),
            }),
        }
    }
}

impl<'a> EditForm<'a> {
    fn of(edit: &'a Edit) -> Self {
        Self { start: edit.range.start().into(), end: edit.range.end().into(), text: &edit.text }
    }
}

impl<'a> FindingForm<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            path: finding.path.to_slash(),
            line: finding.start.line,
            column: finding.start.column,
            end_line: finding.end.line,
            end_column: finding.end.column,
            symbol: &finding.symbol,
            verdict: finding.verdict.name(),
            message: &finding.message,
            source_line: &finding.source_line,
            denied: finding.is_forbidden(),
        }
    }
}

fn verdicts(_: &mut schemars::SchemaGenerator) -> Schema {
    let names: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.name()).collect();
    schemars::json_schema!({ "type": "string", "enum": names })
}

fn isolation_verdicts(_: &mut schemars::SchemaGenerator) -> Schema {
    let names: Vec<&str> = Isolation::ALL.iter().map(|verdict| verdict.name()).collect();
    schemars::json_schema!({ "type": "string", "enum": names })
}
