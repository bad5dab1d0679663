#!/usr/bin/env python3
"""Sprinkle real files with imports and calls of two classes, migrate them, and judge the result.

    cargo build --release
    python3 tests/corpus/sprinkled/run.py [--bin PATH] [--rounds N] [--files N] [--source DIR]

Real projects build few shared objects, and import them in few ways. Here every file (of the standard
library of the Python that runs this, or below DIR) gets an import of `OrderedDict` and `Lock` in one of
a dozen forms, between two of its statements, and calls in the place of some of its `None`, `True`,
`[]`, `{}` and `self`. One file in five is then spoiled: tokens are deleted, doubled or replaced. In
even rounds a `[[singleton]]` gives shared objects, in odd ones a `[[rewrite]]` gives calls of functions,
and the calls have arguments. Then
  1. `tiermod check` must end with 0 or 1, and `tiermod diff` normally, with nothing unproven;
  2. `git apply` must take the patch;
  3. every file that compiled before must compile;
  4. `ruff --select E9,F821,F823,F811,F402` must find nothing that it did not find before;
  5. a second `tiermod diff` must plan nothing.
A round is made from its number, so that what it found can be had again. Exits 1 when anything was
wrong. ruff is used where it is found.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import sys
import sysconfig
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from judging import compiles, git, ruff, run  # noqa: E402

# An import, and the calls that it permits. The names are such as no function has for its own.
FORMS = [
    ("from collections import OrderedDict\nfrom threading import Lock\n", ["OrderedDict()", "Lock()"]),
    ("import collections, threading\n", ["collections.OrderedDict()", "threading.Lock()"]),
    ("import collections as coll, threading as thr, os as _os\n", ["coll.OrderedDict()", "thr.Lock()"]),
    ("from collections import (OrderedDict as Ordered,\n  deque)\nfrom threading import Lock as Mutex\n", ["Ordered()", "Mutex()"]),
    ("from collections import OrderedDict; from threading import Lock as Lk\n", ["OrderedDict()", "Lk()"]),
    ("try:\n    from collections import OrderedDict\nexcept ImportError:\n    OrderedDict = dict\n"
     "import threading as th\n", ["OrderedDict()", "th.Lock()"]),
    ("if True:\n  from collections import *\n", ["OrderedDict()"]),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from threading import Lock\n"
     "from collections import OrderedDict\n", ["OrderedDict()"]),
    ("from .base import OrderedDict, Lock\n", ["OrderedDict()", "Lock()"]),
    ("from package.base import *\n", ["OrderedDict()", "Lock()"]),
    ("from package import base\n", ["base.OrderedDict()", "base.Lock()"]),
    ("from . import base as other_base\n", ["other_base.OrderedDict()", "other_base.Lock()"]),
]
SHARED = """from collections import OrderedDict
from threading import Lock

ordered = OrderedDict()
lock = Lock()


def make_ordered(*args, **kwargs):
    return OrderedDict(*args, **kwargs)


def make_lock(*args, **kwargs):
    return Lock(*args, **kwargs)
"""
BASE = """from collections import OrderedDict
from threading import Lock

from shared_objects import lock, make_ordered, ordered

__all__ = ["OrderedDict", "Lock", "lock", "make_ordered", "ordered"]
"""
SINGLETON = """name = "sprinkled"
summary = "Invented"

[[singleton]]
class = "collections:OrderedDict"
instance = "shared_objects:ordered"

[[singleton]]
class = "threading:Lock"
instance = "shared_objects:lock"
"""
REWRITE = """name = "sprinkled"
summary = "Invented"

[[rewrite]]
before = "from collections import OrderedDict\\nOrderedDict($$$ARGS)"
after = "from shared_objects import make_ordered\\nmake_ordered($$$ARGS)"

[[rewrite]]
before = "from threading import Lock\\nLock($$$ARGS)"
after = "from shared_objects import make_lock\\nmake_lock($$$ARGS)"
"""
ARGUMENTS = [
    "()", "(1)", "(*x, **y)", "(a=1,)", "(x for x in y)", "([1, 2], name='x')", "(\n    1,  # one\n    2,\n)",
    "(lambda: None)", "(x := 1)", "(not x)", "(await_, yield_)", "(# why\n)",
]
CONFIG = """transforms = ["sprinkled.toml"]

[python]
source-roots = ["."]

[[tier]]
name = "everything"
paths = ["**"]
accept = ["TM101", "TM107", "TM108", "TM109"]
"""
ERRORS = "E9,F821,F823,F811,F402"
PLACES = re.compile(r"\bNone\b|\bTrue\b|\[\]|\{\}|(?<=[=\[ ])\bself\b(?=[\n,)])")
TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
SPOILERS = ["(", ")", "\\\n", "\x0c", '"""', ":", "await ", "lambda", "\t", "é", "\r"]


