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

    def __init__(self, path, header=HEADER, lines=""):
        self.path = path
        self.lines = lines
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.write)
        path.write_text(header)

    def write(self):
        begin = time.monotonic()
        while not self.stop.wait(0.05):
            now = time.monotonic()
            with open(self.path, "a", encoding="ascii") as file:
                file.write(f"reading wall {WATTS:.1f}\n"
                           f"reading register {(now - begin) * WATTS:.0f} "
                           f"{now:.6f}\n{self.lines}")

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
        for source in ("external", "replay"):
            sensors, _ = self.sensors(source)
            self.assertEqual(len(sensors["domains"]), 1)
            row = sensors["domains"][0]
            self.assertEqual(row["status"], "absent")
            self.assertIn(f"{source}=", row["fix"])
            self.assertIn(f"GREENBENCH_{source.upper()}", row["fix"])

    def test_report_16_itue_by_the_counters_of_the_run(self):
        """A node of 250 W whose packages and DRAM take 200 of them."""
        packages = sorted({path.read_text().strip() for path in pathlib.Path(
            "/sys/devices/system/cpu").glob("cpu*/topology/physical_package_id")})
        path = self.folder / "meter.log"
        share = 160.0 / len(packages)
        header = "".join(
            f"channel package-{p} scope=package unit=W step=0.1 update=100ms "
            f"accuracy=2% package={p}\n" for p in packages)
        header += ("channel dram scope=dram unit=W step=0.1 update=100ms "
                   "accuracy=2%\n")
        lines = "".join(f"reading package-{p} {share:.1f}\n" for p in packages)
        claims = self.folder / "claims.yaml"
        claims.write_text(
            "claims:\n- {id: fans, text: fans take less than a third, metric: "
            "ITUE, relation: below, limit: 1.34}\n")
        with Daemon(path, HEADER + header, lines + "reading dram 40.0\n"):
            done = gb.run(["run", "-b", "memory.triad", "--repeats", "3",
                           "--min-time", "500ms", "--idle", "0", "-e",
                           f"external={path}", "--claims", str(claims), "-o",
                           str(self.folder / "out")])
        self.assertEqual(done.code, 0, str(done))
        run = str(next((self.folder / "out").iterdir()))
        done = gb.run(["claim", str(claims), run, "--json"])
        found = json.loads(done.out)["claims"][0]
        self.assertEqual(found["verdict"], "SUPPORTED", str(found))
        self.assertAlmostEqual(found["estimate"]["value"], 1.25, delta=0.02)
        self.assertIn("input at the wall over", found["conditions"])
        self.assertIn("DRAM", found["energy"]["holds"])

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

    def test_what_others_draw_on_is_flagged(self):
        for shared in ("no", "yes"):
            program = self.folder / f"shared-{shared}.sh"
            program.write_text(
                "#!/bin/sh\necho greenbench-meter 1\necho channel a "
                f"scope=accel unit=W update=50ms shared={shared}\n"
                "while :; do echo reading a 77; sleep 0.05; done\n")
            program.chmod(0o755)
            sensors, rows = self.sensors(f"external=!{program}", "--measure",
                                         "1s")
            expected = ["shared"] * (shared == "yes")
            self.assertEqual(rows["a"]["flags"], expected)
            self.assertEqual(sensors["node"]["flags"], expected)
            self.assertTrue(rows["a"]["summed"])

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


def samples(run_dir):
    """(domain, ticks, ok, stamp) of each row: the domain's name, and the stamp
    as it is replayed."""
    run_dir = pathlib.Path(run_dir)
    with open(run_dir / "records.jsonl", encoding="utf-8") as file:
        domains = json.loads(file.readline())["nodes"][0]["domains"]
    rows = []
    with open(run_dir / "samples", encoding="ascii") as file:
        columns = file.readline().strip().split(",")
        for line in file:
            row = dict(zip(columns, map(int, line.split(","))))
            rows.append((domains[row["domain"]]["domain"], row["ticks"],
                         row["ok"], row["stamp_ns"] or row["time_ns"]))
    return rows


