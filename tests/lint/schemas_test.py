# SPDX-License-Identifier: Apache-2.0
"""results/schema/: every field is described, with its unit, and the tables of
docs/results-format.md say what the schemas say. Those that are part of the
program use only keywords that its own check knows (core/codec/json_schema.c).

usage: schemas_test.py ROOT
"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop())
sys.path.insert(0, str(ROOT / "scripts"))
import make_results_tables as tables  # noqa: E402

FOLDER = ROOT / "results/schema"
# The last word of a name, and what its description must say.
UNITS = {"_js": "J s", "_ns": "ns", "_s": "s", "_j": "J", "_w": "W",
         "_hz": "Hz", "_bytes": "B", "_percent": "%", "_rel": "1"}
# What else tells the unit of a number that is not in the name.
TOLD = re.compile(r"(?<![\w/])(J|W|s|Hz|B|%|1|flop|message)(?![\w])|unit|/(s|J|B|W)"
                  r"|[Pp]robability|degrees of freedom")
CARRIED = ("manifest", "plan", "records", "summary")
KEYWORDS = {"$schema", "$id", "$ref", "$defs", "title", "description", "type",
            "properties", "required", "additionalProperties", "items", "enum",
            "const", "anyOf", "oneOf", "pattern", "minimum",
            "exclusiveMinimum", "minItems", "maxItems"}


def unit_of(name):
    return next((unit for end, unit in UNITS.items() if name.endswith(end) and
                 not name.endswith("per_s")), None)


def parts_of(schema):
    """What of it has fields: the document, or each kind of record."""
    yield "", schema.whole
    for name, part in schema.whole.get("$defs", {}).items():
        yield name, part


class Schemas(unittest.TestCase):
    def setUp(self):
        self.schemas = {path.name.split(".")[0]: tables.Schema(path)
                        for path in sorted(FOLDER.glob("*.schema.json"))}
        self.assertGreaterEqual(len(self.schemas), 10)

    def each_part(self, part, where):
        """Every schema within `part`, with the path of it."""
        yield where, part
        for word in ("properties", "$defs"):
            for name, inner in part.get(word, {}).items():
                yield from self.each_part(inner, f"{where}/{name}")
        for word in ("items", "additionalProperties"):
            if isinstance(part.get(word), dict):
                yield from self.each_part(part[word], f"{where}/{word}")
        for word in ("anyOf", "oneOf"):
            for at, inner in enumerate(part.get(word, [])):
                yield from self.each_part(inner, f"{where}/{word}/{at}")

    def test_every_field_is_described(self):
        for name, schema in self.schemas.items():
            for where, part in self.each_part(schema.whole, name):
                for field, inner in part.get("properties", {}).items():
                    text = schema.resolved(inner).get("description", "")
                    self.assertTrue(text.strip(), f"{where}/{field}")

    def test_numbers_say_their_unit(self):
        checked = 0
        for name, schema in self.schemas.items():
            for part_name, part in parts_of(schema):
                for path, types, meaning in schema.rows(part):
                    if "number" not in types and "integer" not in types:
                        continue
                    last = path.rstrip("[]").split(".")[-1]
                    unit, where = unit_of(last), f"{name} {part_name} {path}"
                    if unit is not None:
                        self.assertRegex(meaning, rf"(?<![\w/]){unit}(?!\w)",
                                         where)
                        checked += 1
                    elif "number" in types:
                        self.assertRegex(meaning, TOLD, where)
        self.assertGreater(checked, 60)

    def test_only_keywords_that_the_program_knows(self):
        for name in CARRIED:
            schema = self.schemas[name]
            for where, part in self.each_part(schema.whole, name):
                self.assertLessEqual(set(part), KEYWORDS, where)

    def test_names_and_versions_agree(self):
        for name, schema in self.schemas.items():
            text = json.dumps(schema.whole)
            self.assertIn(f'"greenbench.{name}/1"', text, name)
            self.assertEqual(schema.whole.get("$id"), f"urn:greenbench:{name}:1")

    def test_the_tables_of_the_page_are_those_of_the_schemas(self):
        done = subprocess.run(
            [sys.executable, ROOT / "scripts/make_results_tables.py",
             "--check", ROOT], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
