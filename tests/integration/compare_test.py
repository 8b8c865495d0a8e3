# SPDX-License-Identifier: Apache-2.0
"""`compare` on stored runs. The program's own writer makes a run in which
nothing varies; copies of it get noise, and what is to be found."""
import json
import os
import pathlib
import pty
import random
import re
import subprocess
import tempfile
import unittest

import gb
import made_run
import run_schemas

REPETITIONS = 10


class Compare(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.plain = made_run.make(self.folder, "plain", 1, 3, REPETITIONS)

    def vary(self, name, seed, change=lambda record: None, power=1.0):
        """A copy of the plain run with 0.3 % of noise on every time; `change`
        is called with each record, `power` scales what the meters counted."""
        copy = self.folder / name
        chance = random.Random(seed)

        def noisy(record):
            if record["record"] == "repetition":
                stretch(record, 1.0 + 0.003 * chance.gauss(0.0, 1.0))
            change(record)
        made_run.copy(self.plain, copy, noisy)
        if power != 1.0:
            head, *rows = (copy / "samples").read_text().splitlines()
            cells = [row.split(",") for row in rows]
            for row in cells:
                row[4] = str(round(int(row[4]) * power))
            (copy / "samples").write_text(
                "\n".join([head, *map(",".join, cells)]) + "\n")
        return str(copy)

    def compare(self, *args, code, env=None):
        done = gb.run(["compare", *args], env=env)
        self.assertEqual(done.code, code, str(done))
        return done

    def document(self, *args, code):
        document = json.loads(self.compare(*args, "--json", code=code).out)
        run_schemas.check(document, "compare")
        return document

    def test_the_same_machine_twice_is_equivalent(self):
        a, b = self.vary("a", 1), self.vary("b", 2)
        document = self.document(a, b, code=0)
        found = document["comparisons"][0]
        self.assertEqual(len(found["benchmarks"]), 3)
        self.assertEqual(found["verdicts"]["equivalent"], 18)
        self.assertEqual(found["differences"], [])
        self.assertFalse(document["regression"])
        # One kind of meter on one type of node: what it may be off by cancels.
        power = metric(found, 0, "power")
        self.assertEqual(power["unit"], "W")
        self.assertAlmostEqual(power["base"]["value"], 210.0, delta=0.5)
        self.assertLess(power["meters_u_rel"], 1e-6)

    def test_a_slower_benchmark_is_found_and_told_as_exit_code(self):
        a = self.vary("a", 1)
        b = self.vary("b", 2, slow_first)
        found = self.document(a, b, code=1)["comparisons"][0]
        self.assertEqual(metric(found, 0, "performance")["verdict"], "worse")
        self.assertAlmostEqual(metric(found, 0, "performance")["ratio"], 0.9,
                               delta=0.01)
        self.assertEqual(metric(found, 0, "time")["verdict"], "worse")
        self.assertEqual(metric(found, 1, "performance")["verdict"],
                         "equivalent")
        # The other way round it is an improvement.
        found = self.document(b, a, code=0)["comparisons"][0]
        self.assertEqual(metric(found, 0, "performance")["verdict"], "better")

    def test_more_power_shows_as_energy(self):
        a, b = self.vary("a", 1), self.vary("b", 2, power=1.08)
        found = self.document(a, b, code=1)["comparisons"][0]
        for name in ("power", "energy", "efficiency", "edp"):
            self.assertEqual(metric(found, 0, name)["verdict"], "worse", name)
        self.assertEqual(metric(found, 0, "performance")["verdict"],
                         "equivalent")
        self.compare(a, b, "--metric", "performance,time", code=0)
        self.compare(a, b, "--metric", "power", code=1)
        self.compare(a, b, "--margin", "10%", code=0)

    def test_each_new_has_its_table_in_80_columns(self):
        a, b = self.vary("a", 1), self.vary("b", 2)
        c = self.vary("c", 3, slow_first)
        done = self.compare(a, b, c, code=1)
        self.assertEqual(done.err, "")
        self.assertEqual(done.out.count("verdicts"), 2)
        self.assertRegex(done.out, r"performance +1\.0\d\d Tflop/s +9\d\d\.\d "
                                   r"Gflop/s +0\.\d+ +0\.\d+\.\.0\.\d+ +worse")
        for line in done.out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertNotIn("\x1b", done.out)

    def test_colours_are_for_terminals_that_want_them(self):
        args = [gb.BIN, "compare", self.vary("a", 1),
                self.vary("b", 2, slow_first)]
        for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            text = on_terminal(args, env)
            self.assertIn("worse", text)
            self.assertEqual("\x1b[" in text, coloured)

    def test_markdown_shows_what_changed_first(self):
        a, b = self.vary("a|b", 1), self.vary("b", 2, slow_first)
        path = self.folder / "out.md"
        self.compare(a, b, "--markdown", str(path), code=1)
        text = path.read_text()
        changed, everything = text.split("<details>")
        self.assertIn("**worse**", changed)
        self.assertNotIn("| equivalent", changed)
        self.assertIn("| equivalent", everything)
        self.assertIn("a\\|b", changed)
        self.assertEqual(
            self.compare(a, b, "--markdown", "-", code=1).out, text)

    def test_energy_of_another_quality_is_refused(self):
        def measured(record):
            for node in record.get("nodes", []):
                for domain in node.get("domains", []):
                    if domain["quality"] == "simulated":
                        domain["quality"] = "measured"
        a, b = self.vary("a", 1), self.vary("b", 2, measured)
        done = self.compare(a, b, code=2)
        self.assertRegex(done.out, r"refused +energy is simulated in BASE and "
                                   r"measured in NEW")
        self.assertIn("--metric", done.err)
        self.compare(a, b, "--metric", "performance", code=0)

    def test_a_benchmark_that_fails_now_is_a_regression(self):
        def fails(record):
            if record["record"] == "repetition" and record["case"] == 1:
                record.update(status="ERR_VERIFY", rank=0, what="wrong sum")
        a, b = self.vary("a", 1), self.vary("b", 2, fails)
        done = self.compare(a, b, code=1)
        self.assertRegex(done.out, r"FAILED +NEW failed: .*wrong sum")
        self.assertIn("1 benchmark failed", done.out)
        self.assertRegex(self.compare(a, b, "--markdown", "-", code=1).out,
                         r"(?m)^- failed: NEW failed: .*memory\.triad")

    def test_runs_without_anything_in_common_are_not_comparable(self):
        a = self.vary("a", 1)
        b = self.vary("b", 2)
        plan = pathlib.Path(b) / "plan.json"
        text = plan.read_text()
        for name in ("compute.fma", "memory.triad", "compute.dgemm"):
            text = text.replace(name, name + "2")
        plan.write_text(text)
        done = self.compare(a, b, code=2)
        self.assertIn("nothing in common", done.out)
        self.assertRegex(done.out, r"differs +only BASE has: compute\.dgemm")

    def test_interleaved_runs_are_compared_as_pairs(self):
        runs = []
        for at in range(6):
            def drift(record, at=at):
                if record["record"] == "session":
                    record["started_utc_ns"] += at * 10**9
                if record["record"] == "repetition":
                    stretch(record, (1.0 + 0.05 * (at // 2)) *
                            (1.06 if at % 2 else 1.0))
            runs.append(self.vary(f"r{at}", at, drift))
        found = self.document("--interleaved", *runs, code=1)
        self.assertEqual(found["interleaved"], 3)
        rate = metric(found["comparisons"][0], 0, "performance")
        self.assertEqual((rate["method"], rate["base"]["n"]), ("paired", 3))
        self.assertAlmostEqual(rate["ratio"], 1 / 1.06, delta=0.005)
        runs[0], runs[1] = runs[1], runs[0]
        done = self.compare("--interleaved", *runs, code=2)
        self.assertIn("in the order in which they began", done.err)

    def test_mistakes_say_what_was_expected(self):
        a = str(self.plain)
        for args, words in (
                ([a], "expected two run directories or more, got 1"),
                ([a, a + "-none"], "cannot open"),
                ([a, a, "--metric", "speed"],
                 "--metric: expected one of performance, time, power, energy, "
                 "efficiency, edp, got 'speed'"),
                ([a, a, "--margin", "80"], "--margin: expected a percentage"),
                (["--interleaved", a, a], "at least two pairs")):
            done = self.compare(*args, code=2)
            self.assertEqual(done.out, "")
            self.assertIn(words, done.err)

    def test_a_run_against_itself_says_so(self):
        done = self.compare(str(self.plain), str(self.plain), code=0)
        self.assertIn("both are the run plain", done.out)


def stretch(record, factor):
    record["elapsed_s"] *= factor
    ranks = record["ranks"]
    ranks["elapsed_s"] = [s * factor for s in ranks["elapsed_s"]]


def slow_first(record):
    if record["record"] == "repetition" and record["case"] == 0:
        stretch(record, 1 / 0.9)


def metric(comparison, bench, name):
    found = [m for m in comparison["benchmarks"][bench]["metrics"]
             if m["metric"] == name]
    assert len(found) == 1, f"{name}: found {len(found)}"
    return found[0]


def on_terminal(command, env):
    """What a terminal would be sent."""
    ours, theirs = pty.openpty()
    environment = gb.environment(env)
    if "NO_COLOR" not in env:
        environment.pop("NO_COLOR", None)
    environment["TERM"] = "xterm"
    process = subprocess.Popen(command, stdout=theirs, env=environment)
    os.close(theirs)
    text = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:  # Linux says so at the end
            break
        if not block:
            break
        text += block
    os.close(ours)
    process.wait(timeout=60)
    return re.sub(r"\r\n", "\n", text.decode())


if __name__ == "__main__":
    gb.main()
