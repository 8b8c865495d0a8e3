# SPDX-License-Identifier: Apache-2.0
"""scripts/compare_peers.sh against programs that are not there: ours, the peers,
mpirun and ldd are played by this file, which answers with rates that the test
chose and notes who was called. usage: peers_test.py ROOT"""
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PLAYED = ("greenbench", "likwid-bench", "hpcc", "NPopenmpi", "mpirun", "ldd")
PLUGINS = ("memory.copy", "memory.triad", "memory.read", "compute.fma",
           "compute.dgemm", "compute.hpl", "compute.fft", "compute.hpcg",
           "memory.gups", "network.pingpong")
# One value for each name in hpcc's summary; ours is RATE, so ratio = RATE / it.
HPCC = {"STREAM_VectorSize": 1000, "DGEMM_N": 100, "HPL_N": 200,
        "MPIRandomAccess_N": 1024, "MPIFFT_N": 4096, "Success": 1}


# --- the programs ------------------------------------------------------------

def play_greenbench(words, rates):
    if words[0] == "list":
        params = [{"name": name} for name in
                  ("array_bytes", "precision", "n", "nb", "p", "q", "shape",
                   "table_bytes", "message_bytes")]
        print(json.dumps({"benchmarks": [
            {"id": name, "params": params, "path": f"{name}.so"}
            for name in PLUGINS if name not in rates.get("lacks", [])]}))
        return 0
    bench = words[words.index("-b") + 1]
    rate = rates.get(bench, 100.0)
    if bench == "network.pingpong":
        size = int(next(word for word in words if "message_bytes=" in word)
                   .split("=")[1][:-1])
        rate = rate / size
    folder = pathlib.Path(words[words.index("-o") + 1]) / "run"
    folder.mkdir()
    (folder / "summary.json").write_text(json.dumps({"benchmarks": [{
        "id": bench, "valid": rates.get("valid", True), "reason": "spoilt",
        "performance": {"median": rate, "raw": [0.5 * rate, rate]},
        "roofline": {"memory_byte_per_s": rate}}]}))
    return 0


def play_likwid(words, rates):
    if "-a" in words:
        print("stream_mem_sse - one\ncopy_avx - another\nload_mem - third\n"
              "peakflops_sse - fourth")
        return 0
    rate = rates.get("likwid", 100.0) / 1e6
    print(f"Iterations per thread: 7\nMFlops/s: {rate:.9f}\nMByte/s: {rate:.9f}")
    return 0


def play_hpcc(_, rates):
    peer = rates.get("hpcc", 100.0)
    values = {**HPCC, "StarSTREAM_Triad": peer / 2e9,
              "StarDGEMM_Gflops": peer / 2e9, "HPL_Tflops": peer / 1e12,
              "MPIRandomAccess_GUPs": peer / 1e9, "MPIFFT_Gflops": peer / 1e9,
              "MaxPingPongLatency_usec": 8 / peer * 1e6,
              "MaxPingPongBandwidth_GBytes": peer / 1e9}
    values.update(rates.get("summary", {}))
    pathlib.Path("hpccoutf.txt").write_text(
        "Begin of Summary section.\n" +
        "".join(f"{name}={value}\n" for name, value in values.items()))
    return 0


def play_netpipe(words, rates):
    rate = rates.get("netpipe", 100.0) * 8 / 2**20
    pathlib.Path("out").write_text(f"{words[words.index('-l') + 1]} {rate!r} 0\n")
    return 0


def play_ldd(words, rates):
    folder = rates.get("blas", {}).get(pathlib.Path(words[0]).name, "/opt/one")
    if folder:
        print(f"\tlibblas.so.3 => {folder}/libblas.so.3 (0x0007)")
    print("\tlibc.so.6 => /lib/libc.so.6 (0x0008)")
    return 0


def play(name, words):
    folder = pathlib.Path(os.environ["GB_PEERS_FOLDER"])
    rates = json.loads((folder / "rates.json").read_text())
    if name == "mpirun":
        while words[0].startswith("-"):
            words = words[2:]
        os.execvp(words[0], words)
    if "list" not in words[:1] and "-a" not in words and name != "ldd":
        with open(folder / "calls", "a", encoding="utf-8") as calls:
            calls.write(name + "\n")
    if name in rates.get("broken", []):
        print("no luck today")
        return 3
    return {"greenbench": play_greenbench, "likwid-bench": play_likwid,
            "hpcc": play_hpcc, "NPopenmpi": play_netpipe,
            "ldd": play_ldd}[name](words, rates)


