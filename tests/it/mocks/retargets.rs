//! What becomes of a test where a retarget is asked for: it means the same, or stays as it is.

use tiermod::site::Reason;

use super::support::{Case, SERVICE, run};

/// A test as it is and as it becomes; the class's import goes with the string.
#[track_caller]
fn becomes(before: &str, after: &str) {
    let files = format!("{SERVICE}-- tests/test_service.py --\n{before}");
    let ran = run(&Case::retargets(&files));
    assert_eq!(ran.files["tests/test_service.py"], after, "{:?}", ran.mocks);
    let service = &ran.files["app/service.py"];
    assert!(service.starts_with("from app.redis_manager import redis_manager\n"), "{service}");
    assert!(ran.mocks.iter().all(|mock| mock.contains(" rewrite: ")), "{:?}", ran.mocks);
    assert!(!ran.mocks.is_empty());
    // Where it is not asked for, the same is offered.
    let held = run(&Case::new(&files));
    if let [_] = held.mocks.as_slice() {
        assert_eq!(held.suggested, [after], "{:?}", held.mocks);
    }
}

/// A test that stays as it is, and why.
#[track_caller]
fn stays(test: &str, why: &str) {
    let files = format!("{SERVICE}-- tests/test_service.py --\n{test}");
    let ran = run(&Case::retargets(&files));
    assert_eq!(ran.files["tests/test_service.py"], test, "{:?}", ran.mocks);
    let [.., last] = ran.mocks.as_slice() else { panic!("no site: {test}") };
    assert!(last.ends_with(&format!("; not rewritten, as {why}")), "{last}\n{test}");
    let service = &ran.files["app/service.py"];
    assert!(service.contains("RedisManager as RedisManager"), "{service}");
    assert!(ran.suggested.is_empty(), "{:?}", ran.suggested);
}

const PATCH: &str = "from unittest.mock import patch\n";

#[test]
fn the_object_s_mock_is_used_directly() {
    for (before, after) in [
        (
            "@patch('app.service.RedisManager')\ndef test(m):\n    m.return_value.get.return_value = 5\n    assert m.return_value.get()\n",
            "@patch('app.service.redis_manager')\ndef test(m):\n    m.get.return_value = 5\n    assert m.get()\n",
        ),
        (
            "def test():\n    with patch(\"app.service.RedisManager\") as m:\n        r = m.return_value\n        r.get.return_value = 5\n",
            "def test():\n    with patch(\"app.service.redis_manager\") as m:\n        r = m\n        r.get.return_value = 5\n",
        ),
        (
            "class T:\n    @patch('app.service.RedisManager')\n    def test(self, m):\n        m.return_value.get.side_effect = lambda k: m.return_value.x\n",
            "class T:\n    @patch('app.service.redis_manager')\n    def test(self, m):\n        m.get.side_effect = lambda k: m.x\n",
        ),
        (
            "def test():\n    m = patch('app.service.RedisManager').start()\n    m.return_value.get.return_value = 5\n",
            "def test():\n    m = patch('app.service.redis_manager').start()\n    m.get.return_value = 5\n",
        ),
        (
            "def test(mocker):\n    m = mocker.patch('app.service.RedisManager').return_value\n    m.get.return_value = 5\n",
            "def test(mocker):\n    m = mocker.patch('app.service.redis_manager')\n    m.get.return_value = 5\n",
        ),
        (
            "def test(stack):\n    m = stack.enter_context(patch('app.service.RedisManager'))\n    m.return_value.get.return_value = 5\n",
            "def test(stack):\n    m = stack.enter_context(patch('app.service.redis_manager'))\n    m.get.return_value = 5\n",
        ),
        (
            "from app import service\n@patch.object(service, 'RedisManager')\ndef test(m):\n    m.return_value.get.return_value = 5\n",
            "from app import service\n@patch.object(service, 'redis_manager')\ndef test(m):\n    m.get.return_value = 5\n",
        ),
    ] {
        becomes(&format!("{PATCH}{before}"), &format!("{PATCH}{after}"));
    }
}

#[test]
fn a_mock_that_nobody_looks_at_only_gets_its_name() {
    for (before, after) in [
        (
            "@patch('app.service.RedisManager')\ndef test(_): ...\n",
            "@patch('app.service.redis_manager')\ndef test(_): ...\n",
        ),
        (
            "def test():\n    with patch('app.service.RedisManager'):\n        pass\n",
            "def test():\n    with patch('app.service.redis_manager'):\n        pass\n",
        ),
        (
            "def test():\n    with patch('os.getcwd'), patch('app.service.RedisManager'):\n        pass\n",
            "def test():\n    with patch('os.getcwd'), patch('app.service.redis_manager'):\n        pass\n",
        ),
        (
            "patch(target='app.service.RedisManager').start()\n",
            "patch(target='app.service.redis_manager').start()\n",
        ),
        (
            "def test(mocker):\n    mocker.patch('app.service.RedisManager')\n",
            "def test(mocker):\n    mocker.patch('app.service.redis_manager')\n",
        ),
    ] {
        becomes(&format!("{PATCH}{before}"), &format!("{PATCH}{after}"));
    }
}

