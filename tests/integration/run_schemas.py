# SPDX-License-Identifier: Apache-2.0
"""Documents and run directories against results/schema/, with a validator that is
not ours (python3-jsonschema). Without it nothing is checked, and stderr says so
once."""
import functools
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    jsonschema = None
    print("documents are not checked against their schemas: that needs "
          "python3-jsonschema", file=sys.stderr)

SCHEMAS = pathlib.Path(__file__).parents[2] / "results/schema"


@functools.cache
def validator(kind):
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text())
    # One kind of record, rather than every kind for each line.
    if kind == "records":
        return {name: jsonschema.Draft202012Validator(
            {"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})
            for name in (one["$ref"].rsplit("/", 1)[1]
                         for one in schema["oneOf"])}
    return jsonschema.Draft202012Validator(schema)


def refuse(word):
    raise AssertionError(f"a document holds {word}")


def load(text):
    return json.loads(text, parse_constant=refuse)


def wrong(check, document, where):
    for error in check.iter_errors(document):
        yield f"{where}: {error.json_path}: {error.message[:300]}"


def check(document, kind):
    """One document, such as a command prints."""
    if jsonschema is not None:
        found = list(wrong(validator(kind), document, kind))
        if found:
            raise AssertionError("\n".join(found))


def problems(run_dir):
    """What is wrong in the documents that a run left, in words. Files that it
    did not come to write are none; nor is a line that a crash cut short."""
    run_dir = pathlib.Path(run_dir)
    if jsonschema is None or not (run_dir / "plan.json").is_file():
        return
    for kind in ("plan", "summary", "manifest"):
        path = run_dir / f"{kind}.json"
        if path.is_file():
            yield from wrong(validator(kind), load(path.read_text()), path.name)
    for path in sorted([*run_dir.glob("records.jsonl"),
                        *run_dir.glob("launch-*/records.jsonl")]):
        for number, line in enumerate(path.read_text().splitlines(True), 1):
            if line.endswith("\n"):
                record = load(line)
                yield from wrong(validator("records")[record["record"]], record,
                                 f"{path.relative_to(run_dir)}:{number}")
