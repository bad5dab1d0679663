//! Several hazards at one site, and how each is settled.

use std::fmt::Write as _;

use tiermod::site::{Reason, Verdict};
use tiermod::text::TextEdit;

use super::{TRANSFORM, files, plan};

const CLOSED_AND_CHANGED: &str = "
async def f():
    manager = RedisManager()
    manager.enabled = False
    await manager.disconnect()
";

fn only(text: &str, transform: &str, accept: &[Reason]) -> (Verdict, Reason, String) {
    let plan = plan(&files(text), transform, accept);
    let sites: Vec<_> =
        plan.sites.iter().filter(|site| site.path.to_slash() == "app/service.py").collect();
    let [site] = sites.as_slice() else { panic!("{sites:?}") };
    (site.verdict, site.reason, site.message.clone())
}

#[test]
fn a_site_is_rewritten_when_every_hazard_is_accepted() {
    let table: [(&[Reason], Verdict, Reason); 4] = [
        (&[], Verdict::Review, Reason::Lifecycle),
        (&[Reason::Lifecycle], Verdict::Review, Reason::Mutation),
        (&[Reason::Mutation], Verdict::Review, Reason::Lifecycle),
        (&[Reason::Lifecycle, Reason::Mutation], Verdict::Rewrite, Reason::Lifecycle),
    ];
    for (accept, verdict, reason) in table {
        let (found, because, _) = only(CLOSED_AND_CHANGED, TRANSFORM, accept);
        assert_eq!((found, because), (verdict, reason), "{accept:?}");
    }
}

#[test]
fn arguments_that_are_accepted_do_not_hide_what_else_is_in_the_way() {
    let text = "\nwith RedisManager(1) as manager:\n    pass\n";
    let (verdict, reason, _) = only(text, TRANSFORM, &[]);
    assert_eq!((verdict, reason), (Verdict::Review, Reason::Arguments));
    let transform = format!("{TRANSFORM}arguments = 'ignore'\n");
    let (verdict, reason, _) = only(text, &transform, &[]);
    assert_eq!((verdict, reason), (Verdict::Review, Reason::Lifecycle));
}

#[test]
fn a_comment_settles_a_site_by_any_of_its_hazards() {
    for code in ["TM107", "TM108"] {
        let settled = format!("RedisManager()  # tiermod: ignore[{code}] because it is its own");
        let text = CLOSED_AND_CHANGED.replace("RedisManager()", &settled);
        let (verdict, reason, message) = only(&text, TRANSFORM, &[]);
        assert_eq!((verdict, reason.code()), (Verdict::Keep, code), "{message}");
    }
    let text = CLOSED_AND_CHANGED
        .replace("RedisManager()", "RedisManager()  # tiermod: ignore[TM109] because it is not");
    assert_eq!(only(&text, TRANSFORM, &[]).0, Verdict::Review);
}

#[test]
fn the_transform_says_what_closes() {
    let text = "\nmanager = RedisManager()\nmanager.{}()\n";
    for (closes, method, verdict) in [
        ("", "close", Verdict::Review),
        ("", "drain", Verdict::Rewrite),
        ("closes = ['drain']\n", "drain", Verdict::Review),
        ("closes = ['drain']\n", "close", Verdict::Rewrite),
    ] {
        let transform = format!("{TRANSFORM}{closes}");
        let (found, _, message) = only(&text.replace("{}", method), &transform, &[]);
        assert_eq!(found, verdict, "{closes:?} {method}: {message}");
    }
}

#[test]
fn two_classes_are_told_apart() {
    let mut files = files(
        "from app.other import Other\n\nfirst = RedisManager()\nsecond = Other()\n\
         second.close()\nassert first != second\n",
    );
    files.insert(
        "app/other.py".to_owned(),
        "class Other:\n    pass\n\n\nother = Other()\n".to_owned(),
    );
    let transform = format!(
        "{TRANSFORM}[[singleton]]\nclass = 'app.other:Other'\ninstance = 'app.other:other'\n"
    );
    let plan = plan(&files, &transform, &[]);
    let found: Vec<_> = plan
        .sites
        .iter()
        .filter(|site| site.path.to_slash() == "app/service.py")
        .map(|site| (site.symbol.as_str(), site.reason.code()))
        .collect();
    assert_eq!(found, [("app.redis_manager:RedisManager", "TM001"), ("app.other:Other", "TM107")]);
}

#[test]
fn a_method_that_gives_its_object_is_one_of_its_own_class() {
    let mut files = files(
        "from app.other import Other\n\n\ndef test(x, check):\n    \
         batch = RedisManager().fit(x)\n    incr = RedisManager()\n    \
         check(batch.x, incr.x)\n\n\ndef other(x):\n    return Other().fit(x)\n",
    );
    let class = "class Other:\n    def fit(self, x):\n        return self\n\n\nother = Other()\n";
    files.insert("app/other.py".to_owned(), class.to_owned());
    let transform = format!(
        "{TRANSFORM}[[singleton]]\nclass = 'app.other:Other'\ninstance = 'app.other:other'\n"
    );
    let plan = plan(&files, &transform, &[]);
    let held: Vec<_> = plan.sites.iter().filter(|site| site.verdict == Verdict::Review).collect();
    assert!(held.is_empty() && plan.unproven.is_empty(), "{held:?}, {:?}", plan.unproven);
}

#[test]
fn every_site_of_a_large_file_is_judged() {
    let mut text = String::new();
    for test in 0..400 {
        text.push_str("\n\ndef test_");
        text.push_str(&test.to_string());
        text.push_str("(monkeypatch):\n    manager = RedisManager()\n");
        text.push_str(&"    assert manager.get('x') == shared\n".repeat(25));
    }
    text.push_str("\n\nshared = RedisManager()\nshared.close()\n");
    let plan = plan(&files(&text), TRANSFORM, &[]);
    let held = plan.sites.iter().filter(|site| site.verdict == Verdict::Review).count();
    assert_eq!((plan.sites.len(), held), (402, 1));
}

