//! `codemod.toml`: what is read, and how exactly mistakes are shown.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tiermod::config::{Config, ConfigError, Look, Risk, Severity, TransformFile, find, schema};
use tiermod::fs::ProjectPath;
use tiermod::site::Reason;

/// The files of the transforms, where none comes with tiermod.
fn files(config: &Config) -> Vec<PathBuf> {
    let file = |one: &TransformFile| match one {
        TransformFile::File(path) => path.clone(),
        TransformFile::Builtin(builtin) => panic!("{builtin:?}"),
    };
    config.transforms.iter().map(file).collect()
}

const TIER: &str = "[[tier]]\nname = \"all\"\npaths = [\"**\"]\n";

/// The example of the documentation, every key of it.
const EXAMPLE: &str = r#"transforms = ["transforms/redis-singleton.toml"]     # default: transforms/*.toml

[python]
source-roots = ["."]          # where dotted module names begin; default: detected
[files]
exclude = ["**/generated/**"] # besides .gitignore, which is respected

[[tier]]                      # the first tier whose paths match a file owns it
name = "websocket"
summary = "WebSocket core"
risk = "high"
paths = ["netra_backend/app/websocket*/**", "netra_backend/app/core/websocket*"]

  [[tier.gate]]
  name = "websocket events"
  run = "python -m pytest -q tests/test_websocket_events.py"

[[tier]]
name = "rest"
paths = ["netra_backend", "**/conftest.py"]
accept = ["TM112", "TM101"]
commit-subject = "Share Redis in {tier} ({number})"

[[gate]]                      # for every tier
name = "connections"
run = "python tools/count_connections.py"
"#;

/// A project with one transform, a folder `app`, and these files.
pub(crate) fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("app")).unwrap();
    write(folder.path(), "transforms/redis.toml", b"");
    for (path, text) in files {
        write(folder.path(), path, text.as_bytes());
    }
    folder
}

fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

pub(crate) fn load(folder: &TempDir) -> Result<Config, ConfigError> {
    Config::load(&folder.path().join("codemod.toml"), None)
}

/// Holds what is said of a project whose `codemod.toml` is `text` against `expected`.
#[track_caller]
fn check(text: &str, expected: &str) {
    check_project(&project(&[("codemod.toml", text)]), expected);
}

/// The same where `text` comes before a tier that is in order.
#[track_caller]
fn check_before_tier(text: &str, expected: &str) {
    check(&format!("{text}\n{TIER}"), expected);
}

#[track_caller]
fn check_project(project: &TempDir, expected: &str) {
    match load(project) {
        Ok(config) => panic!("nothing is wrong: {config:?}"),
        Err(error) => said(&error.to_string(), expected),
    }
}

#[track_caller]
pub(crate) fn said(text: &str, expected: &str) {
    let expected = expected.trim_matches('\n');
    assert!(text == expected, "said:\n{text}\n\nexpected:\n{expected}\nend");
}

pub(crate) fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

#[test]
fn the_example_of_the_documentation_is_read() {
    let project =
        project(&[("codemod.toml", EXAMPLE), ("transforms/redis-singleton.toml", "x = 1\n")]);
    let root = project.path().canonicalize().unwrap();
    let config = load(&project).unwrap();
    assert_eq!(config.root, root);
    assert_eq!(config.path(), root.join("codemod.toml"));
    assert_eq!(config.document.name(), "codemod.toml");
    assert_eq!(config.document.hash().len(), 64);
    assert_eq!(files(&config), [root.join("transforms/redis-singleton.toml")]);
    assert_eq!(config.source_roots, Some(vec![root]));
    assert!(config.exclude.matches(&path("a/generated/b.py")));
    assert_eq!(config.max_file_size, 64 << 20);
    assert!(!config.strict);
    assert_eq!(
        config.gates.iter().map(|gate| gate.name.as_str()).collect::<Vec<_>>(),
        ["connections"]
    );
    let [websocket, rest] = config.tiers.as_slice() else { panic!("{:?}", config.tiers) };
    assert_eq!(
        (websocket.name.as_str(), websocket.summary.as_str()),
        ("websocket", "WebSocket core")
    );
    assert_eq!(websocket.risk, Some(Risk::High));
    assert_eq!(websocket.gates.len(), 1);
    assert_eq!(rest.accept, [Reason::Arguments, Reason::ImportCycle]);
    let fill = |hole: &str| format!("<{hole}>");
    assert_eq!(rest.commit_subject.render(fill), "Share Redis in <tier> (<number>)");
    assert_eq!(websocket.commit_subject.render(fill), "Apply tier <number>, <tier>");
    assert!(websocket.commit_body.is_none() && rest.commit_body.is_none());
    assert_eq!(config.tier_of(&path("netra_backend/app/websocket_core/auth.py")), Some(0));
    assert_eq!(config.tier_of(&path("netra_backend/app/core/websocket_x.py")), Some(0));
    assert_eq!(config.tier_of(&path("netra_backend/app/main.py")), Some(1));
    assert_eq!(config.tier_of(&path("tests/conftest.py")), Some(1));
    assert_eq!(config.tier_of(&path("tests/a.py")), None);
}

