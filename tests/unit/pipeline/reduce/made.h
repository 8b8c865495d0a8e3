/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_REDUCE_MADE_H
#define TESTS_REDUCE_MADE_H

/* A run of two benchmarks on nodes with two packages, a core counter that is
 * not summed, and a third package counter that nobody may read. Node n uses
 * 100 * (n + 1) W in each package. Every 100 ms is a tick; windows are marked
 * in between. */
#include "model/plan.h"
#include "model/record.h"

#define MADE_MS       UINT64_C(1000000)
#define MADE_APART_NS (1000000 * MADE_MS) /* from one clock to the next */
#define MADE_DOMAINS  4
#define MADE_RANKS    4 /* on two nodes: two each */

typedef struct made_run {
    gb_plan plan;
    gb_run_log log;
    size_t sample_capacity;
    uint64_t now_ns; /* of each node's clock, which are 1000 s apart */
} made_run;

void made_open(made_run *run, size_t node_count, uint32_t ranks);
void made_close(made_run *run);

/** What is made from now on is of a second launch, whose clocks began anew; the
 *  first is kept in @p before until made_join() puts both together. */
void made_resume(made_run *run, gb_run_log *before);
void made_join(made_run *run, gb_run_log *before);

/** Rows of all domains of all nodes now. */
void made_tick(made_run *run, bool mark);
/** Ticks each 100 ms for so long, not at the ends. */
void made_pass(made_run *run, unsigned ms);
/** A marked window of so long; [node_count], malloc'ed. */
gb_node_window *made_window(made_run *run, unsigned ms);

void made_trial(made_run *run, uint32_t case_index, gb_status status,
                const char *what);
/** A repetition whose run() takes @p ms on the slowest rank; each rank does
 *  1000 units of work. */
gb_rep_record *made_rep(made_run *run, uint32_t case_index, uint32_t repetition,
                        unsigned ms);
void made_idle(made_run *run, bool after, unsigned ms);

/** The last rows of a node and domain, newest first: @p back 0 is the last. */
gb_sample *made_row(made_run *run, uint32_t node, uint32_t domain, size_t back);

#endif /* TESTS_REDUCE_MADE_H */
