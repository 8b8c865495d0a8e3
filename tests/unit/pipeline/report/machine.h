/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_TEST_REPORT_MACHINE_H
#define GB_TEST_REPORT_MACHINE_H

/* Results as analysis would make them, in static storage: nothing to free. */
#include "model/result.h"

#define MACHINE_CASES 5

typedef struct machine {
    gb_node nodes[4];
    gb_energy_domain domains[4][8];
    gb_rank_place places[8];
    gb_session session;
    gb_plan_param params[MACHINE_CASES][2];
    gb_plan_case cases[MACHINE_CASES];
    gb_plan_skip skips[6];
    gb_plan plan;
    gb_source_figure sources[32];
    double raw[MACHINE_CASES][10], energies[MACHINE_CASES][10];
    double counters[MACHINE_CASES][3];
    gb_bench_node bench_nodes[MACHINE_CASES][4];
    gb_note notes[2];
    gb_bench_result benches[MACHINE_CASES];
    gb_warning warnings[4];
    gb_result result;
} machine;

/** @p node_count machines with two packages and DRAM, measured: two benchmarks
 *  at first, and room for more. */
void machine_measured(machine *m, size_t node_count);

/** A virtual machine: one node, modelled. */
void machine_modelled(machine *m);

/** Add a benchmark. @return it, valid, with ten repetitions */
gb_bench_result *machine_add(machine *m, char *id, char *work_unit,
                             double per_second, double power_w);

/** Take figures away, as where no counter could be read. */
void machine_without_energy(machine *m, gb_bench_result *bench,
                            const char *reason);

/** As after a failed verify. */
void machine_invalid(gb_bench_result *bench, const char *reason,
                     const char *hint);

#endif /* GB_TEST_REPORT_MACHINE_H */
