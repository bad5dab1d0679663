"""Has target modules watched as they are imported, here and in the children of this process.

Small, as every Python that is started under observation loads it: the rest is loaded with the
first target module.

Runs on Python 3.8 and later, imports only what is built in, and never raises into the program.
"""

import os
import sys
from _thread import RLock

bootstrap = sys.modules["_frozen_importlib"]
external = sys.modules["_frozen_importlib_external"]

targets = {}  # module -> {first name: [(target, [names])]}
order = []  # every target

_folder = None
_hook = os.path.dirname(os.path.abspath(__file__))
_log = None
_beginning = RLock()


class _Log:
    """What this process has to say; another one begins after a fork."""

    def __init__(self):
        pid = os.getpid()
        attempt = 0
        while True:
            self.base = os.path.join(_folder, "data", "%d-%d" % (pid, attempt))
            try:
                os.close(os.open(self.base + ".log", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                break
            except FileExistsError:
                attempt += 1
        try:
            folder = os.getcwd()
        except OSError:
            folder = ""
        self.write("P", str(pid), "%d.%d" % sys.version_info[:2], ascii(folder))

    def write(self, *fields):
        # Opened anew each time: a program may close every file that it did not open itself.
        handle = os.open(self.base + ".log", os.O_WRONLY | os.O_APPEND)
        try:
            os.write(handle, ("\t".join(fields) + "\n").encode("ascii"))
        finally:
            os.close(handle)


def log():
    global _log
    if _log is None:
        with _beginning:
            if _log is None:
                _log = _Log()
    return _log


def _after_fork():
    global _log, _beginning
    _log = None
    _beginning = RLock()


def note(text):
    try:
        log().write("N", ascii(text))
    except Exception:
        pass


# Target modules as they are imported.


def load(name):
    """Another module of the probe. The folder that it is in is not on the path any more."""
    if name not in sys.modules:
        path = os.path.join(_hook, name + ".py")
        spec = external.spec_from_file_location(name, path)
        writes_none = sys.dont_write_bytecode
        try:
            # Into our own folder, so that the next process need not compile it.
            sys.dont_write_bytecode = False
            bootstrap._load(spec)
        finally:
            sys.dont_write_bytecode = writes_none
    return sys.modules[name]


class _Finder:
    """Finds nothing itself: asks those behind it, and has target modules watched."""

    def find_spec(self, name, path=None, target=None):
        if name not in targets:
            return None
        behind = False
        for finder in list(sys.meta_path):
            if finder is self:
                behind = True
            elif behind and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    try:
                        load("_tiermod_watch").watch(spec)
                    except Exception:
                        note("the import of %s cannot be watched" % name)
                    return spec
        return None


# Children that are given an environment of their own.


def _with_probe(env):
    """`env`, a list of `NAME=value` or None for this process's, with what loads the probe."""
    if env is None:
        if os.environ.get("TIERMOD_PROBE") == _folder and _hook in os.environ.get(
            "PYTHONPATH", ""
        ).split(os.pathsep):
            return None
        entries = [name + b"=" + value for name, value in os.environb.items()]
    else:
        entries = list(env)
    hook = os.fsencode(_hook)
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


def _say_if_closed(command):
    if _is_closed_python(command):
        note("a child ran Python with -S, -E or -I, and was not observed")


def _mapping_with_probe(env):
    """`env`, a mapping, with what loads the probe."""
    named = {os.fsencode(name): os.fsencode(value) for name, value in env.items()}
    ours = [n + b"=" + named[n] for n in (b"PYTHONPATH", b"TIERMOD_PROBE") if n in named]
    changed = _with_probe(ours)
    if changed is ours:
        return env
    for entry in changed:
        name, _, value = entry.partition(b"=")
        named[name] = value
    return named


def _watch_spawn(name):
    """`subprocess` starts some children, and since 3.13 most, by `os.posix_spawn`."""
    spawn = getattr(os, name, None)
    if spawn is None:
        return

    def started(*args, **options):
        try:
            path, command, env = args
            _say_if_closed(command)
            changed = path, command, _mapping_with_probe(env)
        except Exception:
            changed = args
        return spawn(*changed, **options)

    for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(started, attribute, getattr(spawn, attribute))
    started.__wrapped__ = spawn
    setattr(os, name, started)


def _watch_children():
    _watch_spawn("posix_spawn")
    _watch_spawn("posix_spawnp")
    import _posixsubprocess

    fork_exec = _posixsubprocess.fork_exec

    def started(*args):
        try:
            _say_if_closed(args[0])
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
                    log().write("M", str(int(line.split()[1]) * 1024))
                    return
    except Exception:
        pass
    try:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        log().write("M", str(peak if sys.platform == "darwin" else peak * 1024))
    except Exception:
        pass


def start():
    """Begins to look; does nothing the second time."""
    global _folder
    if _folder is not None:
        return
    _folder = os.environ["TIERMOD_PROBE"]
    with open(os.path.join(_folder, "targets"), encoding="utf-8") as lines:
        for target in lines.read().splitlines():
            module, _, path = target.partition(":")
            path = path.split(".")
            order.append(target)
            targets.setdefault(module, {}).setdefault(path[0], []).append((target, path))
    log()
    sys.meta_path.insert(0, _Finder())
    for name in list(targets):
        module = sys.modules.get(name)
        if module is not None:
            load("_tiermod_watch").wrap_all(module.__dict__, targets[name])
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)
    try:
        import atexit

        atexit.register(_report_memory)
        _watch_children()
    except Exception:
        # Counting works without either.
        pass
