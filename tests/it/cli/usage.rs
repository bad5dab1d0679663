//! Errors of use: exit 2, with the file, the line, and what to do.

use super::support::{CONFIG, TRANSFORM, command, project, run, tiermod_in, without_git};
use crate::sandbox::Sandbox;

#[test]
fn without_a_configuration_that_is_said() {
    let sandbox = Sandbox::plain();
    for line in ["check", "diff", "apply --tier 1", "rollback --tier 1", "status", "gate", "test"] {
        sandbox.does(line).exits(2).says(&["codemod.toml"]);
    }
    sandbox.does("check --config none.toml").exits(2).says(&["none.toml"]);
}

#[test]
fn mistakes_in_the_configuration_are_shown_at_their_lines() {
    let table: [(&str, String, &[&str]); 7] = [
        ("a key that is none", CONFIG.replace("risk", "rsik"), &["codemod.toml:5", "`risk`"]),
        ("no TOML", CONFIG.replace("[[tier]]", "[[tier"), &["codemod.toml:2"]),
        (
            "one name twice",
            CONFIG.replace("\"agents\"", "\"web\""),
            &["codemod.toml:9", "`web`", "first"],
        ),
        ("a type", CONFIG.replace("\"high\"", "7"), &["codemod.toml:5", "`risk`"]),
        ("a word", CONFIG.replace("\"high\"", "\"hihg\""), &["codemod.toml:5", "`high`"]),
        ("a glob", CONFIG.replace("app/ws/**", "app/[ws/**"), &["codemod.toml:6", "app/[ws/**"]),
        (
            "a reason",
            CONFIG.replace("risk = \"high\"", "accept = [\"TM999\"]"),
            &["codemod.toml:5", "TM999"],
        ),
    ];
    for (what, text, words) in table {
        let sandbox = project();
        sandbox.write("codemod.toml", text);
        for line in ["check", "apply --tier 1"] {
            let run = sandbox.does(line);
            assert_eq!(run.code, Some(2), "{what}: {run:#?}");
            for word in words {
                assert!(run.err.contains(word), "{what}: {word}\n{}", run.err);
            }
        }
    }
}

#[test]
fn mistakes_in_a_transform_are_shown_at_their_lines() {
    let name = |from: &str, to: &str| TRANSFORM.replace(from, to);
    let table: [(&str, String, &[&str]); 4] = [
        (
            "the class is its own instance",
            name("instance = \"app.redis:redis_manager\"", "instance = \"app.redis:RedisManager\""),
            &["transforms/redis.toml:8"],
        ),
        ("no symbol", name("app.redis:RedisManager\"", "RedisManager\""), &["redis.toml:7"]),
        ("a key", name("summary", "sumary"), &["redis.toml:3", "`summary`"]),
        ("nothing to do", TRANSFORM.replace("[[singleton]]", "[singleton]"), &["redis.toml:6"]),
    ];
    for (what, text, words) in table {
        let sandbox = project();
        sandbox.write("transforms/redis.toml", text);
        let run = sandbox.does("check");
        assert_eq!(run.code, Some(2), "{what}: {run:#?}");
        for word in words {
            assert!(run.err.contains(word), "{what}: {word}\n{}", run.err);
        }
    }
    let sandbox = project();
    sandbox.write("transforms/empty.toml", "");
    sandbox.does("check").exits(2).says(&["transforms/empty.toml"]);
    sandbox.write("transforms/empty.toml", "name = \"empty\"\nsummary = \"Nothing\"\n");
    sandbox.does("check").exits(2).says(&["transforms/empty.toml"]);
}

#[test]
fn warnings_are_errors_where_the_configuration_is_strict() {
    let unmatched = CONFIG.replace("\"app/agents/**\"", "\"app/agents/**\", \"app/bots/**\"");
    let sandbox = project();
    sandbox.write("codemod.toml", &unmatched);
    sandbox.does("check").exits(1).says(&["warning", "app/bots/**", "codemod.toml:11"]);
    sandbox.write("codemod.toml", format!("strict = true\n{unmatched}"));
    sandbox.does("check").exits(2).says(&["app/bots/**", "strict"]);

    let sandbox = project();
    let elsewhere = TRANSFORM.replace("app.redis:", "rediz:");
    sandbox.write("transforms/redis.toml", &elsewhere);
    let words = "no source root holds the module of `rediz:RedisManager`";
    sandbox.does("check").ok().prints(&[words]);
    for line in ["apply --tier 1", "diff", "status"] {
        sandbox.does(line).ok().says(&["warning", words]);
    }
    sandbox.write("codemod.toml", format!("strict = true\n{CONFIG}"));
    sandbox.does("check").exits(2).says(&["`rediz:RedisManager`", "transforms/redis.toml:7"]);
    sandbox.does("check --quiet").exits(2);
}