#[test]
fn what_is_too_much_to_follow_is_held() {
    // The last argument is compared with others as the first one is.
    let call = format!("\ndef f():\n    g({})\n", vec!["RedisManager()"; 40].join(", "));
    let made = plan(&files(&call), TRANSFORM, &[]);
    let held = made.sites.iter().filter(|site| site.reason == Reason::Identity).count();
    assert_eq!(held, 40);

    let mut handed = String::new();
    for number in 0..600 {
        write!(handed, "\n\ndef f{number}(r):\n    f{}(r)\n", number + 1).unwrap();
    }
    handed.push_str("\n\ndef f600(r):\n    r.close()\n\n\nf0(RedisManager())\n");
    let (verdict, reason, message) = only(&handed, TRANSFORM, &[]);
    assert_eq!((verdict, reason), (Verdict::Review, Reason::Lifecycle), "{message}");
    assert!(message.contains("too many names"), "{message}");

    let mut imported = "\nmanager = RedisManager()\n".to_owned();
    for number in 0..501 {
        write!(imported, "-- app/user_{number}.py --\nfrom app.service import manager\n").unwrap();
    }
    let (verdict, reason, message) = only(&imported, TRANSFORM, &[]);
    assert_eq!((verdict, reason), (Verdict::Review, Reason::Lifecycle), "{message}");
    assert!(message.contains("too many places"), "{message}");
}

#[test]
fn a_suggestion_keeps_the_import_that_a_patch_needs() {
    for (patch, keeps) in [("app.service.RedisManager", true), ("app.service.others", false)] {
        let text = format!(
            "\n\ndef f():\n    manager = RedisManager()\n    manager.disconnect()\n\
             -- tests/test_f.py --\nfrom unittest.mock import patch\n\n\
             with patch('{patch}'):  # RedisManager\n    pass\n"
        );
        let files = files(&text);
        let plan = plan(&files, TRANSFORM, &[]);
        let held = plan.sites.iter().find(|site| site.reason == Reason::Lifecycle).unwrap();
        let edits = held.suggestion.as_ref().unwrap().edits.clone();
        let taken = TextEdit::new(edits).unwrap().apply(&files["app/service.py"]);
        assert!(taken.contains("manager = redis_manager\n"), "{taken}");
        assert_eq!(taken.contains("RedisManager"), keeps, "{patch}: {taken}");
    }
}

#[test]
fn a_call_of_the_class_that_is_found_by_a_text_is_a_site() {
    let held = (Verdict::Review, Reason::AmbiguousBinding);
    let other = (Verdict::Keep, Reason::OtherOrigin);
    for (call, expected) in [
        ("getattr(module, 'RedisManager')()", held),
        ("getattr(module, 'RedisManager', None)()", held),
        ("getattr(importlib.import_module('app.redis_manager'), 'RedisManager')()", held),
        ("vars(module)['RedisManager']()", held),
        ("module.__dict__['RedisManager']()", held),
        ("globals()['RedisManager']()", held),
        ("getattr(unknown, 'RedisManager')()", other),
        ("vars(unknown)['RedisManager']()", other),
    ] {
        let imports = "import importlib\n\nfrom app import redis_manager as module\n";
        let made = plan(
            &files(&format!("{imports}\ndef f(unknown):\n    return {call}\n")),
            TRANSFORM,
            &[],
        );
        let sites = made.sites.iter().filter(|site| site.path.to_slash() == "app/service.py");
        let found: Vec<_> = sites.map(|site| (site.verdict, site.reason)).collect();
        assert_eq!(found, [expected], "{call}");
        assert!(made.files.is_empty(), "{call}");
    }
}

#[test]
fn a_name_that_may_be_one_of_python_s_own_is_not_the_class_for_certain() {
    let held = (Verdict::Review, Reason::AmbiguousBinding);
    let other = (Verdict::Keep, Reason::OtherOrigin);
    for (code, expected) in [
        (
            "try:\n    import driver\nexcept ImportError:\n    RedisManager = object\n\
             def f():\n    return RedisManager()\n",
            held,
        ),
        (
            "def f():\n    global RedisManager\n    RedisManager = dict\n\n\
             def g():\n    return RedisManager()\n",
            held,
        ),
        ("if flag:\n    RedisManager = functools.partial\nmanager = RedisManager()\n", held),
        ("RedisManager = dict\nmanager = RedisManager()\n", other),
        ("def f():\n    RedisManager = dict\n    return RedisManager()\n", other),
        ("class A:\n    RedisManager = Exception\n    error = RedisManager()\n", other),
    ] {
        let (verdict, reason, message) = only(code, TRANSFORM, &[]);
        assert_eq!((verdict, reason), expected, "{code}\n{message}");
    }
}

#[test]
fn a_comment_that_keeps_one_of_two_keeps_it_when_the_other_is_shared() {
    let kept = "RedisManager()  # tiermod: ignore[TM109] because it needs a pool of its own";
    for text in [
        format!(
            "\ndef f():\n    first = RedisManager()\n    second = {kept}\n    return first.get(second)\n"
        ),
        format!("\ndef f():\n    second = {kept}\n    return second.get('x')\n"),
    ] {
        let made = plan(&files(&text), TRANSFORM, &[]);
        assert!(made.unproven.is_empty(), "{:?}", made.unproven);
        let kept = made.sites.iter().find(|site| site.reason == Reason::Identity).unwrap();
        assert_eq!(kept.verdict, Verdict::Keep, "{text}");
    }
}
