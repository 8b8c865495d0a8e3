# SPDX-License-Identifier: Apache-2.0
"""Slurm on the virtual cluster: salloc with mpirun, srun with PMIx, sbatch with
our script, and the signal before the time limit."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import cluster
import slurm

BIN = pathlib.Path(os.environ.get("GB_BIN")
                   or cluster.find_binary("greenbench"))
SCRIPT = cluster.ROOT / "scripts" / "greenbench.sbatch"
SHORT = ["-b", "memory.read", "--repeats", "2", "--min-time", "50ms",
         "--idle", "0"]
REASON = cluster.why_not() or slurm.why_not()


@unittest.skipIf(REASON, REASON)
class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="gb-slurm-"))
        cls.cluster = cls.enterClassContext(
            cluster.Cluster(2, shared=[cls.base], with_slurm=True))

    def setUp(self):
        self.output = tempfile.mkdtemp(dir=self.base)

    def start(self, *argv, code=0):
        """On a node's shell, as a user would type it."""
        done = self.cluster.run(
            argv, env={"PATH": f"{BIN.parent}:{os.environ['PATH']}"},
            capture_output=True, text=True, timeout=150)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def summary(self):
        (run,) = pathlib.Path(self.output).glob("20*")
        return run, json.loads((run / "summary.json").read_text())

    def check(self, ranks):
        run, summary = self.summary()
        found = summary["run"]
        self.assertEqual((found["ranks"], found["nodes"]), (ranks, 2))
        self.assertRegex(found["scheduler"],
                         r"^slurm job \d+, queue test, nodes n\[0-1\]$")
        job = found["job"]
        self.assertEqual((job["system"], job["queue"], job["nodes"]),
                         ("slurm", "test", "n[0-1]"))
        self.assertEqual(found["scheduler"].split()[2], job["id"] + ",")
        self.assertTrue(run.name.endswith("-" + job["id"]), run.name)
        (bench,) = summary["benchmarks"]
        self.assertTrue(bench["valid"], bench)
        self.assertEqual([row["node"] for row in bench["per_node"]],
                         ["n0", "n1"])
        for node in summary["system"]["nodes"]:
            self.assertEqual(len(node["rank_cpus"]), ranks // 2)
            self.assertTrue(all(node["rank_cpus"]), node["rank_cpus"])

    def test_salloc_and_mpirun(self):
        self.start("salloc", "-N2", "-n4", "mpirun", "greenbench", *SHORT, "-o",
                   self.output)
        self.check(4)

    def test_srun_with_pmix(self):
        self.start("srun", "--mpi=pmix", "-N2", "-n4", "greenbench", *SHORT,
                   "-o", self.output)
        self.check(4)

    def test_sbatch_with_our_script(self):
        self.start("sbatch", "--wait", "-N2", "-n4", "-t", "5", "-o",
                   f"{self.output}/log", str(SCRIPT), *SHORT, "-o",
                   self.output)
        self.check(4)

    def test_the_signal_before_the_time_limit_keeps_what_is_finished(self):
        """A limit of one minute, the signal 46 s before it: late enough that
        a slow machine has begun to measure."""
        log = pathlib.Path(self.output, "log")
        begin = time.monotonic()
        self.start("sbatch", "--wait", "-N2", "-n2", "-t", "1",
                   "--signal=TERM@46", "-o", str(log), str(SCRIPT), "-b",
                   "memory.read,memory.copy", "--repeats", "5000", "--min-time",
                   "50ms", "--idle", "0", "-o", self.output, code=4)
        self.assertLess(time.monotonic() - begin, 58, "it ran to the limit")
        run, summary = self.summary()
        self.assertEqual(summary["run"]["status"], "interrupted")
        self.assertGreater(summary["benchmarks"][0]["performance"]["n"], 0,
                           log.read_text())
        again = subprocess.run([BIN, "report", run], capture_output=True,
                               text=True, check=False)
        self.assertIn("INTERRUPTED", again.stdout)


if __name__ == "__main__":
    if REASON:
        print(f"skipped: {REASON}")
        sys.exit(77)
    unittest.main(verbosity=2)
