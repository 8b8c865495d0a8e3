#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail on what a reviewer should not have to look for, in every text file.

- a source file without its SPDX line
- an unfinished place: the usual marks in capitals
- a path of somebody's home or of a temporary directory
- a link in a Markdown file to a file that is not there
Warns of C files over 500 lines.

usage: check_text.py [root]
"""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
SOURCE = {".c", ".h", ".cc", ".py", ".sh"}
TEXT = SOURCE | {".md", ".txt", ".cmake", ".json", ".yaml", ".yml", ".1", ""}
# In two parts, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
PRIVATE = re.compile(r"/(home|root|Users)/[a-z]|/work" r"/(main|shared)\b")
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")


def files():
    """What git knows, or, in a tree without git, what lies in the folders."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z"], capture_output=True,
            text=True, check=True).stdout.split("\0")
        return [root / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        return [path for folder in ("core", "plugins", "scripts", "tests", "docs")
                for path in (root / folder).rglob("*")]


def problems_of(path):
    name = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    lines = text.splitlines()
    if path.suffix in SOURCE and not any("SPDX-License-Identifier" in line
                                         for line in lines[:3]):
        yield f"{name}:1: expected an SPDX-License-Identifier in the first lines"
    for number, line in enumerate(lines, 1):
        if match := UNFINISHED.search(line):
            yield f"{name}:{number}: unfinished: '{match[0]}'"
        if match := PRIVATE.search(line):
            yield f"{name}:{number}: a path of one machine: '{match[0]}'"
        if path.suffix == ".md":
            for link in LINK.finditer(line):
                target = link[1]
                if not re.match(r"[a-z]+:", target) and not (
                        path.parent / target).exists():
                    yield f"{name}:{number}: no such file: '{target}'"
    if path.suffix in {".c", ".h"} and len(lines) > 500:
        print(f"warning: {name}: {len(lines)} lines, more than 500")


found = []
for file in sorted(files()):
    local = file.relative_to(root).as_posix()
    if (file.is_file() and not file.is_symlink() and file.suffix in TEXT
            and not local.startswith("tests/fixtures/")
            and file.name != "LICENSE"):
        found.extend(problems_of(file))
for problem in found:
    print(problem, file=sys.stderr)
sys.exit(1 if found else 0)
