#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Manual pages have no markup errors. usage: man_test.sh PAGE...
set -eu
if command -v mandoc >/dev/null; then
  exec mandoc -T lint -W warning "$@"
fi
command -v groff >/dev/null || {
  echo "skipped: expected mandoc or groff, found neither"
  exit 77
}
problems=0
for page in "$@"; do
  said=$(groff -man -ww -b -z "$page" 2>&1)
  [ -z "$said" ] || {
    printf '%s:\n%s\n' "$page" "$said" >&2
    problems=1
  }
done
exit "$problems"
