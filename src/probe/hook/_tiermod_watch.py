"""Runs target modules so that each target class is seen as soon as it is bound."""

import _tiermod_probe as probe

count = probe.load("_tiermod_count")


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
                count.wrap_named(self.names, self.wanted[key], False)
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
    probe.bootstrap._call_with_frames_removed(
        exec, code, module.__dict__, _Names(module.__dict__, wanted)
    )


def _hide(function):
    """Has `function` left out of tracebacks through an import, as the import system's own are."""
    path = probe.external._LoaderBasics.exec_module.__code__.co_filename
    function.__code__ = function.__code__.replace(co_filename=path)


_hide(_execute)


def watch(spec):
    """Has the target classes of the module that `spec` is of wrapped as it is run."""
    loader = spec.loader
    plain = type(loader).exec_module
    if plain is probe.external._LoaderBasics.exec_module:
        body = _execute
    else:

        def body(loader, module, wanted):
            plain(loader, module)

    def exec_module(module):
        loader.__dict__.pop("exec_module", None)
        wanted = probe.targets.get(module.__spec__.name)
        if wanted is None:
            return plain(loader, module)
        body(loader, module, wanted)
        wrap_all(module.__dict__, wanted)

    _hide(exec_module)
    loader.exec_module = exec_module


def wrap_all(names, wanted):
    """Wraps what there is among `names`, and says what is not."""
    try:
        for candidates in wanted.values():
            count.wrap_named(names, candidates, True)
    except Exception:
        pass
