"""Counts the instances of target classes, in the process that it is loaded in.

The counts live in a file that is mapped into memory, so that they outlast `os._exit` and SIGKILL.
A target class is changed in one place: its `__new__` reports what it made. What the class is
called, what it derives from, how it is printed, pickled and inspected stays as it was.

Runs on Python 3.8 and later, imports only what is built in, and never raises into the program.
"""

import os
import sys
from _thread import RLock
from _weakref import ref

_SLOTS = 4096

# Modules of the standard library that build an object for somebody else: the place is where they
# were called.
_BUILDERS = frozenset(["copy", "copyreg", "pickle", "_pickle", "dataclasses", "typing"])

_BUILTIN = type(len)
_object_new = object.__new__
_object_init = object.__init__
_is_instance = type.__instancecheck__
_names_of = type.__dict__["__dict__"].__get__
_qualname_of = type.__dict__["__qualname__"].__get__
_module_of = type.__dict__["__module__"].__get__
_mro_of = type.__dict__["__mro__"].__get__

_folder = None
_targets = {}  # module -> {first name: [(target, [names])]}
_order = []  # every target
_wrapped = {}  # id(class) -> (class, target)
_started = False


class _Journal:
    """The files of this process. Another one begins after a fork."""

    def __init__(self):
        self.pid = os.getpid()
        self.lock = RLock()
        self.slots = {}
        self.classes = []
        self.base = None
        self.counts = None
        self.appending = False

    def open(self):
        attempt = 0
        while self.base is None:
            base = os.path.join(_folder, "data", "%d-%d" % (self.pid, attempt))
            try:
                os.close(os.open(base + ".log", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                self.base = base
            except FileExistsError:
                attempt += 1
        try:
            folder = os.getcwd()
        except OSError:
            folder = ""
        self.log("P", str(self.pid), "%d.%d" % sys.version_info[:2], ascii(folder))

    def log(self, *fields):
        # Opened anew each time: a program may close every file that it did not open itself.
        if self.base is None:
            self.open()
        handle = os.open(self.base + ".log", os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, ("\t".join(fields) + "\n").encode("ascii"))
        finally:
            os.close(handle)

    def map(self):
        if self.base is None:
            self.open()
        try:
            import mmap
        except ImportError:
            self.appending = True
            return
        size = 8 * _SLOTS
        handle = os.open(self.base + ".counts", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            # Written, not only sized: a full disk must show here and not as a bus error later.
            if os.write(handle, b"\0" * size) != size:
                raise OSError("the disk is full")
            if sys.version_info >= (3, 13):
                mapped = mmap.mmap(handle, size, trackfd=False)
            else:
                mapped = mmap.mmap(handle, size)
        finally:
            os.close(handle)
        self.counts = memoryview(mapped).cast("Q")

    def add(self, target, cls, path, line):
        key = (target, id(cls), path, line)
        with self.lock:
            slot = self.slots.get(key)
            if slot is None:
                slot = self.slot(key, target, cls, path, line)
            if self.appending:
                self.log("+", str(slot))
            else:
                self.counts[slot] += 1

    def slot(self, key, target, cls, path, line):
        if self.counts is None and not self.appending:
            self.map()
        # The first slots, one a target, are for the places that find no slot of their own.
        slot = len(_order) + len(self.classes)
        if slot < _SLOTS:
            # Keeps the class, so that its number stays its own.
            self.classes.append(cls)
        else:
            slot = _order.index(target)
            key, path, line = (target, None), "", 0
            if key in self.slots:
                return slot
        name = "%s:%s" % (_module_of(cls), _qualname_of(cls))
        self.log("C", str(slot), ascii(target), ascii(name), ascii(path), str(line))
        self.slots[key] = slot
        return slot


_journal = None


def _current():
    global _journal
    if _journal is None or _journal.pid != os.getpid():
        _journal = _Journal()
    return _journal


def _after_fork():
    global _journal
    _journal = None


def _note(text):
    try:
        _current().log("N", ascii(text))
    except Exception:
        pass


# The place that builds an object.


def _builds(frame, cls):
    """Whether `frame` is a `__new__` or a metaclass's `__call__` that is building a `cls`."""
    code = frame.f_code
    if code.co_name not in ("__new__", "__call__") or not code.co_argcount:
        return False
    return frame.f_locals.get(code.co_varnames[0]) is cls


def _place(frame, cls):
    generated = None
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith("<"):
            # Generated code, such as a dataclass's `__init__`; or `python -c`, which has nobody
            # behind it.
            if generated is None:
                generated = (path, frame.f_lineno)
        elif frame.f_globals.get("__name__") not in _BUILDERS and not _builds(frame, cls):
            return path, frame.f_lineno
        frame = frame.f_back
    return generated or ("<unknown>", 0)


def _record(target, made, frame):
    cls = type(made)
    path, line = _place(frame, cls)
    _current().add(target, cls, path, line)


# Telling an object that was just made from one that is handed out again.


def _references(made):
    return sys.getrefcount(made)


def _references_of_a_fresh_object():
    made = object()
    return _references(made)


_FRESH = _references_of_a_fresh_object()


class _Seen:
    """The objects that a `__new__` of the program's own has returned and that are still alive."""

    def __init__(self):
        self.alive = {}

    def is_new(self, made, references):
        key = id(made)
        known = self.alive.get(key)
        if references <= _FRESH:
            # Nobody else holds it.
            known = None
        elif known is True or (known is not None and known() is made):
            return False
        try:
            self.alive[key] = ref(made, self._forget(key))
        except TypeError:
            # It cannot be watched. Somebody holds it, so it will most likely stay.
            if references > _FRESH:
                self.alive[key] = True
            else:
                self.alive.pop(key, None)
        return True

    def _forget(self, key):
        alive = self.alive

        def forget(gone):
            if alive.get(key) is gone:
                del alive[key]

        return forget


# Wrapping a class.


def _takes_nothing(cls):
    pass


class _New:
    """The `__new__` of a class that has none of its own: does what the class inherits.

    `inspect.signature` skips a `__new__` that is not a Python function and goes on to `__init__`,
    as it does for a class without one; so that is what it is given, but for a class without
    `__init__` too, whose signature it would then fail to find.
    """

    def __init__(self, wrapped, target):
        self.wrapped = wrapped
        seen = _Seen()
        inherited = self._inherited

        def __new__(cls, /, *args, **kwargs):
            further = inherited(cls)
            if further is _object_new:
                if (args or kwargs) and cls.__init__ is _object_init:
                    return _refuse(cls, args, kwargs)
                made = _object_new(cls)
                counted = True
            else:
                made = further(cls, *args, **kwargs)
                references = _references(made)
                counted = isinstance(further, _BUILTIN) or seen.is_new(made, references)
            if counted and _is_instance(wrapped, made):
                try:
                    _record(target, made, sys._getframe(1))
                except Exception:
                    pass
            return made

        __new__.__wrapped__ = _takes_nothing
        self.function = __new__
        self.opaque = __new__.__call__

    def __get__(self, instance, owner=None):
        if owner is not None and owner.__init__ is _object_init:
            if self._inherited(owner) is _object_new:
                return self.function
        return self.opaque

    def _inherited(self, cls):
        try:
            return super(self.wrapped, cls).__new__
        except TypeError:
            # The class was built a second time from the names of the first.
            for base in _mro_of(cls):
                if _names_of(base).get("__new__") is self:
                    return super(base, cls).__new__
            return _object_new


def _refuse(cls, args, kwargs):
    """Raises what `object` raises for arguments that nobody takes."""
    for base in _mro_of(cls):
        names = _names_of(base)
        if "__new__" in names:
            if isinstance(names["__new__"], _New):
                break
            return _object_new(cls, *args, **kwargs)
    raise TypeError("%s() takes no arguments" % cls.__name__)


def _around(original, wrapped, target):
    """The `__new__` of a class that has one of its own."""
    seen = _Seen()

    def __new__(cls, /, *args, **kwargs):
        made = original(cls, *args, **kwargs)
        references = _references(made)
        if _is_instance(wrapped, made) and seen.is_new(made, references):
            try:
                _record(target, made, sys._getframe(1))
            except Exception:
                pass
        return made

    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        try:
            setattr(__new__, name, getattr(original, name))
        except (AttributeError, TypeError):
            pass
    __new__.__wrapped__ = original
    return staticmethod(__new__)


def _wrap(cls, target):
    if id(cls) in _wrapped:
        return
    for base in _mro_of(cls)[1:]:
        if _wrapped.get(id(base), (None, None))[1] == target:
            # Put under the same name in place of its base: the base counts it.
            return
    own = _names_of(cls).get("__new__")
    if own is None:
        replacement = _New(cls, target)
    else:
        original = own.__get__(None, cls) if hasattr(own, "__get__") else own
        replacement = _around(original, cls, target)
    try:
        type.__setattr__(cls, "__new__", replacement)
    except TypeError:
        _note("%s cannot be counted: it is not written in Python" % target)
        return
    _wrapped[id(cls)] = (cls, target)


def _find(names, path):
    """What `path`, a qualified name in parts, means among `names`; `None` where nothing."""
    value = names.get(path[0])
    for part in path[1:]:
        if not isinstance(value, type):
            return None
        value = _names_of(value).get(part)
    return value


def _wrap_named(names, wanted, last):
    for target, path in wanted:
        value = _find(names, path)
        if isinstance(value, type):
            _wrap(value, target)
        elif last:
            _note("%s is not a class" % target if value is not None else "%s is not there" % target)


# Target modules as they are imported.


class _Names(dict):
    """The names of a module while its body runs: all of it is the module's own dictionary, but
    that a target class is seen as soon as it is bound, before the next line can build it."""

    def __init__(self, names, wanted):
        dict.__init__(self)
        self.names = names
        self.wanted = wanted

    def __setitem__(self, key, value):
        self.names[key] = value
        if key in self.wanted:
            try:
                _wrap_named(self.names, self.wanted[key], False)
            except Exception:
                pass

    def __getitem__(self, key):
        return self.names[key]

    def __delitem__(self, key):
        del self.names[key]

    def __contains__(self, key):
        return key in self.names

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)

    def __eq__(self, other):
        return self.names == other

    def __ne__(self, other):
        return self.names != other

    def __repr__(self):
        return repr(self.names)

    __hash__ = None

    def get(self, key, default=None):
        return self.names.get(key, default)

    def keys(self):
        return self.names.keys()

    def values(self):
        return self.names.values()

    def items(self):
        return self.names.items()

    def copy(self):
        return self.names.copy()

    def update(self, *args, **kwargs):
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def setdefault(self, key, default=None):
        if key not in self.names:
            self[key] = default
        return self.names[key]

    def pop(self, *args):
        return self.names.pop(*args)

    def popitem(self):
        return self.names.popitem()

    def clear(self):
        self.names.clear()


def _execute(loader, module, wanted):
    """What the loaders of source and byte code do, with the names watched."""
    code = loader.get_code(module.__name__)
    if code is None:
        raise ImportError(
            "cannot load module {!r} when get_code() returns None".format(module.__name__)
        )
    _external._bootstrap._call_with_frames_removed(
        exec, code, module.__dict__, _Names(module.__dict__, wanted)
    )


_external = sys.modules.get("_frozen_importlib_external")


def _hide(function):
    """Has `function` left out of tracebacks through an import, as the import system's own are."""
    path = _external._LoaderBasics.exec_module.__code__.co_filename
    function.__code__ = function.__code__.replace(co_filename=path)


_hide(_execute)


class _Finder:
    """Finds nothing itself: asks those behind it, and has target modules watched."""

    def find_spec(self, name, path=None, target=None):
        if name not in _targets:
            return None
        behind = False
        for finder in list(sys.meta_path):
            if finder is self:
                behind = True
            elif behind and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    try:
                        self._watch(spec)
                    except Exception:
                        _note("the import of %s cannot be watched" % name)
                    return spec
        return None

    def _watch(self, spec):
        loader = spec.loader
        plain = type(loader).exec_module
        if plain is _external._LoaderBasics.exec_module:
            body = _execute
        else:

            def body(loader, module, wanted):
                plain(loader, module)

        def exec_module(module):
            loader.__dict__.pop("exec_module", None)
            wanted = _targets.get(module.__spec__.name)
            if wanted is None:
                return plain(loader, module)
            body(loader, module, wanted)
            _wrap_all(module.__dict__, wanted)

        _hide(exec_module)
        loader.exec_module = exec_module


def _wrap_all(names, wanted):
    try:
        for candidates in wanted.values():
            _wrap_named(names, candidates, True)
    except Exception:
        pass


# Children that are given an environment of their own.


def _hook():
    return os.path.join(_folder, "hook")


def _with_probe(env):
    """`env`, a list of `NAME=value` or None for this process's, with what loads the probe."""
    if env is None:
        if (
            os.environ.get("TIERMOD_PROBE") == _folder
            and _hook() in os.environ.get("PYTHONPATH", "").split(os.pathsep)
        ):
            return None
        entries = [name + b"=" + value for name, value in os.environb.items()]
    else:
        entries = list(env)
    hook = os.fsencode(_hook())
    separator = os.fsencode(os.pathsep)
    found = {}
    for entry in entries:
        name, _, value = entry.partition(b"=")
        found[name] = value
    path = found.get(b"PYTHONPATH", b"")
    folder = os.fsencode(_folder)
    if found.get(b"TIERMOD_PROBE") == folder and hook in path.split(separator):
        return env
    entries = [
        entry
        for entry in entries
        if entry.partition(b"=")[0] not in (b"PYTHONPATH", b"TIERMOD_PROBE")
    ]
    if hook not in path.split(separator):
        path = hook + separator + path if path else hook
    entries.append(b"TIERMOD_PROBE=" + folder)
    entries.append(b"PYTHONPATH=" + path)
    return entries


def _is_closed_python(command):
    """Whether `command` starts Python with a flag that keeps the probe out."""
    command = [os.fsencode(part) for part in command]
    if not command or not os.path.basename(command[0]).startswith(b"python"):
        return False
    for part in command[1:]:
        if not part.startswith(b"-") or part.startswith(b"--") or part == b"-":
            return False
        for letter in part[1:].decode("ascii", "replace"):
            if letter in "IES":
                return True
            if letter in "cmWX":
                # The rest is not flags.
                break
        if part[1:2] in (b"c", b"m"):
            return False
    return False


def _watch_children():
    import _posixsubprocess

    fork_exec = _posixsubprocess.fork_exec

    def started(*args):
        try:
            if _is_closed_python(args[0]):
                _note("a child ran Python with -S, -E or -I, and was not observed")
            changed = list(args)
            changed[5] = _with_probe(args[5])
        except Exception:
            changed = args
        return fork_exec(*changed)

    _posixsubprocess.fork_exec = started
    subprocess = sys.modules.get("subprocess")
    if subprocess is not None and hasattr(subprocess, "_fork_exec"):
        subprocess._fork_exec = started


def _report_memory():
    try:
        with open("/proc/self/status", "rb") as status:
            for line in status:
                if line.startswith(b"VmHWM:"):
                    _current().log("M", str(int(line.split()[1]) * 1024))
                    return
    except Exception:
        pass
    try:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _current().log("M", str(peak if sys.platform == "darwin" else peak * 1024))
    except Exception:
        pass


def start():
    """Begins to count; does nothing the second time."""
    global _folder, _started
    if _started:
        return
    _started = True
    _folder = os.environ["TIERMOD_PROBE"]
    with open(os.path.join(_folder, "targets"), encoding="utf-8") as targets:
        for target in targets.read().splitlines():
            module, _, path = target.partition(":")
            path = path.split(".")
            _order.append(target)
            _targets.setdefault(module, {}).setdefault(path[0], []).append((target, path))
    _current().open()
    sys.meta_path.insert(0, _Finder())
    for name in list(_targets):
        module = sys.modules.get(name)
        if module is not None:
            _wrap_all(module.__dict__, _targets[name])
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)
    try:
        import atexit

        atexit.register(_report_memory)
        _watch_children()
    except Exception:
        # Counting works without either.
        pass
