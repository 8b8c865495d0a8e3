#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# greenbench as packages: .deb (greenbench, greenbench-dev, greenbench-doc) where
# there is dpkg, and .tar.gz, from a Release build for /usr in build/package.
set -eu

usage() {
  cat <<'END'
usage: scripts/packaging/build_packages.sh [OUTPUT_DIR]

Builds greenbench and its documentation and packs them into OUTPUT_DIR, by
default build/package. A Debian package names who made it: set DEBFULLNAME and
DEBEMAIL. What it depends on is what this system has: build on the release, and
with the MPI, that it is for.
END
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  -*) echo "build_packages.sh: expected a folder or --help, got '$1'" >&2
      exit 2 ;;
esac
output=$(realpath -m "${1:-$(dirname "$0")/../../build/package}")
cd "$(dirname "$0")/../.."
build=build/package
generators=TGZ
if command -v dpkg >/dev/null; then
  generators='TGZ;DEB'
  [ -n "${DEBEMAIL:-}" ] || {
    echo "build_packages.sh: expected DEBFULLNAME and DEBEMAIL: a Debian" \
      "package names who made it" >&2
    exit 2
  }
fi

# Modules in /usr/lib/greenbench, where plugins of others are packaged to as
# well, not below a multiarch folder: nothing links to them.
cmake -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
  -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBDIR=lib
cmake --build "$build" --target all docs
cpack --config "$build/CPackConfig.cmake" -G "$generators" -B "$output"
rm -rf "$output/_CPack_Packages"
