//! Where the style of a project comes from.

use std::collections::BTreeMap;
use std::path::Path;

use tiermod::config::python_style::files::StyleFiles;
use tiermod::config::python_style::{ImportStyle, Section, StyleWarning, Wrap};

/// The style of `folder` in a project with these files.
fn style(folder: &str, files: &[(&str, &str)]) -> (ImportStyle, Vec<StyleWarning>) {
    let files: BTreeMap<&Path, &str> =
        files.iter().map(|(path, text)| (Path::new(*path), *text)).collect();
    let read = |path: &Path| files.get(path).map(|text| text.as_bytes().to_vec());
    ImportStyle::of_folder(Path::new(folder), &StyleFiles::new(&read))
}

/// The same, nothing being wrong with the files.
#[track_caller]
fn good(folder: &str, files: &[(&str, &str)]) -> ImportStyle {
    let (style, warnings) = style(folder, files);
    assert_eq!(warnings, []);
    style
}

#[test]
fn without_files_the_style_is_ruffs_default() {
    assert_eq!(good("a/b", &[]), ImportStyle::default());
    assert_eq!(good("", &[("pyproject.toml", "[project]\nname = 'x'\n")]), ImportStyle::default());
}

#[test]
fn ruffs_settings_are_read() {
    let text = "
[project]
requires-python = '>=3.9'
[tool.ruff]
line-length = 100
src = ['src', 'tests']
[tool.ruff.lint]
select = ['E', 'I']
[tool.ruff.lint.isort]
force-single-line = true
force-sort-within-sections = true
order-by-type = false
case-sensitive = true
combine-as-imports = true
split-on-trailing-comma = false
from-first = true
length-sort = true
no-sections = true
lines-after-imports = 2
lines-between-types = 1
relative-imports-order = 'closest-to-furthest'
known-first-party = ['app']
known-third-party = ['attr']
known-local-folder = ['here']
extra-standard-library = ['typing_extensions']
force-to-top = ['first']
no-lines-before = ['local-folder']
default-section = 'first-party'
section-order = ['future', 'standard-library', 'my-own', 'third-party', 'first-party', 'local-folder']
[tool.ruff.lint.isort.sections]
my-own = ['mine']
";
    let style = good("app/core", &[("pyproject.toml", text)]);
    assert_eq!(style.line_length, 100);
    assert!(style.line_length_is_set && style.is_sorted_by_tool);
    assert_eq!(style.python_minor, Some(9));
    assert_eq!(style.src, [Path::new("src"), Path::new("tests")]);
    assert!(style.force_single_line && style.force_sort_within_sections && style.from_first);
    assert!(!style.order_by_type && style.case_sensitive && style.combine_as_imports);
    assert!(!style.magic_trailing_comma && style.length_sort && style.no_sections);
    assert!(style.closest_first && style.force_to_top.contains("first"));
    assert_eq!((style.lines_after_imports, style.lines_between_types), (Some(2), 1));
    assert_eq!(style.default_section, Section::FirstParty);
    assert!(style.no_lines_before.contains(&Section::LocalFolder));
    let section = |name: &str| {
        style.known.iter().find(|(pattern, _)| pattern.matches(name)).map(|(_, section)| section)
    };
    let own = style.section_order.get(2);
    assert!(matches!(own, Some(Section::Custom(_))), "{own:?}");
    assert_eq!(section("mine"), own);
    assert_eq!(section("app"), Some(&Section::FirstParty));
    assert_eq!(section("attr"), Some(&Section::ThirdParty));
    assert_eq!(section("here"), Some(&Section::LocalFolder));
    assert_eq!(section("typing_extensions"), Some(&Section::StandardLibrary));
}

#[test]
fn a_ruff_toml_is_read_and_extended() {
    let files = [
        (
            "ruff.toml",
            "line-length = 99\n[lint]\nextend-select = ['I001']\n[lint.isort]\nfrom-first = true\n",
        ),
        ("sub/ruff.toml", "extend = '../ruff.toml'\ntarget-version = 'py312'\n"),
        ("sub/other/.ruff.toml", "line-length = 70\n"),
    ];
    assert_eq!(good("app", &files).line_length, 99);
    let style = good("sub/x", &files);
    assert_eq!((style.line_length, style.python_minor), (99, Some(12)));
    assert!(style.from_first && style.is_sorted_by_tool);
    let style = good("sub/other", &files);
    assert_eq!(style.line_length, 70);
    assert!(!style.from_first && !style.is_sorted_by_tool);
    // A file that extends itself is read once too often, not for ever.
    let files = [("ruff.toml", "extend = 'ruff.toml'\nline-length = 50\n")];
    assert_eq!(good("", &files).line_length, 50);
}

