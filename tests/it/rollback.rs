//! Taking a tier back: by hand-made histories of every kind, with later edits kept.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use tiermod::fs::ProjectPath;
use tiermod::transaction::{Finish, Knowledge, Outcome, State};

use crate::disk::Disk;
use crate::sandbox::{AllOf, Sandbox, Tree, isolate, request, same_cases};

const FIRST: &str = "\
import os
from app.redis import RedisManager

x = RedisManager()
y = os.name


def f():
    return RedisManager()
";

const MIGRATED: [(&str, &str); 2] =
    [("import RedisManager", "import redis_manager"), ("RedisManager()", "redis_manager")];

fn two_files() -> Sandbox {
    Sandbox::with(&[("a.py", FIRST), ("b.py", FIRST), ("other.py", "other\n")])
}

/// Applies a tier over `paths`, as a plan of the files as they are would.
fn apply(sandbox: &Sandbox, tier: &str, paths: &[&str]) {
    let changes = paths
        .iter()
        .map(|path| {
            let old = sandbox.read(path);
            let new = MIGRATED.iter().fold(old.clone(), |text, (from, to)| text.replace(from, to));
            crate::sandbox::change(path, old.as_bytes(), new.as_bytes())
        })
        .collect();
    let finish = if sandbox.path(".git").exists() { Finish::Commit } else { Finish::Keep };
    let outcome = sandbox.apply(request(tier, changes, finish)).unwrap();
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
}

fn edit(sandbox: &Sandbox, path: &str, from: &str, to: &str) {
    let text = sandbox.read(path);
    assert!(text.contains(from), "{text}");
    sandbox.write(path, text.replace(from, to));
}

fn roll_back(sandbox: &Sandbox, tier: &str) {
    let outcome = sandbox.rollback(tier).unwrap();
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn a_tier_is_taken_back_byte_for_byte_and_the_history_says_so() {
    let sandbox = two_files();
    let before = sandbox.tree();
    apply(&sandbox, "one", &["a.py", "b.py"]);
    let applied = sandbox.head();
    assert_eq!(sandbox.standing("one", 0), State::Applied);
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.tree(), before);
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "");
    let message = sandbox.run_git(&["log", "-1", "--format=%(trailers:key=Tiermod-Rolls-Back)"]);
    assert!(message.contains(&applied), "{message}");
    assert_eq!(sandbox.standing("one", 4), State::RolledBack);
    let again = sandbox.rollback("one").unwrap_err();
    assert!(again.contains("was taken back already"), "{again}");
    assert!(sandbox.rollback("two").unwrap_err().contains("never applied"));
}

#[test]
fn applied_in_parts_taken_back_and_applied_again() {
    let sandbox = two_files();
    let before = sandbox.tree();
    apply(&sandbox, "one", &["a.py"]);
    assert_eq!(sandbox.standing("one", 2), State::Partial);
    apply(&sandbox, "one", &["b.py"]);
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.tree(), before);
    apply(&sandbox, "one", &["a.py", "b.py"]);
    assert_eq!(sandbox.standing("one", 0), State::Applied);
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.tree(), before);
    assert_eq!(sandbox.standing("one", 4), State::RolledBack);
}

#[test]
fn later_edits_stay_also_on_neighbouring_lines_and_in_the_same_import() {
    let sandbox = two_files();
    apply(&sandbox, "one", &["a.py", "b.py"]);
    // Another tier's share of the same import, a neighbouring line, the same line, and far away.
    edit(&sandbox, "a.py", "import redis_manager", "import cache, redis_manager");
    edit(&sandbox, "a.py", "y = os.name", "y = os.name + cache.name");
    edit(&sandbox, "b.py", "return redis_manager", "return redis_manager.client  # pooled");
    edit(&sandbox, "b.py", "import os\n", "import os\nimport sys\n");
    sandbox.commit_all("later");
    roll_back(&sandbox, "one");
    assert_eq!(
        sandbox.read("a.py"),
        FIRST
            .replace("import RedisManager", "import cache, RedisManager")
            .replace("os.name", "os.name + cache.name")
    );
    assert_eq!(
        sandbox.read("b.py"),
        FIRST
            .replace("return RedisManager()", "return RedisManager().client  # pooled")
            .replace("import os\n", "import os\nimport sys\n")
    );
}

