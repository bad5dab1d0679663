//! Classes that are built in unusual ways, and that nothing about them changes.

use crate::probe::{MANAGER, Program, places};

/// A program whose `app/manager.py` is `class`.
fn program(class: &str, main: &str) -> Program {
    Program::new(&[("app/__init__.py", ""), ("app/manager.py", class), ("main.py", main)])
}

#[test]
fn a_subclass_counts_for_its_target_at_the_line_that_built_it() {
    let program = program(
        "class Manager:\n    def __init__(self, url): self.url = url\n",
        "from app.manager import Manager\n\
         class Special(Manager):\n\
         \x20   def __new__(cls, *args):\n\
         \x20       return super().__new__(cls)\n\
         \x20   def __init__(self):\n\
         \x20       super().__init__('x')\n\
         Special()\n\
         Manager('y')\n",
    );
    let class = program.class();
    assert_eq!(places(&class), ["1 main.py:7", "1 main.py:8"]);
    assert_eq!(class.by_place[0].class.as_deref(), Some("__main__:Special"));
    assert_eq!(class.by_place[1].class, None);
}

#[test]
fn a_subclass_that_is_a_target_counts_for_both() {
    let program = program(
        "class Base:\n    pass\nclass Manager(Base):\n    pass\n",
        "from app.manager import Base, Manager\nManager()\nBase()\n",
    )
    .targets(&[MANAGER, "app.manager:Base"]);
    let (_, observed) = program.observed(&["python3", "main.py"]);
    let counts: Vec<_> = observed.classes.iter().map(|class| class.instances).collect();
    assert_eq!(counts, [1, 2]);
}

#[test]
fn a_new_that_hands_out_one_object_counts_it_once() {
    let program = program(
        "class Manager:\n\
         \x20   shared = None\n\
         \x20   def __new__(cls, *args):\n\
         \x20       if cls.shared is None:\n\
         \x20           cls.shared = super().__new__(cls)\n\
         \x20       return cls.shared\n",
        "from app.manager import Manager\n\
         first = Manager(1)\n\
         assert all(Manager(2) is first for _ in range(10))\n",
    );
    assert_eq!(program.places(), ["1 main.py:2"]);
}

#[test]
fn a_new_that_drops_its_object_and_makes_another_counts_each() {
    for slots in ["", "    __slots__ = ()\n"] {
        let program = program(
            &format!(
                "class Manager:\n\
                 {slots}\
                 \x20   shared = []\n\
                 \x20   def __new__(cls):\n\
                 \x20       if not cls.shared:\n\
                 \x20           cls.shared.append(super().__new__(cls))\n\
                 \x20       return cls.shared[0]\n"
            ),
            "from app.manager import Manager\n\
             for _ in range(50):\n\
             \x20   Manager(); Manager()\n\
             \x20   if not hasattr(Manager, '__slots__'): Manager.shared.clear()\n",
        );
        let expected = if slots.is_empty() { "50 main.py:3" } else { "1 main.py:3" };
        assert_eq!(program.places(), [expected], "{slots}");
    }
}

#[test]
fn a_new_that_always_makes_an_object_counts_each() {
    for slots in ["", "    __slots__ = ('x',)\n"] {
        let program = program(
            &format!(
                "class Manager:\n{slots}    def __new__(cls):\n        return super().__new__(cls)\n"
            ),
            "from app.manager import Manager\n\
             for _ in range(1000): Manager()\n\
             kept = [Manager() for _ in range(1000)]\n",
        );
        assert_eq!(program.places(), ["1000 main.py:2", "1000 main.py:3"], "{slots}");
    }
}

#[test]
fn a_new_that_makes_something_else_counts_nothing() {
    let program = program(
        "class Manager:\n    def __new__(cls):\n        return 42\n",
        "from app.manager import Manager\nassert Manager() == 42\n",
    );
    assert_eq!(program.class().instances, 0);
}

