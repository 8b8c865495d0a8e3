# SPDX-License-Identifier: Apache-2.0
"""greenbench doctor, alone and over the nodes of a launch."""
import json
import os
import pathlib
import subprocess
import tempfile

import gb


class Doctor(gb.Case):
    def test_alone(self):
        done = gb.run(["doctor", "--json"])
        self.assertEqual(done.code, 0, str(done))
        found = json.loads(done.out)
        self.assertEqual(found["schema"], "greenbench.doctor/1")
        self.assertEqual(found["other_nodes"], [])
        codes = [f["code"] for f in found["findings"]]
        for code in ("energy", "cpu.smt", "memory", "binding", "capabilities"):
            self.assertIn(code, codes)
        self.assertNotIn("clock.offset", codes)

    @gb.needs_mpi
    def test_ranks_of_one_node_are_one_node(self):
        done = gb.run(["doctor", "--json"], ranks=2)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(json.loads(done.out)["other_nodes"], [])

    @gb.needs_mpi
    def test_each_node_is_examined_and_its_clock_compared(self):
        # Nodes are told apart by their boot ids: two roots, two nodes.
        with tempfile.TemporaryDirectory(prefix="gb-nodes-") as folder:
            launch = []
            for name, boot_id in (("one", "1111"), ("two", "2222")):
                root = pathlib.Path(folder) / name
                (root / "proc/sys/kernel/random").mkdir(parents=True)
                (root / "proc/sys/kernel/random/boot_id").write_text(
                    f"{boot_id}0000-0000-4000-8000-000000000000\n")
                launch += [":"] if launch else []
                launch += ["-n", "1", "env", f"GREENBENCH_SYSROOT={root}",
                           gb.BIN, "doctor", "--json"]
            done = subprocess.run([gb.MPIEXEC, *launch],
                                  env=gb.environment(), timeout=60, check=False,
                                  stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0)
        found = json.loads(done.stdout)
        (other,) = found["other_nodes"]
        clock = [f for f in other["findings"] if f["code"] == "clock.offset"]
        self.assertEqual(len(clock), 1)
        # Both are this machine: the same clock, within a round trip.
        self.assertEqual(clock[0]["severity"], "ok")
        self.assertIn("CLOCK_REALTIME", clock[0]["evidence"])


if __name__ == "__main__":
    os.environ.pop("GREENBENCH_SYSROOT", None)
    gb.main()