#[test]
fn one_of_two_tiers_that_share_a_file_and_an_import_is_taken_back_alone() {
    let first = "from m import A, B\n\na = A()\nb = B()\n";
    let sandbox = Sandbox::with(&[("x.py", first)]);
    let steps = [
        ("one", "from m import B, a\n\na = a\nb = B()\n"),
        ("two", "from m import a, b\n\na = a\nb = b\n"),
    ];
    for (tier, text) in steps {
        let old = sandbox.read("x.py");
        let change = crate::sandbox::change("x.py", old.as_bytes(), text.as_bytes());
        sandbox.apply(request(tier, vec![change], Finish::Commit)).unwrap();
    }
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.read("x.py"), "from m import A, b\n\na = A()\nb = b\n");
    roll_back(&sandbox, "two");
    assert_eq!(sandbox.read("x.py"), first);
}

#[test]
fn a_conflict_names_file_and_lines_and_changes_nothing() {
    let sandbox = two_files();
    apply(&sandbox, "one", &["a.py", "b.py"]);
    edit(&sandbox, "b.py", "x = redis_manager\n", "x = something_else\n");
    sandbox.commit_all("later");
    let before = sandbox.state();
    let said = sandbox.rollback("one").unwrap_err();
    assert!(said.contains("b.py:4: was changed after"), "{said}");
    assert!(said.contains("x = something_else") && !said.contains("a.py"), "{said}");
    assert_eq!(sandbox.state(), before);
    assert_eq!(sandbox.leftovers(), Vec::<String>::new());
}

#[test]
fn a_result_that_would_not_work_is_a_conflict() {
    struct Fussy;
    impl Knowledge for Fussy {
        fn owns(&self, _: &ProjectPath) -> bool {
            true
        }
        fn verify(&self, path: &ProjectPath, _: &[u8]) -> Result<(), String> {
            if path.to_slash() == "b.py" { Err("z is not defined".to_owned()) } else { Ok(()) }
        }
    }
    let sandbox = two_files();
    apply(&sandbox, "one", &["a.py", "b.py"]);
    let before = sandbox.state();
    let said = sandbox.rollback_knowing("one", &Fussy).unwrap_err();
    assert!(said.contains("b.py: would not work any more: z is not defined"), "{said}");
    assert_eq!(sandbox.state(), before);
}

#[test]
fn squashed_with_another_tier_and_other_edits_only_the_tiers_lines_go() {
    let sandbox = two_files();
    sandbox.run_git(&["checkout", "-q", "-b", "topic"]);
    apply(&sandbox, "one", &["a.py"]);
    apply(&sandbox, "two", &["b.py"]);
    edit(&sandbox, "a.py", "y = os.name", "y = os.sep");
    edit(&sandbox, "other.py", "other", "another");
    sandbox.commit_all("by hand");
    sandbox.run_git(&["checkout", "-q", "main"]);
    sandbox.run_git(&["merge", "-q", "--squash", "topic"]);
    sandbox.run_git(&["commit", "-q", "--no-edit"]);
    sandbox.run_git(&["branch", "-q", "-D", "topic"]);
    assert_eq!(sandbox.run_git(&["rev-list", "--count", "HEAD"]).trim(), "2");
    for tier in ["one", "two"] {
        assert_eq!(sandbox.standing(tier, 0), State::Applied);
    }
    let migrated = sandbox.read("b.py");
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.read("a.py"), FIRST.replace("os.name", "os.sep"));
    assert_eq!(sandbox.read("b.py"), migrated);
    assert_eq!(sandbox.read("other.py"), "another\n");
    roll_back(&sandbox, "two");
    assert_eq!(sandbox.read("b.py"), FIRST);
}

#[test]
fn squashed_without_the_file_lines_a_tier_is_the_files_that_it_owns() {
    let sandbox = two_files();
    let base = sandbox.head();
    apply(&sandbox, "one", &["a.py"]);
    apply(&sandbox, "two", &["b.py"]);
    let message = sandbox.run_git(&["log", "--format=%B", &format!("{base}..HEAD")]);
    let kept: Vec<&str> =
        message.lines().filter(|line| !line.starts_with("Tiermod-File")).collect();
    sandbox.run_git(&["reset", "-q", "--soft", &base]);
    sandbox.run_git(&["commit", "-q", "-m", &kept.join("\n")]);
    let migrated = sandbox.read("b.py");
    sandbox.rollback_knowing("one", &AllOf("a")).unwrap();
    assert_eq!((sandbox.read("a.py").as_str(), sandbox.read("b.py")), (FIRST, migrated));
}

