# SPDX-License-Identifier: Apache-2.0
"""Energy of saved machines brought to life: the right total, and none of the
totals that usual mistakes give (the fixtures' expected.json)."""
import json
import os

import gb

# fixture, seconds between its two states, its mean power, powers that the usual
# mistakes give
MACHINES = [
    ("intel-2s-skx-dram", 60.0),
    ("amd-epyc-2s", 120.0),
    ("intel-client-mmio-psys", 30.0),
    ("intel-2s-spr-psys", 120.0),
]


def expected(fixture):
    return json.loads((gb.FIXTURES / fixture / "expected.json").read_text())


class Energy(gb.Case):
    def sensors(self, root, *more):
        done = gb.run(["sensors", "--json", *more],
                      env={"GREENBENCH_SYSROOT": root})
        self.assertEqual(done.code, 0, str(done))
        return json.loads(done.out)

    def test_a_result_says_what_was_measured_and_what_that_cost(self):
        with gb.Player("intel-2s-skx-dram", 60.0) as root:
            self.run_ok(["-b", "compute.fma", "--repeats", "6", "--min-time",
                         "200ms", "--idle", "500ms"],
                        env={"GREENBENCH_SYSROOT": root})
        run_dir = gb.only_run_dir(self.output)
        result = gb.summary(run_dir)
        (node,) = result["system"]["nodes"]
        for fact in ("cpu", "cpu_vendor", "cpu_family", "cpu_model",
                     "cpu_stepping", "microcode", "sampler_place"):
            self.assertTrue(node[fact], fact)
        self.assertEqual(node["coverage"]["holds"], "2 packages + DRAM")
        self.assertIsNone(node["coverage"]["missing"])
        records = [json.loads(line) for line in
                   (run_dir / "records.jsonl").read_text().splitlines()]
        domains = records[0]["nodes"][0]["domains"]
        for domain in domains:
            if domain["status"] == "ok":
                self.assertTrue(domain["path"])
                self.assertGreater(domain["tick_j"], 0)
                self.assertGreater(domain["wrap_ticks"], 0)
                for what in ("step_j", "update_ns", "max_power_w", "u_rel"):
                    self.assertGreater(domain[what], 0, what)
                self.assertIn(domain["scope"], ("package", "dram"))
        self.assertEqual(
            [d["domain"] for d in domains if d["summed"]],
            ["package-0", "package-0/dram", "package-1", "package-1/dram"])
        # A warm-up before each trial, idle before and after all of them.
        trials = [r for r in records if r["record"] == "trial"]
        self.assertTrue(all(t["warmup_s"] > 0 for t in trials))
        for when in ("before", "after"):
            self.assertGreater(result["idle"][when]["power_w"], 0)
        cost = result["overhead"]
        for what in ("sampler_cpu_fraction", "sample_cost_s", "sampler_cpu_s",
                     "reads", "wakeups"):
            self.assertGreater(cost[what], 0, what)
        for bench in result["benchmarks"]:
            energy = bench["energy"]
            # The sum of work over the sum of energy of the same windows; gross
            # first, net beside it; the interval wider than its uncertainty.
            self.assertAlmostEqual(bench["efficiency"]["value"] *
                                   energy["value_j"] / bench["work"]["value"],
                                   1, delta=1e-9)
            self.assertAlmostEqual(sum(energy["raw"]) / energy["value_j"], 1,
                                   delta=1e-9)
            self.assertLess(energy["net_j"], energy["value_j"])
            self.assertEqual(bench["performance"]["n"], 6)
            self.assertEqual(len(bench["performance"]["raw"]), 6)
            self.assertTrue(1.64 < energy["u95_j"] / energy["u_j"] < 1.97)

    def test_sensors_measure_the_right_total(self):
        for fixture, dt_s in MACHINES:
            with self.subTest(fixture=fixture), gb.Player(fixture, dt_s) as root:
                truth = expected(fixture)
                sensors = self.sensors(root, "--measure", "2s")
                node = sensors["node"]
                self.assertEqual(sensors["schema"], "greenbench.sensors/1")
                self.assertEqual(node["quality"], "simulated")
                self.assertAlmostEqual(node["power_w"] / truth["node_watts"], 1,
                                       delta=0.005)
                self.assertAlmostEqual(
                    node["energy_j"],
                    sum(d["energy_j"] for d in sensors["domains"]
                        if d["summed"]), delta=1e-6)
                for mistake, joules in truth["wrong_answers"].items():
                    if abs(joules / truth["node_joules"] - 1) > 1e-4:
                        self.assertGreater(
                            abs(node["power_w"] * dt_s / joules - 1), 0.001,
                            mistake)

    def test_a_wrap_inside_the_window_is_undone(self):
        for fixture, dt_s in MACHINES[:2]:
            with self.subTest(fixture=fixture), \
                    gb.Player(fixture, dt_s, before_wrap_s=1.5) as root:
                node = self.sensors(root, "--measure", "3s")["node"]
                self.assertAlmostEqual(
                    node["power_w"] / expected(fixture)["node_watts"], 1,
                    delta=0.005)

    @gb.needs_mpi
    def test_one_and_four_ranks_give_the_same_joules(self):
        watts = []
        with gb.Player("intel-2s-skx-dram", 60.0) as root:
            for ranks in (1, 4):
                self.setUp()
                self.run_ok(["-b", "compute.fma", "--repeats", "6",
                             "--min-time", "100ms", "--idle", "300ms"],
                            ranks, {"GREENBENCH_SYSROOT": root})
                result = gb.summary(gb.only_run_dir(self.output))
                b = result["benchmarks"][0]
                self.assertEqual(b["energy"]["quality"], "simulated")
                self.assertEqual(len(b["per_node"]), 1)
                self.assertAlmostEqual(b["per_node"][0]["energy_j"],
                                       b["energy"]["value_j"], delta=1e-6)
                watts.append(b["power_w"]["value"])
                self.assertAlmostEqual(
                    result["idle"]["before"]["power_w"] / 333.0, 1, delta=0.02)
        for value in watts:
            self.assertAlmostEqual(value / 333.0, 1, delta=0.02)

    def test_simulated_energy_does_not_satisfy_require_energy(self):
        with gb.Player("amd-epyc-2s", 120.0) as root:
            done = self.run_ok(["-b", "compute.fma", "--require-energy",
                                *gb.QUICK],
                               env={"GREENBENCH_SYSROOT": root}, code=3)
        self.assertIn("expected measured energy", done.err)

    def test_words_for_what_cannot_be_read(self):
        for case, word in (("faults/no-powercap", "absent"),
                           ("faults/docker-masked", "hidden"),
                           ("faults/frozen", "stuck"),
                           ("faults/equal-start-zero", "stuck"),
                           ("faults/zero-range", "failed")):
            with self.subTest(case=case):
                sensors = self.sensors(str(gb.FIXTURES / case / "t0"),
                                       "--energy", "powercap")
                states = {d["status"] for d in sensors["domains"]}
                self.assertEqual(states, {word}, json.dumps(sensors, indent=1))
                for d in sensors["domains"]:
                    self.assertFalse(d["summed"])
                    self.assertTrue(d["reason"])

    def test_forbidden_names_the_file_the_user_and_the_fix(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become another user")
        with gb.Player("intel-2s-skx-dram", 60.0) as root:
            os.chmod(os.path.dirname(root), 0o755)
            for base, _, files in os.walk(root):
                for name in files:
                    if name == "energy_uj":
                        os.chmod(os.path.join(base, name), 0o400)
            done = gb.run(["sensors", "--json", "--energy", "powercap"],
                          env={"GREENBENCH_SYSROOT": root, "HOME": "/"},
                          user=65534, group=65534, cwd="/")
            self.assertEqual(done.code, 0, str(done))
            domains = json.loads(done.out)["domains"]
            self.assertEqual({d["status"] for d in domains}, {"forbidden"})
            for d in domains:
                self.assertIn("energy_uj", d["reason"])
                self.assertIn("65534", d["reason"])
                self.assertTrue(d["fix"])

    def test_nothing_below_the_root_is_opened_for_writing(self):
        with gb.Player("intel-2s-skx-dram", 60.0) as root:
            before = {}
            for base, _, files in os.walk(root):
                for name in files:
                    path = os.path.join(base, name)
                    if name != "energy_uj":
                        before[path] = os.stat(path).st_mtime_ns
            self.sensors(root, "--measure", "500ms")
            for path, stamp in before.items():
                self.assertEqual(os.stat(path).st_mtime_ns, stamp, path)


if __name__ == "__main__":
    gb.main()
