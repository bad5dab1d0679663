//! The serde form of `transforms/*.toml`, and its JSON Schema.
//!
//! Every key of the file is here and nowhere else; its documentation is what editors and messages
//! show. Nothing is checked beyond types.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_spanned::Spanned;

use crate::config::schema::schema_of;
use crate::site::Reason;

use super::Within;

/// A transform: what to find, what to put there, and the examples that prove it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "transforms/NAME.toml")]
pub(super) struct TransformForm {
    /// What commands, reports and commits call the transform: letters, digits, `-`, `_` and `.`.
    /// The file has the same name.
    #[schemars(with = "String")]
    pub(super) name: Spanned<String>,
    /// One line that says what the transform does.
    #[schemars(with = "String")]
    pub(super) summary: Spanned<String>,
    /// Markdown: why, and what reviewers should look for.
    #[serde(default)]
    pub(super) docs: String,
    /// Classes whose instances are replaced by one shared object.
    #[serde(default)]
    #[schemars(with = "Vec<SingletonForm>")]
    pub(super) singleton: Vec<Spanned<SingletonForm>>,
    /// Rewrites of one Python snippet into another.
    #[serde(default)]
    #[schemars(with = "Vec<RewriteForm>")]
    pub(super) rewrite: Vec<Spanned<RewriteForm>>,
    /// Audits of the keys that are used on a shared object. Nothing is rewritten.
    #[serde(default)]
    #[schemars(with = "Vec<IsolationForm>")]
    pub(super) isolation: Vec<Spanned<IsolationForm>>,
    /// Tiny projects that show what the transform does, and prove it when they are run.
    #[serde(default)]
    #[schemars(with = "Vec<ExampleForm>")]
    pub(super) example: Vec<Spanned<ExampleForm>>,
}

/// `[[singleton]]`: a class, and the shared object that takes the place of its instances.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SingletonForm {
    /// The class, as `package.module:Name`.
    #[schemars(with = "String")]
    pub(super) class: Spanned<String>,
    /// The shared object, as `package.module:name`. Either this or `factory`.
    #[schemars(with = "Option<String>")]
    pub(super) instance: Option<Spanned<String>>,
    /// A function that returns the shared object when it is called with no arguments, as
    /// `package.module:name`. Either this or `instance`.
    #[schemars(with = "Option<String>")]
    pub(super) factory: Option<Spanned<String>>,
    /// What the shared object is imported as where its own name, `{name}`, is taken; `false` holds
    /// such sites for review. Default: `shared_{name}`.
    #[schemars(with = "Option<AliasForm>")]
    pub(super) alias: Option<Spanned<AliasForm>>,
    /// Methods that end the object's life. Default: `close`, `aclose`, `disconnect`, `shutdown`,
    /// `stop`, `terminate`, `dispose`, `cleanup` and `quit`.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) closes: Option<Vec<Spanned<String>>>,
    /// Whether mock targets that certainly mean the class are rewritten to the shared object.
    #[serde(default)]
    pub(super) retarget_mocks: bool,
    /// What becomes of the constructor's arguments: `ignore` drops any, a list drops keyword
    /// arguments of these names. Default: a call is held for review when its arguments are not
    /// those of the shared object.
    #[schemars(with = "Option<ArgumentsForm>")]
    pub(super) arguments: Option<Spanned<ArgumentsForm>>,
}

/// An alias, or `false` for none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum AliasForm {
    /// Whether there is one.
    Switch(bool),
    /// With `{name}` for the shared object's own name.
    Template(String),
}

/// What becomes of arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ArgumentsForm {
    /// `ignore`.
    Word(String),
    /// Names of keyword arguments.
    Keywords(Vec<String>),
}

/// `[[rewrite]]`: two Python snippets. Their import lines say what the names mean and how they
/// should be imported; the last expression or statement is the pattern.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RewriteForm {
    /// What to find. `$NAME` is one expression, `$_` any, `$$$NAME` any number of arguments.
    #[schemars(with = "String")]
    pub(super) before: Spanned<String>,
    /// What to put there.
    #[schemars(with = "String")]
    pub(super) after: Spanned<String>,
    /// Where it holds; a match elsewhere is held for review. `async function`: in code that runs
    /// as part of an `async def`. Default: everywhere.
    #[serde(default)]
    #[schemars(schema_with = "places")]
    pub(super) within: Option<Spanned<String>>,
}

/// `[[isolation]]`: an audit of the keys with which methods of a shared object are called.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct IsolationForm {
    /// The shared object, as `package.module:name`.
    #[schemars(with = "String")]
    pub(super) on: Spanned<String>,
    /// The methods whose first argument is a key.
    #[schemars(with = "Vec<String>")]
    pub(super) methods: Spanned<Vec<Spanned<String>>>,
    /// What a key has to look like, with a name in braces for each part that varies.
    #[schemars(with = "String")]
    pub(super) key: Spanned<String>,
    /// Whether a key that does not look so makes `tiermod check` fail.
    #[serde(default)]
    pub(super) deny: bool,
}

/// `[[example]]`: a tiny project before and after the transform.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExampleForm {
    /// What the example shows.
    #[schemars(with = "String")]
    pub(super) name: Spanned<String>,
    /// The project's files, by path.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(super) before: Spanned<BTreeMap<Spanned<String>, Spanned<String>>>,
    /// What becomes of them; a file that is left out here stays as it is.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub(super) after: BTreeMap<Spanned<String>, Spanned<String>>,
    /// The reasons of the sites that are held back, where some are.
    #[serde(default)]
    #[schemars(schema_with = "codes")]
    pub(super) reasons: Vec<Spanned<String>>,
}

fn places(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = Within::ALL.iter().map(|within| within.name()).collect();
    schemars::json_schema!({ "type": "string", "enum": names })
}

fn codes(_: &mut SchemaGenerator) -> Schema {
    let codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    schemars::json_schema!({ "type": "array", "items": { "type": "string", "enum": codes } })
}

/// The JSON Schema of `transforms/*.toml`, in the draft that editors' TOML modes read.
pub fn json_schema() -> Schema {
    schema_of::<TransformForm>()
}
