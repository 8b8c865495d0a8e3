#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to a first result: install, build, run the main job.
set -eu

usage() {
  cat <<'END'
usage: scripts/quickstart.sh [--no-install] [--] [greenbench options]

Installs what is missing (apt), builds Release into build/release, runs
`mpirun greenbench` - about a minute - and says where the result lies. Run it
as often as you like. Options after -- go to greenbench.

  --no-install  install nothing: name what is missing and exit 2

Exit code: 2 if something is missing, 1 if the build fails, else greenbench's.
END
}

install=1
while [ "$#" -gt 0 ]; do
  case "$1" in
    --no-install) install=0; shift ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    *) echo "quickstart.sh: expected --no-install, --help or --, got '$1'" >&2
       echo "  hint: options of greenbench come after --" >&2
       exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
# Plugins that others may write are not loaded.
umask 022
say() { printf '== %s\n' "$*"; }

say "1/3 what is needed"
if [ "$install" = 1 ]; then
  scripts/install_deps.sh || exit 2
else
  scripts/install_deps.sh --check || {
    echo "quickstart.sh: something is missing and --no-install was given" >&2
    exit 2
  }
fi

say "2/3 build, Release, into build/release"
mkdir -p build
log=build/release.log
{ cmake --preset release -DBUILD_TESTING=OFF &&
    cmake --build --preset release; } >"$log" 2>&1 || {
  tail -n 40 "$log" >&2
  echo "quickstart.sh: the build failed; all of it is in $PWD/$log" >&2
  exit 1
}
greenbench=build/release/bin/greenbench
"$greenbench" --version

# Without -n, mpirun starts one rank for each core that it counts.
command=(mpirun "$greenbench" "$@")
if [ "$(id -u)" = 0 ]; then
  echo "running as root: setting OMPI_ALLOW_RUN_AS_ROOT and" \
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM, without which Open MPI refuses"
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
say "3/3 ${command[*]}"
code=0
"${command[@]}" || code=$?
case "$code" in
  0) say "done" ;;
  1) say "a benchmark failed (exit code 1); the table says which and why" ;;
  3) say "measured energy was required and not had (exit code 3)" ;;
  4) say "interrupted (exit code 4); what had finished is kept" ;;
  *) say "greenbench ended with exit code $code" ;;
esac
echo "in $PWD"
exit "$code"
