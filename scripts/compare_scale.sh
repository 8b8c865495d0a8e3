#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What greenbench sends and how long it takes by itself, for more ranks than
# there are: its communication and run stages on SimGrid's SMPI, over a fat tree
# whose hosts draw power. The messages are checked against a real MPI on this
# machine. docs/scale.md says what is counted.
#
# usage: scripts/compare_scale.sh [RANKS...]     (default 64 256 1024 4096)
# Exit 1 if something grows faster than log2(ranks) or the real MPI sends other
# messages; 77 without SimGrid. 4,096 ranks take some minutes.
set -eu
cd "$(dirname "$0")/.."
[ "$#" -gt 0 ] || set -- 64 256 1024 4096
for ranks in "$@"; do
  if ! [[ $ranks =~ ^[1-9][0-9]{0,3}$ ]] || [ $((ranks % 16)) != 0 ] ||
    [ "$ranks" -gt 4096 ]; then
    echo "compare_scale.sh: expected numbers of ranks, multiples of 16 up to" \
      "4096, got '$ranks'" >&2
    exit 2
  fi
done
for tool in smpicc smpicxx smpirun; do
  command -v "$tool" >/dev/null || {
    echo "compare_scale.sh: skipped: expected $tool, found none" >&2
    echo "  hint: install SimGrid with SMPI (Debian: libsimgrid-dev)" >&2
    exit 77
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export MPICC=${MPICC:-mpicc} MPIRUN=${MPIRUN:-mpirun}
python3 tests/scale/compare.py "$work" "$@"
