# SPDX-License-Identifier: Apache-2.0
"""--resume: a run that was cut off is finished on the same plan and machine, no
repetition is lost or done twice, and the result says which part is of which
launch.
"""
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

import gb

PLAN = ["-b", "compute.fma,memory.triad", "-p",
        "memory.triad.array_bytes=16MiB", "--min-time", "25ms", "--idle",
        "150ms"]
REPEATS = 6


def records(folder):
    path = pathlib.Path(folder) / "records.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(True)
            if line.endswith("\n")]


def repetitions(run_dir):
    """(case, repetition) of every one that is good, in all launches."""
    folders = [run_dir, *sorted(pathlib.Path(run_dir).glob("launch-*"))]
    return [(r["case"], r["index"]) for folder in folders
            for r in records(folder)
            if r["record"] == "repetition" and r["status"] == "OK"]


def kill_session(leader):
    """SIGKILL to mpirun and its ranks, which are a session of their own."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == leader:
                os.kill(int(stat.parent.name), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            continue


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Resume(gb.Case):
    def start(self, *args, ranks=None, env=None):
        return subprocess.Popen(
            gb.command([*PLAN, "--repeats", str(REPEATS), *args, "-o",
                        self.output], ranks),
            env=gb.environment(env), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)

    def wait_for(self, count, process):
        """Until the run has so many repetitions on disk; its directory."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.assertIsNone(process.poll(), "it ended before")
            dirs = list(pathlib.Path(self.output).iterdir())
            if dirs and len(repetitions(dirs[0])) >= count:
                return dirs[0]
            time.sleep(0.005)
        raise AssertionError(f"no {count} repetitions in a minute")

    def end(self, process, how):
        if how == signal.SIGKILL:
            kill_session(process.pid)
        else:
            os.kill(process.pid, how)
        out, err = process.communicate(timeout=60)
        return out, err

    def cut_off(self, count, *args, ranks=None, env=None):
        """A run that was killed after `count` repetitions; its directory."""
        process = self.start(*args, ranks=ranks, env=env)
        run_dir = self.wait_for(count, process)
        self.end(process, signal.SIGKILL)
        self.wait_until_ended(run_dir)
        self.assertFalse((run_dir / "summary.json").exists())
        return run_dir

    def wait_until_ended(self, run_dir):
        """Ranks outlive their mpirun for a moment."""
        deadline = time.monotonic() + 30
        with open(run_dir / "records.jsonl") as file:
            while time.monotonic() < deadline:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError:
                    time.sleep(0.05)
        raise AssertionError("a rank outlives its mpirun by half a minute")

    def resume(self, run_dir, *args, ranks=None, env=None, code=0):
        done = gb.run(["--resume", str(run_dir), *args], ranks, env)
        self.assertEqual(done.code, code, str(done))
        return done

    def assert_whole(self, run_dir, cases=2):
        self.assertEqual(sorted(repetitions(run_dir)),
                         [(c, r) for c in range(cases)
                          for r in range(REPEATS)])
        result = gb.summary(run_dir)
        self.assertEqual(result["run"]["status"], "complete")
        launches = result["run"]["launches"]
        raw = [n for b in result["benchmarks"] for n in b["launch_raw"]]
        for b in result["benchmarks"]:
            self.assertTrue(b["valid"], b["reason"])
            self.assertEqual(len(b["performance"]["raw"]), REPEATS)
            self.assertEqual(b["launch_raw"], sorted(b["launch_raw"]))
        for launch in launches:
            self.assertEqual(raw.count(launch["launch"]),
                             launch["repetitions"])
        self.assertEqual(len(raw), cases * REPEATS)
        self.assertNotIn("run.cut",
                         [w["code"] for w in result["warnings"]])
        return result

    def test_a_killed_run_is_finished_and_nothing_is_done_twice(self):
        run_dir = self.cut_off(3)
        there = len(repetitions(run_dir))
        before = {name: digest(run_dir / name)
                  for name in ("plan.json", "records.jsonl", "samples")}
        look = self.resume(run_dir, "--dry-run")
        self.assertIn(f"{there} of {2 * REPEATS} repetitions are there",
                      look.out)
        self.assertFalse((run_dir / "launch-2").exists())
        done = self.resume(run_dir)
        self.assertIn(f"{there} of {2 * REPEATS} repetitions are there",
                      done.err)
        result = self.assert_whole(run_dir)
        self.assertEqual([r["repetitions"] for r in
                          result["run"]["launches"]],
                         [there, 2 * REPEATS - there])
        self.assertEqual([r["status"] for r in result["run"]["launches"]],
                         ["interrupted", "complete"])
        self.assertIn("launches  2: ", done.out)
        for name, was in before.items():
            self.assertEqual(digest(run_dir / name), was, name)
        # The table comes from the records, and so it does a year later.
        report = gb.run(["report", str(run_dir)])
        self.assertEqual(report.out, done.out)
        manifest = json.loads((run_dir / "manifest.json").read_text())
        listed = {f["path"]: f["sha256"] for f in manifest["files"]}
        for name in ("records.jsonl", "samples", "launch-2/records.jsonl",
                     "launch-2/samples", "summary.json"):
            self.assertEqual(listed[name], digest(run_dir / name))
        # What is complete is left as it is.
        files = sorted(run_dir.rglob("*"))
        again = self.resume(run_dir)
        self.assertIn("nothing to resume", again.err)
        self.assertEqual(again.out, done.out)
        self.resume(run_dir, *PLAN, "--repeats", str(REPEATS))
        self.assertEqual(sorted(run_dir.rglob("*")), files)

    def test_twice_and_with_a_signal_in_between(self):
        run_dir = self.cut_off(2)
        process = subprocess.Popen(
            gb.command(["--resume", str(run_dir)]), env=gb.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        self.wait_for(7, process)
        out, err = self.end(process, signal.SIGTERM)
        self.assertEqual(process.returncode, 4, err)
        self.assertIn("INTERRUPTED", out)
        self.assertIn(f"--resume {run_dir}", err)
        self.assertEqual(gb.summary(run_dir)["run"]["status"], "interrupted")
        self.resume(run_dir)
        launches = self.assert_whole(run_dir)["run"]["launches"]
        self.assertEqual([r["launch"] for r in launches], [1, 2, 3])
        self.assertEqual([r["status"] for r in launches],
                         ["interrupted", "interrupted", "complete"])

    def test_killed_after_the_last_repetition(self):
        process = self.start()
        run_dir = self.wait_for(2 * REPEATS, process)
        self.end(process, signal.SIGKILL)
        if gb_ended(run_dir):
            self.skipTest("the run was faster than the signal")
        self.resume(run_dir)
        result = self.assert_whole(run_dir)
        self.assertEqual(result["run"]["launches"][1]["repetitions"], 0)
        self.assertIsNone(result["idle"]["after"]["reason"])

    def test_only_the_report_is_missing(self):
        run_dir = self.cut_off(1)
        self.resume(run_dir)
        for name in ("summary.json", "report.md", "manifest.json"):
            (run_dir / name).unlink()
        done = self.resume(run_dir)
        self.assertIn("nothing to resume", done.err)
        self.assert_whole(run_dir)
        self.assertTrue((run_dir / "manifest.json").exists())

    @gb.needs_mpi
    def test_on_two_ranks(self):
        run_dir = self.cut_off(3, ranks=2)
        done = self.resume(run_dir, code=2)
        self.assertIn("expected 2 ranks on 1 node as in the first launch, got "
                      "1 on 1", done.err)
        self.resume(run_dir, ranks=2)
        self.assert_whole(run_dir)

    @gb.alone
    def test_until_the_interval_is_narrow_counts_all_launches(self):
        process = self.start("--ci", "50%")
        run_dir = self.wait_for(2, process)
        self.end(process, signal.SIGKILL)
        self.resume(run_dir)
        for b in gb.summary(run_dir)["benchmarks"]:
            self.assertEqual(b["performance"]["n"], REPEATS)

    # --- what is refused ---------------------------------------------------

    def refuse(self, run_dir, words, *args, env=None, code=2):
        files = {p: digest(p) for p in run_dir.rglob("*") if p.is_file()}
        done = self.resume(run_dir, *args, env=env, code=code)
        for word in words:
            self.assertIn(word, done.err)
        self.assertIn("hint: ", done.err)
        self.assertEqual({p: digest(p) for p in run_dir.rglob("*")
                          if p.is_file()}, files)

    def test_another_plan_or_program_is_refused(self):
        run_dir = self.cut_off(2)
        self.refuse(run_dir, ["not the plan it began with",
                              "repeats: expected 6, got 9"],
                    *PLAN, "--repeats", "9")
        self.refuse(run_dir, ["number of cases: expected 2, got 1"],
                    "-b", "compute.fma", "--repeats", "6", "--min-time",
                    "25ms", "--idle", "150ms")
        records_file = run_dir / "records.jsonl"
        text = records_file.read_text()
        lines = text.splitlines(True)
        session = json.loads(lines[0])
        session["tool"]["git"] = "0badcafe"
        records_file.write_text(json.dumps(session) + "\n" +
                                "".join(lines[1:]))
        self.refuse(run_dir, ["not the machine and program it began with",
                              "commit of greenbench: expected '0badcafe'"])
        records_file.write_text(text)
        plan = run_dir / "plan.json"
        text = plan.read_text()
        case = json.loads(text)["cases"][0]
        plan.write_text(text.replace(case["sha256"], 64 * "0"))
        self.refuse(run_dir, ["compute.fma: file of the plugin: expected "
                              "SHA-256 000000000000"])
        plan.write_text(text)
        self.resume(run_dir)
        self.assert_whole(run_dir)

    def test_another_machine_is_refused(self):
        with gb.Player("amd-epyc-2s", 120.0) as root:
            governor = pathlib.Path(root) / \
                "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
            governor.parent.mkdir(parents=True, exist_ok=True)
            governor.write_text("performance\n")
            env = {"GREENBENCH_SYSROOT": root}
            run_dir = self.cut_off(2, env=env)
            self.refuse(run_dir, ["GREENBENCH_SYSROOT is set: expected 'yes', "
                                  "got 'no'"])
            governor.write_text("powersave\n")
            self.refuse(run_dir, ["governor: expected 'performance', got "
                                  "'powersave'"], env=env)
            governor.write_text("performance\n")
            self.resume(run_dir, env=env)
        self.assert_whole(run_dir)

    def test_a_run_that_goes_on_is_refused(self):
        process = self.start()
        run_dir = self.wait_for(1, process)
        done = self.resume(run_dir, code=2)
        self.assertIn("a process still writes to it", done.err)
        self.end(process, signal.SIGKILL)
        self.resume(run_dir)
        self.assert_whole(run_dir)

    def test_what_is_no_run_is_refused(self):
        for path, words in (("/no/such/run", "expected a run directory"),
                            (self.output, "expected a run directory")):
            done = self.resume(path, code=2)
            self.assertIn(words, done.err)
        run_dir = self.cut_off(1)
        for name in ("records.jsonl", "samples"):
            (run_dir / name).write_text("")
        done = self.resume(run_dir, code=2)
        self.assertIn("expected a run that began to measure", done.err)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"),
                         "needs root, for a mount of its own")
    def test_a_read_only_run_is_refused(self):
        run_dir = self.cut_off(1)
        line = ["unshare", "--mount", "sh", "-c",
                'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && '
                'exec "$2" --resume "$1"', "sh", str(run_dir), gb.BIN]
        done = subprocess.run(line, env=gb.environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
        if "unshare:" in done.stderr or "mount:" in done.stderr:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("Read-only file system", done.stderr)
        self.assertIn("hint: a run is resumed where it lies", done.stderr)

    # --- energy ------------------------------------------------------------

    @gb.alone
    def test_energy_of_both_launches_is_that_of_their_own_samples(self):
        power_w = json.loads(
            (gb.FIXTURES / "intel-2s-skx-dram/expected.json")
            .read_text())["node_watts"]
        with gb.Player("intel-2s-skx-dram", 60.0) as root:
            env = {"GREENBENCH_SYSROOT": root}
            # Long windows, since the play's counters move by steps of 1 ms.
            run_dir = self.cut_off(3, "--min-time", "200ms", env=env)
            self.resume(run_dir, env=env)
        result = self.assert_whole(run_dir)
        for b in result["benchmarks"]:
            energy = b["energy"]
            self.assertEqual(energy["quality"], "simulated")
            self.assertEqual(len(energy["raw"]), REPEATS)
            self.assertAlmostEqual(b["power_w"]["value"] / power_w, 1,
                                   delta=0.02)
            # It draws the same at rest: nothing is left over.
            self.assertLess(abs(energy["net_j"]) / energy["value_j"], 0.05)
            self.assertIsNone(energy["net_reason"])
        total = sum(s["energy_j"] for s in result["energy_sources"]
                    if s["summed"])
        self.assertGreater(total, sum(b["energy"]["value_j"]
                                      for b in result["benchmarks"]))


def gb_ended(run_dir):
    return any(r["record"] == "end" for r in records(run_dir))


if __name__ == "__main__":
    gb.main(at_a_time=3)
