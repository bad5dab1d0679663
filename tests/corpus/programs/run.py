#!/usr/bin/env python3
"""Migrates invented programs and runs them: what they compute must stay the same.

    cargo build --release
    python3 tests/corpus/programs/run.py [--bin PATH] [--seed N] [--modules N] [--rounds N] [--keep DIR]

Each round invents a project of many small modules that build managers under every kind of name:
imports of every form, at every depth, and functions, classes, comprehensions, handlers, patterns
and closures in which the class's name or the shared object's name means something else. Every
module is imported and every function of it called, before and after the patch of `tiermod diff` is
applied, first that of one half of the modules and then that of the other, and the results are
compared. A manager that was built counts as equal to the shared one; everything else must be the
same, exceptions included. In the rewritten files no site may be left that is not held. Needs Python 3.10 and git. Prints what differs, and exits 1 when something does.
"""
import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile

MANAGER = '''class RedisManager:
    def __init__(self):
        self.values = {}

    def get(self, key):
        return "got " + key

    def __call__(self, *args):
        return self


redis_manager = RedisManager()
'''

CONFIG = '''transforms = ["t.toml"]
[python]
source-roots = ["."]
[[tier]]
name = "even"
paths = ["app/m*[02468].py"]
[[tier]]
name = "odd"
paths = ["**"]
'''
TRANSFORM = '''name = "t"
summary = "Share"
[[singleton]]
class = "app.redis_manager:RedisManager"
instance = "app.redis_manager:redis_manager"
'''

# An import and how it spells the class; `{pad}` is its indentation.
IMPORTS = [
    ("from app.redis_manager import RedisManager", "RedisManager"),
    ("from app.redis_manager import RedisManager, redis_manager", "RedisManager"),
    ("from app.redis_manager import (\n{pad}    RedisManager,  # the class\n{pad})", "RedisManager"),
    ("from app.redis_manager import RedisManager as RM", "RM"),
    ("from app.redis_manager import RedisManager as redis_manager", "redis_manager"),
    ("import app.redis_manager", "app.redis_manager.RedisManager"),
    ("import os, app.redis_manager as rm, sys", "rm.RedisManager"),
    ("from app import redis_manager", "redis_manager.RedisManager"),
    ("from app import redis_manager as module", "module.RedisManager"),
    ("from .redis_manager import RedisManager", "RedisManager"),
    ("from . import redis_manager as near", "near.RedisManager"),
    ("from app.exports import RedisManager", "RedisManager"),
    ("from app.exports import Manager", "Manager"),
    ("from app.exports2 import RedisManager", "RedisManager"),
    ("from app import exports", "exports.RedisManager"),
    ("from app.package import RedisManager", "RedisManager"),
    ("import app.package", "app.package.RedisManager"),
]
# Only at module level.
TOP = [
    ("from app.redis_manager import *", "RedisManager"),
    ("from app.exports2 import *", "RedisManager"),
    ("try:\n    from app.redis_manager import RedisManager\nexcept ImportError:\n    raise", "RedisManager"),
    ("try:\n    from app.redis_manager import RedisManager\nexcept ImportError:\n    RedisManager = None", "RedisManager"),
    ("if len('a') == 1:\n    from app.redis_manager import RedisManager", "RedisManager"),
    ("if len('a') == 1:\n    from app.redis_manager import RedisManager\nelse:\n    from app.exports import RedisManager",
     "RedisManager"),
    ("from app.redis_manager import RedisManager\nMaker = RedisManager", "Maker"),
    ("from app.redis_manager import RedisManager; import json", "RedisManager"),
    ("import json; from app.redis_manager import RedisManager  # both", "RedisManager"),
]

