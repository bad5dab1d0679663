//! A gate as `codemod.toml` writes it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One `[[gate]]`: a command that must succeed, or a figure that must keep to an expectation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GateSpec {
    /// What reports call it; unique within a tier.
    pub name: String,
    /// A shell command. It gets no input, and runs in a session of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// A URL to ask instead of running a command; `http://` or `https://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// How long one attempt may take, such as "5m" or "30s"; 10 minutes for a command and 30
    /// seconds for a URL where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// Variables that the command gets besides those of the caller.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The folder to run in, relative to the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// A regular expression for the output; the first group of its last match is the figure.
    /// `^` and `$` match at every line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// A JSON pointer into the answer of `http`; the number there is the figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// What the figure must be: ">= 95", "<= baseline", "<= 1.10 * baseline".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// How often to try again after a failure; 0 where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// How long to wait before trying again, such as "2s"; one second for a URL, none for a
    /// command where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_delay: Option<String>,
    /// How many figures to take; their median counts. 1 where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// A JUnit XML report that the command writes, relative to `cwd`, so that newly failing
    /// tests are listed by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub junit: Option<String>,
    /// Headers of the request. `$NAME` and `${NAME}` are taken from the environment and never
    /// printed; `$$` is a dollar sign.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Counts the instances of a class that the command builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<InstancesSpec>,
}

/// `instances`: the figure of a gate is how many instances of a class its command builds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InstancesSpec {
    /// The class, as `package.module:Class`.
    pub of: String,
    /// How many there must be, over all processes: "== 1".
    pub expect: String,
}
