# SPDX-License-Identifier: Apache-2.0
"""Bad input: a clear message, the documented exit code, nothing lost."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import gb


class Usage(gb.Case):
    def refused(self, args, *texts, code=2, ranks=None, env=None):
        done = gb.run([*args, "-o", self.output], ranks, env)
        self.assertEqual(done.code, code, str(done))
        self.assertEqual(done.out, "", str(done))
        for text in texts:
            self.assertIn(text, done.err)
        self.assertEqual(os.listdir(self.output), [], "nothing may be left")
        return done

    def suite(self, text):
        path = pathlib.Path(tempfile.mkdtemp(prefix="gb-suite-")) / "suite.yaml"
        path.write_text(text)
        self.addCleanup(__import__("shutil").rmtree, path.parent)
        return str(path)

    def test_unknown_benchmark(self):
        self.refused(["-b", "memory.traid"], "memory.traid",
                     "did you mean 'memory.triad'?")

    def test_unknown_parameter(self):
        self.refused(["-b", "memory.triad", "-p", "memory.triad.aray_bytes=1"],
                     "aray_bytes", "array_bytes")

    def test_value_out_of_range(self):
        self.refused(["-b", "memory.triad", "-p",
                      "memory.triad.array_bytes=12B"], "expected", "'12B'")

    @gb.needs_mpi
    def test_what_the_machine_cannot_hold_is_refused_in_the_plan(self):
        for more in ([], ["--dry-run"]):
            self.refused(["-b", "memory.triad", "-p",
                          "memory.triad.array_bytes=1TiB", *more],
                         "memory.triad array_bytes=1TiB: expected three arrays",
                         "hint: set array_bytes smaller", ranks=2)

    def test_a_case_of_a_glob_that_cannot_run_is_left_out(self):
        done = gb.run(["-b", "memory.tri*", "-p",
                       "memory.triad.array_bytes=1TiB,1MiB", "-o", self.output,
                       "--dry-run"])
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("memory.triad array_bytes=1TiB is skipped", done.err)
        self.assertIn("array_bytes=1MiB", done.out)

    @gb.needs_mpi
    def test_a_plugin_of_another_mpi_is_refused_with_both_names(self):
        folder = pathlib.Path(gb.TEST_PLUGINS).with_name("other_mpi")
        env = {"GREENBENCH_PLUGIN_PATH": str(folder)}
        done = gb.run(["list", "--json"], env=env)
        self.assertEqual(done.code, 0, str(done))
        (refused,) = json.loads(done.out)["refused"]
        self.assertRegex(refused["what"], "compute.wrong.so': expected a "
                         r"plugin built for (Open MPI|MPICH) \(libmpi.*\), got "
                         r"one for (Open MPI|MPICH) \(libmpi.*\)")
        self.refused(["-b", "compute.wrong"], "'compute.wrong' cannot be used",
                     "got one for", "rebuild the plugin with the mpicc",
                     ranks=1, env=env)

    def test_names_of_parameters_in_capitals(self):
        done = gb.run(["-b", "memory.triad", "-p",
                       "memory.triad.ARRAY_BYTES=1MiB", "--dry-run"])
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("array_bytes=1MiB", done.out)

    def test_malformed_yaml(self):
        self.refused([self.suite("benchmarks: [compute.fma\n")], "suite.yaml:")

    def test_unknown_key_in_a_suite(self):
        self.refused([self.suite("benchmarks: [compute.fma]\nrepeat: 3\n")],
                     "suite.yaml:2:1", "repeat", "did you mean 'repeats'?")

    def test_unknown_benchmark_in_a_suite_has_a_position(self):
        self.refused([self.suite("benchmarks:\n  - compute.fmaa\n")],
                     "suite.yaml:2:", "did you mean 'compute.fma'?")

    def test_min_time_zero(self):
        self.refused(["-b", "compute.fma", "--min-time", "0"], "min-time", "'0'")

    def test_unknown_energy_source(self):
        self.refused(["-b", "compute.fma", "--energy", "powercapp"],
                     "did you mean 'powercap'?")

    def test_unknown_option(self):
        self.refused(["--benchh", "x"], "did you mean '--bench'?")

    def test_misspelt_command(self):
        done = gb.run(["sensor"])
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("did you mean 'sensors'?", done.err)

    def test_missing_suite_file(self):
        self.refused(["no-such-suite.yaml"], "no-such-suite.yaml")

    def test_missing_sysroot(self):
        self.refused(["-b", "compute.fma"], "/no/such/root",
                     env={"GREENBENCH_SYSROOT": "/no/such/root"})

    @gb.needs_mpi
    def test_three_ranks_for_a_pairwise_benchmark(self):
        done = gb.run(["-b", "network.pingpong", "-o", self.output], 3)
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("multiple of 2", done.err)
        self.assertEqual(done.err.count("network.pingpong"), 1, str(done))

    @gb.needs_mpi
    def test_all_ranks_agree_on_a_usage_error(self):
        done = gb.run(["-b", "memory.traid", "-o", self.output], 4)
        self.assertEqual(done.code, 2, str(done))
        self.assertEqual(done.err.count("did you mean"), 1, str(done))

    def test_dry_run_checks_and_writes_nothing(self):
        done = gb.run(["--dry-run", "-b", "memory.triad", "-o", self.output])
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("memory.triad", done.out)
        self.assertEqual(os.listdir(self.output), [])
        self.refused(["--dry-run", "-b", "memory.triad", "-p",
                      "memory.triad.array_bytes=x"], "'x'")


class Sizes(gb.Case):
    """What a machine of 256 MiB cannot hold, or nobody can: refused in the plan,
    with the nearest value, and that one works."""

    TOO_MUCH = [
        ("compute.dgemm", "n=200000", r"use n=(\d+)"),
        ("compute.fft", "n=1073741824", r"use n=(\d+)"),
        ("compute.hpcg", "nx=1024", r"a cube of (\d+) would do"),
        ("compute.hpl", "n=1000000", r"the largest n that fits is (\d+)"),
        ("memory.gups", "table_bytes=64GiB", r"set table_bytes=(\w+) or less"),
        ("memory.latency", "size_bytes=64GiB", r"set size_bytes=(\w+) or less"),
        ("memory.read", "array_bytes=64GiB", r"smaller: (\w+) fit"),
        ("memory.triad", "array_bytes=64GiB", r"smaller: (\w+) fit"),
        ("network.bandwidth", "message_bytes=1GiB", r"message_bytes to (\w+)"),
        ("network.pingpong", "message_bytes=1GiB", r"message_bytes to (\w+)"),
    ]
    OUTSIDE = [
        ("compute.dgemm", "n=0", r"the nearest is (\d+)"),
        ("compute.hpl", "n=0", r"the nearest is (\d+)"),
        ("compute.hpl", "nb=100000", r"the nearest is (\d+)"),
        ("load", "level=0%", r"the nearest is (\S+)"),
        ("memory.latency", "chains=3", r"set chains=(\d+)"),
        ("network.pingpong", "message_bytes=0", r"the nearest is (\w+)"),
    ]

    @staticmethod
    def ranks(bench_id):
        """Without a launch where one rank will do: a tenth of the time."""
        return 2 if bench_id.startswith("network.") else None

    def nearest(self, bench_id, param, pattern):
        done = gb.run(["-b", bench_id, "-p", f"{bench_id}.{param}", "--dry-run",
                       "-o", self.output], self.ranks(bench_id), self.env)
        self.assertEqual(done.code, 2, str(done))
        self.assertRegex(done.err, "expected (.|\\n)* got ")
        found = re.search(pattern, " ".join(done.err.split()))
        self.assertIsNotNone(found, str(done))
        return f"{bench_id}.{param.partition('=')[0]}={found[1]}"

    @gb.needs_mpi
    def test_the_nearest_value_is_named_and_works(self):
        root = pathlib.Path(self.output).with_suffix(".root")
        self.addCleanup(shutil.rmtree, root, True)
        (root / "proc").mkdir(parents=True)
        (root / "proc/meminfo").write_text(
            "MemTotal: 262144 kB\nMemFree: 262144 kB\n"
            "MemAvailable: 262144 kB\n")
        self.env = {"GREENBENCH_SYSROOT": str(root)}
        known = {b["id"] for b in
                 json.loads(gb.run(["list", "--json"]).out)["benchmarks"]}
        rounds = [] # no benchmark twice in one: values would be combined
        for bench_id, param, pattern in self.TOO_MUCH + self.OUTSIDE:
            if bench_id not in known: # a build may lack its library
                continue
            with self.subTest(param=f"{bench_id}.{param}"):
                value = self.nearest(bench_id, param, pattern)
                ranks = self.ranks(bench_id)
                free = [values for of, values in rounds
                        if of == ranks and bench_id not in values]
                if not free:
                    free = [{}]
                    rounds.append((ranks, free[0]))
                free[0][bench_id] = value
        self.assertGreater(len(rounds), 1)
        for ranks, values in rounds:
            args = ["-b", ",".join(values), "--dry-run", "-o", self.output]
            for value in values.values():
                args += ["-p", value]
            done = gb.run(args, ranks, self.env)
            self.assertEqual(done.code, 0, f"{values}: {done}")


class Output(gb.Case):
    def test_unwritable_directory(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become another user")
        done = gb.run(["-b", "compute.fma", "-o", "/proc/nowhere", *gb.QUICK])
        self.assertEqual(done.code, 5, str(done))
        self.assertIn("/proc/nowhere", done.err)
        self.assertIn("--output", done.err)

    def test_report_of_nothing(self):
        done = gb.run(["report", "/no/such/run"])
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("/no/such/run", done.err)


class Plugins(gb.Case):
    def env(self):
        return {"GREENBENCH_PLUGIN_PATH": gb.TEST_PLUGINS}

    def test_a_wrong_result_is_invalid_and_has_no_performance_per_watt(self):
        done = self.run_ok(["-b", "compute.wrong,compute.fma", *gb.QUICK],
                           env=self.env(), code=1)
        result = gb.summary(gb.only_run_dir(self.output))
        wrong = gb.bench(result, "compute.wrong")
        self.assertFalse(wrong["valid"])
        self.assertIsNone(wrong["performance"]["value"])
        self.assertIsNone(wrong["efficiency"]["value"])
        self.assertIn("expected", wrong["reason"])
        self.assertTrue(gb.bench(result, "compute.fma")["valid"])
        self.assertIn("invalid", done.out.lower())

    def test_refused_plugins_do_not_stop_the_rest(self):
        done = self.run_ok(["-b", "compute.fma", *gb.QUICK], env=self.env())
        lines = [l for l in done.err.splitlines() if "ABI" in l]
        self.assertEqual(len(lines), 1, str(done))
        self.assertIn("99", lines[0])

    def test_no_repetition_is_shorter_than_min_time(self):
        self.run_ok(["-b", "compute.hasty", "--repeats", "6", "--min-time",
                     "50ms", "--idle", "0"], env=self.env())
        result = gb.summary(gb.only_run_dir(self.output))
        times = gb.bench(result, "compute.hasty")["time_s"]["raw"]
        self.assertEqual(len(times), 6)
        self.assertGreaterEqual(min(times), 0.05)

    def test_list_shows_where_each_plugin_came_from(self):
        done = gb.run(["list"], env=self.env())
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("compute.wrong", done.out)
        self.assertIn("memory.triad", done.out)


class Interrupt(gb.Case):
    def setUp(self):
        super().setUp()
        codes = tempfile.TemporaryDirectory(prefix="gb-codes-")
        self.addCleanup(codes.cleanup)
        self.codes = codes.name

    def interrupt(self, ranks, number, wrapper=()):
        line = gb.command(["-b", "compute.fma", "--repeats", "200",
                           "--min-time", "200ms", "--idle", "0", "-o",
                           self.output], ranks, wrapper)
        process = subprocess.Popen(line, env=gb.environment(), text=True,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            records = list(pathlib.Path(self.output).glob("*/records.jsonl"))
            if records and records[0].read_text().count('"repetition"') > 4:
                break
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def check_partial(self, out):
        result = gb.summary(gb.only_run_dir(self.output))
        self.assertEqual(result["run"]["status"], "interrupted")
        self.assertGreater(result["benchmarks"][0]["performance"]["n"], 2)
        self.assertIn("compute.fma", out)

    def test_alone(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                self.setUp()
                code, out, err = self.interrupt(None, number)
                self.assertEqual(code, 4, err)
                self.check_partial(out)

    @gb.needs_mpi
    def test_under_mpirun(self):
        # What mpirun returns after Ctrl-C is its own: Open MPI's gives 1,
        # MPICH's the ranks' code or 0, as it happens.
        _, out, _ = self.interrupt(2, signal.SIGINT)
        self.check_partial(out)

    @gb.needs_mpi
    def test_signal_that_mpirun_passes_on(self):
        _, out, err = self.interrupt(2, signal.SIGUSR1,
                                     gb.keep_codes(self.codes))
        self.assertEqual(gb.kept_codes(self.codes), ["4", "4"], err)
        self.check_partial(out)

    def test_killed_run_can_still_be_reported(self):
        code, _, err = self.interrupt(None, signal.SIGKILL)
        self.assertEqual(code, -signal.SIGKILL, err)
        run_dir = gb.only_run_dir(self.output)
        done = gb.run(["report", str(run_dir)])
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("interrupted", done.out.lower())


if __name__ == "__main__":
    gb.main()
