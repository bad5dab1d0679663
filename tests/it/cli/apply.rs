//! `apply`: which tiers, what is left alone, and what undoes it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::support::{CONFIG, Do, project, with_gates, without_git};
use crate::sandbox::Sandbox;

const MAIN: &str = "app/main.py";

#[test]
fn tiers_are_asked_for_by_number_name_range_or_all() {
    let table: [(&str, &[&str]); 5] = [
        ("1", &["web"]),
        ("web", &["web"]),
        ("1-2", &["web", "agents"]),
        ("1-1", &["web"]),
        ("all", &["web", "agents", "startup", "tests"]),
    ];
    for (asked, names) in table {
        let sandbox = project();
        sandbox.does(&format!("apply --tier {asked}")).ok();
        let all = ["web", "agents", "startup", "tests"];
        let applied = names.iter().rev().map(|name| {
            let number = all.iter().position(|one| one == name).unwrap() + 1;
            format!("Apply tier {number}, {name}")
        });
        let expected: Vec<String> = applied.chain(["first".to_owned()]).collect();
        assert_eq!(sandbox.subjects(), expected, "{asked}");
        assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "", "{asked}");
        assert_eq!(sandbox.leftovers(), [""; 0], "{asked}");
    }
}

#[test]
fn a_tier_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let sandbox = project();
    let table: [(&str, &[&str]); 6] = [
        ("zap", &["no tier `zap`", "1  web      WebSocket core", "4  tests"]),
        ("agent", &["no tier `agent`", "`agents`"]),
        ("5", &["tier"]),
        ("0", &["tier"]),
        ("2-1", &["tier"]),
        ("3-9", &["tier"]),
    ];
    for (asked, words) in table {
        sandbox.refuses(&format!("apply --tier {asked}"), 2, words);
    }
    sandbox.refuses("apply", 2, &["--tier <TIER>", "--plan <FILE>"]);
}

#[test]
fn the_commit_holds_the_tier_alone_and_says_what_it_is() {
    let sandbox = project();
    sandbox.does("apply --tier web").ok().says(&[
        "tier 1, web: rewriting 2 sites in 2 files",
        "applied as commit",
        "2 sites rewritten in 2 files, 1 held for review",
    ]);
    let message = sandbox.run_git(&["log", "-1", "--format=%B"]);
    let plan = message.lines().find_map(|line| line.strip_prefix("Tiermod-Plan: ")).unwrap();
    assert!(plan.len() == 64 && plan.bytes().all(|byte| byte.is_ascii_hexdigit()), "{plan}");
    for line in [
        "Apply tier 1, web",
        "WebSocket core.",
        "2 sites rewritten in 2 files, 1 held for review.",
        "Tiermod-Tier: web",
        "Tiermod-Transforms: redis",
        "Tiermod-Sites: rewritten=2 held=1 kept=0",
    ] {
        assert!(message.lines().any(|one| one == line), "{line}\n{message}");
    }
    // Git itself takes the last paragraph for trailers.
    let trailers = sandbox.run_git(&["log", "-1", "--format=%(trailers:key=Tiermod-Tier)"]);
    assert_eq!(trailers.trim(), "Tiermod-Tier: web");
    let files = sandbox.run_git(&["show", "--name-only", "--format=", "HEAD"]);
    assert_eq!(files, "app/ws/auth.py\napp/ws/pool.py\n");
    sandbox.does("apply --tier agents").ok();
    let message = sandbox.run_git(&["log", "-1", "--format=%b"]);
    let words = "Agents.\n\n1 site rewritten in 1 file, 0 held for review.\n\nTiermod-";
    assert!(message.starts_with(words), "{message}");
}

#[test]
fn subject_and_body_are_the_users() {
    let sandbox = project();
    let own = "name = \"web\"\ncommit-subject = \"[{number}] {summary}, {risk}\"\n\
               commit-body = \"{sites}/{files}/{held} by {transforms} for {tier}\"\n";
    sandbox.write("codemod.toml", CONFIG.replace("name = \"web\"\n", own));
    sandbox.does("apply --tier 1").ok();
    let message = sandbox.run_git(&["log", "-1", "--format=%B"]);
    let start = "[1] WebSocket core, high\n\n2/2/1 by redis for web\n\nTiermod-Tier: web\n";
    assert!(message.starts_with(start), "{message}");
}

