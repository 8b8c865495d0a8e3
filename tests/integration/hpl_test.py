# SPDX-License-Identifier: Apache-2.0
"""compute.hpl on grids of all shapes: solved, checked, repeatable; and what it
refuses."""
import os
import pathlib
import subprocess
import time
import unittest

import gb

ID = "compute.hpl"
SHORT = ["-b", ID, "--repeats", "2", "--min-time", "1ms", "--idle", "0",
         "-e", "none"]


def parameters(params):
    return [word for name, value in params.items()
            for word in ("-p", f"{ID}.{name}={value}")]


@gb.needs_mpi
class Hpl(gb.Case):
    def solve(self, ranks, mpi_args=(), **params):
        self.setUp()
        line = gb.command([*SHORT, *parameters(params), "-o", self.output],
                          ranks, mpi_args)
        done = gb.Outcome(subprocess.run(line, env=gb.environment(),
                                         capture_output=True, text=True,
                                         timeout=120))
        self.assertEqual(done.code, 0, str(done))
        found = gb.bench(gb.summary(gb.only_run_dir(self.output)), ID)
        self.assertTrue(found["valid"], found)
        n = int(found["notes"]["n"])
        self.assertAlmostEqual(found["work"]["value"] /
                               (2 * (2 / 3 * n**3 + 3 / 2 * n**2)), 1, 12)
        self.assertLess(float(found["notes"]["residual"]), 16)
        self.check_core_phases(found, done.out)
        return found

    def check_core_phases(self, found, table):
        """Each solve: when it began, and as long as it was timed."""
        now_ns = time.time_ns()
        durations = found["time_s"]["raw"]
        self.assertEqual([p["duration_s"] for p in found["core_phases"]],
                         durations)
        for phase in found["core_phases"]:
            begin_ns = phase["begin_utc_ns"]
            end_ns = begin_ns + phase["duration_s"] * 1e9
            self.assertTrue(now_ns - 120e9 < begin_ns < end_ns < now_ns, phase)
            for key, ns in (("begin_utc", begin_ns), ("end_utc", end_ns)):
                utc = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                    time.gmtime(ns // 1e9))
                self.assertEqual(phase[key], utc)
        begin = found["core_phases"][0]["begin_utc"]
        self.assertIn(f"core phase {begin} to", " ".join(table.split()))

    def test_grids_of_all_shapes(self):
        # n no multiple of nb, and each rank with some blocks
        for ranks, p, q in ((1, 1, 1), (2, 1, 2), (2, 2, 1), (3, 1, 3),
                            (3, 3, 1), (4, 2, 2), (6, 2, 3)):
            for depth in (0, 1):
                with self.subTest(p=p, q=q, depth=depth):
                    found = self.solve(ranks, n=333, nb=24, p=p, q=q,
                                       depth=depth)
                    self.assertEqual(found["notes"]["grid"],
                                     f"{p}x{q}, row-major")

    def test_orders_and_blocks_at_their_ends(self):
        for ranks, params in ((1, {"n": 1}), (6, {"n": 1}), (6, {"n": 5}),
                              (4, {"n": 100, "nb": 100}),
                              (4, {"n": 64, "nb": 32}),
                              (3, {"n": 97, "nb": 8, "order": "column"}),
                              (2, {"n": 1025, "nb": 1024})):
            with self.subTest(ranks=ranks, **params):
                self.solve(ranks, **params)

    def test_one_rank_uses_all_its_cores(self):
        self.solve(1, ["--bind-to", "none"], n=500, nb=64)
        self.solve(2, ["--bind-to", "none"], n=500, nb=64, p=2)

    def test_the_same_grid_gives_the_same_bits(self):
        for ranks, params in ((1, {"n": 400}), (6, {"n": 333, "nb": 24})):
            with self.subTest(ranks=ranks):
                residuals = {self.solve(ranks, **params)["notes"]["residual"]
                             for _ in range(2)}
                self.assertEqual(len(residuals), 1, residuals)

    def test_n_from_memory(self):
        text = gb.run([*SHORT, *parameters({"fill": "1%"}), "--dry-run"], 2)
        self.assertEqual(text.code, 0, str(text))
        found = self.solve(2, fill="1%")
        self.assertEqual(int(found["notes"]["n"]) % 192, 0)

    # --- what cannot work: refused before anything runs

    def refuse(self, ranks, what, hint, **params):
        done = gb.run([*SHORT, *parameters(params), "-o", self.output], ranks)
        self.assertEqual(done.code, 2, str(done))
        self.assertIn(what, done.err)
        self.assertIn(hint, done.err)
        self.assertEqual(list(pathlib.Path(self.output).iterdir()), [])

    def test_grids_that_do_not_fit(self):
        self.refuse(2, "expected p x q = 2 ranks, got 2 x 2 = 4",
                    "grids that fit: 1x2, 2x1", n=100, p=2, q=2)
        self.refuse(3, "expected p to divide the 3 ranks, got 2",
                    "grids that fit: 1x3, 3x1", n=100, p=2)

    def test_orders_that_do_not_fit(self):
        self.refuse(2, "expected auto|1..20000000, got '0'", "", n=0)
        self.refuse(2, "expected nb at most n = 100, got 128",
                    "nb=100 would do", n=100, nb=128)
        self.refuse(2, "expected a matrix that fits", "the largest n that fits",
                    n=10000000)
        self.refuse(2, "expected n or fill, got both", "", n=100, fill="10%")

    # --- a solution that is wrong

    @unittest.skipUnless(os.environ.get("GB_SPOIL_MPI"), "needs MPI")
    def test_a_message_that_arrives_spoilt(self):
        """x in blocks of nb, from one row of the grid to the other."""
        args = [*SHORT, *parameters({"n": 100, "nb": 20, "p": 2}), "-o",
                self.output]
        spoil = {"LD_PRELOAD": os.environ["GB_SPOIL_MPI"],
                 "GB_SPOIL_COUNT": "20", "GB_SPOIL_BYTE": "7"}
        done = gb.run(args, 2, spoil)
        self.assertEqual(done.code, 1, str(done))
        run_dir = gb.only_run_dir(self.output)
        self.assertIn("scaled residual: expected below 16",
                      (run_dir / "records.jsonl").read_text())
        found = gb.bench(gb.summary(run_dir), ID)
        self.assertFalse(found["valid"])
        self.assertIsNone(found["performance"]["median"])
        # the same library without a message of that size spoils nothing
        self.setUp()
        args[-1] = self.output
        done = gb.run(args, 2, {**spoil, "GB_SPOIL_COUNT": "19"})
        self.assertEqual(done.code, 0, str(done))


if __name__ == "__main__":
    gb.main()
