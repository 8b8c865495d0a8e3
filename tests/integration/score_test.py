# SPDX-License-Identifier: Apache-2.0
"""`score` on a stored run that the program's own writer made, with its
benchmarks renamed and its work counted in flop and bytes. All of it draws the
same power, so that every score follows from the work alone. Numbers in names
are the items of standards.md §11."""
import hashlib
import json
import math
import os
import pathlib
import re
import shutil
import tempfile
import unittest

import gb
import made_run
import run_schemas

PUBLISHED = pathlib.Path(os.environ["GB_SOURCE"]) / "results/reference/vm-2core"
NEVER = re.compile(r"\bSPEC|\bSERT|MLPerf|Green ?500|#\d", re.I)
CASES = ["compute.fma", "memory.triad", "compute.hpcg", "memory.read",
         ("load", 100), ("load", 50), ("load", 20), "idle"]
# flop and bytes of memory in each unit of work
COUNTS = {"compute.fma": (1.0, 0.0), "memory.triad": (0.1, 1.0),
          "compute.hpcg": (0.3, 1.0), "memory.read": (0.0, 0.8)}


def rename(run_dir):
    path = run_dir / "plan.json"
    plan = json.loads(path.read_text())
    for case, wanted in zip(plan["cases"], CASES):
        case["id"] = wanted if isinstance(wanted, str) else wanted[0]
        case["no_work"] = wanted == "idle"
        if not isinstance(wanted, str):
            case["params"] = [{"name": "level", "text": f"{wanted[1]}%",
                               "kind": "real", "value": float(wanted[1]),
                               "is_default": wanted[1] == 100}]
    path.write_text(json.dumps(plan))


def rewrite(run_dir, change):
    made_run.rewrite(run_dir, change)
    gb.seal(run_dir)


def count_work(record):
    if record["record"] != "repetition":
        return
    case, ranks = CASES[record["case"]], record["ranks"]
    if case in COUNTS:
        for name, share in zip(("flops", "memory_bytes"), COUNTS[case]):
            ranks[name] = [share * work for work in ranks["work"]]
    elif case != "idle":
        ranks["work"] = [case[1] / 100 * work for work in ranks["work"]]


