#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Build and run every test: what CI runs, and what to run before a commit.
set -eu

usage() {
  cat <<'EOF'
usage: scripts/test.sh [--no-install] [--quick]

Installs what the tests need (Debian, Ubuntu), then builds and tests:

  dev    gcc, warnings as errors: unit, contract, integration, lint, fuzz replay
  asan   address and undefined-behaviour sanitizers: unit and fuzz replay
  tsan   thread sanitizer: the sampler and the thread team
  clang  clang, warnings as errors: build only

  --no-install  install nothing; fail where something is missing
  --quick       dev only
EOF
}

install=1
quick=0
for word in "$@"; do
  case "$word" in
    --no-install) install=0 ;;
    --quick) quick=1 ;;
    -h|--help) usage; exit 0 ;;
    *) echo "test.sh: expected --no-install, --quick or --help, got '$word'" >&2
       exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
say() { printf '\n== %s\n' "$*"; }

say "packages"
if [ "$install" = 1 ]; then
  scripts/install_deps.sh --tests
else
  scripts/install_deps.sh --tests --check || {
    echo "test.sh: install the packages above, or run it without --no-install" >&2
    exit 2
  }
fi

# Open MPI refuses root unless told; CI is often root in a container.
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

failed=()
step() {
  local name=$1
  shift
  say "$name"
  if "$@"; then
    echo "-- $name: passed"
  else
    echo "-- $name: FAILED"
    failed+=("$name")
  fi
}
build() {
  cmake --preset "$1" >"build/$1.log" 2>&1 &&
    cmake --build --preset "$1" >>"build/$1.log" 2>&1 && return 0
  tail -n 60 "build/$1.log" >&2
  return 1
}
build_and_test() { build "$1" && ctest --preset "$2"; }

mkdir -p build
step "dev: build and all tests" build_and_test dev full
if [ "$quick" = 0 ]; then
  step "asan: unit tests under address and undefined sanitizers" \
    build_and_test asan asan
  step "tsan: threads under the thread sanitizer" build_and_test tsan tsan
  step "clang: build with clang, warnings as errors" build clang
fi

say "summary"
if [ "${#failed[@]}" -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
echo "all steps passed"