#[test]
fn defaults_are_filled_in() {
    let project = project(&[
        ("codemod.toml", TIER),
        ("transforms/a.toml", ""),
        ("transforms/.hidden.toml", ""),
        ("transforms/notes.md", ""),
        ("transforms/sub/b.toml", ""),
    ]);
    let config = load(&project).unwrap();
    assert_eq!(config.source_roots, None);
    assert_eq!(
        files(&config),
        [config.root.join("transforms/a.toml"), config.root.join("transforms/redis.toml")]
    );
}

#[test]
fn globs_of_transforms_are_expanded_in_order_and_each_file_is_there_once() {
    let list =
        r#"transforms = ["transforms/z.toml", "transforms/**/*.toml", "t{wo,hree}/[ab].toml"]"#;
    let text = format!("{list}\n{TIER}");
    let project = project(&[
        ("codemod.toml", &text),
        ("transforms/z.toml", ""),
        ("transforms/sub/b.toml", ""),
        ("two/b.toml", ""),
        ("two/c.toml", ""),
    ]);
    let config = load(&project).unwrap();
    let listed = files(&config);
    let names: Vec<_> = listed
        .iter()
        .map(|file| file.strip_prefix(&config.root).unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["transforms/z.toml", "transforms/redis.toml", "transforms/sub/b.toml", "two/b.toml"]
    );
}

#[test]
fn transforms_can_be_shared_by_projects_beside_each_other() {
    let text = |list: &str| format!("transforms = [{list}]\n{TIER}");
    let outer = project(&[
        ("examples/chat/codemod.toml", &text("'../../transforms/redis.toml', '../*/x.toml'")),
        ("examples/bad/codemod.toml", &text("'../../transforms/rediss.toml'")),
        ("examples/shared/x.toml", ""),
    ]);
    let root = outer.path().canonicalize().unwrap();
    let config = Config::load(&root.join("examples/chat/codemod.toml"), None).unwrap();
    assert_eq!(
        files(&config),
        [root.join("transforms/redis.toml"), root.join("examples/shared/x.toml")]
    );
    let error = Config::load(&root.join("examples/bad/codemod.toml"), None).unwrap_err();
    assert!(error.to_string().contains("did you mean `../../transforms/redis.toml`?"), "{error}");
}

