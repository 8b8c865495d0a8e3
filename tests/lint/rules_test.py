#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/energy-rules.md names a test for each of the 55 rules, and each is there.
usage: rules_test.py ROOT"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
defined = set()
for file in (root / "tests").rglob("*"):
    if file.suffix == ".c":
        defined |= set(re.findall(r"^static void (\w+)\(\s*void \*\*state\)",
                                  file.read_text(), re.MULTILINE))
        # A long name may stand alone on its line.
        defined |= set(re.findall(r"^(\w+)\(void \*\*state\)",
                                  file.read_text(), re.MULTILINE))
    elif file.suffix == ".py":
        defined |= set(re.findall(r"def (test_\w+)\(", file.read_text()))

problems, numbers = [], []
for line in (root / "docs/energy-rules.md").read_text().splitlines():
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if not cells or not cells[0].isdigit():
        continue
    numbers.append(int(cells[0]))
    named = re.findall(r"`(\w+)`", cells[-1])
    if not named:
        problems.append(f"rule {cells[0]}: expected a test, found none")
    problems += [f"rule {cells[0]}: no test '{name}'"
                 for name in named if name not in defined]
if numbers != list(range(1, 56)):
    problems.append(f"expected rules 1 to 55 in order, got {numbers}")
print("\n".join(problems), file=sys.stderr)
sys.exit(1 if problems else 0)