#[test]
fn an_apply_and_its_rollback_squashed_together_are_nothing() {
    let sandbox = two_files();
    let base = sandbox.head();
    apply(&sandbox, "one", &["a.py"]);
    roll_back(&sandbox, "one");
    let message = sandbox.run_git(&["log", "--reverse", "--format=%B", &format!("{base}..HEAD")]);
    sandbox.run_git(&["reset", "-q", "--soft", &base]);
    sandbox.run_git(&["commit", "-q", "--allow-empty", "-m", &message]);
    assert_eq!(sandbox.standing("one", 2), State::Pending);
    assert!(sandbox.rollback("one").unwrap_err().contains("never applied"));
}

#[test]
fn rebased_commits_are_found_by_what_they_say() {
    let sandbox = two_files();
    let base = sandbox.head();
    sandbox.run_git(&["checkout", "-q", "-b", "topic"]);
    apply(&sandbox, "one", &["a.py"]);
    roll_back(&sandbox, "one");
    apply(&sandbox, "one", &["a.py", "b.py"]);
    sandbox.run_git(&["checkout", "-q", "main"]);
    sandbox.write("other.py", "moved on\n");
    edit(&sandbox, "a.py", "os.name\n\n", "os.name\n\nz = 1\n");
    sandbox.commit_all("moved on");
    sandbox.run_git(&["rebase", "-q", "main", "topic"]);
    assert_ne!(sandbox.run_git(&["merge-base", "main", "topic"]).trim(), base);
    assert_eq!(sandbox.standing("one", 0), State::Applied);
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.read("a.py"), FIRST.replace("os.name\n\n", "os.name\n\nz = 1\n"));
    assert_eq!(sandbox.read("b.py"), FIRST);
    assert_eq!(sandbox.standing("one", 4), State::RolledBack);
}

#[test]
fn cherry_picked_and_merged_it_is_there_twice_and_taken_back_once() {
    let sandbox = two_files();
    let before = sandbox.tree();
    sandbox.run_git(&["checkout", "-q", "-b", "topic"]);
    apply(&sandbox, "one", &["a.py", "b.py"]);
    sandbox.run_git(&["checkout", "-q", "main"]);
    sandbox.write("more.py", "more\n");
    sandbox.commit_all("more");
    sandbox.run_git(&["cherry-pick", "topic"]);
    sandbox.run_git(&["merge", "-q", "--no-edit", "topic"]);
    assert_eq!(sandbox.standing("one", 0), State::Applied);
    roll_back(&sandbox, "one");
    let mut expected: Tree = before;
    expected.insert(b"more.py".to_vec(), (0o100_644, b"more\n".to_vec()));
    assert_eq!(sandbox.tree(), expected);
    assert_eq!(sandbox.standing("one", 4), State::RolledBack);
}

#[test]
fn reverted_by_hand_it_is_rolled_back_and_reverting_that_applies_it_again() {
    let sandbox = two_files();
    let before = sandbox.tree();
    apply(&sandbox, "one", &["a.py", "b.py"]);
    let migrated = sandbox.tree();
    sandbox.run_git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(sandbox.standing("one", 4), State::RolledBack);
    assert!(sandbox.rollback("one").unwrap_err().contains("was taken back already"));
    sandbox.run_git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(sandbox.tree(), migrated);
    assert_eq!(sandbox.standing("one", 0), State::Applied);
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.tree(), before);
    // And a rollback that is reverted by hand is none any more.
    sandbox.run_git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(sandbox.standing("one", 0), State::Applied);
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn undone_without_a_word_the_tree_tells_the_truth() {
    let sandbox = two_files();
    apply(&sandbox, "one", &["a.py", "b.py"]);
    sandbox.run_git(&["checkout", "-q", "HEAD~1", "--", "a.py"]);
    sandbox.commit_all("oops");
    assert_eq!(sandbox.standing("one", 2), State::Partial);
    sandbox.run_git(&["checkout", "-q", "HEAD~2", "--", "b.py"]);
    sandbox.commit_all("all of it");
    assert_eq!(sandbox.standing("one", 4), State::RolledBack);
    assert_eq!(sandbox.rollback("one").unwrap(), Outcome::Nothing);
    assert_eq!(sandbox.read("a.py"), FIRST);
}

