#!/usr/bin/env python3
"""Rewrite a class that a real project builds in many places into a factory, and run its tests.

    cargo build --release
    python3 tests/corpus/factory/run.py [--bin PATH] [--cache DIR] [--keep DIR] [--sites] [NAME …]

For each project (its source archive of PyPI, fetched by pip, in a virtual environment of its own)
    def make_x(*args, **kwargs):
        return X(*args, **kwargs)
is appended to the module that defines X, and a `[[rewrite]]` changes `X($$$ARGS)` into
`make_x($$$ARGS)` in the package and its tests. Then
  1. at least 30 sites must be rewritten, and every place that is not must have a reason;
  2. `git apply` must take the patch;
  3. the project's own tests must have the outcome that they had before, each of them;
  4. `ruff check --isolated --select E9,F` must find nothing that it did not find before;
  5. a second run must plan nothing.
`--sites` prints the places that were not rewritten, to be read. Prints a table, and exits 1 when
anything was wrong. Needs git, ruff and PyPI.
"""
import argparse
import collections
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import xml.etree.ElementTree

LEAST = 30


@dataclasses.dataclass
class Project:
    """What is rewritten, and how its tests are run."""

    name: str
    version: str
    symbol: str  # package.module:Class
    factory: str
    paths: list  # the package and its tests, from the archive's root
    root: str = "."  # where the package's modules begin
    tests: list = dataclasses.field(default_factory=lambda: ["tests"])
    needs: list = dataclasses.field(default_factory=list)

    @property
    def module(self):
        return self.symbol.split(":")[0]

    @property
    def cls(self):
        return self.symbol.split(":")[1]


PROJECTS = [
    Project("packaging", "26.4", "packaging.version:Version", "make_version", ["src/packaging", "tests"], "src",
            needs=["pretend", "hypothesis", "tomli-w"]),
    Project("markdown-it-py", "4.3.0", "markdown_it.main:MarkdownIt", "make_markdown_it", ["markdown_it", "tests"],
            needs=["pytest-regressions", "linkify-it-py", "mdit-py-plugins"]),
    Project("werkzeug", "3.1.9", "werkzeug.routing.rules:Rule", "make_rule", ["src/werkzeug", "tests"], "src",
            tests=["tests", "--ignore=tests/test_serving.py"],
            needs=["ephemeral-port-reserve", "pytest-timeout", "watchdog", "cryptography"]),
    Project("pyparsing", "3.3.3", "pyparsing.core:Word", "make_word", ["pyparsing", "tests"],
            needs=["railroad-diagrams", "jinja2"]),
    Project("networkx", "3.6.1", "networkx.classes.graph:Graph", "make_graph", ["networkx"], tests=["networkx"],
            needs=["numpy"]),
    Project("h11", "0.16.0", "h11._events:Request", "make_request", ["h11"], tests=["h11"]),
]


def run(command, folder, check=True, **options):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def git(folder, *args):
    return run(["git", "-c", "core.autocrlf=false", "-c", "user.name=c", "-c", "user.email=c@example.com", *args], folder)


def fetch(project, cache):
    folder = cache / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{project.name}-{project.version}".replace("-", "_").lower()

    def found():
        return [path for path in folder.glob("*.tar.gz") if path.name.replace("-", "_").lower() == f"{stem}.tar.gz"]

    if not found():
        run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", folder,
             f"{project.name}=={project.version}"], cache)
    return found()[0]


def environment(project, cache):
    """A virtual environment with what the project and its tests need; the project's own code comes from its tree."""
    folder = cache / "venvs" / f"{project.name}-{project.version}"
    python = folder / "bin/python"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        run([python, "-m", "pip", "install", "-q", f"{project.name}=={project.version}", "pytest", *project.needs], cache)
        (folder / "ready").touch()
    return python


def unpack(archive, folder):
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (inner,) = folder.iterdir()
    return inner


def prepare(project, tree):
    """Adds the factory, and the migration."""
    path = tree / project.root / (project.module.replace(".", "/") + ".py")
    with path.open("a") as file:
        file.write(f"\n\ndef {project.factory}(*args, **kwargs):\n    return {project.cls}(*args, **kwargs)\n")
    (tree / "transforms").mkdir()
    (tree / "transforms/factory.toml").write_text(
        'name = "factory"\nsummary = "Build it in the factory"\n\n[[rewrite]]\n'
        f'before = """\nfrom {project.module} import {project.cls}\n{project.cls}($$$ARGS)\n"""\n'
        f'after = """\nfrom {project.module} import {project.factory}\n{project.factory}($$$ARGS)\n"""\n')
    paths = ", ".join(f'"{path}/**"' for path in project.paths)
    roots = ", ".join(f'"{root}"' for root in dict.fromkeys([project.root, "."]))
    (tree / "codemod.toml").write_text(
        f'[python]\nsource-roots = [{roots}]\n\n[[tier]]\nname = "code"\npaths = [{paths}]\n\n'
        '[[tier]]\nname = "rest"\npaths = ["**"]\n')
    (tree / ".gitignore").write_text("__pycache__/\n*.pyc\n.pytest_cache/\n.hypothesis/\n")
    git(tree, "init", "-q")
    git(tree, "add", "-Af", ".")
    git(tree, "commit", "-qm", "before")


