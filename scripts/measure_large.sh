#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What results of many nodes cost: `report` as a table and with the HTML page
# beside it, `validate`, and `compare` of two of them. Seconds (best of five) and
# peak memory for 100, 1,000 and 10,000 nodes of a synthetic run of three
# benchmarks with ten repetitions, three counters a node read at the edges of
# every window and at 2 Hz. Exit 1 if with 10,000 nodes one of them is above its
# bar: 2 s, of validate and compare (which reads two) 4 s, and 500 MB.
#
# usage: scripts/measure_large.sh [BUILD_DIR]   (default build/release)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release}
for program in "$build/bin/greenbench" "$build/tests/support/gb_make_large"; do
  [ -x "$program" ] || {
    echo "measure_large.sh: expected $program, found none" >&2
    echo "  hint: cmake --preset release && cmake --build --preset release" >&2
    exit 2
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$build" "$work" <<'EOPY'
import os, pathlib, shutil, subprocess, sys, time

TIMES, NODES, MOST_MB = 5, (100, 1000, 10000), 500.0
build, work = pathlib.Path(sys.argv[1]), sys.argv[2]


def make(name, nodes):
    return subprocess.run([build / "tests/support/gb_make_large", work, name,
                           str(nodes), "3", "10", "whole"], check=True,
                          text=True, stdout=subprocess.PIPE).stdout.strip()


def cost(words):
    """The least of some runs in s, and the most memory in MB."""
    seconds, memory_mb = [], []
    for _ in range(TIMES):
        begin = time.monotonic()
        process = subprocess.Popen([build / "bin/greenbench", *words],
                                   stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"measure_large.sh: {words} failed")
        seconds.append(time.monotonic() - begin)
        memory_mb.append(usage.ru_maxrss * 1024 / 1e6)
    return min(seconds), max(memory_mb)


above = []
for nodes in NODES:
    base, new = make(f"base-{nodes}", nodes), make(f"new-{nodes}", nodes)
    size_mb = sum(f.stat().st_size for f in pathlib.Path(base).iterdir()) / 1e6
    for name, words, most_s in (
            ("report", ["report", base], 2.0),
            ("report --html", ["report", base, "--html", f"{work}/page.html"],
             2.0),
            ("validate", ["validate", base], 4.0),
            ("compare", ["compare", base, new], 4.0)):
        took_s, memory_mb = cost(words)
        print(f"{name} of {nodes} nodes: {took_s:.2f} s, {memory_mb:.0f} MB "
              f"(run directory {size_mb:.0f} MB)", flush=True)
        if nodes == NODES[-1] and (took_s > most_s or memory_mb > MOST_MB):
            above.append(f"{name}: {most_s:g} s, {MOST_MB:g} MB")
    shutil.rmtree(base)
    shutil.rmtree(new)
print("verdict:", f"NOT within {'; '.join(above)}" if above else
      "within 2 s (validate, compare: 4 s) and 500 MB")
sys.exit(bool(above))
EOPY