# --- the test ----------------------------------------------------------------

class Peers(unittest.TestCase):
    root = pathlib.Path(".")

    def setUp(self):
        made = tempfile.TemporaryDirectory(prefix="gb-peers-test-")
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)
        (self.folder / "bin").mkdir()
        for name in PLAYED:
            program = self.folder / "bin" / name
            program.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{__file__}' "
                               f"--play {name} \"$@\"\n")
            program.chmod(0o755)
        # No other PATH: this machine may have the peers.
        for name in ("bash", "cat", "cp", "dirname"):
            (self.folder / "bin" / name).symlink_to(shutil.which(name))
        (self.folder / "bin/python3").symlink_to(sys.executable)

    def compare(self, *words, without=(), program=True, **rates):
        """(exit code, lines of JSON, standard error)"""
        (self.folder / "rates.json").write_text(json.dumps(rates))
        for name in without:
            (self.folder / "bin" / name).unlink()
        ours = ["-g", str(self.folder / "bin/greenbench")] if program else []
        done = subprocess.run(
            [str(self.root / "scripts/compare_peers.sh"), "--no-install", *ours,
             *words], capture_output=True, text=True, timeout=100, check=False,
            cwd=self.folder, env={
                "PATH": f"{self.folder}/bin",
                "GB_PEERS_FOLDER": str(self.folder)})
        self.assertNotIn("Traceback", done.stderr)
        lines = done.stdout.splitlines()
        return (done.returncode,
                [json.loads(line) if line.startswith("{") else line
                 for line in lines], done.stderr)

    def calls(self):
        return (self.folder / "calls").read_text().split()

    def test_a_line_has_what_a_reader_needs_and_pairs_alternate(self):
        code, lines, _ = self.compare("memory.triad/likwid", likwid=80.0)
        self.assertEqual(code, 0)
        line, last = lines
        for key in ("what", "ours", "peer", "peer_value", "unit",
                    "ratio_median", "ratio_ci95"):
            self.assertIn(key, line)
        self.assertEqual(line["what"], "memory.triad/likwid")
        self.assertEqual(line["peer"], "likwid-bench stream_mem_sse")
        self.assertAlmostEqual(line["ratio_median"], 1.25)
        self.assertAlmostEqual(line["ratio_ci95"][0], 1.25)
        self.assertEqual(line["rounds"], 7)
        # One look at the kernel, then seven pairs.
        self.assertEqual(self.calls(),
                         ["likwid-bench"] + 7 * ["likwid-bench", "greenbench"])
        self.assertAlmostEqual(last["worst"], 1.25)
        self.assertEqual((last["below_bar"], last["skipped"], last["failed"]),
                         ([], [], []))

    def test_latencies_are_turned_round_and_sizes_are_1_and_4_mib(self):
        code, lines, _ = self.compare("network.pingpong", "-n", "1",
                                      **{"network.pingpong": 120.0})
        self.assertEqual(code, 0)
        self.assertEqual({line["what"] for line in lines[:-1]}, {
            "network.pingpong.latency/netpipe",
            "network.pingpong.bandwidth.1MiB/netpipe",
            "network.pingpong.bandwidth.4MiB/netpipe",
            "network.pingpong.latency/hpcc",
            "network.pingpong.bandwidth/hpcc"})
        for line in lines[:-1]:
            self.assertAlmostEqual(line["ratio_median"], 1.2, 3, line["what"])

    def test_the_last_line_is_the_smallest_ratio_whatever_its_bar(self):
        """hpcg is at 0.8 of a bound of 0.7; the triad at 1.04 of 1.05."""
        code, lines, _ = self.compare(
            "memory.triad/hpcc", "compute.hpcg", "-n", "1",
            **{"compute.hpcg": 80.0, "memory.triad": 104.0})
        self.assertEqual(code, 1)
        self.assertAlmostEqual(lines[-1]["worst"], 0.8)
        self.assertEqual(lines[-1]["what"], "compute.hpcg/read")
        self.assertEqual(lines[-1]["below_bar"], ["memory.triad/hpcc"])

    def test_what_is_skipped_is_named_and_no_success(self):
        code, lines, _ = self.compare(
            "memory.copy", "memory.gups", "network.pingpong.latency/netpipe",
            "-n", "1", without=["hpcc", "NPopenmpi"])
        self.assertEqual(code, 77)
        self.assertEqual(lines[-1]["skipped"],
                         ["network.pingpong.latency/netpipe",
                          "memory.gups/hpcc"])
        self.assertAlmostEqual(lines[-1]["worst"], 1.0)

    def test_nothing_to_compare(self):
        code, lines, _ = self.compare("memory.copy", "-n", "1",
                                      lacks=["memory.copy"])
        self.assertEqual(code, 77)
        self.assertIsNone(lines[-1]["worst"])
        self.assertEqual(lines[-1]["skipped"], ["memory.copy/likwid"])

    def test_failures_of_a_program_and_wrong_results(self):
        for rates in ({"broken": ["NPopenmpi"]}, {"valid": False}):
            with self.subTest(**rates):
                code, lines, _ = self.compare(
                    "network.pingpong.latency/netpipe", "-n", "1", **rates)
                self.assertEqual(code, 2)
                self.assertEqual(lines[-1]["failed"],
                                 ["network.pingpong.latency/netpipe"])

    def test_bad_words_and_no_greenbench_at_all(self):
        code, lines, err = self.compare("memory.nothing")
        self.assertEqual((code, lines), (2, []))
        self.assertIn("memory.nothing", err)
        code, lines, err = self.compare("-g", "/no/such/greenbench")
        self.assertEqual((code, lines), (2, []))
        self.assertIn("/no/such/greenbench", err)

    def test_without_a_build_and_without_one_on_the_path(self):
        if (self.root / "build/release/bin/greenbench").exists():
            self.root = self.copied()
        code, lines, err = self.compare(program=False, without=["greenbench"])
        self.assertEqual((code, lines), (2, []))
        self.assertIn("no program 'greenbench'", err)
        code, lines, err = self.compare("--list", program=False)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("memory.triad/hpcc                    1.05", lines)

    def copied(self):
        """The scripts in a tree that has no build."""
        subprocess.run(["cp", "-r", str(self.root / "scripts"),
                        str(self.folder)], check=True)
        return self.folder

    def test_another_blas_than_ours_is_not_compared(self):
        code, lines, _ = self.compare(
            "compute.dgemm/hpcc", "memory.triad/hpcc", "-n", "1",
            **{"memory.triad": 110.0, "blas": {"hpcc": "/opt/other"}})
        self.assertEqual(code, 77)
        self.assertEqual(lines[-1]["skipped"], ["compute.dgemm/hpcc"])
        self.assertIn("/opt/other", lines[0]["skipped"])
        self.assertIn("/opt/one", lines[0]["skipped"])
        code, lines, _ = self.compare("compute.dgemm/hpcc", "-n", "1")
        self.assertEqual(code, 0)
        self.assertAlmostEqual(lines[0]["ratio_median"], 1.0)

    def test_the_interval_holds_the_median_with_its_confidence(self):
        sys.path.insert(0, str(self.root / "scripts/peers"))
        import stats  # pylint: disable=import-outside-toplevel
        # Ranks of the narrowest interval of at least 95 % for each n.
        for n, k in ((6, 1), (7, 1), (8, 1), (9, 2), (12, 3), (20, 6)):
            low, high, coverage = stats.median_interval(range(1, n + 1))
            self.assertEqual((low, high), (k, n + 1 - k), n)
            beyond = sum(math.comb(n, i) for i in range(k)) / 2**n
            self.assertAlmostEqual(coverage, 1 - 2 * beyond)
            self.assertGreaterEqual(coverage, 0.95)
        self.assertLess(stats.median_interval([1, 2, 3, 4, 5])[2], 0.95)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--play"]:
        sys.exit(play(sys.argv[2], sys.argv[3:]))
    Peers.root = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
