//! Patches: what git makes of them, forward and backward; and merges of two sets of edits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use tempfile::TempDir;
use tiermod::patch::lines::{blocks, lines};
use tiermod::patch::{FilePatch, HunkNote, Lines, ObjectFormat, fingerprint, merge, render};

use crate::sandbox::same_cases;

fn file(path: &[u8], old: &[u8], new: &[u8]) -> FilePatch {
    FilePatch {
        path: path.to_vec(),
        old: old.to_vec(),
        new: new.to_vec(),
        mode: 0o100_644,
        notes: Vec::new(),
    }
}

fn text(patch: &[u8]) -> String {
    String::from_utf8(patch.to_vec()).unwrap()
}

fn git(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git")
        .args(["-c", "core.autocrlf=false", "-c", "apply.whitespace=nowarn"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {said}");
    output.stdout
}

/// Applies the patch of `files` with git, there and back; the index lines must let `--3way` find
/// the blobs.
fn round_trip(files: &[FilePatch]) {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    git(root, &["init", "-q"]);
    let place = |file: &FilePatch| root.join(OsStr::from_bytes(&file.path));
    for file in files {
        let place = place(file);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, &file.old).unwrap();
    }
    git(root, &["add", "-A"]);
    let patch = render(files, ObjectFormat::Sha1);
    if patch.is_empty() {
        return;
    }
    let place_of_patch = root.join(".git/the.patch");
    std::fs::write(&place_of_patch, &patch).unwrap();
    let name = place_of_patch.to_str().unwrap();
    git(root, &["apply", "--3way", "--index", name]);
    for file in files {
        assert_eq!(std::fs::read(place(file)).unwrap(), file.new, "{file:?}\n{patch:?}");
    }
    let recorded = git(root, &["ls-files", "-s", "-z"]);
    for file in files {
        let id = ObjectFormat::Sha1.blob(&file.new);
        assert!(text_has(&recorded, id.as_bytes()), "git stores the blob that the patch names");
    }
    git(root, &["apply", "--reverse", "--index", name]);
    for file in files {
        assert_eq!(std::fs::read(place(file)).unwrap(), file.old, "{file:?}\n{patch:?}");
    }
}

fn text_has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_patch_is_what_git_diff_prints_with_notes_beside_the_hunks() {
    let old = (1..=30).fold(String::new(), |text, n| text + &format!("line {n}\n"));
    let new = old.replace("line 3\n", "LINE 3\n").replace("line 20\n", "");
    let mut patch = file(b"app/x.py", old.as_bytes(), new.as_bytes());
    patch.notes = vec![
        HunkNote { old_lines: 2..3, text: "redis TM001 rewrite".into() },
        HunkNote { old_lines: 2..3, text: "redis TM001 rewrite".into() },
        HunkNote { old_lines: 19..20, text: "import\nremoved".into() },
        HunkNote { old_lines: 3..4, text: "accepted TM112".into() },
    ];
    let files = [patch];
    let (before, after) =
        (ObjectFormat::Sha1.blob(&files[0].old), ObjectFormat::Sha1.blob(&files[0].new));
    let expected = format!(
        "\
diff --git a/app/x.py b/app/x.py
index {before}..{after} 100644
--- a/app/x.py
+++ b/app/x.py
@@ -1,6 +1,6 @@ redis TM001 rewrite, accepted TM112
 line 1
 line 2
-line 3
+LINE 3
 line 4
 line 5
 line 6
@@ -17,7 +17,6 @@ import removed
 line 17
 line 18
 line 19
-line 20
 line 21
 line 22
 line 23
"
    );
    assert_eq!(text(&render(&files, ObjectFormat::Sha1)), expected);
    round_trip(&files);
}

#[test]
fn the_fingerprint_is_of_what_changes_and_not_of_the_notes() {
    let plain = file(b"a.py", b"a\n", b"b\n");
    let mut noted = plain.clone();
    noted.notes.push(HunkNote { old_lines: 0..1, text: "why".into() });
    let other = file(b"a.py", b"a\n", b"c\n");
    let print = |patch: &FilePatch| fingerprint(std::slice::from_ref(patch), ObjectFormat::Sha1);
    assert_eq!(print(&plain), print(&noted));
    assert_ne!(print(&plain), print(&other));
}

#[test]
fn lines_keep_their_carriage_returns_and_the_file_its_missing_last_newline() {
    for (old, new) in [
        (b"a\r\nb\r\n".as_slice(), b"a\r\nc\r\n".as_slice()),
        (b"a\rb\nc", b"a\rb\nd"),
        (b"a\nb", b"a\nb\n"),
        (b"a\nb\n", b"a\nb"),
        (b"", b"a"),
        (b"a\n", b""),
        (b"\xff\xfe\0\nx\n", b"\xff\xfd\0\nx\n"),
        (b"a\r\nb\n", b"a\nb\n"),
    ] {
        round_trip(&[file(b"x.py", old, new)]);
    }
}

#[test]
fn any_name_that_a_file_can_have_is_quoted_as_git_wants_it() {
    let names: [&[u8]; 9] = [
        b"a b.py",
        b"tab\t.py",
        b"nl\n.py",
        b"quote\".py",
        b"back\\slash.py",
        "h\u{e9}.py".as_bytes(),
        b"\xff.py",
        b" lead and trail ",
        b"d ir/b b.py",
    ];
    let files: Vec<_> = names.iter().map(|name| file(name, b"old\n", b"new\n")).collect();
    round_trip(&files);
}

#[test]
fn sha256_repositories_get_their_own_object_names() {
    let patch = text(&render(&[file(b"x.py", b"a\n", b"b\n")], ObjectFormat::Sha256));
    let index = patch.lines().nth(1).unwrap();
    assert_eq!(index.len(), "index ".len() + 64 + 2 + 64 + " 100644".len());
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[abc]{0,2}\n".prop_map(String::into_bytes),
        1 => "[ab]\r\n".prop_map(String::into_bytes),
        1 => Just(b"\xff\0\n".to_vec()),
        1 => Just(b"a\rb\n".to_vec()),
    ]
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(line(), 0..25), any::<bool>()).prop_map(|(lines, ended)| {
        let mut text = lines.concat();
        if !ended {
            text.pop();
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..same_cases() })]

    #[test]
    fn git_applies_every_patch_there_and_back(
        contents in prop::collection::vec((content(), content()), 1..4)
    ) {
        let files: Vec<_> = contents
            .iter()
            .enumerate()
            .map(|(n, (old, new))| file(format!("dir/f {n}.py").as_bytes(), old, new))
            .collect();
        round_trip(&files);
    }
}

