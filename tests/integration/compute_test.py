# SPDX-License-Identifier: Apache-2.0
"""compute.fft and compute.fma: every layout and instruction set of this machine,
and what a refusal names works."""
import pathlib
import re
import subprocess

import gb

SHORT = ["--repeats", "1", "--min-time", "1ms", "--idle", "0", "-e", "none"]


class Kernels(gb.Case):
    def solve(self, bench_id, params, ranks=None, mpi_args=(), code=0):
        self.setUp()
        line = ["-b", bench_id, *SHORT, "-o", self.output]
        for param in params:
            line += ["-p", f"{bench_id}.{param}"]
        done = gb.Outcome(subprocess.run(
            gb.command(line, ranks, mpi_args), env=gb.environment(),
            capture_output=True, text=True, timeout=120, check=False))
        self.assertEqual(done.code, code, str(done))
        if code:
            return done
        found = gb.bench(gb.summary(gb.only_run_dir(self.output)), bench_id)
        self.assertTrue(found["valid"], found["reason"])
        return found

    @gb.needs_mpi
    def test_fft_of_both_shapes_on_1_to_4_ranks(self):
        for ranks in (1, 2, 3, 4):
            for shape, n, points in (("1d", 3600, 3600), ("3d", 12, 1728)):
                with self.subTest(ranks=ranks, shape=shape):
                    found = self.solve("compute.fft",
                                       [f"shape={shape}", f"n={n}"], ranks)
                    self.assertEqual(found["notes"]["points"], str(points))

    def test_fft_says_how_hard_it_searched(self):
        """By the size where it may choose, else as it was told."""
        for params, effort in ((["n=3600"], "measure"),
                               (["n=65610"], "estimate"),
                               (["n=3600", "effort=estimate"], "estimate"),
                               (["n=480", "effort=patient"], "patient")):
            with self.subTest(params=params):
                found = self.solve("compute.fft", params)
                self.assertEqual(found["notes"]["effort"], effort)

    @gb.needs_mpi
    def test_fft_on_ranks_with_all_cores(self):
        for ranks in (1, 2):
            for shape in ("shape=1d", "shape=3d"):
                with self.subTest(ranks=ranks, shape=shape):
                    self.solve("compute.fft", [shape, "n=144"], ranks,
                               ["--bind-to", "none"])

    @gb.needs_mpi
    def test_fft_refuses_and_what_it_names_works(self):
        for ranks, params in ((2, ("shape=1d", "n=1001")),
                              (3, ("shape=1d", "n=1000")),
                              (3, ("shape=3d", "n=16")),
                              (4, ("shape=3d", "n=2"))):
            with self.subTest(ranks=ranks, params=params):
                done = self.solve("compute.fft", params, ranks, code=2)
                self.assertIn("multiple of", done.err)
                near = re.search(r"hint: use n=(\d+)", done.err)[1]
                self.solve("compute.fft", [params[0], f"n={near}"], ranks)

    @gb.needs_mpi
    def test_fft_larger_than_memory_names_one_that_fits(self):
        done = self.solve("compute.fft", ["shape=3d", "n=10000"], 2, code=2)
        self.assertIn("this rank's share of the memory", done.err)
        near = re.search(r"hint: use n=(\d+)", done.err)[1]
        plan = gb.run(["-b", "compute.fft", "-p", "compute.fft.shape=3d", "-p",
                       f"compute.fft.n={near}", "--dry-run"], 2)
        self.assertEqual(plan.code, 0, str(plan))

    def test_fma_with_every_instruction_set_of_this_cpu(self):
        """Those that /proc/cpuinfo names; the others are refused."""
        text = pathlib.Path("/proc/cpuinfo").read_text()
        flags = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
        if not flags:
            self.skipTest("no x86 flags in /proc/cpuinfo")
        has = set(flags[1].split())
        needs = {"sse2": {"sse2"}, "avx": {"avx"}, "avx2": {"avx2", "fma"},
                 "avx512": {"avx512f"}}
        for isa, words in needs.items():
            for precision in ("fp64", "fp32"):
                params = [f"isa={isa}", f"precision={precision}"]
                with self.subTest(isa=isa, precision=precision):
                    if words <= has:
                        found = self.solve("compute.fma", params)
                        self.assertEqual(found["notes"]["isa"], isa)
                    else:
                        done = self.solve("compute.fma", params, code=2)
                        self.assertIn(isa, done.err)


if __name__ == "__main__":
    gb.main()