def outcomes(project, tree, python):
    """The outcome of each test."""
    env = {**os.environ, "PYTHONPATH": str(tree / project.root), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", f"--junit-xml={report.name}", *project.tests]
        done = run(command, tree, check=False, env=env)
        cases = xml.etree.ElementTree.parse(report.name).getroot().iter("testcase")
        found = collections.Counter()
        for case in cases:
            states = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
            # Addresses are in the names of some parameters.
            name = re.sub(r"0x[0-9a-f]+", "0x", case.get("name"))
            found[(case.get("classname"), name, *(states or ["passed"]))] += 1
    if not any(key[2] == "passed" for key in found):
        raise SystemExit(f"{project.name}: no test passes\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return found


def ruff(project, tree):
    done = run(["ruff", "check", "--isolated", "--no-cache", "--quiet", "--output-format", "json", "--select", "E9,F",
                *project.paths], tree, check=False)
    # Some messages name a line, which an added import moves.
    return collections.Counter(
        (os.path.relpath(item["filename"], tree), item["code"], re.sub(r"line \d+", "line", item["message"]))
        for item in json.loads(done.stdout or "[]"))


def judge(project, tree, python, binary, sites):
    row = collections.Counter()
    wrong = []
    env = {**os.environ, "NO_COLOR": "1"}
    before = outcomes(project, tree, python)
    findings = ruff(project, tree)
    checked = run([binary, "check", "--format", "json"], tree, check=False, env=env)
    if checked.returncode not in (0, 1):
        return row, [f"check: exit {checked.returncode}: {checked.stderr[-600:]}"]
    for site in json.loads(checked.stdout)["sites"]:
        if site["tier"] != "code":
            continue
        row[site["verdict"]] += 1
        if site["verdict"] != "rewrite":
            if not site["message"]:
                wrong.append(f"{site['path']}:{site['line']}: no reason")
            if "not proven" in site["message"]:
                wrong.append(f"{site['path']}:{site['line']}: {site['message']}")
            if sites:
                line = (tree / site["path"]).read_text(errors="replace").splitlines()[site["line"] - 1].strip()
                print(f"{project.name}: {site['path']}:{site['line']}: {site['verdict']} {site['reason']}: {site['message']}\n    {line}")
    if row["rewrite"] < LEAST:
        wrong.append(f"only {row['rewrite']} sites are rewritten")
    diff = run([binary, "diff", "--tier", "code"], tree, check=False, env=env)
    if diff.returncode != 0:
        wrong.append(f"diff: exit {diff.returncode}: {diff.stderr[-600:]}")
    row["files"] = len(re.findall(r"(?m)^\+\+\+ b/", diff.stdout))
    patch = tree.parent / "factory.patch"
    patch.write_text(diff.stdout)
    applied = subprocess.run(["git", "apply", "--whitespace=nowarn", str(patch)], cwd=tree, capture_output=True, text=True)
    if applied.returncode:
        return row, wrong + [f"git apply: {applied.stderr[-600:]}"]
    after = outcomes(project, tree, python)
    for key in sorted((before - after) | (after - before)):
        wrong.append(f"{key[0]}.{key[1]}: {before[key]} times {key[2]} before, {after[key]} times after")
    for (file, code, message), count in (ruff(project, tree) - findings).items():
        wrong.append(f"{file}: {code} {message} ({count} more)")
    again = run([binary, "diff", "--tier", "code"], tree, check=False, env=env)
    if again.stdout.strip():
        wrong.append(f"a second run still changes {re.findall(r'(?m)^[+]{3} b/(.*)$', again.stdout)[:5]}")
    for key, count in after.items():
        row[key[2]] += count
    return row, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="target/release/tiermod")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path.home() / ".cache/tiermod-factory")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the rewritten trees there")
    parser.add_argument("--sites", action="store_true", help="print the places that are not rewritten")
    parser.add_argument("names", nargs="*", default=[])
    args = parser.parse_args()
    binary = str(pathlib.Path(args.bin).resolve())
    cache = args.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    problems = []
    rows = []
    for project in PROJECTS:
        if args.names and project.name not in args.names:
            continue
        archive = fetch(project, cache)
        python = environment(project, cache)
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder).resolve() / "source"
            source.mkdir()
            tree = unpack(archive, source)
            prepare(project, tree)
            row, wrong = judge(project, tree, python, binary, args.sites)
            problems += [f"{project.name}: {line}" for line in wrong]
            rows.append(
                f"| {project.name} {project.version} | `{project.symbol}` | {row['rewrite']} | {row['files']} | {row['review']} "
                f"| {row['keep']} | {row['passed']} | {row['failure'] + row['error']} | {row['skipped']} | {len(wrong)} |")
            print(rows[-1], flush=True)
            if args.keep:
                shutil.copytree(tree, args.keep / project.name, dirs_exist_ok=True, symlinks=True)
    print()
    print("| project | class | rewritten | files | review | keep | tests passed | failed | skipped | wrong |")
    print("| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |")
    print("\n".join(rows))
    for line in problems:
        print(line)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
