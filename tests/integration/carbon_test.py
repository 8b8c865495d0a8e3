# SPDX-License-Identifier: Apache-2.0
"""`carbon` on a stored run that the program's own writer made, with the traces of
the fixtures. Tests with a number in front are the items of standards.md §11."""
import hashlib
import json
import pathlib
import re
import shutil
import tempfile

import gb
import made_run
import run_schemas

TRACES = gb.FIXTURES / "carbon"
START_NS = 1790000000000000000  # 2026-09-21T14:13:20Z

HEAD = "name: hall 2\nboundary: nodes\n"
DE = "supplies: [{location: {region: DE, year: 2023}}]\n"
MAPS = ("supplies: [{location: {file: electricitymaps.json, format: "
        "electricitymaps-json, source: test}}]\n")


class Carbon(made_run.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made_run.space(cls.plain, START_NS)
        gb.seal(cls.plain)
        for trace in TRACES.iterdir():
            shutil.copy(trace, cls.folder)

    def file_of(self, text):
        path = self.folder / "carbon.yaml"
        path.write_text(text)
        return str(path)

    def carbon(self, text, *more, code=0):
        done = gb.run(["carbon", self.file_of(text), str(self.plain), *more])
        self.assertEqual(done.code, code, str(done))
        return done

    def document(self, text, *more, code=0):
        document = json.loads(self.carbon(text, *more, "--json", code=code).out)
        run_schemas.check(document, "carbon")
        return document

    def test_item_18_all_that_a_figure_rests_on(self):
        found = self.document(
            HEAD + DE.replace("}}]", "}, market: {region: CN, year: 2023, kind: "
                              "residual, instruments: none}}]"))
        run = found["runs"][0]
        factor = run["supply"]["location"]
        for key, value in [("gas", "CO2e"), ("kind", "average"),
                           ("scope", "lifecycle"), ("year", 2023),
                           ("g_per_kwh", 381.0)]:
            self.assertEqual(factor[key], value)
        self.assertIn("Ember", factor["publication"])
        self.assertEqual(len(factor["sha256"]), 64)
        self.assertEqual(run["supply"]["instruments"], "none")
        bench = run["benchmarks"][0]
        amount = bench["location"]
        self.assertAlmostEqual(amount["g"], bench["energy_j"] / 3.6e6 * 381.0)
        self.assertAlmostEqual(
            amount["u_g"] / amount["g"],
            bench["energy_u_j"] / bench["energy_j"])
        self.assertIsNone(amount["factor_u_rel"])
        per = amount["per"][0]
        self.assertEqual(per["unit"], "Gflop")
        self.assertAlmostEqual(per["g"] * per["amount"], amount["g"])
        self.assertEqual(bench["market"]["gas"], "CO2")

    def test_a_trace_is_aligned_with_the_run(self):
        # 30 repetitions, a minute each, from 14:13:20 on: in the hour of 360 g.
        found = self.document(HEAD + MAPS)["runs"][0]["benchmarks"]
        for bench in found:
            self.assertAlmostEqual(bench["location"]["g_per_kwh"], 360.0)
            self.assertEqual(bench["location"]["estimated_share"], 1.0)
        plain = ("supplies: [{location: {file: plain.csv, format: csv, source: "
                 "s, gas: CO2, kind: average, scope: direct, time: timestamp, "
                 "column: avg_CI, unit: kg/kWh, stamp: begin, interval: 30min, "
                 "time_zone: '+08:00'}}]\n")
        found = self.document(HEAD + plain)["runs"][0]["benchmarks"]
        # 14:00 to 14:30 UTC 500 g, then 520: the second crosses.
        self.assertAlmostEqual(found[0]["location"]["g_per_kwh"], 500.0)
        self.assertGreater(found[1]["location"]["g_per_kwh"], 500.0)
        self.assertAlmostEqual(found[2]["location"]["g_per_kwh"], 520.0)

    def test_item_40_what_is_missing_is_printed_and_never_zero(self):
        gap = (self.folder / "neso.json").read_text()
        (self.folder / "gap.json").write_text(gap.replace("245", "null"))
        text = (HEAD + "supplies: [{location: {file: gap.json, format: neso, "
                "source: s}}]\n")
        done = self.carbon(text, code=1)
        self.assertIn("the trace has no value, 0 % are allowed",
                      " ".join(done.out.split()))
        found = self.document(text, code=1)["runs"][0]["benchmarks"]
        self.assertEqual(found[0]["location"]["g_per_kwh"], 263.0)
        self.assertIsNone(found[2]["location"]["g"])
        self.assertEqual(found[2]["location"]["missing_share"], 1.0)

    def test_item_19_the_sci_and_its_parts(self):
        text = (HEAD + DE + "embodied: {kg: 1000, low_kg: 800, high_kg: 1200, "
                "lifetime_years: 4, source: a sheet}\n"
                "sci: {per: work, overhead: 1.2, overhead_source: meters}\n")
        bench = self.document(text)["runs"][0]["benchmarks"][0]
        sci = bench["sci"]
        self.assertAlmostEqual(sci["energy_kwh"],
                               1.2 * bench["energy_j"] / 3.6e6)
        self.assertAlmostEqual(sci["operational_g"],
                               sci["energy_kwh"] * sci["g_per_kwh"])
        self.assertAlmostEqual(
            sci["embodied_g"],
            1e6 * sci["time_s"] / (4 * 365 * 86400) * sci["nodes"])
        self.assertAlmostEqual(
            sci["g_per_r"] * sci["amount"],
            sci["operational_g"] + sci["embodied_g"])
        out = " ".join(self.carbon(text).out.split())
        for word in ("(O + M) / R", "E 0.0", "I 381 g/kWh", "O 0.", "M 0.",
                     "R 10000 Gflop", "over 4 years", "a sheet"):
            self.assertIn(word, out)

    def test_item_38_gases_are_not_added_up(self):
        text = (HEAD + DE.replace("DE", "CN-BJ") + "embodied: {kg: 1000, "
                "lifetime_years: 4, source: s}\nsci: {per: work}\n")
        sci = self.document(text)["runs"][0]["benchmarks"][0]["sci"]
        self.assertIsNone(sci["g_per_r"])
        self.assertIn("cannot be added up", sci["reason"])
        self.assertIsNotNone(sci["operational_g"])

    def test_item_37_and_41_words_that_never_appear(self):
        for more in ([], ["--json"], ["--markdown", "-"]):
            out = self.carbon(HEAD + DE, *more).out
            self.assertIsNone(re.search(
                "neutral|net.zero|zero.carbon|中和|CEPS|算力碳效|ITEU", out,
                re.I))
        done = self.carbon(HEAD.replace("hall 2", "net zero") + DE, code=2)
        self.assertIn("carbon.yaml:1:7: name: expected words", done.err)

    def test_item_39_a_marginal_trace_makes_no_inventory(self):
        text = (HEAD + "supplies: [{location: {file: watttime.json, format: "
                "watttime, source: s}}]\n")
        done = self.carbon(text, code=2)
        self.assertIn("location: expected an average of the grid, got one of "
                      "kind marginal", done.err)

    def test_item_42_changed_files_have_no_figures(self):
        copy = self.folder / "changed"
        shutil.copytree(self.plain, copy)
        records = copy / "records.jsonl"
        records.write_text(records.read_text().replace("0", "1", 1))
        done = gb.run(["carbon", self.file_of(HEAD + DE), str(copy)])
        self.assertEqual(done.code, 2)
        self.assertIn("expected the files of its manifest", done.err)

    def test_a_benchmark_that_is_not_valid_stands_there_without_a_figure(self):
        def wrong(record):
            if record["record"] == "repetition" and record["case"] == 0:
                record.update(status="ERR_VERIFY", what="a wrong sum")
        copy = self.folder / "wrong"
        made_run.copy(self.plain, copy, wrong)
        gb.seal(copy)
        done = gb.run(["carbon", self.file_of(HEAD + DE), str(copy), "--json"])
        self.assertEqual(done.code, 1, str(done))
        document = json.loads(done.out)
        run_schemas.check(document, "carbon")
        first = document["runs"][0]["benchmarks"][0]
        self.assertEqual(first["benchmark"], "compute.fma")
        self.assertIsNone(first["location"]["g"])
        self.assertIn("a wrong sum", first["location"]["reason"])
        made = ("embodied: {kg: 1000, lifetime_years: 4, source: s}\n"
                "sci: {per: work}\n")
        words = ["carbon", self.file_of(HEAD + DE + made), str(copy)]
        document = json.loads(gb.run([*words, "--json"]).out)
        run_schemas.check(document, "carbon")
        sci = document["runs"][0]["benchmarks"][0]["sci"]
        self.assertIsNone(sci["embodied_g"])
        out = " ".join(gb.run(words).out.split())
        self.assertNotIn("M 0 g", out)
        self.assertNotIn("for 0 s", out)

    def test_own_factors(self):
        head = "region,year,kind,gas,scope,g_per_kwh,publication,source\n"
        own = self.folder / "own.csv"
        text = HEAD + "factors: {file: own.csv}\n" + DE.replace("DE", "ours")
        own.write_text(head + "ours,2023,average,CO2,direct,250,sheet 3,us\n")
        run = self.document(text)["runs"][0]
        self.assertEqual(run["supply"]["location"]["stands_at"], "own.csv:2")
        self.assertEqual(run["benchmarks"][0]["location"]["g_per_kwh"], 250.0)
        own.write_text(head + "CN,2021,average,CO2,direct,536.6,a,s\n")
        done = self.carbon(text, code=2)
        self.assertIn("own.csv:2: CN: expected 0.5568", done.err)

    def test_a_site_over_the_time_of_its_meters(self):
        rows = ["time,it,cooling"] + [
            f"2026-09-21 {13 + i // 4}:{15 * (i % 4):02d},10,2"
            for i in range(8)]
        (self.folder / "hall.csv").write_text("\n".join(rows) + "\n")
        common = ("file: hall.csv, time_zone: UTC, stamp: begin, interval: "
                  "15min, unit: kWh, accuracy: 2%, form: bound")
        (self.folder / "hall.yaml").write_text(
            "name: hall\nboundary: all\nmeters:\n"
            f"- {{id: a, measures: it, columns: it, {common}}}\n"
            f"- {{id: b, measures: overhead, columns: cooling, {common}}}\n")
        args = ["--facility", str(self.folder / "hall.yaml")]
        found = self.document(HEAD + MAPS, *args)["site"]
        self.assertAlmostEqual(found["location"]["g"], 48 * 300 + 48 * 360)
        self.assertAlmostEqual(found["it_j"], 80 * 3.6e6)
        done = self.carbon(HEAD + MAPS, *args, "--period",
                           "2026-09-21T13:00:00Z/2026-09-21T14:00:00Z")
        self.assertIn("iCUE 0.36 kgCO2e/kWh of IT", done.out)
        self.assertIsNone(re.search("(?<!i)CUE", done.out))
        # Alone, without a run.
        done = gb.run(["carbon", self.file_of(HEAD + MAPS), *args])
        self.assertEqual(done.code, 0, str(done))

    def test_the_text_fits(self):
        text = (HEAD + MAPS + "embodied: {lifetime_years: 5, parts: {cpus: "
                "{count: 2, die_mm2: 800}, ram: {count: 16, gb: 32}, case: "
                "rack}}\nsci: {per: work}\n")
        for done in (self.carbon(text), gb.run(["carbon", "--factors"])):
            for line in done.out.splitlines():
                self.assertLessEqual(gb.columns(line), 80, line)
        listed = json.loads(gb.run(["carbon", "--factors", "--json"]).out)
        run_schemas.check(listed, "factors")
        self.assertEqual(len(listed["factors"]), 145)

    def test_usage(self):
        self.assertEqual(gb.run(["carbon"]).code, 2)
        self.assertEqual(gb.run(["carbon", self.file_of(HEAD + DE)]).code, 2)
        done = self.carbon(HEAD + DE, "--period", "2026", code=2)
        self.assertIn("--period: expected two times", done.err)
        done = self.carbon(HEAD + DE.replace("{loc", "{runs: none, loc"),
                           code=1)
        self.assertIn("no supply of the file fits it", done.out)

    # --- claims -------------------------------------------------------------

    def claimed(self, claims, carbon, **runs):
        """Copies of the run by name, each by `factor` slower, with noise, that
        fixed the text `claims` before; the words of a call that decides them."""
        claims = claims.replace(
            "CARBON", hashlib.sha256(carbon.encode()).hexdigest())
        work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        for trace in TRACES.iterdir():
            shutil.copy(trace, work)
        (work / "claims.yaml").write_text(claims)
        (work / "carbon.yaml").write_text(carbon)
        for seed, (name, factor) in enumerate(runs.items()):
            made_run.claimed(self.plain, work / name, claims, seed, factor)
            gb.seal(work / name)
        return ["claim", str(work / "claims.yaml"),
                *[str(work / name) for name in runs],
                "--carbon", str(work / "carbon.yaml")]

    def decided(self, *args, **runs):
        done = gb.run([*self.claimed(*args, **runs), "--json"])
        self.assertIn(done.code, (0, 1, 6), str(done))
        document = json.loads(done.out)
        run_schemas.check(document, "claim")
        return document["claims"]

    WORK = """\
claims:
- {id: low, text: below 30 ug for a Gflop, metric: carbon_per_work, relation: below,
   limit: 30 ugCO2e/Gflop, benchmark: compute.fma, evidence: simulated, carbon: CARBON}
- {id: gas, text: in another gas, metric: carbon_per_work, relation: below,
   limit: 30 ugCO2/Gflop, benchmark: compute.fma, evidence: simulated, carbon: CARBON}
- {id: each, text: of a solution, metric: carbon, relation: below,
   limit: 1 gCO2e/solution, benchmark: compute.fma, evidence: simulated, carbon: CARBON}
- {id: sci, text: SCI below 25 ug, metric: SCI, relation: below,
   limit: 25 ugCO2e/Gflop, benchmark: compute.fma, evidence: simulated, carbon: CARBON}
- {id: neutral, text: 碳中和算力, metric: neutrality}
"""

    def test_claims_about_grams_have_verdicts(self):
        carbon = (HEAD + DE + "embodied: {kg: 1000, low_kg: 800, high_kg: "
                  "1200, lifetime_years: 4, source: s}\nsci: {per: work}\n")
        low, gas, each, sci, neutral = self.decided(self.WORK, carbon, new=1.0)
        self.assertEqual(low["verdict"], "SUPPORTED")
        self.assertAlmostEqual(low["estimate"]["value"] * 1e6, 22.2, delta=0.1)
        self.assertEqual(low["estimate"]["unit"], "gCO2e/Gflop")
        self.assertAlmostEqual(
            sum(t["u"] ** 2 for t in low["estimate"]["budget"]) ** 0.5,
            low["estimate"]["u"], delta=1e-9 * low["estimate"]["u"])
        for word in ("381 g/kWh of DE 2023", "average, lifecycle CO2e",
                     "not stated and left out", "boundary: nodes"):
            self.assertIn(word, low["conditions"])
        self.assertIn("单位工作量的碳排放", low["means"]["zh"])
        # CO2 is another quantity than CO2e; a calibrated benchmark has no
        # solution.
        self.assertEqual(gas["reason"], "unit")
        self.assertEqual(each["reason"], "not_same_work")
        # O is that of the claim above, and M stands beside it.
        self.assertEqual(sci["verdict"], "REFUTED")
        made = 1e6 * 10 / (4 * 365 * 86400) / 1e4
        self.assertAlmostEqual(
            sci["estimate"]["value"], low["estimate"]["value"] + made,
            delta=0.01 * made)
        self.assertIn("SCI = (O + M) / R", sci["conditions"])
        self.assertIn("hardware", [t["name"] for t in
                                   sci["estimate"]["budget"]])
        self.assertEqual(neutral["verdict"], "NOT_TESTABLE")

    SAVES = """\
claims:
- {id: saves, text: emits 10 % less, metric: carbon, as: saving, relation: at_least,
   limit: 10%, benchmark: compute.fma, evidence: simulated, run: new, baseline: base,
   carbon: CARBON}
"""

    def test_a_saving_is_that_of_the_energy_by_one_factor(self):
        found = self.decided(self.SAVES, HEAD + DE, base=1.25, new=1.0)[0]
        self.assertEqual(found["verdict"], "SUPPORTED", found["detail"])
        self.assertAlmostEqual(found["estimate"]["value"], 0.2, delta=0.01)
        sides = found["estimate"]["sides"]
        self.assertAlmostEqual(1 - sides["run"] / sides["baseline"],
                               found["estimate"]["value"], delta=1e-9)
        self.assertTrue(sides["unit"].startswith("gCO2e"), sides)
        two = (HEAD + "supplies:\n- {runs: new, location: {region: FR, year: "
               "2023}}\n- {location: {region: DE, year: 2023}}\n")
        found = self.decided(self.SAVES, two, base=1.25, new=1.0)[0]
        self.assertAlmostEqual(found["estimate"]["value"],
                               1 - 0.8 * 56.0 / 381.0, delta=0.01)
        # Their uncertainty does not cancel, and nobody states it.
        self.assertEqual((found["verdict"], found["reason"]),
                         ("NOT_TESTABLE", "undocumented"))

    OWN = ("{{region: ours, year: 2023, kind: average, gas: CO2e, scope: "
           "lifecycle, g_per_kwh: {}, publication: {}, source: us}}")

    GRIDS = """\
claims:
- {id: low, text: below 30 ug for a Gflop, metric: carbon_per_work, relation: below,
   limit: 30 ugCO2e/Gflop, benchmark: compute.fma, evidence: simulated, carbon: CARBON}
"""

    def intensity_u(self, one, other):
        """u_rel of the factors of two runs of equal energy, and conditions."""
        supply = "{{runs: {}, location: {{" + self.OWN[2:-2] + ", {}}}}}"
        both = ", ".join(
            supply.format(name, *stated).replace("ours", region)
            for name, (region, *stated) in (("a", one), ("b", other)))
        found = self.decided(self.GRIDS, HEAD + f"supplies: [{both}]\n",
                             a=1.0, b=1.0)[0]
        estimate = found["estimate"]
        u = sum(t["u"] for t in estimate["budget"] if t["name"] == "intensity")
        return u / estimate["value"], found["conditions"]

    def test_a_side_of_several_factors_has_the_uncertainty_of_all(self):
        bad, good = "accuracy: 10%, form: sigma", "accuracy: 1%, form: sigma"
        north, south = ("north", 300, "sheet", bad), ("south", 100, "sheet", good)
        for pair in ((north, south), (south, north)):
            u, said = self.intensity_u(*pair)
            self.assertAlmostEqual(
                u, ((3 * 0.1) ** 2 + 0.01 ** 2) ** 0.5 / 4, delta=1e-3)
            self.assertIn("300 g/kWh of north", said)
            self.assertIn("100 g/kWh of south", said)
        # One factor in two places has one error.
        u, _ = self.intensity_u(north, north)
        self.assertAlmostEqual(u, 0.1, delta=1e-9)

    def test_two_factors_of_one_region_do_not_cancel(self):
        two = (HEAD + "supplies:\n- {runs: new, location: "
               + self.OWN.format(100, "sheet 1") + "}\n- {location: "
               + self.OWN.format(400, "sheet 2") + "}\n")
        found = self.decided(self.SAVES, two, base=1.0, new=1.0)[0]
        self.assertEqual((found["verdict"], found["reason"]),
                         ("NOT_TESTABLE", "undocumented"))

    def test_item_38_sides_with_other_factors_are_not_compared(self):
        for one, other in [
                ("{region: CN-BJ, year: 2022}", "{region: CN-BJ, year: 2023}"),
                ("{region: CN-BJ, year: 2023}", "{region: DE, year: 2023}"),
                ("{region: CN, year: 2022, series: mee}",
                 "{region: CN, year: 2022, series: mee-ets}")]:
            two = (HEAD + f"supplies:\n- {{runs: new, location: {one}}}\n"
                   f"- {{location: {other}}}\n")
            found = self.decided(self.SAVES, two, base=1.25, new=1.0)[0]
            self.assertEqual((found["verdict"], found["reason"]),
                             ("INVALID", "mixed"))

    def test_item_39_no_saving_by_averages_of_another_time(self):
        found = self.decided(self.SAVES, HEAD + MAPS, base=1.25, new=1.0)[0]
        self.assertEqual((found["verdict"], found["reason"]),
                         ("INVALID", "load_shifting"))

    def test_a_file_that_was_not_fixed_charges_nothing(self):
        words = self.claimed(self.WORK, HEAD + DE, new=1.0)
        for last in ([], ["--carbon", self.file_of(HEAD + MAPS)]):
            done = gb.run([*words[:-2], *last, "--json"])
            found = json.loads(done.out)["claims"][0]
            self.assertEqual((found["verdict"], found["reason"]),
                             ("NOT_TESTABLE", "no_carbon"))
        done = gb.run(self.claimed(self.WORK.replace(", carbon: CARBON", ""),
                                   HEAD + DE, new=1.0))
        self.assertEqual(done.code, 2)
        self.assertIn("expected the key 'carbon'", done.err)

    def test_item_40_a_claim_needs_values_for_its_energy(self):
        carbon = HEAD + MAPS.replace("electricitymaps.json", "late.json")
        words = self.claimed(self.WORK, carbon, new=1.0)
        folder = pathlib.Path(words[1]).parent
        (folder / "late.json").write_text(
            (folder / "electricitymaps.json").read_text().replace(
                "360", "null"))
        found = json.loads(gb.run([*words, "--json"]).out)["claims"][0]
        self.assertEqual((found["verdict"], found["reason"]),
                         ("INVALID", "uncovered"))

    def test_item_41_no_name_of_another(self):
        for name in ("CEPS", "ITEUsv", "算力碳效"):
            done = gb.run(self.claimed(
                self.WORK.replace("metric: SCI", f"metric: {name}"), HEAD + DE,
                new=1.0))
            self.assertEqual(done.code, 2)
            self.assertIn("metric: expected one of", done.err)

    CUE = """\
claims:
- {id: cue, text: below 0.4, metric: iCUE, relation: below, limit: 0.4 kgCO2e/kWh, category: 3,
   carbon: CARBON}
"""

    def test_the_cue_of_a_site_by_a_trace(self):
        words = self.claimed(self.CUE, HEAD + MAPS.replace(
            "electricitymaps.json", "whole.json"), new=1.0)
        folder = pathlib.Path(words[1]).parent
        # 360 g until 14:30, the middle of the run, then 400.
        (folder / "whole.json").write_text(
            (folder / "electricitymaps.json").read_text()
            .replace("T15:00:00.000Z", "T14:30:00.000Z").replace("null,", "400,",
                                                                1))
        rows = ["time,it,cooling,air"] + [
            f"2026-09-21 14:{5 * i:02d},10,2,15" for i in range(12)]
        (folder / "hall.csv").write_text("\n".join(rows) + "\n")
        common = "file: hall.csv, time_zone: UTC, stamp: begin, interval: 5min"
        exact = "unit: kWh, accuracy: 2%, form: bound"
        (folder / "hall.yaml").write_text(
            "name: hall\nboundary: all\ncategory: 3\nit_rated: 200 kW\n"
            "meters:\n"
            f"- {{id: a, measures: it, columns: it, {common}, {exact}}}\n"
            f"- {{id: b, measures: overhead, columns: cooling, {common}, "
            f"{exact}}}\n"
            f"- {{id: c, measures: outdoor, columns: air, unit: degC, {common}}}"
            "\n")
        done = gb.run([*words, "--facility", str(folder / "hall.yaml"),
                       "--json"])
        found = json.loads(done.out)["claims"][0]
        # Five-minute rows from 14:15 to 14:40: three at 360, two at 400.
        self.assertAlmostEqual(found["estimate"]["value"],
                               1.2 * (3 * 0.36 + 2 * 0.4) / 5, delta=1e-9)
        self.assertEqual(found["estimate"]["unit"], "kgCO2e/kWh")
        self.assertEqual(found["verdict"], "REFUTED", found)
        self.assertIn("by the trace whole.json", found["conditions"])

    def test_claims_fit_on_the_terminal(self):
        done = gb.run(self.claimed(self.WORK, HEAD + DE, new=1.0))
        for line in done.out.splitlines():
            self.assertLessEqual(gb.columns(line), 80, line)
        self.assertIn("carbon of a unit of work < 30 ugCO2e/Gflop", done.out)


if __name__ == "__main__":
    gb.main()
