# SPDX-License-Identifier: Apache-2.0
"""What the encoders write: the values of the sample run at their paths, and
that every document fits its schema, with no field the schema does not describe.

Usage: documents_test.py DUMP_PROGRAM SCHEMA_FOLDER [values|schemas]
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

DUMP, SCHEMAS = sys.argv[1], pathlib.Path(sys.argv[2])
PART = sys.argv[3]
sys.path.insert(0, str(SCHEMAS.parents[1] / "scripts"))
import make_results_tables as tables  # noqa: E402

# What an encoder leaves out where there is nothing to tell.
TOLD_AT_TIMES = {"repetition:notes", "session:nodes.like",
                 "repetition:ranks.memory_bytes",
                 "repetition:ranks.network_bytes"}


def refuse(word):
    raise AssertionError(f"a document holds {word}")


def load(text):
    return json.loads(text, parse_constant=refuse)


def documents():
    """(schema, document) of everything the dump program writes."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([DUMP, folder], check=True)
        for path in sorted(pathlib.Path(folder).iterdir()):
            kind = path.name.split(".")[0].split("-")[0]
            if path.suffix == ".jsonl":
                for line in path.read_text().splitlines():
                    yield kind, path.name, load(line)
            else:
                text = path.read_text()
                assert text.endswith("\n"), path
                yield kind, path.name, load(text)


def schema(kind):
    return load((SCHEMAS / f"{kind}.schema.json").read_text())


