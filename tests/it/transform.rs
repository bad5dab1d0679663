//! `transforms/*.toml`: what is read, how mistakes are shown, how `after` is rewritten.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use tiermod::config::Config;
use tiermod::fs::ProjectPath;
use tiermod::site::Reason;
use tiermod::text::{TextRange, size};
use tiermod::transform::update::{UpdateError, set_after};
use tiermod::transform::{
    Access, AliasPolicy, ArgumentPolicy, DEFAULT_CLOSES, Loaded, MissingExample, Transform,
    TransformError, load, schema,
};

use crate::config::{path, said};
use crate::memory;

/// Every key of a transform.
const EXAMPLE: &str = r#"name = "redis"
summary = "Use the shared Redis manager instead of building another"
docs = """Markdown: why, and what reviewers should look for."""

[[singleton]]
class = "app.redis_manager:RedisManager"
instance = "app.redis_manager:redis_manager"

[[singleton]]
class = "auth.redis_manager:AuthRedisManager"
factory = "auth.redis_manager:get_manager"
alias = false
closes = ["close", "bye"]
retarget-mocks = true
arguments = ["url"]

[[rewrite]]
before = """
from datetime import datetime
datetime.utcnow()
"""
after = """
from datetime import UTC, datetime
datetime.now(UTC)
"""

[[isolation]]
on = "app.redis_manager:redis_manager"
methods = ["get", "set"]
key = "user:{user_id}:{operation}"
deny = true

[[example]]
name = "a call is replaced"
before."app/service.py" = '''
r = RedisManager()
'''
before."app/other.py" = ""
after."app/service.py" = '''
r = redis_manager
'''

[[example]]
name = "a parameter of the same name is not the singleton"
before."app/service.py" = "x = 1"
after."app/service.py" = "x = 1"
reasons = ["TM107", "TM106", "tm107"]
"#;

const HEAD: &str = "name = 'redis'\nsummary = 'Share it'\n";
const SINGLETON: &str = "[[singleton]]\nclass = 'app.r:R'\ninstance = 'app.r:r'\n";

fn parse(text: &str) -> Result<Transform, String> {
    memory::parse("redis", text).map_err(|problems| problems.to_string())
}

/// Holds what is said of a transform against `expected`.
#[track_caller]
fn check(text: &str, expected: &str) {
    match parse(text) {
        Ok(transform) => panic!("nothing is wrong: {transform:?}"),
        Err(error) => said(&error, expected),
    }
}

#[test]
fn every_key_of_a_transform_is_read() {
    let transform = parse(EXAMPLE).unwrap();
    assert_eq!(transform.name, "redis");
    assert_eq!(transform.summary, "Use the shared Redis manager instead of building another");
    assert_eq!(transform.docs, "Markdown: why, and what reviewers should look for.");
    let [redis, auth] = transform.singletons.as_slice() else { panic!() };
    assert_eq!(redis.class.to_string(), "app.redis_manager:RedisManager");
    let instance = "app.redis_manager:redis_manager".parse().unwrap();
    assert_eq!(redis.access, Access::Instance(instance));
    assert_eq!(redis.alias.alias_of("redis_manager").unwrap(), "shared_redis_manager");
    assert_eq!(redis.closes, DEFAULT_CLOSES);
    assert_eq!((redis.retarget_mocks, &redis.arguments), (false, &ArgumentPolicy::Hold));
    assert_eq!(auth.access, Access::Factory("auth.redis_manager:get_manager".parse().unwrap()));
    assert_eq!(auth.alias, AliasPolicy::Hold);
    assert_eq!(auth.alias.alias_of("x"), None);
    assert_eq!(auth.closes, ["close", "bye"]);
    assert!(auth.retarget_mocks);
    assert_eq!(auth.arguments, ArgumentPolicy::Drop(vec!["url".to_owned()]));
    let [rewrite] = transform.rewrites.as_slice() else { panic!() };
    assert_eq!(rewrite.before.text, "from datetime import datetime\ndatetime.utcnow()\n");
    assert_eq!(rewrite.after.text, "from datetime import UTC, datetime\ndatetime.now(UTC)\n");
    let [audit] = transform.isolations.as_slice() else { panic!() };
    assert_eq!(audit.on.to_string(), "app.redis_manager:redis_manager");
    assert_eq!(audit.methods, ["get", "set"]);
    assert_eq!(audit.key.holes().collect::<Vec<_>>(), ["user_id", "operation"]);
    assert!(audit.deny);
    let [changed, kept] = transform.examples.as_slice() else { panic!() };
    assert_eq!(
        changed.before.keys().map(ProjectPath::to_slash).collect::<Vec<_>>(),
        ["app/other.py", "app/service.py"]
    );
    assert_eq!(changed.before[&path("app/service.py")], "r = RedisManager()\n");
    assert_eq!(changed.expected(&path("app/service.py")), Some("r = redis_manager\n"));
    assert_eq!(changed.expected(&path("app/other.py")), Some(""));
    assert_eq!(changed.expected(&path("app/none.py")), None);
    assert!(changed.is_changed());
    assert!(!kept.is_changed());
    assert_eq!(kept.reasons, [Reason::NotRewritableHere, Reason::Lifecycle]);
    assert_eq!(transform.missing_examples(), []);
}

