//! Transforms by name, by path, and those that come with the binary; what is said of rewrites.

use super::support::{CONFIG, TRANSFORM, project, tiermod_in};
use crate::sandbox::Sandbox;

const MOVE: &str = "name = \"move\"\nsummary = \"Move f\"\n\n[[rewrite]]\n\
                    before = \"from app.old import f\"\nafter = \"from app.new import g\"\n\n\
                    [[rewrite]]\nbefore = \"\"\"\nfrom app.old import h\nh($SIZE, $$$ARGS, $_)\n\
                    \"\"\"\nafter = \"\"\"\nfrom app.new import k\nk($$$ARGS, size=$SIZE)\n\"\"\"\n";

/// A project with one name that moves and one call that changes.
fn moving() -> Sandbox {
    let sandbox = Sandbox::with(&[
        ("codemod.toml", "[[tier]]\nname = \"all\"\npaths = [\"**\"]\n"),
        ("transforms/move.toml", MOVE),
        ("app/__init__.py", ""),
        ("app/old.py", "def f():\n    return 1\n\n\ndef h(size, *rest):\n    return size\n"),
        ("app/new.py", "def g():\n    return 1\n\n\ndef k(*rest, size):\n    return size\n"),
        ("app/use.py", "from app.old import f, h\n\nx = f()\ny = h(1, 2)\n"),
    ]);
    sandbox.run_git(&["status", "--porcelain"]);
    sandbox
}

#[test]
fn a_transform_is_tested_before_anything_lists_it() {
    let sandbox = project();
    sandbox.write("codemod.toml", format!("transforms = [\"transforms/redis.toml\"]\n{CONFIG}"));
    let draft = TRANSFORM.replace("name = \"redis\"", "name = \"draft\"");
    sandbox.write("transforms/draft.toml", &draft);
    sandbox.write("elsewhere/draft.toml", &draft);
    for name in ["draft", "transforms/draft.toml", "elsewhere/draft.toml"] {
        sandbox.does(&format!("test {name}")).ok().prints(&["2 examples passed, 0 failed"]);
    }
    sandbox.does("test redis draft").ok().prints(&["4 examples passed"]);
    // Without names, those that are listed.
    sandbox.does("test").ok().prints(&["2 examples passed"]);
    let words = "there is no transform `drafft`; is it `draft`? There are: draft, redis, builtin:";
    sandbox.does("test drafft").exits(2).says(&[words]);
    sandbox.does("test zap").exits(2).says(&["there is no transform `zap`. There are: draft"]);
    sandbox.does("test none.toml").exits(2).says(&["none.toml"]);
    sandbox.write("elsewhere/other.toml", draft);
    sandbox.does("test elsewhere/other.toml").ok().says(&["in a file called `other.toml`"]);
}

#[test]
fn a_transform_is_tested_before_there_is_a_migration() {
    let sandbox = Sandbox::plain();
    sandbox.write("transforms/redis.toml", TRANSFORM);
    for name in ["redis", "transforms/redis.toml", "builtin:collections-abc"] {
        sandbox.does(&format!("test {name}")).ok().prints(&[" passed, 0 failed"]);
    }
    // One that does what the example does not say is written anew where it is.
    sandbox.edit("transforms/redis.toml", "r = redis_manager\n", "r = other\n");
    sandbox.does("test redis").exits(1);
    sandbox.does("test redis --update").exits(1).says(&["wrote", "transforms/redis.toml"]);
    sandbox.does("test redis").ok();
}

#[test]
fn those_that_come_with_the_binary_are_named_in_the_configuration() {
    let sandbox = Sandbox::with(&[
        (
            "codemod.toml",
            "transforms = [\"builtin:collections-abc\"]\n[[tier]]\nname = \"all\"\n\
             paths = [\"**\"]\n",
        ),
        ("app/a.py", "from collections import Mapping\n\nprint(isinstance({}, Mapping))\n"),
    ]);
    sandbox.does("check").exits(1).prints(&["1 rewrite, 0 review"]).never(&["warning"]);
    sandbox.does("diff --plan plan.json").ok().prints(&["+from collections.abc import Mapping"]);
    sandbox.does("test").ok().prints(&[" passed, 0 failed"]);
    sandbox.does("apply --plan plan.json").ok();
    assert!(sandbox.read("app/a.py").starts_with("from collections.abc import Mapping\n"));
    let message = sandbox.run_git(&["log", "-1", "--format=%(trailers:key=Tiermod-Transforms)"]);
    assert!(message.contains("collections-abc"), "{message}");
    for (name, words) in [
        ("collection-abc", "did you mean `builtin:collections-abc`?"),
        ("zap", "there are asyncio-get-event-loop, collections-abc"),
        ("redis-singleton", "`tiermod init --transform redis-singleton` writes a copy"),
    ] {
        let text = sandbox.read("codemod.toml");
        sandbox.write("wrong.toml", text.replace("collections-abc", name));
        let line = "check --config wrong.toml";
        sandbox.does(line).exits(2).says(&["wrong.toml:1:15", words]);
    }
}

