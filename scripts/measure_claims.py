#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `greenbench claim` costs on a year of meters: 1,000 nodes every 15
minutes, one column each, and the site's overhead.

The figures come last: seconds from start to end and the largest resident set,
of the best of several calls, against their bars. Nothing in the data was
measured.

usage: scripts/measure_claims.py [--build DIR] [--nodes N] [--calls N]
"""
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent /
                       "tests/integration"))
import gb  # noqa: E402  its way to seal a run

BAR_S, BAR_MB = 5.0, 500.0
BEGIN = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
ROWS = 365 * 24 * 4

CLAIMS = """\
claims:
- {id: year, text: below 1.1, metric: PUE, relation: below, limit: 1.1,
   category: 3, period: 2025-01-01T00:00:00Z/2026-01-01T00:00:00Z}
"""

FACILITY = """\
name: hall
boundary: all of it
category: 3
it_rated: 1 MW
meters:
- {id: nodes, measures: it, file: nodes.csv, columns: 'n*', unit: kWh,
   stamp: begin, interval: 15min, time_zone: UTC, accuracy: 2%, form: bound}
- {id: plant, measures: overhead, file: plant.csv, columns: kwh, unit: kWh,
   stamp: begin, interval: 15min, time_zone: UTC, accuracy: 5%, form: bound}
"""


def write_meters(folder, nodes):
    # Values repeat after a while: what matters is how many there are.
    blocks = [",".join(f"0.{1000 + (17 * r + n) % 500}" for n in range(nodes))
              for r in range(7)]
    with open(folder / "nodes.csv", "w") as nodes_csv, \
            open(folder / "plant.csv", "w") as plant_csv:
        nodes_csv.write("time," + ",".join(f"n{n}" for n in range(nodes)) +
                        "\n")
        plant_csv.write("time,kwh\n")
        for r in range(ROWS):
            stamp = BEGIN + datetime.timedelta(minutes=15 * r)
            nodes_csv.write(f"{stamp:%Y-%m-%d %H:%M},{blocks[r % 7]}\n")
            plant_csv.write(f"{stamp:%Y-%m-%d %H:%M},{0.01 * nodes:.3f}\n")


def make_run(build, folder):
    """A run that had fixed the claims before the year began."""
    made = subprocess.run(
        [build / "tests/support/gb_make_large", folder, "fixed", "1", "1", "5",
         "whole"], check=True, text=True,
        stdout=subprocess.PIPE).stdout.strip()
    run = pathlib.Path(made)
    plan = json.loads((run / "plan.json").read_text())
    plan["claims_sha256"] = hashlib.sha256(CLAIMS.encode()).hexdigest()
    (run / "plan.json").write_text(json.dumps(plan))
    lines = []
    for line in (run / "records.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["record"] == "session":
            record["started_utc_ns"] = int(BEGIN.timestamp() - 60) * 10**9
        lines.append(json.dumps(record))
    (run / "records.jsonl").write_text("\n".join(lines) + "\n")
    gb.seal(run)
    return run


def call(command):
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return (time.monotonic() - began, used.ru_maxrss / 1024.0, out,
            process.returncode)


def main():
    parser = argparse.ArgumentParser(
        usage="scripts/measure_claims.py [--build DIR] [--nodes N] [--calls N]")
    parser.add_argument("--build", type=pathlib.Path, default="build/dev")
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=3)
    options = parser.parse_args()
    program = options.build / "bin/greenbench"
    for needed in (program, options.build / "tests/support/gb_make_large"):
        if not needed.exists():
            print(f"measure_claims.py: expected {needed}, found none\n  hint: "
                  "cmake --build --preset dev", file=sys.stderr)
            return 2
    folder = pathlib.Path(tempfile.mkdtemp(prefix="greenbench-claims-"))
    try:
        write_meters(folder, options.nodes)
        run = make_run(options.build.resolve(), folder)
        (folder / "claims.yaml").write_text(CLAIMS)
        (folder / "hall.yaml").write_text(FACILITY)
        size_mb = (folder / "nodes.csv").stat().st_size / 1e6
        command = [program, "claim", folder / "claims.yaml", run, "--facility",
                   folder / "hall.yaml", "--json"]
        calls = [call(command) for _ in range(options.calls)]
    finally:
        shutil.rmtree(folder)
    if any(code != 0 for *_, code in calls):
        print(f"measure_claims.py: claim ended with {calls[0][3]}",
              file=sys.stderr)
        return 1
    same = len({out for _, _, out, _ in calls}) == 1
    found = json.loads(calls[0][2])["claims"][0]
    seconds = min(s for s, *_ in calls)
    rss_mb = max(mb for _, mb, *_ in calls)
    print(f"{options.nodes} nodes, {ROWS} rows, {size_mb:.0f} MB of CSV: "
          f"{found['verdict']}, {found['estimate']['value']:.6f} +- "
          f"{found['estimate']['expanded_u']:.6f}")
    print(f"the same to the last byte in {options.calls} calls: "
          f"{'yes' if same else 'NO'}")
    print(f"largest resident set: {rss_mb:.0f} MB (bar {BAR_MB:.0f} MB)")
    print(f"start to end: {seconds:.2f} s (bar {BAR_S:.1f} s)")
    return 0 if same and seconds <= BAR_S and rss_mb <= BAR_MB else 1


if __name__ == "__main__":
    sys.exit(main())
