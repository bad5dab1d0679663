#!/usr/bin/env python3
"""Compare tiermod's scopes and names with CPython's own symbol table.

    cargo build --release --example symtable-dump
    python3 tests/corpus/symtable/compare.py [--fetch NAME …] [PATH …]

Without a path, the standard library of the Python that runs this is read. `--fetch` downloads
sources of PyPI projects with pip and reads them too. Every scope and every fact that `symtable`
gives about every name is compared: whether it is annotated, assigned, declared global, free,
global, imported, local, nonlocal, a parameter, referenced. Files that this Python does not compile
are counted and left out. Exit 1 when there is a difference.

`--record PATH` prints CPython's table of one file, as the tests in `tests/it` hold it.
"""
import argparse
import pathlib
import subprocess
import symtable
import sys
import sysconfig
import tarfile
import tempfile
import warnings
import zipfile

FACTS = [
    ("annotated", "is_annotated"),
    ("assigned", "is_assigned"),
    ("declared_global", "is_declared_global"),
    ("free", "is_free"),
    ("global", "is_global"),
    ("imported", "is_imported"),
    ("local", "is_local"),
    ("nonlocal", "is_nonlocal"),
    ("parameter", "is_parameter"),
    ("referenced", "is_referenced"),
]
COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp"}


def rows(table, out):
    name = table.get_name()
    symbols = table.get_symbols()
    if name in COMPREHENSIONS and any(symbol.get_name() == ".0" for symbol in symbols):
        name = "comprehension"
    title = f"{table.get_type()} {name} {table.get_lineno()}"
    out.append(title)
    for symbol in symbols:
        facts = " ".join(fact for fact, method in FACTS if getattr(symbol, method)())
        if table.get_type() != "module" and name == "top" and symbol.is_local():
            # `symtable` tells a module by the name "top", which a function may have as well.
            facts = facts.replace(" global", "").replace("global ", "")
        out.append(f"{title}: {symbol.get_name()} {facts}")
    for child in table.get_children():
        rows(child, out)


def cpython(path):
    data = pathlib.Path(path).read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = symtable.symtable(data, str(path), "exec")
    out = []
    rows(table, out)
    return sorted(out)


def fetch(names, folder):
    for name in names:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:",
                   "--no-build-isolation", "-d", folder, name]
        if subprocess.run(command).returncode != 0:
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, name], check=True)
    for archive in list(pathlib.Path(folder).iterdir()):
        target = pathlib.Path(folder, archive.name + ".d")
        if archive.name.endswith(".tar.gz"):
            with tarfile.open(archive) as tar:
                tar.extractall(target, filter="data")
        elif archive.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(target)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dump", default="target/release/examples/symtable-dump")
    parser.add_argument("--fetch", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--record", metavar="PATH")
    parser.add_argument("paths", nargs="*")
    args = parser.parse_args()
    if args.record:
        print("\n".join(cpython(args.record)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        fetch(args.fetch, folder)
        roots = args.paths or [sysconfig.get_path("stdlib")]
        files = sorted(str(p) for root in [*roots, folder] for p in pathlib.Path(root).rglob("*.py")
                       if "\n" not in str(p) and p.is_file())
        return compare(args.dump, files)


def compare(dump, files):
    printed = subprocess.run([dump], input="\n".join(files), text=True, encoding="utf-8",
                             errors="surrogateescape", stdout=subprocess.PIPE, check=True).stdout
    ours = {}
    for block in split(printed):
        ours[block[0]] = block[1:]
    same = different = refused = names = 0
    for path in files:
        try:
            theirs = cpython(path)
        except (SyntaxError, ValueError, RecursionError):
            refused += 1
            continue
        mine = sorted(ours[path])
        names += len(theirs)
        if mine == theirs:
            same += 1
            continue
        different += 1
        print(f"{path}:")
        for line in sorted(set(theirs) - set(mine))[:5]:
            print(f"  CPython: {line}")
        for line in sorted(set(mine) - set(theirs))[:5]:
            print(f"  tiermod: {line}")
    print(f"{same} files the same ({names} scopes and names), {different} different, "
          f"{refused} not compiled by Python {sys.version.split()[0]}")
    return 1 if different else 0


def split(printed):
    block = []
    for line in printed.split("\n"):
        if line.startswith("== "):
            if block:
                yield block
            block = [line[3:]]
        elif line:
            block.append(line)
    if block:
        yield block


if __name__ == "__main__":
    sys.exit(main())
