#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `report` costs on results of many nodes, as a table and with the HTML page
# beside it: seconds (best of five) and peak memory for 100, 1,000 and 10,000
# nodes of a synthetic run of three benchmarks with ten repetitions, three
# counters a node read at the edges of every window and at 2 Hz. The figure of
# 10,000 nodes with its page comes last; exit 1 if it is above 2 s or 500 MB.
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
import os, pathlib, subprocess, sys, time

build, work = pathlib.Path(sys.argv[1]), sys.argv[2]
for nodes in (100, 1000, 10000):
    made = subprocess.run([build / "tests/support/gb_make_large", work,
                           f"of-{nodes}", str(nodes)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()
    size_mb = sum(f.stat().st_size for f in pathlib.Path(made).iterdir()) / 1e6
    for what, more in (("report", []), ("report --html",
                                        ["--html", f"{work}/page.html"])):
        seconds, memory_mb = [], []
        for _ in range(5):
            begin = time.monotonic()
            process = subprocess.Popen(
                [build / "bin/greenbench", "report", made, *more],
                stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                sys.exit(f"measure_large.sh: {what} failed on {made}")
            seconds.append(time.monotonic() - begin)
            memory_mb.append(usage.ru_maxrss * 1024 / 1e6)
        print(f"{what} of {nodes} nodes: {min(seconds):.2f} s, "
              f"{max(memory_mb):.0f} MB (run directory {size_mb:.0f} MB)")
good = min(seconds) <= 2.0 and max(memory_mb) <= 500.0
print("verdict:", "within" if good else "NOT within", "2 s and 500 MB")
sys.exit(not good)
EOPY
