#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/energy-rules.md and docs/claim-rules.md name a test for each of their
rules, and each is there.
usage: rules_test.py ROOT"""
import pathlib
import re
import sys

PAGES = {
    "energy-rules.md": [str(n) for n in range(1, 56)],
    "claim-rules.md": ([str(n) for n in range(1, 45)] +
                       [f"T{n}" for n in range(1, 21)]),
}


def tests_below(folder):
    defined = set()
    for file in folder.rglob("*"):
        if file.suffix == ".c":
            text = file.read_text()
            defined |= set(re.findall(
                r"^static void (\w+)\(\s*void \*\*state\)", text, re.MULTILINE))
            # A long name may stand alone on its line.
            defined |= set(re.findall(r"^(\w+)\(void \*\*state\)", text,
                                      re.MULTILINE))
        elif file.suffix == ".py":
            defined |= set(re.findall(r"def (test_\w+)\(", file.read_text()))
    return defined


def problems_of(page, wanted, defined):
    numbers = []
    for line in page.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not cells or not re.fullmatch(r"T?\d+", cells[0]):
            continue
        numbers.append(cells[0])
        named = re.findall(r"`(\w+)`", cells[-1])
        if not named:
            yield f"{page.name}: {cells[0]}: expected a test, found none"
        for name in named:
            if name not in defined:
                yield f"{page.name}: {cells[0]}: no test '{name}'"
        number = re.compile(rf"(^[tT]?|_)0*{cells[0].strip('T')}_")
        if page.name == "claim-rules.md" and named and not any(
                number.search(name.removeprefix("test_")) for name in named):
            yield f"{page.name}: {cells[0]}: none of its tests has its number"
    if numbers != wanted:
        yield (f"{page.name}: expected rules {wanted[0]} to {wanted[-1]} in "
               f"order, got {numbers}")


root = pathlib.Path(sys.argv[1])
tests = tests_below(root / "tests")
problems = [problem for name, wanted in PAGES.items()
            for problem in problems_of(root / "docs" / name, wanted, tests)]
print("\n".join(problems), file=sys.stderr)
sys.exit(1 if problems else 0)
