# SPDX-License-Identifier: Apache-2.0
"""Meters as plugins: the one that asks a daemon like PTDaemon, against a server
of ours that also misbehaves."""
import hashlib
import json
import math
import pathlib
import socket
import threading

import gb
from ptd_server import Ptd

MODULE = pathlib.Path(gb.BIN).parents[1] / "plugins" / "meters.ptd.so"
WATTS = 230.0


def ptd(server, *options):
    """What follows --energy for that server, sampled ten times a second."""
    return ";".join([f"meter=meters.ptd;host=127.0.0.1;port={server.port}",
                     "interval_ms=100", "timeout_ms=300", *options])


class Meters(gb.Case):
    def sensors(self, energy, *more, env=None):
        args = ["sensors", "--json", *more]
        if energy is not None:
            args += ["--energy", energy]
        done = gb.run(args, env=env, timeout=60)
        self.assertEqual(done.code, 0, str(done))
        return json.loads(done.out)

    def only_row(self, energy, *more):
        rows = self.sensors(energy, *more)["domains"]
        self.assertEqual(len(rows), 1, rows)
        return rows[0]


class Sound(Meters):
    def test_list_shows_it_with_what_it_must_be_told(self):
        done = gb.run(["list", "--json"])
        meter = next(m for m in json.loads(done.out)["meters"]
                     if m["id"] == "meters.ptd")
        defaults = {p["name"]: p["default"] for p in meter["params"]}
        self.assertIsNone(defaults["host"])
        self.assertEqual(defaults["port"], "8888")
        self.assertTrue(meter["slow"])
        self.assertIn("(must be given)", gb.run(["list"]).out)

    def test_its_power_and_accuracy_are_those_of_the_node(self):
        with Ptd(WATTS) as server:
            found = self.sensors(
                ptd(server, "range_w=600", "reading_percent=0.1",
                    "range_percent=0.05"), "--measure", "2s")
            self.assertEqual(server.commands[:3], ["Hello", "Identify", "Go"])
            self.assertEqual(server.commands[-1], "Stop")
        row, = found["domains"]
        self.assertEqual((row["source"], row["domain"], row["scope"]),
                         ("meter", "meters.ptd/power", "node-ac"))
        self.assertEqual((row["status"], row["quality"]), ("ok", "measured"))
        self.assertTrue(row["summed"])
        self.assertIn("device=Stand-in WT310", row["path"])
        self.assertAlmostEqual(found["node"]["power_w"], WATTS, places=3)
        # 0.1 % of the reading and 0.05 % of 600 W, as limits.
        self.assertAlmostEqual(row["u_rel"], 0.001 / math.sqrt(3))
        self.assertAlmostEqual(row["u_w"], 0.3 / math.sqrt(3))
        limits_w = (0.001 * WATTS + 0.3) / math.sqrt(3)
        self.assertGreaterEqual(found["node"]["power_u_w"], limits_w)
        self.assertLess(found["node"]["power_u_w"], 1.1 * limits_w)
        self.assertEqual(row["plugin"], {
            "id": "meters.ptd", "version": "0.1.0",
            "sha256": hashlib.sha256(MODULE.read_bytes()).hexdigest()})

    def test_a_run_says_which_plugin_its_energy_is_from(self):
        with Ptd(WATTS) as server:
            # A node that is busy with other tests starves the meter's thread.
            self.run_ok(["-b", "idle", "--repeats", "1", "--min-time", "2s",
                         "--idle", "0"],
                        env={"GREENBENCH_METER": ptd(server)[len("meter="):]})
        folder, = pathlib.Path(self.output).iterdir()
        summary = json.loads((folder / "summary.json").read_text())
        row = next(s for s in summary["energy_sources"]
                   if s["source"] == "meter")
        digest = hashlib.sha256(MODULE.read_bytes()).hexdigest()
        self.assertEqual(row["plugin"]["id"], "meters.ptd")
        self.assertEqual(row["plugin"]["sha256"], digest)
        figure = summary["benchmarks"][0]["energy"]
        self.assertEqual(figure["quality"], "measured", figure)
        self.assertAlmostEqual(
            summary["benchmarks"][0]["power_w"]["value"], WATTS, delta=1e-3)
        manifest = json.loads((folder / "manifest.json").read_text())
        self.assertIn((str(MODULE), digest),
                      [(f["path"], f["sha256"]) for f in manifest["files"]
                       if f["role"] == "plugin"])

    @gb.spoils_runs
    def test_a_run_is_resumed_with_the_same_meter_only(self):
        with Ptd(WATTS) as server:
            env = {"GREENBENCH_METER": ptd(server)[len("meter="):]}
            self.run_ok(["-b", "idle", "--repeats", "1", "--min-time", "100ms",
                         "--idle", "0"], env=env)
            folder, = pathlib.Path(self.output).iterdir()
            # As if it had been cut off before its repetition, with another
            # file of the plugin.
            (folder / "summary.json").unlink()
            records = folder / "records.jsonl"
            first = records.read_text().splitlines(True)[0]
            digest = hashlib.sha256(MODULE.read_bytes()).hexdigest()
            self.assertIn(digest, first)
            records.write_text(first.replace(digest, 64 * "0"))
            done = gb.run(["--resume", str(folder)], env=env)
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("meters.ptd: file of the plugin: expected SHA-256 "
                      "000000000000", done.err)

    def test_two_of_them_are_two_sources_and_counted_once(self):
        with Ptd(WATTS) as one, Ptd(100.0) as other:
            second = ptd(other, "scope=other")[len("meter="):]
            rows = self.sensors(f"{ptd(one)} {second}")["domains"]
            again = self.sensors(f"{ptd(one)},{ptd(other)}")["domains"]
        self.assertEqual([r["domain"] for r in rows],
                         ["meters.ptd/power", "meters.ptd/power#2"])
        self.assertEqual([r["summed"] for r in rows], [True, False])
        self.assertEqual([r["summed"] for r in again], [True, False])

    def test_a_link_that_breaks_comes_back(self):
        with Ptd(WATTS) as server:
            timer = threading.Timer(1.2, server.hang_up)
            timer.start()
            found = self.sensors(ptd(server), "--measure", "3s")
            timer.join()
            self.assertEqual(server.commands.count("Hello"), 2)
        self.assertAlmostEqual(found["node"]["power_w"], WATTS, places=3)

    def test_an_analyser_that_loses_its_value_ends_the_figure(self):
        with Ptd(WATTS) as server:
            timer = threading.Timer(
                1.0, lambda: setattr(server, "fault", "negative"))
            timer.start()
            found = self.sensors(ptd(server), "--measure", "3s")
            timer.join()
        self.assertIsNone(found["node"]["energy_j"])

    def test_it_keeps_every_rule(self):
        with Ptd(WATTS) as server:
            done = gb.run(["plugin", "check", str(MODULE), "--json",
                           "--setting", ptd(server).split(";", 1)[1]])
        result = json.loads(done.out)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual([f["rule"] for f in result["findings"]
                          if f["verdict"] != "kept"], ["M305"])


