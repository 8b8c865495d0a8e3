# SPDX-License-Identifier: Apache-2.0
"""The history: runs go in once and whole, whatever happens to who adds them;
trends and gates of them. All runs are copies of one that the program's own
writer made."""
import concurrent.futures
import json
import pathlib
import random
import shutil
import sqlite3
import subprocess
import unittest

import gb
import made_run
import run_schemas

BENCHES = 3
RUNS = 24
STEP = 14  # from this run on everything takes 8 % longer
DAY_NS = 86400 * 10**9


def vary(plain, name, at, slower=1.0, change=lambda record: None):
    """A copy of a run that began `at` days later, with noise on its times."""
    copy = plain.parent / name
    chance = random.Random(name)
    slower *= 1.0 + 0.005 * chance.gauss(0.0, 1.0)

    def noisy(record):
        if record["record"] == "session":
            record["started_utc_ns"] += at * DAY_NS
            record["tool"]["version"] = "0.1.0" if at < STEP else "0.2.0"
        if record["record"] == "repetition":
            factor = slower * (1.0 + 0.003 * chance.gauss(0.0, 1.0))
            record["elapsed_s"] *= factor
            ranks = record["ranks"]
            ranks["elapsed_s"] = [s * factor for s in ranks["elapsed_s"]]
        change(record)
    made_run.copy(plain, copy, noisy)
    return str(copy)


def fails(record):
    if record["record"] == "repetition" and record["case"] == 1:
        record.update(status="ERR_VERIFY", rank=0, what="wrong sum")