# Bodies of functions: `{C}` is the class, `{n}` a number of their own, `{i}` an import of it.
BODIES = [
    "def f{n}():\n    return {C}()",
    "def f{n}():\n    r = {C}()\n    return r",
    "def f{n}():\n    redis_manager = {C}()\n    return redis_manager",
    "def f{n}():\n    redis_manager = {C}()  # our own\n    return [redis_manager for _ in range(2)]",
    "def f{n}():\n    # above\n    redis_manager = {C}()\n    def inner():\n        return redis_manager\n    return inner()",
    "def f{n}():\n    redis_manager = {C}()\n    def inner():\n        nonlocal redis_manager\n        redis_manager = 1\n"
    "    first = redis_manager\n    inner()\n    return first, redis_manager",
    "def f{n}(redis_manager=None):\n    return redis_manager or {C}()",
    "def f{n}(redis_manager=None):\n    redis_manager = redis_manager or {C}()\n    return redis_manager",
    "def f{n}(redis_manager=None):\n    if redis_manager is None:\n        redis_manager = {C}()\n    return redis_manager",
    "def f{n}(value=None):\n    if value:\n        redis_manager = {C}()\n    else:\n        redis_manager = 3\n    return redis_manager",
    "def f{n}(value=None):\n    if value:\n        redis_manager = {C}()\n    return redis_manager",
    "def f{n}(value=1):\n    if value:\n        redis_manager = {C}()\n    return redis_manager",
    "def f{n}():\n    x = redis_manager\n    redis_manager = {C}()\n    return x",
    "def f{n}():\n    redis_manager = {C}()\n    del redis_manager\n    return 1",
    "def f{n}():\n    redis_manager = {C}()\n    del redis_manager\n    return redis_manager",
    "def f{n}():\n    redis_manager: object = {C}()\n    return redis_manager",
    "def f{n}():\n    redis_manager: object\n    return {C}()",
    "def f{n}():\n    global g{n}\n    g{n} = {C}()\n    return g{n}",
    "def f{n}():\n    global redis_manager\n    redis_manager = {C}()\n    return redis_manager",
    "def f{n}():\n    return (lambda redis_manager=4: (redis_manager, {C}()))()",
    "def f{n}():\n    return [({C}(), redis_manager) for redis_manager in range(2)]",
    "def f{n}():\n    return [{C}() for _ in range(1)][0]",
    "def f{n}():\n    return {{redis_manager: {C}() for redis_manager in 'ab'}}",
    "def f{n}():\n    for redis_manager in range(2):\n        pass\n    return redis_manager, {C}()",
    "def f{n}():\n    try:\n        raise ValueError(1)\n    except ValueError as redis_manager:\n        return str(redis_manager), {C}()",
    "def f{n}():\n    try:\n        return redis_manager\n    except NameError as error:\n        return type(error).__name__, {C}()",
    "def f{n}():\n    if (redis_manager := {C}()):\n        return redis_manager",
    "def f{n}():\n    return [redis_manager := {C}(), redis_manager]",
    "def f{n}(value=(1, 2)):\n    match value:\n        case (redis_manager, _):\n            return redis_manager, {C}()",
    "def f{n}():\n    class Inner:\n        redis_manager = {C}()\n        def get(self):\n            return {C}()\n"
    "    return Inner.redis_manager, Inner().get()",
    "def f{n}():\n    class Inner:\n        redis_manager = 5\n        held = {C}()\n    return Inner.held, Inner.redis_manager",
    "def f{n}():\n    class Inner:\n        redis_manager = 5\n        def get(self):\n            return {C}()\n    return Inner().get()",
    "def f{n}(made={C}()):\n    return made",
    "def f{n}(*, redis_manager=6, made={C}()):\n    return made, redis_manager",
    "def f{n}():\n    return f'{{{C}().get(\"a\")}} {C}()'",
    "def f{n}():\n    return {C}().get('k') + '{C}()'",
    "def f{n}():\n    return ({C}\n            ())",
    "def f{n}():\n    return ({C}( # why\n    ))",
    "def f{n}():\n    return ({C})()",
    "def f{n}():\n    a, b = {C}(), 7\n    return a, b",
    "def f{n}():\n    a = b = {C}()\n    return a is b",
    "def f{n}():\n    redis_manager = other = {C}()\n    return redis_manager, other",
    "def f{n}():\n    redis_manager, other = {C}(), 8\n    return redis_manager, other",
    "def f{n}():\n    (redis_manager) = {C}()\n    return redis_manager",
    "def f{n}():\n    RedisManager = dict\n    return RedisManager()",
    "def f{n}(RedisManager=list):\n    return RedisManager()",
    "def f{n}():\n    class RedisManager:\n        pass\n    return type(RedisManager()).__name__",
    "def f{n}():\n    def RedisManager():\n        return 9\n    return RedisManager()",
    "def f{n}():\n    for RedisManager in (list, dict):\n        pass\n    return RedisManager()",
    "def f{n}():\n    return [RedisManager() for RedisManager in (list, dict)]",
    "def f{n}():\n    {i}\n    return {D}()",
    "def f{n}():\n    {i}\n    redis_manager = {D}()\n    return redis_manager",
    "def f{n}(redis_manager=None):\n    {i}\n    return redis_manager or {D}()",
    "def f{n}():\n    {i}\n    def inner(redis_manager=2):\n        return redis_manager, {D}()\n    return inner()",
    "def f{n}():\n    '''Doc.'''\n    {i}\n    return isinstance({D}(), {D})",
    "def f{n}():\n    if True:\n        {i}\n    else:\n        pass\n    return {D}()",
    "def f{n}():\n    try:\n        {i}\n    except ImportError:\n        return None\n    return {D}()",
    "def f{n}():\n    {i}\n    return [{D}() for _ in range(1)], [redis_manager for redis_manager in 'a']",
    "def f{n}():\n    return type({C}()).__name__, isinstance({C}(), {C})",
    "def f{n}(x=None):\n    x = x or {C}()\n    return x.get('x')",
    "def f{n}():\n    return {C}() if True else None",
    "def f{n}():\n    return not {C}()",
    "def f{n}():\n    return {{'a': {C}(), **dict(b={C}())}}",
    "def f{n}():\n    def g(*a, **k):\n        return a, k\n    return g(*[{C}()], r={C}())",
    "def f{n}():\n    def g():\n        yield {C}()\n        yield from [{C}()]\n    return list(g())",
    "def f{n}():\n    import asyncio\n    async def g(redis_manager=None):\n        return redis_manager or {C}()\n    return asyncio.run(g())",
    "def f{n}():\n    while True:\n        redis_manager = {C}()\n        break\n    return redis_manager",
    "def f{n}():\n    for _ in range(2):\n        redis_manager = {C}()\n    return redis_manager",
    "def f{n}():\n    try:\n        redis_manager = {C}()\n    finally:\n        pass\n    return redis_manager",
    "def f{n}():\n    if True: redis_manager = {C}()\n    return redis_manager",
    "def f{n}():\n    x = 1; redis_manager = {C}(); y = 2\n    return x, redis_manager, y",
    "def f{n}():\n    redis_manager = 1\n    redis_manager = {C}()\n    return redis_manager",
    "def f{n}():\n    redis_manager = {C}()\n    redis_manager = [redis_manager]\n    return redis_manager",
    "def f{n}():\n    redis_manager = {C}()\n    return 'redis_manager' in locals()",
    "def f{n}():\n    import json as redis_manager\n    return {C}(), redis_manager.__name__",
    "def f{n}():\n    shared_redis_manager = 1\n    redis_manager = 2\n    return {C}(), shared_redis_manager, redis_manager",
    "class K{n}:\n    made = {C}()\n    def get(self):\n        return self.made\ndef f{n}():\n    return K{n}().get(), K{n}.made",
    "class K{n}:\n    def __init__(self, redis_manager=None):\n        self.r = redis_manager or {C}()\ndef f{n}():\n    return K{n}().r",
    "class K{n}:\n    redis_manager = {C}()\n    other = redis_manager\ndef f{n}():\n    return K{n}.other",
    "class K{n}:\n    from app.redis_manager import RedisManager\n    made = RedisManager()\ndef f{n}():\n    return K{n}.made",
    "import dataclasses\n@dataclasses.dataclass\nclass K{n}:\n    r: object = dataclasses.field(default_factory={C})\n"
    "def f{n}():\n    return K{n}().r",
    "def deco{n}(value):\n    return lambda function: function\n@deco{n}({C}())\ndef f{n}():\n    return 1",
]

