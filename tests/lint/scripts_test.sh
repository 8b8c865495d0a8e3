#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The two commands of the README explain themselves, refuse unknown words, and
# on a system without packages and without apt-get name them rather than guess.
set -eu
problems=0
complain() {
  echo "$*" >&2
  problems=1
}

for script in quickstart test install_deps fuzz; do
  scripts/$script.sh --help | grep -q '^usage: ' ||
    complain "$script.sh --help: expected a usage line"
  code=0
  scripts/$script.sh --no-such-option >/dev/null 2>&1 || code=$?
  [ "$code" = 2 ] || complain "$script.sh --no-such-option: expected 2, got $code"
done

# A PATH with a shell and little else.
bare=$(mktemp -d)
trap 'rm -rf "$bare"' EXIT
for tool in bash cat dirname env id; do
  ln -s "$(command -v $tool)" "$bare/$tool"
done
for call in "quickstart.sh" "quickstart.sh --no-install" \
  "test.sh" "test.sh --no-install" "install_deps.sh --check"; do
  code=0
  # shellcheck disable=SC2086 # words on purpose
  text=$(PATH=$bare scripts/$call 2>&1) || code=$?
  [ "$code" = 2 ] || complain "$call without apt-get: expected 2, got $code"
  for word in dnf zypper hwloc-devel; do
    case "$text" in
      *"$word"*) ;;
      *) complain "$call without apt-get: expected '$word' in: $text" ;;
    esac
  done
done
exit "$problems"
