//! The user's own git, set up in every way that people set it up: a tier goes in and comes out
//! again, and nothing else moves.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::support::{Do, command, project, run, tiermod_in};
use crate::sandbox::Sandbox;

const SITE: &str = "from app.redis import RedisManager\n\nr = RedisManager()\n";
const ALL: &str = "applied applied applied applied";

/// All tiers go in, the first comes out and goes in again, and all come out.
#[track_caller]
fn there_and_back(sandbox: &Sandbox, what: &str) {
    let before = sandbox.tree();
    let clean = sandbox.run_git(&["status", "--porcelain"]);
    for (line, states) in [
        ("apply --tier all", ALL),
        ("rollback --tier 1", "rolled back applied applied applied"),
        ("apply --tier 1", ALL),
    ] {
        let run = sandbox.does(line);
        assert_eq!(run.code, Some(0), "{what}: {line}: {run:#?}");
        assert_eq!(sandbox.states(), states, "{what}: {line}");
        assert_eq!(sandbox.run_git(&["status", "--porcelain"]), clean, "{what}: {line}");
    }
    sandbox.does("rollback --tier all").ok();
    assert_eq!(sandbox.tree(), before, "{what}");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), clean, "{what}");
    assert_eq!(sandbox.leftovers(), [""; 0], "{what}");
    let patch = sandbox.does("diff").ok().out;
    sandbox.write(".git/check.patch", &patch);
    sandbox.run_git(&["apply", "--check", "-p1", ".git/check.patch"]);
}

#[test]
fn whatever_the_settings_say() {
    let table: [(&str, &[(&str, &str)]); 9] = [
        (
            "how things are shown",
            &[
                ("color.ui", "always"),
                ("diff.noprefix", "true"),
                ("diff.external", "false"),
                ("log.showSignature", "true"),
                ("log.date", "relative"),
                ("format.pretty", "%h nothing"),
                ("status.showUntrackedFiles", "no"),
                ("core.pager", "false"),
            ],
        ),
        (
            "how messages are written",
            &[
                ("commit.verbose", "true"),
                ("commit.cleanup", "scissors"),
                ("core.commentChar", "T"),
                ("commit.template", "/nonexistent"),
                ("core.editor", "false"),
                ("trailer.separators", "="),
            ],
        ),
        ("aliases", &[("alias.commit", "!false"), ("alias.log", "!false")]),
        ("line endings", &[("core.autocrlf", "input"), ("core.safecrlf", "true")]),
        ("modes", &[("core.fileMode", "false")]),
        ("how the index is kept", &[("core.untrackedCache", "true"), ("core.splitIndex", "true")]),
        ("the index's version", &[("index.version", "4"), ("index.threads", "true")]),
        ("renames", &[("diff.renames", "copies"), ("merge.conflictStyle", "diff3")]),
        ("paths", &[("core.quotePath", "false"), ("core.precomposeUnicode", "true")]),
    ];
    for (what, settings) in table {
        let sandbox = project();
        for (name, value) in settings {
            sandbox.run_git(&["config", name, value]);
        }
        there_and_back(&sandbox, what);
    }
}

#[test]
fn wherever_the_repository_is() {
    let places: [(&str, Do); 4] = [
        ("a detached HEAD", |sandbox| {
            sandbox.run_git(&["checkout", "-q", "--detach"]);
        }),
        ("a sparse checkout", |sandbox| {
            sandbox.write("elsewhere/a.txt", "a\n");
            sandbox.commit_all("elsewhere");
            sandbox.run_git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
            sandbox.run_git(&["sparse-checkout", "set", "app", "tests", "transforms"]);
        }),
        ("attributes that convert", |sandbox| {
            sandbox.write(".gitattributes", "*.py text eol=crlf\n");
            sandbox.commit_all("attributes");
            fs::remove_dir_all(sandbox.path("app")).unwrap();
            sandbox.run_git(&["checkout", "-q", "."]);
            assert!(sandbox.read("app/main.py").contains("\r\n"));
        }),
        ("links", |sandbox| {
            symlink("../ws/auth.py", sandbox.path("app/agents/link.py")).unwrap();
            symlink("/etc/passwd", sandbox.path("app/ws/out.py")).unwrap();
            symlink("ws", sandbox.path("app/same")).unwrap();
            sandbox.commit_all("links");
        }),
    ];
    for (what, go_there) in places {
        let sandbox = project();
        go_there(&sandbox);
        there_and_back(&sandbox, what);
    }
}

#[test]
fn names_of_every_kind() {
    let sandbox = project();
    let names: [&[u8]; 7] = [
        b"a b.py",
        b"it's \"x\".py",
        b"new\nline.py",
        b"\xff\xfe.py",
        b"-dash.py",
        b":x.py",
        b"[x]*.py",
    ];
    for name in names {
        let mut path = b"app/ws/".to_vec();
        path.extend_from_slice(name);
        sandbox.write(OsStr::from_bytes(&path), SITE);
    }
    sandbox.commit_all("names");
    sandbox.does("check").exits(1).prints(&["9 rewrite, 1 review"]);
    there_and_back(&sandbox, "names");
    sandbox.does("diff --plan .git/plan.json").ok();
    sandbox.does("apply --plan .git/plan.json").ok();
    assert_eq!(sandbox.states(), ALL);
}