#[test]
fn a_place_in_a_snippet_is_a_place_in_the_file() {
    let text = format!(
        "{HEAD}[[rewrite]]\nbefore = '''\nimport a\na.b()\n'''\nafter = \"'\\u00e9' + len('')\"\n"
    );
    let transform = parse(&text).unwrap();
    let [rewrite] = transform.rewrites.as_slice() else { panic!() };
    let at = |offset: usize| {
        let place = transform.document.position(rewrite.before.place(size(offset)));
        (place.line, place.column)
    };
    assert_eq!(at(0), (5, 1));
    assert_eq!(at(9), (6, 1));
    assert_eq!(at(13), (6, 5));
    let range = TextRange::new(size(7), size(9));
    let problem = rewrite.after.problem(range, "there is no such function");
    said(
        &problem.to_string(),
        r#"
error: there is no such function
 --> transforms/redis.toml:8:21
  |
8 | after = "'\u00e9' + len('')"
  |                     ^^
"#,
    );
}

#[test]
fn a_transform_is_named_and_does_something() {
    check(
        "",
        r"
error: missing key `name`
 --> transforms/redis.toml:1:1
  |
1 |
  | ^
  |
  = help: `name`: What commands, reports and commits call the transform: letters, digits, `-`, `_` and `.`. The file has the same name.

error: missing key `summary`
 --> transforms/redis.toml:1:1
  |
1 |
  | ^
  |
  = help: `summary`: One line that says what the transform does.
",
    );
    check(
        HEAD,
        r"
error: the transform does nothing
 --> transforms/redis.toml:1:8
  |
1 | name = 'redis'
  |        ^^^^^^^
  |
  = help: add a `[[singleton]]`, a `[[rewrite]]` or an `[[isolation]]`
",
    );
    check(
        "name = 'a b'\nsummary = ''\n[[singleton]]\n",
        r"
error: the name of a transform is letters, digits, `-`, `_` and `.`, and starts with a letter or digit
 --> transforms/redis.toml:1:8
  |
1 | name = 'a b'
  |        ^^^^^

error: the summary is one line with text
 --> transforms/redis.toml:2:11
  |
2 | summary = ''
  |           ^^

error: missing key `class` in `[[singleton]]`
 --> transforms/redis.toml:3:1
  |
3 | [[singleton]]
  | ^^^^^^^^^^^^^
  |
  = help: `class`: The class, as `package.module:Name`.
",
    );
    for name in ["-a", "a/b", "", "ü", "a\\nb"] {
        let text = format!("name = \"{name}\"\nsummary = 'x'\n{SINGLETON}");
        let error = parse(&text).unwrap_err();
        assert!(error.starts_with("error: the name of a transform is letters"), "{name}: {error}");
    }
}

#[test]
fn what_is_wrong_with_a_symbol_is_shown_inside_it() {
    let text = format!(
        "{HEAD}[[singleton]]\nclass = 'app.redis.Manager'\ninstance = \"app.r\\u0065-dis:m\"\n\
         [[singleton]]\nclass = 'app.redis:'\nfactory = '.redis:get'\n\
         [[singleton]]\nclass = ''\nfactory = 'redis:Manager.get'\n\
         [[isolation]]\non = 'a:class'\nmethods = []\nkey = 'x'\n"
    );
    check(
        &text,
        r#"
error: a symbol is written `package.module:Name`; perhaps `app.redis:Manager`
 --> transforms/redis.toml:4:10
  |
4 | class = 'app.redis.Manager'
  |          ^^^^^^^^^^^^^^^^^

error: `re-dis` is not an identifier of Python
 --> transforms/redis.toml:5:17
  |
5 | instance = "app.r\u0065-dis:m"
  |                 ^^^^^^^^^^^

error: the name is missing after the colon
 --> transforms/redis.toml:7:19
  |
7 | class = 'app.redis:'
  |                   ^

error: a module is named in full, from its source root, not relative to another
 --> transforms/redis.toml:8:12
  |
8 | factory = '.redis:get'
  |            ^

error: a symbol is written `package.module:Name`
  --> transforms/redis.toml:10:9
   |
10 | class = ''
   |         ^^

error: only a name at the top level of its module can be imported, so it has no dot
  --> transforms/redis.toml:11:25
   |
11 | factory = 'redis:Manager.get'
   |                         ^^^^

error: `class` is a keyword of Python
  --> transforms/redis.toml:13:9
   |
13 | on = 'a:class'
   |         ^^^^^

error: an audit needs the methods whose first argument is a key
  --> transforms/redis.toml:14:11
   |
14 | methods = []
   |           ^^

error: a key in which nothing varies keeps no user apart from another
  --> transforms/redis.toml:15:7
   |
15 | key = 'x'
   |       ^^^
   |
   = help: put a name in braces where it varies: `user:{user_id}`
"#,
    );
}

