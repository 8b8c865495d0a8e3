#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""README.zh-CN.md says what README.md says: the same headings, commands,
programs' output, links and code words, in the same order; and the table of
both is what `greenbench report` prints of the published run.

usage: readme_test.py ROOT PROGRAM
"""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
HAN = re.compile(r"[\u4e00-\u9fff]")
LANGUAGES = {"README.md", "README.zh-CN.md"}  # they link to each other


def parts_of(name):
    text = (root / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```", text, re.S | re.M)
    prose = re.sub(r"^```\n.*?^```", "", text, flags=re.S | re.M)
    return {
        "headings": [len(marks) for marks in
                     re.findall(r"^(#+) ", prose, re.M)],
        "lines of code": [line for block in blocks
                          for line in block.splitlines()],
        "links": [target for target in re.findall(r"\]\(([^)]+)\)", prose)
                  if target not in LANGUAGES],
        "code words": sorted(set(re.findall(r"`([^`\n]+)`", prose))),
        "list items": len(re.findall(r"^- ", prose, re.M)),
        "table rows": len(re.findall(r"^\|", prose, re.M)),
    }


def command_of(line):
    """Without the remark that stands beside it."""
    return re.split(r"\s{2,}", line.rstrip())[0]


english, chinese = parts_of("README.md"), parts_of("README.zh-CN.md")
lines, others = english.pop("lines of code"), chinese.pop("lines of code")
problems = []
if len(lines) != len(others):
    problems.append(f"expected {len(lines)} lines of code, got {len(others)}")
for at, (one, other) in enumerate(zip(lines, others)):
    same = (command_of(one) == command_of(other) if HAN.search(other)
            else one == other)
    if not same:
        problems.append(f"line {at + 1} of code: expected '{one}', got "
                        f"'{other}'")
for what, expected in english.items():
    if chinese[what] != expected:
        problems.append(f"{what}: expected {expected}, got {chinese[what]}")
if not lines:
    problems.append("expected code in README.md, found none")
for problem in problems:
    print(f"README.zh-CN.md: {problem}", file=sys.stderr)

printed = subprocess.run(
    [sys.argv[2], "report", str(root / "results/reference/vm-2core")],
    stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
for name in sorted(LANGUAGES):
    text = (root / name).read_text(encoding="utf-8")
    if f"```\n{printed}```\n" not in text:
        problems.append(name)
        print(f"{name}: expected the table that 'greenbench report "
              "results/reference/vm-2core' prints, found another or none",
              file=sys.stderr)
sys.exit(1 if problems else 0)
