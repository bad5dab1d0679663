//! A fixture of a `conftest.py` builds the object, and a test of another file does something with
//! it: which tests count is pytest's rule for names of fixtures.

use tiermod::site::Verdict;

use super::{TRANSFORM, files, plan};

const FIXTURE: &str = "import pytest

from app.redis_manager import RedisManager


@pytest.fixture
def manager():
    return RedisManager()
";

/// The reason and the message of the site in `tests/conftest.py`, where it is held.
fn held(conftest: &str, others: &[(&str, &str)]) -> Option<(String, String)> {
    let mut files = files("");
    files.insert("tests/conftest.py".to_owned(), conftest.to_owned());
    for (path, text) in others {
        files.insert((*path).to_owned(), (*text).to_owned());
    }
    let plan = plan(&files, TRANSFORM, &[]);
    let mut sites = plan.sites.iter().filter(|site| site.path.to_slash() == "tests/conftest.py");
    let site = sites.next().unwrap();
    assert!(plan.unproven.is_empty());
    (site.verdict == Verdict::Review).then(|| (site.reason.to_string(), site.message.clone()))
}

#[track_caller]
fn fires(conftest: &str, path: &str, test: &str, code: &str, says: &str) {
    let (reason, message) = held(conftest, &[(path, test)]).expect("it is held");
    assert_eq!(reason, code, "{message}");
    assert!(message.contains(says), "{message}");
}

#[test]
fn what_tests_of_other_files_do_is_seen() {
    let says = "in tests/test_a.py: `manager`, asked for on line 1, is closed on line 2";
    let test = "def test(manager):\n    manager.close()\n";
    fires(FIXTURE, "tests/test_a.py", test, "TM107", says);
    for (path, test, code) in [
        ("tests/test_a.py", "async def test(manager):\n    await manager.disconnect()\n", "TM107"),
        ("tests/deep/er/test_a.py", "def test(manager):\n    manager.close()\n", "TM107"),
        ("tests/a_test.py", "def test(manager):\n    manager.close()\n", "TM107"),
        (
            "tests/test_a.py",
            "class TestA:\n    def test(self, manager):\n        manager.enabled = False\n",
            "TM108",
        ),
        ("tests/test_a.py", "def test(manager):\n    manager.client = None\n", "TM108"),
        (
            "tests/test_a.py",
            "def test(manager, monkeypatch):\n    monkeypatch.setattr(manager, 'get', None)\n",
            "TM108",
        ),
        (
            "tests/test_a.py",
            "def test(manager, other):\n    assert manager is not other\n",
            "TM109",
        ),
        // A fixture of the test's file asks for it.
        (
            "tests/test_a.py",
            "import pytest\n@pytest.fixture\ndef manager(manager):\n    manager.enabled = False\n    return manager\n",
            "TM108",
        ),
        (
            "tests/test_a.py",
            "import pytest\n@pytest.fixture\ndef own(manager):\n    return manager\ndef test(own):\n    own.close()\n",
            "TM107",
        ),
        (
            "tests/deep/conftest.py",
            "import pytest\n@pytest.fixture\ndef own(manager):\n    yield manager\n    manager.close()\n",
            "TM107",
        ),
    ] {
        fires(FIXTURE, path, test, code, path);
    }
    let named = FIXTURE.replace("@pytest.fixture", "@pytest.fixture(name='redis')");
    fires(&named, "tests/test_a.py", "def test(redis):\n    redis.close()\n", "TM107", "`redis`");
    let yields = FIXTURE.replace("return", "yield");
    fires(&yields, "tests/test_a.py", "def test(manager):\n    manager.close()\n", "TM107", "");
}

#[test]
fn what_does_not_get_the_fixture_does_not_matter() {
    let closes = "def test(manager):\n    manager.close()\n";
    let own = "import pytest\n@pytest.fixture\ndef manager():\n    return object()\n";
    for (what, others) in [
        (
            "it only uses it",
            vec![("tests/test_a.py", "def test(manager):\n    manager.get('x')\n")],
        ),
        (
            "what is given is kept",
            vec![(
                "tests/test_a.py",
                "def test(manager):\n    assert S(manager).redis is manager\n",
            )],
        ),
        ("another folder", vec![("other/test_a.py", closes)]),
        ("above", vec![("test_a.py", closes)]),
        ("no test file", vec![("tests/support.py", closes)]),
        ("no test", vec![("tests/test_a.py", "def close(manager):\n    manager.close()\n")]),
        (
            "another parameter",
            vec![("tests/test_a.py", "def test(file, manager):\n    file.close()\n")],
        ),
        ("a fixture of its own", vec![("tests/test_a.py", &*format!("{own}{closes}"))]),
        (
            "a fixture of a nearer folder",
            vec![("tests/deep/conftest.py", own), ("tests/deep/test_a.py", closes)],
        ),
        (
            "a fixture of its class",
            vec![(
                "tests/test_a.py",
                "import pytest\nclass TestA:\n    @pytest.fixture\n    def manager(self):\n        return object()\n    def test(self, manager):\n        manager.close()\n",
            )],
        ),
        (
            "a name that is bound again",
            vec![(
                "tests/test_a.py",
                "def test(manager, file):\n    manager = file\n    manager.close()\n",
            )],
        ),
        (
            "a default",
            vec![("tests/test_a.py", "def helper(manager=None):\n    manager.close()\n")],
        ),
    ] {
        assert_eq!(held(FIXTURE, &others), None, "{what}");
    }
}

#[test]
fn a_fixture_of_a_plain_module_is_its_own_tests_only() {
    let test = [("tests/test_a.py", "def test(manager):\n    manager.close()\n")];
    let mut files = files("");
    files.insert("tests/test_b.py".to_owned(), FIXTURE.to_owned());
    files.insert(test[0].0.to_owned(), test[0].1.to_owned());
    let plan = plan(&files, TRANSFORM, &[]);
    assert!(plan.sites.iter().all(|site| site.verdict != Verdict::Review), "{:?}", plan.sites);
}