#[test]
fn a_class_whose_module_its_package_lacks_is_refused() {
    let sandbox = project();
    let class = TRANSFORM.replace("class = \"app.redis:", "class = \"app.rediz:");
    sandbox.write("transforms/redis.toml", class);
    let words = ["`app.rediz:RedisManager` is not there", "transforms/redis.toml:7:", "no module"];
    for line in ["check", "apply --tier 1"] {
        sandbox.refuses(line, 2, &words);
    }
    // An extension that is built, or a stub.
    sandbox.write("app/rediz.pyi", "class RedisManager: ...\n");
    sandbox.does("check").ok();
}

#[test]
fn a_root_that_is_no_folder_is_refused() {
    let sandbox = project();
    for line in ["check", "diff", "status", "init --dry-run", "test"] {
        let line = format!("{line} --root codemod.toml");
        sandbox.refuses(&line, 2, &["cannot use the folder", "codemod.toml`", "not a directory"]);
    }
}

#[test]
fn a_slip_in_the_number_of_threads_is_refused() {
    let sandbox = project();
    sandbox.refuses("check --threads 100000", 2, &["--threads <N>", "100000 is not in"]);
    sandbox.refuses("check --threads 1025", 2, &["1025 is not in"]);
    for number in ["0", "1", "3"] {
        sandbox.does(&format!("check --threads {number}")).exits(1);
    }
}

#[test]
fn a_shared_object_that_is_there_on_some_paths_only_is_warned_of() {
    let sandbox = project();
    let module = "import os\n\n\nclass RedisManager:\n    pass\n\n\n";
    let words = "app/redis.py gives `redis_manager` a value on some paths only, on line 9";
    let some = format!("{module}if os.environ:\n    redis_manager = RedisManager()\n");
    sandbox.write("app/redis.py", &some);
    sandbox.does("check").prints(&["warning: transform `redis`: ", words]);
    sandbox.write("app/redis.py", format!("{some}else:\n    raise SystemExit\n"));
    let run = sandbox.does("check");
    assert!(!run.out.contains("some paths"), "{run:#?}");
}

#[test]
fn a_shared_object_that_is_none_on_some_paths_is_shared_with_a_warning() {
    let sandbox = project();
    sandbox.write(
        "app/redis.py",
        "class RedisManager:\n    pass\n\n\ntry:\n    redis_manager = RedisManager()\n\
         except OSError:\n    redis_manager = None\n",
    );
    let user = "from app.redis import RedisManager, redis_manager\n\n\n\
                def f():\n    return RedisManager() or redis_manager\n";
    sandbox.write("app/user.py", user);
    let words = "app/redis.py:8 leaves `redis_manager` at `None` on some paths";
    let run = sandbox.does("check").prints(&["warning: transform `redis`: ", words]);
    assert!(!run.out.contains("not proven"), "{run:#?}");
    let patch = sandbox.does("diff").out.clone();
    assert!(patch.contains("+    return redis_manager or redis_manager\n"), "{patch}");
}