#[test]
fn an_amended_commit_keeps_what_was_added_to_it() {
    let sandbox = two_files();
    apply(&sandbox, "one", &["a.py"]);
    edit(&sandbox, "a.py", "y = os.name", "y = os.sep");
    edit(&sandbox, "other.py", "other", "another");
    sandbox.run_git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.read("a.py"), FIRST.replace("os.name", "os.sep"));
    assert_eq!(sandbox.read("other.py"), "another\n");
}

#[test]
fn an_amended_line_of_the_tiers_own_is_a_conflict() {
    let sandbox = two_files();
    apply(&sandbox, "one", &["a.py"]);
    edit(&sandbox, "a.py", "x = redis_manager", "x = 'other'");
    sandbox.run_git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    let before = sandbox.state();
    let said = sandbox.rollback("one").unwrap_err();
    assert!(said.contains("a.py: the commit has other edits on the same lines"), "{said}");
    assert_eq!(sandbox.state(), before);
}

#[test]
fn a_moved_file_is_followed_and_a_removed_one_left_out() {
    let sandbox = two_files();
    apply(&sandbox, "one", &["a.py", "b.py"]);
    std::fs::create_dir(sandbox.path("pkg")).unwrap();
    sandbox.run_git(&["mv", "a.py", "pkg/renamed.py"]);
    sandbox.run_git(&["rm", "-q", "b.py"]);
    sandbox.commit_all("moved");
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.read("pkg/renamed.py"), FIRST);
    assert!(!sandbox.path("b.py").exists());
}

#[test]
fn from_another_clone_and_not_from_a_shallow_one() {
    let sandbox = two_files();
    let before = sandbox.tree();
    apply(&sandbox, "one", &["a.py", "b.py"]);
    let clone = |options: &[&str]| {
        let copy = Sandbox::plain();
        let mut command = Command::new("git");
        isolate(&mut command);
        let from = format!("file://{}", sandbox.root.display());
        let status = command.args(["clone", "-q"]).args(options).arg(from).arg(&copy.root).status();
        assert!(status.unwrap().success());
        copy.configure();
        copy
    };
    let full = clone(&[]);
    roll_back(&full, "one");
    assert_eq!(full.tree(), before);
    let shallow = clone(&["--depth=1"]);
    let said = shallow.rollback("one").unwrap_err();
    assert!(said.contains("git fetch --unshallow"), "{said}");
    // One that has not even the tier's commit.
    sandbox.write("c.py", "later\n");
    sandbox.commit_all("later");
    let said = clone(&["--depth=1"]).rollback("one").unwrap_err();
    assert!(said.contains("shallow") && said.contains("git fetch --unshallow"), "{said}");
    assert!(!said.contains("was never applied"), "{said}");
}

#[test]
fn without_git_the_records_serve() {
    let sandbox = Sandbox::plain();
    sandbox.write("a.py", FIRST);
    sandbox.write("b.py", FIRST);
    let before = sandbox.tree();
    apply(&sandbox, "one", &["a.py"]);
    apply(&sandbox, "two", &["b.py"]);
    assert_eq!(sandbox.standing("one", 0), State::Applied);
    edit(&sandbox, "a.py", "y = os.name", "y = os.sep");
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.read("a.py"), FIRST.replace("os.name", "os.sep"));
    assert_eq!(sandbox.standing("one", 2), State::RolledBack);
    edit(&sandbox, "a.py", "y = os.sep", "y = os.name");
    apply(&sandbox, "one", &["a.py"]);
    edit(&sandbox, "a.py", "x = redis_manager", "x = None");
    let said = sandbox.rollback("one").unwrap_err();
    assert!(said.contains("a.py:4: was changed after record:4"), "{said}");
    edit(&sandbox, "a.py", "x = None", "x = redis_manager");
    roll_back(&sandbox, "one");
    roll_back(&sandbox, "two");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn applied_without_a_commit_it_is_taken_back_without_or_with_one() {
    let sandbox = two_files();
    let before = sandbox.state();
    let changes = sandbox.changes(&[("a.py", "RedisManager()", "redis_manager")]);
    sandbox.apply(request("one", changes, Finish::Keep)).unwrap();
    assert_eq!(sandbox.head(), before.head.trim());
    assert_eq!(sandbox.run_git(&["status", "--porcelain"]), " M a.py\n");
    assert_eq!(sandbox.standing("one", 0), State::Applied);
    // Committed by hand, it can be taken back with a commit.
    sandbox.commit_all("by hand");
    roll_back(&sandbox, "one");
    assert_eq!(sandbox.tree(), before.tree);
    assert_eq!(sandbox.standing("one", 2), State::RolledBack);
}

