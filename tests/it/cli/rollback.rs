//! `rollback`: from any clone and after whatever became of the commits.

use super::support::{CONFIG, Do, FILES, project, tiermod_in, with_gates, without_git};
use crate::sandbox::Sandbox;

/// The project with all tiers applied.
fn applied() -> Sandbox {
    let sandbox = project();
    sandbox.does("apply --tier all").ok();
    sandbox
}

const ALL: &str = "applied applied applied applied";
const WEB_BACK: &str = "rolled back applied applied applied";

/// The first tier is taken back in `sandbox`: its files are those of `old`, all others are as they
/// were.
#[track_caller]
fn web_goes_back(sandbox: &Sandbox, old: &Sandbox) {
    let before = sandbox.tree();
    sandbox.does("rollback --tier 1").ok().says(&["tier 1, web: rolled back as commit"]);
    let originals = old.tree();
    for (path, now) in sandbox.tree() {
        let is_web = path.starts_with(b"app/ws/");
        let expected = if is_web { originals.get(&path) } else { before.get(&path) };
        assert_eq!(Some(&now), expected, "{}", String::from_utf8_lossy(&path));
    }
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.states(), WEB_BACK);
}

#[test]
fn the_first_tier_goes_and_the_others_stay() {
    let sandbox = applied();
    web_goes_back(&sandbox, &project());
    let message = sandbox.run_git(&["log", "-1", "--format=%B"]);
    let taken = sandbox.run_git(&["rev-parse", "HEAD~4"]);
    for line in
        ["Roll back tier 1, web", "Tiermod-Tier: web", &format!("Tiermod-Rolls-Back: {taken}")]
    {
        assert!(message.contains(line.trim()), "{line}\n{message}");
    }
    sandbox.refuses("rollback --tier 1", 0, &["was taken back already"]);
    sandbox.does("apply --tier 1").ok();
    assert_eq!(sandbox.states(), ALL);
    assert_eq!(sandbox.tree(), applied().tree());
}

#[test]
fn all_tiers_go_back_the_last_one_first() {
    let sandbox = applied();
    sandbox.does("rollback --tier all").ok();
    assert_eq!(sandbox.tree(), project().tree());
    assert_eq!(sandbox.subjects()[..2], ["Roll back tier 1, web", "Roll back tier 2, agents"]);
    assert_eq!(sandbox.states(), "rolled back rolled back rolled back rolled back");
}

#[test]
fn another_clone_takes_it_back() {
    web_goes_back(&applied().clone_of_it(), &project());
}

#[test]
fn whatever_became_of_the_commits_it_is_taken_back() {
    let cases: [(&str, Do); 4] = [
        ("squashed", |sandbox| {
            sandbox.run_git(&["checkout", "-q", "-b", "release", "HEAD~4"]);
            sandbox.run_git(&["merge", "-q", "--squash", "main"]);
            sandbox.run_git(&["commit", "-q", "--no-edit"]);
        }),
        ("rebased", |sandbox| {
            sandbox.run_git(&["checkout", "-q", "-b", "other", "HEAD~4"]);
            sandbox.edit("README.md", "A project", "The project");
            sandbox.commit_all("other work");
            sandbox.run_git(&["rebase", "-q", "other", "main"]);
        }),
        ("cherry-picked", |sandbox| {
            sandbox.run_git(&["checkout", "-q", "-b", "release", "HEAD~4"]);
            sandbox.edit("README.md", "A project", "The project");
            sandbox.commit_all("other work");
            sandbox.run_git(&["cherry-pick", "main~4..main"]);
        }),
        ("merged", |sandbox| {
            sandbox.run_git(&["checkout", "-q", "-b", "release", "HEAD~4"]);
            sandbox.edit("README.md", "A project", "The project");
            sandbox.commit_all("other work");
            sandbox.run_git(&["merge", "-q", "--no-edit", "main"]);
        }),
    ];
    for (what, become_so) in cases {
        let sandbox = applied();
        become_so(&sandbox);
        assert_eq!(sandbox.states(), ALL, "{what}");
        web_goes_back(&sandbox, &project());
    }
}

#[test]
fn what_git_revert_did_is_seen() {
    let sandbox = applied();
    sandbox.run_git(&["revert", "--no-edit", "HEAD~3"]);
    assert_eq!(sandbox.states(), WEB_BACK);
    sandbox.refuses("rollback --tier 1", 0, &["was taken back already"]);
    sandbox.run_git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(sandbox.states(), ALL);
    web_goes_back(&sandbox, &project());
}

