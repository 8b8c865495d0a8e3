/* SPDX-License-Identifier: Apache-2.0 */
/* memory.copy: a[i] = b[i], counted as 16 bytes per element. */
#include "stream.h"

const stream_spec stream_this = {
    .op = STREAM_COPY,
    .array_count = 2,
    .bytes_per_element = 2 * sizeof(double),
    .flops_per_element = 0,
    .has_stores = true,
};

static const gb_param_decl params[] = {
    {"array_bytes",
     "size of each of the two arrays; auto: together 4 times the caches",
     "auto", STREAM_ARRAY_RANGE},
    STREAM_STORES_PARAM,
    STREAM_ISA_PARAM,
};

const gb_plugin greenbench_plugin = {
    .struct_size = sizeof(gb_plugin),
    .abi_major = GB_PLUGIN_ABI_MAJOR,
    .abi_minor = GB_PLUGIN_ABI_MINOR,
    .id = "memory.copy",
    .version = "1.0.0",
    .summary = "one array copied to another",
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