#[test]
fn applied_twice_there_is_nothing_to_do() {
    let sandbox = project();
    sandbox.does("apply --tier 1").ok();
    let before = sandbox.state();
    sandbox.does("apply --tier 1").ok().says(&["nothing to rewrite, 1 held for review"]);
    assert_eq!(sandbox.state(), before);
}

#[test]
fn a_tier_whose_predecessor_is_open_needs_leave() {
    let sandbox = project();
    sandbox.refuses("apply --tier 2", 2, &["tier 2, agents comes after tier 1, web"]);
    sandbox.refuses(
        "apply --tier 3-4",
        2,
        &["tier 1, web and tier 2, agents, which still have", "--out-of-order"],
    );
    sandbox.refuses("apply --tier tests --dry-run", 2, &["--out-of-order"]);
    sandbox.does("apply --tier 4 --out-of-order").ok();
    assert_eq!(sandbox.states(), "pending pending pending applied");
    sandbox.does("apply --tier all").ok();
    assert_eq!(sandbox.states(), "applied applied applied applied");
}

#[test]
fn a_dry_run_prints_the_patch_that_diff_prints_and_writes_nothing() {
    let sandbox = project();
    let before = sandbox.everything();
    let dry = sandbox.does("apply --tier 1 --dry-run").ok().says(&["nothing was written"]);
    assert_eq!(dry.out, sandbox.does("diff --tier 1").ok().out);
    let all = sandbox.does("apply --tier all --dry-run").ok();
    assert_eq!(all.out, sandbox.does("diff").ok().out);
    assert!(all.out.contains("+++ b/tests/test_main.py"), "{}", all.out);
    assert_eq!(sandbox.everything(), before);
    assert!(!sandbox.path(".git/tiermod").exists());
}

#[test]
fn without_a_commit_the_files_change_and_the_index_does_not() {
    let sandbox = project();
    let head = sandbox.head();
    sandbox.does("apply --tier 1 --no-commit").ok().says(&["applied, not committed"]);
    assert_eq!(sandbox.head(), head);
    let status = sandbox.run_git(&["status", "--porcelain"]);
    assert_eq!(status, " M app/ws/auth.py\n M app/ws/pool.py\n");
    assert_eq!(sandbox.states(), "applied pending pending pending");
    // What it changed is not clean, and no other tier is kept from going on.
    sandbox.does("apply --tier 2").ok();
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), status);
}

#[test]
fn other_work_stays_as_it_is_in_the_index_and_in_the_tree() {
    let sandbox = project();
    sandbox.write("staged.py", "staged = 1\n");
    sandbox.write("README.md", "# staged\n");
    sandbox.run_git(&["add", "staged.py", "README.md"]);
    sandbox.write("README.md", "# staged\nand not\n");
    sandbox.edit(MAIN, "def start", "def begin");
    sandbox.write("untracked.py", "x = 1\n");
    sandbox.write("intended.py", "x = 1\n");
    sandbox.run_git(&["add", "-N", "intended.py"]);
    sandbox.run_git(&["rm", "-q", "--cached", "app/agents/__init__.py"]);
    let entries = |sandbox: &Sandbox| {
        let all = sandbox.run_git(&["ls-files", "--stage", "-v"]);
        let others: Vec<String> =
            all.lines().filter(|line| !line.contains("app/ws/")).map(str::to_owned).collect();
        (others, sandbox.run_git(&["status", "--porcelain=v2", "--untracked-files=all"]))
    };
    let before = entries(&sandbox);
    let diff = sandbox.run_git(&["diff"]);
    sandbox.does("apply --tier 1").ok();
    assert_eq!(entries(&sandbox), before);
    assert_eq!(sandbox.run_git(&["diff"]), diff);
    let files = sandbox.run_git(&["show", "--name-only", "--format=", "HEAD"]);
    assert_eq!(files, "app/ws/auth.py\napp/ws/pool.py\n");
}

