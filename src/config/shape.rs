//! The keys and types of a TOML file, held against the JSON Schema of its serde form.
//!
//! The schema is the one list of keys: editors, this check and the messages read the same. It
//! does not look at what values say. Invariant: after [`check`] the tree has only keys that the
//! form knows, with values of the types that it takes, so that what is left can be read and
//! checked further although something was wrong.

use std::sync::Arc;

use serde_json::Value as Schema;
use serde_spanned::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::document::{Document, range};
use super::nearest::{alternatives, nearest};
use super::problem::Problem;
use crate::text::{TextRange, TextSize};

/// What [`check`] found.
pub(crate) struct Shape {
    /// All that the form does not take.
    pub(crate) problems: Vec<Problem>,
    /// Whether what is left can be read by the form.
    pub(crate) is_readable: bool,
}

/// Everything in `table` that the form of `schema` does not take; it is taken out of the table.
pub(crate) fn check(document: &Arc<Document>, schema: &Schema, table: &mut DeTable<'_>) -> Shape {
    let mut walk = Walk { document, root: schema, path: Vec::new(), problems: Vec::new() };
    let is_readable = walk.table(TextRange::empty(TextSize::new(0)), table, schema);
    Shape { problems: walk.problems, is_readable }
}

/// What a value is: all that a key has, or one item of its array.
#[derive(Clone, Copy)]
enum Of {
    Key,
    Item,
}

