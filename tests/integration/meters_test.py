# SPDX-License-Identifier: Apache-2.0
"""Energy that comes from text: a site's own meter through a file or a program,
and the recording of an earlier run."""
import json
import os
import pathlib
import shutil
import tempfile
import threading
import time
import unittest

import gb

HEADER = """\
greenbench-meter 1
channel wall scope=node-ac unit=W step=0.1 update=100ms accuracy=1%
channel register scope=node-dc unit=J update=50ms time=yes
"""
WATTS = 250.0


class Daemon:
    """A meter's daemon: appends a line for each channel twenty times a second,
    at a power that does not change."""

    def __init__(self, path):
        self.path = path
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.write)
        path.write_text(HEADER)

    def write(self):
        begin = time.monotonic()
        while not self.stop.wait(0.05):
            now = time.monotonic()
            with open(self.path, "a", encoding="ascii") as file:
                file.write(f"reading wall {WATTS:.1f}\n"
                           f"reading register {(now - begin) * WATTS:.0f} "
                           f"{now:.6f}\n")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def gone(pid):
    """Ended, whether or not somebody has waited for it."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


class Meters(gb.Case):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gb-meter-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def sensors(self, energy, *more, env=None, timeout=120):
        done = gb.run(["sensors", "--json", "--energy", energy, *more],
                      env=env, timeout=timeout)
        self.assertEqual(done.code, 0, str(done))
        sensors = json.loads(done.out)
        return sensors, {d["domain"]: d for d in sensors["domains"]}


class External(Meters):
    def test_nothing_named_is_one_row_that_says_how(self):
        for source in ("external",):
            sensors, _ = self.sensors(source)
            self.assertEqual(len(sensors["domains"]), 1)
            row = sensors["domains"][0]
            self.assertEqual(row["status"], "absent")
            self.assertIn(f"{source}=", row["fix"])
            self.assertIn(f"GREENBENCH_{source.upper()}", row["fix"])

    def test_a_file_gives_the_meters_power(self):
        path = self.folder / f"{os.uname().nodename}.log"
        with Daemon(path):
            sensors, rows = self.sensors(
                f"external={self.folder}/%h.log", "--measure", "3s")
        self.assertEqual(rows["wall"]["status"], "ok", sensors)
        self.assertEqual(rows["wall"]["quality"], "measured")
        self.assertEqual(rows["wall"]["scope"], "node-ac")
        for name in ("wall", "register"):
            self.assertAlmostEqual(rows[name]["power_w"], WATTS,
                                   delta=0.02 * WATTS)
        self.assertEqual(sum(d["summed"] for d in sensors["domains"]), 1)
        self.assertAlmostEqual(sensors["node"]["power_w"], WATTS,
                               delta=0.02 * WATTS)

    def test_the_environment_names_it_too(self):
        path = self.folder / "meter"
        with Daemon(path):
            _, rows = self.sensors("external",
                                   env={"GREENBENCH_EXTERNAL": str(path)})
        self.assertEqual(rows["wall"]["status"], "ok")
        self.assertEqual(rows["wall"]["path"], str(path))

    def test_a_daemon_that_dies_ends_the_figure_and_nothing_else(self):
        path = self.folder / "meter"
        with Daemon(path) as daemon:
            threading.Timer(2.0, daemon.stop.set).start()
            sensors, rows = self.sensors(f"external={path}",
                                         "--measure", "4s")
        self.assertEqual(rows["wall"]["status"], "ok")
        self.assertIsNone(rows["wall"]["power_w"])
        self.assertIsNone(rows["register"]["energy_j"])
        self.assertIsNone(sensors["node"]["energy_j"])
        _, rows = self.sensors(f"external={path}")
        self.assertEqual(rows["wall"]["status"], "stuck")
        self.assertIn("no reading", rows["wall"]["reason"])
        self.assertTrue(rows["wall"]["fix"])

    def test_a_program_that_goes_on(self):
        program = self.folder / "meter.sh"
        program.write_text("#!/bin/sh\necho greenbench-meter 1\n"
                           "echo channel a scope=node-ac unit=10W update=100ms\n"
                           f"echo $$ >{self.folder}/pid\n"
                           "while :; do echo reading a 25; sleep 0.1; done\n")
        program.chmod(0o755)
        sensors, rows = self.sensors(f"external=!{program}", "--measure", "2s")
        self.assertAlmostEqual(rows["a"]["power_w"], WATTS, delta=1e-6,
                               msg=json.dumps(sensors, indent=1))
        pid = int((self.folder / "pid").read_text())
        self.assertTrue(gone(pid), f"process {pid} lives on")

    def test_a_program_that_prints_once_is_run_again(self):
        program = self.folder / "once.sh"
        program.write_text("#!/bin/sh\necho greenbench-meter 1\n"
                           "echo channel a scope=node-ac unit=W update=100ms\n"
                           f"echo reading a 77; echo x >>{self.folder}/runs\n")
        program.chmod(0o755)
        _, rows = self.sensors(f"external=!{program}", "--measure", "2s")
        self.assertAlmostEqual(rows["a"]["power_w"], 77.0, delta=1e-6)
        runs = len((self.folder / "runs").read_text().split())
        self.assertGreater(runs, 8)
        self.assertLess(runs, 60)

    def test_a_program_that_fails_says_why(self):
        sensors, _ = self.sensors("external=!echo no such outlet >&2; exit 3")
        row = sensors["domains"][0]
        self.assertEqual(row["status"], "failed")
        self.assertIn("no such outlet", row["reason"])

    def test_a_run_measures_with_it(self):
        path = self.folder / "meter"
        with Daemon(path):
            self.run_ok(["-b", "compute.fma", "--energy", f"external={path}",
                         "--require-energy", "--repeats", "6",
                         "--min-time", "1200ms", "--idle", "0s"])
        result = gb.summary(gb.only_run_dir(self.output))
        b = result["benchmarks"][0]
        self.assertEqual(b["energy"]["quality"], "measured")
        self.assertAlmostEqual(b["power_w"]["value"], WATTS,
                               delta=0.02 * WATTS)


if __name__ == "__main__":
    gb.main()
