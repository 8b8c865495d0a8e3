/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of figures. Random terms add in quadrature; calibration adds linearly,
 * because one bias is behind all windows of a meter and behind all meters of a
 * type (reference/energy.md §9.2). */
#include <math.h>

#include "base/text.h"
#include "metering/window.h"
#include "stats/gum.h"

double gb_budget_resolution_j(const gb_energy_budget *budget) {
    const double terms_j[] = {budget->quantisation_j, budget->phase_j,
                              budget->latency_j, budget->unsampled_j};
    return gb_u_quadrature(terms_j, sizeof(terms_j) / sizeof(terms_j[0]));
}

double gb_budget_u_j(const gb_energy_budget *budget) {
    return hypot(gb_budget_resolution_j(budget), budget->calibration_j);
}

gb_energy_figure gb_figure_zero(void) {
    return (gb_energy_figure){.quality = GB_QUALITY_MEASURED};
}

gb_energy_figure gb_figure_none(const char *reason) {
    gb_energy_figure none = {
        .energy_j = NAN, .u_j = NAN, .quality = GB_QUALITY_UNAVAILABLE};
    gb_copy(none.reason, sizeof(none.reason), reason);
    return none;
}

/* @p phase_j and @p unsampled_j are those of the sum, should there be one. */
static void add(gb_energy_figure *sum, const gb_energy_figure *b,
                double window_s, double phase_j, double unsampled_j) {
    sum->window_s = window_s;
    sum->wraps += b->wraps;
    sum->samples += b->samples;
    sum->gaps += b->gaps;
    sum->errors += b->errors;
    if (b->quality < sum->quality)
        sum->quality = b->quality;
    if (isnan(sum->energy_j))
        return;
    if (isnan(b->energy_j)) {
        sum->energy_j = sum->u_j = NAN;
        sum->budget = (gb_energy_budget){0};
        sum->quality = GB_QUALITY_UNAVAILABLE;
        gb_copy(sum->reason, sizeof(sum->reason), b->reason);
        return;
    }
    gb_energy_budget *to = &sum->budget;
    const gb_energy_budget *from = &b->budget;
    to->quantisation_j = hypot(to->quantisation_j, from->quantisation_j);
    to->phase_j = phase_j;
    to->latency_j = hypot(to->latency_j, from->latency_j);
    to->unsampled_j = unsampled_j;
    to->calibration_j += from->calibration_j;
    sum->energy_j += b->energy_j;
    sum->u_j = gb_budget_u_j(to);
}

static void add_independent(gb_energy_figure *sum, const gb_energy_figure *b,
                            double window_s) {
    add(sum, b, window_s, hypot(sum->budget.phase_j, b->budget.phase_j),
        hypot(sum->budget.unsampled_j, b->budget.unsampled_j));
}

void gb_figure_add_parallel(gb_energy_figure *sum, const gb_energy_figure *b) {
    add_independent(sum, b, fmax(sum->window_s, b->window_s));
}

void gb_figure_add_domain(gb_energy_figure *sum, const gb_energy_figure *b) {
    add(sum, b, fmax(sum->window_s, b->window_s),
        sum->budget.phase_j + b->budget.phase_j,
        sum->budget.unsampled_j + b->budget.unsampled_j);
}

void gb_figure_add_serial(gb_energy_figure *sum, const gb_energy_figure *b) {
    add_independent(sum, b, sum->window_s + b->window_s);
}