#[test]
fn a_metaclass_that_hands_out_one_object_counts_it_once() {
    let program = program(
        "class Shared(type):\n\
         \x20   made = {}\n\
         \x20   def __call__(cls, *args, **kwargs):\n\
         \x20       if cls not in cls.made:\n\
         \x20           cls.made[cls] = super().__call__(*args, **kwargs)\n\
         \x20       return cls.made[cls]\n\
         class Manager(metaclass=Shared):\n\
         \x20   pass\n",
        "from app.manager import Manager\ndef get():\n    return Manager()\nget(); get(); get()\n",
    );
    assert_eq!(program.places(), ["1 main.py:3"]);
}

#[test]
fn classes_of_every_make_are_counted() {
    for class in [
        "class Manager:\n    __slots__ = ('url',)\n    def __init__(self, url): self.url = url\n",
        "import dataclasses\n@dataclasses.dataclass\nclass Manager:\n    url: str\n",
        "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass Manager:\n    url: str\n",
        "import dataclasses\nclass Manager:\n    __slots__ = ('url',)\n    def __init__(self, url): self.url = url\n",
        "import typing\nclass Manager(typing.NamedTuple):\n    url: str\n",
        "from collections import namedtuple\nManager = namedtuple('Manager', 'url')\n",
        "class Manager(dict):\n    def __init__(self, url): super().__init__(url=url)\n",
        "class Manager(str):\n    pass\n",
        "class Manager(Exception):\n    pass\n",
        "import threading\nclass Manager(threading.local):\n    def __init__(self, url): pass\n",
        "import abc\nclass Manager(abc.ABC):\n    def __init__(self, url): pass\n",
        "import typing\nT = typing.TypeVar('T')\nclass Manager(typing.Generic[T]):\n    def __init__(self, url): pass\n",
        "import typing\nclass P(typing.Protocol):\n    def f(self): ...\nclass Manager(P):\n    def __init__(self, url): pass\n",
        "def make():\n    class Manager:\n        def __init__(self, url): pass\n    return Manager\nManager = make()\n",
        "class Manager:\n    def __init_subclass__(cls, **kw): super().__init_subclass__(**kw)\n    def __init__(self, url): pass\n",
        "try:\n    from nowhere import Manager\nexcept ImportError:\n    Manager = None\nif Manager is None:\n    class Manager:\n        def __init__(self, url): pass\n",
        "class Manager:\n    def __init__(self, url): pass\nclass Wrapped(Manager):\n    pass\nManager = Wrapped\n",
        "class Meta(type):\n    def __setattr__(cls, name, value): raise TypeError\n    def __eq__(cls, other): return True\n    __hash__ = None\nclass Manager(metaclass=Meta):\n    def __init__(self, url): pass\n",
        "def twice(cls):\n    return type(cls)(cls.__name__, cls.__bases__, dict(cls.__dict__))\nclass Manager:\n    __slots__ = ()\n    def __init__(self, url): pass\nManager = twice(Manager)\n",
    ] {
        let program = program(
            class,
            "from app.manager import Manager\nmade = [Manager('x'), Manager('y')]\n",
        );
        assert_eq!(program.places(), ["2 main.py:2"], "{class}");
    }
}

#[test]
fn a_class_that_is_built_through_typing_counts_for_the_caller() {
    let program = program(
        "import typing\nT = typing.TypeVar('T')\nclass Manager(typing.Generic[T]):\n    pass\n",
        "from app.manager import Manager\nManager[int]()\n",
    );
    assert_eq!(program.places(), ["1 main.py:2"]);
}

#[test]
fn a_reload_counts_the_new_class_too() {
    let program = program(
        "class Manager:\n    pass\nManager()\n",
        "import importlib\nimport app.manager\nimportlib.reload(app.manager)\napp.manager.Manager()\n",
    );
    assert_eq!(program.places(), ["2 app/manager.py:3", "1 main.py:4"]);
}

