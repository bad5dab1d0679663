//! Strings that look like mock targets and are none, or that the plan does not make idle.

use super::support::{Case, SERVICE, run};

#[track_caller]
fn none(files: &str) {
    let ran = run(&Case::new(files));
    assert!(ran.mocks.is_empty(), "{:?}\n{files}", ran.mocks);
}

#[test]
fn nothing_is_held_for_a_test() {
    let with_patch = "from unittest.mock import patch\n";
    for test in [
        // A method of the class: the shared object has it too.
        "patch('app.service.RedisManager.get')\n",
        "from app.redis_manager import RedisManager\npatch.object(RedisManager, 'get')\n",
        // Another module, or none.
        "patch('app.other.RedisManager')\n",
        "patch('service.RedisManager')\n",
        "patch('RedisManager')\n",
        // Another name of the module.
        "patch('app.service.RedisManagerFactory')\n",
        "patch('app.service.get', 'RedisManager')\n",
        // Where the class is defined, and nobody looks it up late.
        "patch('app.redis_manager.RedisManager')\n",
        // Loaded before, or another module is.
        "from app.service import get\ndef test():\n    patch('app.redis_manager.RedisManager')\n    from app.service import get\n",
        "def test():\n    patch('app.redis_manager.RedisManager')\n    import app.other\n",
        "import importlib, app.other\npatch('app.redis_manager.RedisManager')\nimportlib.reload(app.other)\n",
        // An attribute of the same name of something else.
        "def test(service):\n    service.RedisManager = object\n",
        "from app import other\nother.RedisManager = object\n",
        "from app import service\nFake = service.RedisManager\n",
        // A dict that is no module's, or another name of one.
        "import os\npatch.dict(os.environ, {'RedisManager': 'x'})\n",
        "def test(monkeypatch, names):\n    monkeypatch.setitem(names, 'RedisManager', object)\n",
        "names = {}\nnames['RedisManager'] = object\n",
        "from app import service\nservice.__dict__['Other'] = object\n",
        "from app import service\nfake = service.__dict__['RedisManager']\n",
        // A text that is kept beside calls that say what they patch.
        "TEXT = 'app.service.RedisManager'\npatch('app.other.thing')\n",
        // A text that only says it.
        "TEXT = 'app.service.RedisManager'\n",
        "print('app.service.RedisManager')\n",
        "# patch('app.service.RedisManager')\n",
        "patch.dict('app.service.RedisManager', {})\n",
        // Not known what it says.
        "def test(name):\n    patch(f'app.{name}.RedisManager')\n",
        "def test(name):\n    patch(name, 'RedisManager')\n",
        // An object that is no module.
        "def test(service):\n    patch.object(service, 'RedisManager')\n",
        "import requests\nrequests.request('app.service.RedisManager')\n",
    ] {
        none(&format!("{SERVICE}-- app/other.py --\n-- tests/test_a.py --\n{with_patch}{test}"));
    }
}

#[test]
fn a_function_of_the_project_that_is_called_patch_is_another() {
    for test in [
        "def patch(name): ...\npatch('app.service.RedisManager')\n",
        "from helpers import patch\npatch('app.service.RedisManager')\n",
        "import helpers\nhelpers.patch('app.service.RedisManager')\n",
    ] {
        none(&format!(
            "{SERVICE}-- tests/helpers.py --\ndef patch(name): ...\n-- tests/test_a.py --\n{test}"
        ));
    }
}

#[test]
fn a_module_whose_sites_stay_is_patched_as_before() {
    for service in [
        // Held: arguments.
        "from app.redis_manager import RedisManager\ndef get():\n    return RedisManager('url')\n",
        // Settled by a person.
        "from app.redis_manager import RedisManager\ndef get():\n    return RedisManager()  # tiermod: ignore[TM001] because it is its own\n",
        // Only asked about.
        "from app.redis_manager import RedisManager\ndef get(x):\n    return isinstance(x, RedisManager)\n",
        // Another class of the name.
        "class RedisManager: ...\ndef get():\n    return RedisManager()\n",
        "from redis_lib import RedisManager\ndef get():\n    return RedisManager()\n",
        // Imported for others only: patching it here never reached them.
        "from app.redis_manager import RedisManager\n__all__ = ['RedisManager']\n",
        "from app.redis_manager import RedisManager, redis_manager\n__all__ = ['RedisManager', 'redis_manager']\n",
        // Bound early, by another module.
        "from app.source import RedisManager\n",
    ] {
        none(&format!(
            "-- app/service.py --\n{service}-- app/source.py --\n\
             from app.redis_manager import RedisManager\n-- tests/test_service.py --\n\
             from unittest.mock import patch\npatch('app.service.RedisManager')\n"
        ));
    }
}

#[test]
fn an_import_that_nobody_patches_goes() {
    let files = format!(
        "{SERVICE}-- tests/test_a.py --\nfrom unittest.mock import patch\n\
         patch('app.service.RedisManagers')\n"
    );
    let ran = run(&Case::new(&files));
    let service = &ran.files["app/service.py"];
    assert!(service.starts_with("from app.redis_manager import redis_manager\n"), "{service}");
}

#[test]
fn an_import_that_a_patch_of_the_class_goes_through_stays() {
    let files = format!(
        "{SERVICE}-- tests/test_a.py --\nfrom unittest.mock import patch\n\
         patch('app.service.RedisManager.get')\n"
    );
    let ran = run(&Case::new(&files));
    let service = &ran.files["app/service.py"];
    assert!(service.contains("import RedisManager as RedisManager\n"), "{service}");
    assert!(service.contains("return redis_manager"), "{service}");
}

#[test]
fn a_rewrite_that_still_reads_the_name_leaves_it_to_tests() {
    for (rewrite, service, name) in [
        (
            "[[rewrite]]
before = '''
from datetime import datetime
datetime.utcnow()
'''
after = '''
from datetime import UTC, datetime
datetime.now(UTC)
'''
",
            "from datetime import datetime\ndef get():\n    return datetime.utcnow()\n",
            "datetime",
        ),
        (
            "[[rewrite]]
before = '''
from app.redis_manager import RedisManager
RedisManager
'''
after = '''
from app.renamed import RedisManager
RedisManager
'''
",
            "from app.redis_manager import RedisManager\ndef get():\n    return RedisManager()\n",
            "RedisManager",
        ),
    ] {
        let files = format!(
            "-- app/service.py --\n{service}-- app/renamed.py --\nclass RedisManager: ...\n\
             -- tests/test_service.py --\n# utcnow\nfrom unittest.mock import patch\n\
             patch('app.service.{name}')\n"
        );
        let ran = run(&Case { rewrite: Some(rewrite), ..Case::new(&files) });
        assert!(ran.mocks.is_empty(), "{:?}\n{rewrite}", ran.mocks);
        assert!(!ran.files["app/service.py"].contains(service), "{}", ran.files["app/service.py"]);
    }
}