#[test]
fn a_signature_is_made_or_the_tier_is_undone() {
    let sandbox = project();
    let script = "#!/bin/sh\ncat > /dev/null; echo '[GNUPG:] SIG_CREATED ' >&2\n\
                  printf -- '-----BEGIN PGP SIGNATURE-----\\nx\\n-----END PGP SIGNATURE-----\\n'\n";
    sandbox.write(".git/gpg", script);
    let gpg = sandbox.path(".git/gpg");
    fs::set_permissions(&gpg, fs::Permissions::from_mode(0o755)).unwrap();
    let settings = [
        ("gpg.program", gpg.to_str().unwrap()),
        ("commit.gpgsign", "true"),
        ("user.signingkey", "x"),
    ];
    for (name, value) in settings {
        sandbox.run_git(&["config", name, value]);
    }
    there_and_back(&sandbox, "signed");
    assert!(sandbox.run_git(&["cat-file", "commit", "HEAD"]).contains("BEGIN PGP SIGNATURE"));
    sandbox.run_git(&["config", "gpg.program", "false"]);
    sandbox.refuses("apply --tier 1", 1, &["gpg failed to sign", "the tree is as before"]);
}

#[test]
fn hooks_are_where_the_settings_say() {
    let sandbox = project();
    sandbox.write(".git/mine/pre-commit", "#!/bin/sh\necho mine >&2; exit 1\n");
    let hook = sandbox.path(".git/mine/pre-commit");
    fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.run_git(&["config", "core.hooksPath", ".git/mine"]);
    sandbox.refuses("apply --tier 1", 1, &["mine", "the tree is as before"]);
}

#[test]
fn the_environment_says_where_git_is() {
    let sandbox = project();
    let mut below = command(&sandbox.path("app"));
    below.args(["apply", "--tier", "1"]).env("GIT_DIR", "../.git").env("GIT_WORK_TREE", "..");
    run(below).ok();
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    // Another index gets the tier, as `git commit` would have it; the usual one is not touched.
    fs::copy(sandbox.path(".git/index"), sandbox.path(".git/other")).unwrap();
    let before = sandbox.run_git(&["ls-files", "--stage"]);
    let mut other = command(&sandbox.root);
    other.args(["apply", "--tier", "2"]).env("GIT_INDEX_FILE", ".git/other");
    run(other).ok();
    assert_eq!(sandbox.run_git(&["ls-files", "--stage"]), before);
    assert_eq!(sandbox.subjects()[0], "Apply tier 2, agents");
}

#[test]
fn a_linked_working_tree_and_a_project_in_a_subfolder() {
    let sandbox = project();
    let linked = sandbox.root.parent().unwrap().join("linked");
    sandbox.run_git(&["worktree", "add", "-q", linked.to_str().unwrap(), "-b", "other"]);
    tiermod_in(&linked, &["apply", "--tier", "1"]).ok();
    assert_eq!(sandbox.states(), "pending pending pending pending");
    assert!(!sandbox.path(".git/tiermod").exists());

    let sandbox = project();
    fs::create_dir(sandbox.path("sub")).unwrap();
    for name in ["app", "tests", "transforms", "codemod.toml"] {
        sandbox.run_git(&["mv", name, "sub"]);
    }
    sandbox.commit_all("moved");
    let below = sandbox.path("sub");
    tiermod_in(&below, &["apply", "--tier", "1"]).ok();
    let files = sandbox.run_git(&["show", "--name-only", "--format=", "HEAD"]);
    assert_eq!(files, "sub/app/ws/auth.py\nsub/app/ws/pool.py\n");
    let patch = tiermod_in(&below, &["diff", "--tier", "2"]).ok();
    patch.prints(&["--- a/sub/app/agents/run.py"]);
    tiermod_in(&below, &["rollback", "--tier", "1"]).ok();
    assert_eq!(sandbox.run_git(&["diff", "HEAD~2", "HEAD"]), "");
}

/// Makes `main` and `other` differ in one line.
fn fork(sandbox: &Sandbox) {
    sandbox.run_git(&["checkout", "-q", "-b", "other"]);
    sandbox.edit("README.md", "project", "other");
    sandbox.commit_all("other");
    sandbox.run_git(&["checkout", "-q", "main"]);
    sandbox.edit("README.md", "project", "main");
    sandbox.commit_all("main");
}

#[test]
fn what_must_not_be_touched_is_refused() {
    let cases: [(&str, Do); 5] = [
        ("is in the middle of a merge", |sandbox| {
            fork(sandbox);
            assert!(!sandbox.try_git(&["merge", "other"]).0);
        }),
        ("is in the middle of a rebase", |sandbox| {
            fork(sandbox);
            assert!(!sandbox.try_git(&["rebase", "other"]).0);
        }),
        ("has no commit yet", |sandbox| {
            fs::remove_dir_all(sandbox.path(".git")).unwrap();
            sandbox.run_git(&["init", "-q", "--template="]);
            sandbox.configure();
        }),
        ("app/ws/new.py: is added but not committed", |sandbox| {
            sandbox.write("app/ws/new.py", SITE);
            sandbox.run_git(&["add", "-N", "app/ws/new.py"]);
        }),
        ("belongs to another repository, in app/ws/sub", |sandbox| {
            sandbox.write("app/ws/sub/lib.py", SITE);
            let folder = sandbox.path("app/ws/sub");
            let init = ["-C", folder.to_str().unwrap(), "init", "-q", "--template="];
            sandbox.run_git(&init);
        }),
    ];
    for (words, spoil) in cases {
        let sandbox = project();
        spoil(&sandbox);
        sandbox.refuses("apply --tier 1", 2, &[words, "nothing was written"]);
    }
}