#[test]
fn later_edits_stay() {
    let sandbox = applied();
    sandbox.edit("app/ws/auth.py", "class Auth:", "class Auth:\n    \"\"\"By a colleague.\"\"\"\n");
    sandbox.edit("app/ws/pool.py", "from app.redis import", "import os\n\nfrom app.redis import");
    sandbox.edit("app/ws/pool.py", "def pool():\n", "def pool():\n    os.sync()\n");
    sandbox.commit_all("later");
    sandbox.does("rollback --tier web").ok();
    let auth = sandbox.read("app/ws/auth.py");
    assert!(auth.contains("By a colleague") && auth.contains("= RedisManager()"), "{auth}");
    let pool = sandbox.read("app/ws/pool.py");
    assert!(pool.contains("os.sync()\n    return RedisManager().pool"), "{pool}");
    assert_eq!(sandbox.states(), WEB_BACK);
}

#[test]
fn a_conflict_names_file_and_lines_and_changes_nothing() {
    let sandbox = applied();
    sandbox.edit("app/ws/pool.py", "return redis_manager.pool", "return other.pool");
    sandbox.commit_all("later");
    let words = [
        "tier 1, web cannot be taken back as it is; nothing was changed",
        "app/ws/pool.py:5: was changed after",
        "the tier put:\n    return redis_manager.pool",
        "it is now:\n    return other.pool",
        "it would be:\n    return RedisManager().pool",
    ];
    let words = words.map(|text| text.replace(":\n    ", ":\n        "));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for line in ["rollback --tier 1", "rollback --tier 1 --dry-run"] {
        sandbox.refuses(line, 1, &words);
    }
    assert_eq!(sandbox.states(), ALL);
}

#[test]
fn uncommitted_work_on_its_files_is_refused_and_elsewhere_left() {
    let sandbox = applied();
    sandbox.edit("README.md", "A project", "The project");
    sandbox.edit("app/ws/auth.py", "Who opens", "He who opens");
    let words = ["app/ws/auth.py: has uncommitted changes", "nothing was written"];
    sandbox.refuses("rollback --tier 1", 2, &words);
    sandbox.does("rollback --tier 1 --allow-dirty").ok();
    let left = sandbox.run_git(&["diff", "--name-only"]);
    assert_eq!(left, "README.md\napp/ws/auth.py\n");
    assert!(!sandbox.run_git(&["show", "HEAD:app/ws/auth.py"]).contains("He who"));
}

#[test]
fn a_dry_run_prints_the_patch_and_writes_nothing() {
    let sandbox = applied();
    let before = sandbox.everything();
    let patch = sandbox.does("rollback --tier 1 --dry-run").ok().says(&["nothing was written"]);
    assert_eq!(sandbox.everything(), before);
    sandbox.write(".git/back.patch", &patch.out);
    sandbox.run_git(&["apply", "--check", ".git/back.patch"]);
    sandbox.does("rollback --tier 1").ok();
    let done = sandbox.run_git(&["diff", "--full-index", "HEAD~1", "HEAD"]);
    let hunks = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with(['+', '-'])).map(str::to_owned).collect()
    };
    assert_eq!(hunks(&done), hunks(&patch.out));
}

#[test]
fn without_a_commit_it_is_left_to_the_user() {
    let sandbox = applied();
    let head = sandbox.head();
    sandbox.does("rollback --tier 1 --no-commit").ok().says(&["rolled back, not committed"]);
    assert_eq!(sandbox.head(), head);
    assert_eq!(sandbox.states(), WEB_BACK);
}

#[test]
fn what_was_never_applied_cannot_go() {
    let sandbox = project();
    sandbox.refuses("rollback --tier 1", 2, &["tier web was never applied in the history of HEAD"]);
    sandbox.refuses("rollback --tier zap", 2, &["there is no tier `zap`"]);
    // Of several tiers those that were applied go.
    let all = ["tier web was never applied", "tier tests was never applied"];
    sandbox.refuses("rollback --tier all", 2, &all);
    sandbox.does("apply --tier 1-2").ok();
    sandbox.does("rollback --tier all --dry-run").ok().says(&["tier tests was never applied"]);
    let words = ["tier 1, web: rolled back as", "tier 2, agents: rolled back as", all[1]];
    sandbox.does("rollback --tier all").ok().says(&words);
    assert_eq!(sandbox.tree(), project().tree());
}

