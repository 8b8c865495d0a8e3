#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What greenbench itself costs, on this machine: start-up, the memory of a rank,
# the sampler, and whether a hybrid launch measures what a flat one does. Prints one line for
# each figure, the verdicts last. Medians of interleaved runs: other load on the
# machine then hits all alike.
#
# usage: scripts/measure_costs.sh [BUILD_DIR]   (default build/release)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release}
greenbench="$build/bin/greenbench"
[ -x "$greenbench" ] || {
  echo "measure_costs.sh: expected $greenbench, found none" >&2
  echo "  hint: cmake --preset release && cmake --build --preset release" >&2
  exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

cat >"$work/empty.c" <<'EOF'
#include <mpi.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    if (argc > 1)
        sleep((unsigned)atoi(argv[1]));
    return MPI_Finalize();
}
EOF
mpicc -O2 "$work/empty.c" -o "$work/empty"

python3 - "$greenbench" "$work" <<'EOF'
import json, os, pathlib, statistics, subprocess, sys, time

program, work = sys.argv[1], pathlib.Path(sys.argv[2])


def seconds(command):
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


def measure(ranks, mpi_args, *args):
    """One run; its summary and its last record."""
    output = work / "out"
    before = set(output.glob("*"))
    subprocess.run(["mpirun", "-n", str(ranks), *mpi_args, program, "-o",
                    str(output), *args], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    (run_dir,) = set(output.glob("*")) - before
    last = (run_dir / "records.jsonl").read_text().splitlines()[-1]
    return json.loads((run_dir / "summary.json").read_text()), json.loads(last)


median = statistics.median
verdicts = []


def judge(what, value, bar, ok):
    verdicts.append(f"{what}: {value} (bar {bar}): {'met' if ok else 'MISSED'}")


starts = {"empty": [], "list": []}
for _ in range(9):
    starts["empty"].append(seconds(["mpirun", "-n", "2", str(work / "empty")]))
    starts["list"].append(seconds(["mpirun", "-n", "2", program, "list"]))
empty, listed = median(starts["empty"]), median(starts["list"])
print(f"mpirun -n 2, empty MPI program: {empty:.3f} s; greenbench list: "
      f"{listed:.3f} s")
judge("list / empty MPI program", f"{listed / empty:.2f}", "<= 1.3",
      listed <= 1.3 * empty)

many = {"empty": [], "list": []}
for _ in range(5):
    for what, line in (("empty", [str(work / "empty")]),
                       ("list", [program, "list"])):
        many[what].append(seconds(["mpirun", "--oversubscribe", "-n", "64",
                                   *line]))
empty, listed = median(many["empty"]), median(many["list"])
print(f"mpirun --oversubscribe -n 64, empty MPI program: {empty:.3f} s; "
      f"greenbench list: {listed:.3f} s")
judge("64 ranks, list / empty MPI program", f"{listed / empty:.2f}", "<= 1.3",
      listed <= 1.3 * empty)


def rank_memory(command, ready):
    """MiB of rank 1 of two, once ready(): the most that was ever resident
    (VmHWM), pages of libraries that all ranks share included, and what is its
    own (Private_Dirty)."""
    run = subprocess.Popen(["mpirun", "-n", "2", *command],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    program_path = os.path.realpath(command[0])
    found = None
    while found is None and run.poll() is None:
        time.sleep(0.05)
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (os.path.realpath(process / "exe") == program_path and
                        b"\0OMPI_COMM_WORLD_RANK=1\0" in
                        b"\0" + (process / "environ").read_bytes()):
                    found = process
            except OSError:  # it is gone, or not ours
                pass
    while found is not None and not ready():
        if run.poll() is not None:
            sys.exit(f"measure_costs.sh: {command} ended before it was looked at")
        time.sleep(0.05)
    time.sleep(0.7)
    text = (found / "status").read_text() + (found / "smaps_rollup").read_text()
    kib = {line.split(":")[0]: int(line.split()[1])
           for line in text.splitlines()
           if line.startswith(("VmHWM:", "Private_Dirty:"))}
    run.wait()
    return kib["VmHWM"] / 1024, kib["Private_Dirty"] / 1024


def memory_in_idle_window(suite, name, when):
    """Before the suite, or after it: when the session, or the one repetition,
    is on disk."""
    last = {"before": '"record":"session"', "after": '"record":"repetition"'}
    output = work / f"{name}-{when}"

    def ready():
        return any(last[when] in records.read_text()
                   for records in output.glob("*/records.jsonl"))
    return rank_memory([program, *suite, "--idle", "3s", "--repeats", "1",
                        "--min-time", "1ms", "-o", str(output)], ready)


began = time.monotonic()
empty = rank_memory([str(work / "empty"), "3"],
                    lambda: time.monotonic() - began > 1.0)
print(f"memory of rank 1, empty MPI program: {empty[0]:.1f} MiB resident, "
      f"{empty[1]:.1f} MiB of its own")
for name, suite, when in (("default suite", [], "before"),
                          ("memory.copy", ["-b", "memory.copy"], "before"),
                          ("memory.copy", ["-b", "memory.copy"], "after")):
    now = memory_in_idle_window(suite, name, when)
    print(f"memory of rank 1, idle window {when} {name}: {now[0]:.1f} MiB "
          f"resident, {now[1]:.1f} MiB of its own")
    for k, what in enumerate(("resident", "its own")):
        if when == "after" and k == 0:
            continue  # the most that ever was, so the benchmark's
        judge(f"memory of rank 1 {when} {name}, {what}, beyond an empty program",
              f"{now[k] - empty[k]:.1f} MiB", "<= 8 MiB", now[k] - empty[k] <= 8)

inits = [measure(2, [], "-b", "compute.fma", "--repeats", "1", "--min-time",
                 "20ms", "--idle", "0")[1]["init_s"] for _ in range(9)]
print(f"MPI_Init to the first timed call, 2 ranks: {median(inits):.3f} s "
      f"(worst {max(inits):.3f} s)")
judge("MPI_Init to first timed call", f"{median(inits):.3f} s", "<= 0.5 s",
      median(inits) <= 0.5)

summary, _ = measure(2, [], "-b", "compute.fma", "--repeats", "10", "--idle",
                     "0")
share = summary["overhead"]["sampler_cpu_fraction"]
print(f"sampler at {summary['overhead']['sample_hz']} Hz: "
      f"{100 * share:.3f} % of a core, "
      f"{1e6 * summary['overhead']['sample_cost_s']:.1f} us a sample")
judge("sampler at 10 Hz", f"{100 * share:.3f} % of a core", "<= 0.1 %",
      share <= 0.001)

for bench in ("compute.fma", "memory.triad"):
    ratios = []
    for _ in range(7):
        rates = []
        for ranks, bind in ((1, ["--bind-to", "none"]), (2, [])):
            result, _ = measure(ranks, bind, "-b", bench, "--repeats", "6",
                                "--min-time", "300ms", "--idle", "0")
            rates.append(result["benchmarks"][0]["performance"]["median"])
        ratios.append(rates[0] / rates[1])
    print(f"{bench}: 1 rank x 2 cores / 2 ranks x 1 core: " +
          " ".join(f"{r:.3f}" for r in ratios))
    judge(f"{bench}, hybrid / flat", f"{median(ratios):.3f}", "0.97..1.03",
          0.97 <= median(ratios) <= 1.03)

print()
print("\n".join(verdicts))
EOF