class Replay(Meters):
    NODE_W = 333.0  # of the saved machine

    @classmethod
    def setUpClass(cls):
        """One recording for all: a simulated machine whose counters wrap."""
        cls.recordings = tempfile.mkdtemp(prefix="gb-recorded-")
        with gb.Player("intel-2s-skx-dram", 60.0, before_wrap_s=3.0) as root:
            done = gb.run(["-b", "compute.fma", "--repeats", "6",
                           "--min-time", "1100ms", "--idle", "0s",
                           "-o", cls.recordings],
                          env={"GREENBENCH_SYSROOT": root})
        assert done.code == 0, str(done)
        cls.recorded_dir = gb.only_run_dir(cls.recordings)
        cls.recorded = samples(cls.recorded_dir)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.recordings, ignore_errors=True)

    def test_a_run_is_replayed_to_the_bit(self):
        by_stamp = {(domain, stamp): (ticks, ok)
                    for domain, ticks, ok, stamp in self.recorded}
        was = gb.summary(self.recorded_dir)["benchmarks"][0]
        self.run_ok(["-b", "compute.fma",
                     "--energy", f"replay={self.recorded_dir}",
                     "--repeats", "3", "--min-time", "1100ms",
                     "--idle", "0s"])
        run_dir = gb.only_run_dir(self.output)
        b = gb.summary(run_dir)["benchmarks"][0]
        self.assertEqual(b["energy"]["quality"], "replayed")
        self.assertAlmostEqual(b["power_w"]["value"], self.NODE_W, delta=3.3)
        self.assertAlmostEqual(b["power_w"]["value"], was["power_w"]["value"],
                               delta=3.3)

        # Every reading is one of the recording, and joules between two of them
        # are the same joules.
        replayed = samples(run_dir)
        good = [row for row in replayed if row[2]]
        self.assertGreater(len(good), 60)
        for domain, ticks, _, stamp in good:
            self.assertEqual(by_stamp[(domain, stamp)], (ticks, 1))
        for domain in {row[0] for row in replayed}:
            mine = [row for row in good if row[0] == domain]
            gained = mine[-1][1] - mine[0][1]
            self.assertNotEqual(gained, 0)
            self.assertEqual(gained, by_stamp[(domain, mine[-1][3])][0] -
                             by_stamp[(domain, mine[0][3])][0])

    def test_sensors_replay_it_up_to_its_end(self):
        replay = f"replay={self.recorded_dir}"
        sensors, rows = self.sensors(replay, "--measure", "3s")
        self.assertEqual(sensors["node"]["quality"], "replayed")
        self.assertAlmostEqual(sensors["node"]["power_w"], self.NODE_W,
                               delta=3.3)
        self.assertEqual(rows["package-0"]["source"], "replay")
        self.assertIn("simulated then", rows["package-0"]["reason"])
        self.assertEqual(sum(d["summed"] for d in sensors["domains"]), 4)

        stamps = [row[3] for row in self.recorded]
        longer_s = (max(stamps) - min(stamps)) * 1e-9 + 1
        sensors, _ = self.sensors(replay, "--measure", f"{longer_s:.1f}s")
        self.assertIsNone(sensors["node"]["energy_j"])

    def test_it_is_no_measurement(self):
        done = self.run_ok(["-b", "compute.fma", "--require-energy",
                            "--energy", f"replay={self.recorded_dir}",
                            *gb.QUICK], code=3)
        self.assertIn("replayed", done.err)

    def test_no_such_run_is_said(self):
        sensors, _ = self.sensors("replay=/nowhere/run")
        self.assertEqual(sensors["domains"][0]["status"], "failed")
        self.assertIn("/nowhere/run", sensors["domains"][0]["reason"])


if __name__ == "__main__":
    gb.main()
