#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a vendor waits for, in seconds: from `plugin new` to a measured result
# with the installed SDK, and `plugin check` of each compute plugin (on two ranks
# where it needs MPI). The two figures come last; exit 1 if the way to a result
# takes more than 60 s, or a check more than 5 s.
#
# usage: scripts/measure_sdk.sh [BUILD_DIR]   (default build/release)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/release}
[ -x "$build/bin/greenbench" ] || {
  echo "measure_sdk.sh: expected $build/bin/greenbench, found none" >&2
  echo "  hint: cmake --preset release && cmake --build --preset release" >&2
  exit 2
}
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/greenbench" >"$work/log"
modules=("$PWD/$build"/plugins/compute.*.so)
export PATH="$work/greenbench/bin:$PATH"
cd "$work"

seconds() { awk "BEGIN { printf \"%.2f\", $1 - $2 }"; }
now() { date +%s.%N; }
# LABEL COMMAND...: run it quietly, say how long it took
step() {
  local label=$1 begin code=0
  shift
  begin=$(now)
  "$@" >>log 2>&1 || code=$?
  took=$(seconds "$(now)" "$begin")
  printf '%8.2f s  %s\n' "$took" "$label"
  [ "$code" = 0 ] || {
    tail -n 20 log >&2
    echo "measure_sdk.sh: '$*' failed ($code)" >&2
    exit 2
  }
}

begin=$(now)
step "plugin new" greenbench plugin new acme.spmv spmv
step "configure" cmake -S spmv -B spmv/build -DCMAKE_BUILD_TYPE=Release
step "build" cmake --build spmv/build
step "plugin check" greenbench plugin check spmv/build/plugins/acme.spmv.so
step "result, ten repetitions of 1 s" env \
  GREENBENCH_PLUGIN_PATH="$work/spmv/build/plugins" greenbench -b acme.spmv
way=$(seconds "$(now)" "$begin")

slowest=0
for module in "${modules[@]}"; do
  name=$(basename "$module" .so)
  check=(greenbench plugin check "$module")
  if ldd "$module" | grep -q 'libmpi'; then
    check=(mpirun -n 2 "${check[@]}")
  fi
  step "plugin check $name" "${check[@]}"
  slowest=$(awk "BEGIN { print ($took > $slowest ? $took : $slowest) }")
done

echo "plugin new to a measured result: $way s (at most 60)"
echo "conformance check of a compute plugin: $slowest s (at most 5)"
awk "BEGIN { exit !($way <= 60 && $slowest <= 5) }"
