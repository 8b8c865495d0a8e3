/* SPDX-License-Identifier: Apache-2.0 */
/* Where some nodes have no energy: that of the others, apart from the total. */
#include <math.h>

#include "metering/window.h"
#include "pipeline/analyse/bench.h"

/** Whether @p node has energy in every repetition that counts. */
static bool metered(const gb_reduced_case *reduced, size_t node) {
    for (size_t i = 0; i < reduced->rep_count; i++)
        if (reduced->reps[i].valid &&
            isnan(reduced->reps[i].nodes[node].energy_j))
            return false;
    return true;
}

void gb_find_partial(const gb_reduced_case *reduced, size_t node_count,
                     gb_bench_result *out) {
    gb_partial *partial = &out->partial;

    *partial = (gb_partial){.energy = gb_figure_none(""),
                            .work = NAN,
                            .power_w = NAN,
                            .power_u_w = NAN};
    if (!isnan(out->energy.energy_j))
        return;
    for (size_t n = 0; n < node_count; n++)
        partial->node_count += metered(reduced, n);
    if (partial->node_count == 0)
        return;
    out->energy.flags |= GB_FLAG(PARTIAL);
    partial->energy = gb_figure_zero();
    partial->work = 0.0;
    for (size_t i = 0; i < reduced->rep_count; i++) {
        const gb_reduced_rep *rep = &reduced->reps[i];
        gb_energy_figure all = gb_figure_zero();
        for (size_t n = 0; rep->valid && n < node_count; n++) {
            if (!metered(reduced, n))
                continue;
            gb_figure_add_parallel(&all, &rep->nodes[n]);
            partial->work += rep->node_work[n];
        }
        if (rep->valid)
            gb_figure_add_serial(&partial->energy, &all);
    }
    partial->power_w = partial->energy.energy_j / partial->energy.window_s;
    partial->power_u_w = partial->energy.u_j / partial->energy.window_s;
}
