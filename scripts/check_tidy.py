#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run clang-tidy, with .clang-tidy's checks as errors, on what was compiled.

usage: check_tidy.py BUILD_DIR [--changed [COMMIT]] [PATH]...

--changed  only files that differ from COMMIT (default HEAD)
PATH       only files below it
Exit 77 without clang-tidy or BUILD_DIR/compile_commands.json.
"""
import concurrent.futures
import json
import os
import pathlib
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

names = {pathlib.Path(entry["file"]).resolve()
         for entry in json.loads(database.read_text())}
names = {name for name in names if root in name.parents
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


def check(name):
    in_tests = root / "tests" in name.parents
    done = subprocess.run(
        ["clang-tidy", "-p", str(build), "--quiet", "--warnings-as-errors=*",
         *(IN_TESTS if in_tests else []),
         # Options that only gcc knows.
         "--extra-arg=-Wno-unknown-warning-option",
         "--extra-arg=-Wno-unused-command-line-argument",
         str(name)], capture_output=True, text=True, check=False)
    # A clang-tidy that itself failed says so on its standard error only.
    return done.returncode, done.stdout or f"{name}: {done.stderr}"


failed = 0
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for code, text in pool.map(check, sorted(names)):
        if code != 0:
            failed += 1
            print(text, end="", file=sys.stderr)
print(f"{len(names)} files, {failed} with findings")
sys.exit(1 if failed else 0)
