# SPDX-License-Identifier: Apache-2.0
"""`claim` on stored runs. The program's own writer makes a run in which nothing
varies; copies of it get noise, and the claims that are to be decided."""
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import tempfile

import gb
import made_run
import run_schemas

REPETITIONS = 10
START_NS = 1790000000000000000  # 2026-09-21T14:13:20Z

CLAIMS = """\
name: of a run that was made up
claims:
- id: efficient
  text: more than 4 Gflop for each joule
  metric: efficiency
  benchmark: compute.fma
  relation: above
  limit: 4 Gflop/s/W
  evidence: simulated
  run: new
- id: saves
  text: saves 40 % of the energy
  metric: energy
  as: saving
  benchmark: compute.fma
  relation: at_least
  limit: 40%
  pue_after: 1.10
  evidence: simulated
  run: new
  baseline: base
- id: first
  text: 业界领先
  metric: ranking
"""


class Claim(made_run.Case):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def run_of(self, name, claims, seed=1, factor=1.0, begin_ns=START_NS):
        """A copy of the plain run that took `factor` of its time, with noise,
        and fixed the text `claims` before."""
        copy = self.work / name
        made_run.claimed(self.plain, copy, claims, seed, factor)
        made_run.space(copy, begin_ns)
        gb.seal(copy)
        return str(copy)

    def file_of(self, text):
        path = self.work / "claims.yaml"
        path.write_text(text)
        return str(path)

    def claim(self, *args, code):
        done = gb.run(["claim", *args])
        self.assertEqual(done.code, code, str(done))
        return done

    def document(self, *args, code):
        document = json.loads(self.claim(*args, "--json", code=code).out)
        run_schemas.check(document, "claim")
        return document

    def test_each_claim_has_its_verdict(self):
        runs = [self.run_of("base", CLAIMS, 1), self.run_of("new", CLAIMS, 2)]
        found = self.document(self.file_of(CLAIMS), *runs, code=1)
        by_id = {c["claim"]["id"]: c for c in found["claims"]}
        self.assertEqual(by_id["efficient"]["verdict"], "SUPPORTED")
        self.assertEqual(by_id["saves"]["verdict"], "REFUTED")
        self.assertEqual(by_id["first"]["verdict"], "NOT_TESTABLE")
        self.assertEqual(found["verdicts"]["SUPPORTED"], 1)
        # The budget makes the uncertainty, and the value is recomputable.
        estimate = by_id["efficient"]["estimate"]
        self.assertAlmostEqual(
            sum(t["u"] ** 2 for t in estimate["budget"]) ** 0.5,
            estimate["u"], delta=1e-9 * estimate["u"])
        self.assertEqual(estimate["n"], REPETITIONS)
        sides = by_id["saves"]["estimate"]["sides"]
        self.assertAlmostEqual(1 - sides["run"] / sides["baseline"],
                               by_id["saves"]["estimate"]["value"], delta=1e-9)
        self.assertIn("每瓦性能高于 4", by_id["efficient"]["means"]["zh"])

    def test_t17_a_saving_says_what_it_takes(self):
        runs = [self.run_of("base", CLAIMS, 1), self.run_of("new", CLAIMS, 2)]
        path = self.file_of(CLAIMS)
        saves = self.document(path, *runs, code=1)["claims"][1]["claim"]
        self.assertAlmostEqual(saves["implied_pue_before"], 1.8333, delta=1e-4)
        for more in ([], ["--markdown", "-"]):
            out = " ".join(self.claim(path, *runs, *more, code=1).out.split())
            self.assertIn("equal IT energy it takes one of at least 1.833", out)
            self.assertIn("1.833", out)

    def test_exit_codes(self):
        one = CLAIMS.split("- id: saves")[0]
        run = self.run_of("new", one)
        self.claim(self.file_of(one), run, code=0)
        words = one + "- {id: first, text: first, metric: ranking}\n"
        run = self.run_of("new-2", words)
        self.claim(self.file_of(words.replace("run: new", "run: new-2")), run,
                   code=1)  # another text than was fixed
        self.claim(self.file_of(words), self.run_of("new-3", words), code=6)
        self.claim(self.file_of(words), code=2)
        self.claim(str(self.work / "none.yaml"), run, code=2)

    def test_item_44_a_file_that_was_not_fixed_before_decides_nothing(self):
        one = CLAIMS.split("- id: saves")[0]
        for fixed in (None, one + "\n"):
            run = self.run_of("new", fixed)
            found = self.document(self.file_of(one), run, code=1)["claims"][0]
            self.assertEqual(found["verdict"], "INVALID")
            self.assertEqual(found["reason"], "unregistered")
            self.assertIsNotNone(found["estimate"]["value"])
            shutil.rmtree(run)

    def test_item_42_changed_files_decide_nothing(self):
        one = CLAIMS.split("- id: saves")[0]
        run, path = self.run_of("new", one), self.file_of(one)
        records = pathlib.Path(run) / "records.jsonl"
        records.write_text(records.read_text().replace("0", "1", 1))
        found = self.document(path, run, code=1)["claims"][0]
        self.assertEqual(found["reason"], "damaged")
        self.assertIn("records.jsonl, files.", found["detail"])

    def test_the_text_fits_and_says_what_it_rests_on(self):
        runs = [self.run_of("base", CLAIMS, 1), self.run_of("new", CLAIMS, 2)]
        done = self.claim(self.file_of(CLAIMS), *runs, code=1)
        for line in done.out.splitlines():
            self.assertLessEqual(gb.columns(line), 80, line)
        for word in ("SUPPORTED", "means", "即", "found", "budget", "rule",
                     "baseline", "U, k =", "component-level"):
            self.assertIn(word, done.out)

    def test_refuse_33_what_is_undecided_is_not_called_better(self):
        """At the limit: within the guard band it is not known, in no word."""
        claims = CLAIMS.split("- id: saves")[0].replace(
            "limit: 4 Gflop", "limit: LIMIT Gflop")
        runs = [self.run_of("new", claims)]
        found = self.document(
            self.file_of(claims.replace("LIMIT", "1")), *runs, code=1)
        value = found["claims"][0]["estimate"]["value"] / 1e9
        shutil.rmtree(runs[0])
        claims = claims.replace("LIMIT", f"{value:.6f}")
        runs, path = [self.run_of("new", claims)], self.file_of(claims)
        for more in ([], ["--json"], ["--markdown", "-"]):
            out = self.claim(path, *runs, *more, code=6).out
            self.assertIn("INCONCLUSIVE", out)
            self.assertIn("not known", " ".join(out.split()))
            for word in ("better", "greener", "faster", "significant", "same",
                         "no difference"):
                self.assertNotIn(word, out.replace(
                    "better meters", "").replace("repetitions", ""))

    def test_markdown_has_the_same_verdicts(self):
        runs = [self.run_of("base", CLAIMS, 1), self.run_of("new", CLAIMS, 2)]
        done = self.claim(self.file_of(CLAIMS), *runs, "--markdown", "-",
                          code=1)
        for word in ("**SUPPORTED**", "**REFUTED**", "**NOT_TESTABLE**"):
            self.assertIn(word, done.out)

    def test_the_same_to_the_last_bit(self):
        runs = [self.run_of("base", CLAIMS, 1), self.run_of("new", CLAIMS, 2)]
        path = self.file_of(CLAIMS)
        first = self.claim(path, *runs, "--json", code=1).out
        os.utime(path, (0, 0))
        for env in ({"LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Shanghai"},
                    {"LC_ALL": "C", "TZ": "UTC"}):
            again = gb.run(["claim", path, *runs, "--json"], env=env)
            self.assertEqual(again.out, first)

    def hall(self, **changes):
        """A facility file and its meters: five-minute rows from 14:00 on, in
        local time; iPUE 1.08, the overhead metered by itself."""
        zone = datetime.timezone(datetime.timedelta(hours=8))
        begin = datetime.datetime(2026, 9, 21, 22, 0, tzinfo=zone)
        rows = ["time,rack-1,rack-2,cooling,site,air"]
        for i in range(24):
            stamp = begin + datetime.timedelta(minutes=5 * i)
            rows.append(f"{stamp:%Y-%m-%d %H:%M},40,60,8,108,12.5")
        for line, text in changes.get("rows", {}).items():
            rows[line - 1] = text
        (self.work / "hall.csv").write_text("\n".join(rows) + "\n")
        common = ("file: hall.csv, time_zone: '+08:00', stamp: begin, "
                  "interval: 5min")
        path = self.work / "hall.yaml"
        path.write_text(f"""\
name: hall 2
boundary: from the transformer to the racks
category: 3
it_rated: 200 kW
meters:
- {{id: racks, measures: it, columns: 'rack-*', unit: kW, accuracy: 1%, form: bound, {common}}}
- {{id: plant, measures: overhead, columns: cooling, unit: kW, accuracy: 5%, form: bound, {common}}}
- {{id: main, measures: facility, columns: site, unit: kW, accuracy: 1%, form: bound, {common}}}
- {{id: air, measures: outdoor, columns: air, unit: degC, {common}}}
""")
        return str(path)

    HALL = """\
claims:
- {id: low, text: below 1.1 while it ran, metric: iPUE, relation: below, limit: 1.1, category: 3}
"""

    def test_meters_are_aligned_with_the_run(self):
        run = self.run_of("new", self.HALL)
        found = self.document(self.file_of(self.HALL), run, "--facility",
                              self.hall(), code=0)["claims"][0]
        self.assertEqual(found["verdict"], "SUPPORTED")
        self.assertAlmostEqual(found["estimate"]["value"], 1.08, delta=1e-9)
        # The overhead directly: 0.08 * sqrt(0.05^2 + 0.01^2) / sqrt(3).
        self.assertAlmostEqual(found["estimate"]["u"], 0.002355, delta=1e-6)
        # From 14:13:20 on 30 repetitions, one a minute: whole rows in there.
        self.assertIn("2026-09-21T14:15:00Z to 2026-09-21T14:40:00Z",
                      found["conditions"])
        self.assertIn("IT load 50 %, outdoor 12.5 degC", found["conditions"])

    def test_t20_a_ratio_of_a_window_has_its_prefix(self):
        run, path = self.run_of("new", self.HALL), self.file_of(self.HALL)
        for more in ([], ["--json"], ["--markdown", "-"]):
            done = self.claim(path, run, "--facility", self.hall(), *more,
                              code=0)
            self.assertIn("iPUE", done.out)
            self.assertIsNone(re.search("(?<![ip])PUE", done.out), done.out)

    def test_meters_with_mistakes(self):
        run, path = self.run_of("new", self.HALL), self.file_of(self.HALL)
        for line, text, said in [
                (9, "2026-09-21 22:35,40,,8,108,12.5", "the meters lack"),
                (9, "2026-09-21 22:20,40,60,8,108,12.5",
                 "hall.csv:9: expected intervals one after the other"),
                (9, "2026-09-21 22:35,40,much,8,108,12.5",
                 "hall.csv:9: rack-2: expected a number >= 0, got 'much'"),
                (1, "time,rack-1,rack-2,cooling,site,humidity",
                 "hall.csv:1: expected a column 'air'")]:
            done = gb.run(["claim", path, run, "--facility",
                           self.hall(rows={line: text})])
            self.assertIn(said, done.out + done.err)
            self.assertIn(done.code, (1, 2))

    TARIFF = """\
name: two-part
source: price list 2026
currency: CNY
time_zone: CST-8
valid: 2026-01-01/2026-12-31
energy:
- {id: day, price: 1.20 CNY/kWh, hours: '08:00-23:00'}
- {id: night, price: 0.40 CNY/kWh, hours: '23:00-08:00'}
demand: {price: 40 CNY/kW, interval: 5min}
"""

    def cost_files(self, tariff=None, **keys):
        """A claim that 40 % of cost are saved, and its prices."""
        path = self.work / "tariff.yaml"
        path.write_text(tariff or self.TARIFF)
        fields = {"id": "cheap", "text": "saves 40 % of energy cost",
                  "metric": "cost", "as": "saving", "benchmark": "compute.fma",
                  "relation": "at_least", "limit": "40%", "pue_after": "1.10",
                  "evidence": "simulated", "run": "new", "baseline": "base",
                  "tariff": hashlib.sha256(path.read_bytes()).hexdigest(),
                  **keys}
        lines = "".join(f"  {k}: {v}\n" for k, v in fields.items())
        return "claims:\n-" + lines[1:], ["--tariff", str(path)]

    def cost(self, claims, options, code, base_ns=0, factor=1.0):
        runs = [self.run_of("base", claims, 1, begin_ns=START_NS + base_ns),
                self.run_of("new", claims, 2, factor)]
        path = self.file_of(claims)
        found = self.document(path, *runs, *options, code=code)["claims"][0]
        text = self.claim(path, *runs, *options, code=code).out
        markdown = self.claim(path, *runs, *options, "--markdown", "-",
                              code=code).out
        for run in runs:
            shutil.rmtree(run)
        for line in text.splitlines():
            self.assertLessEqual(gb.columns(line), 80, line)
        return found, " ".join(text.split()), markdown

    def test_a_saving_of_cost_is_one_of_energy_at_the_same_prices(self):
        claims, options = self.cost_files()
        found, text, markdown = self.cost(claims, options, 1)
        self.assertEqual(found["verdict"], "REFUTED")
        self.assertAlmostEqual(found["cost"]["run"]["price_per_kwh"], 1.2,
                               delta=0.05)
        self.assertTrue(found["cost"]["demand_left_out"])
        self.assertAlmostEqual(found["claim"]["implied_pue_before"], 1.8333,
                               delta=1e-4)
        for said in ("cost model by two-part (price list 2026)",
                     "what is saved of cost is saved of energy",
                     "without the overhead of the facility",
                     "without the demand charge", "at least 1.833 before"):
            self.assertIn(said, text)
            self.assertIn(said, markdown)
        self.assertIn("成本模型", text)

    def test_a_saving_by_prices_alone_is_called_so(self):
        """Both runs are alike; the new one is at 22:13, the old one at 01:13,
        where the tariff is three times as dear."""
        dear = self.TARIFF.replace("1.20", "X").replace("0.40", "1.20")
        claims, options = self.cost_files(dear.replace("X", "0.40"),
                                          prices="own")
        found, text, _ = self.cost(claims, options, 0,
                                   base_ns=-21 * 3600 * 10**9)
        self.assertEqual(found["verdict"], "SUPPORTED")
        self.assertTrue(found["cost"]["by_prices_alone"])
        self.assertLess(abs(found["cost"]["at_equal_prices"]), 0.01)
        self.assertIn("THE PRICES MAKE THE DIFFERENCE", text)
        self.assertIn("差别来自电价而非能耗", text)

    def test_a_bundle_has_its_prices_and_decides_the_same(self):
        claims, options = self.cost_files()
        runs = [self.run_of("base", claims, 1), self.run_of("new", claims, 2)]
        path = self.file_of(claims)
        bundle = str(self.work / "evidence.tar.zst")
        done = gb.run(["bundle", *runs, "--claims", path, *options, "-o",
                       bundle])
        if "GREENBENCH_WITH_BUNDLES=ON" in done.err:
            self.skipTest("built without libarchive: no bundles")
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(
            self.claim(bundle, "--json", code=1).out,
            self.claim(path, *runs, *options, "--json", code=1).out)

    def test_item_34_prices_are_those_that_were_fixed(self):
        claims, options = self.cost_files()
        found, _, _ = self.cost(claims, [], 6)
        self.assertEqual(found["reason"], "no_tariff")
        path = self.work / "tariff.yaml"
        path.write_text(self.TARIFF.replace("1.20", "1.30"))
        found, _, _ = self.cost(claims, options, 6)
        self.assertEqual(found["reason"], "no_tariff")
        path.write_text(self.TARIFF.replace("0.40 CNY", "0.40 EUR"))
        done = gb.run(["claim", self.file_of(claims),
                       self.run_of("new", claims), *options])
        self.assertEqual(done.code, 2)
        self.assertIn("tariff.yaml:8:22: price: expected a price >= 0 such as "
                      "0.85 CNY/kWh, got '0.40 EUR/kWh'", done.err)
        self.assertIn("none is converted", done.err)

    def test_run_fixes_the_claims(self):
        one = CLAIMS.split("- id: saves")[0]
        path = self.file_of(one)
        out = self.work / "results"
        done = gb.run(["run", "-b", "memory.triad", "--repeats", "2",
                       "--min-time", "10ms", "--idle", "0", "-e", "none",
                       "--claims", path, "-o", str(out)])
        self.assertEqual(done.code, 0, str(done))
        plan = json.loads(next(out.glob("*/plan.json")).read_text())
        self.assertEqual(plan["claims_sha256"],
                         hashlib.sha256(one.encode()).hexdigest())
        # What cannot be read is refused before anything is measured.
        done = gb.run(["run", "-b", "memory.triad", "--claims",
                       self.file_of("claims: 3\n"), "-o", str(out)])
        self.assertEqual(done.code, 2)
        self.assertIn("claims.yaml:1:9: claims: expected a list", done.err)


if __name__ == "__main__":
    gb.main()
