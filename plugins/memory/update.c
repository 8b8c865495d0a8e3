/* SPDX-License-Identifier: Apache-2.0 */
/* memory.update: a[i] = s * a[i] in place, counted as 16 bytes per element.
 * Each line is read before it is written by the loop itself, so what is counted
 * is what moves, and stores past the caches have nothing to save. */
#include "stream.h"

const stream_spec stream_this = {
    .op = STREAM_UPDATE,
    .array_count = 1,
    .bytes_per_element = 2 * sizeof(double),
    .flops_per_element = 1,
    .has_stores = false,
};

static const gb_param_decl params[] = {
    {"array_bytes", "size of the array; auto: 4 times the caches", "auto",
     STREAM_ARRAY_RANGE},
    STREAM_ISA_PARAM,
};

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "memory.update",
    .version = "1.0.0",
    .summary = "one array multiplied in place",
    .work_unit = "byte",
    .params = params,
    .param_count = sizeof(params) / sizeof(params[0]),
    .needs = stream_needs,
    .create = stream_create,
    .prepare = stream_prepare,
    .run = stream_run,
    .verify = stream_verify,
    .destroy = stream_destroy,
    .rearm = stream_rearm,
};
