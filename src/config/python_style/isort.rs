//! isort's settings: `.isort.cfg`, `[tool.isort]`, `setup.cfg`, `tox.ini`.
//!
//! The keys, profiles and defaults are those of <https://pycqa.github.io/isort/>, version 5 on.

use toml::Value;

use super::keys::Keys;
use super::{ImportStyle, Pattern, Section, StyleWarning, Wrap, ruff};

/// The `known_…` keys that are not sections of the project's own.
const KNOWN: [&str; 5] = [
    "known_first_party",
    "known_third_party",
    "known_local_folder",
    "known_standard_library",
    "known_future_library",
];

/// Sets `style` to what isort does by default and then to what `keys` say.
pub fn apply(mut keys: Keys, style: &mut ImportStyle) -> Vec<StyleWarning> {
    if let Some(profile) = keys.text("profile") {
        for (key, value) in profile_settings(&profile) {
            keys.set_default(key, value);
        }
    }
    style.line_length = keys.count("line_length").unwrap_or(79);
    style.line_length_is_set = true;
    style.first_party_by_top_level = true;
    style.magic_trailing_comma = keys.bool("split_on_trailing_comma").unwrap_or(false);
    style.trailing_comma = keys.bool("include_trailing_comma").unwrap_or(false);
    style.blank_before_comments = keys.bool("ensure_newline_before_comments").unwrap_or(false);
    style.closest_first = keys.bool("reverse_relative").unwrap_or(false);
    style.wrap = wrap(keys.text("multi_line_output").as_deref());
    ruff::apply_shared(&mut keys, style);
    if let Some(version) = keys.text("py_version") {
        style.python_minor = ruff::minor_version(&version).or(style.python_minor);
    }
    style.src = keys.folders("src_paths").unwrap_or_default();
    let own: Vec<String> = keys
        .names()
        .filter(|name| name.starts_with("known_") && !KNOWN.contains(name))
        .map(str::to_owned)
        .collect();
    for key in own {
        let section = Section::named(key.trim_start_matches("known_"));
        for module in keys.list(&key).unwrap_or_default() {
            style.known.insert(0, (Pattern::new(&module), section.clone()));
        }
    }
    if let Some(order) = keys.list("sections") {
        style.section_order = order.iter().map(|name| Section::named(name)).collect();
    }
    if let Some(name) = keys.text("default_section") {
        style.default_section = Section::named(&name);
    }
    if let Some(names) = keys.list("no_lines_before") {
        style.no_lines_before = names.iter().map(|name| Section::named(name)).collect();
    }
    keys.into_warnings()
}

/// isort takes the mode as a number or by its name.
fn wrap(mode: Option<&str>) -> Wrap {
    let mode = mode.unwrap_or("0").to_uppercase().replace([' ', '-'], "_");
    match mode.as_str() {
        "0" | "GRID" => Wrap::Grid,
        "1" | "VERTICAL" => Wrap::Vertical,
        "2" | "HANGING_INDENT" => Wrap::HangingIndent,
        "4" | "VERTICAL_GRID" => Wrap::VerticalGrid,
        "5" | "6" | "VERTICAL_GRID_GROUPED" | "VERTICAL_GRID_GROUPED_NO_COMMA" => {
            Wrap::VerticalGridGrouped
        }
        _ => Wrap::VerticalHangingIndent,
    }
}

/// What a profile sets of the keys that are read here.
fn profile_settings(profile: &str) -> Vec<(&'static str, Value)> {
    let on = Value::Boolean(true);
    let off = Value::Boolean(false);
    let number = Value::Integer;
    let vertical = [("multi_line_output", number(3)), ("include_trailing_comma", on.clone())];
    let black = [
        ("split_on_trailing_comma", on.clone()),
        ("ensure_newline_before_comments", on.clone()),
        ("line_length", number(88)),
    ];
    let mut settings = Vec::new();
    match profile.to_lowercase().as_str() {
        "black" => {
            settings.extend(vertical);
            settings.extend(black);
        }
        "django" => settings.extend([
            ("combine_as_imports", on.clone()),
            ("include_trailing_comma", on),
            ("multi_line_output", number(5)),
        ]),
        "pycharm" => {
            settings.extend([("multi_line_output", number(3)), ("lines_after_imports", number(2))]);
        }
        "google" => settings.extend([
            ("force_single_line", on.clone()),
            ("force_sort_within_sections", on),
            ("line_length", number(1000)),
            (
                "single_line_exclusions",
                Value::String("collections.abc,six.moves,typing,typing_extensions".to_owned()),
            ),
            ("order_by_type", off),
        ]),
        "open_stack" => {
            settings
                .extend([("force_single_line", on.clone()), ("force_sort_within_sections", on)]);
        }
        "plone" => {
            settings.extend(vertical);
            settings.extend(black);
            settings
                .extend([("force_single_line", on.clone()), ("force_sort_within_sections", on)]);
        }
        "attrs" => {
            settings.extend(vertical);
            settings
                .extend([("lines_after_imports", number(2)), ("lines_between_types", number(1))]);
        }
        "hug" => {
            settings.extend(vertical);
            settings.push(("line_length", number(100)));
        }
        "wemake" => {
            settings.extend(vertical);
            settings.push(("line_length", number(80)));
        }
        "appnexus" => {
            settings.extend(vertical);
            settings.extend(black);
            settings.extend([
                ("force_sort_within_sections", on.clone()),
                ("order_by_type", off),
                ("reverse_relative", on),
                (
                    "sections",
                    Value::String(
                        "FUTURE,STDLIB,THIRDPARTY,FIRSTPARTY,APPLICATION,LOCALFOLDER".to_owned(),
                    ),
                ),
                ("no_lines_before", Value::String("LOCALFOLDER".to_owned())),
            ]);
        }
        _ => {}
    }
    settings
}
