#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Make a run that can be published in results/reference/NAME: the default suite
# by an installed Release build, with a host name that names nobody.
set -eu

usage() {
  cat <<'END'
usage: scripts/make_reference.sh NAME [PREFIX]

Installs the build below build/release into PREFIX (default /opt/greenbench),
runs its default suite under mpirun with the host name "node0", validates the
result, and moves it to results/reference/NAME, which must not exist. Needs the
right to set a host name in a namespace of its own (root). Prints the load of the
machine before and after: a published run wants none.
END
}

cd "$(dirname "$0")/.."
case "${1:--h}" in
  -h | --help) usage; exit 0 ;;
  */* | .*) usage >&2; exit 2 ;;
esac
target=$PWD/results/reference/$1
prefix=${2:-/opt/greenbench}
if [ -e "$target" ]; then
  echo "make_reference.sh: expected a new name, got '$1', which is there" >&2
  echo "  hint: remove results/reference/$1 first" >&2
  exit 2
fi
if [ ! -x build/release/bin/greenbench ]; then
  echo "make_reference.sh: expected build/release/bin/greenbench, found none" >&2
  echo "  hint: cmake --preset release && cmake --build --preset release" >&2
  exit 2
fi
cmake --install build/release --prefix "$prefix" >/dev/null

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
echo "load before: $(cat /proc/loadavg)"
# Nothing of the environment is for the run to record.
env -i PATH="$prefix/bin:/usr/bin:/bin" HOME=/nonexistent \
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
  unshare --uts sh -c 'hostname node0; exec mpirun greenbench -o results'
echo "load after: $(cat /proc/loadavg)"
run=$(echo results/*)
"$prefix/bin/greenbench" validate "$run"
cp -r "$run" "$target"
