# SPDX-License-Identifier: Apache-2.0
"""compute.hpl over many grids: it solves, and says why where it cannot."""
import unittest

import gb


@gb.needs_mpi
class Hpl(gb.Case):
    def solve(self, ranks, *params, repeats=1, code=0):
        self.setUp()
        line = ["-b", "compute.hpl", "--idle", "0", "-e", "none", "--repeats",
                str(repeats), "-o", self.output]
        for param in params:
            line += ["-p", "compute.hpl." + param]
        done = gb.run(line, ranks)
        self.assertEqual(done.code, code, str(done))
        if code:
            return done
        return gb.summary(gb.only_run_dir(self.output))["benchmarks"]

    def test_grids_and_sizes_of_all_kinds(self):
        for ranks, *params in (
                (1, "n=500"), (1, "n=1"), (2, "n=300", "nb=64"),
                (2, "n=300", "nb=64", "p=2", "q=1"), (2, "n=9", "nb=8"),
                (3, "n=97", "nb=8", "p=3", "q=1"), (4, "n=257", "nb=32"),
                (4, "n=257", "nb=32", "order=column"), (6, "n=300", "nb=16"),
                (5, "n=200", "nb=200"), (4, "n=130", "nb=16", "depth=0")):
            with self.subTest(ranks=ranks, params=params):
                bench, = self.solve(ranks, *params)
                self.assertTrue(bench["valid"], bench["reason"])
                self.assertLess(float(bench["notes"]["residual"].split()[0]),
                                16.0)

    def test_a_solve_runs_once_and_again_only_when_asked(self):
        bench, = self.solve(2, "n=200")
        self.assertEqual(bench["performance"]["n"], 1)
        bench, = self.solve(2, "n=200", repeats=3)
        self.assertEqual(bench["performance"]["n"], 3)
        # The same matrix each time: the work is that of n, by HPL's formula.
        self.assertAlmostEqual(
            bench["work"]["value"], 3 * (2 / 3 * 200**3 + 1.5 * 200**2),
            delta=1)

    def test_a_sweep_of_orders(self):
        benches = self.solve(2, "n=100,200,300")
        self.assertEqual([b["params"]["n"] for b in benches],
                         ["100", "200", "300"])
        self.assertTrue(all(b["valid"] for b in benches))

    def test_what_cannot_be_is_refused_with_what_could(self):
        for params, text in (
                (("n=0",), "expected auto|1..20000000"),
                (("n=100", "nb=200"), "nb"),
                (("p=3", "q=2"), "2"),
                (("p=3",), "3"),
                (("n=2000000",), "MiB")):
            with self.subTest(params=params):
                done = self.solve(2, *params, code=2)
                self.assertIn("expected", done.err)
                self.assertIn(text, done.err)
                self.assertIn("hint: ", done.err)


if __name__ == "__main__":
    gb.main()