#[test]
fn what_cannot_give_the_shared_object_is_refused() {
    let sandbox = project();
    let class = "class RedisManager:\n    pass\n\n\n";
    let of = |code: &str| format!("{class}{code}");
    let instance = "instance = \"app.redis:redis_manager\"";
    let wrong = |code: &str, key: &str, why: &str| {
        sandbox.write("app/redis.py", of(code));
        sandbox.write("transforms/redis.toml", TRANSFORM.replace(instance, key));
        sandbox.refuses("check", 2, &[why, "transforms/redis.toml:8:", "= help: name "]);
    };
    let factory = "factory = \"app.redis:redis_manager\"";
    for (code, key, why) in [
        ("def redis_manager():\n    pass\n", instance, "is a function"),
        ("class redis_manager(RedisManager):\n    pass\n", instance, "is a class"),
        ("async def redis_manager():\n    pass\n", factory, "is an `async` function"),
        ("def redis_manager():\n    yield RedisManager()\n", factory, "is a generator"),
        (
            "@contextmanager\ndef redis_manager():\n    yield RedisManager()\n",
            factory,
            "is a context manager",
        ),
        (
            "@contextlib.asynccontextmanager\nasync def redis_manager():\n    yield\n",
            factory,
            "is a context manager",
        ),
        ("def redis_manager(url):\n    pass\n", factory, "needs arguments"),
        ("def redis_manager(*, url):\n    pass\n", factory, "needs arguments"),
    ] {
        wrong(code, key, &format!("`app.redis:redis_manager` {why}"));
    }
    for (code, key) in [
        // A decorator may make anything of them.
        ("def made(f):\n    return f()\n\n\n@made\ndef redis_manager():\n    pass\n", instance),
        ("@print\nclass redis_manager:\n    pass\n", instance),
        ("@print\nasync def redis_manager():\n    pass\n", factory),
        ("@print\ndef redis_manager():\n    yield RedisManager()\n", factory),
        ("def redis_manager(url=None, *rest, key=1, **more):\n    pass\n", factory),
        ("class redis_manager(RedisManager):\n    pass\n", factory),
    ] {
        sandbox.write("app/redis.py", of(code));
        sandbox.write("transforms/redis.toml", TRANSFORM.replace(instance, key));
        sandbox.does("check").exits(1);
    }
}

#[test]
fn what_would_be_imported_has_to_be_there() {
    let sandbox = project();
    let at = |line: &str| {
        for command in ["check", "diff", "apply --tier 1", "status"] {
            sandbox.refuses(command, 2, &["`redis`: `app.", "is not there", line, "= help: "]);
        }
    };
    let shared = TRANSFORM.replace("\"app.redis:redis_manager", "\"app.rediz:redis_manager");
    sandbox.write("transforms/redis.toml", &shared);
    at("transforms/redis.toml:8:12");
    sandbox.write("transforms/redis.toml", shared.replace("app.rediz:redis_", "app.redis:rediz_"));
    at("transforms/redis.toml:8:12");
    let rewrite = |after: &str| {
        format!(
            "name = \"redis\"\nsummary = \"Move\"\n[[rewrite]]\nbefore = \"\"\"\n\
             from app.redis import RedisManager\nRedisManager($A)\n\"\"\"\nafter = \"\"\"\n\
             {after}\n\"\"\"\n"
        )
    };
    for after in [
        "from app.nofile import make\nmake($A)",
        "from app.redis import make\nmake($A)",
        "import app.nofile\napp.nofile.make($A)",
        "from app.redis.deeper import make\nmake($A)",
    ] {
        sandbox.write("transforms/redis.toml", rewrite(after));
        at("transforms/redis.toml:10:1");
    }
    // What is built, generated or elsewhere is not the project's to have.
    for (path, after) in [
        ("app/fast.pyi", "from app.fast import make\nmake($A)"),
        ("app/fast.pyx", "from app.fast import make\nmake($A)"),
        ("app/ws/fast.cpython-312-x86_64-linux-gnu.so", "from app.ws.fast import f\nf($A)"),
        ("README.md", "from collections.abc import Mapping\nMapping($A)"),
        ("README.md", "from rediz.client import make\nmake($A)"),
    ] {
        sandbox.write(path, "def make(url): ...\n");
        sandbox.write("transforms/redis.toml", rewrite(after));
        sandbox.does("check").exits(1).prints(&["1 rewrite, 0 review"]);
    }
    // A module that computes its names may have any.
    sandbox.write("app/lazy.py", "def __getattr__(name): ...\n");
    sandbox.write("transforms/redis.toml", rewrite("from app.lazy import make\nmake($A)"));
    let words = ["what `app.lazy:make` is cannot be told", "app/lazy.py", "name the module that"];
    sandbox.refuses("check", 2, &words);
}

#[test]
fn a_cause_is_told_once() {
    let sandbox = project();
    let system = "No such file or directory (os error 2)";
    sandbox.write("notes.json", "{");
    for line in [
        "check --config nope.toml",
        "check --root /nope",
        "apply --plan none.json",
        "diff --plan /nope/plan.json",
        "diff -o /nope/patch",
        "check --ratchet /nope/r.json --update",
        "docs none.md",
        "probe -- nonexisting-command",
        "probe --compare none.json -- true",
    ] {
        let run = sandbox.does(line).exits(2).never(&[".tiermod-"]);
        assert_eq!(run.err.matches(system).count(), 1, "{line}: {}", run.err);
    }
    sandbox.does("apply --plan README.md").exits(2).says(&["README.md: is no plan file"]);
    let run = sandbox.does("apply --plan notes.json").exits(2);
    assert_eq!(run.err.matches("EOF while parsing").count(), 1, "{}", run.err);
    sandbox.does("explain nope.py:1").exits(2).says(&["there is no file `nope.py`"]);
}

