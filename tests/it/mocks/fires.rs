//! Strings that the plan makes idle: each is held, and the import that it needs stays.

use std::fmt::Write as _;

use tiermod::site::Reason;

use super::support::{Case, SERVICE, run};

const STAYS: &str = "from app.redis_manager import RedisManager as RedisManager";
const HELD: &str = "app/service.py no longer reads this name once the sites are rewritten: \
                    the target becomes `app.service.redis_manager`";

/// A test file that holds one string, on the line on which it stands, with `app/service.py`.
#[track_caller]
fn held(test: &str, line: u32) {
    let files = format!("{SERVICE}-- tests/test_service.py --\n{test}");
    let ran = run(&Case::new(&files));
    let [only] = ran.mocks.as_slice() else { panic!("{:?}\n{test}", ran.mocks) };
    assert!(only.starts_with(&format!("tests/test_service.py:{line} review: ")), "{only}\n{test}");
    assert!(ran.files["app/service.py"].contains(STAYS), "{}", ran.files["app/service.py"]);
    assert!(ran.files["app/service.py"].contains("return redis_manager"));
    assert_eq!(ran.files["tests/test_service.py"], test);
}

#[test]
fn every_way_to_patch_is_found() {
    for (test, line) in [
        (
            "from unittest.mock import patch\n@patch('app.service.RedisManager')\ndef test(m): ...\n",
            2,
        ),
        ("from unittest import mock\nwith mock.patch('app.service.RedisManager') as m: ...\n", 2),
        ("import unittest.mock\nunittest.mock.patch('app.service.RedisManager').start()\n", 2),
        ("import mock\np = mock.patch('app.service.RedisManager')\n", 2),
        ("from mock import patch as replace\nreplace('app.service.RedisManager')\n", 2),
        ("def test(mocker):\n    mocker.patch('app.service.RedisManager')\n", 2),
        (
            "def test(mocker):\n    from app import service\n    mocker.patch.object(service, 'RedisManager')\n",
            3,
        ),
        (
            "def test(mocker):\n    from app import service\n    mocker.spy(service, 'RedisManager')\n",
            3,
        ),
        (
            "class T:\n    def test(self):\n        self.mocker.patch('app.service.RedisManager')\n",
            3,
        ),
        (
            "def test(monkeypatch):\n    monkeypatch.setattr('app.service.RedisManager', object)\n",
            2,
        ),
        (
            "import app.service\ndef test(monkeypatch):\n    monkeypatch.setattr(app.service, 'RedisManager', object)\n",
            3,
        ),
        (
            "from app import service\ndef test(monkeypatch):\n    monkeypatch.setattr(target=service, name='RedisManager', value=object)\n",
            3,
        ),
        ("def test(monkeypatch):\n    monkeypatch.delattr('app.service.RedisManager')\n", 2),
        (
            "from app import service as s\nfrom unittest.mock import patch\n@patch.object(s, 'RedisManager')\ndef test(m): ...\n",
            3,
        ),
        (
            "from unittest.mock import patch\nfrom app import service\n@patch.object(target=service, attribute='RedisManager')\ndef test(m): ...\n",
            3,
        ),
        (
            "from unittest.mock import patch, DEFAULT\nwith patch.multiple('app.service', RedisManager=DEFAULT): ...\n",
            2,
        ),
        (
            "from unittest.mock import patch, DEFAULT\nimport app.service\nwith patch.multiple(app.service, x=1, RedisManager=DEFAULT): ...\n",
            3,
        ),
        ("from app import service\nsetattr(service, 'RedisManager', object)\n", 2),
        (
            "from app import service\nfrom unittest.mock import patch\npatch.dict(service.__dict__, {'RedisManager': object})\n",
            3,
        ),
        (
            "from unittest.mock import patch\npatch.dict('app.service.__dict__', RedisManager=object)\n",
            2,
        ),
        (
            "from app import service\nfrom unittest.mock import patch\npatch.multiple(service, **{'RedisManager': object})\n",
            3,
        ),
        (
            "from app import service\ndef test(monkeypatch):\n    monkeypatch.setitem(vars(service), 'RedisManager', object)\n",
            3,
        ),
        ("from app import service\nservice.__dict__['RedisManager'] = object\n", 2),
        // A text that is kept for a call that patches what it is given.
        (
            "import pytest\nfrom unittest.mock import patch\n@pytest.mark.parametrize('target', ['app.service.RedisManager'])\ndef test(target):\n    with patch(target): ...\n",
            3,
        ),
        // The module alone is kept, and the call says the name.
        (
            "import pytest\nfrom unittest.mock import patch\n@pytest.mark.parametrize('module', ['app.service', 'os'])\ndef test(module):\n    with patch(f'{module}.RedisManager'): ...\n",
            3,
        ),
        (
            "import pytest\n@pytest.fixture(params=['service'])\ndef module(request):\n    return request.param\ndef test(module, monkeypatch):\n    monkeypatch.setattr('app.' + module + '.RedisManager', object)\n",
            2,
        ),
        (
            "from unittest.mock import patch\nfor module in ('app.service', 'os'):\n    patch(f'{module}.RedisManager')\n",
            2,
        ),
        (
            "def test(monkeypatch):\n    for target in ('app.service.RedisManager',):\n        monkeypatch.setattr(target, object)\n",
            3,
        ),
        (
            "from unittest.mock import patch\nTARGETS = {'m': 'app.service.RedisManager'}\npatch(TARGETS['m'])\n",
            2,
        ),
        (
            "import sys\nfrom unittest.mock import patch\npatch.object(sys.modules['app.service'], 'RedisManager')\n",
            3,
        ),
        (
            "import importlib\nfrom unittest.mock import patch\ns = importlib.import_module('app.service')\npatch.object(s, 'RedisManager')\n",
            4,
        ),
        (
            "try:\n    from unittest.mock import patch\nexcept ImportError:\n    from mock import patch\npatch('app.service.RedisManager')\n",
            5,
        ),
    ] {
        held(test, line);
    }
}

