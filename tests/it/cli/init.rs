//! `init`: what it finds, what it writes, and what it leaves alone.

use super::support::{FILES, tiermod_in};
use crate::sandbox::Sandbox;

/// The project without a migration.
fn bare() -> Sandbox {
    let sandbox = Sandbox::git();
    for (path, content) in FILES {
        if !path.contains(".toml") {
            sandbox.write(path, content);
        }
    }
    sandbox.commit_all("first");
    sandbox
}

#[test]
fn it_writes_a_migration_that_can_be_gone_through() {
    let sandbox = bare();
    sandbox.does("init").ok().says(&[
        "app.redis:RedisManager  redis_manager           5          1      5",
        "wrote codemod.toml\nwrote transforms/redis-manager.toml\n",
        "tiermod apply --tier 1",
    ]);
    sandbox.does("test").ok().prints(&["3 examples passed, 0 failed"]);
    // What was counted then is no description of a tier, as it changes.
    let total = ["tier 1: app  ", "total: 5 rewrite, 1 review, 1 keep"];
    sandbox.does("check").exits(1).prints(&total).never(&["place in", "places in"]);
    let config = sandbox.read("codemod.toml");
    assert!(config.contains("# When this was written: 1 place in 1 file.\n[[tier]]"), "{config}");
    let names: Vec<&str> = config.lines().filter(|line| line.starts_with("name = ")).collect();
    assert_eq!(names, ["name = \"app\"", "name = \"ws\"", "name = \"tests\""]);
    sandbox.commit_all("migration");
    sandbox.does("apply --tier all").ok();
    assert_eq!(sandbox.states(), "applied applied applied");
}

#[test]
fn nothing_is_ever_overwritten() {
    for taken in ["codemod.toml", "transforms/redis-manager.toml"] {
        let sandbox = bare();
        sandbox.write(taken, "# mine\n");
        sandbox.refuses("init", 2, &[taken, "is there already; nothing was written"]);
    }
    let sandbox = bare();
    std::os::unix::fs::symlink("nowhere", sandbox.path("codemod.toml")).unwrap();
    sandbox.refuses("init", 2, &["is there already"]);
}

#[test]
fn a_dry_run_prints_the_files_and_writes_nothing() {
    let sandbox = bare();
    let before = sandbox.everything();
    let run = sandbox.does("init --dry-run").ok();
    let run = run.prints(&["# codemod.toml\n", "# transforms/redis-manager.toml\n"]);
    assert_eq!(sandbox.everything(), before);
    sandbox.does("init").ok();
    assert!(run.out.contains(&sandbox.read("transforms/redis-manager.toml")));
}

/// Files, and the rows of the table: the class, the shared object, how often it is built anew.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [(&'a str, &'a str, &'a str)]);

