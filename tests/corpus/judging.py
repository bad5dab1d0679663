"""What the scripts that judge patches share."""
import collections
import json
import os
import re
import shutil
import subprocess
import warnings


def git(root, *args, **options):
    """Runs git as no user's settings would have it."""
    command = ["git", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "-c", "user.name=c",
               "-c", "user.email=c@example.com", *args]
    return subprocess.run(command, cwd=root, **options)


def run(binary, root, *args):
    """Runs tiermod, for a pipe."""
    env = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run([binary, *args], cwd=root, capture_output=True, env=env)


def compiles(path):
    """Whether the Python that runs this compiles the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
            return True
        except (SyntaxError, ValueError, RecursionError):
            return False


def ruff(root, select, files, isolated=True):
    """The findings in each file that has some: how often each code and message; nothing without ruff."""
    if not shutil.which("ruff") or not files:
        return {}
    out = subprocess.run(
        ["ruff", "check", *["--isolated"] * isolated, "--no-cache", "--quiet", "--output-format", "json", "--select",
         select, "--force-exclude", *files],
        cwd=root, capture_output=True, text=True).stdout
    found = collections.defaultdict(collections.Counter)
    for item in json.loads(out or "[]"):
        name = os.path.relpath(item["filename"], root)
        # Lines move.
        message = re.sub(r" from line \d+", "", item["message"])
        found[name][(item["code"], message)] += 1
    return found