#[test]
fn the_string_may_be_made_of_others() {
    for (test, line) in [
        ("from unittest.mock import patch\npatch('app.'\n      'service.RedisManager')\n", 2),
        (
            "from unittest.mock import patch\nTARGET = 'app.service.RedisManager'\npatch(TARGET)\n",
            3,
        ),
        (
            "from unittest.mock import patch\nMODULE = 'app.service'\npatch(MODULE + '.RedisManager')\n",
            3,
        ),
        (
            "from unittest.mock import patch\nMODULE = 'app.service'\npatch(f'{MODULE}.RedisManager')\n",
            3,
        ),
        (
            "from unittest.mock import patch\ndef test():\n    target = 'app.service.RedisManager'\n    patch(target)\n",
            4,
        ),
    ] {
        held(test, line);
    }
}

#[test]
fn a_constant_of_another_module_is_followed() {
    let files = format!(
        "{SERVICE}-- tests/names.py --\nTARGET = 'app.service.RedisManager'\n\
         -- tests/test_service.py --\nfrom unittest.mock import patch\n\
         from names import TARGET\npatch(TARGET)\n"
    );
    let ran = run(&Case::new(&files));
    assert_eq!(ran.mocks, [format!("tests/test_service.py:3 review: {HELD}")]);
}

#[test]
fn what_is_read_afterwards_is_told() {
    for (service, becomes) in [
        // The name here is an alias.
        (
            "from app.redis_manager import RedisManager\ndef get(redis_manager):\n    return RedisManager()\n",
            "`app.service.shared_redis_manager`",
        ),
        // The class has another name here.
        (
            "from app.redis_manager import RedisManager as RedisManager\ndef get():\n    return RedisManager()\n",
            "`app.service.redis_manager`",
        ),
        // Imported by the function, from where it is each time.
        (
            "from app.redis_manager import RedisManager\ndef get():\n    from app.redis_manager import redis_manager as r\n    return RedisManager()\n",
            "`app.redis_manager.redis_manager`",
        ),
        // A star import brings it.
        (
            "from app.redis_manager import *\ndef get():\n    return RedisManager()\n",
            "`app.service.redis_manager`",
        ),
    ] {
        let files = format!(
            "-- app/service.py --\n{service}-- tests/test_service.py --\n\
             from unittest.mock import patch\npatch('app.service.RedisManager')\n"
        );
        let ran = run(&Case::new(&files));
        let [only] = ran.mocks.as_slice() else { panic!("{:?}\n{service}", ran.mocks) };
        assert!(only.ends_with(&format!("the target becomes {becomes}")), "{only}\n{service}");
    }
}

#[test]
fn another_name_of_the_class_is_searched_for() {
    let files = "-- app/service.py --
from app.redis_manager import RedisManager as Manager
def get():
    return Manager()
-- tests/test_service.py --
from unittest.mock import patch
patch('app.service.Manager')
";
    let ran = run(&Case::new(files));
    assert_eq!(ran.mocks, [format!("tests/test_service.py:2 review: {HELD}")]);
    let service = &ran.files["app/service.py"];
    assert!(service.contains("RedisManager as Manager"), "{service}");
}