#[test]
fn shared_objects_are_found_by_what_names_mean() {
    let class = "class C:\n    pass\n\n\n";
    let use_one = "from lib import C\n\n\ndef f():\n    return C()\n";
    let cases: [Case<'_>; 13] = [
        (
            "an instance",
            &[("lib.py", "class C:\n    pass\n\n\nc = C()\n"), ("a.py", use_one)],
            &[("lib:C", "c", "1")],
        ),
        (
            "with an annotation",
            &[("lib.py", "class C:\n    pass\n\n\nc: C = C()\n"), ("a.py", use_one)],
            &[("lib:C", "c", "1")],
        ),
        (
            "a factory",
            &[
                (
                    "lib.py",
                    "class C:\n    pass\n\n\n_c = None\n\n\ndef get_c():\n    global _c\n    if _c is None:\n        _c = C()\n    return _c\n",
                ),
                ("a.py", use_one),
            ],
            &[("lib:C", "get_c()", "1")],
        ),
        (
            "one in another module, through a re-export",
            &[
                ("pkg/__init__.py", "from .core import C\n"),
                ("pkg/core.py", class),
                ("app/__init__.py", ""),
                ("app/shared.py", "from pkg import C as K\n\nthe_one = K()\n"),
                (
                    "a.py",
                    "from pkg import C\n\n\ndef f():\n    return C()\n\n\ndef g():\n    return C()\n",
                ),
            ],
            &[("pkg.core:C", "the_one", "2")],
        ),
        (
            "an object with the name of its class",
            &[
                ("lib/__init__.py", ""),
                ("lib/core.py", "class c:\n    pass\n"),
                ("lib/shared.py", "from lib import core\n\nc = core.c()\n"),
                ("a.py", "from lib.core import c\n\n\ndef f():\n    return c()\n"),
            ],
            &[("lib.core:c", "c", "1")],
        ),
        (
            "the one beside the class, not another module's own",
            &[
                ("lib.py", "class C:\n    pass\n\n\nc = C()\n"),
                ("a.py", "from lib import C\n\nmine = C()\n"),
            ],
            &[("lib:C", "c", "1")],
        ),
        ("never built elsewhere", &[("lib.py", "class C:\n    pass\n\n\nc = C()\n")], &[]),
        (
            "two beside the class",
            &[("lib.py", "class C:\n    pass\n\n\nc = C()\nd = C()\n"), ("a.py", use_one)],
            &[],
        ),
        (
            "a function, not a class",
            &[("lib.py", "def C():\n    pass\n\n\nc = C()\n"), ("a.py", use_one)],
            &[],
        ),
        (
            "replaced later",
            &[("lib.py", "class C:\n    pass\n\n\nc = C()\nc = None\n"), ("a.py", use_one)],
            &[],
        ),
        (
            "under a condition",
            &[
                ("lib.py", "import os\n\n\nclass C:\n    pass\n\n\nif os.name:\n    c = C()\n"),
                ("a.py", use_one),
            ],
            &[],
        ),
        (
            "another class of that name",
            &[
                ("lib.py", "class C:\n    pass\n\n\nc = C()\n"),
                ("a.py", "class C:\n    pass\n\n\nx = [C()]\n"),
            ],
            &[],
        ),
        (
            "a factory that is awaited",
            &[
                (
                    "lib.py",
                    "class C:\n    pass\n\n\n_c = None\n\n\nasync def get_c():\n    global _c\n    _c = C()\n    return _c\n",
                ),
                ("a.py", use_one),
            ],
            &[],
        ),
    ];
    for (what, files, rows) in cases {
        let sandbox = Sandbox::plain();
        for (path, text) in files {
            sandbox.write(path, text);
        }
        let run = sandbox.does("init");
        assert_eq!(run.code, Some(0), "{what}: {run:#?}");
        assert_eq!(sandbox.path("codemod.toml").exists(), !rows.is_empty(), "{what}: {run:#?}");
        for (class, object, count) in rows {
            let found = run.err.lines().any(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                words.starts_with(&[class, object, count])
            });
            assert!(found, "{what}: {}", run.err);
            sandbox.does("test").ok();
            let code = sandbox.does("check").code;
            assert_eq!(code, Some(1), "{what}");
        }
    }
}

#[test]
fn what_cannot_be_told_is_said() {
    let sandbox = Sandbox::plain();
    sandbox.write("lib.py", "class C:\n    pass\n\n\nc = C()\nd = C()\n");
    sandbox.write("a.py", "from lib import C\n\n\ndef f():\n    return C()\n");
    let words =
        ["passed over lib:C: any of these may be the shared one: c (lib.py:5), d (lib.py:6)"];
    sandbox.does("init --verbose").ok().says(&words).says(&["nothing was written"]);
    sandbox.does("init").ok().says(&["1 class passed over; `--verbose` says why"]);
    // A class that is mostly built with arguments is none of which one is enough.
    sandbox.write("lib.py", "class C:\n    pass\n\n\nc = C()\n");
    sandbox.write("b.py", "from lib import C\n\n\ndef f():\n    return [C(1)], [C(2)]\n");
    let words = ["of the 3 other places that build one, 2 are for a person to decide"];
    sandbox
        .does("init C")
        .exits(2)
        .says(&words)
        .says(&["nothing is left of C"])
        .never(&["of C, no"]);
    // One that is built otherwise than the others is not the one that they want.
    let class = "class C:\n    def __init__(self, n=1):\n        self.n = n\n\n\nc = C(2)\n";
    sandbox.write("lib.py", class);
    sandbox.write("b.py", "");
    let words = ["c is there, and the one other place that builds one is for a person to decide"];
    sandbox.does("init C").exits(2).says(&words);
    sandbox.does("init D").exits(2).says(&["of D, no shared object is there"]);
}

