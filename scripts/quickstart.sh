#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to a first result: install, build, run the main job.
set -eu

usage() {
  cat <<'EOF'
usage: scripts/quickstart.sh [--no-install] [--] [greenbench options]

Installs what is missing (Debian, Ubuntu), builds Release into build/release,
runs `mpirun greenbench` - about a minute - and says where the result lies.
Run it as often as you like. Options after -- go to greenbench.

  --no-install  install nothing; fail where something is missing
EOF
}

install=1
while [ "$#" -gt 0 ]; do
  case "$1" in
    --no-install) install=0; shift ;;
    -h|--help) usage; exit 0 ;;
    --) shift; break ;;
    *) echo "quickstart.sh: expected --no-install, --help or --, got '$1'" >&2
       exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
say() { printf '== %s\n' "$*"; }

say "1/3 packages"
if [ "$install" = 1 ]; then
  scripts/install_deps.sh
else
  scripts/install_deps.sh --check || {
    echo "quickstart.sh: install the packages above, or run it without --no-install" >&2
    exit 2
  }
fi

say "2/3 build (Release, in build/release)"
cmake --preset release -DBUILD_TESTING=OFF > build-release.log 2>&1 || {
  cat build-release.log >&2; exit 1; }
cmake --build --preset release >> build-release.log 2>&1 || {
  tail -n 40 build-release.log >&2; exit 1; }
rm -f build-release.log
greenbench="$PWD/build/release/bin/greenbench"
"$greenbench" --version

# mpirun starts one rank for each core it counts, and refuses root unless told.
command=(mpirun "$greenbench" "$@")
if [ "$(id -u)" = 0 ]; then
  echo "running as root: OMPI_ALLOW_RUN_AS_ROOT and its _CONFIRM are set for mpirun"
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
say "3/3 ${command[*]}"
code=0
"${command[@]}" || code=$?
say "done, exit code $code; the newest result:"
newest=$(find results -mindepth 2 -maxdepth 2 -name summary.json -printf '%T@ %h\n' \
  2>/dev/null | sort -rn | head -n 1 | cut -d' ' -f2-)
echo "${newest:-none}"
exit "$code"
