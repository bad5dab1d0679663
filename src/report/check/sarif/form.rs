//! The part of SARIF 2.1.0 that is written, as the specification names it.

use std::collections::BTreeMap;

use serde::Serialize;

/// `sarifLog`, 3.13.
#[derive(Serialize)]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) version: &'static str,
    pub(super) runs: [Run<'a>; 1],
}

/// `run`, 3.14.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'a> {
    pub(super) tool: Tool,
    pub(super) invocations: [Invocation; 1],
    pub(super) original_uri_base_ids: BTreeMap<&'static str, Description>,
    pub(super) column_kind: &'static str,
    pub(super) results: Vec<Result<'a>>,
}

/// `tool`, 3.18.
#[derive(Serialize)]
pub(super) struct Tool {
    pub(super) driver: Driver,
}

/// `toolComponent`, 3.19.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver {
    pub(super) name: &'static str,
    pub(super) semantic_version: &'static str,
    pub(super) rules: Vec<Rule>,
}

/// `reportingDescriptor`, 3.49.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) name: String,
    pub(super) short_description: Text,
    pub(super) help: Markdown,
    pub(super) default_configuration: RuleConfiguration,
    pub(super) properties: RuleProperties,
}

/// `multiformatMessageString`, 3.12.
#[derive(Serialize)]
pub(super) struct Markdown {
    pub(super) text: &'static str,
    pub(super) markdown: &'static str,
}

/// `reportingConfiguration`, 3.50.
#[derive(Serialize)]
pub(super) struct RuleConfiguration {
    pub(super) level: Level,
}

/// `propertyBag`, 3.8.
#[derive(Serialize)]
pub(super) struct RuleProperties {
    pub(super) tags: [&'static str; 1],
}

/// `level`, 3.27.10.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Level {
    None,
    Warning,
    Error,
}

/// `kind`, 3.27.9; anything but `fail` has the level `none`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    Pass,
    Informational,
    Review,
    Fail,
}

/// `result`, 3.27.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Result<'a> {
    pub(super) rule_id: &'static str,
    pub(super) rule_index: usize,
    pub(super) kind: Kind,
    pub(super) level: Level,
    pub(super) message: Text,
    pub(super) locations: [Location; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fixes: Option<[Fix; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressions: Option<[Suppression<'a>; 1]>,
    pub(super) properties: SiteProperties<'a>,
}

/// `propertyBag`, 3.8.
#[derive(Serialize)]
pub(super) struct SiteProperties<'a> {
    pub(super) verdict: &'static str,
    pub(super) symbol: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transform: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) chain: &'a [String],
}

/// `message`, 3.11; also `multiformatMessageString` and `artifactContent`.
#[derive(Serialize)]
pub(super) struct Text {
    text: String,
}

/// A wrapped message.
#[derive(Serialize)]
pub(super) struct Description {
    pub(super) description: Text,
}

/// `location`, 3.28.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    pub(super) physical_location: PhysicalLocation,
}

/// `physicalLocation`, 3.29.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation {
    pub(super) artifact_location: ArtifactLocation,
    pub(super) region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_region: Option<Region>,
}

/// `artifactLocation`, 3.4.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    pub(super) uri: String,
    pub(super) uri_base_id: &'static str,
}

/// `region`, 3.30.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snippet: Option<Text>,
}

/// `suppression`, 3.35.
#[derive(Serialize)]
pub(super) struct Suppression<'a> {
    pub(super) kind: &'static str,
    pub(super) justification: &'a str,
}

/// `fix`, 3.55.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fix {
    pub(super) description: Text,
    pub(super) artifact_changes: [ArtifactChange; 1],
}

/// `artifactChange`, 3.56.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactChange {
    pub(super) artifact_location: ArtifactLocation,
    pub(super) replacements: Vec<Replacement>,
}

/// `replacement`, 3.57.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Replacement {
    pub(super) deleted_region: Region,
    pub(super) inserted_content: Text,
}

/// `invocation`, 3.20.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_execution_notifications: Vec<Notification>,
}

/// `notification`, 3.58.
#[derive(Serialize)]
pub(super) struct Notification {
    pub(super) level: Level,
    pub(super) message: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) locations: Option<[Location; 1]>,
}

impl Text {
    /// Text that is taken as it is.
    pub(super) fn plain(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// The text of a `message`, in which `[…](…)` would be a link (3.11.6) and `{0}` would stand
    /// for an argument (3.11.5).
    pub(super) fn escaped(text: &str) -> Self {
        let text = text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
        Self { text: text.replace('{', "{{").replace('}', "}}") }
    }
}
