/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of energies with their uncertainty (reference/energy.md §9.2). */
#include <math.h>

#include "base/text.h"
#include "metering/window.h"
#include "stats/gum.h"

double gb_budget_resolution_j(const gb_energy_budget *budget) {
    const double random[] = {budget->quantisation_j, budget->phase_j,
                             budget->latency_j, budget->unsampled_j};
    return gb_u_quadrature(random, sizeof(random) / sizeof(random[0]));
}

double gb_budget_u_j(const gb_energy_budget *budget) {
    const double both[] = {gb_budget_resolution_j(budget),
                           budget->calibration_j};
    return gb_u_quadrature(both, 2);
}

gb_energy_figure gb_figure_zero(void) {
    return (gb_energy_figure){.quality = GB_QUALITY_MEASURED};
}

gb_energy_figure gb_figure_none(const char *reason) {
    gb_energy_figure figure = {
        .energy_j = NAN, .u_j = NAN, .quality = GB_QUALITY_UNAVAILABLE};
    gb_copy(figure.reason, sizeof(figure.reason), reason);
    return figure;
}

static void add(gb_energy_figure *sum, const gb_energy_figure *b,
                double window_s) {
    sum->wraps += b->wraps;
    sum->samples += b->samples;
    sum->gaps += b->gaps;
    sum->errors += b->errors;
    if (b->quality < sum->quality)
        sum->quality = b->quality;
    if (isnan(sum->energy_j) || isnan(b->energy_j)) {
        const char *reason = isnan(sum->energy_j) ? sum->reason : b->reason;
        gb_energy_figure none = gb_figure_none(reason);
        none.wraps = sum->wraps;
        none.samples = sum->samples;
        none.gaps = sum->gaps;
        none.errors = sum->errors;
        none.window_s = window_s;
        *sum = none;
        return;
    }
    gb_energy_budget *a = &sum->budget;
    a->quantisation_j = hypot(a->quantisation_j, b->budget.quantisation_j);
    a->phase_j = hypot(a->phase_j, b->budget.phase_j);
    a->latency_j = hypot(a->latency_j, b->budget.latency_j);
    a->unsampled_j = hypot(a->unsampled_j, b->budget.unsampled_j);
    a->calibration_j += b->budget.calibration_j;
    sum->energy_j += b->energy_j;
    sum->window_s = window_s;
    sum->u_j = gb_budget_u_j(a);
}

void gb_figure_add_parallel(gb_energy_figure *sum, const gb_energy_figure *b) {
    add(sum, b, fmax(sum->window_s, b->window_s));
}

void gb_figure_add_serial(gb_energy_figure *sum, const gb_energy_figure *b) {
    add(sum, b, sum->window_s + b->window_s);
}