#[test]
fn every_mistake_of_a_file_is_shown_at_once() {
    let text = r#"transform = ["a.toml"]
exclude = ["x"]

[python]
source_roots = ["src"]

[[tier]]
name = "websocket"
risk = "hihg"
paths = "app"
gates = []

[[tier]]
name = "agents"
paths = ["app/[a", "lib\\x"]
accept = ["TM11", "TM110", "TM999", "TM113"]
colour = 3

[[tier]]
paths = ["app", 3]
"#;
    check(
        text,
        r#"
error: unknown key `transform`
 --> codemod.toml:1:1
  |
1 | transform = ["a.toml"]
  | ^^^^^^^^^ did you mean `transforms`?

error: unknown key `exclude`
 --> codemod.toml:2:1
  |
2 | exclude = ["x"]
  | ^^^^^^^ belongs in `[files]`

error: unknown key `source_roots` in `[python]`
 --> codemod.toml:5:1
  |
5 | source_roots = ["src"]
  | ^^^^^^^^^^^^ did you mean `source-roots`?

error: `risk` must be `low`, `medium`, `high` or `critical`, not `hihg`
 --> codemod.toml:9:8
  |
9 | risk = "hihg"
  |        ^^^^^^ did you mean `high`?

error: `paths` must be an array of strings, not a string
  --> codemod.toml:10:9
   |
10 | paths = "app"
   |         ^^^^^ write `["app"]`

error: unknown key `gates` in `[[tier]]`
  --> codemod.toml:11:1
   |
11 | gates = []
   | ^^^^^ did you mean `gate`?

error: bad glob: unclosed character class; missing ']'
  --> codemod.toml:15:10
   |
15 | paths = ["app/[a", "lib\\x"]
   |          ^^^^^^^^

error: a pattern has `/` between folders on every system; `[*]` is a star as it is
  --> codemod.toml:15:20
   |
15 | paths = ["app/[a", "lib\\x"]
   |                    ^^^^^^^^

error: there is no reason `TM11`; `tiermod explain` lists them
  --> codemod.toml:16:11
   |
16 | accept = ["TM11", "TM110", "TM999", "TM113"]
   |           ^^^^^^ did you mean `TM111`?

error: TM110 (subclass) cannot be accepted: its sites are `keep`, not `review`
  --> codemod.toml:16:19
   |
16 | accept = ["TM11", "TM110", "TM999", "TM113"]
   |                   ^^^^^^^

error: there is no reason `TM999`; `tiermod explain` lists them
  --> codemod.toml:16:28
   |
16 | accept = ["TM11", "TM110", "TM999", "TM113"]
   |                            ^^^^^^^

error: TM113 (does not parse) cannot be accepted: there is nothing to write
  --> codemod.toml:16:37
   |
16 | accept = ["TM11", "TM110", "TM999", "TM113"]
   |                                     ^^^^^^^

error: unknown key `colour` in `[[tier]]`
  --> codemod.toml:17:1
   |
17 | colour = 3
   | ^^^^^^
   |
   = help: a key here is `name`, `summary`, `risk`, `paths`, `accept`, `gate`, `commit-subject` or `commit-body`

error: missing key `name` in `[[tier]]`
  --> codemod.toml:19:1
   |
19 | [[tier]]
   | ^^^^^^^^
   |
   = help: `name`: What commands, reports and commits call the tier; no number and no range.

error: an item of `paths` must be a string, not an integer
  --> codemod.toml:20:17
   |
20 | paths = ["app", 3]
   |                 ^
"#,
    );
}

#[test]
fn tables_and_lists_of_tables_are_told_apart() {
    check(
        "[tier]\nname = 'x'\npaths = ['**']\n",
        r"
error: `tier` must be an array of tables, not a table
 --> codemod.toml:1:1
  |
1 | [tier]
  | ^^^^^^ write `[[tier]]`
",
    );
    check_before_tier(
        "[[python]]\nsource-roots = ['.']\n",
        r"
error: `python` must be a table, not an array
 --> codemod.toml:1:1
  |
1 | [[python]]
  | ^^^^^^^^^^ there is only one: write `[python]`
",
    );
    check_before_tier(
        "strict = 'yes'\ntransforms = 3\n[files]\nmax-size = 1.5",
        r"
error: `strict` must be a boolean, not a string
 --> codemod.toml:1:10
  |
1 | strict = 'yes'
  |          ^^^^^

error: `transforms` must be an array of strings, not an integer
 --> codemod.toml:2:14
  |
2 | transforms = 3
  |              ^

error: `max-size` must be an integer or a string, not a float
 --> codemod.toml:4:12
  |
4 | max-size = 1.5
  |            ^^^
",
    );
}

#[test]
fn a_key_of_the_top_below_a_table_is_told_where_it_belongs() {
    check(
        &format!("{TIER}strict = true\n"),
        r"
error: unknown key `strict` in `[[tier]]`
 --> codemod.toml:4:1
  |
4 | strict = true
  | ^^^^^^ belongs at the top of the file, before any `[table]`
",
    );
}

