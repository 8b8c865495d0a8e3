# SPDX-License-Identifier: Apache-2.0
"""The memory family: every kernel verifies, every launch counts alike, and what
cannot work is refused with the value that would."""
import re
import subprocess
import unittest

import gb

SHORT = ["--repeats", "2", "--min-time", "5ms", "--idle", "0", "-e", "none"]
STREAMS = {"copy": (16, 0), "scale": (16, 1), "add": (24, 1), "triad": (24, 2),
           "read": (8, 1), "update": (16, 1)}  # bytes and flops per element
HAVE_X86 = "avx512" in gb.run(["list"]).out


class Memory(gb.Case):
    def result(self, args, ranks=None, mpi_args=()):
        """The summary of a run that must succeed."""
        done = gb.Outcome(subprocess.run(
            gb.command([*args, *SHORT, "-o", self.output], ranks, mpi_args),
            env=gb.environment(), capture_output=True, text=True, timeout=120))
        self.assertEqual(done.code, 0, str(done))
        result = gb.summary(gb.only_run_dir(self.output))
        for bench in result["benchmarks"]:
            self.assertTrue(bench["valid"], bench)
        return result

    def refused(self, args, *words, ranks=None):
        """Refused before anything ran, saying why; returns the message."""
        done = gb.run([*args, *SHORT, "-o", self.output], ranks)
        self.assertEqual(done.code, 2, str(done))
        for word in words:
            self.assertIn(word, done.err)
        return done.err

    def test_every_stream_in_and_beyond_the_caches(self):
        ids = ",".join("memory." + name for name in STREAMS)
        args = ["-b", ids]
        for name in STREAMS:
            args += ["-p", f"memory.{name}.array_bytes=16KiB,64MiB"]
        result = self.result(args)
        self.assertEqual(len(result["benchmarks"]), 2 * len(STREAMS))
        for name in STREAMS:
            small = gb.bench(result, f"memory.{name}", array_bytes="16KiB")
            large = gb.bench(result, f"memory.{name}", array_bytes="64MiB")
            self.assertEqual(small["notes"]["array_bytes"], "16384")
            self.assertEqual(large["notes"]["array_bytes"], str(64 << 20))
            if name not in ("read", "update"):
                self.assertEqual(small["notes"]["stores"], "plain")

    @unittest.skipUnless(HAVE_X86, "x86-64 alone has more than one")
    def test_every_instruction_set_and_kind_of_store(self):
        flags = open("/proc/cpuinfo", encoding="utf-8").read()
        names = ["portable", "sse2"]
        names += ["avx"] if re.search(r"\bavx\b", flags) else []
        names += ["avx512"] if "avx512f" in flags else []
        ids = ",".join("memory." + name for name in STREAMS)
        args = ["-b", ids]
        for name in STREAMS:
            args += ["-p", f"memory.{name}.isa=" + ",".join(names),
                     "-p", f"memory.{name}.array_bytes=100KiB"]
        result = self.result(args)
        self.assertEqual(len(result["benchmarks"]), len(names) * len(STREAMS))
        for bench in result["benchmarks"]:
            self.assertEqual(bench["notes"]["isa"], bench["params"]["isa"])
        self.setUp()
        result = self.result(["-b", "memory.copy", "-p",
                              "memory.copy.isa=sse2", "-p",
                              "memory.copy.stores=nt,plain"])
        for bench in result["benchmarks"]:
            self.assertEqual(bench["notes"]["stores"],
                             bench["params"]["stores"])

    def test_work_is_what_stream_counts(self):
        for name, (byte, flop) in STREAMS.items():
            with self.subTest(name=name):
                self.setUp()
                result = self.result(["-b", f"memory.{name}", "-p",
                                      f"memory.{name}.array_bytes=64MiB"])
                bench = result["benchmarks"][0]
                elements = bench["work"]["value"] / byte
                self.assertEqual(elements % (64 << 17), 0)
                roofline = bench["roofline"]
                if flop:
                    self.assertAlmostEqual(roofline["flop_per_byte"], flop / byte)

    @gb.needs_mpi
    def test_flat_odd_and_hybrid_launches(self):
        for ranks, mpi_args in ((1, ["--bind-to", "none"]), (2, []), (3, [])):
            with self.subTest(ranks=ranks, mpi_args=mpi_args):
                self.setUp()
                self.result(
                    ["-b", "memory.triad,memory.read,memory.latency,"
                     "memory.gups", "-p", "memory.*.array_bytes=1MiB", "-p",
                     "memory.latency.size_bytes=256KiB", "-p",
                     "memory.gups.table_bytes=1MiB"], ranks, mpi_args)

    def test_latency_rises_from_cache_to_memory(self):
        result = self.result(
            ["-b", "memory.latency", "-p",
             "memory.latency.size_bytes=8KiB,64MiB"])
        small = gb.bench(result, "memory.latency", size_bytes="8KiB")
        large = gb.bench(result, "memory.latency", size_bytes="64MiB")
        self.assertGreater(large["latency_s"], 3 * small["latency_s"])
        self.assertLess(small["latency_s"], 10e-9)
        self.assertEqual(small["notes"]["size_bytes"], "8192")

    def test_chains_overlap(self):
        result = self.result(
            ["-b", "memory.latency", "-p", "memory.latency.chains=1,8", "-p",
             "memory.latency.size_bytes=64MiB"])
        one = gb.bench(result, "memory.latency", chains="1")
        eight = gb.bench(result, "memory.latency", chains="8")
        self.assertGreater(eight["performance"]["median"],
                           2 * one["performance"]["median"])

    def test_latency_tells_its_pages(self):
        result = self.result(
            ["-b", "memory.latency", "-p", "memory.latency.pages=small,auto",
             "-p", "memory.latency.size_bytes=16MiB"])
        small = gb.bench(result, "memory.latency", pages="small")
        self.assertLess(int(small["notes"]["page_bytes"]), 1 << 20)

    @gb.needs_mpi
    def test_gups_at_any_number_of_ranks(self):
        for ranks in (1, 2, 3, 5):
            with self.subTest(ranks=ranks):
                self.setUp()
                result = self.result(["-b", "memory.gups", "-p",
                                      "memory.gups.table_bytes=1MiB"], ranks)
                bench = result["benchmarks"][0]
                table = int(bench["notes"]["table_bytes"])
                self.assertEqual(table & (table - 1), 0)
                self.assertLessEqual(table, ranks << 20)
                self.assertGreater(2 * table, ranks << 20)
                self.assertEqual(bench["work"]["value"] % (960 * ranks), 0)

    def test_sizes_that_cannot_work(self):
        for name in STREAMS:
            hint = self.refused(["-b", f"memory.{name}", "-p",
                                 f"memory.{name}.array_bytes=4TiB"],
                                "share of the memory")
            fits = re.search(r"array_bytes smaller: (\d+)MiB fit", hint)
            self.assertIsNotNone(fits, hint)
            # Other programs take and give memory meanwhile.
            size = int(fits[1]) * 9 // 10
            accepted = gb.run(["--dry-run", "-b", f"memory.{name}", "-p",
                               f"memory.{name}.array_bytes={size}MiB"])
            self.assertEqual(accepted.code, 0, str(accepted))
        self.refused(["-b", "memory.triad", "-p",
                      "memory.triad.array_bytes=1KiB"], "4KiB")
        self.refused(["-b", "memory.latency", "-p",
                      "memory.latency.size_bytes=1TiB"], "size_bytes=")
        self.refused(["-b", "memory.latency", "-p",
                      "memory.latency.size_bytes=1KiB", "-p",
                      "memory.latency.chains=32"], "size_bytes=4096B")
        self.refused(["-b", "memory.latency", "-p",
                      "memory.latency.chains=5"], "chains=4")

    def test_stores_that_no_instruction_does(self):
        self.refused(["-b", "memory.copy", "-p", "memory.copy.stores=nt", "-p",
                      "memory.copy.isa=portable"], "stores=auto")

    @gb.needs_mpi
    def test_tables_that_cannot_work(self):
        self.refused(["-b", "memory.gups", "-p",
                      "memory.gups.table_bytes=4TiB"], "table_bytes=",
                     ranks=2)


if __name__ == "__main__":
    gb.main()