proptest! {
    #![proptest_config(same_cases())]

    #[test]
    fn what_differs_and_what_does_not_is_the_whole(old in content(), new in content()) {
        let (old, new) = (lines(&old), lines(&new));
        let (mut at, mut made) = (0, Vec::new());
        for block in blocks(&old, &new) {
            prop_assert!(made.is_empty() || block.old.start > at || at == 0);
            made.extend_from_slice(&old[at..block.old.start]);
            prop_assert_eq!(made.len(), block.new.start);
            made.extend_from_slice(&new[block.new.clone()]);
            at = block.old.end;
        }
        made.extend_from_slice(&old[at..]);
        prop_assert_eq!(made, new);
    }

    #[test]
    fn a_merge_with_one_side_unchanged_is_the_other_side(base in content(), other in content()) {
        prop_assert_eq!(merge(&base, &other, &base, &Lines), Ok(other.clone()));
        prop_assert_eq!(merge(&base, &base, &other, &Lines), Ok(other.clone()));
        prop_assert_eq!(merge(&base, &other, &other, &Lines), Ok(other));
    }

    /// Every line has an identity, so that what the merge has to be is known without a merge.
    #[test]
    fn edits_of_different_lines_are_all_made(
        fates in prop::collection::vec((0_u8..6, any::<bool>()), 1..30)
    ) {
        let (mut base, mut ours, mut theirs, mut both) =
            (String::new(), String::new(), String::new(), String::new());
        for (n, (fate, mine)) in fates.iter().enumerate() {
            let old = format!("line {n}\n");
            let new = match fate {
                0 => format!("changed {n}\n"),
                1 => String::new(),
                2 => format!("line {n}\nadded {n}\n"),
                _ => old.clone(),
            };
            base += &old;
            both += &new;
            ours += if *mine { &new } else { &old };
            theirs += if *mine { &old } else { &new };
        }
        let merged = merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), &Lines);
        // Two insertions never fall into one gap here, as each comes after a line of its own that
        // the same side keeps, unless the other side removes the lines in between.
        match merged {
            Ok(merged) => prop_assert_eq!(String::from_utf8(merged).unwrap(), both),
            Err(clashes) => prop_assert!(!clashes.is_empty() && fates.iter().any(|f| f.0 == 1)),
        }
    }
}

fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
    merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), &Lines)
        .ok()
        .map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn edits_of_neighbouring_lines_and_of_different_words_are_both_made() {
    assert_eq!(merged("a\nb\n", "A\nb\n", "a\nB\n").as_deref(), Some("A\nB\n"));
    assert_eq!(
        merged(
            "    return redis_manager\n",
            "    return redis_manager.client  # pooled\n",
            "    return RedisManager()\n"
        )
        .as_deref(),
        Some("    return RedisManager().client  # pooled\n")
    );
}

#[test]
fn what_cannot_be_told_apart_is_a_clash_that_names_its_line() {
    assert_eq!(merged("x = a\n", "x = b\n", "x = c\n"), None);
    // Which of the two was the one that the other side changed?
    assert_eq!(merged("x = a\n", "x = a + a\n", "x = c\n"), None);
    // Two insertions at one place have no order.
    assert_eq!(merged("a\n", "a\nb\n", "a\nc\n"), None);
    // The same insertion twice is one.
    assert_eq!(merged("a\n", "a\nb\n", "a\nb\n").as_deref(), Some("a\nb\n"));
    // A line that came back beside the one that is to change must not come twice.
    assert_eq!(merged("new\n", "old\nnew\n", "old\n"), None);
    let clashes = merge(b"1\n2\n3\nx = a\n", b"0\n1\n2\n3\nx = b\n", b"1\n2\n3\nx = c\n", &Lines);
    let clashes = clashes.unwrap_err();
    assert_eq!(clashes.len(), 1);
    assert_eq!((clashes[0].line, clashes[0].ours.as_slice()), (5, b"x = b\n".as_slice()));
}