#[test]
fn what_is_as_it_was_asked_for_is_no_failure() {
    let sandbox = project();
    sandbox.does("diff --tier 1 --plan plan.json").ok();
    sandbox.does("apply --plan plan.json").ok();
    for (line, words) in [
        ("apply --tier 1", "nothing to rewrite"),
        ("apply --tier 1-1", "nothing to rewrite"),
        ("apply --plan plan.json", "the files are what the plan makes of them already"),
        ("apply --plan plan.json --dry-run", "nothing was written"),
    ] {
        sandbox.refuses(line, 0, &[words]);
    }
    sandbox.does("rollback --tier 1").ok();
    for line in ["rollback --tier 1", "rollback --tier 1 --dry-run", "rollback --tier 1-1"] {
        sandbox.refuses(line, 0, &["tier web was taken back already", "there is nothing to do"]);
    }
    // The plan is as good as it was.
    sandbox.does("apply --plan plan.json").ok();
    assert_eq!(sandbox.states(), "applied pending pending pending");
}

#[test]
fn what_was_never_committed_goes_without_a_commit() {
    let sandbox = project();
    let (tree, head) = (sandbox.tree(), sandbox.head());
    sandbox.does("apply --tier 1 --no-commit").ok().says(&["applied, not committed"]);
    sandbox.does("status").ok().prints(&["by Tester"]).never(&["record:"]);
    sandbox.does("rollback --tier 1").ok().says(&["rolled back, with nothing to commit"]);
    assert_eq!((sandbox.tree(), sandbox.head()), (tree, head));
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.states(), "rolled back pending pending pending");
    sandbox.refuses("rollback --tier 1", 0, &["was taken back already"]);
    // The other way round: taken back without a commit, and applied again.
    sandbox.does("apply --tier 1").ok().says(&["applied as commit"]);
    let (tree, head) = (sandbox.tree(), sandbox.head());
    sandbox.does("rollback --tier 1 --no-commit").ok();
    sandbox.does("apply --tier 1").ok().says(&["applied, with nothing to commit"]);
    assert_eq!((sandbox.tree(), sandbox.head()), (tree, head));
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    sandbox.does("rollback --tier 1").ok().says(&["rolled back as commit"]);
    assert_eq!(sandbox.tree(), project().tree());
}

#[test]
fn what_is_not_the_tier_s_own_still_needs_a_word() {
    let sandbox = project();
    sandbox.does("apply --tier 1 --no-commit").ok();
    sandbox.edit("app/ws/auth.py", "\"\"\"Who", "\"\"\"He who");
    sandbox.refuses("rollback --tier 1", 2, &["app/ws/auth.py: has uncommitted", "--allow-dirty"]);
    let head = sandbox.head();
    sandbox.does("rollback --tier 1 --allow-dirty").ok().says(&["with nothing to commit"]);
    assert_eq!(sandbox.head(), head);
    let left = sandbox.run_git(&["diff", "--stat"]);
    assert!(left.contains("app/ws/auth.py") && left.contains("1 file changed"), "{left}");
    assert!(sandbox.read("app/ws/auth.py").contains("He who"));
    // What is staged would stay staged.
    let sandbox = project();
    sandbox.does("apply --tier 1 --no-commit").ok();
    sandbox.run_git(&["add", "-A"]);
    sandbox.refuses("rollback --tier 1", 2, &["app/ws/auth.py: has staged changes"]);
    sandbox.refuses("rollback --tier 1 --allow-dirty", 2, &["git restore --staged"]);
    sandbox.run_git(&["restore", "--staged", "."]);
    sandbox.does("rollback --tier 1").ok();
    assert_eq!(sandbox.tree(), project().tree());
}

#[test]
fn committed_files_and_others_of_one_tier_go_together() {
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    sandbox.edit("app/ws/auth.py", "self.redis = redis_manager", "self.redis = RedisManager()");
    sandbox.edit("app/ws/auth.py", "import redis_manager", "import RedisManager");
    sandbox.commit_all("by hand");
    sandbox.does("apply --tier 1 --no-commit").ok();
    sandbox.does("rollback --tier 1").ok().says(&["rolled back as commit"]);
    assert_eq!(sandbox.tree(), project().tree());
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    let message = sandbox.run_git(&["log", "-1", "--format=%b"]);
    assert!(message.contains("Tiermod-File: app/ws/pool.py"), "{message}");
    assert!(!message.contains("Tiermod-File: app/ws/auth.py"), "{message}");
}

