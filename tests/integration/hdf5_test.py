# SPDX-License-Identifier: Apache-2.0
"""Samples as HDF5: h5py reads what the text holds, to the bit."""
import contextlib
import csv
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import gb
import made_run

try:
    import h5py
except ImportError:
    print("skipped: no h5py (Debian: python3-h5py)")
    sys.exit(77)

COLUMNS = ["domain", "time_ns", "half_ns", "ticks", "ok", "mark", "stamp_ns"]


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def check(self, run_dir, path):
        """What each launch has, and no more; how many rows."""
        launches = sorted(run_dir.glob("launch-*"))
        with h5py.File(path) as file:
            self.assertEqual(file.attrs["schema"], "greenbench.samples/1")
            self.assertEqual(sorted(file),
                             sorted(["domains", "nodes",
                                     *(one.name for one in launches)]))
            rows = self.check_launch(run_dir, file)
            for one in launches:
                rows += self.check_launch(one, file[one.name])
        return rows

    def check_launch(self, folder, group):
        """Every row of every node, its attributes, and the domains."""
        with open(folder / "records.jsonl", encoding="utf-8") as records:
            session = json.loads(records.readline())
        with open(folder / "samples", encoding="utf-8") as text:
            rows = list(csv.DictReader(text))
        nodes = session["nodes"]
        self.assertEqual(group.file.attrs["run_id"], session["run_id"])
        self.assertEqual(group.attrs["launch"], session["launch"])
        self.assertEqual(group.attrs["started_utc_ns"],
                         session["started_utc_ns"])
        self.assertEqual(sorted(group["nodes"]),
                         [f"{n:05}" for n in range(len(nodes))])
        for n, node in enumerate(nodes):
            data = group[f"nodes/{n:05}"]
            self.assertEqual(data.attrs["node"], node["name"])
            self.assertEqual(list(data.attrs["columns"]), COLUMNS)
            self.assertEqual(len(data.attrs["units"]), len(COLUMNS))
            self.assertEqual(data.compression, "gzip")
            self.assertEqual(
                data[:].tolist(),
                [[int(row[c]) for c in COLUMNS] for row in rows
                 if int(row["node"]) == n])
            whole = nodes[node["like"]] if "like" in node else node
            table = group.file[data.attrs["domains"]]
            self.assertEqual(table.parent, group["domains"])
            for name, key in (("name", "domain"), ("source", "source"),
                              ("scope", "scope")):
                self.assertEqual([t.decode() for t in table[name]],
                                 [d[key] for d in whole["domains"]])
            self.assertEqual(list(table["tick"]),
                             [d["tick_j"] for d in whole["domains"]])
        return len(rows)


