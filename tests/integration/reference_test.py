# SPDX-License-Identifier: Apache-2.0
"""The published runs of results/reference/: they validate, with our schemas by
a validator that is not ours, too; `report` and `compare` take them, the oldest
among them; they name nobody."""
import json
import re
import subprocess
import sys
import unittest

import gb
import run_schemas

FOLDER = run_schemas.SCHEMAS.parent / "reference"
# Uncertainties that were computed otherwise when the oldest was made.
CORRECTED = re.compile(r"(^|[._])(u|u_w|u_j|net_u_j|u95_j)$|\.budget_j\.")


def run_dirs():
    found = sorted(path for path in FOLDER.iterdir() if path.is_dir())
    assert [path.name for path in found] == ["oldest", "vm-2core"], found
    return found


class Reference(unittest.TestCase):
    def ran(self, *args):
        done = gb.run([str(arg) for arg in args])
        self.assertEqual(done.code, 0, str(done))
        return done.out

    def test_each_validates(self):
        for run_dir in run_dirs():
            document = json.loads(self.ran("validate", run_dir, "--json"))
            done = {c["check"]: c["done"] for c in document["checks"]}
            self.assertEqual([name for name, made in done.items() if not made],
                             ["signature"])
            self.assertEqual(list(run_schemas.problems(run_dir)), [])
            values = [v["where"] for v in document["violations"]
                      if v["code"] == "recomputed.value"]
            if run_dir.name == "oldest":
                values = [where for where in values
                          if not CORRECTED.search(where)]
            self.assertEqual(values, [], run_dir.name)

    def test_report_20_the_system_is_described(self):
        """Of each node what changes its numbers, and of each benchmark the
        values that are no defaults."""
        summary = json.loads((FOLDER / "vm-2core/summary.json").read_text())
        for node in summary["system"]["nodes"]:
            for key in ("cpu", "microcode", "packages", "cores", "smt",
                        "governor", "turbo", "power_caps", "memory_bytes",
                        "kernel", "virtualisation"):
                self.assertIn(key, node)
            self.assertGreater(node["cores"], 0)
            self.assertTrue(node["cpu"])
        plan = json.loads((FOLDER / "vm-2core/plan.json").read_text())
        for case in plan["cases"]:
            self.assertIn("params", case)

    def test_report_23_measuring_says_what_it_costs(self):
        summary = json.loads((FOLDER / "vm-2core/summary.json").read_text())
        overhead = summary["overhead"]
        self.assertGreater(overhead["sampler_cpu_fraction"], 0.0)
        self.assertLess(overhead["sampler_cpu_fraction"], 0.01)
        self.assertGreater(overhead["sample_cost_s"], 0.0)
        for node in summary["system"]["nodes"]:
            self.assertIsInstance(node["sampler_pu"], int)
            self.assertTrue(node["sampler_place"])
            self.assertEqual(len(node["rank_cpus"]), node["ranks"])

    def test_each_is_shown_and_compared(self):
        for run_dir in run_dirs():
            summary = json.loads((run_dir / "summary.json").read_text())
            again = json.loads(self.ran("report", run_dir, "--json"))
            self.assertEqual(len(again["benchmarks"]),
                             len(summary["benchmarks"]))
            for was, now in zip(summary["benchmarks"], again["benchmarks"]):
                for part in ("performance", "energy", "efficiency"):
                    key = "value_j" if part == "energy" else "value"
                    self.assertEqual(was[part][key], now[part][key])
            self.assertIn(summary["benchmarks"][0]["id"],
                          self.ran("report", run_dir))
            out = self.ran("compare", run_dir, run_dir)
            self.assertNotIn("worse", out.split("rule")[0])

    def test_the_example_of_the_page_reads_it(self):
        root = FOLDER.parents[1]
        page = (root / "docs/results-format.md").read_text()
        code = page.split("## Reading it")[1].split("```")[1]
        self.assertTrue(code.startswith("python\n"))
        done = subprocess.run([sys.executable, "-c", code[len("python\n"):]],
                              cwd=root, text=True, capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^compute\.fma \{.*\} \d+\.\d+ "
                                      r"flop/s \d+\.\d+ flop/s/W modelled$")

    def test_they_are_small_and_name_nobody(self):
        total = 0
        for path in sorted(FOLDER.rglob("*")):
            if not path.is_file() or path.name == "README.md":
                continue
            text = path.read_text()
            total += len(text)
            # In two parts, so that the text check does not find this file.
            self.assertNotRegex(text, r"/(home|root|Users|work|tm" r"p)/")
            if path.name == "summary.json":
                for node in json.loads(text)["system"]["nodes"]:
                    self.assertRegex(node["name"], r"^node\d$")
        self.assertLess(total, 2 << 20)


if __name__ == "__main__":
    gb.main()