/// Prints everything that a program can see of a class.
const INSPECT: &str = "
import copy, inspect, pickle, sys
from app import manager
from app.manager import Manager

class Sub(Manager):
    def __init__(self, other, *, flag=False):
        pass

class Plain(Manager):
    pass

for cls in (Manager, Sub, Plain):
    print(cls, type(cls), cls.__mro__, cls.__name__, cls.__qualname__, cls.__module__, cls.__doc__)
    print(dir(cls), cls.__init__.__qualname__, cls.__slots__ if hasattr(cls, '__slots__') else '')
    try:
        print(inspect.signature(cls))
    except ValueError as error:
        print('no signature:', error)
    print(inspect.getdoc(cls), inspect.isabstract(cls), inspect.isclass(cls))
    try:
        print(inspect.getsourcelines(cls)[1])
    except (OSError, TypeError) as error:
        print(error)

for arguments in ((), (1,), (1, 2), (1, 2, 3, 4, 5)):
    for cls in (Manager, Sub, Plain):
        try:
            made = cls(*arguments)
        except Exception as error:
            print(type(error), error)
            continue
        print(type(made), isinstance(made, Manager), issubclass(type(made), Manager))
        print(type(made) is cls, made.__class__ is cls, getattr(made, '__dict__', None))
        if cls is Sub: continue
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            try:
                dumped = pickle.dumps(made, protocol)
                print(dumped, type(pickle.loads(dumped)))
            except Exception as error:
                print(type(error), error)
        print(type(copy.copy(made)), type(copy.deepcopy(made)))
try:
    Manager(nonsense=1)
except Exception as error:
    print(type(error), error)
try:
    Manager(cls=1, self=2)
except Exception as error:
    print(type(error), error)
print(sorted(name for name in vars(manager) if not name.startswith('__')))
print(manager.__loader__.__class__, manager.__spec__.loader.__dict__, manager.__file__)
print(manager.__spec__.origin, manager.__cached__ if sys.version_info < (3, 13) else '')
print(any('tiermod' in entry for entry in sys.path), 'sitecustomize' in sys.modules)
";

#[test]
fn nothing_about_a_class_changes() {
    for class in [
        "class Manager:\n    pass\n",
        "class Manager:\n    '''Doc.'''\n    def __init__(self, url='redis', *args, **kw):\n        '''Init.'''\n        self.url = url\n",
        "class Manager:\n    def __init__(self, url, size: int = 3): self.url = url\n",
        "class Manager:\n    '''Doc.'''\n    def __new__(cls, url=1, *, size: 'int' = 3):\n        '''New.'''\n        return super().__new__(cls)\n",
        "class Manager:\n    __slots__ = ('a', 'b')\n    def __init__(self, a): self.a = a\n",
        "import dataclasses\n@dataclasses.dataclass\nclass Manager:\n    url: str = 'x'\n    size: int = 3\n",
        "import dataclasses\n@dataclasses.dataclass(order=True, frozen=True)\nclass Manager:\n    url: str\n",
        "import typing\nclass Manager(typing.NamedTuple):\n    url: str\n    size: int = 3\n",
        "import abc\nclass Manager(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\n",
        "class Manager(dict):\n    pass\n",
        "class Manager(dict):\n    def __init__(self, a=1): super().__init__(a=a)\n",
        "class Manager(Exception):\n    pass\n",
        "class Manager(int):\n    pass\n",
        "class Meta(type):\n    def __call__(cls, *args, **kw): return super().__call__(*args, **kw)\nclass Manager(metaclass=Meta):\n    def __init__(self, a, b=2): self.a = a\n",
        "import typing\nT = typing.TypeVar('T')\nclass Manager(typing.Generic[T]):\n    def __init__(self, a): self.a = a\n",
        "class Base:\n    def __new__(cls, *args): return object.__new__(cls)\nclass Manager(Base):\n    def __init__(self, a=1): self.a = a\n",
        "class Mixin:\n    def __init__(self, *args, **kw): super().__init__(*args, **kw)\nclass Manager(Mixin):\n    pass\n",
        "class Manager:\n    def __getnewargs__(self): return (1, 2)\n    def __init__(self, *a): pass\n",
        "class Manager:\n    def __init__(self): object.__init__(self, 1)\n",
        "class Manager:\n    __signature__ = __import__('inspect').Signature()\n    def __init__(self, a): pass\n",
        "import enum\nclass Manager(enum.Enum):\n    A = 1\n    B = 2\n",
    ] {
        program(class, INSPECT).assert_unnoticed();
    }
}

