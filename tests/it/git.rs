//! Manners towards git: hooks, links between working trees, states, settings and odd names.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tiermod::fs::{OsFileSystem, ProjectPath};
use tiermod::git::{Call, OsProcesses, Output, Processes, Started};
use tiermod::patch::Change;
use tiermod::transaction::{
    Done, End, Failure, Finish, Interrupt, NoChecks, Outcome, Workbench, apply,
};

use crate::sandbox::{Sandbox, TestGit, change, request, run};

fn three() -> Sandbox {
    Sandbox::with(&[("a.py", "one\nR()\nthree\n"), ("b.py", "R()\n"), ("c.py", "c\n")])
}

fn plan(sandbox: &Sandbox) -> Vec<Change> {
    sandbox.changes(&[("a.py", "R()", "r"), ("b.py", "R()", "r")])
}

fn done(result: Result<Outcome, Failure>) -> Done {
    match result.unwrap() {
        Outcome::Done(done) => done,
        Outcome::Nothing => panic!("nothing was done"),
    }
}

/// What the last commit changed, and that the tree and the index agree with it.
fn last_commit(sandbox: &Sandbox) -> String {
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
    sandbox.run_git(&["log", "-1", "--format=", "--name-only"])
}

fn refused(sandbox: &Sandbox, changes: Vec<Change>, words: &str) {
    let before = sandbox.state();
    let said = sandbox.apply(sandbox.request(changes)).unwrap_err().to_string();
    assert!(said.contains(words), "{said}");
    assert_eq!(sandbox.state(), before);
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn a_failing_hook_undoes_the_tier_and_its_words_are_shown() {
    for (hook, script) in [
        ("pre-commit", "echo the linter says no >&2; exit 1"),
        ("commit-msg", "echo the linter says no; exit 1"),
        ("prepare-commit-msg", "echo the linter says no >&2; exit 1"),
    ] {
        let sandbox = three();
        sandbox.write("c.py", "staged\n");
        sandbox.run_git(&["add", "c.py"]);
        let before = sandbox.state();
        sandbox.hook(hook, script);
        let said = sandbox.apply(sandbox.request(plan(&sandbox))).unwrap_err().to_string();
        assert!(said.contains("the linter says no"), "{hook}: {said}");
        assert!(said.contains("the tree is as before"), "{hook}: {said}");
        assert_eq!(sandbox.state(), before, "{hook}");
        assert_eq!(sandbox.leftovers(), Vec::<String>::new(), "{hook}");
    }
}

#[test]
fn a_signature_that_cannot_be_made_undoes_the_tier() {
    let sandbox = three();
    let before = sandbox.state();
    sandbox.run_git(&["config", "commit.gpgsign", "true"]);
    sandbox.run_git(&["config", "gpg.program", "false"]);
    let said = sandbox.apply(sandbox.request(plan(&sandbox))).unwrap_err().to_string();
    assert!(said.contains("gpg failed to sign"), "{said}");
    assert_eq!(sandbox.state(), before);
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn a_hook_sees_the_tier_alone_staged() {
    let sandbox = three();
    sandbox.write("c.py", "staged\n");
    sandbox.run_git(&["add", "c.py"]);
    sandbox.hook("pre-commit", "git diff --cached --name-only > .git/seen");
    done(sandbox.apply(sandbox.request(plan(&sandbox))));
    assert_eq!(sandbox.read(".git/seen"), "a.py\nb.py\n");
    assert_eq!(last_commit(&sandbox), "a.py\nb.py\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "M  c.py\n");
}

/// Formatters as hooks: failing once after they changed files, staging what they changed, or just
/// changing it.
#[test]
fn a_hook_that_reformats_our_files_has_its_version_committed_and_that_is_said() {
    let format =
        "for f in a.py b.py; do grep -q fmt $f || { echo '# fmt' >> $f; changed=1; }; done";
    for (name, after) in [
        ("fails once", "[ -z \"$changed\" ]"),
        ("stages", "git add a.py b.py"),
        ("neither", "true"),
    ] {
        let sandbox = three();
        let before = sandbox.tree();
        sandbox.write("c.py", "staged\n");
        sandbox.run_git(&["add", "c.py"]);
        sandbox.hook("pre-commit", &format!("{format}\n{after}"));
        let done = done(sandbox.apply(sandbox.request(plan(&sandbox))));
        let paths: Vec<String> = done.changed_by_hooks.iter().map(ToString::to_string).collect();
        assert_eq!(paths, ["a.py", "b.py"], "{name}");
        assert_eq!(done.warnings, Vec::<String>::new(), "{name}");
        assert_eq!(done.id, sandbox.head(), "{name}");
        assert_eq!(sandbox.read("b.py"), "r\n# fmt\n", "{name}");
        assert_eq!(last_commit(&sandbox), "a.py\nb.py\n", "{name}");
        assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "M  c.py\n", "{name}");
        assert_eq!(sandbox.run_git(&["rev-list", "--count", "HEAD"]).trim(), "2", "{name}");
        // The hook's lines are the tier's too, and go with it.
        sandbox.run_git(&["stash", "-q"]);
        fs::remove_file(sandbox.path(".git/hooks/pre-commit")).unwrap();
        sandbox.rollback("one").unwrap();
        assert_eq!(sandbox.tree(), before, "{name}");
    }
}

#[test]
fn a_hook_that_reformats_and_never_agrees_undoes_the_tier_and_loses_nothing() {
    let sandbox = three();
    let before = sandbox.state();
    sandbox.hook("pre-commit", "echo '# fmt' >> a.py; exit 1");
    let failure = sandbox.apply(sandbox.request(plan(&sandbox))).unwrap_err();
    let said = failure.to_string();
    assert_eq!(sandbox.state(), before);
    assert!(said.contains("a.py: what somebody else wrote meanwhile is in"), "{said}");
    let copy = sandbox.run_git(&["rev-parse", "--git-path", "tiermod/set-aside"]);
    let copies: Vec<_> = walk(&sandbox.path(copy.trim()));
    assert_eq!(copies.len(), 1);
    assert!(fs::read_to_string(&copies[0]).unwrap().ends_with("# fmt\n"));
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn a_hook_that_adds_a_file_of_its_own_leaves_the_index_with_the_commit() {
    let sandbox = three();
    sandbox.hook("pre-commit", "echo more >> c.py; git add c.py");
    done(sandbox.apply(sandbox.request(plan(&sandbox))));
    assert_eq!(last_commit(&sandbox), "a.py\nb.py\nc.py\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn a_hook_may_add_to_the_message_but_not_take_the_trailers() {
    let sandbox = three();
    sandbox.hook("commit-msg", "echo 'Change-Id: I123' >> \"$1\"");
    done(sandbox.apply(sandbox.request(plan(&sandbox))));
    let keys = sandbox.run_git(&["log", "-1", "--format=%(trailers:keyonly)"]);
    assert!(keys.contains("Change-Id") && keys.contains("Tiermod-Tier"), "{keys}");
    sandbox.rollback("one").unwrap();
}

#[test]
fn a_hook_that_takes_the_trailers_undoes_the_tier_and_its_commit() {
    for branch in [true, false] {
        let sandbox = three();
        if !branch {
            sandbox.run_git(&["checkout", "-q", "--detach"]);
        }
        sandbox.write("c.py", "staged\n");
        sandbox.run_git(&["add", "c.py"]);
        let before = sandbox.state();
        sandbox.hook("commit-msg", "head -1 \"$1\" > .git/kept; cp .git/kept \"$1\"");
        let said = sandbox.apply(sandbox.request(plan(&sandbox))).unwrap_err().to_string();
        assert!(said.contains("a commit hook took the Tiermod lines out"), "{said}");
        assert!(said.contains("the tree is as before"), "{said}");
        assert_eq!(sandbox.state(), before);
        assert_eq!(sandbox.leftovers(), Vec::<String>::new());
    }
}

#[test]
fn a_hook_that_takes_changes_out_undoes_the_tier_and_its_commit() {
    for (what, script, path) in [
        ("all", "git checkout -q HEAD -- a.py b.py", "a.py"),
        ("one file", "git checkout -q HEAD -- b.py", "b.py"),
        ("in the tree alone", "git show HEAD:a.py > a.py", "a.py"),
        ("a removed file", "git rm -qf a.py", "a.py"),
        ("a change of several", "sed -i s/FIVE/five/ a.py; git add a.py", "a.py"),
    ] {
        let sandbox =
            Sandbox::with(&[("a.py", "one\n2\n3\n4\nfive\n"), ("b.py", "q\n"), ("c.py", "kept\n")]);
        sandbox.write("c.py", "staged\n");
        sandbox.run_git(&["add", "c.py"]);
        let before = sandbox.state();
        sandbox.hook("pre-commit", script);
        let edits = [("a.py", "one", "ONE"), ("b.py", "q", "r")];
        let mut changes = sandbox.changes(&edits);
        changes[0].new = b"ONE\n2\n3\n4\nFIVE\n".to_vec();
        let said = sandbox.apply(sandbox.request(changes)).unwrap_err().to_string();
        let words = format!("{path}: a commit hook took what the tier changes out again");
        assert!(said.contains(&words), "{what}: {said}");
        assert!(said.contains("the tree is as before"), "{what}: {said}");
        assert_eq!(sandbox.state(), before, "{what}");
        assert_eq!(sandbox.leftovers(), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn a_commit_that_others_were_made_on_is_left_to_a_person() {
    let sandbox = three();
    let before = (sandbox.tree(), sandbox.head());
    sandbox.hook("commit-msg", "head -1 \"$1\" > .git/kept; cp .git/kept \"$1\"");
    let again = "[ -e .git/twice ] || { touch .git/twice; git commit -q --allow-empty -m more; }";
    sandbox.hook("post-commit", again);
    let said = sandbox.apply(sandbox.request(plan(&sandbox))).unwrap_err().to_string();
    assert!(said.contains(&format!("`git reset --soft {}` takes it off", before.1)), "{said}");
    assert_eq!(sandbox.tree(), before.0);
}

/// Commits, and does not hear how that ended.
struct Abandons(TestGit);

impl Processes for Abandons {
    fn run(&self, call: &Call) -> std::io::Result<Output> {
        self.0.run(call)
    }
    fn run_announced(&self, call: &Call, started: Started<'_>) -> std::io::Result<Output> {
        let is_commit = call.name() == "commit";
        let output = self.0.run_announced(call, started)?;
        if is_commit { Err(std::io::Error::other("killed")) } else { Ok(output) }
    }
    fn is_alive(&self, id: u32) -> bool {
        self.0.is_alive(id)
    }
}

#[test]
fn a_commit_that_was_made_although_nobody_heard_of_it_stands() {
    let sandbox = three();
    let changes = plan(&sandbox);
    let git = Abandons(TestGit::default());
    let result = run(&OsFileSystem, &git, &sandbox.root, |ready| {
        apply(ready, request("one", changes, Finish::Commit), &mut NoChecks)
    });
    // Looking for the commit before going back finds it.
    done(result.unwrap().0);
    assert_eq!(last_commit(&sandbox), "a.py\nb.py\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn other_work_on_the_same_files_is_refused_and_with_leave_stays_uncommitted() {
    let sandbox = three();
    sandbox.write("a.py", "one\nR()\nthree\nmine\n");
    refused(&sandbox, plan(&sandbox), "a.py: has uncommitted changes");
    sandbox.run_git(&["add", "a.py"]);
    refused(&sandbox, plan(&sandbox), "a.py: has staged changes");
    sandbox.write("a.py", "ONE\nR()\nthree\nmine\n");
    let mut request = sandbox.request(plan(&sandbox));
    request.allow_dirty = true;
    done(sandbox.apply(request));
    assert_eq!(sandbox.read("a.py"), "ONE\nr\nthree\nmine\n");
    assert_eq!(sandbox.run_git(&["show", "HEAD:a.py"]), "one\nr\nthree\n");
    assert_eq!(sandbox.run_git(&["show", ":a.py"]), "one\nr\nthree\nmine\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "MM a.py\n");
    assert_eq!(last_commit(&sandbox), "a.py\nb.py\n");
}

#[test]
fn uncommitted_changes_on_the_tiers_own_lines_are_refused_even_with_leave() {
    let sandbox = three();
    sandbox.write("a.py", "one\nR() + mine\nthree\n");
    let mut request = sandbox.request(sandbox.changes(&[("a.py", "R() + mine", "mine + r")]));
    request.allow_dirty = true;
    let said = sandbox.apply(request).unwrap_err().to_string();
    assert!(said.contains("uncommitted changes on the lines that would change"), "{said}");
    assert_eq!(sandbox.read("a.py"), "one\nR() + mine\nthree\n");
}

#[test]
fn what_git_does_not_know_or_has_not_committed_is_refused() {
    let sandbox = three();
    sandbox.write("new.py", "R()\n");
    refused(&sandbox, sandbox.changes(&[("new.py", "R()", "r")]), "new.py: is not tracked by git");
    sandbox.run_git(&["add", "new.py"]);
    let changes = sandbox.changes(&[("new.py", "R()", "r")]);
    refused(&sandbox, changes, "new.py: is added but not committed");
}

#[test]
fn flags_that_hide_edits_from_git_do_not_hide_them_from_us() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let sandbox = three();
        sandbox.run_git(&["update-index", flag, "a.py"]);
        done(sandbox.apply(sandbox.request(plan(&sandbox))));
        assert_eq!(last_commit(&sandbox), "a.py\nb.py\n", "{flag}");
        let tag = if flag == "--skip-worktree" { "S a.py" } else { "h a.py" };
        let tags = sandbox.run_git(&["ls-files", "-v"]);
        assert!(tags.lines().any(|line| line == tag), "{flag}: {tags}");
        sandbox.run_git(&["update-index", flag, "b.py"]);
        sandbox.write("b.py", "r\nhidden\n");
        assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "", "{flag}");
        let changes = sandbox.changes(&[("b.py", "r\n", "s\n")]);
        refused(&sandbox, changes, "b.py: has uncommitted changes");
    }
}

#[test]
fn in_the_middle_of_something_else_it_is_refused_and_said() {
    let sandbox = three();
    sandbox.run_git(&["checkout", "-q", "-b", "other"]);
    sandbox.write("c.py", "other\n");
    sandbox.commit_all("other");
    sandbox.run_git(&["checkout", "-q", "main"]);
    sandbox.write("c.py", "main\n");
    sandbox.commit_all("main");
    for (begin, end, words) in [
        (vec!["merge", "other"], vec!["merge", "--abort"], "a merge"),
        (vec!["rebase", "other"], vec!["rebase", "--abort"], "a rebase"),
        (vec!["cherry-pick", "other"], vec!["cherry-pick", "--abort"], "a cherry-pick"),
        (vec!["bisect", "start"], vec!["bisect", "reset"], "a bisection"),
    ] {
        sandbox.try_git(&begin);
        let words = format!("in the middle of {words}; finish or abort it first");
        refused(&sandbox, plan(&sandbox), &words);
        sandbox.run_git(&end);
    }
}

#[test]
fn without_a_commit_there_is_nothing_to_go_back_to() {
    let sandbox = Sandbox::git();
    sandbox.write("a.py", "R()\n");
    sandbox.run_git(&["add", "a.py"]);
    let changes = sandbox.changes(&[("a.py", "R()", "r")]);
    let said = sandbox.apply(sandbox.request(changes.clone())).unwrap_err().to_string();
    assert!(said.contains("the repository has no commit yet"), "{said}");
    let mut request = request("one", changes, Finish::Keep);
    request.allow_dirty = true;
    done(sandbox.apply(request));
    assert_eq!(sandbox.read("a.py"), "r\n");
    sandbox.rollback("one").unwrap_err();
}

#[test]
fn a_detached_head_moves_and_no_branch_does() {
    let sandbox = three();
    let main = sandbox.head();
    sandbox.run_git(&["checkout", "-q", "--detach"]);
    done(sandbox.apply(sandbox.request(plan(&sandbox))));
    assert_eq!(last_commit(&sandbox), "a.py\nb.py\n");
    assert_eq!(sandbox.run_git(&["rev-parse", "main"]).trim(), main);
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn a_linked_working_tree_has_a_lock_and_a_journal_of_its_own() {
    let sandbox = three();
    let linked = Sandbox::plain();
    sandbox.run_git(&["worktree", "add", "-q", "-f", linked.root.to_str().unwrap(), "-b", "topic"]);
    let before = sandbox.state();
    let changes = linked.changes(&[("a.py", "R()", "r")]);
    done(linked.apply(linked.request(changes)));
    assert_eq!(linked.run_git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.state(), before);
    assert!(walk(&sandbox.path(".git/worktrees")).iter().any(|p| p.ends_with("tiermod/lock")));
    linked.rollback("one").unwrap();
    assert_eq!(linked.read("a.py"), "one\nR()\nthree\n");
}

#[test]
fn submodules_and_other_repositories_inside_are_not_crossed() {
    let inner = Sandbox::with(&[("lib.py", "R()\n")]);
    let sandbox = three();
    let url = inner.root.to_str().unwrap();
    sandbox.run_git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "sub"]);
    sandbox.commit_all("with a submodule");
    let changes = sandbox.changes(&[("sub/lib.py", "R()", "r")]);
    refused(&sandbox, changes, "sub/lib.py: belongs to another repository, in sub");
    // In the submodule itself it is an ordinary repository.
    let sub = sandbox.path("sub");
    let change = change("lib.py", b"R()\n", b"r\n");
    sandbox.run_git(&["-C", "sub", "config", "user.name", "x"]);
    sandbox.run_git(&["-C", "sub", "config", "user.email", "x@example.com"]);
    let result = run(&OsFileSystem, &TestGit::default(), &sub, |ready| {
        apply(ready, request("one", vec![change], Finish::Commit), &mut NoChecks)
    });
    done(result.unwrap().0);
    assert_eq!(sandbox.run_git(&["-C", "sub", "status", "--porcelain"]), "");
}

#[test]
fn a_sparse_checkout_stays_sparse() {
    let sandbox = Sandbox::with(&[("in/a.py", "R()\n"), ("out/b.py", "R()\n")]);
    for index in ["false", "true"] {
        sandbox.run_git(&["config", "index.sparse", index]);
        sandbox.run_git(&["sparse-checkout", "set", "in"]);
        assert!(!sandbox.path("out/b.py").exists());
        let changes = sandbox.changes(&[("in/a.py", "R()", "r")]);
        done(sandbox.apply(sandbox.request(changes)));
        assert_eq!(last_commit(&sandbox), "in/a.py\n");
        assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
        assert!(sandbox.run_git(&["ls-files", "-t"]).contains("S out/b.py"));
        assert!(!sandbox.path("out/b.py").exists());
        sandbox.rollback("one").unwrap();
        assert!(!sandbox.path("out/b.py").exists());
    }
    // A tier that was applied to files that are not checked out here cannot be taken back here.
    sandbox.run_git(&["sparse-checkout", "disable"]);
    done(sandbox.apply(sandbox.request(sandbox.changes(&[("out/b.py", "R()", "r")]))));
    sandbox.run_git(&["sparse-checkout", "set", "in"]);
    let said = sandbox.rollback("one").unwrap_err();
    assert!(said.contains("out/b.py: is not in the working tree"), "{said}");
}

#[test]
fn modes_are_kept_whether_git_looks_at_them_or_not() {
    let sandbox = three();
    sandbox.run_git(&["update-index", "--chmod=+x", "a.py"]);
    fs::set_permissions(sandbox.path("a.py"), fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.commit_all("runs");
    fs::set_permissions(sandbox.path("a.py"), fs::Permissions::from_mode(0o644)).unwrap();
    refused(&sandbox, plan(&sandbox), "a.py: has an uncommitted change of its mode");
    sandbox.run_git(&["config", "core.fileMode", "false"]);
    done(sandbox.apply(sandbox.request(plan(&sandbox))));
    assert!(sandbox.run_git(&["ls-tree", "HEAD", "a.py"]).starts_with("100755"));
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn a_project_in_a_subfolder_commits_and_patches_by_the_repositorys_paths() {
    let sandbox = Sandbox::with(&[("py/app/a.py", "R()\n"), ("js/x.js", "x\n")]);
    let root = sandbox.path("py");
    let changes = vec![change("app/a.py", b"R()\n", b"r\n")];
    let git = TestGit::default();
    let bench = Workbench::open(&OsFileSystem, &git, &root, Interrupt::default()).unwrap();
    let patches = bench.patches(&changes).unwrap();
    assert_eq!(patches[0].path, b"py/app/a.py");
    let result = run(&OsFileSystem, &TestGit::default(), &root, |ready| {
        apply(ready, request("one", changes, Finish::Commit), &mut NoChecks)
    });
    done(result.unwrap().0);
    assert_eq!(last_commit(&sandbox), "py/app/a.py\n");
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn names_of_any_bytes_are_names_and_never_patterns() {
    let names: [&[u8]; 8] = [
        b"a b.py",
        b"quote\".py",
        b"new\nline.py",
        b"back\\slash.py",
        b"\xff\xfe.py",
        b"*.py",
        b":(glob)x.py",
        b"-dash.py",
    ];
    let sandbox = Sandbox::with(&[("ab.py", "R()\n")]);
    for name in names {
        sandbox.write(OsStr::from_bytes(name), "R()\n");
    }
    sandbox.commit_all("odd");
    let before = sandbox.tree();
    let changes: Vec<Change> = names
        .iter()
        .map(|name| Change {
            path: ProjectPath::new(OsStr::from_bytes(name)).unwrap(),
            old: b"R()\n".to_vec(),
            new: b"r\n".to_vec(),
            notes: Vec::new(),
        })
        .collect();
    done(sandbox.apply(sandbox.request(changes)));
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    assert_eq!(sandbox.read("ab.py"), "R()\n");
    let committed = sandbox.run_git(&["log", "-1", "--format=", "--name-only", "-z"]);
    assert_eq!(committed.matches('\0').count(), names.len());
    sandbox.rollback("one").unwrap();
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn an_index_that_another_git_holds_is_waited_for() {
    let sandbox = three();
    let lock = sandbox.path(".git/index.lock");
    // Somebody who came while the tier was on its way.
    sandbox.hook("pre-commit", "touch .git/index.lock");
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| done(sandbox.apply(sandbox.request(plan(&sandbox)))));
        // The commit itself does not need the real index.
        while sandbox.run_git(&["rev-list", "--count", "HEAD"]).trim() != "2" {
            std::thread::yield_now();
        }
        fs::remove_file(&lock).unwrap();
        assert_eq!(thread.join().unwrap().warnings, Vec::<String>::new());
    });
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
}

#[test]
fn an_index_that_another_git_keeps_stops_the_tier_before_it_begins() {
    let sandbox = three();
    let before = sandbox.state();
    let lock = sandbox.path(".git/index.lock");
    fs::write(&lock, "").unwrap();
    let said = sandbox.apply(sandbox.request(plan(&sandbox))).unwrap_err().to_string();
    assert!(said.contains("index.lock exists: another git is at work here"), "{said}");
    fs::remove_file(&lock).unwrap();
    assert_eq!(sandbox.state(), before);
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn sha256_repositories_work_alike() {
    let sandbox = Sandbox::plain();
    sandbox.run_git(&["init", "-q", "-b", "main", "--template=", "--object-format=sha256"]);
    sandbox.configure();
    sandbox.write("a.py", "R()\n");
    sandbox.commit_all("first");
    done(sandbox.apply(sandbox.request(sandbox.changes(&[("a.py", "R()", "r")]))));
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    sandbox.rollback("one").unwrap();
    assert_eq!(sandbox.read("a.py"), "R()\n");
}

/// The blobs that a patch names are those that `git add` makes, in every setting of line endings.
#[test]
fn stored_forms_are_what_git_add_stores() {
    let contents: [&[u8]; 7] =
        [b"a\nb\n", b"a\r\nb\r\n", b"a\r\nb\n", b"a\rb\r\n", b"a\0\r\n", b"", b"$Id: x$\r\n"];
    let attributes = [
        "",
        "* text\n",
        "* text=auto\n",
        "* -text\n",
        "* eol=crlf\n",
        "* text eol=lf\n",
        "* text=auto eol=crlf\n",
        "* crlf\n",
        "* ident\n",
        "* binary\n",
    ];
    let git = TestGit::default();
    for committed in ["x\n", "x\r\n"] {
        let sandbox = Sandbox::git();
        let name = |n: usize| format!("f{n}.py");
        (0..contents.len()).for_each(|n| sandbox.write(name(n), committed));
        sandbox.commit_all("first");
        sandbox.run_git(&["config", "core.safecrlf", "false"]);
        let bench =
            Workbench::open(&OsFileSystem, &git, &sandbox.root, Interrupt::default()).unwrap();
        let changes: Vec<Change> = contents
            .iter()
            .enumerate()
            .map(|(n, bytes)| change(&name(n), committed.as_bytes(), bytes))
            .collect();
        for (autocrlf, attributes) in
            attributes.iter().flat_map(|line| ["false", "true", "input"].map(|auto| (auto, line)))
        {
            sandbox.run_git(&["config", "core.autocrlf", autocrlf]);
            sandbox.write(".gitattributes", attributes);
            let patches = bench.patches(&changes).unwrap();
            for (n, bytes) in contents.iter().enumerate() {
                sandbox.write(name(n), bytes);
            }
            sandbox.run_git(&["add", "-A"]);
            let stored = sandbox.run_git(&["ls-files", "-s"]);
            for (n, patch) in patches.iter().enumerate() {
                let ours = tiermod::patch::ObjectFormat::Sha1.blob(&patch.new);
                let line = stored.lines().find(|line| line.ends_with(&name(n))).unwrap();
                let what = format!("{autocrlf} {attributes:?} {committed:?} {:?}", contents[n]);
                assert!(line.contains(&ours), "{what}: {line} and not {ours}");
            }
            sandbox.run_git(&["reset", "-q"]);
        }
    }
}

/// Git with its folder and its working tree in the environment.
struct Located<'a>(&'a Path, &'a Path);
impl Located<'_> {
    fn located(&self, call: &Call) -> Call {
        call.clone().set("GIT_DIR", self.0).set("GIT_WORK_TREE", self.1)
    }
}
impl Processes for Located<'_> {
    fn run(&self, call: &Call) -> std::io::Result<Output> {
        OsProcesses::default().run(&self.located(call))
    }
    fn run_announced(&self, call: &Call, started: Started<'_>) -> std::io::Result<Output> {
        OsProcesses::default().run_announced(&self.located(call), started)
    }
    fn is_alive(&self, _: u32) -> bool {
        false
    }
}

#[test]
fn the_environment_says_where_git_is() {
    let sandbox = three();
    let elsewhere = Sandbox::plain();
    fs::rename(sandbox.path(".git"), elsewhere.path("repo")).unwrap();
    let repo = elsewhere.path("repo");
    let changes = plan(&sandbox);
    let git = Located(&repo, &sandbox.root);
    let result = run(&OsFileSystem, &git, &sandbox.root, |ready| {
        apply(ready, request("one", changes, Finish::Commit), &mut NoChecks)
    });
    done(result.unwrap().0);
    let status = sandbox.run_git(&[
        "--git-dir",
        repo.to_str().unwrap(),
        "--work-tree",
        ".",
        "status",
        "--porcelain",
    ]);
    assert_eq!(status, "");
    assert!(repo.join("tiermod/lock").exists());
}

#[test]
fn a_run_that_died_in_a_hook_is_undone() {
    let sandbox = three();
    let before = sandbox.state();
    // The journal of a run that died while git was committing, and git that never did.
    sandbox.hook("pre-commit", "cp -r .git/tiermod .git/saved; exit 1");
    sandbox.apply(sandbox.request(plan(&sandbox))).unwrap_err();
    fs::remove_file(sandbox.path(".git/hooks/pre-commit")).unwrap();
    fs::remove_dir_all(sandbox.path(".git/tiermod")).unwrap();
    fs::rename(sandbox.path(".git/saved"), sandbox.path(".git/tiermod")).unwrap();
    sandbox.write("a.py", "one\nr\nthree\n");
    let recovery = sandbox.recover().unwrap();
    assert_eq!(recovery.end, End::Undone(Vec::new()));
    assert_eq!(sandbox.state(), before);
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}
