//! Names that come by many modules.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use tiermod::run::OneTier;
use tiermod::site::{Reason, Verdict};

use crate::memory;

const TRANSFORM: &str = "name = 'redis'\nsummary = 'Share it'\n[[singleton]]\n\
     class = 'app.manager:Manager'\ninstance = 'app.manager:manager'\n";

/// The verdict on a `Manager()` that imports the class from `app.from`, in a project of these
/// modules.
#[track_caller]
fn verdict(modules: &[(String, String)], from: &str) -> (Verdict, Reason) {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    files.insert("app/__init__.py".to_owned(), String::new());
    let manager = "class Manager:\n    pass\n\n\nmanager = Manager()\n";
    files.insert("app/manager.py".to_owned(), manager.to_owned());
    for (name, text) in modules {
        files.insert(format!("app/{name}.py"), text.clone());
    }
    files.insert("use.py".to_owned(), format!("from app.{from} import Manager\n\nm = Manager()\n"));
    let transform = memory::transform("redis", TRANSFORM);
    let plan = memory::plan(memory::borrowed(&files), &[transform], &OneTier::default()).unwrap();
    let site = plan.sites.iter().find(|site| site.path.to_slash() == "use.py").unwrap();
    (site.verdict, site.reason)
}

/// A module that imports everything from others.
fn stars(from: impl IntoIterator<Item = usize>) -> String {
    let stars = from.into_iter().map(|module| format!("from app.m{module} import *\n"));
    stars.collect::<Vec<_>>().concat()
}

const REWRITTEN: (Verdict, Reason) = (Verdict::Rewrite, Reason::DirectInstantiation);

/// No module defines it, so the import fails.
const NOWHERE: (Verdict, Reason) = (Verdict::Keep, Reason::OtherOrigin);

fn first() -> (String, String) {
    ("m0".to_owned(), "from app.manager import Manager\n".to_owned())
}

#[test]
fn a_chain_of_hundreds_of_modules_is_followed() {
    let chain = (1..400).map(|module| (format!("m{module}"), stars([module - 1])));
    let modules: Vec<_> = std::iter::once(first()).chain(chain).collect();
    assert_eq!(verdict(&modules, "m399"), REWRITTEN);
}

#[test]
fn ways_that_part_and_meet_again_are_followed_once() {
    // There are 2^60 ways from the last to the first.
    let module = |module: usize| (format!("m{module}"), stars(module.saturating_sub(2)..module));
    let modules: Vec<_> = std::iter::once(first()).chain((1..90).map(module)).collect();
    assert_eq!(verdict(&modules, "m89"), REWRITTEN);
    let nothing: Vec<_> = (0..90).map(module).collect();
    assert_eq!(verdict(&nothing, "m89"), NOWHERE);
}

#[test]
fn modules_that_all_import_each_other_come_to_an_end() {
    let others = |module: usize| stars((0..12).filter(move |&other| other != module));
    let module = |module: usize| (format!("m{module}"), others(module));
    let nothing: Vec<_> = (0..12).map(module).collect();
    assert_eq!(verdict(&nothing, "m5"), NOWHERE);
    let (name, text) = first();
    let modules: Vec<_> = std::iter::once((name, text)).chain((1..12).map(module)).collect();
    assert_eq!(verdict(&modules, "m11"), REWRITTEN);
}

/// Whether the import that a module gets which `files` import everything from has another name than
/// the object.
fn is_renamed(files: &[(&str, &str)]) -> bool {
    let manager = "class Manager:\n    pass\n\n\nmanager = Manager()\n";
    let service = "from app.manager import Manager\n\n\ndef get():\n    return Manager()\n";
    let mut all = BTreeMap::from([
        ("app/__init__.py", ""),
        ("app/manager.py", manager),
        ("app/service.py", service),
    ]);
    all.extend(files.iter().copied());
    let transform = memory::transform("redis", TRANSFORM);
    let plan = memory::plan(all, &[transform], &OneTier::default()).unwrap();
    assert!(plan.unproven.is_empty(), "{:?}", plan.unproven);
    let file = plan.files.iter().find(|file| file.path().to_slash() == "app/service.py").unwrap();
    String::from_utf8_lossy(&file.new).contains("import manager as ")
}

#[test]
fn what_everything_is_imported_from_gets_no_name_that_stands_for_something_else() {
    let other = ("app/other.py", "def manager():\n    return 1\n");
    for files in [
        // The package's own module of that name.
        &[("app/__init__.py", "from app.service import *\n")][..],
        &[("app/__init__.py", "from .service import *\n")],
        &[("lib/__init__.py", "from app.service import *\n"), ("lib/manager.py", "X = 1\n")],
        &[
            ("lib/__init__.py", "from .between import *\n"),
            ("lib/between.py", "from app.service import *\n"),
            ("lib/manager.py", "X = 1\n"),
        ],
        // Another module's name, for whoever reads it from here.
        &[other, ("lib.py", "from app.other import *\nfrom app.service import *\n")],
        &[("lib.py", "manager = 1\nfrom app.service import *\n")],
        &[("lib.py", "from app.other import make as manager\nfrom app.service import *\n"), other],
        &[("lib.py", "from app.other import manager\nfrom app.service import *\n"), other],
        &[("lib.py", "from lib2 import manager\nfrom app.service import *\n")],
        &[("lib.py", "from app.service import *\nif manager:\n    manager = 1\n")],
    ] {
        assert!(is_renamed(files), "{files:?}");
    }
    for files in [
        &[("lib/__init__.py", "from app.service import *\n")][..],
        &[("app/__init__.py", "from app.other import *\n"), other],
        // What comes later wins.
        &[other, ("lib.py", "from app.service import *\nfrom app.other import *\n")],
        &[("lib.py", "from app.service import *\nmanager = 1\n")],
        // The same object.
        &[("lib.py", "from app.manager import *\nfrom app.service import *\n")],
        &[("app/__init__.py", "from app.manager import manager\nfrom app.service import *\n")],
        // Nobody gets it.
        &[
            ("app/__init__.py", "from app.service import *\n"),
            (
                "app/service.py",
                "from app.manager import Manager\n\n__all__ = ['get']\n\n\n\
                 def get():\n    return Manager()\n",
            ),
        ],
    ] {
        assert!(!is_renamed(files), "{files:?}");
    }
}