#[test]
fn what_the_class_would_give_is_put_there() {
    for (before, after) in [
        (
            "def test(fake):\n    with patch('app.service.RedisManager', return_value=fake):\n        pass\n",
            "def test(fake):\n    with patch('app.service.redis_manager', new=fake):\n        pass\n",
        ),
        (
            "def test(mocker, fake):\n    mocker.patch('app.service.RedisManager', return_value=fake)\n",
            "def test(mocker, fake):\n    mocker.patch('app.service.redis_manager', new=fake)\n",
        ),
    ] {
        becomes(&format!("{PATCH}{before}"), &format!("{PATCH}{after}"));
    }
}

#[test]
fn what_the_class_is_told_to_give_is_put_there() {
    for (before, after) in [
        (
            "def test(fake):\n    with patch('app.service.RedisManager') as m:\n        m.return_value = fake\n        assert fake\n",
            "def test(fake):\n    with patch('app.service.redis_manager', new=fake):\n        assert fake\n",
        ),
        (
            "def test():\n    fake = object()\n    with patch('os.name', 'x'), patch('app.service.RedisManager') as m:\n        m.return_value = fake\n",
            "def test():\n    fake = object()\n    with patch('os.name', 'x'), patch('app.service.redis_manager', new=fake):\n        pass\n",
        ),
        (
            "def test(mocker, fake):\n    m = mocker.patch('app.service.RedisManager')\n    m.return_value = fake\n    assert fake\n",
            "def test(mocker, fake):\n    mocker.patch('app.service.redis_manager', new=fake)\n    assert fake\n",
        ),
    ] {
        becomes(&format!("{PATCH}{before}"), &format!("{PATCH}{after}"));
    }
    for (test, line) in [
        // Something comes between.
        (
            "def test(fake):\n    with patch('app.service.RedisManager') as m:\n        fake()\n        m.return_value = fake\n",
            5,
        ),
        // It is made in between, or again.
        (
            "def test():\n    with patch('app.service.RedisManager') as m:\n        m.return_value = make()\n",
            4,
        ),
        (
            "def test(fake):\n    with patch('app.service.RedisManager') as m:\n        m.return_value = fake\n        m.return_value = fake\n",
            4,
        ),
        (
            "def test(x):\n    if x:\n        fake = 1\n    with patch('app.service.RedisManager') as m:\n        m.return_value = fake\n",
            6,
        ),
        // More is done with it.
        (
            "def test(fake):\n    with patch('app.service.RedisManager') as m:\n        m.return_value = fake\n        m.assert_called()\n",
            4,
        ),
        // A decorator would pass nothing.
        ("@patch('app.service.RedisManager')\ndef test(m, fake):\n    m.return_value = fake\n", 4),
        // Its line says more.
        (
            "def test(fake):\n    with patch('app.service.RedisManager') as m:\n        m.return_value = fake  # always\n        assert fake\n",
            4,
        ),
    ] {
        stays(&format!("{PATCH}{test}"), &format!("line {line} uses the mock of the class itself"));
    }
}

#[test]
fn arguments_of_several_decorators_are_told_apart() {
    becomes(
        "from unittest.mock import patch\nimport pytest\n@patch('app.service.RedisManager')\n@patch('os.getcwd')\n@patch('os.name', 'x')\n@pytest.mark.slow\ndef test(cwd, m, fixture):\n    cwd.return_value = 'x'\n    m.return_value.get.return_value = 5\n",
        "from unittest.mock import patch\nimport pytest\n@patch('app.service.redis_manager')\n@patch('os.getcwd')\n@patch('os.name', 'x')\n@pytest.mark.slow\ndef test(cwd, m, fixture):\n    cwd.return_value = 'x'\n    m.get.return_value = 5\n",
    );
}

