#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages in Chinese say what those in English say: the same headings, commands,
programs' output, links and code words, in the same order; and the table of
README.md is what `greenbench report` prints of the published run.

usage: readme_test.py ROOT PROGRAM
"""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
HAN = re.compile(r"[\u4e00-\u9fff]")
README = {"README.md", "README.zh-CN.md"}
PAGES = ("README.md", "docs/claims.md")


def parts_of(name, languages):
    """@param languages: the pages themselves, which link to each other."""
    text = (root / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.S | re.M)
    prose = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.S | re.M)
    return {
        "headings": [len(marks) for marks in
                     re.findall(r"^(#+) ", prose, re.M)],
        "lines of code": [line for block in blocks
                          for line in block.splitlines()],
        "links": [target for target in re.findall(r"\]\(([^)]+)\)", prose)
                  if target not in languages],
        "code words": sorted(set(re.findall(r"`([^`\n]+)`", prose))),
        "list items": len(re.findall(r"^- ", prose, re.M)),
        "table rows": len(re.findall(r"^\|", prose, re.M)),
    }


def command_of(line):
    """Without the remark that stands beside it."""
    return re.split(r"\s{2,}", line.rstrip())[0]


def problems_of(page, other_page):
    languages = {pathlib.Path(page).name, pathlib.Path(other_page).name}
    english, chinese = (parts_of(name, languages)
                        for name in (page, other_page))
    lines, others = english.pop("lines of code"), chinese.pop("lines of code")
    if not lines:
        yield f"expected code in {page}, found none"
    if len(lines) != len(others):
        yield f"expected {len(lines)} lines of code, got {len(others)}"
    for at, (one, other) in enumerate(zip(lines, others)):
        same = (command_of(one) == command_of(other) if HAN.search(other)
                else one == other)
        if not same:
            yield f"line {at + 1} of code: expected '{one}', got '{other}'"
    for what, expected in english.items():
        if chinese[what] != expected:
            yield f"{what}: expected {expected}, got {chinese[what]}"


problems = []
for english_page in PAGES:
    chinese_page = english_page.removesuffix(".md") + ".zh-CN.md"
    problems += [f"{chinese_page}: {problem}" for problem in
                 problems_of(english_page, chinese_page)]
for problem in problems:
    print(problem, file=sys.stderr)

printed = subprocess.run(
    [sys.argv[2], "report", str(root / "results/reference/vm-2core")],
    stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
for name in sorted(README):
    text = (root / name).read_text(encoding="utf-8")
    if f"```\n{printed}```\n" not in text:
        problems.append(name)
        print(f"{name}: expected the table that 'greenbench report "
              "results/reference/vm-2core' prints, found another or none",
              file=sys.stderr)
sys.exit(1 if problems else 0)
