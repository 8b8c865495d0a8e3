# SPDX-License-Identifier: Apache-2.0
"""Energy of several nodes, each counted once: real launches over the virtual
cluster, against what the emulator knows."""
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

import cluster

BIN = os.environ.get("GB_BIN") or cluster.find_binary("greenbench")
SHORT = ["--repeats", "3", "--min-time", "200ms", "--idle", "0",
         "--sample-hz", "50"]
TRUE_W = (198, 238, 278)
BARE = {"cpu": {"vendor": "GenuineIntel", "family": 6, "model": 85,
                "name": "Virtual CPU"}}


class Case(unittest.TestCase):
    def setUp(self):
        self.output = tempfile.mkdtemp(prefix="gb-cluster-")
        self.addCleanup(shutil.rmtree, self.output, True)

    def run_on(self, nodes, ranks, *more, bench="compute.fma", code=0):
        """A run; its summary, and the launcher's outcome."""
        before = set(os.listdir(self.output))
        done = nodes.run(["mpirun", "-n", str(ranks), "--map-by", "node", BIN,
                          "-b", bench, *SHORT, *more, "-o", self.output],
                         capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        name = next(iter(set(os.listdir(self.output)) - before), None)
        if code:
            return None, done
        self.last = name
        path = pathlib.Path(self.output, name, "summary.json")
        return json.loads(path.read_text()), done


def only(summary):
    (bench,) = summary["benchmarks"]
    return bench


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Apart(Case):
    """Three nodes of different power whose clocks differ."""

    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="gb-shared-")
        cls.addClassCleanup(shutil.rmtree, cls.base, True)
        tempfile.tempdir = cls.base
        cls.addClassCleanup(setattr, tempfile, "tempdir", None)
        cls.names = ["n0", "n1", "n2"]
        cls.machines = {name: {"like": "intel-2s", "domains": {
            "package-0": {"power": 100 + 40 * k}, "package-1": {"power": 60},
            "package-0/dram": {"power": 20}, "package-1/dram": {"power": 18}}}
            for k, name in enumerate(cls.names)}
        cls.cluster = cls.enterClassContext(cluster.Cluster(
            3, machines=cls.machines, shared=[cls.base],
            clock_s={"n1": 3.5}, monotonic_s={"n2": 5000}))

    def check_watts(self, bench):
        """Each node's true power lies in the interval (k = 2) that its own
        figure tells, and the sum's in the sum's."""
        self.assertIsNone(bench["energy"]["reason"])
        for row, true_w in zip(bench["per_node"], TRUE_W):
            window_s = row["energy_j"] / row["power_w"]
            self.assertAlmostEqual(row["power_w"], true_w,
                                   delta=2 * row["u_j"] / window_s, msg=row)
            # An interval that holds everything would show nothing: the next
            # node's power is 40 W away.
            self.assertLess(2 * row["u_j"] / window_s, 20, row)
        self.assertAlmostEqual(bench["power_w"]["value"], sum(TRUE_W),
                               delta=2 * bench["power_w"]["u"])

    def joules_in(self, seconds, bench):
        """Of each node, (joules, u), by the lengths of its windows in the
        records."""
        path = pathlib.Path(self.output, self.last, "records.jsonl")
        records = [json.loads(line) for line in path.read_text().splitlines()]
        found = []
        for row in bench["per_node"]:
            windows = [record["windows_ns"][row["node_index"]]
                       for record in records
                       if record["record"] == "repetition"]
            part = seconds / (1e-9 * sum(end - begin for begin, end in windows))
            found.append((part * row["energy_j"], part * row["u_j"]))
        return found

    def test_each_node_s_power_is_its_own_whatever_the_ranks(self):
        """1, 2 and 8 ranks on a node give the same watts, and the same joules in
        windows of one length by the node's clock: both packages' and their
        DRAM's, 198, 238 and 278 W."""
        joules = {}
        for per_node in (1, 2, 8):
            with self.subTest(per_node=per_node):
                summary, _ = self.run_on(self.cluster, 3 * per_node)
                self.assertEqual(summary["run"]["nodes"], 3)
                self.assertEqual([n["ranks"] for n in
                                  summary["system"]["nodes"]], [per_node] * 3)
                bench = only(summary)
                self.check_watts(bench)
                joules[per_node] = self.joules_in(1.0, bench)
                self.assertAlmostEqual(
                    bench["energy"]["value_j"],
                    sum(r["energy_j"] for r in bench["per_node"]), delta=1e-6)
                cover = bench["energy"]["coverage"]
                self.assertEqual((cover["nodes_read"], cover["nodes"]), (3, 3))
                self.assertEqual(cover["domains_read"], 12)
        for found in joules.values():
            for (got_j, u_j), (one_j, one_u_j) in zip(found, joules[1]):
                self.assertAlmostEqual(got_j, one_j, delta=2 * (u_j + one_u_j),
                                       msg=joules)

    def test_offsets_of_clocks_are_told_and_change_nothing(self):
        summary, done = self.run_on(self.cluster, 3)
        nodes = summary["system"]["nodes"]
        for node, true_s in zip(nodes, (0, 3.5, 0)):
            told_s, bound_s = (node[key] for key in
                               ("clock_offset_s", "clock_offset_bound_s"))
            # Half of the shortest round trip: no message was faster. A
            # microsecond is what doubles hold of the time since 1970.
            self.assertAlmostEqual(told_s, true_s, delta=bound_s + 1e-6,
                                   msg=f"{node['name']}: {told_s} +- {bound_s}")
            self.assertLess(bound_s, 0.4, node["name"])
        self.assertEqual(nodes[0]["clock_offset_s"], 0)
        (warning,) = [w["what"] for w in summary["warnings"]
                      if w["code"] == "clock.offset"]
        told = f"that of n1 by {nodes[1]['clock_offset_s']:+.4g} s"
        self.assertIn(told, warning)
        self.assertIn(told, " ".join(done.stdout.split()))
        self.check_watts(only(summary))


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Hungry(Case):
    """Six nodes alike, of which one draws 40 % more. They do nothing, in which
    they are alike on a machine that has not a core for each."""

    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="gb-shared-")
        cls.addClassCleanup(shutil.rmtree, cls.base, True)
        tempfile.tempdir = cls.base
        cls.addClassCleanup(setattr, tempfile, "tempdir", None)
        machines = {f"n{k}": {"like": "intel-2s", "domains": {
            name: {"power": watts * (1.4 if k == 4 else 1)}
            for name, watts in (("package-0", 100), ("package-1", 60),
                                ("package-0/dram", 20),
                                ("package-1/dram", 20))}}
            for k in range(6)}
        cls.cluster = cls.enterClassContext(cluster.Cluster(
            6, machines=machines, shared=[cls.base]))

    def test_it_is_named_and_the_others_are_not(self):
        summary, done = self.run_on(self.cluster, 6, bench="idle")
        spread = only(summary)["variability"]
        power = [o for o in spread["outliers"] if o["quantity"] == "power_w"]
        self.assertEqual([o["node"] for o in power], ["n4"])
        self.assertAlmostEqual(power[0]["relative"], 0.4, delta=0.03)
        self.assertTrue(power[0]["far_out"])
        self.assertAlmostEqual(spread["power_w"]["median"], 200, delta=6)
        # 40 % of one in six: the others' mean says little about all.
        self.assertEqual(spread["nodes_to_meter"][1]["nodes"], 6)
        (warning,) = [w for w in summary["warnings"]
                      if w["code"] == "node.outlier"]
        self.assertIn("n4 +", warning["what"])
        self.assertIn("not like the others", done.stdout)


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Without(Case):
    """Four nodes; one has no counter."""

    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="gb-shared-")
        cls.addClassCleanup(shutil.rmtree, cls.base, True)
        tempfile.tempdir = cls.base
        cls.addClassCleanup(setattr, tempfile, "tempdir", None)
        machines = cluster.default_machines(["n0", "n1", "n2", "n3"])
        machines["n3"] = BARE
        cls.cluster = cls.enterClassContext(cluster.Cluster(
            4, machines=machines, shared=[cls.base]))

    def test_the_total_is_partial_and_perf_per_watt_is_withheld(self):
        summary, done = self.run_on(self.cluster, 4)
        bench = only(summary)
        self.assertIsNone(bench["energy"]["value_j"])
        self.assertIsNone(bench["efficiency"]["value"])
        self.assertIn("energy of 3/4 nodes only: n3",
                      bench["efficiency"]["reason"])
        cover, part = (bench["energy"][k] for k in ("coverage", "partial"))
        self.assertEqual((cover["nodes_read"], cover["nodes"]), (3, 4))
        self.assertEqual(part["nodes_read"], 3)
        rows = bench["per_node"]
        self.assertIsNone(rows[3]["energy_j"])
        self.assertAlmostEqual(part["value_j"],
                               sum(r["energy_j"] for r in rows[:3]), delta=1e-6)
        self.assertIn("3/4 nodes", done.stdout)
        self.assertRegex(done.stdout.replace("\n", " "), r"withheld:\s+"
                         r"--partial-energy\s+gives")
        self.assertNotIn("energy.scopes",
                         [w["code"] for w in summary["warnings"]])

    def test_asked_for_it_is_that_of_the_metered_nodes(self):
        summary, _ = self.run_on(self.cluster, 4, "--partial-energy")
        bench = only(summary)
        part = bench["energy"]["partial"]
        self.assertTrue(bench["efficiency"]["partial"])
        self.assertAlmostEqual(
            bench["efficiency"]["value"] * part["value_j"] / part["work"], 1,
            delta=1e-9)
        self.assertIsNone(bench["energy"]["value_j"])

    def test_measured_energy_required_is_refused_on_all_ranks(self):
        _, done = self.run_on(self.cluster, 4, "--require-energy", code=3)
        self.assertIn("--require-energy", done.stderr)


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Samples(Case):
    """Four nodes that take many samples: samples.h5 is of all leaders where
    they share the directory, and of rank 0 where they do not. What is in it is
    what integration.hdf5 is about."""

    def take(self, nodes, output, seconds):
        """What the run has to say, and its file."""
        done = nodes.run(["mpirun", "-n", "4", "--map-by", "node", BIN, "-b",
                          "memory.copy", "-p", "memory.copy.array_bytes=1MiB",
                          "--repeats", "6", "--min-time", f"{seconds}s",
                          "--idle", "0", "--sample-hz", "1000", "-o", output],
                         capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        file = nodes.run(["sh", "-c", f"cat {output}/*/samples.h5"],
                         capture_output=True)
        return done.stderr, file.stdout

    def written_by(self, nodes, output):
        """Longer where a busy machine's samplers missed more than half."""
        for seconds in (0.35, 1.0, 3.0):
            told, file = self.take(nodes, f"{output}-{seconds}", seconds)
            if b"this launch took" not in file and file:
                break
        # Text in the file is as it is, but for what is compressed.
        words = (b"the leaders of 4 nodes, through MPI-IO", b"one process",
                 b"expected the results on storage that every node can write")
        return [word in file for word in words], told

    def test_who_writes_them_depends_on_the_storage(self):
        if os.environ.get("GB_HDF5_PARALLEL") != "ON":
            self.skipTest("built without a parallel HDF5 for this MPI")
        with cluster.Cluster(4, shared=[self.output]) as nodes:
            by, _ = self.written_by(nodes, f"{self.output}/runs")
            self.assertEqual(by, [True, False, False])
            by, told = self.written_by(nodes, "/tmp/own")
            self.assertEqual(by, [False, True, True])
            self.assertIn("rank 0 writes samples.h5 alone", told)


@unittest.skipIf(cluster.why_not(), cluster.why_not())
class Containers(Case):
    """Two sets of namespaces on one machine: names and shared memory differ,
    the boot id does not."""

    def test_one_machine_is_counted_once(self):
        with tempfile.TemporaryDirectory() as base:
            with cluster.Cluster(3, same_machine={"n1": "n0"},
                                 shared=[base]) as nodes:
                self.output = base
                summary, _ = self.run_on(nodes, 6)
        self.assertEqual(summary["run"]["nodes"], 2)
        self.assertEqual([n["ranks"] for n in summary["system"]["nodes"]],
                         [4, 2])
        alone = only(summary)["per_node"]
        self.assertEqual(len(alone), 2)
        self.assertAlmostEqual(only(summary)["energy"]["value_j"],
                               sum(r["energy_j"] for r in alone), delta=1e-6)


if __name__ == "__main__":
    reason = cluster.why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