#[test]
fn several_parents_pass_their_arguments_on() {
    let program = program(
        "class Manager:\n    def __init__(self, *args): print('init', args)\n",
        "from app.manager import Manager\n\
         class Left:\n\
         \x20   def __new__(cls, *args):\n\
         \x20       print('left', args, super().__new__ is object.__new__ or 'passed on')\n\
         \x20       return super().__new__(cls)\n\
         class Right:\n\
         \x20   def __new__(cls, *args, **kw):\n\
         \x20       print('right', args)\n\
         \x20       return super().__new__(cls)\n\
         class Both(Left, Manager, Right):\n\
         \x20   pass\n\
         class Other(Manager, Right):\n\
         \x20   pass\n\
         Both(1, 2)\n\
         Other(3)\n",
    );
    let observed = program.assert_unnoticed();
    assert_eq!(places(&observed.classes[0]), ["1 main.py:14", "1 main.py:15"]);
}

#[test]
fn a_module_sees_its_own_names_while_it_is_run() {
    let program = program(
        "from os.path import *\n\
         from math import floor as rounded\n\
         class Manager:\n\
         \x20   pass\n\
         one: int = 1\n\
         two = 2\n\
         del two\n\
         print(sorted(name for name in dir() if not name.startswith('__')))\n\
         print(sorted(set(locals()) - set(globals())), locals() == globals(), len(vars()))\n\
         print(locals()['one'], 'one' in locals(), locals().get('none', 'no'), 'two' in vars())\n\
         locals()['three'] = 3\n\
         vars().update(four=4)\n\
         exec('five = 5')\n\
         exec('six = three + 3', globals(), locals())\n\
         print(three, four, five, six, eval('five'), [five for _ in range(2)], __annotations__)\n\
         __all__ = [name for name in dir() if name[0].islower()]\n\
         def function():\n\
         \x20   global seven\n\
         \x20   seven = 7\n\
         function()\n\
         print(seven, Manager.__module__, __name__, __builtins__ is not None)\n\
         try:\n\
         \x20   del nothing\n\
         except NameError as error:\n\
         \x20   print(error)\n\
         try:\n\
         \x20   nothing\n\
         except NameError as error:\n\
         \x20   print(error)\n\
         for eight in range(3): pass\n\
         with open(__file__) as nine: pass\n\
         import sys as ten\n\
         lazy = lambda: (one, seven, eight)\n\
         class Inner:\n\
         \x20   inner = one\n\
         \x20   print(sorted(n for n in locals() if not n.startswith('__')), inner)\n",
        "from app.manager import *\nimport app.manager\n\
         print(lazy(), nine.closed, ten.__name__, sorted(app.manager.__all__))\n\
         print(sorted(vars(app.manager)))\n",
    );
    program.assert_unnoticed();
}

#[test]
fn a_traceback_through_an_import_is_the_same() {
    for class in [
        "class Manager:\n    pass\n1 / 0\n",
        "import nowhere\n",
        "class Manager(:\n",
        "raise SystemExit(3)\n",
    ] {
        program(class, "def load():\n    import app.manager\nload()\n").assert_unnoticed();
    }
}

#[test]
fn an_exception_in_the_constructor_is_the_same() {
    let class = "class Manager:\n    def __init__(self): raise ValueError('no')\n";
    program(class, "from app.manager import Manager\nManager()\n").assert_unnoticed();
}
