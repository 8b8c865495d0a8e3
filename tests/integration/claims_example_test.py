# SPDX-License-Identifier: Apache-2.0
"""The worked example of docs/claims.md, from the runs and meters beside it: each
verdict and why, what the pages in English and Chinese show of it, and the same
from a bundle."""
import collections
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import gb

DOCS = pathlib.Path(os.environ["GB_SOURCE"]) / "docs"
FOLDER = DOCS / "examples" / "claims"
INPUTS = ["--facility", "water-hall.yaml", "--baseline-facility",
          "air-hall.yaml", "--tariff", "tariff.yaml", "--carbon",
          "carbon.yaml"]
VERDICTS = {"pue": ("NOT_TESTABLE", "period"),
            "pue-while-it-ran": ("SUPPORTED", None),
            "cost": ("REFUTED", None),
            "energy": ("REFUTED", None),
            "ere": ("NOT_TESTABLE", "unmeasurable"),
            "ere-while-it-ran": ("SUPPORTED", None),
            "dual-carbon": ("NOT_TESTABLE", "unmeasurable"),
            "carbon-while-it-ran": ("SUPPORTED", None),
            "carbon-per-work": ("SUPPORTED", None)}


def claim(*words, code=1):
    done = gb.run(["claim", *words], cwd=FOLDER)
    assert done.code == code, done
    return done.out


def by_id(document):
    return {c["claim"]["id"]: c for c in document["claims"]}


class Example(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.words = ["claims.yaml", "air", "water", *INPUTS]
        cls.text = claim(*cls.words, "--json")
        cls.claims = by_id(json.loads(cls.text))

    def value(self, name):
        return self.claims[name]["estimate"]["value"]

    def test_the_runs_are_valid(self):
        for name in ("air", "water"):
            done = gb.run(["validate", str(FOLDER / name)])
            self.assertEqual(done.code, 0, str(done))

    def test_verdicts(self):
        self.assertEqual({i: (c["verdict"], c["reason"])
                          for i, c in self.claims.items()}, VERDICTS)

    def test_why(self):
        """By the meters' own sums: what is supported and refuted is so."""
        sums = {}
        for hall in ("air", "water"):
            with open(FOLDER / f"{hall}-hall.csv", encoding="utf-8") as file:
                total = collections.Counter()
                for row in csv.DictReader(file):
                    for key, value in row.items():
                        kind = "it" if key.startswith("node-") else key
                        if key != "time":
                            total[kind] += float(value)
            sums[hall] = total
        pue, tue = ({hall: total["facility"] / total[of]
                     for hall, total in sums.items()}
                    for of in ("it", "compute"))
        self.assertAlmostEqual(self.value("pue-while-it-ran"), pue["water"],
                               delta=0.002)
        self.assertAlmostEqual(
            self.value("ere-while-it-ran"),
            pue["water"] * (1 - sums["water"]["heat"] /
                            sums["water"]["facility"]), delta=0.002)
        self.assertAlmostEqual(self.value("carbon-while-it-ran"),
                               0.5306 * pue["water"], delta=0.002)
        with open(FOLDER / "water" / "summary.json", encoding="utf-8") as file:
            bench, = json.load(file)["benchmarks"]
        g_per_gflop = (bench["energy"]["value_j"] / 3.6e6 * 530.6 /
                       (1e-9 * bench["work"]["value"]))
        self.assertAlmostEqual(self.value("carbon-per-work") / g_per_gflop, 1,
                               delta=1e-6)
        # What is saved of cost is what is saved of energy, overhead included.
        self.assertAlmostEqual(
            1 - self.value("cost"),
            (1 - self.value("energy")) * tue["water"] / tue["air"],
            delta=0.005)
        cost = self.claims["cost"]["claim"]
        self.assertAlmostEqual(cost["implied_pue_before"], 1.8333, delta=1e-4)
        self.assertLess(pue["air"], cost["implied_pue_before"])

    def test_the_pages_show_what_is_printed(self):
        shown = " ".join(claim(*self.words).split())
        carbon = gb.run(["carbon", "carbon.yaml", "air", "water"], cwd=FOLDER)
        self.assertEqual(carbon.code, 0, str(carbon))
        printed = shown + " ".join(carbon.out.split())
        for page in ("claims.md", "claims.zh-CN.md"):
            part = (DOCS / page).read_text().split("examples/claims", 1)[1]
            block, = re.findall(r"^```\n(REFUTED .*?)^```", part, re.S | re.M)
            # Whole paragraphs, of which some are left out.
            for paragraph in re.split(r"\n(?=  \S|\S)", block.strip()):
                self.assertIn(" ".join(paragraph.split()), shown, page)
            figures = re.findall(r"-?\d+\.\d+ ± \d+\.\d+", part)
            self.assertGreater(len(figures), 6, page)
            for figure in figures:
                self.assertIn(figure, printed, page)

    def test_one_character_makes_it_another_file(self):
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "claims.yaml"
            text = (FOLDER / "claims.yaml").read_text()
            other.write_text(text.replace("limit: 0.9", "limit: 0.8"))
            found = by_id(json.loads(claim(str(other), *self.words[1:],
                                           "--json")))
        for name, one in found.items():
            measured = VERDICTS[name][1] != "unmeasurable"
            self.assertEqual(one["verdict"],
                             "INVALID" if measured else "NOT_TESTABLE", name)

    def test_a_bundle_of_it(self):
        with tempfile.TemporaryDirectory() as folder:
            bundle = pathlib.Path(folder) / "evidence.tar.zst"
            done = gb.run(["bundle", "air", "water", "--claims", "claims.yaml",
                           *INPUTS, "-o", str(bundle)], cwd=FOLDER)
            if "without" in done.err:
                self.skipTest("built without bundles")
            self.assertEqual(done.code, 0, str(done))
            moved = shutil.move(bundle, pathlib.Path(folder) / "x")
            self.assertEqual(claim(str(moved), "--json"), self.text)
            done = gb.run(["validate", str(moved)])
            self.assertEqual(done.code, 0, str(done))
            self.decide_without_tables(moved)

    def decide_without_tables(self, bundle):
        """By a greenbench that has no emission factors: those of the bundle are
        the ones that count."""
        lone = bundle.parent / "elsewhere" / "greenbench"
        lone.parent.mkdir()
        shutil.copy2(gb.BIN, lone)
        files = subprocess.run(
            [lone, "claim", "claims.yaml", "air", "water", *INPUTS], text=True,
            cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(files.returncode, 2, files.stdout)
        self.assertIn("cannot read the emission factors", files.stderr)
        bundled = subprocess.run([lone, "claim", bundle, "--json"], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(bundled.returncode, 1, bundled.stderr)
        self.assertEqual(bundled.stdout, self.text)


if __name__ == "__main__":
    gb.main()