#[test]
fn a_tier_that_only_the_history_knows_and_a_broken_transform_do_not_keep_it() {
    let sandbox = applied();
    sandbox.edit("codemod.toml", "name = \"web\"", "name = \"sockets\"");
    sandbox.write("transforms/redis.toml", "this is no TOML");
    sandbox.commit_all("renamed");
    sandbox.does("rollback --tier web").ok().says(&["tier web: rolled back as commit"]);
    assert_eq!(sandbox.read("app/ws/auth.py"), project().read("app/ws/auth.py"));
}

#[test]
fn a_gate_that_fails_afterwards_undoes_the_rollback_unless_told_otherwise() {
    let gate = "[[gate]]\nname = \"shared\"\nrun = \"! grep -rq 'RedisManager()' app/ws\"\n";
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    sandbox.write("codemod.toml", format!("{CONFIG}\n{gate}"));
    let words = ["gate shared: failed", "the tree is as before", "--no-gates"];
    sandbox.refuses("rollback --tier 1", 1, &words);
    sandbox.does("rollback --tier 1 --no-gates").ok();
    assert_eq!(sandbox.states(), "rolled back pending pending pending");
}

#[test]
fn a_failing_hook_undoes_the_rollback() {
    let sandbox = applied();
    sandbox.hook("pre-commit", "echo frozen >&2; exit 1");
    sandbox.refuses("rollback --tier 2", 1, &["frozen", "the tree is as before"]);
}

#[test]
fn without_git_the_records_serve() {
    let sandbox = without_git();
    let words = ["tier web was never applied in this folder"];
    sandbox.does("rollback --tier 1").exits(2).says(&words).never(&["HEAD"]);
    let before = sandbox.tree();
    sandbox.does("apply --tier all").ok();
    sandbox.edit("app/ws/auth.py", "class Auth:", "class Auth:\n    \"\"\"By a colleague.\"\"\"\n");
    sandbox.does("rollback --tier 1").ok().never(&["commit"]);
    let auth = sandbox.read("app/ws/auth.py");
    assert!(auth.contains("By a colleague") && auth.contains("= RedisManager()"), "{auth}");
    assert_eq!(sandbox.states(), WEB_BACK);
    sandbox.edit("app/ws/auth.py", "class Auth:\n    \"\"\"By a colleague.\"\"\"\n", "class Auth:");
    sandbox.does("rollback --tier 2-4").ok();
    assert_eq!(sandbox.tree(), before);
    sandbox.refuses("rollback --tier 1", 0, &["was taken back already"]);
}

#[test]
fn gates_run_after_a_rollback_too() {
    let sandbox = with_gates("[[gate]]\nname = \"counts\"\nrun = \"echo ran >> .git/ran\"\n");
    sandbox.does("apply --tier 1").ok();
    sandbox.does("rollback --tier 1").ok().says(&["gates after the change:", "counts: passed"]);
    assert_eq!(sandbox.read(".git/ran").lines().count(), 3);
}

#[test]
fn a_clone_without_a_baseline_runs_its_gates_all_the_same() {
    let gate = |run: &str| {
        let run = format!("echo ran >> .git/ran; {run}");
        format!(
            "[[gate]]\nname = \"figure\"\nrun = \"{run}\"\nmetric = 'n=(\\d+)'\n\
             expect = \"<= baseline\"\n"
        )
    };
    let applied = |run: &str| {
        let sandbox = with_gates(&gate(run));
        sandbox.does("apply --tier 1").ok();
        let clone = sandbox.clone_of_it();
        // The clone has the commits and nothing of what was recorded.
        (clone, sandbox)
    };
    let (clone, here) = applied("echo n=7");
    let words = ["figure: passed: 7, and no baseline from before the migration is recorded here"];
    clone.does("rollback --tier 1").ok().says(&words);
    assert_eq!(clone.read(".git/ran").lines().count(), 1);
    here.does("rollback --tier 1").ok().says(&["figure: passed: 7 <= baseline"]);
    // What can be judged is: the exit code, and that there is a figure at all.
    for (run, words) in [
        ("test ! -e broken && echo n=7", "gate figure: failed: exit code 1"),
        ("test -e broken || echo n=7", "gate figure: failed: nothing in the output"),
    ] {
        let (clone, _) = applied(run);
        clone.write("broken", "");
        let words = [words, "the tree is as before", "--no-gates"];
        clone.refuses("rollback --tier 1", 1, &words);
        clone.does("rollback --tier 1 --no-gates").ok();
    }
}