# Statements of the module itself.
STATEMENTS = [
    "redis_manager = {C}()", "redis_manager = {C}()  # ours", "manager = {C}()", "redis_manager = None",
    "if True:\n    redis_manager = {C}()", "redis_manager = other = {C}()", "redis_manager: object = {C}()",
    "made = [{C}() for _ in range(1)]", "Late = {C}", "try:\n    redis_manager = {C}()\nexcept Exception:\n    redis_manager = None",
    "for redis_manager in [{C}()]:\n    pass", "__all__ = ['manager']", "x = y = {C}()", "'''{C}()'''", "redis_manager = 1\nredis_manager = {C}()",
    "def redis_manager():\n    return {C}()", "class redis_manager:\n    made = {C}()", "import json as redis_manager",
    "redis_manager = {C}()\ndel redis_manager", "value = {C}().get('v')",
]

DRIVER = '''import importlib, inspect, json, re, sys
from app.redis_manager import RedisManager

def shown(value):
    if isinstance(value, RedisManager):
        return "MANAGER"
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {repr(key): shown(item) for key, item in value.items()}
    if isinstance(value, type):
        return "class " + value.__name__
    if inspect.ismodule(value):
        return "module " + value.__name__
    if callable(value):
        return "callable"
    return re.sub(" at 0x[0-9a-f]+", "", repr(value))

results = {}
for name in json.load(open("modules.json")):
    found = results.setdefault(name, {})
    try:
        module = importlib.import_module("app." + name)
    except Exception as error:
        found["import"] = type(error).__name__
        continue
    for key in sorted(vars(module)):
        if key[0] == "f" and key[1:].isdigit():
            try:
                found[key] = shown(getattr(module, key)())
            except Exception as error:
                found[key] = type(error).__name__
    for key in ("redis_manager", "manager", "made", "other", "value", "x", "y"):
        if key in vars(module):
            found["name " + key] = shown(vars(module)[key])
json.dump(results, sys.stdout)
'''