#[test]
fn a_singleton_has_one_shared_object_that_is_not_its_class() {
    let text = format!(
        "{HEAD}[[singleton]]\nclass = 'a:A'\n\n[[singleton]]\nclass = 'a:B'\ninstance = 'a:b'\n\
         factory = 'a:get_b'\n\n[[singleton]]\nclass = 'a:C'\nfactory = 'a:C'\n\n\
         [[singleton]]\nclass = 'a:D'\ninstance = 'a:d'\n\n[[singleton]]\nclass = 'a:D'\n\
         instance = 'a:other'\n"
    );
    check(
        &text,
        r#"
error: a singleton needs an `instance` or a `factory`
 --> transforms/redis.toml:3:1
  |
3 | [[singleton]]
  | ^^^^^^^^^^^^^
  |
  = help: name the shared object, `instance = "package.module:name"`, or a function that returns it, `factory = "package.module:name"`

error: a singleton has an `instance` or a `factory`, not both
 --> transforms/redis.toml:9:11
  |
8 | instance = 'a:b'
  |            ----- the instance is here
9 | factory = 'a:get_b'
  |           ^^^^^^^^^

error: `a:C` is the class itself, not what it is replaced by
  --> transforms/redis.toml:13:11
   |
12 | class = 'a:C'
   |         ----- the class is here
13 | factory = 'a:C'
   |           ^^^^^

error: two singletons are for the class `a:D`
  --> transforms/redis.toml:20:9
   |
16 | class = 'a:D'
   |         ----- the first is here
...
20 | class = 'a:D'
   |         ^^^^^
"#,
    );
}

#[test]
fn aliases_closing_methods_and_arguments_are_checked() {
    for alias in ["shared_{name}", "the_{name}_", "manager", "{name}2"] {
        parse(&format!("{HEAD}{SINGLETON}alias = '{alias}'\n")).unwrap();
    }
    let text = format!(
        "{HEAD}{SINGLETON}alias = true\ncloses = ['close', 'a.b', 'close']\narguments = 'drop'\n\
         [[singleton]]\nclass = 'b:B'\ninstance = 'b:b'\nalias = 'x-{{name}}'\n\
         arguments = ['url', 'class']\n\
         [[singleton]]\nclass = 'c:C'\ninstance = 'c:c'\nalias = '{{name}}'\n\
         [[singleton]]\nclass = 'd:D'\ninstance = 'd:d'\nalias = 'x_{{nam}}'\narguments = 3\n"
    );
    check(
        &text,
        r"
error: `alias` is a name such as `shared_{name}`, or `false`
 --> transforms/redis.toml:6:9
  |
6 | alias = true
  |         ^^^^

error: `a.b` is not the name of a method
 --> transforms/redis.toml:7:20
  |
7 | closes = ['close', 'a.b', 'close']
  |                    ^^^^^

error: `close` is there twice
 --> transforms/redis.toml:7:27
  |
7 | closes = ['close', 'a.b', 'close']
  |                           ^^^^^^^

error: `arguments` is `ignore` or a list of names, not `drop`
 --> transforms/redis.toml:8:13
  |
8 | arguments = 'drop'
  |             ^^^^^^

error: `x-{name}` makes no identifier of Python
  --> transforms/redis.toml:12:9
   |
12 | alias = 'x-{name}'
   |         ^^^^^^^^^^

error: `class` is not the name of an argument
  --> transforms/redis.toml:13:13
   |
13 | arguments = ['url', 'class']
   |             ^^^^^^^^^^^^^^^^

error: the alias must differ from the name that is taken
  --> transforms/redis.toml:17:9
   |
17 | alias = '{name}'
   |         ^^^^^^^^

error: there is nothing called `nam` here; it may be `name`
  --> transforms/redis.toml:21:12
   |
21 | alias = 'x_{nam}'
   |            ^^^^^

error: `arguments` must be a string or an array of strings, not an integer
  --> transforms/redis.toml:22:13
   |
22 | arguments = 3
   |             ^
",
    );
    let ignore = parse(&format!("{HEAD}{SINGLETON}arguments = 'ignore'\n")).unwrap();
    assert_eq!(ignore.singletons[0].arguments, ArgumentPolicy::Ignore);
    let none = parse(&format!("{HEAD}{SINGLETON}closes = []\n")).unwrap();
    assert_eq!(none.singletons[0].closes, [""; 0]);
}

