/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of figures. Random terms add in quadrature; calibration adds linearly
 * within a kind of meters, because one bias is behind all windows of a meter
 * and behind all meters of a type, and in quadrature over kinds
 * (reference/energy.md §9.2). */
#include <math.h>
#include <string.h>

#include "base/phrase.h"
#include "base/text.h"
#include "metering/window.h"
#include "stats/gum.h"

/* Fourth cumulants, as a share of u^4: of two equal uniform terms, and of one.
 */
#define TWO_UNIFORMS (-0.6)
#define ONE_UNIFORM  (-1.2)

static double fourth(double x) {
    return x * x * x * x;
}

double gb_budget_resolution_j(const gb_energy_budget *budget) {
    const double terms_j[] = {budget->quantisation_j, budget->phase_j,
                              budget->latency_j, budget->unsampled_j};
    return gb_u_quadrature(terms_j, sizeof(terms_j) / sizeof(terms_j[0]));
}

double gb_budget_u_j(const gb_energy_budget *budget) {
    return hypot(gb_budget_resolution_j(budget), budget->calibration_j);
}

static double u95_of(const gb_energy_budget *budget, double u_j) {
    double cumulant_j4 = budget->cumulant_j4;

    if (!(u_j > 0.0))
        return u_j;
    for (size_t i = 0; i < budget->kind_count; i++)
        cumulant_j4 += ONE_UNIFORM * fourth(budget->kinds[i].u_j);
    return gb_coverage_factor_95(cumulant_j4 / fourth(u_j)) * u_j;
}

double gb_budget_u95_j(const gb_energy_budget *budget) {
    return u95_of(budget, gb_budget_u_j(budget));
}

void gb_budget_shape(gb_energy_budget *budget) {
    budget->cumulant_j4 =
        TWO_UNIFORMS * (fourth(budget->quantisation_j) +
                        fourth(budget->phase_j) + fourth(budget->latency_j)) +
        ONE_UNIFORM * fourth(budget->unsampled_j);
}

void gb_budget_calibrate(gb_energy_budget *budget, uint32_t kind, double u_j) {
    double square_j2 = 0.0;
    size_t at = 0;

    while (at < budget->kind_count && budget->kinds[at].kind != kind)
        at++;
    if (at == GB_CALIBRATION_KINDS)
        at--;
    else if (at == budget->kind_count)
        budget->kinds[budget->kind_count++] = (gb_calibration){.kind = kind};
    budget->kinds[at].u_j += u_j;
    for (size_t i = 0; i < budget->kind_count; i++)
        square_j2 += budget->kinds[i].u_j * budget->kinds[i].u_j;
    budget->calibration_j = sqrt(square_j2);
}

