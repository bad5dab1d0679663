//! Imports that another file, or the file itself, reaches by text: they stay. Near misses: texts
//! that reach nothing, and the import goes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tiermod::run::OneTier;
use tiermod::site::Reason;

use crate::memory;

const MANAGER: &str = "class RedisManager:
    def get(self, key): ...


redis_manager = RedisManager()
";

const SERVICE: &str = "from app.redis_manager import RedisManager


def get():
    return RedisManager()
";

const CONSTANTS: &str = "TARGET = 'app.s.RedisManager'
MODULE = 'app.s'
COMPOSED = f'{MODULE}.RedisManager'
";

const OTHERS: &str = "OTHER = 'app.t.RedisManager'\n";

const TRANSFORM: &str = "name = 'redis'\nsummary = 'Share it'\n[[singleton]]\n\
     class = 'app.redis_manager:RedisManager'\ninstance = 'app.redis_manager:redis_manager'\n";

/// `app/s.py` after the migration.
fn migrated(files: &[(&str, &str)]) -> String {
    let mut all = BTreeMap::from([
        ("app/__init__.py", ""),
        ("app/redis_manager.py", MANAGER),
        ("app/s.py", SERVICE),
        ("app/t.py", ""),
    ]);
    all.extend(files.iter().copied());
    let transform = memory::transform("redis", TRANSFORM);
    let plan = memory::plan(all, &[transform], &OneTier::default())
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(plan.unproven.is_empty(), "{:?}", plan.unproven);
    let file = plan.files.iter().find(|file| file.path().to_slash() == "app/s.py");
    let file = file.unwrap_or_else(|| panic!("nothing changes"));
    let new = String::from_utf8_lossy(&file.new).into_owned();
    assert!(new.contains("return redis_manager"), "{new}");
    new
}

fn keeps_class(test: &str) -> bool {
    let imports = "import importlib, operator, pkgutil, sys\nfrom importlib import import_module\n\
                   from operator import attrgetter\nfrom unittest.mock import patch\n\
                   import pytest\n";
    let test = format!("{imports}{test}");
    let mut files = vec![("tests/test_s.py", test.as_str()), ("tests/others.py", OTHERS)];
    if test.contains("constants") {
        files.push(("tests/constants.py", CONSTANTS));
    }
    let new = migrated(&files);
    new.contains("import RedisManager")
}