class Values(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.found = {name: d for _, name, d in documents()}

    def test_summary_has_the_values_at_the_paths_others_rely_on(self):
        d = self.found["summary.json"]
        b = d["benchmarks"][0]
        for path, want in [
                (d["schema"], "greenbench.summary/1"),
                (d["tool"]["git"], "abc1234"),
                (d["run"]["status"], "interrupted"),
                (d["run"]["started_utc"][:11], "2026-11-23T"),
                (d["run"]["nodes"], 2),
                ([(r["launch"], r["status"], r["repetitions"])
                  for r in d["run"]["launches"]],
                 [(1, "interrupted", 14), (3, "complete", 6)]),
                (d["run"]["launches"][0]["ended_utc"], None),
                (d["run"]["launches"][1]["rebooted_nodes"], 1),
                (b["launch_raw"], [1, 1, 1, 1, 3, 3]),
                (d["system"]["nodes"][0]["cores"], 128),
                (d["system"]["nodes"][1]["cores"], None),
                (d["system"]["nodes"][1]["perf_event_paranoid"], None),
                (len(d["energy_sources"]), 3),
                (d["energy_sources"][0]["wraps"], 1),
                (d["energy_sources"][0]["update_s"], 0.001),
                (d["energy_sources"][1]["energy_j"], None),
                (d["energy_sources"][1]["tick_j"], None),
                (d["energy_sources"][1]["tick_w"], 1e-6),
                (d["energy_sources"][2]["node"], "c02"),
                (d["idle"]["before"]["power_w"], 90.5),
                (d["idle"]["after"]["power_w"], None),
                (d["idle"]["after"]["reason"], "no idle window was measured"),
                (d["overhead"]["sample_hz"], 10.0),
                (b["params"], {"precision": "fp64", "ratio": "0.3"}),
                (b["param_values"], {"ratio": 0.3}),
                (b["performance"]["value"], 10.0),
                (b["performance"]["unit"], "flop/s"),
                (b["performance"]["better"], "higher"),
                (b["performance"]["ci95"], [9.0, 11.0]),
                (len(b["performance"]["raw"]), 6),
                (b["work"], {"value": 6.0, "unit": "flop"}),
                (b["energy"]["value_j"], 180.75),
                (b["energy"]["raw"][2], None),
                (b["energy"]["source"], "powercap; model"),
                (b["energy"]["coverage"]["nodes_read"], 1),
                (b["energy"]["coverage"]["nodes"], 2),
                (b["energy"]["coverage"]["domains_read"], 2),
                (b["energy"]["coverage"]["holds"],
                 "1 package; an estimate of the whole node"),
                (b["energy"]["budget_j"]["calibration_j"], 0.5),
                (b["efficiency"]["unit"], "flop/s/W"),
                (b["efficiency"]["unit_per_joule"], "flop/J"),
                (b["per_node"][1]["node"], "c02"),
                (b["per_node"][1]["energy_j"], None),
                (b["variability"]["power_w"]["fences"], [110.0, 130.0]),
                (b["variability"]["performance"]["fences"], None),
                (b["variability"]["performance"]["unjudged"], "2 of 2 nodes"),
                (b["variability"]["outliers"],
                 [{"node": "c02", "node_index": 1, "quantity": "power_w",
                   "value": 168.0, "u": 5.0, "relative": 0.4,
                   "far_out": True}]),
                (b["variability"]["pairs"]["time_s"]["n"], 6),
                (b["variability"]["pairs"]["slow_count"], 1),
                (b["variability"]["pairs"]["slow"],
                 [{"nodes": ["c01", "c02"], "node_indices": [0, 1],
                   "repetitions": 3, "time_s": 4e-4, "relative": 3.0,
                   "far_out": True}]),
                (b["variability"]["pairs"]["common_node"], None),
                (len(b["variability"]["nodes_to_meter"]), 2),
                (b["moved"]["network_byte"]["energy_j_each"], 180.75 / 7230),
                (b["moved"]["message"]["energy_j_each"], 5.0),
                (b["moved"]["message"]["count"], 36.15),
                (b["moved"]["work"]["energy_j_each"], 180.75 / 6),
                (b["moved"]["flop"], None),
                (b["counters"], {"perf::PAGE-FAULTS": 2.5,
                                 "PAPI_TOT_INS": None}),
                (b["notes"]["isa"], "avx512"),
                (d["warnings"][0]["code"], "energy.modelled")]:
            self.assertEqual(path, want)

    def test_what_had_finished_before_it_hung_is_apart(self):
        valid, wrong, hung = self.found["summary.json"]["benchmarks"]
        self.assertIsNone(valid["finished_before"])
        self.assertIsNone(wrong["finished_before"])
        self.assertEqual(hung["finished_before"],
                         {"n": 2, "median": 10.0, "raw": [9.0, 10.0]})
        self.assertIsNone(hung["performance"]["value"])

    def test_an_invalid_benchmark_shows_no_figure(self):
        b = self.found["summary.json"]["benchmarks"][1]
        self.assertFalse(b["valid"])
        self.assertEqual(b["status"], "ERR_VERIFY")
        for value in (b["performance"]["value"], b["performance"]["median"],
                      b["performance"]["ci95"], b["work"]["value"],
                      b["energy"]["value_j"], b["efficiency"]["value"],
                      b["efficiency"]["ci95"], b["edp_js"]):
            self.assertIsNone(value)
        self.assertEqual(b["energy"]["quality"], "unavailable")
        self.assertEqual(b["energy"]["reason"], "no valid repetition")

    def test_reals_keep_all_their_digits(self):
        text = json.dumps(self.found["records.jsonl"])
        self.assertNotIn("NaN", text)
        self.assertEqual(
            self.found["summary.json"]["energy_sources"][0]["tick_j"], 1e-6)

    def test_sensors_has_figures_only_where_it_measured(self):
        d = self.found["sensors.json"]
        self.assertEqual(d["node"]["power_w"], 60.25)
        self.assertEqual(d["domains"][0]["energy_j"], 120.5)
        self.assertIsNone(d["domains"][1]["energy_j"])
        self.assertIn("permission", d["domains"][1]["reason"])
        idle = self.found["sensors-idle.json"]
        self.assertIsNone(idle["node"]["energy_j"])
        self.assertIn("--measure", idle["node"]["reason"])
        self.assertEqual(idle["node"]["quality"], "measured")

    def test_list_names_refused_files(self):
        d = self.found["list.json"]
        self.assertEqual(d["benchmarks"][0]["params"][0],
                         {"name": "array_bytes", "default": "auto",
                          "accepts": "auto|4KiB..64GiB",
                          "help": "bytes of one array"})
        self.assertEqual(d["refused"][0]["hint"], "rebuild it")

    def test_compare_tells_what_is_not_known_as_null(self):
        d = self.found["compare.json"]
        good, failed = d["comparisons"][0]["benchmarks"]
        rate, power = good["metrics"]
        self.assertEqual(rate["ratio"], 0.95)
        self.assertEqual(rate["ci95"], [0.94, 0.96])
        self.assertEqual((rate["base"]["n"], rate["new"]["n"]), (10, 12))
        self.assertIsNone(rate["dof"])
        self.assertIsNone(rate["repetitions_to_decide"])
        self.assertEqual(power["repetitions_to_decide"], 54)
        self.assertIsNone(power["ci95"])
        self.assertIsNone(power["method"])
        self.assertTrue(failed["failed"])
        self.assertIsNone(failed["work"]["value"])
        self.assertEqual(d["comparisons"][0]["verdicts"]["worse"], 1)

    def test_validate_counts_what_is_wrong(self):
        d = self.found["validate.json"]
        self.assertFalse(d["valid"])
        self.assertEqual([c["errors"] for c in d["checks"]],
                         [0, 1, 0, 0, 0, 0])
        self.assertEqual(d["violations"][0]["found"], "8 B")
        self.assertIsNone(d["violations"][0]["where"])
        self.assertEqual(d["unchecked"], ["the program"])

    def test_doctor_says_the_worst(self):
        self.assertEqual(self.found["doctor.json"]["worst"], "warning")


class Schemas(unittest.TestCase):
    def test_every_schema_is_valid_and_describes_every_field(self):
        for path in sorted(SCHEMAS.glob("*.schema.json")):
            whole = load(path.read_text())
            jsonschema.Draft202012Validator.check_schema(whole)
            self.check_described(whole, path.name)

    def check_described(self, part, where):
        if isinstance(part, list):
            for i, one in enumerate(part):
                self.check_described(one, f"{where}/{i}")
        elif isinstance(part, dict):
            for name, one in part.get("properties", {}).items():
                self.assertIn("description", one, f"{where}/{name}")
            for name, one in part.items():
                self.check_described(one, f"{where}/{name}")

    def test_every_document_fits_its_schema(self):
        for kind, name, document in documents():
            with self.subTest(document=name):
                jsonschema.validate(document, schema(kind),
                                    jsonschema.Draft202012Validator)

    def test_no_document_has_a_field_its_schema_does_not_describe(self):
        for kind, name, document in documents():
            whole = schema(kind)
            part = whole
            if kind == "records":
                part = whole["$defs"][document["record"]]
            self.check_fields(document, part, whole, name)

    def check_fields(self, value, part, whole, where):
        if isinstance(value, list):
            for i, one in enumerate(value):
                self.check_fields(one, part.get("items", {}), whole,
                                  f"{where}/{i}")
        if not isinstance(value, dict):
            return
        for option in part.get("anyOf", []):
            if option.get("type") == "object":
                part = option
        for name, one in value.items():
            inner = part.get("properties", {}).get(
                name, part.get("additionalProperties"))
            self.assertIsInstance(inner, dict, f"{where}/{name}")
            self.check_fields(one, inner, whole, f"{where}/{name}")

    def written(self, value, path, found):
        """Paths of `value`, and those below which there is nothing to see."""
        if isinstance(value, list):
            for one in value:
                self.written(one, path, found)
        elif isinstance(value, dict):
            for name, one in value.items():
                here = f"{path}{name}"
                found[here] = found.get(here, False) or one not in (
                    None, [], {})
                self.written(one, here + ".", found)
        return found

    def test_every_field_that_a_schema_describes_is_written(self):
        """A schema cannot ask for fields that older documents lack."""
        found = {}
        for kind, _, document in documents():
            start = f"{document['record']}:" if kind == "records" else ""
            self.written(document, start, found.setdefault(kind, {}))
        for kind, paths in found.items():
            schema_ = tables.Schema(SCHEMAS / f"{kind}.schema.json")
            parts = ([(f"{name}:", schema_.whole["$defs"][name]) for name in
                      {path.split(":")[0] for path in paths}]
                     if kind == "records" else [("", schema_.whole)])
            for start, part in parts:
                for path, _, _ in schema_.rows(part):
                    path = start + path.replace("[]", "")
                    above = path.rpartition(".")[0]
                    if path in TOLD_AT_TIMES or (
                            above in paths and not paths[above]):
                        continue
                    self.assertIn(path, paths, kind)

    def test_a_status_may_be_any_that_there_is(self):
        header = SCHEMAS.parents[1] / "core/include/greenbench/status.h"
        names = re.findall(r"^    X\((\w+), \d+", header.read_text(), re.M)
        lists = [json.loads(found) for name in ("records", "summary")
                 for found in re.findall(
                     r'\[\s*"OK",[^]]*\]',
                     (SCHEMAS / f"{name}.schema.json").read_text())]
        self.assertGreaterEqual(len(lists), 3)
        for listed in lists:
            self.assertEqual(listed, names)

    def test_a_wrong_document_is_refused(self):
        for _, name, document in documents():
            if name == "summary.json":
                document["benchmarks"][0]["energy"]["quality"] = "excellent"
                with self.assertRaises(jsonschema.ValidationError):
                    jsonschema.validate(document, schema("summary"),
                                        jsonschema.Draft202012Validator)


if __name__ == "__main__":
    if PART == "schemas" and jsonschema is None:
        print("skipped: needs python3-jsonschema")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], PART.capitalize()], verbosity=2)