class Score(made_run.Case):
    MADE = ("base", 2, len(CASES), 6, "whole")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rename(cls.plain)
        rewrite(cls.plain, count_work)
        cls.run_dir = cls.folder / "run"

        def faster(record):
            if record["record"] == "repetition":
                factor = 2.0 if record["case"] == 0 else 1.5
                record["ranks"]["work"] = [factor * work for work in
                                           record["ranks"]["work"]]
        made_run.copy(cls.plain, cls.run_dir, faster)
        gb.seal(cls.run_dir)

    def copy(self, name="copy"):
        out = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / name
        shutil.copytree(self.run_dir, out)
        return out

    def call(self, *args, run_dir=None, code=0):
        done = gb.run(["score", str(run_dir or self.run_dir), *map(str, args)])
        self.assertEqual(done.code, code, str(done))
        return done

    def document(self, *args, run_dir=None, code=0):
        document = json.loads(self.call("--json", *args, run_dir=run_dir,
                                        code=code).out)
        run_schemas.check(document, "score")
        return document

    def test_report_13_both_means_each_component_and_the_hash(self):
        index = self.document("--reference", self.plain)["green_index"]
        digest = hashlib.sha256((self.plain / "records.jsonl").read_bytes())
        self.assertEqual(index["reference"], {
            "id": "base", "records_sha256": digest.hexdigest()})
        ratios = {c["benchmark"]: c["ratio"] for c in index["components"]}
        self.assertEqual(list(ratios), ["compute.fma", "memory.triad",
                                        "compute.hpcg", "memory.read"])
        self.assertAlmostEqual(ratios["compute.fma"], 2.0, delta=1e-6)
        self.assertAlmostEqual(ratios["memory.read"], 1.5, delta=1e-6)
        self.assertAlmostEqual(index["tgi_arith"]["value"], 1.625, delta=1e-6)
        self.assertAlmostEqual(index["tgi_geo"]["value"],
                               (2.0 * 1.5 ** 3) ** 0.25, delta=1e-6)
        for one in index["components"]:
            self.assertAlmostEqual(one["ratio"],
                                   one["efficiency"] / one["reference"])
        self.assertAlmostEqual(sum(c["weight"] for c in index["components"]),
                               1.0)
        self.assertEqual({o["benchmark"] for o in index["left_out"]},
                         {"load", "load level=50%", "load level=20%", "idle"})

    def test_report_12_one_meter_cancels_in_the_index_and_not_in_a_product(self):
        found = self.document("--reference", self.plain)
        index, product = found["green_index"], found["delay_products"][0]
        self.assertLess(index["tgi_arith"]["u"],
                        0.02 * index["tgi_arith"]["value"])
        self.assertGreater(product["edp_js"]["u"],
                           0.02 * product["edp_js"]["value"])
        low, high = index["tgi_geo"]["ci95"]
        self.assertTrue(low < index["tgi_geo"]["value"] < high)

    def test_weights_follow_the_work_of_the_reference(self):
        for weights, first in ("equal", 1 / 4), ("power", 1 / 4), \
                ("time", 0.5 / 2.5), ("energy", 0.5 / 2.5):
            found = self.document("--reference", self.plain, "--weights", weights)
            index = found["green_index"]
            self.assertEqual(index["weights"], weights)
            self.assertAlmostEqual(index["components"][0]["weight"], first,
                                   delta=0.01)
        done = self.call("--weights", "mine", code=2)
        self.assertIn("equal, time, energy or power, got 'mine'", done.err)

    def test_report_10_products_stand_beside_their_work(self):
        found = self.document()
        self.assertEqual(len(found["delay_products"]), 4)
        for one in found["delay_products"]:
            self.assertGreater(one["work"], 0.0)
            ratio = one["ed2p_js2"]["value"] / one["edp_js"]["value"]
            self.assertAlmostEqual(ratio, 0.99, delta=0.02)  # its time, s
        self.assertIsNone(found["green_index"]["tgi_arith"])
        self.assertIn("--reference", found["green_index"]["reason"])

    def test_a_run_without_products_says_why(self):
        alone = self.copy()
        plan = json.loads((alone / "plan.json").read_text())
        for case in plan["cases"]:
            case["no_work"] = case["id"] != "load"
        (alone / "plan.json").write_text(json.dumps(plan))
        gb.seal(alone)
        for args in (), ("--markdown", "-"):
            out = self.call(*args, run_dir=alone).out
            part = out.split("Energy-delay products")[1].split(
                "Energy proportionality")[0]
            self.assertIn("no benchmark does work at a rate of its own", part)
            self.assertNotIn("EDP", part)
            self.assertNotIn("unavailable", out)

    def test_the_same_power_at_any_load_is_not_proportional(self):
        load = self.document()["proportionality"]
        self.assertIsNone(load["reason"])
        self.assertEqual([round(p["load"], 2) for p in load["points"]],
                         [0.0, 0.2, 0.5, 1.0])
        self.assertAlmostEqual(load["ep"]["value"], 0.0, delta=1e-3)
        self.assertAlmostEqual(load["idle_to_peak"]["value"], 1.0, delta=1e-3)
        self.assertAlmostEqual(load["deviation"]["value"], 0.0, delta=1e-3)

    def test_proportionality_can_be_claimed(self):
        claims = self.folder / "claims.yaml"
        one = ("- {id: %s, text: %s, metric: energy_proportionality, "
               "evidence: simulated, relation: %s, limit: %s}\n")
        claims.write_text("decision: {rule: guarded, coverage_factor: 2}\n"
                          "claims:\n"
                          + one % ("low", "low", "below", "0.1")
                          + one % ("high", "high", "at_least", "50%"))
        fixed = self.copy("fixed")
        plan = json.loads((fixed / "plan.json").read_text())
        plan["claims_sha256"] = hashlib.sha256(claims.read_bytes()).hexdigest()
        (fixed / "plan.json").write_text(json.dumps(plan))
        gb.seal(fixed)
        done = gb.run(["claim", str(claims), str(fixed), "--json"])
        self.assertEqual(done.code, 1, str(done))
        verdicts = json.loads(done.out)["claims"]
        self.assertEqual([v["verdict"] for v in verdicts],
                         ["SUPPORTED", "REFUTED"])
        # Without the levels there is nothing to decide.
        rewrite(fixed, lambda record: record.get("case") not in (5, 6))
        done = gb.run(["claim", str(claims), str(fixed)])
        self.assertNotIn("SUPPORTED", done.out)

    def test_the_same_power_for_any_work_is_a_constant(self):
        fit = self.document()["energy_roofline"]
        power_w = fit["points"][0]["power_w"]
        self.assertAlmostEqual(fit["constant_w"]["value"], power_w,
                               delta=0.01 * power_w)
        self.assertLess(fit["residual_rel"], 1e-3)
        self.assertEqual(fit["dof"], 1)
        self.assertEqual([p["benchmark"] for p in fit["points"]], list(COUNTS))
        self.assertIsNone(fit["points"][0]["intensity"])
        self.assertAlmostEqual(fit["points"][1]["intensity"], 0.1)

    def test_refuse_27_energy_of_another_part_of_the_machine(self):
        other = self.copy()

        def at_the_wall(record):
            for node in record.get("nodes") or []:
                for domain in node.get("domains") or []:
                    if domain["summed"]:
                        domain["scope"] = "node-ac"
        rewrite(other, at_the_wall)
        done = self.call("--reference", self.plain, run_dir=other, code=2)
        self.assertIn("node at the wall", done.err)
        found = self.document("--reference", self.plain, run_dir=other, code=2)
        self.assertIsNone(found["green_index"]["tgi_geo"])
        self.assertEqual(len(found["green_index"]["left_out"]), 8)

    def test_refuse_42_of_a_run_that_did_not_end_or_was_changed(self):
        cut = self.copy()
        rewrite(cut, lambda record: record["record"] != "end")
        done = self.call("--reference", self.plain, run_dir=cut, code=2)
        self.assertIn("did not run to its end", done.err)
        damaged = self.copy()
        with open(damaged / "records.jsonl", "a", encoding="utf-8") as file:
            file.write("\n")
        done = self.call(run_dir=damaged, code=2)
        self.assertEqual(done.out, "")
        self.assertIn("greenbench validate", done.err)
        self.call("--reference", damaged, code=2)

    def test_refuse_28_and_31_no_rank_and_no_name_of_others(self):
        for args in ((), ("--json",), ("--markdown", "-"), ("--help",)):
            done = self.call("--reference", self.plain, *args)
            self.assertIsNone(NEVER.search(done.out), args)

    def test_refuse_33_more_only_beyond_the_uncertainty(self):
        more = self.call("--reference", self.plain).out
        same = self.call("--reference", self.run_dir).out
        text = " ".join(more.split())
        self.assertIn("That is more than the reference's", text)
        self.assertIn("高于参照系统", text)
        self.assertIn("which of the two does more is not shown",
                      " ".join(same.split()))
        self.assertIn("区间包含", same)

    def test_the_published_run_is_a_reference_whose_energy_is_an_estimate(self):
        found = self.document("--reference", PUBLISHED, run_dir=PUBLISHED)
        index = found["green_index"]
        self.assertAlmostEqual(index["tgi_arith"]["value"], 1.0)
        self.assertEqual(index["quality"], "modelled")
        self.assertTrue(index["tgi_geo"]["u"] > 0.5)
        self.assertIn("modelled, not measured", found["means"]["en"])
        self.assertIn("estimate", found["energy_roofline"]["reason"])

    def test_text_is_at_most_80_columns_wide(self):
        for args in (), ("--reference", self.plain):
            for line in self.call(*args).out.splitlines():
                self.assertLessEqual(gb.columns(line), 80, line)

    def test_markdown_says_the_same(self):
        path = self.folder / "score.md"
        done = self.call("--reference", self.plain, "--markdown", path)
        self.assertIn("arithmetic", done.out)
        text = path.read_text()
        self.assertIn("| compute.fma |", text)
        self.assertNotRegex(text, r"\b(nan|inf)\b")
        self.assertTrue(math.isfinite(float(
            re.search(r"- arithmetic: ([0-9.]+)", text)[1])))


if __name__ == "__main__":
    unittest.main()