#[test]
fn a_class_patched_where_it_is_defined_misses_who_looks_it_up_late() {
    for service in [
        "from app import redis_manager as r\ndef get():\n    return r.RedisManager()\n",
        "import app.redis_manager\ndef get():\n    return app.redis_manager.RedisManager()\n",
        "def get():\n    from app.redis_manager import RedisManager\n    return RedisManager()\n",
        "def get():\n    from .redis_manager import RedisManager as R\n    return R()\n",
    ] {
        let files = format!(
            "-- app/service.py --\n{service}-- tests/test_service.py --\n\
             from unittest.mock import patch\npatch('app.redis_manager.RedisManager')\n"
        );
        let ran = run(&Case::new(&files));
        let [only] = ran.mocks.as_slice() else { panic!("{:?}\n{service}", ran.mocks) };
        let expected = "tests/test_service.py:2 review: app/service.py no longer reads this name \
                        once the sites are rewritten: the target becomes \
                        `app.redis_manager.redis_manager`";
        assert_eq!(only, expected, "{service}");
    }
}

#[test]
fn a_class_that_everybody_looks_up_late_does_not_list_everybody() {
    let mut files = "-- tests/test_service.py --\n\
                     from unittest.mock import patch\npatch('app.redis_manager.RedisManager')\n"
        .to_owned();
    for name in ["a", "b", "c", "d", "e"] {
        let _infallible = write!(
            files,
            "-- app/{name}.py --\nfrom app import redis_manager as r\n\
             def get():\n    return r.RedisManager()\n"
        );
    }
    let ran = run(&Case::new(&files));
    let [only] = ran.mocks.as_slice() else { panic!("{:?}", ran.mocks) };
    let expected = "app/a.py, app/b.py, app/c.py and 2 more no longer read this name";
    assert!(only.contains(expected), "{only}");
}

#[test]
fn a_module_seen_through_another_is_found() {
    let files = format!(
        "{SERVICE}-- app/api.py --\nfrom app import service\n-- tests/test_api.py --\n\
         from unittest.mock import patch\npatch('app.api.service.RedisManager')\n"
    );
    let ran = run(&Case::new(&files));
    assert_eq!(ran.mocks.len(), 1, "{:?}", ran.mocks);
    assert!(ran.files["app/service.py"].contains(STAYS));
}

#[test]
fn a_test_may_patch_its_own_module() {
    let files = "-- tests/test_service.py --
from unittest.mock import patch
from app.redis_manager import RedisManager
def test():
    with patch(f'{__name__}.RedisManager'):
        assert RedisManager()
";
    let ran = run(&Case::new(files));
    assert_eq!(ran.mocks.len(), 1, "{:?}", ran.mocks);
    assert!(ran.files["tests/test_service.py"].contains(STAYS));
}

#[test]
fn sites_that_stay_are_told_beside_those_that_go() {
    let files = "-- app/service.py --
from app.redis_manager import RedisManager
def get():
    return RedisManager()
def other():
    return RedisManager('url')
-- tests/test_service.py --
from unittest.mock import patch
patch('app.service.RedisManager')
";
    let ran = run(&Case::new(files));
    let expected =
        format!("tests/test_service.py:2 review: {HELD}; what is not rewritten still reads it");
    assert_eq!(ran.mocks, [expected]);
}

#[test]
fn a_string_stays_open_after_its_module_was_migrated() {
    let files = "-- app/service.py --
from app.redis_manager import RedisManager as RedisManager, redis_manager
def get():
    return redis_manager
-- tests/test_service.py --
from unittest.mock import patch
patch('app.service.RedisManager')
";
    let ran = run(&Case::new(files));
    let expected = "tests/test_service.py:2 review: app/service.py no longer reads this name: \
                    the target becomes `app.service.redis_manager`";
    assert_eq!(ran.mocks, [expected]);
    assert!(ran.files["app/service.py"].contains(STAYS));
}

#[test]
fn a_comment_settles_a_string_and_the_import_stays() {
    let files = format!(
        "{SERVICE}-- tests/test_service.py --\nfrom unittest.mock import patch\n\
         patch('app.service.RedisManager')  # tiermod: ignore[TM111] because it counts\n"
    );
    let ran = run(&Case::new(&files));
    assert_eq!(ran.mocks, ["tests/test_service.py:2 keep ignored: ignored: because it counts"]);
    assert!(ran.files["app/service.py"].contains(STAYS));
}

