#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the field tables of docs/results-format.md from results/schema/.

A table stands between two comment lines; all else is written by hand:

    <!-- fields of summary -->
    ...
    <!-- end of fields -->

The word names the schema, "records/trial" one of its definitions.

usage: make_results_tables.py [--check] [root]
--check changes nothing and fails if a table is not what its schema says.
"""
import json
import pathlib
import re
import sys

BLOCK = re.compile(r"(<!-- fields of ([a-z_]+)(?:/([a-z]+))? -->\n)"
                   r".*?(<!-- end of fields -->\n)", re.S)


class Schema:
    """One schema, with its references resolved and its options chosen."""

    def __init__(self, path):
        self.whole = json.loads(path.read_text(encoding="utf-8"))

    def resolved(self, part):
        """`part` with what its $ref says; its own words win."""
        while "$ref" in part:
            target = self.whole
            for name in part["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            part = {**target, **{k: v for k, v in part.items() if k != "$ref"}}
        return part

    def option(self, part):
        """Of "an object or null" the object, of "an array or null" the array."""
        part = self.resolved(part)
        for one in part.get("anyOf", []):
            if self.resolved(one).get("type") in ("object", "array"):
                return {**self.resolved(one), "nullable": True,
                        "description": part.get("description")}
        return part

    def types(self, part):
        """The set of type names it allows."""
        part = self.resolved(part)
        if "type" in part:
            names = part["type"]
            return {names} if isinstance(names, str) else set(names)
        found = set()
        for one in part.get("anyOf", []):
            found |= self.types(one)
        return found

    def type_text(self, part):
        """What the column `type` says."""
        part = self.option(part)
        if "const" in part:
            return f"`{json.dumps(part['const'])}`"
        if "enum" in part:
            return " ".join("null" if word is None else f"`{word}`"
                            for word in part["enum"])
        types = self.types(part)
        if "integer" in types and "$defs" in self.whole and "anyOf" in part:
            types.discard("string")  # digits in quotes, see the conventions
        null = ["null"] if "null" in types or part.get("nullable") else []
        most = part.get("maxItems", 99)
        if "array" in types and most <= 3 and most == part.get("minItems"):
            one = self.type_text(part["items"])
            return ", ".join([f"[{', '.join([one] * most)}]", *null])
        order = ["object", "array", "string", "boolean", "integer", "number"]
        return ", ".join([name for name in order if name in types] + null)

    def rows(self, part, path=""):
        """(path, type, meaning) of every field below `part`."""
        for name, inner in part.get("properties", {}).items():
            inner = self.option(inner)
            here = f"{path}.{name}" if path else name
            plain = "array" not in self.types(inner)
            pair = self.type_text(inner).startswith("[")
            yield (here if plain or pair else here + "[]",
                   self.type_text(inner), inner["description"])
            below, deeper = inner, here
            while "items" in below:
                below, deeper = self.option(below["items"]), deeper + "[]"
            yield from self.rows(below, deeper)


def table(folder, kind, definition):
    schema = Schema(folder / f"{kind}.schema.json")
    part = schema.whole["$defs"][definition] if definition else schema.whole
    lines = ["| path | type | meaning |", "|---|---|---|"]
    for path, types, meaning in schema.rows(part):
        lines.append(f"| `{path}` | {types} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def main(words):
    check = "--check" in words
    rest = [word for word in words if word != "--check"]
    root = pathlib.Path(rest[0] if rest else ".")
    page = root / "docs/results-format.md"
    text = page.read_text(encoding="utf-8")
    made = BLOCK.sub(lambda m: m[1] + table(root / "results/schema", m[2], m[3])
                     + m[4], text)
    if len(BLOCK.findall(text)) == 0:
        print(f"{page}: expected tables between '<!-- fields of ... -->' and "
              "'<!-- end of fields -->', found none", file=sys.stderr)
        return 1
    if made == text:
        return 0
    if not check:
        page.write_text(made, encoding="utf-8")
        return 0
    for number, (old, new) in enumerate(
            zip(text.splitlines(), made.splitlines()), 1):
        if old != new:
            print(f"{page}:{number}: expected '{new}', got '{old}'",
                  file=sys.stderr)
            break
    print("  hint: scripts/make_results_tables.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
