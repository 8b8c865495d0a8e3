#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long the history takes with many results.

    scripts/measure_history.py BUILD_DIR [RUNS [BENCHMARKS]]

Fills a history of 1,000 runs with 100 benchmarks each (100,000 results) in the
tables that the program itself made, a third of them with a change, and times
`history trend` of all, of one benchmark and as JSON, and `history list`: the
least of five of each. Exit 1 if a trend of all, in one form or the other, takes
more than 0.3 s.
"""
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

TIMES = 5
MOST_S = 0.3
DAY_NS = 86400 * 10**9


def fill(path, run_count, bench_count):
    """More runs, as the program would have added them."""
    db = sqlite3.connect(path)
    chance = random.Random(7)
    plan, session, figures = db.execute(
        "SELECT plan, session, figures FROM snapshot").fetchone()
    version, meters = (
        db.execute("INSERT INTO label (text) VALUES (?)", (text,)).lastrowid
        for text in ("9.9.9", "measured: 2 packages + DRAM, many nodes"))
    series = [db.execute(
        "INSERT INTO series (benchmark, params, system, ranks, nodes,"
        " work_unit) VALUES (?, 'array_bytes=64MiB', 'machine', 4, 2, 'byte')",
        (f"memory.b{b:04}",)).lastrowid for b in range(bench_count)]
    for at in range(run_count):
        began = 1_800_000_000 * 10**9 + at * DAY_NS
        run = db.execute(
            "INSERT INTO run (run_id, path, started_utc_ns, status, suite,"
            " tool_version, system, ranks, nodes, benchmarks, failed) VALUES"
            " (?, '/results', ?, 0, 'default', '0.1.0', 'machine', 4, 2, ?, 0)",
            (f"run-{at:06}", began, bench_count)).lastrowid
        db.execute("INSERT INTO snapshot VALUES (?, ?, ?, ?)",
                   (run, plan, session, figures))
        rows = []
        for b, one in enumerate(series):
            level = 0.95 if b % 3 == 0 and at > run_count // 2 else 1.0
            rate = 1e11 * level * (1 + 0.02 * chance.gauss(0, 1))
            rows.append((one, began, run, b, version, meters, rate, 250.0,
                         rate / 250.0))
        db.executemany("INSERT INTO result (series, started_utc_ns, run, at,"
                       " valid, plugin_version, meters, performance, power_w,"
                       " efficiency) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?)",
                       rows)
    db.commit()
    db.close()


def least_s(words, needle):
    times = []
    for _ in range(TIMES):
        began = time.monotonic()
        out = subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout
        times.append(time.monotonic() - began)
        if needle.encode() not in out:
            sys.exit(f"expected '{needle}' in what {words} prints")
    return min(times)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1])
    run_count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    bench_count = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    program = str(build / "bin/greenbench")
    with tempfile.TemporaryDirectory() as scratch:
        path = str(pathlib.Path(scratch) / "history.db")
        made = subprocess.run(
            [str(build / "tests/support/gb_make_large"), scratch, "plain", "1"],
            check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
        began = time.monotonic()
        subprocess.run([program, "history", "add", made, "--db", path],
                       check=True, stdout=subprocess.DEVNULL)
        print(f"add one run: {time.monotonic() - began:.3f} s")
        fill(path, run_count, bench_count)
        size_mb = pathlib.Path(path).stat().st_size / 1e6
        print(f"{run_count * bench_count} results in {run_count} runs, "
              f"{size_mb:.0f} MB")
        slow = []
        for name, words, needle, judged in (
                ("list", ["list"], "run-000001", False),
                ("trend of one benchmark", ["trend", "memory.b0003"], "worse",
                 False),
                ("trend of all", ["trend"], "memory.b0003", True),
                ("trend of all as JSON", ["trend", "--json"], "memory.b0003",
                 True)):
            took = least_s([program, "history", *words, "--db", path], needle)
            print(f"{name}: {took:.3f} s")
            if judged and took > MOST_S:
                slow.append(name)
    print(f"verdict: {'NOT ' if slow else ''}within {MOST_S} s")
    sys.exit(bool(slow))


if __name__ == "__main__":
    main()
