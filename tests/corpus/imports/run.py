#!/usr/bin/env python3
"""Changes the imports of real files in invented ways, and asks ruff what it thinks of the results.

    python3 tests/corpus/imports/run.py [--work DIR] [--rounds N] [--setting S ...] [PACKAGE ...]

Fetches the source distributions of PyPI packages with pip (kept in DIR between runs), finds the
files that `ruff check --isolated --select E4,E7,E9,F,I` has nothing to say about, has
`imports-variants` change their imports (see variants.rs), and prints every finding that the result
has and the file had not. Findings about names (F401, F821 and so on) are left out: the changes are
invented, so names are unused and missing.

Needs pip, ruff on PATH, and a network the first time. Exit status 1 where something was found.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGES = [
    "django", "flask", "fastapi", "celery", "scrapy", "poetry", "black", "pip",
    "setuptools", "sphinx", "tornado", "httpx", "rich", "textual", "pytest", "hypothesis",
    "networkx", "sympy", "litestar", "starlette", "dask", "mkdocs", "attrs", "trio",
]
VARIANTS = ["module", "merge", "replace", "instead", "beside", "function", "remove", "statement", "mixed"]
CLEAN = "E4,E7,E9,F,I"
CONFIG = "imports-corpus/ruff.toml"
JUDGED = "E4,E7,E9,I,F404"


def fetch(package, folder):
    """Unpacks the package's source distribution and returns its folder, or None."""
    target = folder / package
    if target.is_dir():
        return target
    downloads = folder / "downloads"
    command = [sys.executable, "-m", "pip", "download", "--no-binary", ":all:", "--no-deps",
               "-q", "-d", str(downloads / package), package]
    subprocess.run(command, capture_output=True, text=True)
    archives = list((downloads / package).glob("*")) if (downloads / package).is_dir() else []
    if not archives:
        print(f"{package}: not fetched")
        return None
    unpacked = folder / f"{package}.part"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(parents=True)
    if archives[0].suffix == ".zip":
        zipfile.ZipFile(archives[0]).extractall(unpacked)
    else:
        with tarfile.open(archives[0]) as archive:
            archive.extractall(unpacked, filter="data")
    inner = [path for path in unpacked.iterdir() if path.is_dir()]
    shutil.move(str(inner[0] if len(inner) == 1 else unpacked), target)
    shutil.rmtree(unpacked, ignore_errors=True)
    return target


def configured(source, settings):
    """A copy of the folder in which ruff has sorted the imports by these isort settings."""
    target = source.parent / "configured" / source.name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    lines = [setting for setting in settings if setting.startswith("line-length")]
    lines += ["[lint.isort]", *(setting for setting in settings if setting not in lines)]
    (target / "imports-corpus").mkdir()
    (target / CONFIG).write_text("\n".join(lines) + "\n")
    subprocess.run([*ruff(target), "--select", "I", "--fix", "--exit-zero", "-q", "."], cwd=target,
                   capture_output=True)
    return target


def ruff(folder):
    """ruff's command line in the folder."""
    how = ["--config", CONFIG] if (folder / CONFIG).is_file() else ["--isolated"]
    return ["ruff", "check", "--no-cache", "--no-respect-gitignore", *how]


def findings(folder, select, files):
    """The findings by file: a counter of codes, and the messages."""
    found = collections.defaultdict(list)
    for start in range(0, len(files), 500):
        command = [*ruff(folder), "--select", select, "--output-format", "json",
                   *files[start:start + 500]]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        for item in json.loads(run.stdout or "[]"):
            path = os.path.relpath(item["filename"], folder)
            code = item["code"] or "syntax"
            found[path].append((code, item["location"]["row"], item["message"]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target" / "corpus")
    parser.add_argument("--show", type=int, default=10, help="findings to print for a variant")
    parser.add_argument("--setting", action="append", default=[],
                        help="an isort setting of ruff or line-length, by which the files are "
                             "sorted first: 'force-single-line = true'")
    parser.add_argument("--rounds", type=int, default=1, help="other choices in each round")
    parser.add_argument("--variant", choices=VARIANTS, action="append")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cargo", "build", "-q", "--example", "imports-variants"], cwd=ROOT, check=True)
    program = ROOT / "target" / "debug" / "examples" / "imports-variants"
    table = collections.defaultdict(lambda: collections.Counter())
    bad = False
    for package in options.packages or PACKAGES:
        source = fetch(package, options.work)
        if source is None:
            continue
        if options.setting:
            source = configured(source, options.setting)
        files = sorted(str(path.relative_to(source)) for path in source.rglob("*.py*")
                       if path.suffix in (".py", ".pyi") and path.is_file())
        dirty = findings(source, CLEAN, files)
        clean = [path for path in files if path not in dirty]
        rounds = [(variant, number) for variant in options.variant or VARIANTS
                  for number in range(options.rounds)]
        for variant, number in rounds:
            out = options.work / "out" / package
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(source, out, symlinks=True)
            for path in clean:
                (out / path).unlink()
            run = subprocess.run([program, source, out, f"{variant}#{number}"], input="\n".join(clean),
                                 text=True, capture_output=True)
            problems = run.stderr.splitlines()
            changed = [path for path in clean if (out / path).is_file()]
            # What was not changed is put back, so that first-party modules are found.
            for path in clean:
                if not (out / path).is_file():
                    shutil.copy(source / path, out / path)
            found = findings(out, JUDGED, changed)
            table[variant]["files"] += len(changed)
            table[variant]["with findings"] += len(found)
            table[variant]["broken"] += len(problems)
            for problem in problems[:options.show]:
                print(f"{package} {variant}: {problem}")
            for path in list(found)[:options.show]:
                for code, row, message in found[path][:3]:
                    print(f"{package} {variant}: {out / path}:{row}: {code} {message}")
            bad |= bool(problems or found)
            if found:
                keep = options.work / "kept" / f"{variant}{number or ''}" / package
                shutil.rmtree(keep, ignore_errors=True)
                for path in found:
                    (keep / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(out / path, keep / path)
        print(f"{package}: {len(clean)} clean files of {len(files)}", flush=True)
    print()
    print("| variant | files changed | with new findings | plans that broke a rule |")
    print("| --- | ---: | ---: | ---: |")
    for variant in options.variant or VARIANTS:
        row = table[variant]
        print(f"| {variant} | {row['files']} | {row['with findings']} | {row['broken']} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