#[test]
fn files_of_the_tier_must_be_clean_or_allowed_not_to_be() {
    let cases: [(&str, Do); 3] = [
        ("app/ws/auth.py: has uncommitted changes", |sandbox| {
            sandbox.edit("app/ws/auth.py", "\"\"\"Who", "\"\"\"He who");
        }),
        ("app/ws/auth.py: has staged changes", |sandbox| {
            sandbox.edit("app/ws/auth.py", "\"\"\"Who", "\"\"\"He who");
            sandbox.run_git(&["add", "-A"]);
        }),
        ("app/ws/auth.py: is not tracked", |sandbox| {
            sandbox.run_git(&["rm", "-q", "--cached", "app/ws/auth.py"]);
            sandbox.run_git(&["commit", "-q", "-m", "removed"]);
        }),
    ];
    for (words, spoil) in cases {
        let sandbox = project();
        spoil(&sandbox);
        sandbox.refuses("apply --tier 1", 2, &[words, "nothing was written"]);
    }
    let sandbox = project();
    sandbox.edit("app/ws/auth.py", "\"\"\"Who", "\"\"\"He who");
    sandbox.does("apply --tier 1 --allow-dirty").ok();
    let left = sandbox.run_git(&["diff", "-U0"]);
    assert!(left.contains("+\"\"\"He who") && !left.contains("redis_manager"), "{left}");
    assert_eq!(sandbox.states(), "applied pending pending pending");
}

#[test]
fn a_plan_is_applied_exactly_or_not_at_all() {
    let sandbox = project();
    let patch = sandbox.does("diff --tier 1-2 --plan reviewed.json").ok().out;
    let spoilt: [(&str, Do); 5] = [
        ("app/ws/auth.py", |sandbox| sandbox.edit("app/ws/auth.py", "Who", "He who")),
        ("app/agents/run.py", |sandbox| sandbox.edit("app/agents/run.py", "os.name", "os.sep")),
        // It is not to change, and decides all the same.
        ("app/redis.py", |sandbox| sandbox.edit("app/redis.py", "url=None", "url=\"\"")),
        ("codemod.toml", |sandbox| sandbox.edit("codemod.toml", "\"Agents\"", "\"Others\"")),
        ("transforms/redis.toml", |sandbox| {
            sandbox.edit("transforms/redis.toml", "One pool", "A pool");
        }),
    ];
    for (path, spoil) in spoilt {
        spoil(&sandbox);
        let words = [path, "nothing was written"];
        sandbox.refuses("apply --plan reviewed.json", 2, &words);
        sandbox.refuses("apply --tier 1 --plan reviewed.json", 2, &words);
        sandbox.run_git(&["checkout", "-q", "."]);
    }
    let forged = sandbox.read("reviewed.json").replace("redis_manager", "other_manager");
    sandbox.write("forged.json", forged);
    sandbox.refuses("apply --plan forged.json", 2, &["would not be the one that was reviewed"]);
    sandbox.write("forged.json", "{");
    sandbox.refuses("apply --plan forged.json", 2, &["forged.json"]);
    sandbox.refuses("apply --plan none.json", 2, &["none.json"]);
    sandbox.refuses("apply --tier 3 --plan reviewed.json", 2, &["the plan is not about"]);
    let dry = sandbox.does("apply --plan reviewed.json --dry-run").ok();
    assert_eq!(dry.out, patch);
    let first = sandbox.head();
    // The machine of whoever applies it is another one.
    let clone = sandbox.clone_of_it();
    clone.write("reviewed.json", sandbox.read("reviewed.json"));
    for sandbox in [&sandbox, &clone] {
        sandbox.does("apply --plan reviewed.json").ok();
        let applied = sandbox.run_git(&["diff", "--full-index", &first, "HEAD"]);
        assert_eq!(hunks(&applied), hunks(&patch));
        assert_eq!(sandbox.states(), "applied applied pending pending");
        sandbox.refuses("apply --plan reviewed.json", 0, &["tier 2, agents: the files are what"]);
    }
}

fn hunks(patch: &str) -> Vec<&str> {
    patch.lines().filter(|line| line.starts_with(['+', '-'])).collect()
}

