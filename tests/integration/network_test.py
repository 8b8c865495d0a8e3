# SPDX-License-Identifier: Apache-2.0
"""The network benchmarks: any number of ranks, several nodes, bad input, and
messages that arrive spoilt."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import gb

PAIRWISE = ["bandwidth", "bisection", "pingpong"]
ANY_RANKS = ["allreduce", "alltoall", "bcast", "halo", "ring"]
ALL = sorted(PAIRWISE + ANY_RANKS)
# Where waiting ranks ask without end, 8 on two cores take longer than the rest.
RANKS = (2, 3, 4, 5) if os.environ.get("GB_MPI_YIELDS") else (2, 3, 4, 5, 8)
SHORT = ["--repeats", "2", "--min-time", "10ms", "--idle", "0", "-e", "none"]


def ids(names):
    return ",".join("network." + name for name in names)


def records(run_dir, kind):
    lines = (pathlib.Path(run_dir) / "records.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [r for r in found if r["record"] == kind]


def trials(run_dir):
    return records(run_dir, "trial")


class Network(gb.Case):
    def run_nodes(self, args, layout, code=0, repeats=None):
        """Pretend that there are nodes: layout (2, 1) is two ranks on one node
        and one on another. What tells nodes apart is the boot id."""
        line = [gb.MPIEXEC]
        for node, ranks in enumerate(layout):
            root = pathlib.Path(self.output).with_suffix(f".{node}")
            boot = root / "proc/sys/kernel/random"
            boot.mkdir(parents=True, exist_ok=True)
            self.addCleanup(shutil.rmtree, root, True)
            (boot / "boot_id").write_text(f"node-{node}\n")
            line += [":"] * (node > 0) + [
                "-n", str(ranks), "env", f"GREENBENCH_SYSROOT={root}", gb.BIN,
                *args, *SHORT, "-o", self.output,
                *(["--repeats", str(repeats)] if repeats else [])]
        done = gb.Outcome(subprocess.run(
            line, env=gb.environment(), capture_output=True, text=True,
            timeout=120))
        self.assertEqual(done.code, code, str(done))
        return done

    def notes(self):
        found = trials(gb.only_run_dir(self.output))
        self.assertEqual({t["status"] for t in found}, {"OK"}, found)
        return {t["id"].partition(".")[2]: t["notes"] for t in found}

    def check_all_valid(self, names):
        result = gb.summary(gb.only_run_dir(self.output))
        self.assertEqual(sorted({b["id"] for b in result["benchmarks"]}),
                         ["network." + n for n in sorted(names)])
        for b in result["benchmarks"]:
            self.assertTrue(b["valid"], b)
            self.assertGreater(b["performance"]["median"], 0, b)

    @gb.needs_mpi
    def test_every_number_of_ranks(self):
        for ranks in RANKS:
            names = ALL if ranks % 2 == 0 else ANY_RANKS
            with self.subTest(ranks=ranks):
                self.setUp()
                sizes = ["-p", "network.*.message_bytes=8B,5000B"]
                if ranks % 2 == 0:
                    sizes += ["-p", "network.bandwidth.window=4"]
                self.run_ok(["-b", ids(names), *sizes, *SHORT], ranks)
                self.check_all_valid(names)

    @gb.needs_mpi
    def test_every_choice(self):
        self.run_ok(["-b", ids(["bandwidth", "bcast", "halo", "pingpong",
                                "ring"]), "-p", "network.*.message_bytes=1000B",
                     "-p", "network.bandwidth.direction=uni,bi",
                     "-p", "network.bandwidth.window=1,3",
                     "-p", "network.bcast.root=rotate,first",
                     "-p", "network.halo.neighbours=6,26",
                     "-p", "network.pingpong.active=all,one",
                     "-p", "network.bandwidth.active=all,one",
                     "-p", "network.ring.order=natural,random", *SHORT], 4)
        self.check_all_valid(["bandwidth", "bcast", "halo", "pingpong", "ring"])

    @gb.needs_mpi
    def test_a_size_is_swept(self):
        self.run_ok(["-b", "network.pingpong", "-p",
                     "network.pingpong.message_bytes=8B..512B*8", *SHORT], 2)
        result = gb.summary(gb.only_run_dir(self.output))
        self.assertEqual([b["params"]["message_bytes"]
                          for b in result["benchmarks"]], ["8B", "64B", "512B"])

    @gb.needs_mpi
    def test_work_bytes_and_messages_are_what_was_sent(self):
        """In units of one iteration, for each of 4 ranks, 1000 bytes each."""
        quarter = [0.25] * 4
        expected = {
            "allreduce": (quarter, [1500.0] * 4, [1.5] * 4),
            "alltoall": (quarter, [3000.0] * 4, [3.0] * 4),
            # the window of 4 in one direction, answered by an empty message
            "bandwidth": ([2000.0] * 4, [4000.0, 0.0] * 2, [4.0, 1.0] * 2),
            "bcast": (quarter, [750.0] * 4, [0.75] * 4),
            "bisection": ([1000.0] * 4, [1000.0] * 4, [1.0] * 4),
            "halo": ([4000.0] * 4, [4000.0] * 4, [4.0] * 4),
            "pingpong": ([1.0] * 4, [1000.0] * 4, [1.0] * 4),
            "ring": ([2000.0] * 4, [2000.0] * 4, [2.0] * 4),
        }
        self.run_ok(["-b", ids(ALL), "-p", "network.*.message_bytes=1000B",
                     "-p", "network.bandwidth.window=4", *SHORT], 4)
        run_dir = gb.only_run_dir(self.output)
        names = {t["case"]: t["id"].partition(".")[2] for t in trials(run_dir)}
        repetitions = records(run_dir, "repetition")
        self.assertEqual(len(repetitions), 2 * len(ALL))
        for r in repetitions:
            name = names[r["case"]]
            for key, want in zip(("work", "network_bytes", "messages"),
                                 expected[name]):
                each = [v / r["iterations"] for v in r["ranks"][key]]
                for got, wanted in zip(each, want, strict=True):
                    self.assertAlmostEqual(got, wanted, delta=1e-9 * 4000,
                                           msg=f"{name} {key}: {each}")

    @gb.needs_mpi
    def test_waiting_ranks_send_nothing(self):
        self.run_ok(["-b", "network.pingpong", "-p",
                     "network.pingpong.active=one", *SHORT], 4)
        for r in records(gb.only_run_dir(self.output), "repetition"):
            sent = float(r["iterations"])
            self.assertEqual(r["ranks"]["messages"], [sent, sent, 0.0, 0.0])
            self.assertEqual(r["ranks"]["work"], [sent / 2] * 4)

    @gb.needs_mpi
    def test_a_hybrid_launch(self):
        done = gb.Outcome(subprocess.run(
            gb.command(["-b", ids(ALL), "-o", self.output, *SHORT], 2,
                       ["--bind-to", "none"]),
            env=gb.environment(), capture_output=True, text=True, timeout=120))
        self.assertEqual(done.code, 0, str(done))
        self.check_all_valid(ALL)

    @gb.needs_mpi
    def test_two_nodes_are_told_apart(self):
        self.run_nodes(["-b", ids(ALL)], (2, 2))
        notes = self.notes()
        self.assertEqual(notes["pingpong"]["pairs"], "2 inter-node, 0 ranks wait")
        self.assertEqual(notes["bandwidth"]["pairs"],
                         "2 inter-node, 0 ranks wait")
        self.assertEqual(notes["bisection"]["pairs"], "2 of 2 inter-node")
        self.assertEqual(notes["ring"]["neighbours"], "2 of 4 inter-node")
        self.assertEqual(notes["halo"]["grid"], "2x2x1")
        self.assertEqual(notes["halo"]["inter_node"], "50.0 % of the bytes")
        self.check_all_valid(ALL)

    @gb.needs_mpi
    def test_intra_and_inter_are_reported_apart(self):
        self.run_nodes(["-b", "network.pingpong", "-p",
                        "network.pingpong.pairs=intra,inter"], (3, 1))
        found = trials(gb.only_run_dir(self.output))
        self.assertEqual(
            [(t["params"]["pairs"], t["notes"]["pairs"]) for t in found],
            [("intra", "1 intra-node, 2 ranks wait"),
             ("inter", "1 inter-node, 2 ranks wait")])
        self.check_all_valid(["pingpong"])

    @gb.needs_mpi
    def test_in_all_rounds_each_node_meets_each(self):
        """Four nodes, one of them with two ranks more, which wait. A repetition
        that was too short is done again with other partners, so that three of
        them are not always three rounds."""
        for layout in ((1, 1, 1, 1), (1, 3, 1, 1)):
            with self.subTest(layout=layout):
                self.setUp()
                self.run_nodes(["-b", "network.pingpong", "-p",
                                "network.pingpong.rounds=all"], layout,
                               repeats=10)
                run = gb.only_run_dir(self.output)
                (trial,) = trials(run)
                self.assertEqual(trial["notes"]["rounds"], "3 of 3")
                met = {frozenset(pair) for record in records(run, "repetition")
                       for pair in enumerate(record["ranks"]["peer"])
                       if pair[1] is not None}
                for record in records(run, "repetition"):
                    peers = record["ranks"]["peer"]
                    for rank, peer in enumerate(peers):
                        self.assertTrue(peer is None or peers[peer] == rank)
                (bench,) = gb.summary(run)["benchmarks"]
                found = bench["variability"]["pairs"]["time_s"]
                if layout == (1, 1, 1, 1):
                    self.assertEqual(len(met), 6)
                    self.assertEqual(found["n"], 6)
                self.check_all_valid(["pingpong"])

    @gb.needs_mpi
    def test_one_pair_alone(self):
        self.run_ok(["-b", ids(["bandwidth", "pingpong"]), "-p",
                     "network.*.active=one", *SHORT], 6)
        for notes in self.notes().values():
            self.assertEqual(notes["pairs"], "1 intra-node, 4 ranks wait")
        self.check_all_valid(["bandwidth", "pingpong"])


class Refused(gb.Case):
    def refused(self, args, ranks, *texts, env=None):
        done = gb.run([*args, *SHORT, "-o", self.output], ranks, env)
        self.assertEqual(done.code, 2, str(done))
        for text in texts:
            self.assertIn(text, done.err)
        self.assertEqual(os.listdir(self.output), [])

    def small_machine(self):
        """A node of 256 MiB."""
        root = pathlib.Path(self.output).with_suffix(".root")
        self.addCleanup(shutil.rmtree, root, True)
        (root / "proc").mkdir(parents=True, exist_ok=True)
        (root / "proc/meminfo").write_text(
            "MemTotal: 262144 kB\nMemFree: 262144 kB\n"
            "MemAvailable: 262144 kB\n")
        return {"GREENBENCH_SYSROOT": str(root)}

    @gb.needs_mpi
    def test_odd_ranks_where_pairs_are_needed(self):
        for name in PAIRWISE:
            self.refused(["-b", "network." + name], 3, "multiple of 2",
                         "mpirun -n 2 or -n 4")

    def test_one_rank(self):
        for name in ANY_RANKS:
            self.refused(["-b", "network." + name], None, "at least 2 ranks",
                         "mpirun -n 2")

    @gb.needs_mpi
    def test_pairs_that_do_not_exist(self):
        self.refused(["-b", "network.pingpong", "-p",
                      "network.pingpong.pairs=inter"], 2,
                     "expected ranks on 2 nodes or more", "pairs=intra")

    @gb.needs_mpi
    def test_rounds_within_a_node(self):
        done = Network.run_nodes(self, ["-b", "network.pingpong", "-p",
                                        "network.pingpong.pairs=intra", "-p",
                                        "network.pingpong.rounds=4"],
                                 (2, 2), code=2)
        self.assertIn("expected rounds=1 where partners are on one node, got 4",
                      done.err)

    @gb.needs_mpi
    def test_pairs_on_nodes_of_one_rank(self):
        done = Network.run_nodes(self, ["-b", "network.pingpong", "-p",
                                        "network.pingpong.pairs=intra"],
                                 (1, 1), code=2)
        self.assertIn("expected a node with 2 ranks", done.err)
        self.assertIn("pairs=inter", done.err)

    @gb.needs_mpi
    def test_messages_that_do_not_fit(self):
        self.refused(["-b", "network.bcast", "-p",
                      "network.bcast.message_bytes=2GiB"], 2,
                     "expected message_bytes up to", "set message_bytes to")
        for name in ("allreduce", "alltoall", "bandwidth", "halo"):
            self.refused(["-b", "network." + name, "-p",
                          f"network.{name}.message_bytes=512MiB"], 2,
                         "of this rank's memory", "set message_bytes to",
                         env=self.small_machine())

    @gb.needs_mpi
    def test_the_size_named_as_the_nearest_works(self):
        env = self.small_machine()
        for name in ("alltoall", "pingpong"):
            size = f"network.{name}.message_bytes="
            args = ["-b", "network." + name, "--dry-run", "-p"]
            done = gb.run([*args, size + "1GiB"], 2, env)
            self.assertEqual(done.code, 2, str(done))
            nearest = done.err.split("set message_bytes to ")[1].split()[0]
            done = gb.run([*args, size + nearest], 2, env)
            self.assertEqual(done.code, 0, str(done))

    @gb.needs_mpi
    def test_half_a_double(self):
        self.refused(["-b", "network.allreduce", "-p",
                      "network.allreduce.message_bytes=12B"], 2,
                     "multiples of 8, got 12", "set message_bytes to 8B")


class Spoilt(gb.Case):
    """A network that changes one byte: no number comes of it."""

    def check_spoilt(self, name, byte, text, *params):
        self.setUp()
        count = 513 if name == "allreduce" else 4104
        args = ["-b", "network." + name, "-p",
                f"network.{name}.message_bytes=4104B", *params, *SHORT, "-o",
                self.output]
        done = gb.run(args, 2, {"LD_PRELOAD": os.environ["GB_SPOIL_MPI"],
                                "GB_SPOIL_COUNT": str(count),
                                "GB_SPOIL_BYTE": str(byte)})
        self.assertEqual(done.code, 1, str(done))
        result = gb.summary(gb.only_run_dir(self.output))
        self.assertFalse(result["benchmarks"][0]["valid"])
        self.assertIn(text, result["benchmarks"][0]["reason"])

    @unittest.skipUnless(os.environ.get("GB_SPOIL_MPI"), "needs MPI")
    def test_a_byte_in_the_middle(self):
        for name in sorted(set(ALL) - {"allreduce"}):
            with self.subTest(name=name):
                self.check_spoilt(name, 2001, "byte 2001 from rank")
        self.check_spoilt("allreduce", 2001, "element 250")
        self.check_spoilt("bandwidth", 2001, "byte 2001 from rank", "-p",
                          "network.bandwidth.direction=bi")

    @unittest.skipUnless(os.environ.get("GB_SPOIL_MPI"), "needs MPI")
    def test_the_number_of_a_message(self):
        for name in ("pingpong", "bcast", "bisection", "bandwidth"):
            with self.subTest(name=name):
                self.check_spoilt(name, 3, "expected every message in order")


if __name__ == "__main__":
    gb.main()