#[test]
fn line_endings_stay_whatever_git_makes_of_them() {
    for (settings, attributes) in [
        ("true", ""),
        ("input", ""),
        ("false", "*.py text eol=crlf\n"),
        ("false", "*.py text=auto\n"),
        ("false", "*.py -text\n"),
        ("false", "*.py text working-tree-encoding=UTF-16LE\n"),
    ] {
        let sandbox = Sandbox::git();
        sandbox.run_git(&["config", "core.autocrlf", settings]);
        sandbox.run_git(&["config", "core.safecrlf", "false"]);
        sandbox.write(".gitattributes", attributes);
        let utf16 = attributes.contains("UTF-16");
        let text = FIRST.replace('\n', "\r\n");
        let encode = |text: &str| -> Vec<u8> {
            if utf16 {
                text.encode_utf16().flat_map(u16::to_le_bytes).collect()
            } else {
                text.as_bytes().to_vec()
            }
        };
        sandbox.write("a.py", encode(&text));
        sandbox.commit_all("first");
        let what = format!("autocrlf {settings}, {attributes:?}");
        assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "", "{what}");
        let before = sandbox.tree();
        let new = encode(&text.replace("RedisManager()", "redis_manager"));
        let change = crate::sandbox::change("a.py", &encode(&text), &new);
        sandbox.apply(request("one", vec![change], Finish::Commit)).expect(&what);
        assert_eq!(std::fs::read(sandbox.path("a.py")).unwrap(), new, "{what}");
        assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "", "{what}");
        // Somebody's later edit of another line.
        let later =
            encode(&text.replace("RedisManager()", "redis_manager").replace("os.name", "1"));
        sandbox.write("a.py", later);
        sandbox.commit_all("later");
        roll_back(&sandbox, "one");
        let expected = encode(&text.replace("os.name", "1"));
        assert_eq!(std::fs::read(sandbox.path("a.py")).unwrap(), expected, "{what}");
        assert_eq!(sandbox.run_git(&["status", "--porcelain"]), "", "{what}");
        assert_eq!(before.len(), sandbox.tree().len());
    }
}

/// What a tier does with one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Keep,
    Modify,
    Insert,
    Remove,
}

/// What somebody else does with it afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Later {
    Nothing,
    /// Another line of theirs in its place.
    Edit,
    Delete,
    /// A line of theirs after it.
    Follow,
    /// A comment at its end.
    Comment,
}

/// A file before the tier, with it, with somebody's edits, and as it must be after a rollback.
#[derive(Debug, Default)]
struct Texts {
    before: String,
    applied: String,
    edited: String,
    expected: String,
    /// Somebody wrote over a line of the tier's.
    is_touched: bool,
    /// Lines are so near that nobody can say for certain which is which.
    is_unclear: bool,
}

