# SPDX-License-Identifier: Apache-2.0
"""Each fault that an energy counter can have, in the middle of a run: the
benchmark's figures are kept, the result says what became of the counter, the
exit code stays 0. With --require-energy it is 3: of measured energy, which is
what the emulator's counters give where they lie over the real paths.

Environment beside gb.py's: GB_EMULATOR (the program).
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import shutil
import sys
import tempfile
import time
import unittest

import gb
import over_sys

EMULATOR = os.environ.get("GB_EMULATOR", "")

# {at}: when it begins, in ms after the mount: in the middle of the measurement.
FAULTS = {
    "eacces": ("intel-2s", "fault: eacces, on: package-1, at: {at}ms, for: 60s"),
    "einval": ("intel-2s", "fault: einval, on: package-1, at: {at}ms, for: 60s"),
    "eio": ("intel-2s", "fault: eio, on: package-1, at: {at}ms, for: 1s"),
    # Two readings, which the counter bridges where none is an edge.
    "eio, brief": ("intel-2s",
                   "fault: eio, on: package-1, at: {at}ms, for: 200ms"),
    "empty": ("intel-2s", "fault: empty, on: package-1, at: {at}ms, for: 60s"),
    "garbage": ("intel-2s",
                "fault: garbage, on: package-1, at: {at}ms, for: 60s"),
    "stuck": ("intel-2s", "fault: stuck, on: package-1, at: {at}ms, for: 60s"),
    "reset": ("intel-2s", "fault: reset, on: package-1, at: {at}ms"),
    "jump": ("intel-2s",
             "fault: jump, on: package-1, at: {at}ms, energy_j: 100000"),
    "vanish": ("intel-2s", "fault: vanish, on: package-1, at: {at}ms, for: 1s"),
    "slow": ("intel-2s",
             "fault: slow, on: package-1, at: {at}ms, for: 60s, seconds: 1"),
    "stale": ("cray-ex", "fault: stale, on: energy, at: {at}ms, for: 60s"),
}
STATUS = {"stuck": {"stuck"}, "stale": {"stuck"}}
REPEATS = 6
RUN = ["-b", "compute.patient", "--repeats", str(REPEATS), "--min-time",
       "1100ms", "--idle", "0"]
TRIES = 4


def description(machine, fault):
    faults = f"faults: [{{{fault}}}]" if fault else ""
    return (f"description: one fault\nseed: 5\nmachines:\n  m:\n"
            f"    like: {machine}\n    {faults}\n")


class Faulty:
    """An emulated machine with one fault, as a context: its root."""

    def __init__(self, machine, fault, at_ms=0):
        self.folder = tempfile.TemporaryDirectory(prefix="gb-fault-")
        folder = pathlib.Path(self.folder.name)
        (folder / "m.yaml").write_text(
            description(machine, fault.format(at=at_ms)))
        (folder / "mount").mkdir()
        self.process = subprocess.Popen(
            [EMULATOR, folder / "m.yaml", folder / "mount"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise AssertionError(self.process.stderr.read())
        self.mounted_ns = time.monotonic_ns()
        self.root = str(folder / "mount" / "m")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=20)
        self.folder.cleanup()


PLUGINS = {"GREENBENCH_PLUGIN_PATH": gb.TEST_PLUGINS}


def run_simulated(machine, root, output):
    return gb.run([*RUN, "-o", output],
                  env={"GREENBENCH_SYSROOT": root, **PLUGINS}, timeout=90)


def run_required(machine, root, output):
    source = {"intel-2s": "powercap", "cray-ex": "cray_pm"}[machine]
    done = subprocess.run(
        over_sys.command(root, [gb.BIN, *RUN, "--require-energy", "-e", source,
                                "-o", output]),
        env=gb.environment(PLUGINS), capture_output=True, text=True, timeout=90,
        check=False)
    return gb.Outcome(done)


def measured_ns(output):
    """From the begin of the first window to the end of the last one."""
    lines = (gb.only_run_dir(output) / "records.jsonl").read_text().splitlines()
    windows = [window for record in map(json.loads, lines)
               if record["record"] == "repetition" for window in record["windows_ns"]]
    return windows[0][0], windows[-1][1]


def run_with(run, name, output):
    """A run in the middle of which the fault begins. How long a program takes
    to start on a busy machine is not known before."""
    machine, fault = FAULTS[name]
    at_ms = 4000
    for _ in range(TRIES):
        shutil.rmtree(output, ignore_errors=True)
        with Faulty(machine, fault, at_ms) as faulty:
            done = run(machine, faulty.root, output)
        if not os.path.isdir(output):
            raise AssertionError(f"{name}: no result: {done}")
        begin_ms, end_ms = ((t_ns - faulty.mounted_ns) * 1e-6
                            for t_ns in measured_ns(output))
        if not fault or begin_ms + 300 < at_ms < end_ms - 300:
            return done
        at_ms = round(0.5 * (begin_ms + end_ms))
    raise AssertionError(f"{name}: no fault within a run, in {TRIES} tries")


# No fault: what a required run gives then.
FAULTS["none"] = ("intel-2s", "")
FAULTS["none on Cray"] = ("cray-ex", "")
CONTROLS = {"none", "none on Cray"}


class Faults(gb.Case):
    def each(self, run, names, check):
        """Run them, six at a time, and check each one's outcome and result."""
        outputs = {name: os.path.join(self.output, name) for name in names}
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            done = list(pool.map(
                lambda name: run_with(run, name, outputs[name]), names))
        for name, outcome in zip(names, done):
            # gb.summary() refuses NaN and what is no JSON.
            found = gb.summary(gb.only_run_dir(outputs[name]))
            bench = found["benchmarks"][0]
            with self.subTest(fault=name):
                self.assertTrue(bench["valid"])
                self.assertEqual(bench["performance"]["n"], REPEATS)
                self.assertGreater(bench["performance"]["median"], 0)
                check(name, outcome, found)

    def assert_told(self, name, found):
        states = {s["domain"]: s for s in found["energy_sources"]
                  if s["summed"] and s["status"] != "ok"}
        self.assertTrue(states, found["energy_sources"])
        for source in states.values():
            self.assertIn(source["status"],
                          STATUS.get(name, {"failed", "stuck"}))
            self.assertTrue(source["reason"])
        energy = found["benchmarks"][0]["energy"]
        if energy["value_j"] is None:
            self.assertEqual(energy["quality"], "unavailable")
            self.assertTrue(energy["reason"])
            self.assertIsNone(
                found["benchmarks"][0]["efficiency"]["value"])
        # A label in any case: a counter that was lost is one figure less to
        # trust, also where no window was hurt.
        self.assertIn("source", energy["flags"])
        if "eio" in name:
            self.assertIn("errors", energy["flags"])
        codes = {w["code"] for w in found["warnings"]}
        self.assertTrue(codes & {"energy.errors", "energy.none",
                                 "energy.gaps", "sampler.late",
                                 "energy.source"}, codes)

    def test_each_fault_is_told_and_costs_no_benchmark(self):
        names = [name for name in FAULTS if name not in CONTROLS]

        def check(name, outcome, found):
            self.assertEqual(outcome.code, 0, str(outcome))
            self.assert_told(name, found)
            if found["benchmarks"][0]["energy"]["value_j"] is not None:
                self.assertIn("simulated*", outcome.out)
        self.each(run_simulated, names, check)

    @unittest.skipIf(over_sys.why_not(), over_sys.why_not())
    def test_required_energy_is_missed_by_each_fault_and_by_nothing_else(self):
        def check(name, outcome, found):
            energy = found["benchmarks"][0]["energy"]
            summed = [s for s in found["energy_sources"] if s["summed"]]
            self.assertEqual({s["quality"] for s in summed}, {"measured"})
            self.assertIsNone(found["run"]["sysroot"])
            if name in CONTROLS:
                self.assertEqual(outcome.code, 0, str(outcome))
                self.assertEqual(energy["quality"], "measured")
                self.assertEqual(energy["flags"], [])
                self.assertEqual(energy["sampled_share"], 1)
                self.assertGreater(energy["value_j"], 0)
                self.assertEqual({s["status"] for s in summed}, {"ok"})
                self.assertEqual(found["system"]["nodes"][0]["kernel"],
                                 os.uname().release)
            else:
                self.assertEqual(outcome.code, 3, str(outcome))
                self.assert_told(name, found)
        self.each(run_required, list(FAULTS), check)

    def test_a_read_that_never_returns_costs_the_figure_and_no_more(self):
        """The mark that meets it waits 5 s, the others not at all."""
        FAULTS["hang"] = ("intel-2s",
                          "fault: slow, on: package-1, at: {at}ms, seconds: 600")
        self.addCleanup(FAULTS.pop, "hang")
        runs = {run_simulated: 0}
        if not over_sys.why_not():
            runs[run_required] = 3
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            begin = time.monotonic()
            outputs = {run: os.path.join(self.output, run.__name__)
                       for run in runs}
            done = {run: pool.submit(run_with, run, "hang", outputs[run])
                    for run in runs}
            for run, code in runs.items():
                with self.subTest(run=run.__name__):
                    outcome = done[run].result()
                    self.assertEqual(outcome.code, code, str(outcome))
                    found = gb.summary(gb.only_run_dir(outputs[run]))
                    self.assertEqual(found["run"]["status"], "complete")
                    bench = found["benchmarks"][0]
                    self.assertTrue(bench["valid"])
                    self.assertEqual(bench["performance"]["n"], REPEATS)
                    self.assertIsNone(bench["energy"]["value_j"])
                    self.assertTrue(bench["energy"]["reason"])
                    self.assert_told("hang", found)
                    # As long as it was: a busy machine wakes up late.
                    self.assertRegex(" ".join(
                        s["reason"] or "" for s in found["energy_sources"]),
                        r"blocked for [5-9](\.\d+)? s")
            self.assertLess(time.monotonic() - begin, TRIES * 30)

    def test_a_socket_without_a_counter_makes_the_energy_partial(self):
        """From the start: nothing fails, there is only less to sum."""
        quick = ["-b", "compute.patient", *gb.QUICK]
        missing = {"vanish": "1 of 2 packages has no counter",
                   "eio": "'powercap package-1' is failed"}
        for fault, words in missing.items():
            output = os.path.join(self.output, fault)
            with self.subTest(fault=fault), \
                    Faulty("intel-2s", f"fault: {fault}, on: package-1") as faulty:
                done = gb.run([*quick, "-o", output],
                              env={"GREENBENCH_SYSROOT": faulty.root, **PLUGINS})
                self.assertEqual(done.code, 0, str(done))
                self.assertIn("simulated*", done.out)
                found = gb.summary(gb.only_run_dir(output))
                energy = found["benchmarks"][0]["energy"]
                self.assertIn("partial", energy["flags"])
                self.assertIn(words, energy["coverage"]["missing"])
                self.assertTrue(energy["coverage"]["holds"].startswith(
                    "1 of 2 packages + DRAM"))
                self.assertGreater(energy["value_j"], 0)
                warning, = (w for w in found["warnings"]
                            if w["code"] == "energy.partial")
                self.assertIn(words, warning["what"])
                if over_sys.why_not():
                    continue
                for energy, code in (("powercap", 0), ("required", 3)):
                    more = ["--require-energy"] * (energy == "required")
                    done = subprocess.run(
                        over_sys.command(faulty.root,
                                         [gb.BIN, *quick, "-e", "powercap", *more,
                                          "-o", output + energy]),
                        env=gb.environment(PLUGINS), capture_output=True,
                        text=True, timeout=90, check=False)
                    self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertIn("got that of 1 of 2 packages", done.stderr)
                found = gb.summary(gb.only_run_dir(output + "powercap"))
                energy = found["benchmarks"][0]["energy"]
                self.assertEqual(energy["quality"], "measured")
                self.assertEqual(energy["flags"], ["partial"])

    def test_simulated_energy_is_refused_before_an_hour_is_spent(self):
        with Faulty(*FAULTS["none"]) as faulty:
            done = gb.run([*RUN, "--require-energy", "-o", self.output],
                          env={"GREENBENCH_SYSROOT": faulty.root, **PLUGINS},
                          timeout=90)
        self.assertEqual(done.code, 3, str(done))
        self.assertIn("got 'simulated'", done.err)


def why_not():
    if not EMULATOR:
        return "this build has no emulator (libfuse3)"
    try:
        with Faulty(*FAULTS["none"]):
            return ""
    except AssertionError as error:
        return f"nothing can be mounted here: {error}"


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    gb.main()
