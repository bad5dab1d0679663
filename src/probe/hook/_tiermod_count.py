"""Counts the instances of target classes.

The counts live in a file that is mapped into memory, so that they outlast `os._exit` and SIGKILL.
A target class is changed in one place: its `__new__` reports what it made. What the class is
called, what it derives from, how it is printed, pickled and inspected stays as it was.
"""

import os
import sys
from _thread import RLock
from _weakref import ref

import _tiermod_probe as probe

_SLOTS = 4096
# How many instructions that build are known by heart.
_KNOWN = 4 * _SLOTS

# Modules of the standard library that build an object for somebody else: the place is where they
# were called.
_BUILDERS = frozenset(["copy", "copyreg", "pickle", "_pickle", "dataclasses", "typing"])

_BUILTIN = type(len)
_NOT_PROGRAM_CODE = (_BUILTIN, type(object.__init__), type(object().__str__))
_object_new = object.__new__
_object_init = object.__init__
_frame = sys._getframe
_is_instance = type.__instancecheck__
_names_of = type.__dict__["__dict__"].__get__
_qualname_of = type.__dict__["__qualname__"].__get__
_module_of = type.__dict__["__module__"].__get__
_mro_of = type.__dict__["__mro__"].__get__

# Whether no other thread and no signal's handler can come between reading a count and writing it:
# since 3.10, CPython with its lock lets them in at calls and at jumps backwards only.
_UNDIVIDED = (
    sys.implementation.name == "cpython"
    and sys.version_info >= (3, 10)
    and (not hasattr(sys, "_is_gil_enabled") or sys._is_gil_enabled())
)

_wrapped = {}  # id(class) -> (class, target)


class _Appended:
    """Counts where nothing can be mapped into memory: a line for each."""

    def __getitem__(self, slot):
        return 0

    def __setitem__(self, slot, one):
        probe.log().write("+", str(slot))


def _table():
    try:
        import mmap
    except ImportError:
        return _Appended()
    size = 8 * _SLOTS
    path = probe.log().base + ".counts"
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
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
    return memoryview(mapped).cast("Q")


class _Counts:
    """The counts of this process. Others begin after a fork."""

    def __init__(self):
        # A signal's handler may build an object while one is counted.
        self.lock = RLock()
        self.table = _table()
        self.places = {}
        self.known = {}
        # Keeps what is known by its number, so that the number stays its own.
        self.kept = []

    def find(self, key, target, cls, frame):
        with self.lock:
            path, line, direct = _place(frame, cls)
            slot = self.slot(target, cls, path, line)
            if direct and len(self.known) < _KNOWN:
                self.known[key] = slot
                self.kept.append((frame.f_code, cls))
            return slot

    def slot(self, target, cls, path, line):
        key = (target, id(cls), path, line)
        slot = self.places.get(key)
        if slot is not None:
            return slot
        # The first slots, one a target, are for the places that find no slot of their own.
        slot = len(probe.order) + len(self.places)
        if slot < _SLOTS:
            self.kept.append(cls)
            self.places[key] = slot
        else:
            slot = probe.order.index(target)
            path, line = "", 0
        name = "%s:%s" % (_module_of(cls), _qualname_of(cls))
        probe.log().write("C", str(slot), ascii(target), ascii(name), ascii(path), str(line))
        return slot


_counts = None
_beginning = RLock()


def _begin():
    global _counts
    with _beginning:
        if _counts is None:
            try:
                _counts = _Counts()
            except Exception:
                # There is no room, or the one who asked has gone.
                _counts = False
        return _counts