class History(made_run.Case):
    MADE = ("plain", 1, BENCHES, 6)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = [vary(cls.plain, f"run-{at:02}", at,
                         1.0 if at < STEP else 1.08) for at in range(RUNS)]
        cls.db = str(cls.folder / "all.db")
        gb.run(["history", "add", *cls.runs, "--db", cls.db])

    def history(self, *args, code=0, db=None):
        done = gb.run(["history", *args, "--db", db or self.db])
        self.assertEqual(done.code, code, str(done))
        return done

    def document(self, schema, *args, code=0):
        document = json.loads(self.history(*args, "--json", code=code).out)
        run_schemas.check(document, schema)
        return document

    def fresh(self, name):
        path = self.folder / name
        for file in self.folder.glob(name + "*"):
            file.unlink()
        return str(path)

    # --- add and list -------------------------------------------------------

    def test_a_run_is_there_once(self):
        db = self.fresh("once.db")
        self.assertIn("2 runs added",
                      self.history("add", *self.runs[:2], db=db).out)
        done = self.history("add", *self.runs[:3], db=db)
        self.assertIn("1 run added, 2 already there", done.out)
        listed = json.loads(self.history("list", "--json", db=db).out)
        self.assertEqual([run["id"] for run in listed["runs"]],
                         ["run-00", "run-01", "run-02"])

    def test_the_list_says_what_each_run_was(self):
        runs = self.document("history_list", "list")["runs"]
        self.assertEqual(len(runs), RUNS)
        self.assertEqual(runs[0]["path"], self.runs[0])
        self.assertEqual((runs[0]["benchmarks"], runs[0]["failed"]),
                         (BENCHES, 0))
        self.assertIn("EPYC", runs[0]["system"])
        text = self.history("list").out
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertIn("run-23", text)

    def test_a_bad_run_directory_stops_and_what_was_before_it_stays(self):
        db = self.fresh("bad.db")
        done = self.history("add", self.runs[0], "/nowhere", self.runs[1],
                            code=2, db=db)
        self.assertIn("1 run added", done.out)
        self.assertIn("/nowhere", done.err)

    # --- who is killed ------------------------------------------------------

    def check_whole(self, db, names):
        """Every run is in all tables or in none, and the rest can be added."""
        connection = sqlite3.connect(db)
        self.assertEqual(
            connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(
            connection.execute("PRAGMA foreign_key_check").fetchall(), [])
        made = connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        counts = [] if not made else connection.execute(
            "SELECT (SELECT count(*) FROM snapshot WHERE run = run.id),"
            " (SELECT count(*) FROM result WHERE run = run.id)"
            " FROM run").fetchall()
        connection.close()
        self.assertEqual(set(counts) - {(1, BENCHES)}, set())
        self.history("add", *names, db=db)
        listed = json.loads(self.history("list", "--json", db=db).out)
        self.assertEqual(len(listed["runs"]), len(names))
        return len(counts)

    def traced(self, db, *options):
        return subprocess.run(
            ["strace", "-qq", *options, gb.BIN, "history", "add",
             *self.runs[:3], "--db", db], env=gb.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=60, check=False)

    @unittest.skipUnless(shutil.which("strace"), "no strace")
    def test_a_killed_add_is_whole_or_absent(self):
        """SIGKILL at each of ten writes from the first to the last, of the
        tables, the runs and their journals."""
        log = self.folder / "writes"
        done = self.traced(self.fresh("counted.db"), "-o", str(log),
                           "-e", "trace=pwrite64")
        if done.returncode != 0:
            self.skipTest(f"strace does not run here: {done.stderr}")
        writes, kept = len(log.read_text().splitlines()), set()
        for step in range(10):
            db = self.fresh("killed.db")
            done = self.traced(
                db, "-o", "/dev/null", "-e",
                f"inject=pwrite64:signal=SIGKILL:when={1 + step * (writes - 1) // 9}")
            self.assertNotIn("added", done.stdout, "it was not killed")
            kept.add(self.check_whole(db, self.runs[:3]))
        self.assertLessEqual({0, 1, 2}, kept)

    def test_writers_at_once_lose_nothing(self):
        db = self.fresh("several.db")
        parts = [self.runs[0:8], self.runs[4:12], self.runs[8:16],
                 self.runs[0:16]]
        with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:
            done = list(pool.map(
                lambda part: gb.run(["history", "add", *part, "--db", db]),
                parts))
        for one in done:
            self.assertEqual(one.code, 0, str(one))
        self.assertEqual(self.check_whole(db, self.runs[:16]), 16)

    # --- versions -----------------------------------------------------------

    def test_a_file_of_version_1_is_brought_up(self):
        db = self.fresh("old.db")
        failed = vary(self.plain, "run-failed", 3, change=fails)
        self.history("add", self.runs[0], failed, db=db)
        old = sqlite3.connect(db)
        version = old.execute("PRAGMA user_version").fetchone()[0]
        self.assertEqual(version, 2)
        # As version 1 had it.
        old.executescript("DROP INDEX run_by_system;"
                          "ALTER TABLE run DROP COLUMN benchmarks;"
                          "ALTER TABLE run DROP COLUMN failed;"
                          "PRAGMA user_version = 1;")
        old.close()
        listed = json.loads(self.history("list", "--json", db=db).out)["runs"]
        self.assertEqual([(run["benchmarks"], run["failed"]) for run in listed],
                         [(BENCHES, 0), (BENCHES, 1)])
        self.assertEqual(
            sqlite3.connect(db).execute("PRAGMA user_version").fetchone()[0], 2)

    def test_what_is_no_history_is_refused_and_left_alone(self):
        newer = self.fresh("newer.db")
        self.history("add", self.runs[0], db=newer)
        connection = sqlite3.connect(newer)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
        other = self.fresh("other.db")
        connection = sqlite3.connect(other)
        connection.execute("CREATE TABLE theirs (x)")
        connection.close()
        text = self.fresh("text.db")
        pathlib.Path(text).write_text("not a database, but quite long\n" * 99)
        for db, words in ((newer, "a newer greenbench wrote it"),
                          (other, "a database of another program"),
                          (text, "expected a history")):
            before = pathlib.Path(db).read_bytes()
            for args in (["list"], ["add", self.runs[1]]):
                done = self.history(*args, code=2, db=db)
                self.assertIn(words, done.err)
            self.assertEqual(pathlib.Path(db).read_bytes(), before)
        done = self.history("trend", code=2, db=str(self.folder / "none.db"))
        self.assertIn("history add", done.err)

    # --- trend --------------------------------------------------------------

    def test_a_trend_tells_where_it_changed_and_what_else_did(self):
        trends = self.document("trend", "trend", "memory.*")["trends"]
        self.assertEqual([t["metric"] for t in trends],
                         ["performance", "efficiency"])
        rate = trends[0]
        self.assertEqual(len(rate["points"]), RUNS)
        self.assertEqual(len(rate["changes"]), 1)
        change = rate["changes"][0]
        self.assertEqual((change["run"], change["verdict"]),
                         (f"run-{STEP:02}", "worse"))
        self.assertAlmostEqual(change["relative"], 1 / 1.08 - 1, delta=0.01)
        summary = json.loads(gb.run(["report", self.runs[5], "--json"]).out)
        self.assertEqual(rate["points"][5]["value"],
                         gb.bench(summary, "memory.triad")["performance"]
                         ["value"])
        done = self.history("trend")
        self.assertIn("greenbench 0.2.0, before it 0.1.0",
                      " ".join(done.out.split()))
        for line in done.out.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_systems_are_series_of_their_own(self):
        db = self.fresh("systems.db")
        self.history("add", *self.runs[:2], "--system", "a", db=db)
        self.history("add", self.runs[2], "--system", "b", db=db)
        trends = json.loads(self.history("trend", "compute.fma", "--json",
                                         "--metric", "power", db=db).out)
        self.assertEqual([(t["system"], len(t["points"]))
                          for t in trends["trends"]], [("a", 2), ("b", 1)])
        self.assertEqual(trends["trends"][0]["meters"],
                         "simulated: 2 packages + DRAM of 1")

    # --- gate ---------------------------------------------------------------

    def test_a_gate_says_what_compare_says(self):
        gate = self.document("gate", "gate", self.runs[STEP], code=1)
        self.assertEqual([one["run"] for one in gate["references"]],
                         [f"run-{STEP - 1 - at:02}" for at in range(3)])
        ratios = {}
        for at, reference in enumerate(gate["references"]):
            compared = json.loads(gb.run(
                ["compare", self.runs[STEP - 1 - at], self.runs[STEP],
                 "--json"]).out)["comparisons"][0]
            self.assertEqual(reference["verdicts"], compared["verdicts"])
            for bench in compared["benchmarks"]:
                for metric in bench["metrics"]:
                    ratios.setdefault((bench["id"], metric["metric"]),
                                      []).append(metric["ratio"])
        worse = {(found["benchmark"], found["metric"]): found
                 for found in gate["worse"]}
        self.assertIn(("memory.triad", "performance"), worse)
        for key, found in worse.items():
            # To the last digit: what was stored is what was read.
            self.assertEqual((found["ratio_least"], found["ratio_most"]),
                             (min(ratios[key]), max(ratios[key])), key)

    def test_a_gate_opens_for_an_equal_run_without_its_directory(self):
        db, moved = self.fresh("gone.db"), self.folder / "moved"
        gone = vary(self.plain, "gone", 1)
        self.history("add", gone, db=db)
        shutil.move(gone, moved)
        done = self.history("gate", self.runs[5], db=db)
        self.assertIn("nothing is worse", done.out)
        self.assertIn("against   gone", done.out)
        self.history("gate", self.runs[STEP], "--reference", "gone", code=1,
                     db=db)
        self.history("gate", self.runs[STEP], "--metric", "power", db=db)
        self.history("gate", self.runs[STEP], "--margin", "20%", db=db)

    def test_only_good_runs_are_references(self):
        db = self.fresh("good.db")
        failed = vary(self.plain, "bad-one", 2, change=fails)
        self.history("add", self.runs[0], failed, self.runs[3], db=db)
        gate = json.loads(self.history("gate", self.runs[5], "--json",
                                       db=db).out)
        self.assertEqual([one["run"] for one in gate["references"]],
                         ["run-03", "run-00"])
        now = vary(self.plain, "fails-now", 9, change=fails)
        done = self.history("gate", now, code=1, db=db)
        self.assertRegex(done.out, r"FAILED +memory\.triad: it failed")

    def test_without_a_reference_a_gate_is_no_verdict(self):
        done = self.history("gate", self.runs[0], code=2)
        self.assertIn("before this one, found none", done.err)
        done = self.history("gate", self.runs[9], "--system", "another", code=2)
        self.assertIn("'another'", done.err)
        done = self.history("gate", self.runs[9], "--reference", "x", code=2)
        self.assertIn("history list", done.err)

    def test_mistakes_say_what_was_expected(self):
        for args, words in (
                (["add"], "expected run directories"),
                (["gate"], "expected a run directory"),
                (["gate", self.runs[0], "--last", "0"], "a number from 1"),
                (["trend", "--metric", "edp"], "expected performance, power"),
                (["trend", "no.such"], "expected a benchmark of the history")):
            self.assertIn(words, self.history(*args, code=2).err)


if __name__ == "__main__":
    gb.main()