#[test]
fn a_gate_that_fails_undoes_the_tier_and_shows_its_last_lines() {
    let sandbox = with_gates(
        "[[tier.gate]]\nname = \"none left\"\n\
         run = \"! grep -n redis_manager tests/test_main.py || { echo it is broken; exit 3; }\"\n",
    );
    // It belongs to the last tier alone, and holds before the change.
    sandbox.does("apply --tier 1-3").ok();
    let words =
        ["gate none left: failed", "it is broken", "1:from app.redis", "the tree is as before"];
    sandbox.refuses("apply --tier 4", 1, &words);
    assert_eq!(sandbox.states(), "applied applied applied pending");
    assert_eq!(sandbox.leftovers(), ["gates.json", "baselines.json"].map(str::to_owned));
}

#[test]
fn tiers_before_one_that_fails_stand() {
    let sandbox = with_gates(
        "[[gate]]\nname = \"agents\"\nrun = \"! grep -q redis_manager app/agents/run.py\"\n",
    );
    sandbox
        .does("apply --tier all")
        .exits(1)
        .says(&["tier 1, web: applied", "gate agents: failed"]);
    assert_eq!(sandbox.subjects(), ["Apply tier 1, web", "gates", "first"]);
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn hooks_stop_a_tier_or_change_it_and_that_is_said() {
    let sandbox = project();
    sandbox.hook("pre-commit", "echo no commits on Fridays >&2; exit 1");
    let words = ["no commits on Fridays", "the tree is as before"];
    sandbox.refuses("apply --tier 1", 1, &words);
    sandbox.hook("commit-msg", "grep -q JIRA \"$1\" || { echo no ticket; exit 1; }");
    fs::remove_file(sandbox.path(".git/hooks/pre-commit")).unwrap();
    sandbox.refuses("apply --tier 1", 1, &["no ticket", "the tree is as before"]);
    fs::remove_file(sandbox.path(".git/hooks/commit-msg")).unwrap();
    sandbox.hook("pre-commit", "printf '# formatted\\n' >> app/ws/auth.py; git add app/ws/auth.py");
    let said = "app/ws/auth.py: a commit hook changed it; its version is committed";
    sandbox.does("apply --tier 1").ok().says(&[said]);
    assert!(sandbox.run_git(&["show", "HEAD:app/ws/auth.py"]).ends_with("# formatted\n"));
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.states(), "applied pending pending pending");
}

#[test]
fn without_git_it_is_applied_and_kept_in_records() {
    let sandbox = without_git();
    sandbox.does("apply --tier 1-2").ok().says(&["tier 2, agents: applied as"]).never(&["commit"]);
    assert!(sandbox.read("app/ws/auth.py").contains("self.redis = redis_manager"));
    assert_eq!(sandbox.states(), "applied applied pending pending");
    assert_eq!(sandbox.leftovers(), [""; 0]);
    let failing = "[[gate]]\nname = \"no\"\nrun = \"! grep -q redis_manager app/main.py\"\n";
    sandbox.write("codemod.toml", format!("{CONFIG}{failing}"));
    sandbox.refuses("apply --tier 3", 1, &["gate no: failed", "the tree is as before"]);
}

#[test]
fn an_accepted_reason_is_rewritten_and_marked() {
    let sandbox = project();
    sandbox.write(MAIN, "from app.redis import RedisManager\n\nmakers = map(RedisManager, [])\n");
    let accepts = CONFIG.replace("name = \"startup\"", "name = \"startup\"\naccept = [\"TM105\"]");
    sandbox.write("codemod.toml", accepts);
    sandbox.commit_all("accept");
    let patch = sandbox.does("diff --tier 3").ok();
    patch.prints(&["TM105", "+makers = map(lambda"]);
    sandbox.does("apply --tier 3 --out-of-order").ok();
    assert!(sandbox.read(MAIN).contains("lambda"));
}

#[test]
fn what_cannot_be_written_is_named_with_its_reason() {
    let sandbox = project();
    let place = sandbox.path("app/ws/pool.py");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o444)).unwrap();
    sandbox.run_git(&["config", "core.fileMode", "false"]);
    let words = ["app/ws/pool.py: is read-only (mode 0444)", "nothing was written"];
    sandbox.refuses("apply --tier 1", 2, &words);
}
