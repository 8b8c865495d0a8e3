# SPDX-License-Identifier: Apache-2.0
"""greenbench-emulator, mounted: what greenbench measures on an emulated machine
is that machine's true energy, and nothing is left when it ends.

Environment beside gb.py's: GB_EMULATOR (the program), GB_DESCRIPTIONS (the
folder of examples).
"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import gb

EMULATOR = os.environ.get("GB_EMULATOR", "")
DESCRIPTIONS = pathlib.Path(os.environ.get("GB_DESCRIPTIONS", "."))
COUNTER = "sys/class/powercap/intel-rapl:0/energy_uj"
RANGE = "sys/class/powercap/intel-rapl:0/max_energy_range_uj"


def mounted(path):
    lines = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    return any(line.split()[1] == path for line in lines)


def start(description, mount, *more):
    return subprocess.Popen([EMULATOR, str(description), mount, *more],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def why_not():
    """The reason why nothing can be mounted here, "" if it can."""
    if not os.path.exists("/dev/fuse"):
        return "no /dev/fuse"
    folder = tempfile.mkdtemp(prefix="gb-emulator-")
    process = start(DESCRIPTIONS / "machines.yaml", folder)
    try:
        if process.stdout.readline().strip() == "ready":
            return ""
        return process.stderr.read().strip() or "it ended without a word"
    finally:
        process.terminate()
        process.communicate(timeout=10)
        os.rmdir(folder)


class Emulator:
    """A mounted description, as a context."""

    def __init__(self, description, *more):
        self.folder = tempfile.mkdtemp(prefix="gb-emulator-")
        self.process = start(description, self.folder, *more)
        ready = self.process.stdout.readline().strip()
        if ready != "ready":
            raise AssertionError(f"expected ready, got '{ready}': "
                                 f"{self.process.stderr.read()}")

    def __enter__(self):
        return self

    def path(self, machine, file=""):
        return os.path.join(self.folder, machine, file)

    def number(self, machine, file):
        return int(pathlib.Path(self.path(machine, file)).read_text().split()[0])

    def truth(self, machine, begin_ns, end_ns):
        return json.loads(pathlib.Path(self.path(
            machine, f".emulator/truth/{begin_ns}-{end_ns}")).read_text())

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.communicate(timeout=10)
        return self.process.returncode

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.process.stdout.close()
        self.process.stderr.close()
        os.rmdir(self.folder)  # fails if something is still mounted


class Measured(unittest.TestCase):
    def sensors(self, emulator, machine, *more):
        begin_ns = time.monotonic_ns()
        done = gb.run(["sensors", "--json", *more],
                      env={"GREENBENCH_SYSROOT": emulator.path(machine)})
        end_ns = time.monotonic_ns()
        self.assertEqual(done.code, 0, str(done))
        return json.loads(done.out), emulator.truth(machine, begin_ns, end_ns)

    def test_each_steady_machine_is_measured_right(self):
        machines = ["intel-2s", "intel-ranges", "amd-2s", "amd-energy",
                    "client", "grace", "gh200"]
        with Emulator(DESCRIPTIONS / "machines.yaml") as emulator, \
                concurrent.futures.ThreadPoolExecutor(len(machines)) as pool:
            results = pool.map(lambda m: self.sensors(emulator, m, "--measure",
                                                      "2s"), machines)
            for machine, (sensors, truth) in zip(machines, results):
                with self.subTest(machine=machine):
                    power_w = truth["node_j"] / truth["window_s"]
                    self.assertEqual(sensors["node"]["quality"], "simulated")
                    self.assertAlmostEqual(
                        sensors["node"]["power_w"] / power_w, 1, delta=0.003)
                    true_w = {d["domain"]: d["energy_j"] / truth["window_s"]
                              for d in truth["domains"]}
                    read = [d for d in sensors["domains"]
                            if d["status"] == "ok" and d["power_w"]]
                    self.assertTrue(read)
                    for d in read:
                        self.assertAlmostEqual(
                            d["power_w"] / true_w[d["domain"]], 1, delta=0.003,
                            msg=d["domain"])

    def measured(self, emulator, machine, seconds, hz=10):
        """What sensors says of a window, and the truth of that very window."""
        sensors, _ = self.sensors(emulator, machine, "--measure", f"{seconds}s",
                                  "--sample-hz", str(hz))
        node = sensors["node"]
        self.assertIsNotNone(node["energy_j"], sensors)
        return node, emulator.truth(machine, *node["window_ns"])

    def test_each_shape_of_power_is_measured_right(self):
        """Counters to 0.3 %; gauges, which see a part of the time, within their
        own 95 % interval."""
        shapes = {"square": 0.003, "sine": 0.003, "steps": None,
                  "recorded": None}
        with Emulator(DESCRIPTIONS / "shapes.yaml") as emulator, \
                concurrent.futures.ThreadPoolExecutor(len(shapes)) as pool:
            found = pool.map(lambda m: self.measured(emulator, m, 6, 40), shapes)
            for (machine, bound), (node, truth) in zip(shapes.items(), found):
                with self.subTest(machine=machine):
                    error_j = abs(node["energy_j"] - truth["node_j"])
                    self.assertLessEqual(
                        error_j, bound * truth["node_j"] if bound
                        else node["u95_j"])

    def test_a_cray_node_is_measured_right(self):
        """Whole joules, ten times a second: with the files' own time stamps to
        0.3 %, without them to an update period at either edge."""
        bounds = {"cray": 0.003, "cray-legacy": 0.2 / 12}
        with Emulator(DESCRIPTIONS / "machines.yaml") as emulator, \
                concurrent.futures.ThreadPoolExecutor(len(bounds)) as pool:
            found = pool.map(lambda m: self.measured(emulator, m, 12), bounds)
            for (machine, bound), (node, truth) in zip(bounds.items(), found):
                with self.subTest(machine=machine):
                    self.assertGreaterEqual(node["window_s"], 12)
                    self.assertAlmostEqual(node["energy_j"] / truth["node_j"], 1,
                                           delta=bound)

    def test_counters_that_contradict_each_other_are_told(self):
        text = ("machines: {m: {like: intel-2s, domains: {package-0: {power: "
                "120, gain_error: GAIN}, node: {source: power_meter, label: "
                "Chassis, power: 300, update: 100ms, node: no}}}}")
        for gain, wanted in (("0", []), ("0.9", ["energy.exceeds"])):
            with self.subTest(gain=gain), \
                    tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text.replace("GAIN", gain))
                file.flush()
                with Emulator(file.name) as emulator:
                    sensors, _ = self.sensors(emulator, "m", "--measure", "2s")
                found = sensors["contradictions"]
                self.assertEqual([one["code"] for one in found], wanted)
                for one in found:  # 2 packages and DRAM, and the node
                    self.assertRegex(one["what"], r" 37\d \+- \d\d W inside "
                                     r"'hwmon Chassis' 300\.\d \+- \d\.\d W")

    def test_sensors_that_are_wrong_are_measured_wrong(self):
        with Emulator(DESCRIPTIONS / "shapes.yaml", "--seed", "2") as emulator:
            sensors, truth = self.sensors(emulator, "wrong-gain", "--measure",
                                          "1s")
        ratio = sensors["node"]["power_w"] * truth["window_s"] / truth["node_j"]
        self.assertGreater(abs(ratio - 1), 0.004)
        self.assertLess(abs(ratio - 1), 0.06)

    def test_a_refused_counter_is_forbidden_and_a_machine_may_have_none(self):
        with Emulator(DESCRIPTIONS / "faults.yaml") as emulator:
            sensors, _ = self.sensors(emulator, "refused", "--energy",
                                      "powercap")
            states = {d["domain"]: d["status"] for d in sensors["domains"]}
            self.assertEqual(states, {
                "package-0": "ok", "package-0/dram": "ok",
                "package-1": "forbidden", "package-1/dram": "ok"})
        with Emulator(DESCRIPTIONS / "machines.yaml") as emulator:
            sensors, truth = self.sensors(emulator, "bare")
            self.assertEqual({d["status"] for d in sensors["domains"]},
                             {"absent"})
            self.assertIsNone(truth["node_j"])

    def test_a_kept_descriptor_sees_the_truth_of_a_moving_trace(self):
        for machine in ("square", "follows"):
            with self.subTest(machine=machine), \
                    Emulator(DESCRIPTIONS / "shapes.yaml") as emulator:
                fd = os.open(emulator.path(machine, COUNTER), os.O_RDONLY)
                wrap = emulator.number(machine, RANGE) + 61
                begin_ns, first = time.monotonic_ns(), int(os.pread(fd, 64, 0))
                values = set()
                for _ in range(200):
                    values.add(os.pread(fd, 64, 0))
                    time.sleep(0.01)
                end_ns, last = time.monotonic_ns(), int(os.pread(fd, 64, 0))
                os.close(fd)
                truth = emulator.truth(machine, begin_ns, end_ns)
                package = truth["domains"][0]
                self.assertEqual(package["domain"], "package-0")
                # Two refreshes and two reads of about a millisecond at 250 W.
                self.assertAlmostEqual((last - first) % wrap * 1e-6,
                                       package["energy_j"], delta=1.5)
                self.assertGreater(len(values), 190)


class Behaviour(unittest.TestCase):
    def description(self, text):
        folder = tempfile.mkdtemp(prefix="gb-describe-")
        self.addCleanup(shutil.rmtree, folder)
        path = pathlib.Path(folder) / "m.yaml"
        path.write_text(text)
        return path

    def test_a_slow_read_blocks_no_other(self):
        text = ("machines: {a: {like: intel-2s, faults: "
                "[{fault: slow, on: package-1, seconds: 1.5}]}}")
        slow = "sys/class/powercap/intel-rapl:1/energy_uj"
        with Emulator(self.description(text)) as emulator, \
                concurrent.futures.ThreadPoolExecutor(8) as pool:
            begin = time.monotonic()
            waiting = [pool.submit(emulator.number, "a", slow)
                       for _ in range(6)]
            time.sleep(0.2)
            before = time.monotonic()
            for _ in range(50):
                emulator.number("a", COUNTER)
            self.assertLess(time.monotonic() - before, 1)
            self.assertFalse(any(one.done() for one in waiting))
            for one in waiting:
                one.result()
            self.assertGreaterEqual(time.monotonic() - begin, 1.5)

    def test_faults_come_and_go_and_are_logged(self):
        text = ("machines: {a: {like: intel-2s, faults: ["
                "{fault: eio, on: package-0, at: 400ms, for: 1s},"
                "{fault: vanish, on: package-1, at: 400ms, for: 1s}]}}")
        zone = "sys/class/powercap/intel-rapl:1"
        with Emulator(self.description(text)) as emulator:
            seen, gone = set(), set()
            end = time.monotonic() + 1.8
            while time.monotonic() < end:
                try:
                    emulator.number("a", COUNTER)
                    seen.add(0)
                except OSError as error:
                    seen.add(error.errno)
                gone.add(os.path.exists(emulator.path("a", zone)))
                time.sleep(0.02)
            self.assertEqual(seen, {0, 5})
            self.assertEqual(gone, {True, False})
            emulator.number("a", COUNTER)
            self.assertTrue(os.path.exists(emulator.path("a", zone)))
            log = pathlib.Path(emulator.path("a", ".emulator/log")).read_text()
            self.assertEqual(log.count("begin"), 2)
            self.assertEqual(log.count("end"), 2)

    def test_nothing_can_be_written(self):
        with Emulator(DESCRIPTIONS / "machines.yaml") as emulator:
            with self.assertRaises(OSError):
                with open(emulator.path("intel-2s", COUNTER), "w"):
                    pass
            with self.assertRaises(OSError):
                os.mkdir(emulator.path("new"))

    def test_the_truth_command_prints_the_truth_file(self):
        with Emulator(DESCRIPTIONS / "shapes.yaml") as emulator:
            begin_ns = time.monotonic_ns()
            time.sleep(0.3)
            end_ns = time.monotonic_ns()
            line = [EMULATOR, "--truth", emulator.path("sine"), str(begin_ns)]
            done = subprocess.run([*line, str(end_ns)], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout),
                             emulator.truth("sine", begin_ns, end_ns))
            self.assertAlmostEqual(json.loads(done.stdout)["window_s"],
                                   (end_ns - begin_ns) * 1e-9, delta=1e-9)
            for wrong in (str(end_ns + 10**12), "later"):
                done = subprocess.run([*line, wrong], capture_output=True,
                                      text=True, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertTrue(done.stderr.startswith("greenbench-emulator: "))

    def test_the_same_seed_gives_the_same_sensors(self):
        texts = [subprocess.run([EMULATOR, "--check", "--seed", seed,
                                 str(DESCRIPTIONS / "shapes.yaml")],
                                capture_output=True, text=True,
                                check=True).stdout
                 for seed in ("5", "5", "6")]
        self.assertEqual(texts[0], texts[1])
        self.assertNotEqual(texts[0], texts[2])


class Ending(unittest.TestCase):
    def test_signals_leave_no_mount_behind(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number), \
                    Emulator(DESCRIPTIONS / "machines.yaml") as emulator:
                self.assertTrue(mounted(emulator.folder))
                fd = os.open(emulator.path("intel-2s", COUNTER), os.O_RDONLY)
                self.assertEqual(emulator.stop(number), 0)
                self.assertFalse(mounted(emulator.folder))
                with self.assertRaises(OSError):
                    os.pread(fd, 64, 0)
                with contextlib.suppress(OSError):
                    os.close(fd)  # there is nobody to tell

    def test_a_slow_read_does_not_delay_the_end(self):
        text = ("machines: {a: {like: intel-2s, faults: "
                "[{fault: slow, on: package-0, seconds: 60}]}}")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            with Emulator(file.name) as emulator:
                reader = subprocess.Popen(["cat", emulator.path("a", COUNTER)],
                                          stderr=subprocess.DEVNULL)
                time.sleep(0.3)
                begin = time.monotonic()
                self.assertEqual(emulator.stop(), 0)
                self.assertLess(time.monotonic() - begin, 5)
                self.assertNotEqual(reader.wait(timeout=10), 0)
                self.assertFalse(mounted(emulator.folder))

    def test_in_the_background_until_it_is_unmounted(self):
        folder = tempfile.mkdtemp(prefix="gb-emulator-")
        self.addCleanup(os.rmdir, folder)
        done = subprocess.run(
            [EMULATOR, "--background", str(DESCRIPTIONS / "machines.yaml"),
             folder], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "ready\n"),
                         done.stderr)
        self.assertTrue(mounted(folder))
        self.assertIn("intel-2s", os.listdir(folder))
        subprocess.run(["fusermount3", "-u", folder], check=True)
        self.assertFalse(mounted(folder))

    def test_what_cannot_be_served_is_refused_before_a_mount(self):
        folder = tempfile.mkdtemp(prefix="gb-emulator-")
        self.addCleanup(shutil.rmtree, folder)
        pathlib.Path(folder, "m.yaml").write_text("machines: {a: {lik: x}}")
        os.mkdir(os.path.join(folder, "empty"))
        good = str(DESCRIPTIONS / "machines.yaml")
        for args, text in (
                (["m.yaml", "empty"], "m.yaml:1:16: expected one of like"),
                (["none.yaml", "empty"], "none.yaml"),
                ([good, "nowhere"], "expected a folder to mount on"),
                ([good, "."], "expected an empty folder"),
                ([good], "expected a description and a folder"),
                (["--background", "-f", good, "empty"], "got both"),
                (["--seed", "x", good, "empty"], "--seed")):
            with self.subTest(args=args):
                done = subprocess.run([EMULATOR, *args], cwd=folder, text=True,
                                      capture_output=True, timeout=20,
                                      check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertIn(text, done.stderr)
                self.assertFalse(mounted(os.path.join(folder, "empty")))


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print(f"skipped: cannot mount here: {reason}")
        sys.exit(77)
    gb.main()
