//! `--allow-dirty`: what is committed is right without the uncommitted changes, or nothing is.

use super::support::project;
use crate::sandbox::Sandbox;

const AUTH: &str = "app/ws/auth.py";
const LEAVES: [&str; 3] = [
    "what would be committed leaves the uncommitted changes out, and is not proven",
    "commit or stash the uncommitted changes first",
    "nothing was written",
];

/// The project, with `text` added to a file in `HEAD` and not in the tree.
fn with_more_in_head(sandbox: Sandbox, path: &str, text: &str) -> Sandbox {
    let before = sandbox.read(path);
    sandbox.write(path, format!("{before}{text}"));
    sandbox.commit_all("more");
    sandbox.write(path, before);
    sandbox
}

#[track_caller]
fn refused(sandbox: &Sandbox, line: &str, words: &[&str]) {
    sandbox.refuses(line, 2, &LEAVES);
    sandbox.refuses(line, 2, words);
}

#[test]
fn an_import_that_only_head_needs_keeps_the_tier_from_being_applied() {
    let uses = "\n\ndef is_one(x):\n    return isinstance(x, RedisManager)\n";
    let sandbox = with_more_in_head(project(), AUTH, uses);
    let words = ["app/ws/auth.py: the tier makes something else of it as it is without them"];
    refused(&sandbox, "apply --tier 1 --allow-dirty", &words);
    // Without a commit, nothing is wrong; and with the changes in one, neither.
    sandbox.does("apply --tier 1 --allow-dirty --no-commit").ok();
    let sandbox = with_more_in_head(project(), AUTH, uses);
    sandbox.commit_all("less");
    sandbox.does("apply --tier 1 --allow-dirty").ok();
}

#[test]
fn a_name_that_only_head_has_taken_keeps_the_tier_from_being_applied() {
    let sandbox = project();
    let with = |name: &str| {
        format!(
            "from app.redis import RedisManager\n\n\ndef auth():\n    {name} = 1\n    other = {name}\n\n    \
             redis = RedisManager()\n    return redis, other\n"
        )
    };
    sandbox.write(AUTH, with("redis_manager"));
    sandbox.commit_all("taken");
    sandbox.write(AUTH, with("number"));
    refused(&sandbox, "apply --tier 1 --allow-dirty", &["app/ws/auth.py: the tier makes"]);
}

#[test]
fn another_file_that_only_head_has_so_keeps_the_tier_from_being_applied() {
    let sandbox = project();
    let main = "app/main.py";
    sandbox.edit(main, "from app.redis import", "from app.ws.pool import");
    sandbox.edit("app/ws/pool.py", "RedisManager(\"redis://own\")", "None");
    sandbox.commit_all("through another module");
    sandbox.edit(main, "from app.ws.pool import", "from app.redis import");
    sandbox.edit(AUTH, "Who opens", "He who opens");
    let words = ["app/ws/pool.py: the tier makes something else of it"];
    refused(&sandbox, "apply --tier 1 --allow-dirty", &words);
}

#[test]
fn changes_far_from_the_tiers_lines_stay_uncommitted() {
    for crlf in [false, true] {
        let sandbox = project();
        if crlf {
            sandbox.run_git(&["config", "core.autocrlf", "true"]);
            for path in [AUTH, "app/ws/pool.py"] {
                sandbox.write(path, sandbox.read(path).replace('\n', "\r\n"));
            }
        }
        sandbox.edit(AUTH, "Who opens", "He who opens");
        sandbox.write(AUTH, format!("{}\n\ndef more():\n    return 1\n", sandbox.read(AUTH)));
        sandbox.edit("README.md", "A project", "The project");
        let before = sandbox.read(AUTH);
        sandbox.does("apply --tier 1 --allow-dirty").ok();
        let committed = sandbox.run_git(&["show", &format!("HEAD:{AUTH}")]);
        assert!(committed.contains("self.redis = redis_manager\n"), "{committed}");
        assert!(!committed.contains("He who") && !committed.contains("more"), "{committed}");
        assert_eq!(sandbox.run_git(&["diff", "--name-only"]), format!("README.md\n{AUTH}\n"));
        sandbox.does("rollback --tier 1 --allow-dirty").ok();
        assert_eq!(sandbox.read(AUTH), before);
        assert_eq!(sandbox.run_git(&["diff", "HEAD~2", "HEAD"]), "");
    }
}

#[test]
fn what_only_head_needs_of_a_tier_keeps_it_from_being_taken_back() {
    let applied = || {
        let sandbox = project();
        sandbox.does("apply --tier 1").ok();
        sandbox
    };
    let sandbox = with_more_in_head(applied(), AUTH, "\n\nSHARED = redis_manager\n");
    let words = ["app/ws/auth.py: would not work any more: `redis_manager` on line 11"];
    refused(&sandbox, "rollback --tier 1 --allow-dirty", &words);
    sandbox.does("rollback --tier 1 --allow-dirty --no-commit").ok();

    let sandbox = applied();
    let uses = "\n\nfrom app.ws.auth import redis_manager\n";
    let sandbox = with_more_in_head(sandbox, "app/main.py", uses);
    sandbox.edit(AUTH, "Who opens", "He who opens");
    let words = ["app/main.py:8: uses `redis_manager` of app/ws/auth.py"];
    refused(&sandbox, "rollback --tier 1 --allow-dirty", &words);
}