#[test]
fn rewrites_and_audits_are_checked() {
    let text = format!(
        "{HEAD}[[rewrite]]\nbefore = ''\nafter = 'x'\n[[rewrite]]\nbefore = 'a()'\nafter = '''\n\
         a()\n'''\n[[rewrite]]\nbefore = 'b()'\n[[isolation]]\non = 'a:a'\n\
         methods = ['get', '1', 'get']\nkey = 'user'\n\
         [[isolation]]\non = 'a:b'\nmethods = ['get']\nkey = 'user:{{id'\n"
    );
    check(
        &text,
        r"
error: `before` has no Python in it
 --> transforms/redis.toml:4:10
  |
4 | before = ''
  |          ^^

error: the rewrite changes nothing
 --> transforms/redis.toml:8:9
  |
7 | before = 'a()'
  |          ----- the first is here
8 | after = '''
  |         ^^^

error: missing key `after` in `[[rewrite]]`
  --> transforms/redis.toml:11:1
   |
11 | [[rewrite]]
   | ^^^^^^^^^^^
   |
   = help: `after`: What to put there.

error: `1` is not the name of a method
  --> transforms/redis.toml:15:19
   |
15 | methods = ['get', '1', 'get']
   |                   ^^^

error: `get` is there twice
  --> transforms/redis.toml:15:24
   |
15 | methods = ['get', '1', 'get']
   |                        ^^^^^

error: a key in which nothing varies keeps no user apart from another
  --> transforms/redis.toml:16:7
   |
16 | key = 'user'
   |       ^^^^^^
   |
   = help: put a name in braces where it varies: `user:{user_id}`

error: `{` is never closed; a brace that stands for itself is written `{{`
  --> transforms/redis.toml:20:13
   |
20 | key = 'user:{id'
   |             ^
",
    );
}

#[test]
fn keys_that_belong_elsewhere_are_told_where() {
    let text = format!(
        "{HEAD}class = 'a:A'\nbefore = 'x'\nreplace = 'y'\n{SINGLETON}retarget_mocks = true\n"
    );
    check(
        &text,
        r"
error: unknown key `class`
 --> transforms/redis.toml:3:1
  |
3 | class = 'a:A'
  | ^^^^^ belongs in `[[singleton]]`

error: unknown key `before`
 --> transforms/redis.toml:4:1
  |
4 | before = 'x'
  | ^^^^^^ belongs in `[[rewrite]]` or `[[example]]`

error: unknown key `replace`
 --> transforms/redis.toml:5:1
  |
5 | replace = 'y'
  | ^^^^^^^
  |
  = help: a key here is `name`, `summary`, `docs`, `singleton`, `rewrite`, `isolation` or `example`

error: unknown key `retarget_mocks` in `[[singleton]]`
 --> transforms/redis.toml:9:1
  |
9 | retarget_mocks = true
  | ^^^^^^^^^^^^^^ did you mean `retarget-mocks`?
",
    );
}

#[test]
fn examples_are_projects() {
    let text = format!(
        r#"{HEAD}{SINGLETON}
[[example]]
name = "one"
before."app/a.py" = ""
after."app/b.py" = ""
after."other.py" = ""

[[example]]
name = "one"
before."../a.py" = ""
before."/a.py" = ""
before."a\\b.py" = ""
before."x/./y.py" = ""
before."x/y.py" = ""
before."x/y.py/z.py" = ""
reasons = ["TM10", "TM1000"]

[[example]]
name = ""
before = {{}}

[[example]]
name = "no project"

[[example]]
name = "a file is a text"
before."a.py" = 3
"#
    );
    check(
        &text,
        r#"
error: `app/b.py` is not among the files before
  --> transforms/redis.toml:10:7
   |
10 | after."app/b.py" = ""
   |       ^^^^^^^^^^ did you mean `app/a.py`?

error: `other.py` is not among the files before
  --> transforms/redis.toml:11:7
   |
11 | after."other.py" = ""
   |       ^^^^^^^^^^
   |
   = help: a transform makes no new files

error: two examples are called `one`
  --> transforms/redis.toml:14:8
   |
 8 | name = "one"
   |        ----- the first is here
...
14 | name = "one"
   |        ^^^^^

error: `../a.py` is no path inside the example's project
  --> transforms/redis.toml:15:8
   |
15 | before."../a.py" = ""
   |        ^^^^^^^^^
   |
   = help: write it from the project's folder, with `/` and without `..`: `app/service.py`

error: `/a.py` is no path inside the example's project
  --> transforms/redis.toml:16:8
   |
16 | before."/a.py" = ""
   |        ^^^^^^^
   |
   = help: write it from the project's folder, with `/` and without `..`: `app/service.py`

error: `a\b.py` is no path inside the example's project
  --> transforms/redis.toml:17:8
   |
17 | before."a\\b.py" = ""
   |        ^^^^^^^^^
   |
   = help: write it from the project's folder, with `/` and without `..`: `app/service.py`

error: the file `x/y.py` is there twice
  --> transforms/redis.toml:19:8
   |
18 | before."x/./y.py" = ""
   |        ---------- the first is here
19 | before."x/y.py" = ""
   |        ^^^^^^^^

error: `x/y.py/z.py` and `x/y.py`: one is a file, so the other cannot be in it
  --> transforms/redis.toml:20:8
   |
18 | before."x/./y.py" = ""
   |        ---------- the first is here
19 | before."x/y.py" = ""
20 | before."x/y.py/z.py" = ""
   |        ^^^^^^^^^^^^^

error: there is no reason `TM10`; `tiermod explain` lists them
  --> transforms/redis.toml:21:12
   |
21 | reasons = ["TM10", "TM1000"]
   |            ^^^^^^ did you mean `TM101`?

error: there is no reason `TM1000`; `tiermod explain` lists them
  --> transforms/redis.toml:21:20
   |
21 | reasons = ["TM10", "TM1000"]
   |                    ^^^^^^^^ did you mean `TM101`?

error: the name of an example is one line with text
  --> transforms/redis.toml:24:8
   |
24 | name = ""
   |        ^^

error: example `` has no file before
  --> transforms/redis.toml:25:10
   |
25 | before = {}
   |          ^^

error: missing key `before` in `[[example]]`
  --> transforms/redis.toml:27:1
   |
27 | [[example]]
   | ^^^^^^^^^^^
   |
   = help: `before`: The project's files, by path.

error: `a.py` must be a string, not an integer
  --> transforms/redis.toml:32:17
   |
32 | before."a.py" = 3
   |                 ^
"#,
    );
}

#[test]
fn a_transform_needs_an_example_of_each_kind() {
    let missing = |examples: &str, body: &str| {
        parse(&format!("{HEAD}{body}{examples}")).unwrap().missing_examples()
    };
    let changed = "[[example]]\nname = 'c'\nbefore.'a' = '1'\nafter.'a' = '2'\n";
    let kept = "[[example]]\nname = 'k'\nbefore.'a' = '1'\n";
    let both = format!("{changed}{kept}");
    let (change, stay) = (MissingExample::Changed, MissingExample::Unchanged);
    assert_eq!(missing("", SINGLETON), [change, stay]);
    assert_eq!(missing(changed, SINGLETON), [stay]);
    assert_eq!(missing(kept, SINGLETON), [change]);
    assert_eq!(missing(&both, SINGLETON), []);
    let audit = "[[isolation]]\non = 'a:a'\nmethods = ['get']\nkey = '{id}'\n";
    assert_eq!(missing("", audit), [stay]);
    assert_eq!(missing(kept, audit), []);
    assert_eq!(change.to_string(), "no example changes anything");
}

fn project(transforms: &[(&str, &str)], strict: bool) -> (TempDir, Result<Loaded, TransformError>) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("transforms")).unwrap();
    for (name, text) in transforms {
        fs::write(folder.path().join("transforms").join(name), text).unwrap();
    }
    let file = folder.path().join("codemod.toml");
    let text = format!("strict = {strict}\n[[tier]]\nname = 'all'\npaths = ['**']\n");
    fs::write(&file, text).unwrap();
    let loaded = load(&Config::load(&file, None).unwrap());
    (folder, loaded)
}

#[test]
fn transforms_are_loaded_in_order_and_named_by_their_place() {
    let (folder, loaded) = project(
        &[
            ("b.toml", &EXAMPLE.replace("\"redis\"", "\"b\"")),
            ("a.toml", &format!("name = 'a'\nsummary = 'x'\n{SINGLETON}")),
        ],
        true,
    );
    let loaded = loaded.unwrap();
    let names: Vec<_> = loaded.transforms.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(loaded.transforms[0].document.name(), "transforms/a.toml");
    let root = folder.path().canonicalize().unwrap();
    assert_eq!(loaded.transforms[0].document.path(), root.join("transforms/a.toml"));
    assert_eq!(loaded.transforms[0].document.hash().len(), 64);
    assert!(loaded.warnings.is_empty());
}

#[test]
fn transforms_that_contradict_each_other_are_shown_side_by_side() {
    let first = format!("name = 'a'\nsummary = 'x'\n{SINGLETON}");
    let second = format!("# another\nname = 'a'\nsummary = 'x'\n{SINGLETON}");
    let (_folder, loaded) = project(&[("a.toml", &first), ("b.toml", &second)], false);
    said(
        &loaded.unwrap_err().to_string(),
        r"
error: two transforms are called `a`
 --> transforms/b.toml:2:8
  |
2 | name = 'a'
  |        ^^^
  |
 ::: transforms/a.toml:1:8
  |
1 | name = 'a'
  |        --- the other is here

error: two transforms replace the class `app.r:R`
 --> transforms/b.toml:5:9
  |
5 | class = 'app.r:R'
  |         ^^^^^^^^^
  |
 ::: transforms/a.toml:4:9
  |
4 | class = 'app.r:R'
  |         --------- the other is here
",
    );
}

#[test]
fn mistakes_of_all_transforms_are_shown_at_once() {
    let (_folder, loaded) = project(&[("b.toml", "x = 1\n"), ("a.toml", "y = ")], false);
    said(
        &loaded.unwrap_err().to_string(),
        r"
error: string values must be quoted, expected literal string
 --> transforms/a.toml:1:5
  |
1 | y = 
  |     ^

error: missing key `name`
 --> transforms/b.toml:1:1
  |
1 | x = 1
  | ^
  |
  = help: `name`: What commands, reports and commits call the transform: letters, digits, `-`, `_` and `.`. The file has the same name.

error: missing key `summary`
 --> transforms/b.toml:1:1
  |
1 | x = 1
  | ^
  |
  = help: `summary`: One line that says what the transform does.

error: unknown key `x`
 --> transforms/b.toml:1:1
  |
1 | x = 1
  | ^
  |
  = help: a key here is `name`, `summary`, `docs`, `singleton`, `rewrite`, `isolation` or `example`
",
    );
}

#[test]
fn a_file_of_another_name_is_a_warning_unless_strict() {
    let text = format!("name = 'redis'\nsummary = 'x'\n{SINGLETON}");
    let (_folder, loaded) = project(&[("other.toml", &text)], false);
    let warnings: Vec<_> = loaded.unwrap().warnings.iter().map(ToString::to_string).collect();
    said(
        &warnings.join("\n\n"),
        r"
warning: the transform `redis` is in a file called `other.toml`
 --> transforms/other.toml:1:8
  |
1 | name = 'redis'
  |        ^^^^^^^
  |
  = help: call the file `redis.toml`
",
    );
    let (_folder, loaded) = project(&[("other.toml", &text)], true);
    assert!(loaded.unwrap_err().to_string().starts_with("error: the transform `redis` is in"));
}

#[cfg(unix)]
#[test]
fn a_transform_that_is_no_text_is_named() {
    let (folder, _) = project(&[("a.toml", "")], false);
    fs::write(folder.path().join("transforms/a.toml"), b"name = '\xe9'\n").unwrap();
    let config = Config::load(&folder.path().join("codemod.toml"), None).unwrap();
    assert_eq!(
        load(&config).unwrap_err().to_string(),
        "transforms/a.toml:1:9: byte 0xe9 is not UTF-8, as TOML must be; save the file as UTF-8"
    );
}

#[test]
fn crlf_and_a_byte_order_mark_do_not_change_a_transform() {
    let crlf = format!("\u{feff}{}", EXAMPLE.replace('\n', "\r\n"));
    let transform = parse(&crlf).unwrap();
    assert_eq!(transform.name, "redis");
    let [rewrite] = transform.rewrites.as_slice() else { panic!() };
    // The snippets and files of such a transform have its line ends, as they have in the file.
    assert_eq!(rewrite.before.text, "from datetime import datetime\r\ndatetime.utcnow()\r\n");
    let place = transform.document.position(rewrite.before.place(size(31)));
    assert_eq!((place.line, place.column), (20, 1));
    assert!(transform.examples[0].is_changed());
}

#[test]
fn the_schema_takes_the_example_and_refuses_what_the_reader_refuses() {
    let json = serde_json::to_value(schema::json_schema()).unwrap();
    let validator = jsonschema::draft7::new(&json).unwrap();
    let value = |text: &str| -> serde_json::Value { toml::from_str(text).unwrap() };
    let exact = EXAMPLE.replace("tm107", "TM107");
    assert!(validator.is_valid(&value(&exact)));
    for wrong in [
        "name = 'a'",
        "name = 'a'\nsummary = 'b'\nx = 1",
        "name = 'a'\nsummary = 'b'\n[[singleton]]\ninstance = 'a:b'",
        "name = 'a'\nsummary = 'b'\n[[singleton]]\nclass = 'a:B'\nalias = 3",
        "name = 'a'\nsummary = 'b'\n[[example]]\nname = 'x'",
        "name = 'a'\nsummary = 'b'\n[[example]]\nname = 'x'\nbefore.'a' = 1",
        "name = 'a'\nsummary = 'b'\n[[example]]\nname = 'x'\nbefore.'a' = ''\nreasons = ['X']",
    ] {
        assert!(!validator.is_valid(&value(wrong)), "{wrong}");
    }
    crate::config::every_key_is_described(&json);
}

/// The text of a transform with the `after` of its example number `index` set to `files`.
fn set(text: &str, index: usize, files: &[(&str, &str)]) -> Result<String, UpdateError> {
    let files: BTreeMap<_, _> =
        files.iter().map(|(file, text)| (path(file), (*text).to_owned())).collect();
    set_after(text, index, &files)
}

#[test]
fn a_new_after_takes_the_place_of_the_old_one_and_nothing_else_moves() {
    let changed = set(EXAMPLE, 0, &[("app/service.py", "r = 'new'\n# ok\n")]).unwrap();
    let expected = EXAMPLE.replace("'''\nr = redis_manager\n'''", "'''\nr = 'new'\n# ok\n'''");
    assert_eq!(changed, expected);
    let same = set(EXAMPLE, 0, &[("app/service.py", "r = redis_manager\n")]).unwrap();
    assert_eq!(same, EXAMPLE);
}

#[test]
fn files_are_added_below_the_last_and_taken_out_with_their_line() {
    let head = "x = 1 # kept\n\n[[example]]\n  name = 'a' # b\n  before.\"a.py\" = '''\na\n''' # c\n  before.\"b.py\" = \"b\"\n";
    let tail = "  # d\n  reasons = [\n  ]\n[[example]]\nname = 'z'\n";
    let text = format!("{head}{tail}");
    let one = set(&text, 0, &[("b.py", "c\nd\n")]).unwrap();
    assert_eq!(one, format!("{head}  after.\"b.py\" = '''\nc\nd\n'''\n{tail}"));
    let two = set(&one, 0, &[("b.py", "c\nd\n"), ("a.py", "\"\n")]).unwrap();
    let after = "  after.\"b.py\" = '''\nc\nd\n'''\n  after.\"a.py\" = '''\n\"\n'''\n";
    assert_eq!(two, format!("{head}{after}{tail}"));
    assert_eq!(set(&two, 0, &[]).unwrap(), text);
    let swapped = set(&one, 0, &[("a.py", "x")]).unwrap();
    assert_eq!(swapped, format!("{head}  after.\"a.py\" = \"x\"\n{tail}"));
}

#[test]
fn tables_and_inline_tables_keep_their_form() {
    let text = "[[example]]\nname = 'a'\n[example.before]\n'a.py' = 'a' # c\n\n[[example]]\nname = 'b'\nbefore = { 'b.py' = 'b', 'c.py' = '' }\n\n[[example]]\nname = 'c'\nbefore = { 'b.py' = 'b' }\nafter = { 'b.py' = 'c' } # e\n";
    let first = set(text, 0, &[("a.py", "x")]).unwrap();
    let header = "'a.py' = 'a' # c\n\n[example.after]\n\"a.py\" = \"x\"\n";
    assert_eq!(first, text.replace("'a.py' = 'a' # c\n", header));
    let again = set(&first, 0, &[]).unwrap();
    assert_eq!(again, first.replace("\"a.py\" = \"x\"\n", ""));
    assert_eq!(set(&again, 0, &[("a.py", "x")]).unwrap(), first);
    let second = set(text, 1, &[("c.py", "x\n")]).unwrap();
    let inline = "before = { 'b.py' = 'b', 'c.py' = '' }\n";
    assert_eq!(second, text.replace(inline, &format!("{inline}after.\"c.py\" = '''\nx\n'''\n")));
    let third = set(text, 2, &[("b.py", "d")]).unwrap();
    assert_eq!(third, text.replace("'b.py' = 'c'", "'b.py' = \"d\""));
    let third = set(text, 2, &[]).unwrap();
    assert_eq!(third, text.replace("{ 'b.py' = 'c' }", "{}"));
    assert_eq!(
        set(&third, 2, &[("b.py", "y")]).unwrap(),
        text.replace("'b.py' = 'c'", "\"b.py\" = \"y\"")
    );
}

#[test]
fn line_ends_a_byte_order_mark_and_a_missing_line_end_are_kept() {
    let text = "\u{feff}[[example]]\r\nname = 'a'\r\nbefore.'a.py' = '''\r\na\r\n'''";
    let added = set(text, 0, &[("a.py", "b\r\n")]).unwrap();
    assert_eq!(added, format!("{text}\r\nafter.\"a.py\" = '''\r\nb\r\n'''"));
    let lf = set(&added, 0, &[("a.py", "b\nc")]).unwrap();
    assert_eq!(lf, format!("{text}\r\nafter.\"a.py\" = \"b\\nc\""));
    let unix = "[[example]]\nname = 'a'\nbefore.'a.py' = ''\nafter.'a.py' = ''\n";
    let crlf = set(unix, 0, &[("a.py", "b\r\nc\n")]).unwrap();
    assert_eq!(crlf, unix.replace("after.'a.py' = ''", "after.'a.py' = \"\"\"\nb\\r\nc\n\"\"\""));
}

#[test]
fn texts_that_a_literal_cannot_hold_are_escaped() {
    let text = "[[example]]\nname = 'a'\nbefore.'a.py' = ''\nafter.'a.py' = 'x'\n";
    for (value, literal) in [
        ("'''doc'''\n", "\"\"\"\n'''doc'''\n\"\"\""),
        ("a\n'", "\"\"\"\na\n'\"\"\""),
        ("'''\"\"\"\"\n\"\"", "\"\"\"\n'''\"\"\\\"\"\n\"\\\"\"\"\""),
        ("\x0c'''\\\n", "\"\"\"\n\\f'''\\\\\n\"\"\""),
        ("\x0c\n\x7f\x01", "\"\"\"\n\\f\n\\u007F\\u0001\"\"\""),
        ("\nx\n", "'''\n\nx\n'''"),
        ("\n", "'''\n\n'''"),
        ("", "\"\""),
        ("say \"hi\"", "'say \"hi\"'"),
        ("it's \"\\\"", "\"it's \\\"\\\\\\\"\""),
        ("é\u{2028}\t", "\"é\u{2028}\t\""),
    ] {
        let set = set(text, 0, &[("a.py", value)]).unwrap();
        assert_eq!(set, text.replace("after.'a.py' = 'x'", &format!("after.'a.py' = {literal}")));
    }
}

#[test]
fn what_cannot_be_updated_is_said() {
    let inline =
        "x = 1\nexample = [ { name = 'a', before = { 'a' = '' }, after = { 'a' = '' } } ]\n";
    assert_eq!(
        set(inline, 0, &[("a", "b")]).unwrap(),
        inline.replace("{ 'a' = '' } }", "{ 'a' = \"b\" } }")
    );
    assert_eq!(set(inline, 0, &[]), Err(UpdateError::Layout { line: 2 }));
    assert_eq!(set(inline, 1, &[]), Err(UpdateError::NoExample(1)));
    assert_eq!(set("", 0, &[]), Err(UpdateError::NoExample(0)));
    let error = set("a = 1\nb = \n", 0, &[]).unwrap_err().to_string();
    assert!(error.starts_with("line 2: "), "{error}");
    // A file of the example that has no place in it.
    assert_eq!(
        set("[[example]]\nname = 'a'\n", 0, &[("a", "")]),
        Err(UpdateError::Layout { line: 1 })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_can_be_an_after(
        text in "([a-z'\"\\\\# é\t\u{c}\u{0}\u{7f}]|'''|\"\"\"|\n|\r\n|\r){0,20}",
        is_crlf in any::<bool>(),
    ) {
        let base = EXAMPLE.replace('\n', if is_crlf { "\r\n" } else { "\n" });
        for index in [0, 1] {
            let changed = set(&base, index, &[("app/service.py", &text)]).unwrap();
            let transform = parse(&changed).unwrap();
            prop_assert_eq!(&transform.examples[index].after[&path("app/service.py")], &text);
            let old = parse(&base).unwrap().examples[index].after[&path("app/service.py")].clone();
            let back = set(&changed, index, &[("app/service.py", &old)]).unwrap();
            prop_assert_eq!(parse(&back).unwrap().examples, parse(&base).unwrap().examples);
        }
    }

    #[test]
    fn no_damage_to_a_file_stops_its_reader(
        cuts in prop::collection::vec((0_usize..1600, 0_usize..12, "[a-z\"'\\[\\]{}=.,#\\\\\n\r\t é\u{0}\u{feff}]{0,4}"), 1..5),
    ) {
        let mut text = EXAMPLE.to_owned();
        for (start, length, insert) in cuts {
            let start = text.floor_char_boundary(start);
            let end = text.floor_char_boundary(start + length);
            text.replace_range(start..end, &insert);
        }
        if let Err(said) = parse(&text) {
            prop_assert!(said.starts_with("error: "), "{}", said);
        }
    }
}
