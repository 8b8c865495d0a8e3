# SPDX-License-Identifier: Apache-2.0
"""compute.hpcg in several layouts: it converges, whatever divides the grid."""
import pathlib
import re
import shutil

import gb


@gb.needs_mpi
class Hpcg(gb.Case):
    def solve(self, ranks, *params, env=None, code=0):
        self.setUp()
        line = ["-b", "compute.hpcg", "--repeats", "1", "--min-time", "1ms",
                "--idle", "0", "-e", "none", "-o", self.output]
        for param in params:
            line += ["-p", "compute.hpcg." + param]
        done = gb.run(line, ranks, env)
        self.assertEqual(done.code, code, str(done))
        if code:
            return done
        return gb.bench(gb.summary(gb.only_run_dir(self.output)),
                        "compute.hpcg")

    def test_any_number_of_ranks_converges_and_is_symmetric(self):
        for ranks in (1, 2, 3, 5, 8):
            with self.subTest(ranks=ranks):
                bench = self.solve(ranks, "nx=16")
                self.assertTrue(bench["valid"], bench["reason"])
                self.assertIn("roundings", bench["notes"]["symmetry"])

    def test_grids_that_are_no_cubes_and_any_number_of_levels(self):
        for params in (("nx=8", "ny=16", "nz=24", "levels=3"),
                       ("nx=16", "levels=1"), ("nx=16", "levels=2")):
            with self.subTest(params=params):
                self.assertTrue(self.solve(2, *params)["valid"])

    def test_slabs_of_one_rank_are_as_the_parts_of_two(self):
        """A hybrid rank's cores divide z as ranks do: the same numbers."""
        fractions = []
        for ranks, cores in ((1, 2), (2, 1)):
            self.setUp()
            line = gb.command(
                ["-b", "compute.hpcg", "-p", "compute.hpcg.nx=16", "--repeats",
                 "1", "--min-time", "1ms", "--idle", "0", "-e", "none", "-o",
                 self.output], ranks,
                ["--bind-to", "none"] if cores == 2 else [])
            done = gb.Outcome(__import__("subprocess").run(
                line, env=gb.environment(), capture_output=True, text=True,
                timeout=120))
            self.assertEqual(done.code, 0, str(done))
            bench = gb.bench(gb.summary(gb.only_run_dir(self.output)),
                             "compute.hpcg")
            if "128" not in bench["notes"]["grid"] and \
                    "16 x 16 x 32" not in bench["notes"]["grid"]:
                self.skipTest("needs two cores: " + bench["notes"]["grid"])
            fractions.append(bench["notes"]["grid"])
        self.assertEqual(fractions[0], fractions[1])

    def test_what_cannot_be_halved_or_held_is_refused_with_what_would_do(self):
        done = self.solve(2, "nx=20", code=2)
        self.assertIn("16 would do", done.err)
        done = self.solve(2, "nx=1024", code=2)
        self.assertIn("a cube of", done.err)

    def machine_of(self, kib):
        root = pathlib.Path(self.output).with_suffix(".root")
        self.addCleanup(shutil.rmtree, root, True)
        (root / "proc").mkdir(parents=True)
        (root / "proc/meminfo").write_text(
            f"MemTotal: {kib} kB\nMemFree: {kib} kB\nMemAvailable: {kib} kB\n")
        return {"GREENBENCH_SYSROOT": str(root)}

    def test_the_cube_that_would_do_does_and_the_next_one_does_not(self):
        """Ghosts and buffers count most where the cube is small."""
        for ranks, kib, levels in ((1, 20_000, 4), (2, 100_003, 4),
                                   (3, 90_001, 1), (8, 262_144, 3)):
            with self.subTest(ranks=ranks, kib=kib, levels=levels):
                unit = 2 ** (levels - 1)
                small = self.machine_of(kib)
                done = self.solve(ranks, f"levels={levels}", "nx=1024",
                                  env=small, code=2)
                side = int(re.search(r"a cube of (\d+) would do",
                                     done.err)[1])
                self.assertEqual(side % unit, 0)
                bench = self.solve(ranks, f"levels={levels}", f"nx={side}",
                                   env=small)
                self.assertTrue(bench["valid"], bench["reason"])
                done = self.solve(ranks, f"levels={levels}",
                                  f"nx={side + unit}", env=small, code=2)
                self.assertIn(f"a cube of {side} would do", done.err)


if __name__ == "__main__":
    gb.main()
