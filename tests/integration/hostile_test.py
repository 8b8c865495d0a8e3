# SPDX-License-Identifier: Apache-2.0
"""A plugin that hangs, crashes, exits, takes all memory or returns nonsense, on
one rank or on all; a launcher that is killed; a disk that is full, gone or
read-only: what was finished is kept, nothing hangs, nothing is left running, the
exit code says so."""
import errno
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import gb

RANKS = (None, 2) if gb.MPIEXEC else (None,)
# Of ranks that the launcher ended: SIGHUP, SIGKILL, SIGTERM.
KILLED = {"129", "137", "143"}


def processes_of(output):
    """Those that have the folder in their command line."""
    found = subprocess.run(["pgrep", "-f", str(output)], capture_output=True,
                           text=True, check=False)
    return found.stdout.split()


def wait_for(condition, seconds=20.0):
    """True when the condition held before the time was over."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Case(gb.Case):
    def setUp(self):
        super().setUp()
        self.codes = tempfile.mkdtemp(prefix="gb-codes-")
        self.addCleanup(shutil.rmtree, self.codes, ignore_errors=True)

    def check_code(self, code, ranks, text):
        """A run that ended itself: 4, of the ranks that nobody else ended."""
        if ranks is None:
            self.assertEqual(code, 4, text)
            return
        codes = gb.kept_codes(self.codes)
        self.assertNotEqual(code, 0, text)
        self.assertIn("4", codes, text)
        self.assertLessEqual(set(codes), KILLED | {"4"}, text)

    def arguments(self, fault, *more):
        """compute.fma, and then compute.faulty."""
        return ["-b", "compute.fma,compute.faulty", "-p",
                f"compute.faulty.fault={fault}", *more, "--repeats", "6",
                "--min-time", "20ms", "--idle", "0", "-o", self.output]

    def misbehave(self, fault, ranks, *more, **run):
        """How it ended, within half a minute and without a process left."""
        began = time.monotonic()
        done = gb.run(self.arguments(fault, *more), ranks,
                      {"GREENBENCH_PLUGIN_PATH": gb.TEST_PLUGINS}, **run)
        self.assertLess(time.monotonic() - began, 30, str(done))
        self.assertEqual(processes_of(self.output), [], "left running")
        return done

    def start(self, ranks, *more, output=None, mpi_args=()):
        """A run of many repetitions; returns with some of them on disk."""
        output = output or self.output
        process = subprocess.Popen(
            gb.command(["-b", "compute.faulty,compute.fma", "--repeats", "500",
                        "--min-time", "20ms", "--idle", "0", *more, "-o",
                        output], ranks, mpi_args), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=gb.environment(
                {"GREENBENCH_PLUGIN_PATH": gb.TEST_PLUGINS}))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertTrue(wait_for(lambda: self.on_disk(output) >= 3),
                        "no repetition was recorded")
        return process

    def on_disk(self, output):
        """Repetitions in the one run directory there."""
        try:
            text = (gb.only_run_dir(output) / "records.jsonl").read_text()
        except (AssertionError, OSError):
            return 0
        return text.count('"record":"repetition"')

    def report(self, output=None):
        run_dir = gb.only_run_dir(output or self.output)
        report = gb.run(["report", str(run_dir), "--json"])
        self.assertEqual(report.code, 0, str(report))
        return json.loads(report.out)

    def check_kept(self, done):
        """The first benchmark is whole, and `report` reads the run."""
        result = self.report()
        self.assertEqual(result["run"]["status"], "interrupted", str(done))
        fma = gb.bench(result, "compute.fma")
        self.assertTrue(fma["valid"])
        self.assertEqual(fma["performance"]["n"], 6)
        return gb.bench(result, "compute.faulty")


class Plugins(Case):
    def check_finished_before(self, faulty):
        """What its records say, in the result and in the table."""
        run_dir = gb.only_run_dir(self.output)
        records = [json.loads(line) for line in
                   (run_dir / "records.jsonl").read_text().splitlines()]
        done = [r for r in records if r["record"] == "repetition" and
                r["case"] == 1]
        before = faulty["finished_before"]
        self.assertGreaterEqual(before["n"], 1)
        self.assertEqual(before["n"], len(done))
        self.assertEqual(len(before["raw"]), before["n"])
        self.assertGreater(before["median"], 0)
        self.assertIsNone(faulty["performance"]["value"])
        self.assertIn(f"{before['n']} repetition",
                      gb.run(["report", str(run_dir)]).out)

    def test_a_hanging_call_ends_the_run_with_what_is_finished(self):
        for ranks in RANKS:
            with self.subTest(ranks=ranks):
                self.setUp()
                done = self.misbehave("hang", ranks, "--trial-timeout", "2s",
                                      mpi_args=gb.keep_codes(self.codes))
                self.check_code(done.code, ranks, str(done))
                self.assertIn("expected a timed call to take 2 s at most",
                              done.err)
                faulty = self.check_kept(done)
                self.assertFalse(faulty["valid"])
                self.assertEqual(faulty["status"], "ERR_TIMEOUT")
                self.assertIn("2 s at most", faulty["reason"])
                self.check_finished_before(faulty)

    @gb.needs_mpi
    def test_one_rank_that_hangs_ends_all(self):
        """Rank 0 itself, then one that rank 0 waits for."""
        for rank, fault in (("0", "spin"), ("1", "spin")):
            with self.subTest(rank=rank):
                self.setUp()
                done = self.misbehave(fault, 2, "--trial-timeout", "1s", "-p",
                                      f"compute.faulty.rank={rank}",
                                      mpi_args=gb.keep_codes(self.codes))
                self.check_code(done.code, 2, str(done))
                faulty = self.check_kept(done)
                self.assertEqual(faulty["status"], "ERR_TIMEOUT")

    @gb.needs_mpi
    def test_the_others_end_themselves_where_rank_0_cannot(self):
        """Rank 0 is stopped, so that its watchdog cannot bark."""
        process = self.start(2, "--trial-timeout", "1s",
                             mpi_args=gb.keep_codes(self.codes))
        ranks = [pid for pid in processes_of(self.output)
                 if pathlib.Path(f"/proc/{pid}/exe").resolve().name
                 == "greenbench"]
        os.kill(int(min(ranks, key=rank_of)), signal.SIGSTOP)
        began = time.monotonic()
        _, err = process.communicate(timeout=40)
        self.assertGreater(time.monotonic() - began, 10, "before its time")
        self.check_code(process.returncode, 2, err)
        self.assertEqual(processes_of(self.output), [], "left running")
        self.assertEqual(self.report()["run"]["status"], "interrupted")

    def test_a_long_call_within_its_limit_is_left_alone(self):
        done = self.misbehave("none", None, "--trial-timeout", "20s")
        self.assertEqual(done.code, 0, str(done))

    def test_a_plugin_that_hangs_before_anything_is_measured(self):
        done = self.misbehave("stuck", RANKS[-1], "--trial-timeout", "1s",
                              mpi_args=gb.keep_codes(self.codes))
        self.check_code(done.code, RANKS[-1], str(done))
        self.assertIn("compute.faulty: expected create() to take 10 s at most",
                      done.err)
        self.assertEqual(os.listdir(self.output), [])

    def check_died(self, fault, ranks, *more):
        self.setUp()
        done = self.misbehave(fault, ranks, *more,
                              mpi_args=gb.keep_codes(self.codes))
        faulty = self.check_kept(done)
        # Its own first repetitions were good.
        self.assertGreaterEqual(faulty["time_s"]["n"], 1)
        self.assertNotEqual(done.code, 0, str(done))
        if fault == "exit":
            # The launcher may give what it ended the others by.
            codes = gb.kept_codes(self.codes) if ranks else [str(done.code)]
            self.assertIn("5", codes, str(done))
            self.assertIn("something called exit()", done.err)

    def test_a_rank_that_dies_leaves_what_was_finished(self):
        for fault in ("crash", "kill", "exit"):
            for ranks in RANKS:
                with self.subTest(fault=fault, ranks=ranks):
                    self.check_died(fault, ranks)

    @gb.needs_mpi
    def test_only_one_rank_that_dies_leaves_what_was_finished(self):
        for fault in ("crash", "kill", "exit"):
            for rank in ("0", "1"):
                with self.subTest(fault=fault, rank=rank):
                    self.check_died(fault, 2, "-p",
                                    f"compute.faulty.rank={rank}")

    def check_nonsense(self, ranks, *more):
        done = self.misbehave("nan", ranks, *more)
        self.assertEqual(done.code, 1, str(done))
        result = gb.summary(gb.only_run_dir(self.output))
        faulty = gb.bench(result, "compute.faulty")
        self.assertFalse(faulty["valid"])
        self.assertIn("expected work.done finite", faulty["reason"])
        self.assertTrue(gb.bench(result, "compute.fma")["valid"])

    def test_a_rate_that_is_no_number_fails_its_trial_alone(self):
        self.check_nonsense(None)

    @gb.needs_mpi
    def test_a_rate_that_is_no_number_on_one_rank_fails_its_trial_alone(self):
        self.check_nonsense(2, "-p", "compute.faulty.rank=1")


class Memory(Case):
    """An address space of 1 GiB, and a plugin that wants it."""

    @staticmethod
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    def setUp(self):
        super().setUp()
        if "asan" in gb.BIN or "tsan" in gb.BIN:
            self.skipTest("a sanitizer maps more address space than the limit")

    def test_memory_refused_fails_the_trial_alone(self):
        done = self.misbehave("greedy", None, preexec_fn=self.limit)
        self.assertEqual(done.code, 1, str(done))
        result = gb.summary(gb.only_run_dir(self.output))
        self.assertEqual(result["run"]["status"], "complete")
        self.assertEqual(gb.bench(result, "compute.faulty")["status"],
                         "ERR_NO_MEMORY")
        self.assertTrue(gb.bench(result, "compute.fma")["valid"])

    def test_a_host_without_memory_ends_with_what_is_finished(self):
        done = self.misbehave("hoard", None, preexec_fn=self.limit)
        # Whoever asks next finds none: mostly greenbench. Where it is Open MPI,
        # that ends the process itself, with ENOMEM, and nothing can be said.
        if done.code == errno.ENOMEM:
            self.assertIn("unable to alloc memory", done.err)
        else:
            self.assertEqual(done.code, 5, str(done))
            self.assertIn("out of memory", done.err)
        result = self.report()
        self.assertEqual(gb.bench(result, "compute.fma")["performance"]["n"], 6)


def rank_of(pid):
    pairs = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next(pair for pair in pairs
                if pair.startswith((b"OMPI_COMM_WORLD_RANK=", b"PMI_RANK=")))


class Launcher(Case):
    @gb.needs_mpi
    def test_ranks_end_after_the_launcher_was_killed(self):
        process = self.start(2)
        finished = self.on_disk(self.output)
        process.kill()
        process.wait()
        self.assertTrue(wait_for(lambda: not processes_of(self.output), 10),
                        "ranks without a launcher go on")
        result = self.report()
        self.assertEqual(result["run"]["status"], "interrupted")
        self.assertGreaterEqual(
            gb.bench(result, "compute.faulty")["performance"]["n"], finished)

    def test_one_process_alone_outlives_its_shell(self):
        """As after logging out: it was started by nobody who waits."""
        arguments = self.arguments("none", "--repeats", "20")
        subprocess.run(
            ["sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", gb.BIN, *arguments],
            env=gb.environment({"GREENBENCH_PLUGIN_PATH": gb.TEST_PLUGINS}),
            check=True)
        self.assertTrue(wait_for(lambda: not processes_of(self.output), 60))
        self.assertEqual(self.report()["run"]["status"], "complete")


class Storage(Case):
    def mounted(self, options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none",
                               self.output], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            self.skipTest("cannot mount a tmpfs: " + done.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", self.output], check=True)

    def test_a_disk_that_fills_up_keeps_what_is_finished(self):
        self.mounted("size=96k")
        done = gb.run(["-b", "compute.fma", "--repeats", "500", "--min-time",
                       "5ms", "--idle", "0", "-o", self.output], RANKS[-1])
        self.assertEqual(done.code, 5, str(done))
        self.assertIn("No space left on device", done.err)
        self.assertIn("hint: free space there", done.err)
        result = self.report()
        self.assertEqual(result["run"]["status"], "interrupted")
        finished = gb.bench(result, "compute.fma")["performance"]["n"]
        self.assertGreater(finished, 10)
        self.assertEqual(finished, self.on_disk(self.output))

    def test_a_run_directory_that_is_removed_ends_the_run_at_once(self):
        for ranks in RANKS:
            with self.subTest(ranks=ranks):
                self.setUp()
                process = self.start(ranks)
                shutil.rmtree(gb.only_run_dir(self.output))
                began = time.monotonic()
                _, err = process.communicate(timeout=20)
                self.assertEqual(process.returncode, 5, err)
                self.assertLess(time.monotonic() - began, 5)
                self.assertIn("it was removed during the run", err)
                self.assertEqual(err.count("greenbench: expected"), 1, err)
                self.assertEqual(os.listdir(self.output), [])

    def test_a_disk_that_turns_read_only_keeps_what_is_finished(self):
        """As ext4 does when its disk fails."""
        image = pathlib.Path(self.output).with_suffix(".img")
        self.addCleanup(image.unlink, missing_ok=True)
        with open(image, "wb") as file:
            file.truncate(8 << 20)
        for line in (["mkfs.ext4", "-q", image],
                     ["mount", "-o", "loop", image, self.output]):
            if shutil.which(line[0]) is None:
                self.skipTest(f"needs {line[0]}")
            made = subprocess.run(line, capture_output=True, text=True,
                                  check=False)
            if made.returncode != 0:
                self.skipTest(f"{line[0]}: {made.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", self.output], check=True)
        output = os.path.join(self.output, "runs")
        process = self.start(RANKS[-1], output=output)
        finished = self.on_disk(output)
        subprocess.run(["mount", "-o", "remount,abort", self.output],
                       check=True)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 5, err)
        self.assertIn("Read-only file system", err)
        result = self.report(output)
        self.assertEqual(result["run"]["status"], "interrupted")
        self.assertGreaterEqual(
            gb.bench(result, "compute.faulty")["performance"]["n"], finished)

    def test_a_read_only_place_is_refused_before_anything_runs(self):
        self.mounted("ro")
        began = time.monotonic()
        done = self.misbehave("none", RANKS[-1])
        self.assertEqual(done.code, 5, str(done))
        self.assertLess(time.monotonic() - began, 10)
        self.assertIn("Read-only file system", done.err)
        self.assertIn("--output DIR", done.err)


class SetId(gb.Case):
    """A program that loads code by the environment, with another's rights."""

    @unittest.skipUnless(os.geteuid() == 0, "only root can make such a file")
    def test_it_refuses_to_run(self):
        copy = pathlib.Path(self.output) / "greenbench"
        shutil.copy(gb.BIN, copy)
        os.chown(copy, 65534, 65534)
        copy.chmod(0o4755)
        os.chmod(self.output, 0o755)
        done = subprocess.run([copy, "list"], env=gb.environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("set-id bits", done.stderr)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    gb.main(at_a_time=3)
