//! The serde form of `codemod.toml`, and its JSON Schema.
//!
//! Every key of the file is here and nowhere else; its documentation is what editors and messages
//! show. Nothing is checked beyond types.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_spanned::Spanned;

use super::gate::GateSpec;
use super::tier::{Risk, is_acceptable};
use crate::site::Reason;

/// The tiers of a migration: which files it changes, in which order, and what must hold after
/// each.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "codemod.toml")]
pub(super) struct ConfigForm {
    /// The transforms: TOML files or globs of them, relative to the folder of this file, or
    /// `builtin:NAME` for one that comes with tiermod.
    ///
    /// Default: `transforms/*.toml`.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) transforms: Option<Vec<Spanned<String>>>,
    /// Whether what is otherwise a warning stops the run.
    #[serde(default)]
    pub(super) strict: bool,
    /// How the project's modules are named.
    #[serde(default)]
    pub(super) python: PythonForm,
    /// Which files are read.
    #[serde(default)]
    pub(super) files: FilesForm,
    /// The tiers, in the order of the migration: the first whose paths match a file owns it.
    #[serde(default)]
    #[schemars(with = "Vec<TierForm>")]
    pub(super) tier: Vec<Spanned<TierForm>>,
    /// What must hold before every tier stands.
    #[serde(default)]
    pub(super) gate: Vec<GateSpec>,
}

/// `[python]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PythonForm {
    /// The folders in which dotted module names begin, relative to the project.
    ///
    /// Default: detected from the packages that there are.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) source_roots: Option<Vec<Spanned<String>>>,
}

/// `[files]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FilesForm {
    /// Globs of files that are not read, besides those that `.gitignore` names.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// Larger files are not read: a number of bytes, or a text such as `4 MiB`.
    ///
    /// Default: `64 MiB`, which is also the most that can be asked for.
    #[schemars(with = "Option<SizeForm>")]
    pub(super) max_size: Option<Spanned<SizeForm>>,
}

/// A size: bytes, or a number with a unit.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum SizeForm {
    /// Bytes.
    Bytes(u64),
    /// With a unit.
    Text(String),
}

/// `[[tier]]`: a set of files that is changed, and taken back, as one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TierForm {
    /// What commands, reports and commits call the tier; no number and no range.
    #[schemars(with = "String")]
    pub(super) name: Spanned<String>,
    /// A few words for people.
    #[serde(default)]
    pub(super) summary: String,
    /// What is at stake when the tier goes wrong.
    pub(super) risk: Option<Risk>,
    /// Globs of the tier's files, from the project's folder; a folder stands for everything in it.
    #[schemars(with = "Vec<String>")]
    pub(super) paths: Spanned<Vec<Spanned<String>>>,
    /// Reasons under review that are rewritten in this tier all the same.
    #[serde(default)]
    #[schemars(schema_with = "acceptable_codes")]
    pub(super) accept: Vec<Spanned<String>>,
    /// What must hold before this tier stands, besides the gates of every tier.
    #[serde(default)]
    pub(super) gate: Vec<GateSpec>,
    /// The first line of the tier's commit. `{tier}`, `{number}`, `{summary}`, `{risk}`,
    /// `{transforms}`, `{files}`, `{sites}` and `{held}` are filled in.
    #[schemars(with = "Option<String>")]
    pub(super) commit_subject: Option<Spanned<String>>,
    /// The text of the tier's commit below its first line, with the same words filled in.
    #[schemars(with = "Option<String>")]
    pub(super) commit_body: Option<Spanned<String>>,
}

fn acceptable_codes(_: &mut SchemaGenerator) -> Schema {
    let reasons = Reason::ALL.iter().filter(|reason| is_acceptable(**reason));
    let codes: Vec<_> = reasons.map(|reason| reason.code()).collect();
    schemars::json_schema!({ "type": "array", "items": { "type": "string", "enum": codes } })
}

/// The JSON Schema of `codemod.toml`, in the draft that editors' TOML modes read.
pub fn json_schema() -> Schema {
    schema_of::<ConfigForm>()
}

/// The JSON Schema of a form. TOML has no null, so none is in it.
pub(crate) fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(remove_null));
    settings.into_generator().into_root_schema_for::<T>()
}

fn remove_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let null = serde_json::Value::from("null");
    if let Some(serde_json::Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| *name != null);
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let Some(serde_json::Value::Array(options)) = object.get_mut("anyOf") else { return };
    options.retain(|option| option.get("type") != Some(&null));
    // What is left of an optional reference stays wrapped, as draft 7 ignores what is written
    // beside a bare `$ref`.
    if options.len() == 1
        && let Some(serde_json::Value::Object(only)) = options.first()
        && !only.contains_key("$ref")
    {
        let only = only.clone();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}
