#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail if a header does not compile alone.

Every header below core/ as C17; the public ones also as C11 and C++17, as a
vendor would: pedantic and without extensions. With each compiler that is here;
exit 77 if none is.

usage: check_headers.py [root] [-isystem DIR]... [--skip HEADER]...

--skip leaves out a header, named below core/, whose library is not here.
"""
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys

arguments = sys.argv[1:]
root = pathlib.Path(".")
if arguments and not arguments[0].startswith("-"):
    root = pathlib.Path(arguments.pop(0))
core = root / "core"
skipped = []
while "--skip" in arguments:
    at = arguments.index("--skip")
    skipped.append(core / arguments[at + 1])
    del arguments[at:at + 2]
includes = ["-I", str(core), "-I", str(core / "include"), *arguments]
warnings = ["-Wall", "-Wextra", "-Werror", "-fsyntax-only"]


def dialects(header):
    """(compiler, options) for each way this header must compile."""
    public = (core / "include") in header.parents
    for compiler in filter(shutil.which, ["gcc", "clang"]):
        if not public:
            yield compiler, ["-x", "c", "-std=c17", "-D_GNU_SOURCE"]
            continue
        for standard in ["c11", "c17"]:
            yield compiler, ["-x", "c", f"-std={standard}", "-Wpedantic"]
    for compiler in filter(shutil.which, ["g++", "clang++"]):
        if public:
            yield compiler, ["-x", "c++", "-std=c++17", "-Wpedantic"]


def check(job):
    header, compiler, options = job
    # Through another file: a main file may not have `#pragma once` and the like.
    done = subprocess.run(
        [compiler, *options, *warnings, *includes, "-"],
        input=f'#include "{header.resolve()}"\n', text=True,
        capture_output=True, check=False)
    if done.returncode == 0:
        return None
    return f"{header} with {compiler} {' '.join(options)}:\n{done.stderr}"


jobs = [(header, *dialect) for header in sorted(core.rglob("*.h"))
        if header not in skipped
        for dialect in dialects(header)]
if not jobs:
    print("skipped: expected gcc or clang, found neither")
    sys.exit(77)
with concurrent.futures.ThreadPoolExecutor() as pool:
    problems = [p for p in pool.map(check, jobs) if p]
for problem in problems:
    print(problem, file=sys.stderr)
print(f"{len(jobs)} compilations, {len(problems)} failed")
sys.exit(1 if problems else 0)
