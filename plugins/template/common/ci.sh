#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a CI job runs: configure, build, check, and one short measurement. Set
# CMAKE_PREFIX_PATH to where greenbench is installed, unless that is /usr.
set -eu
cd "$(dirname "$0")"
cmake -B build -DCMAKE_BUILD_TYPE=Release
cmake --build build
ctest --test-dir build --output-on-failure --no-tests=error