#[test]
fn keys_inside_nested_tables_are_found_where_they_are() {
    let text = "[[tier]]\nname = 'a'\npaths = ['**']\n\n  [[tier.gate]]\n  name = 'g'\n  \
                run = 'true'\n  nmae = 'h'\n\n[[gate]]\nname = 5\nrun = 'true'\n";
    check(
        text,
        r"
error: unknown key `nmae` in `[[tier.gate]]`
 --> codemod.toml:8:3
  |
8 |   nmae = 'h'
  |   ^^^^ did you mean `name`?

error: `name` must be a string, not an integer
  --> codemod.toml:11:8
   |
11 | name = 5
   |        ^
",
    );
}

#[test]
fn names_that_are_there_twice_show_both_places() {
    let text = r#"
[[gate]]
name = "tests"
run = "true"

[[tier]]
name = "web"
paths = ["web"]

  [[tier.gate]]
  name = "tests"
  run = "true"

[[tier]]
name = "agents"
paths = ["agents"]

[[tier]]
name = "web"
paths = ["other"]

  [[tier.gate]]
  name = "x"
  run = "true"

  [[tier.gate]]
  name = "x"
  run = "true"
"#;
    check(
        text,
        r#"
error: two gates of a tier are called `tests`
  --> codemod.toml:11:10
   |
 3 | name = "tests"
   |        ------- the first is here
...
11 |   name = "tests"
   |          ^^^^^^^

error: two tiers are called `web`
  --> codemod.toml:19:8
   |
 7 | name = "web"
   |        ----- the first is here
...
19 | name = "web"
   |        ^^^^^

error: two gates of a tier are called `x`
  --> codemod.toml:27:10
   |
23 |   name = "x"
   |          --- the first is here
...
27 |   name = "x"
   |          ^^^
"#,
    );
}

#[test]
fn a_tier_has_a_name_that_the_command_line_can_ask_for() {
    for (name, said) in [
        ("2", "a tier cannot be called `2`: `--tier 2` counts the tiers"),
        ("1-3", "a tier cannot be called `1-3`: `--tier 1-3` counts the tiers"),
        ("", "a tier has a name"),
        (" x", "the name of a tier is one line, without space around it"),
        ("a\\nb", "the name of a tier is one line, without space around it"),
    ] {
        let text = format!("[[tier]]\nname = \"{name}\"\npaths = [\"**\"]\n");
        let error = load(&project(&[("codemod.toml", &text)])).unwrap_err().to_string();
        assert!(error.starts_with(&format!("error: {said}\n --> codemod.toml:2:8\n")), "{error}");
    }
    let text = format!("{TIER}[[tier]]\nname = 'web'\npaths = ['web']\n");
    check(
        &text,
        r#"
error: where there are others, a tier cannot be called `all`: `--tier all` means every tier
 --> codemod.toml:2:8
  |
2 | name = "all"
  |        ^^^^^
"#,
    );
}

#[test]
fn a_migration_has_tiers_with_paths_and_transforms() {
    check(
        "",
        r"
error: there is no tier
 --> codemod.toml:1:1
  |
1 |
  | ^
  |
  = help: a migration has at least one `[[tier]]`, with a `name` and `paths`
",
    );
    check(
        "tier = []\n",
        r"
error: there is no tier
 --> codemod.toml:1:1
  |
1 | tier = []
  | ^
  |
  = help: a migration has at least one `[[tier]]`, with a `name` and `paths`
",
    );
    check(
        "[[tier]]\nname = 'a'\npaths = []\n",
        r"
error: tier `a` has no paths
 --> codemod.toml:3:9
  |
3 | paths = []
  |         ^^
",
    );
    let project = project(&[("codemod.toml", TIER)]);
    fs::remove_file(project.path().join("transforms/redis.toml")).unwrap();
    check_project(
        &project,
        r#"
error: there is no transform: no file is `transforms/*.toml`
 --> codemod.toml:1:1
  |
1 | [[tier]]
  | ^
  |
  = help: write one, or list those that there are: `transforms = ["…"]`; `tiermod init --help` lists those that come with tiermod
"#,
    );
    fs::remove_dir(project.path().join("transforms")).unwrap();
    assert!(load(&project).unwrap_err().to_string().contains("there is no transform"));
}

