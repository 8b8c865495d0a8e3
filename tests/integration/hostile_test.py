# SPDX-License-Identifier: Apache-2.0
"""A plugin that hangs, crashes, exits or returns nonsense: what was finished is
kept, nothing hangs, nothing is left running, the exit code says so."""
import json
import subprocess
import time
import unittest

import gb


class Hostile(gb.Case):
    def misbehave(self, fault, ranks, *more):
        """compute.fma, and then compute.faulty; how it ended."""
        began = time.monotonic()
        done = gb.run(["-b", "compute.fma,compute.faulty", "-p",
                       f"compute.faulty.fault={fault}", *more, "--repeats",
                       "6", "--min-time", "20ms", "--idle", "0", "-o",
                       self.output], ranks,
                      {"GREENBENCH_PLUGIN_PATH": gb.TEST_PLUGINS})
        self.assertLess(time.monotonic() - began, 30, str(done))
        left = subprocess.run(["pgrep", "-f", self.output],
                              capture_output=True, text=True)
        self.assertEqual(left.stdout, "", "left running")
        return done

    def check_kept(self, done):
        """The first benchmark is whole, and `report` reads the run."""
        run_dir = gb.only_run_dir(self.output)
        report = gb.run(["report", str(run_dir), "--json"])
        self.assertEqual(report.code, 0, f"{done}\n{report}")
        result = json.loads(report.out)
        self.assertEqual(result["run"]["status"], "interrupted")
        fma = gb.bench(result, "compute.fma")
        self.assertTrue(fma["valid"])
        self.assertEqual(fma["performance"]["n"], 6)
        return gb.bench(result, "compute.faulty")

    def test_a_hanging_call_ends_the_run_with_what_is_finished(self):
        for ranks in (None, 2) if gb.MPIEXEC else (None,):
            with self.subTest(ranks=ranks):
                self.setUp()
                done = self.misbehave("hang", ranks, "--trial-timeout", "2s")
                self.assertEqual(done.code, 4, str(done))
                self.assertIn("expected a timed call to take 2 s at most",
                              done.err)
                faulty = self.check_kept(done)
                self.assertFalse(faulty["valid"])
                self.assertEqual(faulty["status"], "ERR_TIMEOUT")
                self.assertIn("2 s at most", faulty["reason"])

    def test_a_long_call_within_its_limit_is_left_alone(self):
        done = self.misbehave("none", None, "--trial-timeout", "20s")
        self.assertEqual(done.code, 0, str(done))

    def test_a_rank_that_dies_leaves_what_was_finished(self):
        for fault in ("crash", "kill", "exit"):
            for ranks in (None, 2) if gb.MPIEXEC else (None,):
                with self.subTest(fault=fault, ranks=ranks):
                    self.setUp()
                    done = self.misbehave(fault, ranks)
                    faulty = self.check_kept(done)
                    # Its own first repetitions were good.
                    self.assertGreaterEqual(faulty["time_s"]["n"], 1)
                    self.assertNotEqual(done.code, 0, str(done))
                    if fault == "exit":
                        self.assertEqual(done.code, 5, str(done))
                        self.assertIn("something called exit()", done.err)

    def test_a_rate_that_is_no_number_fails_its_trial_alone(self):
        done = self.misbehave("nan", None)
        self.assertEqual(done.code, 1, str(done))
        result = gb.summary(gb.only_run_dir(self.output))
        faulty = gb.bench(result, "compute.faulty")
        self.assertFalse(faulty["valid"])
        self.assertIn("expected work.done finite", faulty["reason"])
        self.assertTrue(gb.bench(result, "compute.fma")["valid"])


if __name__ == "__main__":
    gb.main()