/// What reaches the class through `app.s`.
const REACHES: &[&str] = &[
    "import app.s\npatch(f'{app.s.__name__}.RedisManager')\n",
    "from app import s\npatch(s.__name__ + '.RedisManager')\n",
    "import app.s as service\npatch('%s.RedisManager' % service.__name__)\n",
    "import app.s as service\npatch('{}.RedisManager'.format(service.__name__))\n",
    "from app.s import get\npatch(f'{get.__module__}.RedisManager')\n",
    "TARGET = 'app.s.RedisManager'\npatch(TARGET)\n",
    "MODULE = 'app.s'\npatch(f'{MODULE}.RedisManager')\n",
    "MODULE = 'app.s'\npatch(MODULE + '.RedisManager')\n",
    "MODULE = 'app.s'\nTARGET = f'{MODULE}.RedisManager'\nwrapped(TARGET)\n",
    "from tests.constants import TARGET\npatch(TARGET)\n",
    "from tests import constants\npatch(f'{constants.MODULE}.RedisManager')\n",
    "from tests.constants import COMPOSED\npatch(COMPOSED)\n",
    "class Test:\n    target = 'app.s.RedisManager'\n    def test(self):\n        patch(self.target)\n",
    "@pytest.mark.parametrize('target', ['app.s.RedisManager'])\ndef test(target):\n    patch(target)\n",
    "import app.s\ngetattr(app.s, 'RedisManager')\n",
    "import app.s\ngetattr(app.s, 'RedisManager', None)()\n",
    "from app import s\nhasattr(s, 'RedisManager')\n",
    "from app import s\nfor name in ('RedisManager', 'get'):\n    getattr(s, name)\n",
    "from app import s\nNAME = 'RedisManager'\npatch.object(s, NAME)\n",
    "@pytest.mark.parametrize('name', ['RedisManager'])\ndef test(name):\n    patch(f'app.s.{name}')\n",
    "importlib.import_module('app.s').RedisManager\n",
    "import_module('app.s').RedisManager()\n",
    "import_module('.s', 'app').RedisManager\n",
    "import_module('.s', package='app').RedisManager\n",
    "mod = importlib.import_module('app.s')\nmod.RedisManager\n",
    "def test():\n    mod = importlib.import_module('app.s')\n    assert mod.RedisManager\n",
    "mod = importlib.reload(importlib.import_module('app.s'))\nmod.RedisManager\n",
    "(mod := import_module('app.s')).RedisManager\n",
    "__import__('app.s', fromlist=['RedisManager']).RedisManager\n",
    "__import__('app.s').s.RedisManager\n",
    "__import__('app.s', None, None, ['s']).RedisManager\n",
    "sys.modules['app.s'].RedisManager\n",
    "sys.modules.get('app.s').RedisManager\n",
    "getattr(sys.modules['app.s'], 'RedisManager')\n",
    "pytest.importorskip('app.s').RedisManager\n",
    "from app import s\nvars(s)['RedisManager']\n",
    "from app import s\nnames = vars(s)\nnames['RedisManager']\n",
    "from app import s\ns.__dict__['RedisManager']\n",
    "from app import s\ns.__dict__.get('RedisManager')\n",
    "from app import s\nassert 'RedisManager' in dir(s)\n",
    "from app import s\nassert 'RedisManager' not in s.__dict__\n",
    "from app import s\noperator.attrgetter('RedisManager')(s)\n",
    "import app\nattrgetter('s.RedisManager')(app)\n",
    "from app import s\nread = attrgetter('RedisManager')\nread(s)\n",
    "pkgutil.resolve_name('app.s:RedisManager')\n",
    "pkgutil.resolve_name('app.s:RedisManager.get')\n",
    "pkgutil.resolve_name('app.s').RedisManager\n",
    "import_string('app.s.RedisManager')\n",
    "SETTINGS = {'class': 'app.s.RedisManager'}\n",
    // Tables by which names are loaded when they are asked for.
    "LAZY = {'RedisManager': 'app.s'}\n",
    "STRUCTURE = {'app.t': ['other'], 'app.s': ['get', 'RedisManager']}\n",
    "LAZY = {'Manager': ('app.s', 'RedisManager')}\n",
    // The module and the name, side by side.
    "load('app.s', 'RedisManager')\n",
    "load(name='RedisManager', module='app.s')\n",
    "load('app.s', ['get', 'RedisManager'])\n",
    "TARGETS = [('app.s', 'RedisManager'), ('app.t', 'other')]\n",
    "NAMES = ['app.s', 'RedisManager']\n",
    // Code in texts.
    "CODE = 'from app.s import RedisManager\\nRedisManager()'\n",
    "CODE = '''\nimport os\nfrom app.s import (\n    get,\n    RedisManager as R,\n)\n'''\n",
    "timeit.timeit('RedisManager()', setup='import os; from app.s import RedisManager')\n",
    "timeit.timeit('app.s.RedisManager()', setup='import app.s')\n",
    "def f(x):\n    CODE = f'''\n    from app.s import RedisManager\n    print({x})\n    '''\n",
    "def f():\n    '''Uses it.\n\n    >>> from app.s import RedisManager\n    >>> RedisManager()\n    '''\n",
    "'''\n>>> import app.s\n>>> x = [\n...     app.s.RedisManager().get('x')]\n>>> app.s.RedisManager().get('x')\n'''\n",
    // The name is not written in one piece where it is said, or not beside its dot.
    "# RedisManager\npatch('app.s.Redis\\x4danager')\n",
    "# RedisManager\npatch('app.s.Redis\\115anager')\n",
    "# RedisManager\npatch('app.s.Redis\\u004danager')\n",
    "# RedisManager\npatch('app.s.Redis\\N{LATIN CAPITAL LETTER M}anager')\n",
    "# RedisManager\npatch('app.s.Redis\\\nManager')\n",
    "# RedisManager\npatch('app.s.Redis' 'Manager')\n",
    "# RedisManager\npatch('app.s.Redis'  # the class\n      'Manager')\n",
    "import_module('app.s').\\\nRedisManager\n",
    "(import_module('app.s').  # the class\n RedisManager)\n",
];

