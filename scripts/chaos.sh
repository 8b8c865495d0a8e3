#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kill runs at random moments on the virtual cluster and count what they had
# finished and lost:
#   scripts/chaos.sh [--points 100] [--seed S] [--nodes 3]
# The seed is printed first, so that a run can be repeated; the figure comes
# last. Needs root and a build with its tests in build/.
set -eu
exec python3 "$(dirname "$0")/../tests/cluster/chaos.py" "$@"
