//! The proof of a result: what it lets through, and each kind of wrong edit that it refuses.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use tiermod::fs::{MemoryTree, ProjectPath};
use tiermod::plan::verify::{Changes, Inserted, verify};
use tiermod::project::{Analysis, Project};
use tiermod::resolve::{Origin, Resolver, SymbolId};
use tiermod::text::{Edit, TextEdit, TextRange, TextSize};

const MANAGER: &str = "class C:\n    pass\n\n\nc = C()\n";

/// Proves the edits of `app/user.py`, each of which replaces the first place of a text behind the
/// one before; those of `C()` are the site.
fn proven(old: &str, edits: &[(&str, &str)]) -> Result<(), String> {
    let files = [("app/__init__.py", ""), ("app/manager.py", MANAGER), ("app/user.py", old)];
    let tree = MemoryTree::new(files.map(|(path, text)| (path, text.as_bytes())));
    let paths = files.map(|(path, _)| ProjectPath::new(path).unwrap()).to_vec();
    let project = Project::new(&tree, paths, None);
    let resolver = Resolver::new(&project);
    let file = |path: &str| project.file(&ProjectPath::new(path).unwrap()).unwrap();
    let shared = Origin::Symbol(SymbolId { file: file("app/manager.py"), name: "c".to_owned() });
    let mut at = 0;
    let made: Vec<Edit> = edits
        .iter()
        .map(|(text, new)| {
            let start = at + old.get(at..).unwrap().find(text).unwrap();
            at = start + text.len();
            let size = |offset: usize| TextSize::new(u32::try_from(offset).unwrap());
            Edit::replace(TextRange::new(size(start), size(at)), *new)
        })
        .collect();
    let edit = TextEdit::new(made.clone()).unwrap();
    let path = ProjectPath::new("app/user.py").unwrap();
    let before = Analysis::new(&path, old.as_bytes()).unwrap();
    let after = Analysis::new(&path, edit.apply(old).as_bytes()).unwrap();
    let wanted = [shared.clone()];
    let places = made.iter().zip(edit.new_ranges()).zip(edits).enumerate();
    let sites = places.filter(|(_, (_, (text, _)))| text.ends_with("C()"));
    let inserted: Vec<Inserted<'_>> = sites
        .map(|(decision, ((edit, range), _))| Inserted {
            range,
            old: edit.range,
            decision,
            wanted: &wanted,
        })
        .collect();
    let changes = Changes {
        edits: &edit,
        moved: &[],
        inserted: &inserted,
        wanted: &[&shared],
        migrated: &[],
    };
    verify(&resolver, file("app/user.py"), &before, &after, &changes)
}

#[track_caller]
fn refused(old: &str, edits: &[(&str, &str)], why: &str) {
    let said = proven(old, edits).unwrap_err();
    assert!(said.contains(why), "{said}");
}

const IMPORT: (&str, &str) = ("import C", "import c");
const SITE: (&str, &str) = ("C()", "c");

#[test]
fn right_edits_are_proven() {
    for (old, edits) in [
        ("from app.manager import C\nx = C()\n", &[IMPORT, SITE][..]),
        ("from app.manager import C\n\n\ndef f(a):\n    return C(), a\n", &[IMPORT, SITE]),
        ("from app import manager\nx = manager.C()\n", &[("manager.C()", "manager.c")]),
        (
            "if a:\n    from app.manager import C\nelse:\n    from app.manager import C\nx = C()\n",
            &[IMPORT, IMPORT, SITE],
        ),
    ] {
        assert_eq!(proven(old, edits), Ok(()), "{old}");
    }
}

#[test]
fn a_new_name_that_leads_elsewhere_is_refused() {
    // Nothing binds it, a parameter hides it, another module has one of its name.
    let old = "from app.manager import C\nx = C()\n";
    refused(old, &[SITE], "`c` on line 2 of the result would mean something else");
    let old = "from app.manager import C\n\n\ndef f(c):\n    return C()\n";
    refused(old, &[IMPORT, SITE], "`c` on line 5 of the result would mean something else");
    let old = "from app.manager import C\nfrom other import c\nx = C()\n";
    refused(old, &[("import C", "import C"), SITE], "would mean something else");
}

#[test]
fn a_new_name_that_may_have_no_value_is_refused() {
    let old =
        "if a:\n    from app.manager import C\nelse:\n    from app.manager import C\nx = C()\n";
    let gone = ("from app.manager import C", "pass");
    refused(old, &[IMPORT, gone, SITE], "`c` on line 5 of the result may have no value");
    // The old name had no value on that path either.
    let old = "if a:\n    from app.manager import C\nx = C()\n";
    assert_eq!(proven(old, &[IMPORT, SITE]), Ok(()));
}

#[test]
fn an_old_name_that_loses_its_meaning_is_refused() {
    let old = "from app.manager import C\nx = C()\ny = isinstance(x, C)\n";
    refused(old, &[IMPORT, SITE], "`C` on line 3");
    let old = "from app.manager import C\nx = C()\nc = 1\nprint(c)\n";
    assert_eq!(proven(old, &[("import C", "import c as d"), ("C()", "d")]), Ok(()));
    let old = "c = 1\nfrom app.manager import C\nx = C()\nprint(c)\n";
    refused(old, &[IMPORT, SITE], "`c` on line 4 would mean");
}

#[test]
fn a_name_that_appears_or_is_missing_is_refused() {
    let old = "from app.manager import C\nx = C()\ny = 1\n";
    refused(old, &[IMPORT, SITE, ("1", "z")], "`z` appears on line 3 of the result");
    refused(old, &[IMPORT, ("C()", "None")], "a name is missing on line 2 of the result");
}

#[test]
fn an_import_is_said_as_it_is_written() {
    let said = "`c` on line 2 would mean `from ..manager import c as c`, and means \
                `from .other import c as c`";
    refused("from .other import c\nprint(c)\n", &[(".other", "..manager")], said);
}
