//! What a module runs while it is imported, and what it imports by that.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use tiermod::run::OneTier;

use crate::memory;

const TRANSFORM: &str = "name = 'redis'\nsummary = 'Share it'\n[[singleton]]\n\
     class = 'app.manager:Manager'\ninstance = 'app.shared:manager'\n";

/// Whether `app/user.py` imports the shared object when it is itself imported, where the module of
/// that object begins with `shared`, and `app/helper.py` is `helper`.
fn imports_at_once(helper: &str, shared: &str) -> bool {
    let files = BTreeMap::from(
        [
            ("app/__init__.py", String::new()),
            ("app/manager.py", "class Manager:\n    pass\n".to_owned()),
            (
                "app/user.py",
                "from app.manager import Manager\n\n\ndef use():\n    return Manager()\n"
                    .to_owned(),
            ),
            ("app/helper.py", helper.to_owned()),
            (
                "app/shared.py",
                format!(
                    "from app import helper\nfrom app.helper import *\n\
                     from app.manager import Manager\n\n{shared}\n\nmanager = Manager()\n"
                ),
            ),
        ]
        .map(|(path, text)| (path.to_owned(), text)),
    );
    let transform = memory::transform("redis", TRANSFORM);
    let plan = memory::plan(memory::borrowed(&files), &[transform], &OneTier::default()).unwrap();
    assert!(plan.unproven.is_empty(), "{:?}", plan.unproven);
    let user = plan.files.iter().find(|file| file.path().to_slash() == "app/user.py");
    user.is_some_and(|user| {
        let text = String::from_utf8(user.new.clone()).unwrap();
        text.lines().any(|line| line == "from app.shared import manager")
    })
}

const MAKE: &str = "def make(x):\n    from app.user import use\n\n    return x\n";

#[test]
fn what_runs_meanwhile_counts() {
    assert!(imports_at_once(MAKE, ""), "nobody calls it");
    for script in ["if __name__ == '__main__':", "if '__main__' == __name__:"] {
        let shared = format!("{script}\n    from app.user import use\n\n    make(use)");
        assert!(imports_at_once(MAKE, &shared), "{script}");
    }
    for (helper, shared) in [
        (MAKE, "make(1)"),
        (MAKE, "if __name__ == '__main__':\n    pass\nelse:\n    make(1)"),
        (MAKE, "if __name__ != '__main__':\n    make(1)"),
        (MAKE, "helper.make(1)"),
        (MAKE, "class A:\n    b = make(1)"),
        (MAKE, "@make\ndef f():\n    pass"),
        (MAKE, "@helper.make\nclass A:\n    pass"),
        (MAKE, "def f():\n    make(1)\n\n\nf()"),
        (MAKE, "call = make\ncall(1)"),
        (MAKE, "call = lambda: make(1)\ncall()"),
        (
            MAKE,
            "if helper:\n    def f():\n        make(1)\nelse:\n    def f():\n        pass\n\n\nf()",
        ),
        // One of several definitions.
        (
            "from typing import overload\n\n\n@overload\ndef make(x: int): ...\n\n\n\
             def make(x):\n    import app.user\n",
            "make(1)",
        ),
        (
            "try:\n    from m import make\nexcept ImportError:\n    def make(x):\n        \
             import app.user\n",
            "make(1)",
        ),
        ("make = lambda x: __import__('app.user')\n", "make(1)"),
        // What a decorator returns is called with the function.
        (
            "def make(x):\n    def inner(f):\n        import app.user\n\n        return f\n\n    \
             return inner\n",
            "@make(1)\ndef f():\n    pass",
        ),
        // What an object of a class of the project does.
        (
            "class Make:\n    def start(self):\n        import app.user\n\n\nmake = Make()\n",
            "make.start()",
        ),
        (
            "class Make:\n    def start(self):\n        import app.user\n",
            "made = Make()\nmade.start()",
        ),
        (
            "class Make:\n    def route(self, path):\n        import app.user\n\n        \
             return lambda f: f\n\n\nmake = Make()\n",
            "@make.route('/')\ndef f():\n    pass",
        ),
        (
            "class Make:\n    def __init__(self):\n        import app.user\n",
            "class A(Make):\n    def __init__(self):\n        super().__init__()\n\n\nA()",
        ),
        // What runs by a class.
        ("class Make:\n    def __init__(self, x):\n        import app.user\n", "Make(1)"),
        (
            "class Make:\n    def __init__(self, x):\n        import app.user\n",
            "@Make\ndef f():\n    pass",
        ),
        ("class Make:\n    def __attrs_post_init__(self):\n        import app.user\n", "Make()"),
        (
            "class Make:\n    def __enter__(self):\n        import app.user\n",
            "with Make():\n    pass",
        ),
        (
            "class Make:\n    def __init_subclass__(cls):\n        import app.user\n",
            "class A(Make):\n    pass",
        ),
        (
            "class Make(type):\n    def __new__(cls, *args):\n        import app.user\n\n        \
             return type.__new__(cls, *args)\n",
            "class A(metaclass=Make):\n    pass",
        ),
    ] {
        assert!(!imports_at_once(helper, shared), "{helper}\n{shared}");
    }
}

#[test]
fn what_runs_later_does_not() {
    for (helper, shared) in [
        (MAKE, "def f():\n    make(1)"),
        (MAKE, "call = lambda: make(1)"),
        (MAKE, "class A:\n    def f(self):\n        make(1)"),
        (MAKE, "call = make"),
        ("class Make:\n    def get(self):\n        import app.user\n", "Make()"),
        (
            "class Make:\n    def __init__(self):\n        import app.user\n",
            "class A(Make):\n    pass",
        ),
        ("class Make:\n    def __init_subclass__(cls):\n        import app.user\n", "Make()"),
        ("def make(x):\n    def inner(f):\n        import app.user\n\n    return f\n", "make(1)"),
    ] {
        assert!(imports_at_once(helper, shared), "{helper}\n{shared}");
    }
}
