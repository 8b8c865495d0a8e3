#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Compare memory.triad and compute.fma with likwid-bench, side by side.
#
#   scripts/compare_peers.sh [-g GREENBENCH] [-n ROUNDS] [-t THREADS]
#                            [-a ARRAY_MIB] [memory.triad] [compute.fma]
#
# In each round every peer kernel and then ours runs for about a second, on the
# same cores: whatever else the machine does disturbs all of them alike. Printed
# are the medians over the rounds; the ratio is our median over that of the best
# peer kernel. The last line is "ratio memory.triad=... compute.fma=...".
#
# Each kernel's bytes are its own count. Ours and likwid's `stream*` count 24 per
# element of a[i] = b[i] + s * c[i]; likwid's `triad*` is another kernel,
# a[i] = b[i] * c[i] + d[i], and counts 32. None counts the line that a plain
# store reads before it writes it. likwid's peakflops kernels load a vector now
# and then, ours stay within registers.
#
# Exit code: 0 compared, 2 bad usage or a failed run, 77 no likwid-bench here.
set -euo pipefail

usage() {
    sed -n 's/^# \{0,1\}//; 5,6p' "$0" >&2
    exit 2
}

greenbench=greenbench
rounds=7
threads=$(lscpu -p=CORE,SOCKET | grep -v '^#' | sort -u | grep -c ',0$')
array_mib=64
while getopts g:n:t:a: option; do
    case $option in
    g) greenbench=$OPTARG ;;
    n) rounds=$OPTARG ;;
    t) threads=$OPTARG ;;
    a) array_mib=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- memory.triad compute.fma

if ! command -v likwid-bench >/dev/null; then
    echo "skipped: likwid-bench is not installed (Debian: apt install likwid)"
    exit 77
fi
for program in "$greenbench" mpirun python3; do
    command -v "$program" >/dev/null || {
        echo "compare_peers.sh: expected the program '$program', found none" >&2
        exit 2
    }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# peer KERNEL WORKSET: one number in byte/s or flop/s, or nothing where this CPU
# or this likwid lacks the kernel.
peer() {
    likwid-bench -t "$1" -w "S0:$2:$threads" -s 1 2>/dev/null |
        awk '/^MFlops\/s:/ { flop = $2 * 1e6 }
             /^MByte\/s:/ { byte = $2 * 1e6 }
             END { value = "'"$1"'" ~ /^peakflops/ ? flop : byte
                   if (value > 0) printf "%.6g\n", value }' || true
}

# ours ID [option...]: the median of one short run. One rank with all threads.
ours() {
    local id=$1 out="$work/run"
    shift
    rm -rf "$out"
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
        mpirun -n 1 --map-by "slot:PE=$threads" --bind-to core \
        "$greenbench" run -b "$id" "$@" --repeats 3 --min-time 500ms -e none \
        -o "$out" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 2
    }
    python3 - "$out"/*/summary.json <<'EOF'
import json, sys
for bench in json.load(open(sys.argv[1]))["benchmarks"]:
    if not bench["valid"]:
        sys.exit("invalid: %s" % bench["reason"])
    print("%.6g" % bench["performance"]["median"])
EOF
}

# compare ID WORKSET KERNELS [option...]
compare() {
    local id=$1 workset=$2 kernels=$3 kernel value
    shift 3
    : >"$work/values"
    for ((round = 1; round <= rounds; round++)); do
        printf '%s: round %d of %d\n' "$id" "$round" "$rounds" >&2
        for kernel in $kernels; do
            value=$(peer "$kernel" "$workset")
            [ -z "$value" ] || echo "$kernel $value" >>"$work/values"
        done
        value=$(ours "$id" "$@")
        echo "$id $value" >>"$work/values"
    done
    python3 - "$id" "$work/values" "$work/ratios" <<'EOF'
import statistics, sys
ours, values_path, ratios_path = sys.argv[1:]
values = {}
for line in open(values_path):
    name, value = line.split()
    values.setdefault(name, []).append(float(value))
unit = "flop/s" if ours == "compute.fma" else "byte/s"
medians = {name: statistics.median(v) for name, v in values.items()}
for name in sorted(medians, key=medians.get):
    v = values[name]
    print("%-22s %8.2f G%s  (%.2f .. %.2f, %d rounds)" % (
        name, medians[name] / 1e9, unit, min(v) / 1e9, max(v) / 1e9, len(v)))
peers = {name: m for name, m in medians.items() if name != ours}
if not peers:
    sys.exit("compare_peers.sh: no likwid kernel ran")
best = max(peers, key=peers.get)
ratio = medians[ours] / peers[best]
print("%s / %s = %.3f" % (ours, best, ratio))
open(ratios_path, "a").write(" %s=%.3f" % (ours, ratio))
EOF
}

for id in "$@"; do
    case $id in
    memory.triad)
        compare "$id" "$((3 * array_mib * 1048576 / 1000))kB" \
            "stream_mem_sse stream_mem_avx_fma stream_mem_avx512
             triad_mem_avx_fma" \
            -p "memory.triad.array_bytes=${array_mib}MiB"
        ;;
    compute.fma)
        compare "$id" "$((threads * 16))kB" \
            "peakflops_avx peakflops_avx_fma peakflops_avx512_fma"
        ;;
    *) usage ;;
    esac
done
echo "ratio$(cat "$work/ratios")"