#[test]
fn isorts_settings_are_read_from_every_file_that_may_hold_them() {
    let ini = |section: &str| {
        format!("[{section}]\nline_length = 90\nknown_first_party =\n    app,\n    lib\n")
    };
    for (name, section) in [
        (".isort.cfg", "settings"),
        (".isort.cfg", "isort"),
        ("setup.cfg", "isort"),
        ("setup.cfg", "tool:isort"),
        ("tox.ini", "isort"),
    ] {
        let style = good("app", &[(name, &ini(section))]);
        assert_eq!(style.line_length, 90, "{name} {section}");
        assert!(style.is_sorted_by_tool && style.first_party_by_top_level);
        assert_eq!(style.known.len(), 2, "{name} {section}");
        assert_eq!(style.wrap, Wrap::Grid);
        assert!(!style.magic_trailing_comma && !style.trailing_comma);
    }
    let text = "[tool.isort]\nprofile = 'black'\nline_length = 120\nsections = ['FUTURE', 'STDLIB', 'DJANGO', 'THIRDPARTY', 'FIRSTPARTY', 'LOCALFOLDER']\nknown_django = ['django']\nreverse_relative = true\n";
    let style = good("", &[("pyproject.toml", text)]);
    assert_eq!((style.line_length, style.wrap), (120, Wrap::VerticalHangingIndent));
    assert!(style.trailing_comma && style.magic_trailing_comma && style.closest_first);
    assert_eq!(style.section_order[2], Section::Custom("django".to_owned()));
    assert_eq!(style.known[0].1, style.section_order[2]);
    // Other sections of the same files say nothing.
    assert_eq!(
        good("", &[("setup.cfg", "[flake8]\nmax-line-length = 10\n")]),
        ImportStyle::default()
    );
}

#[test]
fn the_nearest_file_of_the_tool_that_sorts_counts() {
    let ruff = "[tool.ruff]\nline-length = 100\n";
    let sorting = "[tool.ruff]\nline-length = 100\nlint.select = ['I']\n";
    let isort = "[isort]\nprofile = black\n";
    // ruff without its isort rules leaves sorting to isort.
    assert_eq!(good("", &[("pyproject.toml", ruff), (".isort.cfg", isort)]).line_length, 88);
    assert_eq!(good("", &[("pyproject.toml", sorting), (".isort.cfg", isort)]).line_length, 100);
    // A nearer isort file wins.
    let files = [("pyproject.toml", sorting), ("old/.isort.cfg", isort)];
    assert_eq!(good("old/x", &files).line_length, 88);
    assert_eq!(good("new", &files).line_length, 100);
}

#[test]
fn blacks_and_the_editors_line_length_count_where_nothing_sorts() {
    let black = ("pyproject.toml", "[tool.black]\nline-length = 100\n");
    let editor = (
        ".editorconfig",
        "root = true\n[*]\nmax_line_length = 60\n[*.{py,pyi}]\nmax_line_length = 70\n",
    );
    assert_eq!(good("a", &[black, editor]).line_length, 100);
    let style = good("a", &[editor]);
    assert_eq!((style.line_length, style.line_length_is_set), (70, true));
    let off = (".editorconfig", "[*]\nmax_line_length = off\n");
    assert_eq!(good("a", &[off]).line_length, 88);
    assert_eq!(good("a", &[("pyproject.toml", "[tool.black]\n")]).line_length, 88);
}

#[test]
fn what_cannot_be_read_is_a_warning_and_no_error() {
    let (result, warnings) = style("", &[("pyproject.toml", "[tool.ruff\n")]);
    assert_eq!(result, ImportStyle::default());
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].path, Path::new("pyproject.toml"));
    let (result, warnings) = style(
        "",
        &[(
            "ruff.toml",
            "line-length = 'long'\n[lint]\nselect = 'x'\n[lint.isort]\nfrom-first = 3\nunknown = 1\nclasses = [1]\n",
        )],
    );
    assert!(!result.from_first);
    assert_eq!(result.line_length, 88);
    let messages: Vec<&str> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert!(messages.iter().any(|message| message.contains("`line_length`")), "{messages:?}");
    assert!(messages.iter().any(|message| message.contains("`from_first`")), "{messages:?}");
    assert!(messages.iter().any(|message| message.contains("`classes`")), "{messages:?}");
    let (result, warnings) =
        style("", &[("setup.cfg", "[isort]\nline_length = \u{fffd}\nprofile = none\n")]);
    assert_eq!((result.line_length, warnings.len()), (79, 1));
}