fn texts(lines: &[(Fate, Later)]) -> Texts {
    let mut texts = Texts::default();
    for (n, (fate, later)) in lines.iter().enumerate() {
        let (old, new) = match fate {
            Fate::Keep => (format!("keep_{n}\n"), format!("keep_{n}\n")),
            Fate::Modify => (format!("a{n} = R()\n"), format!("a{n} = r\n")),
            Fate::Insert => (String::new(), format!("import i{n}\n")),
            Fate::Remove => (format!("from m{n} import C\n"), String::new()),
        };
        let noted = |line: &str| line.trim_end().to_owned() + "  # noted\n";
        let (edited, expected) = match (fate, later) {
            (Fate::Keep, Later::Edit) => (format!("theirs_{n}\n"), format!("theirs_{n}\n")),
            (Fate::Keep, Later::Delete) => (String::new(), String::new()),
            (Fate::Keep, Later::Follow) => {
                (format!("{new}after_{n}\n"), format!("{old}after_{n}\n"))
            }
            (Fate::Keep | Fate::Modify, Later::Comment) => (noted(&new), noted(&old)),
            (Fate::Modify | Fate::Insert, Later::Edit | Later::Delete) => {
                // Removing what the tier put in is what the rollback does, too.
                texts.is_touched |= (*fate, *later) != (Fate::Insert, Later::Delete);
                let theirs = format!("theirs_{n}\n");
                (if *later == Later::Edit { theirs } else { String::new() }, String::new())
            }
            _ => (new.clone(), old.clone()),
        };
        // A line that somebody noted something on, beside one that changed as well, and one that
        // they removed beside one that they added, may be the one or the other.
        let still = (Fate::Keep, Later::Nothing);
        let is_beside = |other: Option<&(Fate, Later)>| other.is_some_and(|o| *o != still);
        let beside = is_beside(lines.get(n + 1)) || n > 0 && is_beside(lines.get(n - 1));
        texts.is_unclear |= match (fate, later) {
            (Fate::Modify, Later::Comment) => beside,
            (Fate::Insert, Later::Delete) => true,
            _ => *fate == Fate::Remove,
        };
        texts.before += &old;
        texts.applied += &new;
        texts.edited += &edited;
        texts.expected += &expected;
    }
    texts
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        5 => Just(Fate::Keep),
        3 => Just(Fate::Modify),
        1 => Just(Fate::Insert),
        1 => Just(Fate::Remove)
    ]
}

fn later() -> impl Strategy<Value = Later> {
    prop_oneof![
        6 => Just(Later::Nothing),
        1 => Just(Later::Edit),
        1 => Just(Later::Delete),
        2 => Just(Later::Follow),
        1 => Just(Later::Comment)
    ]
}

proptest! {
    #![proptest_config(same_cases())]

    /// Rollback restores every line that the tier changed and no other, or reports a conflict and
    /// changes nothing.
    #[test]
    fn random_edits_by_others_stay_and_the_tiers_lines_go(
        files in prop::collection::vec(prop::collection::vec((fate(), later()), 1..15), 1..4)
    ) {
        let root = PathBuf::from("/p");
        let texts: Vec<Texts> = files.iter().map(|lines| texts(lines)).collect();
        let place = |n: usize| root.join(format!("f{n}.py"));
        let contents: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(n, texts)| (place(n), texts.before.clone().into_bytes()))
            .collect();
        let disk = Disk::new(&contents);
        let changes = texts
            .iter()
            .enumerate()
            .map(|(n, texts)| {
                let (old, new) = (texts.before.as_bytes(), texts.applied.as_bytes());
                crate::sandbox::change(&format!("f{n}.py"), old, new)
            })
            .collect();
        let outcome = on(&disk, &root, |ready| {
            let request = request("one", changes, Finish::Keep);
            tiermod::transaction::apply(ready, request, &mut tiermod::transaction::NoChecks)
        });
        if matches!(outcome, Ok(Outcome::Nothing)) {
            return Ok(());
        }
        outcome.unwrap();
        for (n, texts) in texts.iter().enumerate() {
            disk.put(&place(n), texts.edited.as_bytes());
        }
        let result = on(&disk, &root, |ready| {
            crate::sandbox::roll_back(ready, "one", &AllOf(""), Finish::Keep)
        });
        let now = |n: usize| String::from_utf8(disk.get(&place(n)).unwrap()).unwrap();
        match result {
            Ok(_) => {
                for (n, texts) in texts.iter().enumerate() {
                    prop_assert!(!texts.is_touched, "{:?} became {:?}", texts, now(n));
                    prop_assert_eq!(now(n), texts.expected.clone());
                }
            }
            Err(said) => {
                let expects = texts.iter().any(|texts| texts.is_touched || texts.is_unclear);
                prop_assert!(expects, "{}", said);
                for (n, texts) in texts.iter().enumerate() {
                    prop_assert_eq!(now(n), texts.edited.clone());
                }
            }
        }
    }
}

fn on<T>(disk: &Disk, root: &Path, work: impl FnOnce(&tiermod::transaction::Ready<'_>) -> T) -> T {
    crate::sandbox::run(disk, disk, root, work).unwrap().0
}