#[test]
fn accepting_changes_nothing_that_is_not_certain() {
    let files = format!(
        "{SERVICE}-- tests/test_service.py --\nfrom unittest.mock import patch\n\
         def test():\n    with patch('app.service.RedisManager') as m:\n        m.return_value = 5\n"
    );
    let accepting = Case { accept: vec![Reason::MockTarget], ..Case::new(&files) };
    let ran = run(&accepting);
    let expected = format!(
        "tests/test_service.py:3 review: {HELD}; not rewritten, as line 4 uses the mock of the \
         class itself"
    );
    assert_eq!(ran.mocks, [expected]);
    assert!(ran.files["app/service.py"].contains(STAYS));
}

#[test]
fn what_a_rewrite_takes_away_is_held_too() {
    for (rewrite, service, stays) in [
        (
            "[[rewrite]]
before = '''
from app.redis_manager import RedisManager
RedisManager()
'''
after = '''
from app.redis_manager import get_redis_manager
get_redis_manager()
'''
",
            "from app.redis_manager import RedisManager\ndef get():\n    return RedisManager()\n",
            "import RedisManager as RedisManager",
        ),
        (
            "[[rewrite]]
before = '''
from app.redis_manager import RedisManager
RedisManager
'''
after = '''
from app.renamed import Manager
Manager
'''
",
            "from app.redis_manager import RedisManager\ndef get():\n    return RedisManager()\n",
            "import Manager as RedisManager",
        ),
    ] {
        let files = format!(
            "-- app/service.py --\n{service}-- app/renamed.py --\nclass Manager: ...\n\
             -- tests/test_service.py --\nfrom unittest.mock import patch\n\
             patch('app.service.RedisManager')\n"
        );
        let ran = run(&Case { rewrite: Some(rewrite), ..Case::new(&files) });
        let [only] = ran.mocks.as_slice() else { panic!("{:?}\n{rewrite}", ran.mocks) };
        assert!(
            only.starts_with("tests/test_service.py:2 review: app/service.py no longer"),
            "{only}"
        );
        let service = &ran.files["app/service.py"];
        assert!(service.contains(stays), "{service}");
    }
}

#[test]
fn a_class_that_is_swapped_by_an_assignment_is_held() {
    held("from app import service\nservice.RedisManager = object\n", 2);
    held("import app.service\ndef test():\n    app.service.RedisManager = object\n", 3);
    held("from app import service\nservice.RedisManager, x = object, 1\n", 2);
}

#[test]
fn a_swapped_class_is_never_retargeted() {
    let test = "from app import service\nservice.RedisManager = object\n";
    let files = format!("{SERVICE}-- tests/test_service.py --\n{test}");
    let ran = run(&Case::retargets(&files));
    let [only] = ran.mocks.as_slice() else { panic!("{:?}", ran.mocks) };
    assert!(only.contains("not rewritten, as what is put there stands for the class"), "{only}");
    assert_eq!(ran.files["tests/test_service.py"], test);
}

#[test]
fn a_class_that_is_patched_at_home_is_held_where_modules_are_loaded_under_the_patch() {
    let start = "from unittest.mock import patch\n";
    for (test, line) in [
        // Loaded again.
        (
            "import importlib\nfrom app import service\n@patch('app.redis_manager.RedisManager')\ndef test(m):\n    importlib.reload(service)\n",
            4,
        ),
        // Imported late.
        (
            "def test():\n    with patch('app.redis_manager.RedisManager'):\n        from app.service import get\n        get()\n",
            3,
        ),
        (
            "import app.redis_manager as home\ndef test():\n    home.RedisManager = object\n    import app.service\n",
            4,
        ),
    ] {
        let files = format!("{SERVICE}-- tests/test_service.py --\n{start}{test}");
        let ran = run(&Case::new(&files));
        let [only] = ran.mocks.as_slice() else { panic!("{:?}\n{test}", ran.mocks) };
        assert!(only.starts_with(&format!("tests/test_service.py:{line} review: ")), "{only}");
        assert!(only.contains("the target becomes `"), "{only}");
        assert!(
            only.ends_with("redis_manager.redis_manager`") || only.ends_with("`redis_manager`")
        );
    }
    let test = "def test():\n    with patch('app.redis_manager.RedisManager'):\n        from app.service import get\n";
    let files = format!("{SERVICE}-- tests/test_service.py --\n{start}{test}");
    let ran = run(&Case::retargets(&files));
    let [only] = ran.mocks.as_slice() else { panic!("{:?}", ran.mocks) };
    assert!(only.contains("app/service.py may be imported while it is patched"), "{only}");
}

#[test]
fn a_class_that_its_own_module_swaps_is_held() {
    let files = format!("{SERVICE}\ndef swap():\n    globals()['RedisManager'] = object\n");
    let ran = run(&Case::new(&files));
    let [only] = ran.mocks.as_slice() else { panic!("{:?}", ran.mocks) };
    assert!(only.starts_with("app/service.py:"), "{only}");
}
