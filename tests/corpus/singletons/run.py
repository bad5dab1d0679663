#!/usr/bin/env python3
"""Migrate classes that real projects build in many places, and judge every changed file.

    cargo build --release
    python3 tests/corpus/singletons/run.py [--bin PATH] [--keep DIR] [NAME …]

For the standard library of the Python that runs this, and for the sources of PyPI projects (fetched
by pip), a copy is made with an invented module of shared objects beside it, and a transform for
classes that such code really builds. Then
  1. `tiermod diff` must end normally and plan nothing unproven;
  2. `git apply` must take the patch;
  3. every changed file that compiled before must compile;
  4. `ruff --select E9,F821,F823,F811,F402` must find nothing that it did not find before, and
     a file that was clean for `--select E4,E7,E9,F,I` must be clean afterwards, without the
     project's own settings or with them (`src` says there what is first-party);
  5. a second `tiermod diff` must plan nothing, and a plan to save, whose results are read as a
     whole, says of every site what `check` says, which reads their outlines;
  6. every line of the patch that holds a comment it removes must hold that comment again.
ruff is used where it is found; the rest needs Python and git only. Prints a table, and exits 1
when anything was wrong.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from judging import compiles, git, ruff, run  # noqa: E402

CLASSES = [
    "collections:OrderedDict",
    "threading:Lock",
    "threading:RLock",
    "threading:Event",
    "logging:Formatter",
    "pathlib:Path",
    "io:StringIO",
    "io:BytesIO",
    "collections:defaultdict",
    "collections:Counter",
    "collections:deque",
    "random:Random",
    "argparse:ArgumentParser",
    "unittest.mock:Mock",
    "unittest.mock:MagicMock",
    "datetime:datetime",
]
PROJECTS = [
    "django", "sqlalchemy", "sympy", "networkx", "celery", "scrapy", "werkzeug", "sphinx", "salt",
    "nltk", "setuptools", "ansible-core",
]
NEW_ERRORS = "E9,F821,F823,F811,F402"
CLEAN = "E4,E7,E9,F,I"


def shared_name(symbol):
    name = symbol.split(":")[1]
    return "shared_" + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def prepare(root):
    lines = []
    for symbol in CLASSES:
        module, name = symbol.split(":")
        lines.append(f"from {module} import {name}\n")
    lines.append("\n")
    for symbol in CLASSES:
        lines.append(f"{shared_name(symbol)} = {symbol.split(':')[1]}()\n")
    (root / "tiermod_shared.py").write_text("".join(lines))
    (root / "transforms").mkdir(exist_ok=True)
    singletons = "".join(
        f'[[singleton]]\nclass = "{symbol}"\ninstance = "tiermod_shared:{shared_name(symbol)}"\n'
        for symbol in CLASSES)
    (root / "transforms/corpus.toml").write_text(f'name = "corpus"\nsummary = "Invented"\n\n{singletons}')
    (root / "codemod.toml").write_text(
        'transforms = ["transforms/corpus.toml"]\n\n[python]\nsource-roots = ["."]\n\n'
        '[[tier]]\nname = "everything"\npaths = ["**"]\n')


def comments_kept(patch):
    """Comments on removed lines that no added line of the same file has."""
    lost = []
    for part in re.split(r"(?m)^diff --git ", patch)[1:]:
        removed = re.findall(r"(?m)^-(?!--).*?(#.*?)\r?$", part)
        added = "\n".join(re.findall(r"(?m)^\+(?!\+\+)(.*)$", part))
        for comment in removed:
            if comment not in added and "noqa" not in comment and "import" not in comment.lower():
                lost.append(comment)
    return lost


def judge(binary, root, name):
    row = collections.Counter()
    wrong = []
    git(root, "init", "-q", check=True)
    git(root, "add", "-Af", ".", check=True, stderr=subprocess.DEVNULL)
    git(root, "commit", "-qm", "before", check=True)
    checked = run(binary, root, "check", "--format", "json")
    if checked.returncode not in (0, 1):
        return row, [f"check: exit {checked.returncode}: {checked.stderr.decode(errors='replace')[-600:]}"]
    for site in json.loads(checked.stdout)["sites"]:
        row[site["verdict"]] += 1
        row[site["reason"]] += 1
        if "not proven" in site["message"]:
            wrong.append(f"{site['path']}:{site['line']}: {site['message']}")
    listed = run(binary, root, "diff", "--format", "json", "--plan", "../plan.json")
    if json.loads(listed.stdout)["sites"] != json.loads(checked.stdout)["sites"]:
        wrong.append("check and diff do not say the same")
    diff = run(binary, root, "diff")
    if diff.returncode != 0:
        wrong.append(f"diff: exit {diff.returncode}: {diff.stderr.decode(errors='replace')[-600:]}")
    patch = diff.stdout
    changed = [os.fsdecode(line) for line in re.findall(rb"(?m)^\+\+\+ b/(.*?)\t?$", patch)]
    row["files"] = len(changed)
    before_errors = ruff(root, NEW_ERRORS, changed)
    before_clean = ruff(root, CLEAN, changed)
    compiled = [file for file in changed if compiles(root / file)]
    if patch:
        (root.parent / "p.patch").write_bytes(patch)
        try:
            git(root, "apply", "--whitespace=nowarn", "../p.patch", check=True, stderr=subprocess.PIPE)
        except subprocess.CalledProcessError as error:
            return row, wrong + [f"git apply: {error.stderr.decode(errors='replace')[-600:]}"]
    wrong += [f"{file}: no longer compiles" for file in compiled if not compiles(root / file)]
    after_errors = ruff(root, NEW_ERRORS, changed)
    for file, found in after_errors.items():
        for (code, message), count in (found - before_errors.get(file, collections.Counter())).items():
            wrong.append(f"{file}: {code} {message} ({count} more)")
    after_clean = ruff(root, CLEAN, changed)
    row["clean"] = sum(file not in before_clean for file in changed)
    unclean = [file for file in after_clean if file not in before_clean]
    still = ruff(root, CLEAN, unclean, isolated=False)
    for file, found in after_clean.items():
        if file in still and file not in before_clean:
            wrong += [f"{file}: was clean, now {code} {message}" for code, message in found]
    wrong += [f"comment lost: {comment}" for comment in comments_kept(patch.decode(errors="replace"))]
    again = run(binary, root, "diff")
    if again.stdout.strip():
        files = re.findall(r"(?m)^\+\+\+ b/(.*)$", again.stdout.decode(errors="replace"))
        wrong.append(f"a second run still changes {files[:5]}")
    return row, wrong


def fetch(name, folder):
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder)]
    if subprocess.run([*pip, "--no-binary", ":all:", "--no-build-isolation", name], capture_output=True).returncode:
        subprocess.run([*pip, name], check=True)
    (archive,) = [path for path in folder.iterdir() if path.is_file()]
    target = folder / "source"
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(target)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
    inner = list(target.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else target


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="target/release/tiermod")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the migrated trees there")
    parser.add_argument("names", nargs="*", default=["stdlib", *PROJECTS])
    args = parser.parse_args()
    binary = str(pathlib.Path(args.bin).resolve())
    print("| project | files changed | of them clean | rewrite | review | keep | wrong |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    problems = []
    for name in args.names:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder, "tree")
            if name == "stdlib":
                ignore = shutil.ignore_patterns("site-packages", "__pycache__", "*.so", "*.a")
                shutil.copytree(sysconfig.get_path("stdlib"), root, ignore=ignore, symlinks=True)
            else:
                download = pathlib.Path(folder, "download")
                download.mkdir()
                shutil.move(fetch(name, download), root)
            shutil.rmtree(root / ".git", ignore_errors=True)
            prepare(root)
            row, wrong = judge(binary, root, name)
            print(f"| {name} | {row['files']} | {row['clean']} | {row['rewrite']} | {row['review']} "
                  f"| {row['keep']} | {len(wrong)} |", flush=True)
            problems += [f"{name}: {line}" for line in wrong]
            if args.keep:
                shutil.copytree(root, args.keep / name, dirs_exist_ok=True, symlinks=True)
    for line in problems:
        print(line)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