class Misbehaving(Meters):
    def test_at_first_contact_each_fault_has_its_words(self):
        cases = {
            "late": "no answer to Hello within 0.3 s",
            "garbage": "bytes without an end",
            "closes": "it closed the connection instead of answering RL",
            "stranger": "expected a PTDaemon's hello, got '220 mail",
            "busy": "refused: Error: measurement already in progress",
            "unit": "expected Watts in a sample, got 'Time,",
            "negative": "the analyser has no value: it shows -1.000000",
            "silent": "there was no sample in 0.5 s",
        }
        for fault, words in cases.items():
            with self.subTest(fault), Ptd(WATTS, fault) as server:
                row = self.only_row(ptd(server))
                self.assertEqual(row["status"], "failed", row)
                self.assertIn(words, row["reason"])

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        row = self.only_row(f"meter=meters.ptd;host=127.0.0.1;port={port}")
        self.assertIn("cannot connect: Connection refused", row["reason"])
        self.assertIn("daemon", row["fix"])

    def test_settings_that_will_not_do(self):
        cases = {
            "meters.ptd": "expected host=VALUE, got none",
            "meters.ptd;host=h;port=0": "port: expected 1..65535, got '0'",
            "meters.ptd;hosst=h": "got 'hosst'",
            "meters.ptd;host=h;range_percent=1.0": "range_percent: expected",
            "meters.pdt;host=h": "expected a meter plugin 'meters.pdt', found",
            "memory.triad": "expected a meter, got the benchmark",
        }
        for setting, words in cases.items():
            with self.subTest(setting):
                row = self.only_row(f"meter={setting}")
                self.assertEqual(row["status"], "failed", row)
                self.assertIn(words, row["reason"])

    def test_a_password_is_refused_and_not_repeated(self):
        done = gb.run(["sensors", "--energy",
                       "meter=meters.ptd;host=h;password=hunter2"])
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("name a file", done.err)
        self.assertNotIn("hunter2", done.out + done.err)

    def test_nothing_named_is_one_row_that_says_how(self):
        row = self.only_row("meter")
        self.assertEqual(row["status"], "absent")
        self.assertIn("meters.ptd", row["reason"])
        self.assertIn("GREENBENCH_METER", row["fix"])


if __name__ == "__main__":
    gb.main()