#[test]
fn what_other_modules_had_better_not_take_is_passed_over() {
    let class = "class C:\n    pass\n";
    let site = "from pkg.lib import C\n\n\ndef f():\n    return C()\n";
    let take = "from pkg.lib import C\n\nc = C()\n";
    let private = "class C:\n    pass\n\n\n_c = C()\n";
    for (lib, other, text, why) in [
        (private, "pkg/a.py", site, "_c (pkg/lib.py:5) is private to its module"),
        (class, "examples/demo.py", take, "c (examples/demo.py:3) is in a script"),
        (class, "docs/pkg/take.py", take, "c (docs/pkg/take.py:3) is in an example"),
        (class, "demo.py", take, "c (demo.py:3) is in a script, outside any package"),
    ] {
        let sandbox = Sandbox::plain();
        sandbox.write("pkg/__init__.py", "");
        sandbox.write("pkg/lib.py", lib);
        sandbox.write("docs/pkg/__init__.py", "");
        sandbox.write("pkg/use.py", site);
        sandbox.write(other, text);
        sandbox.does("init --verbose").ok().says(&["passed over pkg.lib:C: ", why]);
        assert!(!sandbox.path("codemod.toml").exists(), "{other}");
        sandbox.does("init C").ok().says(&["wrote codemod.toml"]);
    }
}

#[test]
fn only_the_classes_that_are_asked_for() {
    let sandbox = Sandbox::plain();
    for name in ["A", "B"] {
        let lower = name.to_lowercase();
        sandbox.write(
            format!("{lower}.py"),
            format!("class {name}:\n    pass\n\n\n{lower} = {name}()\n"),
        );
    }
    sandbox
        .write("use.py", "from a import A\nfrom b import B\n\n\ndef f():\n    return A(), B()\n");
    sandbox.does("init B").ok().says(&["wrote transforms/b.toml"]).never(&["a:A"]);
    sandbox.does("test").ok();
    assert!(!sandbox.path("transforms/a.toml").exists());
}

#[test]
fn tiers_are_folders_the_smallest_first_and_tests_last() {
    let sandbox = Sandbox::plain();
    sandbox.write("pkg/__init__.py", "");
    sandbox.write("pkg/lib.py", "class C:\n    pass\n\n\nc = C()\n");
    let site = "from pkg.lib import C\n\n\ndef f():\n    return C()\n";
    let folders = [("pkg/a", 2), ("pkg/b", 9), ("pkg/c", 5), ("tools", 1), ("pkg/tests", 3)];
    for (folder, count) in folders {
        sandbox.write(format!("{folder}/__init__.py"), "");
        for n in 0..count {
            sandbox.write(format!("{folder}/m{n}.py"), site);
        }
    }
    sandbox.write("test_top.py", site);
    sandbox.write("pkg/we[ird].py", site);
    sandbox.does("init").ok();
    let config = sandbox.read("codemod.toml");
    let tiers: Vec<&str> = config
        .lines()
        .filter(|line| {
            line.starts_with("name = ")
                || line.starts_with("paths = ")
                || line.starts_with("    \"p")
        })
        .collect();
    assert_eq!(
        tiers,
        [
            "name = \"tools\"",
            "paths = [\"tools/**\"]",
            "name = \"pkg\"",
            "paths = [",
            "    \"pkg/we[[]ird[]].py\",",
            "    \"pkg/a/**\",",
            "name = \"c\"",
            "paths = [\"pkg/c/**\"]",
            "name = \"b\"",
            "paths = [\"pkg/b/**\"]",
            "name = \"tests\"",
            "paths = [",
            "    \"pkg/tests/**\",",
        ],
        "{config}"
    );
    sandbox.does("check").exits(1).prints(&["total: 22 rewrite"]);
}

#[test]
fn a_package_is_not_taken_for_a_project() {
    let sandbox = Sandbox::plain();
    sandbox.write("pkg/__init__.py", "");
    sandbox.write("pkg/lib.py", "class C:\n    pass\n\n\nc = C()\n");
    sandbox.write("pkg/use.py", "from pkg.lib import C\n\n\ndef f():\n    return C()\n");
    let words = ["is a package, as it has an `__init__.py`", "`--root`"];
    tiermod_in(&sandbox.path("pkg"), &["init"]).exits(2).says(&words);
    assert!(!sandbox.path("pkg/codemod.toml").exists());
    tiermod_in(&sandbox.path("pkg"), &["init", "--root", ".."]).ok().says(&["pkg.lib:C"]);
    assert!(sandbox.path("codemod.toml").is_file());
    // A project may begin in a package; one that is named is what was meant.
    sandbox.write("pkg/pyproject.toml", "");
    tiermod_in(&sandbox.path("pkg"), &["init", "--dry-run"]).ok();
    std::fs::remove_file(sandbox.path("pkg/pyproject.toml")).unwrap();
    tiermod_in(&sandbox.path("pkg"), &["init", "--dry-run", "--root", "."]).ok();
}
