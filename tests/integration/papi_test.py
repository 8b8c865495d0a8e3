# SPDX-License-Identifier: Apache-2.0
"""Energy through PAPI: a library of ours, loaded into the program, exports
counters as PAPI's software-defined events."""
import json
import os
import sys

import gb

SDE = os.environ.get("GB_SDE", "")


class Papi(gb.Case):
    def sensors(self, *more):
        done = gb.run(["sensors", "--energy", "papi", "--json", *more],
                      env={"LD_PRELOAD": SDE})
        self.assertEqual(done.code, 0, str(done))
        return json.loads(done.out)

    def test_software_events_are_read_and_labelled(self):
        sensors = self.sensors("--measure", "1s")
        by_name = {d["domain"].split("::")[-1]: d for d in sensors["domains"]
                   if d["domain"]}
        first = by_name["PACKAGE0_ENERGY_UJ"]
        self.assertEqual((first["status"], first["scope"], first["package"]),
                         ("ok", "package", 0))
        self.assertAlmostEqual(first["power_w"], 60.0, delta=0.2)
        self.assertAlmostEqual(by_name["PACKAGE1_ENERGY_UJ"]["power_w"], 40.0,
                               delta=0.2)
        # Nobody can tell what is behind them: an estimate, widely uncertain.
        self.assertEqual(sensors["node"]["quality"], "modelled")
        self.assertAlmostEqual(sensors["node"]["power_w"], 100.0, delta=0.4)
        self.assertGreater(sensors["node"]["u_j"], 30.0)
        self.assertIn("an estimate of 2 packages",
                      sensors["node"]["coverage"]["holds"])
        laser = by_name["LASER_ENERGY"]
        self.assertEqual(laser["status"], "unsupported")
        self.assertIsNone(laser["energy_j"])
        self.assertIn("not known", laser["reason"])

    def test_it_never_passes_for_a_measurement(self):
        done = gb.run(["-b", "memory.triad", *gb.QUICK, "--energy", "papi",
                       "--require-energy", "-o", self.output],
                      env={"LD_PRELOAD": SDE})
        self.assertEqual(done.code, 3, str(done))


if __name__ == "__main__":
    if not SDE:
        print("skipped: built without PAPI or without its SDE library")
        sys.exit(77)
    gb.main()
