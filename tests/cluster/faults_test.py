# SPDX-License-Identifier: Apache-2.0
"""Faults over several nodes: a rank, the launcher or a node dies, a cable is
pulled, a plugin misbehaves on one rank, a disk is full, a signal comes. After
each, what was finished is on disk, `report` reads it, all ends in time, and no
process is left on any node."""
import concurrent.futures
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import cluster
import launch
import limits

LIMIT_S = 4
PATIENCE_S = 10  # of ranks other than 0
SILENCE_S = 6  # until mpirun gives a silent node up (cluster.MPI)
FIRST = 6  # repetitions of the first benchmark
SECOND = 150  # of one that a fault meets, and that then runs to its end
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


# Rank 1 in a cgroup.
IN_GROUP = """#!/bin/sh
if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
    echo $$ >{procs} || exit 99
fi
exec {program} "$@"
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

    def nodes(self):
        if self.cluster is None:
            type(self).cluster = cluster.Cluster(3, shared=[self.base])
            self.cluster.up()
        return self.cluster

    def start(self, *options, repeats=6, limit_s=LIMIT_S, **more):
        """The run, just begun."""
        type(self).count += 1
        suite = pathlib.Path(self.base, f"{self.count}.yaml")
        suite.write_text(SUITE.format(first=FIRST, second=repeats))
        self.launched = launch.Run(
            self.nodes(), more.pop("output", f"{self.base}/{self.count}"), 3,
            [str(suite), *options, "--trial-timeout", f"{limit_s}s"], **more)

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

    def start_and_wait(self, *options, repeats=400, **more):
        """A run that is in its second benchmark, and far from its end."""
        self.start(*options, repeats=repeats, **more)
        end = time.monotonic() + 60
        while self.finished()[1] < 5:
            self.assertLess(time.monotonic(), end, self.launched.text())
            time.sleep(0.02)
        return self.finished()[1]

    def check_ends(self, seconds, kept, codes=None):
        """It ends, with nothing left; the first benchmark is whole, and of the
        second there are as many repetitions as there were. The second one's
        result."""
        self.assertTrue(self.launched.ends(seconds),
                        f"{self.launched.names()} go on: {self.launched.text()}")
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
        """mpirun notices by itself: no limit is reached."""
        kept = self.start_and_wait(limit_s=60)
        (rank,) = self.launched.ranks(node)
        os.kill(rank, signal.SIGKILL)
        self.check_ends(20, kept)

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
        self.assertEqual(faulty["finished_before"]["n"], self.finished()[1])

    def test_a_node_has_another_file_of_a_plugin(self):
        """One byte more, in a folder of that node's own: nothing runs."""
        program = pathlib.Path(launch.binary())
        plugin = program.parents[1] / "plugins" / "memory.triad.so"
        for node, odd in (("n0", ""), ("n1", "1"), ("n2", "")):
            self.nodes().run(
                ["sh", "-c", f"mkdir /tmp/own && cp {plugin} /tmp/own && "
                 f"printf '{odd}' >>/tmp/own/{plugin.name}"],
                node=node, check=True)
        done = self.nodes().run(
            ["mpirun", "-n", "3", "--map-by", "node", str(program), "-b",
             "memory.triad", "--plugin-path", "/tmp/own", "-o",
             f"{self.base}/own"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("memory.triad: expected the file that rank 0 has, "
                      "SHA-256 ", done.stderr)
        self.assertIn("install the same plugins on every node", done.stderr)
        self.assertFalse(os.path.exists(f"{self.base}/own"))

    def test_a_plugin_takes_all_memory_of_one_rank(self):
        """To the last byte of a cgroup: the kernel kills that rank."""
        try:
            group = limits.Group("memory")
        except limits.Unavailable as error:
            self.skipTest(str(error))
        with group:
            group.limit_memory(256 << 20)
            program = pathlib.Path(self.base, "in-group")
            program.write_text(IN_GROUP.format(procs=group.procs,
                                               program=launch.binary()))
            program.chmod(0o755)
            self.start("-p", "compute.faulty.fault=hoard", "-p",
                       "compute.faulty.rank=1", program=str(program))
            self.check_ends(60, 1, [128 + signal.SIGKILL])
            self.assertEqual(group.killed(), 1)


class Launcher(Case):
    def resume(self, directory, hosts, code=0):
        done = self.cluster.run(
            ["mpirun", "-x", "GREENBENCH_PLUGIN_PATH", "--host",
             ",".join(f"{host}:1" for host in hosts), "-n", str(len(hosts)),
             "--map-by", "node", launch.binary(), "--resume", str(directory)],
            env={"GREENBENCH_PLUGIN_PATH": launch.plugins()},
            capture_output=True, text=True, timeout=90)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_mpirun_is_killed_and_another_launch_does_the_rest(self):
        """On the same nodes, in the same order: on others it is refused."""
        kept = self.start_and_wait(repeats=SECOND)
        os.kill(self.launched.mpirun(), signal.SIGKILL)
        self.check_ends(10, kept)
        there = self.finished()
        self.assertLess(there[1], SECOND, "it was killed too late")
        directory = self.launched.directory()
        before = (directory / "records.jsonl").read_bytes()
        refused = self.resume(directory, ("n0", "n2", "n1"), code=2)
        self.assertRegex(refused.stderr, r"expected .*n1.*, got .*n2")
        self.assertFalse((directory / "launch-2").exists())
        self.resume(directory, ("n0", "n1", "n2"))
        self.assertEqual((directory / "records.jsonl").read_bytes(), before)
        result = json.loads((directory / "summary.json").read_text())
        self.assertEqual(result["run"]["status"], "complete")
        self.assertEqual([(part["launch"], part["repetitions"])
                          for part in result["run"]["launches"]],
                         [(1, sum(there)), (2, SECOND - there[1])])
        fma, faulty = result["benchmarks"]
        self.assertEqual(fma["launch_raw"], [1] * FIRST)
        self.assertEqual(faulty["launch_raw"],
                         [1] * there[1] + [2] * (SECOND - there[1]))
        for bench in (fma, faulty):
            self.assertEqual([row["node"] for row in bench["per_node"]],
                             ["n0", "n1", "n2"])
            # A busy machine may cost a node its figure, but not its reason.
            if any(row["energy_j"] is None for row in bench["per_node"]):
                self.assertTrue(bench["energy"]["reason"], bench["id"])
        # Each node's counters were read in both launches.
        for part in (directory, directory / "launch-2"):
            rows = (part / "samples").read_text().splitlines()[1:]
            self.assertEqual({row.split(",")[0] for row in rows},
                             {"0", "1", "2"}, part)

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            with self.subTest(number=number.name):
                kept = self.start_and_wait()
                os.kill(self.launched.mpirun(), number)
                self.check_ends(10, kept)
                self.assertTrue((self.launched.directory()
                                 / "summary.json").exists(), self.launched.text())


class Disks(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.small = pathlib.Path(cls.base, "small")
        cls.small.mkdir()
        # Before the nodes are there, so that they see it.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192k", "none",
                        cls.small], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", cls.small], check=True)
        cls.addClassCleanup(cls.drop)

    def test_the_disk_of_the_results_fills_up(self):
        self.start(repeats=4000, output=self.small / "runs")
        self.check_ends(60, 1, [5])
        self.assertIn("No space left on device", self.launched.text())

    def test_a_node_s_own_disk_is_full(self):
        """Not the first one's: nothing is written there."""
        kept = self.start_and_wait(repeats=SECOND)
        full = self.cluster.run(
            ["sh", "-c", "used=$(df -k --output=used /tmp | tail -1); "
             "mount -o remount,size=$((used + 512))k /tmp && "
             "cat /dev/zero >/tmp/full"], "n2", capture_output=True, text=True)
        self.assertIn("No space left on device", full.stderr)
        self.assertLess(self.finished()[1], SECOND, "it came too late")
        self.assertTrue(self.launched.ends(60), self.launched.text())
        self.assertEqual(self.launched.process.returncode, 0,
                         self.launched.text())
        self.assertGreater(self.finished()[1], kept)


class Waits(Case):
    """What is noticed only after a while, each on a cluster of its own, side by
    side."""

    def apart(self):
        """A case with a cluster of its own, to be dropped."""
        return type("Apart", (Case,), {
            "base": tempfile.mkdtemp(dir=self.base), "cluster": None,
            "count": 0})("runTest")

    def lose(self, how, node):
        one = self.apart()
        try:
            kept = one.start_and_wait()
            getattr(one.cluster, how)(node)
            one.check_ends(SILENCE_S + LIMIT_S + PATIENCE_S, kept)
        finally:
            one.drop()

    def stop_rank_0(self):
        """The others end the run."""
        one = self.apart()
        try:
            kept = one.start_and_wait()
            (rank,) = one.launched.ranks("n0")
            os.kill(rank, signal.SIGSTOP)
            one.check_ends(2 * LIMIT_S + PATIENCE_S + 5, kept, [4])
            one.assertRegex(one.launched.text(),
                            r"rank [12]: .* and it goes on")
        finally:
            one.drop()

    def test_nodes_are_lost_and_rank_0_is_stopped(self):
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            under_way = {"rank 0 is stopped": pool.submit(self.stop_rank_0)}
            for how, node in (("cut", "n2"), ("cut", "n0"), ("kill", "n1"),
                              ("kill", "n0")):
                under_way[f"{how} {node}"] = pool.submit(self.lose, how, node)
            for what, outcome in under_way.items():
                with self.subTest(what=what):
                    outcome.result()


def run_class(case):
    """Its outcome, and what it has to say."""
    said = io.StringIO()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    result = unittest.TextTestRunner(said, verbosity=2).run(suite)
    return result.wasSuccessful(), said.getvalue()


def main():
    """Two classes at a time, each on a cluster of its own: they mostly wait.
    The first has several clusters."""
    if len(sys.argv) > 1:
        unittest.main(verbosity=2)
    done = [run_class(Waits)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done += pool.map(run_class, (Ranks, Launcher, Disks))
    print("\n".join(said for _, said in done), file=sys.stderr)
    return 0 if all(good for good, _ in done) else 1


if __name__ == "__main__":
    reason = cluster.why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    sys.exit(main())
