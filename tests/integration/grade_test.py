# SPDX-License-Identifier: Apache-2.0
"""`grade` and `report --green500` on a stored run that the program's own writer
made, with one of its benchmarks called compute.hpl."""
import json
import os
import pathlib
import re
import shutil
import tempfile
import unittest

import gb
import made_run
import run_schemas

GUIDE = pathlib.Path(os.environ["GB_SOURCE"]) / "docs/grading.md"
# §11, items 28 and 31: what no output may claim.
NEVER = re.compile(r"\bSPEC|\bSERT|MLPerf|Green500[- ](rank|compliant|score)|#\d"
                   r"|would be (first|second|third)", re.I)


class Grade(made_run.Case):
    MADE = ("run", 2, 3, 4)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_dir = cls.plain
        plan = cls.run_dir / "plan.json"
        plan.write_text(plan.read_text().replace("compute.fma", "compute.hpl"))

        def last_a_second(record):
            if record["record"] == "repetition" and record["case"] == 0:
                # Its windows last 1 s, and its calls just as long.
                ranks = record["ranks"]
                ranks["elapsed_s"] = [1.0 for _ in ranks["elapsed_s"]]
                record["elapsed_s"] = 1.0
                record["begin_utc_ns"] = 1790000000 * 10**9
        made_run.rewrite(cls.run_dir, last_a_second)

    def call(self, *args, code=0):
        done = gb.run([args[0], str(self.run_dir), *args[1:]])
        self.assertEqual(done.code, code, str(done))
        return done

    def metered(self, source, u_rel, nodes=2, stated=True):
        """A copy of the run, at so many nodes by a meter of the whole node."""
        copy = pathlib.Path(tempfile.mkdtemp()) / "run"
        self.addCleanup(shutil.rmtree, copy.parent)
        shutil.copytree(self.run_dir, copy)
        path = copy / "records.jsonl"
        first, rest = path.read_text().split("\n", 1)
        session = json.loads(first)
        node = session["nodes"][0]
        for at, domain in enumerate(node["domains"]):
            domain["summed"] = at == 0
        node["domains"][0].update(source=source, scope="node-ac", u_rel=u_rel,
                                  accuracy_stated=stated, quality="measured",
                                  package=None)
        other = json.loads(json.dumps(node))
        other["name"] = "node00001"
        other["domains"][0]["summed"] = nodes == 2
        session["nodes"] = [node, other]
        path.write_text(json.dumps(session) + "\n" + rest)
        return copy

    def document(self, *args, run_dir=None):
        done = gb.run(["grade", str(run_dir or self.run_dir), "--json", *args])
        self.assertEqual(done.code, 0, str(done))
        document = json.loads(done.out)
        run_schemas.check(document, "grade")
        return document

    def test_report_01_each_aspect_has_its_level_and_reason(self):
        for version in "1.2", "2.0", "3.0-draft":
            found = self.document("--methodology", version)
            self.assertEqual(found["methodology"], version)
            self.assertEqual([a["aspect"] for a in found["aspects"]],
                             ["1a", "1b", "1c", "2", "3", "4", "4b"])
            self.assertTrue(all(a["reason"] for a in found["aspects"]))
            self.assertEqual(found["level"], 0)
            self.assertEqual(found["label"], "not measured")  # simulated
            self.assertTrue(found["invalid"])  # windows of a second

    def test_report_02_power_and_performance_are_of_one_window(self):
        found = self.document()
        core = found["core_phase"]
        self.assertAlmostEqual(core["window_s"], core["time_s"], delta=0.002)
        self.assertAlmostEqual(found["efficiency"],
                               found["performance"] / core["power_w"])
        self.assertAlmostEqual(core["power_w"],
                               core["energy_j"] / core["window_s"])
        self.assertIsNotNone(core["begin_utc"])

    def test_refuse_30_no_efficiency_from_another_window(self):
        found = self.document("--bench", "memory.triad")
        self.assertGreater(found["core_phase"]["window_s"],
                           1.002 * found["core_phase"]["time_s"])
        self.assertIsNone(found["efficiency"])
        self.assertIn("of the core phase", found["efficiency_reason"])

    def test_report_03_core_phase_full_run_and_idle_stand_side_by_side(self):
        found = self.document()
        self.assertGreater(found["full_run"]["window_s"],
                           found["core_phase"]["window_s"])
        self.assertAlmostEqual(found["full_run"]["power_w"],
                               found["core_phase"]["power_w"], delta=5.0)
        self.assertGreater(found["idle"]["power_w"], 0.0)

    def test_report_06_meters_say_their_accuracy_or_undocumented(self):
        meters = self.document()["meters"]
        self.assertEqual([m["accuracy_form"] for m in meters],
                         ["undocumented"] * 3)
        self.assertEqual({m["nodes"] for m in meters}, {2})

    def test_meters_before_the_nodes_reach_level_3_where_they_count(self):
        found = self.document(run_dir=self.metered("external", 0.005))
        levels = {a["aspect"]: a["level"] for a in found["aspects"]}
        self.assertEqual(found["point"], "upstream")
        self.assertIsNone(found["label"])
        self.assertAlmostEqual(found["meters"][0]["accuracy"],
                               3 ** 0.5 * 0.005)
        self.assertEqual(levels, {"1a": 3, "1b": 0, "1c": 3, "2": 3, "3": 0,
                                  "4": 3, "4b": 3})

    def test_refuse_29_controllers_that_state_nothing_reach_no_level(self):
        for u_rel, stated, level in ((0.03, False, 0), (0.01, False, 0),
                                     (0.01, True, 2)):
            found = self.document(run_dir=self.metered("ipmi", u_rel,
                                                       stated=stated))
            levels = {a["aspect"]: a["level"] for a in found["aspects"]}
            self.assertEqual(found["point"], "controller")
            self.assertEqual((levels["4"], levels["4b"]), (1, level))

    def test_report_07_nodes_without_power_are_told_and_extrapolated(self):
        run_dir = self.metered("external", 0.005, nodes=1)
        found = self.document(run_dir=run_dir)
        nodes = found["nodes"]
        self.assertEqual((nodes["ran"], nodes["metered"]), (2, 1))
        self.assertAlmostEqual(nodes["extrapolated_w"], 2 * nodes["metered_w"])
        self.assertEqual(found["aspects"][3]["level"], 0)
        self.assertIsNone(found["efficiency"])
        done = gb.run(["report", str(run_dir), "--green500", "-"])
        self.assertIn("| power of all nodes, extrapolated |", done.out)
        self.assertIn("| how they were chosen | **GAP**", done.out)

    def test_report_07_and_08_nodes_and_subsystems(self):
        found = self.document()
        self.assertEqual(found["nodes"]["ran"], 2)
        self.assertEqual(found["nodes"]["metered"], 2)
        sheet = self.call("report", "--green500", "-").out
        self.assertIn("| included | 2 packages + DRAM", sheet)
        self.assertIn("| not included | DRAM of other packages, GPUs, fans, PSU loss", sheet)
        self.assertIn("| interconnect | **GAP**", sheet)

    def stated(self, text):
        path = pathlib.Path(tempfile.mkdtemp()) / "stated.yaml"
        self.addCleanup(shutil.rmtree, path.parent)
        path.write_text(text)
        return str(path)

    def test_report_08_stated_subsystems_reach_their_level(self):
        run_dir = self.metered("external", 0.005)
        for by, complete, level in (("estimate", "false", 1),
                                    ("estimate", "true", 2),
                                    ("measured", "true", 3)):
            path = self.stated(
                "subsystems:\n- {name: interconnect, power: 80 W, source: sheet,"
                f" by: {by}}}\ncomplete: {complete}\n")
            found = self.document("--stated", path, run_dir=run_dir)
            self.assertEqual(found["aspects"][4]["level"], level)
            self.assertIn("(stated)", found["aspects"][4]["reason"])
            stated, core = found["stated"], found["core_phase"]
            self.assertAlmostEqual(stated["power_w"], core["power_w"] + 80.0)
            self.assertAlmostEqual(stated["efficiency"],
                                   found["performance"] / stated["power_w"])
            # What was measured stands as it was.
            self.assertAlmostEqual(found["efficiency"],
                                   found["performance"] / core["power_w"])

    def test_report_07_stated_choice_and_lambda(self):
        path = self.stated("nodes: {chosen: random, how: seed 4711}\n"
                           "meters: [{meter: external:*, make: Acme, model: P}]")
        run_dir = self.metered("external", 0.005, nodes=1)
        found = self.document("--stated", path, run_dir=run_dir)
        self.assertIsNone(found["nodes"]["lambda"])  # of one node
        self.assertAlmostEqual(found["stated"]["nodes_w"],
                               found["nodes"]["extrapolated_w"])
        sheet = gb.run(["report", str(run_dir), "--green500", "-",
                        "--stated", path]).out
        self.assertIn("| how they were chosen | seed 4711 (stated)", sheet)
        self.assertIn("| Acme P; calibrated: not stated (stated)", sheet)
        self.assertRegex(sheet, r"\(lambda\) \| \*\*GAP\*\*")
        whole = self.call("report", "--green500", "-").out
        self.assertRegex(whole, r"\(lambda\) \| 0 %, 95 % interval: all were")
        self.assertNotIn("(stated) |", whole)

    def test_the_example_of_the_guide_is_taken_as_it_stands(self):
        example = re.search(r"```yaml\n(.*?)```", GUIDE.read_text(), re.S)
        found = self.document("--stated", self.stated(example[1]))["stated"]
        self.assertEqual([part["name"] for part in found["subsystems"]],
                         ["interconnect", "storage"])
        self.assertTrue(found["complete"])
        self.assertAlmostEqual(found["loss"]["efficiency"], 0.94)
        for key in ("chosen", "coolant", "supply"):
            self.assertIsNotNone(found[key], key)

    def test_what_is_stated_wrongly_is_refused_with_its_place(self):
        path = self.stated("subsystems:\n- {name: interconnect, by: guess}\n")
        for args in (["report", "--green500", "-"], ["grade"]):
            done = self.call(*args, "--stated", path, code=2)
            self.assertIn("stated.yaml:2:28: by: expected one of estimate",
                          done.err)
            self.assertEqual(done.out, "")

    def test_the_sheet_marks_its_gaps_and_invents_nothing(self):
        sheet = self.call("report", "--green500", "-").out
        for gap in ("make, model, calibration", "loss of conversion",
                    "temperature of the coolant, and where"):
            self.assertIn(f"| {gap} | **GAP**", sheet)
        for line in sheet.splitlines():
            self.assertNotRegex(line, r"\| (nan|-nan|inf|\(null\))")
            self.assertNotRegex(line, r"^\| [^|]* \|  \|$")

    def test_the_sheet_says_why_a_stated_loss_does_not_apply(self):
        path = self.stated("loss: {by: data_sheet, efficiency: 94%,"
                           " source: sheet}\n")
        sheet = self.call("report", "--green500", "-", "--stated", path).out
        self.assertIn("| loss of conversion | **GAP**: no power of whole "
                      "nodes was measured", sheet)
        self.assertNotIn("nothing tells the loss", sheet)

    def test_without_hpl_it_is_refused_with_a_hint(self):
        plan = self.run_dir / "plan.json"
        text = plan.read_text()
        self.addCleanup(plan.write_text, text)
        plan.write_text(text.replace("compute.hpl", "compute.fma"))
        for args in (["report", "--green500", "-"], ["grade"]):
            done = self.call(*args, code=2)
            self.assertEqual(done.out, "")
            self.assertIn("compute.hpl", done.err)
            self.assertIn("--suite green500", done.err)
        self.call("grade", "--bench", "compute.fma")

    def test_an_unknown_version_is_refused(self):
        for args in (["report", "--green500", "-"], ["grade"]):
            done = self.call(*args, "--methodology", "4.0", code=2)
            self.assertIn("1.2, 2.0 or 3.0-draft", done.err)

    def test_refuse_28_and_31_no_rank_and_no_name_of_others(self):
        for args in (["grade"], ["grade", "--json"],
                     ["report", "--green500", "-"]):
            self.assertIsNone(NEVER.search(self.call(*args).out), args)

    def test_text_is_at_most_80_columns_wide(self):
        for line in self.call("grade").out.splitlines():
            self.assertLessEqual(len(line), 80, line)


if __name__ == "__main__":
    unittest.main()
