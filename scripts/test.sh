#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Build and run every test: what CI runs, and what to run before a commit.
set -eu

usage() {
  cat <<'END'
usage: scripts/test.sh [--no-install] [--quick]

Installs what the tests need (apt), then builds and tests:

  dev    gcc, warnings as errors: unit, contract, integration, lint, fuzz replay
  asan   address and undefined-behaviour sanitizers: unit and fuzz replay
  tsan   thread sanitizer, without MPI: the sampler and the thread team
  clang  clang, warnings as errors: build only
  mpich  gcc, with MPICH in place of Open MPI: what runs under mpirun

Every step runs, whatever the others do; the exit code is 0 only if all passed.
Tests that cannot run here are skipped and say why. Where all that failed are
tests of the real program, which bound times and joules of a machine that others
may use too, these get a second attempt, and the summary names them.

  --no-install  install nothing: name what is missing and exit 2
  --quick       dev only, without the tests labelled slow
END
}

install=1
quick=0
for word in "$@"; do
  case "$word" in
    --no-install) install=0 ;;
    --quick) quick=1 ;;
    -h | --help) usage; exit 0 ;;
    *) echo "test.sh: expected --no-install, --quick or --help, got '$word'" >&2
       exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
# Plugins that others may write are not loaded.
umask 022
say() { printf '\n== %s\n' "$*"; }

say "what is needed"
if [ "$install" = 1 ]; then
  scripts/install_deps.sh --tests || exit 2
else
  scripts/install_deps.sh --tests --check || {
    echo "test.sh: something is missing and --no-install was given" >&2
    exit 2
  }
fi

# Open MPI refuses root unless told; CI is often root in a container.
if [ "$(id -u)" = 0 ]; then
  echo "running as root: setting OMPI_ALLOW_RUN_AS_ROOT and its _CONFIRM"
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
# Objects that did not change are not compiled again where ccache is there.
if command -v ccache >/dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER=ccache
fi

summary=()
retried=()
failed=0
step() {
  local name=$1 begin=$SECONDS verdict=passed
  shift
  say "$name"
  "$@" || verdict=FAILED
  [ "$verdict" = passed ] || failed=1
  summary+=("$(printf '%-7s %4d s  %s' "$verdict" $((SECONDS - begin)) "$name")")
}
# shellcheck disable=SC2317 # called through step
build() {
  local log="build/$1.log"
  echo "building into build/$1"
  { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1 && return
  grep -A 12 -E 'error|FAILED' "$log" | head -n 80 >&2 || true
  echo "the build failed; all of it is in $PWD/$log" >&2
  return 1
}
# What was red once and green once is told apart from what was green: a test
# that is named here often has a fault of its own.
# shellcheck disable=SC2317
test_twice() {
  local log="build/$1/Testing/Temporary/LastTestsFailed.log" names
  rm -f "$log"
  ctest --preset "$2" && return
  # Many at once are no accident of timing, and time is short.
  [ -s "$log" ] && [ "$(wc -l <"$log")" -le 5 ] || return 1
  names=$(cut -d: -f2- "$log")
  if grep -qvE '^(integration|cluster|contract|scale)\.' <<<"$names"; then
    return 1
  fi
  say "$1: a second attempt at ${names//$'\n'/ }"
  ctest --preset "$2" --rerun-failed || return 1
  retried+=("$1: $(tr '\n' ' ' <<<"$names")")
}
# shellcheck disable=SC2317
build_and_test() { build "$1" && test_twice "$1" "$2"; }

mkdir -p build
if [ "$quick" = 1 ]; then
  step "dev: gcc, tests but slow ones and those of MPI" build_and_test dev quick
else
  step "dev: gcc, all tests" build_and_test dev full
  step "asan: unit tests and fuzz replay" build_and_test asan asan
  step "tsan: sampler and thread team" build_and_test tsan tsan
  step "clang: build" build clang
  step "mpich: what runs under mpirun" build_and_test mpich mpich
fi

say "summary"
printf '%s\n' "${summary[@]}"
if [ "${#retried[@]}" -gt 0 ]; then
  printf 'passed only at the second attempt: %s\n' "${retried[@]}"
fi
exit "$failed"
