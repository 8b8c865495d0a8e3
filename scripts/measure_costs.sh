#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What greenbench itself costs, on this machine: start-up, the sampler, and
# whether a hybrid launch measures what a flat one does. Prints one line for
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
int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    return MPI_Finalize();
}
EOF
mpicc -O2 "$work/empty.c" -o "$work/empty"

python3 - "$greenbench" "$work" <<'EOF'
import json, pathlib, statistics, subprocess, sys, time

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