uint32_t gb_calibration_kind(uint32_t seed, const char *text) {
    uint32_t hash = seed ^ 2166136261u; /* FNV-1a */

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

void gb_figure_retype(gb_energy_figure *figure, const char *node_type) {
    for (size_t i = 0; i < figure->budget.kind_count; i++)
        figure->budget.kinds[i].kind =
            gb_calibration_kind(figure->budget.kinds[i].kind, node_type);
}

gb_energy_figure gb_figure_zero(void) {
    return (gb_energy_figure){.quality = GB_QUALITY_MEASURED};
}

gb_energy_figure gb_figure_none(const char *reason) {
    const char *chinese = gb_phrase_chinese(reason);
    gb_energy_figure none = {.energy_j = NAN,
                             .u_j = NAN,
                             .u95_j = NAN,
                             .quality = GB_QUALITY_UNAVAILABLE};
    gb_copy(none.reason, sizeof(none.reason), reason);
    gb_copy(none.chinese, sizeof(none.chinese), chinese != NULL ? chinese : "");
    return none;
}

/* Everything but the budget. @return false: there is no sum */
static bool add_values(gb_energy_figure *sum, const gb_energy_figure *b) {
    sum->wraps += b->wraps;
    sum->samples += b->samples;
    sum->gaps += b->gaps;
    sum->errors += b->errors;
    sum->flags |= b->flags;
    if (b->quality < sum->quality)
        sum->quality = b->quality;
    if (isnan(sum->energy_j))
        return false;
    if (isnan(b->energy_j)) {
        sum->energy_j = sum->u_j = sum->u95_j = NAN;
        sum->budget = (gb_energy_budget){0};
        sum->quality = GB_QUALITY_UNAVAILABLE;
        gb_copy(sum->reason, sizeof(sum->reason), b->reason);
        gb_copy(sum->chinese, sizeof(sum->chinese), b->chinese);
        return false;
    }
    sum->energy_j += b->energy_j;
    return true;
}

static void add_calibration(gb_energy_budget *to,
                            const gb_energy_budget *from) {
    for (size_t i = 0; i < from->kind_count; i++)
        gb_budget_calibrate(to, from->kinds[i].kind, from->kinds[i].u_j);
}

void gb_figure_conclude(gb_energy_figure *figure) {
    if (isnan(figure->energy_j))
        return;
    figure->u_j = gb_budget_u_j(&figure->budget);
    figure->u95_j = u95_of(&figure->budget, figure->u_j);
}

static void add_independent(gb_energy_figure *sum, const gb_energy_figure *b) {
    gb_energy_budget *to = &sum->budget;
    const gb_energy_budget *from = &b->budget;

    if (!add_values(sum, b))
        return;
    to->quantisation_j = hypot(to->quantisation_j, from->quantisation_j);
    to->phase_j = hypot(to->phase_j, from->phase_j);
    to->latency_j = hypot(to->latency_j, from->latency_j);
    to->unsampled_j = hypot(to->unsampled_j, from->unsampled_j);
    to->cumulant_j4 += from->cumulant_j4;
    add_calibration(to, from);
}

/* Windows of one repetition differ by how long a reader waited for its turn.
 * Energy by the longest of them would be too little power: that of the sum is
 * what the powers add up to. Before the energies are added. */
static void join_windows(gb_energy_figure *sum, const gb_energy_figure *b) {
    const double a_s = sum->window_s, b_s = b->window_s;
    const double missed = fmax(a_s > 0.0 ? sum->unsampled_s / a_s : 0.0,
                               b_s > 0.0 ? b->unsampled_s / b_s : 0.0);
    double window_s = fmax(a_s, b_s);

    if (a_s > 0.0 && b_s > 0.0 && sum->energy_j > 0.0 && b->energy_j > 0.0)
        window_s = (sum->energy_j + b->energy_j) /
                   (sum->energy_j / a_s + b->energy_j / b_s);
    sum->window_s = window_s;
    sum->unsampled_s = missed * window_s;
}

void gb_figure_gather_parallel(gb_energy_figure *sum,
                               const gb_energy_figure *b) {
    join_windows(sum, b);
    add_independent(sum, b);
}

void gb_figure_gather_serial(gb_energy_figure *sum, const gb_energy_figure *b) {
    sum->window_s += b->window_s;
    sum->unsampled_s += b->unsampled_s;
    add_independent(sum, b);
}

void gb_figure_add_parallel(gb_energy_figure *sum, const gb_energy_figure *b) {
    gb_figure_gather_parallel(sum, b);
    gb_figure_conclude(sum);
}

void gb_figure_add_serial(gb_energy_figure *sum, const gb_energy_figure *b) {
    gb_figure_gather_serial(sum, b);
    gb_figure_conclude(sum);
}

static bool refreshed_together(const gb_energy_domain *a,
                               const gb_energy_domain *b) {
    return a == b || (a->refresh >= 0 && a->refresh == b->refresh &&
                      strcmp(a->source, b->source) == 0);
}

/* The phase of the summed domains that are refreshed with @p domains[i], if it
 * is the first of them; else 0. */
static double phase_of_group(const gb_energy_domain *domains,
                             const gb_energy_figure *figures, size_t count,
                             size_t i) {
    double phase_j = 0.0;

    for (size_t k = 0; k < count; k++) {
        if (!domains[k].summed || !refreshed_together(&domains[i], &domains[k]))
            continue;
        if (k < i)
            return 0.0;
        phase_j += figures[k].budget.phase_j;
    }
    return phase_j;
}

void gb_figure_gather_domains(const gb_energy_domain *domains,
                              const gb_energy_figure *figures, size_t count,
                              gb_energy_figure *sum) {
    gb_energy_budget total = {0};

    *sum = gb_figure_zero();
    for (size_t i = 0; i < count; i++) {
        const gb_energy_budget *one = &figures[i].budget;

        if (!domains[i].summed)
            continue;
        join_windows(sum, &figures[i]);
        if (!add_values(sum, &figures[i]))
            continue;
        const double group_j = phase_of_group(domains, figures, count, i);
        total.phase_j = hypot(total.phase_j, group_j);
        total.quantisation_j = hypot(total.quantisation_j, one->quantisation_j);
        total.latency_j = hypot(total.latency_j, one->latency_j);
        total.unsampled_j += one->unsampled_j;
        total.cumulant_j4 +=
            TWO_UNIFORMS * (fourth(one->quantisation_j) +
                            fourth(one->latency_j) + fourth(group_j));
        add_calibration(&total, one);
    }
    if (isnan(sum->energy_j))
        return;
    total.cumulant_j4 += ONE_UNIFORM * fourth(total.unsampled_j);
    sum->budget = total;
}

void gb_figure_sum_domains(const gb_energy_domain *domains,
                           const gb_energy_figure *figures, size_t count,
                           gb_energy_figure *sum) {
    gb_figure_gather_domains(domains, figures, count, sum);
    gb_figure_conclude(sum);
}
