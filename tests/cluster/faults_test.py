# SPDX-License-Identifier: Apache-2.0
"""Faults over several nodes: a rank, the launcher or a node dies, a cable is
pulled, a plugin misbehaves on one rank, a signal comes. After each, what was
finished is on disk, `report` reads it, all ends in time, and no process is left
on any node."""
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import unittest

import cluster
import launch

LIMIT_S = 4
PATIENCE_S = 10  # of ranks other than 0
SILENCE_S = 6  # until mpirun gives a silent node up (cluster.MPI)
FIRST = 6  # repetitions of the first benchmark
SUITE = """
name: faults
min_time: 20ms
idle: 0
benchmarks:
  - id: compute.fma
    repeats: {first}
  - id: compute.faulty
    repeats: {second}
"""


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Case(unittest.TestCase):
    """Three nodes, a rank on each; compute.fma, and then compute.faulty."""

    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="gb-faults-")
        cls.addClassCleanup(shutil.rmtree, cls.base, True)
        cls.cluster = None
        cls.addClassCleanup(cls.drop)
        cls.count = 0

    @classmethod
    def drop(cls):
        if cls.cluster is not None:
            cls.cluster.down()
            cls.cluster = None

    def start(self, *options, repeats=6):
        """The run, just begun."""
        if self.cluster is None:
            type(self).cluster = cluster.Cluster(3, shared=[self.base])
            self.cluster.up()
        type(self).count += 1
        suite = pathlib.Path(self.base, f"{self.count}.yaml")
        suite.write_text(SUITE.format(first=FIRST, second=repeats))
        self.launched = launch.Run(
            self.cluster, f"{self.base}/{self.count}", 3,
            [str(suite), *options, "--trial-timeout", f"{LIMIT_S}s"])

    def finished(self):
        """Repetitions on disk of each case."""
        found = [0, 0]
        directory = self.launched.directory()
        if directory is not None and (directory / "records.jsonl").exists():
            text = (directory / "records.jsonl").read_text()
            for line in text.splitlines():
                for case in (0, 1):
                    found[case] += line.startswith(
                        f'{{"record":"repetition","case":{case},')
        return found

    def start_and_wait(self, *options):
        """A run that is in its second benchmark, and far from its end."""
        self.start(*options, repeats=400)
        end = time.monotonic() + 60
        while self.finished()[1] < 5:
            self.assertLess(time.monotonic(), end, self.launched.text())
            time.sleep(0.02)
        return self.finished()[1]

    def check_ends(self, seconds, kept, codes=None):
        """It ends, with nothing left; the first benchmark is whole, and of the
        second there are as many repetitions as there were. The second one's
        result."""
        began = time.monotonic()
        self.assertTrue(self.launched.ends(seconds),
                        f"{self.launched.names()} go on: {self.launched.text()}")
        self.took_s = time.monotonic() - began
        code = self.launched.process.returncode
        if codes is not None:
            self.assertIn(code, codes, self.launched.text())
        self.assertNotEqual(code, 0)
        done = self.launched.report()
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual(result["run"]["status"], "interrupted")
        fma, faulty = result["benchmarks"]
        self.assertTrue(fma["valid"])
        self.assertEqual(fma["time_s"]["n"], FIRST)
        self.assertGreaterEqual(self.finished()[1], kept)
        if faulty["valid"]:
            self.assertEqual(faulty["time_s"]["n"], self.finished()[1])
        return faulty


class Ranks(Case):
    def kill_one(self, node):
        kept = self.start_and_wait()
        (rank,) = self.launched.ranks(node)
        os.kill(rank, signal.SIGKILL)
        self.check_ends(LIMIT_S + PATIENCE_S, kept)
        self.assertLess(self.took_s, LIMIT_S, "mpirun notices by itself")

    def test_rank_0_is_killed(self):
        self.kill_one("n0")

    def test_another_rank_is_killed(self):
        self.kill_one("n1")

    def check_plugin(self, fault, rank, codes):
        self.start("-p", f"compute.faulty.fault={fault}", "-p",
                   f"compute.faulty.rank={rank}")
        return self.check_ends(60, 1, codes)

    def test_a_plugin_crashes_on_one_rank(self):
        self.check_plugin("crash", 1, [128 + signal.SIGSEGV])

    def test_a_plugin_spins_on_one_rank(self):
        faulty = self.check_plugin("spin", 2, [4])
        self.assertEqual(faulty["status"], "ERR_TIMEOUT")

    def test_where_rank_0_is_stopped_the_others_end_the_run(self):
        kept = self.start_and_wait()
        (rank,) = self.launched.ranks("n0")
        os.kill(rank, signal.SIGSTOP)
        self.check_ends(2 * LIMIT_S + PATIENCE_S + 5, kept, [4])
        self.assertRegex(self.launched.text(), r"rank [12]: .* and it goes on")


class Launcher(Case):
    def test_mpirun_is_killed(self):
        kept = self.start_and_wait()
        os.kill(self.launched.mpirun(), signal.SIGKILL)
        self.check_ends(10, kept)

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            with self.subTest(number=number.name):
                kept = self.start_and_wait()
                os.kill(self.launched.mpirun(), number)
                self.check_ends(10, kept)
                self.assertTrue((self.launched.directory()
                                 / "summary.json").exists(), self.launched.text())


class Nodes(Case):
    def tearDown(self):
        self.drop()

    def lose(self, how, node):
        kept = self.start_and_wait()
        getattr(self.cluster, how)(node)
        self.check_ends(SILENCE_S + LIMIT_S + PATIENCE_S, kept)

    def test_a_node_is_cut_off(self):
        self.lose("cut", "n2")

    def test_the_node_of_rank_0_is_cut_off(self):
        self.lose("cut", "n0")

    def test_a_node_loses_power(self):
        self.lose("kill", "n1")

    def test_the_node_of_rank_0_and_of_mpirun_loses_power(self):
        self.lose("kill", "n0")


if __name__ == "__main__":
    reason = cluster.why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
