/* SPDX-License-Identifier: Apache-2.0 */
/* memory.read: the sum of a[], counted as 8 bytes per element. Nothing is
 * written, so what is counted is what moves. */
#include "stream.h"

const stream_spec stream_this = {
    .op = STREAM_READ,
    .array_count = 1,
    .bytes_per_element = 1 * sizeof(double),
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
    .id = "memory.read",
    .version = "1.0.0",
    .summary = "the sum of an array: nothing is written",
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
