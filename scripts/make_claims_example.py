#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the runs and meters of docs/examples/claims again.

usage: make_claims_example.py [PREFIX]

Installs the build below build/dev into PREFIX (default /opt/greenbench) and
runs compute.fma on two virtual clusters of 4 emulated nodes each
(tests/cluster/cluster.py): air-cooled ones, and ones with warm water, whose
processors are cooler and whose fans are gone. Then it writes what the meters of
their halls say, from the powers below and what the runs' clocks say. All of it is
emulated, and is called so. Needs root and FUSE; the old runs are replaced.
"""
import datetime
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "cluster"))
import cluster  # noqa: E402

FOLDER = ROOT / "docs" / "examples" / "claims"
NODES = ["c0", "c1", "c2", "c3"]
# W of a node. The counters see processors and memory; boards, network and fans
# stand between them and the input of the node, and so does the power supply.
SYSTEMS = {
    "air": {"package": 165, "dram": 18, "board": 45, "fans": 62, "psu": 0.93,
            "overhead": 0.28, "heat": 0.0, "outdoor": 24.0, "coolant": 21.0},
    "water": {"package": 156, "dram": 18, "board": 45, "fans": 6, "psu": 0.94,
              "overhead": 0.075, "heat": 0.30, "outdoor": 24.0,
              "coolant": 45.0},
}
SPREAD = 0.002  # relative, from row to row
MARGIN_S = 5    # of rows before and after the run


def machine(system):
    watts = {"package-0": system["package"], "package-1": system["package"],
             "package-0/dram": system["dram"], "package-1/dram": system["dram"]}
    return {"like": "intel-2s",
            "domains": {name: {"power": w} for name, w in watts.items()}}


def run(name, system, prefix, base):
    """The run's directory, made in the working directory `base`."""
    machines = {node: machine(system) for node in NODES}
    with cluster.Cluster(NODES, slots=1, machines=machines,
                         shared=[base]) as nodes:
        nodes.run(["mpirun", "-n", str(len(NODES)), "--map-by", "node",
                   f"{prefix}/bin/greenbench", "-b", "compute.fma",
                   "--repeats", "20", "--min-time", "1s",
                   "--idle", "1s", "--sample-hz", "1",
                   "--claims", "claims.yaml", "-o", name], check=True)
    (found,) = (base / name).iterdir()
    return found


def window_of(run_dir):
    """UTC seconds of the first and the last timed call."""
    records = [json.loads(line) for line in
               (run_dir / "records.jsonl").read_text().splitlines()]
    stamps = [r["begin_utc_ns"] for r in records
              if r["record"] == "repetition"]
    ends = [r["ended_utc_ns"] for r in records if r["record"] == "end"]
    return min(stamps) // 10**9, max(ends) // 10**9


def rows(system, first_s, last_s):
    chance = random.Random(first_s)
    zone = datetime.timezone(datetime.timedelta(hours=8))
    compute = 2 * (system["package"] + system["dram"])
    node = (compute + system["board"] + system["fans"]) / system["psu"]

    def around(watts):
        return watts * (1 + SPREAD * chance.gauss(0, 1))
    for at in range(first_s - MARGIN_S, last_s + MARGIN_S):
        stamp = datetime.datetime.fromtimestamp(at, zone)
        inputs = [around(node) for _ in NODES]
        overhead = around(system["overhead"] * sum(inputs))
        facility = sum(inputs) + overhead
        yield [f"{stamp:%Y-%m-%d %H:%M:%S}", *inputs,
               around(len(NODES) * compute), overhead, facility,
               system["heat"] * facility, system["outdoor"],
               system["coolant"]]


def write_meters(name, system, run_dir):
    titles = ["time", *(f"node-{node}" for node in NODES), "compute",
              "overhead", "facility", "heat", "outdoor", "coolant"]
    lines = [",".join(titles)]
    for stamp, *values in rows(system, *window_of(run_dir)):
        lines.append(",".join([stamp, *(f"{v:.1f}" for v in values)]))
    (FOLDER / f"{name}-hall.csv").write_text("\n".join(lines) + "\n")


def check_digests():
    """The runs fix the claims, and these the files that they name."""
    text = (FOLDER / "claims.yaml").read_text()
    for name in ("tariff", "carbon"):
        digest = hashlib.sha256((FOLDER / f"{name}.yaml").read_bytes())
        if f"  {name}: {digest.hexdigest()}\n" not in text:
            sys.exit(f"make_claims_example.py: expected '{name}: "
                     f"{digest.hexdigest()}' in claims.yaml, got another")


def main():
    check_digests()
    if (reason := cluster.why_not()) is not None:
        sys.exit(f"make_claims_example.py: {reason}")
    prefix = sys.argv[1] if len(sys.argv) > 1 else "/opt/greenbench"
    subprocess.run(["cmake", "--install", str(ROOT / "build/dev"), "--prefix",
                    prefix], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="greenbench-example-") as scratch:
        base = pathlib.Path(scratch)
        shutil.copy(FOLDER / "claims.yaml", base)
        os.chdir(base)  # where the nodes' programs begin, too
        for name, system in SYSTEMS.items():
            made = run(name, system, prefix, base)
            subprocess.run([f"{prefix}/bin/greenbench", "validate", str(made)],
                           check=True)
            shutil.rmtree(FOLDER / name, ignore_errors=True)
            shutil.copytree(made, FOLDER / name)
            write_meters(name, system, FOLDER / name)


if __name__ == "__main__":
    main()