def sprinkled(dice, text, with_arguments):
    """The text with one of the forms and some calls; None where there is no place for an import."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines[:80])
              if re.match(r"(import|from|def|class|@|if) ?", line)
              and not (number and lines[number - 1].rstrip().endswith((",", "(", "\\")))
              and not (number and lines[number - 1].startswith("@"))]
    if not starts:
        return None
    header, calls = dice.choice(FORMS)
    at = dice.choice(starts)
    lines.insert(at, header)
    text = "\n".join(lines)
    end = len("\n".join(lines[:at + 1]))
    places = [found.span() for found in PLACES.finditer(text) if found.start() > end]
    dice.shuffle(places)
    for start, stop in sorted(places[:dice.randint(1, 8)], reverse=True):
        call = dice.choice(calls)
        if with_arguments:
            call = call.removesuffix("()") + dice.choice(ARGUMENTS)
            if dice.random() < 0.2:
                call = dice.choice(calls).removesuffix(")") + call + ")"
        text = text[:start] + call + text[stop:]
    if dice.random() < 0.2:
        text = spoiled(dice, text)
    return text.replace("\n", "\r\n") if dice.random() < 0.15 else text


def spoiled(dice, text):
    tokens = TOKENS.findall(text)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(tokens))
        how = dice.random()
        if how < 0.4:
            del tokens[at]
        elif how < 0.7:
            tokens.insert(at, tokens[at])
        else:
            tokens[at] = dice.choice(SPOILERS)
    return "".join(tokens)


def prepare(root, number, sources, count):
    dice = random.Random(number)
    is_rewrite = number % 2 == 1
    package = root / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text(BASE)
    (root / "shared_objects.py").write_text(SHARED)
    (root / "sprinkled.toml").write_text(REWRITE if is_rewrite else SINGLETON)
    (root / "codemod.toml").write_text(CONFIG)
    made = 0
    for source in dice.sample(sources, len(sources)):
        try:
            text = sprinkled(dice, source.read_text(encoding="utf-8"), is_rewrite)
        except UnicodeDecodeError:
            continue
        if text is not None:
            made += 1
            (package / f"module_{made}.py").write_bytes(text.encode())
        if made == count:
            break


def findings(root):
    by_file = ruff(root, ERRORS, ["."])
    return collections.Counter(
        {(file, code, message): count for file, all_of in by_file.items() for (code, message), count in all_of.items()})


def judge(binary, root):
    counts = collections.Counter()
    checked = run(binary, root, "check", "--format", "json")
    if checked.returncode not in (0, 1):
        return counts, [f"check: exit {checked.returncode}: {checked.stderr.decode(errors='replace')[-600:]}"]
    counts.update(site["verdict"] for site in json.loads(checked.stdout)["sites"])
    wrong = []
    diff = run(binary, root, "diff")
    if diff.returncode != 0:
        wrong.append(f"diff: exit {diff.returncode}: {diff.stderr.decode(errors='replace')[-600:]}")
    files = sorted((root / "package").iterdir())
    compiled = [file for file in files if compiles(file)]
    before = findings(root)
    git(root, "init", "-q")
    applied = git(root, "apply", "--whitespace=nowarn", "-", input=diff.stdout, capture_output=True)
    if applied.returncode != 0:
        return counts, [*wrong, f"git apply: {applied.stderr.decode(errors='replace')[-600:]}"]
    wrong += [f"{file.name}: no longer compiles" for file in compiled if not compiles(file)]
    wrong += [" ".join(finding) for finding in findings(root) - before]
    if run(binary, root, "diff").stdout.strip():
        wrong.append("a second run still changes something")
    return counts, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="target/release/tiermod")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="the number of the first round")
    parser.add_argument("--files", type=int, default=300, help="in each round")
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path(sysconfig.get_path("stdlib")))
    args = parser.parse_args()
    binary = str(pathlib.Path(args.bin).resolve())
    sources = sorted(path for path in args.source.rglob("*.py")
                     if path.is_file() and 1_000 < path.stat().st_size < 20_000)
    total = collections.Counter()
    failed = False
    for number in range(args.first, args.first + args.rounds):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            prepare(root, number, sources, args.files)
            counts, wrong = judge(binary, root)
        total += counts
        for line in wrong:
            failed = True
            print(f"round {number}: {line}")
    print(f"{args.rounds} rounds: {dict(total)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
