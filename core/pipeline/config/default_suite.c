/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config/config.h"

/* About a minute on one node. Every entry is optional: a build without BLAS, or
 * a single rank, runs the rest. */
const char gb_config_default_suite[] =
    "name: default\n"
    "description: compute, memory and network in about a minute\n"
    "benchmarks:\n"
    "  - id: compute.fma\n"
    "    params: {precision: [fp64, fp32]}\n"
    "    min_time: 500ms\n"
    "    optional: true\n"
    "  - id: compute.dgemm\n"
    "    min_time: 1s\n"
    "    optional: true\n"
    "  - id: memory.triad\n"
    "    min_time: 1s\n"
    "    optional: true\n"
    "  - id: network.pingpong\n"
    "    params: {message_bytes: [8B, 1MiB]}\n"
    "    min_time: 500ms\n"
    "    optional: true\n"
    "  - id: network.allreduce\n"
    "    params: {message_bytes: 8B}\n"
    "    min_time: 500ms\n"
    "    optional: true\n";