class Samples(Case):
    def test_report_writes_what_the_text_holds(self):
        run_dir = made_run.make(self.folder, "made", 40, 2, 6)
        out = self.folder / "out.h5"
        done = gb.run(["report", str(run_dir), "--hdf5", str(out)])
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.check(run_dir, out), 40 * 9 * 14)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ["made", "out.h5"])

    def test_a_run_with_many_samples_leaves_the_file_itself(self):
        results = self.folder / "results"
        with gb.Player("intel-2s-skx-dram", 60.0) as root:
            done = gb.run(["-b", "compute.fma", "-p",
                           "compute.fma.precision=fp64", "--repeats", "12",
                           "--min-time", "600ms", "--idle", "200ms",
                           "--sample-hz", "1000", "-e", "powercap", "-o",
                           str(results)], env={"GREENBENCH_SYSROOT": root})
        self.assertEqual(done.code, 0, done)
        run_dir = gb.only_run_dir(results)
        rows = self.check(run_dir, run_dir / "samples.h5")
        self.assertGreaterEqual(rows, 10000)
        manifest = json.loads((run_dir / "manifest.json").read_text())
        self.assertIn("samples.h5", {f["path"] for f in manifest["files"]})

    def test_every_launch_of_a_resumed_run_is_in_it(self):
        results = self.folder / "results"
        with gb.Player("intel-2s-skx-dram", 60.0) as root:
            env = {"GREENBENCH_SYSROOT": root}
            process = subprocess.Popen(
                gb.command(["-b", "compute.fma", "-p",
                            "compute.fma.precision=fp64", "--repeats", "8",
                            "--min-time", "50ms", "--idle", "200ms",
                            "-e", "powercap", "-o", str(results)]),
                env=gb.environment(env), stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            run_dir = self.wait_for_repetition(results)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=60), 4)
            done = gb.run(["--resume", str(run_dir)], env=env)
        self.assertEqual(done.code, 0, done)
        out = self.folder / "out.h5"
        done = gb.run(["report", str(run_dir), "--hdf5", str(out)])
        self.assertEqual(done.code, 0, done)
        self.check(run_dir, out)
        with h5py.File(out) as file:
            self.assertEqual(sorted(file), ["domains", "launch-2", "nodes"])
            self.assertGreater(len(file["launch-2/nodes/00000"]), 0)

    def wait_for_repetition(self, results):
        """The directory of a run that has one on disk."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for path in results.glob("*/records.jsonl"):
                if '"record":"repetition"' in path.read_text():
                    return path.parent
            time.sleep(0.01)
        raise AssertionError("no repetition in a minute")

    def test_what_cannot_be_written_is_told(self):
        run_dir = made_run.make(self.folder, "made", 2, 1, 6)
        done = gb.run(["report", str(run_dir), "--hdf5",
                       str(self.folder / "nowhere" / "out.h5")])
        self.assertEqual(done.code, 5, done)
        self.assertIn("out.h5", done.err)
        self.assertIn("hint: is there space", done.err)


@unittest.skipUnless(os.environ.get("GB_HDF5_PARALLEL") == "ON",
                     "built without a parallel HDF5 for this MPI")
class Together(Case):
    """Three nodes, told apart by their boot ids, whose leaders write one file
    through MPI-IO: there are twice the samples that it takes, should the
    sampler miss some."""
    NODES = 3

    def run_nodes(self, env=None):
        """The directory of a run with enough samples, and its outcome."""
        for seconds in (0.35, 1.0, 3.0):
            run_dir, done = self.run_for(seconds, env)
            with open(run_dir / "samples", encoding="utf-8") as text:
                if sum(1 for _ in text) > self.NODES * 4096:
                    return run_dir, done
        self.fail(f"the sampler misses too much: {done}")

    def run_for(self, seconds, env):
        results = self.folder / f"results-{seconds}"
        line = [gb.MPIEXEC]
        with contextlib.ExitStack() as stack:
            for node in range(self.NODES):
                root = stack.enter_context(gb.Player("intel-2s-skx-dram", 60.0))
                random = pathlib.Path(root, "proc/sys/kernel/random")
                random.mkdir(parents=True, exist_ok=True)
                (random / "boot_id").write_text(f"node-{node}\n")
                line += [":"] * (node > 0) + [
                    "-n", "1", "env", f"GREENBENCH_SYSROOT={root}", gb.BIN,
                    "-b", "memory.copy", "-p", "memory.copy.array_bytes=1MiB",
                    "--repeats", "6", "--min-time", f"{seconds}s",
                    "--idle", "0", "--sample-hz", "1000", "-e", "powercap",
                    "-o", str(results)]
            done = gb.Outcome(subprocess.run(
                line, env=gb.environment(env), capture_output=True, text=True,
                timeout=120, check=False))
        return gb.only_run_dir(results), done

    def spoilt(self, how):
        return {"LD_PRELOAD": os.environ["GB_SPOIL_MPI"], "GB_SPOIL_FILE": how}

    def same(self, one, other):
        """Every object, attribute and row; but for who wrote it."""
        with h5py.File(one) as a, h5py.File(other) as b:
            names = [[], []]
            a.visit(names[0].append)
            b.visit(names[1].append)
            self.assertEqual(*names)
            for name in ["/", *names[0]]:
                attributes = [{key: str(value) for key, value in
                               file[name].attrs.items()
                               if not key.startswith("written_by")}
                              for file in (a, b)]
                self.assertEqual(*attributes, name)
                if isinstance(a[name], h5py.Dataset):
                    for what in ("dtype", "shape", "chunks", "compression",
                                 "shuffle"):
                        self.assertEqual(getattr(a[name], what),
                                         getattr(b[name], what), name)
                    self.assertEqual(a[name][()].tolist(),
                                     b[name][()].tolist(), name)

    def written_by(self, path):
        with h5py.File(path) as file:
            return [file.attrs.get(name) for name in ("written_by",
                                                      "written_by_reason")]

    def test_it_is_the_file_that_one_process_writes(self):
        run_dir, done = self.run_nodes()
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.written_by(run_dir / "samples.h5"),
                         ["the leaders of 3 nodes, through MPI-IO", None])
        self.check(run_dir, run_dir / "samples.h5")
        alone = self.folder / "alone.h5"
        done = gb.run(["report", str(run_dir), "--hdf5", str(alone)])
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.written_by(alone), ["one process", None])
        self.same(run_dir / "samples.h5", alone)
        done = gb.run(["validate", str(run_dir)])
        self.assertEqual(done.code, 0, done)

    def test_where_mpi_io_refuses_rank_0_writes_it_and_says_so(self):
        run_dir, done = self.run_nodes(env=self.spoilt("refuse"))
        self.assertEqual(done.code, 0, done)
        by, reason = self.written_by(run_dir / "samples.h5")
        self.assertEqual(by, "one process")
        self.assertIn("HDF5 failed at 'file'", reason)
        self.assertIn("rank 0 writes samples.h5 alone", done.err)
        self.check(run_dir, run_dir / "samples.h5")

    def test_a_leader_that_dies_at_it_costs_the_file_alone(self):
        run_dir, done = self.run_nodes(env=self.spoilt("die"))
        self.assertNotEqual(done.code, 0, done)
        self.assertFalse((run_dir / "samples.h5").exists())
        done = gb.run(["report", str(run_dir), "--json"])
        self.assertEqual(done.code, 0, done)
        result = json.loads(done.out)
        self.assertEqual(result["run"]["status"], "complete")
        self.assertEqual(result["benchmarks"][0]["time_s"]["n"], 6)
        out = self.folder / "out.h5"
        done = gb.run(["report", str(run_dir), "--hdf5", str(out)])
        self.assertEqual(done.code, 0, done)
        self.check(run_dir, out)


if __name__ == "__main__":
    unittest.main()