#[test]
fn a_project_that_moved_into_a_folder_is_followed() {
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    std::fs::create_dir(sandbox.path("svc")).unwrap();
    sandbox.run_git(&["mv", "app", "tests", "codemod.toml", "transforms", "svc"]);
    sandbox.commit_all("moved");
    let moved = sandbox.path("svc");
    // A later part, at the new place.
    let site = "from app.redis import RedisManager\n\nr = RedisManager()\n";
    sandbox.write("svc/app/ws/new.py", site);
    sandbox.commit_all("new");
    let report = tiermod_in(&moved, &["status", "--format", "json"]).ok().out;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    // Those of the commit are counted where they are now.
    assert_eq!(report["tiers"][0]["files"], 3, "{report}");
    tiermod_in(&moved, &["apply", "--tier", "1"]).ok();
    tiermod_in(&moved, &["rollback", "--tier", "1"]).ok().says(&["in 3 files"]);
    for (path, text) in FILES.iter().filter(|(path, _)| path.starts_with("app/")) {
        assert_eq!(sandbox.read(format!("svc/{path}")), *text, "{path}");
    }
    assert_eq!(sandbox.read("svc/app/ws/new.py"), site);
}

#[test]
fn a_tier_of_another_project_in_the_repository_is_not_taken_back_here() {
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    for (path, text) in FILES {
        sandbox.write(format!("other/{path}"), text);
    }
    sandbox.commit_all("another project");
    let other = sandbox.path("other");
    let words = ["tier web was applied to files that are not in this project, app/ws/auth.py"];
    let before = sandbox.tree();
    for line in [&["rollback", "--tier", "1"][..], &["rollback", "--tier", "1", "--dry-run"]] {
        tiermod_in(&other, line).exits(2).says(&words);
    }
    assert_eq!(sandbox.tree(), before);
    // One of the same name that is this project's goes alone.
    let first = sandbox.run_git(&["rev-parse", "HEAD~1"]);
    tiermod_in(&other, &["apply", "--tier", "1"]).ok();
    let said = "app/ws/auth.py: is not in the project's folder, and stays as it is";
    tiermod_in(&other, &["rollback", "--tier", "1"]).ok().says(&[said, "in 2 files"]);
    assert_eq!(sandbox.tree(), before);
    assert!(!sandbox.run_git(&["log", "-1", "--format=%B"]).contains(first.trim()));
    // What stayed behind when others of its files moved is named.
    sandbox.run_git(&["rm", "-rq", "other/app/ws"]);
    std::fs::create_dir_all(sandbox.path("other/app/ws")).unwrap();
    sandbox.run_git(&["mv", "app/ws/auth.py", "app/ws/__init__.py", "other/app/ws"]);
    sandbox.commit_all("moved in part");
    let said = "app/ws/pool.py: is not in the project's folder, and stays as it is";
    tiermod_in(&other, &["rollback", "--tier", "1"]).ok().says(&[said, "in 1 file"]);
    assert!(sandbox.read("other/app/ws/auth.py").contains("RedisManager()"));
}

const TWO_TIERS: &str = "transforms = [\"transforms/redis.toml\"]\n\
     [[tier]]\nname = \"first\"\npaths = [\"FIRST\"]\n[[tier]]\nname = \"rest\"\npaths = [\"**\"]\n";

/// A project whose first tier has the files of `first`.
fn of_two_tiers(first: &str, mocks: &str, files: &[(&str, &str)]) -> Sandbox {
    let manager = "class Manager:\n    pass\n\n\nmanager = Manager()\n";
    let transform = format!(
        "name = \"redis\"\nsummary = \"Share it\"\n[[singleton]]\n\
         class = \"app.manager:Manager\"\ninstance = \"app.manager:manager\"\n{mocks}"
    );
    let config = TWO_TIERS.replace("FIRST", first);
    let mut all = vec![
        ("codemod.toml", config.as_str()),
        ("transforms/redis.toml", &transform),
        ("app/__init__.py", ""),
        ("app/manager.py", manager),
    ];
    all.extend(files);
    Sandbox::with(&all)
}

fn apply_both(sandbox: &Sandbox) {
    sandbox.does("apply --tier first").ok();
    sandbox.does("apply --tier rest").ok();
}

/// The first tier is not taken back, for what is `said`, until the other one was.
fn goes_back_behind_the_rest(sandbox: &Sandbox, said: &str) {
    sandbox.refuses("rollback --tier first", 1, &[said]);
    sandbox.does("rollback --tier rest").ok();
    sandbox.does("rollback --tier first").ok();
}