#[test]
fn what_another_file_reaches_by_text_stays() {
    for test in REACHES {
        assert!(keeps_class(test), "the import went:\n{test}");
    }
}

/// What looks like it, and reaches another name or nothing.
const MISSES: &[&str] = &[
    "import app.t\ngetattr(app.t, 'RedisManager')\n",
    "import app.s\ngetattr(app.s, 'RedisManagers', None)\n",
    "import app.s\ngetattr(app.s.get, 'RedisManager', None)\n",
    "import app.s\ngetattr(app.s, 'get')\n",
    "from tests.others import OTHER\npatch(OTHER)\n",
    "import app.redis_manager\ngetattr(app.redis_manager, 'RedisManager')\n",
    "patch('app.redis_manager.RedisManager')\n",
    "importlib.import_module('app.t').RedisManager\n",
    "__import__('app.s').RedisManager\n",
    "import_module('.s', 'tests').RedisManager\n",
    "sys.modules['app'].RedisManager\n",
    "globals()['RedisManager']\n",
    "vars()['RedisManager']\n",
    "'''The class app.s.RedisManager is deprecated.'''\n",
    "# app.s.RedisManager\n",
    "load('app.t', 'RedisManager')\n",
    "load('app.s', 'get')\nload('RedisManager')\n",
    "load('app.s', 'RedisManagers')\n",
    "CODE = 'from app.t import RedisManager'\n",
    "CODE = 'from app.s import get'\nOTHER = 'RedisManager()'\n",
    "'''Take it from app.s import of RedisManager.\n\nSee :class:`app.s.RedisManager`, please.'''\n",
    "'''RedisManager\n\nThe app.s.RedisManager() is old.\n\n>>> 1 + 1\n2\n'''\n",
    "'''\napp.s.RedisManager()\n\n>>> from app.s import get\n'''\n",
    "print('see app.s.RedisManager for more')\n",
    "data = {'RedisManager': 1}\ndata['RedisManager']\n",
    "from app import s\n{'s': s}['RedisManager']\n",
    "attrgetter('RedisManager')\n",
    "from app import t\nattrgetter('RedisManager')(t)\n",
    "pkgutil.resolve_name('app.t:RedisManager')\n",
    "path = 'app/s/RedisManager'\n",
    "def test(module):\n    getattr(module, 'RedisManager')\n",
    "LAZY = {'RedisManager': 'app.t', 'get': 'app.s'}\n",
    "LAZY = {'RedisManager': '.s'}\n",
    "LAZY = {'RedisManager': '...', 'x': ''}\n",
    "eval('RedisManager')\n",
];

#[test]
fn what_reaches_something_else_keeps_nothing() {
    for test in MISSES {
        assert!(!keeps_class(test), "the import stayed:\n{test}");
    }
}

/// Followed to their ends, these functions would be entered four to the power of ten times.
#[test]
fn functions_that_call_each_other_over_and_over_end() {
    let mut test = "def level_0(x):\n    return x\n\n\n".to_owned();
    for level in 1..=10 {
        let below = format!("{{level_{}(x)}}", level - 1);
        let _infallible = writeln!(
            test,
            "def level_{level}(x):\n    return f'{}'\n\n",
            [below.as_str(); 4].join("-")
        );
    }
    test.push_str("import_module(level_10('app.s'))\nimport_module(f'app.{level_1}')\n");
    keeps_class(&test);
}

