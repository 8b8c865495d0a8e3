/* SPDX-License-Identifier: Apache-2.0 */
#include "catalogue.h"

/* The model's texts are not const; none of these is written to. */
#define TEXT(name, text) static char name[] = text

TEXT(version, "1.0.0");
TEXT(summary, "a benchmark");
TEXT(path, "/plugins/x.so");
TEXT(flop, "flop");
TEXT(byte, "byte");
TEXT(help, "a parameter");
TEXT(dgemm, "compute.dgemm");
TEXT(fma_id, "compute.fma");
TEXT(triad, "memory.triad");
TEXT(allreduce, "network.allreduce");
TEXT(pingpong, "network.pingpong");
TEXT(ring, "network.ring");
TEXT(precision, "precision");
TEXT(fp64, "fp64");
TEXT(fp_any, "fp64|fp32");
TEXT(isa, "isa");
TEXT(text_auto, "auto");
TEXT(isa_any, "auto|avx2|avx512");
TEXT(n, "n");
TEXT(n_default, "2048");
TEXT(n_range, "16..65536");
TEXT(array_bytes, "array_bytes");
TEXT(array_range, "auto|4KiB..64GiB");
TEXT(message_bytes, "message_bytes");
TEXT(message_default, "8B");
TEXT(message_range, "1B..1GiB");

static gb_catalogue_param dgemm_params[] = {{n, help, n_default, n_range}};
static gb_catalogue_param fma_params[] = {{precision, help, fp64, fp_any},
                                          {isa, help, text_auto, isa_any}};
static gb_catalogue_param triad_params[] = {
    {array_bytes, help, text_auto, array_range}};
static gb_catalogue_param message_params[] = {
    {message_bytes, help, message_default, message_range}};

#define ENTRY(name, unit, list, count, least, multiple, mpi, index)            \
    {                                                                          \
        .id = name, .version = version, .summary = summary, .work_unit = unit, \
        .path = path, .params = list, .param_count = count,                    \
        .ranks_min = least, .ranks_multiple = multiple, .communicates = mpi,   \
        .plugin = index,                                                       \
    }

static gb_catalogue_entry entries[] = {
    ENTRY(dgemm, flop, dgemm_params, 1, 1, 1, false, 3),
    ENTRY(fma_id, flop, fma_params, 2, 0, 0, false, 4),
    ENTRY(triad, byte, triad_params, 1, 1, 1, false, 5),
    ENTRY(allreduce, byte, message_params, 1, 2, 1, true, 6),
    ENTRY(pingpong, byte, message_params, 1, 2, 2, true, 7),
    ENTRY(ring, byte, message_params, 1, 4, 1, true, 8),
};

TEXT(old_path, "/plugins/compute.old.so");
TEXT(old_what, "'/plugins/compute.old.so': expected plugin ABI 1, got 2");
TEXT(old_hint, "rebuild it");
static gb_catalogue_refusal refusals[] = {{old_path, old_what, old_hint}};

const gb_catalogue fake_catalogue = {
    .entries = entries, .count = 6, .refusals = refusals, .refusal_count = 1};