#[test]
fn a_copy_of_one_is_written_and_never_over_a_file() {
    let sandbox = Sandbox::plain();
    for (index, name) in ["redis-singleton", "collections-abc"].iter().enumerate() {
        sandbox.does(&format!("init --transform {name}")).ok().says(&["wrote transforms/"]);
        let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("transforms");
        let ours = std::fs::read_to_string(place.join(format!("{name}.toml"))).unwrap();
        assert_eq!(sandbox.read(format!("transforms/{name}.toml")), ours);
        assert_eq!(std::fs::read_dir(sandbox.path("transforms")).unwrap().count(), index + 1);
        sandbox.does(&format!("test {name}")).ok();
    }
    assert!(!sandbox.path("codemod.toml").exists());
    sandbox.refuses("init --transform collections-abc", 2, &["is there already"]);
    sandbox.does("init --transform zap").exits(2).says(&["datetime-utcnow", "redis-singleton"]);
    sandbox.does("init --transform redis-singleton --dry-run").ok().prints(&["[[singleton]]"]);
    // In a folder of a project, beside the configuration that every command finds from there.
    let sandbox = project();
    let words = ["wrote transforms/http-session.toml"];
    tiermod_in(&sandbox.path("app/ws"), &["init", "--transform", "http-session"]).ok().says(&words);
    assert!(sandbox.path("transforms/http-session.toml").is_file());
    assert!(!sandbox.path("app/ws/transforms").exists());
}

#[test]
fn every_file_of_transforms_comes_with_the_binary() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("transforms");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let names: Vec<&str> = tiermod::config::builtin::ALL.iter().map(|one| one.name).collect();
    assert_eq!(names, files);
    let sandbox = Sandbox::plain();
    for name in names {
        sandbox.does(&format!("test builtin:{name}")).ok().prints(&[" passed, 0 failed"]);
    }
}

#[test]
fn reports_speak_of_rewrites_and_not_of_classes() {
    let sandbox = moving();
    for (place, title) in [("app/use.py:3", "moved name"), ("app/use.py:4", "match")] {
        let words = ["reason     TM001", title];
        let never = ["direct instantiation", "class", "shared object"];
        sandbox.does(&format!("explain {place}")).ok().prints(&words).never(&never);
    }
    for format in ["text", "markdown", "github", "junit"] {
        let run = sandbox.does(&format!("check --verbose --format {format}")).exits(1);
        run.never(&["direct instantiation"]);
    }
}

#[test]
fn the_registry_of_a_rewrite_is_python() {
    let sandbox = moving();
    sandbox.write("page.md", "<!-- tiermod:registry -->\n<!-- /tiermod:registry -->\n");
    sandbox.does("docs page.md").ok();
    let page = sandbox.read("page.md");
    assert!(page.contains("k(..., size=size)") && page.contains("h(size, ..., ...)"), "{page}");
    assert!(!page.contains('$'), "{page}");
}

#[test]
fn every_file_without_a_proven_result_is_named() {
    let sandbox = project();
    for path in ["transforms/redis.toml", "app/redis.py"] {
        sandbox.edit(path, "redis_manager", "r\u{e9}dis");
    }
    // Their encoding has no letter for the new name.
    for path in ["app/main.py", "tests/test_main.py"] {
        let text = sandbox.read(path);
        sandbox.write(path, format!("# coding: ascii\n{text}"));
    }
    sandbox.commit_all("ascii");
    let named = ["of 2 files were not proven", "\n  app/main.py: ", "\n  tests/test_main.py: "];
    sandbox.does("diff").exits(2).says(&named).prints(&["+++ b/app/ws/auth.py"]);
    sandbox.does("diff --tier 4").exits(2).says(&["of 1 file were not proven"]);
    sandbox.does("diff --tier 1").ok();
}
