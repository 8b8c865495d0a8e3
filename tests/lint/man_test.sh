#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The manual page has no markup errors. usage: man_test.sh PAGE
set -eu
if command -v mandoc >/dev/null; then
  exec mandoc -T lint -W warning "$1"
fi
command -v groff >/dev/null || {
  echo "skipped: expected mandoc or groff, found neither"
  exit 77
}
said=$(groff -man -ww -b -z "$1" 2>&1)
[ -z "$said" ] || {
  echo "$said" >&2
  exit 1
}
