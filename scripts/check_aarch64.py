#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail if a plugin's source does not compile for aarch64, assembly included.

With clang, which has an assembler for every target, or with gcc's cross
compiler; both need the C library's headers for aarch64 (Debian:
libc6-dev-arm64-cross). Exit 77 without either. Sources whose libraries are not
here (an option -isystem each) are told and left out.

usage: check_aarch64.py [root] [-isystem DIR]...
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

arguments = sys.argv[1:]
root = pathlib.Path(".")
if arguments and not arguments[0].startswith("-"):
    root = pathlib.Path(arguments.pop(0))
HEADERS = pathlib.Path("/usr/aarch64-linux-gnu/include")
FLAGS = ["-std=c17", "-O1", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE",
         "-c", "-o", os.devnull, f"-I{root}/core/include", *arguments]
# Headers of libraries that may not be here.
LIBRARIES = ("mpi.h", "cblas.h", "fftw3.h", "fftw3-mpi.h")


def compilers():
    if not (HEADERS / "stdint.h").exists():
        return
    if shutil.which("clang"):
        yield ["clang", "--target=aarch64-linux-gnu", "-isystem", str(HEADERS)]
    if shutil.which("aarch64-linux-gnu-gcc"):
        yield ["aarch64-linux-gnu-gcc"]


def compiles(compiler, source):
    # As the plugins' own rules, where a file needs one of them.
    return subprocess.run([*compiler, *FLAGS, str(source)], text=True,
                          capture_output=True, check=False)


def missing_library(problem):
    found = re.search(r"'?([\w.-]+)'?(?: file not found|: No such file)",
                      problem)
    return found[1] if found and found[1] in LIBRARIES else None


found = list(compilers())
if not found:
    print("skipped: expected clang or aarch64-linux-gnu-gcc, and headers in "
          f"{HEADERS} (Debian: libc6-dev-arm64-cross)")
    sys.exit(77)
sources = sorted(p for p in (root / "plugins").rglob("*.c")
                 if "template" not in p.parts)
problems, done, left_out = [], 0, set()
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    jobs = [(source, pool.submit(compiles, compiler, source))
            for compiler in found for source in sources]
    for source, job in jobs:
        result = job.result()
        library = missing_library(result.stderr)
        if library:
            left_out.add(library)
        elif result.returncode != 0:
            problems.append(f"{source}: {result.stderr}")
        else:
            done += 1
for problem in problems:
    print(problem, file=sys.stderr)
print(f"{done} of {len(jobs)} compiled for aarch64 by "
      f"{', '.join(c[0] for c in found)}"
      + (f"; left out for want of {', '.join(sorted(left_out))}"
         if left_out else ""))
sys.exit(1 if problems or not done else 0)
