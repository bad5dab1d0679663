//! Tiers: how they are chosen on the command line, and which of them own nothing.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use tempfile::TempDir;
use tiermod::config::{Config, TierSelector};

use crate::config::{load, path, project, said};

fn three_tiers() -> (TempDir, Config) {
    let text = "[[tier]]\nname = 'websocket'\nsummary = 'WebSocket core'\npaths = ['app/ws*']\n\
                [[tier]]\nname = 'agents'\npaths = ['agents', 'app/**', '*.pyi']\n\
                [[tier]]\nname = 'rest'\nsummary = 'All else'\npaths = ['app/core']\n";
    let project = project(&[("codemod.toml", text)]);
    let config = load(&project).unwrap();
    (project, config)
}

#[test]
fn tiers_are_chosen_by_number_name_range_or_all() {
    let (_project, config) = three_tiers();
    let select = |text: &str| config.select(&text.parse::<TierSelector>().unwrap());
    assert_eq!(select("all").unwrap(), [0, 1, 2]);
    assert_eq!(select("2").unwrap(), [1]);
    assert_eq!(select("rest").unwrap(), [2]);
    assert_eq!(select("1-3").unwrap(), [0, 1, 2]);
    assert_eq!(select("2-2").unwrap(), [1]);
    assert_eq!(
        select("3-1").unwrap_err().to_string(),
        "the range `3-1` runs backwards; tiers are applied in their order: `1-3`"
    );
    for (text, named) in [
        ("0", "there is no tier `0`"),
        ("4", "there is no tier `4`"),
        ("2-4", "there is no tier `4`"),
        ("0-1", "there is no tier `0`"),
        ("Agent", "there is no tier `Agent`; did you mean `agents`?"),
        ("", "there is no tier ``"),
    ] {
        let expected = format!(
            "{named}\n  1  websocket  WebSocket core\n  2  agents\n  3  rest       All else"
        );
        assert_eq!(select(text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn globs_and_tiers_that_own_nothing_are_warned_of() {
    let (_project, config) = three_tiers();
    let files = ["app/ws.py", "app/core/a.py", "lib/b.pyi"].map(path);
    let warnings: Vec<_> = config.idle_globs(&files).iter().map(ToString::to_string).collect();
    said(
        &warnings.join("\n\n"),
        r"
warning: `agents` matches no file of the project
 --> codemod.toml:7:10
  |
7 | paths = ['agents', 'app/**', '*.pyi']
  |          ^^^^^^^^
  |
  = help: `**/agents` matches it in any folder

warning: `*.pyi` matches no file of the project
 --> codemod.toml:7:30
  |
7 | paths = ['agents', 'app/**', '*.pyi']
  |                              ^^^^^^^
  |
  = help: `**/*.pyi` matches it in any folder

warning: tier `rest` owns no file: earlier tiers match all of its files
 --> codemod.toml:9:8
  |
9 | name = 'rest'
  |        ^^^^^^
",
    );
    let files = ["app/ws.py", "agents/a.py", "app/b.py", "x.pyi"].map(path);
    let idle = config.idle_globs(&files);
    assert_eq!(idle.len(), 1);
    assert_eq!(idle[0].message(), "`app/core` matches no file of the project");
}
