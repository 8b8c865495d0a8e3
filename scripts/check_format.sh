#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fail if clang-format would change a C file. Exit 77 without clang-format.
#
# usage: scripts/check_format.sh [--fix]
set -eu
cd "$(dirname "$0")/.."

# The layout of a release is fixed by its major version.
version=$(clang-format --version 2>/dev/null || true)
case "$version" in
  *"version 14."*) ;;
  *) echo "skipped: expected clang-format 14, got '${version:-none}'"
     exit 77 ;;
esac
mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
find core plugins tests -path tests/fixtures -prune -o -name '*.[ch]' -print0 |
  xargs -0 -r clang-format "${mode[@]}"
