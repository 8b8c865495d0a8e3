# SPDX-License-Identifier: Apache-2.0
"""Each fault that an energy counter can have, in the middle of a run: the
benchmark's figures are kept, the result says what became of the counter, the
exit code stays 0, and --require-energy turns it into 3.

Environment beside gb.py's: GB_EMULATOR (the program).
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import gb

EMULATOR = os.environ.get("GB_EMULATOR", "")

# Runs begin within a second of the mount and take about six.
AT = "at: 3s"
FAULTS = {
    "eacces": ("intel-2s", f"{{fault: eacces, on: package-1, {AT}, for: 60s}}"),
    "einval": ("intel-2s", f"{{fault: einval, on: package-1, {AT}, for: 60s}}"),
    "eio": ("intel-2s", f"{{fault: eio, on: package-1, {AT}, for: 1s}}"),
    "empty": ("intel-2s", f"{{fault: empty, on: package-1, {AT}, for: 60s}}"),
    "garbage": ("intel-2s",
                f"{{fault: garbage, on: package-1, {AT}, for: 60s}}"),
    "stuck": ("intel-2s", f"{{fault: stuck, on: package-1, {AT}, for: 60s}}"),
    "reset": ("intel-2s", f"{{fault: reset, on: package-1, {AT}}}"),
    "jump": ("intel-2s",
             f"{{fault: jump, on: package-1, {AT}, energy_j: 100000}}"),
    "vanish": ("intel-2s", f"{{fault: vanish, on: package-1, {AT}, for: 1s}}"),
    "slow": ("intel-2s",
             f"{{fault: slow, on: package-1, {AT}, for: 60s, seconds: 1}}"),
    "stale": ("cray-ex", f"{{fault: stale, on: energy, {AT}, for: 60s}}"),
}
STATUS = {"stuck": {"stuck"}, "stale": {"stuck"}}
RUN = ["-b", "memory.triad", "-p", "memory.triad.array_bytes=64MiB", "--repeats", "4",
       "--min-time", "1100ms", "--idle", "0"]


def description(machine, fault):
    return (f"description: one fault\nseed: 5\nmachines:\n  m:\n"
            f"    like: {machine}\n    faults: [{fault}]\n")


class Faulty:
    """An emulated machine with one fault, as a context: its root."""

    def __init__(self, machine, fault):
        self.folder = tempfile.TemporaryDirectory(prefix="gb-fault-")
        folder = pathlib.Path(self.folder.name)
        (folder / "m.yaml").write_text(description(machine, fault))
        (folder / "mount").mkdir()
        self.process = subprocess.Popen(
            [EMULATOR, folder / "m.yaml", folder / "mount"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise AssertionError(self.process.stderr.read())
        self.root = str(folder / "mount" / "m")

    def __enter__(self):
        return self.root

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=20)
        self.folder.cleanup()


def run_with(name, output):
    machine, fault = FAULTS[name]
    with Faulty(machine, fault) as root:
        return gb.run([*RUN, "-o", output], env={"GREENBENCH_SYSROOT": root},
                      timeout=90)


class Faults(gb.Case):
    def test_each_fault_is_told_and_costs_no_benchmark(self):
        outputs = {name: os.path.join(self.output, name) for name in FAULTS}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            done = dict(zip(FAULTS, pool.map(
                lambda name: run_with(name, outputs[name]), FAULTS)))
        for name, outcome in done.items():
            with self.subTest(fault=name):
                self.assertEqual(outcome.code, 0, str(outcome))
                # gb.summary() refuses NaN and what is no JSON.
                found = gb.summary(gb.only_run_dir(outputs[name]))
                bench = found["benchmarks"][0]
                self.assertTrue(bench["valid"])
                self.assertEqual(bench["performance"]["n"], 4)
                self.assertGreater(bench["performance"]["median"], 0)
                states = {s["domain"]: s for s in found["energy_sources"]
                          if s["summed"] and s["status"] != "ok"}
                self.assertTrue(states, found["energy_sources"])
                for source in states.values():
                    self.assertIn(source["status"],
                                  STATUS.get(name, {"failed", "stuck"}))
                    self.assertTrue(source["reason"])
                energy = bench["energy"]
                if energy["value_j"] is None:
                    self.assertEqual(energy["quality"], "unavailable")
                    self.assertTrue(energy["reason"])
                    self.assertIsNone(bench["efficiency"]["value"])
                codes = {w["code"] for w in found["warnings"]}
                self.assertTrue(codes & {"energy.errors", "energy.none",
                                         "energy.gaps", "sampler.late",
                                         "energy.source"}, codes)

    def test_required_energy_is_missing(self):
        machine, fault = FAULTS["eio"]
        with Faulty(machine, fault) as root:
            done = gb.run([*RUN, "--require-energy", "-o", self.output],
                          env={"GREENBENCH_SYSROOT": root}, timeout=90)
        self.assertEqual(done.code, 3, str(done))


def why_not():
    if not EMULATOR:
        return "this build has no emulator (libfuse3)"
    try:
        with Faulty("intel-2s", FAULTS["eio"][1]):
            return ""
    except AssertionError as error:
        return f"nothing can be mounted here: {error}"


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    gb.main()