#[test]
fn what_is_not_certain_stays_as_it_is() {
    for (test, why) in [
        (
            "@patch('app.service.RedisManager')\ndef test(m):\n    m.assert_called_once()\n",
            "line 4 uses the mock of the class itself",
        ),
        (
            "@patch('app.service.RedisManager')\ndef test(m):\n    m.return_value = 5\n",
            "line 4 uses the mock of the class itself",
        ),
        (
            "@patch('app.service.RedisManager')\ndef test(m):\n    m.return_value.get()\n    print(m)\n",
            "line 5 uses the mock of the class itself",
        ),
        (
            "@patch('app.service.RedisManager')\ndef test(m):\n    m.side_effect = OSError\n",
            "line 4 uses the mock of the class itself",
        ),
        (
            "@patch('app.service.RedisManager', autospec=True)\ndef test(m): ...\n",
            "`autospec` is about the class",
        ),
        (
            "@patch('app.service.RedisManager', new=object)\ndef test(): ...\n",
            "`new` is about the class",
        ),
        (
            "@patch('app.service.RedisManager', object)\ndef test(): ...\n",
            "what is put there stands for the class, not for the object",
        ),
        (
            "@patch('app.service.RedisManager', **{})\ndef test(m): ...\n",
            "what `**` brings may be about the class",
        ),
        (
            "@patch('app.service.RedisManager', return_value=5)\ndef test(m): ...\n",
            "the argument that the decorator adds would be missing",
        ),
        (
            "@patch('app.service.RedisManager')\nclass T:\n    def test(self, m): ...\n",
            "a decorated class gives it to every test",
        ),
        (
            "@patch('app.service.RedisManager')\n@mystery\ndef test(m): ...\n",
            "the decorator on line 3 may add arguments",
        ),
        (
            "@patch('app.service.RedisManager')\ndef test(*mocks): ...\n",
            "where its mock goes is not followed",
        ),
        ("p = patch('app.service.RedisManager')\n", "where its mock goes is not followed"),
        (
            "def test():\n    with patch('app.service.RedisManager') as (m, n): ...\n",
            "where its mock goes is not followed",
        ),
        (
            "def test():\n    with patch('app.service.RedisManager') as m:\n        m.return_value.get()\n    for m in []: ...\n    m.return_value.get()\n",
            "the name on line 6 may be another mock",
        ),
        (
            "def test():\n    with patch('app.service.RedisManager') as m:\n        (m\n         .return_value.get())\n",
            "`return_value` on line 4 is not written in one piece",
        ),
        (
            "def test():\n    with patch('app.service' '.RedisManager'): ...\n",
            "the target is not written as one plain string there",
        ),
        (
            "def test(monkeypatch):\n    monkeypatch.setattr('app.service.RedisManager', lambda: 5)\n",
            "what is put there stands for the class, not for the object",
        ),
        (
            "def test():\n    with patch.multiple('app.service', RedisManager=5): ...\n",
            "a keyword names the class",
        ),
        (
            "from app import service\ndef test(mocker):\n    mocker.spy(service, 'RedisManager')\n",
            "a spy is made from the class",
        ),
    ] {
        stays(&format!("{PATCH}{test}"), why);
    }
}

#[test]
fn what_else_reads_the_class_or_the_object_holds_the_string() {
    for (service, why) in [
        (
            "from app.redis_manager import RedisManager\ndef get():\n    return RedisManager()\ndef other():\n    return RedisManager('url')\n",
            "app/service.py:5 reads the class as well",
        ),
        (
            "from app.redis_manager import RedisManager\ndef get(x):\n    return isinstance(x, RedisManager) or RedisManager()\n",
            "app/service.py:3 reads the class as well",
        ),
        (
            "from app.redis_manager import RedisManager\nREDIS = RedisManager()\n",
            "app/service.py:2 runs when its module is imported, before any patch",
        ),
        (
            "from app.redis_manager import RedisManager, redis_manager\ndef get():\n    return RedisManager()\ndef other():\n    return redis_manager\n",
            "app/service.py:5 reads the shared object today",
        ),
        (
            "from app.redis_manager import RedisManager\ndef one(redis_manager):\n    return RedisManager()\ndef get():\n    from app.redis_manager import redis_manager as r\n    return RedisManager()\n",
            "not all of its readers read the same name afterwards",
        ),
    ] {
        let test = format!("{PATCH}@patch('app.service.RedisManager')\ndef test(m): ...\n");
        let files = format!("-- app/service.py --\n{service}-- tests/test_service.py --\n{test}");
        let ran = run(&Case::retargets(&files));
        assert_eq!(ran.files["tests/test_service.py"], test, "{:?}", ran.mocks);
        let [only] = ran.mocks.as_slice() else { panic!("no site: {service}") };
        assert!(only.ends_with(&format!("; not rewritten, as {why}")), "{only}\n{service}");
    }
}

#[test]
fn an_annotation_reads_nothing() {
    let files = "-- app/service.py --
from app.redis_manager import RedisManager
def get() -> RedisManager:
    return RedisManager()
-- tests/test_service.py --
from unittest.mock import patch
@patch('app.service.RedisManager')
def test(m): ...
";
    let ran = run(&Case::retargets(files));
    assert!(ran.files["tests/test_service.py"].contains("app.service.redis_manager"));
    let service = &ran.files["app/service.py"];
    assert!(service.starts_with("from app.redis_manager import RedisManager, redis_manager\n"));
}

