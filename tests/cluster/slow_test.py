# SPDX-License-Identifier: Apache-2.0
"""What is slow on the virtual cluster is named: the link between two nodes, a
node's own link, and a node whose processor is throttled."""
import contextlib
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

import cluster
import launch
import limits

IDLE = ["--idle", "0", "--energy", "none"]
PAIRS = ["-b", "network.pingpong", "-p", "network.pingpong.rounds=all",
         "--min-time", "10ms", *IDLE]
DELAY_S = 0.01


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Case(unittest.TestCase):
    NODES = 4

    @classmethod
    def setUpClass(cls):
        if cls is Case:
            raise unittest.SkipTest("what the others share")
        cls.base = tempfile.mkdtemp(prefix="gb-slow-")
        cls.addClassCleanup(shutil.rmtree, cls.base, True)
        cls.cluster = cls.enterClassContext(cluster.Cluster(
            cls.NODES, shared=[cls.base]))
        cls.count = 0

    def start(self, *options):
        type(self).count += 1
        return launch.Run(self.cluster, f"{self.base}/{self.count}",
                          self.NODES, options)

    def finish(self, run):
        """Its one benchmark, and its warnings by code."""
        self.assertTrue(run.ends(100), run.text())
        self.assertEqual(run.process.returncode, 0, run.text())
        summary = json.loads(
            pathlib.Path(run.directory(), "summary.json").read_text())
        (bench,) = summary["benchmarks"]
        return bench, {w["code"]: w["what"] for w in summary["warnings"]}


class Links(Case):
    """Four nodes: six pairs of them, which meet in three rounds. A repetition
    that was too short is done again, with other partners: with few of them a
    pair may meet once, which says nothing."""

    def pairs(self):
        run = self.start(*PAIRS, "--repeats", "12")
        bench, warnings = self.finish(run)
        pairs = bench["variability"]["pairs"]
        self.assertEqual(pairs["time_s"]["n"], 6)
        self.assertIsNone(pairs["time_s"]["unjudged"])
        self.assertEqual(bench["notes"]["rounds"], "3 of 3")
        return pairs, warnings, run

    def test_the_slow_pair_is_named_and_no_other(self):
        self.cluster.shape("n1", delay_s=DELAY_S, peer="n3")
        self.addCleanup(self.cluster.shape, "n1")
        pairs, warnings, run = self.pairs()
        self.assertEqual([slow["nodes"] for slow in pairs["slow"]],
                         [["n1", "n3"]], pairs)
        (slow,) = pairs["slow"]
        self.assertGreaterEqual(slow["repetitions"], 2)
        # There and back.
        self.assertGreater(slow["time_s"], 2 * DELAY_S)
        self.assertLess(pairs["time_s"]["median"], 2 * DELAY_S)
        self.assertIn("1 of 6 pairs of nodes are slow", warnings["pair.outlier"])
        self.assertIn("n1 and n3", warnings["pair.outlier"])
        self.assertIn("n1 and n3", " ".join(run.text().split()))


class Node(Case):
    """Six nodes of a quarter of a core each, which every machine of two can
    give them, so that they are alike however many there are; but for one of a
    twenty-fifth."""
    NODES = 6
    OTHERS = 0.25

    def test_a_throttled_node_is_named_and_no_other(self):
        with contextlib.ExitStack() as stack:
            try:
                groups = {name: stack.enter_context(limits.Group("cpu"))
                          for name in self.cluster.names}
                for name, group in groups.items():
                    group.limit_cpu(0.04 if name == "n4" else self.OTHERS)
            except limits.Unavailable as error:
                self.skipTest(str(error))
            run = self.start("-b", "compute.fma", "--repeats", "5",
                             "--min-time", "30ms", *IDLE)
            for name, group in groups.items():
                while not (ranks := run.ranks(name)):
                    self.assertIsNone(run.process.poll(), run.text())
                group.procs.write_text(str(ranks[0]))
            bench, warnings = self.finish(run)
        performance = [row["performance"] for row in bench["per_node"]]
        slow = [o for o in bench["variability"]["outliers"]
                if o["quantity"] == "performance" and o["relative"] < 0]
        self.assertEqual([o["node"] for o in slow], ["n4"], performance)
        self.assertLess(slow[0]["relative"], -0.2)
        self.assertIn("n4 -", warnings["node.outlier"])


if __name__ == "__main__":
    reason = cluster.why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
