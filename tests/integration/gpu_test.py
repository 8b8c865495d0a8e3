# SPDX-License-Identifier: Apache-2.0
"""GPUs through NVML and ROCm SMI: the real binary finds the libraries as it
would the vendors', ours stand in for them (tests/support/fake_*.c)."""
import json
import os

import gb

NVML = os.environ["GB_NVML_DIR"]
ROCM = os.environ["GB_ROCM_DIR"]


class Gpu(gb.Case):
    def setUp(self):
        super().setUp()
        self.control = {}
        for vendor in ("NVML", "ROCM"):
            self.control[vendor] = self.output + "." + vendor
            self.say(vendor, "")
            self.addCleanup(os.remove, self.control[vendor])

    def say(self, vendor, text):
        with open(self.control[vendor] + ".new", "w") as file:
            file.write(text)
        os.replace(self.control[vendor] + ".new", self.control[vendor])

    def env(self, *dirs, **more):
        path = [*dirs, os.environ.get("LD_LIBRARY_PATH", "")]
        return {"LD_LIBRARY_PATH": ":".join(p for p in path if p),
                "GB_FAKE_NVML": self.control["NVML"],
                "GB_FAKE_ROCM": self.control["ROCM"], **more}

    def sensors(self, env, *more):
        done = gb.run(["sensors", "--json", *more], env=env)
        self.assertEqual(done.code, 0, str(done))
        sensors = json.loads(done.out)
        rows = {}
        for d in sensors["domains"]:
            rows.setdefault(d["source"], []).append(d)
        return sensors, rows

    def test_gpus_of_both_vendors_are_measured(self):
        self.say("NVML", "devices 2\npower_w 250\ngpu1.power_w 400\n")
        self.say("ROCM", "power_w 300\n")
        sensors, rows = self.sensors(self.env(NVML, ROCM), "--measure", "2s",
                                     "--energy", "nvml,rocm")
        watts = [(d["domain"], d["power_w"]) for d in
                 rows["nvml"] + rows["rocm"]]
        for (name, got), want in zip(watts, (250, 400, 300), strict=True):
            # NVML's counter has steps of 20 ms: 1 % of the window at each end.
            self.assertAlmostEqual(got / want, 1, delta=0.03, msg=name)
        for d in rows["nvml"] + rows["rocm"]:
            self.assertEqual((d["status"], d["quality"], d["scope"],
                              d["summed"]), ("ok", "simulated", "accel", True))
        node = sensors["node"]
        self.assertEqual(node["quality"], "simulated")
        self.assertAlmostEqual(node["power_w"] / 950, 1, delta=0.03)
        self.assertEqual(node["coverage"]["holds"], "3 accelerators")
        self.assertLess(abs(node["energy_j"] - 950 * node["window_s"]),
                        node["u95_j"])

    def test_a_library_elsewhere_is_named_by_a_setting(self):
        library = os.path.join(NVML, "libnvidia-ml.so.1")
        for more, extra in ((["--energy", "nvml=" + library], {}),
                            (["--energy", "nvml"],
                             {"GREENBENCH_NVML": library})):
            _, rows = self.sensors(self.env(**extra), *more)
            # Nothing else leads to it: LD_LIBRARY_PATH does not.
            self.assertEqual(rows["nvml"][0]["status"], "ok", rows)
            self.assertEqual(rows["nvml"][0]["quality"], "simulated", rows)

    def test_without_libraries_the_sources_are_absent(self):
        _, rows = self.sensors(self.env(), "--energy",
                               "nvml=/nonexistent/a.so,rocm=/nonexistent/b.so")
        for source in ("nvml", "rocm"):
            self.assertEqual([d["status"] for d in rows[source]], ["absent"])
            self.assertIn("/nonexistent/", rows[source][0]["reason"])
            self.assertIn("--energy " + source, rows[source][0]["fix"])
            self.assertIsNone(rows[source][0]["energy_j"])

    def test_a_simulated_root_does_not_read_this_machine(self):
        env = self.env(NVML, ROCM, GREENBENCH_SYSROOT=str(
            gb.FIXTURES / "faults/no-powercap" / "t0"))
        _, rows = self.sensors(env)
        for source in ("nvml", "rocm"):
            self.assertEqual([d["status"] for d in rows[source]], ["absent"])
            self.assertIn("not the simulated root", rows[source][0]["reason"])

    def test_what_is_refused_has_a_word_and_no_number(self):
        self.say("NVML", "devices 4\n"
                 "gpu0.energy_status 3\ngpu0.power_status 3\n"
                 "gpu1.energy_status 4\ngpu1.power_status 4\n"
                 "gpu2.energy_status 15\n"
                 "gpu3.energy_mj 5000\n")
        sensors, rows = self.sensors(self.env(NVML), "--measure", "1s",
                                     "--energy", "nvml")
        self.assertEqual([d["status"] for d in rows["nvml"]],
                         ["unsupported", "forbidden", "failed", "stuck"])
        for d in rows["nvml"]:
            self.assertIsNone(d["energy_j"])
            self.assertTrue(d["reason"] and d["fix"], d)
        self.assertIsNone(sensors["node"]["energy_j"])
        self.assertEqual(sensors["node"]["quality"], "unavailable")

    def test_it_does_not_satisfy_require_energy(self):
        done = self.run_ok(["-b", "memory.triad", *gb.QUICK, "--energy", "rocm",
                            "--require-energy"], env=self.env(ROCM), code=3)
        self.assertIn("expected measured energy", done.err)

    def run_benchmark(self, env, *more, ranks=None):
        self.run_ok(["-b", "memory.triad", "--repeats", "2", "--min-time",
                     "600ms", "--idle", "600ms", *more], ranks, env)
        run_dir = gb.only_run_dir(self.output)
        return gb.summary(run_dir), run_dir

    def test_a_run_is_labelled_simulated(self):
        result, run_dir = self.run_benchmark(
            self.env(ROCM), "--energy", "rocm")
        bench = gb.bench(result, "memory.triad")
        self.assertEqual(bench["energy"]["quality"], "simulated")
        self.assertAlmostEqual(bench["power_w"]["value"] / 300, 1, delta=0.02)
        warning = [w for w in result["warnings"]
                   if w["code"] == "energy.simulated"]
        self.assertEqual(len(warning), 1)
        self.assertIn("stand-in", json.dumps(warning))
        report = [p for p in run_dir.iterdir() if p.suffix == ".md"]
        self.assertIn("**Simulated", report[0].read_text())

    def test_a_gpu_lost_in_a_run_takes_the_figure_not_the_run(self):
        """The counter works while it is probed, and fails ever after."""
        self.say("ROCM", "")
        self.say("NVML", "lost_after 9\n")
        result, _ = self.run_benchmark(self.env(NVML), "--energy", "nvml")
        bench = gb.bench(result, "memory.triad")
        self.assertIsNone(bench["energy"]["value_j"])
        self.assertTrue(bench["energy"]["reason"])
        self.assertTrue(bench["valid"])
        self.assertGreater(bench["performance"]["value"], 0)

    @gb.needs_mpi
    def test_ranks_of_a_node_count_its_gpus_once(self):
        result, _ = self.run_benchmark(self.env(ROCM), "--energy", "rocm",
                                       ranks=2)
        bench = gb.bench(result, "memory.triad")
        self.assertAlmostEqual(bench["power_w"]["value"] / 300, 1, delta=0.02)


if __name__ == "__main__":
    gb.main()