#[test]
fn what_the_file_itself_reaches_by_text_stays() {
    for code in [
        "globals()['RedisManager']",
        "globals().get('RedisManager')",
        "vars()['RedisManager']",
        "eval('RedisManager')",
        "exec('x = RedisManager')",
        "getattr(sys.modules[__name__], 'RedisManager')",
        "sys.modules[__name__].RedisManager",
        "'RedisManager' in globals()",
        "patch(f'{__name__}.RedisManager')",
        "patch('%s.RedisManager' % __name__)",
    ] {
        let service =
            format!("import sys\nfrom x import patch\n{SERVICE}\n\ndef own():\n    {code}\n");
        let new = migrated(&[("app/s.py", &service)]);
        assert!(new.contains("import RedisManager"), "the import went:\n{new}");
    }
    for code in ["globals()['redis']", "locals", "{}['RedisManager']", "eval('Redis')"] {
        let service = format!("{SERVICE}\n\ndef own():\n    {code}\n");
        let new = migrated(&[("app/s.py", &service)]);
        assert!(!new.contains("import RedisManager"), "the import stayed:\n{new}");
    }
}

/// PEP 562: "Lazy loading of modules".
#[test]
fn what_the_package_loads_when_it_is_asked_for_stays() {
    let keeps = |table: &str| {
        let package = format!(
            "import importlib\n\nLAZY = {table}\n\n\ndef __getattr__(name):\n    \
             return getattr(importlib.import_module(LAZY[name], __name__), name)\n"
        );
        migrated(&[("app/__init__.py", &package)]).contains("import RedisManager")
    };
    for table in ["{'RedisManager': '.s'}", "{'s': ['RedisManager']}", "{'.s': {'RedisManager'}}"] {
        assert!(keeps(table), "the import went: {table}");
    }
    for table in ["{'RedisManager': '.t'}", "{'RedisManager': '..s'}", "{'t': ['RedisManager']}"] {
        assert!(!keeps(table), "the import stayed: {table}");
    }
}

/// See the entry points specification of the Python Packaging User Guide.
#[test]
fn what_the_packaging_offers_stays() {
    let keeps = |path: &str, text: &str| {
        migrated(&[(path, text)]).contains("import RedisManager as RedisManager")
    };
    let toml = "[project.entry-points.managers]\nredis = ";
    for (path, text) in [
        ("pyproject.toml", &*format!("{toml}\"app.s:RedisManager\"\n")),
        ("pyproject.toml", &*format!("{toml}\"app.s:RedisManager.get\"\n")),
        ("setup.cfg", "[options.entry_points]\nmanagers =\n    redis = app.s:RedisManager\n"),
    ] {
        assert!(keeps(path, text), "the import went: {text}");
    }
    for (path, text) in [
        ("pyproject.toml", &*format!("{toml}\"app.t:RedisManager\"\n")),
        ("pyproject.toml", &*format!("{toml}\"app.s:get\"\n")),
        ("docs/pyproject.toml", &*format!("{toml}\"app.s:RedisManager\"\n")),
        ("setup.cfg", "[a]\nb = app.s:\n"),
    ] {
        assert!(!keeps(path, text), "the import stayed: {text}");
    }
}

#[test]
fn a_call_through_a_module_that_is_found_by_its_name_is_held() {
    for (code, is_held) in [
        ("importlib.import_module('app.s').RedisManager()", true),
        ("sys.modules['app.redis_manager'].RedisManager()", true),
        ("importlib.import_module('app.t').RedisManager()", false),
        ("make('app.s').RedisManager()", false),
    ] {
        let code = format!("import importlib, sys\n{code}\n");
        let files =
            [("app/redis_manager.py", MANAGER), ("app/s.py", SERVICE), ("app/u.py", code.as_str())];
        let transform = memory::transform("redis", TRANSFORM);
        let plan = memory::plan(files, &[transform], &OneTier::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let found: Vec<_> =
            plan.sites.iter().filter(|site| site.path.to_slash() == "app/u.py").collect();
        let [site] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(site.reason == Reason::AmbiguousBinding, is_held, "{code}{}", site.message);
    }
}
