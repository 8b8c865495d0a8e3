#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compare our kernels with those of other benchmarks, side by side. Which with
# which: docs/benchmarks/README.md; the bars: --list; how: peers/rows.py.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/compare_peers.sh [option...] [NAME...]

Runs our benchmarks and their peers in turn, with the same sizes, placement and
BLAS, and prints one JSON line for each comparison. The last line has the worst
ratio, which is the smallest, and names what is below its bar, what was skipped
and what failed. A ratio above 1 says that ours is better, also for latencies.
NAME selects comparisons, by glob or by how they begin: memory.triad, '*/hpcc'.

  -g, --greenbench FILE  default: the one in build/release, else from PATH
  -n, --rounds N         pairs of runs, default 7
  -t, --threads N        cores for likwid-bench; default: those of package 0
  -r, --ranks N          ranks for hpcc, default 2
      --hpl-n N          order of HPL's matrix, which sizes all of hpcc; 8000
      --array SIZE       bytes of each array of memory.*; default 64MiB a core
      --quick            3 rounds and hpcc at N = 2000: to see that it works
      --no-install       skip what needs a peer that is missing
      --list             name the comparisons and their bars, run nothing
  -h, --help

The peers are likwid, hpcc and netpipe-openmpi; missing ones are installed with
apt-get, as root or through sudo. Progress goes to stderr. One round takes about
15 s for each comparison with likwid, and some minutes for hpcc.

Where hpcc's BLAS is another than ours, what depends on it is skipped.

Exit code: 0 all compared, at or above their bars; 1 some below; 2 bad usage or a
program failed; 77 none below, but some or all could not be compared.
END
}

install=1
for word in "$@"; do
  case "$word" in
    -h | --help) usage; exit 0 ;;
    --no-install | --list) install=0 ;;
  esac
done
command -v python3 >/dev/null || {
  echo "compare_peers.sh: expected the program 'python3', found none" >&2
  exit 2
}

folder=$(cd "$(dirname "$0")" && pwd)
# First, so that a wrong word installs nothing.
python3 "$folder/peers/compare.py" --check "$@" || {
  echo "  hint: scripts/compare_peers.sh --help" >&2
  exit 2
}

missing=()
command -v likwid-bench >/dev/null || missing+=(likwid)
command -v hpcc >/dev/null || missing+=(hpcc)
command -v NPopenmpi >/dev/null || missing+=(netpipe-openmpi)
if [ "$install" = 1 ] && [ "${#missing[@]}" != 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  if command -v apt-get >/dev/null; then
    echo "compare_peers.sh: installing ${missing[*]}" >&2
    { "${as_root[@]}" apt-get update &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"; } >&2 || {
      echo "compare_peers.sh: could not install ${missing[*]}" >&2
      exit 2
    }
  else
    echo "compare_peers.sh: no apt-get: going on without ${missing[*]}" >&2
  fi
fi

# Their BLAS and ours on one thread for each rank; mpirun as whoever we are.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$folder/peers/compare.py" "$@"