#[test]
fn the_name_that_is_really_read_is_patched() {
    for (service, patched, new) in [
        (
            "from app.redis_manager import RedisManager\ndef get(redis_manager):\n    return RedisManager()\n",
            "app.service.RedisManager",
            "app.service.shared_redis_manager",
        ),
        (
            "from app import redis_manager as r\ndef get():\n    return r.RedisManager()\n",
            "app.redis_manager.RedisManager",
            "app.redis_manager.redis_manager",
        ),
        (
            "from app import redis_manager as r\ndef get():\n    return r.RedisManager()\n",
            "app.service.r.RedisManager",
            "app.service.r.redis_manager",
        ),
        (
            "def get():\n    from app.redis_manager import RedisManager\n    return RedisManager()\n",
            "app.redis_manager.RedisManager",
            "app.redis_manager.redis_manager",
        ),
        (
            "from app.redis_manager import RedisManager\ndef get():\n    from app.redis_manager import redis_manager as r\n    return RedisManager()\n",
            "app.service.RedisManager",
            "app.redis_manager.redis_manager",
        ),
    ] {
        let files = format!(
            "-- app/service.py --\n{service}-- tests/test_service.py --\n\
             {PATCH}@patch('{patched}')\ndef test(m): ...\n"
        );
        let ran = run(&Case::retargets(&files));
        let expected = format!("{PATCH}@patch('{new}')\ndef test(m): ...\n");
        assert_eq!(ran.files["tests/test_service.py"], expected, "{:?}\n{service}", ran.mocks);
    }
}

#[test]
fn a_factory_is_patched_as_the_class_was() {
    for (before, after) in [
        (
            "@patch('app.service.RedisManager')\ndef test(m):\n    m.return_value.get()\n    m.assert_called_once()\n",
            "@patch('app.service.get_redis_manager')\ndef test(m):\n    m.return_value.get()\n    m.assert_called_once()\n",
        ),
        (
            "def test(monkeypatch):\n    monkeypatch.setattr('app.service.RedisManager', lambda: 5)\n",
            "def test(monkeypatch):\n    monkeypatch.setattr('app.service.get_redis_manager', lambda: 5)\n",
        ),
        (
            "def test():\n    with patch.multiple('app.service', RedisManager=5): ...\n",
            "def test():\n    with patch.multiple('app.service', get_redis_manager=5): ...\n",
        ),
        (
            "@patch('app.service.RedisManager', autospec=True)\ndef test(m): ...\n",
            "@patch('app.service.RedisManager', autospec=True)\ndef test(m): ...\n",
        ),
    ] {
        let files = format!("{SERVICE}-- tests/test_service.py --\n{PATCH}{before}");
        let access = "factory = 'app.redis_manager:get_redis_manager'";
        let ran = run(&Case { access, ..Case::retargets(&files) });
        assert_eq!(
            ran.files["tests/test_service.py"],
            format!("{PATCH}{after}"),
            "{:?}",
            ran.mocks
        );
    }
}

#[test]
fn a_tier_stands_without_the_others() {
    let test = format!("{PATCH}@patch('app.service.RedisManager')\ndef test(m): ...\n");
    let files = format!("{SERVICE}-- tests/test_service.py --\n{test}");
    let ran = run(&Case { tests_apart: true, ..Case::retargets(&files) });
    assert_eq!(ran.files["tests/test_service.py"], test);
    let [only] = ran.mocks.as_slice() else { panic!() };
    assert!(only.ends_with("not rewritten, as app/service.py is rewritten with another tier"));

    // Once the other tier is applied, the string is rewritten, and its import can go by hand.
    let migrated = format!(
        "-- app/service.py --\nfrom app.redis_manager import RedisManager as RedisManager, \
         redis_manager\ndef get():\n    return redis_manager\n-- tests/test_service.py --\n{test}"
    );
    let ran = run(&Case { tests_apart: true, ..Case::retargets(&migrated) });
    assert!(ran.files["tests/test_service.py"].contains("'app.service.redis_manager'"));
}

#[test]
fn accepting_rewrites_what_is_certain() {
    let files = format!(
        "{SERVICE}-- tests/test_service.py --\n{PATCH}@patch('app.service.RedisManager')\ndef test(m): ...\n"
    );
    let ran = run(&Case { accept: vec![Reason::MockTarget], ..Case::new(&files) });
    assert!(ran.files["tests/test_service.py"].contains("'app.service.redis_manager'"));
    assert!(!ran.files["app/service.py"].contains("RedisManager as"));
}
