#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What it takes to look for plugins, to check who can change them, to sum them,
# to load them and to read what they declare, where there are many: copies of
# memory.triad under other ids, in an installation of their own. Only one rank of
# a node does it. Files are in the page cache. Prints the figure last, with its
# verdict.
#
# usage: scripts/measure_plugins.sh [BUILD_DIR [COUNT]]   (build/release, 200)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release}
count=${2:-200}
for file in "$build/bin/greenbench" "$build/plugins/memory.triad.so"; do
  [ -f "$file" ] || {
    echo "measure_plugins.sh: expected $file, found none" >&2
    echo "  hint: cmake --preset release && cmake --build --preset release" >&2
    exit 2
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/bin" "$work/lib/greenbench/plugins"
cp "$build/bin/greenbench" "$work/bin/"
python3 - "$build/plugins/memory.triad.so" "$work" "$count" <<'PYTHON'
import pathlib, resource, statistics, subprocess, sys, time

source, work, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
program = f"{work}/bin/greenbench"
content = source.read_bytes()
assert content.count(b"memory.triad\0") >= 1 and count < 1000
for i in range(count):
    name = f"memory.tr{i:03}"  # as long as the name it stands for
    file = pathlib.Path(work) / "lib/greenbench/plugins" / f"{name}.so"
    file.write_bytes(content.replace(b"memory.triad\0", name.encode() + b"\0"))
    file.chmod(0o644)


def run(*args):
    """Wall and CPU seconds of one run, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    text = subprocess.run([program, *args], check=True, text=True,
                          capture_output=True).stdout
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (wall, after.ru_utime + after.ru_stime - before.ru_utime -
            before.ru_stime, text)


found = [line for line in run("list", "--plugins")[2].splitlines()
         if line.startswith("sha256:")]
if len(found) != count:
    sys.exit(f"expected {count} plugins, found {len(found)}")
listed, empty = [], []
for _ in range(15):  # in turns: other load on the machine hits both
    listed.append(run("list", "--plugins"))
    empty.append(run("--version"))
wall, cpu = (statistics.median(a[k] for a in listed) -
             statistics.median(b[k] for b in empty) for k in (0, 1))
print(f"{count} plugins of {len(content)} bytes, beyond starting the program: "
      f"{1e3 * cpu:.1f} ms of CPU time")
met = wall <= 0.1 * count / 200
print(f"scan and load of {count} plugins: {1e3 * wall:.1f} ms (bar "
      f"{100 * count // 200} ms): {'met' if met else 'MISSED'}")
sys.exit(0 if met else 1)
PYTHON
