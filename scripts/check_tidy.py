#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run clang-tidy, with .clang-tidy's checks as errors, on what was compiled.

usage: check_tidy.py BUILD_DIR [--changed [COMMIT]] [PATH]...

--changed  only files that differ from COMMIT (default HEAD)
PATH       only files below it

A file that was clean is not looked at again while it, all that it includes, its
compile command, .clang-tidy and clang-tidy stay the same; what was clean is kept
in $XDG_CACHE_HOME/greenbench/tidy (default ~/.cache).

Exit 77 without clang-tidy or BUILD_DIR/compile_commands.json.
"""
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
arguments = sys.argv[1:]
if not arguments or arguments[0].startswith("-"):
    sys.exit(__doc__)
build = pathlib.Path(arguments.pop(0))
database = build / "compile_commands.json"
if not shutil.which("clang-tidy"):
    print("skipped: clang-tidy is not installed")
    sys.exit(77)
if not database.exists():
    print(f"skipped: expected {database}; configure with "
          "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    sys.exit(77)

entries = {pathlib.Path(entry["file"]).resolve(): entry
           for entry in json.loads(database.read_text())}
names = {name for name in entries if root in name.parents
         and build.resolve() not in name.parents}
if arguments and arguments[0] == "--changed":
    arguments.pop(0)
    base = arguments.pop(0) if arguments else "HEAD"
    changed = subprocess.run(
        ["git", "-C", str(root), "diff", "--name-only", base],
        capture_output=True, text=True, check=True).stdout.split()
    names &= {root / name for name in changed}
if arguments:
    below = [pathlib.Path(argument).resolve() for argument in arguments]
    names = {name for name in names
             if any(top == name or top in name.parents for top in below)}


# The analyzer walks every path, which takes most of the time; what tests do with
# memory the sanitizers see when they run.
IN_TESTS = ["--checks=-clang-analyzer-*"]


OPTIONS = ["--quiet", "--warnings-as-errors=*",
           # Options that only gcc knows.
           "--extra-arg=-Wno-unknown-warning-option",
           "--extra-arg=-Wno-unused-command-line-argument"]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache"
                     ).expanduser() / "greenbench" / "tidy"


def output_of(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True,
                          **options).stdout


@functools.lru_cache(maxsize=None)
def content(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@functools.lru_cache(maxsize=None)
def tools():
    return output_of("clang-tidy", "--version") + content(root / ".clang-tidy")


def state_of(name, options):
    """A digest of everything that decides what clang-tidy says of a file."""
    entry = entries[name]
    words = shlex.split(entry["command"])
    if pathlib.Path(words[0]).name == "ccache":
        words.pop(0)
    out = words.index("-o")
    included = output_of(*words[:out], *words[out + 2:], "-M", "-MT", "",
                         cwd=entry["directory"])
    digest = hashlib.sha256()
    for part in (tools(), *options, *(word.replace(str(root), "")
                                      for word in words)):
        digest.update(part.encode() + b"\0")
    for path in included.replace("\\\n", " ").split()[1:]:
        at = pathlib.Path(entry["directory"], path)
        digest.update(f"{str(at.resolve()).replace(str(root), '')} "
                      f"{content(at)}\0".encode())
    return digest.hexdigest()


def check(name):
    options = OPTIONS + (IN_TESTS if root / "tests" in name.parents else [])
    clean = CACHE / state_of(name, options)
    if clean.exists():
        return 0, ""
    done = subprocess.run(
        ["clang-tidy", "-p", str(build), *options, str(name)],
        capture_output=True, text=True, check=False)
    if done.returncode == 0:
        CACHE.mkdir(parents=True, exist_ok=True)
        clean.touch()
    # A clang-tidy that itself failed says so on its standard error only.
    return done.returncode, done.stdout or f"{name}: {done.stderr}"


os.nice(10)  # whatever runs beside it goes first
failed = 0
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for code, text in pool.map(check, sorted(names)):
        if code != 0:
            failed += 1
            print(text, end="", file=sys.stderr)
print(f"{len(names)} files, {failed} with findings")
sys.exit(1 if failed else 0)
