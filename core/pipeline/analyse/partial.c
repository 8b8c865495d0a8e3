/* SPDX-License-Identifier: Apache-2.0 */
/* Where some nodes have no energy: that of the others, apart from the total. */
#include <math.h>

#include "metering/window.h"
#include "pipeline/analyse/bench.h"

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
        partial->node_count += !isnan(reduced->nodes[n].energy.energy_j);
    if (partial->node_count == 0)
        return;
    out->energy.flags |= GB_FLAG(PARTIAL);
    partial->energy = gb_figure_zero();
    partial->work = 0.0;
    for (size_t n = 0; n < node_count; n++)
        if (!isnan(reduced->nodes[n].energy.energy_j))
            partial->work += reduced->nodes[n].work;
    for (size_t i = 0; i < reduced->rep_count; i++)
        if (reduced->reps[i].valid)
            gb_figure_add_serial(&partial->energy, &reduced->reps[i].metered);
    partial->power_w = partial->energy.energy_j / partial->energy.window_s;
    partial->power_u_w = partial->energy.u_j / partial->energy.window_s;
}
