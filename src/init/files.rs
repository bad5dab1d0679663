//! The texts of the files: `codemod.toml`, and a transform with examples that pass.

use std::fmt::Write as _;

use crate::transform::Access;

use super::shared::Shared;
use super::tiers::Draft;

/// `codemod.toml` for these transforms and tiers.
pub fn config(transforms: &[String], tiers: &[Draft]) -> String {
    let mut text = String::from(
        "# A migration, tier by tier. `tiermod check` lists every place, `tiermod diff` shows what\n\
         # would change. The first tier whose paths match a file owns it, and the order is the\n\
         # order of the migration. Give every tier the gates that it must pass:\n#\n\
         #   [[tier.gate]]\n\
         #   name = \"tests\"\n\
         #   run = \"python -m pytest -q\"\n\n",
    );
    let files = transforms
        .iter()
        .map(|name| format!("    {},\n", quoted(&format!("transforms/{name}.toml"))));
    let _infallible = write!(text, "transforms = [\n{}]\n", files.collect::<String>());
    for tier in tiers {
        let _infallible = write!(
            text,
            "\n# When this was written: {}.\n[[tier]]\nname = {}\n",
            tier.extent,
            quoted(&tier.name)
        );
        if let Some(risk) = tier.risk {
            let _infallible = writeln!(text, "risk = {}", quoted(risk));
        }
        let paths: Vec<String> = tier.paths.iter().map(|path| quoted(path)).collect();
        let _infallible = match paths.as_slice() {
            [one] => writeln!(text, "paths = [{one}]"),
            many => writeln!(text, "paths = [\n    {},\n]", many.join(",\n    ")),
        };
    }
    text
}

/// The transform of a shared object.
pub fn transform(shared: &Shared, name: &str) -> String {
    let (class, symbol) = (&shared.class, shared.access.symbol());
    let object = shared.object();
    let key = match shared.access {
        Access::Instance(_) => "instance",
        Access::Factory(_) => "factory",
    };
    let (module, built) = (&class.module, &class.name);
    let import_class = format!("from {module} import {built}");
    let import_shared = format!("from {} import {}", symbol.module, symbol.name);
    // In one file a class and an object of the same name cannot both have it.
    let (import_built, call) = if symbol.name == *built {
        (format!("{import_class} as its_class"), "its_class")
    } else {
        (import_class.clone(), built.as_str())
    };
    format!(
        r#"name = {name}
summary = {summary}
docs = """
{path}:{line} makes the object that all can share, {object}.

What reviewers should look for:

- **State.** What was private to one object is now seen by everyone who shares it.
- **The end of its life.** Closing the shared object closes it for all.
- **Configuration.** It is read when the shared object is made, not at each place.
"""

[[singleton]]
class = {class_name}
{key} = {symbol_name}

[[example]]
name = "a place that builds its own takes the shared one"
before."example/service.py" = '''
{import_built}


class Service:
    def __init__(self):
        self.shared = {call}()
'''
after."example/service.py" = '''
{import_shared}


class Service:
    def __init__(self):
        self.shared = {object}
'''

[[example]]
name = "a place that only asks about the class stays as it is"
before."example/check.py" = '''
{import_class}


def is_one(value):
    return isinstance(value, {built})
'''

[[example]]
name = "a place that wants its own, with arguments, is for a person to decide"
before."example/own.py" = '''
{import_class}


def own(options):
    return {built}(options)
'''
reasons = ["TM101"]
"#,
        name = quoted(name),
        summary = quoted(&format!("Use the shared {built} instead of building another")),
        path = shared.path.to_slash().replace('\\', "\\\\").replace('"', "\\\""),
        line = shared.line,
        class_name = quoted(&class.to_string()),
        symbol_name = quoted(&symbol.to_string()),
    )
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