#[test]
fn a_transform_that_is_not_there_is_shown_in_the_list() {
    let list = r"transforms = [
  'transforms/redsi.toml',
  'other/*.toml',
  'transforms',
  'app/../x.toml',
  '/etc/x.toml',
  'transforms\redis.toml',
  'transforms/{a',
]";
    check_before_tier(
        list,
        r"
error: there is no file `transforms/redsi.toml`
 --> codemod.toml:2:3
  |
2 |   'transforms/redsi.toml',
  |   ^^^^^^^^^^^^^^^^^^^^^^^ did you mean `transforms/redis.toml`?

error: no file matches `other/*.toml`
 --> codemod.toml:3:3
  |
3 |   'other/*.toml',
  |   ^^^^^^^^^^^^^^

error: `transforms` is a folder
 --> codemod.toml:4:3
  |
4 |   'transforms',
  |   ^^^^^^^^^^^^ write `transforms/*.toml`

error: `..` leaves the project; a pattern starts at the project's folder
 --> codemod.toml:5:3
  |
5 |   'app/../x.toml',
  |   ^^^^^^^^^^^^^^^

error: a pattern starts at the project's folder, so it has no `/` or drive in front
 --> codemod.toml:6:3
  |
6 |   '/etc/x.toml',
  |   ^^^^^^^^^^^^^

error: a pattern has `/` between folders on every system; `[*]` is a star as it is
 --> codemod.toml:7:3
  |
7 |   'transforms\redis.toml',
  |   ^^^^^^^^^^^^^^^^^^^^^^^

error: bad glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)
 --> codemod.toml:8:3
  |
8 |   'transforms/{a',
  |   ^^^^^^^^^^^^^^^
",
    );
}

#[test]
fn source_roots_are_folders_inside_the_project() {
    let list = "[python]\nsource-roots = ['app', './app/', 'src', 'transforms/redis.toml', \
                '../x', '/x', '']\n";
    check_before_tier(
        list,
        r"
error: the source root `./app/` is there twice
 --> codemod.toml:2:24
  |
2 | source-roots = ['app', './app/', 'src', 'transforms/redis.toml', '../x', '/x', '']
  |                        ^^^^^^^^

error: the source root `src` is not there
 --> codemod.toml:2:34
  |
2 | source-roots = ['app', './app/', 'src', 'transforms/redis.toml', '../x', '/x', '']
  |                                  ^^^^^

error: the source root `transforms/redis.toml` is a file
 --> codemod.toml:2:41
  |
2 | source-roots = ['app', './app/', 'src', 'transforms/redis.toml', '../x', '/x', '']
  |                                         ^^^^^^^^^^^^^^^^^^^^^^^

error: `../x` is no folder inside the project
 --> codemod.toml:2:66
  |
2 | source-roots = ['app', './app/', 'src', 'transforms/redis.toml', '../x', '/x', '']
  |                                                                  ^^^^^^
  |
  = help: a source root is a path from the project's folder, with `/` and without `..`

error: `/x` is no folder inside the project
 --> codemod.toml:2:74
  |
2 | source-roots = ['app', './app/', 'src', 'transforms/redis.toml', '../x', '/x', '']
  |                                                                          ^^^^
  |
  = help: a source root is a path from the project's folder, with `/` and without `..`

error: `` is no folder inside the project
 --> codemod.toml:2:80
  |
2 | source-roots = ['app', './app/', 'src', 'transforms/redis.toml', '../x', '/x', '']
  |                                                                                ^^
  |
  = help: a source root is a path from the project's folder, with `/` and without `..`
",
    );
    check_before_tier(
        "[python]\nsource-roots = []\n",
        r"
error: `source-roots` is empty; leave it out to have the roots detected
 --> codemod.toml:1:1
  |
1 | [python]
  | ^
",
    );
}