def invent(rng, number):
    """One module, as text."""
    lines = ['"""Module %d."""' % number] if rng.random() < 0.5 else []
    if rng.random() < 0.1:
        lines.append("from __future__ import annotations")
    imports = rng.sample(IMPORTS + TOP, rng.choice([1, 1, 1, 2, 3]))
    if rng.random() < 0.3:
        imports = [(text, name) for text, name in imports] + [("import os", None)]
        rng.shuffle(imports)
    lines += [text.replace("{pad}", "") for text, _ in imports]
    spelled = [name for _, name in imports if name]
    if number and rng.random() < 0.4:
        other = f"m{rng.randrange(number):04}"
        name = rng.choice(["RedisManager", "RedisManager", "RM", "redis_manager", "manager", "Maker", "Late"])
        text, spelling = rng.choice([
            (f"from app.{other} import {name}", name), (f"from .{other} import {name} as N", "N"),
            (f"import app.{other} as o", f"o.{name}"), (f"from app import {other}", f"{other}.{name}"),
            (f"from app.{other} import *", name)])
        lines.append(text)
        if name[0].isupper():
            spelled.append(spelling)
    if rng.random() < 0.5:
        lines.append("")
    parts = []
    for index in range(rng.randint(1, 5)):
        template = rng.choice(BODIES)
        local, local_name = rng.choice(IMPORTS)
        depth = next((len(line) - len(line.lstrip()) for line in template.split("\n") if "{i}" in line), 0)
        local = local.replace("{pad}", " " * depth)
        parts.append(template.format(C=rng.choice(spelled), n=index, i=local, D=local_name))
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        parts.insert(rng.randint(0, len(parts)), rng.choice(STATEMENTS).format(C=rng.choice(spelled)))
    separator = rng.choice(["\n", "\n\n", "\n\n\n"])
    text = "\n".join(lines) + separator + separator.join(parts)
    return text + ("\n" if rng.random() < 0.95 else "")


