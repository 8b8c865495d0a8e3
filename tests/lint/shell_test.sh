#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every script passes shellcheck.
set -eu
command -v shellcheck >/dev/null || {
  echo "skipped: shellcheck is not installed"
  exit 77
}
find scripts tests .ci -path tests/fixtures -prune -o \( -name '*.sh' -o \
  -name '*.sbatch' -o -name '*.pbs' -o -name '*.lsf' \) -print0 |
  xargs -0 shellcheck .ci/run
