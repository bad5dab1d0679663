//! A gate as `codemod.toml` gives it.

use schemars::JsonSchema;
use serde::Deserialize;

/// `[[gate]]` or `[[tier.gate]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GateSpec {
    /// What reports call it; unique among the gates of a tier.
    pub name: String,
    /// A command line for the shell.
    pub run: Option<String>,
}
