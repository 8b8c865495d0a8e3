# SPDX-License-Identifier: Apache-2.0
"""zoo_test.py GREENBENCH FILE RULE LAUNCH: `plugin check` of FILE must find RULE
broken ("none": nothing), say how, and find nothing else."""
import json
import os
import pathlib
import re
import subprocess
import sys

program, file, rule, launch = sys.argv[1:]
environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1",
                   OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_rmaps_base_oversubscribe="1",
                   ASAN_OPTIONS="detect_leaks=0")
done = subprocess.run(
    [*launch.split(), program, "plugin", "check", file, "--limit", "3s",
     "--json"], env=environment, stdout=subprocess.PIPE, text=True, timeout=50)
result = json.loads(done.stdout)
broken = [f for f in result["findings"] if f["verdict"] == "broken"]
for finding in broken:
    print(f"{finding['rule']} {finding['what']}\n  hint: {finding['hint']}")

expected = [] if rule == "none" else [rule]
got = [f["rule"] for f in broken]
assert got == expected, f"expected {expected}, got {got}"
assert all(f["what"] for f in broken), "a broken rule does not say how"
assert done.returncode == (1 if expected else 0), f"exit {done.returncode}"
assert result["passed"] == (not expected)
if rule == "none":
    guide = pathlib.Path(__file__).parents[3] / "docs" / "plugin-guide.md"
    explained = re.findall(r"^\| ([PM]\d{3}) \|", guide.read_text(), re.M)
    rules = [f["rule"] for f in result["findings"]]
    meter = result["kind"] == "meter"
    # Of both kinds, or of this one.
    assert set(rules) < set(explained), set(rules) - set(explained)
    assert rules == [r for r in explained if r in rules], explained
    assert meter == any(r.startswith("M") for r in rules), rules
    tried = {f["rule"] for f in result["findings"] if f["verdict"] == "kept"}
    silent = set(rules) - tried
    allowed = {"P201"} if launch else set() if meter else {"P501", "P502"}
    if file.endswith("meter_slow.so"):
        allowed = {"M305"}
    elif file.endswith("meter_unreachable.so"):
        allowed = {"P304", "M201", "M301", "M302", "M303", "M304", "M305",
                   *(f"P{n}" for n in range(409, 412))}
    assert silent == allowed, f"not tried: {silent}"