#[test]
fn help_says_how_commands_exit_and_has_no_markup() {
    let sandbox = Sandbox::plain();
    for command in [
        "init", "check", "diff", "apply", "rollback", "status", "gate", "probe", "watch", "docs",
        "explain", "test",
    ] {
        let help = sandbox.does(&format!("{command} --help")).ok();
        let help = help.prints(&["Exit codes: ", "Options of every command:"]).out;
        for odd in ["<unix", "`JUnit`"] {
            assert!(!help.contains(odd), "{command}: {odd}");
        }
    }
}

#[test]
fn a_file_with_sites_belongs_to_a_tier() {
    let sandbox = project();
    let (without_tests, _) = CONFIG.rsplit_once("[[tier]]").unwrap();
    sandbox.write("codemod.toml", without_tests);
    for line in ["check", "diff", "apply --tier 1", "status"] {
        sandbox.does(line).exits(2).says(&["tests/test_main.py", "tier"]);
    }
}

#[test]
fn the_configuration_is_found_upwards_or_named() {
    let sandbox = project();
    let below = sandbox.path("app/ws");
    let here = sandbox.does("check").exits(1).out;
    assert_eq!(tiermod_in(&below, &["check"]).exits(1).out, here);
    let config = sandbox.path("codemod.toml");
    let named = ["check", "--config", config.to_str().unwrap()];
    assert_eq!(tiermod_in(std::path::Path::new("/"), &named).exits(1).out, here);
    // A project whose configuration is kept elsewhere.
    let elsewhere = without_git();
    let root = ["--root", sandbox.root.to_str().unwrap()];
    let config = elsewhere.path("codemod.toml");
    let line = ["check", "--config", config.to_str().unwrap(), root[0], root[1]];
    assert_eq!(tiermod_in(&elsewhere.root, &line).exits(1).out, here);
}

#[test]
fn quiet_prints_results_and_errors_only() {
    let sandbox = project();
    let run = sandbox.does("apply --tier 1 --quiet").ok();
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""));
    sandbox.does("apply --tier zap --quiet").exits(2).says(&["no tier `zap`"]);
    sandbox.does("apply --tier 1 --quiet --verbose").exits(2);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = project();
    let binary = env!("CARGO_BIN_EXE_tiermod");
    let mut shell = std::process::Command::new("bash");
    let script = format!("set -o pipefail; {binary} check --format json | true");
    shell.args(["-c", &script]).current_dir(&sandbox.root);
    run(shell).ok();
}

#[test]
fn a_repository_that_git_refuses_is_named() {
    let sandbox = project();
    sandbox.write(".git/config", "[core\n");
    for line in ["apply --tier 1", "status", "diff"] {
        sandbox.does(line).exits(2).says(&["config"]);
    }
    // And one whose owner is somebody else.
    let sandbox = project();
    let mut command = command(&sandbox.root);
    command.args(["apply", "--tier", "1"]).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    run(command).exits(2).says(&["dubious ownership", "safe.directory"]);
    assert!(sandbox.read("app/ws/auth.py").contains("RedisManager()"));
}

#[test]
fn the_page_on_applying_names_options_that_there_are() {
    let sandbox = Sandbox::plain();
    let mut helps = String::new();
    for command in ["apply", "rollback", "diff", "status", "check", "watch", "docs", "gate"] {
        helps.push_str(&sandbox.does(&format!("{command} --help")).ok().out);
    }
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/applying.md");
    let page = std::fs::read_to_string(page).unwrap();
    let option = regex::Regex::new(r"--[a-z][a-z-]+").unwrap();
    let mut named: Vec<&str> = option.find_iter(&page).map(|found| found.as_str()).collect();
    // Git's own.
    named.retain(|name| *name != "--skip-worktree");
    assert!(named.len() > 9, "{named:?}");
    for name in named {
        assert!(helps.contains(name), "{name}");
    }
    for code in ["pending", "partial", "applied", "rolled back"] {
        assert!(page.contains(&format!("| `{code}` |")), "{code}");
    }
}
