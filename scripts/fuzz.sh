#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Look for inputs that break the parsers of foreign text, with libFuzzer and the
# address and undefined-behaviour sanitizers. CTest only replays what was found.
set -eu

usage() {
  cat <<'END'
usage: scripts/fuzz.sh [SECONDS [NAME...]]

Builds the preset "fuzz" (clang) and runs each fuzzer, or those named, for so
many seconds (default 60), from the inputs in tests/fuzz/corpus/NAME. New inputs
that reach more code stay in build/fuzz/found/NAME, failing ones as
build/fuzz/found/NAME-crash-..; the exit code is 1 if there is one.
END
}

cd "$(dirname "$0")/.."
case "${1:-60}" in
  -h | --help) usage; exit 0 ;;
  *[!0-9]* | 0) usage >&2; exit 2 ;;
esac
seconds=${1:-60}
[ $# -eq 0 ] || shift
if ! command -v clang >/dev/null; then
  echo "fuzz.sh: expected clang, found none" >&2
  echo "  hint: apt-get install clang" >&2
  exit 2
fi
if [ $# -eq 0 ]; then
  set -- tests/fuzz/corpus/*
  set -- "${@##*/}"
fi
targets=()
for name in "$@"; do
  if [ ! -d "tests/fuzz/corpus/$name" ]; then
    echo "fuzz.sh: expected one of" tests/fuzz/corpus/* "; got '$name'" >&2
    exit 2
  fi
  targets+=("fuzz_$name")
done
mkdir -p build
cmake --preset fuzz >build/fuzz.log
cmake --build --preset fuzz --target "${targets[@]}" >>build/fuzz.log ||
  { tail -n 40 build/fuzz.log >&2; exit 1; }

failed=0
for name in "$@"; do
  found=build/fuzz/found/$name
  mkdir -p "$found"
  code=0
  "build/fuzz/tests/fuzz/fuzz_$name" "-max_total_time=$seconds" -max_len=65536 \
    -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=$found-" \
    "$found" "tests/fuzz/corpus/$name" >"$found.log" 2>&1 || code=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log")
  reached=$(grep -oE 'cov: [0-9]+' "$found.log" | tail -n 1 || true)
  echo "$name: ${runs:-0} inputs in $seconds s, ${reached:-cov: 0} edges, exit $code"
  if [ "$code" != 0 ]; then
    tail -n 30 "$found.log" >&2
    failed=1
  fi
done
exit "$failed"
