# SPDX-License-Identifier: Apache-2.0
"""Runs that nobody ran: the program's own writer makes one in which nothing
varies, and copies of it are changed. GB_MAKE_LARGE is gb_make_large."""
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest


def make(folder, name, *words):
    """A run in `folder`, by the words of tests/support/make_large.c: nodes,
    benchmarks, repetitions, "whole" for all files of a run. Its directory."""
    done = subprocess.run(
        [os.environ["GB_MAKE_LARGE"], str(folder), name, *map(str, words)],
        check=True, text=True, stdout=subprocess.PIPE, timeout=120)
    return pathlib.Path(done.stdout.strip())


def rewrite(run_dir, change):
    """Each record as `change` leaves it, and none of which it returns False."""
    path, lines = run_dir / "records.jsonl", []
    for line in path.read_text().splitlines():
        record = json.loads(line)
        if change(record) is not False:
            lines.append(json.dumps(record))
    path.write_text("\n".join(lines) + "\n")


def copy(plain, out, change):
    """A copy of the run, called what its directory is, of changed records."""
    shutil.copytree(plain, out)

    def named(record):
        if record["record"] == "session":
            record["run_id"] = out.name
        return change(record)
    rewrite(out, named)


def space(run_dir, begin_ns):
    """Its repetitions one after the other, a minute each."""
    at = begin_ns

    def move(record):
        nonlocal at
        if record["record"] == "repetition":
            record["begin_utc_ns"] = at
            at += 60 * 10**9
    rewrite(run_dir, move)


def claimed(plain, out, claims, seed, factor):
    """A copy that took `factor` of the time for its work, with 0.3 % of noise,
    and fixed the text `claims` before; to be sealed."""
    chance = random.Random(seed)

    def slow(record):
        if record["record"] == "repetition":
            each = factor * (1.0 + 0.003 * chance.gauss(0.0, 1.0))
            ranks = record["ranks"]
            ranks["work"] = [w / each for w in ranks["work"]]
    copy(plain, out, slow)
    plan = json.loads((out / "plan.json").read_text())
    plan["claims_sha256"] = (
        claims and hashlib.sha256(claims.encode()).hexdigest())
    (out / "plan.json").write_text(json.dumps(plan))


class Case(unittest.TestCase):
    """Tests that share a folder with one made run in it: `MADE` are the words
    for make()."""
    MADE = ("plain", 1, 3, 10, "whole")

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.plain = make(cls.folder, *cls.MADE)