def _forget():
    global _counts, _beginning
    _counts = None
    _beginning = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _record(target, wrapped, made, frame):
    """Counts `made`, unless it is no `wrapped`. Never raises: it runs inside the program."""
    try:
        cls = type(made)
        counts = _counts or _begin()
        # The instruction, as finding its line takes longer.
        key = (id(frame.f_code), frame.f_lasti, id(cls), target)
        slot = counts.known.get(key)
        if slot is None:
            if not _is_instance(wrapped, made):
                return
            slot = counts.find(key, target, cls, frame)
        if _UNDIVIDED:
            counts.table[slot] += 1
        else:
            with counts.lock:
                counts.table[slot] += 1
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
    """The file and the line, and whether they are the frame's own."""
    first = frame
    generated = None
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith("<"):
            # Generated code, such as a dataclass's `__init__`; or `python -c`, which has nobody
            # behind it.
            if generated is None:
                generated = (path, frame.f_lineno, False)
        elif frame.f_globals.get("__name__") not in _BUILDERS and not _builds(frame, cls):
            return path, frame.f_lineno, frame is first
        frame = frame.f_back
    return generated or ("<unknown>", 0, False)


# Telling an object that was just made from one that is handed out again.


def _references(made):
    return sys.getrefcount(made) if hasattr(sys, "getrefcount") else 1000


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


def _is_program_code(function):
    return not isinstance(function, _NOT_PROGRAM_CODE)


class _New:
    """The `__new__` of a class that has none of its own: does what the class inherits.

    `inspect.signature` must find what it would find without it. That is not the same for the
    class and what derives from it, so each gets a function of its own, which is said to wrap what
    would have been found.
    """

    def __init__(self, wrapped, target):
        self.wrapped = wrapped
        self.target = target
        self.seen = _Seen()
        self.made = {}
        # Of the class itself, which is built most.
        self.init = self.function = None

    def __get__(self, instance, owner=None):
        if owner is self.wrapped and owner.__init__ is self.init:
            return self.function
        if owner is None:
            owner = type(instance)
        init = owner.__init__
        known = self.made.get(id(owner))
        # The class is kept with its function, so that its number stays its own.
        if known is None or known[1] is not init:
            known = self.made[id(owner)] = (owner, init, self._for(owner))
        if owner is self.wrapped:
            self.init, self.function = init, known[2]
        return known[2]

    def _for(self, owner):
        function = self._function()
        found = self._signed_by(owner)
        if found is None:
            # Nothing is found, which a function would change; what is no function is skipped.
            return function.__call__
        function.__wrapped__ = found
        return function

    def _function(self):
        wrapped, target, seen, inherited = self.wrapped, self.target, self.seen, self._inherited

        def __new__(cls, /, *args, **kwargs):
            try:
                further = super(wrapped, cls).__new__
            except TypeError:
                further = inherited(cls)
            if further is _object_new:
                if (args or kwargs) and cls.__init__ is _object_init:
                    return _refuse(cls, args, kwargs)
                made = _object_new(cls)
            else:
                made = further(cls, *args, **kwargs)
                references = _references(made)
                if not isinstance(further, _BUILTIN) and not seen.is_new(made, references):
                    return made
            _record(target, wrapped, made, _frame(1))
            return made

        return __new__

    def _inherited(self, cls):
        try:
            return super(self.wrapped, cls).__new__
        except TypeError:
            # The class was built a second time from the names of the first.
            for base in _mro_of(cls):
                if _names_of(base).get("__new__") is self:
                    return super(base, cls).__new__
            return _object_new

    def _signed_by(self, owner):
        """What `inspect.signature` looks at for `owner` where there is no probe: it has changed
        its mind between versions about which of `__new__` and `__init__` comes first."""
        new, init = self._inherited(owner), owner.__init__
        if new is _object_new and init is _object_init:
            return _takes_nothing
        new = new if _is_program_code(new) else None
        init = init if _is_program_code(init) else None
        if sys.version_info < (3, 9):
            return new or init
        if sys.version_info < (3, 11):
            return init if "__init__" in _names_of(owner) else new or init
        for base in _mro_of(owner):
            names = _names_of(base)
            if new and "__new__" in names and not isinstance(names["__new__"], _New):
                return new
            if init and "__init__" in names:
                return init
        return None


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
            _record(target, wrapped, made, _frame(1))
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
        probe.note("%s cannot be counted: it is not written in Python" % target)
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


def wrap_named(names, wanted, last):
    for target, path in wanted:
        value = _find(names, path)
        if isinstance(value, type):
            _wrap(value, target)
        elif last:
            probe.note(
                "%s is not a class" % target if value is not None else "%s is not there" % target
            )