def project(rng, root, count):
    app = root / "app"
    (app / "package").mkdir(parents=True)
    (app / "__init__.py").write_text("")
    (app / "redis_manager.py").write_text(MANAGER)
    (app / "exports.py").write_text("from app.redis_manager import RedisManager\nManager = RedisManager\n")
    (app / "exports2.py").write_text(
        "from .redis_manager import RedisManager, redis_manager\n__all__ = ['RedisManager', 'redis_manager']\n")
    (app / "package" / "__init__.py").write_text("from ..exports import RedisManager\n")
    (root / "codemod.toml").write_text(CONFIG)
    (root / "t.toml").write_text(TRANSFORM)
    names = []
    while len(names) < count:
        text = invent(rng, len(names))
        try:
            compile(text, "module", "exec")
        except SyntaxError:
            continue
        name = f"m{len(names):04}"
        (app / f"{name}.py").write_text(text)
        names.append(name)
    (root / "modules.json").write_text(json.dumps(names))
    (root / "driver.py").write_text(DRIVER)
    return names


def results(root):
    run = subprocess.run([sys.executable, "-W", "ignore", "driver.py"], cwd=root, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stderr)
    return json.loads(run.stdout)


def apply(binary, root, tier):
    """Makes the changes of a tier, or of all."""
    chosen = [] if tier == "all" else ["--tier", tier]
    diff = subprocess.run([binary, "diff", *chosen], cwd=root, capture_output=True)
    if diff.returncode:
        print(diff.stderr.decode())
    if diff.stdout:
        subprocess.run(["git", "apply", "-"], cwd=root, input=diff.stdout, check=True)


def differences(before, after):
    """What each module computes otherwise than before."""
    found = {}
    for name, old in before.items():
        old, new = dict(old), dict(after[name])
        forgive(old, new)
        lines = [f"  {key}: {old.get(key)} -> {new.get(key)}"
                 for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        if lines:
            found[name] = lines
    return found


def forgive(before, after):
    """Leaves out what may change."""
    # A module that failed may find a name that was not there, or no longer import one that fails.
    if "import" in before:
        before.clear()
        after.clear()
    for key in list(before):
        # A statement that only some paths ran, or that came too late, is no longer needed.
        if before[key] == "UnboundLocalError" and key.startswith("f"):
            del before[key]
            after.pop(key, None)
        # A module need not keep an import that nobody uses.
        elif key.startswith("name ") and str(before[key]).startswith(("class ", "module ")):
            del before[key]
            after.pop(key, None)
    for key in list(after):
        # The new import is a name more.
        if key.startswith("name ") and key not in before:
            del after[key]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="target/release/tiermod")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--modules", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=pathlib.Path)
    args = parser.parse_args()
    binary = str(pathlib.Path(args.bin).resolve())
    totals = collections.Counter()
    for seed in range(args.seed, args.seed + args.rounds):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder) if args.keep is None else args.keep / str(seed)
            root.mkdir(parents=True, exist_ok=True)
            names = project(random.Random(seed), root, args.modules)
            before = results(root)
            texts = {name: (root / "app" / f"{name}.py").read_text() for name in names}
            checked = json.loads(subprocess.run(
                [binary, "check", "--format", "json"], cwd=root, capture_output=True).stdout)
            for site in checked["sites"]:
                totals[site["verdict"]] += 1
                if site["verdict"] == "review":
                    totals[site["reason"]] += 1
                if "not proven" in site["message"]:
                    totals["wrong"] += 1
                    print(f"seed {seed}: {site['path']}:{site['line']}: {site['message']}")
            for tier in ("odd", "all"):
                apply(binary, root, tier)
                totals["modules"] += len(names)
                for name, lines in differences(before, results(root)).items():
                    totals["wrong"] += 1
                    print(f"==== seed {seed}, {name}: differs after tier {tier}", *lines, sep="\n")
                    print(texts[name], "---- after", (root / "app" / f"{name}.py").read_text(), sep="\n")
            again = subprocess.run([binary, "diff"], cwd=root, capture_output=True)
            if again.stdout:
                totals["wrong"] += 1
                print(f"seed {seed}: a second run changes something")
    print(dict(totals))
    sys.exit(1 if totals["wrong"] else 0)


if __name__ == "__main__":
    main()
