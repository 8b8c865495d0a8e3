/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMORY_STREAM_H
#define MEMORY_STREAM_H

/**
 * @file memory/stream.h
 * What memory.copy, scale, add, triad, read and update have in common: all but
 * the one line of arithmetic. Each of them is a descriptor and a stream_spec.
 *
 * Counted as STREAM counts: what the loop reads and writes, and not the line
 * that a store through the caches reads first (J. D. McCalpin,
 * https://www.cs.virginia.edu/stream/ref.html).
 */
#include <stdbool.h>
#include <stdint.h>

#include "greenbench/ext/team.h"
#include "greenbench/plugin.h"

#include "stream_kernels.h"

typedef struct stream_spec {
    stream_op op;
    unsigned array_count;       /* 1 .. 3 */
    unsigned bytes_per_element; /* read and written */
    unsigned flops_per_element;
    bool has_stores; /* takes the parameter "stores" */
} stream_spec;

/** The benchmark that this module is; defined beside its descriptor. */
extern const stream_spec stream_this;

#define STREAM_ARRAY_RANGE "auto|4KiB..4TiB"
#define STREAM_STORES_PARAM                                                           \
    {                                                                                 \
        "stores",                                                                     \
            "how a[] is written; auto: past the caches where the arrays exceed them", \
            "auto", "auto|nt|plain"                                                   \
    }
#define STREAM_ISA_PARAM                                                       \
    {                                                                          \
        "isa", "instructions; auto takes the widest vectors this CPU has",     \
            "auto", "auto|" STREAM_ISA_NAMES                                   \
    }

extern const char *const stream_needs[];

gb_status stream_create(const gb_host *host, const gb_params *values,
                        gb_instance **self_out);
gb_status stream_prepare(gb_instance *self);
gb_status stream_rearm(gb_instance *self);
gb_status stream_run(gb_instance *self, uint64_t iterations, gb_work *work);
gb_status stream_verify(gb_instance *self);
void stream_destroy(gb_instance *self);

#endif /* MEMORY_STREAM_H */