struct Walk<'a> {
    document: &'a Arc<Document>,
    root: &'a Schema,
    /// The keys that lead to the value at hand; `true` where the key is of an array of tables.
    path: Vec<(String, bool)>,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    /// Whether the value of the key at hand, or an item of it, can be read; where it cannot, that
    /// has been said.
    fn value(&mut self, value: &mut Spanned<DeValue<'_>>, schema: &'a Schema, of: Of) -> bool {
        let span = range(value.span());
        let schema = self.resolve(schema);
        let options = self.options(schema);
        if options.is_empty() {
            // The form leaves the type open.
            return true;
        }
        let found = type_of(value.get_ref());
        let fits = |option: &&'a Schema| types(option).any(|name| is_of(found, name));
        let fitting: Vec<&'a Schema> = options.iter().copied().filter(fits).collect();
        let Some(&first) = fitting.first() else {
            self.wrong_type(span, value.get_ref(), &options, of);
            return false;
        };
        let constants: Vec<&str> =
            fitting.iter().filter_map(|option| option.get("const")?.as_str()).collect();
        if constants.len() == fitting.len() {
            return self.constant(span, value.get_ref(), &constants);
        }
        if fitting.len() > 1 {
            // Which of several forms is meant is for the form itself to say.
            return true;
        }
        match value.get_mut() {
            DeValue::Table(table) => self.table(span, table, first),
            DeValue::Array(array) => {
                let Some(items) = first.get("items") else { return true };
                for mut item in std::mem::replace(array, DeArray::new()) {
                    if self.value(&mut item, items, Of::Item) {
                        array.push(item);
                    }
                }
                true
            }
            _ => true,
        }
    }

    fn table(&mut self, span: TextRange, table: &mut DeTable<'_>, schema: &'a Schema) -> bool {
        let present: Vec<(String, TextRange)> =
            table.keys().map(|key| (key.get_ref().to_string(), range(key.span()))).collect();
        let properties = schema.get("properties").and_then(Schema::as_object);
        let extra = schema.get("additionalProperties");
        let mut is_complete = true;
        for (key, place) in &present {
            let known = properties.and_then(|properties| properties.get(key));
            let is_fit = match (known, extra) {
                (None, Some(Schema::Bool(false))) => {
                    let keys = properties.into_iter().flat_map(serde_json::Map::keys);
                    self.unknown_key(*place, key, keys.map(String::as_str).collect());
                    false
                }
                (Some(schema), _) | (None, Some(schema)) => {
                    let Some(value) = table.get_mut(key.as_str()) else { continue };
                    let is_list = matches!(value.get_ref(), DeValue::Array(_));
                    self.path.push((key.clone(), is_list));
                    let is_fit = self.value(value, schema, Of::Key);
                    self.path.pop();
                    // A free key has no default: without its value the table is another.
                    is_complete &= is_fit || known.is_some();
                    is_fit
                }
                (None, None) => true,
            };
            if !is_fit {
                table.remove(key.as_str());
            }
        }
        for key in schema.get("required").and_then(Schema::as_array).into_iter().flatten() {
            let Some(key) = key.as_str() else { continue };
            if table.contains_key(key) {
                continue;
            }
            is_complete = false;
            // Where it was there and was taken out, that has been said.
            if !present.iter().any(|(name, _)| name == key) {
                self.missing_key(span, key, properties.and_then(|keys| keys.get(key)));
            }
        }
        is_complete
    }

    fn unknown_key(&mut self, span: TextRange, key: &str, keys: Vec<&'a str>) {
        let place = self.place();
        let message = format!("unknown key `{key}`{}", in_place(&place));
        let mut problem = Problem::error(self.document, span, message);
        let homes = self.homes_of(key);
        if homes == [""] {
            problem = problem.label("belongs at the top of the file, before any `[table]`");
        } else if matches!(homes.len(), 1 | 2) {
            let homes = alternatives(homes.iter().map(String::as_str));
            problem = problem.label(format!("belongs in {homes}"));
        } else if let Some(meant) = nearest(key, keys.iter().copied()) {
            problem = problem.label(format!("did you mean `{meant}`?"));
        } else {
            problem = problem.help(format!("a key here is {}", alternatives(keys)));
        }
        self.problems.push(problem);
    }

    fn missing_key(&mut self, span: TextRange, key: &str, schema: Option<&Schema>) {
        let place = self.place();
        let message = format!("missing key `{key}`{}", in_place(&place));
        let mut problem = Problem::error(self.document, span, message);
        let text = schema.and_then(|schema| schema.get("description")).and_then(Schema::as_str);
        if let Some(text) = text {
            let first = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
            problem = problem.help(format!("`{key}`: {first}"));
        }
        self.problems.push(problem);
    }

    fn wrong_type(&mut self, span: TextRange, value: &DeValue<'_>, options: &[&'a Schema], of: Of) {
        let key = self.path.last().map(|(key, _)| key.clone()).unwrap_or_default();
        let header = self.place();
        let mut wanted: Vec<String> = Vec::new();
        for option in options {
            for description in self.describe(option) {
                if !wanted.contains(&description) {
                    wanted.push(description);
                }
            }
        }
        let wanted = wanted.join(" or ");
        let found = with_article(type_of(value));
        let subject = match of {
            Of::Key => format!("`{key}`"),
            Of::Item => format!("an item of `{key}`"),
        };
        let message = format!("{subject} must be {wanted}, not {found}");
        let problem = Problem::error(self.document, span, message);
        let is_list_of_tables = wanted == "an array of tables";
        self.problems.push(match value {
            DeValue::Table(_) if is_list_of_tables => problem.label(format!("write `[{header}]`")),
            DeValue::Array(_) if wanted == "a table" => {
                let header = header.trim_start_matches('[').trim_end_matches(']');
                problem.label(format!("there is only one: write `[{header}]`"))
            }
            DeValue::String(_) if wanted == "an array of strings" => {
                let raw = crate::text::slice(self.document.text(), span);
                problem.label(format!("write `[{}]`", raw.lines().next().unwrap_or_default()))
            }
            _ => problem,
        });
    }

    fn constant(&mut self, span: TextRange, value: &DeValue<'_>, constants: &[&str]) -> bool {
        let Some(text) = value.as_str() else { return true };
        if constants.contains(&text) {
            return true;
        }
        let key = self.path.last().map(|(key, _)| key.as_str()).unwrap_or_default();
        let wanted = alternatives(constants.iter().copied());
        let message = format!("`{key}` must be {wanted}, not `{text}`");
        let mut problem = Problem::error(self.document, span, message);
        if let Some(meant) = nearest(text, constants.iter().copied()) {
            problem = problem.label(format!("did you mean `{meant}`?"));
        }
        self.problems.push(problem);
        false
    }

    /// The header of the table at hand, as the file has it; empty for the top of the file.
    fn place(&self) -> String {
        header(&self.path)
    }

    /// The headers of the tables of the form that have `key`.
    fn homes_of(&self, key: &str) -> Vec<String> {
        let mut homes = Vec::new();
        self.collect_homes(self.root, &mut Vec::new(), key, &mut homes);
        homes
    }

    fn collect_homes(
        &self,
        schema: &'a Schema,
        path: &mut Vec<(String, bool)>,
        key: &str,
        homes: &mut Vec<String>,
    ) {
        let Some(properties) = schema.get("properties").and_then(Schema::as_object) else { return };
        let here = header(path);
        if properties.contains_key(key) && !homes.contains(&here) {
            homes.push(here);
        }
        for (name, property) in properties {
            for option in self.options(self.resolve(property)) {
                let (inner, is_list) = match option.get("items") {
                    Some(items) => (self.resolve(items), true),
                    None => (option, false),
                };
                path.push((name.clone(), is_list));
                self.collect_homes(inner, path, key, homes);
                path.pop();
            }
        }
    }

    /// The schema that a `$ref` leads to, which draft 7 wraps where there is text beside it.
    fn resolve(&self, schema: &'a Schema) -> &'a Schema {
        let only = match schema.get("allOf").and_then(Schema::as_array).map(Vec::as_slice) {
            Some([only]) => only,
            _ => schema,
        };
        let target = only.get("$ref").and_then(Schema::as_str);
        let target = target.and_then(|pointer| self.root.pointer(pointer.strip_prefix('#')?));
        target.unwrap_or(only)
    }

    /// The alternatives of a schema, each with a type of its own; none where the schema leaves
    /// the type open.
    fn options(&self, schema: &'a Schema) -> Vec<&'a Schema> {
        if schema.get("type").is_some() {
            return vec![schema];
        }
        let listed = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Schema::as_array);
        let mut options = Vec::new();
        for option in listed.into_iter().flatten() {
            let inner = self.options(self.resolve(option));
            if inner.is_empty() {
                return Vec::new();
            }
            options.extend(inner);
        }
        options
    }

    fn describe(&self, option: &'a Schema) -> Vec<String> {
        let names = types(option).filter(|name| *name != "null");
        let describe = |name: &str| match option.get("items").map(|items| self.resolve(items)) {
            Some(items) if name == "array" => {
                let of = self.options(items);
                match of.first().and_then(|first| types(first).next()) {
                    Some(item) => format!("an array of {}s", toml_name(item)),
                    None => "an array".to_owned(),
                }
            }
            _ => match option.get("const") {
                Some(constant) => format!("`{}`", constant.as_str().unwrap_or_default()),
                None => with_article(toml_name(name)),
            },
        };
        names.map(describe).collect()
    }
}

fn header(path: &[(String, bool)]) -> String {
    let names: Vec<_> = path.iter().map(|(name, _)| name.as_str()).collect();
    let name = names.join(".");
    match path.last() {
        None => String::new(),
        Some((_, true)) => format!("[[{name}]]"),
        Some((_, false)) => format!("[{name}]"),
    }
}

fn in_place(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" in `{place}`") }
}

fn types(schema: &Schema) -> impl Iterator<Item = &str> {
    let (one, many) = match schema.get("type") {
        Some(Schema::String(name)) => (Some(name.as_str()), None),
        Some(Schema::Array(names)) => (None, Some(names)),
        _ => (None, None),
    };
    one.into_iter().chain(many.into_iter().flatten().filter_map(Schema::as_str))
}

/// The name in a JSON Schema of the type of a TOML value.
fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "date-time",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

fn is_of(found: &str, wanted: &str) -> bool {
    found == wanted || (found == "integer" && wanted == "number")
}

fn toml_name(name: &str) -> &str {
    match name {
        "object" => "table",
        "number" => "float",
        _ => name,
    }
}

fn with_article(name: &str) -> String {
    let name = toml_name(name);
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}
