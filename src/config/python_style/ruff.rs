//! ruff's settings: `[tool.ruff]` of `pyproject.toml`, `ruff.toml`, `.ruff.toml`.
//!
//! The keys and their defaults are those of <https://docs.astral.sh/ruff/settings/>.

use super::keys::Keys;
use super::{ImportStyle, Pattern, Section};

/// ruff sorts the imports of this project: its isort rules are selected or configured.
pub fn sorts_imports(keys: &mut Keys) -> bool {
    let lint = keys.table("lint");
    let is_configured = lint.as_ref().is_some_and(|lint| lint.has("isort")) || keys.has("isort");
    let mut selected = Vec::new();
    if let Some(mut table) = lint {
        for key in ["select", "extend_select"] {
            selected.extend(table.list(key).unwrap_or_default());
        }
    }
    for key in ["select", "extend_select"] {
        if keys.has(key) {
            selected.extend(keys.list(key).unwrap_or_default());
        }
    }
    is_configured
        || selected.iter().any(|code| matches!(code.as_str(), "I" | "I0" | "I00" | "I001" | "ALL"))
}

/// The settings that concern every line, whoever sorts the imports.
pub fn apply_general(keys: &mut Keys, style: &mut ImportStyle) {
    if let Some(width) = keys.count("line_length") {
        style.line_length = width;
        style.line_length_is_set = true;
    }
    if let Some(width) = keys.count("indent_width").or_else(|| keys.count("tab_size")) {
        style.tab_size = width;
    }
    if let Some(version) = keys.text("target_version") {
        style.python_minor = minor_version(&version).or(style.python_minor);
    }
    if let Some(src) = keys.folders("src") {
        style.src = src;
    }
}

/// The settings of ruff's isort rules.
pub fn apply_isort(keys: &Keys, style: &mut ImportStyle) -> Vec<super::StyleWarning> {
    let table = keys.table("lint").and_then(|lint| lint.table("isort"));
    let Some(mut isort) = table.or_else(|| keys.table("isort")) else { return Vec::new() };
    apply_shared(&mut isort, style);
    if let Some(value) = isort.bool("split_on_trailing_comma") {
        style.magic_trailing_comma = value;
    }
    if let Some(order) = isort.text("relative_imports_order") {
        style.closest_first = order == "closest-to-furthest";
    }
    if let Some(mut sections) = isort.table("sections") {
        let names: Vec<String> = sections.names().map(str::to_owned).collect();
        for name in names {
            // Only names are normalised: a section is spelled with `-` where its key was.
            for module in sections.list(&name).unwrap_or_default() {
                let section = Section::Custom(name.to_lowercase());
                style.known.insert(0, (Pattern::new(&module), section));
            }
        }
    }
    if let Some(order) = isort.list("section_order") {
        style.section_order = order.iter().map(|name| custom(name)).collect();
    }
    if let Some(name) = isort.text("default_section") {
        style.default_section = custom(&name);
    }
    if let Some(names) = isort.list("no_lines_before") {
        style.no_lines_before = names.iter().map(|name| custom(name)).collect();
    }
    isort.into_warnings()
}

/// What ruff and isort call the same and mean the same by.
pub(super) fn apply_shared(keys: &mut Keys, style: &mut ImportStyle) {
    for (key, setting) in [
        ("force_single_line", &mut style.force_single_line),
        ("force_sort_within_sections", &mut style.force_sort_within_sections),
        ("from_first", &mut style.from_first),
        ("order_by_type", &mut style.order_by_type),
        ("case_sensitive", &mut style.case_sensitive),
        ("length_sort", &mut style.length_sort),
        ("length_sort_straight", &mut style.length_sort_straight),
        ("combine_as_imports", &mut style.combine_as_imports),
        ("no_sections", &mut style.no_sections),
    ] {
        if let Some(value) = keys.bool(key) {
            *setting = value;
        }
    }
    for (key, setting) in [
        ("single_line_exclusions", &mut style.single_line_exclusions),
        ("constants", &mut style.constants),
        ("classes", &mut style.classes),
        ("variables", &mut style.variables),
        ("force_to_top", &mut style.force_to_top),
    ] {
        if let Some(value) = keys.set(key) {
            *setting = value;
        }
    }
    if keys.has("lines_after_imports") {
        style.lines_after_imports = keys.count("lines_after_imports");
    }
    if let Some(count) = keys.count("lines_between_types") {
        style.lines_between_types = count;
    }
    for (key, section) in [
        ("known_first_party", Section::FirstParty),
        ("known_third_party", Section::ThirdParty),
        ("known_local_folder", Section::LocalFolder),
        ("known_standard_library", Section::StandardLibrary),
        ("extra_standard_library", Section::StandardLibrary),
    ] {
        for module in keys.list(key).unwrap_or_default() {
            style.known.push((Pattern::new(&module), section.clone()));
        }
    }
}

/// A section by ruff's name; keys of `sections` were normalised, so names are too.
fn custom(name: &str) -> Section {
    match Section::named(name) {
        Section::Custom(name) => Section::Custom(name.replace('-', "_")),
        section => section,
    }
}

/// The minor version in `py39`, `3.9`, `>=3.9,<4` or `39`.
pub(super) fn minor_version(text: &str) -> Option<u8> {
    let at = text.find('3')?;
    let rest = text.get(at + 1..)?;
    let digits: String =
        rest.strip_prefix('.').unwrap_or(rest).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