#[test]
fn sizes_are_bytes_or_have_a_unit() {
    for (size, bytes) in [
        ("4096", 4096),
        ("'4096'", 4096),
        ("'512 KiB'", 512 << 10),
        ("'2MB'", 2_000_000),
        ("\"64 mib\"", 64 << 20),
    ] {
        let text = format!("[files]\nmax-size = {size}\n{TIER}");
        let config = load(&project(&[("codemod.toml", &text)])).unwrap();
        assert_eq!(config.max_file_size, bytes, "{size}");
    }
    for size in ["0", "'65 MiB'", "'4 furlongs'", "'MiB'", "''", "'99999999999999999999 MiB'", "-1"]
    {
        let text = format!("[files]\nmax-size = {size}\n{TIER}");
        let error = load(&project(&[("codemod.toml", &text)])).unwrap_err().to_string();
        assert!(error.contains(" --> codemod.toml:2:12\n"), "{size}: {error}");
    }
}

#[test]
fn commit_texts_are_checked_inside_the_string() {
    let text = "[[tier]]\nname = 'a'\npaths = ['**']\ncommit-subject = \"\\u00e9 {teir}\"\n\
                commit-body = '''\nTier {tier}\n{sites\n'''\n";
    check(
        text,
        r#"
error: there is nothing called `teir` here; it may be `tier`, `number`, `summary`, `risk`, `transforms`, `files`, `sites` or `held`
 --> codemod.toml:4:26
  |
4 | commit-subject = "\u00e9 {teir}"
  |                          ^^^^^^

error: `{` is never closed; a brace that stands for itself is written `{{`
 --> codemod.toml:7:1
  |
7 | {sites
  | ^
"#,
    );
    check(
        "[[tier]]\nname='a'\npaths=['a']\ncommit-subject = '''\na\nb'''\n",
        r"
error: the subject of a commit is one line with text
 --> codemod.toml:4:18
  |
4 | commit-subject = '''
  |                  ^^^
",
    );
}

#[test]
fn syntax_errors_are_all_shown() {
    check(
        "a = \nb = 2\n[[tier]\nname = 'x\n[t]\n[t]\n",
        r"
error: string values must be quoted, expected literal string
 --> codemod.toml:1:5
  |
1 | a = 
  |     ^

error: unclosed array table, expected `]`
 --> codemod.toml:3:8
  |
3 | [[tier]
  |        ^

error: duplicate key
 --> codemod.toml:6:2
  |
6 | [t]
  |  ^
",
    );
}

#[test]
fn an_error_at_the_end_of_the_file_is_shown_on_its_last_line() {
    check(
        "[[tier]]\nname = \"x",
        r#"
error: invalid basic string, expected `"`
 --> codemod.toml:2:10
  |
2 | name = "x
  |          ^
"#,
    );
    check(
        "[[tier]]\nname =\r\n\r\n",
        r"
error: string values must be quoted, expected literal string
 --> codemod.toml:2:7
  |
2 | name =
  |       ^
",
    );
    check(
        "transforms = [\n",
        r"
error: unclosed array, expected `]`
 --> codemod.toml:1:15
  |
1 | transforms = [
  |               ^
",
    );
}

#[test]
fn carets_stand_right_behind_tabs_and_wide_characters() {
    check(
        "[[tier]]\nname = 'é'\n\tpaths = [ 'ü', 3 ]\n",
        r"
error: an item of `paths` must be a string, not an integer
 --> codemod.toml:3:17
  |
3 |     paths = [ 'ü', 3 ]
  |                    ^
",
    );
    check(
        "[[tier]]\nname = 'é'\npaths = [ '漢字', 3 ]\n",
        r"
error: an item of `paths` must be a string, not an integer
 --> codemod.toml:3:17
  |
3 | paths = [ '漢字', 3 ]
  |                   ^
",
    );
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_move_places() {
    let expected = r"
error: unknown key `risks` in `[[tier]]`
 --> codemod.toml:5:1
  |
5 | risks = 'low'
  | ^^^^^ did you mean `risk`?
";
    let text = "# ü\n[[tier]]\nname = 'a'\npaths = ['**']\nrisks = 'low'\n";
    check(text, expected);
    check(&text.replace('\n', "\r\n"), expected);
    check(&format!("\u{feff}{text}"), expected);
    check(&format!("\u{feff}{}", text.replace('\n', "\r\n")), expected);
    check(
        "\u{feff}transform = []\n[[tier]]\nname='a'\npaths=['a']\n",
        r"
error: unknown key `transform`
 --> codemod.toml:1:1
  |
1 | transform = []
  | ^^^^^^^^^ did you mean `transforms`?
",
    );
    let good = load(&project(&[("codemod.toml", &format!("\u{feff}{TIER}"))])).unwrap();
    assert_eq!(good.document.text(), TIER);
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let project = project(&[]);
    write(project.path(), "codemod.toml", b"[[tier]]\r\nname = '\xc3\xa9\xe9'\r\n");
    assert_eq!(
        load(&project).unwrap_err().to_string(),
        "codemod.toml:2:10: byte 0xe9 is not UTF-8, as TOML must be; save the file as UTF-8"
    );
    write(project.path(), "codemod.toml", b"\xff\xfe[\0");
    assert_eq!(
        load(&project).unwrap_err().to_string(),
        "codemod.toml:1:1: byte 0xff is not UTF-8, as TOML must be; save the file as UTF-8"
    );
}

#[test]
fn problems_can_be_read_one_by_one() {
    let project = project(&[("codemod.toml", &format!("stric = true\n{TIER}x = 1\n"))]);
    let Err(ConfigError::Invalid(problems)) = load(&project) else { panic!() };
    let places: Vec<_> = problems
        .iter()
        .map(|problem| {
            let at = problem.position();
            (problem.message(), problem.severity(), at.line, at.column)
        })
        .collect();
    assert_eq!(
        places,
        [
            ("unknown key `stric`", Severity::Error, 1, 1),
            ("unknown key `x` in `[[tier]]`", Severity::Error, 5, 1),
        ]
    );
    assert!(problems.render(Look::Styled).contains('\u{1b}'));
    assert!(!problems.render(Look::Plain).contains('\u{1b}'));
}

#[test]
fn the_nearest_configuration_upwards_is_found() {
    let project = project(&[("codemod.toml", TIER), ("app/sub/a.py", "")]);
    let root = project.path().canonicalize().unwrap();
    fs::create_dir(root.join("app/codemod.toml")).unwrap();
    for start in ["", "app", "app/sub", "app/sub/a.py"] {
        assert_eq!(find(&root.join(start)).unwrap(), root.join("codemod.toml"), "{start}");
    }
    write(&root, "app/sub/codemod.toml", b"");
    assert_eq!(find(&root.join("app/sub/a.py")).unwrap(), root.join("app/sub/codemod.toml"));
    assert!(matches!(find(&root.join("nowhere")), Err(ConfigError::Folder { .. })));
    let empty = tempfile::tempdir().unwrap();
    let folder = empty.path().canonicalize().unwrap();
    // What somebody left above the machine's temporary folder is found, as it must be.
    let mut above = folder.ancestors().map(|folder| folder.join("codemod.toml"));
    if let Some(stray) = above.find(|file| file.is_file()) {
        assert_eq!(find(empty.path()).unwrap(), stray);
        return;
    }
    assert_eq!(
        find(empty.path()).unwrap_err().to_string(),
        format!(
            "there is no `codemod.toml` in `{}` or a folder above it; `tiermod init` writes one, \
             `--config FILE` names another",
            folder.display()
        )
    );
}

#[test]
fn a_configuration_that_cannot_be_read_is_named() {
    let project = project(&[]);
    let error = load(&project).unwrap_err().to_string();
    assert!(error.starts_with("cannot read `codemod.toml`: "), "{error}");
    let error = Config::load(&project.path().join("app"), None).unwrap_err().to_string();
    assert_eq!(error, "`app` is a folder; name the TOML file in it");
    assert!(Config::load(Path::new("/"), None).unwrap_err().to_string().contains("is a folder"));
    let error = Config::load(&project.path().join("no/codemod.toml"), None).unwrap_err();
    assert!(error.to_string().starts_with("cannot use the folder `"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_relative_path_leads_to_absolute_ones() {
    // The tests run in the crate's folder.
    let error = Config::load(Path::new("Cargo.toml"), None).unwrap_err().to_string();
    assert!(error.contains(" --> Cargo.toml:1:"), "{error}");
    let project = project(&[("codemod.toml", TIER)]);
    let up: PathBuf = std::iter::repeat_n("..", 40).collect();
    let root = project.path().canonicalize().unwrap();
    let relative = up.join(root.strip_prefix("/").unwrap()).join("./codemod.toml");
    let config = Config::load(&relative, None).unwrap();
    assert_eq!(config.root, root);
    assert_eq!(config.path(), root.join("codemod.toml"));
    assert_eq!(files(&config), [root.join("transforms/redis.toml")]);
}

#[cfg(unix)]
#[test]
fn the_project_of_a_linked_configuration_is_where_the_link_is() {
    let shared = tempfile::tempdir().unwrap();
    write(shared.path(), "all.toml", TIER.as_bytes());
    let project = project(&[]);
    let root = project.path().canonicalize().unwrap();
    std::os::unix::fs::symlink(shared.path().join("all.toml"), root.join("codemod.toml")).unwrap();
    let config = load(&project).unwrap();
    assert_eq!(config.root, root);
    assert_eq!(files(&config), [root.join("transforms/redis.toml")]);
    // A link to the folder is followed, so that the project has one name.
    let link = shared.path().join("link");
    std::os::unix::fs::symlink(&root, &link).unwrap();
    assert_eq!(Config::load(&link.join("codemod.toml"), None).unwrap().root, root);
}

#[test]
fn the_project_can_be_another_folder_than_that_of_the_configuration() {
    let text = format!("[python]\nsource-roots = ['src']\n{TIER}");
    let migration = project(&[("codemod.toml", &text)]);
    let other = project(&[("src/a.py", "")]);
    let config = Config::load(&migration.path().join("codemod.toml"), Some(other.path())).unwrap();
    let root = other.path().canonicalize().unwrap();
    let folder = migration.path().canonicalize().unwrap();
    assert_eq!(config.source_roots, Some(vec![root.join("src")]));
    assert_eq!(config.root, root);
    assert_eq!(files(&config), [folder.join("transforms/redis.toml")]);
    assert_eq!(config.document.name(), folder.join("codemod.toml").to_str().unwrap());
    let nowhere = other.path().join("nowhere");
    let missing = Config::load(&migration.path().join("codemod.toml"), Some(&nowhere));
    assert!(matches!(missing, Err(ConfigError::Folder { .. })));
}

#[test]
fn the_schema_takes_the_example_and_refuses_what_the_reader_refuses() {
    let json = serde_json::to_value(schema::json_schema()).unwrap();
    let validator = jsonschema::draft7::new(&json).unwrap();
    let value = |text: &str| -> serde_json::Value { toml::from_str(text).unwrap() };
    assert!(validator.is_valid(&value(EXAMPLE)));
    assert!(validator.is_valid(&value(TIER)));
    for wrong in [
        "stric = true",
        "strict = 'yes'",
        "[[tier]]\nname = 'a'",
        "[[tier]]\npaths = []",
        "[[tier]]\nname = 'a'\npaths = 'x'",
        "[[tier]]\nname = 'a'\npaths = []\naccept = ['TM110']",
        "[[tier]]\nname = 'a'\npaths = []\nrisk = 'huge'",
        "[files]\nmax-size = true",
    ] {
        assert!(!validator.is_valid(&value(wrong)), "{wrong}");
    }
    assert!(!json.to_string().contains("null"));
    every_key_is_described(&json);
}

/// Editors show these texts; a key without one is of no help.
pub(crate) fn every_key_is_described(schema: &serde_json::Value) {
    let definitions = schema["definitions"].as_object().unwrap();
    for form in definitions.values().chain([schema]) {
        for (key, property) in form["properties"].as_object().into_iter().flatten() {
            let text = property["description"].as_str().unwrap_or_default();
            assert!(text.ends_with('.'), "{key} in {form}");
        }
    }
}