#[test]
fn an_import_of_what_a_later_tier_took_away_does_not_come_back() {
    let files = [
        (
            "app/service.py",
            "from app.manager import Manager\n\n\ndef go():\n    return Manager()\n",
        ),
        ("app/api.py", "from app.service import Manager, go\n\nused = (go(), Manager())\n"),
    ];
    let sandbox = of_two_tiers("app/api.py", "", &files);
    apply_both(&sandbox);
    let said = "app/api.py:1: uses `Manager` of app/service.py, which would not have it";
    goes_back_behind_the_rest(&sandbox, said);
    assert_eq!(sandbox.read("app/api.py"), files[1].1);
}

#[test]
fn a_name_that_came_by_a_star_does_not_come_back_without_it() {
    let files = [
        (
            "app/service.py",
            "from app.manager import Manager\n\n\ndef go():\n    return Manager()\n",
        ),
        ("app/api.py", "from app.service import *\n\nused = (go(), Manager())\n"),
    ];
    let sandbox = of_two_tiers("app/api.py", "", &files);
    apply_both(&sandbox);
    let said = "app/api.py:3: uses `Manager` of app/service.py, which would not have it";
    goes_back_behind_the_rest(&sandbox, said);
    assert_eq!(sandbox.read("app/api.py"), files[1].1);
}

#[test]
fn what_a_test_patches_is_not_taken_away() {
    let files = [
        (
            "app/service.py",
            "from app.manager import Manager\n\n\ndef go():\n    return Manager()\n",
        ),
        (
            "tests/test_service.py",
            "from unittest.mock import patch\n\n\ndef test():\n    \
             with patch(\"app.service.Manager\"):\n        pass\n",
        ),
    ];
    let sandbox = of_two_tiers("app/**", "retarget-mocks = true\n", &files);
    apply_both(&sandbox);
    assert!(sandbox.read("tests/test_service.py").contains("app.service.manager"));
    let said = "tests/test_service.py:5: uses `manager` of app/service.py";
    goes_back_behind_the_rest(&sandbox, said);
    assert_eq!(sandbox.read("app/service.py"), files[0].1);
}

#[test]
fn what_a_tier_imports_for_itself_is_not_leant_on() {
    let files = [
        ("app/a.py", "from app.manager import Manager\n\nmine = Manager()\n"),
        ("app/b.py", "from app.a import Manager\n\nmine = Manager()\n"),
        ("app/c.py", "from app import a\n\n\ndef get():\n    return a.Manager()\n"),
    ];
    let sandbox = of_two_tiers("app/a.py", "", &files);
    apply_both(&sandbox);
    assert!(sandbox.read("app/b.py").starts_with("from app.manager import manager\n"));
    sandbox.does("rollback --tier first").ok();
    assert_eq!(sandbox.read("app/a.py"), files[0].1);
    assert!(sandbox.read("app/c.py").contains("return manager"));
}

#[test]
fn what_did_without_a_name_before_goes_on_without_it() {
    let patched = "from unittest.mock import patch\n\n\ndef test():\n    \
                   with patch(\"app.service.manager\", \"x\", create=True):\n        pass\n";
    let files = [
        (
            "app/service.py",
            "from app.manager import Manager\n\n\ndef go():\n    return Manager()\n",
        ),
        ("tests/test_service.py", patched),
        (
            "app/user.py",
            "try:\n    from app.service import manager\nexcept ImportError:\n    manager = None\n",
        ),
    ];
    let sandbox = of_two_tiers("app/**", "", &files);
    sandbox.does("apply --tier first").ok();
    sandbox.does("rollback --tier first").ok();
    assert_eq!(sandbox.read("app/service.py"), files[0].1);
    // One that has come since is in need of it.
    sandbox.does("apply --tier first").ok();
    let another = patched.trim_start_matches("from unittest.mock import patch\n\n\n");
    sandbox.write("tests/test_service.py", format!("{patched}\n\n{another}"));
    sandbox.commit_all("another test");
    let said = "tests/test_service.py:10: uses `manager` of app/service.py";
    sandbox.refuses("rollback --tier first", 1, &[said]);
    sandbox.write("tests/test_service.py", patched);
    sandbox.commit_all("and without it");
    sandbox.does("rollback --tier first").ok();
    // Uncommitted, it came after `HEAD`.
    sandbox.does("apply --tier first --no-commit").ok();
    sandbox.does("rollback --tier first --no-commit").ok();
    assert_eq!(sandbox.read("app/service.py"), files[0].1);
}
