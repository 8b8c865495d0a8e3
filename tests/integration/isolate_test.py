# SPDX-License-Identifier: Apache-2.0
"""--isolate: a plugin that crashes, exits or hangs costs its own trial, and the
suite goes on: alone wherever it happens, under mpirun where it shows before."""
import pathlib
import signal
import subprocess
import time

import gb

SUITE = ["-b", "compute.fma,compute.faulty,memory.copy", "--repeats", "6",
         "--min-time", "20ms", "--idle", "0", "--isolate"]
BURST = str(pathlib.Path(gb.TEST_PLUGINS).parent / "burst")


class Case(gb.Case):
    def lose(self, fault, *more, ranks=None, code=1):
        """The suite with that fault in its middle; its summary."""
        done = self.run_ok([*SUITE, "-p", f"compute.faulty.fault={fault}",
                            "--plugin-path", gb.TEST_PLUGINS, *more], ranks,
                           code=code)
        return gb.summary(gb.only_run_dir(self.output))

    def check_lost(self, result, status, words):
        self.assertEqual(result["run"]["status"], "complete")
        for name in ("compute.fma", "memory.copy"):
            self.assertTrue(gb.bench(result, name)["valid"], name)
            self.assertEqual(gb.bench(result, name)["performance"]["n"], 6)
        faulty = gb.bench(result, "compute.faulty")
        self.assertFalse(faulty["valid"])
        self.assertEqual(faulty["status"], status)
        self.assertIn(words, faulty["reason"])
        self.assertIn("plugin.lost", [w["code"] for w in result["warnings"]])
        return faulty


class Alone(Case):
    def test_a_crash_in_a_timed_call_costs_its_trial(self):
        result = self.lose("crash")
        self.check_lost(result, "ERR_CRASHED", "signal 11 (Segmentation fault) "
                        "ended its process during a")
        self.assertEqual(len(result["run"]["launches"]), 2)
        # What was finished before is kept, not repeated.
        before, after = (gb.bench(result, name)["launch_raw"]
                         for name in ("compute.fma", "memory.copy"))
        self.assertEqual((len(set(before)), len(set(after))), (1, 1))
        self.assertNotEqual(before[0], after[0])

    def test_so_does_one_before_anything_is_measured(self):
        self.check_lost(self.lose("clumsy"), "ERR_CRASHED", "during verifying")

    def test_so_does_exit(self):
        self.check_lost(self.lose("exit"), "ERR_CRASHED", "a call of exit()")

    def test_so_does_a_hang(self):
        self.check_lost(self.lose("hang", "--trial-timeout", "6s"),
                        "ERR_TIMEOUT", "expected a timed call to take 6 s")

    def test_nothing_changes_where_nothing_crashes(self):
        result = self.lose("none", code=0)
        self.assertEqual(len(result["run"]["launches"]), 1)
        self.assertEqual(result["warnings"] and [
            w for w in result["warnings"] if w["code"] == "plugin.lost"], [])

    def test_a_plugin_that_crashes_when_it_is_loaded_is_refused(self):
        run = ["--repeats", "2", "--min-time", "5ms", "--idle", "0",
               "--isolate", "--plugin-path", BURST]
        done = self.run_ok(["-b", "compute.fma", *run])
        self.assertIn("compute.burst.so': signal 11 (Segmentation fault) ended "
                      "its process during loading it", done.err)
        done = self.run_ok(["-b", "compute.burst", *run], code=2)
        self.assertIn("'compute.burst' cannot be used", done.err)

    def test_a_signal_ends_both_and_keeps_what_is_finished(self):
        process = subprocess.Popen(
            gb.command(["-b", "compute.fma", "--repeats", "500", "--min-time",
                        "20ms", "--idle", "0", "--isolate", "-o", self.output]),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=gb.environment())
        self.addCleanup(process.kill)
        end = time.monotonic() + 30
        while not list(pathlib.Path(self.output).glob("*/records.jsonl")):
            self.assertLess(time.monotonic(), end, "no records")
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 4, out + err)
        result = gb.summary(gb.only_run_dir(self.output))
        self.assertEqual(result["run"]["status"], "interrupted")


@gb.needs_mpi
class Ranks(Case):
    def test_what_crashes_when_it_is_tried_is_left_out(self):
        result = self.lose("clumsy", ranks=2)
        self.check_lost(result, "ERR_CRASHED", "during verifying")
        self.assertEqual(len(result["run"]["launches"]), 1)

    def test_a_plugin_that_crashes_when_it_is_loaded_is_refused(self):
        done = self.run_ok(["-b", "compute.fma", "--repeats", "2", "--min-time",
                            "5ms", "--idle", "0", "--isolate", "--plugin-path",
                            BURST], 2)
        self.assertIn("ended its process during loading it", done.err)


if __name__ == "__main__":
    gb.main()
