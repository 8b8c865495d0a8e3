/* SPDX-License-Identifier: Apache-2.0 */
/* memory.add: a[i] = b[i] + c[i], counted as 24 bytes per element. */
#include "stream.h"

const stream_spec stream_this = {
    .op = STREAM_ADD,
    .array_count = 3,
    .bytes_per_element = 3 * sizeof(double),
    .flops_per_element = 1,
    .has_stores = true,
};

static const gb_param_decl params[] = {
    {"array_bytes",
     "size of each of the three arrays; auto: together 4 times the caches",
     "auto", STREAM_ARRAY_RANGE},
    STREAM_STORES_PARAM,
    STREAM_ISA_PARAM,
};

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "memory.add",
    .version = "1.0.0",
    .summary = "two arrays added into a third",
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
